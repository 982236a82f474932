// SPDX-License-Identifier: Apache-2.0
/// @file hipinfer.hpp Handles that free themselves, exceptions and tensor views for C++17, over hipinfer.h.
///
/// Operations have no wrapper: hipinfer::check(hipinfer_rmsnorm(context, y, x, w, 1e-6f, stream)). Streams,
/// events and buffers must not outlive their context. What was moved from may be assigned to or destroyed.
/// Threads may share a context; they share the other objects as they may share a std::vector.
#ifndef HIPINFER_HIPINFER_HPP
#define HIPINFER_HIPINFER_HPP

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hipinfer/hipinfer.h"

namespace hipinfer {

/// A call that failed: its status, and as what() the library's message.
class error : public std::runtime_error {
 public:
  error(hipinfer_status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  hipinfer_status status() const noexcept { return status_; }

 private:
  hipinfer_status status_;
};

/// Throws error unless the call succeeded. Call it on the thread that made the call.
inline void check(hipinfer_status status) {
  if (status == HIPINFER_STATUS_OK) return;
  const char* message = hipinfer_last_error();
  throw error(status, *message != '\0' ? message : hipinfer_status_string(status));
}

/// Ends what a context made.
template <hipinfer_status (*destroy)(hipinfer_context, void*)>
struct deleter {
  hipinfer_context owner;
  void operator()(void* handle) const noexcept { static_cast<void>(destroy(owner, handle)); }
};
template <hipinfer_status (*destroy)(hipinfer_context, void*)>
using owned = std::unique_ptr<void, deleter<destroy>>;

/// A device with its kernels.
class context {
 public:
  /// @param device "hip", "cuda" or "cpu", optionally ":ordinal"; NULL: HIPINFER_DEVICE or the best.
  explicit context(const char* device = nullptr) : context(for_device(device)) {}
  explicit context(const hipinfer_context_options& options) {
    hipinfer_context made = nullptr;
    check(hipinfer_context_create(&options, &made));
    handle_.reset(made);
    device_ = info().device;
  }

  operator hipinfer_context() const noexcept { return handle_.get(); }
  hipinfer_device device() const noexcept { return device_; }
  hipinfer_device_info info() const {
    hipinfer_device_info info{};
    info.struct_size = sizeof info;
    check(hipinfer_context_device_info(*this, &info));
    return info;
  }

 private:
  static hipinfer_context_options for_device(const char* device) noexcept {
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = device;
    return options;
  }
  struct destroy {
    void operator()(hipinfer_context handle) const noexcept { hipinfer_context_destroy(handle); }
  };
  std::unique_ptr<hipinfer_context_s, destroy> handle_;
  hipinfer_device device_{};
};

/// What streams and events have in common.
template <hipinfer_status (*create)(hipinfer_context, void**), hipinfer_status (*destroy)(hipinfer_context, void*)>
class handle {
 public:
  explicit handle(const context& owner) : handle_(nullptr, {owner}) {
    void* made = nullptr;
    check(create(owner, &made));
    handle_.reset(made);  // a stream is NULL on the CPU: nothing to end
  }
  operator void*() const noexcept { return handle_.get(); }

 protected:
  hipinfer_context owner() const noexcept { return handle_.get_deleter().owner; }

 private:
  owned<destroy> handle_;
};

class graph;

/// A stream of its own. Any hipStream_t, CUstream or nullptr serves calls as well.
class stream : public handle<hipinfer_stream_create, hipinfer_stream_destroy> {
 public:
  using handle::handle;
  /// Waits for all that is enqueued, and reports a fault of any of it.
  void synchronize() const { check(hipinfer_stream_synchronize(owner(), *this)); }
  /// Records what `enqueue()` gives to this stream, for launches.
  template <class Enqueue>
  graph capture(Enqueue&& enqueue) const;
};

/// Captured work. The memory that it names stays where it is for as long as it is launched.
class graph {
 public:
  void launch(hipinfer_stream stream) const {
    check(hipinfer_graph_launch(handle_.get_deleter().owner, handle_.get(), stream));
  }

