// SPDX-License-Identifier: Apache-2.0
// Prefill by Hopper's warpgroup instructions. A wave has the rows and the registers that it has in prefill_tile.hip; operands but the
// weights are read from LDS by the instructions themselves, and go on being multiplied meanwhile:
//
//   begin S' = Q K'^T, of the next tile    begin O += P V, of this one
//   begin to bring the values of the next tile, and the keys of the one after it
//   S' is there: its softmax, while O is still under way; then O is rescaled where that is due
#include "ops/attention/prefill_tile.hip"

namespace hipinfer {

// Two tiles of keys and of values: one is read while the other arrives.
template <class Tiling, class T>
struct prefill_warpgroup_lds {
  typename queries_in_lds<Tiling, T>::lds queries;
  union {
    struct {
      typename Tiling::key_tile keys[2];
      typename Tiling::value_tile values[2];
    };
    unsigned char strips[Tiling::waves][Tiling::strip_bytes];
    struct {
      float row_sums[Tiling::rows];
      int32_t flags[Tiling::waves];
    };
  };
};

template <class Tiling, class T>
class prefill_warpgroup : prefill_wave<Tiling, T, T, prefill_warpgroup_lds<Tiling, T>> {
  using base = prefill_wave<Tiling, T, T, prefill_warpgroup_lds<Tiling, T>>;
  using base::key_tiles, base::p_, base::tile_, base::lds_, base::queries_, base::softmax_, base::scores_, base::sums_;
  static constexpr int keys = Tiling::keys, columns = Tiling::columns;
  static_assert(Tiling::fragments == 1 && Tiling::parts == 1 && Tiling::waves % 4 == 0);

 public:
  using base::base;

  HIPINFER_DEVICE void attend() {
    const int begin = base::first_tile(), end = tile_.limit(tile_.rows - 1);
    bool cleared = false;
    if (begin < end) cleared = add_all(begin, end);
    softmax_.finish();
    const bool any_in_wave = ballot(cleared) != 0;
    lds_barrier();  // LDS may be written
    base::store();
    if (base::any_in_block(any_in_wave)) base::add_cleared_values();
  }

 private:
  HIPINFER_DEVICE bool add_all(int begin, int end) {
    const int all_see_from = tile_.all_see_from(p_), all_see = base::plain_end();
    const auto masked = [=](int first) { return first + keys > all_see || first < all_see_from; };
    base::load_queries();
    kv_places<Tiling, Tiling::keeps_pages> places(tile_.request, begin, p_.page_size);
    kv_mover<Tiling, T> key_mover(p_.k_cache, p_.cache_type, base::offset_of(p_.k_stride), p_.k_stride, p_.head_dim);
    kv_mover<Tiling, T> value_mover(p_.v_cache, p_.cache_type, base::offset_of(p_.v_stride), p_.v_stride, p_.head_dim);
    bool cleared = false;
    // The weight 0 of a key that a row does not see times NaN or infinity would be NaN.
    const auto arrive = [&](int first, int slot) {
      if (masked(first))
        cleared |= value_mover.finish_cleared(lds_.values[slot]);
      else
        await_copies<0>();
      publish_lds();
      lds_barrier();  // what was brought is there, and what was multiplied has been read
    };
    places.look_up(begin);
    key_mover.begin(places, lds_.keys[0]);
    value_mover.begin(places, lds_.values[0]);
    if (begin + keys < end) {
      places.look_up(begin + keys);
      key_mover.begin(places, lds_.keys[1]);
    }
    arrive(begin, 0);
    begin_scores(0);
    tile::detail::await_wgmma<0>();
    if (masked(begin)) base::shape_and_mask(begin);
    softmax_.weigh(scores_, [](int, const tile::row_values&) {});
    round_weights();
    lds_barrier();  // the first keys have been read by all

    int slot = 0;
#pragma unroll 1
    for (int first = begin + keys; first < end; first += keys) {
      begin_scores(1 - slot);
      begin_values(slot);
      value_mover.begin(places, lds_.values[1 - slot]);
      if (first + keys < end) {
        places.look_up(first + keys);
        key_mover.begin(places, lds_.keys[slot]);
      }
      tile::detail::await_wgmma<1>();
      if (masked(first)) base::shape_and_mask(first);
      tile::row_values factor = {{1, 1}};
      bool rescaled = false;
      softmax_.weigh(scores_, [&](int, const tile::row_values& of) {
        factor = of;
        rescaled = true;
      });
      // The compiler would wait for the values before it computes weights. It does not move a wait past a branch that depends on them;
      // this one is never taken.
      if (ballot(softmax_.is_negative()) != 0) asm volatile("nanosleep.u32 0;");
      tile::detail::await_wgmma<0>();
      if (rescaled) {
#pragma unroll
        for (int n = 0; n < columns / tile::size; ++n)
          tile::for_each_slot(sums_[0][n], [&](int i, float& x) { x *= factor.at[i]; });
      }
      round_weights();
      slot = 1 - slot;
      arrive(first, slot);
    }
    begin_values(slot);
    tile::detail::await_wgmma<0>();
    return cleared;
  }

  HIPINFER_DEVICE void begin_scores(int slot) {
    const int first_row = thread_id() / 128 * tile::wgmma_layout::rows;
    auto& sums = reinterpret_cast<float (&)[keys / 2]>(scores_);
    tile::detail::wgmma_begin();
#pragma unroll
    for (int s = 0; s < columns / tile::step<T>; ++s) {
      constexpr int slice_steps = 128 / tile::step_bytes;
      const uint64_t inside = s % slice_steps * tile::detail::wgmma_step;
      tile::detail::wgmma<T, keys>(
          sums, tile::detail::wgmma_operand(lds_.queries.slices[s / slice_steps].at + first_row * 128) + inside,
          tile::detail::wgmma_operand(lds_.keys[slot].slices[s / slice_steps].at) + inside, s > 0);
    }
    tile::detail::wgmma_close();
  }
  HIPINFER_DEVICE void begin_values(int slot) {
    auto& sums = reinterpret_cast<float (&)[columns / 2]>(sums_);
    const uint64_t values = tile::detail::wgmma_transposed_operand(lds_.values[slot].at, keys * 128);
    tile::detail::wgmma_begin();
#pragma unroll
    for (int s = 0; s < key_tiles; ++s) {
      tile::detail::wgmma_of_registers<T, columns>(sums, weights_[s].words.at,
                                                   values + s * tile::detail::wgmma_transposed_step);
    }
    tile::detail::wgmma_close();
  }
  HIPINFER_DEVICE void round_weights() {
#pragma unroll
    for (int s = 0; s < key_tiles; ++s) base::relay(weights_[s], 0, s);
  }

  tile::fragment_a<T> weights_[key_tiles];
};

template <class Tiling, class T>
HIPINFER_DEVICE void prefill_wgmma(const paged_attention_prefill_params& p) {
  extern __shared__ __align__(1024) unsigned char dynamic_lds[];
  auto& lds = *reinterpret_cast<prefill_warpgroup_lds<Tiling, T>*>(dynamic_lds);
  static_assert(sizeof(lds.queries) % 1024 == 0 && sizeof(typename Tiling::key_tile) % 1024 == 0);
  row_tile<Tiling::rows> tile;
  if (row_tiles<Tiling::rows>{p}.of_block(tile)) prefill_warpgroup<Tiling, T>(p, tile, lds).attend();
}

}  // namespace hipinfer
