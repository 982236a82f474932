// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/softmax/params.h"

namespace hipinfer {
namespace {

template <class T, class Out>
void softmax(const softmax_params& p) {
  using real = accumulator<T>;
  constexpr real infinity = std::numeric_limits<real>::infinity();
  parallel_rows(p.rows, p.n, [&](int64_t row) {
    const T* x = static_cast<const T*>(p.input) + row * p.input_stride;
    Out* y = static_cast<Out*>(p.output) + row * p.output_stride;
    const auto store = [&](int64_t i, real value) { y[i] = narrow<Out>(static_cast<accumulator<Out>>(value)); };
    const real temperature = p.temperatures != nullptr ? static_cast<const real*>(p.temperatures)[row] : p.temperature;
    bool nan = !(temperature >= 0 && temperature < infinity);
    real max = -infinity;
    int64_t argmax = 0;
    for (int64_t i = 0; i < p.n; ++i) {
      nan = nan || std::isnan(widen(x[i]));
      if (!(widen(x[i]) > max)) continue;
      max = widen(x[i]);
      argmax = i;
    }
    const bool greedy = temperature == 0 || max == -infinity;
    const auto weight = [&](int64_t i) { return std::exp((widen(x[i]) - max) / temperature); };
    double sum = 0;  // in order over a whole vocabulary: fp32 would lose its last digits
    for (int64_t i = 0; i < p.n && !greedy; ++i) sum += weight(i);
    for (int64_t i = 0; i < p.n; ++i) {
      if (nan)
        store(i, std::numeric_limits<real>::quiet_NaN());
      else if (max == -infinity)
        store(i, 0);
      else if (temperature == 0)
        store(i, i == argmax ? 1 : 0);
      else
        store(i, static_cast<real>(weight(i) / sum));
    }
  });
}

}  // namespace

void softmax_reference(const softmax_params& p, const bound_dtypes& types) {
  with_float(types[softmax_dtype::data],
             [&]<class T>() { with_float(types[softmax_dtype::out], [&]<class Out>() { softmax<T, Out>(p); }); });
}

}  // namespace hipinfer
