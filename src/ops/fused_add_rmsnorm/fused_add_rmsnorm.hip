// SPDX-License-Identifier: Apache-2.0
// A block a row. The first pass only sums the squares; the second reads both rows again (from cache) and forms the same
// sums before it stores either, so that the norm never sees a rounded sum and a row may be of any length.
#include "device/math.h"
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/fused_add_rmsnorm/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

// Past the row's end the sum is 0.
template <class T, int Width>
HIPINFER_DEVICE void load_sum(const T* x, const T* residual, int64_t left, float (&sum)[Width]) {
  float v[Width];
  load_floats_upto<Width>(x, left, v);
  load_floats_upto<Width>(residual, left, sum);
  for (int k = 0; k < Width; ++k) sum[k] += v[k];
}

template <class T, class W, int Width>
HIPINFER_DEVICE void normalise(const fused_add_rmsnorm_params& p, int64_t row, block_scratch<threads>& scratch) {
  T* x = static_cast<T*>(p.input) + row * p.input_stride;
  T* residual = static_cast<T*>(p.residual) + row * p.residual_stride;
  const W* w = static_cast<const W*>(p.weight);
  float squares = 0;
  for (int64_t i = thread_id() * Width; i < p.n; i += threads * Width) {
    float s[Width];
    load_sum<T, Width>(x + i, residual + i, p.n - i, s);
    for (int k = 0; k < Width; ++k) squares = fma(s[k], s[k], squares);
  }
  const float scale = rsqrt(block_sum<threads>(squares, scratch) / static_cast<float>(p.n) + p.eps);
  // A thread stores only what it alone has read, so the barriers of the sum are all that the passes need.
  for (int64_t i = thread_id() * Width; i < p.n; i += threads * Width) {
    float s[Width], g[Width];
    load_sum<T, Width>(x + i, residual + i, p.n - i, s);
    load_floats_upto<Width>(w + i, p.n - i, g);
    store_floats_upto<Width>(residual + i, p.n - i, s);
    for (int k = 0; k < Width; ++k) s[k] = s[k] * scale * g[k];
    store_floats_upto<Width>(x + i, p.n - i, s);
  }
}

template <class T, class W>
HIPINFER_DEVICE void fused_add_rmsnorm_rows(const fused_add_rmsnorm_params& p) {
  __shared__ block_scratch<threads> scratch;
  for (int64_t row = block_id(); row < p.rows; row += block_count<threads>()) {
    if (p.vector)
      normalise<T, W, vector_width<T>>(p, row, scratch);
    else
      normalise<T, W, 1>(p, row, scratch);
  }
}

}  // namespace

#define INSTANTIATE(T, W)                                                                                  \
  HIPINFER_KERNEL(threads) fused_add_rmsnorm_rows_##T##_##W(HIPINFER_PARAMS(fused_add_rmsnorm_params) p) { \
    fused_add_rmsnorm_rows<T, W>(p);                                                                       \
  }
INSTANTIATE(f32, f32)
INSTANTIATE(f16, f16)
INSTANTIATE(f16, f32)
INSTANTIATE(bf16, bf16)
INSTANTIATE(bf16, f32)

}  // namespace hipinfer
