# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's prefill attention, over a paged cache or ragged keys. plan copies index tensors to the device and reads none there."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops
from ._attention import (Cache, Dtype, Result, Scale, Wrapper, by_tokens, byte_indptr, check_lse, count_from_first_query,
                         graph_buffers, lengths_of, of_cache, options_of, outputs, packed_mask, pages_of, place, refuse, result,
                         with_run_options)


class _Prefill(Wrapper):
    """What the two wrappers share: `_index` holds qo_indptr and the page table, as the operation takes them."""

    _buffers: Optional[List[Tensor]] = None
    _index: Tuple[Tensor, ...] = ()
    _causal = False
    _tokens: Optional[int] = None  # of query, where plan could see them
    _qo_indptr_buf: Optional[Tensor] = None
    _custom_mask_buf: Optional[Tensor] = None
    _mask_indptr_buf: Optional[Tensor] = None

    def _options(self, heads: int, kv_heads: int, head_dim: int, head_dim_vo: Optional[int], causal: bool, pos_encoding_mode: str,
                 window_left: int, logits_soft_cap: Optional[float], sm_scale: Optional[float], **refused: Any) -> Dict[str, Any]:
        refuse(type(self).__name__, head_dim_vo=None if head_dim_vo == head_dim else head_dim_vo, **refused)
        if heads % kv_heads != 0:
            raise ValueError(f"num_qo_heads {heads} is not a multiple of num_kv_heads {kv_heads}")
        self._causal = causal
        return options_of(type(self).__name__, heads, head_dim, self.device, pos_encoding_mode, window_left, logits_soft_cap, sm_scale)

    def _expect(self, qo_indptr: Tensor) -> None:
        """Of an indptr of the host: how many query tokens run is to be given. With a graph there may be more, of no request."""
        seen = qo_indptr.device.type == "cpu" and qo_indptr.numel() > 0 and not self._use_cuda_graph
        self._tokens = int(qo_indptr[-1]) if seen else None

    def _mask(self, custom_mask: Optional[Tensor], packed: Optional[Tensor], page_size: int) -> Dict[str, Tensor]:
        """The options of a mask, which is in place of causal; with a graph in its buffers."""
        if custom_mask is None and packed is None:
            return {}
        if self._use_cuda_graph and self._custom_mask_buf is None:
            raise ValueError("custom_mask_buf and mask_indptr_buf: needed with use_cuda_graph for a mask")
        assert self._qo_indptr_buf is not None
        lengths = self._lengths(page_size)
        pairs = torch.diff(self._qo_indptr_buf[:lengths.numel() + 1]) * lengths
        begins = byte_indptr(pairs)
        if packed is None:
            assert custom_mask is not None
            packed = packed_mask(custom_mask, pairs)
        packed = packed.to(self.device, torch.uint8)
        if self._use_cuda_graph:
            assert self._custom_mask_buf is not None and self._mask_indptr_buf is not None
            if packed.numel() > self._custom_mask_buf.numel():
                raise ValueError(f"custom_mask_buf: {self._custom_mask_buf.numel()} bytes, {packed.numel()} are needed")
            self._custom_mask_buf[:packed.numel()].copy_(packed)
            self._mask_indptr_buf[:begins.numel()].copy_(begins)
        else:
            self._custom_mask_buf, self._mask_indptr_buf = packed, begins
        return {"custom_mask": self._custom_mask_buf, "mask_indptr": self._mask_indptr_buf}

    def _call(self, q: Tensor, keys: Tensor, values: Tensor, words: Dict[str, Any], out: Optional[Tensor], lse: Optional[Tensor],
              return_lse: bool, v_scale: Scale, base: str, layout: str) -> Result:
        if self._tokens is not None and q.shape[0] != self._tokens:
            raise ValueError(f"q: {q.shape[0]} tokens, and qo_indptr has {self._tokens}")
        check_lse(q, lse, base, layout)
        given = lse
        out, lse = outputs(q, out, lse if layout == "NH" else None, return_lse)
        causal = self._causal and "custom_mask" not in words
        ops.paged_attention_prefill(q, keys, values, *self._index, output=out, lse=lse, causal=causal, **words)
        count_from_first_query(lse, words, lambda: self._history(keys.shape[1], q))
        if lse is not None and base == "ln":
            lse.mul_(math.log(2))
        if lse is not None and layout == "HN":
            lse = lse.t().contiguous() if given is None else given.copy_(lse.t())
        return result(out, lse, v_scale)

    def _lengths(self, page_size: int) -> Tensor:
        """Keys of each request."""
        raise NotImplementedError

    def _history(self, page_size: int, q: Tensor) -> Tensor:
        """Keys of each token's request but for as many as it has query tokens."""
        assert self._qo_indptr_buf is not None
        lengths = self._lengths(page_size)
        history = lengths - torch.diff(self._qo_indptr_buf[:lengths.numel() + 1])
        tokens = torch.arange(q.shape[0], device=q.device, dtype=torch.int32)
        request = torch.searchsorted(self._qo_indptr_buf[1:lengths.numel() + 1].contiguous(), tokens, right=True)
        return history[request.clamp_(max=lengths.numel() - 1)]

    def _forget(self, q: Tensor, causal: bool, pos_encoding_mode: str, window_left: int, logits_soft_cap: Optional[float],
                sm_scale: Optional[float]) -> None:
        """The options of an earlier release's forward, in place of plan's; tables and masks stay."""
        kept = {} if self._words is None else {k: v for k, v in self._words.items() if k in ("context", "custom_mask", "mask_indptr")}
        self._causal = causal
        self._words = {**kept, **options_of(type(self).__name__, q.shape[1], q.shape[2], self.device, pos_encoding_mode, window_left,
                                            logits_soft_cap, sm_scale)}


