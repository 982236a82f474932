// SPDX-License-Identifier: Apache-2.0
#include "device/math.h"
#include "device/vec.h"
#include "device/walk.h"
#include "ops/silu_and_mul/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

// n is a multiple of Width.
template <class T, int Width>
HIPINFER_DEVICE void gate_rows(const silu_and_mul_params& p) {
  for (grid_walk<threads, 2> w({p.n / Width, p.tokens}); w.inside(); w.next()) {
    const int64_t column = w.at[0] * Width, row = w.at[1];
    const T* x = static_cast<const T*>(p.input) + row * p.input_stride + column;
    float gate[Width], up[Width];
    load_floats<Width>(x, gate);
    load_floats<Width>(x + p.n, up);
    for (int k = 0; k < Width; ++k) gate[k] = silu(gate[k]) * up[k];
    store_floats<Width>(static_cast<T*>(p.output) + row * p.output_stride + column, gate);
  }
}

template <class T>
HIPINFER_DEVICE void silu_and_mul_rows(const silu_and_mul_params& p) {
  if (p.vector)
    gate_rows<T, vector_width<T>>(p);
  else
    gate_rows<T, 1>(p);
}

}  // namespace

#define INSTANTIATE(T)                                                                     \
  HIPINFER_KERNEL(threads) silu_and_mul_rows_##T(HIPINFER_PARAMS(silu_and_mul_params) p) { \
    silu_and_mul_rows<T>(p);                                                               \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
