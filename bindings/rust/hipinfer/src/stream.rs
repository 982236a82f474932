// SPDX-License-Identifier: Apache-2.0
use std::ffi::c_void;
use std::fmt;
use std::ops::Range;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

use crate::context::Inner;
use crate::{Context, DeviceBuffer, DeviceKind, Element, Error, PinnedBuffer, Result, Status};

/// An order in which work runs: what is enqueued on a stream runs one after the other.
///
/// Dropping a stream waits for its work.
pub struct Stream {
    context: Context,
    handle: *mut c_void,
    owned: bool,
    // Scratch memory of operations. One a stream, because work of one stream never overlaps.
    workspace: Mutex<Option<DeviceBuffer<u8>>>,
}

// SAFETY: a driver's stream takes work from any thread.
unsafe impl Send for Stream {}
// SAFETY: as above.
unsafe impl Sync for Stream {}

impl Stream {
    pub(crate) fn default_of(context: &Context) -> Stream {
        Stream { context: context.clone(), handle: null_mut(), owned: false, workspace: Mutex::new(None) }
    }

    pub(crate) fn create(context: &Context) -> Result<Stream> {
        let mut stream = Stream::default_of(context);
        let inner = &context.0;
        // SAFETY: the handle is valid, the stream is received.
        inner.check(unsafe { (inner.api.hipinfer_stream_create)(inner.handle, &mut stream.handle) })?;
        stream.owned = true;
        Ok(stream)
    }

    /// A stream of another library: a `hipStream_t` or a `CUstream`.
    ///
    /// # Safety
    /// It is a stream of the context's device and outlives the value; and before the context is dropped, the work
    /// on it has been waited for.
    pub unsafe fn from_raw(context: &Context, stream: *mut c_void) -> Stream {
        let mut value = Stream::default_of(context);
        value.handle = stream;
        value
    }

    /// The driver's handle; NULL is the default stream.
    pub fn as_raw(&self) -> *mut c_void {
        self.handle
    }

