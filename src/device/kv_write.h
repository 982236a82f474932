// SPDX-License-Identifier: Apache-2.0
// Where and with what factor a KV cache is written, by threads that have one unit of several heads of a token. The cache is
// of the keys' own dtype, or of fp8, which one is known at run time.
#pragma once

#include "device/paged_kv.h"
#include "device/quantize.h"

namespace hipinfer {

// What is multiplied by on its way into a cache of fp8; a scale of NULL is 1.
HIPINFER_DEVICE float cache_factor(const void* scale) {
  return scale == nullptr ? 1.0f : quantising_factor(*static_cast<const float*>(scale));
}

// Element i of a head in a token's slot.
HIPINFER_DEVICE uint8_t* cache_row(void* cache, const int64_t (&stride)[3], cache_slot to, int64_t head, int64_t i,
                                   int element_bytes) {
  return static_cast<uint8_t*>(cache) +
         (to.page * stride[0] + to.slot * stride[1] + head * stride[2] + i) * element_bytes;
}

template <class Params>
HIPINFER_DEVICE cache_slot slot_of_token(const Params& p, int64_t token) {
  return slot_of(p, index_at(p.batch_indices, p.wide, token), index_at(p.positions, p.wide, token));
}

}  // namespace hipinfer
