// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#pragma once

#include "core/op.h"
#include "hipinfer/ops.h"

struct rmsnorm_params;
struct top_k_top_p_sampling_from_logits_params;

namespace hipinfer {

struct rmsnorm_args {
  view output;
  view input;
  view weight;
  float eps;
};
struct rmsnorm_tune {
};
struct rmsnorm_dtype {
  enum { data, weight };
};
void rmsnorm_launch(call& c, const rmsnorm_args& a);
void rmsnorm_reference(const rmsnorm_params& p, const bound_dtypes& types);

struct top_k_top_p_sampling_from_logits_args {
  view output;
  view valid;
  view logits;
  view temperatures;
  view top_ks;
  view top_ps;
  view philox;
  float temperature;
  int32_t top_k;
  float top_p;
  uint64_t seed;
  uint64_t offset;
};
struct top_k_top_p_sampling_from_logits_tune {
};
struct top_k_top_p_sampling_from_logits_dtype {
  enum { data, id, flag, real, state };
};
void top_k_top_p_sampling_from_logits_launch(call& c, const top_k_top_p_sampling_from_logits_args& a);
void top_k_top_p_sampling_from_logits_reference(const top_k_top_p_sampling_from_logits_params& p, const bound_dtypes& types);

}  // namespace hipinfer
