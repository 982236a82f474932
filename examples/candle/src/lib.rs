// SPDX-License-Identifier: Apache-2.0
//! hipinfer's kernels under candle's tensors, by candle's own `CustomOp` traits: no fork, no copy of either.
//!
//! ```
//! use candle_core::{Device, Tensor};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let kernels = hipinfer_candle::Kernels::on(&hipinfer::Context::builder().device("cpu").build()?);
//! let x = Tensor::new(&[[3f32, 4.0], [0.0, 5.0]], &Device::Cpu)?;
//! let y = kernels.rms_norm(&x, &Tensor::new(&[1f32, 1.0], &Device::Cpu)?, 0.0)?;
//! assert!((y.to_vec2::<f32>()?[1][1] - 2f32.sqrt()).abs() < 1e-6);
//! # Ok(())
//! # }
//! ```
//!
//! candle has no AMD device, so tensors are its CPU's. With a context for the CPU an operation reads candle's memory where it
//! is and writes the memory of the result: nothing is copied. With one for a GPU each call copies its tensors to memory of
//! hipinfer's and the result back. That is right, and not fast: an engine that stays on the GPU keeps weights and what goes
//! from one operation to the next in [`DeviceBuffer`]s, as `examples/generate/rust` does.
//!
//! Tensors are contiguous (`Tensor::contiguous`), of f32, f16 or bf16. Shapes, dtypes and ranges are checked by the library,
//! whose message comes as a candle error. There is no backward pass.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Error, Layout, Result, Shape, Tensor, WithDType};
use half::{bf16, f16};
use hipinfer::ops::{self, GemmOptions, PagedAttentionPrefillOptions, RmsnormOptions, RopeOptions};
use hipinfer::{Context, DeviceBuffer, DeviceKind, Element, Stream, TensorMut, TensorRef};

/// A device's kernels, for candle's tensors.
pub struct Kernels {
    stream: Stream,
}

impl Kernels {
    /// Of the best device: AMD, NVIDIA, CPU.
    pub fn new() -> hipinfer::Result<Kernels> {
        Ok(Kernels::on(&Context::new()?))
    }

    /// Of a context, on its default stream.
    pub fn on(context: &Context) -> Kernels {
        Kernels { stream: context.default_stream() }
    }

    /// Root-mean-square normalisation of the last dimension, and `weight`'s gain.
    pub fn rms_norm(&self, x: &Tensor, weight: &Tensor, eps: f32) -> Result<Tensor> {
        x.apply_op2_no_bwd(weight, &RmsNorm { kernels: self, eps })
    }

    /// Rotary position embedding of `[tokens, heads, dim]`, whose pairs are half a head apart, as Llama has them. `cos_sin` has
    /// the cosines of each position, then its sines, in f32: `[positions, dim]`; `positions` a row of it for each token, in i64.
    pub fn rope(&self, x: &Tensor, cos_sin: &Tensor, positions: &Tensor) -> Result<Tensor> {
        x.apply_op3_no_bwd(cos_sin, positions, &Rope { kernels: self })
    }

    /// A linear layer: rows of `x` times the rows of `weight`, `[features out, features in]`, and `bias`.
    pub fn linear(&self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        let op = Linear { kernels: self };
        match bias {
            Some(bias) => x.apply_op3_no_bwd(weight, bias, &op),
            None => x.apply_op2_no_bwd(weight, &op),
        }
    }

    /// Attention of `q`, `[tokens, heads, dim]`, to `k` and `v`, `[keys, key heads, dim]`, of one sequence; several heads of `q`
    /// may share one of `k`. With `causal` the last token is at the last key, and a token sees the keys up to its own.
    pub fn attention(&self, q: &Tensor, k: &Tensor, v: &Tensor, causal: bool) -> Result<Tensor> {
        q.apply_op3_no_bwd(k, v, &Attention { kernels: self, causal })
    }

