// SPDX-License-Identifier: Apache-2.0
// Prefill by matrix instructions. A block takes a tile of query rows, whose waves share the rows out, and walks over the keys they see:
//
//   keys of tile t are in LDS     begin to bring its values     S = Q K^T, masked at the edges, and its softmax
//   values of tile t are in LDS   begin to bring the next keys  O += P V
//
// P goes from accumulators to operands without leaving its lanes.
#include "ops/attention/kv_fp8.h"
#include "ops/attention/query_rows.h"
#include "ops/attention/row_tiles.h"
#include "ops/attention/tile_scores.h"
#include "ops/attention/tile_softmax.h"

namespace hipinfer {

// Columns: of the products; head dimensions up to that are served. A wave has 16 * Fragments rows, and where the sums of all columns do
// not fit in its registers, one of `Parts` parts of them; the waves of the others find the same scores. Shapes: whether there are
// registers for what options make of scores, and for a mask of bits.
template <int Columns, int Keys, int Fragments, int Waves, int Parts = 1, bool Shapes = true>
struct prefill_tiling : kv_tiling<Keys, Columns, Waves * wave_size> {
  static constexpr bool shapes = Shapes;
  static constexpr int fragments = Fragments, waves = Waves, parts = Parts;
  static constexpr int wave_rows = Fragments * tile::size, rows = Waves / Parts * wave_rows;
  static constexpr int key_tiles = Keys / tile::size, column_tiles = Columns / tile::size / Parts;
  static_assert(Waves % Parts == 0 && column_tiles * Parts * tile::size == Columns);
  // Asynchronous copies need no registers, and where a wave has many rows there are none to spare: pages are looked up again.
  static constexpr bool keeps_pages = !has_async_copy || Parts > 1;
  // Of the tile, the wave's rows and columns begin here.
  HIPINFER_DEVICE static int first_row() { return thread_id() / wave_size / Parts * wave_rows; }
  HIPINFER_DEVICE static int first_column() { return thread_id() / wave_size % Parts * column_tiles * tile::size; }
  // The waves' own part of LDS when all is done.
  static constexpr int strip_bytes = tile::size * 64;
};

template <class Tiling, class T>
struct prefill_lds {
  [[no_unique_address]] typename query_rows<Tiling, T>::type::lds queries;
  union {
    typename Tiling::key_tile keys;
    unsigned char strips[Tiling::waves][Tiling::strip_bytes];
    struct {
      float row_sums[Tiling::rows];
      int32_t flags[Tiling::waves];
    };
  };
  typename Tiling::value_tile values;
};

// Of decode, too, whose rows are others (decode_tile.hip). Kv: what the cache holds, T or fp8.
template <class Tiling, class T, class Kv = T, class Lds = prefill_lds<Tiling, T>,
          class Params = paged_attention_prefill_params, class Rows = row_tile<Tiling::rows>>
class prefill_wave {
 protected:
  static constexpr int fragments = Tiling::fragments, key_tiles = Tiling::key_tiles;
  static constexpr int column_tiles = Tiling::column_tiles;
  using lds = Lds;
  using mover = typename kv_mover_of<Tiling, T, Kv>::type;
  // Of fp8, half of the registers hold as many keys. Decode waits for memory: the next tile of keys and that of values are both under way.
  static constexpr bool both_ahead = mover::fp8 && Rows::alike;

 public:
  HIPINFER_DEVICE prefill_wave(const Params& p, const Rows& tile, lds& shared)
      : p_(p),
        tile_(tile),
        lds_(shared),
        queries_(shared.queries),
        k_at_(tile::lds_reader<128>::of_b(0)),
        v_at_(Tiling::first_column()),
        softmax_(p.scale_log2) {}

  HIPINFER_DEVICE void attend() {
    const bool cleared = add_keys(first_tile(), tile_.limit(tile_.rows - 1));
    store();
    if (any_in_block(cleared)) add_cleared_values();
  }

