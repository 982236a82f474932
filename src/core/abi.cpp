// SPDX-License-Identifier: Apache-2.0
// The hand-written half of the ABI: device interface and introspection. Operations are generated.
#include <cstring>

#include "core/code_objects.h"
#include "core/context.h"
#include "core/struct_size.h"
#include "hipinfer/hipinfer.h"

using namespace hipinfer;

namespace {

runtime::device& device_of(hipinfer_context handle) {
  context& c = from_handle(handle);
  if (c.device() == nullptr) {
    throw fail(HIPINFER_STATUS_UNSUPPORTED, "a validate-only context has no device");
  }
  return *c.device();
}

template <class T>
T* required(T* pointer, const char* what) {
  if (pointer == nullptr) throw fail(HIPINFER_STATUS_NULL_POINTER, "%s is NULL", what);
  return pointer;
}

template <size_t N>
void copy_text(char (&out)[N], const std::string& text) {
  std::snprintf(out, N, "%s", text.c_str());
}

// Writes a struct that the caller may know in an older, shorter form.
template <class T>
void write_sized(T* out, T& value, const char* what) {
  required(out, what);
  if (!is_struct_size(out->struct_size)) {
    throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "%s: struct_size is %zu, set it to the sizeof of the struct", what,
               out->struct_size);
  }
  value.struct_size = out->struct_size;
  std::memcpy(out, &value, value.struct_size < sizeof(T) ? value.struct_size : sizeof(T));
}

}  // namespace

