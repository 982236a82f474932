// SPDX-License-Identifier: Apache-2.0
// A block a row. One pass finds the maximum and the sum together: a thread that meets a larger logit rescales the sum
// that it has. The second pass reads the row again (from cache) and writes.
#include "device/math.h"
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/softmax/params.h"

namespace hipinfer {
namespace {

template <int Threads>
struct scratch_space {
  block_scratch<Threads> floats;
  block_scratch<Threads, candidate> candidates;
};

// -inf - -inf is NaN: what has no larger logit is measured against 0.
HIPINFER_DEVICE float base_of(float top) {
  return top == -infinity ? 0.0f : top;
}

// Calls f(i, v) for this thread's share of a row; past the end a vector is -inf.
template <int Threads, int Width, class T, class F>
HIPINFER_DEVICE void for_row(const T* x, int64_t n, F f) {
  for (int64_t i = thread_id() * Width; i < n; i += Threads * Width) {
    float v[Width];
    load_floats_upto<Width>(x + i, n - i, v, -infinity);
    f(i, v);
  }
}

template <int Threads, int Width, class T, class Out>
HIPINFER_DEVICE void distribute(const T* x, Out* y, int64_t n, float inverse, scratch_space<Threads>& scratch) {
  float top = -infinity, sum = 0;
  for_row<Threads, Width>(x, n, [&](int64_t, const float (&v)[Width]) {
    float larger = top;
    for (int k = 0; k < Width; ++k) larger = max(larger, v[k]);
    if (larger > top) {
      sum *= exp_accurate((top - larger) * inverse);
      top = larger;
    }
    // max passes a NaN over; here it makes the sum NaN for good.
    for (int k = 0; k < Width; ++k) sum += exp_accurate((v[k] - base_of(top)) * inverse);
  });
  const float row_top = base_of(block_max<Threads>(top, scratch.floats));
  const float row_sum = block_sum<Threads>(sum * exp_accurate((top - row_top) * inverse), scratch.floats);
  const float norm = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
  for_row<Threads, Width>(x, n, [&](int64_t i, float (&v)[Width]) {
    for (int k = 0; k < Width; ++k) v[k] = exp_accurate((v[k] - row_top) * inverse) * norm;
    store_floats_upto<Width>(y + i, n - i, v);
  });
}

// Temperature 0.
template <int Threads, int Width, class T, class Out>
HIPINFER_DEVICE void choose(const T* x, Out* y, int64_t n, scratch_space<Threads>& scratch) {
  candidate found = candidate::nothing();
  float nan = 0;
  for_row<Threads, Width>(x, n, [&](int64_t i, const float (&v)[Width]) {
    for (int k = 0; k < Width; ++k) {
      found = best{}(found, {v[k], i + k});
      nan = v[k] != v[k] ? 1.0f : nan;
    }
  });
  found = block_reduce<Threads>(found, best{}, scratch.candidates);
  const bool spoiled = block_max<Threads>(nan, scratch.floats) != 0.0f;
  const float one = spoiled ? not_a_number : found.value == -infinity ? 0.0f : 1.0f;
  const float zero = spoiled ? not_a_number : 0.0f;
  for_row<Threads, Width>(x, n, [&](int64_t i, float (&v)[Width]) {
    for (int k = 0; k < Width; ++k) v[k] = i + k == found.index ? one : zero;
    store_floats_upto<Width>(y + i, n - i, v);
  });
}

template <int Threads, int Width, class T, class Out>
HIPINFER_DEVICE void softmax_row(const softmax_params& p, int64_t row, scratch_space<Threads>& scratch) {
  const T* x = static_cast<const T*>(p.input) + row * p.input_stride;
  Out* y = static_cast<Out*>(p.output) + row * p.output_stride;
  const float* temperatures = static_cast<const float*>(p.temperatures);
  const float temperature = temperatures != nullptr ? temperatures[row] : p.temperature;
  if (temperature == 0.0f) return choose<Threads, Width>(x, y, p.n, scratch);
  // The inverse of a subnormal is held finite, for 0 * inf is NaN. What is no temperature spoils the row.
  const bool valid = temperature > 0.0f && temperature < infinity;
  distribute<Threads, Width>(x, y, p.n, valid ? min(1.0f / temperature, largest) : not_a_number, scratch);
}

// A row's temperature is the same in all threads of its block, so every branch around a barrier is uniform.
template <int Threads, class T, class Out>
HIPINFER_DEVICE void softmax(const softmax_params& p) {
  __shared__ scratch_space<Threads> scratch;
  for (int64_t row = block_id(); row < p.rows; row += block_count<Threads>()) {
    if (p.vector)
      softmax_row<Threads, vector_width<T>, T, Out>(p, row, scratch);
    else
      softmax_row<Threads, 1, T, Out>(p, row, scratch);
  }
}

}  // namespace

#define INSTANTIATE(T, Out)                                                                \
  HIPINFER_KERNEL(256) softmax_rows_##T##_##Out(HIPINFER_PARAMS(softmax_params) p) {       \
    softmax<256, T, Out>(p);                                                               \
  }                                                                                        \
  HIPINFER_KERNEL(1024) softmax_long_rows_##T##_##Out(HIPINFER_PARAMS(softmax_params) p) { \
    softmax<1024, T, Out>(p);                                                              \
  }
INSTANTIATE(f32, f32)
INSTANTIATE(f16, f16)
INSTANTIATE(f16, f32)
INSTANTIATE(bf16, bf16)
INSTANTIATE(bf16, f32)

}  // namespace hipinfer
