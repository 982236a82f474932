// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#pragma once

#include "core/op.h"
#include "hipinfer/ops.h"

struct adaln_params;
struct append_paged_kv_cache_params;
struct argmax_params;
struct cast_params;
struct causal_mask_params;
struct copy_blocks_params;
struct dequantize_params;
struct embedding_params;
struct fused_add_rmsnorm_params;
struct fused_add_rmsnorm_dynamic_quant_params;
struct fused_add_rmsnorm_quant_params;
struct gelu_and_mul_params;
struct gelu_and_mul_dynamic_quant_params;
struct gelu_and_mul_quant_params;
struct gelu_tanh_and_mul_params;
struct gelu_tanh_and_mul_dynamic_quant_params;
struct gelu_tanh_and_mul_quant_params;
struct gemm_params;
struct gemma_fused_add_rmsnorm_params;
struct gemma_rmsnorm_params;
struct get_batch_indices_positions_params;
struct get_seq_lens_params;
struct layernorm_params;
struct layernorm_quant_params;
struct masked_softmax_params;
struct paged_attention_decode_params;
struct paged_attention_prefill_params;
struct qk_norm_rope_params;
struct quantize_per_group_params;
struct quantize_per_tensor_params;
struct quantize_per_token_params;
struct rmsnorm_params;
struct rmsnorm_dynamic_quant_params;
struct rmsnorm_quant_params;
struct rope_params;
struct rope_append_kv_params;
struct rope_cos_sin_cache_params;
struct rope_quantize_fp8_params;
struct rope_theta_params;
struct scale_params;
struct silu_and_mul_params;
struct silu_and_mul_dynamic_quant_params;
struct silu_and_mul_quant_params;
struct softmax_params;
struct swiglu_params;
struct top_k_top_p_sampling_from_logits_params;

namespace hipinfer {

struct adaln_args {
  view output;
  view input;
  view scale;
  view shift;
  float eps;
  int32_t rms;
};
struct adaln_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct adaln_dtype {
  enum { data, modulation };
};
void adaln_launch(call& c, const adaln_args& a);
void adaln_reference(const adaln_params& p, const bound_dtypes& types);

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
  view k_scale;
  view v_scale;
};
struct append_paged_kv_cache_tune {
  int32_t vector;
  int32_t heads;
};
struct append_paged_kv_cache_dtype {
  enum { data, cache, index, scale };
};
void append_paged_kv_cache_launch(call& c, const append_paged_kv_cache_args& a);
void append_paged_kv_cache_reference(const append_paged_kv_cache_params& p, const bound_dtypes& types);

struct argmax_args {
  view output;
  view input;
};
struct argmax_tune {
};
struct argmax_dtype {
  enum { data, index };
};
void argmax_launch(call& c, const argmax_args& a);
void argmax_reference(const argmax_params& p, const bound_dtypes& types);

struct cast_args {
  view output;
  view input;
};
struct cast_tune {
  int32_t each;
  int32_t width;
};
struct cast_dtype {
  enum { input, output };
};
void cast_launch(call& c, const cast_args& a);
void cast_reference(const cast_params& p, const bound_dtypes& types);

struct causal_mask_args {
  view output;
  view input;
  float value;
};
struct causal_mask_tune {
  int32_t each;
};
struct causal_mask_dtype {
  enum { data };
};
void causal_mask_launch(call& c, const causal_mask_args& a);
void causal_mask_reference(const causal_mask_params& p, const bound_dtypes& types);

struct copy_blocks_args {
  view k_cache;
  view v_cache;
  view block_mapping;
};
struct copy_blocks_tune {
  int32_t each;
};
struct copy_blocks_dtype {
  enum { cache, index };
};
void copy_blocks_launch(call& c, const copy_blocks_args& a);
void copy_blocks_reference(const copy_blocks_params& p, const bound_dtypes& types);

