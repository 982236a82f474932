// SPDX-License-Identifier: Apache-2.0
// Rows shared out over groups of threads, for operations that read a row more than once: norms, and whatever needs a
// row's largest value before it can write. A block serves Threads / lanes rows. The number of lanes that share a row is a
// run-time number, so that one kernel takes every length.
//
// A row is a whole number of vectors. A thread owns those at columns (lane + k * lanes) * Width. With Held > 0 it owns at
// most Held vectors: it loads an operand once, issues all loads before the first use, and keeps what it computes of the
// row in registers. With Held = 0 it owns any number, and every pass reads the operand again (from cache).
#pragma once

#include "device/index.h"
#include "device/quantize.h"
#include "device/reduce.h"
#include "device/vec.h"

namespace hipinfer {

// For few rows, threads with 16 to 24 elements sum a row of up to 4096 columns. With 32 elements a thread sums as two of
// those would.
template <int Threads, int Held>
constexpr int row_parts = Threads == 256 && Held == 32 ? 2 : 1;

// The k-th vector of a thread begins at column i.
struct place {
  int k;
  int64_t i;
};

// A sum and a largest value that are reduced together.
struct sum_and_most {
  float sum, most;
};
template <int Mask>
HIPINFER_DEVICE sum_and_most lane_xor(sum_and_most x) {
  return {lane_xor<Mask>(x.sum), lane_xor<Mask>(x.most)};
}
struct add_and_maximum {
  HIPINFER_DEVICE sum_and_most operator()(sum_and_most a, sum_and_most b) const {
    return {a.sum + b.sum, max(a.most, b.most)};
  }
};

// With Parts > 1 a thread sums as that many threads would: it keeps a sum for each part of its vectors (part_of), and the
// total has the bits that Parts times as many threads would give. That lets fewer threads sum a row where there are many
// rows.
template <int Threads, int Width, int Held, int Parts = 1>
class row_group {
 public:
  static constexpr int width = Width;
  static constexpr int held = Held;
  static constexpr int parts = Parts;
  static constexpr int waves = Threads / wave_size;
  struct alignas(16) memory {
    sum_and_most words[2][waves * Parts];
  };
  HIPINFER_DEVICE static constexpr int part_of(place at) { return at.k % Parts; }

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
      const uint32_t n = static_cast<uint32_t>(n_);
#pragma unroll
      for (int k = 0; k < Held; ++k) {
        const uint32_t i = static_cast<uint32_t>(lane_ + k * lanes_) * Width;
        if (i < n) f(place{k, i});
      }
    } else {
#pragma unroll 1
      for (int64_t i = lane_ * Width; i < n_; i += lanes_ * Width) f(place{0, i});
    }
  }

  // Over the lanes of a row; each gets the result. The order of the sum follows from the row's length alone.
  template <int N, class Op, class T>
  HIPINFER_DEVICE T reduce(T (&x)[N], Op op) {
    for (int i = 0; i < N; ++i) x[i] = within(x[i], op);
    return across(x, op);
  }
  template <class Op, class T>
  HIPINFER_DEVICE T reduce(T x, Op op) {
    return across(within(x, op), op);
  }
  // Its two steps: over the lanes of a row that are in one wave, and then over the waves (and what a lane has).
  template <class Op, class T>
  HIPINFER_DEVICE T within(T x, Op op) const {
    return lanes_ < wave_size ? over_lanes<wave_size / 2>(x, op, lanes_) : wave_reduce<wave_size>(x, op);
  }
  template <int N, class Op, class T>
  HIPINFER_DEVICE T across(const T (&x)[N], Op op) {
    if (lanes_ <= wave_size) return in_order<N>(x, op);
    T* words = reinterpret_cast<T*>(memory_.words[turn_]);
    turn_ ^= 1;
    const int wave = static_cast<uint32_t>(thread_id()) / wave_size, of_row = lanes_ / wave_size;
    const int row = thread_id() >> lanes_log2_;
    if (lane_id() == 0) {
      for (int i = 0; i < N; ++i) words[wave + (row * (N - 1) + i) * of_row] = x[i];
    }
    // Every wave's words are there. None is overwritten before it is read: the next reduction has the other words, and
    // the one after that comes behind the next one's barrier.
    block_barrier();
    if (lanes_ == Threads) return in_order<waves * N>(words, op);
    const int many = of_row * N;
    return over_lanes<waves * N / 2>(words[row * many + (lane_id() & (many - 1))], op, many);
  }
  template <class Op, class T>
  HIPINFER_DEVICE T across(T x, Op op) {
    const T one[1] = {x};
    return across(one, op);
  }
  HIPINFER_DEVICE float sum(float (&x)[Parts]) { return reduce(x, add{}); }
  HIPINFER_DEVICE float sum(float x) {
    static_assert(Parts == 1);
    return reduce(x, add{});
  }
  HIPINFER_DEVICE float largest(float x) { return reduce(x, maximum{}); }

 private:
  // Over groups of `many` lanes, Most at the most.
  template <int Most, class Op, class T>
  HIPINFER_DEVICE static T over_lanes(T x, Op op, int many) {
    if constexpr (Most >= 2) x = many >= 2 ? op(x, lane_xor<1>(x)) : x;
    if constexpr (Most >= 4) x = many >= 4 ? op(x, lane_xor<2>(x)) : x;
    if constexpr (Most >= 8) x = many >= 8 ? op(x, lane_xor<7>(x)) : x;  // as in wave_reduce: lanes of a quad agree
    if constexpr (Most >= 16) x = many >= 16 ? op(x, lane_xor<15>(x)) : x;
    if constexpr (Most >= 32) x = many >= 32 ? op(x, lane_xor<16>(x)) : x;
    return x;
  }
  // Of all waves' words: read by every lane in a few wide accesses, which takes less time than a step over lanes each.
  template <int N, class Op, class T>
  HIPINFER_DEVICE static T in_order(const T* words, Op op) {
    if constexpr (N == 1) {
      return words[0];
    } else {
      return op(in_order<N / 2>(words, op), in_order<N / 2>(words + N / 2, op));
    }
  }

  memory& memory_;
  int lanes_log2_, lanes_, lane_, turn_ = 0;
  bool there_ = true;
  int64_t n_, length_;
};

