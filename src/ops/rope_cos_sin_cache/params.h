// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct rope_cos_sin_cache_params {
  void* output;
  int64_t positions;
  int64_t half;             // R / 2
  hipinfer::divisor pairs;  // half
  int64_t output_stride;    // of a position
  double amplitude;         // of cosine and sine
  double frequency[256];    // radians a position
};
