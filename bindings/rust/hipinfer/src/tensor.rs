// SPDX-License-Identifier: Apache-2.0
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::null_mut;

use crate::{DType, Element, Error, Result, Status, sys};

/// Most dimensions a tensor can have.
pub const MAX_RANK: usize = 6;

fn refuse<T>(status: Status, message: String) -> Result<T> {
    Err(Error::new(status, message))
}

/// What both kinds of view are: memory, type, extents and strides in elements.
#[derive(Clone, Copy)]
struct View {
    data: *mut c_void,
    device: sys::hipinfer_device,
    dtype: DType,
    rank: usize,
    shape: [i64; MAX_RANK],
    strides: [i64; MAX_RANK],
}

impl View {
    /// A view of the first elements of `bytes` bytes at `data`.
    fn compact(
        data: *mut c_void,
        bytes: usize,
        device: sys::hipinfer_device,
        dtype: DType,
        shape: &[usize],
    ) -> Result<View> {
        let mut strides = [0usize; MAX_RANK];
        let mut running = Some(1usize);
        for (i, &extent) in shape.iter().enumerate().rev() {
            if let (Some(stride), Some(run)) = (strides.get_mut(i), running) {
                *stride = run;
            }
            running = running.and_then(|r| r.checked_mul(extent.max(1)));
        }
        if running.is_none() {
            return refuse(Status::OVERFLOW, format!("shape {shape:?} reaches past 64-bit offsets"));
        }
        let strides = &strides[..shape.len().min(MAX_RANK)];
        View::strided(data, bytes, device, dtype, 0, shape, strides)
    }

    /// A view with strides, all of whose elements lie within `bytes` bytes at `data`.
    fn strided(
        data: *mut c_void,
        bytes: usize,
        device: sys::hipinfer_device,
        dtype: DType,
        offset: usize,
        shape: &[usize],
        strides: &[usize],
    ) -> Result<View> {
        let rank = shape.len();
        if rank > MAX_RANK || strides.len() != rank {
            let text =
                format!("shape {shape:?} with strides {strides:?}: expected at most {MAX_RANK} of each");
            return refuse(Status::INVALID_RANK, text);
        }
        let mut view = View { data, device, dtype, rank, shape: [0; MAX_RANK], strides: [0; MAX_RANK] };
        let mut last = Some(offset);
        let mut empty = false;
        for i in 0..rank {
            let (Ok(extent), Ok(stride)) = (i64::try_from(shape[i]), i64::try_from(strides[i])) else {
                return refuse(
                    Status::OVERFLOW,
                    format!("shape {shape:?}: an extent or stride past 63 bits"),
                );
            };
            view.shape[i] = extent;
            view.strides[i] = stride;
            empty |= extent == 0;
            last = last.and_then(|l| shape[i].saturating_sub(1).checked_mul(strides[i])?.checked_add(l));
        }
        let end = last.and_then(|l| (l / dtype.block()).checked_add(1)?.checked_mul(dtype.bytes()));
        if !empty && end.is_none_or(|end| end > bytes) {
            return refuse(
                Status::INVALID_SHAPE,
                format!(
                    "{dtype} shape {shape:?} with strides {strides:?} at {offset} reaches past the {} elements there are",
                    bytes / dtype.bytes() * dtype.block()
                ),
            );
        }
        if !empty {
            view.advance(offset)?;
        }
        view.whole_blocks()
    }

    fn advance(&mut self, elements: usize) -> Result<()> {
        let block = self.dtype.block();
        if elements % block != 0 {
            let text = format!("{self:?}: element {elements} is inside a block of {block}");
            return refuse(Status::INVALID_SHAPE, text);
        }
        self.data = self.data.cast::<u8>().wrapping_add(elements / block * self.dtype.bytes()).cast();
        Ok(())
    }

    /// Fails unless each row, along the last axis, is made of whole blocks one after the other.
    fn whole_blocks(self) -> Result<View> {
        let block = self.dtype.block() as i64;
        let shape = &self.shape[..self.rank];
        if block == 1 || shape.contains(&0) {
            return Ok(self);
        }
        let rows = |i: usize| shape[i] == 1 || self.strides[i] % block == 0;
        let last = self.rank.checked_sub(1).filter(|&i| shape[i] % block == 0 && self.strides[i] == 1);
        if last.is_some_and(|last| (0..last).all(rows)) {
            return Ok(self);
        }
        refuse(Status::INVALID_SHAPE, format!("{self:?}: rows are not made of whole blocks of {block}"))
    }

