# SPDX-License-Identifier: Apache-2.0
"""The calls that counters.py counts: each operation on a shape of a model, with the kernel that the library chooses."""

from __future__ import annotations

from typing import Any, Callable, Iterator, NamedTuple, Optional

import hipinfer
import ml_dtypes
import numpy as np

NUMPY = {"bf16": ml_dtypes.bfloat16, "f32": np.float32, "e4m3fn": ml_dtypes.float8_e4m3fn}
_random = np.random.default_rng(1)


class Case(NamedTuple):
    op: str
    shape: str
    call: Callable[[], Any]
    least: Optional[int]  # bytes that have to move, of operations that memory alone should bound


def tensor(*shape: int, dtype: str = "bf16") -> hipinfer.Tensor:
    # Converted on the host, so that a library with one operation alone serves.
    return hipinfer.from_numpy(_random.standard_normal(shape, dtype=np.float32).astype(NUMPY[dtype]))


def empty(*shape: int, dtype: str = "bf16") -> hipinfer.Tensor:
    return hipinfer.empty(shape, dtype).zero()


def integers(values: Any, dtype: Any = np.int32) -> hipinfer.Tensor:
    return hipinfer.from_numpy(np.asarray(values, dtype=dtype))


def case(shape: str, op: Callable[..., Any], *args: Any, moves: Any = None, **options: Any) -> Case:
    """`moves`: the tensors that are read or written, once each; by default every one that is given."""
    moved = [a for a in args if isinstance(a, hipinfer.Tensor)] if moves is None else moves
    return Case(op.__name__, shape, lambda: op(*args, **options), sum(t.nbytes for t in moved))


def compute(shape: str, op: Callable[..., Any], *args: Any, **options: Any) -> Case:
    """An operation that is bound by more than memory."""
    return Case(op.__name__, shape, lambda: op(*args, **options), None)


