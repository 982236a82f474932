// SPDX-License-Identifier: Apache-2.0
// A row of logits or of probabilities: its order as integers, its weights in fixed point, and walks over it.
#pragma once

#include "device/math.h"
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/sampling/params.h"

namespace hipinfer {

// An unsigned integer that orders as the numbers do, equal for -0 and +0, and 0 for NaN. It has as many bits as the element.
HIPINFER_DEVICE uint32_t order(uint32_t bits, uint32_t sign, uint32_t infinite) {
  const uint32_t magnitude = bits & (sign - 1);
  if (magnitude > infinite) return 0;
  if (magnitude == 0) return sign;
  return (bits & sign) ? (sign - 1) & ~magnitude : sign | magnitude;
}
HIPINFER_DEVICE uint32_t key_of(f32 x) {
  return order(bit_cast<uint32_t>(x), 0x80000000u, 0x7f800000u);
}
HIPINFER_DEVICE uint32_t key_of(f16 x) {
  return order(bit_cast<uint16_t>(x), 0x8000u, 0x7c00u);
}
HIPINFER_DEVICE uint32_t key_of(bf16 x) {
  return order(bit_cast<uint16_t>(x), 0x8000u, 0x7f80u);
}

template <class T>
HIPINFER_DEVICE float value_of(uint32_t key) {
  if constexpr (sizeof(T) == 4) {
    return bit_cast<float>((key & 0x80000000u) ? key & 0x7fffffffu : ~key);
  } else {
    return to_float(bit_cast<T>(static_cast<uint16_t>((key & 0x8000u) ? key & 0x7fffu : ~key)));
  }
}

// A number from 0 to below 2^(64 - bits) in fixed point, cut: 1 is 2^bits. Subnormal numbers are far below the last bit.
HIPINFER_DEVICE uint64_t fixed_point(float w, int bits) {
  const uint32_t pattern = bit_cast<uint32_t>(w);
  const uint64_t mantissa = static_cast<uint64_t>((pattern & 0x007fffffu) | 0x00800000u) << 40;
  const int right = 190 - bits - static_cast<int>(pattern >> 23);
  return right < 64 ? mantissa >> right : 0;
}

// How a row's elements weigh, given the largest: exp((x - top) / temperature), which is 1 at the top.
template <class T>
struct logits_row {
  using element = T;
  static constexpr bool has_stretches = true, proportional = false;
  static constexpr float least = -largest, below = -infinity;  // what is less is never sampled, nor is a NaN
  // The largest key of what is not sampled, which is that of `below`.
  HIPINFER_DEVICE static uint32_t none() { return key_of(from_float<T>(below)); }

  float top, power;
  int bits;
  HIPINFER_DEVICE logits_row(float t, float temperature, int weight_bits)
      : top(t), power(min(log2_e / temperature, largest)), bits(weight_bits) {}
  // The number, from 0 to 2047, of a stretch of values, which ascends with them: stretches of one width, down to where weights
  // fall below 2^-48. from(): where it begins, within rounding.
  struct stretches {
    float bottom, scale;
    HIPINFER_DEVICE explicit stretches(const logits_row& w)
        : bottom(w.top - 48.0f / w.power), scale(2048.0f / 48.0f * w.power) {}
    HIPINFER_DEVICE bool possible() const { return scale <= largest && bottom >= -largest; }
    HIPINFER_DEVICE int operator()(float x) const {
      return static_cast<int>(min(max((x - bottom) * scale, 0.0f), 2047.0f));
    }
    HIPINFER_DEVICE float from(int at) const { return bottom + static_cast<float>(at) / scale; }
  };
  // The comparison serves +inf, which less itself is NaN: all +inf share the row. Then max turns other NaNs to 0. The
  // difference is taken first, and its product's error, |d| / 2 units in the last place, is of a weight of 2^-|d|.
  HIPINFER_DEVICE float operator()(float x) const { return x == top ? 1.0f : max(exp2_fast((x - top) * power), 0.0f); }
};

// A probability weighs what it is, scaled by a power of two so that the largest is from 1 to 4.
template <class T>
struct probs_row {
  using element = T;
  static constexpr bool has_stretches = true, proportional = true;  // a sum of values weighs what they do
  static constexpr float least = 0x1p-126f, below = 0;
  HIPINFER_DEVICE static uint32_t none() { return key_of(from_float<T>(least)) - 1; }