// N elements as they were loaded, in accesses of up to 16 bytes. They are kept as words: a compiler takes single elements
// apart at a condition around the load, or at the value of an operand that is left out.
template <class T, int N>
class packed {
 public:
  HIPINFER_DEVICE void load_from(const T* p) {
    for (int i = 0; i < parts; ++i) words_[i] = *reinterpret_cast<const word*>(p + i * size);
  }
  HIPINFER_DEVICE void fill(float x) {
    vec<T, size> part;
    for (int k = 0; k < size; ++k) part.at[k] = from_float<T>(x);
    for (int i = 0; i < parts; ++i) words_[i] = bit_cast<word>(part);
  }
  HIPINFER_DEVICE void floats(float (&v)[N]) const {
    for (int i = 0; i < parts; ++i) {
      float part[size];
      to_floats(bit_cast<vec<T, size>>(words_[i]), part);
      for (int k = 0; k < size; ++k) v[i * size + k] = part[k];
    }
  }

 private:
  static constexpr int parts = sizeof(T) * N > 16 ? sizeof(T) * N / 16 : 1, size = N / parts;
  using word = typename detail::word<sizeof(T) * size>::type;
  word words_[parts];
};

// The most that a thread keeps of an operand that it needs only later. More would leave too few threads resident.
constexpr int kept_bytes = 48;

// A row that is only read. Without Kept it is read where it is used, from cache, and costs no registers until then.
template <class T, class Group, bool Kept = (Group::held > 0)>
class row_operand {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE row_operand(const Group& g, const void* p) : p_(static_cast<const T*>(p)) {
    if constexpr (Kept) g.each([&](place at) { held_[at.k].load_from(p_ + at.i); });
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (Kept)
      held_[at.k].floats(v);
    else
      load_floats<width>(p_ + at.i, v);
  }
  HIPINFER_DEVICE void write_back(place, const float (&)[width]) const {}

 private:
  const T* p_;
  packed<T, width> held_[Kept ? Group::held : 1];
};

