// SPDX-License-Identifier: Apache-2.0
// Where and with what factor a KV cache is written (stored_as in device/quantize.h does the rest).
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

template <class Q>
HIPINFER_DEVICE Q* cache_row(void* cache, const int64_t (&stride)[3], cache_slot to, int64_t head) {
  return static_cast<Q*>(cache) + to.page * stride[0] + to.slot * stride[1] + head * stride[2];
}

}  // namespace hipinfer