    /// Fails unless distinct indices are distinct elements.
    fn disjoint(self) -> Result<View> {
        if self.shape[..self.rank].contains(&0) {
            return Ok(self);
        }
        let mut dims: Vec<usize> = (0..self.rank).filter(|&i| self.shape[i] > 1).collect();
        dims.sort_by_key(|&i| self.strides[i]);
        let mut span = 0;
        for i in dims {
            if self.strides[i] <= span {
                let text = format!("strides {:?}: elements of an output overlap", &self.strides[..self.rank]);
                return refuse(Status::INVALID_STRIDE, text);
            }
            span += (self.shape[i] - 1) * self.strides[i];
        }
        Ok(self)
    }

    fn axis(&self, axis: usize, end: usize) -> Result<()> {
        if axis < self.rank && end <= self.shape[axis] as usize {
            return Ok(());
        }
        refuse(Status::INVALID_SHAPE, format!("{self:?}: there is no element before {end} on axis {axis}"))
    }

    fn narrow(&self, axis: usize, start: usize, len: usize) -> Result<View> {
        let Some(end) = start.checked_add(len) else {
            return refuse(Status::OVERFLOW, format!("{start} + {len} is past 64 bits"));
        };
        self.axis(axis, end)?;
        let mut view = *self;
        view.shape[axis] = len as i64;
        if self.shape[..self.rank].iter().all(|&n| n > 0) && len > 0 {
            view.advance(start * self.strides[axis] as usize)?;
        }
        view.whole_blocks()
    }

    fn select(&self, axis: usize, index: usize) -> Result<View> {
        if self.dtype.block() > 1 && axis + 1 == self.rank {
            return refuse(Status::INVALID_SHAPE, format!("{self:?}: axis {axis} is made of blocks"));
        }
        let mut view = self.narrow(axis, index, 1)?;
        view.shape.copy_within(axis + 1.., axis);
        view.strides.copy_within(axis + 1.., axis);
        view.rank -= 1;
        Ok(view)
    }

    fn unflatten(&self, axis: usize, inner: usize) -> Result<View> {
        self.axis(axis, 0)?;
        let extent = self.shape[axis] as usize;
        if self.rank == MAX_RANK || inner == 0 || extent % inner != 0 {
            return refuse(Status::INVALID_SHAPE, format!("{self:?}: axis {axis} has no parts of {inner}"));
        }
        let mut view = *self;
        view.shape.copy_within(axis..MAX_RANK - 1, axis + 1);
        view.strides.copy_within(axis..MAX_RANK - 1, axis + 1);
        view.rank += 1;
        view.shape[axis] = (extent / inner) as i64;
        view.shape[axis + 1] = inner as i64;
        // With no part at all the stride is never used, and may be past 63 bits.
        view.strides[axis] = self.strides[axis].wrapping_mul(inner as i64);
        view.whole_blocks()
    }

    fn reshape(&self, shape: &[usize]) -> Result<View> {
        let mut running = 1i64;
        for i in (0..self.rank).rev() {
            if self.shape[i] > 1 && self.strides[i] != running {
                return refuse(
                    Status::INVALID_STRIDE,
                    format!("{self:?}: only a compact tensor can be reshaped"),
                );
            }
            running = running.saturating_mul(self.shape[i].max(1));
        }
        // Beside a 0 the other extents may multiply past 64 bits.
        let have = self.shape[..self.rank].iter().fold(1i64, |n, &extent| n.saturating_mul(extent));
        let bytes = have as usize / self.dtype.block() * self.dtype.bytes();
        let wanted = shape.iter().try_fold(1usize, |n, &extent| n.checked_mul(extent));
        if wanted != Some(have as usize) {
            return refuse(Status::INVALID_SHAPE, format!("{self:?} cannot take the shape {shape:?}"));
        }
        View::compact(self.data, bytes, self.device, self.dtype, shape)
    }

    fn raw(&self) -> sys::hipinfer_tensor {
        sys::hipinfer_tensor {
            data: self.data,
            device: self.device,
            ndim: self.rank as i32,
            dtype: self.dtype.raw(),
            shape: self.shape.as_ptr(),
            strides: self.strides.as_ptr(),
            byte_offset: 0,
        }
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {:?} with strides {:?}",
            self.dtype,
            &self.shape[..self.rank],
            &self.strides[..self.rank]
        )
    }
}

const CPU: sys::hipinfer_device =
    sys::hipinfer_device { device_type: sys::HIPINFER_DEVICE_CPU as i32, device_id: 0 };

macro_rules! methods_of_both {
    ($tensor:ident) => {
        impl $tensor<'_> {
            /// The element type.
            pub fn dtype(&self) -> DType {
                self.0.dtype
            }

            /// The extents.
            pub fn shape(&self) -> &[i64] {
                &self.0.shape[..self.0.rank]
            }

            /// The strides, in elements.
            pub fn strides(&self) -> &[i64] {
                &self.0.strides[..self.0.rank]
            }

            /// As the C interface takes it. The pointers in it are good as long as `self` stays where it is.
            pub(crate) fn raw(&self) -> sys::hipinfer_tensor {
                self.0.raw()
            }
        }

        impl fmt::Debug for $tensor<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($tensor), "({:?})"), self.0)
            }
        }
    };
}

