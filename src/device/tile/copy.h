// SPDX-License-Identifier: Apache-2.0
// Copies of operand tiles from global memory to LDS. A block takes a slice of k of both operands at a time; while one slice is
// multiplied, the next ones are under way: in registers, or (NVIDIA) on their way to LDS.
//
//   tile::slices<Tiling, T, Aligned> in(lds, a, {b}, k);
//   while (in.more()) {
//     const auto& slot = in.next();  // a slice is in LDS, and the copies of later ones have begun
//     ...                            // multiply slot.a and slot.b[0]
//   }
//   lds_barrier();                   // LDS may be used for something else
#pragma once

#include "device/tile/lds.h"
#include "device/tile/multiplied.h"
#include "device/vec.h"

namespace hipinfer::tile {

// What a block computes, and how: Rows x Columns of the products with each of the weights, by WavesM x WavesN waves, RowBytes of k at a
// time, Slots slices in LDS. Busy of them are read at once: two where products go on while the next slice is begun.
template <int Rows, int Columns, int RowBytes, int WavesM, int WavesN, int Slots, int Weights = 1, int Busy = 1>
struct tiling {
  static constexpr int rows = Rows, columns = Columns, row_bytes = RowBytes, slots = Slots, weights = Weights,
                       busy = Busy;
  static constexpr int waves_m = WavesM, waves_n = WavesN, threads = WavesM * WavesN * wave_size;
  static constexpr int wave_rows = Rows / WavesM, wave_columns = Columns / WavesN;
  struct slot {
    lds_tile<Rows, RowBytes> a;
    lds_tile<Columns, RowBytes> b[Weights];
  };
  struct lds {
    slot at[Slots];
  };
};

// A kernel's LDS. On NVIDIA the launch gives it: `Kib`, which family.toml states and nothing else may say.
template <class Lds, int Kib>
HIPINFER_DEVICE Lds& launched_lds() {
#if defined(__CUDACC__)
  static_assert(Kib == (sizeof(Lds) + 1023) / 1024, "lds_kib of this kernel's row");
  extern __shared__ __align__(1024) unsigned char dynamic_lds[];
  return *reinterpret_cast<Lds*>(dynamic_lds);
#else
  static_assert(Kib == 0, "lds_kib of this kernel's row");
  __shared__ Lds lds;
  return lds;
#endif
}

// Elements of k in a slice of T, which in LDS is what instructions multiply in its place.
template <class Tiling, class T>
constexpr int slice_of = Tiling::row_bytes / sizeof(typename multiplied<T>::type);

// A matrix of which each row is contiguous; rows from `first` on are of interest, and past the last one it is read again.
struct operand {
  const void* data;
  int64_t stride;  // in elements
  int64_t first, rows;
};

namespace detail {

using piece = vec<uint32_t, 4>;

// A piece of which the first `count` elements are there; the others are zero.
template <class Piece = piece, class T>
HIPINFER_DEVICE Piece piece_upto(const T* from, int64_t count) {
  using bits = typename hipinfer::detail::word<sizeof(T)>::type;
  constexpr int n = sizeof(Piece) / sizeof(T);
  vec<bits, n> v;
#pragma unroll
  for (int i = 0; i < n; ++i) v.at[i] = i < count ? reinterpret_cast<const bits*>(from)[i] : bits{0};
  return bit_cast<Piece>(v);
}
// Of bytes, so many reads would be: the piece that ends where the row does, shifted into place. Rows have a piece's elements at least.
template <class Piece, class T>
  requires(sizeof(T) == 1)
HIPINFER_DEVICE Piece piece_upto(const T* from, int64_t count) {
  constexpr int n = sizeof(Piece), words = n / 4;
  Piece v{};
  if (count <= 0) return v;
  const int missing = static_cast<int>(count < n ? n - count : 0);
  v = load_words_unaligned<Piece>(from - missing);
#pragma unroll
  for (int step = words / 2; step > 0; step /= 2) {
#pragma unroll
    for (int w = 0; w < words; ++w) {
      if (missing / 4 & step) v.at[w] = w + step < words ? v.at[w + step] : 0;
    }
  }
#pragma unroll
  for (int w = 0; w < words; ++w) {
    const uint64_t pair = v.at[w] | static_cast<uint64_t>(w + 1 < words ? v.at[w + 1] : 0) << 32;
    v.at[w] = static_cast<uint32_t>(pair >> missing % 4 * 8);
  }
  return v;
}

template <bool Aligned>
struct offset_type {
  using type = uint32_t;
};
template <>
struct offset_type<false> {
  using type = int64_t;
};

// The pieces of an operand tile that a thread moves. Aligned: they lie less than 4 GiB after the tile's first, so that 32 bits say where,
// and at multiples of 16 bytes, where the target needs that.
template <class Tiling, int Rows, class T, bool Aligned>
class mover {
 public:
  static constexpr int pieces = Tiling::row_bytes / piece_bytes, rows_apart = Tiling::threads / pieces;
  static constexpr int each = (Rows + rows_apart - 1) / rows_apart;  // rows_apart rows from one to the next
  static constexpr bool idle = Rows < rows_apart;                    // some threads move nothing
  static_assert(rows_apart % 8 == 0, "then all pieces of a thread are swizzled alike");
  static_assert(idle || Rows % rows_apart == 0);