    /// A tensor's elements where the device reads them.
    fn input<'a, T: Float>(&self, storage: &'a CpuStorage, layout: &Layout) -> Result<Input<'a, T>> {
        let all = T::cpu_storage_as_slice(storage)?;
        let Some((begin, end)) = layout.contiguous_offsets() else {
            return Err(Error::RequiresContiguous { op: "hipinfer" }.bt());
        };
        Ok(Input { memory: self.memory(&all[begin..end])?, shape: layout.dims().to_vec() })
    }

    fn memory<'a, T: Element>(&self, elements: &'a [T]) -> Result<Memory<'a, T>> {
        let context = self.stream.context();
        if context.kind() == DeviceKind::CPU {
            return Ok(Memory::Here(elements));
        }
        Ok(Memory::Device(context.upload(elements).map_err(Error::wrap)?))
    }

    /// What `call` writes to a new tensor.
    fn output<T: Float>(
        &self,
        shape: &[usize],
        call: impl FnOnce(&mut TensorMut<'_>) -> hipinfer::Result<()>,
    ) -> Result<(CpuStorage, Shape)> {
        let (context, count) = (self.stream.context(), shape.iter().product());
        let made = if context.kind() == DeviceKind::CPU {
            let mut elements = vec![T::from_f64(0.0); count];
            TensorMut::from_slice(&mut elements, shape).and_then(|mut t| call(&mut t)).map(|()| elements)
        } else {
            context.alloc::<T>(count).and_then(|mut buffer| {
                call(&mut buffer.tensor_mut(shape)?)?;
                self.stream.download(&buffer)
            })
        };
        Ok((T::to_cpu_storage_owned(made.map_err(Error::wrap)?), Shape::from(shape)))
    }
}

/// The dtypes of candle's that hipinfer's operations have.
trait Float: WithDType + Element {}
impl Float for f32 {}
impl Float for f16 {}
impl Float for bf16 {}

enum Memory<'a, T: Element> {
    Here(&'a [T]),
    Device(DeviceBuffer<T>),
}

impl<T: Element> Memory<'_, T> {
    fn tensor(&self, shape: &[usize]) -> hipinfer::Result<TensorRef<'_>> {
        match self {
            Memory::Here(elements) => TensorRef::from_slice(elements, shape),
            Memory::Device(buffer) => buffer.tensor(shape),
        }
    }
}

struct Input<'a, T: Element> {
    memory: Memory<'a, T>,
    shape: Vec<usize>,
}

impl<T: Element> Input<'_, T> {
    fn tensor(&self) -> hipinfer::Result<TensorRef<'_>> {
        self.memory.tensor(&self.shape)
    }

    /// Its last dimension, and the product of the others: rows.
    fn rows(&self) -> [usize; 2] {
        let width = self.shape.last().copied().unwrap_or(1);
        [self.shape.iter().rev().skip(1).product(), width]
    }
}

/// Calls `$self.$forward::<T>($arguments)` for the dtype of a storage.
macro_rules! by_dtype {
    ($storage:expr, $self:ident.$forward:ident($($argument:expr),*)) => {
        match $storage {
            CpuStorage::F32(_) => $self.$forward::<f32>($($argument),*),
            CpuStorage::F16(_) => $self.$forward::<f16>($($argument),*),
            CpuStorage::BF16(_) => $self.$forward::<bf16>($($argument),*),
            _ => Err(Error::Msg("hipinfer: the dtype is none of f32, f16 and bf16".into()).bt()),
        }
    };
}

type Given<'a> = (&'a CpuStorage, &'a Layout);

struct RmsNorm<'k> {
    kernels: &'k Kernels,
    eps: f32,
}

impl RmsNorm<'_> {
    fn forward<T: Float>(&self, x: Given, weight: Given) -> Result<(CpuStorage, Shape)> {
        let k = self.kernels;
        let (x, weight) = (k.input::<T>(x.0, x.1)?, k.input::<T>(weight.0, weight.1)?);
        let (made, _) = k.output::<T>(&x.rows(), |y| {
            let rows = x.memory.tensor(&x.rows())?;
            ops::rmsnorm(&k.stream, y, &rows, &weight.tensor()?, RmsnormOptions { eps: self.eps })
        })?;
        Ok((made, Shape::from(x.shape)))
    }
}

impl CustomOp2 for RmsNorm<'_> {
    fn name(&self) -> &'static str {
        "hipinfer rms_norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        by_dtype!(x, self.forward((x, x_layout), (weight, weight_layout)))
    }
}

struct Linear<'k> {
    kernels: &'k Kernels,
}

