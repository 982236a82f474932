# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's merging of partial results of attention, and attention over prefixes that requests share. Logarithms are to base 2."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

import torch
from torch import Tensor

from .. import torch as ops
from ._attention import Cache, Dtype, Ready, Result
from .decode import BatchDecodeWithPagedKVCacheWrapper
from .prefill import BatchPrefillWithPagedKVCacheWrapper, single_prefill_with_kv_cache


def merge_state(v_a: Tensor, s_a: Tensor, v_b: Tensor, s_b: Tensor) -> Tuple[Tensor, Tensor]:
    """What attention over two sets of keys gave, as if it had been over both: values [T, H, D], and logarithms [T, H]."""
    lse = torch.empty(s_a.shape, dtype=torch.float32, device=s_a.device)
    return ops.merge_state(v_a, s_a.float(), v_b, s_b.float(), lse=lse), lse


def merge_state_in_place(v: Tensor, s: Tensor, v_other: Tensor, s_other: Tensor, mask: Optional[Tensor] = None) -> None:
    """The same, into the first; only the tokens that mask [T] has."""
    ops.merge_state_in_place(v, s, v_other, s_other.float(), mask)


def merge_states(v: Tensor, s: Tensor) -> Tuple[Tensor, Tensor]:
    """Of values [T, N, H, D] and logarithms [T, N, H]."""
    lse = torch.empty((s.shape[0], s.shape[2]), dtype=torch.float32, device=s.device)
    return ops.merge_states(v, s.float(), lse=lse), lse


def _merged(parts: Sequence[Result]) -> Tensor:
    """The output over all keys, from outputs and logarithms over some each."""
    (out, lse), *others = parts
    for other in others:
        merge_state_in_place(out, lse, *other)
    return out


class MultiLevelCascadeAttentionWrapper(Ready):
    """Attention over a paged cache in levels: each has page tables of its own for groups of query tokens, a prefix that many share
    first, what a request has alone last. `causal` is of the last level."""

    def __init__(self, num_levels: int, float_workspace_buffer: Tensor, kv_layout: str = "NHD", use_cuda_graph: bool = False,
                 qo_indptr_buf_arr: Optional[List[Tensor]] = None, paged_kv_indptr_buf_arr: Optional[List[Tensor]] = None,
                 paged_kv_indices_buf_arr: Optional[List[Tensor]] = None,
                 paged_kv_last_page_len_buf_arr: Optional[List[Tensor]] = None) -> None:
        given = {"qo_indptr_buf": qo_indptr_buf_arr, "paged_kv_indptr_buf": paged_kv_indptr_buf_arr,
                 "paged_kv_indices_buf": paged_kv_indices_buf_arr, "paged_kv_last_page_len_buf": paged_kv_last_page_len_buf_arr}
        if use_cuda_graph and any(buffers is None or len(buffers) != num_levels for buffers in given.values()):
            raise ValueError(f"buffers: {num_levels} of each kind are needed with use_cuda_graph")
        self._use_cuda_graph = use_cuda_graph
        self._batch_prefill_wrappers = [
            BatchPrefillWithPagedKVCacheWrapper(float_workspace_buffer, kv_layout, use_cuda_graph, **{
                name: buffers[level] for name, buffers in given.items() if use_cuda_graph and buffers})
            for level in range(num_levels)]

    @property
    def is_cuda_graph_enabled(self) -> bool:
        return self._use_cuda_graph

    def reset_workspace_buffer(self, float_workspace_buffer: Tensor, int_workspace_buffers: List[Tensor]) -> None:
        for wrapper, buffer in zip(self._batch_prefill_wrappers, int_workspace_buffers):
            wrapper.reset_workspace_buffer(float_workspace_buffer, buffer)

    def plan(self, qo_indptr_arr: List[Tensor], paged_kv_indptr_arr: List[Tensor], paged_kv_indices_arr: List[Tensor],
             paged_kv_last_page_len: List[Tensor], num_qo_heads: int, num_kv_heads: int, head_dim: int, page_size: int,
             causal: bool = False, pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False,
             sm_scale: Optional[float] = None, window_left: int = -1, logits_soft_cap: Optional[float] = None,
             rope_scale: Optional[float] = None, rope_theta: Optional[float] = None, q_data_type: Dtype = "float16",
             kv_data_type: Dtype = None) -> None:
        given = (qo_indptr_arr, paged_kv_indptr_arr, paged_kv_indices_arr, paged_kv_last_page_len)
        if any(len(x) != len(self._batch_prefill_wrappers) for x in given):
            raise ValueError(f"tables: of {[len(x) for x in given]} levels, expected {len(self._batch_prefill_wrappers)}")
        tables = zip(*given)
        for level, (wrapper, table) in enumerate(zip(self._batch_prefill_wrappers, tables)):
            wrapper.plan(*table, num_qo_heads, num_kv_heads, head_dim, page_size,
                         causal=causal and level == len(self._batch_prefill_wrappers) - 1, pos_encoding_mode=pos_encoding_mode,
                         sm_scale=sm_scale, window_left=window_left, logits_soft_cap=logits_soft_cap, q_data_type=q_data_type,
                         kv_data_type=kv_data_type)

    def run(self, q: Tensor, paged_kv_cache: Cache) -> Tensor:
        return _merged([wrapper.run(q, paged_kv_cache, return_lse=True) for wrapper in reversed(self._batch_prefill_wrappers)])

    begin_forward = plan
    forward = run


