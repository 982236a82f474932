// SPDX-License-Identifier: Apache-2.0
// Tiles of keys and values on their way from the pages of the cache to LDS. A thread brings the same 16 bytes of `run` keys side by
// side; where they are it finds once for keys and values, but for pages that registers do not hold.
#pragma once

#include "device/tile/lds.h"
#include "device/tile/transposed.h"
#include "ops/attention/paged_keys.h"

namespace hipinfer {

// Keys of a tile, columns that the products have; threads that share it: a block's, or one wave's.
template <int Keys, int Columns, int Threads>
struct kv_tiling {
  static constexpr int keys = Keys, columns = Columns, threads = Threads;
  static constexpr int pieces = Columns <= 64 ? 8 : Columns <= 128 ? 16 : Columns <= 256 ? 32 : 64;  // 16 bytes each
  static constexpr int run = Keys * pieces / Threads;
  static_assert(run * Threads == Keys * pieces && run >= 1 && run <= 16 && Keys % run == 0);

  struct key_tile {
    tile::lds_tile<Keys, 128> slices[pieces / 8];
  };
  using value_tile = tile::transposed_tile<Keys, Columns>;

  HIPINFER_DEVICE static int thread() { return Threads == wave_size ? lane_id() : thread_id(); }
  HIPINFER_DEVICE static void barrier() {
    if constexpr (Threads == wave_size)
      wave_barrier();
    else
      lds_barrier();
  }
  // What a thread brings: neighbours 128 bytes of a key, then those of the next run, so that what is stored at once is on
  // different banks.
  HIPINFER_DEVICE static int first_key() {
    const int t = thread();
    return (t / 8 % 2 + t / (2 * pieces) * 2) * run;
  }
  HIPINFER_DEVICE static int column() { return (thread() % 8 + thread() / 16 % (pieces / 8) * 8) * 8; }
};

// Where this thread's keys of a tile are. Keys past the request's last one are that one. KeepsPages: their numbers wait in registers.
template <class Tiling, bool KeepsPages>
class kv_places {
 public:
  // From key `begin` on.
  HIPINFER_DEVICE kv_places(const paged_request& request, int begin, int page_size)
      : request_(request),
        page_size_(page_size),
        step_(place_of(Tiling::keys, page_size)),
        last_(place_of(request.length - 1, page_size)),
        next_(place_of(begin + Tiling::first_key(), page_size)),
        whole_(page_size % Tiling::run == 0) {}

  // Of the tile that begins at key `first`: the tiles in order.
  HIPINFER_DEVICE void look_up(int first) {
    together_ = whole_ && first + Tiling::keys <= request_.length;
    left_ = request_.length - first - Tiling::first_key();
    at_ = next_;
    next_ = advance(next_, step_, page_size_);
    paged_place at = at_;
#pragma unroll
    for (int i = 0; i < kept; ++i) {
      if (i > 0 && together_) break;
      page_[i] = page(i, at);
      at = advance(at, {0, 1}, page_size_);
    }
  }

  // Waits here for the pages that have been looked up, and not for loads that begin after this.
  HIPINFER_DEVICE void await_pages() {
#pragma unroll
    for (int i = 0; i < kept; ++i) page_[i] = found_here(page_[i]);
  }

  // f(i, offset) for each of the keys: how far it is from the first key of the cache, in 8 elements, by strides in that unit.
  template <class F>
  HIPINFER_DEVICE void for_each(int page_stride, int slot_stride, F f) const {
    const auto offset = [&](int page, int slot) {
      return static_cast<int64_t>(request_.clamped(page)) * page_stride + static_cast<int64_t>(slot) * slot_stride;
    };
    if (together_) {
      int64_t there = offset(page_[0], at_.slot);
#pragma unroll
      for (int i = 0; i < Tiling::run; ++i, there += slot_stride) f(i, there);
      return;
    }
    paged_place at = at_;
    const auto one = [&](int i, int page) {
      f(i, offset(page, i < left_ ? at.slot : last_.slot));
      at = advance(at, {0, 1}, page_size_);
    };
    if constexpr (kept == Tiling::run) {
#pragma unroll
      for (int i = 0; i < Tiling::run; ++i) one(i, page_[i]);
    } else {
#pragma unroll 1
      for (int i = 0; i < Tiling::run; ++i) one(i, page(i, at));
    }
  }

