// SPDX-License-Identifier: Apache-2.0
// What the references of rotary operations share.
#pragma once

#include <limits>

#include "ops/kv_writes/reference.h"

namespace hipinfer {

// One head: both elements of a pair are read before either is written, so y may be x. `angles` has half cosines, then half
// sines; NULL: the position is none, and the head becomes NaN. The results are multiplied by factor where Q is quantised.
template <class T, class Q>
void rotate_head(const T* x, Q* y, const accumulator<T>* angles, int64_t half, int64_t head_dim, bool interleaved,
                 accumulator<T> factor = 1) {
  const auto put = [&](int64_t i, accumulator<T> value) {
    if constexpr (is_quantised<Q>) value *= factor;
    y[i] = narrow<Q>(value);
  };
  if (angles == nullptr) {
    for (int64_t i = 0; i < head_dim; ++i) put(i, std::numeric_limits<accumulator<T>>::quiet_NaN());
    return;
  }
  for (int64_t i = 0; i < half; ++i) {
    const int64_t first = interleaved ? 2 * i : i, second = interleaved ? 2 * i + 1 : i + half;
    const accumulator<T> a = widen(x[first]), b = widen(x[second]), cosine = angles[i], sine = angles[half + i];
    put(first, a * cosine - b * sine);
    put(second, b * cosine + a * sine);
  }
  for (int64_t i = 2 * half; i < head_dim; ++i) {
    if constexpr (is_quantised<Q>)
      put(i, widen(x[i]));
    else
      y[i] = x[i];
  }
}

template <class T, class Params>
const accumulator<T>* angles_at(const Params& p, int64_t position) {
  const auto* table = static_cast<const accumulator<T>*>(p.cos_sin);
  return position >= 0 && position < p.cached ? table + position * p.cos_sin_stride : nullptr;
}

// q and k of one token; Params as set_rope_heads fills it in.
template <class T, class Params>
void rotate_token(const Params& p, int64_t token, const accumulator<T>* angles) {
  const auto heads = [&](int64_t count, const void* in, void* out, const int64_t* stride, const int64_t* out_stride) {
    for (int64_t h = 0; h < count; ++h) {
      const T* x = static_cast<const T*>(in) + token * stride[0] + h * stride[1];
      T* y = static_cast<T*>(out) + token * out_stride[0] + h * out_stride[1];
      rotate_head(x, y, angles, p.half, p.head_dim, p.interleaved != 0);
    }
  };
  heads(p.q_heads, p.q, p.q_out, p.q_stride, p.q_out_stride);
  heads(p.k_heads, p.k, p.k_out, p.k_stride, p.k_out_stride);
}

}  // namespace hipinfer
