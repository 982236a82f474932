// SPDX-License-Identifier: Apache-2.0
// Rows shared out over groups of threads, for operations that read a row more than once: norms, and whatever needs a
// row's largest value before it can write. A block serves Threads / lanes rows at a time; how many lanes share a row is a
// run-time number, so that one kernel takes every length.
//
// A thread owns the vectors at columns (lane + k * lanes) * Width. With Held > 0 at most Held of them, all within the
// row, and an operand is loaded once into registers, all loads before the first use; with Held = 0 there are any number,
// the last one may be partial, and every pass reads its operand again (from cache).
#pragma once

#include "device/reduce.h"
#include "device/vec.h"

namespace hipinfer {

// The k-th vector of a thread: it begins at column i, where the row has `left` elements left.
struct place {
  int k;
  int64_t i;
  int64_t left;
};

template <int Threads, int Width, int Held>
class row_group {
 public:
  static constexpr int width = Width;
  static constexpr int held = Held;
  static constexpr int waves = Threads / wave_size;
  struct memory {
    float words[2][waves];
  };

  HIPINFER_DEVICE row_group(memory& m, int lanes_log2, int64_t n)
      : memory_(m),
        lanes_log2_(lanes_log2),
        lanes_(1 << lanes_log2),
        lane_(thread_id() & (lanes_ - 1)),
        n_(n),
        length_(n) {}

  // Rows that the block serves at a time, and which of them is this group's.
  HIPINFER_DEVICE int64_t count() const { return Threads >> lanes_log2_; }
  HIPINFER_DEVICE int64_t own() const { return thread_id() >> lanes_log2_; }
  // A group without a row takes part in the barriers and touches nothing.
  HIPINFER_DEVICE void take(bool there) {
    there_ = there;
    n_ = there ? length_ : 0;
  }
  // The thread that stores what a row has one of.
  HIPINFER_DEVICE bool leads() const { return there_ && lane_ == 0; }

  template <class F>
  HIPINFER_DEVICE void each(F f) const {
    if constexpr (Held > 0) {
      const int n = static_cast<int>(n_);
#pragma unroll
      for (int k = 0; k < Held; ++k) {
        const int i = (lane_ + k * lanes_) * Width;
        if (i < n) f(place{k, i, Width});
      }
    } else {
#pragma unroll 1
      for (int64_t i = lane_ * Width; i < n_; i += lanes_ * Width) f(place{0, i, n_ - i});
    }
  }

  // Over the lanes of a row; each gets the result. The order of the sum follows from the row's length alone.
  template <class Op>
  HIPINFER_DEVICE float reduce(float x, Op op) {
    if (lanes_ >= 2) x = op(x, lane_xor<1>(x));
    if (lanes_ >= 4) x = op(x, lane_xor<2>(x));
    if (lanes_ >= 8) x = op(x, lane_xor<7>(x));  // as in wave_reduce: lanes of a quad agree
    if (lanes_ >= 16) x = op(x, lane_xor<15>(x));
    if (lanes_ >= 32) x = op(x, lane_xor<16>(x));
    if constexpr (wave_size >= 64) {
      if (lanes_ >= 64) x = op(x, lane_xor<32>(x));
    }
    if (lanes_ > wave_size) {
      float (&words)[waves] = memory_.words[turn_];
      turn_ ^= 1;
      if (lane_id() == 0) words[thread_id() / wave_size] = x;
      // Every wave's word is there. None is overwritten before it is read: the next reduction has the other words, and
      // the one after that comes behind the next one's barrier.
      block_barrier();
      const int many = lanes_ / wave_size, first = (thread_id() >> lanes_log2_) * many;
      x = words[first];
#pragma unroll
      for (int w = 1; w < waves; ++w) {
        const float y = words[first + (w & (many - 1))];  // read by all, so that no read waits for another
        if (w < many) x = op(x, y);
      }
    }
    return x;
  }
  HIPINFER_DEVICE float sum(float x) { return reduce(x, add{}); }
  HIPINFER_DEVICE float largest(float x) { return reduce(x, maximum{}); }

