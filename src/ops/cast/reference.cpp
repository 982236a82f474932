// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/cast/params.h"

namespace hipinfer {
namespace {

template <class Out, class In>
void cast(const cast_params& p) {
  const In* input = static_cast<const In*>(p.input);
  Out* output = static_cast<Out*>(p.output);
  parallel_rows(p.n, 1, [&](int64_t i) {
    int64_t from = 0, to = 0;
    for (int d = 0; d < p.rank; ++d) {
      from += i % p.shape[d] * p.input_stride[d];
      to += i % p.shape[d] * p.output_stride[d];
      i /= p.shape[d];
    }
    output[to] = narrow<Out>(widen(input[from]));
  });
}

}  // namespace

void cast_reference(const cast_params& p, const bound_dtypes& types) {
  with_number(types[cast_dtype::output],
              [&]<class Out>() { with_number(types[cast_dtype::input], [&]<class In>() { cast<Out, In>(p); }); });
}

}  // namespace hipinfer