class BatchPrefillWithPagedKVCacheWrapper(_Prefill):
    """Attention of the query tokens of a ragged batch over a paged cache. No workspace is needed, and which kernel serves is no choice
    of the caller's: backend is taken and changes nothing."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD", use_cuda_graph: bool = False,
                 qo_indptr_buf: Optional[Tensor] = None, paged_kv_indptr_buf: Optional[Tensor] = None,
                 paged_kv_indices_buf: Optional[Tensor] = None, paged_kv_last_page_len_buf: Optional[Tensor] = None,
                 custom_mask_buf: Optional[Tensor] = None, mask_indptr_buf: Optional[Tensor] = None, backend: str = "auto",
                 jit_args: Optional[List[Any]] = None, jit_kwargs: Optional[Dict[str, Any]] = None, variant_owns_mask: bool = False,
                 max_total_num_rows: Optional[int] = None) -> None:
        super().__init__(float_workspace_buffer, kv_layout, use_cuda_graph, backend, jit_args)
        refuse(type(self).__name__, variant_owns_mask=variant_owns_mask or None)
        if use_cuda_graph:
            self._buffers = graph_buffers(qo_indptr_buf=qo_indptr_buf, paged_kv_indptr_buf=paged_kv_indptr_buf,
                                          paged_kv_indices_buf=paged_kv_indices_buf,
                                          paged_kv_last_page_len_buf=paged_kv_last_page_len_buf)
        self._qo_indptr_buf, self._paged_kv_indptr_buf = qo_indptr_buf, paged_kv_indptr_buf
        self._paged_kv_indices_buf, self._paged_kv_last_page_len_buf = paged_kv_indices_buf, paged_kv_last_page_len_buf
        self._custom_mask_buf, self._mask_indptr_buf = custom_mask_buf, mask_indptr_buf

    def plan(self, qo_indptr: Tensor, paged_kv_indptr: Tensor, paged_kv_indices: Tensor, paged_kv_last_page_len: Tensor,
             num_qo_heads: int, num_kv_heads: int, head_dim_qk: int, page_size: int, head_dim_vo: Optional[int] = None,
             custom_mask: Optional[Tensor] = None, packed_custom_mask: Optional[Tensor] = None, causal: bool = False,
             pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False, sm_scale: Optional[float] = None,
             window_left: int = -1, logits_soft_cap: Optional[float] = None, rope_scale: Optional[float] = None,
             rope_theta: Optional[float] = None, q_data_type: Dtype = "float16", kv_data_type: Dtype = None,
             o_data_type: Dtype = None, non_blocking: bool = True, prefix_len_ptr: Optional[Tensor] = None,
             token_pos_in_items_ptr: Optional[Tensor] = None, token_pos_in_items_len: int = 0,
             max_item_len_ptr: Optional[Tensor] = None, seq_lens: Optional[Tensor] = None, seq_lens_q: Optional[Tensor] = None,
             block_tables: Optional[Tensor] = None, max_token_per_sequence: Optional[int] = None,
             max_sequence_kv: Optional[int] = None, fixed_split_size: Optional[int] = None, disable_split_kv: bool = False,
             uniform_q_len: Optional[int] = None, use_token_head_sf: bool = False) -> None:
        words = self._options(num_qo_heads, num_kv_heads, head_dim_qk, head_dim_vo, causal, pos_encoding_mode, window_left,
                              logits_soft_cap, sm_scale, prefix_len_ptr=prefix_len_ptr, token_pos_in_items_ptr=token_pos_in_items_ptr,
                              max_item_len_ptr=max_item_len_ptr, use_token_head_sf=use_token_head_sf or None)
        if self._buffers is not None and paged_kv_last_page_len.numel() != self._buffers[3].numel():
            raise ValueError(f"a batch of {paged_kv_last_page_len.numel()}, and the graph's buffers are for {self._buffers[3].numel()}")
        self._expect(qo_indptr)
        self._index = tuple(place(self._buffers, self.device, non_blocking, qo_indptr=qo_indptr, paged_kv_indptr=paged_kv_indptr,
                                  paged_kv_indices=paged_kv_indices, paged_kv_last_page_len=paged_kv_last_page_len))
        self._qo_indptr_buf, self._paged_kv_indptr_buf, self._paged_kv_indices_buf, self._paged_kv_last_page_len_buf = self._index

        words.update(self._mask(custom_mask, packed_custom_mask, page_size))
        self._keep(words, q_data_type, kv_data_type, o_data_type, fixed_split_size is not None or disable_split_kv)

    def _lengths(self, page_size: int) -> Tensor:
        return lengths_of(self._index[1], self._index[3], page_size)

    def run(self, q: Tensor, paged_kv_cache: Cache, *args: Any, q_scale: Scale = None, k_scale: Scale = None, v_scale: Scale = None,
            out: Optional[Tensor] = None, lse: Optional[Tensor] = None, return_lse: bool = False, enable_pdl: Optional[bool] = None,
            window_left: Optional[int] = None, sinks: Optional[Tensor] = None, kv_cache_sf: Any = None,
            skip_softmax_threshold_scale_factor: Optional[float] = None, use_fp16_softmax: Optional[bool] = None,
            uses_spcompress: Optional[bool] = None, lse_base: str = "log2", lse_layout: str = "NH") -> Result:
        """Of query [tokens, heads, head_dim]: the output, with return_lse also the logarithm of the softmax's sum, of base 2 or (ln) e,
        [tokens, heads] or (HN) [heads, tokens]."""
        refuse(type(self).__name__, kv_cache_sf=kv_cache_sf, skip_softmax_threshold_scale_factor=skip_softmax_threshold_scale_factor,
               uses_spcompress=uses_spcompress or None, positional_arguments=args or None)
        keys, values = pages_of(paged_kv_cache, self._kv_layout)
        words, k_scale, v_scale = of_cache(self._planned(q, keys), keys, k_scale, v_scale)
        words = with_run_options(words, (q_scale, k_scale), window_left, sinks)
        return self._call(q, keys, values, words, out, lse, return_lse, v_scale, lse_base, lse_layout)

    def run_return_lse(self, q: Tensor, paged_kv_cache: Cache, *args: Any, return_lse: bool = True, **words: Any) -> Result:
        return self.run(q, paged_kv_cache, *args, return_lse=return_lse, **words)

    begin_forward = plan

    def forward(self, q: Tensor, paged_kv_cache: Cache, causal: bool = False, pos_encoding_mode: str = "NONE",
                use_fp16_qk_reduction: bool = False, k_scale: Optional[float] = None, v_scale: Optional[float] = None,
                window_left: int = -1, logits_soft_cap: Optional[float] = None, sm_scale: Optional[float] = None,
                rope_scale: Optional[float] = None, rope_theta: Optional[float] = None, return_lse: bool = False) -> Result:
        """run with the options of plan given here: a name of earlier releases."""
        self._forget(q, causal, pos_encoding_mode, window_left, logits_soft_cap, sm_scale)
        return self.run(q, paged_kv_cache, k_scale=k_scale, v_scale=v_scale, return_lse=return_lse)

    def forward_return_lse(self, q: Tensor, paged_kv_cache: Cache, *args: Any, **words: Any) -> Result:
        return self.forward(q, paged_kv_cache, *args, **{**words, "return_lse": True})


class BatchPrefillWithRaggedKVCacheWrapper(_Prefill):
    """Attention of the query tokens of a ragged batch over keys and values [keys, heads, dim], one request after the other."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str = "NHD", use_cuda_graph: bool = False,
                 qo_indptr_buf: Optional[Tensor] = None, kv_indptr_buf: Optional[Tensor] = None,
                 custom_mask_buf: Optional[Tensor] = None, mask_indptr_buf: Optional[Tensor] = None, backend: str = "auto",
                 jit_args: Optional[List[Any]] = None, jit_kwargs: Optional[Dict[str, Any]] = None,
                 variant_owns_mask: bool = False) -> None:
        super().__init__(float_workspace_buffer, kv_layout, use_cuda_graph, backend, jit_args)
        refuse(type(self).__name__, variant_owns_mask=variant_owns_mask or None)
        if use_cuda_graph:
            self._buffers = graph_buffers(qo_indptr_buf=qo_indptr_buf, kv_indptr_buf=kv_indptr_buf)
        self._qo_indptr_buf, self._kv_indptr_buf = qo_indptr_buf, kv_indptr_buf
        self._custom_mask_buf, self._mask_indptr_buf = custom_mask_buf, mask_indptr_buf

    def plan(self, qo_indptr: Tensor, kv_indptr: Tensor, num_qo_heads: int, num_kv_heads: int, head_dim_qk: int,
             head_dim_vo: Optional[int] = None, custom_mask: Optional[Tensor] = None, packed_custom_mask: Optional[Tensor] = None,
             causal: bool = False, pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False, window_left: int = -1,
             logits_soft_cap: Optional[float] = None, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
             rope_theta: Optional[float] = None, q_data_type: Dtype = "float16", kv_data_type: Dtype = None, o_data_type: Dtype = None,
             non_blocking: bool = True, prefix_len_ptr: Optional[Tensor] = None, token_pos_in_items_ptr: Optional[Tensor] = None,
             token_pos_in_items_len: int = 0, max_item_len_ptr: Optional[Tensor] = None, fixed_split_size: Optional[int] = None,
             disable_split_kv: bool = False, seq_lens: Optional[Tensor] = None, seq_lens_q: Optional[Tensor] = None,
             max_token_per_sequence: Optional[int] = None, max_sequence_kv: Optional[int] = None, v_indptr: Optional[Tensor] = None,
             o_indptr: Optional[Tensor] = None, qo_indptr_cpu: Optional[Tensor] = None, kv_indptr_cpu: Optional[Tensor] = None,
             uniform_q_len: Optional[int] = None, use_token_head_sf: bool = False) -> None:
        words = self._options(num_qo_heads, num_kv_heads, head_dim_qk, head_dim_vo, causal, pos_encoding_mode, window_left,
                              logits_soft_cap, sm_scale, prefix_len_ptr=prefix_len_ptr, token_pos_in_items_ptr=token_pos_in_items_ptr,
                              max_item_len_ptr=max_item_len_ptr, v_indptr=v_indptr, o_indptr=o_indptr,
                              use_token_head_sf=use_token_head_sf or None)
        if self._buffers is not None and kv_indptr.numel() != self._buffers[1].numel():
            raise ValueError(f"a batch of {kv_indptr.numel() - 1}, and the graph's buffers are for {self._buffers[1].numel() - 1}")
        self._expect(qo_indptr)
        self._qo_indptr_buf, self._kv_indptr_buf = place(self._buffers, self.device, non_blocking, qo_indptr=qo_indptr,
                                                         kv_indptr=kv_indptr)
        self._index = (self._qo_indptr_buf, self._kv_indptr_buf)

        words.update(self._mask(custom_mask, packed_custom_mask, 1))
        self._keep(words, q_data_type, kv_data_type, o_data_type, fixed_split_size is not None or disable_split_kv)

    def _lengths(self, page_size: int) -> Tensor:
        return torch.diff(self._index[1]).long()

    def run(self, q: Tensor, k: Tensor, v: Tensor, *args: Any, q_scale: Scale = None, k_scale: Scale = None, v_scale: Scale = None,
            o_scale: Optional[float] = None, out: Optional[Tensor] = None, lse: Optional[Tensor] = None, return_lse: bool = False,
            enable_pdl: Optional[bool] = None, kv_cache_sf: Any = None, lse_base: str = "log2", lse_layout: str = "NH") -> Result:
        refuse(type(self).__name__, kv_cache_sf=kv_cache_sf, o_scale=None if o_scale == 1 else o_scale,
               positional_arguments=args or None)
        words, k_scale, v_scale = of_cache(self._planned(q, k), k, k_scale, v_scale)
        words = with_run_options(words, (q_scale, k_scale), None, None)
        return self._call(q, k, v, words, out, lse, return_lse, v_scale, lse_base, lse_layout)

    def run_return_lse(self, q: Tensor, k: Tensor, v: Tensor, *args: Any, return_lse: bool = True, **words: Any) -> Result:
        return self.run(q, k, v, *args, return_lse=return_lse, **words)

    begin_forward = plan

    def forward(self, q: Tensor, k: Tensor, v: Tensor, causal: bool = False, pos_encoding_mode: str = "NONE",
                use_fp16_qk_reduction: bool = False, window_left: int = -1, logits_soft_cap: Optional[float] = None,
                sm_scale: Optional[float] = None, rope_scale: Optional[float] = None, rope_theta: Optional[float] = None,
                return_lse: bool = False) -> Result:
        """run with the options of plan given here: a name of earlier releases."""
        self._forget(q, causal, pos_encoding_mode, window_left, logits_soft_cap, sm_scale)
        return self.run(q, k, v, return_lse=return_lse)

    def forward_return_lse(self, q: Tensor, k: Tensor, v: Tensor, *args: Any, **words: Any) -> Result:
        return self.forward(q, k, v, *args, **{**words, "return_lse": True})