    /// The context that the stream belongs to.
    pub fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.context.0
    }

    /// Waits until everything enqueued has run, and reports a fault of any of it.
    pub fn synchronize(&self) -> Result<()> {
        let inner = &self.context.0;
        // SAFETY: both handles are valid.
        inner.check(unsafe { (inner.api.hipinfer_stream_synchronize)(inner.handle, self.handle) })
    }

    /// Copies a slice to the first elements of a buffer. Returns after the copy has happened.
    pub fn upload<T: Element>(&self, buffer: &mut DeviceBuffer<T>, data: &[T]) -> Result<()> {
        if data.len() > buffer.len() {
            return Err(self.refuse("upload", data.len(), buffer.len()));
        }
        self.copy_bytes(buffer.context(), buffer.as_ptr(), data.as_ptr().cast(), size_of_val(data))?;
        self.synchronize()
    }

    /// The elements of a buffer. Waits for the work that was enqueued before.
    pub fn download<T: Element>(&self, buffer: &DeviceBuffer<T>) -> Result<Vec<T>> {
        let mut data: Vec<T> = Vec::with_capacity(buffer.len());
        self.copy_bytes(buffer.context(), data.as_mut_ptr().cast(), buffer.as_ptr(), buffer.bytes())?;
        self.synchronize()?;
        // SAFETY: all elements have been written, and every bit pattern is a value.
        unsafe { data.set_len(buffer.len()) };
        Ok(data)
    }

    /// Copies the first elements of a buffer to a slice. Waits for the work that was enqueued before.
    pub fn download_into<T: Element>(&self, buffer: &DeviceBuffer<T>, data: &mut [T]) -> Result<()> {
        if data.len() > buffer.len() {
            return Err(self.refuse("download", data.len(), buffer.len()));
        }
        self.copy_bytes(buffer.context(), data.as_mut_ptr().cast(), buffer.as_ptr(), size_of_val(data))?;
        self.synchronize()
    }

    /// Enqueues a copy of a whole buffer to the first elements of another on the same device.
    pub fn copy<T: Element>(&self, to: &mut DeviceBuffer<T>, from: &DeviceBuffer<T>) -> Result<()> {
        if from.len() > to.len() {
            return Err(self.refuse("copy", from.len(), to.len()));
        }
        self.same_device(to.context())?;
        self.copy_bytes(from.context(), to.as_ptr(), from.as_ptr(), from.bytes())
    }

    /// Enqueues a copy of a buffer's elements to another place in it, which they do not reach into.
    pub fn copy_within<T: Element>(
        &self,
        buffer: &mut DeviceBuffer<T>,
        from: Range<usize>,
        to: usize,
    ) -> Result<()> {
        let count = from.len();
        let end = to.checked_add(count).filter(|&end| from.end.max(end) <= buffer.len());
        if end.is_none_or(|end| count > 0 && from.start < end && to < from.end) {
            return Err(Error::new(
                Status::INVALID_SHAPE,
                format!("copy_within: elements {from:?} to {to} on, of {}", buffer.len()),
            ));
        }
        let at = |element: usize| buffer.as_ptr().wrapping_byte_add(element * size_of::<T>());
        self.copy_bytes(buffer.context(), at(to), at(from.start), count * size_of::<T>())
    }

    /// Enqueues a copy of the first `count` elements of pinned memory to a buffer, from its element `to` on.
    ///
    /// # Safety
    /// Until the copy has happened, the pinned memory is neither written nor dropped. It has happened once a wait for
    /// this stream, or for an event recorded after the call, has returned.
    pub unsafe fn upload_async<T: Element>(
        &self,
        buffer: &mut DeviceBuffer<T>,
        to: usize,
        data: &PinnedBuffer<T>,
        count: usize,
    ) -> Result<()> {
        if count > data.len() || to.checked_add(count).is_none_or(|end| end > buffer.len()) {
            return Err(self.refuse("upload_async", count, data.len().min(buffer.len().saturating_sub(to))));
        }
        let place = buffer.as_ptr().wrapping_byte_add(to * size_of::<T>());
        self.copy_bytes(buffer.context(), place, data.as_ptr().cast(), count * size_of::<T>())
    }

    /// Enqueues a copy of the first `count` elements of a buffer to pinned memory.
    ///
    /// # Safety
    /// As of [`upload_async`](Stream::upload_async); nor is the pinned memory read before the copy has happened.
    pub unsafe fn download_async<T: Element>(
        &self,
        buffer: &DeviceBuffer<T>,
        data: &mut PinnedBuffer<T>,
        count: usize,
    ) -> Result<()> {
        if count > data.len() || count > buffer.len() {
            return Err(self.refuse("download_async", count, data.len().min(buffer.len())));
        }
        let bytes = count * size_of::<T>();
        self.copy_bytes(buffer.context(), data.as_mut_ptr().cast(), buffer.as_ptr(), bytes)
    }

    /// What is enqueued from here on runs after the event, as it was last recorded on any stream.
    pub fn wait(&self, event: &Event) -> Result<()> {
        self.same_device(&event.context)?;
        let inner = &self.context.0;
        // SAFETY: all handles are valid and of one device.
        inner
            .check(unsafe { (inner.api.hipinfer_stream_wait_event)(inner.handle, self.handle, event.handle) })
    }

    /// Records what `enqueue` gives to this stream, which does not run, as a graph to be launched any number of times.
    /// Tensors are read at each launch as they are then. Run `enqueue` once before: what it allocates at first use, a
    /// capture forbids. The CPU has no graphs ([`Status::UNSUPPORTED`]).
    ///
    /// ```no_run
    /// # fn main() -> hipinfer::Result<()> {
    /// # use hipinfer::ops;
    /// let context = hipinfer::Context::new()?;
    /// let stream = context.stream()?;
    /// let mut x = context.upload(&[1.0f32; 8])?;
    /// let graph = stream.capture(|| {
    ///     ops::scale(&stream, &mut x.tensor_mut(&[8])?, hipinfer::InPlace, 2.0)
    /// })?;
    /// // SAFETY: x is still there.
    /// unsafe { graph.launch(&stream)? };
    /// # Ok(())
    /// # }
    /// ```
    pub fn capture(&self, enqueue: impl FnOnce() -> Result<()>) -> Result<Graph> {
        let inner = &self.context.0;
        // SAFETY: both handles are valid.
        inner.check(unsafe { (inner.api.hipinfer_stream_begin_capture)(inner.handle, self.handle) })?;
        // Ended also by an error or a panic in the middle.
        let mut capture = Capture { stream: self, ended: false };
        enqueue()?;
        capture.end()
    }

    /// Makes room for the scratch memory of operations, so that none of them has to: call it with the largest
    /// `ops::*_workspace_bytes` before a graph capture.
    pub fn reserve_workspace(&self, bytes: usize) -> Result<()> {
        self.with_workspace(bytes, |_, _| Ok(()))
    }

    /// Runs `enqueue` with scratch memory of at least `bytes` bytes, which no other thread can replace meanwhile.
    pub(crate) fn with_workspace(
        &self,
        bytes: usize,
        enqueue: impl FnOnce(*mut c_void, usize) -> Result<()>,
    ) -> Result<()> {
        if self.context.0.validate_only {
            // Nothing runs, so that any place that is large and aligned will do.
            return enqueue(std::ptr::without_provenance_mut(256), usize::MAX);
        }
        let mut workspace = self.workspace.lock().unwrap_or_else(PoisonError::into_inner);
        if workspace.as_ref().is_none_or(|w| w.len() < bytes) && bytes > 0 {
            // The old one is freed first, which waits for the work that uses it.
            *workspace = None;
            *workspace = Some(self.context.alloc::<u8>(bytes)?);
        }
        match workspace.as_ref() {
            Some(memory) => enqueue(memory.as_ptr(), memory.len()),
            None => enqueue(null_mut(), 0),
        }
    }

    /// Whether operations run here at all, and on a GPU, so that they need scratch memory.
    pub(crate) fn needs_workspace(&self) -> bool {
        self.context.kind() != DeviceKind::CPU && !self.context.0.validate_only
    }

    fn refuse(&self, what: &str, need: usize, have: usize) -> Error {
        Error::new(
            Status::INVALID_SHAPE,
            format!("{what}: {need} elements, the destination or source has {have}"),
        )
    }

    fn same_device(&self, other: &Context) -> Result<()> {
        let (a, b) = (self.context.0.device, other.0.device);
        if (a.device_type, a.device_id) == (b.device_type, b.device_id) {
            return Ok(());
        }
        Err(Error::new(
            Status::INVALID_DEVICE,
            format!("memory or event of {other:?} on a stream of {:?}", self.context),
        ))
    }

    fn copy_bytes(&self, owner: &Context, to: *mut c_void, from: *const c_void, bytes: usize) -> Result<()> {
        self.same_device(owner)?;
        if bytes == 0 {
            return Ok(());
        }
        let inner = &self.context.0;
        // SAFETY: callers have compared the lengths, and wait where one side is the host's.
        inner.check(unsafe { (inner.api.hipinfer_memcpy_async)(inner.handle, to, from, bytes, self.handle) })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.owned {
            let inner = &self.context.0;
            // SAFETY: the stream is not used again. A fault has nobody left to be reported to here.
            unsafe {
                let _ = (inner.api.hipinfer_stream_synchronize)(inner.handle, self.handle);
                let _ = (inner.api.hipinfer_stream_destroy)(inner.handle, self.handle);
            }
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream({:?} of {:?})", self.handle, self.context)
    }
}

