// SPDX-License-Identifier: Apache-2.0
// A block a row: the squares are summed, then the row is read again (from cache) and scaled.
#include "device/math.h"
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T, class W, int Width>
HIPINFER_DEVICE void normalise(const rmsnorm_params& p, int64_t row, block_scratch<threads>& scratch) {
  const int64_t token = row / p.heads, head = row % p.heads;
  const T* x = static_cast<const T*>(p.input) + token * p.input_stride[0] + head * p.input_stride[1];
  T* y = static_cast<T*>(p.output) + token * p.output_stride[0] + head * p.output_stride[1];
  const W* w = static_cast<const W*>(p.weight);
  const int64_t body = p.n / Width * Width;
  float sum = 0;
  for (int64_t i = thread_id() * Width; i < body; i += threads * Width) {
    float v[Width];
    load_floats<Width>(x + i, v);
    for (int k = 0; k < Width; ++k) sum = fma(v[k], v[k], sum);
  }
  for (int64_t i = body + thread_id(); i < p.n; i += threads) sum = fma(to_float(x[i]), to_float(x[i]), sum);
  const float scale = rsqrt(block_sum<threads>(sum, scratch) / static_cast<float>(p.n) + p.eps);
  for (int64_t i = thread_id() * Width; i < body; i += threads * Width) {
    float v[Width], g[Width];
    load_floats<Width>(x + i, v);
    load_floats<Width>(w + i, g);
    for (int k = 0; k < Width; ++k) v[k] = v[k] * scale * g[k];
    store_floats<Width>(y + i, v);
  }
  for (int64_t i = body + thread_id(); i < p.n; i += threads) {
    y[i] = from_float<T>(to_float(x[i]) * scale * to_float(w[i]));
  }
}

template <class T, class W>
HIPINFER_DEVICE void rmsnorm_rows(const rmsnorm_params& p) {
  __shared__ block_scratch<threads> scratch;
  for (int64_t row = block_id(); row < p.rows; row += block_count<threads>()) {
    if (p.vector)
      normalise<T, W, vector_width<T>>(p, row, scratch);
    else
      normalise<T, W, 1>(p, row, scratch);
  }
}

}  // namespace

#define INSTANTIATE(T, W)                                                                          \
  HIPINFER_KERNEL_RESIDENT(threads, 4) rmsnorm_rows_##T##_##W(HIPINFER_PARAMS(rmsnorm_params) p) { \
    rmsnorm_rows<T, W>(p);                                                                         \
  }
INSTANTIATE(f32, f32)
INSTANTIATE(f16, f16)
INSTANTIATE(f16, f32)
INSTANTIATE(bf16, bf16)
INSTANTIATE(bf16, f32)

}  // namespace hipinfer
