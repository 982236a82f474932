// SPDX-License-Identifier: Apache-2.0
// A thread has a few accesses of keys or, in every second block, of values.
#include "device/vec.h"
#include "device/walk.h"
#include "ops/kv/params.h"

namespace hipinfer {

template <int Bytes, int Threads>
HIPINFER_DEVICE void copy_accesses(const copy_blocks_params& p) {
  using word = typename detail::word<Bytes>::type;
  const int which = static_cast<int>(block_number()) & p.both;
  with_each<4>(p.each, [&]<int Each>() {
    using own_share = own_vectors<Threads, Each>;
    using index = typename own_share::index;
    const own_share own(p.accesses[which], block_number() >> p.both);
    if (own.none()) return;
    uint8_t* cache = static_cast<uint8_t*>(p.cache[which]);
    int64_t offset[Each], source[Each], destination[Each];
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      const division pair = split(own.at(e), p.pair_accesses[which]);
      const division row = split(static_cast<index>(pair.rest), p.row_accesses[which]);
      const division slot = split(static_cast<index>(row.quotient), p.heads_by[which]);
      source[e] = index_at(p.block_mapping, p.wide, pair.quotient * p.mapping_stride);
      destination[e] = index_at(p.block_mapping, p.wide, pair.quotient * p.mapping_stride + 1);
      offset[e] = slot.quotient * p.slot_stride[which] + slot.rest * p.head_stride[which] + row.rest * Bytes;
    }
    word v[Each];
    bool there[Each];
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      there[e] = source[e] >= 0 && source[e] < p.pages && destination[e] >= 0 && destination[e] < p.pages;
      if (there[e]) v[e] = *reinterpret_cast<const word*>(cache + offset[e] + source[e] * p.page_stride[which]);
    }
#pragma unroll
    for (int e = 0; e < Each; ++e) {
      if (there[e] && own.has(e)) {
        *reinterpret_cast<word*>(cache + offset[e] + destination[e] * p.page_stride[which]) = v[e];
      }
    }
  });
}

template <int Threads>
HIPINFER_DEVICE void copy_blocks(const copy_blocks_params& p) {
  if (p.access == 16)
    copy_accesses<16, Threads>(p);
  else if (p.access == 8)
    copy_accesses<8, Threads>(p);
  else if (p.access == 4)
    copy_accesses<4, Threads>(p);
  else if (p.access == 2)
    copy_accesses<2, Threads>(p);
  else
    copy_accesses<1, Threads>(p);
}

}  // namespace hipinfer
