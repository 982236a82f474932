// SPDX-License-Identifier: Apache-2.0
// Multi-head latent attention by matrix instructions. A block takes a tile of a request's rows and walks over its chunk of keys. Each
// comes from memory once: its latent part is the value, too. On NVIDIA a tile of keys lies in LDS as both products read it, and the next
// one is on its way to a place of its own. On AMD the second product wants keys side by side: the registers that a tile came in write it
// a second time, in place of the first, and the next one waits in other registers.
//
//   keys of tile t are in LDS     begin to bring tile t + 1     S = Q K^T, masked at the edges, and its softmax
//   values of tile t are in LDS   O += P V
#include "device/tile/copy.h"
#include "ops/attention/kv_tiles.h"
#include "ops/attention/mla_queries.h"
#include "ops/attention/mla_work.h"
#include "ops/attention/tile_softmax.h"

namespace hipinfer {

// An operand of weights, as it lies in LDS.
struct mla_weights {
  tile::piece at[tile::layout::operand_words / 4];
};

template <bool First, class A, class B>
struct mla_choice {
  using type = A;
};
template <class A, class B>
struct mla_choice<false, A, B> {
  using type = B;
};

template <class Tiling, class T>
struct mla_lds {
  // The slices of latent keys, and after them that of their rotated parts.
  struct keys {
    typename Tiling::latent::key_tile latent;
    typename Tiling::rotated::key_tile rotated;
  };
  [[no_unique_address]] typename mla_queries<Tiling, T>::lds queries;
#if defined(__CUDACC__)
  keys at[2];
#else
  union {
    keys at[1];
    typename Tiling::latent::value_tile values;
  };
#endif
  // What two waves tell each other: of each row the highest score of its keys, or at the end the sum; and weights.
  struct shared {
    float rows[Tiling::waves][tile::size];
    mla_weights weights[Tiling::waves][wave_size];
  };
  struct nothing {};
  [[no_unique_address]] typename mla_choice<Tiling::shares, shared, nothing>::type share;
  mla_scratch<Tiling::threads> scratch;
#if defined(__CUDACC__)
  mla_work work;  // in registers it would spill
#endif
  int32_t found;  // a value that is NaN or infinite, in a tile that not every row sees whole
};

template <class Tiling, class T>
class mla_wave {
  static constexpr int key_tiles = Tiling::key_tiles, column_tiles = Tiling::column_tiles;
  using params = paged_mla_attention_params;
  using lds = mla_lds<Tiling, T>;
  using latent_mover = kv_mover<typename Tiling::latent, T>;
  using rotated_mover = kv_mover<typename Tiling::rotated, T>;
  // What holds a tile on its way.
  struct mover {
    latent_mover latent;
    rotated_mover rotated;
    HIPINFER_DEVICE explicit mover(const params& p)
        : latent(p.ckv_cache, dtype{}, 0, p.ckv_stride, p.latent),
          rotated(p.kpe_cache, dtype{}, 0, p.kpe_stride, p.rotated) {}
  };

 public:
  HIPINFER_DEVICE mla_wave(const params& p, const mla_work& w, lds& shared)
      : p_(p),
        w_(w),
        lds_(shared),
        queries_(shared.queries),
        latent_places_(w.request, w.begin, p.page_size),
        rotated_places_(w.request, w.begin, p.page_size),
        k_at_(tile::lds_reader<128>::of_b(Tiling::first_key())),
        v_at_(Tiling::first_column()),
        softmax_(p.scale_log2) {}

  HIPINFER_DEVICE void attend() {
    all_see_ = w_.limit(0);
    queries_.load(p_, w_);
    mover in(p_);
    if (w_.begin < w_.end) {
      look_up(w_.begin);
      bring(in, w_.begin, lds_.at[0]);
    }
#pragma unroll 1
    for (int first = w_.begin; first < w_.end; first += Tiling::keys) add_tile(first, in);
    softmax_.finish();
    if constexpr (Tiling::shares) {
      lds_barrier();  // what the waves shared has been read
      exchange([&](int i) { return softmax_.sum(0, i); }, [&](int i, float x) { softmax_.add_sum(0, i, x); });
    }
    store();
  }

 private:
  HIPINFER_DEVICE bool masked(int first) const { return first + Tiling::keys > all_see_; }

  HIPINFER_DEVICE void look_up(int first) {
    latent_places_.look_up(first);
    rotated_places_.look_up(first);
  }
  // The tile that begins at key `first`, whose pages have been looked up; those of the next one then are, so that it need not wait.
  HIPINFER_DEVICE void bring(mover& to, int first, typename lds::keys& keys) {
    latent_places_.await_pages();
    rotated_places_.await_pages();
    to.latent.begin(latent_places_, keys.latent);
    to.rotated.begin(rotated_places_, keys.rotated);
    if (first + Tiling::keys < w_.end) look_up(first + Tiling::keys);
  }