 private:
  static constexpr int kept = KeepsPages ? Tiling::run : 1;

  // As it is in the table: what is computed from it would wait for it.
  HIPINFER_DEVICE int page(int i, paged_place at) const { return request_.pages[i < left_ ? at.page : last_.page]; }

  const paged_request& request_;
  int page_size_;
  paged_place step_, last_;
  paged_place at_, next_;  // of the first key, in this tile and in the one that is looked up next
  bool whole_;             // a run does not go past a page's end
  bool together_;          // this tile's runs are of one page each, and inside the request
  int left_;               // keys of the request from the first one on
  int page_[kept];
};

// The sign bits of those of a word's two values that are NaN or infinite: adds 1 to exponents, and the ones that are all ones overflow.
template <class T>
HIPINFER_DEVICE uint32_t non_finite(uint32_t word) {
  constexpr uint32_t exponents = is_bf16<T> ? 0x7f807f80 : 0x7c007c00, ones = is_bf16<T> ? 0x00800080 : 0x04000400;
  return ((word & exponents) + ones) & 0x80008000;
}
// Puts 0 in their place, and says whether there was one.
template <class T>
HIPINFER_DEVICE bool clear_non_finite(tile::piece& x) {
  uint32_t all = 0;
#pragma unroll
  for (int w = 0; w < 4; ++w) {
    const uint32_t found = non_finite<T>(x.at[w]);
    x.at[w] &= ~((found >> 15) * 0xffff);
    all |= found;
  }
  return all != 0;
}

// Where a thread's part of a tile is put.
template <class Tiling>
struct kv_pieces {
  // Of the i-th key, or value, of this thread in a tile whose rows are 128 bytes, from where its first one is: the swizzle is an
  // exclusive or with the row.
  HIPINFER_DEVICE static int place(int first, int i) { return (first ^ i % 8 * tile::piece_bytes) + i * 128; }
  HIPINFER_DEVICE static int first_place() {
    return Tiling::column() / 64 * Tiling::keys * 128 +
           tile::swizzled<128>(Tiling::first_key(), Tiling::column() % 64 / 8);
  }

  HIPINFER_DEVICE static void put(const tile::piece (&pieces)[Tiling::run], typename Tiling::key_tile& lds) {
    put_rows(pieces, lds.slices[0].at);
  }
  HIPINFER_DEVICE static void put(const tile::piece (&pieces)[Tiling::run], typename Tiling::value_tile& lds) {
    if (Tiling::column() >= Tiling::columns) return;
#if defined(__CUDACC__)
    put_rows(pieces, lds.at);
#else
    static_assert(Tiling::run % 4 == 0);  // what `put` transposes
#pragma unroll
    for (int i = 0; i < Tiling::run; i += 4) lds.put(Tiling::first_key() + i, Tiling::column(), pieces + i);
#endif
  }

 private:
  HIPINFER_DEVICE static void put_rows(const tile::piece (&pieces)[Tiling::run], unsigned char* lds) {
    const int first = first_place();
#pragma unroll
    for (int i = 0; i < Tiling::run; ++i) store(reinterpret_cast<uint32_t*>(lds + place(first, i)), pieces[i]);
  }
};

// This thread's part of tiles of keys, or of values.
template <class Tiling, class T>
class kv_mover {
 public:
  static constexpr bool fp8 = false;  // then numbers are times k_scale and v_scale
  static constexpr bool keeps_pages = Tiling::keeps_pages;

  // A head of the cache, by strides of a page and of a slot in elements; columns from head_dim on are 0.
  HIPINFER_DEVICE kv_mover(const void* cache, dtype, int64_t head_offset, const int64_t* strides, int head_dim)
      : base_(static_cast<const T*>(cache) + head_offset + (Tiling::column() < head_dim ? Tiling::column() : 0)),
        page_stride_(static_cast<int>(strides[0] / elements)),
        slot_stride_(static_cast<int>(strides[1] / elements)),
        inside_(Tiling::column() < head_dim) {}