 protected:
  HIPINFER_DEVICE int64_t offset_of(const int64_t* stride) const {
    return first_offset(tile_.request, tile_.kv_head, stride);
  }
  // The first key of the first tile that a row sees some of.
  HIPINFER_DEVICE int first_tile() const { return tile_.begin(p_, 0) / Tiling::keys * Tiling::keys; }
  // Keys of which the tiles need no more than a mask, or nothing, are none where scores are shaped.
  HIPINFER_DEVICE int plain_end() const { return p_.shaped ? 0 : tile_.all_see(p_); }

  // Keys begin to end - 1. True: of keys that not every row sees, values that are NaN or infinite have been left out.
  HIPINFER_DEVICE bool add_keys(int begin, int end) {
    const int all_see_from = tile_.all_see_from(p_), all_see = plain_end();
    const float k_scale = mover::fp8 ? k_scale_of(p_, tile_.kv_head) : 1.0f;
    load_queries();
    paged_request seen = tile_.request;
    if constexpr (both_ahead) seen.length = end;  // past the last tile its last key is read, and not what others read
    kv_places<Tiling, mover::keeps_pages> places(seen, begin, p_.page_size);
    mover keys(p_.k_cache, p_.cache_type, offset_of(p_.k_stride), p_.k_stride, p_.head_dim);
    mover values(p_.v_cache, p_.cache_type, offset_of(p_.v_stride), p_.v_stride, p_.head_dim);
    if (begin < end) {
      places.look_up(begin);
      keys.begin(places, lds_.keys);
      if constexpr (both_ahead) begin_values(values, places, begin + Tiling::keys);
    }
    bool cleared = false;
#pragma unroll 1
    for (int first = begin; first < end; first += Tiling::keys) {
      const bool masked = first + Tiling::keys > all_see || first < all_see_from, more = first + Tiling::keys < end;
      keys.finish(lds_.keys);
      Tiling::barrier();  // the keys are there, and the values before have been read
      if constexpr (both_ahead) {
        keys.begin(places, lds_.keys);
      } else {
        values.begin(places, lds_.values);
        if (more) places.look_up(first + Tiling::keys);
      }
      keep_order();
      multiply_keys();
      if constexpr (mover::fp8) scale_keys(k_scale);
      if (masked) shape_and_mask(first);
      softmax_.weigh(scores_, [&](int m, const tile::row_values& factor) {
#pragma unroll
        for (int n = 0; n < column_tiles; ++n)
          tile::for_each_slot(sums_[m][n], [&](int i, float& x) { x *= factor.at[i]; });
      });
      // The weight 0 of a key that a row does not see times NaN or infinity would be NaN.
      if (!masked)
        values.finish(lds_.values);
      else if constexpr (Rows::alike)
        values.finish_between(all_see_from - first, end - first, lds_.values);
      else
        cleared |= values.finish_cleared(lds_.values);
      Tiling::barrier();  // the values are there, and the keys have been read
      if constexpr (both_ahead)
        begin_values(values, places, first + 2 * Tiling::keys);
      else if (more)
        keys.begin(places, lds_.keys);
      keep_order();
      multiply_values();
    }
    softmax_.finish();
    const bool any_in_wave = ballot(cleared) != 0;
    Tiling::barrier();  // LDS may be written
    return any_in_wave;
  }

  // Values of the tile that has been looked up. The pages of the next tile come before them: loads arrive in order, and the next keys do
  // not wait for these values.
  template <class Places>
  HIPINFER_DEVICE void begin_values(mover& values, Places& places, int next) {
    const Places now = places;
    places.look_up(next);
    keep_order();
    values.begin(now, lds_.values);
  }

  HIPINFER_DEVICE void load_queries() {
    queries_.load(p_.head_dim, [&](int row) {
      const int there = tile_.has(row) ? row : tile_.rows - 1;  // what rows past the last one give is not stored
      return static_cast<const T*>(p_.query) + tile_.token(there) * p_.query_stride[0] +
             tile_.head(there) * p_.query_stride[1];
    });
  }

