// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#pragma once

#include "core/op.h"
#include "hipinfer/ops.h"

struct paged_attention_decode_params;
struct paged_attention_prefill_params;
struct rmsnorm_params;

namespace hipinfer {

struct paged_attention_decode_args {
  view output;
  view lse;
  view query;
  view k_cache;
  view v_cache;
  view kv_indptr;
  view kv_indices;
  view kv_last_page_len;
  hipinfer_paged_attention_decode_options options;
  void* workspace;
};
struct paged_attention_decode_tune {
};
struct paged_attention_decode_dtype {
  enum { data, lse, index };
};
void paged_attention_decode_launch(call& c, const paged_attention_decode_args& a);
void paged_attention_decode_reference(const paged_attention_decode_params& p, const bound_dtypes& types);
size_t paged_attention_decode_workspace(call& c, const paged_attention_decode_args& a);

struct paged_attention_prefill_args {
  view output;
  view lse;
  view query;
  view k_cache;
  view v_cache;
  view qo_indptr;
  view kv_indptr;
  view kv_indices;
  view kv_last_page_len;
  hipinfer_paged_attention_prefill_options options;
};
struct paged_attention_prefill_tune {
};
struct paged_attention_prefill_dtype {
  enum { data, lse, index };
};
void paged_attention_prefill_launch(call& c, const paged_attention_prefill_args& a);
void paged_attention_prefill_reference(const paged_attention_prefill_params& p, const bound_dtypes& types);

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

}  // namespace hipinfer
