// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "gen/ops.h"
#include "ops/adaln/params.h"

namespace hipinfer {
namespace {

template <class T, class M>
void adaln(const adaln_params& p) {
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    const auto x = widened_row(row_at(static_cast<const T*>(p.input), p.input_stride, r, p.inner.by), p.n);
    T* y = row_at(static_cast<T*>(p.output), p.output_stride, r, p.inner.by);
    const M* scale = static_cast<const M*>(p.scale) + r / p.inner.by * p.scale_stride;
    const M* shift = static_cast<const M*>(p.shift) + r / p.inner.by * p.shift_stride;
    const double center = p.rms ? 0 : mean(x);
    const accumulator<T> factor = inverse_deviation(x, center, p.eps);
    for (int64_t i = 0; i < p.n; ++i) {
      y[i] = narrow<T>(static_cast<accumulator<T>>(x[i] - center) * factor * (1 + widen(scale[i])) + widen(shift[i]));
    }
  });
}

}  // namespace

void adaln_reference(const adaln_params& p, const bound_dtypes& types) {
  with_float(types[adaln_dtype::data],
             [&]<class T>() { with_float(types[adaln_dtype::modulation], [&]<class M>() { adaln<T, M>(p); }); });
}

}  // namespace hipinfer