 private:
  friend class stream;
  graph(hipinfer_context owner, hipinfer_graph made) noexcept : handle_(made, {owner}) {}
  owned<hipinfer_graph_destroy> handle_;
};

template <class Enqueue>
graph stream::capture(Enqueue&& enqueue) const {
  check(hipinfer_stream_begin_capture(owner(), *this));
  hipinfer_graph made = nullptr;
  try {
    std::forward<Enqueue>(enqueue)();
  } catch (...) {
    if (hipinfer_stream_end_capture(owner(), *this, &made) == HIPINFER_STATUS_OK)
      static_cast<void>(hipinfer_graph_destroy(owner(), made));
    throw;
  }
  check(hipinfer_stream_end_capture(owner(), *this, &made));
  return graph(owner(), made);
}

/// A point in a stream, with its time.
class event : public handle<hipinfer_event_create, hipinfer_event_destroy> {
 public:
  using handle::handle;
  void record(hipinfer_stream stream) { check(hipinfer_event_record(owner(), *this, stream)); }
  /// What is enqueued on the stream from here on runs after the event.
  void hold(hipinfer_stream stream) const { check(hipinfer_stream_wait_event(owner(), stream, *this)); }
  void synchronize() const { check(hipinfer_event_synchronize(owner(), *this)); }
  /// Milliseconds from `start` to this event; both have completed.
  float elapsed_ms_since(const event& start) const {
    float milliseconds = 0;
    check(hipinfer_event_elapsed_ms(owner(), start, *this, &milliseconds));
    return milliseconds;
  }
};

/// Device memory for `size` elements.
template <class T>
class buffer {
  static_assert(std::is_trivially_copyable_v<T>, "the elements are copied as bytes");
  static_assert(!std::is_same_v<T, bool>, "std::vector<bool> has no bytes: use uint8_t, and dtype_of<bool>() in views");

 public:
  buffer(const context& owner, size_t size) : data_(nullptr, {owner}), device_(owner.device()), size_(size) {
    if (size > static_cast<size_t>(-1) / sizeof(T)) throw error(HIPINFER_STATUS_OVERFLOW, "buffer: too many elements");
    void* made = nullptr;
    check(hipinfer_malloc(owner, size * sizeof(T), &made));
    data_.reset(made);
  }
  /// Holds a copy of host elements, made before this returns.
  buffer(const context& owner, const std::vector<T>& host) : buffer(owner, host.size()) {
    upload(host.data(), nullptr);
    check(hipinfer_stream_synchronize(owner, nullptr));
  }

  T* data() const noexcept { return static_cast<T*>(data_.get()); }
  size_t size() const noexcept { return size_; }
  hipinfer_device device() const noexcept { return device_; }
  /// Copies size() elements from the host, in stream order; they must stay until that has happened.
  void upload(const T* host, hipinfer_stream stream) {
    check(hipinfer_memcpy_async(data_.get_deleter().owner, data(), host, size_ * sizeof(T), stream));
  }
  /// The elements as they are once all that is enqueued on the stream has run.
  std::vector<T> download(hipinfer_stream stream) const {
    std::vector<T> host(size_);
    check(hipinfer_memcpy_async(data_.get_deleter().owner, host.data(), data(), size_ * sizeof(T), stream));
    check(hipinfer_stream_synchronize(data_.get_deleter().owner, stream));
    return host;
  }

