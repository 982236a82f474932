# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's prefill and decode side by side. They are two launches here, one after the other on the stream."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

import torch
from torch import Tensor

from ._attention import Cache, Dtype, Ready, Result, Scale, refuse
from .decode import BatchDecodeWithPagedKVCacheWrapper
from .prefill import BatchPrefillWithPagedKVCacheWrapper, single_prefill_with_kv_cache


class PODWithPagedKVCacheWrapper(Ready):
    """One request's prefill over keys and values of its own, and decode of a batch over a paged cache, which plan is for."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD", use_cuda_graph: bool = False,
                 paged_kv_indptr_buffer: Optional[Tensor] = None, paged_kv_indices_buffer: Optional[Tensor] = None,
                 paged_kv_last_page_len_buffer: Optional[Tensor] = None, jit_args: Optional[List[Any]] = None) -> None:
        self._decode = BatchDecodeWithPagedKVCacheWrapper(
            float_workspace_buffer, kv_layout, use_cuda_graph, True, paged_kv_indptr_buffer, paged_kv_indices_buffer,
            paged_kv_last_page_len_buffer, jit_args=jit_args)

    @property
    def is_cuda_graph_enabled(self) -> bool:
        return self._decode.is_cuda_graph_enabled

    def reset_workspace_buffer(self, float_workspace_buffer: Tensor, int_workspace_buffer: Tensor) -> None:
        self._decode.reset_workspace_buffer(float_workspace_buffer, int_workspace_buffer)

    def plan(self, indptr: Tensor, indices: Tensor, last_page_len: Tensor, num_qo_heads: int, num_kv_heads: int, head_dim: int,
             page_size: int, pos_encoding_mode: str = "NONE", window_left: int = -1, q_data_type: Dtype = "float16",
             kv_data_type: Dtype = None, data_type: Dtype = None, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
             rope_theta: Optional[float] = None, non_blocking: bool = True) -> None:
        self._decode.plan(indptr, indices, last_page_len, num_qo_heads, num_kv_heads, head_dim, page_size, pos_encoding_mode,
                          window_left, None, q_data_type, kv_data_type, data_type, sm_scale, rope_scale, rope_theta, non_blocking)

    begin_forward = plan

    def run(self, q_p: Tensor, k_p: Tensor, v_p: Tensor, q_d: Tensor, paged_kv_cache_d: Cache, custom_mask_p: Optional[Tensor] = None,
            packed_custom_mask_p: Optional[Tensor] = None, causal_p: bool = False, kv_layout_p: str = "NHD",
            pos_encoding_mode_p: str = "NONE", sm_scale_p: Optional[float] = None, window_left_p: int = -1,
            rope_scale_p: Optional[float] = None, rope_theta_p: Optional[float] = None, return_lse_p: bool = False,
            custom_mask_d: Optional[Tensor] = None, packed_custom_mask_d: Optional[Tensor] = None, causal_d: bool = False,
            kv_layout_d: str = "NHD", pos_encoding_mode_d: str = "NONE", sm_scale_d: Optional[float] = None, window_left_d: int = -1,
            rope_scale_d: Optional[float] = None, rope_theta_d: Optional[float] = None, q_scale: Scale = None, k_scale: Scale = None,
            v_scale: Scale = None, return_lse_d: bool = False, use_fp16_qk_reduction: bool = False,
            enable_pdl: Optional[bool] = None, *args: Any) -> Tuple[Tensor, Tensor]:
        """The two outputs; no logarithms, whatever is asked for, and decode's options are plan's: as FlashInfer has it. The scales are
        of decode."""
        refuse("PODWithPagedKVCacheWrapper", custom_mask_d=custom_mask_d, packed_custom_mask_d=packed_custom_mask_d,
               positional_arguments=args or None)
        prefill = single_prefill_with_kv_cache(
            q_p, k_p, v_p, custom_mask=custom_mask_p, packed_custom_mask=packed_custom_mask_p, causal=causal_p, kv_layout=kv_layout_p,
            pos_encoding_mode=pos_encoding_mode_p, sm_scale=sm_scale_p, window_left=window_left_p, rope_scale=rope_scale_p,
            rope_theta=rope_theta_p)
        decode = self._decode.run(q_d, paged_kv_cache_d, q_scale=q_scale, k_scale=k_scale, v_scale=v_scale)
        assert isinstance(prefill, torch.Tensor) and isinstance(decode, torch.Tensor)
        return prefill, decode


class BatchPODWithPagedKVCacheWrapper(Ready):
    """Prefill of a batch and decode of another, over paged caches."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD") -> None:
        self._prefill = BatchPrefillWithPagedKVCacheWrapper(float_workspace_buffer, kv_layout)
        # Of one query token a request, mostly; but prefill takes any number.
        self._decode = BatchPrefillWithPagedKVCacheWrapper(float_workspace_buffer, kv_layout)

    @property
    def is_cuda_graph_enabled(self) -> bool:
        return False

    def plan(self, qo_indptr_p: Tensor, kv_indptr_p: Tensor, kv_indices_p: Tensor, last_page_len_p: Tensor, qo_indptr_d: Tensor,
             kv_indptr_d: Tensor, kv_indices_d: Tensor, last_page_len_d: Tensor, num_qo_heads: int, num_kv_heads: int, head_dim: int,
             page_size: int, pos_encoding_mode: str = "NONE", window_left: int = -1, q_data_type: Dtype = "float16",
             kv_data_type: Dtype = None, data_type: Dtype = None, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
             rope_theta: Optional[float] = None, non_blocking: bool = True) -> None:
        shape = (num_qo_heads, num_kv_heads, head_dim, page_size)
        self._plans = ((qo_indptr_p, kv_indptr_p, kv_indices_p, last_page_len_p, *shape),
                       (qo_indptr_d, kv_indptr_d, kv_indices_d, last_page_len_d, *shape))
        self._options: Dict[str, Any] = dict(
            pos_encoding_mode=pos_encoding_mode, window_left=window_left, sm_scale=sm_scale, non_blocking=non_blocking,
            q_data_type=q_data_type if data_type is None else data_type,
            kv_data_type=kv_data_type if data_type is None else data_type)
        self._masked = False
        self._prefill.plan(*self._plans[0], **self._options)
        self._decode.plan(*self._plans[1], **self._options)

    begin_forward = plan

    def run(self, q_p: Tensor, paged_kv_cache_p: Cache, q_d: Tensor, paged_kv_cache_d: Cache, custom_mask_p: Optional[Tensor] = None,
            packed_custom_mask_p: Optional[Tensor] = None, causal_p: bool = False, q_scale: Scale = None, k_scale: Scale = None,
            v_scale: Scale = None, return_lse: bool = False, use_fp16_qk_reduction: bool = False,
            enable_pdl: Optional[bool] = None) -> Tuple[Result, Result]:
        """The two outputs, or with return_lse the pair of outputs and the pair of logarithms. The scales are of decode."""
        masked = custom_mask_p is not None or packed_custom_mask_p is not None
        if masked or self._masked:  # a mask is of one run
            self._prefill.plan(*self._plans[0], custom_mask=custom_mask_p,
                               packed_custom_mask=packed_custom_mask_p, **self._options)
        self._masked, self._prefill._causal = masked, causal_p
        prefill = self._prefill.run(q_p, paged_kv_cache_p, return_lse=return_lse)
        decode = self._decode.run(q_d, paged_kv_cache_d, q_scale=q_scale, k_scale=k_scale, v_scale=v_scale, return_lse=return_lse)
        return ((prefill[0], decode[0]), (prefill[1], decode[1])) if return_lse else (prefill, decode)
