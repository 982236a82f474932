// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/family.toml and types.h; edit those.
layouts! {
    hipinfer_device { device_type, device_id }
    hipinfer_dtype { code, bits, lanes }
    hipinfer_tensor { data, device, ndim, dtype, shape, strides, byte_offset }
    hipinfer_context_options { struct_size, device, target, disable, kernel_path, flags }
    hipinfer_device_info { struct_size, device, name, target, code_target, wave_size, compute_units, lds_bytes, memory_bytes }
    hipinfer_kernel_info { struct_size, op, kernel, module, targets, condition, stage }
    hipinfer_gemm_options { struct_size, activation }
    hipinfer_gemm_grouped_options { struct_size, activation }
    hipinfer_gemm_grouped_scaled_options { struct_size, activation }
    hipinfer_gemm_scaled_options { struct_size, activation }
    hipinfer_paged_attention_decode_options { struct_size, sm_scale, logits_soft_cap, sliding_window, sinks, alibi_slopes, k_scale, v_scale }
    hipinfer_paged_attention_prefill_options { struct_size, causal, sm_scale, logits_soft_cap, sliding_window, window_right, sinks, alibi_slopes, custom_mask, mask_indptr, k_scale, v_scale }
    hipinfer_paged_mla_attention_options { struct_size, causal }
    hipinfer_rope_cos_sin_cache_options { struct_size, scaling, factor, low_freq_factor, high_freq_factor, original_context, beta_fast, beta_slow, attention_factor }
    hipinfer_rope_theta_options { struct_size, rotary_dim, scaling, factor, low_freq_factor, high_freq_factor, original_context, beta_fast, beta_slow, attention_factor }
}
