// SPDX-License-Identifier: Apache-2.0
// The interface that changes are measured by: the last release's, or before the first release the one recorded for it.
// Written by tests/abi/interface.py --release.
#include <stddef.h>
#include <stdint.h>
enum hipinfer_status_code {
  HIPINFER_STATUS_OK = 0, HIPINFER_STATUS_INVALID_ARGUMENT = 1, HIPINFER_STATUS_NULL_POINTER = 2, HIPINFER_STATUS_INVALID_HANDLE = 3, HIPINFER_STATUS_INVALID_RANK = 10, HIPINFER_STATUS_INVALID_DTYPE = 11, HIPINFER_STATUS_INVALID_SHAPE = 12, HIPINFER_STATUS_INVALID_STRIDE = 13, HIPINFER_STATUS_INVALID_DEVICE = 14, HIPINFER_STATUS_MISALIGNED = 15, HIPINFER_STATUS_OVERFLOW = 16, HIPINFER_STATUS_ALIASING = 17, HIPINFER_STATUS_INVALID_CONTENTS = 18, HIPINFER_STATUS_WORKSPACE_TOO_SMALL = 20, HIPINFER_STATUS_UNSUPPORTED = 30, HIPINFER_STATUS_NO_CODE_OBJECT = 31, HIPINFER_STATUS_NO_DEVICE = 32, HIPINFER_STATUS_DRIVER_ERROR = 40, HIPINFER_STATUS_OUT_OF_MEMORY = 41, HIPINFER_STATUS_MODULE_LOAD = 42, HIPINFER_STATUS_INTERNAL = 90,
};
typedef int32_t hipinfer_status;
typedef struct hipinfer_context_s* hipinfer_context;
typedef void* hipinfer_stream;
typedef void* hipinfer_event;
typedef void* hipinfer_graph;
enum hipinfer_device_type_code {
  HIPINFER_DEVICE_CPU = 1,
  HIPINFER_DEVICE_CUDA = 2,
  HIPINFER_DEVICE_CUDA_HOST = 3,
  HIPINFER_DEVICE_HIP = 10,
  HIPINFER_DEVICE_HIP_HOST = 11,
  HIPINFER_DEVICE_CUDA_MANAGED = 13
};
typedef struct hipinfer_device {
  int32_t device_type;
  int32_t device_id;
} hipinfer_device;
enum hipinfer_dtype_code {
  HIPINFER_DTYPE_INT = 0,
  HIPINFER_DTYPE_UINT = 1,
  HIPINFER_DTYPE_FLOAT = 2,
  HIPINFER_DTYPE_BFLOAT = 4,
  HIPINFER_DTYPE_BOOL = 6,
  HIPINFER_DTYPE_E4M3FN = 10,
  HIPINFER_DTYPE_E4M3FNUZ = 11,
  HIPINFER_DTYPE_E5M2 = 12,
  HIPINFER_DTYPE_E5M2FNUZ = 13,
  HIPINFER_DTYPE_Q4_0 = 130,
  HIPINFER_DTYPE_Q8_0 = 136,
  HIPINFER_DTYPE_Q4_K = 140,
  HIPINFER_DTYPE_Q6_K = 142,
  HIPINFER_DTYPE_MXFP4 = 167
};
typedef struct hipinfer_dtype {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} hipinfer_dtype;
typedef struct hipinfer_tensor {
  void* data;
  hipinfer_device device;
  int32_t ndim;
  hipinfer_dtype dtype;
  const int64_t* shape;
  const int64_t* strides;
  uint64_t byte_offset;
} hipinfer_tensor;
enum hipinfer_context_flag {
  HIPINFER_CONTEXT_VALIDATE_ONLY = 1,
  HIPINFER_CONTEXT_BATCH_INVARIANT = 2,
  HIPINFER_CONTEXT_CHECK_CONTENTS = 4
};
typedef struct hipinfer_context_options {
  size_t struct_size;
  const char* device;
  const char* target;
  const char* disable;
  const char* kernel_path;
  uint32_t flags;
} hipinfer_context_options;
typedef struct hipinfer_device_info {
  size_t struct_size;
  hipinfer_device device;
  char name[128];
  char target[64];
  char code_target[64];
  int32_t wave_size;
  int32_t compute_units;
  int64_t lds_bytes;
  uint64_t memory_bytes;
} hipinfer_device_info;
typedef struct hipinfer_kernel_info {
  size_t struct_size;
  const char* op;
  const char* kernel;
  const char* module;
  const char* targets;
  const char* condition;
  const char* stage;
} hipinfer_kernel_info;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_adaln(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    const hipinfer_tensor* shift, float eps, int32_t rms, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_append_paged_kv_cache(hipinfer_context context,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* append_key,
    const hipinfer_tensor* append_value, const hipinfer_tensor* batch_indices,
    const hipinfer_tensor* positions, const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_tensor* k_scale, const hipinfer_tensor* v_scale,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_apply_penalties(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* logits, const hipinfer_tensor* counts,
    const hipinfer_tensor* prompt, const hipinfer_tensor* bias, const hipinfer_tensor* repetitions,
    const hipinfer_tensor* presences, const hipinfer_tensor* frequencies, float repetition, float presence,
    float frequency, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_argmax(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_cast(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_causal_mask(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, float value, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_chain_speculative_sampling(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* draft_probs,
    const hipinfer_tensor* draft_token_ids, const hipinfer_tensor* target_probs,
    const hipinfer_tensor* accepted, const hipinfer_tensor* emitted, const hipinfer_tensor* philox,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_copy_blocks(hipinfer_context context,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* block_mapping,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_dequantize(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scales,
    int64_t group_rows, int64_t group_size, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_embedding(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* table, const hipinfer_tensor* indices,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_fused_add_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_fused_add_rmsnorm_dynamic_quant(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales,
    const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_fused_add_rmsnorm_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* residual,
    const hipinfer_tensor* weight, const hipinfer_tensor* scale, float eps, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gate_up_swiglu(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* gate,
    const hipinfer_tensor* up, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gelu_and_mul(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gelu_and_mul_dynamic_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gelu_and_mul_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gelu_tanh_and_mul(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gelu_tanh_and_mul_dynamic_quant(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales,
    const hipinfer_tensor* input, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gelu_tanh_and_mul_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);
enum hipinfer_gemm_activation {
  HIPINFER_GEMM_ACTIVATION_NONE = 0 ,
  HIPINFER_GEMM_ACTIVATION_RELU = 1 ,
  HIPINFER_GEMM_ACTIVATION_SILU = 2 ,
  HIPINFER_GEMM_ACTIVATION_GELU = 3 ,
  HIPINFER_GEMM_ACTIVATION_GELU_TANH = 4
};
typedef struct hipinfer_gemm_options {
  size_t struct_size;
  int32_t activation;
} hipinfer_gemm_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gemm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* bias, const hipinfer_tensor* residual, const hipinfer_gemm_options* options,
    hipinfer_stream stream);
typedef struct hipinfer_gemm_grouped_options {
  size_t struct_size;
  int32_t activation;
} hipinfer_gemm_grouped_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gemm_grouped(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* indptr, const hipinfer_tensor* weight_indices, const hipinfer_tensor* residual,
    const hipinfer_gemm_grouped_options* options, hipinfer_stream stream);
typedef struct hipinfer_gemm_grouped_scaled_options {
  size_t struct_size;
  int32_t activation;
} hipinfer_gemm_grouped_scaled_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gemm_grouped_scaled(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* input_scale, const hipinfer_tensor* weight_scale, const hipinfer_tensor* indptr,
    const hipinfer_tensor* weight_indices, const hipinfer_tensor* residual,
    const hipinfer_gemm_grouped_scaled_options* options, hipinfer_stream stream);
typedef struct hipinfer_gemm_scaled_options {
  size_t struct_size;
  int32_t activation;
} hipinfer_gemm_scaled_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gemm_scaled(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* input_scale, const hipinfer_tensor* weight_scale, const hipinfer_tensor* bias,
    const hipinfer_tensor* residual, const hipinfer_gemm_scaled_options* options, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gemma_fused_add_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_gemma_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_get_batch_indices_positions(
    hipinfer_context context, const hipinfer_tensor* batch_indices, const hipinfer_tensor* positions,
    const hipinfer_tensor* append_indptr, const hipinfer_tensor* seq_lens, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_get_seq_lens(hipinfer_context context,
    const hipinfer_tensor* seq_lens, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_last_page_len, int64_t page_size, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_layernorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* bias, float eps, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_layernorm_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* bias, const hipinfer_tensor* scale, float eps, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_masked_softmax(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* mask, float scale,
    int32_t causal, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_merge_state(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* v_a,
    const hipinfer_tensor* s_a, const hipinfer_tensor* v_b, const hipinfer_tensor* s_b,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_merge_state_in_place(hipinfer_context context,
    const hipinfer_tensor* v, const hipinfer_tensor* s, const hipinfer_tensor* v_other,
    const hipinfer_tensor* s_other, const hipinfer_tensor* mask, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_merge_states(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* v,
    const hipinfer_tensor* s, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_min_p_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* min_ps, const hipinfer_tensor* philox, float min_p,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);
typedef struct hipinfer_paged_attention_decode_options {
  size_t struct_size;
  float sm_scale;
  float logits_soft_cap;
  int32_t sliding_window;
  const hipinfer_tensor* sinks;
  const hipinfer_tensor* alibi_slopes;
  const hipinfer_tensor* k_scale;
  const hipinfer_tensor* v_scale;
} hipinfer_paged_attention_decode_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_paged_attention_decode(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_last_page_len,
    const hipinfer_paged_attention_decode_options* options, void* workspace, size_t workspace_bytes,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_paged_attention_decode_workspace_bytes(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* lse,
    const hipinfer_tensor* query, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache,
    const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_decode_options* options,
    size_t* bytes);
typedef struct hipinfer_paged_attention_prefill_options {
  size_t struct_size;
  int32_t causal;
  float sm_scale;
  float logits_soft_cap;
  int32_t sliding_window;
  int32_t window_right;
  const hipinfer_tensor* sinks;
  const hipinfer_tensor* alibi_slopes;
  const hipinfer_tensor* custom_mask;
  const hipinfer_tensor* mask_indptr;
  const hipinfer_tensor* k_scale;
  const hipinfer_tensor* v_scale;
} hipinfer_paged_attention_prefill_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_paged_attention_prefill(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* qo_indptr,
    const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_prefill_options* options,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_qk_norm_rope(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q,
    const hipinfer_tensor* k, const hipinfer_tensor* q_weight, const hipinfer_tensor* k_weight,
    const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, float eps, int32_t interleaved,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_quantize_per_group(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    int64_t group_size, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_quantize_per_tensor(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_quantize_per_token(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rmsnorm_dynamic_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    const hipinfer_tensor* weight, float eps, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rmsnorm_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* scale, float eps, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rope(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q,
    const hipinfer_tensor* k, const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions,
    int32_t interleaved, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rope_append_kv(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache,
    const hipinfer_tensor* q, const hipinfer_tensor* k, const hipinfer_tensor* v,
    const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, const hipinfer_tensor* batch_indices,
    const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_tensor* pos_ids, const hipinfer_tensor* k_scale,
    const hipinfer_tensor* v_scale, int32_t interleaved, hipinfer_stream stream);
enum hipinfer_rope_scaling {
  HIPINFER_ROPE_SCALING_NONE = 0 ,
  HIPINFER_ROPE_SCALING_LINEAR = 1 ,
  HIPINFER_ROPE_SCALING_LLAMA31 = 2 ,
  HIPINFER_ROPE_SCALING_YARN = 3
};
typedef struct hipinfer_rope_cos_sin_cache_options {
  size_t struct_size;
  int32_t scaling;
  float factor;
  float low_freq_factor;
  float high_freq_factor;
  int32_t original_context;
  float beta_fast;
  float beta_slow;
  float attention_factor;
} hipinfer_rope_cos_sin_cache_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rope_cos_sin_cache(hipinfer_context context,
    const hipinfer_tensor* output, float theta, const hipinfer_rope_cos_sin_cache_options* options,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rope_quantize_fp8(hipinfer_context context,
    const hipinfer_tensor* q_rope_out, const hipinfer_tensor* k_rope_out, const hipinfer_tensor* q_nope_out,
    const hipinfer_tensor* k_nope_out, const hipinfer_tensor* q_rope, const hipinfer_tensor* k_rope,
    const hipinfer_tensor* q_nope, const hipinfer_tensor* k_nope, const hipinfer_tensor* cos_sin,
    const hipinfer_tensor* positions, int32_t interleaved, float quant_scale_q, float quant_scale_kv,
    hipinfer_stream stream);
typedef struct hipinfer_rope_theta_options {
  size_t struct_size;
  int32_t rotary_dim;
  int32_t scaling;
  float factor;
  float low_freq_factor;
  float high_freq_factor;
  int32_t original_context;
  float beta_fast;
  float beta_slow;
  float attention_factor;
} hipinfer_rope_theta_options;
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_rope_theta(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q,
    const hipinfer_tensor* k, const hipinfer_tensor* positions, const hipinfer_tensor* indptr,
    const hipinfer_tensor* offsets, int32_t interleaved, float theta,
    const hipinfer_rope_theta_options* options, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_sampling_from_logits(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* logits,
    const hipinfer_tensor* indices, const hipinfer_tensor* temperatures, const hipinfer_tensor* philox,
    float temperature, uint64_t seed, uint64_t offset, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* philox, uint64_t seed, uint64_t offset,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_scale(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, float factor, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_silu_and_mul(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_silu_and_mul_dynamic_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_silu_and_mul_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_softmax(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, float temperature,
    const hipinfer_tensor* temperatures, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_swiglu(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* gate, const hipinfer_tensor* up,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_k(hipinfer_context context,
    const hipinfer_tensor* values, const hipinfer_tensor* indices, const hipinfer_tensor* input,
    int32_t sorted, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_k_mask_logits(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* logits, const hipinfer_tensor* top_ks,
    int32_t top_k, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_k_renorm_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* probs, const hipinfer_tensor* top_ks, int32_t top_k,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_k_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* top_ks, const hipinfer_tensor* philox,
    int32_t top_k, uint64_t seed, uint64_t offset, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_k_top_p_sampling_from_logits(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* valid,
    const hipinfer_tensor* logits, const hipinfer_tensor* indices, const hipinfer_tensor* temperatures,
    const hipinfer_tensor* top_ks, const hipinfer_tensor* top_ps, const hipinfer_tensor* philox,
    float temperature, int32_t top_k, float top_p, int32_t joint, uint64_t seed, uint64_t offset,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_k_top_p_sampling_from_probs(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* valid,
    const hipinfer_tensor* probs, const hipinfer_tensor* indices, const hipinfer_tensor* top_ks,
    const hipinfer_tensor* top_ps, const hipinfer_tensor* philox, int32_t top_k, float top_p, int32_t joint,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_p_renorm_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* probs, const hipinfer_tensor* top_ps, float top_p,
    hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_top_p_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* top_ps, const hipinfer_tensor* philox, float top_p,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);
__attribute__((visibility("default"))) uint32_t hipinfer_version(void);
__attribute__((visibility("default"))) const char* hipinfer_version_string(void);
__attribute__((visibility("default"))) const char* hipinfer_status_string(hipinfer_status status);
__attribute__((visibility("default"))) const char* hipinfer_last_error(void);
__attribute__((visibility("default"))) const char* hipinfer_last_kernel(void);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_context_create(const hipinfer_context_options* options,
                                                                        hipinfer_context* context);
__attribute__((visibility("default"))) void hipinfer_context_destroy(hipinfer_context context);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_context_device_info(hipinfer_context context,
                                                                             hipinfer_device_info* info);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_context_preload(hipinfer_context context, const char* op);
__attribute__((visibility("default"))) int32_t hipinfer_device_count(int32_t device_type);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_malloc(hipinfer_context context, size_t bytes, void** pointer);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_free(hipinfer_context context, void* pointer);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_memcpy_async(hipinfer_context context, void* destination,
                                                                      const void* source, size_t bytes,
                                                                      hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_memset_async(hipinfer_context context, void* pointer,
                                                                      uint8_t value, size_t bytes,
                                                                      hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_stream_create(hipinfer_context context,
                                                                       hipinfer_stream* stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_stream_destroy(hipinfer_context context,
                                                                        hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_stream_synchronize(hipinfer_context context,
                                                                            hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_event_create(hipinfer_context context, hipinfer_event* event);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_event_destroy(hipinfer_context context, hipinfer_event event);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_event_record(hipinfer_context context, hipinfer_event event,
                                                                      hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_event_synchronize(hipinfer_context context,
                                                                           hipinfer_event event);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_event_elapsed_ms(hipinfer_context context,
                                                                          hipinfer_event start, hipinfer_event end,
                                                                          float* milliseconds);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_stream_wait_event(hipinfer_context context,
                                                                           hipinfer_stream stream,
                                                                           hipinfer_event event);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_malloc_host(hipinfer_context context, size_t bytes,
                                                                     void** pointer);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_free_host(hipinfer_context context, void* pointer);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_stream_begin_capture(hipinfer_context context,
                                                                              hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_stream_end_capture(hipinfer_context context,
                                                                            hipinfer_stream stream,
                                                                            hipinfer_graph* graph);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_graph_launch(hipinfer_context context, hipinfer_graph graph,
                                                                      hipinfer_stream stream);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_graph_destroy(hipinfer_context context, hipinfer_graph graph);
__attribute__((visibility("default"))) int32_t hipinfer_op_count(void);
__attribute__((visibility("default"))) const char* hipinfer_op_name(int32_t index);
__attribute__((visibility("default"))) int32_t hipinfer_kernel_count(void);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_kernel_get(int32_t index, hipinfer_kernel_info* info);
__attribute__((visibility("default"))) int32_t hipinfer_target_count(void);
__attribute__((visibility("default"))) const char* hipinfer_target_name(int32_t index);
__attribute__((warn_unused_result)) __attribute__((visibility("default"))) hipinfer_status hipinfer_code_object(const char* target, const char* module,
                                                                     const void** data, size_t* size);
__attribute__((visibility("default"))) const char* hipinfer_manifest(void);
