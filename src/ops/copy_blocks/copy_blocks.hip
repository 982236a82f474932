// SPDX-License-Identifier: Apache-2.0
// A thread an access: of a pair's keys, then of its values.
#include "device/index.h"
#include "device/vec.h"
#include "ops/copy_blocks/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <int Bytes>
HIPINFER_DEVICE void copy(const copy_blocks_params& p) {
  const int64_t of_keys = p.slots[0] * p.heads[0] * p.accesses[0];
  const int64_t of_pair = of_keys + p.slots[1] * p.heads[1] * p.accesses[1];
  const int64_t item = item_id<threads>();
  if (item >= p.pairs * of_pair) return;
  const division pair = divide(item, of_pair);
  const bool value = pair.rest >= of_keys;
  const int64_t heads = value ? p.heads[1] : p.heads[0];
  const division row = divide(value ? pair.rest - of_keys : pair.rest, value ? p.accesses[1] : p.accesses[0]);
  const division slot = divide(row.quotient, heads);
  const int64_t i = row.rest * Bytes, left = (value ? p.row_bytes[1] : p.row_bytes[0]) - i;
  const int64_t source = index_at(p.block_mapping, p.wide, pair.quotient * p.mapping_stride);
  const int64_t destination = index_at(p.block_mapping, p.wide, pair.quotient * p.mapping_stride + 1);
  if (source < 0 || source >= p.pages || destination < 0 || destination >= p.pages) return;
  uint8_t* of_row = static_cast<uint8_t*>(value ? p.cache[1] : p.cache[0]) +
                    slot.quotient * (value ? p.slot_stride[1] : p.slot_stride[0]) +
                    slot.rest * (value ? p.head_stride[1] : p.head_stride[0]) + i;
  const int64_t stride = value ? p.page_stride[1] : p.page_stride[0];
  store_upto<Bytes>(of_row + destination * stride, left, load_upto<Bytes>(of_row + source * stride, left));
}

}  // namespace

HIPINFER_KERNEL(threads) copy_blocks_pages(HIPINFER_PARAMS(copy_blocks_params) p) {
  if (p.access == 16)
    copy<16>(p);
  else if (p.access == 4)
    copy<4>(p);
  else if (p.access == 2)
    copy<2>(p);
  else
    copy<1>(p);
}

}  // namespace hipinfer