struct Capture<'a> {
    stream: &'a Stream,
    ended: bool,
}

impl Capture<'_> {
    fn end(&mut self) -> Result<Graph> {
        self.ended = true;
        let mut graph = Graph { context: self.stream.context.clone(), handle: null_mut() };
        let inner = &self.stream.context.0;
        // SAFETY: both handles are valid, the graph is received.
        inner.check(unsafe {
            (inner.api.hipinfer_stream_end_capture)(inner.handle, self.stream.handle, &mut graph.handle)
        })?;
        Ok(graph)
    }
}

impl Drop for Capture<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.end();
        }
    }
}

/// Work that [`Stream::capture`] has recorded.
pub struct Graph {
    context: Context,
    handle: *mut c_void,
}

// SAFETY: a driver's graph may be launched from any thread; launches of one on several streams run one after the other.
unsafe impl Send for Graph {}
// SAFETY: as above.
unsafe impl Sync for Graph {}

impl Graph {
    /// Enqueues all that was recorded.
    ///
    /// # Safety
    /// The buffers and the stream, whose scratch memory it uses, that were named while it was captured are still there;
    /// what the *Safety* section of a captured operation demands holds when this launch runs; no call on that stream has
    /// needed more scratch memory since; and until it has run, the graph is not dropped.
    pub unsafe fn launch(&self, stream: &Stream) -> Result<()> {
        stream.same_device(&self.context)?;
        let inner = &self.context.0;
        // SAFETY: the handles are valid and of one device; for the rest the caller has vouched.
        inner.check(unsafe { (inner.api.hipinfer_graph_launch)(inner.handle, self.handle, stream.handle) })
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // SAFETY: the graph is not used again.
        let _ = unsafe { (self.context.0.api.hipinfer_graph_destroy)(self.context.0.handle, self.handle) };
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Graph({:?} of {:?})", self.handle, self.context)
    }
}

