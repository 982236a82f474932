// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/reference.h"
#include "generated/ops.h"
#include "ops/rope/params.h"

namespace hipinfer {
namespace {

// One head: both elements of a pair are read before either is written, so y may be x.
template <class T>
void rotate(const T* x, T* y, const accumulator<T>* angles, const rope_params& p) {
  for (int64_t i = 0; i < p.half; ++i) {
    const int64_t first = p.interleaved ? 2 * i : i, second = p.interleaved ? 2 * i + 1 : i + p.half;
    const accumulator<T> a = widen(x[first]), b = widen(x[second]), cosine = angles[i], sine = angles[p.half + i];
    y[first] = narrow<T>(a * cosine - b * sine);
    y[second] = narrow<T>(b * cosine + a * sine);
  }
  for (int64_t i = 2 * p.half; i < p.head_dim; ++i) y[i] = x[i];
}

template <class T, class Position>
void rope(const rope_params& p) {
  const auto heads = [&](int64_t token, int64_t count, const void* in, void* out, const int64_t* in_stride,
                         const int64_t* out_stride) {
    const int64_t position = static_cast<const Position*>(p.positions)[token];
    for (int64_t h = 0; h < count; ++h) {
      const T* x = static_cast<const T*>(in) + token * in_stride[0] + h * in_stride[1];
      T* y = static_cast<T*>(out) + token * out_stride[0] + h * out_stride[1];
      if (position < 0 || position >= p.cached) {
        for (int64_t i = 0; i < p.head_dim; ++i) y[i] = narrow<T>(std::numeric_limits<accumulator<T>>::quiet_NaN());
      } else {
        rotate(x, y, static_cast<const accumulator<T>*>(p.cos_sin) + position * p.cos_sin_stride, p);
      }
    }
  };
  parallel_rows(p.tokens, (p.q_heads + p.k_heads) * p.head_dim, [&](int64_t token) {
    heads(token, p.q_heads, p.q, p.q_out, p.q_stride, p.q_out_stride);
    heads(token, p.k_heads, p.k, p.k_out, p.k_stride, p.k_out_stride);
  });
}

}  // namespace

void rope_reference(const rope_params& p, const bound_dtypes& types) {
  with_float(types[rope_dtype::data], [&]<class T>() {
    with_index(types[rope_dtype::positions], [&]<class Position>() { rope<T, Position>(p); });
  });
}

}  // namespace hipinfer
