// SPDX-License-Identifier: Apache-2.0
// A block a row.
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/sampling/params.h"

namespace hipinfer {

// Of this thread's share of a row; past the end a vector is NaN, which is never chosen.
template <int Threads, int Width, class T>
HIPINFER_DEVICE candidate search(const T* x, int64_t n) {
  candidate found = candidate::nothing();
  for (int64_t i = thread_id() * Width; i < n; i += Threads * Width) {
    float v[Width];
    load_floats_upto<Width>(x + i, n - i, v, not_a_number);
    for (int k = 0; k < Width; ++k) found = best{}(found, {v[k], i + k});
  }
  return found;
}

template <int Threads, class T, class I>
HIPINFER_DEVICE void argmax(const argmax_params& p) {
  __shared__ block_scratch<Threads, candidate> scratch;
  for (int64_t row = block_id(); row < p.rows; row += block_count<Threads>()) {
    const T* x = static_cast<const T*>(p.input) + row * p.input_stride;
    candidate found = p.vector ? search<Threads, vector_width<T>>(x, p.n) : search<Threads, 1>(x, p.n);
    found = block_reduce<Threads>(found, best{}, scratch);
    const int64_t index = found.index == candidate::no_index ? 0 : found.index;
    if (thread_id() == 0) static_cast<I*>(p.output)[row] = static_cast<I>(index);
  }
}

}  // namespace hipinfer
