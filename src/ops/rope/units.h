// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding. Pair i of a head is the elements (i, i + half), or (2i, 2i + 1) if interleaved; elements from
// 2 * half on are only moved. A head is cut into units of one or two accesses: first `rotary_units` units of pairs, then
// those of the rest. A thread has one unit of several heads of one token, so that it finds the angles once for all of them.
#pragma once

#include "device/fp8_bytes.h"
#include "device/index.h"
#include "device/loaded.h"

namespace hipinfer {

// A thread's heads are at x, x + step, ...: of the `left` heads from its first one on, each `apart`-th.
template <class T>
struct head_list {
  T* x;
  int64_t step;
};
struct head_count {
  int left, apart;
  HIPINFER_DEVICE bool has(int k) const { return k * apart < left; }  // the k-th from now
};

// What heads become: elements of T, or fp8 times a factor. The code that rounds to fp8 may be long; it is there once for
// all heads if they are `rolled`.
template <class T>
struct plain_heads {
  static constexpr bool rolled = false, fp8 = false;
  head_list<T> to;
  HIPINFER_DEVICE void spoil(int64_t at) const { to.x[at] = from_float<T>(not_a_number); }
};
template <class As>
struct fp8_heads {
  static constexpr bool rolled = As::is_long, fp8 = true;
  head_list<uint8_t> to;
  float factor;
  As as;

  HIPINFER_DEVICE void spoil(int64_t at) const { to.x[at] = as.bytes({not_a_number}).at[0]; }
};

// A unit of pairs is one access of neighbours, or two accesses: of the first and of the second elements.
template <int Width, bool Interleaved>
struct pair_layout {
  static constexpr int parts = Interleaved && Width > 1 ? 1 : 2, elements = parts * Width, pairs = elements / 2;

  HIPINFER_DEVICE static int offset(int first) { return Interleaved ? 2 * first : first; }
  HIPINFER_DEVICE static int second(int half) { return Interleaved ? 1 : half; }
};

// The angles of a unit's pairs.
template <int Pairs>
struct turn {
  float cosine[Pairs], sine[Pairs];

  // For the pairs from `first` on; `angles` has the cosines of a head's pairs, then their sines.
  HIPINFER_DEVICE void load_from(const float* angles, int first, int half) {
    load_floats<Pairs>(angles + first, cosine);
    load_floats<Pairs>(angles + half + first, sine);
  }
};

// A unit's first access begins at `at`, its second one `second` elements further on. Only pairs that are apart have a
// second access.
struct head_unit {
  bool rotary;
  int at, second;
};
// Params has half and rotary_units.
template <int Width, bool Interleaved, class Params>
HIPINFER_DEVICE head_unit unit_of(const Params& p, int unit) {
  using layout = pair_layout<Width, Interleaved>;
  if (unit < p.rotary_units) return {true, layout::offset(unit * layout::pairs), layout::second(p.half)};
  return {false, 2 * p.half + (unit - p.rotary_units) * Width, 0};
}

// Makes elements from `first` to before `end` of all heads NaN, and those `second` elements further on.
template <class Heads>
HIPINFER_DEVICE void spoil(Heads heads, head_count count, int64_t first, int64_t end, int64_t second) {
#pragma unroll 1
  for (; count.left > 0; count.left -= count.apart) {
#pragma unroll 1
    for (int64_t i = first; i < end; ++i) {
      heads.spoil(i);
      if (second != 0) heads.spoil(i + second);
    }
    heads.to.x += heads.to.step;
  }
}

// A thread's heads, `Accesses` accesses at a time, so that their loads are on their way together.
template <int Width, bool Interleaved, int Accesses, class T>
class head_batch {
 public:
  using layout = pair_layout<Width, Interleaved>;
  static constexpr int size = Accesses / layout::parts;  // heads

  HIPINFER_DEVICE head_batch(head_list<const T> from, head_count count, head_unit unit)
      : from_(from), count_(count), rotary_(unit.rotary), second_(unit.second) {
    from_.x += unit.at;
    read();
  }

  // Where heads go begins at the unit, too.
  template <class Heads>
  HIPINFER_DEVICE void turn_all(Heads heads, const turn<layout::pairs>& by) {
    for (;;) {
      if constexpr (Heads::rolled) {
#pragma unroll 1
        for (int k = 0; k < size && count_.has(k); ++k) {
          turn_one(heads, k, own_[0], by);
          for (int next = 1; next < size; ++next)
            for (int part = 0; part < layout::parts; ++part) own_[next - 1][part] = own_[next][part];
        }
      } else {
#pragma unroll
        for (int k = 0; k < size; ++k)
          if (k == 0 || count_.has(k)) turn_one(heads, k, own_[k], by);
      }
      count_.left -= size * count_.apart;
      if (count_.left <= 0) return;
      from_.x += size * from_.step;
      heads.to.x += size * heads.to.step;
      read();
    }
  }

 private:
  using access = loaded<T, Width>;

  HIPINFER_DEVICE void read() {
    for (int k = 0; k < size; ++k) {
      if (k > 0 && !count_.has(k)) continue;
      own_[k][0].load_from(from_.x + k * from_.step);
      if constexpr (layout::parts == 2)
        if (rotary_) own_[k][1].load_from(from_.x + k * from_.step + second_);
    }
  }

