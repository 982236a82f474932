// SPDX-License-Identifier: Apache-2.0
// Vectors on their way into a KV cache: as they are, or quantised with a scale of the cache.
#pragma once

#include "device/paged_kv.h"
#include "device/quantize.h"

namespace hipinfer {

// What keys of T are multiplied by on their way into a cache of Q; a scale of NULL is 1.
template <class T, class Q>
HIPINFER_DEVICE float cache_factor(const void* scale) {
  if constexpr (sizeof(Q) > 1)
    return 1;
  else
    return scale == nullptr ? 1.0f : quantising_factor(*static_cast<const float*>(scale));
}

template <class Q, int N, class T>
HIPINFER_DEVICE vec<Q, N> for_cache(const vec<T, N>& v, float factor) {
  if constexpr (sizeof(Q) > 1) {
    return v;
  } else {
    float x[N];
    to_floats(v, x);
    scale_by(x, factor);
    return from_floats<Q>(x);
  }
}

template <class Q>
HIPINFER_DEVICE Q* cache_row(void* cache, const int64_t (&stride)[3], cache_slot to, int64_t head) {
  return static_cast<Q*>(cache) + to.page * stride[0] + to.slot * stride[1] + head * stride[2];
}

}  // namespace hipinfer
