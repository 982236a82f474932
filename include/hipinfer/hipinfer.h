// SPDX-License-Identifier: Apache-2.0
/// @file hipinfer.h The one header users include.
///
/// Conventions of every function
/// - It returns a status; on any status but HIPINFER_STATUS_OK nothing was enqueued and no output was written, and
///   hipinfer_last_error() of the same thread says what was expected and what came.
/// - Operations only enqueue on the stream: no allocation, synchronisation or hidden copy, so that each may be
///   captured in a HIP or CUDA graph (see hipinfer_context_preload). On the CPU they run before they return.
/// - A fault on the device surfaces at a later call that synchronises.
/// - No exception crosses this interface and nothing is printed unless HIPINFER_LOG asks for it.
#ifndef HIPINFER_HIPINFER_H
#define HIPINFER_HIPINFER_H

#include "hipinfer/types.h"
#include "hipinfer/version.h"
/* Define HIPINFER_NO_OPERATIONS before the include for contexts, memory and introspection alone. */
#ifndef HIPINFER_NO_OPERATIONS
#include "hipinfer/ops.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/// @name Version and errors
/// @{

/// major * 10000 + minor * 100 + patch of the loaded library.
HIPINFER_API uint32_t hipinfer_version(void);
/// The loaded library's version as text, "0.1.0".
HIPINFER_API const char* hipinfer_version_string(void);
/// A constant sentence for a status, or "unknown status" for a number this library does not know.
HIPINFER_API const char* hipinfer_status_string(hipinfer_status status);
/// The message of this thread's last failed call; "" if there was none. Valid until the thread's next call.
HIPINFER_API const char* hipinfer_last_error(void);
/// "op/kernel" that served this thread's last operation; "" if there was none, it failed, or it had nothing to do.
HIPINFER_API const char* hipinfer_last_kernel(void);
/// @}

/// @name Contexts
/// @{

/// Makes a context.
/// @param options NULL for defaults: HIPINFER_DEVICE if set, else the first AMD GPU, NVIDIA GPU, CPU that is there.
/// @param context receives the handle; untouched on failure.
/// Errors: NULL_POINTER, INVALID_ARGUMENT (unknown flag, device, target or kernel), NO_DEVICE, NO_CODE_OBJECT
/// (validate-only for a target this library does not hold), DRIVER_ERROR, OUT_OF_MEMORY.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_context_create(const hipinfer_context_options* options,
                                                                        hipinfer_context* context);
/// Ends a context and unloads its kernels. The caller has synchronised whatever still runs. NULL is ignored.
HIPINFER_API void hipinfer_context_destroy(hipinfer_context context);
/// Describes the context's device.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_context_device_info(hipinfer_context context,
                                                                             hipinfer_device_info* info);
/// Loads the kernels of one operation (NULL: all of them) now, not at first use. Call it before a graph capture to
/// keep module loading out of it.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_context_preload(hipinfer_context context, const char* op);
/// Number of devices of a type (HIPINFER_DEVICE_HIP, _CUDA or _CPU); 0 when there is no driver.
HIPINFER_API int32_t hipinfer_device_count(int32_t device_type);
/// @}

/// @name Memory, streams and events
/// A minimal device interface, so that a program in any language works without a HIP binding of its own. Every
/// pointer and stream that comes from HIP or CUDA itself is as good.
/// @{

/// Allocates device memory, aligned to 256 bytes. bytes may be 0 (*pointer is then NULL).
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_malloc(hipinfer_context context, size_t bytes, void** pointer);
/// Frees what hipinfer_malloc gave; waits for work that uses it. NULL is ignored.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_free(hipinfer_context context, void* pointer);
/// Copies bytes between host and device or within the device, in stream order; the driver tells which is which.
/// Host memory that is not pinned may be copied before the call returns.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_memcpy_async(hipinfer_context context, void* destination,
                                                                      const void* source, size_t bytes,
                                                                      hipinfer_stream stream);
