// SPDX-License-Identifier: Apache-2.0
// What the rotary operations share on the host: which accesses a head takes, and the scaling of frequencies.
#pragma once

#include <cmath>
#include <numbers>

#include "core/items.h"
#include "core/rows.h"

namespace hipinfer {

// Fills half, interleaved, vector, rotary_units and units for heads of D elements of which R are rotated. `aligned`: every
// row of every tensor begins at a multiple of an access. Elements that stay where they are have no units. Returns a head's
// units: p.units divides by them, if there are any.
template <class Params>
int64_t set_rope_units(Params& p, dtype data, int64_t d, int64_t r, bool interleaved, bool aligned, bool in_place) {
  const int64_t width = 16 / dtype_bytes(data), half = r / 2;
  p.half = static_cast<int32_t>(half);
  p.interleaved = interleaved;
  p.vector = aligned && d % width == 0 && (interleaved ? r : half) % width == 0;
  const int64_t access = p.vector ? width : 1;
  const int64_t rotary = interleaved && p.vector ? r / access : half / access;
  const int64_t units = rotary + (in_place && rotary > 0 ? 0 : (d - r) / access);
  p.rotary_units = static_cast<int32_t>(rotary);
  p.units = make_divisor(std::max<int64_t>(units, 1), most_slots);
  return units;
}

inline void check_rotary_dimension(const call& c, const char* argument, int64_t r, int64_t d) {
  if (r % 2 == 0 && r <= d) return;
  c.refuse(HIPINFER_STATUS_INVALID_SHAPE, argument,
           "rotary dimension %lld, expected an even number up to the head's %lld", static_cast<long long>(r),
           static_cast<long long>(d));
}

// Fills q, k, their outputs, strides and extents. Keys and their output are given together.
template <class Params, class Args>
void set_rope_heads(const call& c, Params& p, const Args& a) {
  if (a.k.given() != a.k_out.given()) {
    c.refuse(HIPINFER_STATUS_NULL_POINTER, a.k.given() ? "k_out" : "k", "is NULL, but %s is given",
             a.k.given() ? "k" : "k_out");
  }
  check_row_extents(c, "q", a.q);
  if (a.k.given()) check_row_extents(c, "k", a.k);
  p.q = a.q.data;
  p.k = a.k.data;
  p.q_out = a.q_out.data;
  p.k_out = a.k_out.data;
  p.tokens = a.q.shape[0];
  p.q_heads = static_cast<int32_t>(a.q.shape[1]);
  p.k_heads = a.k.given() ? static_cast<int32_t>(a.k.shape[1]) : 0;
  p.head_dim = static_cast<int32_t>(a.q.shape[2]);
  p.q_in_place = p.q == p.q_out;
  p.k_in_place = p.k == p.k_out;
  for (int i = 0; i < 2; ++i) {
    p.q_stride[i] = a.q.stride[i];
    p.k_stride[i] = a.k.stride[i];
    p.q_out_stride[i] = a.q_out.stride[i];
    p.k_out_stride[i] = a.k_out.stride[i];
  }
}
template <class Args>
bool rope_heads_aligned(const Args& a) {
  return a.q.aligned(16) && a.q_out.aligned(16) && (!a.k.given() || (a.k.aligned(16) && a.k_out.aligned(16)));
}

// Shares out a token's queries and keys in chunks of `each` heads and returns how many chunks there are.
template <class Params>
int64_t set_rope_chunks(Params& p, int64_t each) {
  p.q_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.q_heads, each));
  p.k_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.k_heads, each));
  return p.q_chunks + p.k_chunks;
}

// Frequency i is f * (w + (1 - w) / factor) with f = theta^(-2i/R) = 2^(step * i), and w = slope_frequency * f +
// slope_index * i + offset, held within 0 and 1: how much of the frequency stays as trained. Cosine and sine are
// multiplied by amplitude.
struct rope_frequencies {
  double step, inverse_factor, slope_frequency, slope_index, offset, amplitude;

  double at(int64_t i) const {
    const double f = std::exp2(step * static_cast<double>(i));
    const double w =
        std::fmin(std::fmax(slope_frequency * f + slope_index * static_cast<double>(i) + offset, 0.0), 1.0);
    return f * (w + (1 - w) * inverse_factor);
  }
};

// From the options that rope_cos_sin_cache and rope_theta share; the enum is theirs, too.
template <class Options>
rope_frequencies frequencies_of(const call& c, const Options& o, double theta, int64_t r) {
  constexpr int linear = 1, llama31 = 2, yarn = 3;
  const auto or_default = [](double x, double value) { return x == 0 ? value : x; };
  const double factor = or_default(o.factor, o.scaling == llama31 ? 8 : 1);
  const double context = or_default(o.original_context, o.scaling == yarn ? 4096 : 8192);
  const double whole_turn = 2 * std::numbers::pi;
  const auto refuse_order = [&](const char* more, double high, const char* less, double low) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, more, "%.9g, expected more than %s, %.9g", high, less, low);
  };
  rope_frequencies f{-2 * std::log2(theta) / static_cast<double>(r), 1 / factor, 0, 0, 1, 1};
  if (o.scaling == linear) f.offset = 0;
  if (o.scaling == llama31) {
    // w grows with the number of turns in the training context.
    const double low = or_default(o.low_freq_factor, 1), high = or_default(o.high_freq_factor, 4);
    if (!(high > low)) refuse_order("high_freq_factor", high, "low_freq_factor", low);
    f.slope_frequency = context / whole_turn / (high - low);
    f.offset = -low / (high - low);
  }
  if (o.scaling == yarn) {
    // w falls with i, from 1 where a dimension makes beta_fast turns in the training context to 0 at beta_slow.
    const double fast = or_default(o.beta_fast, 32), slow = or_default(o.beta_slow, 1);
    if (!(fast > slow)) refuse_order("beta_fast", fast, "beta_slow", slow);
    if (!(theta > 1)) refuse_order("theta", theta, "that of no rotation", 1);
    const auto dimension = [&](double turns) {
      return static_cast<double>(r) * std::log(context / (turns * whole_turn)) / (2 * std::log(theta));
    };
    const double low = std::fmax(std::floor(dimension(fast)), 0);
    double high = std::fmin(std::ceil(dimension(slow)), static_cast<double>(r - 1));
    if (high == low) high += 0.001;
    f.slope_index = -1 / (high - low);
    f.offset = 1 + low / (high - low);
    f.amplitude = or_default(o.attention_factor, factor > 1 ? 0.1 * std::log(factor) + 1 : 1);
  }
  return f;
}

}  // namespace hipinfer