class BatchDecodeWithSharedPrefixPagedKVCacheWrapper(Ready):
    """Decode of requests that share a prefix, in tensors of its own [keys, heads, dim] (HND: [heads, keys, dim]), before what each has
    alone in pages. A name of earlier releases; several levels are MultiLevelCascadeAttentionWrapper's."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD") -> None:
        self._wrapper, self._kv_layout = BatchDecodeWithPagedKVCacheWrapper(float_workspace_buffer, kv_layout), kv_layout

    def reset_workspace_buffer(self, float_workspace_buffer: Tensor, int_workspace_buffer: Tensor) -> None:
        self._wrapper.reset_workspace_buffer(float_workspace_buffer, int_workspace_buffer)

    def begin_forward(self, unique_kv_indptr: Tensor, unique_kv_indices: Tensor, unique_kv_last_page_len: Tensor, num_qo_heads: int,
                      num_kv_heads: int, head_dim: int, page_size: int, data_type: Dtype = "float16") -> None:
        self._wrapper.plan(unique_kv_indptr, unique_kv_indices, unique_kv_last_page_len, num_qo_heads, num_kv_heads, head_dim,
                           page_size, q_data_type=data_type)

    def forward(self, q: Tensor, k_shared: Tensor, v_shared: Tensor, unique_kv_cache: Cache) -> Tensor:
        shared = single_prefill_with_kv_cache(q, k_shared, v_shared, kv_layout=self._kv_layout, return_lse=True)
        return _merged([self._wrapper.run(q, unique_kv_cache, return_lse=True), shared])



class BatchPrefillWithSharedPrefixPagedKVCacheWrapper(Ready):
    """The same with several query tokens a request. `causal` is of what each has alone."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD") -> None:
        self._wrapper, self._kv_layout = BatchPrefillWithPagedKVCacheWrapper(float_workspace_buffer, kv_layout), kv_layout
        self._plan: Dict[str, Any] = {}

    def reset_workspace_buffer(self, float_workspace_buffer: Tensor, int_workspace_buffer: Tensor) -> None:
        self._wrapper.reset_workspace_buffer(float_workspace_buffer, int_workspace_buffer)

    def begin_forward(self, qo_indptr: Tensor, paged_kv_indptr: Tensor, paged_kv_indices: Tensor, paged_kv_last_page_len: Tensor,
                      num_qo_heads: int, num_kv_heads: int, head_dim: int, page_size: int) -> None:
        self._plan = {"qo_indptr": qo_indptr, "paged_kv_indptr": paged_kv_indptr, "paged_kv_indices": paged_kv_indices,
                      "paged_kv_last_page_len": paged_kv_last_page_len, "num_qo_heads": num_qo_heads, "num_kv_heads": num_kv_heads,
                      "head_dim_qk": head_dim, "page_size": page_size}

    def forward(self, q: Tensor, k_shared: Tensor, v_shared: Tensor, unique_kv_cache: Cache, causal: bool = False,
                use_fp16_qk_reduction: bool = False, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
                rope_theta: Optional[float] = None) -> Tensor:
        if not self._plan:
            raise RuntimeError("BatchPrefillWithSharedPrefixPagedKVCacheWrapper: forward comes after begin_forward")
        self._wrapper.plan(**self._plan, causal=causal, sm_scale=sm_scale, q_data_type=q.dtype)
        shared = single_prefill_with_kv_cache(q, k_shared, v_shared, kv_layout=self._kv_layout, sm_scale=sm_scale, return_lse=True)
        return _merged([self._wrapper.run(q, unique_kv_cache, return_lse=True), shared])
