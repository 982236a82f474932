// SPDX-License-Identifier: Apache-2.0
#include "device/vec.h"
#include "device/walk.h"
#include "ops/embedding/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T, class I, int Width>
HIPINFER_DEVICE void gather(const embedding_params& p) {
  for (grid_walk<threads, 2> w({(p.n + Width - 1) / Width, p.tokens}); w.inside(); w.next()) {
    const int64_t column = w.at[0] * Width, left = p.n - column;
    const int64_t index = static_cast<const I*>(p.indices)[w.at[1]];
    vec<T, Width> v;
    if (index >= 0 && index < p.vocabulary) {
      v = load_upto<Width>(static_cast<const T*>(p.table) + index * p.table_stride + column, left);
    } else {
      for (int k = 0; k < Width; ++k) v.at[k] = from_float<T>(index < 0 ? 0.0f : not_a_number);
    }
    store_upto<Width>(static_cast<T*>(p.output) + w.at[1] * p.output_stride + column, left, v);
  }
}

template <class T, class I>
HIPINFER_DEVICE void embedding_rows(const embedding_params& p) {
  if (p.vector)
    gather<T, I, vector_width<T>>(p);
  else
    gather<T, I, 1>(p);
}

}  // namespace

#define INSTANTIATE(T, I)                                                                  \
  HIPINFER_KERNEL(threads) embedding_rows_##T##_##I(HIPINFER_PARAMS(embedding_params) p) { \
    embedding_rows<T, I>(p);                                                               \
  }
INSTANTIATE(f32, i32)
INSTANTIATE(f32, i64)
INSTANTIATE(f16, i32)
INSTANTIATE(f16, i64)
INSTANTIATE(bf16, i32)
INSTANTIATE(bf16, i64)

}  // namespace hipinfer
