// SPDX-License-Identifier: Apache-2.0
// Quantising what a kernel stores: q = value / scale, rounded to nearest even and saturated (device/fp8.h). What is
// quantised is the fp32 value, not one that was rounded to the input's dtype before.
//
// A scale that is given: value * (1 / scale), with the reciprocal rounded to fp32 once, as FlashInfer's rmsnorm_quant has
// it; within one unit in the last place of the rounded quotient. The scale is to be a normal number: the reciprocal of a
// subnormal one may be infinite.
//
// A scale that is found: the largest magnitude of what shares it / the largest value of the dtype (127 of i8, so that
// -128 does not occur), but 2^-126 at least: zeros become zeros. A NaN has no part in the largest magnitude and becomes
// NaN (0 in i8); with an infinity the scale is infinite, what is finite becomes 0, and the infinity NaN (0 in i8).
#pragma once

#include "device/vec.h"

// KERNEL(T, Q) for every dtype that is quantised to every one that it is quantised to.
#define HIPINFER_QUANTISED(KERNEL, T) \
  KERNEL(T, e4m3fn)                   \
  KERNEL(T, e4m3fnuz)                 \
  KERNEL(T, e5m2)                     \
  KERNEL(T, e5m2fnuz)                 \
  KERNEL(T, i8)
#define HIPINFER_QUANTISED_PAIRS_16(KERNEL) \
  HIPINFER_QUANTISED(KERNEL, f16)           \
  HIPINFER_QUANTISED(KERNEL, bf16)
#define HIPINFER_QUANTISED_PAIRS(KERNEL) \
  HIPINFER_QUANTISED(KERNEL, f32)        \
  HIPINFER_QUANTISED_PAIRS_16(KERNEL)

namespace hipinfer {

template <class Q>
constexpr float quantised_max = Q::largest;
template <>
constexpr float quantised_max<i8> = 127.0f;

// Calls body(as_type) for the quantised dtype that a kernel's parameter names.
template <class Body>
HIPINFER_DEVICE void with_quantised(dtype type, Body body) {
  if (type == dtype::i8)
    body(as_type<i8>{});
  else
    with_fp8(type, body);
}
template <class Q>
HIPINFER_DEVICE float largest_of(as_type<Q>) {
  return quantised_max<Q>;
}
HIPINFER_DEVICE float largest_of(as_type<software_float8> as) {
  return as.format.largest();
}

// Of v and what was found before; from 0. The maximum over lanes is reduce.h's.
template <int N>
HIPINFER_DEVICE float largest_magnitude(const float (&v)[N], float before) {
  for (int k = 0; k < N; ++k) before = max(magnitude(v[k]), before);
  return before;
}
template <class Q>
HIPINFER_DEVICE float dynamic_scale(float largest_magnitude) {
  return max(largest_magnitude / quantised_max<Q>, 0x1p-126f);
}

// What every value is multiplied by before from_floats or one of the stores of vec.h rounds it.
HIPINFER_DEVICE float quantising_factor(float scale) {
  return 1.0f / scale;
}
template <int N>
HIPINFER_DEVICE void scale_by(float (&v)[N], float factor) {
  for (int k = 0; k < N; ++k) v[k] *= factor;
}

// Elements as Q: quantised, or as they are where Q is no quantised type.
template <class Q, int N, class T>
HIPINFER_DEVICE vec<Q, N> stored_as(const vec<T, N>& v, float factor) {
  if constexpr (sizeof(Q) > 1) {
    return v;
  } else {
    float x[N];
    to_floats(v, x);
    scale_by(x, factor);
    return from_floats<Q>(x);
  }
}

}  // namespace hipinfer
