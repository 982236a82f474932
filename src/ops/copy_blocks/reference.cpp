// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "gen/ops.h"
#include "ops/copy_blocks/params.h"
#include "ops/kv_writes/reference.h"

namespace hipinfer {

void copy_blocks_reference(const copy_blocks_params& p, const bound_dtypes&) {
  for (int64_t n = 0; n < p.pairs; ++n) {
    const int64_t from = index_at(p.block_mapping, p.wide, n * p.mapping_stride);
    const int64_t to = index_at(p.block_mapping, p.wide, n * p.mapping_stride + 1);
    if (from < 0 || from >= p.pages || to < 0 || to >= p.pages || from == to) continue;
    for (int k = 0; k < 2; ++k) {
      char* cache = static_cast<char*>(p.cache[k]);
      for (int64_t s = 0; s < p.slots[k]; ++s) {
        for (int64_t h = 0; h < p.heads[k]; ++h) {
          char* row = cache + s * p.slot_stride[k] + h * p.head_stride[k];
          std::memcpy(row + to * p.page_stride[k], row + from * p.page_stride[k], static_cast<size_t>(p.row_bytes[k]));
        }
      }
    }
  }
}

}  // namespace hipinfer
