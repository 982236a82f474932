# SPDX-License-Identifier: Apache-2.0
"""Attention over a paged cache, bf16, pages of 16 slots unless the shape says otherwise. Peers: torch's scaled_dot_product_attention
(FlashAttention 2 for prefill, over keys that lie side by side), and FlashInfer over the same pages."""

from __future__ import annotations

from typing import Any, List, Tuple

import hipinfer
import torch
import torch.nn.functional as F
from case import BF16, F32, FP8, I32, Calls, Work, case, empty, flashinfer, rand, size
from torch.nn.attention import SDPBackend, sdpa_kernel

Tensor = torch.Tensor
PAGE = 16
WORKSPACE_BYTES = 256 << 20  # FlashInfer's


def scattered(requests: int, keys: int, heads: int, d: int, page: int) -> Tuple[Tensor, Tensor, List[Tensor]]:
    """Keys and values in pages of no order; kv_indptr, kv_indices, kv_last_page_len."""
    pages = -(-keys // page)
    table = [torch.arange(requests + 1, device="cuda", dtype=I32) * pages,
             torch.randperm(requests * pages, device="cuda").to(I32),
             torch.full((requests,), (keys - 1) % page + 1, device="cuda", dtype=I32)]
    return rand(requests * pages, page, heads, d), rand(requests * pages, page, heads, d), table


def workspace() -> Tensor:
    return torch.empty(WORKSPACE_BYTES, device="cuda", dtype=torch.uint8)


def prefill_flops(requests: int, tokens: int, heads: int, key_heads: int, d: int, causal: int) -> int:
    return 4 * requests * heads * d * (tokens * (tokens + 1) // 2 if causal else tokens * tokens)


PREFILL = ((4, 4096, 32, 32, 128, 0), (4, 4096, 32, 32, 128, 1), (1, 16384, 32, 8, 128, 1), (4, 4096, 32, 8, 128, 1),
           (1, 4608, 24, 24, 128, 0), (4, 4096, 32, 32, 64, 1), (4, 4096, 32, 8, 96, 1), (4, 1024, 16, 16, 256, 1),
           (16, 512, 32, 8, 128, 1), (1, 8192, 40, 8, 128, 1), (1, 8192, 28, 4, 128, 1))


@case("paged_attention_prefill", PREFILL, (PREFILL[1], PREFILL[2], PREFILL[5]), flops=prefill_flops)
def prefill(requests: int, tokens: int, heads: int, key_heads: int, d: int, causal: int) -> Work:
    q, y = rand(requests * tokens, heads, d), empty(requests * tokens, heads, d)
    k, v, table = scattered(requests, tokens, key_heads, d, PAGE)
    indptr = torch.arange(requests + 1, device="cuda", dtype=I32) * tokens
    calls: Calls = {"hipinfer": lambda: hipinfer.paged_attention_prefill(y, None, q, k, v, indptr, *table, causal=bool(causal))}

    def dense(x: Tensor) -> Tensor:
        return x.reshape(requests, tokens, -1, d).transpose(1, 2)

    def torch_flash() -> Tensor:
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            return F.scaled_dot_product_attention(dense(q), dense(k), dense(v), is_causal=bool(causal), enable_gqa=heads != key_heads)
    calls["torch"] = torch_flash
    if flashinfer is not None:
        wrapper: Any = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(), "NHD", backend="fa2")
        wrapper.plan(indptr, *table, heads, key_heads, d, PAGE, causal=bool(causal), q_data_type=BF16)
        calls["flashinfer"] = lambda: wrapper.run(q, (k, v), out=y)
    return size(q, k, v, y), calls


DECODE = ((1, 131072, 32, 8, 128, 16), (256, 2048, 32, 8, 128, 16), (16, 8192, 64, 8, 128, 16), (16, 4096, 40, 8, 128, 1),
          (8, 1024, 28, 4, 128, 16), (1, 2048, 32, 8, 128, 16), (8, 512, 32, 8, 128, 16), (64, 4096, 32, 32, 128, 64),
          (1, 1000, 32, 8, 64, 16), (16, 1000, 32, 8, 64, 16), (16, 1000, 32, 8, 128, 16), (1, 128, 32, 8, 128, 16),
          (16, 8192, 16, 2, 256, 16), (64, 4096, 32, 32, 64, 16), (16, 8192, 64, 4, 128, 16))


@case("paged_attention_decode", DECODE, (DECODE[0], DECODE[1], DECODE[4]))
def decode(requests: int, keys: int, heads: int, key_heads: int, d: int, page: int) -> Work:
    q, y = rand(requests, heads, d), empty(requests, heads, d)
    k, v, table = scattered(requests, keys, key_heads, d, page)
    scratch = torch.empty(hipinfer.paged_attention_decode_workspace_bytes(y, None, q, k, v, *table), device="cuda", dtype=torch.uint8)
    calls: Calls = {"hipinfer": lambda: hipinfer.paged_attention_decode(y, None, q, k, v, *table, workspace=scratch)}
    if flashinfer is not None:
        # Its better kernel: matrix units for groups of four and more.
        wrapper: Any = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(), "NHD", use_tensor_cores=heads // key_heads >= 4)
        wrapper.plan(*table, heads, key_heads, d, page, q_data_type=BF16, kv_data_type=BF16)
        calls["flashinfer"] = lambda: wrapper.run(q, (k, v), out=y)
    return size(q, k, v, y), calls


@case("paged_attention_decode/fp8", DECODE, (DECODE[0], DECODE[1], DECODE[4]))
def decode_of_fp8(requests: int, keys: int, heads: int, key_heads: int, d: int, page: int) -> Work:
    """A cache of e4m3fn, beside FlashInfer's of the same; paged_attention_decode has the same shapes in bf16."""
    q, y = rand(requests, heads, d), empty(requests, heads, d)
    k, v, table = scattered(requests, keys, key_heads, d, page)
    k, v = k.to(FP8), v.to(FP8)
    scratch = torch.empty(hipinfer.paged_attention_decode_workspace_bytes(y, None, q, k, v, *table), device="cuda", dtype=torch.uint8)
    scale = torch.ones(1, device="cuda", dtype=F32)
    calls: Calls = {"hipinfer": lambda: hipinfer.paged_attention_decode(y, None, q, k, v, *table, k_scale=scale, v_scale=scale,
                                                                        workspace=scratch)}
    if flashinfer is not None:
        wrapper: Any = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(), "NHD", use_tensor_cores=heads // key_heads >= 4)
        wrapper.plan(*table, heads, key_heads, d, page, q_data_type=BF16, kv_data_type=FP8)
        calls["flashinfer"] = lambda: wrapper.run(q, (k, v), out=y)
    return size(q, k, v, y), calls


@case("paged_attention_prefill/fp8", PREFILL, (PREFILL[1], PREFILL[5]), flops=prefill_flops)
def prefill_of_fp8(requests: int, tokens: int, heads: int, key_heads: int, d: int, causal: int) -> Work:
    q, y = rand(requests * tokens, heads, d), empty(requests * tokens, heads, d)
    k, v, table = scattered(requests, tokens, key_heads, d, PAGE)
    k, v = k.to(FP8), v.to(FP8)
    indptr = torch.arange(requests + 1, device="cuda", dtype=I32) * tokens
    calls: Calls = {"hipinfer": lambda: hipinfer.paged_attention_prefill(y, None, q, k, v, indptr, *table, causal=bool(causal))}
    if flashinfer is not None:
        wrapper: Any = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(), "NHD", backend="fa2")
        wrapper.plan(indptr, *table, heads, key_heads, d, PAGE, causal=bool(causal), q_data_type=BF16, kv_data_type=FP8)
        calls["flashinfer"] = lambda: wrapper.run(q, (k, v), out=y)
    return size(q, k, v, y), calls