 private:
  owned<hipinfer_free> data_;
  hipinfer_device device_;
  size_t size_;
};

inline constexpr hipinfer_dtype float16{HIPINFER_DTYPE_FLOAT, 16, 1};
inline constexpr hipinfer_dtype bfloat16{HIPINFER_DTYPE_BFLOAT, 16, 1};

/// The dtype of a C++ type. float16 and bfloat16 have none here: name theirs.
template <class T>
constexpr hipinfer_dtype dtype_of() {
  static_assert(std::is_arithmetic_v<T>, "give the dtype, for example hipinfer::bfloat16");
  constexpr auto code = std::is_same_v<T, bool>       ? HIPINFER_DTYPE_BOOL
                        : std::is_floating_point_v<T> ? HIPINFER_DTYPE_FLOAT
                        : std::is_signed_v<T>         ? HIPINFER_DTYPE_INT
                                                      : HIPINFER_DTYPE_UINT;
  return {static_cast<uint8_t>(code), static_cast<uint8_t>(8 * sizeof(T)), 1};
}

/// Elements of a block and its bytes; of 1 where each element has bytes of its own.
struct block_size {
  int64_t elements, bytes;
};
inline block_size block_of(hipinfer_dtype dtype) noexcept {
  switch (dtype.code) {
    case HIPINFER_DTYPE_Q4_0:
      return {32, 18};
    case HIPINFER_DTYPE_Q8_0:
      return {32, 34};
    case HIPINFER_DTYPE_Q4_K:
      return {256, 144};
    case HIPINFER_DTYPE_Q6_K:
      return {256, 210};
    case HIPINFER_DTYPE_MXFP4:
      return {32, 17};
    default:
      return {1, dtype.bits < 8 ? 1 : dtype.bits / 8};
  }
}

/// A view of memory that someone else owns; its shape is its own. Converts to what operations take.
class tensor {
 public:
  /// @param strides in elements; empty: compact and row-major.
  tensor(hipinfer_device device, const void* data, std::vector<int64_t> shape, hipinfer_dtype dtype,
         const std::vector<int64_t>& strides = {}) {
    const size_t rank = shape.size();
    if (!strides.empty() && strides.size() != rank)
      throw error(HIPINFER_STATUS_INVALID_RANK, "tensor: as many strides as dimensions, or none");
    shape.insert(shape.end(), strides.begin(), strides.end());
    extents_ = std::make_shared<const std::vector<int64_t>>(std::move(shape));
    const int64_t* first = extents_->data();
    value_ = {const_cast<void*>(data),
              device,
              static_cast<int32_t>(rank),
              dtype,
              first,
              strides.empty() ? nullptr : first + rank,
              0};
  }
  /// Of a buffer, within which all elements must lie.
  template <class T>
  tensor(const buffer<T>& b, std::vector<int64_t> shape, hipinfer_dtype dtype = dtype_of<T>(),
         const std::vector<int64_t>& strides = {})
      : tensor(b.device(), b.data(), std::move(shape), dtype, strides) {
    const auto [elements, bytes] = block_of(dtype);
    require_within(static_cast<int64_t>(b.size() * sizeof(T)) / bytes * elements);
  }

  operator const hipinfer_tensor*() const noexcept { return &value_; }

 private:
  void require_within(int64_t elements) const {
    const int64_t *shape = value_.shape, *strides = value_.strides;
    int64_t last = 0, compact = 1;  // index of the last element so far, and the stride of a compact row
    bool fits = elements > 0;
    for (int32_t i = value_.ndim - 1; i >= 0; --i) {
      if (shape[i] == 0) return;
      const int64_t stride = strides == nullptr ? compact : strides[i], steps = shape[i] - 1;
      fits =
          fits && steps >= 0 && (steps == 0 || stride == 0 || (stride > 0 && steps <= (elements - 1 - last) / stride));
      if (!fits) continue;  // an extent of 0 may follow
      last += steps * (steps == 0 ? 0 : stride);
      compact *= shape[i];
    }
    if (fits) return;
    std::string text;
    for (int32_t i = 0; i < value_.ndim; ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    throw error(HIPINFER_STATUS_INVALID_SHAPE, "tensor: shape [" + text + "] reaches past the " +
                                                   std::to_string(elements) + " elements of the buffer");
  }

  std::shared_ptr<const std::vector<int64_t>> extents_;  // shape, then strides; copies share it
  hipinfer_tensor value_;
};

}  // namespace hipinfer

#endif