/// Sets bytes to a value, in stream order.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_memset_async(hipinfer_context context, void* pointer,
                                                                      uint8_t value, size_t bytes,
                                                                      hipinfer_stream stream);
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_stream_create(hipinfer_context context,
                                                                       hipinfer_stream* stream);
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_stream_destroy(hipinfer_context context,
                                                                        hipinfer_stream stream);
/// Waits until everything enqueued on the stream has run, and reports a fault of any of it.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_stream_synchronize(hipinfer_context context,
                                                                            hipinfer_stream stream);
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_event_create(hipinfer_context context, hipinfer_event* event);
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_event_destroy(hipinfer_context context, hipinfer_event event);
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_event_record(hipinfer_context context, hipinfer_event event,
                                                                      hipinfer_stream stream);
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_event_synchronize(hipinfer_context context,
                                                                           hipinfer_event event);
/// Milliseconds between two recorded events that have both completed.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_event_elapsed_ms(hipinfer_context context,
                                                                          hipinfer_event start, hipinfer_event end,
                                                                          float* milliseconds);
/// What is enqueued on the stream from here on runs after the event, as it was last recorded on any stream.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_stream_wait_event(hipinfer_context context,
                                                                           hipinfer_stream stream,
                                                                           hipinfer_event event);
/// Allocates pinned host memory: copies between it and the device only enqueue, and run while the host goes on. bytes
/// may be 0 (*pointer is then NULL). On the CPU it is memory like any other.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_malloc_host(hipinfer_context context, size_t bytes,
                                                                     void** pointer);
/// Frees what hipinfer_malloc_host gave. The caller has waited for the copies that use it. NULL is ignored.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_free_host(hipinfer_context context, void* pointer);
/// @}

/// @name Graphs
/// Launches that are recorded once and then enqueued by one call (abi.md, Graph capture). The CPU has none: begin_capture
/// gives UNSUPPORTED there.
/// @{

/// What is enqueued on the stream from here on is recorded and does not run. The stream is not the default one. Until
/// the end, this thread may not allocate, free or synchronise.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_stream_begin_capture(hipinfer_context context,
                                                                              hipinfer_stream stream);
/// Ends the capture, on the thread that began it. Where the driver gives an error, the capture has ended without a graph.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_stream_end_capture(hipinfer_context context,
                                                                            hipinfer_stream stream,
                                                                            hipinfer_graph* graph);
/// Enqueues all that was recorded. The memory, streams and context that it names must still be there.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_graph_launch(hipinfer_context context, hipinfer_graph graph,
                                                                      hipinfer_stream stream);
/// Ends a graph. The caller has waited for its launches. NULL is ignored.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_graph_destroy(hipinfer_context context, hipinfer_graph graph);
/// @}

/// @name What is inside
/// @{

/// Number of operations, and the name of one (NULL when index is out of range).
HIPINFER_API int32_t hipinfer_op_count(void);
HIPINFER_API const char* hipinfer_op_name(int32_t index);
/// Number of kernels of all operations, and one of them, in the order in which dispatch tries them.
HIPINFER_API int32_t hipinfer_kernel_count(void);
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_kernel_get(int32_t index, hipinfer_kernel_info* info);
/// Number of GPU targets with built-in code objects, and the name of one (NULL when index is out of range).
HIPINFER_API int32_t hipinfer_target_count(void);
HIPINFER_API const char* hipinfer_target_name(int32_t index);
/// The code object of a module for a target, for callers that load it themselves (hipModuleLoadData). The bytes
/// belong to the library and stay valid.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_code_object(const char* target, const char* module,
                                                                     const void** data, size_t* size);
/// JSON text: for each operation its kernels, their modules, symbols and workgroup sizes, and the layout of the one
/// argument, a struct passed by value. Constant; belongs to the library. NULL only if host memory runs out.
HIPINFER_API const char* hipinfer_manifest(void);
/// @}

#ifdef __cplusplus
}
#endif

#endif
