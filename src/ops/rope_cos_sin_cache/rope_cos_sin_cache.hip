// SPDX-License-Identifier: Apache-2.0
// A thread a pair of cosine and sine.
#include "device/index.h"
#include "device/trig.h"
#include "ops/rope_cos_sin_cache/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

}  // namespace

HIPINFER_KERNEL(threads) rope_cos_sin_cache_pairs(HIPINFER_PARAMS(rope_cos_sin_cache_params) p) {
  await_previous_kernel();
  const int64_t i = item_id<threads>();
  if (i >= p.positions * p.half) return;
  const division at = divide(i, p.pairs);
  const int64_t position = at.quotient, column = at.rest;
  const sine_cosine of = sin_cos(static_cast<double>(position) * p.frequency[column]);
  float* row = static_cast<float*>(p.output) + position * p.output_stride;
  row[column] = static_cast<float>(p.amplitude * of.cosine);
  row[p.half + column] = static_cast<float>(p.amplitude * of.sine);
}

}  // namespace hipinfer
