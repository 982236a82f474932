// SPDX-License-Identifier: Apache-2.0
use std::ffi::{CStr, CString, c_char};
use std::fmt;
use std::ptr::{null, null_mut};
use std::sync::Arc;

use crate::error::{api, check, text};
use crate::{DeviceBuffer, Element, Error, PinnedBuffer, Result, Status, Stream, sys};

/// Kinds of device. A plain number with names, so that a kind of a later library is still a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceKind(pub(crate) i32);

impl DeviceKind {
    /// The process's own memory and threads.
    pub const CPU: DeviceKind = DeviceKind(sys::HIPINFER_DEVICE_CPU as i32);
    /// An NVIDIA GPU.
    pub const CUDA: DeviceKind = DeviceKind(sys::HIPINFER_DEVICE_CUDA as i32);
    /// An AMD GPU.
    pub const HIP: DeviceKind = DeviceKind(sys::HIPINFER_DEVICE_HIP as i32);
}

impl fmt::Debug for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            DeviceKind::CPU => f.write_str("cpu"),
            DeviceKind::CUDA => f.write_str("cuda"),
            DeviceKind::HIP => f.write_str("hip"),
            DeviceKind(other) => write!(f, "device type {other}"),
        }
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What is known of a context's device.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeviceInfo {
    /// Its kind.
    pub kind: DeviceKind,
    /// Its number among the devices of its kind.
    pub ordinal: i32,
    /// Marketing name.
    pub name: String,
    /// As the driver reports it: `gfx942:sramecc+:xnack-`, `sm_90`, `cpu`.
    pub target: String,
    /// The built-in target that serves it; empty on the CPU.
    pub code_target: String,
    /// Lanes in a wave.
    pub wave_size: i32,
    /// Compute units, multiprocessors or CPU threads.
    pub compute_units: i32,
    /// Largest LDS (shared memory) allocation of a workgroup.
    pub lds_bytes: i64,
    /// Device memory.
    pub memory_bytes: u64,
}

pub(crate) struct Inner {
    pub api: &'static sys::Api,
    pub handle: sys::hipinfer_context,
    pub device: sys::hipinfer_device,
    pub validate_only: bool,
}

// SAFETY: the library's contexts are thread-safe, and messages of failures are kept per thread.
unsafe impl Send for Inner {}
// SAFETY: as above.
unsafe impl Sync for Inner {}

impl Inner {
    pub fn check(&self, status: sys::hipinfer_status) -> Result<()> {
        check(self.api, status)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Streams hold the context, so that only the default stream can still be at work; a fault of that work has
        // nobody left to be reported to.
        // SAFETY: the handle is valid until the second call.
        unsafe {
            let _ = (self.api.hipinfer_stream_synchronize)(self.handle, null_mut());
            (self.api.hipinfer_context_destroy)(self.handle);
        }
    }
}

/// A device, its loaded kernels and its options. Clones are the same context.
///
/// ```
/// # fn main() -> hipinfer::Result<()> {
/// let context = hipinfer::Context::builder().device("cpu").build()?;
/// let info = context.device_info()?;
/// assert_eq!(info.kind, hipinfer::DeviceKind::CPU);
/// assert_eq!(info.target, "cpu");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Context(pub(crate) Arc<Inner>);

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({}:{})", DeviceKind(self.0.device.device_type), self.0.device.device_id)
    }
}

/// What [`Context::builder`] gives: set what differs from the defaults, then [`build`](ContextBuilder::build).
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ContextBuilder {
    device: Option<String>,
    target: Option<String>,
    disable: Option<String>,
    kernel_path: Option<String>,
    flags: u32,
}

