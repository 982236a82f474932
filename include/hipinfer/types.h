// SPDX-License-Identifier: Apache-2.0
/// @file types.h Handles, status codes, tensors and option structs: the hand-written half of the ABI.
///
/// Everything here is C99 and C++. Enumerations that cross the ABI are 32-bit integers with pinned numbers, so
/// that an old binding that meets a new value can still hold it.
#ifndef HIPINFER_TYPES_H
#define HIPINFER_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#error "hipinfer has no Windows build yet"
#endif

#if defined(__cplusplus)
#define HIPINFER_NODISCARD [[nodiscard]]
#elif defined(__GNUC__)
#define HIPINFER_NODISCARD __attribute__((warn_unused_result))
#else
#define HIPINFER_NODISCARD
#endif
#define HIPINFER_API __attribute__((visibility("default")))

/// Every status: X(NAME, number, text). Numbers never change and never come back once given out; the gaps are
/// room for relatives.
#define HIPINFER_STATUS_LIST(X)                                                       \
  X(OK, 0, "success")                                                                 \
  X(INVALID_ARGUMENT, 1, "a scalar, an enumeration or an option is out of range")     \
  X(NULL_POINTER, 2, "a required pointer is NULL")                                    \
  X(INVALID_HANDLE, 3, "a handle is NULL or was not made by this library")            \
  X(INVALID_RANK, 10, "a tensor has the wrong number of dimensions")                  \
  X(INVALID_DTYPE, 11, "a tensor has a data type that this call does not take")       \
  X(INVALID_SHAPE, 12, "a tensor has the wrong extent in some dimension")             \
  X(INVALID_STRIDE, 13, "a tensor has strides that this call does not take")          \
  X(INVALID_DEVICE, 14, "a tensor lives on another device than the context")          \
  X(MISALIGNED, 15, "a data pointer is not aligned to its element")                   \
  X(OVERFLOW, 16, "an extent or an offset does not fit in 64 bits")                   \
  X(ALIASING, 17, "two tensors overlap where the call forbids it")                    \
  X(INVALID_CONTENTS, 18, "a tensor of indices holds one that this call cannot take") \
  X(WORKSPACE_TOO_SMALL, 20, "the workspace is smaller than the call needs")          \
  X(UNSUPPORTED, 30, "no kernel serves this call on this device")                     \
  X(NO_CODE_OBJECT, 31, "the library holds no code object for this device")           \
  X(NO_DEVICE, 32, "the device asked for does not exist or its driver is missing")    \
  X(DRIVER_ERROR, 40, "the device's driver reported an error")                        \
  X(OUT_OF_MEMORY, 41, "memory could not be allocated")                               \
  X(MODULE_LOAD, 42, "a code object could not be loaded or lacks a kernel")           \
  X(INTERNAL, 90, "a fault inside hipinfer; please report it")

enum hipinfer_status_code {
#define HIPINFER_STATUS_ENUMERATOR(name, number, text) HIPINFER_STATUS_##name = number,
  HIPINFER_STATUS_LIST(HIPINFER_STATUS_ENUMERATOR)
#undef HIPINFER_STATUS_ENUMERATOR
};
/// Result of a call: one of HIPINFER_STATUS_*. A later version may return numbers unknown to this header.
typedef int32_t hipinfer_status;

/// A device, its loaded kernels and its options. Thread-safe.
typedef struct hipinfer_context_s* hipinfer_context;
/// A hipStream_t, a CUstream, or NULL for the default stream; always NULL on the CPU. The caller owns it.
typedef void* hipinfer_stream;
/// A hipEvent_t, a CUevent, or a time stamp on the CPU.
typedef void* hipinfer_event;
/// A hipGraphExec_t or a CUgraphExec: captured work, ready to be launched.
typedef void* hipinfer_graph;

/// Kinds of device, numbered as DLPack's DLDeviceType.
enum hipinfer_device_type_code {
  HIPINFER_DEVICE_CPU = 1,
  HIPINFER_DEVICE_CUDA = 2,
  HIPINFER_DEVICE_CUDA_HOST = 3,
  HIPINFER_DEVICE_HIP = 10,  ///< kDLROCM
  HIPINFER_DEVICE_HIP_HOST = 11,
  HIPINFER_DEVICE_CUDA_MANAGED = 13
};

/// Layout of DLPack's DLDevice.
typedef struct hipinfer_device {
  int32_t device_type;  ///< HIPINFER_DEVICE_*
  int32_t device_id;    ///< ordinal among the devices of this type
} hipinfer_device;