# A window of gpt-oss, of Gemma 3 and of Mistral; Gemma 2's cap with and without its window. 0: none.
OPTIONS = ((1, 16384, 64, 8, 64, 128, 0), (1, 16384, 8, 4, 256, 1024, 0), (1, 16384, 32, 8, 128, 4096, 0), (1, 8192, 16, 8, 256, 0, 50),
           (1, 8192, 16, 8, 256, 4096, 50))


def seen_flops(requests: int, tokens: int, heads: int, key_heads: int, d: int, window: int, cap: int) -> int:
    seen = min(window or tokens, tokens)
    return 4 * requests * heads * d * (seen * (seen + 1) // 2 + (tokens - seen) * seen)


@case("paged_attention_prefill/options", OPTIONS, OPTIONS[:1] + OPTIONS[3:4], flops=seen_flops)
def prefill_with_options(requests: int, tokens: int, heads: int, key_heads: int, d: int, window: int, cap: int) -> Work:
    q, y = rand(requests * tokens, heads, d), empty(requests * tokens, heads, d)
    k, v, table = scattered(requests, tokens, key_heads, d, PAGE)
    indptr = torch.arange(requests + 1, device="cuda", dtype=I32) * tokens
    calls: Calls = {"hipinfer": lambda: hipinfer.paged_attention_prefill(
        y, None, q, k, v, indptr, *table, causal=True, sliding_window=window, logits_soft_cap=float(cap))}
    if flashinfer is not None:
        wrapper: Any = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(), "NHD", backend="fa2")
        wrapper.plan(indptr, *table, heads, key_heads, d, PAGE, causal=True, q_data_type=BF16, window_left=window - 1,
                     logits_soft_cap=float(cap))
        calls["flashinfer"] = lambda: wrapper.run(q, (k, v), out=y)
    return size(q, k, v, y), calls


