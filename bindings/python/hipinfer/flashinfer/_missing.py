# SPDX-License-Identifier: Apache-2.0
"""What FlashInfer has and hipinfer does not: names that can be imported, and refuse to be called."""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import Any, Callable, Dict, Tuple

# By module; a function or class that gets an operation leaves this list for the module that serves it.
NAMES: Dict[str, Tuple[str, ...]] = {
    "norm": ("rmsnorm_fp4quant", "add_rmsnorm_fp4quant", "fused_qk_rmsnorm_rope"),
    "activation": ("silu_and_mul_scaled_nvfp4_experts_quantize",),
    "rope": ("rope_quantize_fp8_append_paged_kv_cache",),
    "page": ("nvfp4_quantize_append_paged_kv_cache", "nvfp4_quantize_append_paged_mla_kv_cache",
             "nvfp4_quantize_append_paged_kv_cache_with_slot_mapping"),
    "quantization": ("fp4_quantize", "nvfp4_quantize", "mxfp4_quantize", "mxfp4_dequantize",
                     "mxfp8_quantize", "mxfp8_dequantize_host", "block_scale_interleave", "e2m1_and_ufp8sf_scale_to_float"),
    "decode": ("BatchDecodeMlaWithPagedKVCacheWrapper", "cudnn_batch_decode_with_kv_cache", "trtllm_batch_decode_with_kv_cache",
               "trtllm_batch_decode_with_kv_cache_mla"),
    "prefill": ("cudnn_batch_prefill_with_kv_cache", "trtllm_batch_context_with_kv_cache"),
    "attention": ("BatchPrefillWithCausalBidirectionalRangesWrapper",),
    "gemm": ("mm_fp4", "group_gemm_mxfp4_nt_groupwise", "bmm_mxfp8", "mm_mxfp8", "tgv_gemm_sm100",
             "group_gemm_mxfp8_mxfp4_nt_groupwise", "group_gemm_nvfp4_nt_groupwise", "batch_deepgemm_fp8_nt_groupwise",
             "group_deepgemm_fp8_nt_groupwise", "gemm_fp8_nt_blockscaled", "fp8_blockscale_gemm_sm90", "mm_bf16_fp4",
             "prepare_bf16_fp4_weights", "mm_M1_16_K6144_N256", "mm_M1_16_K7168_N128", "mm_M1_16_K7168_N256", "tinygemm_bf16"),
    "fused_moe": ("cutlass_fused_moe", "trtllm_bf16_moe", "trtllm_fp4_block_scale_moe", "trtllm_fp8_block_scale_moe",
                  "trtllm_fp8_per_tensor_scale_moe"),
    "xqa": ("xqa", "xqa_mla"),
}


def refusal(module: str, name: str) -> Callable[..., Any]:
    def refuse(*_: object, **__: object) -> Any:
        raise NotImplementedError(f"flashinfer.{module}.{name}: hipinfer does not have this")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Not there: raises NotImplementedError. FlashInfer has it in flashinfer.{module}."
    return refuse


def stand_in(module: str, name: str) -> Any:
    """A module's (or, for "flashinfer", the package's) name that is not there; AttributeError if FlashInfer has none such."""
    for of in NAMES if module == "flashinfer" else (module,):
        if name in NAMES.get(of, ()):
            return refusal(of, name)
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


def add_to(package: str) -> None:
    """Gives the package and its modules what is missing in them, and makes the modules of which nothing is there: imports work.
    Type checkers do not see it: for them a name that is not there does not exist."""
    here = sys.modules[package]
    here.__getattr__ = partial(stand_in, "flashinfer")  # type: ignore[method-assign]
    for name in NAMES:
        full = f"{package}.{name}"
        if full not in sys.modules:
            sys.modules[full] = ModuleType(full, f"FlashInfer's module {name}, of which hipinfer has nothing yet.")
            if name != "xqa":  # there FlashInfer's name is the function
                setattr(here, name, sys.modules[full])
        sys.modules[full].__getattr__ = partial(stand_in, name)  # type: ignore[method-assign]