/// A moment in a stream's order, for timing and waiting.
///
/// ```
/// # fn main() -> hipinfer::Result<()> {
/// let context = hipinfer::Context::builder().device("cpu").build()?;
/// let stream = context.stream()?;
/// let (mut start, mut end) = (hipinfer::Event::new(&context)?, hipinfer::Event::new(&context)?);
/// start.record(&stream)?;
/// end.record(&stream)?;
/// end.synchronize()?;
/// assert!(end.elapsed_ms_since(&start)? >= 0.0);
/// # Ok(())
/// # }
/// ```
pub struct Event {
    context: Context,
    handle: *mut c_void,
}

// SAFETY: a driver's event may be used from any thread; recording, which changes it, takes `&mut self`.
unsafe impl Send for Event {}
// SAFETY: as above.
unsafe impl Sync for Event {}

impl Event {
    /// An event that is not recorded yet.
    pub fn new(context: &Context) -> Result<Event> {
        let mut handle = null_mut();
        let inner = &context.0;
        // SAFETY: the handle is valid, the event is received.
        inner.check(unsafe { (inner.api.hipinfer_event_create)(inner.handle, &mut handle) })?;
        Ok(Event { context: context.clone(), handle })
    }

    /// Enqueues the moment on a stream of the same device.
    pub fn record(&mut self, stream: &Stream) -> Result<()> {
        stream.same_device(&self.context)?;
        let inner = &self.context.0;
        // SAFETY: all handles are valid and of one device.
        inner.check(unsafe { (inner.api.hipinfer_event_record)(inner.handle, self.handle, stream.handle) })
    }

    /// Waits until the moment has come.
    pub fn synchronize(&self) -> Result<()> {
        let inner = &self.context.0;
        // SAFETY: both handles are valid.
        inner.check(unsafe { (inner.api.hipinfer_event_synchronize)(inner.handle, self.handle) })
    }

    /// Milliseconds from `start` to this event; both have been recorded and have come.
    pub fn elapsed_ms_since(&self, start: &Event) -> Result<f32> {
        let (a, b) = (self.context.0.device, start.context.0.device);
        if (a.device_type, a.device_id) != (b.device_type, b.device_id) {
            return Err(Error::new(Status::INVALID_DEVICE, "elapsed_ms_since: events of two devices"));
        }
        let mut milliseconds = 0.0;
        let inner = &self.context.0;
        // SAFETY: all handles are valid and of one device.
        inner.check(unsafe {
            (inner.api.hipinfer_event_elapsed_ms)(inner.handle, start.handle, self.handle, &mut milliseconds)
        })?;
        Ok(milliseconds)
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the event is not used again.
        let _ = unsafe { (self.context.0.api.hipinfer_event_destroy)(self.context.0.handle, self.handle) };
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({:?} of {:?})", self.handle, self.context)
    }
}