struct dequantize_args {
  view output;
  view input;
  view scales;
  int64_t group_rows;
  int64_t group_size;
};
struct dequantize_tune {
  int32_t vector;
  int32_t each;
};
struct dequantize_dtype {
  enum { output, input, scales };
};
void dequantize_launch(call& c, const dequantize_args& a);
void dequantize_reference(const dequantize_params& p, const bound_dtypes& types);

struct embedding_args {
  view output;
  view table;
  view indices;
};
struct embedding_tune {
  int32_t each;
};
struct embedding_dtype {
  enum { data, index };
};
void embedding_launch(call& c, const embedding_args& a);
void embedding_reference(const embedding_params& p, const bound_dtypes& types);

struct fused_add_rmsnorm_args {
  view input;
  view residual;
  view weight;
  float eps;
};
struct fused_add_rmsnorm_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct fused_add_rmsnorm_dtype {
  enum { data, weight };
};
void fused_add_rmsnorm_launch(call& c, const fused_add_rmsnorm_args& a);
void fused_add_rmsnorm_reference(const fused_add_rmsnorm_params& p, const bound_dtypes& types);

struct fused_add_rmsnorm_dynamic_quant_args {
  view output;
  view scales;
  view input;
  view residual;
  view weight;
  float eps;
};
struct fused_add_rmsnorm_dynamic_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct fused_add_rmsnorm_dynamic_quant_dtype {
  enum { data, weight, output, scale };
};
void fused_add_rmsnorm_dynamic_quant_launch(call& c, const fused_add_rmsnorm_dynamic_quant_args& a);
void fused_add_rmsnorm_dynamic_quant_reference(const fused_add_rmsnorm_dynamic_quant_params& p, const bound_dtypes& types);

struct fused_add_rmsnorm_quant_args {
  view output;
  view input;
  view residual;
  view weight;
  view scale;
  float eps;
};
struct fused_add_rmsnorm_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct fused_add_rmsnorm_quant_dtype {
  enum { data, weight, output, scale };
};
void fused_add_rmsnorm_quant_launch(call& c, const fused_add_rmsnorm_quant_args& a);
void fused_add_rmsnorm_quant_reference(const fused_add_rmsnorm_quant_params& p, const bound_dtypes& types);

struct gelu_and_mul_args {
  view output;
  view input;
};
struct gelu_and_mul_tune {
  int32_t vector;
  int32_t each;
};
struct gelu_and_mul_dtype {
  enum { data };
};
void gelu_and_mul_launch(call& c, const gelu_and_mul_args& a);
void gelu_and_mul_reference(const gelu_and_mul_params& p, const bound_dtypes& types);

struct gelu_and_mul_dynamic_quant_args {
  view output;
  view scales;
  view input;
};
struct gelu_and_mul_dynamic_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct gelu_and_mul_dynamic_quant_dtype {
  enum { data, output, scale };
};
void gelu_and_mul_dynamic_quant_launch(call& c, const gelu_and_mul_dynamic_quant_args& a);
void gelu_and_mul_dynamic_quant_reference(const gelu_and_mul_dynamic_quant_params& p, const bound_dtypes& types);

struct gelu_and_mul_quant_args {
  view output;
  view input;
  view scale;
};
struct gelu_and_mul_quant_tune {
  int32_t vector;
  int32_t each;
};
struct gelu_and_mul_quant_dtype {
  enum { data, output, scale };
};
void gelu_and_mul_quant_launch(call& c, const gelu_and_mul_quant_args& a);
void gelu_and_mul_quant_reference(const gelu_and_mul_quant_params& p, const bound_dtypes& types);

struct gelu_tanh_and_mul_args {
  view output;
  view input;
};
struct gelu_tanh_and_mul_tune {
  int32_t vector;
  int32_t each;
};
struct gelu_tanh_and_mul_dtype {
  enum { data };
};
void gelu_tanh_and_mul_launch(call& c, const gelu_tanh_and_mul_args& a);
void gelu_tanh_and_mul_reference(const gelu_tanh_and_mul_params& p, const bound_dtypes& types);

