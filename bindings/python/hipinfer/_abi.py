# SPDX-License-Identifier: Apache-2.0
# Written by src/gen/generate.py; edit its sources.
"""The C interface: numbers, structs and signatures."""

from ctypes import (POINTER, Structure, c_char, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint8,
                    c_uint16, c_uint32, c_uint64, c_void_p)
from enum import IntEnum
from typing import Any, Dict, List, Tuple

VERSION = (0, 1, 0)


class StatusCode(IntEnum):
    OK = 0
    INVALID_ARGUMENT = 1
    NULL_POINTER = 2
    INVALID_HANDLE = 3
    INVALID_RANK = 10
    INVALID_DTYPE = 11
    INVALID_SHAPE = 12
    INVALID_STRIDE = 13
    INVALID_DEVICE = 14
    MISALIGNED = 15
    OVERFLOW = 16
    ALIASING = 17
    INVALID_CONTENTS = 18
    WORKSPACE_TOO_SMALL = 20
    UNSUPPORTED = 30
    NO_CODE_OBJECT = 31
    NO_DEVICE = 32
    DRIVER_ERROR = 40
    OUT_OF_MEMORY = 41
    MODULE_LOAD = 42
    INTERNAL = 90


class DeviceTypeCode(IntEnum):
    CPU = 1
    CUDA = 2
    CUDA_HOST = 3
    HIP = 10
    HIP_HOST = 11
    CUDA_MANAGED = 13


class DtypeCode(IntEnum):
    INT = 0
    UINT = 1
    FLOAT = 2
    BFLOAT = 4
    BOOL = 6
    E4M3FN = 10
    E4M3FNUZ = 11
    E5M2 = 12
    E5M2FNUZ = 13
    Q4_0 = 130
    Q8_0 = 136
    Q4_K = 140
    Q6_K = 142
    MXFP4 = 167


class ContextFlag(IntEnum):
    VALIDATE_ONLY = 1
    BATCH_INVARIANT = 2
    CHECK_CONTENTS = 4


class NormGate(IntEnum):
    """What a norm is multiplied by, of a gate."""

    SIGMOID = 0  # 1 / (1 + exp(-x))
    SILU = 1  # x / (1 + exp(-x))


class GemmActivation(IntEnum):
    """What a linear layer applies to its sums."""

    NONE = 0  # nothing
    RELU = 1  # max(x, 0); a NaN stays one
    SILU = 2  # x / (1 + exp(-x))
    GELU = 3  # x Phi(x), Phi the normal distribution
    GELU_TANH = 4  # gelu's approximation by tanh


class RopeScaling(IntEnum):
    """Frequency scaling of rotary position embedding."""

    NONE = 0  # as trained
    LINEAR = 1  # every frequency is divided by the factor (position interpolation)
    LLAMA31 = 2  # low frequencies are divided by the factor, high ones kept, those between blended
    YARN = 3  # as llama31, with the blend linear in the dimension, and cosine and sine multiplied by the attention factor


class Device(Structure):
    _fields_ = [
        ("device_type", c_int32),
        ("device_id", c_int32),
    ]


class Dtype(Structure):
    _fields_ = [
        ("code", c_uint8),
        ("bits", c_uint8),
        ("lanes", c_uint16),
    ]


class Tensor(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("device", Device),
        ("ndim", c_int32),
        ("dtype", Dtype),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


class ContextOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("device", c_char_p),
        ("target", c_char_p),
        ("disable", c_char_p),
        ("kernel_path", c_char_p),
        ("flags", c_uint32),
    ]


class DeviceInfo(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("device", Device),
        ("name", c_char * 128),
        ("target", c_char * 64),
        ("code_target", c_char * 64),
        ("wave_size", c_int32),
        ("compute_units", c_int32),
        ("lds_bytes", c_int64),
        ("memory_bytes", c_uint64),
    ]


class KernelInfo(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("op", c_char_p),
        ("kernel", c_char_p),
        ("module", c_char_p),
        ("targets", c_char_p),
        ("condition", c_char_p),
        ("stage", c_char_p),
    ]


class GemmOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("activation", c_int32),
    ]


class GemmGroupedOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("activation", c_int32),
    ]


class GemmGroupedScaledOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("activation", c_int32),
    ]


class GemmScaledOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("activation", c_int32),
    ]


class PagedAttentionDecodeOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("sm_scale", c_float),
        ("logits_soft_cap", c_float),
        ("sliding_window", c_int32),
        ("sinks", POINTER(Tensor)),
        ("alibi_slopes", POINTER(Tensor)),
        ("k_scale", POINTER(Tensor)),
        ("v_scale", POINTER(Tensor)),
    ]


class PagedAttentionPrefillOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("causal", c_int32),
        ("sm_scale", c_float),
        ("logits_soft_cap", c_float),
        ("sliding_window", c_int32),
        ("window_right", c_int32),
        ("sinks", POINTER(Tensor)),
        ("alibi_slopes", POINTER(Tensor)),
        ("custom_mask", POINTER(Tensor)),
        ("mask_indptr", POINTER(Tensor)),
        ("k_scale", POINTER(Tensor)),
        ("v_scale", POINTER(Tensor)),
    ]


class PagedMlaAttentionOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("causal", c_int32),
    ]


class RopeCosSinCacheOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("scaling", c_int32),
        ("factor", c_float),
        ("low_freq_factor", c_float),
        ("high_freq_factor", c_float),
        ("original_context", c_int32),
        ("beta_fast", c_float),
        ("beta_slow", c_float),
        ("attention_factor", c_float),
    ]


class RopeThetaOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("rotary_dim", c_int32),
        ("scaling", c_int32),
        ("factor", c_float),
        ("low_freq_factor", c_float),
        ("high_freq_factor", c_float),
        ("original_context", c_int32),
        ("beta_fast", c_float),
        ("beta_slow", c_float),
        ("attention_factor", c_float),
    ]


# name: (result, arguments)
FUNCTIONS: Dict[str, Tuple[Any, List[Any]]] = {
    "hipinfer_version": (c_uint32, []),
    "hipinfer_version_string": (c_char_p, []),
    "hipinfer_status_string": (c_char_p, [c_int32]),
    "hipinfer_last_error": (c_char_p, []),
    "hipinfer_last_kernel": (c_char_p, []),
    "hipinfer_context_create": (c_int32, [POINTER(ContextOptions), POINTER(c_void_p)]),
    "hipinfer_context_destroy": (None, [c_void_p]),
    "hipinfer_context_device_info": (c_int32, [c_void_p, POINTER(DeviceInfo)]),
    "hipinfer_context_preload": (c_int32, [c_void_p, c_char_p]),
    "hipinfer_device_count": (c_int32, [c_int32]),
    "hipinfer_malloc": (c_int32, [c_void_p, c_size_t, POINTER(c_void_p)]),
    "hipinfer_free": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_memcpy_async": (c_int32, [c_void_p, c_void_p, c_void_p, c_size_t, c_void_p]),
    "hipinfer_memset_async": (c_int32, [c_void_p, c_void_p, c_uint8, c_size_t, c_void_p]),
    "hipinfer_stream_create": (c_int32, [c_void_p, POINTER(c_void_p)]),
    "hipinfer_stream_destroy": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_stream_synchronize": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_event_create": (c_int32, [c_void_p, POINTER(c_void_p)]),
    "hipinfer_event_destroy": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_event_record": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "hipinfer_event_synchronize": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_event_elapsed_ms": (c_int32, [c_void_p, c_void_p, c_void_p, POINTER(c_float)]),
    "hipinfer_stream_wait_event": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "hipinfer_malloc_host": (c_int32, [c_void_p, c_size_t, POINTER(c_void_p)]),
    "hipinfer_free_host": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_stream_begin_capture": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_stream_end_capture": (c_int32, [c_void_p, c_void_p, POINTER(c_void_p)]),
    "hipinfer_graph_launch": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "hipinfer_graph_destroy": (c_int32, [c_void_p, c_void_p]),
    "hipinfer_op_count": (c_int32, []),
    "hipinfer_op_name": (c_char_p, [c_int32]),
    "hipinfer_kernel_count": (c_int32, []),
    "hipinfer_kernel_get": (c_int32, [c_int32, POINTER(KernelInfo)]),
    "hipinfer_target_count": (c_int32, []),
    "hipinfer_target_name": (c_char_p, [c_int32]),
    "hipinfer_code_object": (c_int32, [c_char_p, c_char_p, POINTER(c_void_p), POINTER(c_size_t)]),
    "hipinfer_manifest": (c_char_p, []),
    "hipinfer_adaln": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_float, c_int32, c_void_p]),
    "hipinfer_append_paged_kv_cache": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_append_paged_mla_kv_cache": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_void_p]),
    "hipinfer_apply_penalties": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_float,
        c_float, c_void_p]),
    "hipinfer_argmax": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_cast": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_causal_mask": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_chain_speculative_sampling": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_uint64, c_uint64, c_void_p]),
    "hipinfer_copy_blocks": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_void_p]),
    "hipinfer_dequantize": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_int64,
        c_int64, c_void_p]),
    "hipinfer_embedding": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_fused_add_rmsnorm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_float, c_void_p]),
    "hipinfer_fused_add_rmsnorm_dynamic_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_fused_add_rmsnorm_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_gate_up_swiglu": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_void_p]),
    "hipinfer_gated_residual_rmsnorm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_float,
        c_float, c_float, c_float, c_void_p]),
    "hipinfer_gated_rmsnorm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_float, c_int32, c_void_p]),
    "hipinfer_gelu_and_mul": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_gelu_and_mul_dynamic_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_void_p]),
    "hipinfer_gelu_and_mul_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_void_p]),
    "hipinfer_gelu_tanh_and_mul": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_gelu_tanh_and_mul_dynamic_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_void_p]),
    "hipinfer_gelu_tanh_and_mul_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_void_p]),
    "hipinfer_gemm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(GemmOptions), c_void_p]),
    "hipinfer_gemm_grouped": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(GemmGroupedOptions), c_void_p]),
    "hipinfer_gemm_grouped_scaled": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(GemmGroupedScaledOptions), c_void_p]),
    "hipinfer_gemm_scaled": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(GemmScaledOptions),
        c_void_p]),
    "hipinfer_gemma_fused_add_rmsnorm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_gemma_rmsnorm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float,
        c_void_p]),
    "hipinfer_get_batch_indices_positions": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_get_seq_lens": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_int64,
        c_void_p]),
    "hipinfer_grouped_top_k": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_int32, c_int32, c_float, c_int32, c_void_p]),
    "hipinfer_layernorm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_layernorm_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_masked_softmax": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_float, c_int32, c_void_p]),
    "hipinfer_merge_state": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_merge_state_in_place": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_merge_states": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_void_p]),
    "hipinfer_min_p_sampling_from_probs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_uint64, c_uint64,
        c_void_p]),
    "hipinfer_paged_attention_decode": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(PagedAttentionDecodeOptions), c_void_p, c_size_t, c_void_p]),
    "hipinfer_paged_attention_decode_workspace_bytes": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(PagedAttentionDecodeOptions), POINTER(c_size_t)]),
    "hipinfer_paged_attention_prefill": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(PagedAttentionPrefillOptions), c_void_p]),
    "hipinfer_paged_mla_attention": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_float, POINTER(PagedMlaAttentionOptions), c_void_p, c_size_t, c_void_p]),
    "hipinfer_paged_mla_attention_workspace_bytes": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_float, POINTER(PagedMlaAttentionOptions), POINTER(c_size_t)]),
    "hipinfer_qk_norm_rope": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_int32,
        c_void_p]),
    "hipinfer_quantize_per_group": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_int64, c_void_p]),
    "hipinfer_quantize_per_tensor": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_void_p]),
    "hipinfer_quantize_per_token": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_void_p]),
    "hipinfer_rmsnorm": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float,
        c_void_p]),
    "hipinfer_rmsnorm_dynamic_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_rmsnorm_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_rmsnorm_silu": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float,
        c_void_p]),
    "hipinfer_rope": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_int32, c_void_p]),
    "hipinfer_rope_append_kv": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_int32, c_void_p]),
    "hipinfer_rope_cos_sin_cache": (c_int32, [c_void_p, POINTER(Tensor), c_float,
        POINTER(RopeCosSinCacheOptions), c_void_p]),
    "hipinfer_rope_quantize_fp8": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_int32, c_float, c_float, c_void_p]),
    "hipinfer_rope_theta": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_int32, c_float,
        POINTER(RopeThetaOptions), c_void_p]),
    "hipinfer_sampling_from_logits": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_uint64, c_uint64, c_void_p]),
    "hipinfer_sampling_from_probs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_uint64, c_uint64, c_void_p]),
    "hipinfer_scale": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_silu_and_mul": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_silu_and_mul_dynamic_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), c_void_p]),
    "hipinfer_silu_and_mul_quant": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_void_p]),
    "hipinfer_softmax": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), c_float, POINTER(Tensor),
        c_void_p]),
    "hipinfer_swiglu": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_token_logprobs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_void_p]),
    "hipinfer_top_k": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_int32,
        c_void_p]),
    "hipinfer_top_k_mask_logits": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_int32, c_void_p]),
    "hipinfer_top_k_page_table_transform": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_int32, c_void_p]),
    "hipinfer_top_k_ragged_transform": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), c_void_p]),
    "hipinfer_top_k_renorm_probs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_int32, c_void_p]),
    "hipinfer_top_k_sampling_from_probs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_int32, c_uint64, c_uint64,
        c_void_p]),
    "hipinfer_top_k_top_p_sampling_from_logits": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_float, c_int32, c_float, c_int32, c_uint64, c_uint64, c_void_p]),
    "hipinfer_top_k_top_p_sampling_from_probs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_int32, c_float,
        c_int32, c_uint64, c_uint64, c_void_p]),
    "hipinfer_top_p_renorm_probs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor), POINTER(Tensor),
        c_float, c_void_p]),
    "hipinfer_top_p_sampling_from_probs": (c_int32, [c_void_p, POINTER(Tensor), POINTER(Tensor),
        POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), POINTER(Tensor), c_float, c_uint64, c_uint64,
        c_void_p]),
}
