// SPDX-License-Identifier: Apache-2.0
// A block a row, or several that each read all of it and write a part, where few rows would leave the device idle. One
// pass finds the maximum and the sum together: a thread that meets larger logits rescales the sum that it has. The
// first vectors of a thread stay in its registers; the second pass reads the others again, and first the last ones,
// which are the likeliest to be in cache.
#include "device/index.h"
#include "device/math.h"
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/sampling/params.h"

namespace hipinfer {

template <int Threads>
struct scratch_space {
  block_scratch<Threads> floats;
  block_scratch<Threads, candidate> candidates;
};

// -inf - -inf is NaN: what has no larger logit is measured against 0.
HIPINFER_DEVICE float base_of(float top) {
  return top == -infinity ? 0.0f : top;
}

// A row's input and output, in vectors; what is loaded stays in whole words.
template <class T, class Out>
struct vector_row {
  static constexpr int width = vector_width<T>;
  using words = typename detail::word<16>::type;
  const T* x;
  Out* y;
  HIPINFER_DEVICE vector_row(const softmax_params& p, int64_t r)
      : x(static_cast<const T*>(p.input) + r * p.input_stride), y(static_cast<Out*>(p.output) + r * p.output_stride) {}
  HIPINFER_DEVICE words get(int64_t i) const { return *reinterpret_cast<const words*>(x + i); }
  HIPINFER_DEVICE static words constant(float value) {
    vec<T, width> v;
    for (int k = 0; k < width; ++k) v.at[k] = from_float<T>(value);
    return bit_cast<words>(v);
  }
  HIPINFER_DEVICE static void floats(words v, float (&f)[width]) { to_floats(bit_cast<vec<T, width>>(v), f); }
  HIPINFER_DEVICE void put(int64_t i, const float (&f)[width]) const { store_floats<width>(y + i, f); }
};
// Element by element, of dtypes that are known at run time.
struct element_row {
  static constexpr int width = 1;
  using words = float;
  const softmax_params& p;
  int64_t x, y;
  HIPINFER_DEVICE element_row(const softmax_params& params, int64_t r)
      : p(params), x(r * p.input_stride), y(r * p.output_stride) {}
  HIPINFER_DEVICE words get(int64_t i) const {
    if (p.input_type == dtype::f32) return static_cast<const float*>(p.input)[x + i];
    if (p.input_type == dtype::f16) return to_float(static_cast<const f16*>(p.input)[x + i]);
    return to_float(static_cast<const bf16*>(p.input)[x + i]);
  }
  HIPINFER_DEVICE static words constant(float value) { return value; }
  HIPINFER_DEVICE static void floats(words v, float (&f)[1]) { f[0] = v; }
  HIPINFER_DEVICE void put(int64_t i, const float (&f)[1]) const {
    if (p.output_type == dtype::f32)
      static_cast<float*>(p.output)[y + i] = f[0];
    else if (p.output_type == dtype::f16)
      static_cast<f16*>(p.output)[y + i] = from_float<f16>(f[0]);
    else
      static_cast<bf16*>(p.output)[y + i] = from_float<bf16>(f[0]);
  }
};

// A row in slices of a vector a thread.
template <int Threads, int Width>
struct row_slices {
  int64_t n;
  HIPINFER_DEVICE int64_t count() const { return (n + Threads * Width - 1) / (Threads * Width); }
  HIPINFER_DEVICE int64_t at(int64_t slice) const { return (slice * Threads + thread_id()) * Width; }
  HIPINFER_DEVICE bool has(int64_t slice) const { return at(slice) < n; }
};

// A part of a row's slices: every parts-th from `first`.
struct row_part {
  int first, parts;  // parts is a power of two
  HIPINFER_DEVICE bool has(int64_t slice) const { return (slice & (parts - 1)) == first; }
  HIPINFER_DEVICE int64_t last(int64_t slices) const { return slices - 1 - ((slices - 1 - first) & (parts - 1)); }
};

// A score's weight relative to the largest, which is 1. The difference is taken first, and its product's error, |d| / 2
// units in the last place, is of a weight of 2^-|d|.
HIPINFER_DEVICE float weight(float score, float base, float power) {
  return exp2_fast((score - base) * power);
}

template <int Threads, class Row>
HIPINFER_DEVICE void distribute(const Row& row, int64_t n, row_part part, float power,
                                scratch_space<Threads>& scratch) {
  using words = typename Row::words;
  constexpr int width = Row::width, batch = width < 4 ? 4 : 16 / width, kept = width < 4 ? 4 : 8;
  const row_slices<Threads, width> slices{n};
  const int64_t count = slices.count();
  // Past the end -inf, which has no weight.
  const auto get = [&](int64_t s) { return slices.has(s) ? row.get(slices.at(s)) : Row::constant(-infinity); };
  words first[kept];
#pragma unroll
  for (int s = 0; s < kept; ++s) first[s] = get(s);
  float top = -infinity, sum = 0;
  const auto take = [&](const words* v) {
    float f[batch][width], larger = top;
    for (int b = 0; b < batch; ++b) {
      Row::floats(v[b], f[b]);
      for (int i = 0; i < width; ++i) larger = max(larger, f[b][i]);
    }
    if (larger > top) {
      sum *= weight(top, larger, power);
      top = larger;
    }
    // max passes a NaN over; here it makes the sum NaN for good.
    const float base = base_of(top);
    for (int b = 0; b < batch; ++b) {
      for (int i = 0; i < width; ++i) sum += weight(f[b][i], base, power);
    }
  };
#pragma unroll
  for (int s = 0; s < kept; s += batch) take(first + s);
#pragma unroll 1
  for (int64_t s = kept; s < count; s += batch) {
    words v[batch];
#pragma unroll
    for (int b = 0; b < batch; ++b) v[b] = get(s + b);
    take(v);
  }
  const float row_top = base_of(block_max<Threads>(top, scratch.floats));
  const float row_sum = block_sum<Threads>(sum * weight(top, row_top, power), scratch.floats);
  const float norm = row_sum == 0.0f ? 0.0f : 1.0f / row_sum;
  const auto put = [&](int64_t s, words v) {
    float f[width];
    Row::floats(v, f);
    for (int i = 0; i < width; ++i) f[i] = weight(f[i], row_top, power) * norm;
    row.put(slices.at(s), f);
  };
  // Two at a time, both loaded before the first is written.
#pragma unroll 1
  for (int64_t s = part.last(count); s >= kept; s -= 2 * part.parts) {
    const int64_t next = s - part.parts;
    const words v = get(s), w = next >= kept ? get(next) : v;
    if (slices.has(s)) put(s, v);
    if (next >= kept) put(next, w);  // before the last slice, so all of it is there
  }
#pragma unroll
  for (int s = 0; s < kept; ++s) {
    if (part.has(s) && slices.has(s)) put(s, first[s]);
  }
}

// Temperature 0.
template <int Threads, class Row>
HIPINFER_DEVICE void choose(const Row& row, int64_t n, row_part part, scratch_space<Threads>& scratch) {
  constexpr int width = Row::width;
  const row_slices<Threads, width> slices{n};
  candidate found = candidate::nothing();
  float nan = 0;
#pragma unroll 1
  for (int64_t s = 0; slices.has(s); ++s) {
    float v[width];
    Row::floats(row.get(slices.at(s)), v);
    for (int i = 0; i < width; ++i) {
      found = best{}(found, {v[i], slices.at(s) + i});
      nan = v[i] != v[i] ? 1.0f : nan;
    }
  }
  found = block_reduce<Threads>(found, best{}, scratch.candidates);
  const bool spoiled = block_max<Threads>(nan, scratch.floats) != 0.0f;
  const float one = spoiled ? not_a_number : found.value == -infinity ? 0.0f : 1.0f;
  const float zero = spoiled ? not_a_number : 0.0f;
#pragma unroll 1
  for (int64_t s = part.first; slices.has(s); s += part.parts) {
    float v[width];
    for (int i = 0; i < width; ++i) v[i] = slices.at(s) + i == found.index ? one : zero;
    row.put(slices.at(s), v);
  }
}

// A row's temperature is the same in all threads of its block, so every branch around a barrier is uniform.
template <int Threads, class Row>
HIPINFER_DEVICE void softmax(const softmax_params& p) {
  __shared__ scratch_space<Threads> scratch;
  const int64_t r = block_number() >> p.parts_log2;
  if (r >= p.rows) return;
  const int parts = 1 << p.parts_log2;
  const row_part part{static_cast<int>(block_number()) & (parts - 1), parts};
  const Row row(p, r);
  const float* temperatures = static_cast<const float*>(p.temperatures);
  const float temperature = temperatures != nullptr ? temperatures[r] : p.temperature;
  if (temperature == 0.0f) return choose<Threads>(row, p.n, part, scratch);
  // The power of a subnormal is held finite, for 0 * inf is NaN. What is no temperature spoils the row.
  const bool valid = temperature > 0.0f && temperature < infinity;
  const float power = valid ? min(log2_e / temperature, largest) : not_a_number;
  distribute<Threads>(row, p.n, part, power, scratch);
}

}  // namespace hipinfer