  // Fragments of keys are read some products ahead of their own.
  HIPINFER_DEVICE void multiply_keys() {
    constexpr int steps = Tiling::columns / tile::step<T>, slice_steps = 128 / tile::step_bytes, ahead = 2;
    constexpr int products = steps * key_tiles;
    tile::fragment_b<T> k[ahead + 1];
    const auto read = [&](int q) {
      const int s = q / key_tiles, c = q % key_tiles;
      k_at_.read(k[q % (ahead + 1)].words, lds_.keys.slices[s / slice_steps].at, s % slice_steps, c * tile::size);
    };
#pragma unroll
    for (int q = 0; q < ahead; ++q) read(q);
#pragma unroll
    for (int m = 0; m < fragments; ++m) {
#pragma unroll
      for (int c = 0; c < key_tiles; ++c) scores_[m][c] = {};
    }
    tile::fragment_a<T> q[fragments];
#pragma unroll
    for (int at = 0; at < products; ++at) {
      const int s = at / key_tiles, c = at % key_tiles;
      if (c == 0) {
#pragma unroll
        for (int m = 0; m < fragments; ++m) q[m] = queries_.fragment(m, s);
      }
      if (at + ahead < products) read(at + ahead);
#pragma unroll
      for (int part = 0; part < tile::parts<T>; ++part) {
#pragma unroll
        for (int m = 0; m < fragments; ++m) tile::multiply_part(scores_[m][c], q[m], k[at % (ahead + 1)], part);
      }
      keep_order();
    }
  }

  HIPINFER_DEVICE void scale_keys(float scale) {
#pragma unroll
    for (int m = 0; m < fragments; ++m) {
#pragma unroll
      for (int c = 0; c < key_tiles; ++c) tile::for_each_slot(scores_[m][c], [&](int, float& x) { x *= scale; });
    }
  }

  // The scores of the tile that begins at key `first`. Options are read here alone.
  HIPINFER_DEVICE void shape_and_mask(int first) {
    tile_scores<Tiling, Params, Rows>(read_here(p_), tile_, scores_).shape_and_mask(first);
  }

  HIPINFER_DEVICE void multiply_values() {
    constexpr int steps = Tiling::keys / tile::step<T>, products = steps * column_tiles, ahead = 2;
    tile::fragment_b<T> v[ahead + 1];
    const auto read = [&](int q) { v_at_.read(v[q % (ahead + 1)], lds_.values, q / column_tiles, q % column_tiles); };
#pragma unroll
    for (int q = 0; q < ahead; ++q) read(q);
    tile::fragment_a<T> p[fragments];
#pragma unroll
    for (int at = 0; at < products; ++at) {
      const int s = at / column_tiles, n = at % column_tiles;
      if (n == 0) {
#pragma unroll
        for (int m = 0; m < fragments; ++m) relay(p[m], m, s);
      }
      if (at + ahead < products) read(at + ahead);
#pragma unroll
      for (int part = 0; part < tile::parts<T>; ++part) {
#pragma unroll
        for (int m = 0; m < fragments; ++m) tile::multiply_part(sums_[m][n], p[m], v[at % (ahead + 1)], part);
      }
      keep_order();
    }
  }
  HIPINFER_DEVICE void relay(tile::fragment_a<T>& p, int m, int s) const {
    tile::accumulator side[tile::relay_accumulators];
#pragma unroll
    for (int i = 0; i < tile::relay_accumulators; ++i) side[i] = scores_[m][s * tile::relay_accumulators + i];
    tile::relay(p, side);
  }

