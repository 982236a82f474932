// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "generated/ops.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {
namespace {

template <class T, class W>
void rmsnorm(const rmsnorm_params& p) {
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    const int64_t token = r / p.heads, head = r % p.heads;
    const T* x = static_cast<const T*>(p.input) + token * p.input_stride[0] + head * p.input_stride[1];
    T* y = static_cast<T*>(p.output) + token * p.output_stride[0] + head * p.output_stride[1];
    const W* w = static_cast<const W*>(p.weight);
    accumulator<T> sum = 0;
    for (int64_t i = 0; i < p.n; ++i) sum += widen(x[i]) * widen(x[i]);
    const accumulator<T> scale = 1 / std::sqrt(sum / static_cast<accumulator<T>>(p.n) + p.eps);
    for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(widen(x[i]) * scale * widen(w[i]));
  });
}

}  // namespace

void rmsnorm_reference(const rmsnorm_params& p, const bound_dtypes& types) {
  with_float(types[rmsnorm_dtype::data],
             [&]<class T>() { with_float(types[rmsnorm_dtype::weight], [&]<class W>() { rmsnorm<T, W>(p); }); });
}

}  // namespace hipinfer
