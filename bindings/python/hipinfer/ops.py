# SPDX-License-Identifier: Apache-2.0
# Written by src/gen/generate.py; edit its sources.
"""The operations. Each only enqueues work on the stream; on the CPU it has run when it returns."""

from __future__ import annotations

from typing import Optional

from ._call import Operation
from .context import Context
from .interop import StreamLike, TensorLike

__all__ = [
    "rmsnorm",
]


_rmsnorm = Operation("rmsnorm", ("output", "input", "weight", "eps"), tensors=(0, 1, 2), written=(0,))


def rmsnorm(output: TensorLike, input: TensorLike, weight: TensorLike, eps: float = 1e-06, *,
            stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each row.

        output = input / sqrt(mean(input^2) + eps) * weight

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head QK
    norm); N is row length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Normalised rows.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input.
    Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Bitwise
    reproducible, and a row's result does not depend on the other rows.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm.
    """
    _rmsnorm((output, input, weight, eps), None, stream, context)
