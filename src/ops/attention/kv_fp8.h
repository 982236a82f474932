// SPDX-License-Identifier: Apache-2.0
// Tiles of a cache of fp8: as kv_tiles.h, but a thread brings 8 bytes of each of its keys, through registers, and what lies in LDS has 16
// bits.
#pragma once

#include "device/fp8_halves.h"
#include "ops/attention/kv_tiles.h"

namespace hipinfer {

// In place of the query's dtype: which encoding it is, the call says.
struct fp8_cache {};

template <class Tiling, class T>
class kv_fp8_mover {
 public:
  static constexpr bool fp8 = true;
  static constexpr bool keeps_pages = true;

  HIPINFER_DEVICE kv_fp8_mover(const void* cache, dtype type, int64_t head_offset, const int64_t* strides, int head_dim)
      : base_(static_cast<const unsigned char*>(cache) + head_offset +
              (Tiling::column() < head_dim ? Tiling::column() : 0)),
        page_stride_(static_cast<int>(strides[0] / elements)),
        slot_stride_(static_cast<int>(strides[1] / elements)),
        type_(type),
        inside_(Tiling::column() < head_dim ? ~0u : 0) {}

  // Begins to bring a tile, which `places` has looked up; the one before it is in LDS, and may be read there. No branch has loads of
  // its own: a compiler counts those under way, and where it does not know how many there are it waits for more than it has to.
  template <class Tile>
  HIPINFER_DEVICE void begin(const kv_places<Tiling, keeps_pages>& places, const Tile&) {
    int64_t offsets[Tiling::run];
    places.for_each(page_stride_, slot_stride_, [&](int i, int64_t offset) { offsets[i] = offset; });
#pragma unroll
    for (int i = 0; i < Tiling::run; ++i)
      stored_[i] = load<2>(reinterpret_cast<const uint32_t*>(base_ + offsets[i] * elements));
  }
  // This thread's part is in LDS afterwards.
  template <class Tile>
  HIPINFER_DEVICE void finish(Tile& lds) const {
    tile::piece all[Tiling::run];
    widen(all);
    pieces::put(all, lds);
  }
  // The same of values, with 0 in place of all but those of keys begin to end - 1.
  HIPINFER_DEVICE void finish_between(int begin, int end, typename Tiling::value_tile& lds) {
#pragma unroll
    for (int i = 0; i < Tiling::run; ++i) {
      if (Tiling::first_key() + i < begin || Tiling::first_key() + i >= end) stored_[i] = {};
    }
    finish(lds);
  }
  // With 0 in place of values that are NaN or infinite; whether there was one.
  HIPINFER_DEVICE bool finish_cleared(typename Tiling::value_tile& lds) const {
    tile::piece all[Tiling::run];
    widen(all);
    bool found = false;
#pragma unroll
    for (int i = 0; i < Tiling::run; ++i) found |= clear_non_finite<T>(all[i]);
    pieces::put(all, lds);
    return found;
  }

 private:
  using pieces = kv_pieces<Tiling>;
  static constexpr int elements = 8;

  HIPINFER_DEVICE void widen(tile::piece (&to)[Tiling::run]) const {
    vec<uint32_t, 2> from[Tiling::run];
#pragma unroll
    for (int i = 0; i < Tiling::run; ++i) from[i] = {stored_[i].at[0] & inside_, stored_[i].at[1] & inside_};
    widen_fp8<T>(type_, from, to);
  }

  const unsigned char* base_;
  int page_stride_, slot_stride_;  // in 8 elements
  dtype type_;
  uint32_t inside_;  // all bits, or none
  vec<uint32_t, 2> stored_[Tiling::run];
};

// Of a cache of Kv: T, or fp8.
template <class Tiling, class T, class Kv>
struct kv_mover_of {
  static_assert(tile::detail::is_same<T, Kv>);
  using type = kv_mover<Tiling, T>;
};
template <class Tiling, class T>
struct kv_mover_of<Tiling, T, fp8_cache> {
  using type = kv_fp8_mover<Tiling, T>;
};

}  // namespace hipinfer
