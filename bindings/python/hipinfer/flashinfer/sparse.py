# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's block-sparse attention. A row of blocks is a request, and a block of columns is a page of keys: what paged prefill
computes, so blocks that are not there cost nothing."""

from __future__ import annotations

from typing import Any, Optional, Union

import torch
from torch import Tensor

from ._attention import Dtype, Ready, Result, dtype_of, refuse
from .prefill import BatchPrefillWithPagedKVCacheWrapper


class _Sparse(Ready):
    def __init__(self, float_workspace_buffer: Tensor, backend: str = "auto") -> None:
        self._wrapper = BatchPrefillWithPagedKVCacheWrapper(float_workspace_buffer, "NHD", backend=backend)

    def reset_workspace_buffer(self, float_workspace_buffer: Tensor, int_workspace_buffer: Tensor) -> None:
        self._wrapper.reset_workspace_buffer(float_workspace_buffer, int_workspace_buffer)


class BlockSparseAttentionWrapper(_Sparse):
    """The same blocks for all heads, of R rows and C columns each: indptr and indices, as of a BSR matrix."""

    def plan(self, indptr: Tensor, indices: Tensor, M: int, N: int, R: int, C: int, num_qo_heads: int, num_kv_heads: int,
             head_dim: int, mask: Optional[Tensor] = None, packed_mask: Optional[Tensor] = None, causal: bool = False,
             pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False, logits_soft_cap: Optional[float] = None,
             sm_scale: Optional[float] = None, rope_scale: Optional[float] = None, rope_theta: Optional[float] = None,
             q_data_type: Dtype = "float16", kv_data_type: Dtype = None, o_data_type: Union[str, torch.dtype] = "float16",
             non_blocking: bool = True, block_mask: Optional[Tensor] = None, kv_block_lens: Optional[Tensor] = None,
             q2k_indices: Optional[Tensor] = None, q2k_num: Optional[Tensor] = None, kv_splits: Any = None, use_clc: Any = None,
             q_scale: Optional[Tensor] = None, k_scale: Optional[Tensor] = None, v_scale: Optional[Tensor] = None) -> None:
        """M rows and N columns, N a multiple of C; the last row of blocks may have fewer rows. mask [blocks, R, C], or its bits, row
        of blocks by row of blocks, is in place of causal, which counts the columns that are there."""
        who = type(self).__name__
        refuse(who, block_mask=block_mask, kv_block_lens=kv_block_lens, q2k_indices=q2k_indices, q2k_num=q2k_num, kv_splits=kv_splits,
               use_clc=use_clc, q_scale=q_scale, k_scale=k_scale, v_scale=v_scale)
        rows = indptr.numel() - 1
        if N % C != 0 or rows != -(-M // R):
            raise ValueError(f"{who}.plan: {M} x {N} in {rows} rows of blocks of {R} x {C}: N is a multiple of C, the rows hold M")
        if mask is not None and packed_mask is None:
            if M % R != 0 or mask.shape[1:] != (R, C):
                raise ValueError(f"{who}.plan: mask: shape {list(mask.shape)} of {M} rows, expected [blocks, {R}, {C}] of whole blocks")
            ends = indptr.tolist()
            mask = torch.cat([mask[a:b].transpose(0, 1).reshape(-1) for a, b in zip(ends, ends[1:])])
        self._shape, self._page, self._dtype = (M, N), C, dtype_of(o_data_type)
        ends = (torch.arange(rows + 1, device=indptr.device, dtype=torch.int32) * R).clamp_(max=M)
        full = torch.full((rows,), C, device=indptr.device, dtype=torch.int32)
        self._wrapper.plan(ends, indptr, indices, full, num_qo_heads, num_kv_heads, head_dim, C, custom_mask=mask,
                           packed_custom_mask=packed_mask, causal=causal, pos_encoding_mode=pos_encoding_mode, sm_scale=sm_scale,
                           logits_soft_cap=logits_soft_cap, q_data_type=q_data_type, kv_data_type=kv_data_type,
                           non_blocking=non_blocking)

    begin_forward = plan

    def run(self, q: Tensor, k: Tensor, v: Tensor, scale_q: Optional[Tensor] = None, scale_k: Optional[Tensor] = None,
            scale_v: Optional[Tensor] = None, out: Optional[Tensor] = None, lse: Optional[Tensor] = None, return_lse: bool = False,
            enable_pdl: Optional[bool] = None) -> Result:
        """Of query [M, heads, dim], keys and values [N, heads, dim]. The output has plan's o_data_type: it is rounded to q's dtype
        first."""
        refuse(type(self).__name__, scale_q=scale_q, scale_k=scale_k, scale_v=scale_v)
        if (q.shape[0], k.shape[0]) != self._shape:
            raise ValueError(f"q and k: {q.shape[0]} and {k.shape[0]} rows, and plan was told {self._shape}")
        keys, values = (x.unflatten(0, (-1, self._page)) for x in (k, v))
        found = self._wrapper.run(q, (keys, values), out=out if out is not None and out.dtype == q.dtype else None, lse=lse,
                                  return_lse=return_lse)
        made, logarithm = found if isinstance(found, tuple) else (found, None)
        if out is not None and made is not out:
            made = out.copy_(made)
        elif out is None:
            made = made.to(self._dtype)
        return made if logarithm is None else (made, logarithm)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, scale_q: Optional[Tensor] = None, scale_k: Optional[Tensor] = None,
                scale_v: Optional[Tensor] = None, pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False,
                logits_soft_cap: Optional[float] = None, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
                rope_theta: Optional[float] = None) -> Result:
        """run with the options of plan given here: a name of earlier releases."""
        self._wrapper._forget(q, self._wrapper._causal, pos_encoding_mode, -1, logits_soft_cap, sm_scale)
        return self.run(q, k, v, scale_q, scale_k, scale_v)


class VariableBlockSparseAttentionWrapper(_Sparse):
    """Blocks of any sizes, others for each key/value head."""

    def plan(self, block_mask_map: Tensor, block_row_sz: Tensor, block_col_sz: Tensor, num_qo_heads: int, num_kv_heads: int,
             head_dim: int, causal: bool = False, pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False,
             logits_soft_cap: Optional[float] = None, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
             rope_theta: Optional[float] = None, non_blocking: bool = True, q_data_type: Dtype = "float16", kv_data_type: Dtype = None,
             q_scale: Optional[Tensor] = None, k_scale: Optional[Tensor] = None, v_scale: Optional[Tensor] = None) -> None:
        """block_mask_map [heads, rows of blocks, columns of blocks], bool; block_row_sz and block_col_sz are how many rows and columns
        each has, with the same sums for each head. What they say is read."""
        refuse(type(self).__name__, q_scale=q_scale, k_scale=k_scale, v_scale=v_scale)
        rows, columns = (x.to(block_mask_map.device, torch.int64) for x in (block_row_sz, block_col_sz))
        sums = {tuple(x.sum(1).unique().tolist()) for x in (rows,)}, {tuple(x.sum(1).unique().tolist()) for x in (columns,)}
        if any(len(totals) != 1 for kind in sums for totals in kind):
            raise ValueError("block_row_sz and block_col_sz: heads of other sums")
        self._groups = num_kv_heads, num_qo_heads // num_kv_heads
        keys = int(columns[0].sum())
        # A page is a key of a head: those of the blocks that a row of blocks has.
        of_block = torch.stack([torch.repeat_interleave(sizes) for sizes in columns])
        seen = block_mask_map.bool().gather(2, of_block[:, None].expand(-1, block_mask_map.shape[1], -1))
        head, _, key = seen.nonzero(as_tuple=True)
        counts, sizes = seen.sum(2).flatten(), rows.flatten()
        of_rows, of_keys = (torch.nn.functional.pad(x.cumsum(0), (1, 0)).to(torch.int32) for x in (sizes, counts))
        one = (counts > 0).to(torch.int32)
        self._wrapper.plan(of_rows, of_keys, (head * keys + key).to(torch.int32), one, self._groups[1], 1, head_dim, 1, causal=causal,
                           pos_encoding_mode=pos_encoding_mode, sm_scale=sm_scale, logits_soft_cap=logits_soft_cap,
                           q_data_type=q_data_type, kv_data_type=kv_data_type, non_blocking=non_blocking)

    def run(self, q: Tensor, k: Tensor, v: Tensor, out: Optional[Tensor] = None, lse: Optional[Tensor] = None,
            return_lse: bool = False, enable_pdl: Optional[bool] = None) -> Result:
        """Of query [heads, rows, dim], keys and values [heads, columns, dim]; the logarithms are [heads, rows]."""
        heads, group = self._groups
        tokens = q.unflatten(0, (heads, group)).transpose(1, 2).flatten(0, 1)
        pages = [x.flatten(0, 1)[:, None, None] for x in (k, v)]
        found, logarithm = self._wrapper.run(tokens, (pages[0], pages[1]), return_lse=True)

        def by_heads(x: Tensor, given: Optional[Tensor]) -> Tensor:
            x = x.unflatten(0, (heads, -1)).transpose(1, 2).flatten(0, 1)
            return x.contiguous() if given is None else given.copy_(x)

        made = by_heads(found, out)
        return (made, by_heads(logarithm, lse)) if return_lse else made

    def forward(self, q: Tensor, k: Tensor, v: Tensor, pos_encoding_mode: str = "NONE", use_fp16_qk_reduction: bool = False,
                logits_soft_cap: Optional[float] = None, sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
                rope_theta: Optional[float] = None) -> Result:
        """run with the options of plan given here: a name of earlier releases."""
        self._wrapper._forget(q.transpose(0, 1)[:, :self._groups[1]], self._wrapper._causal, pos_encoding_mode, -1, logits_soft_cap,
                              sm_scale)
        return self.run(q, k, v)