// A row that may be left out: then every element is `absent`.
template <class T, class Group, bool Kept>
class optional_operand {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE optional_operand(const Group& g, const void* p, float absent)
      : p_(static_cast<const T*>(p)), absent_(absent) {
    if constexpr (Kept) {
      if (p != nullptr) {
        g.each([&](place at) { held_[at.k].load_from(p_ + at.i); });
      } else {
        for (int k = 0; k < Group::held; ++k) held_[k].fill(absent);
      }
    }
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (Kept) {
      held_[at.k].floats(v);
    } else if (p_ != nullptr) {
      load_floats<width>(p_ + at.i, v);
    } else {
      for (int k = 0; k < width; ++k) v[k] = absent_;
    }
  }

 private:
  const T* p_;
  float absent_;
  packed<T, width> held_[Kept ? Group::held : 1];
};

// A row of T or of f32: the call says which. For kernels that read it where it is used.
template <class T, class Group>
class either_operand {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE either_operand(const Group& g, const void* p, dtype type, float absent = 0)
      : narrow_(g, p, absent), wide_(g, p, absent), is_wide_(type == dtype::f32) {}
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if (sizeof(T) < 4 && is_wide_)
      wide_.get(at, v);
    else
      narrow_.get(at, v);
  }

 private:
  optional_operand<T, Group, false> narrow_;
  optional_operand<f32, Group, false> wide_;
  bool is_wide_;
};

// A row's weights, of dtype W, for a row of dtype T. They are loaded at once, unless they are too many or the row is not in
// registers either.
template <class W, class Group>
constexpr bool kept_weights = Group::held > 0 && Group::held* Group::width * sizeof(W) <= kept_bytes;
template <class T, class W, class Group>
HIPINFER_DEVICE auto weights_of(const Group& g, const void* p, dtype type) {
  if constexpr (Group::held == 0)
    return either_operand<T, Group>(g, p, type);
  else
    return row_operand<W, Group, kept_weights<W, Group>>(g, p);
}
template <class T, class W, class Group>
HIPINFER_DEVICE auto optional_weights_of(const Group& g, const void* p, dtype type, float absent) {
  if constexpr (Group::held == 0)
    return either_operand<T, Group>(g, p, type, absent);
  else
    return optional_operand<W, Group, kept_weights<W, Group>>(g, p, absent);
}

// The floats of a row, kept in registers. A group with Held = 0 keeps none: every use computes them again.
template <class Group>
class kept_row {
 public:
  static constexpr bool there = Group::held > 0;

  HIPINFER_DEVICE void put(place at, const float (&v)[Group::width]) {
    for (int k = 0; k < Group::width; ++k) v_[at.k][k] = v[k];
  }
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    for (int k = 0; k < Group::width; ++k) v[k] = v_[at.k][k];
  }

 private:
  float v_[there ? Group::held : 1][Group::width];
};

// A row that is computed once where registers hold it, and its largest magnitude.
template <class Y, class Group>
class computed_row {
 public:
  static constexpr int width = Group::width;

  HIPINFER_DEVICE computed_row(const Group& g, const Y& y) : y_(y) {
    g.each([&](place at) {
      float v[width];
      y.get(at, v);
      most = largest_magnitude(v, most);
      if constexpr (kept_row<Group>::there) kept_.put(at, v);
    });
  }
  HIPINFER_DEVICE void get(place at, float (&v)[width]) const {
    if constexpr (kept_row<Group>::there)
      kept_.get(at, v);
    else
      y_.get(at, v);
  }

  float most = 0;  // of this thread's elements

 private:
  const Y& y_;
  kept_row<Group> kept_;
};

// The product of two factors. If both are finite the product is, too: 0 times an infinite one would be NaN.
HIPINFER_DEVICE float finite_product(float a, float b) {
  const float product = a * b;
  return product > hipinfer::largest && a <= hipinfer::largest && b <= hipinfer::largest ? hipinfer::largest : product;
}

