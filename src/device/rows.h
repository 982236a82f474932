// SPDX-License-Identifier: Apache-2.0
// Rows shared out over groups of threads, for operations that read a row more than once: norms, and whatever needs a
// row's largest value before it can write. A block serves Threads / lanes rows at a time; how many lanes share a row is a
// run-time number, so that one kernel takes every length.
//
// A thread owns the vectors at columns (lane + k * lanes) * Width, of which a row has a whole number. With Held > 0 it
// owns Held of them at most, and an operand is loaded once into registers, all loads before the first use; with Held = 0
// any number, and every pass reads its operand again (from cache).
#pragma once

#include "device/quantize.h"
#include "device/reduce.h"
#include "device/vec.h"

namespace hipinfer {

// The k-th vector of a thread begins at column i.
struct place {
  int k;
  int64_t i;
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
  HIPINFER_DEVICE int lane() const { return lane_; }
  HIPINFER_DEVICE int lanes() const { return lanes_; }
  // A group without a row takes part in the barriers and touches nothing.
  HIPINFER_DEVICE void take(bool there) {
    there_ = there;
    n_ = there ? length_ : 0;
  }

  // One thread of each row that is there.
  HIPINFER_DEVICE bool leads() const { return lane_ == 0 && there_; }

  template <class F>
  HIPINFER_DEVICE void each(F f) const {
    if constexpr (Held > 0) {
      const int n = static_cast<int>(n_);
#pragma unroll
      for (int k = 0; k < Held; ++k) {
        const int i = (lane_ + k * lanes_) * Width;
        if (i < n) f(place{k, i});
      }
    } else {
#pragma unroll 1
      for (int64_t i = lane_ * Width; i < n_; i += lanes_ * Width) f(place{0, i});
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

// N elements as they were loaded, in accesses of up to 16 bytes.
template <class T, int N>
class packed {
 public:
  HIPINFER_DEVICE void load_from(const T* p) {
    for (int i = 0; i < parts; ++i) parts_[i] = load<size>(p + i * size);
  }
  HIPINFER_DEVICE void floats(float (&v)[N]) const {
    for (int i = 0; i < parts; ++i) {
      float part[size];
      to_floats(parts_[i], part);
      for (int k = 0; k < size; ++k) v[i * size + k] = part[k];
    }
  }

 private:
  static constexpr int parts = sizeof(T) * N > 16 ? sizeof(T) * N / 16 : 1, size = N / parts;
  vec<T, size> parts_[parts];
};

// A row that is only read.
template <class T, class Group>
class row_operand {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE row_operand(const Group& g, const void* p) : p_(static_cast<const T*>(p)) {
    if constexpr (Group::held > 0) g.each([&](place at) { held_[at.k].load_from(p_ + at.i); });
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (Group::held > 0)
      held_[at.k].floats(v);
    else
      load_floats<width>(p_ + at.i, v);
  }

 private:
  const T* p_;
  packed<T, width> held_[Group::held > 0 ? Group::held : 1];
};

// One that all rows share, or many: it is read where it is used, from cache, and costs no registers before. It may be left
// out: then every element is `absent`.
template <class T>
class shared_operand {
 public:
  HIPINFER_DEVICE explicit shared_operand(const void* p, float absent = 0)
      : p_(static_cast<const T*>(p)), absent_(absent) {}
  template <int N>
  HIPINFER_DEVICE void get(place at, float (&v)[N]) const {
    if (p_ != nullptr) {
      load_floats<N>(p_ + at.i, v);
    } else {
      for (int k = 0; k < N; ++k) v[k] = absent_;
    }
  }

 private:
  const T* p_;
  float absent_;
};

// A row that is computed once and kept in registers; with Held = 0, computed at every use.
template <class Y, class Group, bool Held = (Group::held > 0)>
class computed_row {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE computed_row(const Group& g, const Y& y) {
    g.each([&](place at) { y.get(at, v_[at.k]); });
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    for (int k = 0; k < width; ++k) v[k] = v_[at.k][k];
  }

 private:
  float v_[Group::held][width];
};
template <class Y, class Group>
class computed_row<Y, Group, false> {
 public:
  HIPINFER_DEVICE computed_row(const Group&, const Y& y) : y_(y) {}
  template <int N>
  HIPINFER_DEVICE void get(place at, float (&v)[N]) const {
    y_.get(at, v);
  }

 private:
  const Y& y_;
};

template <class T, class Group, class Y>
HIPINFER_DEVICE void store_row(const Group& g, const Y& y, T* row) {
  g.each([&](place at) {
    float v[Group::width];
    y.get(at, v);
    store_floats<Group::width>(row + at.i, v);
  });
}

// Times a factor that is given.
template <class Q, class Group, class Y>
HIPINFER_DEVICE void store_scaled_row(const Group& g, const Y& y, float factor, Q* row) {
  g.each([&](place at) {
    float v[Group::width];
    y.get(at, v);
    scale_by(v, factor);
    store_floats<Group::width>(row + at.i, v);
  });
}
// With a scale of its own, found in the row y and stored, too. The row is computed twice, from the same registers; `last`
// is y in the pass that stores it.
template <class Q, class Group, class Y, class Last>
HIPINFER_DEVICE void store_quantised_row(Group& g, const Y& y, const Last& last, Q* row, float* scale) {
  float most = 0;
  g.each([&](place at) {
    float v[Group::width];
    y.get(at, v);
    most = largest_magnitude(v, most);
  });
  const float own = dynamic_scale<Q>(g.largest(most));
  if (g.leads()) *scale = own;
  store_scaled_row(g, last, quantising_factor(own), row);
}

// Row r of a tensor whose rows are indexed by (outer, inner) = (r / inner extent, r % inner extent), or by outer alone.
struct row_index {
  int64_t outer, inner;
  template <class T>
  HIPINFER_DEVICE T* in(T* base, const int64_t (&stride)[2]) const {
    return base + outer * stride[0] + inner * stride[1];
  }
  template <class T>
  HIPINFER_DEVICE T* in(T* base, int64_t stride) const {
    return base + outer * stride;
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

// body(row index, whether there is such a row) for each of a group's rows. Groups of a block take as many turns, for the
// barriers; one that has no row is given the last one's index.
template <int Threads, int Width, int Held, class Params, class Body>
HIPINFER_DEVICE void for_groups(const row_group<Threads, Width, Held>& g, const Params& p, Body body) {
  const int64_t step = block_count<Threads>() * g.count();
  for (int64_t first = block_id() * g.count(); first < p.rows; first += step) {
    const int64_t row = first + g.own();
    const bool there = row < p.rows;
    const int64_t safe = there ? row : p.rows - 1;
    if constexpr (requires { p.inner; })
      body(index_of(safe, p.inner), there);
    else
      body(row_index{safe, 0}, there);
  }
}

namespace detail {
template <int Threads, int Width, int Held, class Params, class Body>
HIPINFER_DEVICE void visit_rows(const Params& p, Body body) {
  using group = row_group<Threads, Width, Held>;
  __shared__ typename group::memory memory;
  group g(memory, p.lanes_log2, p.n);
  for_groups(g, p, [&](row_index r, bool there) {
    g.take(there);
    body(g, r);
  });
}
}  // namespace detail

// body(group, row index) for every row; Params has rows, n, lanes_log2, vector, and inner where rows have two indices
// (core/rows.h). Held elements of a row are in a thread's registers; 0: the row is of any length, and where p.vector is 0
// of any alignment.
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
