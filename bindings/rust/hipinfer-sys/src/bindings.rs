// SPDX-License-Identifier: Apache-2.0
// Written by bindgen from include/hipinfer/hipinfer.h; see README.md for the command.

pub const HIPINFER_VERSION_MAJOR: u32 = 0;
pub const HIPINFER_VERSION_MINOR: u32 = 1;
pub const HIPINFER_VERSION_PATCH: u32 = 0;
pub const HIPINFER_STATUS_OK: hipinfer_status_code = 0;
pub const HIPINFER_STATUS_INVALID_ARGUMENT: hipinfer_status_code = 1;
pub const HIPINFER_STATUS_NULL_POINTER: hipinfer_status_code = 2;
pub const HIPINFER_STATUS_INVALID_HANDLE: hipinfer_status_code = 3;
pub const HIPINFER_STATUS_INVALID_RANK: hipinfer_status_code = 10;
pub const HIPINFER_STATUS_INVALID_DTYPE: hipinfer_status_code = 11;
pub const HIPINFER_STATUS_INVALID_SHAPE: hipinfer_status_code = 12;
pub const HIPINFER_STATUS_INVALID_STRIDE: hipinfer_status_code = 13;
pub const HIPINFER_STATUS_INVALID_DEVICE: hipinfer_status_code = 14;
pub const HIPINFER_STATUS_MISALIGNED: hipinfer_status_code = 15;
pub const HIPINFER_STATUS_OVERFLOW: hipinfer_status_code = 16;
pub const HIPINFER_STATUS_ALIASING: hipinfer_status_code = 17;
pub const HIPINFER_STATUS_WORKSPACE_TOO_SMALL: hipinfer_status_code = 20;
pub const HIPINFER_STATUS_UNSUPPORTED: hipinfer_status_code = 30;
pub const HIPINFER_STATUS_NO_CODE_OBJECT: hipinfer_status_code = 31;
pub const HIPINFER_STATUS_NO_DEVICE: hipinfer_status_code = 32;
pub const HIPINFER_STATUS_DRIVER_ERROR: hipinfer_status_code = 40;
pub const HIPINFER_STATUS_OUT_OF_MEMORY: hipinfer_status_code = 41;
pub const HIPINFER_STATUS_MODULE_LOAD: hipinfer_status_code = 42;
pub const HIPINFER_STATUS_INTERNAL: hipinfer_status_code = 90;
pub type hipinfer_status_code = ::std::os::raw::c_uint;
/// Result of a call: one of HIPINFER_STATUS_*. A later version may return numbers unknown to this header.
pub type hipinfer_status = i32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct hipinfer_context_s {
    _unused: [u8; 0],
}
/// A device, its loaded kernels and its options. Thread-safe.
pub type hipinfer_context = *mut hipinfer_context_s;
/// A hipStream_t, a CUstream, or NULL for the default stream; always NULL on the CPU. The caller owns it.
pub type hipinfer_stream = *mut ::std::os::raw::c_void;
/// A hipEvent_t, a CUevent, or a time stamp on the CPU.
pub type hipinfer_event = *mut ::std::os::raw::c_void;
pub const HIPINFER_DEVICE_CPU: hipinfer_device_type_code = 1;
pub const HIPINFER_DEVICE_CUDA: hipinfer_device_type_code = 2;
pub const HIPINFER_DEVICE_CUDA_HOST: hipinfer_device_type_code = 3;
///< kDLROCM
pub const HIPINFER_DEVICE_HIP: hipinfer_device_type_code = 10;
pub const HIPINFER_DEVICE_HIP_HOST: hipinfer_device_type_code = 11;
pub const HIPINFER_DEVICE_CUDA_MANAGED: hipinfer_device_type_code = 13;
/// Kinds of device, numbered as DLPack's DLDeviceType.
pub type hipinfer_device_type_code = ::std::os::raw::c_uint;
/// Layout of DLPack's DLDevice.
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct hipinfer_device {
    ///< HIPINFER_DEVICE_*
    pub device_type: i32,
    ///< ordinal among the devices of this type
    pub device_id: i32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of hipinfer_device"][::std::mem::size_of::<hipinfer_device>() - 8usize];
    ["Alignment of hipinfer_device"][::std::mem::align_of::<hipinfer_device>() - 4usize];
    [
        "Offset of field: hipinfer_device::device_type",
    ][::std::mem::offset_of!(hipinfer_device, device_type) - 0usize];
    [
        "Offset of field: hipinfer_device::device_id",
    ][::std::mem::offset_of!(hipinfer_device, device_id) - 4usize];
};
pub const HIPINFER_DTYPE_INT: hipinfer_dtype_code = 0;
pub const HIPINFER_DTYPE_UINT: hipinfer_dtype_code = 1;
pub const HIPINFER_DTYPE_FLOAT: hipinfer_dtype_code = 2;
pub const HIPINFER_DTYPE_BFLOAT: hipinfer_dtype_code = 4;
pub const HIPINFER_DTYPE_BOOL: hipinfer_dtype_code = 6;
pub const HIPINFER_DTYPE_E4M3FN: hipinfer_dtype_code = 10;
pub const HIPINFER_DTYPE_E4M3FNUZ: hipinfer_dtype_code = 11;
pub const HIPINFER_DTYPE_E5M2: hipinfer_dtype_code = 12;
pub const HIPINFER_DTYPE_E5M2FNUZ: hipinfer_dtype_code = 13;
/** Type codes, numbered as DLPack's DLDataTypeCode. The fp8 encodings are distinct: e4m3fn (OCP) and e4m3fnuz
 give the same bits values that differ by a factor of two.*/
