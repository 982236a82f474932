// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding of a head. Pair i is the elements (i, i + half), or (2i, 2i + 1) if interleaved; elements from
// 2 * half on are only moved. The work on a head is cut into units, an access or two each: `rotary_units` of pairs, then
// those of the rest.
#pragma once

#include "device/index.h"
#include "device/quantize.h"

namespace hipinfer {

// The pairs of one unit, in accesses of Width elements. Both elements of a pair are read before either is written, so that
// output and input may be the same.
template <class T, int Width, bool Interleaved>
class pairs {
 public:
  static constexpr int count = Interleaved && Width > 1 ? Width / 2 : Width;

  HIPINFER_DEVICE pairs(const T* x, int64_t first, int64_t half) : first_(first), half_(half) {
    for (int k = 0; k < parts; ++k) part_[k] = load<Width>(x + at(k));
  }

  // `angles` has the cosines of a head's pairs, then their sines. The result is multiplied by factor where Q is quantised.
  template <class Q>
  HIPINFER_DEVICE void rotate(const float* angles, float factor, Q* y) const {
    float a[count], b[count], cosine[count], sine[count];
    load_floats<count>(angles + first_, cosine);
    load_floats<count>(angles + half_ + first_, sine);
    split(a, b);
    for (int k = 0; k < count; ++k) {
      const float x = a[k];
      a[k] = fma(x, cosine[k], -(b[k] * sine[k]));
      b[k] = fma(b[k], cosine[k], x * sine[k]);
    }
    if constexpr (sizeof(Q) == 1) {
      scale_by(a, factor);
      scale_by(b, factor);
    }
    put(a, b, y);
  }

  template <class Q>
  HIPINFER_DEVICE void spoil(Q* y) const {
    float nan[count];
    for (int k = 0; k < count; ++k) nan[k] = not_a_number;
    put(nan, nan, y);
  }

 private:
  static constexpr int parts = Interleaved && Width > 1 ? 1 : 2;

  HIPINFER_DEVICE int64_t at(int part) const { return Interleaved ? 2 * first_ + part : first_ + part * half_; }
  HIPINFER_DEVICE void split(float (&a)[count], float (&b)[count]) const {
    if constexpr (parts == 1) {
      float v[Width];
      to_floats(part_[0], v);
      for (int k = 0; k < count; ++k) {
        a[k] = v[2 * k];
        b[k] = v[2 * k + 1];
      }
    } else {
      to_floats(part_[0], a);
      to_floats(part_[1], b);
    }
  }
  template <class Q>
  HIPINFER_DEVICE void put(const float (&a)[count], const float (&b)[count], Q* y) const {
    if constexpr (parts == 1) {
      float v[Width];
      for (int k = 0; k < count; ++k) {
        v[2 * k] = a[k];
        v[2 * k + 1] = b[k];
      }
      store_floats<Width>(y + at(0), v);
    } else {
      store_floats<Width>(y + at(0), a);
      store_floats<Width>(y + at(1), b);
    }
  }

  int64_t first_, half_;
  vec<T, Width> part_[parts];
};

// One unit of a head. What is slow to find comes last, so that the head's own elements are on their way: angles() gives
// the angles, or NULL where the position is none and the whole head becomes NaN; target() the output, or NULL: nowhere.
// Params has half, rotary_units and head_dim. In place, elements that are only moved have no units, unless there are no
// others.
template <class Q, int Width, bool Interleaved, class T, class Params, class Angles, class Target>
HIPINFER_DEVICE void rope_unit(const Params& p, const T* x, int64_t unit, bool in_place, float factor, Angles angles,
                               Target target) {
  using group = pairs<T, Width, Interleaved>;
  if (unit < p.rotary_units) {
    const group own(x, unit * group::count, p.half);
    const float* turn = angles();
    Q* y = target();
    if (y == nullptr) return;
    if (turn != nullptr) return own.rotate(turn, factor, y);
    own.spoil(y);
    if (in_place && unit == 0) {
      for (int64_t i = 2 * p.half; i < p.head_dim; ++i) y[i] = from_float<Q>(not_a_number);
    }
  } else if (!in_place || p.rotary_units == 0) {
    const int64_t i = 2 * p.half + (unit - p.rotary_units) * Width;
    const vec<T, Width> v = load<Width>(x + i);
    const bool valid = angles() != nullptr;
    Q* y = target();
    if (y == nullptr) return;
    if (valid) return store<Width>(y + i, stored_as<Q>(v, factor));
    float nan[Width];
    for (int k = 0; k < Width; ++k) nan[k] = not_a_number;
    store_floats<Width>(y + i, nan);
  }
}

// Head h of a token, where keys follow queries. Selects, not branches: the lanes of a wave may straddle the two.
template <class T>
struct rope_head {
  const T* x;
  T* y;
  bool in_place;
};
template <class T, class Params>
HIPINFER_DEVICE rope_head<T> head_of(const Params& p, int64_t token, int64_t h) {
  const bool key = h >= p.q_heads;
  const int64_t own = key ? h - p.q_heads : h;
  const T* x = static_cast<const T*>(key ? p.k : p.q);
  T* y = static_cast<T*>(key ? p.k_out : p.q_out);
  x += token * (key ? p.k_stride[0] : p.q_stride[0]) + own * (key ? p.k_stride[1] : p.q_stride[1]);
  y += token * (key ? p.k_out_stride[0] : p.q_out_stride[0]) + own * (key ? p.k_out_stride[1] : p.q_out_stride[1]);
  return {x, y, (key ? p.k_in_place : p.q_in_place) != 0};
}

// The row of cos_sin for a position, NULL where there is none.
template <class Params>
HIPINFER_DEVICE const float* angles_at(const Params& p, int64_t position) {
  const float* table = static_cast<const float*>(p.cos_sin);
  return position >= 0 && position < p.cached ? table + position * p.cos_sin_stride : nullptr;
}

// Calls body with vectors of Width elements of T where the operands allow it, and for the pairs' layout:
// body(width<Width>, layout<Interleaved>).
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