impl ContextBuilder {
    /// `hip`, `cuda` or `cpu`, with `:ordinal` if wanted. Default: `HIPINFER_DEVICE`, else the first AMD GPU,
    /// NVIDIA GPU or CPU that is there.
    pub fn device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }

    /// No device: only answer for this target (`gfx942`, `sm_90`, `cpu`) whether calls would be accepted.
    pub fn validate_only(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self.flags |= sys::HIPINFER_CONTEXT_VALIDATE_ONLY;
        self
    }

    /// Kernels to leave out, `op,op/kernel`: the way to bisect a wrong result. Default: `HIPINFER_DISABLE`.
    pub fn disable(mut self, kernels: impl Into<String>) -> Self {
        self.disable = Some(kernels.into());
        self
    }

    /// Folder of code objects used in place of the built-in ones. Default: `HIPINFER_KERNEL_PATH`.
    pub fn kernel_path(mut self, folder: impl Into<String>) -> Self {
        self.kernel_path = Some(folder.into());
        self
    }

    /// A row's result never depends on what else is in the batch.
    pub fn batch_invariant(mut self, on: bool) -> Self {
        self.flags &= !sys::HIPINFER_CONTEXT_BATCH_INVARIANT;
        self.flags |= if on { sys::HIPINFER_CONTEXT_BATCH_INVARIANT } else { 0 };
        self
    }

    /// Looks at page numbers, lengths and offsets before each call, which then synchronises its stream.
    pub fn check_contents(mut self, on: bool) -> Self {
        self.flags &= !sys::HIPINFER_CONTEXT_CHECK_CONTENTS;
        self.flags |= if on { sys::HIPINFER_CONTEXT_CHECK_CONTENTS } else { 0 };
        self
    }

    /// Makes the context.
    pub fn build(self) -> Result<Context> {
        let api = api()?;
        let [device, target, disable, kernel_path] =
            [&self.device, &self.target, &self.disable, &self.kernel_path].map(|option| {
                option
                    .as_ref()
                    .map(|t| {
                        CString::new(t.as_str()).map_err(|_| {
                            Error::new(
                                Status::INVALID_ARGUMENT,
                                format!("context options: {t:?} holds a NUL"),
                            )
                        })
                    })
                    .transpose()
            });
        let (device, target, disable, kernel_path) = (device?, target?, disable?, kernel_path?);
        let pointer = |t: &Option<CString>| t.as_ref().map_or(null(), |t| t.as_ptr());
        let options = sys::hipinfer_context_options {
            struct_size: size_of::<sys::hipinfer_context_options>(),
            device: pointer(&device),
            target: pointer(&target),
            disable: pointer(&disable),
            kernel_path: pointer(&kernel_path),
            flags: self.flags,
        };
        let mut handle = null_mut();
        // SAFETY: the options and the texts they point to live across the call.
        check(api, unsafe { (api.hipinfer_context_create)(&options, &mut handle) })?;
        let mut inner = Inner {
            api,
            handle,
            device: Default::default(),
            validate_only: self.flags & sys::HIPINFER_CONTEXT_VALIDATE_ONLY != 0,
        };
        inner.device = raw_info(&inner)?.device;
        Ok(Context(Arc::new(inner)))
    }
}

fn raw_info(inner: &Inner) -> Result<sys::hipinfer_device_info> {
    let mut info = sys::hipinfer_device_info {
        struct_size: size_of::<sys::hipinfer_device_info>(),
        ..Default::default()
    };
    // SAFETY: struct_size says how much may be written.
    inner.check(unsafe { (inner.api.hipinfer_context_device_info)(inner.handle, &mut info) })?;
    Ok(info)
}

impl Context {
    /// The context of the best device, with all defaults.
    pub fn new() -> Result<Context> {
        Context::builder().build()
    }

    /// For a context with options.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// Describes the device.
    pub fn device_info(&self) -> Result<DeviceInfo> {
        let info = raw_info(&self.0)?;
        // SAFETY: the library ends these texts with a NUL.
        let own = |t: &[c_char]| unsafe { text(t.as_ptr()) };
        Ok(DeviceInfo {
            kind: DeviceKind(info.device.device_type),
            ordinal: info.device.device_id,
            name: own(&info.name),
            target: own(&info.target),
            code_target: own(&info.code_target),
            wave_size: info.wave_size,
            compute_units: info.compute_units,
            lds_bytes: info.lds_bytes,
            memory_bytes: info.memory_bytes,
        })
    }

    /// The kind of device, without a call.
    pub fn kind(&self) -> DeviceKind {
        DeviceKind(self.0.device.device_type)
    }

    /// Loads the kernels of one operation (`None`: all of them) now, not at first use.
    pub fn preload(&self, op: Option<&str>) -> Result<()> {
        let op = op.map(CString::new).transpose();
        let op = op.map_err(|_| Error::new(Status::INVALID_ARGUMENT, "preload: op holds a NUL"))?;
        let pointer = op.as_ref().map_or(null(), |t| t.as_ptr());
        // SAFETY: the text lives across the call.
        self.0.check(unsafe { (self.0.api.hipinfer_context_preload)(self.0.handle, pointer) })
    }

    /// The default stream. It is there always, also in a validate-only context.
    pub fn default_stream(&self) -> Stream {
        Stream::default_of(self)
    }