struct gelu_tanh_and_mul_dynamic_quant_args {
  view output;
  view scales;
  view input;
};
struct gelu_tanh_and_mul_dynamic_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct gelu_tanh_and_mul_dynamic_quant_dtype {
  enum { data, output, scale };
};
void gelu_tanh_and_mul_dynamic_quant_launch(call& c, const gelu_tanh_and_mul_dynamic_quant_args& a);
void gelu_tanh_and_mul_dynamic_quant_reference(const gelu_tanh_and_mul_dynamic_quant_params& p, const bound_dtypes& types);

struct gelu_tanh_and_mul_quant_args {
  view output;
  view input;
  view scale;
};
struct gelu_tanh_and_mul_quant_tune {
  int32_t vector;
  int32_t each;
};
struct gelu_tanh_and_mul_quant_dtype {
  enum { data, output, scale };
};
void gelu_tanh_and_mul_quant_launch(call& c, const gelu_tanh_and_mul_quant_args& a);
void gelu_tanh_and_mul_quant_reference(const gelu_tanh_and_mul_quant_params& p, const bound_dtypes& types);

struct gemm_args {
  view output;
  view input;
  view weight;
  view bias;
  view residual;
};
struct gemm_tune {
  int32_t tile_m;
  int32_t tile_n;
};
struct gemm_dtype {
  enum { data, out };
};
void gemm_launch(call& c, const gemm_args& a);
void gemm_reference(const gemm_params& p, const bound_dtypes& types);

struct gemma_fused_add_rmsnorm_args {
  view input;
  view residual;
  view weight;
  float eps;
};
struct gemma_fused_add_rmsnorm_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct gemma_fused_add_rmsnorm_dtype {
  enum { data, weight };
};
void gemma_fused_add_rmsnorm_launch(call& c, const gemma_fused_add_rmsnorm_args& a);
void gemma_fused_add_rmsnorm_reference(const gemma_fused_add_rmsnorm_params& p, const bound_dtypes& types);

struct gemma_rmsnorm_args {
  view output;
  view input;
  view weight;
  float eps;
};
struct gemma_rmsnorm_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct gemma_rmsnorm_dtype {
  enum { data, weight };
};
void gemma_rmsnorm_launch(call& c, const gemma_rmsnorm_args& a);
void gemma_rmsnorm_reference(const gemma_rmsnorm_params& p, const bound_dtypes& types);

struct get_batch_indices_positions_args {
  view batch_indices;
  view positions;
  view append_indptr;
  view seq_lens;
};
struct get_batch_indices_positions_tune {
};
struct get_batch_indices_positions_dtype {
  enum { out, index };
};
void get_batch_indices_positions_launch(call& c, const get_batch_indices_positions_args& a);
void get_batch_indices_positions_reference(const get_batch_indices_positions_params& p, const bound_dtypes& types);

struct get_seq_lens_args {
  view seq_lens;
  view kv_indptr;
  view kv_last_page_len;
  int64_t page_size;
};
struct get_seq_lens_tune {
};
struct get_seq_lens_dtype {
  enum { out, index };
};
void get_seq_lens_launch(call& c, const get_seq_lens_args& a);
void get_seq_lens_reference(const get_seq_lens_params& p, const bound_dtypes& types);

struct layernorm_args {
  view output;
  view input;
  view weight;
  view bias;
  float eps;
};
struct layernorm_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct layernorm_dtype {
  enum { data, weight };
};
void layernorm_launch(call& c, const layernorm_args& a);
void layernorm_reference(const layernorm_params& p, const bound_dtypes& types);

struct layernorm_quant_args {
  view output;
  view input;
  view weight;
  view bias;
  view scale;
  float eps;
};
struct layernorm_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct layernorm_quant_dtype {
  enum { data, weight, output, scale };
};
void layernorm_quant_launch(call& c, const layernorm_quant_args& a);
void layernorm_quant_reference(const layernorm_quant_params& p, const bound_dtypes& types);

