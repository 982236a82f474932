// SPDX-License-Identifier: Apache-2.0
// Decode by matrix instructions, for groups of query heads: a block takes a chunk of one request's keys and up to 16 of the query heads
// of a key/value head, which are the rows of its tile. All waves find the same scores, and each sums some of the columns.
#include "device/tile/copy.h"
#include "ops/attention/decode_state.h"
#include "ops/attention/prefill_tile.hip"

namespace hipinfer {

// The waves share out the columns. Shapes: as of prefill.
template <int Columns, bool Shapes = true>
using decode_tiling = prefill_tiling<Columns,
                                     (Columns > 128                    ? 32
                                      : Columns > 64 || has_async_copy ? 64
                                                                       : 128),
                                     1, 4, 4, Shapes>;

struct decode_rows {
  static constexpr bool alike = true;
  paged_request request;
  int64_t kv_head, request_number, first_head;
  int rows, from, end;  // query heads; keys

  HIPINFER_DEVICE bool has(int row) const { return row < rows; }
  HIPINFER_DEVICE int64_t token(int) const { return request_number; }
  HIPINFER_DEVICE int64_t head(int row) const { return first_head + row; }
  HIPINFER_DEVICE int begin(const paged_attention_decode_params&, int) const { return from; }
  HIPINFER_DEVICE int limit(int row) const { return has(row) ? end : 0; }
  HIPINFER_DEVICE int all_see_from(const paged_attention_decode_params&) const { return from; }
  HIPINFER_DEVICE int all_see(const paged_attention_decode_params&) const { return end; }
  HIPINFER_DEVICE int position(int) const { return request.length - 1; }
};

// attend(work) with what this block has, of up to `heads` query heads, if it has anything. (nvcc keeps more in registers, and spills, where
// a function returns it.)
template <class Attend>
HIPINFER_DEVICE void with_work(const paged_attention_decode_params& p, int heads, Attend attend) {
  const int tiles = (p.group + heads - 1) / heads;
  const division part = divide(block_number(), p.kv_heads * tiles);
  decode_work w;
  w.slot = part.quotient;
  if (w.slot >= p.slots) return;
  const bool used = find_chunk(p, make_schedule(p), w);
  if (!used && !w.empty) return;
  const int first = static_cast<int>(part.rest % tiles) * heads;
  w.kv_head = part.rest / tiles;
  w.head = w.kv_head * p.group + first;
  w.heads = p.group - first < heads ? p.group - first : heads;
  attend(w);
}

template <class Tiling, class T, class Kv>
class decode_wave : prefill_wave<Tiling, T, Kv, prefill_lds<Tiling, T>, paged_attention_decode_params, decode_rows> {
  using base = prefill_wave<Tiling, T, Kv, prefill_lds<Tiling, T>, paged_attention_decode_params, decode_rows>;
  using base::p_, base::tile_, base::softmax_, base::sums_;

 public:
  using base::base;

  // Keys begin to tile.end - 1, and what comes of them: the result, or, of a request in several chunks, what `merge` combines.
  HIPINFER_DEVICE void attend(int begin, bool whole, int64_t slot) {
    base::add_keys(begin, tile_.end);
    if (whole)
      base::store();
    else
      store_part(slot * p_.q_heads + tile_.first_head);
  }

 private:
  HIPINFER_DEVICE void store_part(int64_t first) {
    const int lane = found_here(lane_id()), first_column = Tiling::first_column();
#pragma unroll
    for (int n = 0; n < Tiling::column_tiles; ++n) {
      tile::for_each(lane, sums_[0][n], [&](int row, int inside, float& x) {
        const int column = first_column + n * tile::size + inside;
        if (tile_.has(row) && column < p_.head_dim) p_.partial_value[(first + row) * p_.head_dim + column] = x;
      });
    }
    if (first_column != 0 || tile::layout::column(lane, 0) != 0) return;
    tile::for_each_row([&](int i, int row) {
      if (!tile_.has(row)) return;
      p_.partial_most[first + row] = softmax_.raw_anchor(0, i);
      p_.partial_sum[first + row] = softmax_.sum(0, i);
    });
  }
};

template <class Tiling, int Kib, class T, class Kv = T>
HIPINFER_DEVICE void decode_tile(const paged_attention_decode_params& p) {
  static_assert(Tiling::rows == tile::size);
  auto& lds = tile::launched_lds<prefill_lds<Tiling, T>, Kib>();
  with_work(p, tile::size, [&](const decode_work& w) {
    // Of a page that the token does not see whole as many keys are left out as runs of keys side by side allow.
    const int begin = w.from / Tiling::run * Tiling::run;
    const decode_rows rows = {w.request, w.kv_head, w.b, w.head, w.heads, w.from, w.empty ? 0 : w.end};
    decode_wave<Tiling, T, Kv>(p, rows, lds).attend(w.empty ? 0 : begin > w.begin ? begin : w.begin, w.whole, w.slot);
  });
}

}  // namespace hipinfer