    /// A stream of its own: what is enqueued on two of them may run at the same time.
    pub fn stream(&self) -> Result<Stream> {
        Stream::create(self)
    }

    /// Memory for `len` elements, all bits zero. Waits for the device; allocate outside of loops.
    pub fn alloc<T: Element>(&self, len: usize) -> Result<DeviceBuffer<T>> {
        DeviceBuffer::zeroed(self, len)
    }

    /// Pinned host memory for `len` elements, all bits zero.
    pub fn pinned<T: Element>(&self, len: usize) -> Result<PinnedBuffer<T>> {
        PinnedBuffer::zeroed(self, len)
    }

    /// Memory that holds a copy of a slice. Returns after the copy has happened.
    pub fn upload<T: Element>(&self, data: &[T]) -> Result<DeviceBuffer<T>> {
        self.upload_parts(&[data])
    }

    /// As [`upload`](Context::upload), of several slices one behind the other.
    pub fn upload_parts<T: Element>(&self, parts: &[&[T]]) -> Result<DeviceBuffer<T>> {
        DeviceBuffer::from_parts(self, parts)
    }
}

/// The loaded library's version, `0.1.0`.
pub fn version() -> Result<String> {
    let api = api()?;
    // SAFETY: a constant text.
    Ok(unsafe { text((api.hipinfer_version_string)()) })
}

/// `op/kernel` that served this thread's last successful operation; empty if it had nothing to do.
pub fn last_kernel() -> Result<String> {
    let api = api()?;
    // SAFETY: the text is valid until this thread's next call, and is copied here.
    Ok(unsafe { text((api.hipinfer_last_kernel)()) })
}

/// Number of devices of a kind; 0 when there is no driver.
pub fn device_count(kind: DeviceKind) -> Result<i32> {
    let api = api()?;
    // SAFETY: takes any number.
    Ok(unsafe { (api.hipinfer_device_count)(kind.0) })
}

fn names(count: i32, name: impl Fn(i32) -> *const c_char) -> Vec<String> {
    // SAFETY: names are constants of the library.
    (0..count).map(|i| unsafe { text(name(i)) }).collect()
}

/// The operations of the loaded library.
///
/// ```
/// assert!(hipinfer::op_names()?.iter().any(|name| name == "rmsnorm"));
/// # Ok::<(), hipinfer::Error>(())
/// ```
pub fn op_names() -> Result<Vec<String>> {
    let api = api()?;
    // SAFETY: takes any number.
    Ok(unsafe { names((api.hipinfer_op_count)(), |i| (api.hipinfer_op_name)(i)) })
}

/// The GPU targets with built-in code objects.
pub fn targets() -> Result<Vec<String>> {
    let api = api()?;
    // SAFETY: takes any number.
    Ok(unsafe { names((api.hipinfer_target_count)(), |i| (api.hipinfer_target_name)(i)) })
}

/// A kernel: one row of the dispatch table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KernelInfo {
    /// The operation it serves.
    pub op: String,
    /// Its name among the operation's kernels.
    pub kernel: String,
    /// The code object that holds it; empty for the CPU.
    pub module: String,
    /// `*`, or target prefixes separated by spaces.
    pub targets: String,
    /// When it is eligible, over the kernel's parameters; empty is always.
    pub condition: String,
    /// `main`, or the name of a later launch of the same operation.
    pub stage: String,
}

/// All kernels of the library, in the order in which dispatch tries them.
pub fn kernels() -> Result<Vec<KernelInfo>> {
    let api = api()?;
    // SAFETY: takes no argument.
    let count = unsafe { (api.hipinfer_kernel_count)() };
    let mut all = Vec::new();
    for index in 0..count {
        let mut info = sys::hipinfer_kernel_info {
            struct_size: size_of::<sys::hipinfer_kernel_info>(),
            ..Default::default()
        };
        // SAFETY: struct_size says how much may be written.
        check(api, unsafe { (api.hipinfer_kernel_get)(index, &mut info) })?;
        // SAFETY: the texts are constants of the library.
        let own = |t: *const c_char| unsafe { CStr::from_ptr(t) }.to_string_lossy().into_owned();
        all.push(KernelInfo {
            op: own(info.op),
            kernel: own(info.kernel),
            module: own(info.module),
            targets: own(info.targets),
            condition: own(info.condition),
            stage: own(info.stage),
        });
    }
    Ok(all)
}
