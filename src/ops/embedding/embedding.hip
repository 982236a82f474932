// SPDX-License-Identifier: Apache-2.0
#include "device/rows.h"
#include "device/vec.h"
#include "device/walk.h"
#include "ops/embedding/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T, class I, int Width>
HIPINFER_DEVICE void gather(const embedding_params& p) {
  constexpr int most = 2;
  const int64_t a_row = p.n / Width;
  vec<T, Width> v[most];
  T* to[most];
  for_neighbours<threads, most>(
      p.tokens * a_row, p.each,
      [&](int e, int64_t i) {
        const row_index at = index_of(i, a_row);
        const int64_t column = at.inner * Width;
        to[e] = static_cast<T*>(p.output) + at.outer * p.output_stride + column;
        const int64_t index = static_cast<const I*>(p.indices)[at.outer];
        if (index >= 0 && index < p.vocabulary) {
          v[e] = load<Width>(static_cast<const T*>(p.table) + index * p.table_stride + column);
        } else {
          for (int k = 0; k < Width; ++k) v[e].at[k] = from_float<T>(index < 0 ? 0.0f : not_a_number);
        }
      },
      [&](int e) { store<Width>(to[e], v[e]); });
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
