// SPDX-License-Identifier: Apache-2.0
// The index space is [row, group, vector within the group], so that a scale is found without a division.
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
  const float* scales = static_cast<const float*>(p.scales);
  // The rows are split into groups of group_rows, too; a last group that is not whole has indices outside.
  const int64_t row_groups = (p.rows - 1) / p.group_rows + 1;
  const int64_t space[] = {(p.group_size + Width - 1) / Width, p.groups, p.group_rows, row_groups};
  for (grid_walk<threads, 4> w(space); w.inside(); w.next()) {
    const int64_t row = w.at[3] * p.group_rows + w.at[2], first = w.at[0] * Width;
    const int64_t i = w.at[1] * p.group_size + first;
    if (row >= p.rows || i >= p.n) continue;
    const float scale = scales[w.at[3] * p.scale_stride[0] + w.at[1] * p.scale_stride[1]];
    float v[Width];
    load_floats_upto<Width>(static_cast<const Q*>(p.input) + row * p.input_stride + i, p.n - i, v);
    for (int k = 0; k < Width; ++k) v[k] *= scale;
    store_floats_upto<Width>(static_cast<T*>(p.output) + row * p.output_stride + i, p.n - i, v);
  }
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
