// SPDX-License-Identifier: Apache-2.0
// A block a row.
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/sampling/params.h"

namespace hipinfer {

// Of this thread's share of a row. Of each 16 bytes only the maximum is compared; where it is found out in the end. What is
// behind the row's end is NaN, which is never chosen.
template <int Threads, class T>
HIPINFER_DEVICE candidate search(const T* x, int64_t n, bool vector) {
  constexpr int width = vector_width<T>, batch = 8;
  using words = typename detail::word<16>::type;
  const auto get = [&](int64_t group, float (&f)[width]) {
    if (vector) return load_floats_upto<width>(x + group * width, n - group * width, f, not_a_number);
    for (int k = 0; k < width; ++k) f[k] = group * width + k < n ? to_float(x[group * width + k]) : not_a_number;
  };
  float best_value = -infinity;
  int64_t best_group = -1;
  const auto look = [&](int64_t group, const float (&f)[width]) {
    float top = f[0];
#pragma unroll
    for (int k = 1; k < width; ++k) top = max(top, f[k]);
    const bool better = top > best_value || (top == best_value && best_group < 0);
    best_value = better ? top : best_value;
    best_group = better ? group : best_group;
  };
  int64_t g = thread_id();
  const int64_t full = vector ? n / width - (batch - 1) * Threads : 0;
#pragma unroll 1
  for (; g < full; g += batch * Threads) {
    const words* from = reinterpret_cast<const words*>(x) + g;
    words v[batch];
#pragma unroll
    for (int b = 0; b < batch; ++b) v[b] = from[b * Threads];
#pragma unroll
    for (int b = 0; b < batch; ++b) {
      float f[width];
      to_floats(bit_cast<vec<T, width>>(v[b]), f);
      look(g + b * Threads, f);
    }
  }
#pragma unroll 1
  for (; g * width < n; g += Threads) {
    float f[width];
    get(g, f);
    look(g, f);
  }
  if (best_group < 0) return candidate::nothing();
  float f[width];
  get(best_group, f);
  int at = width;
#pragma unroll
  for (int k = width; k-- > 0;) at = f[k] == best_value ? k : at;
  return {best_value, best_group * width + at};
}

template <int Threads, class T, class I>
HIPINFER_DEVICE void argmax(const argmax_params& p) {
  __shared__ block_scratch<Threads, candidate> scratch;
  for (int64_t row = block_id(); row < p.rows; row += block_count<Threads>()) {
    const T* x = static_cast<const T*>(p.input) + row * p.input_stride;
    const candidate found = block_reduce<Threads>(search<Threads>(x, p.n, p.vector != 0), best{}, scratch);
    const int64_t index = found.index == candidate::no_index ? 0 : found.index;
    if (thread_id() == 0) static_cast<I*>(p.output)[row] = static_cast<I>(index);
  }
}

}  // namespace hipinfer
