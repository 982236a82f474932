// SPDX-License-Identifier: Apache-2.0
// Angles from frequencies: rope_theta's, which rotates by them at once, and the table of rope_cos_sin_cache.
#include "ops/rope/params.h"
#include "ops/rope/trig.h"
#include "ops/rope/units.h"

namespace hipinfer {

HIPINFER_DEVICE int64_t position_of(const rope_theta_params& p, int64_t token) {
  if (p.positions != nullptr) return index_at(p.positions, p.wide, token);
  const int64_t request = request_of(p.indptr, p.wide, p.requests, token);
  if (request < 0) return -1;
  return index_at(p.offsets, p.wide, request) + token - index_at(p.indptr, p.wide, request);
}

// The i-th of rope_frequencies (launch_theta.cpp).
HIPINFER_DEVICE double frequency(const rope_theta_params& p, double i) {
  const double f = exp2(p.step * i), w = fma(p.slope_frequency, f, fma(p.slope_index, i, p.offset));
  const double kept = w > 1.0 ? 1.0 : w > 0.0 ? w : 0.0;
  return f * (kept + (1.0 - kept) * p.inverse_factor);
}

// Row by row as in the table of rope_cos_sin_cache; a row of NaN where the position is none.
template <int Threads>
HIPINFER_DEVICE void find_angles(const rope_theta_params& p, int64_t first, int count, float* table) {
  for (int j = thread_id(); j < count * p.half; j += Threads) {
    const small_division at = divide(static_cast<uint32_t>(j), p.pairs);
    const int64_t position = position_of(p, first + at.quotient);
    const bool valid = position >= 0 && position < int64_t{1} << 40;
    const double angle = static_cast<double>(valid ? position : 0) * frequency(p, static_cast<double>(at.rest));
    const sine_cosine of = sin_cos(angle);
    float* row = table + at.quotient * 2 * p.half + at.rest;
    row[0] = valid ? static_cast<float>(p.amplitude * of.cosine) : not_a_number;
    row[p.half] = valid ? static_cast<float>(p.amplitude * of.sine) : not_a_number;
  }
}

// A block finds the cosines and sines of a few tokens, one pair a thread, and shares them in LDS; then a thread takes a unit
// of several heads (units.h).
template <class T, int Threads>
HIPINFER_DEVICE void rope_theta(const rope_theta_params& p) {
  __shared__ alignas(16) float table[rope_theta_table_floats];
  const int64_t first = block_number() * p.tokens_per_block;
  if (first >= p.tokens) return;
  const int64_t left = p.tokens - first;
  const int count = left < p.tokens_per_block ? static_cast<int>(left) : p.tokens_per_block;
  find_angles<Threads>(p, first, count, table);
  block_barrier();  // the table is there
  with_pairs<T>(p, [&](auto width, auto layout) {
    for (uint32_t item = thread_id(); item < count * static_cast<uint32_t>(p.slots.by); item += Threads) {
      const small_division token = divide(item, p.slots), chunk = divide(token.rest, p.units);
      const rope_chunk<T> own = chunk_of<T>(p, first + token.quotient, chunk.quotient);
      const float* angles = table + token.quotient * 2 * p.half;
      rope_unit<width.value, layout.interleaved>(
          p, own.from, own.count, unit_of<width.value, layout.interleaved>(p, chunk.rest),
          (own.key ? p.k_in_place : p.q_in_place) != 0, [&] { return angles[0] == angles[0] ? angles : nullptr; },
          [&](auto body) { body(plain_heads<T>{own.to}); });
    }
  });
}

// A thread has one pair of cosine and sine.
template <int Threads>
HIPINFER_DEVICE void rope_cos_sin_cache(const rope_cos_sin_cache_params& p) {
  const int64_t i = item_id<Threads>();
  if (i >= p.positions * p.half) return;
  const division at = divide(i, p.pairs);
  const int64_t position = at.quotient, column = at.rest;
  const sine_cosine of = sin_cos(static_cast<double>(position) * p.frequency[column]);
  float* row = static_cast<float*>(p.output) + position * p.output_stride;
  row[column] = static_cast<float>(p.amplitude * of.cosine);
  row[p.half + column] = static_cast<float>(p.amplitude * of.sine);
}

}  // namespace hipinfer
