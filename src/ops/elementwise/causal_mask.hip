// SPDX-License-Identifier: Apache-2.0
// Masked keys are not read.
#include "device/vec.h"
#include "device/walk.h"
#include "ops/elementwise/params.h"

namespace hipinfer {

template <int Threads, int Most, class T, int Width>
HIPINFER_DEVICE void mask(const causal_mask_params& p) {
  const T value = from_float<T>(p.value);
  with_each<Most>(p.each, [&]<int Each>() {
    using own_share = own_vectors<Threads, Each>;
    using index = typename own_share::index;
    const own_share own(p.vectors);
    if (own.none()) return;
    vec<T, Width> v[Each];
    int64_t to[Each];
    int visible[Each];  // of a vector's keys
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      const division row = split(own.at(e), p.row_vectors);
      const division q = split(static_cast<index>(row.quotient), p.queries_by);
      const division h = split(static_cast<index>(q.quotient), p.heads_by);
      const int64_t b = h.quotient, first = row.rest * Width;
      const int64_t seen = q.rest + (p.keys - p.queries) - first + 1;
      visible[e] = seen < 0 ? 0 : seen < Width ? static_cast<int>(seen) : Width;
      to[e] = b * p.output_stride[0] + h.rest * p.output_stride[1] + q.rest * p.output_stride[2] + first;
      const int64_t from = b * p.input_stride[0] + h.rest * p.input_stride[1] + q.rest * p.input_stride[2] + first;
      v[e] = {};
      if (visible[e] > 0) v[e] = load<Width>(static_cast<const T*>(p.input) + from);
    }
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      for (int k = 0; k < Width; ++k) v[e].at[k] = k < visible[e] ? v[e].at[k] : value;
      if (own.has(e)) store<Width>(static_cast<T*>(p.output) + to[e], v[e]);
    }
  });
}

template <int Threads, int Most, class T>
HIPINFER_DEVICE void mask_scores(const causal_mask_params& p) {
  if (p.vector)
    mask<Threads, Most, T, vector_width<T>>(p);
  else
    mask<Threads, Most, T, 1>(p);
}

}  // namespace hipinfer