  // The weight 0 of a key that a row does not see times NaN or infinity would be NaN: of tiles that not every row sees whole, such values
  // become 0 in LDS, and rows that see them get them by another way.
#if defined(__CUDACC__)
  HIPINFER_DEVICE void add_tile(int first, mover& in) {
    typename lds::keys &keys = lds_.at[slot_], &others = lds_.at[slot_ ^ 1];
    slot_ ^= 1;
    await_copies<0>();
    lds_barrier();  // the keys are there, and those of the tile before have been read
    if (first + Tiling::keys < w_.end) bring(in, first + Tiling::keys, others);
    weigh_keys(first, keys);
    if (masked(first)) {
      if (thread_id() == 0) lds_.found = 0;
      lds_barrier();  // the keys have been read, and nothing has been found yet
      if (latent_mover::clear(keys.latent.slices[0].at)) lds_.found = 1;
      lds_barrier();  // the values are there
      if (lds_.found != 0) add_cleared_values(first);
    }
    static_assert(sizeof(typename Tiling::latent::value_tile) == sizeof(keys.latent));
    multiply_values(reinterpret_cast<const typename Tiling::latent::value_tile&>(keys.latent));
  }
#else
  HIPINFER_DEVICE void add_tile(int first, mover& in) {
    typename lds::keys& keys = lds_.at[0];
    in.latent.finish(keys.latent);
    in.rotated.finish(keys.rotated);
    latent_mover values = in.latent;  // of these registers, since others come now
    lds_barrier();                    // the keys are there
    if (first + Tiling::keys < w_.end) bring(in, first + Tiling::keys, keys);
    keep_order();
    weigh_keys(first, keys);
    lds_barrier();  // the keys have been read
    if (masked(first)) {
      if (thread_id() == 0) lds_.found = 0;
      lds_barrier();  // before one is found
      if (values.finish_cleared(lds_.values)) lds_.found = 1;
    } else {
      values.finish(lds_.values);
    }
    lds_barrier();  // the values are there
    if (masked(first) && lds_.found != 0) add_cleared_values(first);
    multiply_values(lds_.values);
    lds_barrier();  // and have been read
  }
#endif

  // Weights of the tile's keys, and what has been summed before on their scale.
  HIPINFER_DEVICE void weigh_keys(int first, const typename lds::keys& keys) {
    multiply_keys(keys.latent.slices[0].at);
    if (masked(first)) mask(first);
    const auto rescale = [&](int, const tile::row_values& factor) {
#pragma unroll
      for (int n = 0; n < column_tiles; ++n) tile::for_each_slot(sums_[n], [&](int i, float& x) { x *= factor.at[i]; });
    };
    if constexpr (Tiling::shares) {
      softmax_.weigh(scores_, rescale, [&](int, tile::row_values& highest) {
        tile::finish_rows(highest, maximum{});
        exchange([&](int i) { return highest.at[i]; }, [&](int i, float x) { highest.at[i] = max(highest.at[i], x); });
      });
      tile::fragment_a<T> weights;
      relay(weights, 0);
      mla_weights x;
#pragma unroll
      for (int i = 0; i < tile::layout::operand_words; ++i) x.at[i / 4].at[i % 4] = weights.words.at[i];
      lds_.share.weights[Tiling::wave()][lane_id()] = x;
      lds_barrier();  // the other wave's are there
    } else {
      softmax_.weigh(scores_, rescale);
    }
  }

  // Gives take(i, x) what own(i) is in the other wave that has these rows.
  template <class Own, class Take>
  HIPINFER_DEVICE void exchange(Own own, Take take) {
    const int lane = lane_id();
    if (tile::layout::column(lane, 0) == 0) {
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i)
        lds_.share.rows[Tiling::wave()][tile::layout::row_of_slot(lane, i)] = own(i);
    }
    lds_barrier();  // every wave's are there
#pragma unroll
    for (int i = 0; i < tile::lane_rows; ++i)
      take(i, lds_.share.rows[Tiling::wave() ^ 1][tile::layout::row_of_slot(lane, i)]);
  }

