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
  int history;  // keys that the first row's token sees, if none is hidden for another reason
  int causal;

  HIPINFER_DEVICE bool has(int row) const { return row < rows; }
  HIPINFER_DEVICE int64_t token(int row) const { return first_token + in_group(row).quotient; }
  HIPINFER_DEVICE int64_t head(int row) const { return kv_head * group.by + in_group(row).rest; }
  // Keys that a row sees.
  HIPINFER_DEVICE int limit(int row) const {
    if (!has(row)) return 0;
    if (!causal) return request.length;
    const int visible = history + static_cast<int>(in_group(row).quotient);
    return visible > 0 ? visible : 0;
  }

 private:
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
  HIPINFER_DEVICE int64_t request_of(int64_t slot) const {
    int64_t low = 0, high = p.batch;
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      if (first_slot(middle) <= slot)
        low = middle;
      else
        high = middle;
    }
    return low;
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
    const int64_t b = request_of(slot);
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
    tile.causal = p.causal;
    return true;
  }
};

}  // namespace hipinfer
