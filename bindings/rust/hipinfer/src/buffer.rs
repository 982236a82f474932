// SPDX-License-Identifier: Apache-2.0
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::{NonNull, null_mut};

use crate::{Context, DType, Element, Error, Result, Status, TensorMut, TensorRef};

fn bytes_of<T>(len: usize) -> Result<usize> {
    len.checked_mul(size_of::<T>()).filter(|&b| b <= isize::MAX as usize).ok_or_else(|| {
        Error::new(Status::OVERFLOW, format!("alloc: {len} elements are past 64 bits of bytes"))
    })
}

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
        let bytes = bytes_of::<T>(len)?;
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

/// Pinned host memory, a slice of elements of one type: copies between it and the device only enqueue
/// ([`Stream::upload_async`](crate::Stream::upload_async)). On the CPU it is memory like any other.
pub struct PinnedBuffer<T: Element> {
    context: Context,
    pointer: NonNull<T>,
    len: usize,
}

// SAFETY: it owns its memory, as a Vec does.
unsafe impl<T: Element> Send for PinnedBuffer<T> {}
// SAFETY: as above.
unsafe impl<T: Element> Sync for PinnedBuffer<T> {}

impl<T: Element> PinnedBuffer<T> {
    pub(crate) fn zeroed(context: &Context, len: usize) -> Result<Self> {
        let bytes = bytes_of::<T>(len)?;
        let mut memory = null_mut();
        let inner = &context.0;
        // SAFETY: the handle is valid, the pointer is received.
        inner.check(unsafe { (inner.api.hipinfer_malloc_host)(inner.handle, bytes, &mut memory) })?;
        let pointer = NonNull::new(memory.cast::<T>()).unwrap_or(NonNull::dangling());
        // SAFETY: the memory is `bytes` long; of an empty one nothing is written.
        unsafe { pointer.as_ptr().cast::<u8>().write_bytes(0, bytes) };
        Ok(PinnedBuffer { context: context.clone(), pointer, len })
    }
}

impl<T: Element> Deref for PinnedBuffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `len` elements, which were initialised and of which any bits are a value.
        unsafe { std::slice::from_raw_parts(self.pointer.as_ptr(), self.len) }
    }
}

impl<T: Element> DerefMut for PinnedBuffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and nothing else can borrow it meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.as_ptr(), self.len) }
    }
}

impl<T: Element> Drop for PinnedBuffer<T> {
    fn drop(&mut self) {
        if self.len > 0 {
            let inner = &self.context.0;
            // SAFETY: the memory came from this context. Who enqueued a copy has promised that it is done.
            let _ = unsafe { (inner.api.hipinfer_free_host)(inner.handle, self.pointer.as_ptr().cast()) };
        }
    }
}

impl<T: Element> fmt::Debug for PinnedBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinnedBuffer<{}>({} for {:?})", T::DTYPE, self.len, self.context)
    }
}
