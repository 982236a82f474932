# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's wrappers for batches that mix prefill and decode, and for attention sinks. Which kernel serves is no choice of the
caller's."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import torch
from torch import Tensor

from ._attention import Cache, Ready, Result, Scale, refuse
from .decode import BatchDecodeWithPagedKVCacheWrapper
from .prefill import BatchPrefillWithPagedKVCacheWrapper


class BatchAttention(Ready):
    """Attention of requests of any numbers of query tokens over a paged cache, in one launch."""

    def __init__(self, kv_layout: str = "NHD", device: str = "cuda") -> None:
        self._wrapper = BatchPrefillWithPagedKVCacheWrapper(torch.empty(0, dtype=torch.uint8, device=device), kv_layout)
        self._cap = 0.0

    def plan(self, qo_indptr: Tensor, kv_indptr: Tensor, kv_indices: Tensor, kv_len_arr: Tensor, num_qo_heads: int, num_kv_heads: int,
             head_dim_qk: int, head_dim_vo: int, page_size: int, causal: bool = False, sm_scale: Optional[float] = None,
             logits_soft_cap: Optional[float] = None, q_data_type: torch.dtype = torch.bfloat16,
             kv_data_type: torch.dtype = torch.bfloat16, use_profiler: bool = False) -> None:
        """Of page tables, and the number of keys of each request, which says how much of its last page is used."""
        refuse("BatchAttention", use_profiler=use_profiler or None)
        self._cap = logits_soft_cap or 0.0
        last = torch.where(kv_len_arr > 0, (kv_len_arr - 1) % page_size + 1, 0)
        self._wrapper.plan(qo_indptr, kv_indptr, kv_indices, last, num_qo_heads, num_kv_heads, head_dim_qk, page_size, head_dim_vo,
                           causal=causal, sm_scale=sm_scale, logits_soft_cap=logits_soft_cap, q_data_type=q_data_type,
                           kv_data_type=kv_data_type)

    def run(self, q: Tensor, kv_cache: Cache, out: Optional[Tensor] = None, lse: Optional[Tensor] = None, k_scale: Scale = None,
            v_scale: Scale = None, logits_soft_cap: float = 0.0, profiler_buffer: Optional[Tensor] = None,
            kv_cache_sf: Any = None) -> Result:
        """The output and the logarithm, base 2, of the softmax's sum."""
        refuse("BatchAttention", profiler_buffer=profiler_buffer)
        if logits_soft_cap > 0 and logits_soft_cap != self._cap:
            raise ValueError(f"logits_soft_cap: {logits_soft_cap}, and plan was told {self._cap}")
        return self._wrapper.run(q, kv_cache, out=out, lse=lse, k_scale=k_scale, v_scale=v_scale, return_lse=True,
                                 kv_cache_sf=kv_cache_sf)


def _with_sinks(who: str, args: Tuple[Any, ...], words: Dict[str, Any]) -> Tuple[Dict[str, Any], Optional[float]]:
    """run's places after the cache are those of FlashInfer's own kernel: the sinks, then sm_scale."""
    if len(args) > 2 or (args and "sinks" in words):
        raise TypeError(f"{who}.run: after the cache come sinks and sm_scale")
    sinks = args[0] if args else words.get("sinks")
    if sinks is None:
        raise TypeError(f"{who}.run: sinks are needed")
    return {**words, "sinks": sinks}, args[1] if len(args) > 1 else None


class BatchAttentionWithAttentionSinkWrapper(BatchPrefillWithPagedKVCacheWrapper):
    """Prefill whose softmax has a sink for each head: run(q, cache, sinks, sm_scale). The dtypes, dimensions and the window that it is
    made with are what plan takes where it is not told others."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD", use_cuda_graph: bool = False,
                 qo_indptr_buf: Optional[Tensor] = None, paged_kv_indptr_buf: Optional[Tensor] = None,
                 paged_kv_indices_buf: Optional[Tensor] = None, paged_kv_last_page_len_buf: Optional[Tensor] = None,
                 custom_mask_buf: Optional[Tensor] = None, mask_indptr_buf: Optional[Tensor] = None, backend: str = "auto",
                 pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False, q_data_type: torch.dtype = torch.bfloat16,
                 kv_data_type: torch.dtype = torch.bfloat16, head_dim_qk: int = 128, head_dim_vo: int = 128,
                 window_left: int = -1) -> None:
        super().__init__(float_workspace_buffer, kv_layout, use_cuda_graph, qo_indptr_buf, paged_kv_indptr_buf, paged_kv_indices_buf,
                         paged_kv_last_page_len_buf, custom_mask_buf, mask_indptr_buf, backend)
        if pos_encoding_mode != "NONE":
            refuse(type(self).__name__, pos_encoding_mode=pos_encoding_mode)
        self._q_data_type, self._kv_data_type, self._window_left = q_data_type, kv_data_type, window_left

    def plan(self, *args: Any, **words: Any) -> None:  # type: ignore[override]
        given = {"q_data_type": self._q_data_type, "kv_data_type": self._kv_data_type, "window_left": self._window_left}
        super().plan(*args, **{**given, **words})

    begin_forward = plan  # type: ignore[assignment]

    def run(self, q: Tensor, paged_kv_cache: Cache, *args: Any, q_scale: Scale = None, k_scale: Scale = None, **words: Any) -> Result:
        words, scale = _with_sinks(type(self).__name__, args, words)
        with self._scaled(scale):
            return super().run(q, paged_kv_cache, q_scale=q_scale, k_scale=k_scale, **words)


class BatchDecodeWithAttentionSinkWrapper(BatchDecodeWithPagedKVCacheWrapper):
    """Decode whose softmax has a sink for each head: run(q, cache, sinks, sm_scale)."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD", backend: str = "auto",
                 q_data_type: torch.dtype = torch.bfloat16, kv_data_type: torch.dtype = torch.bfloat16, head_dim_qk: int = 128,
                 head_dim_vo: int = 128, window_left: int = -1, **kwargs: Any) -> None:
        super().__init__(float_workspace_buffer, kv_layout, backend=backend, **kwargs)
        self._q_data_type, self._kv_data_type, self._window_left = q_data_type, kv_data_type, window_left

    def plan(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        given = {"q_data_type": self._q_data_type, "kv_data_type": self._kv_data_type, "window_left": self._window_left}
        super().plan(*args, **{**given, **kwargs})

    begin_forward = plan  # type: ignore[assignment]

    def run(self, q: Tensor, paged_kv_cache: Cache, *args: Any, q_scale: Scale = None, k_scale: Scale = None,
            **kwargs: Any) -> Result:
        kwargs, scale = _with_sinks(type(self).__name__, args, kwargs)
        with self._scaled(scale):
            return super().run(q, paged_kv_cache, q_scale=q_scale, k_scale=k_scale, **kwargs)
