// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
//! The operations: each enqueues its work on a stream and returns.
//!
//! Errors common to all: a tensor that is not as stated (rank, dtype, shape, strides, device, alignment,
//! aliasing), a scalar out of its range, no kernel for the device, or the device's own. On any error nothing was
//! enqueued and nothing is written.
#![allow(clippy::too_many_arguments, clippy::derivable_impls)]

#[allow(unused_imports)] // InPlace is for the documentation's links
use crate::{InPlace, Source, TensorMut, TensorRef, Result, Stream, sys};

/// Options of [`rmsnorm`].
#[derive(Debug, Clone, Copy)]
pub struct RmsnormOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for RmsnormOptions {
    fn default() -> Self {
        RmsnormOptions {
            eps: 1e-06,
        }
    }
}

/// Root-mean-square normalisation of each row.
///
/// ```text
/// output = input / sqrt(mean(input^2) + eps) * weight
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row
/// (per-head QK norm); `N` is row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Normalised rows.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Rows to normalise.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `options`: `Default::default()`, or see [`RmsnormOptions`].
///
/// *Aliasing*: output may be input.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Bitwise
/// reproducible, and a row's result does not depend on the other rows.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm. Since 0.1.
pub fn rmsnorm<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    weight: &TensorRef<'_>,
    options: RmsnormOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let weight_raw = weight.raw();
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rmsnorm)(inner.handle, &output_raw, &input_raw, &weight_raw, options.eps, stream.as_raw()) })
}
