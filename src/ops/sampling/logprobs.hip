// SPDX-License-Identifier: Apache-2.0
// A block a row. One pass finds the maximum, the sum of weights, how many logits are larger than the token's, and the largest
// logits of the threads' shares. Where the likeliest tokens are asked for, a second pass gathers what is no smaller than enough of
// these.
#include "device/index.h"
#include "device/math.h"
#include "ops/sampling/in_order.h"

namespace hipinfer {

// The logarithm of a row's softmax.
struct log_probability {
  float top, temperature, log_sum;
  int32_t first;  // at temperature 0: the lowest index of the maximum
  HIPINFER_DEVICE float operator()(float x, int32_t i) const {
    if (!(temperature >= 0.0f && temperature < infinity)) return not_a_number;
    if (!(x > -infinity)) return -infinity;
    if (temperature == 0.0f) return i == first ? 0.0f : -infinity;
    if (x == top) return 0.0f - log_sum;
    // The difference of large numbers may be infinite where its quotient is not.
    const float d = x - top;
    const float scaled = d > -infinity ? d / temperature : 2 * ((0.5f * x - 0.5f * top) / temperature);
    return scaled - log_sum;
  }
};

template <class T>
struct logprobs_output {
  const row_view<T>& row;
  const log_probability& of;
  float* values;     // NULL: not wanted
  int32_t* indices;  // likewise
  HIPINFER_DEVICE void put(int64_t place, int32_t index) const {
    if (values != nullptr) values[place] = of(to_float(row.x[index]), index);
    if (indices != nullptr) indices[place] = index;
  }
};

// A thread's part of a row's sum, relative to the largest logit that it has met.
struct partial_sum {
  float power, top, sum;
  HIPINFER_DEVICE float base() const { return top == -infinity ? 0.0f : top; }
  // +inf less itself is NaN: all +inf share the row. max turns what NaN logits give to 0.
  HIPINFER_DEVICE float weight(float x, float of) const {
    return x == of ? 1.0f : max(exp2_fast((x - of) * power), 0.0f);
  }
  template <int N>
  HIPINFER_DEVICE void add(const float (&x)[N], float largest_of_them) {
    if (largest_of_them > top) {
      sum *= weight(top, largest_of_them);
      top = largest_of_them;
    }
    const float at = base();
    float w[N];
#pragma unroll
    for (int k = 0; k < N; ++k) w[k] = weight(x[k], at);
    // By halves, which rounds less often one after the other.
#pragma unroll
    for (int half = N / 2; half > 0; half /= 2) {
#pragma unroll
      for (int k = 0; k < half; ++k) w[k] += w[k + half];
    }
    sum += w[0];
  }
};

template <int Threads, class T>
HIPINFER_DEVICE void token_logprobs(const token_logprobs_params& p) {
  constexpr int width = row_view<T>::width;
  __shared__ selection_lds<Threads> lds;
  for (int64_t r = block_id(); r < p.rows; r += block_count<Threads>()) {
    const row_view<T> row{static_cast<const T*>(p.input) + r * p.input_stride, static_cast<int32_t>(p.n),
                          p.vector != 0};
    const int64_t token = index_at(p.tokens, p.wide_tokens, r);
    const bool there = token >= 0 && token < p.n;
    const float own = there ? max(to_float(row.x[token]), -infinity) : not_a_number;
    const float* temperatures = static_cast<const float*>(p.temperatures);
    const float temperature = temperatures != nullptr ? temperatures[r] : p.temperature;

    thread_tops tops;
    for (int s = 0; s < thread_tops::count; ++s) tops.at[s] = not_a_number;
    // A temperature of 0 or none: the sum is not used.
    partial_sum part{min(log2_e / temperature, largest), -infinity, 0};
    uint32_t larger = 0;
    walk_slots<thread_tops::count>(row, thread_id(), row.groups(), Threads, [&](int32_t, auto v, int slot) {
      float f[width];
      row.floats(v, f);
      float top = f[0];
#pragma unroll
      for (int k = 1; k < width; ++k) top = max(top, f[k]);
#pragma unroll
      for (int k = 0; k < width; ++k) larger += f[k] > own;
      tops.add(slot, top);
      part.add(f, top);
    });
    const float row_top = block_max<Threads>(part.top, lds.floats);
    const float base = row_top == -infinity ? 0.0f : row_top;
    const float sum = block_sum<Threads>(part.sum * part.weight(part.top, base), lds.floats);
    const uint64_t rank = scan_block(larger, lds).total;
    block_barrier();  // wave_total has been read
    // A sum is 1 or more where anything has a weight, and so is its logarithm 0 or more.
    log_probability of{row_top, temperature, max(log2_fast(sum) * ln_2, 0.0f), 0};
    if (temperature == 0.0f) of.first = first_of<Threads>(row, row_top, lds);
    if (thread_id() == 0) {
      p.logprobs[r] = there ? of(own, static_cast<int32_t>(token)) : not_a_number;
      if (p.ranks != nullptr) p.ranks[r] = there ? static_cast<int32_t>(rank) : -1;
    }
    if (p.top == 0) continue;
    const logprobs_output<T> output{row, of,
                                    p.top_logprobs != nullptr ? p.top_logprobs + r * p.top_logprobs_stride : nullptr,
                                    p.top_indices != nullptr ? p.top_indices + r * p.top_indices_stride : nullptr};
    write_largest(row, tops, p.top, true, output, lds);
  }
}

}  // namespace hipinfer