impl Linear<'_> {
    fn forward<T: Float>(&self, x: Given, weight: Given, bias: Option<Given>) -> Result<(CpuStorage, Shape)> {
        let k = self.kernels;
        let (x, weight) = (k.input::<T>(x.0, x.1)?, k.input::<T>(weight.0, weight.1)?);
        let bias = bias.map(|(storage, layout)| k.input::<T>(storage, layout)).transpose()?;
        let [rows, _] = x.rows();
        let features = weight.shape.first().copied().unwrap_or(1);
        let (made, _) = k.output::<T>(&[rows, features], |y| {
            let bias = bias.as_ref().map(Input::tensor).transpose()?;
            let options = GemmOptions { bias, ..Default::default() };
            ops::gemm(&k.stream, y, &x.memory.tensor(&x.rows())?, &weight.tensor()?, options)
        })?;
        let mut shape = x.shape;
        if let Some(last) = shape.last_mut() {
            *last = features;
        }
        Ok((made, Shape::from(shape)))
    }
}

impl CustomOp2 for Linear<'_> {
    fn name(&self) -> &'static str {
        "hipinfer linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        by_dtype!(x, self.forward((x, x_layout), (weight, weight_layout), None))
    }
}

impl CustomOp3 for Linear<'_> {
    fn name(&self) -> &'static str {
        "hipinfer linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        by_dtype!(x, self.forward((x, x_layout), (weight, weight_layout), Some((bias, bias_layout))))
    }
}

struct Rope<'k> {
    kernels: &'k Kernels,
}

impl Rope<'_> {
    fn forward<T: Float>(&self, x: Given, cos_sin: Given, positions: Given) -> Result<(CpuStorage, Shape)> {
        let k = self.kernels;
        let (x, cos_sin) = (k.input::<T>(x.0, x.1)?, k.input::<f32>(cos_sin.0, cos_sin.1)?);
        let Some((begin, end)) = positions.1.contiguous_offsets() else {
            return Err(Error::RequiresContiguous { op: "hipinfer rope" }.bt());
        };
        let rows = k.memory(&i64::cpu_storage_as_slice(positions.0)?[begin..end])?;
        k.output::<T>(&x.shape, |y| {
            let rows = rows.tensor(positions.1.dims())?;
            ops::rope(&k.stream, y, &x.tensor()?, &cos_sin.tensor()?, &rows, RopeOptions::default())
        })
    }
}

impl CustomOp3 for Rope<'_> {
    fn name(&self) -> &'static str {
        "hipinfer rope"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        cos_sin: &CpuStorage,
        cos_sin_layout: &Layout,
        positions: &CpuStorage,
        positions_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        by_dtype!(x, self.forward((x, x_layout), (cos_sin, cos_sin_layout), (positions, positions_layout)))
    }
}

struct Attention<'k> {
    kernels: &'k Kernels,
    causal: bool,
}

impl Attention<'_> {
    fn forward<T: Float>(&self, q: Given, key: Given, value: Given) -> Result<(CpuStorage, Shape)> {
        let k = self.kernels;
        let q = k.input::<T>(q.0, q.1)?;
        let (key, value) = (k.input::<T>(key.0, key.1)?, k.input::<T>(value.0, value.1)?);
        let first = |shape: &[usize]| i32::try_from(shape.first().copied().unwrap_or(0)).map_err(Error::wrap);
        let (tokens, keys) = ([0, first(&q.shape)?], [0, first(&key.shape)?]);
        let (tokens, keys) = (k.memory(&tokens)?, k.memory(&keys)?);
        k.output::<T>(&q.shape, |y| {
            let options = PagedAttentionPrefillOptions { causal: self.causal, ..Default::default() };
            let (tokens, keys) = (tokens.tensor(&[2])?, keys.tensor(&[2])?);
            // SAFETY: the one sequence has all tokens of q and all keys of k; the library checks that v has as many.
            unsafe {
                ops::paged_attention_prefill(
                    &k.stream,
                    y,
                    &q.tensor()?,
                    &key.tensor()?,
                    &value.tensor()?,
                    &tokens,
                    &keys,
                    options,
                )
            }
        })
    }
}

impl CustomOp3 for Attention<'_> {
    fn name(&self) -> &'static str {
        "hipinfer attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        by_dtype!(q, self.forward((q, q_layout), (k, k_layout), (v, v_layout)))
    }
}
