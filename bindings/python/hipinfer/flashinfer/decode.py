# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's decode attention over a paged cache. plan copies index tensors to the device and reads none there: lengths are read
by the kernels, so a captured graph replays with new ones."""

from __future__ import annotations

import math
from typing import Any, List, Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops
from ..create import TensorSpec
from ..ops import paged_attention_decode_workspace_bytes
from ._attention import (Cache, Dtype, Result, Scale, Wrapper, by_tokens, count_from_first_query, default_of, dtype_of,
                         graph_buffers, invariant_context, lengths_of, of_cache, options_of, outputs, pages_of, place, refuse,
                         result, with_run_options)


class BatchDecodeWithPagedKVCacheWrapper(Wrapper):
    """Decode attention of a batch, q_len_per_req query tokens a request. The workspace holds partial results of long requests; if it
    is too small the call says what it needs. Which kernel serves is no choice of the caller's: backend and use_tensor_cores are
    taken and change nothing."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD", use_cuda_graph: bool = False,
                 use_tensor_cores: bool = False, paged_kv_indptr_buffer: Optional[Tensor] = None,
                 paged_kv_indices_buffer: Optional[Tensor] = None, paged_kv_last_page_len_buffer: Optional[Tensor] = None,
                 backend: str = "auto", jit_args: Optional[List[Any]] = None, jit_kwargs: Optional[Any] = None) -> None:
        super().__init__(float_workspace_buffer, kv_layout, use_cuda_graph, backend, jit_args)
        self._use_tensor_cores = use_tensor_cores
        self._buffers: Optional[List[Tensor]] = None
        if use_cuda_graph:
            self._buffers = graph_buffers(paged_kv_indptr_buffer=paged_kv_indptr_buffer,
                                          paged_kv_indices_buffer=paged_kv_indices_buffer,
                                          paged_kv_last_page_len_buffer=paged_kv_last_page_len_buffer)
            if self._buffers[0].numel() != self._buffers[2].numel() + 1:
                raise ValueError("paged_kv_indptr_buffer: one more entry than paged_kv_last_page_len_buffer is expected")
        self._paged_kv_indptr_buf, self._paged_kv_indices_buf = paged_kv_indptr_buffer, paged_kv_indices_buffer
        self._paged_kv_last_page_len_buf = paged_kv_last_page_len_buffer
        self._qo_indptr: Optional[Tensor] = None  # for several query tokens a request
        self._batch, self._q_len = 0, 1

    @property
    def use_tensor_cores(self) -> bool:
        return self._use_tensor_cores

    def plan(self, indptr: Tensor, indices: Tensor, last_page_len: Tensor, num_qo_heads: int, num_kv_heads: int, head_dim: int,
             page_size: int, pos_encoding_mode: str = "NONE", window_left: int = -1, logits_soft_cap: Optional[float] = None,
             q_data_type: Dtype = "float16", kv_data_type: Dtype = None, data_type: Dtype = None, sm_scale: Optional[float] = None,
             rope_scale: Optional[float] = None, rope_theta: Optional[float] = None, non_blocking: bool = True,
             block_tables: Optional[Tensor] = None, seq_lens: Optional[Tensor] = None, fixed_split_size: Optional[int] = None,
             disable_split_kv: bool = False, q_len_per_req: int = 1, *, o_data_type: Dtype = None, window_right: int = 0) -> None:
        who, batch = type(self).__name__, last_page_len.numel()
        if window_right != 0:
            refuse(who, window_right=window_right)
        if q_len_per_req < 1:
            raise ValueError(f"q_len_per_req: {q_len_per_req}, expected 1 or more")
        if num_qo_heads % num_kv_heads != 0:
            raise ValueError(f"num_qo_heads {num_qo_heads} is not a multiple of num_kv_heads {num_kv_heads}")
        if self._buffers is not None and batch != self._buffers[2].numel():
            raise ValueError(f"a batch of {batch}, and the graph's buffers are for {self._buffers[2].numel()}")
        if self._use_cuda_graph and self._words is not None and q_len_per_req != self._q_len:
            raise ValueError(f"q_len_per_req: {q_len_per_req}, and with use_cuda_graph it stays what it was, {self._q_len}")
        words = options_of(who, num_qo_heads, head_dim, self.device, pos_encoding_mode, window_left, logits_soft_cap, sm_scale)
        placed = place(self._buffers, self.device, non_blocking, indptr=indptr, indices=indices, last_page_len=last_page_len)
        self._paged_kv_indptr_buf, self._paged_kv_indices_buf, self._paged_kv_last_page_len_buf = placed
        if self._q_len != q_len_per_req or self._qo_indptr is None or self._qo_indptr.numel() != batch + 1:  # a graph reads it
            self._qo_indptr = torch.arange(batch + 1, device=self.device, dtype=torch.int32) * q_len_per_req
        self._batch, self._q_len = batch, q_len_per_req
        self._keep(words, data_type if q_data_type is None else q_data_type, data_type if kv_data_type is None else kv_data_type,
                   o_data_type, fixed_split_size is not None or disable_split_kv)

    def workspace_size(self, indptr: Tensor, indices: Tensor, last_page_len: Tensor, num_qo_heads: int, num_kv_heads: int,
                       head_dim: int, page_size: int, *_: Any, q_data_type: Dtype = "float16", kv_data_type: Dtype = None,
                       fixed_split_size: Optional[int] = None, disable_split_kv: bool = False, **__: Any) -> Tuple[int, int]:
        """Bytes of the two workspaces that a call needs: partial results of as many keys as the page table has room for."""
        batch, data = last_page_len.numel(), dtype_of(q_data_type)
        cache = dtype_of(kv_data_type) or data
        context = (invariant_context if fixed_split_size is not None or disable_split_kv else default_of)(self.device)
        rows, keys = [batch, num_qo_heads, head_dim], [1, page_size, num_kv_heads, head_dim]
        shapes = ((rows, data), (rows[:2], "f32"), (rows, data), (keys, cache), (keys, cache), ([batch + 1], "i32"),
                  ([indices.numel()], "i32"), ([batch], "i32"))
        specs: List[Any] = [TensorSpec(shape, of) for shape, of in shapes]
        return paged_attention_decode_workspace_bytes(*specs, context=context), 0

    def run(self, q: Tensor, paged_kv_cache: Cache, *args: Any, q_scale: Scale = None, k_scale: Scale = None, v_scale: Scale = None,
            out: Optional[Tensor] = None, lse: Optional[Tensor] = None, return_lse: bool = False, enable_pdl: Optional[bool] = None,
            window_left: Optional[int] = None, sinks: Optional[Tensor] = None, q_len_per_req: Optional[int] = None,
            skip_softmax_threshold_scale_factor: Optional[float] = None, kv_cache_sf: Any = None) -> Result:
        """Of query [tokens, heads, head_dim]: the output, with return_lse also the logarithm, base 2, of the softmax's sum."""
        refuse(type(self).__name__, kv_cache_sf=kv_cache_sf, skip_softmax_threshold_scale_factor=skip_softmax_threshold_scale_factor,
               positional_arguments=args or None)
        keys, values = pages_of(paged_kv_cache, self._kv_layout)
        words, k_scale, v_scale = of_cache(self._planned(q, keys), keys, k_scale, v_scale)
        words = with_run_options(words, (q_scale, k_scale), window_left, sinks)
        if q_len_per_req not in (None, self._q_len):
            raise ValueError(f"q_len_per_req: {q_len_per_req}, and plan was told {self._q_len}")
        if q.shape[0] != self._batch * self._q_len:
            raise ValueError(f"q: {q.shape[0]} tokens, and plan was told of {self._batch} requests of {self._q_len}")
        out, lse = outputs(q, out, lse, return_lse)
        table = (self._paged_kv_indptr_buf, self._paged_kv_indices_buf, self._paged_kv_last_page_len_buf)
        if self._q_len > 1:
            ops.paged_attention_prefill(q, keys, values, self._qo_indptr, *table, output=out, lse=lse, causal=True, **words)
        else:
            workspace = self._float_workspace_buffer.reshape(-1).view(torch.uint8)
            ops.paged_attention_decode(q, keys, values, *table, output=out, lse=lse, workspace=workspace, **words)
        count_from_first_query(lse, words, lambda: self._history(keys.shape[1], q.shape[0]))
        return result(out, lse, v_scale)

    def _history(self, page_size: int, tokens: int) -> Tensor:
        """Keys of each token's request but for those of its query tokens."""
        assert self._paged_kv_indptr_buf is not None and self._paged_kv_last_page_len_buf is not None
        lengths = lengths_of(self._paged_kv_indptr_buf, self._paged_kv_last_page_len_buf, page_size)
        each = tokens // lengths.numel() if lengths.numel() else 1
        return (lengths - each).repeat_interleave(each, output_size=tokens)

    def run_return_lse(self, q: Tensor, paged_kv_cache: Cache, *args: Any, return_lse: bool = True, **words: Any) -> Result:
        return self.run(q, paged_kv_cache, *args, return_lse=return_lse, **words)

    begin_forward = plan

    def forward(self, q: Tensor, paged_kv_cache: Cache, pos_encoding_mode: str = "NONE", q_scale: Optional[float] = None,
                k_scale: Optional[float] = None, v_scale: Optional[float] = None, window_left: int = -1,
                logits_soft_cap: Optional[float] = None, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
                rope_theta: Optional[float] = None, return_lse: bool = False) -> Result:
        """run with the options of plan given here: a name of earlier releases."""
        kept = {} if self._words is None else {k: v for k, v in self._words.items() if k == "context"}
        self._words = {**kept, **options_of(type(self).__name__, q.shape[1], q.shape[2], self.device, pos_encoding_mode, window_left,
                                            logits_soft_cap, sm_scale)}
        return self.run(q, paged_kv_cache, q_scale=q_scale, k_scale=k_scale, v_scale=v_scale, return_lse=return_lse)

    def forward_return_lse(self, q: Tensor, paged_kv_cache: Cache, *args: Any, **words: Any) -> Result:
        return self.forward(q, paged_kv_cache, *args, **{**words, "return_lse": True})