  template <class Heads>
  HIPINFER_DEVICE void turn_one(const Heads& heads, int k, const access (&own)[layout::parts],
                                const turn<layout::pairs>& by) const {
    constexpr int parts = layout::parts;
    auto* y = heads.to.x + k * heads.to.step;
    if constexpr (!Heads::fp8)
      if (!rotary_) return store<Width>(y, own[0].get());
    float v[parts][Width];
    for (int part = 0; part < parts; ++part) to_floats(own[part].get(), v[part]);
    if (rotary_) {
      for (int i = 0; i < layout::pairs; ++i) {
        float &a = parts == 1 ? v[0][2 * i] : v[0][i], &b = parts == 1 ? v[0][2 * i + 1] : v[parts - 1][i];
        const float x = a;
        a = fma(x, by.cosine[i], -(b * by.sine[i]));
        b = fma(b, by.cosine[i], x * by.sine[i]);
      }
    } else if constexpr (parts == 2) {
      for (int i = 0; i < Width; ++i) v[1][i] = 0;  // was not read
    }
    if constexpr (Heads::rolled) {
      // Part by part: all of them at once would spill.
#pragma unroll 1
      for (int part = 0; part < parts; ++part) {
        if (part > 0 && !rotary_) break;
        for (int i = 0; i < Width; ++i) v[0][i] *= heads.factor;
        store<Width>(y + part * second_, heads.as.bytes(v[0]));
        for (int i = 0; i < Width; ++i) v[0][i] = v[parts - 1][i];
      }
    } else if constexpr (Heads::fp8) {
      float all[layout::elements];
      for (int i = 0; i < layout::elements; ++i) all[i] = v[i / Width][i % Width] * heads.factor;
      const vec<uint8_t, layout::elements> bytes = heads.as.bytes(all);
      vec<uint8_t, Width> own_bytes[parts];
      for (int i = 0; i < layout::elements; ++i) own_bytes[i / Width].at[i % Width] = bytes.at[i];
      store<Width>(y, own_bytes[0]);
      if (parts == 2 && rotary_) store<Width>(y + second_, own_bytes[parts - 1]);
    } else {
      store_floats<Width>(y, v[0]);
      if constexpr (parts == 2) store_floats<Width>(y + second_, v[1]);
    }
  }

  head_list<const T> from_;
  head_count count_;
  bool rotary_;
  int second_;
  access own_[size][layout::parts];
};

// One unit of a thread's heads. What is slow to find comes last, so that the first heads' elements are on their way
// meanwhile: angles() gives the angles, or NULL where there is no such position and the whole head becomes NaN;
// target(body) calls body with where the heads go, or does not call it. Both elements of a pair are read before either is
// written, so that output and input may be the same. In place, elements that are only moved have no units, unless there
// are no others. Params has half, rotary_units and head_dim.
template <int Width, bool Interleaved, int Accesses = 4, class T, class Params, class Angles, class Target>
HIPINFER_DEVICE void rope_unit(const Params& p, head_list<const T> from, head_count count, head_unit unit,
                               bool in_place, Angles angles, Target target) {
  using layout = pair_layout<Width, Interleaved>;
  if (in_place && !unit.rotary && p.rotary_units > 0) return;
  head_batch<Width, Interleaved, Accesses, T> batch(from, count, unit);
  const float* row = angles();
  target([&](auto heads) {
    if (row == nullptr) {
      const int64_t end = unit.at + (unit.rotary && Interleaved ? layout::elements : Width);
      spoil(heads, count, unit.at, end, Interleaved ? 0 : unit.second);
      if (in_place && unit.rotary && unit.at == 0) spoil(heads, count, 2 * p.half, p.head_dim, 0);
      return;
    }
    turn<layout::pairs> by;
    if (unit.rotary) by.load_from(row, Interleaved ? unit.at / 2 : unit.at, p.half);
    heads.to.x += unit.at;
    batch.turn_all(heads, by);
  });
}

// Chunk c of a token's heads: each q_chunks-th query, or, in the chunks that follow, each k_chunks-th key. It is selected
// without branches, because the lanes of a wave may have chunks of both.
template <class T>
struct rope_chunk {
  head_list<const T> from;
  head_list<T> to;
  head_count count;
  bool key;
};
template <class T, class Params>
HIPINFER_DEVICE rope_chunk<T> chunk_of(const Params& p, int64_t token, int c) {
  const bool key = c >= p.q_chunks;
  const int first = key ? c - p.q_chunks : c, apart = key ? p.k_chunks : p.q_chunks;
  const T* x = static_cast<const T*>(key ? p.k : p.q);
  T* y = static_cast<T*>(key ? p.k_out : p.q_out);
  const int64_t step = key ? p.k_stride[1] : p.q_stride[1], out_step = key ? p.k_out_stride[1] : p.q_out_stride[1];
  x += token * (key ? p.k_stride[0] : p.q_stride[0]) + first * step;
  y += token * (key ? p.k_out_stride[0] : p.q_out_stride[0]) + first * out_step;
  return {{x, apart * step}, {y, apart * out_step}, {(key ? p.k_heads : p.q_heads) - first, apart}, key};
}

// The row of cos_sin for a position; NULL where there is no such position.
template <class Params>
HIPINFER_DEVICE const float* angles_at(const Params& p, int64_t position) {
  const float* table = static_cast<const float*>(p.cos_sin);
  return position >= 0 && position < p.cached ? table + position * p.cos_sin_stride : nullptr;
}

// Calls body(width, layout): vectors of 16 bytes where the operands allow it, else elements; and how pairs lie.
template <int Width>
struct width {
  static constexpr int value = Width;
};
template <bool Interleaved>
struct layout {
  static constexpr bool interleaved = Interleaved;
};
template <class T, class Params, class Body>
HIPINFER_DEVICE void with_pairs(const Params& p, Body body) {
  if (p.vector) {
    if (p.interleaved)
      body(width<vector_width<T>>{}, layout<true>{});
    else
      body(width<vector_width<T>>{}, layout<false>{});
  } else {
    if (p.interleaved)
      body(width<1>{}, layout<true>{});
    else
      body(width<1>{}, layout<false>{});
  }
}

}  // namespace hipinfer
