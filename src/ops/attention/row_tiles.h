// SPDX-License-Identifier: Apache-2.0
// How the query rows of a ragged batch are cut into tiles. A row is a query head of a token; the rows that share a key/value head
// are numbered by token, heads innermost, so that a group of heads fills a tile.
#pragma once

#include "ops/attention/paged_keys.h"
#include "ops/attention/params.h"

namespace hipinfer {

// Up to `Rows` rows of one request.
template <int Rows>
struct row_tile {
  static constexpr bool alike = false;  // whether all rows see the same keys
  paged_request request;
  int64_t kv_head, first_token, first_head;  // of the first row; first_head among the group
  divisor group;
  int rows;
  int history;   // keys up to the position of the first row's token, which may be negative: none
  int ahead;     // keys past its own position that a token sees; -1: all
  int64_t bits;  // where those of the first row's token begin in the mask, if there is one

  HIPINFER_DEVICE bool has(int row) const { return row < rows; }
  HIPINFER_DEVICE int64_t token(int row) const { return first_token + in_group(row).quotient; }
  HIPINFER_DEVICE int64_t head(int row) const { return kv_head * group.by + in_group(row).rest; }
  // A row sees the keys from begin to limit - 1, of these with a mask those that have a bit.
  HIPINFER_DEVICE int begin(const paged_attention_prefill_params& p, int row) const {
    if (p.window == 0) return 0;
    const int hidden = history + offset(row) - p.window;
    return hidden > 0 ? hidden : 0;
  }
  HIPINFER_DEVICE int limit(int row) const {
    if (!has(row)) return 0;
    if (ahead < 0) return request.length;
    const int visible = history + offset(row) + ahead;
    return visible < 0 ? 0 : visible < request.length ? visible : request.length;
  }
  // All rows see the keys from all_see_from to all_see - 1.
  HIPINFER_DEVICE int all_see_from(const paged_attention_prefill_params& p) const { return begin(p, rows - 1); }
  HIPINFER_DEVICE int all_see(const paged_attention_prefill_params& p) const {
    return p.custom_mask != nullptr ? 0 : limit(0);
  }
  HIPINFER_DEVICE int position(int row) const { return history + offset(row) - 1; }
  // Bits of the mask for 32 keys from `key` on. What is past the mask's end is not seen.
  HIPINFER_DEVICE uint32_t seen(const paged_attention_prefill_params& p, int row, int key) const {
    if (p.mask_bytes == 0) return 0;
    const int64_t at = bits + static_cast<int64_t>(offset(row)) * request.length + key;
    uint64_t word = 0;
#pragma unroll
    for (int i = 0; i < 5; ++i) {
      const int64_t byte = (at >> 3) + i;
      const uint32_t x = p.custom_mask[byte < p.mask_bytes ? byte : p.mask_bytes - 1];
      word |= static_cast<uint64_t>(byte < p.mask_bytes ? x : 0) << (8 * i);
    }
    return static_cast<uint32_t>(word >> (at & 7));
  }
  HIPINFER_DEVICE bool sees(const paged_attention_prefill_params& p, int row, int key) const {
    return key >= begin(p, row) && key < limit(row) && (p.custom_mask == nullptr || (seen(p, row, key) & 1) != 0);
  }

 private:
  HIPINFER_DEVICE int offset(int row) const { return static_cast<int>(in_group(row).quotient); }
  HIPINFER_DEVICE small_division in_group(int row) const {
    return divide(static_cast<uint32_t>(first_head) + static_cast<uint32_t>(row), group);
  }
};

// Request b has the slots from indptr[b] * group / Rows + b on, as many as it has tiles: since ceil((y - x) / n) <= y / n - x / n + 1
// (integer division) the slots of two requests never meet.
template <int Rows>
struct row_tiles {
  const paged_attention_prefill_params& p;

  HIPINFER_DEVICE int64_t slots() const { return p.tokens * p.group / Rows + p.batch; }
  HIPINFER_DEVICE int64_t first_slot(int64_t b) const {
    return static_cast<int64_t>(p.qo_indptr[b]) * p.group / Rows + b;
  }
  // Sets `tile` to what this block has. The last rows of a prompt see the most keys: they come first. Blocks that run together have few
  // heads, and share their keys in the cache; eight, so that each of eight dies has its own.
  HIPINFER_DEVICE bool of_block(row_tile<Rows>& tile) const {
    constexpr int together = 8;
    const division run = divide(block_number(), slots() * together);
    const int64_t first_head = run.quotient * together, left = p.kv_heads - first_head;
    if (left <= 0) return false;
    const division at = divide(run.rest, left < together ? left : together);
    return this->at(slots() - 1 - at.quotient, first_head + at.rest, tile);
  }

  // Sets `tile` to the rows of a slot; false where no tile needs the slot, or there is none of that number.
  HIPINFER_DEVICE bool at(int64_t slot, int64_t kv_head, row_tile<Rows>& tile) const {
    if (slot < 0 || slot >= slots()) return false;
    const int64_t b = owner_of(slot, p.batch, [&](int64_t i) { return first_slot(i); });
    const int64_t begin = p.qo_indptr[b] < 0 ? 0 : p.qo_indptr[b];
    const int64_t end = p.qo_indptr[b + 1] > p.tokens ? p.tokens : p.qo_indptr[b + 1];
    const int64_t tokens = end > begin ? end - begin : 0;
    const int64_t first_row = (slot - first_slot(b)) * Rows, left = tokens * p.group - first_row;
    if (first_row < 0 || left <= 0) return false;
    const division first = divide(first_row, p.group);
    tile.request = read_request(p, b);
    tile.kv_head = kv_head;
    tile.first_token = begin + first.quotient;
    tile.first_head = first.rest;
    tile.group = p.group_by;
    tile.rows = static_cast<int>(left < Rows ? left : Rows);
    tile.history = static_cast<int>(tile.request.length - tokens + 1 + first.quotient);
    tile.ahead = p.ahead;
    tile.bits = 0;
    if (p.custom_mask != nullptr) {
      const int64_t byte = index_at(p.mask_indptr, p.wide_mask_indptr, b);
      tile.bits = (byte < 0 ? 0 : byte < p.mask_bytes ? byte : p.mask_bytes) * 8 + first.quotient * tile.request.length;
    }
    return true;
  }
};

}  // namespace hipinfer
