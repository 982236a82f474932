// SPDX-License-Identifier: Apache-2.0
// Decode by matrix instructions whose waves share out the keys of a chunk, each with tiles of its own in LDS and no barrier until the
// end: no product is found twice, as the scores of decode_tile.hip are. A wave keeps the sums of all columns, which wide heads do not
// leave it the registers for.
#include "ops/attention/decode_state.h"
#include "ops/attention/decode_tile.hip"

namespace hipinfer {

// A wave that works as a block does. Shapes: as of prefill.
template <int Columns, int Keys, bool Shapes = true>
struct wave_tiling : kv_tiling<Keys, Columns, wave_size> {
  static constexpr bool shapes = Shapes, keeps_pages = true;
  static constexpr int fragments = 1, waves = 1, parts = 1;
  static constexpr int wave_rows = tile::size, rows = tile::size;
  static constexpr int key_tiles = Keys / tile::size, column_tiles = Columns / tile::size;
  HIPINFER_DEVICE static int first_row() { return 0; }
  HIPINFER_DEVICE static int first_column() { return 0; }
  static constexpr int strip_bytes = tile::size * 64;
};

template <class Tiling, int Waves, class T>
union decode_waves_lds {
  prefill_lds<Tiling, T> own[Waves];
  decode_state<Waves, tile::size, Tiling::columns + 8> state;  // rows begin on other banks
};

template <class Tiling, class T, class Kv>
class decode_own_keys
    : prefill_wave<Tiling, T, Kv, prefill_lds<Tiling, T>, paged_attention_decode_params, decode_rows> {
  using base = prefill_wave<Tiling, T, Kv, prefill_lds<Tiling, T>, paged_attention_decode_params, decode_rows>;
  using base::tile_, base::softmax_, base::sums_;

 public:
  static constexpr bool fp8 = base::mover::fp8;
  using base::base;

  HIPINFER_DEVICE void attend(int begin) { base::add_keys(begin, tile_.end); }

  template <class State>
  HIPINFER_DEVICE void leave(State& to, int wave) {
    const int lane = lane_id();
#pragma unroll
    for (int n = 0; n < Tiling::column_tiles; ++n) {
      tile::for_each(lane, sums_[0][n],
                     [&](int row, int column, float& x) { to.value[wave][row][n * tile::size + column] = x; });
    }
    if (tile::layout::column(lane, 0) != 0) return;
    tile::for_each_row([&](int i, int row) {
      to.most[wave][row] = softmax_.raw_anchor(0, i);
      to.sum[wave][row] = softmax_.sum(0, i);
    });
  }
};

template <class Tiling, int Waves, int Kib, class T, class Kv = T>
HIPINFER_DEVICE void decode_waves(const paged_attention_decode_params& p) {
  auto& lds = tile::launched_lds<decode_waves_lds<Tiling, Waves, T>, Kib>();
  with_work(p, tile::size, [&](const decode_work& w) {
    const int wave = thread_id() / wave_size;
    const key_range own = keys_of_wave<Tiling::keys, Waves>(w, wave);
    const decode_rows rows = {w.request, w.kv_head, w.b, w.head, w.heads, w.from > own.begin ? w.from : own.begin,
                              own.end};
    decode_own_keys<Tiling, T, Kv> of_wave(p, rows, lds.own[wave]);
    of_wave.attend(own.begin);
    block_barrier();  // all tiles have been read
    of_wave.leave(lds.state, thread_id() / wave_size);
    block_barrier();  // every wave's state is there
    combine_waves<Waves * wave_size, T, decode_own_keys<Tiling, T, Kv>::fp8>(read_here(p), w, lds.state, p.head_dim);
  });
}

}  // namespace hipinfer