struct masked_softmax_args {
  view output;
  view input;
  view mask;
  float scale;
  int32_t causal;
};
struct masked_softmax_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct masked_softmax_dtype {
  enum { data, mask };
};
void masked_softmax_launch(call& c, const masked_softmax_args& a);
void masked_softmax_reference(const masked_softmax_params& p, const bound_dtypes& types);

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

struct qk_norm_rope_args {
  view q_out;
  view k_out;
  view q;
  view k;
  view q_weight;
  view k_weight;
  view cos_sin;
  view positions;
  float eps;
  int32_t interleaved;
};
struct qk_norm_rope_tune {
  int32_t heads;
};
struct qk_norm_rope_dtype {
  enum { data, weight, positions, real };
};
void qk_norm_rope_launch(call& c, const qk_norm_rope_args& a);
void qk_norm_rope_reference(const qk_norm_rope_params& p, const bound_dtypes& types);

struct quantize_per_group_args {
  view output;
  view scales;
  view input;
  int64_t group_size;
};
struct quantize_per_group_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct quantize_per_group_dtype {
  enum { output, scales, input };
};
void quantize_per_group_launch(call& c, const quantize_per_group_args& a);
void quantize_per_group_reference(const quantize_per_group_params& p, const bound_dtypes& types);

struct quantize_per_tensor_args {
  view output;
  view input;
  view scale;
};
struct quantize_per_tensor_tune {
  int32_t each;
  int32_t width;
};
struct quantize_per_tensor_dtype {
  enum { output, input, scale };
};
void quantize_per_tensor_launch(call& c, const quantize_per_tensor_args& a);
void quantize_per_tensor_reference(const quantize_per_tensor_params& p, const bound_dtypes& types);

struct quantize_per_token_args {
  view output;
  view scales;
  view input;
};
struct quantize_per_token_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct quantize_per_token_dtype {
  enum { output, scales, input };
};
void quantize_per_token_launch(call& c, const quantize_per_token_args& a);
void quantize_per_token_reference(const quantize_per_token_params& p, const bound_dtypes& types);

struct rmsnorm_args {
  view output;
  view input;
  view weight;
  float eps;
};
struct rmsnorm_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct rmsnorm_dtype {
  enum { data, weight };
};
void rmsnorm_launch(call& c, const rmsnorm_args& a);
void rmsnorm_reference(const rmsnorm_params& p, const bound_dtypes& types);

struct rmsnorm_dynamic_quant_args {
  view output;
  view scales;
  view input;
  view weight;
  float eps;
};
struct rmsnorm_dynamic_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct rmsnorm_dynamic_quant_dtype {
  enum { data, weight, output, scale };
};
void rmsnorm_dynamic_quant_launch(call& c, const rmsnorm_dynamic_quant_args& a);
void rmsnorm_dynamic_quant_reference(const rmsnorm_dynamic_quant_params& p, const bound_dtypes& types);

struct rmsnorm_quant_args {
  view output;
  view input;
  view weight;
  view scale;
  float eps;
};
struct rmsnorm_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct rmsnorm_quant_dtype {
  enum { data, weight, output, scale };
};
void rmsnorm_quant_launch(call& c, const rmsnorm_quant_args& a);
void rmsnorm_quant_reference(const rmsnorm_quant_params& p, const bound_dtypes& types);

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
  int32_t heads;
};
struct rope_dtype {
  enum { data, positions, real };
};
void rope_launch(call& c, const rope_args& a);
void rope_reference(const rope_params& p, const bound_dtypes& types);

struct rope_append_kv_args {
  view q_out;
  view k_cache;
  view v_cache;
  view q;
  view k;
  view v;
  view cos_sin;
  view positions;
  view batch_indices;
  view kv_indices;
  view kv_indptr;
  view kv_last_page_len;
  view pos_ids;
  view k_scale;
  view v_scale;
  int32_t interleaved;
};
struct rope_append_kv_tune {
  int32_t vector;
  int32_t heads;
};
struct rope_append_kv_dtype {
  enum { data, cache, index, real };
};
void rope_append_kv_launch(call& c, const rope_append_kv_args& a);
void rope_append_kv_reference(const rope_append_kv_params& p, const bound_dtypes& types);

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

