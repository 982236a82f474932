// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#pragma once

#include "core/op.h"
#include "hipinfer/ops.h"

struct append_paged_kv_cache_params;
struct rmsnorm_params;
struct rope_params;
struct rope_cos_sin_cache_params;
struct top_k_top_p_sampling_from_logits_params;

namespace hipinfer {

struct append_paged_kv_cache_args {
  view k_cache;
  view v_cache;
  view append_key;
  view append_value;
  view batch_indices;
  view positions;
  view kv_indices;
  view kv_indptr;
  view kv_last_page_len;
};
struct append_paged_kv_cache_tune {
};
struct append_paged_kv_cache_dtype {
  enum { data, index };
};
void append_paged_kv_cache_launch(call& c, const append_paged_kv_cache_args& a);
void append_paged_kv_cache_reference(const append_paged_kv_cache_params& p, const bound_dtypes& types);

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

struct rope_args {
  view q_out;
  view k_out;
  view q;
  view k;
  view cos_sin;
  view positions;
  int32_t interleaved;
};
struct rope_tune {
};
struct rope_dtype {
  enum { data, positions, real };
};
void rope_launch(call& c, const rope_args& a);
void rope_reference(const rope_params& p, const bound_dtypes& types);

struct rope_cos_sin_cache_args {
  view output;
  float theta;
  hipinfer_rope_cos_sin_cache_options options;
};
struct rope_cos_sin_cache_tune {
};
struct rope_cos_sin_cache_dtype {
  enum { real };
};
void rope_cos_sin_cache_launch(call& c, const rope_cos_sin_cache_args& a);
void rope_cos_sin_cache_reference(const rope_cos_sin_cache_params& p, const bound_dtypes& types);

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