@case("paged_attention_decode/options", OPTIONS, OPTIONS[:1] + OPTIONS[3:4])
def decode_with_options(requests: int, keys: int, heads: int, key_heads: int, d: int, window: int, cap: int) -> Work:
    requests *= 16
    q, y = rand(requests, heads, d), empty(requests, heads, d)
    k, v, table = scattered(requests, keys, key_heads, d, PAGE)
    options = {"sliding_window": window, "logits_soft_cap": float(cap)}
    needed = hipinfer.paged_attention_decode_workspace_bytes(y, None, q, k, v, *table, **options)
    scratch = torch.empty(needed, device="cuda", dtype=torch.uint8)
    calls: Calls = {"hipinfer": lambda: hipinfer.paged_attention_decode(y, None, q, k, v, *table, **options, workspace=scratch)}
    if flashinfer is not None:
        wrapper: Any = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(), "NHD", use_tensor_cores=heads // key_heads >= 4)
        wrapper.plan(*table, heads, key_heads, d, PAGE, q_data_type=BF16, kv_data_type=BF16, window_left=window - 1,
                     logits_soft_cap=float(cap))
        calls["flashinfer"] = lambda: wrapper.run(q, (k, v), out=y)
    return size(q, y) + size(k, v) * min(window or keys, keys) // keys, calls


# Requests, query tokens of each, keys of each, heads, slots of a page: of DeepSeek's models on one GPU and on eight.
MLA = ((1, 1, 131072, 128, 64), (64, 1, 4096, 128, 64), (64, 1, 4096, 16, 64), (16, 1, 8192, 128, 1), (128, 1, 2048, 128, 64),
       (8, 1, 1024, 16, 64), (1, 1, 1024, 128, 64), (64, 2, 4096, 16, 64), (4, 512, 4096, 128, 64))


@case("paged_mla_attention", MLA, MLA[:3] + MLA[8:])
def latent(requests: int, tokens: int, keys: int, heads: int, page: int) -> Work:
    q, pe, y = rand(requests * tokens, heads, 512), rand(requests * tokens, heads, 64), empty(requests * tokens, heads, 512)
    pages = -(-keys // page)
    ckv, kpe = rand(requests * pages, page, 512), rand(requests * pages, page, 64)
    counted = torch.arange(requests + 1, device="cuda", dtype=I32)
    table = [counted * tokens, counted * pages, torch.randperm(requests * pages, device="cuda").to(I32),
             torch.full((requests,), keys, device="cuda", dtype=I32)]
    scale = 192 ** -0.5
    needed = hipinfer.paged_mla_attention_workspace_bytes(y, None, q, pe, ckv, kpe, *table, scale, causal=True)
    scratch = torch.empty(needed, device="cuda", dtype=torch.uint8)
    calls: Calls = {"hipinfer": lambda: hipinfer.paged_mla_attention(y, None, q, pe, ckv, kpe, *table, scale, causal=True,
                                                                     workspace=scratch)}
    if flashinfer is not None:
        wrapper: Any = flashinfer.mla.BatchMLAPagedAttentionWrapper(workspace(), backend="fa2")
        wrapper.plan(*table, heads, 512, 64, page, True, scale, BF16, BF16)
        calls["flashinfer"] = lambda: wrapper.run(q, pe, ckv, kpe, out=y)
    return size(q, pe, ckv, kpe, y), calls


MERGE = ((8192, 2, 32, 128), (256, 16, 32, 128), (32, 64, 64, 128))


@case("merge_states", MERGE, MERGE[:1])
def merge(tokens: int, states: int, heads: int, d: int) -> Work:
    v, s = rand(tokens, states, heads, d), rand(tokens, states, heads, dtype=F32)
    y, lse = empty(tokens, heads, d), empty(tokens, heads, dtype=F32)
    calls: Calls = {"hipinfer": lambda: hipinfer.merge_states(y, lse, v, s)}
    if flashinfer is not None:
        calls["flashinfer"] = lambda: flashinfer.merge_states(v, s)
    return size(v, s, y, lse), calls