def single_prefill_with_kv_cache(q: Tensor, k: Tensor, v: Tensor, scale_q: Optional[Tensor] = None, scale_k: Optional[Tensor] = None,
                                 scale_v: Optional[Tensor] = None, o_dtype: Dtype = None, custom_mask: Optional[Tensor] = None,
                                 packed_custom_mask: Optional[Tensor] = None, causal: bool = False, kv_layout: str = "NHD",
                                 pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False,
                                 sm_scale: Optional[float] = None, window_left: int = -1, logits_soft_cap: Optional[float] = None,
                                 rope_scale: Optional[float] = None, rope_theta: Optional[float] = None, backend: str = "auto",
                                 return_lse: bool = False, kv_cache_sf: Any = None, k_scale: Scale = None,
                                 v_scale: Scale = None) -> Result:
    """Query tokens [tokens, heads, dim] over keys and values [keys, heads, dim] (NHD) or [heads, keys, dim] (HND). A mask is of
    [tokens, keys], in place of causal."""
    refuse("single_prefill_with_kv_cache", scale_q=scale_q, scale_k=scale_k, scale_v=scale_v, kv_cache_sf=kv_cache_sf,
           o_dtype=None if o_dtype == q.dtype else o_dtype)
    words = options_of("single_prefill_with_kv_cache", q.shape[1], q.shape[2], q.device, pos_encoding_mode, window_left,
                       logits_soft_cap, sm_scale)
    keys, values = by_tokens(kv_layout, k, v)
    tokens, count = q.shape[0], keys.shape[0]
    if custom_mask is not None or packed_custom_mask is not None:
        pairs = torch.full((1,), tokens * count, device=q.device, dtype=torch.int64)
        packed = packed_mask(custom_mask, pairs) if packed_custom_mask is None and custom_mask is not None else packed_custom_mask
        words.update(custom_mask=packed, mask_indptr=byte_indptr(pairs))
        causal = False
    ends = torch.arange(2, device=q.device, dtype=torch.int32)
    out, lse = outputs(q, None, None, return_lse)
    words, k_scale, v_scale = of_cache(words, keys, k_scale, v_scale)
    ops.paged_attention_prefill(q, keys, values, ends * tokens, ends * count, output=out, lse=lse, causal=causal,
                                **with_run_options(words, (k_scale,), None, None))
    count_from_first_query(lse, words, lambda: torch.full((1,), count - tokens, device=q.device))
    return result(out, lse, v_scale)


def single_prefill_with_kv_cache_return_lse(q: Tensor, k: Tensor, v: Tensor, *args: Any, return_lse: bool = True,
                                            **words: Any) -> Result:
    return single_prefill_with_kv_cache(q, k, v, *args, **{**words, "return_lse": return_lse})