  HIPINFER_DEVICE mover() {}
  HIPINFER_DEVICE mover(const operand& from, int64_t k)
      : base_(static_cast<const T*>(from.data) + from.first * from.stride), k_(k) {
    const int row = thread_id() / pieces, piece = thread_id() % pieces;
    to_ = swizzled<Tiling::row_bytes>(row, piece);
    inside_ = piece * elements;
    const int64_t last = from.rows - 1 - from.first;  // rows past it read it; their sums are not stored
#pragma unroll
    for (int i = 0; i < each; ++i) {
      const int r = row + i * rows_apart;
      offset_[i] = static_cast<offset>((r < last ? r : last) * from.stride + inside_) * static_cast<offset>(sizeof(T));
    }
  }

  // The slice at `at`, into registers.
  HIPINFER_DEVICE void fetch(int64_t at) {
    if (at + slice <= k_) {
#pragma unroll
      for (int i = 0; i < each; ++i) {
        if constexpr (Aligned && !takes_unaligned)
          held_[i] = load<words>(reinterpret_cast<const uint32_t*>(place(i, at)));
        else
          held_[i] = load_words_unaligned<stored_piece>(place(i, at));
      }
    } else {
#pragma unroll
      for (int i = 0; i < each; ++i) held_[i] = piece_upto<stored_piece>(place(i, at), k_ - at - inside_);
    }
  }
  // From registers to LDS.
  HIPINFER_DEVICE void put(unsigned char* lds) const {
#pragma unroll
    for (int i = 0; i < each; ++i) {
      piece multiplied;
#pragma unroll
      for (int w = 0; w < 4; ++w) multiplied.at[w] = other::convert(held_[i].at[w / other::halves], w % other::halves);
      if (!idle || to_ < Rows * Tiling::row_bytes) store(reinterpret_cast<uint32_t*>(to(lds, i)), multiplied);
    }
  }
  // Begins the copy to LDS.
  HIPINFER_DEVICE void begin(unsigned char* lds, int64_t at) const {
    const int64_t left = (k_ - at - inside_) * static_cast<int64_t>(sizeof(T));
    const int bytes = static_cast<int>(left < 0 ? 0 : left < piece_bytes ? left : piece_bytes);
    // What is not read may lie past the matrix: then the address is of something that is there.
    const int64_t there = bytes > 0 ? at : -inside_;
#pragma unroll
    for (int i = 0; i < each; ++i) {
      if (!idle || to_ < Rows * Tiling::row_bytes) copy_piece_to_lds(to(lds, i), place(i, there), bytes);
    }
  }

