// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

namespace hipinfer {
// Experts whose scores a wave holds in LDS.
constexpr int most_experts = 1024;
}  // namespace hipinfer

struct grouped_top_k_params {
  const void* logits;
  const void* bias;  // NULL: zeros
  void* weights;
  void* indices;
  int64_t rows;
  int64_t logits_stride;  // of a row
  int64_t weights_stride;
  int64_t indices_stride;
  float scaling;
  int32_t experts;
  int32_t chosen;  // of a row
  int32_t groups;
  int32_t group_size;
  int32_t top_groups;
  int32_t renormalize;
  int32_t wide_indices;  // indices are i64
  hipinfer::dtype bias_type;
  hipinfer::dtype weights_type;
};
