// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "gen/ops.h"
#include "ops/norms/reference.h"
#include "ops/qk_norm_rope/params.h"

namespace hipinfer {
namespace {

template <class T, class W, class Position>
void qk_norm_rope(const qk_norm_rope_params& p) {
  using real = accumulator<T>;
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  parallel_rows(p.tokens * heads, p.n, [&](int64_t r) {
    const int64_t token = r / heads, head = r % heads;
    const bool key = head >= p.q_heads;
    const int64_t own = key ? head - p.q_heads : head;
    const auto at = [&](const int64_t (&stride)[2]) { return token * stride[0] + own * stride[1]; };
    auto x = widened_row(static_cast<const T*>(key ? p.k : p.q) + at(key ? p.k_stride : p.q_stride), p.n);
    T* y = static_cast<T*>(key ? p.k_out : p.q_out) + at(key ? p.k_out_stride : p.q_out_stride);
    const W* w = static_cast<const W*>(key ? p.k_weight : p.q_weight);
    const int64_t position = static_cast<const Position*>(p.positions)[token];
    const bool inside = position >= 0 && position < p.cached;
    const real scale = inverse_deviation<real>(x, 0, p.eps);
    for (int64_t i = 0; i < p.n; ++i) {
      x[i] = inside ? x[i] * scale * widen(w[i]) : std::numeric_limits<real>::quiet_NaN();
    }
    const real* angles = static_cast<const real*>(p.cos_sin) + (inside ? position * p.cos_sin_stride : 0);
    for (int64_t i = 0; inside && i < p.half; ++i) {
      real& a = x[p.interleaved ? 2 * i : i];
      real& b = x[p.interleaved ? 2 * i + 1 : i + p.half];
      const real cosine = angles[i], sine = angles[p.half + i], first = a;
      a = a * cosine - b * sine;
      b = b * cosine + first * sine;
    }
    for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(x[i]);
  });
}

}  // namespace

void qk_norm_rope_reference(const qk_norm_rope_params& p, const bound_dtypes& types) {
  with_float(types[qk_norm_rope_dtype::data], [&]<class T>() {
    with_float(types[qk_norm_rope_dtype::weight], [&]<class W>() {
      with_index(types[qk_norm_rope_dtype::positions], [&]<class Position>() { qk_norm_rope<T, W, Position>(p); });
    });
  });
}

}  // namespace hipinfer
