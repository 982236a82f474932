// SPDX-License-Identifier: Apache-2.0
// A thread a vector of a row; an element where rows are not aligned.
#include "device/index.h"
#include "device/vec.h"
#include "ops/sampling/params.h"

namespace hipinfer {

template <int Width, class T>
HIPINFER_DEVICE void load_all(const T* from, T (&to)[Width]) {
  constexpr int step = Width * sizeof(T) > 16 ? 16 / sizeof(T) : Width;
#pragma unroll
  for (int i = 0; i < Width; i += step) {
    const vec<T, step> v = load<step>(from + i);
#pragma unroll
    for (int k = 0; k < step; ++k) to[i + k] = v.at[k];
  }
}

template <int Threads, int Width, class T>
HIPINFER_DEVICE void penalise(const apply_penalties_params& p) {
  const division at = divide(item_id<Threads>(), p.groups);
  const int64_t row = at.quotient, i = at.rest * Width;
  if (row >= p.rows) return;
  const auto own = [&](const void* each, float all) {
    return each != nullptr ? static_cast<const float*>(each)[row] : all;
  };
  const float repetition = own(p.repetitions, p.repetition), inverse = 1.0f / repetition;
  const float presence = own(p.presences, p.presence), frequency = own(p.frequencies, p.frequency);
  float x[Width], bias[Width] = {};
  int32_t count[Width] = {};
  uint8_t prompt[Width] = {};
  load_floats<Width>(static_cast<const T*>(p.logits) + row * p.logits_stride + i, x);
  if (p.counts != nullptr) load_all(p.counts + row * p.counts_stride + i, count);
  if (p.prompt != nullptr) load_all(p.prompt + row * p.prompt_stride + i, prompt);
  if (p.bias != nullptr) load_floats<Width>(static_cast<const float*>(p.bias) + row * p.bias_stride + i, bias);
#pragma unroll
  for (int k = 0; k < Width; ++k) {
    const bool made = count[k] > 0;
    if (made || prompt[k] != 0) x[k] *= x[k] > 0 ? inverse : repetition;
    if (made) x[k] -= presence + frequency * static_cast<float>(count[k]);
    if (p.bias != nullptr) x[k] += bias[k];
  }
  store_floats<Width>(static_cast<T*>(p.output) + row * p.output_stride + i, x);
}

template <int Threads, class T>
HIPINFER_DEVICE void apply_penalties(const apply_penalties_params& p) {
  p.vector ? penalise<Threads, vector_width<T>, T>(p) : penalise<Threads, 1, T>(p);
}

}  // namespace hipinfer