/// A tensor that an operation reads: borrowed memory with a shape and strides.
#[derive(Clone, Copy)]
pub struct TensorRef<'a>(View, PhantomData<&'a [u8]>);

/// A tensor that an operation writes: memory that is borrowed for it alone.
pub struct TensorMut<'a>(View, PhantomData<&'a mut [u8]>);

methods_of_both!(TensorRef);
methods_of_both!(TensorMut);

// SAFETY: a shared borrow of memory that only the library reads.
unsafe impl Send for TensorRef<'_> {}
// SAFETY: as above.
unsafe impl Sync for TensorRef<'_> {}
// SAFETY: an exclusive borrow of memory that only the library writes, and only through `&mut self`.
unsafe impl Send for TensorMut<'_> {}
// SAFETY: as above.
unsafe impl Sync for TensorMut<'_> {}

impl<'a> TensorRef<'a> {
    /// The first elements of a slice, row-major. Only the CPU takes it; a GPU context refuses it.
    pub fn from_slice<T: Element>(data: &'a [T], shape: &[usize]) -> Result<TensorRef<'a>> {
        let view = View::compact(data.as_ptr() as *mut c_void, size_of_val(data), CPU, T::DTYPE, shape)?;
        Ok(TensorRef(view, PhantomData))
    }

    /// As [`from_slice`](TensorRef::from_slice), of bytes that hold elements of `dtype`, as a mapped file does.
    /// Operations refuse memory that is not aligned to its elements.
    pub fn from_bytes(data: &'a [u8], dtype: DType, shape: &[usize]) -> Result<TensorRef<'a>> {
        let view = View::compact(data.as_ptr() as *mut c_void, data.len(), CPU, dtype, shape)?;
        Ok(TensorRef(view, PhantomData))
    }

    /// # Safety
    /// `data` holds `bytes` initialised bytes on `device`, which nothing frees or (unordered) writes during `'a`.
    pub(crate) unsafe fn of_memory(
        data: *mut c_void,
        bytes: usize,
        device: sys::hipinfer_device,
        dtype: DType,
        shape: &[usize],
    ) -> Result<TensorRef<'a>> {
        Ok(TensorRef(View::compact(data, bytes, device, dtype, shape)?, PhantomData))
    }

    /// # Safety
    /// As [`of_memory`](TensorRef::of_memory).
    pub(crate) unsafe fn of_memory_strided(
        data: *mut c_void,
        bytes: usize,
        device: sys::hipinfer_device,
        dtype: DType,
        offset: usize,
        shape: &[usize],
        strides: &[usize],
    ) -> Result<TensorRef<'a>> {
        Ok(TensorRef(View::strided(data, bytes, device, dtype, offset, shape, strides)?, PhantomData))
    }

    /// Elements `start .. start + len` along an axis.
    pub fn narrow(&self, axis: usize, start: usize, len: usize) -> Result<TensorRef<'a>> {
        Ok(TensorRef(self.0.narrow(axis, start, len)?, PhantomData))
    }

    /// Element `index` along an axis, which goes away.
    pub fn select(&self, axis: usize, index: usize) -> Result<TensorRef<'a>> {
        Ok(TensorRef(self.0.select(axis, index)?, PhantomData))
    }

    /// An axis as two, the second of extent `inner`: the heads of a row, `[T, H * D]` to `[T, H, D]`.
    pub fn unflatten(&self, axis: usize, inner: usize) -> Result<TensorRef<'a>> {
        Ok(TensorRef(self.0.unflatten(axis, inner)?, PhantomData))
    }

    /// The same elements in another shape; the tensor must be compact.
    pub fn reshape(&self, shape: &[usize]) -> Result<TensorRef<'a>> {
        Ok(TensorRef(self.0.reshape(shape)?, PhantomData))
    }
}

impl<'a> TensorMut<'a> {
    /// The first elements of a slice, row-major. Only the CPU takes it; a GPU context refuses it.
    pub fn from_slice<T: Element>(data: &'a mut [T], shape: &[usize]) -> Result<TensorMut<'a>> {
        let bytes = size_of_val(data);
        let view = View::compact(data.as_mut_ptr().cast(), bytes, CPU, T::DTYPE, shape)?;
        Ok(TensorMut(view, PhantomData))
    }

    /// # Safety
    /// `data` holds `bytes` initialised bytes on `device`, which nothing frees or (unordered) uses during `'a`.
    pub(crate) unsafe fn of_memory(
        data: *mut c_void,
        bytes: usize,
        device: sys::hipinfer_device,
        dtype: DType,
        shape: &[usize],
    ) -> Result<TensorMut<'a>> {
        Ok(TensorMut(View::compact(data, bytes, device, dtype, shape)?, PhantomData))
    }

