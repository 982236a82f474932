// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#include <stddef.h>
#include <stdio.h>

#include "hipinfer/hipinfer.h"

int main(void) {
  printf("{");
  printf("\"hipinfer_device\": {\"size\": %zu", sizeof(hipinfer_device));
  printf(", \"device_type\": %zu", offsetof(hipinfer_device, device_type));
  printf(", \"device_id\": %zu", offsetof(hipinfer_device, device_id));
  printf("}");
  printf(", \"hipinfer_dtype\": {\"size\": %zu", sizeof(hipinfer_dtype));
  printf(", \"code\": %zu", offsetof(hipinfer_dtype, code));
  printf(", \"bits\": %zu", offsetof(hipinfer_dtype, bits));
  printf(", \"lanes\": %zu", offsetof(hipinfer_dtype, lanes));
  printf("}");
  printf(", \"hipinfer_tensor\": {\"size\": %zu", sizeof(hipinfer_tensor));
  printf(", \"data\": %zu", offsetof(hipinfer_tensor, data));
  printf(", \"device\": %zu", offsetof(hipinfer_tensor, device));
  printf(", \"ndim\": %zu", offsetof(hipinfer_tensor, ndim));
  printf(", \"dtype\": %zu", offsetof(hipinfer_tensor, dtype));
  printf(", \"shape\": %zu", offsetof(hipinfer_tensor, shape));
  printf(", \"strides\": %zu", offsetof(hipinfer_tensor, strides));
  printf(", \"byte_offset\": %zu", offsetof(hipinfer_tensor, byte_offset));
  printf("}");
  printf(", \"hipinfer_context_options\": {\"size\": %zu", sizeof(hipinfer_context_options));
  printf(", \"struct_size\": %zu", offsetof(hipinfer_context_options, struct_size));
  printf(", \"device\": %zu", offsetof(hipinfer_context_options, device));
  printf(", \"target\": %zu", offsetof(hipinfer_context_options, target));
  printf(", \"disable\": %zu", offsetof(hipinfer_context_options, disable));
  printf(", \"kernel_path\": %zu", offsetof(hipinfer_context_options, kernel_path));
  printf(", \"flags\": %zu", offsetof(hipinfer_context_options, flags));
  printf("}");
  printf(", \"hipinfer_device_info\": {\"size\": %zu", sizeof(hipinfer_device_info));
  printf(", \"struct_size\": %zu", offsetof(hipinfer_device_info, struct_size));
  printf(", \"device\": %zu", offsetof(hipinfer_device_info, device));
  printf(", \"name\": %zu", offsetof(hipinfer_device_info, name));
  printf(", \"target\": %zu", offsetof(hipinfer_device_info, target));
  printf(", \"code_target\": %zu", offsetof(hipinfer_device_info, code_target));
  printf(", \"wave_size\": %zu", offsetof(hipinfer_device_info, wave_size));
  printf(", \"compute_units\": %zu", offsetof(hipinfer_device_info, compute_units));
  printf(", \"lds_bytes\": %zu", offsetof(hipinfer_device_info, lds_bytes));
  printf(", \"memory_bytes\": %zu", offsetof(hipinfer_device_info, memory_bytes));
  printf("}");
  printf(", \"hipinfer_kernel_info\": {\"size\": %zu", sizeof(hipinfer_kernel_info));
  printf(", \"struct_size\": %zu", offsetof(hipinfer_kernel_info, struct_size));
  printf(", \"op\": %zu", offsetof(hipinfer_kernel_info, op));
  printf(", \"kernel\": %zu", offsetof(hipinfer_kernel_info, kernel));
  printf(", \"module\": %zu", offsetof(hipinfer_kernel_info, module));
  printf(", \"targets\": %zu", offsetof(hipinfer_kernel_info, targets));
  printf(", \"condition\": %zu", offsetof(hipinfer_kernel_info, condition));
  printf(", \"stage\": %zu", offsetof(hipinfer_kernel_info, stage));
  printf("}");
  printf(", \"hipinfer_paged_attention_decode_options\": {\"size\": %zu", sizeof(hipinfer_paged_attention_decode_options));
  printf(", \"struct_size\": %zu", offsetof(hipinfer_paged_attention_decode_options, struct_size));
  printf(", \"sm_scale\": %zu", offsetof(hipinfer_paged_attention_decode_options, sm_scale));
  printf("}");
  printf(", \"hipinfer_paged_attention_prefill_options\": {\"size\": %zu", sizeof(hipinfer_paged_attention_prefill_options));
  printf(", \"struct_size\": %zu", offsetof(hipinfer_paged_attention_prefill_options, struct_size));
  printf(", \"causal\": %zu", offsetof(hipinfer_paged_attention_prefill_options, causal));
  printf(", \"sm_scale\": %zu", offsetof(hipinfer_paged_attention_prefill_options, sm_scale));
  printf("}");
  printf(", \"hipinfer_rope_cos_sin_cache_options\": {\"size\": %zu", sizeof(hipinfer_rope_cos_sin_cache_options));
  printf(", \"struct_size\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, struct_size));
  printf(", \"scaling\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, scaling));
  printf(", \"factor\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, factor));
  printf(", \"low_freq_factor\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, low_freq_factor));
  printf(", \"high_freq_factor\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, high_freq_factor));
  printf(", \"original_context\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, original_context));
  printf(", \"beta_fast\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, beta_fast));
  printf(", \"beta_slow\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, beta_slow));
  printf(", \"attention_factor\": %zu", offsetof(hipinfer_rope_cos_sin_cache_options, attention_factor));
  printf("}");
  printf(", \"hipinfer_rope_theta_options\": {\"size\": %zu", sizeof(hipinfer_rope_theta_options));
  printf(", \"struct_size\": %zu", offsetof(hipinfer_rope_theta_options, struct_size));
  printf(", \"rotary_dim\": %zu", offsetof(hipinfer_rope_theta_options, rotary_dim));
  printf(", \"scaling\": %zu", offsetof(hipinfer_rope_theta_options, scaling));
  printf(", \"factor\": %zu", offsetof(hipinfer_rope_theta_options, factor));
  printf(", \"low_freq_factor\": %zu", offsetof(hipinfer_rope_theta_options, low_freq_factor));
  printf(", \"high_freq_factor\": %zu", offsetof(hipinfer_rope_theta_options, high_freq_factor));
  printf(", \"original_context\": %zu", offsetof(hipinfer_rope_theta_options, original_context));
  printf(", \"beta_fast\": %zu", offsetof(hipinfer_rope_theta_options, beta_fast));
  printf(", \"beta_slow\": %zu", offsetof(hipinfer_rope_theta_options, beta_slow));
  printf(", \"attention_factor\": %zu", offsetof(hipinfer_rope_theta_options, attention_factor));
  printf("}");
  printf("}\n");
  return 0;
}