class CUDAGraphBatchDecodeWithPagedKVCacheWrapper(BatchDecodeWithPagedKVCacheWrapper):
    """With the buffers that a captured graph reads; plan fills them."""

    def __init__(self, workspace_buffer: Tensor, indptr_buffer: Tensor, indices_buffer: Tensor, last_page_len_buffer: Tensor,
                 kv_layout: str = "NHD", use_tensor_cores: bool = False) -> None:
        super().__init__(workspace_buffer, kv_layout, True, use_tensor_cores, indptr_buffer, indices_buffer, last_page_len_buffer)


def fast_decode_plan(self: BatchDecodeWithPagedKVCacheWrapper, indptr: Tensor, indices: Tensor, last_page_len: Tensor,
                     num_qo_heads: int, num_kv_heads: int, head_dim: int, page_size: int, pos_encoding_mode: str = "NONE",
                     window_left: int = -1, logits_soft_cap: Optional[float] = None, q_data_type: Dtype = None,
                     kv_data_type: Dtype = None, data_type: Dtype = None, sm_scale: Optional[float] = None,
                     rope_scale: Optional[float] = None, rope_theta: Optional[float] = None, non_blocking: bool = True,
                     fixed_split_size: Optional[int] = None, disable_split_kv: bool = False, q_len_per_req: int = 1,
                     global_override_indptr_cpu: Optional[Tensor] = None) -> None:
    """plan, of index tensors that are where the kernels read them. An indptr of the host is not needed."""
    self.plan(indptr, indices, last_page_len, num_qo_heads, num_kv_heads, head_dim, page_size, pos_encoding_mode, window_left,
              logits_soft_cap, q_data_type or data_type or "float16", kv_data_type, data_type, sm_scale, rope_scale, rope_theta,
              non_blocking, fixed_split_size=fixed_split_size, disable_split_kv=disable_split_kv, q_len_per_req=q_len_per_req)