def norms(t: int, n: int) -> Iterator[Case]:
    x, r, w, b, y, q = tensor(t, n), tensor(t, n), tensor(n), tensor(n), empty(t, n), empty(t, n, dtype="e4m3fnuz")
    scale, scales, shape = tensor(1, dtype="f32"), empty(t, dtype="f32"), f"[{t},{n}]"
    yield case(shape, hipinfer.rmsnorm, y, x, w)
    yield case(shape, hipinfer.gemma_rmsnorm, y, x, w)
    yield case(shape, hipinfer.rmsnorm_quant, q, x, w, scale)
    yield case(shape, hipinfer.rmsnorm_dynamic_quant, q, scales, x, w)
    yield case(shape, hipinfer.layernorm, y, x, w, b)
    yield case(shape, hipinfer.layernorm_quant, q, x, w, b, scale)
    yield case(shape, hipinfer.fused_add_rmsnorm, y, r, w, moves=[y, y, r, r, w])
    yield case(shape, hipinfer.gemma_fused_add_rmsnorm, y, r, w, moves=[y, y, r, r, w])
    yield case(shape, hipinfer.fused_add_rmsnorm_quant, q, x, r, w, scale, moves=[q, x, r, r, w, scale])
    yield case(shape, hipinfer.fused_add_rmsnorm_dynamic_quant, q, scales, x, r, w, moves=[q, scales, x, r, r, w])
    y3, x3, gain, shift = empty(2, t // 2, n), tensor(2, t // 2, n), tensor(2, n), tensor(2, n)
    yield case(f"[2,{t // 2},{n}]", hipinfer.adaln, y3, x3, gain, shift)
    heads = tensor(t, 32, 128)
    yield case(f"[{t},32,128]", hipinfer.rmsnorm, heads, heads, tensor(128), moves=[heads, heads])


def activations(t: int, n: int) -> Iterator[Case]:
    packed, y, q = tensor(t, 2 * n), empty(t, n), empty(t, n, dtype="e4m3fnuz")
    scale, scales, shape = tensor(1, dtype="f32"), empty(t, dtype="f32"), f"[{t},{2 * n}]"
    for name in ("silu", "gelu", "gelu_tanh"):
        yield case(shape, getattr(hipinfer, f"{name}_and_mul"), y, packed)
        yield case(shape, getattr(hipinfer, f"{name}_and_mul_quant"), q, packed, scale)
        yield case(shape, getattr(hipinfer, f"{name}_and_mul_dynamic_quant"), q, scales, packed)
    yield case(f"[{t},{n}]", hipinfer.swiglu, y, tensor(t, n), tensor(t, n))


def elementwise(t: int, n: int) -> Iterator[Case]:
    x, y, wide, shape = tensor(t, n), empty(t, n), empty(t, n, dtype="f32"), f"[{t},{n}]"
    yield case(shape, hipinfer.scale, y, x, 0.5)
    yield case(shape, hipinfer.cast, wide, x)
    odd, odd_out = tensor(t, n - 1), empty(t, n - 1)
    yield case(f"[{t},{n - 1}]", hipinfer.scale, odd_out, odd, 0.5)
    table, rows = tensor(1000, n), integers(_random.permutation(1000)[:t])
    yield case(f"[1000,{n}] {t} rows", hipinfer.embedding, y, table, rows, moves=[y, y, rows])
    scores = tensor(4, 8, 64, 64)
    yield compute("[4,8,64,64]", hipinfer.causal_mask, scores, scores, float("-inf"))
    yield case("[4,8,64,64]", hipinfer.masked_softmax, empty(4, 8, 64, 64), scores)
    logits, probabilities = tensor(64, 32000, dtype="f32"), empty(64, 32000, dtype="f32")
    yield case("[64,32000] f32", hipinfer.softmax, probabilities, logits)


def quantisation(t: int, n: int) -> Iterator[Case]:
    x, y, q, shape = tensor(t, n), empty(t, n), empty(t, n, dtype="e4m3fnuz"), f"[{t},{n}]"
    scale, scales, groups = tensor(1, dtype="f32"), empty(t, dtype="f32"), empty(t, n // 128, dtype="f32")
    yield case(shape, hipinfer.cast, q, x)
    yield case(shape, hipinfer.quantize_per_tensor, q, x, scale)
    yield case(shape, hipinfer.quantize_per_token, q, scales, x)
    yield case(shape, hipinfer.quantize_per_group, q, groups, x, 128)
    yield case(shape, hipinfer.dequantize, y, q, groups, 1, 128)


def ropes(t: int, heads: int, kv_heads: int, d: int) -> Iterator[Case]:
    q, k, v = tensor(t, heads, d), tensor(t, kv_heads, d), tensor(t, kv_heads, d)
    table, positions, shape = empty(128, d, dtype="f32"), integers(np.arange(t)), f"q [{t},{heads},{d}] k [{t},{kv_heads},{d}]"
    yield compute(f"[128,{d}]", hipinfer.rope_cos_sin_cache, table)
    angles = table[:t]
    yield case(shape, hipinfer.rope, q, k, q, k, table, positions, moves=[q, q, k, k, angles, positions])
    yield compute(shape, hipinfer.rope_theta, q, k, q, k, positions)
    page, pages = 16, t // 16 + 4
    requests = integers(np.arange(t) * 2 // t)
    indptr, indices = integers([0, pages // 2, pages // 2 * 2]), integers(_random.permutation(pages))
    last, own = integers([page, page]), integers(np.arange(t) % (t // 2))
    lists = [requests, own, indptr, indices, last]
    for dtype in ("bf16", "e4m3fnuz"):
        cache = [empty(pages, page, kv_heads, d, dtype=dtype) for _ in range(2)]
        part = [c[:t // page] for c in cache]  # as many bytes as are written
        yield case(f"{t} tokens of [{kv_heads},{d}] to {dtype}", hipinfer.append_paged_kv_cache, *cache, k, v, requests, own,
                   indices, indptr, last, moves=[k, v, *part, *lists])
        yield case(f"{shape} to {dtype}", hipinfer.rope_append_kv, q, *cache, q, k, v, table, own, requests, indices, indptr, last,
                   moves=[q, q, k, v, *part, angles[:t // 2], *lists])
        yield case(f"3 pages of {page} x [{kv_heads},{d}] of {dtype}", hipinfer.copy_blocks, *cache, integers([[0, 3], [1, 4], [2, 5]]),
                   moves=[c[:3] for c in cache] * 2)
    parts = [q, k, tensor(t, heads, d), tensor(t, kv_heads, d)]
    fp8 = [empty(*x.shape, dtype="e4m3fnuz") for x in parts]
    yield case(f"{shape} and as much that is not turned", hipinfer.rope_quantize_fp8, *fp8, *parts, table, positions,
               moves=[*fp8, *parts, angles, positions])
    yield compute(f"2 requests, {t} tokens", hipinfer.get_batch_indices_positions, empty(t, dtype="i32"), empty(t, dtype="i32"),
                  integers([0, t // 2, t]), integers([t, t]))
    yield compute("2 requests", hipinfer.get_seq_lens, empty(2, dtype="i32"), indptr, last, page)


def normed_ropes(t: int, heads: int, kv_heads: int, d: int) -> Iterator[Case]:
    """Of enough tokens that a thread has several heads."""
    q, k, weight, angles = tensor(t, heads, d), tensor(t, kv_heads, d), tensor(d), empty(t, d, dtype="f32")
    positions = integers(np.arange(t))
    yield case(f"q [{t},{heads},{d}] k [{t},{kv_heads},{d}]", hipinfer.qk_norm_rope, q, k, q, k, weight, weight, angles, positions,
               moves=[q, q, k, k, angles, positions])


def matrices() -> Iterator[Case]:
    pages, page = 16, 16
    indptr, indices, last = integers([0, 4, 12]), integers(_random.permutation(pages)[:12]), integers([16, 16])
    for d in (64, 128, 256):
        cache = [tensor(pages, page, 8, d) for _ in range(2)]
        yield compute(f"2 requests of 64 and 128 keys, 32/8 heads of {d}", hipinfer.paged_attention_decode, empty(2, 32, d), None,
                      tensor(2, 32, d), *cache, indptr, indices, last)
        fp8 = [tensor(pages, page, 8, d, dtype="e4m3fn") for _ in range(2)]
        yield compute(f"2 requests of 64 and 128 keys of fp8, 32/8 heads of {d}", hipinfer.paged_attention_decode, empty(2, 32, d),
                      None, tensor(2, 32, d), *fp8, indptr, indices, last)
    cache = [tensor(pages, page, 8, 128) for _ in range(2)]
    fp8 = [tensor(pages, page, 8, 128, dtype="e4m3fn") for _ in range(2)]
    yield compute("32 + 32 tokens on 64 and 128 keys of fp8, 32/8 heads of 128", hipinfer.paged_attention_prefill, empty(64, 32, 128),
                  None, tensor(64, 32, 128), *fp8, integers([0, 32, 64]), indptr, indices, last, causal=True)
    yield compute("32 + 32 tokens on 64 and 128 keys, 32/8 heads of 128", hipinfer.paged_attention_prefill, empty(64, 32, 128),
                  None, tensor(64, 32, 128), *cache, integers([0, 32, 64]), indptr, indices, last, causal=True)
    parts, sums = [tensor(64, 32, 128) for _ in range(2)], [tensor(64, 32, dtype="f32") for _ in range(2)]
    merged = (empty(64, 32, 128), empty(64, 32, dtype="f32"))
    yield case("[64,32,128]", hipinfer.merge_state, *merged, parts[0], sums[0], parts[1], sums[1])
    yield case("[64,32,128]", hipinfer.merge_state_in_place, parts[0], sums[0], parts[1], sums[1],
               moves=[*parts, *sums, parts[0], sums[0]])
    yield case("4 states of [64,32,128]", hipinfer.merge_states, *merged, tensor(64, 4, 32, 128), tensor(64, 4, 32, dtype="f32"))
    weight = tensor(512, 1024)
    for m in (1, 16, 64, 256):
        yield compute(f"[{m},1024] x [512,1024]", hipinfer.gemm, empty(m, 512), tensor(m, 1024), weight)
    for m in (16, 256):
        yield compute(f"[{m},1024] x 2 [512,1024]", hipinfer.gate_up_swiglu, empty(m, 512), tensor(m, 1024), weight, tensor(512, 1024))
    experts = tensor(8, 256, 1024)
    for m in (32, 320):
        shares = np.cumsum([0, *(m * s // 32 for s in (1, 7, 0, 4, 9, 2, 6, 3))])
        yield compute(f"[{m},1024] x 8 [256,1024]", hipinfer.gemm_grouped, empty(m, 256), tensor(m, 1024), experts, integers(shares))
    quantised, one = tensor(512, 1024, dtype="e4m3fn"), tensor(1, dtype="f32")
    blocks, of_experts = tensor(4, 8, dtype="f32"), tensor(8, 2, 8, dtype="f32")
    quantised_experts = tensor(8, 256, 1024, dtype="e4m3fn")
    for m in (32, 320):
        shares = np.cumsum([0, *(m * s // 32 for s in (1, 7, 0, 4, 9, 2, 6, 3))])
        yield compute(f"[{m},1024] x 8 [256,1024] fp8 by blocks", hipinfer.gemm_grouped_scaled, empty(m, 256),
                      tensor(m, 1024, dtype="e4m3fn"), quantised_experts, tensor(m, 8, dtype="f32"), of_experts, integers(shares))
    for m in (16, 256):
        x = tensor(m, 1024, dtype="e4m3fn")
        yield compute(f"[{m},1024] x [512,1024] fp8", hipinfer.gemm_scaled, empty(m, 512), x, quantised, one, one)
        yield compute(f"[{m},1024] x [512,1024] fp8 by blocks", hipinfer.gemm_scaled, empty(m, 512), x, quantised,
                      tensor(m, 8, dtype="f32"), blocks)
    # As many tiles of 256 as an MI300X has compute units, but for some.
    yield compute("[4096,64] x [4096,64]", hipinfer.gemm, empty(4096, 4096), tensor(4096, 64), tensor(4096, 64))


def sampling() -> Iterator[Case]:
    logits, chosen = tensor(4, 32000, dtype="f32"), empty(4, dtype="i32")
    yield compute("[4,32000] f32", hipinfer.argmax, chosen, logits)
    yield compute("[4,32000] f32", hipinfer.top_k_top_p_sampling_from_logits, chosen, None, logits, top_k=50, top_p=0.9, seed=1)
    yield compute("[4,32000] f32", hipinfer.sampling_from_logits, chosen, None, logits, seed=1)
    probs = hipinfer.from_numpy(np.exp(2 * _random.standard_normal((4, 32000), dtype=np.float32)))
    yield compute("[4,32000] f32", hipinfer.sampling_from_probs, chosen, None, probs, seed=1)
    yield compute("[4,32000] f32", hipinfer.min_p_sampling_from_probs, chosen, None, probs, min_p=0.1, seed=1)
    yield compute("[4,32000] f32", hipinfer.top_p_sampling_from_probs, chosen, None, probs, top_p=0.9, seed=1)
    yield compute("[4,32000] f32", hipinfer.top_k_sampling_from_probs, chosen, None, probs, top_k=50, seed=1)
    yield compute("[4,32000] f32", hipinfer.top_k_top_p_sampling_from_probs, chosen, None, probs, top_k=50, top_p=0.9, seed=1)
    filtered, values, indices = empty(4, 32000, dtype="f32"), empty(4, 50, dtype="f32"), empty(4, 50, dtype="i32")
    yield compute("[4,32000] f32", hipinfer.top_k_renorm_probs, filtered, probs, top_k=50)
    yield compute("[4,32000] f32", hipinfer.top_p_renorm_probs, filtered, probs, top_p=0.9)
    yield compute("[4,32000] f32", hipinfer.top_k_mask_logits, filtered, logits, top_k=50)
    yield compute("[4,32000] f32, k 50", hipinfer.top_k, values, indices, logits, sorted=True)
    draft, target = (hipinfer.from_numpy(np.exp(_random.standard_normal((2, n, 32000), dtype=np.float32))) for n in (3, 4))
    tokens = integers(_random.integers(0, 32000, (2, 3)))
    yield compute("[2,3,32000] f32", hipinfer.chain_speculative_sampling, empty(2, 4, dtype="i32"), None, draft, tokens, target, seed=1)
    counts = integers(_random.integers(0, 2, (4, 32000)))
    yield case("[4,32000] f32", hipinfer.apply_penalties, filtered, logits, counts, repetition=1.1, presence=0.1, frequency=0.2)


def cases() -> Iterator[Case]:
    yield from norms(64, 4096)
    yield from activations(64, 4096)
    yield from elementwise(64, 4096)
    yield from quantisation(64, 4096)
    yield from ropes(64, 32, 8, 128)
    yield from normed_ropes(2048, 32, 8, 128)
    yield from matrices()
    yield from sampling()