 private:
  memory& memory_;
  int lanes_log2_, lanes_, lane_, turn_ = 0;
  bool there_ = true;
  int64_t n_, length_;
};

// A row that is only read.
template <class T, class Group>
class row_operand {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE row_operand(const Group& g, const void* p) : p_(static_cast<const T*>(p)) {
    if constexpr (Group::held > 0) {
      g.each([&](place at) {
        for (int part = 0; part < parts; ++part) {
          held_[at.k][part] = load<width / parts>(p_ + at.i + part * (width / parts));
        }
      });
    }
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (Group::held > 0) {
      for (int part = 0; part < parts; ++part) {
        float piece[width / parts];
        to_floats(held_[at.k][part], piece);
        for (int k = 0; k < width / parts; ++k) v[part * (width / parts) + k] = piece[k];
      }
    } else {
      load_floats_upto<width>(p_ + at.i, at.left, v);
    }
  }

 private:
  static constexpr int bytes = static_cast<int>(sizeof(T)) * width;
  static constexpr int parts = bytes > 16 ? bytes / 16 : 1;
  const T* p_;
  vec<T, width / parts> held_[Group::held > 0 ? Group::held : 1][parts];
};

// One that may be left out: then every element is `absent`.
template <class T, class Group>
class optional_operand {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE optional_operand(Group& g, const void* p, float absent)
      : given_(p != nullptr), absent_(absent), operand_(only_if(g, p != nullptr), p) {}
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if (given_) {
      operand_.get(at, v);
    } else {
      for (int k = 0; k < width; ++k) v[k] = absent_;
    }
  }

 private:
  HIPINFER_DEVICE static Group only_if(const Group& g, bool there) {
    Group copy = g;
    if (!there) copy.take(false);
    return copy;
  }
  bool given_;
  float absent_;
  row_operand<T, Group> operand_;
};

template <class T, class Group>
HIPINFER_DEVICE void put(const Group&, T* row, place at, const float (&v)[Group::width]) {
  if constexpr (Group::held > 0)
    store_floats<Group::width>(row + at.i, v);
  else
    store_floats_upto<Group::width>(row + at.i, at.left, v);
}
template <class T, class Group, class Y>
HIPINFER_DEVICE void store_row(const Group& g, const Y& y, T* row) {
  g.each([&](place at) {
    float v[Group::width];
    y.get(at, v);
    put<T>(g, row, at, v);
  });
}

// Row r of a tensor whose rows are indexed by (outer, inner) = (r / inner extent, r % inner extent).
struct row_index {
  int64_t outer, inner;
  template <class T>
  HIPINFER_DEVICE T* in(T* base, const int64_t (&stride)[2]) const {
    return base + outer * stride[0] + inner * stride[1];
  }
};
HIPINFER_DEVICE row_index index_of(int64_t row, int64_t inner) {
  if (inner == 1) return {row, 0};
  if ((row | inner) >> 32 == 0) {
    const uint32_t r = static_cast<uint32_t>(row), by = static_cast<uint32_t>(inner);
    return {r / by, r % by};
  }
  return {row / inner, row % inner};
}

namespace detail {
template <int Threads, int Width, int Held, class Params, class Body>
HIPINFER_DEVICE void visit_rows(const Params& p, Body body) {
  using group = row_group<Threads, Width, Held>;
  __shared__ typename group::memory memory;
  group g(memory, p.lanes_log2, p.n);
  const int64_t step = block_count<Threads>() * g.count();
  for (int64_t first = block_id() * g.count(); first < p.rows; first += step) {
    const int64_t row = first + g.own();
    g.take(row < p.rows);
    body(g, index_of(row < p.rows ? row : p.rows - 1, p.inner));
  }
}
}  // namespace detail

// body(group, row index) for every row; Params has rows, inner, n, lanes_log2 and vector (core/rows.h). Held elements of a
// row are in a thread's registers; 0: the row is of any length, and of any alignment where p.vector is 0.
template <class T, int Threads, int Held, class Params, class Body>
HIPINFER_DEVICE void for_rows(const Params& p, Body body) {
  if constexpr (Held > 0) {
    detail::visit_rows<Threads, vector_width<T>, Held / vector_width<T>>(p, body);
  } else {
    if (p.vector)
      detail::visit_rows<Threads, vector_width<T>, 0>(p, body);
    else
      detail::visit_rows<Threads, 1, 0>(p, body);
  }
}

}  // namespace hipinfer