  // Sixteen rows of up to 32 columns at a time go through LDS, so that they are written 16 bytes a lane.
  HIPINFER_DEVICE void store() {
    const Params& p = read_here(p_);
    constexpr int chunk = (column_tiles > 1 ? 2 : 1) * tile::size;
    constexpr int elements = tile::piece_bytes / sizeof(T), lanes_a_row = chunk / elements;
    constexpr int rows_a_pass = wave_size / lanes_a_row < tile::size ? wave_size / lanes_a_row : tile::size;
    constexpr int passes = tile::size / rows_a_pass;
    static_assert(tile::size * chunk * sizeof(T) <= Tiling::strip_bytes);
    T* strip = reinterpret_cast<T*>(lds_.strips[thread_id() / wave_size]);
    const int lane = found_here(lane_id()), first_column = Tiling::first_column();
    const int column = lane % lanes_a_row * elements;
    float v_scale = 1;
    if constexpr (mover::fp8) v_scale = v_scale_of(p, tile_.kv_head);
#pragma unroll
    for (int m = 0; m < fragments; ++m) {
      const int first = Tiling::first_row() + m * tile::size;
      float factor[tile::lane_rows], nothing[tile::lane_rows];
      const bool lse_here = p.lse != nullptr && first_column == 0 && tile::layout::column(lane, 0) == 0;
      tile::for_each_row([&](int i, int row) {
        const int there = tile_.has(first + row) ? first + row : 0;
        const softmax_end end = softmax_.end(p, tile_.head(there), m, i);
        factor[i] = end.factor / end.sum;
        if constexpr (mover::fp8) factor[i] *= v_scale;
        nothing[i] = end.of(0.0f);  // what a row without weights gives: NaN if its sink is
        if (lse_here && tile_.has(first + row))
          static_cast<float*>(p.lse)[tile_.token(there) * p.lse_stride + tile_.head(there)] = end.lse;
      });
      T* out[passes];
#pragma unroll
      for (int pass = 0; pass < passes; ++pass) {
        const int row = first + pass * rows_a_pass + lane / lanes_a_row;
        out[pass] = static_cast<T*>(p.output) + tile_.token(row) * p.output_stride[0] +
                    tile_.head(row) * p.output_stride[1] + first_column + column;
      }
#pragma unroll
      for (int n = 0; n < column_tiles; n += chunk / tile::size) {
        wave_barrier();  // the chunk before has been read
#pragma unroll
        for (int c = 0; c < chunk / tile::size; ++c) {
          tile::accumulator& sum = sums_[m][n + c];
          tile::for_each_slot(sum,
                              [&](int i, float& x) { x = softmax_.sum(m, i) == 0.0f ? nothing[i] : x * factor[i]; });
          tile::for_each(lane, sum, [&](int row, int to, float& x) {
            strip[row * chunk + c * tile::size + to] = from_float<T>(x);
          });
        }
        wave_barrier();  // this one is there
#pragma unroll
        for (int pass = 0; pass < passes; ++pass) {
          const int row = pass * rows_a_pass + lane / lanes_a_row;
          const auto* from = reinterpret_cast<const uint32_t*>(strip + row * chunk + column);
          if (lane / lanes_a_row < rows_a_pass && tile_.has(first + row) &&
              first_column + n * tile::size + column < p.head_dim)
            hipinfer::store(reinterpret_cast<uint32_t*>(out[pass] + n * tile::size), load<4>(from));
        }
      }
    }
  }

  // All threads of the block get whether any of its waves has `x`.
  HIPINFER_DEVICE bool any_in_block(bool x) {
    block_barrier();  // LDS may be written, and the outputs can be read
    if (lane_id() == 0) lds_.flags[thread_id() / wave_size] = x;
    for_each_row_sum([&](int row, float sum) { lds_.row_sums[row] = sum; });
    lds_barrier();  // every wave's flag, and sums, are there
    int any = 0;
#pragma unroll
    for (int w = 0; w < Tiling::waves; ++w) any |= lds_.flags[w];
    return any != 0;
  }
  template <class F>
  HIPINFER_DEVICE void for_each_row_sum(F f) const {
#pragma unroll
    for (int m = 0; m < fragments; ++m)
      tile::for_each_row([&](int i, int row) { f(Tiling::first_row() + m * tile::size + row, softmax_.sum(m, i)); });
  }

