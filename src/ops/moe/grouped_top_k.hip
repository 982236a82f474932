// SPDX-License-Identifier: Apache-2.0
// A wave a token. Scores for the choice lie in LDS; the best are found one after the other, each the first in order behind the one
// before, so that nothing has to be marked.
#include "device/index.h"
#include "device/math.h"
#include "device/reduce.h"
#include "device/types.h"
#include "ops/moe/params.h"

namespace hipinfer {

// In order of value, of equal values the lowest index first. nothing() is behind every number.
struct ranked {
  float value;
  int32_t index;
  HIPINFER_DEVICE static ranked nothing() { return {-infinity, INT32_MAX}; }
  HIPINFER_DEVICE bool before(ranked other) const {
    return value > other.value || (value == other.value && index < other.index);
  }
};
template <int Mask>
HIPINFER_DEVICE ranked lane_xor(ranked x) {
  return {lane_xor<Mask>(x.value), lane_xor<Mask>(x.index)};
}
struct foremost {
  HIPINFER_DEVICE ranked operator()(ranked a, ranked b) const { return b.before(a) ? b : a; }
};

// The first of a wave's `count` values behind `last`; what is NaN is never found.
HIPINFER_DEVICE ranked next_behind(ranked last, const float* values, int count) {
  ranked found = ranked::nothing();
  for (int i = lane_id(); i < count; i += wave_size) {
    const ranked here{values[i], i};
    if (last.before(here)) found = foremost{}(found, here);
  }
  return wave_reduce<wave_size>(found, foremost{});
}

// The sum of the two largest values of each group; of a group of one, that value. Some lanes share a group, a power of two.
HIPINFER_DEVICE void score_groups(const float* values, int groups, int size, float* scores) {
  int lanes = 1;
  while (lanes * 2 <= wave_size / groups) lanes *= 2;
  const int slot = lane_id() % lanes, at_once = wave_size / lanes;
  // All lanes take part in the exchange, also those without a group.
#pragma unroll 1
  for (int base = 0; base < groups; base += at_once) {
    const int group = base + lane_id() / lanes;
    float first = -infinity, second = -infinity;
    if (group < groups) {
      for (int i = slot; i < size; i += lanes) {
        const float x = values[group * size + i];
        second = max(second, min(first, x));
        first = max(first, x);
      }
    }
#pragma unroll 1
    for (int distance = lanes / 2; distance > 0; distance /= 2) {
      const float other_first = lane_read(first, lane_id() ^ distance);
      const float other_second = lane_read(second, lane_id() ^ distance);
      second = max(max(second, other_second), min(first, other_first));
      first = max(first, other_first);
    }
    if (group < groups && slot == 0) {
      const float sum = size == 1 ? first : first + second;
      scores[group] = sum == sum ? sum : -infinity;
    }
  }
}

HIPINFER_DEVICE float number_at(const void* x, dtype type, int64_t i) {
  if (type == dtype::f32) return static_cast<const float*>(x)[i];
  if (type == dtype::f16) return to_float(static_cast<const f16*>(x)[i]);
  return to_float(static_cast<const bf16*>(x)[i]);
}
HIPINFER_DEVICE void put_number(void* x, dtype type, int64_t i, float value) {
  if (type == dtype::f32)
    static_cast<float*>(x)[i] = value;
  else if (type == dtype::f16)
    static_cast<f16*>(x)[i] = from_float<f16>(value);
  else
    static_cast<bf16*>(x)[i] = from_float<bf16>(value);
}

// An expert's score, without NaN.
template <class T>
HIPINFER_DEVICE float score_of(T logit) {
  const float x = to_float(logit);
  return x == x ? sigmoid(x) : 0.0f;
}

union found_by_wave {
  float scores[most_experts];  // of groups
  int32_t chosen[most_experts];
};

template <int Threads, class T>
HIPINFER_DEVICE void grouped_top_k(const grouped_top_k_params& p) {
  constexpr int waves = Threads / wave_size;
  __shared__ float all_choices[waves][most_experts];
  __shared__ found_by_wave all_found[waves];
  const int wave = thread_id() / wave_size, lane = lane_id();
  float* choices = all_choices[wave];
  found_by_wave& found = all_found[wave];
  // Waves of a block go through the same barriers; one without a token does another's work and writes nothing.
  for (int64_t base = block_id() * waves; base < p.rows; base += block_count<Threads>() * waves) {
    const bool there = base + wave < p.rows;
    const int64_t r = there ? base + wave : base;
    const T* logits = static_cast<const T*>(p.logits) + r * p.logits_stride;
    for (int i = lane; i < p.experts; i += wave_size) {
      const float x = to_float(logits[i]);
      const float choice = sigmoid(x) + (p.bias != nullptr ? number_at(p.bias, p.bias_type, i) : 0.0f);
      choices[i] = choice == choice ? choice : -infinity;
    }
    if (p.top_groups < p.groups) {
      block_barrier();  // the choices are there
      score_groups(choices, p.groups, p.group_size, found.scores);
      block_barrier();  // the groups' scores are there
      ranked last{infinity, -1};
#pragma unroll 1
      for (int g = 0; g < p.top_groups; ++g) last = next_behind(last, found.scores, p.groups);
      for (int i = lane; i < p.experts; i += wave_size) {
        const int group = i / p.group_size;
        if (last.before({found.scores[group], group})) choices[i] = not_a_number;
      }
    }
    block_barrier();  // the choices are there, the groups' scores have been read
    ranked last{infinity, -1};
#pragma unroll 1
    for (int k = 0; k < p.chosen; ++k) {
      last = next_behind(last, choices, p.experts);
      if (lane == 0) found.chosen[k] = last.index;
    }
    block_barrier();  // the chosen are there
    float sum = 0;
    for (int k = lane; k < p.chosen; k += wave_size) sum += score_of(logits[found.chosen[k]]);
    sum = wave_reduce<wave_size>(sum, add{});
    // Weights are 0 where the sum is.
    // Not scaling / sum, which may be infinite.
    const float part = !p.renormalize ? 1.0f : sum > 0.0f ? 1.0f / sum : 0.0f;
    for (int k = lane; k < p.chosen && there; k += wave_size) {
      const int32_t expert = found.chosen[k];
      put_number(p.weights, p.weights_type, r * p.weights_stride + k, score_of(logits[expert]) * part * p.scaling);
      put_index(p.indices, p.wide_indices, r * p.indices_stride + k, expert);
    }
    block_barrier();  // LDS may be used again
  }
}

}  // namespace hipinfer