def single_decode_with_kv_cache(q: Tensor, k: Tensor, v: Tensor, kv_layout: str = "NHD", pos_encoding_mode: str = "NONE",
                                use_tensor_cores: bool = False, q_scale: Scale = None, k_scale: Scale = None,
                                v_scale: Scale = None, window_left: int = -1, logits_soft_cap: Optional[float] = None,
                                sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
                                rope_theta: Optional[float] = None, return_lse: bool = False) -> Result:
    """One query token [heads, dim] over keys and values [keys, heads, dim] (NHD) or [heads, keys, dim] (HND)."""
    words = options_of("single_decode_with_kv_cache", q.shape[0], q.shape[1], q.device, pos_encoding_mode, window_left, logits_soft_cap,
                       sm_scale)
    keys, values = by_tokens(kv_layout, k, v)
    page = math.gcd(keys.shape[0], 16)  # decode wants pages: keys that lie side by side are some, in their order
    keys, values = (x.unflatten(0, (-1, page)) for x in (keys, values))
    table = torch.arange(keys.shape[0], device=q.device, dtype=torch.int32)
    ends = torch.arange(2, device=q.device, dtype=torch.int32) * keys.shape[0]
    last = torch.full((1,), page, device=q.device, dtype=torch.int32)
    out, lse = outputs(q[None], None, None, return_lse)
    words, k_scale, v_scale = of_cache(words, keys, k_scale, v_scale)
    words = with_run_options(words, (q_scale, k_scale), None, None)
    ops.paged_attention_decode(q[None], keys, values, ends, table, last, output=out, lse=lse, **words)
    count_from_first_query(lse, words, lambda: torch.full((1,), k.shape[0 if kv_layout == "NHD" else 1] - 1, device=q.device))
    return result(out[0], None if lse is None else lse[0], v_scale)