struct rope_quantize_fp8_args {
  view q_rope_out;
  view k_rope_out;
  view q_nope_out;
  view k_nope_out;
  view q_rope;
  view k_rope;
  view q_nope;
  view k_nope;
  view cos_sin;
  view positions;
  int32_t interleaved;
  float quant_scale_q;
  float quant_scale_kv;
};
struct rope_quantize_fp8_tune {
  int32_t vector;
  int32_t heads;
};
struct rope_quantize_fp8_dtype {
  enum { quantised, data, positions, real };
};
void rope_quantize_fp8_launch(call& c, const rope_quantize_fp8_args& a);
void rope_quantize_fp8_reference(const rope_quantize_fp8_params& p, const bound_dtypes& types);

struct rope_theta_args {
  view q_out;
  view k_out;
  view q;
  view k;
  view positions;
  view indptr;
  view offsets;
  int32_t interleaved;
  float theta;
  hipinfer_rope_theta_options options;
};
struct rope_theta_tune {
  int32_t tokens;
};
struct rope_theta_dtype {
  enum { data, positions };
};
void rope_theta_launch(call& c, const rope_theta_args& a);
void rope_theta_reference(const rope_theta_params& p, const bound_dtypes& types);

struct scale_args {
  view output;
  view input;
  float factor;
};
struct scale_tune {
  int32_t each;
  int32_t width;
};
struct scale_dtype {
  enum { data };
};
void scale_launch(call& c, const scale_args& a);
void scale_reference(const scale_params& p, const bound_dtypes& types);

struct silu_and_mul_args {
  view output;
  view input;
};
struct silu_and_mul_tune {
  int32_t vector;
  int32_t each;
};
struct silu_and_mul_dtype {
  enum { data };
};
void silu_and_mul_launch(call& c, const silu_and_mul_args& a);
void silu_and_mul_reference(const silu_and_mul_params& p, const bound_dtypes& types);

struct silu_and_mul_dynamic_quant_args {
  view output;
  view scales;
  view input;
};
struct silu_and_mul_dynamic_quant_tune {
  int32_t lane_elements;
  int32_t lanes;
};
struct silu_and_mul_dynamic_quant_dtype {
  enum { data, output, scale };
};
void silu_and_mul_dynamic_quant_launch(call& c, const silu_and_mul_dynamic_quant_args& a);
void silu_and_mul_dynamic_quant_reference(const silu_and_mul_dynamic_quant_params& p, const bound_dtypes& types);

struct silu_and_mul_quant_args {
  view output;
  view input;
  view scale;
};
struct silu_and_mul_quant_tune {
  int32_t vector;
  int32_t each;
};
struct silu_and_mul_quant_dtype {
  enum { data, output, scale };
};
void silu_and_mul_quant_launch(call& c, const silu_and_mul_quant_args& a);
void silu_and_mul_quant_reference(const silu_and_mul_quant_params& p, const bound_dtypes& types);

struct softmax_args {
  view output;
  view input;
  float temperature;
  view temperatures;
};
struct softmax_tune {
  int32_t parts;
};
struct softmax_dtype {
  enum { data, out, temperatures };
};
void softmax_launch(call& c, const softmax_args& a);
void softmax_reference(const softmax_params& p, const bound_dtypes& types);

struct swiglu_args {
  view output;
  view gate;
  view up;
};
struct swiglu_tune {
  int32_t vector;
  int32_t each;
};
struct swiglu_dtype {
  enum { data };
};
void swiglu_launch(call& c, const swiglu_args& a);
void swiglu_reference(const swiglu_params& p, const bound_dtypes& types);

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