  // Fragments of keys are read some products ahead of their own.
  HIPINFER_DEVICE void multiply_keys(const unsigned char* keys) {
    constexpr int steps = Tiling::columns / tile::step<T>, slice_steps = 128 / tile::step_bytes, ahead = 2;
    constexpr int products = steps * key_tiles;
    tile::fragment_b<T> k[ahead + 1];
    const auto read = [&](int q) {
      const int s = q / key_tiles, c = q % key_tiles;
      k_at_.read(k[q % (ahead + 1)].words, keys + s / slice_steps * Tiling::keys * 128, s % slice_steps,
                 c * tile::size);
    };
#pragma unroll
    for (int q = 0; q < ahead; ++q) read(q);
#pragma unroll
    for (int c = 0; c < key_tiles; ++c) scores_[0][c] = {};
    tile::fragment_a<T> q;
#pragma unroll
    for (int at = 0; at < products; ++at) {
      const int s = at / key_tiles, c = at % key_tiles;
      if (c == 0) q = queries_.fragment(s);
      if (at + ahead < products) read(at + ahead);
#pragma unroll
      for (int part = 0; part < tile::parts<T>; ++part)
        tile::multiply_part(scores_[0][c], q, k[at % (ahead + 1)], part);
      keep_order();
    }
  }

  HIPINFER_DEVICE static int row_of(int lane, int i) {
    return Tiling::first_row() + tile::layout::row_of_slot(lane, i);
  }
  HIPINFER_DEVICE int limit(int row) const { return w_.has(row) ? w_.limit(row) : 0; }

  HIPINFER_DEVICE void mask(int first) {
    const int lane = found_here(lane_id());
    int seen[tile::lane_rows];
#pragma unroll
    for (int i = 0; i < tile::lane_rows; ++i) seen[i] = limit(row_of(lane, i)) - first - Tiling::first_key();
#pragma unroll
    for (int c = 0; c < key_tiles; ++c) {
#pragma unroll
      for (int e = 0; e < tile::layout::accumulator_elements; ++e) {
        if (c * tile::size + tile::layout::column(lane, e) >= seen[tile::layout::slot(e)])
          scores_[0][c].at[e] = -infinity;
      }
    }
  }

  HIPINFER_DEVICE void multiply_values(const typename Tiling::latent::value_tile& values) {
    constexpr int steps = Tiling::keys / tile::step<T>, products = steps * column_tiles, ahead = 2;
    tile::fragment_b<T> v[ahead + 1];
    const auto read = [&](int q) { v_at_.read(v[q % (ahead + 1)], values, q / column_tiles, q % column_tiles); };
#pragma unroll
    for (int q = 0; q < ahead; ++q) read(q);
    tile::fragment_a<T> weights;
#pragma unroll
    for (int at = 0; at < products; ++at) {
      const int s = at / column_tiles, n = at % column_tiles;
      if (n == 0) weights_of(weights, s);
      if (at + ahead < products) read(at + ahead);
#pragma unroll
      for (int part = 0; part < tile::parts<T>; ++part)
        tile::multiply_part(sums_[n], weights, v[at % (ahead + 1)], part);
      keep_order();
    }
  }

  HIPINFER_DEVICE void weights_of(tile::fragment_a<T>& weights, int s) const {
    if constexpr (Tiling::shares) {
      const mla_weights x = lds_.share.weights[(Tiling::wave() & ~1) + s][lane_id()];
#pragma unroll
      for (int i = 0; i < tile::layout::operand_words; ++i) weights.words.at[i] = x.at[i / 4].at[i % 4];
    } else {
      relay(weights, s);
    }
  }
  HIPINFER_DEVICE void relay(tile::fragment_a<T>& weights, int s) const {
    tile::accumulator side[tile::relay_accumulators];
#pragma unroll
    for (int i = 0; i < tile::relay_accumulators; ++i) side[i] = scores_[0][s * tile::relay_accumulators + i];
    tile::relay(weights, side);
  }

