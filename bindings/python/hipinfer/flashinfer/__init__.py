# SPDX-License-Identifier: Apache-2.0
"""hipinfer's operations under FlashInfer's names, argument orders and defaults.

    import hipinfer.flashinfer as flashinfer
    flashinfer.norm.rmsnorm(x, weight)

What hipinfer does not have can be imported, and says so with NotImplementedError when it is called. `install()` also makes
`import flashinfer` and `from flashinfer.norm import rmsnorm` find this package.
"""

from __future__ import annotations

import sys

from . import (_missing, activation, attention, cascade, concat_ops, decode, fused_moe, gemm, grouped_mm, mla, norm, page, pod,
               prefill, quantization, rope, sampling, sparse, topk, topk_varlen)
from .activation import gelu_and_mul, gelu_tanh_and_mul, silu_and_mul
from .attention import BatchAttention, BatchAttentionWithAttentionSinkWrapper, BatchDecodeWithAttentionSinkWrapper
from .cascade import (BatchDecodeWithSharedPrefixPagedKVCacheWrapper, BatchPrefillWithSharedPrefixPagedKVCacheWrapper,
                      MultiLevelCascadeAttentionWrapper, merge_state, merge_state_in_place, merge_states)
from .decode import (BatchDecodeWithPagedKVCacheWrapper, CUDAGraphBatchDecodeWithPagedKVCacheWrapper, fast_decode_plan,
                     single_decode_with_kv_cache)
from .fused_moe import fused_topk_deepseek
from .gemm import SegmentGEMMWrapper, bmm_bf16, bmm_fp8, mm_bf16, mm_fp8
from .grouped_mm import grouped_mm_bf16, grouped_mm_fp8
from .mla import BatchMLAPagedAttentionWrapper
from .norm import (fused_add_rmsnorm, fused_add_rmsnorm_fp8_block_quant, fused_add_rmsnorm_quant,
                   fused_dit_gate_residual_layernorm_gamma_beta, fused_dit_gate_residual_layernorm_scale_shift,
                   fused_dit_residual_layernorm_scale_shift, fused_rmsnorm_silu, gated_residual_next_rmsnorm,
                   gated_residual_rmsnorm, gemma_fused_add_rmsnorm, gemma_rmsnorm, layernorm, layernorm_quant, rmsnorm,
                   rmsnorm_quant, rmsnorm_sigmoid_gate)
from .page import append_paged_kv_cache, append_paged_mla_kv_cache, get_batch_indices_positions, get_seq_lens
from .pod import BatchPODWithPagedKVCacheWrapper, PODWithPagedKVCacheWrapper
from .prefill import (BatchPrefillWithPagedKVCacheWrapper, BatchPrefillWithRaggedKVCacheWrapper, single_prefill_with_kv_cache,
                      single_prefill_with_kv_cache_return_lse)
from .quantization import packbits, segment_packbits
from .rope import (apply_llama31_rope, apply_llama31_rope_inplace, apply_llama31_rope_pos_ids, apply_llama31_rope_pos_ids_inplace,
                   apply_rope, apply_rope_inplace, apply_rope_pos_ids, apply_rope_pos_ids_inplace, apply_rope_with_cos_sin_cache,
                   apply_rope_with_cos_sin_cache_inplace, mla_rope_quantize_fp8, rope_quantize_fp8)
from .sampling import (chain_speculative_sampling, min_p_sampling_from_probs, sampling_from_logits, sampling_from_probs, softmax,
                       top_k_mask_logits, top_k_renorm_probs, top_k_sampling_from_probs, top_k_top_p_sampling_from_logits,
                       top_k_top_p_sampling_from_probs, top_p_renorm_probs, top_p_sampling_from_probs)
from .sparse import BlockSparseAttentionWrapper, VariableBlockSparseAttentionWrapper
from .topk import TopKTieBreak, top_k, top_k_page_table_transform, top_k_ragged_transform
from .topk_varlen import top_k_varlen

