// SPDX-License-Identifier: Apache-2.0
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::null_mut;

use crate::{Context, DType, Element, Error, Result, Status, TensorMut, TensorRef};

/// Device memory for elements of one type; initialised, owned, freed when dropped (after the work that uses it).
pub struct DeviceBuffer<T: Element> {
    context: Context,
    pointer: *mut c_void,
    len: usize,
    element: PhantomData<T>,
}

// SAFETY: the pointer is to memory that only the library touches, from any thread.
unsafe impl<T: Element> Send for DeviceBuffer<T> {}
// SAFETY: through `&self` the memory is only read.
unsafe impl<T: Element> Sync for DeviceBuffer<T> {}

impl<T: Element> DeviceBuffer<T> {
    /// Memory with nothing in it yet; both callers fill it before they hand it out.
    fn uninitialised(context: &Context, len: usize) -> Result<Self> {
        let Some(bytes) = len.checked_mul(size_of::<T>()).filter(|&b| b <= isize::MAX as usize) else {
            return Err(Error::new(
                Status::OVERFLOW,
                format!("alloc: {len} elements are past 64 bits of bytes"),
            ));
        };
        let mut pointer = null_mut();
        let inner = &context.0;
        // SAFETY: the handle is valid, the pointer is received.
        inner.check(unsafe { (inner.api.hipinfer_malloc)(inner.handle, bytes, &mut pointer) })?;
        Ok(DeviceBuffer { context: context.clone(), pointer, len, element: PhantomData })
    }

    pub(crate) fn zeroed(context: &Context, len: usize) -> Result<Self> {
        let buffer = Self::uninitialised(context, len)?;
        let inner = &context.0;
        if len > 0 {
            // SAFETY: the memory is `bytes()` long.
            inner.check(unsafe {
                (inner.api.hipinfer_memset_async)(inner.handle, buffer.pointer, 0, buffer.bytes(), null_mut())
            })?;
            context.default_stream().synchronize()?;
        }
        Ok(buffer)
    }

    pub(crate) fn from_parts(context: &Context, parts: &[&[T]]) -> Result<Self> {
        let buffer = Self::uninitialised(context, parts.iter().map(|p| p.len()).sum())?;
        let inner = &context.0;
        let mut at = buffer.pointer;
        for part in parts.iter().filter(|p| !p.is_empty()) {
            let bytes = size_of_val(*part);
            // SAFETY: the parts follow one another within the memory, and stay borrowed until the wait below.
            inner.check(unsafe {
                (inner.api.hipinfer_memcpy_async)(inner.handle, at, part.as_ptr().cast(), bytes, null_mut())
            })?;
            at = at.cast::<u8>().wrapping_add(bytes).cast();
        }
        context.default_stream().synchronize()?;
        Ok(buffer)
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.len * size_of::<T>()
    }

    /// The context that it was made in.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The address on the device, for other libraries. NULL when empty.
    pub fn as_ptr(&self) -> *mut c_void {
        self.pointer
    }

    /// The first elements as a row-major tensor.
    pub fn tensor(&self, shape: &[usize]) -> Result<TensorRef<'_>> {
        self.tensor_as(T::DTYPE, shape)
    }

    /// The first elements as a row-major tensor to write.
    pub fn tensor_mut(&mut self, shape: &[usize]) -> Result<TensorMut<'_>> {
        self.tensor_mut_as(T::DTYPE, shape)
    }

    /// The first bytes as a row-major tensor of another type: any bits are a value of any type.
    pub fn tensor_as(&self, dtype: DType, shape: &[usize]) -> Result<TensorRef<'_>> {
        // SAFETY: the buffer owns `bytes()` bytes and is borrowed as long as the tensor.
        unsafe { TensorRef::of_memory(self.pointer, self.bytes(), self.context.0.device, dtype, shape) }
    }

    /// The first bytes as a row-major tensor of another type, to write.
    pub fn tensor_mut_as(&mut self, dtype: DType, shape: &[usize]) -> Result<TensorMut<'_>> {
        // SAFETY: as above, and nothing else can borrow the buffer meanwhile.
        unsafe { TensorMut::of_memory(self.pointer, self.bytes(), self.context.0.device, dtype, shape) }
    }

    /// A tensor that begins at element `offset`, with strides in elements.
    pub fn tensor_strided(&self, offset: usize, shape: &[usize], strides: &[usize]) -> Result<TensorRef<'_>> {
        let device = self.context.0.device;
        // SAFETY: the buffer owns `bytes()` bytes and is borrowed as long as the tensor.
        unsafe {
            TensorRef::of_memory_strided(self.pointer, self.bytes(), device, T::DTYPE, offset, shape, strides)
        }
    }

    /// As [`tensor_strided`](DeviceBuffer::tensor_strided), to write; its elements may not overlap.
    pub fn tensor_strided_mut(
        &mut self,
        offset: usize,
        shape: &[usize],
        strides: &[usize],
    ) -> Result<TensorMut<'_>> {
        let device = self.context.0.device;
        // SAFETY: as above, and nothing else can borrow the buffer meanwhile.
        unsafe {
            TensorMut::of_memory_strided(self.pointer, self.bytes(), device, T::DTYPE, offset, shape, strides)
        }
    }
}

impl<T: Element> Drop for DeviceBuffer<T> {
    fn drop(&mut self) {
        // SAFETY: the memory came from this context and is not used again; the call waits for work that uses it.
        // A fault of that work has nobody left to be reported to here; the next call that waits reports it.
        let _ = unsafe { (self.context.0.api.hipinfer_free)(self.context.0.handle, self.pointer) };
    }
}

impl<T: Element> fmt::Debug for DeviceBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceBuffer<{}>({} on {:?})", T::DTYPE, self.len, self.context)
    }
}
