// SPDX-License-Identifier: Apache-2.0
#include "device/rows.h"
#include "device/vec.h"
#include "device/walk.h"
#include "ops/dequantize/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;
// One 16-byte access of a 16-bit output, two of f32.
constexpr int width = 8;

template <class Q, class T, int Width>
HIPINFER_DEVICE void dequantize(const dequantize_params& p) {
  constexpr int most = 4;
  const float* scales = static_cast<const float*>(p.scales);
  const int64_t a_row = p.n / Width, a_group = p.group_size / Width;
  vec<Q, Width> v[most];
  float scale[most];
  T* to[most];
  for_neighbours<threads, most>(
      p.rows * a_row, p.each,
      [&](int e, int64_t n) {
        const row_index at = index_of(n, a_row);
        const int64_t i = at.inner * Width, group = p.groups == 1 ? 0 : index_of(at.inner, a_group).outer;
        v[e] = load<Width>(static_cast<const Q*>(p.input) + at.outer * p.input_stride + i);
        scale[e] = scales[index_of(at.outer, p.group_rows).outer * p.scale_stride[0] + group * p.scale_stride[1]];
        to[e] = static_cast<T*>(p.output) + at.outer * p.output_stride + i;
      },
      [&](int e) {
        float f[Width];
        to_floats(v[e], f);
        for (int k = 0; k < Width; ++k) f[k] *= scale[e];
        store_floats<Width>(to[e], f);
      });
}

}  // namespace

#define INSTANTIATE(Q, T)                                                                        \
  HIPINFER_KERNEL(threads) dequantize_vectors_##Q##_##T(HIPINFER_PARAMS(dequantize_params) p) {  \
    dequantize<Q, T, width>(p);                                                                  \
  }                                                                                              \
  HIPINFER_KERNEL(threads) dequantize_elements_##Q##_##T(HIPINFER_PARAMS(dequantize_params) p) { \
    dequantize<Q, T, 1>(p);                                                                      \
  }
#define FROM(Q)       \
  INSTANTIATE(Q, f32) \
  INSTANTIATE(Q, f16) \
  INSTANTIATE(Q, bf16)
FROM(e4m3fn)
FROM(e4m3fnuz)
FROM(e5m2)
FROM(e5m2fnuz)
FROM(i8)

}  // namespace hipinfer
