// SPDX-License-Identifier: Apache-2.0
// Quantising what a kernel stores: q = value / scale, rounded to nearest even and saturated (device/fp8.h). The value is
// the fp32 one, not rounded to the input's dtype before.
//
// A scale that is given: value * (1 / scale). The reciprocal is rounded to fp32 once, as in FlashInfer's rmsnorm_quant, so
// the result is within one unit in the last place of the rounded quotient. The scale must be a normal number: the
// reciprocal of a subnormal one may be infinite.
//
// A scale that is found: the largest magnitude of what shares it / the largest value of the dtype, but 2^-126 at least, so
// that zeros become zeros. The largest value of i8 counts as 127: -128 does not occur. A NaN has no part in the largest
// magnitude and becomes NaN (0 in i8). With an infinity the scale is infinite: what is finite becomes 0, and the infinity
// becomes NaN (0 in i8).
#pragma once

#include "device/vec.h"

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

// Of v and of what was found before, from 0. reduce.h finds the maximum over lanes.
template <int N>
HIPINFER_DEVICE float largest_magnitude(const float (&v)[N], float before) {
  for (int k = 0; k < N; ++k) before = max(magnitude(v[k]), before);
  return before;
}
// What every value is multiplied by before from_floats or one of the stores of vec.h rounds it.
HIPINFER_DEVICE float quantising_factor(float scale) {
  return 1.0f / scale;
}
template <int N>
HIPINFER_DEVICE void scale_by(float (&v)[N], float factor) {
  for (int k = 0; k < N; ++k) v[k] *= factor;
}

}  // namespace hipinfer