// The row y times a factor, rounded to T.
template <class T, class Group, class Y>
HIPINFER_DEVICE void store_row(const Group& g, const Y& y, T* row, float factor = 1.0f, as_type<T> as = {}) {
  g.each([&](place at) {
    float v[Group::width];
    y.get(at, v);
    scale_by(v, factor);
    as.store_to(row + at.i, v);
  });
}
// To a quantised dtype, which the call names.
template <class Group, class Y>
HIPINFER_DEVICE void store_row_as(dtype type, const Group& g, const Y& y, uint8_t* row, float factor) {
  with_quantised(type, [&]<class Q>(as_type<Q> as) { store_row(g, y, reinterpret_cast<Q*>(row), factor, as); });
}
// y times factor, quantised with a scale of its own, which is stored too. `most` is the largest magnitude in y. The
// hardware's reciprocal will do: a scale that was found is a normal number far from the largest.
template <class Group, class Y>
HIPINFER_DEVICE void store_self_scaled_row(dtype type, const Group& g, const Y& y, float factor, float most,
                                           uint8_t* row, float* scale) {
  with_quantised(type, [&]<class Q>(as_type<Q> as) {
    const float own = max(most * factor * (1.0f / largest_of(as)), 0x1p-126f);
    if (g.leads()) *scale = own;
    store_row(g, y, reinterpret_cast<Q*>(row), finite_product(factor, rcp_fast(own)), as);
  });
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
HIPINFER_DEVICE row_index index_of(int64_t row, const divisor& inner) {
  const division split = divide(row, inner);
  return {split.quotient, split.rest};
}
// For row numbers and extents below 2^31.
HIPINFER_DEVICE row_index index_of_short(uint32_t row, const divisor& inner) {
  const uint64_t product = static_cast<uint64_t>(row << 1) * inner.multiplier;
  const uint32_t quotient = static_cast<uint32_t>(product >> 32) >> inner.shift;
  return {quotient, row - quotient * static_cast<uint32_t>(inner.by)};
}

namespace detail {
// body(group, row number). A group without a row is given a number past the last one, and no elements.
template <int Threads, int Width, int Held, int Parts, class Params, class Body>
HIPINFER_DEVICE void visit_row(const Params& p, Body body) {
  using group = row_group<Threads, Width, Held, Parts>;
  __shared__ typename group::memory memory;
  group g(memory, p.lanes_log2, p.n);
  const int64_t any_row = block_number() * g.count() + g.own();
  // The host gives rows beyond 2^31 to a kernel with Held = 0.
  const int64_t row = Held > 0 ? static_cast<uint32_t>(any_row) : any_row;
  g.take(Held > 0 ? static_cast<uint32_t>(row) < static_cast<uint32_t>(p.rows) : row < p.rows);
  body(g, row);
}
template <class T, int Threads, int Held, int Parts, class Params, class Body>
HIPINFER_DEVICE void visit_aligned_row(const Params& p, Body body) {
  if constexpr (Held > 0) {
    visit_row<Threads, vector_width<T>, Held / vector_width<T>, Parts>(p, body);
  } else {
    if (p.vector)
      visit_row<Threads, vector_width<T>, 0, Parts>(p, body);
    else
      visit_row<Threads, 1, 0, Parts>(p, body);
  }
}
}  // namespace detail

// body(group, row index) for the row of a thread's group. The grid is that of core/rows.h, which has a group a row and a few
// more; those get an index, and no elements. Params has rows, n, lanes_log2 and vector. With Held > 0 a thread's registers
// hold as many elements of a row; with Held = 0 the row is of any length and, where p.vector is 0, of any alignment.
template <class T, int Threads, int Held, int Parts = 1, class Params, class Body>
HIPINFER_DEVICE void for_rows(const Params& p, Body body) {
  detail::visit_aligned_row<T, Threads, Held, Parts>(
      p, [&]<class Group>(Group& g, int64_t row) { body(g, row_index{row, 0}); });
}
// The same for rows with two indices, which p.inner divides.
template <class T, int Threads, int Held, int Parts = 1, class Params, class Body>
HIPINFER_DEVICE void for_split_rows(const Params& p, Body body) {
  detail::visit_aligned_row<T, Threads, Held, Parts>(p, [&]<class Group>(Group& g, int64_t row) {
    if constexpr (Held > 0)
      body(g, index_of_short(static_cast<uint32_t>(row), p.inner));
    else
      body(g, index_of(row, p.inner));
  });
}

}  // namespace hipinfer
