# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's matrix products. `backend`, `pdl` and `mma_sm` choose between its implementations and mean nothing here."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops
from ._attention import invariant_context

BLOCK = 128  # elements of k that share a scale


def _output(out: Optional[Tensor], like: Tensor, columns: int, dtype: Optional[torch.dtype]) -> Tensor:
    return torch.empty(*like.shape[:-1], columns, dtype=dtype or torch.bfloat16, device=like.device) if out is None else out


def mm_bf16(a: Tensor, b: Tensor, bias: Optional[Tensor] = None, pdl: bool = False, out: Optional[Tensor] = None,
            out_dtype: torch.dtype = torch.bfloat16, backend: str = "cudnn", batch_invariant: bool = False) -> Tensor:
    """a [m, k] times b [k, n], which is column-major: the transpose of a weight [n, k]. batch_invariant: the call runs in a
    BATCH_INVARIANT context, where a row's result does not depend on how many there are."""
    out = _output(out, a, b.shape[-1], out_dtype)
    ops.gemm(a, b.transpose(-2, -1), bias, output=out, context=invariant_context(a.device) if batch_invariant else None)
    return out


def bmm_bf16(A: Tensor, B: Tensor, out: Optional[Tensor] = None, out_dtype: torch.dtype = torch.bfloat16,
             backend: str = "cudnn") -> Tensor:
    """A [b, m, k] times B [b, k, n], column-major."""
    return mm_bf16(A, B, None, False, out, out_dtype)


def bmm_fp8(A: Tensor, B: Tensor, A_scale: Tensor, B_scale: Tensor, dtype: torch.dtype, out: Optional[Tensor] = None,
            backend: str = "cublas", batch_invariant: bool = False) -> Tensor:
    """A [b, m, k] times B [b, k, n], column-major, times their scales: of one element, or one for each matrix. batch_invariant is as in
    mm_bf16."""
    out = _output(out, A, B.shape[-1], dtype)
    scales = [s if s.numel() == 1 else s.reshape(-1, 1, 1) for s in (A_scale, B_scale)]
    ops.gemm_scaled(A, B.transpose(-2, -1), *scales, output=out, context=invariant_context(A.device) if batch_invariant else None)
    return out


def prepare_low_latency_gemm_weights(w: Tensor, permutation_indices_cache: Any = None) -> Tensor:
    """A weight [n, k] as mm_fp8 takes it, [k / 128, n, 128]: a view of it. Nothing is permuted here, so there is nothing to cache."""
    return w.unflatten(1, (-1, BLOCK)).transpose(0, 1)


def mm_fp8(a: Tensor, b: Tensor, alpha: Optional[Tensor] = None, out_dtype: torch.dtype = torch.bfloat16,
           out: Optional[Tensor] = None, backend: str = "trtllm_low_latency") -> Tensor:
    """a [m, k] times the transpose of a weight that prepare_low_latency_gemm_weights has prepared, times alpha. A weight that
    is not a view of [n, k] is copied."""
    out = _output(out, a, b.shape[1], out_dtype)
    ops.gemm_scaled(a, b.transpose(0, 1).flatten(1), None, alpha, output=out)
    return out


def _by_rows(scale: Tensor, rows: int, blocks: int, mode: Optional[str], name: str) -> Tensor:
    """A scale as [rows, blocks], from that or its transpose."""
    fits = {"K": tuple(scale.shape) == (rows, blocks), "MN": tuple(scale.shape) == (blocks, rows)}
    if mode is None and rows == blocks:
        raise ValueError(f"gemm_fp8_nt_groupwise: {name}: shape {list(scale.shape)} may mean either: give scale_major_mode")
    mode = mode or next((m for m, fit in fits.items() if fit), "K")
    if mode not in fits:
        raise ValueError(f"gemm_fp8_nt_groupwise: scale_major_mode: {mode!r}, expected 'MN' or 'K'")
    if not fits[mode]:
        expected = [rows, blocks] if mode == "K" else [blocks, rows]
        raise ValueError(f"gemm_fp8_nt_groupwise: {name}: shape {list(scale.shape)}, expected {expected}")
    return scale if mode == "K" else scale.transpose(0, 1)