/// Type codes, numbered as DLPack's DLDataTypeCode. The fp8 encodings are distinct: e4m3fn (OCP) and e4m3fnuz
/// give the same bits values that differ by a factor of two.
///
/// From 128 on are the library's own, which DLPack has no number for: 128 + GGUF's number of the type. Their elements
/// are stored in blocks of GGUF's layout along the last dimension. Extents and strides still count elements: the last
/// extent and every other stride are multiples of the block, and the last dimension is contiguous.
enum hipinfer_dtype_code {
  HIPINFER_DTYPE_INT = 0,
  HIPINFER_DTYPE_UINT = 1,
  HIPINFER_DTYPE_FLOAT = 2,
  HIPINFER_DTYPE_BFLOAT = 4,
  HIPINFER_DTYPE_BOOL = 6,
  HIPINFER_DTYPE_E4M3FN = 10,
  HIPINFER_DTYPE_E4M3FNUZ = 11,
  HIPINFER_DTYPE_E5M2 = 12,
  HIPINFER_DTYPE_E5M2FNUZ = 13,
  HIPINFER_DTYPE_Q4_0 = 130,  ///< bits 4; 32 elements in 18 bytes: an f16 scale, 16 bytes of 4-bit integers
  HIPINFER_DTYPE_Q8_0 = 136,  ///< bits 8; 32 elements in 34 bytes: an f16 scale, 32 8-bit integers
  HIPINFER_DTYPE_Q4_K = 140,  ///< bits 4; 256 elements in 144 bytes: two f16, 12 bytes of 6-bit scales, 128 bytes
  HIPINFER_DTYPE_Q6_K = 142,  ///< bits 6; 256 elements in 210 bytes: 192 bytes, 16 8-bit scales, an f16
  HIPINFER_DTYPE_MXFP4 = 167  ///< bits 4; 32 elements in 17 bytes: an E8M0 scale, 16 bytes of E2M1 (OCP MX)
};

/// Layout of DLPack's DLDataType. float16 is {FLOAT, 16, 1}, bfloat16 is {BFLOAT, 16, 1}, q4_0 is {Q4_0, 4, 1}: bits of
/// an element without its block's scales. lanes is always 1.
typedef struct hipinfer_dtype {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} hipinfer_dtype;

/// Layout of DLPack's DLTensor, so that any framework's tensor is handed over without a copy.
typedef struct hipinfer_tensor {
  void* data;              ///< start of the allocation on `device`; may be NULL when an extent is 0
  hipinfer_device device;  ///< where data lives
  int32_t ndim;            ///< number of dimensions
  hipinfer_dtype dtype;    ///< element type
  const int64_t* shape;    ///< ndim extents, in elements
  const int64_t* strides;  ///< ndim strides, in elements; NULL means compact and row-major
  uint64_t byte_offset;    ///< bytes from data to the first element
} hipinfer_tensor;

/// Flags of hipinfer_context_options.
enum hipinfer_context_flag {
  /// Answer whether calls would be accepted and by which kernel, for `target`, without a device: nothing runs.
  HIPINFER_CONTEXT_VALIDATE_ONLY = 1,
  /// A row's result never depends on what else is in the batch.
  HIPINFER_CONTEXT_BATCH_INVARIANT = 2,
  /// Look at the contents that operations take on trust (page numbers, lengths, offsets) before each call: the first bad
  /// entry is named, and nothing is written. Each call then synchronises its stream, so it is refused during a capture.
  /// HIPINFER_CHECK=contents does it for every context.
  HIPINFER_CONTEXT_CHECK_CONTENTS = 4
};

/// Options of hipinfer_context_create. Zero the struct, set struct_size, then the fields you need.
typedef struct hipinfer_context_options {
  size_t struct_size;       ///< sizeof(hipinfer_context_options)
  const char* device;       ///< "hip", "cuda" or "cpu", optionally ":ordinal"; NULL: HIPINFER_DEVICE, else the best
  const char* target;       ///< with VALIDATE_ONLY: "gfx942", "sm_90", "cpu", ...; else NULL
  const char* disable;      ///< kernels to leave out, as HIPINFER_DISABLE: "op,op/kernel"; NULL: none
  const char* kernel_path;  ///< folder of code objects used in place of the built-in ones; NULL: HIPINFER_KERNEL_PATH
  uint32_t flags;           ///< HIPINFER_CONTEXT_*
} hipinfer_context_options;

/// What hipinfer_context_device_info reports. Set struct_size before the call.
typedef struct hipinfer_device_info {
  size_t struct_size;      ///< in: sizeof(hipinfer_device_info)
  hipinfer_device device;  ///< type and ordinal
  char name[128];          ///< marketing name
  char target[64];         ///< as the driver reports it: "gfx942:sramecc+:xnack-", "sm_90", "cpu"
  char code_target[64];    ///< the built-in target that serves it: "gfx942", "gfx11-generic"; "" if none
  int32_t wave_size;       ///< lanes in a wave
  int32_t compute_units;   ///< compute units, multiprocessors or CPU threads
  int64_t lds_bytes;       ///< largest LDS (shared memory) allocation of a workgroup
  uint64_t memory_bytes;   ///< device memory
} hipinfer_device_info;

/// One row of the dispatch table. Set struct_size before the call.
typedef struct hipinfer_kernel_info {
  size_t struct_size;     ///< in: sizeof(hipinfer_kernel_info)
  const char* op;         ///< "rmsnorm"
  const char* kernel;     ///< "rows"; HIPINFER_DISABLE takes "op/kernel"
  const char* module;     ///< code object that holds it; "" for the CPU
  const char* targets;    ///< "*", or a space-separated list
  const char* condition;  ///< when the row is eligible, as an expression over the kernel's parameters; "" is always
  const char* stage;      ///< "main", or the name of a later launch of the same operation
} hipinfer_kernel_info;

#endif
