# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's products of experts. `backend` and `tactic` choose between its implementations and mean nothing here."""

from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor

from .. import torch as ops


def grouped_mm_bf16(a: Tensor, b: Tensor, m_indptr: Tensor, out: Optional[Tensor] = None, out_dtype: torch.dtype = torch.bfloat16,
                    backend: str = "cudnn", tactic: int = -1) -> Tensor:
    """Rows m_indptr[e] to before m_indptr[e + 1] of a [rows, k] times the transpose of b[e], b [experts, n, k]."""
    if out is None:
        out = torch.empty(a.shape[0], b.shape[1], dtype=out_dtype, device=a.device)
    return ops.gemm_grouped(a, b, m_indptr, output=out)


def grouped_mm_fp8(a: Tensor, b: Tensor, m_indptr: Tensor, alpha: Optional[Tensor] = None, out: Optional[Tensor] = None,
                   out_dtype: torch.dtype = torch.bfloat16, *, backend: str = "cudnn", tactic: int = -1) -> Tensor:
    """The same of fp8, times alpha, of one element."""
    if out is None:
        out = torch.empty(a.shape[0], b.shape[1], dtype=out_dtype, device=a.device)
    return ops.gemm_grouped_scaled(a, b, alpha, None, m_indptr, output=out)
