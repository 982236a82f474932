// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "generated/ops.h"
#include "ops/fused_add_rmsnorm/params.h"

namespace hipinfer {
namespace {

template <class T, class W>
void fused_add_rmsnorm(const fused_add_rmsnorm_params& p) {
  parallel_rows(p.rows, p.n, [&](int64_t row) {
    T* x = static_cast<T*>(p.input) + row * p.input_stride;
    T* residual = static_cast<T*>(p.residual) + row * p.residual_stride;
    const W* w = static_cast<const W*>(p.weight);
    const auto sum = [&](int64_t i) { return widen(x[i]) + widen(residual[i]); };
    accumulator<T> squares = 0;
    for (int64_t i = 0; i < p.n; ++i) squares += sum(i) * sum(i);
    const accumulator<T> scale = 1 / std::sqrt(squares / static_cast<accumulator<T>>(p.n) + p.eps);
    for (int64_t i = 0; i < p.n; ++i) {
      const accumulator<T> s = sum(i);
      residual[i] = narrow<T>(s);
      x[i] = narrow<T>(s * scale * widen(w[i]));
    }
  });
}

}  // namespace

void fused_add_rmsnorm_reference(const fused_add_rmsnorm_params& p, const bound_dtypes& types) {
  with_float(types[fused_add_rmsnorm_dtype::data], [&]<class T>() {
    with_float(types[fused_add_rmsnorm_dtype::weight], [&]<class W>() { fused_add_rmsnorm<T, W>(p); });
  });
}

}  // namespace hipinfer