  float top, scale;
  int bits;
  HIPINFER_DEVICE probs_row(float t, float, int weight_bits) : top(t), bits(weight_bits) {
    const uint32_t exponent = 254 - (bit_cast<uint32_t>(t) >> 23);
    scale = t == infinity ? 0.0f : bit_cast<float>((exponent > 0 ? exponent : 1) << 23);
  }
  // As in logits_row: 128 stretches for each power of two, down to 2^-16 of the largest.
  struct stretches {
    int32_t bottom;
    HIPINFER_DEVICE explicit stretches(const probs_row& w) : bottom(bit_cast<int32_t>(w.top) - (1 << 27) + 1) {}
    HIPINFER_DEVICE bool possible() const { return true; }
    HIPINFER_DEVICE int operator()(float x) const {
      const int32_t above = bit_cast<int32_t>(x) - bottom;  // of numbers above 0, whose bits ascend with them
      return above > 0 ? above >> 16 : 0;
    }
    HIPINFER_DEVICE float from(int at) const { return bit_cast<float>(bottom + (at << 16)); }
  };
  HIPINFER_DEVICE float operator()(float x) const {
    if (top == infinity) return x == infinity ? 1.0f : 0.0f;
    return x >= least ? x * scale : 0.0f;
  }
};

// All numbers, whatever they are, and no weights.
template <class T>
struct numbers_row {
  using element = T;
  static constexpr bool proportional = false;
  static constexpr bool has_stretches = false;  // nothing says how far below the top numbers matter
  static constexpr float least = -infinity;
  HIPINFER_DEVICE static uint32_t none() { return 0; }  // NaN
  static constexpr int bits = 0;
  HIPINFER_DEVICE float operator()(float) const { return 1; }
};

// The elements that are kept: those above `value`, and of those equal to it the ones up to index `last`.
struct kept {
  float value;
  int32_t last;
  HIPINFER_DEVICE bool operator()(float x, int32_t i) const { return x > value || (x == value && i <= last); }
  // The same where no index matters; and where one does.
  HIPINFER_DEVICE bool above(float x) const { return x > value; }
  HIPINFER_DEVICE bool at_last(float x) const { return x == value; }
};

// Those from `value` upwards.
struct at_least {
  float value;
  HIPINFER_DEVICE bool operator()(float x, int32_t) const { return above(x); }
  HIPINFER_DEVICE bool above(float x) const { return x >= value; }
  HIPINFER_DEVICE bool at_last(float) const { return false; }
};

// All of them: what is not sampled weighs nothing.
struct all_kept {
  HIPINFER_DEVICE bool operator()(float, int32_t) const { return true; }
  HIPINFER_DEVICE bool above(float) const { return true; }
  HIPINFER_DEVICE bool at_last(float) const { return false; }
};

// A row in groups of 16 bytes. Whatever shares a row out does so by groups, so that sums of a group in fp32 are the same. A window
// of a longer row begins at the group that its first element is in, so that it can be read in vectors, and leaves out the first
// `skip` elements.
template <class T, bool Window = false>
struct row_view {
  static constexpr int width = vector_width<T>;
  using element = T;
  using words = typename detail::word<16>::type;
  const T* x;
  int32_t n;
  bool vector;
  int32_t skip = 0;