__all__ = [
    "BatchAttention", "BatchAttentionWithAttentionSinkWrapper", "BatchDecodeWithAttentionSinkWrapper",
    "BatchDecodeWithPagedKVCacheWrapper", "BatchDecodeWithSharedPrefixPagedKVCacheWrapper", "BatchMLAPagedAttentionWrapper",
    "BatchPODWithPagedKVCacheWrapper", "BatchPrefillWithPagedKVCacheWrapper", "BatchPrefillWithRaggedKVCacheWrapper",
    "BatchPrefillWithSharedPrefixPagedKVCacheWrapper", "BlockSparseAttentionWrapper",
    "CUDAGraphBatchDecodeWithPagedKVCacheWrapper", "MultiLevelCascadeAttentionWrapper", "PODWithPagedKVCacheWrapper",
    "SegmentGEMMWrapper", "TopKTieBreak", "VariableBlockSparseAttentionWrapper", "activation", "append_paged_kv_cache",
    "append_paged_mla_kv_cache", "apply_llama31_rope", "apply_llama31_rope_inplace", "apply_llama31_rope_pos_ids",
    "apply_llama31_rope_pos_ids_inplace", "apply_rope", "apply_rope_inplace", "apply_rope_pos_ids",
    "apply_rope_pos_ids_inplace", "apply_rope_with_cos_sin_cache", "apply_rope_with_cos_sin_cache_inplace", "attention",
    "bmm_bf16", "bmm_fp8", "cascade", "chain_speculative_sampling", "concat_ops", "decode", "fast_decode_plan",
    "fused_add_rmsnorm", "fused_add_rmsnorm_fp8_block_quant", "fused_add_rmsnorm_quant",
    "fused_dit_gate_residual_layernorm_gamma_beta", "fused_dit_gate_residual_layernorm_scale_shift",
    "fused_dit_residual_layernorm_scale_shift", "fused_moe", "fused_rmsnorm_silu", "fused_topk_deepseek",
    "gated_residual_next_rmsnorm", "gated_residual_rmsnorm", "gelu_and_mul", "gelu_tanh_and_mul", "gemm",
    "gemma_fused_add_rmsnorm", "gemma_rmsnorm", "get_batch_indices_positions", "get_seq_lens", "grouped_mm", "grouped_mm_bf16",
    "grouped_mm_fp8", "install", "layernorm", "layernorm_quant", "merge_state", "merge_state_in_place", "merge_states",
    "min_p_sampling_from_probs", "mla", "mla_rope_quantize_fp8", "mm_bf16", "mm_fp8", "norm", "packbits", "page", "pod",
    "prefill", "quantization", "rmsnorm", "rmsnorm_quant", "rmsnorm_sigmoid_gate", "rope", "rope_quantize_fp8", "sampling",
    "sampling_from_logits", "sampling_from_probs", "segment_packbits", "silu_and_mul", "single_decode_with_kv_cache",
    "single_prefill_with_kv_cache", "single_prefill_with_kv_cache_return_lse", "softmax", "sparse", "top_k",
    "top_k_mask_logits", "top_k_page_table_transform", "top_k_ragged_transform", "top_k_renorm_probs",
    "top_k_sampling_from_probs", "top_k_top_p_sampling_from_logits", "top_k_top_p_sampling_from_probs", "top_k_varlen",
    "top_p_renorm_probs", "top_p_sampling_from_probs", "topk", "topk_varlen",
]

_missing.add_to(__name__)


def install() -> None:
    """Serves `import flashinfer` and its modules from here on. RuntimeError if another flashinfer is loaded already."""
    here = sys.modules[__name__]
    if sys.modules.get("flashinfer", here) is not here:
        raise RuntimeError("another flashinfer is imported already: call hipinfer.flashinfer.install() before it")
    for name, module in list(sys.modules.items()):
        if name == __name__ or name.startswith(__name__ + "."):
            sys.modules["flashinfer" + name[len(__name__):]] = module
