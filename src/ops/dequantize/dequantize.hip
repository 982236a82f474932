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
  constexpr int most = 2;
  const float* scales = static_cast<const float*>(p.scales);
  // A group is the vectors of its columns; only its last one may be partial.
  const int64_t a_group = (p.group_size + Width - 1) / Width, a_row = a_group * p.groups;
  vec<Q, Width> v[most];
  float scale[most];
  int64_t left[most];
  T* to[most];
  for_neighbours<threads, most>(
      p.rows * a_row, p.each,
      [&](int e, int64_t n) {
        const row_index at = index_of(n, a_row), group = index_of(at.inner, a_group);
        const int64_t i = group.outer * p.group_size + group.inner * Width;
        left[e] = p.n - i;
        if (left[e] <= 0) return;
        scale[e] = scales[index_of(at.outer, p.group_rows).outer * p.scale_stride[0] + group.outer * p.scale_stride[1]];
        v[e] = load_upto<Width>(static_cast<const Q*>(p.input) + at.outer * p.input_stride + i, left[e]);
        to[e] = static_cast<T*>(p.output) + at.outer * p.output_stride + i;
      },
      [&](int e) {
        if (left[e] <= 0) return;
        float f[Width];
        to_floats(v[e], f);
        for (int k = 0; k < Width; ++k) f[k] *= scale[e];
        store_floats_upto<Width>(to[e], left[e], f);
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