  HIPINFER_DEVICE bool has(int64_t i) const { return i < n && (!Window || i >= skip); }
  HIPINFER_DEVICE int32_t whole_groups() const { return n / width; }
  HIPINFER_DEVICE words whole(int32_t group) const {
    const words v = reinterpret_cast<const words*>(x)[group];
    if constexpr (Window) {
      if (group == 0) {
        vec<T, width> first = bit_cast<vec<T, width>>(v);
#pragma unroll
        for (int k = 0; k < width; ++k) first.at[k] = k < skip ? from_float<T>(not_a_number) : first.at[k];
        return bit_cast<words>(first);
      }
    }
    return v;
  }
  HIPINFER_DEVICE int32_t groups() const { return n / width + (n % width != 0); }
  // What is not of the row is NaN.
  HIPINFER_DEVICE words get(int32_t group) const {
    if (vector && group < whole_groups()) return whole(group);
    const int64_t i = static_cast<int64_t>(group) * width;
    vec<T, width> v;
    for (int k = 0; k < width; ++k) v.at[k] = has(i + k) ? x[i + k] : from_float<T>(not_a_number);
    return bit_cast<words>(v);
  }
  HIPINFER_DEVICE static void floats(words v, float (&f)[width]) { to_floats(bit_cast<vec<T, width>>(v), f); }
  HIPINFER_DEVICE static uint32_t key(words v, int k) { return key_of(bit_cast<vec<T, width>>(v).at[k]); }
};

// Calls f(group, words, slot) for every step-th group from `first` to before `end`, with `Batch` loads under way. Slots are
// numbered 0 to Batch - 1, over and over.
template <int Batch, class Row, class F>
HIPINFER_DEVICE void walk_slots(const Row& row, int32_t first, int32_t end, int32_t step, F f) {
  const int32_t whole = row.vector ? row.whole_groups() : 0, full = (whole < end ? whole : end) - (Batch - 1) * step;
  int32_t g = first;
#pragma unroll 1
  for (; g < full; g += Batch * step) {
    typename Row::words v[Batch];
#pragma unroll
    for (int b = 0; b < Batch; ++b) v[b] = row.whole(g + b * step);
#pragma unroll
    for (int b = 0; b < Batch; ++b) f(g + b * step, v[b], b);
  }
#pragma unroll 1
  for (int slot = 0; g < end; g += step, slot = (slot + 1) % Batch) f(g, row.get(g), slot);
}
template <int Batch, class Row, class F>
HIPINFER_DEVICE void walk(const Row& row, int32_t first, int32_t end, int32_t step, F f) {
  walk_slots<Batch>(row, first, end, step, [&](int32_t group, auto v, int) { f(group, v); });
}

// What the kept elements of a group weigh: their sum is one of fp32, by halves.
template <int Width, class Weight, class Kept>
HIPINFER_DEVICE uint64_t weight_of_group(const Weight& weight, const float (&x)[Width], int32_t index, Kept keeps) {
  float f[Width];
  bool equal = false;  // seldom
#pragma unroll
  for (int k = 0; k < Width; ++k) {
    f[k] = keeps.above(x[k]) ? weight(x[k]) : 0.0f;
    equal |= keeps.at_last(x[k]);
  }
  if (equal) {
#pragma unroll
    for (int k = 0; k < Width; ++k) f[k] = keeps(x[k], index + k) ? weight(x[k]) : 0.0f;
  }
#pragma unroll
  for (int half = Width / 2; half > 0; half /= 2) {
#pragma unroll
    for (int k = 0; k < half; ++k) f[k] = f[2 * k] + f[2 * k + 1];
  }
  return fixed_point(f[0], weight.bits);
}
template <class Weight, class Row, class Kept>
HIPINFER_DEVICE uint64_t group_weight(const Weight& weight, const Row& row, int32_t group, typename Row::words v,
                                      Kept keeps) {
  float f[Row::width];
  row.floats(v, f);
  return weight_of_group(weight, f, group * Row::width, keeps);
}

}  // namespace hipinfer