pub type hipinfer_dtype_code = ::std::os::raw::c_uint;
/// Layout of DLPack's DLDataType. float16 is {FLOAT, 16, 1}, bfloat16 is {BFLOAT, 16, 1}. lanes is always 1.
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct hipinfer_dtype {
    pub code: u8,
    pub bits: u8,
    pub lanes: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of hipinfer_dtype"][::std::mem::size_of::<hipinfer_dtype>() - 4usize];
    ["Alignment of hipinfer_dtype"][::std::mem::align_of::<hipinfer_dtype>() - 2usize];
    [
        "Offset of field: hipinfer_dtype::code",
    ][::std::mem::offset_of!(hipinfer_dtype, code) - 0usize];
    [
        "Offset of field: hipinfer_dtype::bits",
    ][::std::mem::offset_of!(hipinfer_dtype, bits) - 1usize];
    [
        "Offset of field: hipinfer_dtype::lanes",
    ][::std::mem::offset_of!(hipinfer_dtype, lanes) - 2usize];
};
/// Layout of DLPack's DLTensor, so that any framework's tensor is handed over without a copy.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct hipinfer_tensor {
    ///< start of the allocation on `device`; may be NULL when an extent is 0
    pub data: *mut ::std::os::raw::c_void,
    ///< where data lives
    pub device: hipinfer_device,
    ///< number of dimensions
    pub ndim: i32,
    ///< element type
    pub dtype: hipinfer_dtype,
    ///< ndim extents, in elements
    pub shape: *const i64,
    ///< ndim strides, in elements; NULL means compact and row-major
    pub strides: *const i64,
    ///< bytes from data to the first element
    pub byte_offset: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of hipinfer_tensor"][::std::mem::size_of::<hipinfer_tensor>() - 48usize];
    ["Alignment of hipinfer_tensor"][::std::mem::align_of::<hipinfer_tensor>() - 8usize];
    [
        "Offset of field: hipinfer_tensor::data",
    ][::std::mem::offset_of!(hipinfer_tensor, data) - 0usize];
    [
        "Offset of field: hipinfer_tensor::device",
    ][::std::mem::offset_of!(hipinfer_tensor, device) - 8usize];
    [
        "Offset of field: hipinfer_tensor::ndim",
    ][::std::mem::offset_of!(hipinfer_tensor, ndim) - 16usize];
    [
        "Offset of field: hipinfer_tensor::dtype",
    ][::std::mem::offset_of!(hipinfer_tensor, dtype) - 20usize];
    [
        "Offset of field: hipinfer_tensor::shape",
    ][::std::mem::offset_of!(hipinfer_tensor, shape) - 24usize];
    [
        "Offset of field: hipinfer_tensor::strides",
    ][::std::mem::offset_of!(hipinfer_tensor, strides) - 32usize];
    [
        "Offset of field: hipinfer_tensor::byte_offset",
    ][::std::mem::offset_of!(hipinfer_tensor, byte_offset) - 40usize];
};
impl Default for hipinfer_tensor {
    fn default() -> Self {
        let mut s = ::std::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::std::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// Answer whether calls would be accepted and by which kernel, for `target`, without a device: nothing runs.
pub const HIPINFER_CONTEXT_VALIDATE_ONLY: hipinfer_context_flag = 1;
/// A row's result never depends on what else is in the batch.
pub const HIPINFER_CONTEXT_BATCH_INVARIANT: hipinfer_context_flag = 2;
/// Flags of hipinfer_context_options.
pub type hipinfer_context_flag = ::std::os::raw::c_uint;
/// Options of hipinfer_context_create. Zero the struct, set struct_size, then the fields you need.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct hipinfer_context_options {
    ///< sizeof(hipinfer_context_options)
    pub struct_size: usize,
    ///< "hip", "cuda" or "cpu", optionally ":ordinal"; NULL: HIPINFER_DEVICE, else the best
    pub device: *const ::std::os::raw::c_char,
    ///< with VALIDATE_ONLY: "gfx942", "sm_90", "cpu", ...; else NULL
    pub target: *const ::std::os::raw::c_char,
    ///< kernels to leave out, as HIPINFER_DISABLE: "op,op/kernel"; NULL: none
    pub disable: *const ::std::os::raw::c_char,
    ///< folder of code objects used in place of the built-in ones; NULL: HIPINFER_KERNEL_PATH
    pub kernel_path: *const ::std::os::raw::c_char,
    ///< HIPINFER_CONTEXT_*
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of hipinfer_context_options",
    ][::std::mem::size_of::<hipinfer_context_options>() - 48usize];
    [
        "Alignment of hipinfer_context_options",
    ][::std::mem::align_of::<hipinfer_context_options>() - 8usize];
    [
        "Offset of field: hipinfer_context_options::struct_size",
    ][::std::mem::offset_of!(hipinfer_context_options, struct_size) - 0usize];
    [
        "Offset of field: hipinfer_context_options::device",
    ][::std::mem::offset_of!(hipinfer_context_options, device) - 8usize];
    [
        "Offset of field: hipinfer_context_options::target",
    ][::std::mem::offset_of!(hipinfer_context_options, target) - 16usize];
    [
        "Offset of field: hipinfer_context_options::disable",
    ][::std::mem::offset_of!(hipinfer_context_options, disable) - 24usize];
    [
        "Offset of field: hipinfer_context_options::kernel_path",
    ][::std::mem::offset_of!(hipinfer_context_options, kernel_path) - 32usize];
    [
        "Offset of field: hipinfer_context_options::flags",
    ][::std::mem::offset_of!(hipinfer_context_options, flags) - 40usize];
};
impl Default for hipinfer_context_options {
    fn default() -> Self {
        let mut s = ::std::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::std::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// What hipinfer_context_device_info reports. Set struct_size before the call.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct hipinfer_device_info {
    ///< in: sizeof(hipinfer_device_info)
    pub struct_size: usize,
    ///< type and ordinal
    pub device: hipinfer_device,
    ///< marketing name
    pub name: [::std::os::raw::c_char; 128usize],
    ///< as the driver reports it: "gfx942:sramecc+:xnack-", "sm_90", "cpu"
    pub target: [::std::os::raw::c_char; 64usize],
    ///< the built-in target that serves it: "gfx942", "gfx11-generic"; "" if none
    pub code_target: [::std::os::raw::c_char; 64usize],
    ///< lanes in a wave
    pub wave_size: i32,
    ///< compute units, multiprocessors or CPU threads
    pub compute_units: i32,
    ///< largest LDS (shared memory) allocation of a workgroup
    pub lds_bytes: i64,
    ///< device memory
    pub memory_bytes: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of hipinfer_device_info",
    ][::std::mem::size_of::<hipinfer_device_info>() - 296usize];
    [
        "Alignment of hipinfer_device_info",
    ][::std::mem::align_of::<hipinfer_device_info>() - 8usize];
    [
        "Offset of field: hipinfer_device_info::struct_size",
    ][::std::mem::offset_of!(hipinfer_device_info, struct_size) - 0usize];
    [
        "Offset of field: hipinfer_device_info::device",
    ][::std::mem::offset_of!(hipinfer_device_info, device) - 8usize];
    [
        "Offset of field: hipinfer_device_info::name",
    ][::std::mem::offset_of!(hipinfer_device_info, name) - 16usize];
    [
        "Offset of field: hipinfer_device_info::target",
    ][::std::mem::offset_of!(hipinfer_device_info, target) - 144usize];
    [
        "Offset of field: hipinfer_device_info::code_target",
    ][::std::mem::offset_of!(hipinfer_device_info, code_target) - 208usize];
    [
        "Offset of field: hipinfer_device_info::wave_size",
    ][::std::mem::offset_of!(hipinfer_device_info, wave_size) - 272usize];
    [
        "Offset of field: hipinfer_device_info::compute_units",
    ][::std::mem::offset_of!(hipinfer_device_info, compute_units) - 276usize];
    [
        "Offset of field: hipinfer_device_info::lds_bytes",
    ][::std::mem::offset_of!(hipinfer_device_info, lds_bytes) - 280usize];
    [
        "Offset of field: hipinfer_device_info::memory_bytes",
    ][::std::mem::offset_of!(hipinfer_device_info, memory_bytes) - 288usize];
};
impl Default for hipinfer_device_info {
    fn default() -> Self {
        let mut s = ::std::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::std::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// One row of the dispatch table. Set struct_size before the call.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct hipinfer_kernel_info {
    ///< in: sizeof(hipinfer_kernel_info)
    pub struct_size: usize,
    ///< "rmsnorm"
    pub op: *const ::std::os::raw::c_char,
    ///< "rows"; HIPINFER_DISABLE takes "op/kernel"
    pub kernel: *const ::std::os::raw::c_char,
    ///< code object that holds it; "" for the CPU
    pub module: *const ::std::os::raw::c_char,
    ///< "*", or a space-separated list
    pub targets: *const ::std::os::raw::c_char,
    ///< when the row is eligible, as an expression over the kernel's parameters; "" is always
    pub condition: *const ::std::os::raw::c_char,
    ///< "main", or the name of a later launch of the same operation
    pub stage: *const ::std::os::raw::c_char,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of hipinfer_kernel_info",
    ][::std::mem::size_of::<hipinfer_kernel_info>() - 56usize];
    [
        "Alignment of hipinfer_kernel_info",
    ][::std::mem::align_of::<hipinfer_kernel_info>() - 8usize];
    [
        "Offset of field: hipinfer_kernel_info::struct_size",
    ][::std::mem::offset_of!(hipinfer_kernel_info, struct_size) - 0usize];
    [
        "Offset of field: hipinfer_kernel_info::op",
    ][::std::mem::offset_of!(hipinfer_kernel_info, op) - 8usize];
    [
        "Offset of field: hipinfer_kernel_info::kernel",
    ][::std::mem::offset_of!(hipinfer_kernel_info, kernel) - 16usize];
    [
        "Offset of field: hipinfer_kernel_info::module",
    ][::std::mem::offset_of!(hipinfer_kernel_info, module) - 24usize];
    [
        "Offset of field: hipinfer_kernel_info::targets",
    ][::std::mem::offset_of!(hipinfer_kernel_info, targets) - 32usize];
    [
        "Offset of field: hipinfer_kernel_info::condition",
    ][::std::mem::offset_of!(hipinfer_kernel_info, condition) - 40usize];
    [
        "Offset of field: hipinfer_kernel_info::stage",
    ][::std::mem::offset_of!(hipinfer_kernel_info, stage) - 48usize];
};
impl Default for hipinfer_kernel_info {
    fn default() -> Self {
        let mut s = ::std::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::std::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub struct Api {
    __library: ::libloading::Library,
    pub hipinfer_rmsnorm: unsafe extern "C" fn(
        context: hipinfer_context,
        output: *const hipinfer_tensor,
        input: *const hipinfer_tensor,
        weight: *const hipinfer_tensor,
        eps: f32,
        stream: hipinfer_stream,
    ) -> hipinfer_status,
    pub hipinfer_version: unsafe extern "C" fn() -> u32,
    pub hipinfer_version_string: unsafe extern "C" fn() -> *const ::std::os::raw::c_char,
    pub hipinfer_status_string: unsafe extern "C" fn(
        status: hipinfer_status,
    ) -> *const ::std::os::raw::c_char,
    pub hipinfer_last_error: unsafe extern "C" fn() -> *const ::std::os::raw::c_char,
    pub hipinfer_last_kernel: unsafe extern "C" fn() -> *const ::std::os::raw::c_char,
    pub hipinfer_context_create: unsafe extern "C" fn(
        options: *const hipinfer_context_options,
        context: *mut hipinfer_context,
    ) -> hipinfer_status,
    pub hipinfer_context_destroy: unsafe extern "C" fn(context: hipinfer_context),
    pub hipinfer_context_device_info: unsafe extern "C" fn(
        context: hipinfer_context,
        info: *mut hipinfer_device_info,
    ) -> hipinfer_status,
    pub hipinfer_context_preload: unsafe extern "C" fn(
        context: hipinfer_context,
        op: *const ::std::os::raw::c_char,
    ) -> hipinfer_status,
    pub hipinfer_device_count: unsafe extern "C" fn(device_type: i32) -> i32,
    pub hipinfer_malloc: unsafe extern "C" fn(
        context: hipinfer_context,
        bytes: usize,
        pointer: *mut *mut ::std::os::raw::c_void,
    ) -> hipinfer_status,
    pub hipinfer_free: unsafe extern "C" fn(
        context: hipinfer_context,
        pointer: *mut ::std::os::raw::c_void,
    ) -> hipinfer_status,
    pub hipinfer_memcpy_async: unsafe extern "C" fn(
        context: hipinfer_context,
        destination: *mut ::std::os::raw::c_void,
        source: *const ::std::os::raw::c_void,
        bytes: usize,
        stream: hipinfer_stream,
    ) -> hipinfer_status,
    pub hipinfer_memset_async: unsafe extern "C" fn(
        context: hipinfer_context,
        pointer: *mut ::std::os::raw::c_void,
        value: u8,
        bytes: usize,
        stream: hipinfer_stream,
    ) -> hipinfer_status,
    pub hipinfer_stream_create: unsafe extern "C" fn(
        context: hipinfer_context,
        stream: *mut hipinfer_stream,
    ) -> hipinfer_status,
    pub hipinfer_stream_destroy: unsafe extern "C" fn(
        context: hipinfer_context,
        stream: hipinfer_stream,
    ) -> hipinfer_status,
    pub hipinfer_stream_synchronize: unsafe extern "C" fn(
        context: hipinfer_context,
        stream: hipinfer_stream,
    ) -> hipinfer_status,
    pub hipinfer_event_create: unsafe extern "C" fn(
        context: hipinfer_context,
        event: *mut hipinfer_event,
    ) -> hipinfer_status,
    pub hipinfer_event_destroy: unsafe extern "C" fn(
        context: hipinfer_context,
        event: hipinfer_event,
    ) -> hipinfer_status,
    pub hipinfer_event_record: unsafe extern "C" fn(
        context: hipinfer_context,
        event: hipinfer_event,
        stream: hipinfer_stream,
    ) -> hipinfer_status,
    pub hipinfer_event_synchronize: unsafe extern "C" fn(
        context: hipinfer_context,
        event: hipinfer_event,
    ) -> hipinfer_status,
    pub hipinfer_event_elapsed_ms: unsafe extern "C" fn(
        context: hipinfer_context,
        start: hipinfer_event,
        end: hipinfer_event,
        milliseconds: *mut f32,
    ) -> hipinfer_status,
    pub hipinfer_op_count: unsafe extern "C" fn() -> i32,
    pub hipinfer_op_name: unsafe extern "C" fn(
        index: i32,
    ) -> *const ::std::os::raw::c_char,
    pub hipinfer_kernel_count: unsafe extern "C" fn() -> i32,
    pub hipinfer_kernel_get: unsafe extern "C" fn(
        index: i32,
        info: *mut hipinfer_kernel_info,
    ) -> hipinfer_status,
    pub hipinfer_target_count: unsafe extern "C" fn() -> i32,
    pub hipinfer_target_name: unsafe extern "C" fn(
        index: i32,
    ) -> *const ::std::os::raw::c_char,
    pub hipinfer_code_object: unsafe extern "C" fn(
        target: *const ::std::os::raw::c_char,
        module: *const ::std::os::raw::c_char,
        data: *mut *const ::std::os::raw::c_void,
        size: *mut usize,
    ) -> hipinfer_status,
    pub hipinfer_manifest: unsafe extern "C" fn() -> *const ::std::os::raw::c_char,
}
impl Api {
    pub unsafe fn new<P>(path: P) -> Result<Self, ::libloading::Error>
    where
        P: AsRef<::std::ffi::OsStr>,
    {
        let library = unsafe { ::libloading::Library::new(path) }?;
        unsafe { Self::from_library(library) }
    }
    pub unsafe fn from_library<L>(library: L) -> Result<Self, ::libloading::Error>
    where
        L: Into<::libloading::Library>,
    {
        let __library = library.into();
        let hipinfer_rmsnorm = unsafe { __library.get(b"hipinfer_rmsnorm\0") }
            .map(|sym| *sym)?;
        let hipinfer_version = unsafe { __library.get(b"hipinfer_version\0") }
            .map(|sym| *sym)?;
        let hipinfer_version_string = unsafe {
            __library.get(b"hipinfer_version_string\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_status_string = unsafe {
            __library.get(b"hipinfer_status_string\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_last_error = unsafe { __library.get(b"hipinfer_last_error\0") }
            .map(|sym| *sym)?;
        let hipinfer_last_kernel = unsafe { __library.get(b"hipinfer_last_kernel\0") }
            .map(|sym| *sym)?;
        let hipinfer_context_create = unsafe {
            __library.get(b"hipinfer_context_create\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_context_destroy = unsafe {
            __library.get(b"hipinfer_context_destroy\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_context_device_info = unsafe {
            __library.get(b"hipinfer_context_device_info\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_context_preload = unsafe {
            __library.get(b"hipinfer_context_preload\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_device_count = unsafe { __library.get(b"hipinfer_device_count\0") }
            .map(|sym| *sym)?;
        let hipinfer_malloc = unsafe { __library.get(b"hipinfer_malloc\0") }
            .map(|sym| *sym)?;
        let hipinfer_free = unsafe { __library.get(b"hipinfer_free\0") }
            .map(|sym| *sym)?;
        let hipinfer_memcpy_async = unsafe { __library.get(b"hipinfer_memcpy_async\0") }
            .map(|sym| *sym)?;
        let hipinfer_memset_async = unsafe { __library.get(b"hipinfer_memset_async\0") }
            .map(|sym| *sym)?;
        let hipinfer_stream_create = unsafe {
            __library.get(b"hipinfer_stream_create\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_stream_destroy = unsafe {
            __library.get(b"hipinfer_stream_destroy\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_stream_synchronize = unsafe {
            __library.get(b"hipinfer_stream_synchronize\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_event_create = unsafe { __library.get(b"hipinfer_event_create\0") }
            .map(|sym| *sym)?;
        let hipinfer_event_destroy = unsafe {
            __library.get(b"hipinfer_event_destroy\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_event_record = unsafe { __library.get(b"hipinfer_event_record\0") }
            .map(|sym| *sym)?;
        let hipinfer_event_synchronize = unsafe {
            __library.get(b"hipinfer_event_synchronize\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_event_elapsed_ms = unsafe {
            __library.get(b"hipinfer_event_elapsed_ms\0")
        }
            .map(|sym| *sym)?;
        let hipinfer_op_count = unsafe { __library.get(b"hipinfer_op_count\0") }
            .map(|sym| *sym)?;
        let hipinfer_op_name = unsafe { __library.get(b"hipinfer_op_name\0") }
            .map(|sym| *sym)?;
        let hipinfer_kernel_count = unsafe { __library.get(b"hipinfer_kernel_count\0") }
            .map(|sym| *sym)?;
        let hipinfer_kernel_get = unsafe { __library.get(b"hipinfer_kernel_get\0") }
            .map(|sym| *sym)?;
        let hipinfer_target_count = unsafe { __library.get(b"hipinfer_target_count\0") }
            .map(|sym| *sym)?;
        let hipinfer_target_name = unsafe { __library.get(b"hipinfer_target_name\0") }
            .map(|sym| *sym)?;
        let hipinfer_code_object = unsafe { __library.get(b"hipinfer_code_object\0") }
            .map(|sym| *sym)?;
        let hipinfer_manifest = unsafe { __library.get(b"hipinfer_manifest\0") }
            .map(|sym| *sym)?;
        Ok(Api {
            __library,
            hipinfer_rmsnorm,
            hipinfer_version,
            hipinfer_version_string,
            hipinfer_status_string,
            hipinfer_last_error,
            hipinfer_last_kernel,
            hipinfer_context_create,
            hipinfer_context_destroy,
            hipinfer_context_device_info,
            hipinfer_context_preload,
            hipinfer_device_count,
            hipinfer_malloc,
            hipinfer_free,
            hipinfer_memcpy_async,
            hipinfer_memset_async,
            hipinfer_stream_create,
            hipinfer_stream_destroy,
            hipinfer_stream_synchronize,
            hipinfer_event_create,
            hipinfer_event_destroy,
            hipinfer_event_record,
            hipinfer_event_synchronize,
            hipinfer_event_elapsed_ms,
            hipinfer_op_count,
            hipinfer_op_name,
            hipinfer_kernel_count,
            hipinfer_kernel_get,
            hipinfer_target_count,
            hipinfer_target_name,
            hipinfer_code_object,
            hipinfer_manifest,
        })
    }
    /** Root-mean-square normalisation of each row.

     output = input / sqrt(mean(input^2) + eps) * weight

 where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head
 QK norm); N is row length, from 1.
 @param[out] output [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
   free. Normalised rows.
 @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
   free. Rows to normalise.
 @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
   of each column.
 @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
 @param stream Where the work is enqueued.
 Aliasing: output may be input.
 Workspace: none.
 Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Bitwise
   reproducible, and a row's result does not depend on the other rows.
 Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
   when a scalar is out of its range; UNSUPPORTED when every kernel that could serve the call is disabled
   or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
 Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm.
 Since: 0.1.*/
    pub unsafe fn hipinfer_rmsnorm(
        &self,
        context: hipinfer_context,
        output: *const hipinfer_tensor,
        input: *const hipinfer_tensor,
        weight: *const hipinfer_tensor,
        eps: f32,
        stream: hipinfer_stream,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_rmsnorm)(context, output, input, weight, eps, stream) }
    }
    /// major * 10000 + minor * 100 + patch of the loaded library.
    pub unsafe fn hipinfer_version(&self) -> u32 {
        unsafe { (self.hipinfer_version)() }
    }
    /// The loaded library's version as text, "0.1.0".
    pub unsafe fn hipinfer_version_string(&self) -> *const ::std::os::raw::c_char {
        unsafe { (self.hipinfer_version_string)() }
    }
    /// A constant sentence for a status, or "unknown status" for a number this library does not know.
    pub unsafe fn hipinfer_status_string(
        &self,
        status: hipinfer_status,
    ) -> *const ::std::os::raw::c_char {
        unsafe { (self.hipinfer_status_string)(status) }
    }
    /// The message of this thread's last failed call; "" if there was none. Valid until the thread's next call.
    pub unsafe fn hipinfer_last_error(&self) -> *const ::std::os::raw::c_char {
        unsafe { (self.hipinfer_last_error)() }
    }
    /// "op/kernel" that served this thread's last successful operation; "" if there was none or it had nothing to do.
    pub unsafe fn hipinfer_last_kernel(&self) -> *const ::std::os::raw::c_char {
        unsafe { (self.hipinfer_last_kernel)() }
    }
    /** Makes a context.
 @param options NULL for defaults: HIPINFER_DEVICE if set, else the first AMD GPU, NVIDIA GPU, CPU that is there.
 @param context receives the handle; untouched on failure.
 Errors: NULL_POINTER, INVALID_ARGUMENT (unknown flag, device, target or kernel), NO_DEVICE, NO_CODE_OBJECT
 (validate-only for a target this library does not hold), DRIVER_ERROR, OUT_OF_MEMORY.*/
    pub unsafe fn hipinfer_context_create(
        &self,
        options: *const hipinfer_context_options,
        context: *mut hipinfer_context,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_context_create)(options, context) }
    }
    /// Ends a context and unloads its kernels. The caller has synchronised whatever still runs. NULL is ignored.
    pub unsafe fn hipinfer_context_destroy(&self, context: hipinfer_context) {
        unsafe { (self.hipinfer_context_destroy)(context) }
    }
    /// Describes the context's device.
    pub unsafe fn hipinfer_context_device_info(
        &self,
        context: hipinfer_context,
        info: *mut hipinfer_device_info,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_context_device_info)(context, info) }
    }
    /** Loads the kernels of one operation (NULL: all of them) now, not at first use. Call it before a graph capture to
 keep module loading out of it.*/
    pub unsafe fn hipinfer_context_preload(
        &self,
        context: hipinfer_context,
        op: *const ::std::os::raw::c_char,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_context_preload)(context, op) }
    }
    /// Number of devices of a type (HIPINFER_DEVICE_HIP, _CUDA or _CPU); 0 when there is no driver.
    pub unsafe fn hipinfer_device_count(&self, device_type: i32) -> i32 {
        unsafe { (self.hipinfer_device_count)(device_type) }
    }
    /// Allocates device memory, aligned to 256 bytes. bytes may be 0 (*pointer is then NULL).
    pub unsafe fn hipinfer_malloc(
        &self,
        context: hipinfer_context,
        bytes: usize,
        pointer: *mut *mut ::std::os::raw::c_void,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_malloc)(context, bytes, pointer) }
    }
    /// Frees what hipinfer_malloc gave; waits for work that uses it. NULL is ignored.
    pub unsafe fn hipinfer_free(
        &self,
        context: hipinfer_context,
        pointer: *mut ::std::os::raw::c_void,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_free)(context, pointer) }
    }
    /** Copies bytes between host and device or within the device, in stream order; the driver tells which is which.
 Host memory that is not pinned may be copied before the call returns.*/
    pub unsafe fn hipinfer_memcpy_async(
        &self,
        context: hipinfer_context,
        destination: *mut ::std::os::raw::c_void,
        source: *const ::std::os::raw::c_void,
        bytes: usize,
        stream: hipinfer_stream,
    ) -> hipinfer_status {
        unsafe {
            (self.hipinfer_memcpy_async)(context, destination, source, bytes, stream)
        }
    }
    /// Sets bytes to a value, in stream order.
    pub unsafe fn hipinfer_memset_async(
        &self,
        context: hipinfer_context,
        pointer: *mut ::std::os::raw::c_void,
        value: u8,
        bytes: usize,
        stream: hipinfer_stream,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_memset_async)(context, pointer, value, bytes, stream) }
    }
    pub unsafe fn hipinfer_stream_create(
        &self,
        context: hipinfer_context,
        stream: *mut hipinfer_stream,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_stream_create)(context, stream) }
    }
    pub unsafe fn hipinfer_stream_destroy(
        &self,
        context: hipinfer_context,
        stream: hipinfer_stream,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_stream_destroy)(context, stream) }
    }
    /// Waits until everything enqueued on the stream has run, and reports a fault of any of it.
    pub unsafe fn hipinfer_stream_synchronize(
        &self,
        context: hipinfer_context,
        stream: hipinfer_stream,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_stream_synchronize)(context, stream) }
    }
    pub unsafe fn hipinfer_event_create(
        &self,
        context: hipinfer_context,
        event: *mut hipinfer_event,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_event_create)(context, event) }
    }
    pub unsafe fn hipinfer_event_destroy(
        &self,
        context: hipinfer_context,
        event: hipinfer_event,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_event_destroy)(context, event) }
    }
    pub unsafe fn hipinfer_event_record(
        &self,
        context: hipinfer_context,
        event: hipinfer_event,
        stream: hipinfer_stream,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_event_record)(context, event, stream) }
    }
    pub unsafe fn hipinfer_event_synchronize(
        &self,
        context: hipinfer_context,
        event: hipinfer_event,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_event_synchronize)(context, event) }
    }
    /// Milliseconds between two recorded events that have both completed.
    pub unsafe fn hipinfer_event_elapsed_ms(
        &self,
        context: hipinfer_context,
        start: hipinfer_event,
        end: hipinfer_event,
        milliseconds: *mut f32,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_event_elapsed_ms)(context, start, end, milliseconds) }
    }
    /// Number of operations, and the name of one (NULL when index is out of range).
    pub unsafe fn hipinfer_op_count(&self) -> i32 {
        unsafe { (self.hipinfer_op_count)() }
    }
    pub unsafe fn hipinfer_op_name(&self, index: i32) -> *const ::std::os::raw::c_char {
        unsafe { (self.hipinfer_op_name)(index) }
    }
    /// Number of kernels of all operations, and one of them, in the order in which dispatch tries them.
    pub unsafe fn hipinfer_kernel_count(&self) -> i32 {
        unsafe { (self.hipinfer_kernel_count)() }
    }
    pub unsafe fn hipinfer_kernel_get(
        &self,
        index: i32,
        info: *mut hipinfer_kernel_info,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_kernel_get)(index, info) }
    }
    /// Number of GPU targets with built-in code objects, and the name of one (NULL when index is out of range).
    pub unsafe fn hipinfer_target_count(&self) -> i32 {
        unsafe { (self.hipinfer_target_count)() }
    }
    pub unsafe fn hipinfer_target_name(
        &self,
        index: i32,
    ) -> *const ::std::os::raw::c_char {
        unsafe { (self.hipinfer_target_name)(index) }
    }
    /** The code object of a module for a target, for callers that load it themselves (hipModuleLoadData). The bytes
 belong to the library and stay valid.*/
    pub unsafe fn hipinfer_code_object(
        &self,
        target: *const ::std::os::raw::c_char,
        module: *const ::std::os::raw::c_char,
        data: *mut *const ::std::os::raw::c_void,
        size: *mut usize,
    ) -> hipinfer_status {
        unsafe { (self.hipinfer_code_object)(target, module, data, size) }
    }
    /** JSON text: for each operation its kernels, their modules, symbols and workgroup sizes, and the layout of the one
 argument, a struct passed by value. Constant; belongs to the library.*/
    pub unsafe fn hipinfer_manifest(&self) -> *const ::std::os::raw::c_char {
        unsafe { (self.hipinfer_manifest)() }
    }
}