    /// # Safety
    /// As [`of_memory`](TensorMut::of_memory).
    pub(crate) unsafe fn of_memory_strided(
        data: *mut c_void,
        bytes: usize,
        device: sys::hipinfer_device,
        dtype: DType,
        offset: usize,
        shape: &[usize],
        strides: &[usize],
    ) -> Result<TensorMut<'a>> {
        let view = View::strided(data, bytes, device, dtype, offset, shape, strides)?;
        Ok(TensorMut(view.disjoint()?, PhantomData))
    }

    /// The same tensor for reading.
    pub fn as_ref(&self) -> TensorRef<'_> {
        TensorRef(self.0, PhantomData)
    }

    /// The same tensor for a shorter time.
    pub fn reborrow(&mut self) -> TensorMut<'_> {
        TensorMut(self.0, PhantomData)
    }

    /// Elements `start .. start + len` along an axis.
    pub fn narrow(self, axis: usize, start: usize, len: usize) -> Result<TensorMut<'a>> {
        Ok(TensorMut(self.0.narrow(axis, start, len)?, PhantomData))
    }

    /// Element `index` along an axis, which goes away.
    pub fn select(self, axis: usize, index: usize) -> Result<TensorMut<'a>> {
        Ok(TensorMut(self.0.select(axis, index)?, PhantomData))
    }

    /// An axis as two, the second of extent `inner`: the heads of a row, `[T, H * D]` to `[T, H, D]`.
    pub fn unflatten(self, axis: usize, inner: usize) -> Result<TensorMut<'a>> {
        Ok(TensorMut(self.0.unflatten(axis, inner)?, PhantomData))
    }

    /// The same elements in another shape; the tensor must be compact.
    pub fn reshape(self, shape: &[usize]) -> Result<TensorMut<'a>> {
        Ok(TensorMut(self.0.reshape(shape)?, PhantomData))
    }

    /// The parts before and from `index` along an axis, for use at the same time.
    ///
    /// ```
    /// # fn main() -> hipinfer::Result<()> {
    /// let mut qkv = [0.0f32; 2 * 6];
    /// let (q, kv) = hipinfer::TensorMut::from_slice(&mut qkv, &[2, 6])?.split_at(1, 4)?;
    /// assert_eq!((q.shape(), kv.shape()), (&[2, 4][..], &[2, 2][..]));
    /// assert_eq!(kv.strides(), [6, 1]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn split_at(self, axis: usize, index: usize) -> Result<(TensorMut<'a>, TensorMut<'a>)> {
        self.0.axis(axis, index)?;
        let rest = self.0.shape[axis] as usize - index;
        let (head, tail) = (self.0.narrow(axis, 0, index)?, self.0.narrow(axis, index, rest)?);
        Ok((TensorMut(head, PhantomData), TensorMut(tail, PhantomData)))
    }
}

/// Shape and type of a compact tensor without memory, for validate-only contexts. Other contexts refuse it.
#[derive(Debug, Clone)]
pub struct TensorSpec {
    dtype: DType,
    shape: Vec<usize>,
}

impl TensorSpec {
    /// Describes a tensor.
    pub fn new(dtype: DType, shape: &[usize]) -> Result<TensorSpec> {
        View::compact(null_mut(), usize::MAX, CPU, dtype, shape)?;
        Ok(TensorSpec { dtype, shape: shape.to_vec() })
    }

    fn view(&self) -> View {
        View::compact(null_mut(), usize::MAX, CPU, self.dtype, &self.shape).expect("new() has checked it")
    }

    /// As an operation's input.
    pub fn input(&self) -> TensorRef<'_> {
        TensorRef(self.view(), PhantomData)
    }

    /// As an operation's output.
    pub fn output(&mut self) -> TensorMut<'_> {
        TensorMut(self.view(), PhantomData)
    }
}

/// For an input that may be the same memory as an output: the operation works in place.
#[derive(Debug, Clone, Copy)]
pub struct InPlace;

/// An input that may be the same memory as an output.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Memory of its own.
    Tensor(TensorRef<'a>),
    /// The output's memory, and its shape.
    InPlace,
}

impl From<InPlace> for Source<'_> {
    fn from(_: InPlace) -> Self {
        Source::InPlace
    }
}

impl<'a> From<&TensorRef<'a>> for Source<'a> {
    fn from(tensor: &TensorRef<'a>) -> Self {
        Source::Tensor(*tensor)
    }
}