extern "C" {

uint32_t hipinfer_version(void) {
  return HIPINFER_VERSION_MAJOR * 10000 + HIPINFER_VERSION_MINOR * 100 + HIPINFER_VERSION_PATCH;
}

#define HIPINFER_TEXT_(x) #x
#define HIPINFER_TEXT(x) HIPINFER_TEXT_(x)
const char* hipinfer_version_string(void) {
  return HIPINFER_TEXT(HIPINFER_VERSION_MAJOR) "." HIPINFER_TEXT(HIPINFER_VERSION_MINOR) "." HIPINFER_TEXT(
      HIPINFER_VERSION_PATCH);
}

hipinfer_status hipinfer_context_device_info(hipinfer_context handle, hipinfer_device_info* out) {
  return guard([&] {
    context& c = from_handle(handle);
    const runtime::properties& p = c.properties();
    hipinfer_device_info info{};
    info.device = c.dl_device();
    copy_text(info.name, p.name);
    copy_text(info.target, p.target);
    copy_text(info.code_target, c.code_target());
    info.wave_size = p.wave_size;
    info.compute_units = p.compute_units;
    info.lds_bytes = p.lds_bytes;
    info.memory_bytes = p.memory_bytes;
    write_sized(out, info, "device_info: info");
  });
}

hipinfer_status hipinfer_context_preload(hipinfer_context handle, const char* op) {
  return guard([&] { from_handle(handle).preload(op); });
}

int32_t hipinfer_device_count(int32_t device_type) {
  switch (device_type) {
    case HIPINFER_DEVICE_CPU:
      return runtime::device_count(runtime::device_kind::cpu);
    case HIPINFER_DEVICE_CUDA:
      return runtime::device_count(runtime::device_kind::cuda);
    case HIPINFER_DEVICE_HIP:
      return runtime::device_count(runtime::device_kind::hip);
  }
  return 0;
}

hipinfer_status hipinfer_malloc(hipinfer_context handle, size_t bytes, void** pointer) {
  return guard([&] {
    required(pointer, "malloc: pointer");
    runtime::device& d = device_of(handle);
    *pointer = bytes == 0 ? nullptr : d.allocate(bytes);
  });
}

hipinfer_status hipinfer_free(hipinfer_context handle, void* pointer) {
  return guard([&] {
    runtime::device& d = device_of(handle);
    if (pointer != nullptr) d.release(pointer);
  });
}

hipinfer_status hipinfer_memcpy_async(hipinfer_context handle, void* destination, const void* source, size_t bytes,
                                      hipinfer_stream stream) {
  return guard([&] {
    runtime::device& d = device_of(handle);
    if (bytes == 0) return;
    d.copy(required(destination, "memcpy_async: destination"), required(source, "memcpy_async: source"), bytes, stream);
  });
}

hipinfer_status hipinfer_memset_async(hipinfer_context handle, void* pointer, uint8_t value, size_t bytes,
                                      hipinfer_stream stream) {
  return guard([&] {
    runtime::device& d = device_of(handle);
    if (bytes != 0) d.fill(required(pointer, "memset_async: pointer"), value, bytes, stream);
  });
}

hipinfer_status hipinfer_stream_create(hipinfer_context handle, hipinfer_stream* stream) {
  return guard([&] { *required(stream, "stream_create: stream") = device_of(handle).stream_create(); });
}

hipinfer_status hipinfer_stream_destroy(hipinfer_context handle, hipinfer_stream stream) {
  return guard([&] {
    runtime::device& d = device_of(handle);
    if (stream != nullptr) d.stream_destroy(stream);
  });
}

hipinfer_status hipinfer_stream_synchronize(hipinfer_context handle, hipinfer_stream stream) {
  return guard([&] { device_of(handle).stream_synchronize(stream); });
}

hipinfer_status hipinfer_event_create(hipinfer_context handle, hipinfer_event* event) {
  return guard([&] { *required(event, "event_create: event") = device_of(handle).event_create(); });
}

hipinfer_status hipinfer_event_destroy(hipinfer_context handle, hipinfer_event event) {
  return guard([&] {
    runtime::device& d = device_of(handle);
    if (event != nullptr) d.event_destroy(event);
  });
}

hipinfer_status hipinfer_event_record(hipinfer_context handle, hipinfer_event event, hipinfer_stream stream) {
  return guard([&] { device_of(handle).event_record(required(event, "event_record: event"), stream); });
}

hipinfer_status hipinfer_event_synchronize(hipinfer_context handle, hipinfer_event event) {
  return guard([&] { device_of(handle).event_synchronize(required(event, "event_synchronize: event")); });
}

hipinfer_status hipinfer_event_elapsed_ms(hipinfer_context handle, hipinfer_event start, hipinfer_event end,
                                          float* milliseconds) {
  return guard([&] {
    required(milliseconds, "event_elapsed_ms: milliseconds");
    *milliseconds = device_of(handle).event_elapsed_ms(required(start, "event_elapsed_ms: start"),
                                                       required(end, "event_elapsed_ms: end"));
  });
}

hipinfer_status hipinfer_stream_wait_event(hipinfer_context handle, hipinfer_stream stream, hipinfer_event event) {
  return guard([&] { device_of(handle).stream_wait(stream, required(event, "stream_wait_event: event")); });
}

hipinfer_status hipinfer_malloc_host(hipinfer_context handle, size_t bytes, void** pointer) {
  return guard([&] {
    required(pointer, "malloc_host: pointer");
    *pointer = device_of(handle).allocate_host(bytes);
  });
}

hipinfer_status hipinfer_free_host(hipinfer_context handle, void* pointer) {
  return guard([&] { device_of(handle).release_host(pointer); });
}

hipinfer_status hipinfer_stream_begin_capture(hipinfer_context handle, hipinfer_stream stream) {
  return guard([&] { device_of(handle).capture_begin(stream); });
}

hipinfer_status hipinfer_stream_end_capture(hipinfer_context handle, hipinfer_stream stream, hipinfer_graph* graph) {
  return guard([&] {
    required(graph, "stream_end_capture: graph");
    *graph = device_of(handle).capture_end(stream);
  });
}

hipinfer_status hipinfer_graph_launch(hipinfer_context handle, hipinfer_graph graph, hipinfer_stream stream) {
  return guard([&] { device_of(handle).graph_launch(required(graph, "graph_launch: graph"), stream); });
}

hipinfer_status hipinfer_graph_destroy(hipinfer_context handle, hipinfer_graph graph) {
  return guard([&] { device_of(handle).graph_destroy(graph); });
}

int32_t hipinfer_op_count(void) {
  int count = 0;
  all_ops(count);
  return count;
}

const char* hipinfer_op_name(int32_t index) {
  int count = 0;
  const op_table* const* ops = all_ops(count);
  return index >= 0 && index < count ? ops[index]->terms.op : nullptr;
}

int32_t hipinfer_kernel_count(void) {
  int count = 0;
  const op_table* const* ops = all_ops(count);
  return count == 0 ? 0 : ops[count - 1]->first_row + ops[count - 1]->row_count;
}

hipinfer_status hipinfer_kernel_get(int32_t index, hipinfer_kernel_info* out) {
  return guard([&] {
    int count = 0;
    const op_table* const* ops = all_ops(count);
    for (int o = 0; o < count; ++o) {
      const int64_t r = int64_t{index} - ops[o]->first_row;
      if (r < 0 || r >= ops[o]->row_count) continue;
      const kernel_row& row = ops[o]->rows[r];
      hipinfer_kernel_info info{0, row.op, row.name, row.module, row.targets, row.condition, row.stage};
      write_sized(out, info, "kernel_get: info");
      return;
    }
    throw fail(HIPINFER_STATUS_INVALID_ARGUMENT, "kernel_get: index: %d, expected a value from 0 to %d", index,
               hipinfer_kernel_count() - 1);
  });
}

int32_t hipinfer_target_count(void) {
  return code_target_count;
}
const char* hipinfer_target_name(int32_t index) {
  return index >= 0 && index < code_target_count ? code_targets[index] : nullptr;
}

hipinfer_status hipinfer_code_object(const char* target, const char* module, const void** data, size_t* size) {
  return guard([&] {
    required(target, "code_object: target");
    required(module, "code_object: module");
    required(data, "code_object: data");
    required(size, "code_object: size");
    const auto [bytes, n] = find_code_object(target, module);
    if (bytes == nullptr) {
      throw fail(HIPINFER_STATUS_NO_CODE_OBJECT, "code_object: no module %s for %s; targets: %s", module, target,
                 built_in_targets().c_str());
    }
    *data = bytes;
    *size = n;
  });
}
}