def gemm_fp8_nt_groupwise(a: Tensor, b: Tensor, a_scale: Tensor, b_scale: Tensor, scale_major_mode: Optional[str] = None,
                          mma_sm: int = 1, scale_granularity_mnk: Tuple[int, int, int] = (1, 128, 128),
                          out: Optional[Tensor] = None, out_dtype: Optional[torch.dtype] = None,
                          backend: str = "cutlass") -> Tensor:
    """a [m, k] times the transpose of b [n, k], with a scale for each 128 elements of a's rows (or of 128 rows) and for each 128 by
    128 of b: [m, k / 128] and [n / 128, k / 128] with scale_major_mode K, their transposes with MN. Without a mode the shapes
    say which."""
    of_m, of_n, of_k = scale_granularity_mnk
    if of_m not in (1, BLOCK) or (of_n, of_k) != (BLOCK, BLOCK):
        raise NotImplementedError(f"gemm_fp8_nt_groupwise: scale_granularity_mnk {scale_granularity_mnk}: hipinfer has (1, 128, 128) "
                                  "and (128, 128, 128)")
    (m, k), n = a.shape, b.shape[0]
    blocks = -(-k // BLOCK)
    of_rows = _by_rows(a_scale, -(-m // of_m), blocks, scale_major_mode, "a_scale")
    if of_m > 1:
        of_rows = of_rows.repeat_interleave(of_m, 0)[:m]
    out = _output(out, a, n, out_dtype)
    ops.gemm_scaled(a, b, of_rows, _by_rows(b_scale, -(-n // BLOCK), blocks, scale_major_mode, "b_scale"), output=out)
    return out


def group_gemm_fp8_nt_groupwise(a: Tensor, b: Tensor, a_scale: Tensor, b_scale: Tensor, m_indptr: Tensor,
                                scale_granularity_mnk: Tuple[int, int, int] = (1, 128, 128), scale_major_mode: str = "MN",
                                mma_sm: int = 1, out: Optional[Tensor] = None, out_dtype: Optional[torch.dtype] = None,
                                backend: str = "trtllm", segment_alignment: int = 1) -> Tensor:
    """Rows m_indptr[g] to before m_indptr[g + 1] of a [rows, k] times the transpose of b[g], b [groups, n, k], with a scale for each
    128 elements of a's rows and for each 128 by 128 of b: [rows, k / 128] and [groups, n / 128, k / 128] with scale_major_mode K, the
    last two dimensions the other way round with MN. Segments may begin anywhere, whatever segment_alignment promises."""
    if segment_alignment < 1:
        raise ValueError(f"segment_alignment: {segment_alignment}, expected 1 or more")
    if tuple(scale_granularity_mnk) != (1, BLOCK, BLOCK):
        raise NotImplementedError(f"group_gemm_fp8_nt_groupwise: scale_granularity_mnk {scale_granularity_mnk}: "
                                  "hipinfer has (1, 128, 128)")
    if scale_major_mode not in ("MN", "K"):
        raise ValueError(f"group_gemm_fp8_nt_groupwise: scale_major_mode: {scale_major_mode!r}, expected 'MN' or 'K'")
    if scale_major_mode == "MN":
        a_scale, b_scale = a_scale.transpose(-2, -1), b_scale.transpose(-2, -1)
    out = _output(out, a, b.shape[1], out_dtype)
    return ops.gemm_grouped_scaled(a, b, a_scale, b_scale, m_indptr, output=out)


class SegmentGEMMWrapper:
    """Products of segments of x's rows with a weight each. The workspace and the backend mean nothing here."""

    def __init__(self, float_workspace_buffer: Tensor, backend: str = "auto") -> None:
        self._float_workspace_buffer, self._int_workspace_buffer = float_workspace_buffer, float_workspace_buffer[:0]
        self.backend = backend

    def reset_workspace_buffer(self, float_workspace_buffer: Tensor, int_workspace_buffer: Tensor) -> None:
        self._float_workspace_buffer, self._int_workspace_buffer = float_workspace_buffer, int_workspace_buffer

    def run(self, x: Tensor, weights: Tensor, batch_size: int, weight_column_major: bool, out: Optional[Tensor] = None,
            seg_lens: Optional[Tensor] = None, seg_indptr: Optional[Tensor] = None,
            weight_indices: Optional[Tensor] = None) -> Tensor:
        """x [rows, d_in] times weights [w, d_in, d_out], or [w, d_out, d_in] if weight_column_major, which is faster. Segments are said
        by their lengths or by where they begin; rows of none are 0 in a new output, and stay as they are in `out`."""
        if seg_indptr is None:
            if seg_lens is None:
                raise ValueError("SegmentGEMMWrapper.run: give seg_lens or seg_indptr")
            seg_indptr = torch.nn.functional.pad(seg_lens.to(x.device, torch.int64).cumsum(0), (1, 0))
        if seg_indptr.numel() != batch_size + 1:
            raise ValueError(f"SegmentGEMMWrapper.run: {seg_indptr.numel()} offsets, expected batch_size + 1 = {batch_size + 1}")
        weight = weights if weight_column_major else weights.transpose(1, 2)
        if out is None:
            out = torch.zeros(x.shape[0], weight.shape[1], dtype=x.dtype, device=x.device)
        # One weight for each segment unless indices say which: further ones are not used.
        weight = weight if weight_indices is not None else weight[:batch_size]
        return ops.gemm_grouped(x, weight, seg_indptr.to(x.device), weight_indices, output=out)

    forward = run