  // Begins to bring a tile, which `places` has looked up. Nobody reads the tile in LDS any more.
  HIPINFER_DEVICE void begin(const kv_places<Tiling, keeps_pages>& places, typename Tiling::key_tile& lds) {
    if constexpr (has_async_copy) {
      copy(places, lds.slices[0].at);
    } else {
      fetch(places);
    }
  }
  HIPINFER_DEVICE void begin(const kv_places<Tiling, keeps_pages>& places, typename Tiling::value_tile& lds) {
    if constexpr (has_async_copy) {
      copy(places, lds.at);
    } else {
      fetch(places);
    }
  }
  // This thread's part is in LDS afterwards.
  HIPINFER_DEVICE void finish(typename Tiling::key_tile& lds) const {
    if constexpr (has_async_copy) {
      await_copies<0>();
    } else {
      pieces::put(held_, lds);
    }
  }
  HIPINFER_DEVICE void finish(typename Tiling::value_tile& lds) const {
    if constexpr (has_async_copy) {
      await_copies<0>();
    } else {
      pieces::put(held_, lds);
    }
  }
  // The same with 0 in place of the values of all keys but those from `begin` to end - 1.
  HIPINFER_DEVICE void finish_between(int begin, int end, typename Tiling::value_tile& lds) {
    if constexpr (has_async_copy) await_copies<0>();
#pragma unroll
    for (int i = 0; i < Tiling::run; ++i) {
      if (Tiling::first_key() + i >= begin && Tiling::first_key() + i < end) continue;
      if constexpr (has_async_copy) {
        if (Tiling::column() < Tiling::columns)
          store(reinterpret_cast<uint32_t*>(lds.at + pieces::place(pieces::first_place(), i)), tile::piece{});
      } else {
        held_[i] = {};
      }
    }
    if constexpr (!has_async_copy) finish(lds);
  }
  // The same with 0 in place of values that are NaN or infinite; whether there was one.
  HIPINFER_DEVICE bool finish_cleared(typename Tiling::value_tile& lds) {
    bool found = false;
    if constexpr (has_async_copy) {
      await_copies<0>();
      return clear(lds.at);
    } else {
#pragma unroll
      for (int i = 0; i < Tiling::run; ++i) found |= clear_non_finite<T>(held_[i]);
      finish(lds);
    }
    return found;
  }
  // The same of this thread's part of a tile in LDS, whose rows are as in memory.
  HIPINFER_DEVICE static bool clear(unsigned char* lds) {
    bool found = false;
    if (Tiling::column() >= Tiling::columns) return false;
#pragma unroll 1
    for (int i = 0; i < Tiling::run; ++i) {
      auto* at = reinterpret_cast<uint32_t*>(lds + pieces::place(pieces::first_place(), i));
      tile::piece x = load<4>(at);
      if (!clear_non_finite<T>(x)) continue;
      store(at, x);
      found = true;
    }
    return found;
  }

 private:
  using pieces = kv_pieces<Tiling>;
  static constexpr int elements = tile::piece_bytes / sizeof(T);

  HIPINFER_DEVICE const T* address(int64_t offset) const { return base_ + offset * elements; }

  HIPINFER_DEVICE void fetch(const kv_places<Tiling, keeps_pages>& places) {
#pragma unroll
    for (int i = 0; i < Tiling::run; ++i) held_[i] = {};
    if (!inside_) return;
    places.for_each(page_stride_, slot_stride_, [&](int i, int64_t offset) {
      held_[i] = load<4>(reinterpret_cast<const uint32_t*>(address(offset)));
    });
  }
  HIPINFER_DEVICE void copy(const kv_places<Tiling, keeps_pages>& places, unsigned char* lds) const {
    if (Tiling::column() < Tiling::columns) {
      const int first = found_here(pieces::first_place());  // the places that follow from it would take registers
      places.for_each(page_stride_, slot_stride_, [&](int i, int64_t offset) {
        copy_piece_to_lds(lds + pieces::place(first, i), address(offset), inside_ ? tile::piece_bytes : 0);
      });
    }
    close_copies();
  }

  const T* base_;
  int page_stride_, slot_stride_;  // in 16 bytes
  bool inside_;
  tile::piece held_[Tiling::run];
};

}  // namespace hipinfer