 private:
  using other = multiplied<T>;
  using offset = typename offset_type<Aligned>::type;
  static constexpr int words = 4 / other::halves;  // of a piece, as it is stored
  using stored_piece = vec<uint32_t, words>;
  static constexpr int elements = words * 4 / sizeof(T), slice = slice_of<Tiling, T>;
  HIPINFER_DEVICE const T* place(int i, int64_t at) const {
    return reinterpret_cast<const T*>(reinterpret_cast<const char*>(base_ + at) + offset_[i]);
  }
  HIPINFER_DEVICE unsigned char* to(unsigned char* lds, int i) const {
    return lds + to_ + i * rows_apart * Tiling::row_bytes;
  }

  const T* base_;
  offset offset_[each];
  stored_piece held_[each];
  int64_t k_;
  int to_, inside_;
};

}  // namespace detail

// The slices of two operands, one after another.
template <class Tiling, class T, bool Aligned>
class slices {
 public:
  // Copies to LDS that need no registers in between; without, a slice waits in registers.
  static constexpr bool async = Aligned && has_async_copy && same_bits<T>;
  static_assert(Tiling::slots >= (async || Tiling::busy > 1 ? Tiling::busy + 1 : 1));

  HIPINFER_DEVICE slices(typename Tiling::lds& lds, const operand& a, const operand (&b)[Tiling::weights], int64_t k)
      : lds_(lds), a_(a, k), k_(k) {
#pragma unroll
    for (int w = 0; w < Tiling::weights; ++w) b_[w] = {b[w], k};
    if constexpr (async) {
#pragma unroll
      for (int n = 0; n < Tiling::slots - Tiling::busy; ++n) begin_next();
    } else {
      fetch_next();
    }
  }
  HIPINFER_DEVICE bool more() const { return done_ < k_; }

  HIPINFER_DEVICE const typename Tiling::slot& next() {
    typename Tiling::slot& slot = lds_.at[now_];
    if constexpr (async) {
      await_copies<Tiling::slots - Tiling::busy - 1>();
      if constexpr (Tiling::busy > 1) publish_lds();
      lds_barrier();  // every thread's part of this slice is there, and the slot that is filled next has been read by all
      begin_next();
    } else {
      if constexpr (Tiling::slots == 1) lds_barrier();  // the slice before has been read by all
      a_.put(slot.a.at);
#pragma unroll
      for (int w = 0; w < Tiling::weights; ++w) b_[w].put(slot.b[w].at);
      if constexpr (Tiling::busy > 1) publish_lds();
      lds_barrier();  // this slice is there; of two slots, the other one has been read by all
      fetch_next();
    }
    now_ = now_ + 1 == Tiling::slots ? 0 : now_ + 1;
    done_ += slice;
    return slot;
  }

 private:
  static constexpr int slice = slice_of<Tiling, T>;

  HIPINFER_DEVICE void fetch_next() {
    if (ahead_ < k_) {
      a_.fetch(ahead_);
#pragma unroll
      for (int w = 0; w < Tiling::weights; ++w) b_[w].fetch(ahead_);
      keep_order();  // the loads begin here, and not where their values are needed
    }
    ahead_ += slice;
  }
  // Past the end a group without copies is begun, so that as many are under way as await_copies counts.
  HIPINFER_DEVICE void begin_next() {
    if (ahead_ < k_) {
      typename Tiling::slot& slot = lds_.at[ahead_slot_];
      a_.begin(slot.a.at, ahead_);
#pragma unroll
      for (int w = 0; w < Tiling::weights; ++w) b_[w].begin(slot.b[w].at, ahead_);
    }
    close_copies();
    ahead_slot_ = ahead_slot_ + 1 == Tiling::slots ? 0 : ahead_slot_ + 1;
    ahead_ += slice;
  }

  typename Tiling::lds& lds_;
  detail::mover<Tiling, Tiling::rows, T, Aligned> a_;
  detail::mover<Tiling, Tiling::columns, T, Aligned> b_[Tiling::weights];
  int64_t k_, done_ = 0, ahead_ = 0;
  int now_ = 0, ahead_slot_ = 0;
};

}  // namespace hipinfer::tile
