// SPDX-License-Identifier: Apache-2.0
#include "device/vec.h"
#include "device/walk.h"
#include "ops/elementwise/params.h"

namespace hipinfer {

template <int Threads, int Most, class T, int Width>
HIPINFER_DEVICE void gather(const embedding_params& p) {
  with_each<Most>(p.each, [&]<int Each>() {
    const own_vectors<Threads, Each> own(p.vectors);
    if (own.none()) return;
    int64_t column[Each], to[Each], index[Each];
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      const division at = split(own.at(e), p.row_vectors);
      column[e] = at.rest * Width;
      to[e] = at.quotient * p.output_stride + column[e];
      index[e] = index_at(p.indices, p.wide, at.quotient);
    }
    vec<T, Width> v[Each];
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      // A table without rows is not read.
      if (index[e] >= 0 && index[e] < p.vocabulary) {
        v[e] = load<Width>(static_cast<const T*>(p.table) + index[e] * p.table_stride + column[e]);
      } else {
        for (int k = 0; k < Width; ++k) v[e].at[k] = from_float<T>(index[e] < 0 ? 0.0f : not_a_number);
      }
    }
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      if (own.has(e)) store<Width>(static_cast<T*>(p.output) + to[e], v[e]);
    }
  });
}

template <int Threads, int Most, class T>
HIPINFER_DEVICE void gather_rows(const embedding_params& p) {
  if (p.vector)
    gather<Threads, Most, T, vector_width<T>>(p);
  else
    gather<Threads, Most, T, 1>(p);
}

}  // namespace hipinfer