  // Adds the values that have been cleared to what has been stored, for the rows that see them. A thread has columns of its own.
  HIPINFER_DEVICE void add_cleared_values() {
    const Params& p = read_here(p_);
    const int end = tile_.limit(tile_.rows - 1);
    const int first = first_tile() < tile_.all_see_from(p_) ? first_tile() : plain_end() / Tiling::keys * Tiling::keys;
#pragma unroll 1
    for (int key = first; key < end; ++key) {
      const paged_place at = place_of(key, p.page_size);
      const int64_t page = tile_.request.page(at.page);
      const int64_t k = page * p.k_stride[0] + at.slot * p.k_stride[1] + offset_of(p.k_stride);
      const int64_t v = page * p.v_stride[0] + at.slot * p.v_stride[1] + offset_of(p.v_stride);
#pragma unroll 1
      for (int column = thread_id(); column < p.head_dim; column += Tiling::threads) {
        const float value = in_cache(p.v_cache, v + column);
        if (magnitude(value) <= largest) continue;
#pragma unroll 1
        for (int row = 0; row < tile_.rows; ++row) {
          if (!tile_.sees(p, row, key) || lds_.row_sums[row] == 0.0f) continue;
          const int64_t token = tile_.token(row), head = tile_.head(row);
          const T* q = static_cast<const T*>(p.query) + token * p.query_stride[0] + head * p.query_stride[1];
          float score = 0;
#pragma unroll 1
          for (int i = 0; i < p.head_dim; ++i) score = fma(to_float(q[i]), in_cache(p.k_cache, k + i), score);
          if constexpr (mover::fp8) score *= k_scale_of(p, tile_.kv_head);
          // Times what is not finite, that is all that matters; a cap makes a finite score of any.
          float weight = score == -infinity && p.cap_log2 == 0.0f ? 0.0f : 1.0f;
          if constexpr (mover::fp8) weight *= v_scale_of(p, tile_.kv_head);
          T& out = static_cast<T*>(p.output)[token * p.output_stride[0] + head * p.output_stride[1] + column];
          out = from_float<T>(to_float(out) + weight * value);
        }
      }
    }
  }
  HIPINFER_DEVICE float in_cache(const void* cache, int64_t at) const {
    if constexpr (mover::fp8)
      return float8_format_of(p_.cache_type).value(static_cast<const uint8_t*>(cache)[at]);
    else
      return to_float(static_cast<const T*>(cache)[at]);
  }

  const Params& p_;
  const Rows& tile_;
  lds& lds_;
  typename query_rows<Tiling, T>::type queries_;
  tile::lds_reader<128> k_at_;
  tile::transposed_reader<Tiling::keys, Tiling::columns> v_at_;
  tile_softmax<fragments, key_tiles> softmax_;
  tile::accumulator scores_[fragments][key_tiles];
  tile::accumulator sums_[fragments][column_tiles] = {};
};

template <class Tiling, class T, class Kv = T>
HIPINFER_DEVICE void prefill_tile(const paged_attention_prefill_params& p) {
#if defined(__CUDACC__)
  extern __shared__ __align__(128) unsigned char dynamic_lds[];  // of `lds_kib`, which launch.cpp asks for
  prefill_lds<Tiling, T>& lds = *reinterpret_cast<prefill_lds<Tiling, T>*>(dynamic_lds);
#else
  __shared__ prefill_lds<Tiling, T> lds;
#endif
  row_tile<Tiling::rows> tile;
  if (row_tiles<Tiling::rows>{p}.of_block(tile)) prefill_wave<Tiling, T, Kv>(p, tile, lds).attend();
}

}  // namespace hipinfer
