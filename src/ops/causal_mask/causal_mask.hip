// SPDX-License-Identifier: Apache-2.0
#include "device/vec.h"
#include "device/walk.h"
#include "ops/causal_mask/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T, int Width>
HIPINFER_DEVICE void mask(const causal_mask_params& p) {
  const T value = from_float<T>(p.value);
  for (grid_walk<threads, 4> w({(p.keys + Width - 1) / Width, p.queries, p.heads, p.batch}); w.inside(); w.next()) {
    const int64_t first = w.at[0] * Width, left = p.keys - first, q = w.at[1], h = w.at[2], b = w.at[3];
    const int64_t visible = q + (p.keys - p.queries) - first + 1;  // of this vector's keys; may be negative
    const int64_t from = b * p.input_stride[0] + h * p.input_stride[1] + q * p.input_stride[2] + first;
    const int64_t to = b * p.output_stride[0] + h * p.output_stride[1] + q * p.output_stride[2] + first;
    vec<T, Width> v = {};
    if (visible > 0) v = load_upto<Width>(static_cast<const T*>(p.input) + from, left);  // masked keys are not read
    for (int k = 0; k < Width; ++k) v.at[k] = k < visible ? v.at[k] : value;
    store_upto<Width>(static_cast<T*>(p.output) + to, left, v);
  }
}

template <class T>
HIPINFER_DEVICE void causal_mask_scores(const causal_mask_params& p) {
  if (p.vector)
    mask<T, vector_width<T>>(p);
  else
    mask<T, 1>(p);
}

}  // namespace

#define INSTANTIATE(T)                                                                     \
  HIPINFER_KERNEL(threads) causal_mask_scores_##T(HIPINFER_PARAMS(causal_mask_params) p) { \
    causal_mask_scores<T>(p);                                                              \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