  // Adds the values of a tile that have been cleared to the sums of the rows that see them. Of what is not finite, all that matters of a
  // weight is whether it is 0, as that of a score of -inf.
  HIPINFER_DEVICE void add_cleared_values(int first) {
    const params& p = read_here(p_);
    const int lane = found_here(lane_id());
    const int end = first + Tiling::keys < w_.end ? first + Tiling::keys : w_.end;
#pragma unroll 1
    for (int key = first; key < end; ++key) {
      const paged_place at = place_of(key, p.page_size);
      const int64_t page = w_.request.page(at.page);
      const T* latent = static_cast<const T*>(p.ckv_cache) + page * p.ckv_stride[0] + at.slot * p.ckv_stride[1];
      const T* rotated = static_cast<const T*>(p.kpe_cache) + page * p.kpe_stride[0] + at.slot * p.kpe_stride[1];
      float weight[tile::lane_rows];
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) {
        const int row = row_of(lane, i), there = w_.has(row) ? row : 0;
        const int64_t token = w_.token(there), head = w_.head(there);
        const T* nope = static_cast<const T*>(p.q_nope) + token * p.nope_stride[0] + head * p.nope_stride[1];
        const T* pe = static_cast<const T*>(p.q_pe) + token * p.pe_stride[0] + head * p.pe_stride[1];
        float score = 0;
#pragma unroll 1
        for (int c = 0; c < p.latent; ++c) score = fma(to_float(nope[c]), to_float(latent[c]), score);
#pragma unroll 1
        for (int c = 0; c < p.rotated; ++c) score = fma(to_float(pe[c]), to_float(rotated[c]), score);
        weight[i] = key >= limit(row) ? -1.0f : score == -infinity ? 0.0f : 1.0f;
      }
#pragma unroll
      for (int n = 0; n < column_tiles; ++n) {
#pragma unroll
        for (int e = 0; e < tile::layout::accumulator_elements; ++e) {
          const int column = Tiling::first_column() + n * tile::size + tile::layout::column(lane, e);
          const float value = column < p.latent ? to_float(latent[column]) : 0.0f;
          const float own = weight[tile::layout::slot(e)];
          if (!(magnitude(value) <= largest) && own >= 0) sums_[n].at[e] += own * value;
        }
      }
    }
  }

  HIPINFER_DEVICE void store() {
    const params& p = read_here(p_);
    const int lane = found_here(lane_id()), first_column = Tiling::first_column();
    const bool first_here = first_column == 0 && tile::layout::column(lane, 0) == 0;
    float factor[tile::lane_rows];
    int64_t out[tile::lane_rows];  // where a row begins
#pragma unroll
    for (int i = 0; i < tile::lane_rows; ++i) {
      const int row = row_of(lane, i), there = w_.has(row) ? row : 0;
      const float sum = softmax_.sum(0, i);
      if (w_.whole) {
        const softmax_end end = softmax_.end(p, 0, 0, i);
        const int64_t token = w_.token(there), head = w_.head(there);
        factor[i] = sum == 0.0f ? 0.0f : 1.0f / sum;
        out[i] = token * p.output_stride[0] + head * p.output_stride[1];
        if (first_here && w_.has(row) && p.lse != nullptr)
          static_cast<float*>(p.lse)[token * p.lse_stride + head] = end.lse;
      } else {
        const int64_t at = w_.part * p.rows + there;
        out[i] = at * p.latent;
        if (first_here && w_.has(row)) {
          p.partial_most[at] = softmax_.raw_anchor(0, i);
          p.partial_sum[at] = sum;
        }
      }
    }
#pragma unroll
    for (int n = 0; n < column_tiles; ++n) {
#pragma unroll
      for (int e = 0; e < tile::layout::accumulator_elements; ++e) {
        const int i = tile::layout::slot(e), column = first_column + n * tile::size + tile::layout::column(lane, e);
        if (!w_.has(row_of(lane, i)) || column >= p.latent) continue;
        if (w_.whole) {
          // What no key has a weight in is 0, whatever the values are.
          const float x = factor[i] == 0.0f ? 0.0f : sums_[n].at[e] * factor[i];
          static_cast<T*>(p.output)[out[i] + column] = from_float<T>(x);
        } else {
          p.partial_value[out[i] + column] = sums_[n].at[e];
        }
      }
    }
  }

  const params& p_;
  const mla_work& w_;
  lds& lds_;
  mla_queries<Tiling, T> queries_;
  kv_places<typename Tiling::latent, Tiling::latent::keeps_pages> latent_places_;
  kv_places<typename Tiling::rotated, true> rotated_places_;
  tile::lds_reader<128> k_at_;
  tile::transposed_reader<Tiling::keys, mla_latent> v_at_;
  tile_softmax<1, key_tiles> softmax_;
  int all_see_;  // the keys that all rows see come before this one
#if defined(__CUDACC__)
  int slot_ = 0;  // of LDS, that the next tile of keys is in
#endif
  tile::accumulator scores_[1][key_tiles];
  tile::accumulator sums_[column_tiles] = {};
};

template <class Tiling, int Kib, class T>
HIPINFER_DEVICE void mla_tile(const paged_mla_attention_params& p) {
  auto& lds = tile::launched_lds<mla_lds<Tiling, T>, Kib>();
  mla_work w;
  if (!find_mla_work<Tiling::threads>(p, lds.scratch, w)) return;
#if defined(__CUDACC__)
  if (thread_id() == 0) lds.work = w;
  lds_barrier();  // it is there
  mla_wave<Tiling, T>(p, lds.work, lds).attend();
#else
  mla_wave<Tiling, T>(p, w, lds).attend();
#endif
}

}  // namespace hipinfer
