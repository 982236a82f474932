// SPDX-License-Identifier: Apache-2.0
//! LLM-inference kernels for AMD GPUs, NVIDIA GPUs and CPUs, called safely.
//!
//! ```
//! use hipinfer::{Context, TensorRef, ops};
//!
//! # fn main() -> hipinfer::Result<()> {
//! let context = Context::builder().device("cpu").build()?;
//! let stream = context.default_stream();
//!
//! let input = context.upload(&[3.0f32, 4.0, 0.0, 0.0])?;
//! let weight = context.upload(&[1.0f32, 1.0, 2.0, 2.0])?;
//! let mut output = context.alloc::<f32>(4)?;
//! ops::rmsnorm(
//!     &stream,
//!     &mut output.tensor_mut(&[1, 4])?,
//!     &input.tensor(&[1, 4])?,
//!     &weight.tensor(&[4])?,
//!     ops::RmsnormOptions { eps: 0.0 },
//! )?;
//! assert_eq!(stream.download(&output)?, [1.2, 1.6, 0.0, 0.0]);
//! # Ok(())
//! # }
//! ```
//!
//! The library itself is found as the documentation of [`hipinfer_sys`] says: it is linked if the build found it,
//! else loaded at run time, `HIPINFER_LIBRARY` first.
//!
//! # The pieces
//!
//! - [`Context`]: a device with its loaded kernels; cheap to clone, shared by threads.
//! - [`Stream`]: an order in which work runs. [`Event`]: a moment in that order. [`Graph`]: work recorded once, launched
//!   often.
//! - [`DeviceBuffer`]: memory on the device, of elements of one type.
//! - [`TensorRef`], [`TensorMut`]: a shape and strides over borrowed memory, a buffer's or (on the CPU) a slice's.
//! - [`ops`]: one function an operation, generated from the contracts that also made the C header. What is required
//!   comes as arguments; optional tensors and scalars with a default are fields of an options struct with `Default`.
//! - [`Error`]: a [`Status`] and the library's own message, which names operation, argument, expected and given.
//!
//! # Why this is sound
//!
//! Operations only *enqueue*: on a GPU they run after the function that asked for them has returned, and Rust's
//! borrows have ended by then. These rules make that harmless, without `unsafe` in callers:
//!
//! 1. **Device memory outlives the work that uses it.** A [`DeviceBuffer`] is freed when it is dropped, by
//!    `hipinfer_free`, which waits for the work that uses it. Leaking one leaks memory and nothing else. Buffers,
//!    streams and events keep their context alive; a context waits for its default stream before its kernels go, and
//!    a stream waits for its own work when it is dropped.
//! 2. **Nothing on the host is touched later.** Every copy between host and device returns after the copy has
//!    happened, but for those between a [`PinnedBuffer`] and the device, which are `unsafe fn`. On the CPU, where tensors may borrow slices, operations have run before they return, so that the
//!    borrow covers them; a GPU context refuses a tensor over a slice ([`Status::INVALID_DEVICE`]).
//! 3. **Races on a device are wrong numbers, not undefined behaviour.** Within one stream work runs in order.
//!    Work on *different* streams that uses the same buffer has no order but the one you make with
//!    [`Stream::synchronize`]: that is for the caller, as in every GPU interface. What such a race yields is
//!    an unspecified value of the buffer's type: no Rust reference into device memory ever exists, buffers start
//!    initialised, and every bit pattern is a value of every [`Element`] (for truth values use [`Bool`], not `bool`).
//! 4. **Aliasing is visible.** Outputs are `&mut`, inputs `&`. Where an operation may work in place, its input is a
//!    [`Source`]: a tensor, or [`InPlace`], which stands for the output's own memory. A [`TensorMut`] whose elements
//!    overlap one another cannot be made, and one tensor is split into disjoint parts with [`TensorMut::split_at`].
//! 5. **Contents matter where it says so.** Indices, page tables and lengths live on the device and cannot be checked
//!    when an operation is enqueued. Most operations define what they do with entries out of range and touch nothing
//!    out of bounds; those are safe functions. Those that take a page table on trust, for speed, are `unsafe fn`, and
//!    their *Safety* section says what must hold when the work runs. So is [`Graph::launch`], because a graph names memory
//!    that it does not own.
//!
//! A fault on the device (a broken driver, a hardware error) is reported by whichever later call waits for it.
//!
//! # Without a device
//!
//! A validate-only context answers whether a call would be accepted on a target, and by which kernel, on a machine that
//! has no such device. Its tensors are [`TensorSpec`]s: shapes and types without memory.
//!
//! ```
//! use hipinfer::{Context, DType, TensorSpec, last_kernel, ops};
//!
//! # fn main() -> hipinfer::Result<()> {
//! let context = Context::builder().validate_only("cpu").build()?; // or any of hipinfer::targets(), as "gfx942"
//! let x = TensorSpec::new(DType::BF16, &[8, 4096])?;
//! let w = TensorSpec::new(DType::BF16, &[4096])?;
//! let mut y = x.clone();
//! ops::rmsnorm(&context.default_stream(), &mut y.output(), &x.input(), &w.input(), Default::default())?;
//! assert_eq!(last_kernel()?, "rmsnorm/cpu");
//! # Ok(())
//! # }
//! ```

pub use half::{bf16, f16};
pub use hipinfer_sys as sys;

mod buffer;
mod context;
mod dtype;
mod error;
#[rustfmt::skip]
pub mod ops;
#[rustfmt::skip]
mod status;
mod stream;
mod tensor;

pub use buffer::{DeviceBuffer, PinnedBuffer};
pub use context::{
    Context, ContextBuilder, DeviceInfo, DeviceKind, KernelInfo, device_count, kernels, last_kernel,
    op_names, targets, version,
};
pub use dtype::{Bool, DType, Element};
pub use error::{Error, Result};
pub use status::Status;
pub use stream::{Event, Graph, Stream};
pub use tensor::{InPlace, MAX_RANK, Source, TensorMut, TensorRef, TensorSpec};
