// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "generated/ops.h"
#include "ops/silu_and_mul/params.h"

namespace hipinfer {
namespace {

template <class T>
void silu_and_mul(const silu_and_mul_params& p) {
  parallel_rows(p.tokens, p.n, [&](int64_t t) {
    const T* gate = static_cast<const T*>(p.input) + t * p.input_stride;
    const T* up = gate + p.n;
    T* y = static_cast<T*>(p.output) + t * p.output_stride;
    for (int64_t i = 0; i < p.n; ++i) {
      const accumulator<T> x = widen(gate[i]);
      y[i] = narrow<T>(x / (1 + std::exp(-x)) * widen(up[i]));
    }
  });
}

}  // namespace

void silu_and_mul_reference(const silu_and_mul_params& p, const bound_dtypes& types) {
  with_float(types[silu_and_mul_dtype::data], [&]<class T>() { silu_and_mul<T>(p); });
}

}  // namespace hipinfer
