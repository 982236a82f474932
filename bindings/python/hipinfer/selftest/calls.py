# SPDX-License-Identifier: Apache-2.0
"""A valid call of every operation, of a given size and dtype: what selftest compares and times, and what the emulator's counters
are recorded of."""

from __future__ import annotations

import itertools
import math
from typing import Any, Callable, Dict, Iterator, NamedTuple, Optional, Sequence, Set, Tuple

import numpy as np

from .. import ops
from ..context import Context, default_context
from ..create import empty, from_numpy
from ..dtypes import TO_NUMPY
from ..tensor import Tensor

FLOATS = ("f32", "f16", "bf16")
FP8 = ("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz")
PAGE = 16
SHARES = (1, 7, 0, 4, 9, 2, 6, 3)  # of 32: rows of each expert; one has none


class Sizes(NamedTuple):
    """Extents of the calls; those of the counters by default."""

    rows: Tuple[int, int] = (64, 4096)  # tokens, and elements of a row
    scores: Tuple[int, int, int, int] = (4, 8, 64, 64)
    softmax: Tuple[int, int] = (64, 32000)
    samples: Tuple[int, int] = (4, 32000)
    heads: Tuple[int, int, int, int] = (64, 32, 8, 128)  # tokens, query heads, key heads, head dimension
    normed_tokens: int = 2048  # so many that a thread has several heads
    copied_pages: int = 3
    keys: Tuple[int, ...] = (64, 256)  # of each request; together so many that decode cuts them into chunks
    prompts: Tuple[Tuple[int, int], ...] = ((32, 64), (32, 128))  # tokens, and the keys up to the last of them
    head_dims: Tuple[int, ...] = (64, 128, 256)
    prefill_dims: Tuple[int, ...] = (128,)
    products: Tuple[int, ...] = (1, 16, 64, 256)  # rows of the input; those of 1 and 64 have no gated or scaled product
    weight: Tuple[int, int] = (512, 1024)
    experts: Tuple[int, int, int] = (8, 256, 1024)
    expert_rows: Tuple[int, ...] = (32, 320)
    # As many tiles of 256 as an MI300X has compute units, but for some.
    square: Optional[Tuple[int, int]] = (4096, 64)
    backwards: bool = False  # also products whose input's rows run backwards: other kernels serve them
    latent: Tuple[int, int] = (512, 64)  # columns of a latent key and of its rotated part
    latent_heads: Tuple[int, ...] = (16, 32, 64)
    options: bool = False  # also attention with logarithms of sums, sinks, a window, scales, and with shaped or masked scores


class Kinds(NamedTuple):
    """Dtypes of the calls; those of the counters by default."""

    data: str = "bf16"
    weight: str = "bf16"  # of norms: that of data, or f32
    logits: str = "f32"
    quantised: Tuple[str, ...] = ("e4m3fnuz",)  # what is written
    fp8: Tuple[str, ...] = ("e4m3fn",)  # what attention reads
    factors: Tuple[str, ...] = ("e4m3fn",)  # what products read
    cache: Tuple[str, ...] = ("bf16", "e4m3fnuz")
    copied: Tuple[str, ...] = ("bf16", "e4m3fnuz")
    cast: Tuple[str, ...] = ("f32",)
    indices: Tuple[str, ...] = ("i32",)  # what searches write


class Call(NamedTuple):
    op: str
    shape: str  # with the operation's name it is unique
    arguments: Dict[str, Any]
    least: int  # bytes that have to move
    operations: float  # of the matrix units; 0: memory alone should bound it, if `bound_by_memory`
    bound_by_memory: bool

    def run(self, context: Optional[Context] = None, stream: Any = None, **others: Any) -> None:
        getattr(ops, self.op)(**{**self.arguments, **others}, context=context, stream=stream)


class Maker:
    """Makes tensors in a context. Those of more than `distinct` elements repeat them; what is only written has bytes of `fill`."""

    def __init__(self, context: Optional[Context] = None, distinct: Optional[int] = None, seed: int = 1, fill: int = 0):
        self.context = context or default_context()
        self.distinct, self.fill = distinct, fill
        self.random = np.random.default_rng(seed)
        self.cpu = Context("cpu")

    def of(self, values: np.ndarray, dtype: str) -> Tensor:
        """The values, rounded on the CPU, which needs no kernel; a large tensor is doubled on the device until it is full."""
        given = from_numpy(np.ascontiguousarray(values, dtype=np.float32), self.cpu)
        rounded = given
        if dtype == "i8":
            rounded = from_numpy(np.rint(np.clip(values * 8, -127, 127)).astype(np.int8), self.cpu)
        elif dtype != "f32":
            rounded = empty(given.shape, dtype, self.cpu)
            ops.cast(rounded, given, context=self.cpu)
        if self.context.on_cpu:
            return rounded
        return empty(rounded.shape, dtype, self.context).copy_from(rounded)

    def repeated(self, part: Tensor, shape: Sequence[int]) -> Tensor:
        whole = empty(shape, part.dtype, self.context)
        flat, part, filled = whole.reshape(whole.size), part.reshape(part.size), 0
        while filled < flat.size:
            source = flat[:filled] if filled else part
            count = min(source.size, flat.size - filled)
            flat[filled:filled + count].copy_from(source[:count])
            filled += count
        self.context.synchronize()  # what was copied from may go
        return whole

    def values(self, shape: Sequence[int], dtype: str, values: Callable[[Sequence[int]], np.ndarray]) -> Tensor:
        if self.distinct is None or math.prod(shape) <= self.distinct:
            return self.of(values(shape), dtype)
        return self.repeated(self.of(values([self.distinct]), dtype), shape)

    def tensor(self, *shape: int, dtype: str) -> Tensor:
        return self.values(shape, dtype, lambda s: self.random.standard_normal(s, dtype=np.float32))

    def weights(self, *shape: int, dtype: str, spread: float = 1.0) -> Tensor:
        """Probabilities, but for a factor of each row."""
        return self.values(shape, dtype, lambda s: np.exp(spread * self.random.standard_normal(s, dtype=np.float32)))

    def scales(self, *shape: int) -> Tensor:
        return self.values(shape, "f32", lambda s: 0.02 + np.abs(self.random.standard_normal(s, dtype=np.float32)))

    def empty(self, *shape: int, dtype: str) -> Tensor:
        made = empty(shape, dtype, self.context)
        if not self.fill:
            return made.zero()
        Tensor(self.context, made, made.pointer, [made.nbytes], [1], "u8").copy_from(
            from_numpy(np.full(made.nbytes, self.fill, np.uint8), self.cpu))
        return made

    def integers(self, values: Any, dtype: str = "i32") -> Tensor:
        return from_numpy(np.asarray(values, dtype=TO_NUMPY[dtype]), self.context)


def text(*extents: int) -> str:
    return "[" + ",".join(map(str, extents)) + "]"


def call(op: Callable[..., Any], shape: str, moves: Optional[Sequence[Tensor]] = None, operations: float = 0.0,
         bound_by_memory: bool = True, **arguments: Any) -> Call:
    """`moves`: the tensors that are read or written, once each; by default every one that is given."""
    moved = [a for a in arguments.values() if isinstance(a, Tensor)] if moves is None else moves
    return Call(op.__name__, shape, arguments, sum(t.nbytes for t in moved), operations, bound_by_memory)


def compute(op: Callable[..., Any], shape: str, **arguments: Any) -> Call:
    """An operation that is bound by more than memory."""
    return call(op, shape, bound_by_memory=False, **arguments)


def norms(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (t, n), d = s.rows, k.data
    x, r, y = m.tensor(t, n, dtype=d), m.tensor(t, n, dtype=d), m.empty(t, n, dtype=d)
    w, b = m.tensor(n, dtype=k.weight), m.tensor(n, dtype=k.weight)
    scale, scales, shape = m.scales(1), m.empty(t, dtype="f32"), text(t, n)
    yield call(ops.rmsnorm, shape, output=y, input=x, weight=w)
    yield call(ops.gemma_rmsnorm, shape, output=y, input=x, weight=w)
    yield call(ops.layernorm, shape, output=y, input=x, weight=w, bias=b)
    yield call(ops.fused_add_rmsnorm, shape, input=x, residual=r, weight=w, moves=[x, x, r, r, w])
    yield call(ops.gemma_fused_add_rmsnorm, shape, input=x, residual=r, weight=w, moves=[x, x, r, r, w])
    for kind in k.quantised:
        q, to = m.empty(t, n, dtype=kind), f"{shape} to {kind}"
        if kind != "i8":  # which has dynamic scales alone
            yield call(ops.rmsnorm_quant, to, output=q, input=x, weight=w, scale=scale)
            yield call(ops.layernorm_quant, to, output=q, input=x, weight=w, bias=b, scale=scale)
            yield call(ops.fused_add_rmsnorm_quant, to, output=q, input=x, residual=r, weight=w, scale=scale,
                       moves=[q, x, r, r, w, scale])
        yield call(ops.rmsnorm_dynamic_quant, to, output=q, scales=scales, input=x, weight=w)
        yield call(ops.fused_add_rmsnorm_dynamic_quant, to, output=q, scales=scales, input=x, residual=r, weight=w,
                   moves=[q, scales, x, r, r, w])
    half = (2, max(t // 2, 1), n)
    yield call(ops.adaln, text(*half), output=m.empty(*half, dtype=d), input=m.tensor(*half, dtype=d),
               scale=m.tensor(2, n, dtype=k.weight), shift=m.tensor(2, n, dtype=k.weight))
    _, count, _, dim = s.heads
    heads = m.tensor(t, count, dim, dtype=d)
    yield call(ops.rmsnorm, text(t, count, dim), output=heads, input=heads, weight=m.tensor(dim, dtype=k.weight), moves=[heads, heads])
    yield call(ops.rmsnorm_silu, shape, output=y, input=x, weight=w)
    gate = m.tensor(t, count, dim, dtype=d)
    yield call(ops.gated_rmsnorm, text(t, count, dim), output=m.empty(t, count, dim, dtype=d), input=heads, gate=gate,
               weight=m.tensor(dim, dtype=k.weight), activation="silu")
    of_stream, of_branch = m.tensor(n, dtype="f32"), m.tensor(n, dtype="f32")
    yield call(ops.gated_residual_rmsnorm, f"{shape} f32 stream", output=m.empty(t, n, dtype="f32"), normed=y, branch=x,
               residual=m.tensor(t, n, dtype="f32"), weight=w, alpha=of_stream, beta=of_branch, next_weight=b)


def activations(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (t, n), d = s.rows, k.data
    packed, y, shape = m.tensor(t, 2 * n, dtype=d), m.empty(t, n, dtype=d), text(t, 2 * n)
    scale, scales = m.scales(1), m.empty(t, dtype="f32")
    for name in ("silu", "gelu", "gelu_tanh"):
        yield call(getattr(ops, f"{name}_and_mul"), shape, output=y, input=packed)
        for kind in k.quantised:
            q, to = m.empty(t, n, dtype=kind), f"{shape} to {kind}"
            yield call(getattr(ops, f"{name}_and_mul_quant"), to, output=q, input=packed, scale=scale)
            yield call(getattr(ops, f"{name}_and_mul_dynamic_quant"), to, output=q, scales=scales, input=packed)
    yield call(ops.swiglu, text(t, n), output=y, gate=m.tensor(t, n, dtype=d), up=m.tensor(t, n, dtype=d))


def elementwise(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (t, n), d = s.rows, k.data
    x, y, shape = m.tensor(t, n, dtype=d), m.empty(t, n, dtype=d), text(t, n)
    yield call(ops.scale, shape, output=y, input=x, factor=0.5)
    for kind in k.cast:
        yield call(ops.cast, f"{shape} to {kind}", output=m.empty(t, n, dtype=kind), input=x)
    odd, odd_out = m.tensor(t, n - 1, dtype=d), m.empty(t, n - 1, dtype=d)
    yield call(ops.scale, text(t, n - 1), output=odd_out, input=odd, factor=0.5)
    wide, wide_out = m.tensor(t, n + 8, dtype=d)[:, :n], m.empty(t, n + 8, dtype=d)[:, :n]
    yield call(ops.scale, f"{shape} of wider rows", output=wide_out, input=wide, factor=0.5)
    count = max(1000, t)
    table, rows = m.tensor(count, n, dtype=d), m.integers(m.random.permutation(count)[:t])
    yield call(ops.embedding, f"{text(count, n)} {t} rows", output=y, table=table, indices=rows, moves=[y, y, rows])
    scores = m.tensor(*s.scores, dtype=d)
    yield compute(ops.causal_mask, text(*s.scores), output=scores, input=scores, value=float("-inf"), moves=[scores, scores])
    yield call(ops.masked_softmax, text(*s.scores), output=m.empty(*s.scores, dtype=d), input=m.tensor(*s.scores, dtype=d))
    logits, shape = m.tensor(*s.softmax, dtype=k.logits), f"{text(*s.softmax)} {k.logits}"
    for kind in dict.fromkeys((k.logits, "f32")):
        to = shape if kind == k.logits else f"{shape} to {kind}"
        yield call(ops.softmax, to, output=m.empty(*s.softmax, dtype=kind), input=logits)


def quantisation(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (t, n), d = s.rows, k.data
    x, y, shape = m.tensor(t, n, dtype=d), m.empty(t, n, dtype=d), text(t, n)
    group = next(g for g in (128, 16, 7, 1) if n % g == 0)
    scale, scales = m.scales(1), m.empty(t, dtype="f32")
    for kind in k.quantised:
        q, groups, to = m.empty(t, n, dtype=kind), m.empty(t, n // group, dtype="f32"), f"{shape} to {kind}"
        if kind != "i8":
            yield call(ops.cast, to, output=q, input=x)
            yield call(ops.cast, f"{shape} from {kind}", output=y, input=m.tensor(t, n, dtype=kind))
        yield call(ops.quantize_per_tensor, to, output=q, input=x, scale=scale)
        yield call(ops.quantize_per_token, to, output=q, scales=scales, input=x)
        yield call(ops.quantize_per_group, to, output=q, scales=groups, input=x, group_size=group)
        yield call(ops.dequantize, f"{shape} from {kind}", output=y, input=m.tensor(t, n, dtype=kind), scales=m.scales(t, n // group),
                   group_rows=1, group_size=group)


def paged(m: Maker, lengths: Sequence[int]) -> Tuple[int, Dict[str, Any]]:
    """Pages that requests of such lengths need, with some to spare, and their page table; the pages are dealt at random."""
    counts = [-(-n // PAGE) for n in lengths]
    pages = sum(counts) + 4
    dealt = m.random.permutation(pages)[:sum(counts)]
    last = [n - (c - 1) * PAGE for n, c in zip(lengths, counts)]
    return pages, {"kv_indptr": m.integers(list(itertools.accumulate(counts, initial=0))), "kv_indices": m.integers(dealt),
                   "kv_last_page_len": m.integers(last)}


def ropes(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (t, heads, kv_heads, dim), d = s.heads, k.data
    q, key, value = (m.tensor(t, h, dim, dtype=d) for h in (heads, kv_heads, kv_heads))
    turns = np.outer(np.arange(max(128, t)), 10000.0 ** (-2 / dim * np.arange(dim // 2)))
    table, positions = m.of(np.hstack([np.cos(turns), np.sin(turns)]), "f32"), m.integers(np.arange(t))
    shape = f"q {text(t, heads, dim)} k {text(t, kv_heads, dim)}"
    yield compute(ops.rope_cos_sin_cache, text(*table.shape), output=table)
    angles = table[:t]
    yield call(ops.rope, shape, q_out=q, k_out=key, q=q, k=key, cos_sin=table, positions=positions,
               moves=[q, q, key, key, angles, positions])
    yield compute(ops.rope_theta, shape, q_out=q, k_out=key, q=q, k=key, positions=positions, moves=[q, q, key, key, positions])
    pages, lists = paged(m, [t // 2, t - t // 2])
    lists |= {"batch_indices": m.integers([0] * (t // 2) + [1] * (t - t // 2)),
              "positions": m.integers([*range(t // 2), *range(t - t // 2)])}
    for kind in k.cache:
        caches = [m.empty(pages, PAGE, kv_heads, dim, dtype=kind) for _ in range(2)]
        part = [c.reshape(pages * PAGE, kv_heads, dim)[:t] for c in caches]  # as many bytes as are written
        cache: Dict[str, Any] = {"k_cache": caches[0], "v_cache": caches[1]}
        yield call(ops.append_paged_kv_cache, f"{t} tokens of {text(kv_heads, dim)} to {kind}", **cache, append_key=key,
                   append_value=value, **lists, moves=[key, value, *part, *lists.values()])
        yield call(ops.rope_append_kv, f"{shape} to {kind}", q_out=q, **cache, q=q, k=key, v=value, cos_sin=table, **lists,
                   moves=[q, q, key, value, *part, angles[:t // 2], *lists.values()])
    count = s.copied_pages
    for kind in k.copied:
        caches = [m.tensor(2 * count, PAGE, kv_heads, dim, dtype=kind) for _ in range(2)]
        yield call(ops.copy_blocks, f"{count} pages of {PAGE} x {text(kv_heads, dim)} of {kind}", k_cache=caches[0], v_cache=caches[1],
                   block_mapping=m.integers([[i, i + count] for i in range(count)]), moves=caches)
    parts = [m.tensor(t, h, dim, dtype=d) for h in (heads, kv_heads, heads, kv_heads)]
    names = ("q_rope", "k_rope", "q_nope", "k_nope")
    for kind in k.quantised:
        if kind == "i8":
            continue
        fp8 = [m.empty(*x.shape, dtype=kind) for x in parts]
        given: Dict[str, Any] = {**{f"{n}_out": x for n, x in zip(names, fp8)}, **dict(zip(names, parts))}
        yield call(ops.rope_quantize_fp8, f"{shape} and as much that is not turned to {kind}", **given, cos_sin=table,
                   positions=positions, moves=[*fp8, *parts, angles, positions])
    yield compute(ops.get_batch_indices_positions, f"2 requests, {t} tokens", batch_indices=m.empty(t, dtype="i32"),
                  positions=m.empty(t, dtype="i32"), append_indptr=m.integers([0, t // 2, t]), seq_lens=m.integers([t, t]))
    yield compute(ops.get_seq_lens, "2 requests", seq_lens=m.empty(2, dtype="i32"), kv_indptr=lists["kv_indptr"],
                  kv_last_page_len=lists["kv_last_page_len"], page_size=PAGE)
    rows = [m.tensor(t, width, dtype=d) for width in s.latent]
    latent = [m.empty(pages, PAGE, width, dtype=d) for width in s.latent]
    yield call(ops.append_paged_mla_kv_cache, f"{t} tokens of {text(*s.latent)}", ckv_cache=latent[0], kpe_cache=latent[1],
               append_ckv=rows[0], append_kpe=rows[1], **lists, moves=[*rows, *rows, *lists.values()])


def normed_ropes(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (_, heads, kv_heads, dim), t, d = s.heads, s.normed_tokens, k.data
    q, key, weight = m.tensor(t, heads, dim, dtype=d), m.tensor(t, kv_heads, dim, dtype=d), m.tensor(dim, dtype=k.weight)
    angles, positions = m.tensor(t, dim, dtype="f32"), m.integers(np.arange(t))
    shape = f"q {text(t, heads, dim)} k {text(t, kv_heads, dim)}"
    for interleaved in (False, True):
        yield call(ops.qk_norm_rope, shape + (", neighbours" if interleaved else ""), q_out=q, k_out=key, q=q, k=key,
                   q_weight=weight, k_weight=weight, cos_sin=angles, positions=positions, interleaved=interleaved,
                   moves=[q, q, key, key, angles, positions])


def attention(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (_, heads, kv_heads, dim), d, n = s.heads, k.data, len(s.keys)
    pages, lists = paged(m, s.keys)

    def counted(values: Sequence[int], of: str) -> str:
        return f"{len(values)} x {values[0]} {of}" if len(set(values)) == 1 else f"{' + '.join(map(str, values))} {of}"

    def other(made: Call, what: str, **arguments: Any) -> Call:
        return made._replace(shape=f"{made.shape}, {what}", arguments={**made.arguments, **arguments})

    def with_options(made: Call, cache: Tensor, longest: int) -> Iterator[Call]:
        """Every option in one of two calls: kernels for scores that nothing shapes serve the first alone."""
        if s.options:
            fp8 = cache.dtype in FP8
            scales = [{"k_scale": m.scales(kv_heads), "v_scale": m.scales(1)}, {"k_scale": m.scales(1), "v_scale": m.scales(kv_heads)}]
            sums = m.empty(made.arguments["query"].shape[0], heads, dtype="f32")
            yield other(made, "windowed", lse=sums, sinks=m.tensor(heads, dtype="f32"), sliding_window=2 * longest // 3,
                        **(scales[0] if fp8 else {}))
            yield other(made, "shaped", logits_soft_cap=5.0, alibi_slopes=m.of(0.5 ** np.arange(1, heads + 1), "f32"), sm_scale=0.2,
                        **(scales[1] if fp8 else {}))

    for size in s.head_dims:
        q, y = m.tensor(n, heads, size, dtype=d), m.empty(n, heads, size, dtype=d)
        for kind in (d, *k.fp8):
            cache = [m.tensor(pages, PAGE, kv_heads, size, dtype=kind) for _ in range(2)]
            read = 2 * sum(s.keys) * kv_heads * size * cache[0].itemsize
            made = call(ops.paged_attention_decode, f"{counted(s.keys, 'keys')} of {kind}, {heads}/{kv_heads} heads of {size}",
                        output=y, lse=None, query=q, k_cache=cache[0], v_cache=cache[1], **lists, moves=[q, y], bound_by_memory=False)
            yield made._replace(least=made.least + read)
            if kind in (d, k.fp8[0]):
                yield from with_options(made, cache[0], max(s.keys))
    tokens, keys = zip(*s.prompts)
    pages, lists = paged(m, keys)
    new = m.integers(list(itertools.accumulate(tokens, initial=0)))
    # A token sees the keys up to its own: of each pair that is seen, a product with a key and one with a value.
    pairs = sum(t * (length - t) + t * (t + 1) / 2 for t, length in s.prompts)
    if s.options:
        bits_of = list(itertools.accumulate((-(-t * length // 8) for t, length in s.prompts), initial=0))
        mask = m.integers(m.random.integers(0, 256, bits_of[-1]), "u8")
    for size in s.prefill_dims:
        q, y = m.tensor(sum(tokens), heads, size, dtype=d), m.empty(sum(tokens), heads, size, dtype=d)
        for kind in (d, *k.fp8):
            cache = [m.tensor(pages, PAGE, kv_heads, size, dtype=kind) for _ in range(2)]
            shape = f"{counted(tokens, 'tokens')} on {counted(keys, 'keys')} of {kind}, {heads}/{kv_heads} heads of {size}"
            made = call(ops.paged_attention_prefill, shape, output=y, lse=None, query=q, k_cache=cache[0], v_cache=cache[1],
                        qo_indptr=new, **lists, causal=True, operations=4.0 * pairs * heads * size, bound_by_memory=False)
            yield made
            if kind in (d, k.fp8[0]):
                yield from with_options(made, cache[0], max(keys))
                if s.options:
                    yield other(made, "masked", custom_mask=mask, mask_indptr=m.integers(bits_of))
    t = s.heads[0]
    parts, shape = [m.tensor(t, heads, dim, dtype=d) for _ in range(2)], text(t, heads, dim)
    sums = [m.tensor(t, heads, dtype="f32") for _ in range(2)]
    merged: Dict[str, Any] = {"output": m.empty(t, heads, dim, dtype=d), "lse": m.empty(t, heads, dtype="f32")}
    yield call(ops.merge_state, shape, **merged, v_a=parts[0], s_a=sums[0], v_b=parts[1], s_b=sums[1])
    yield call(ops.merge_state_in_place, shape, v=parts[0], s=sums[0], v_other=parts[1], s_other=sums[1],
               moves=[*parts, *sums, parts[0], sums[0]])
    yield call(ops.merge_states, f"4 states of {shape}", **merged, v=m.tensor(t, 4, heads, dim, dtype=d),
               s=m.tensor(t, 4, heads, dtype="f32"))
    (latent, rotated), all_tokens = s.latent, sum(tokens)
    caches = [m.tensor(pages, PAGE, width, dtype=d) for width in s.latent]
    of_keys: Dict[str, Any] = {"ckv_cache": caches[0], "kpe_cache": caches[1], "kv_indptr": lists["kv_indptr"],
                               "kv_indices": lists["kv_indices"], "kv_len": m.integers(keys), "sm_scale": 0.0722}
    for count in s.latent_heads:
        for rows, starts, seen in ((n, m.integers(range(n + 1)), float(sum(keys))), (all_tokens, new, pairs)):
            if rows == n and n != len(keys):
                continue
            queries = [m.tensor(rows, count, width, dtype=d) for width in s.latent]
            y = m.empty(rows, count, latent, dtype=d)
            shape = f"{rows} tokens on {counted(keys, 'keys')} of {d}, {count} heads of {latent} + {rotated}"
            made = call(ops.paged_mla_attention, shape, output=y, lse=None, q_nope=queries[0], q_pe=queries[1], **of_keys,
                        qo_indptr=starts, causal=True, moves=[*queries, y], operations=2.0 * seen * count * (2 * latent + rotated),
                        bound_by_memory=False)
            yield made._replace(least=made.least + sum(keys) * (latent + rotated) * caches[0].itemsize)


def blocks(n: int) -> int:
    return -(-n // 128)


def products(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (n, depth), (e, expert_n, expert_k), d = s.weight, s.experts, k.data
    weight, up, experts = m.tensor(n, depth, dtype=d), m.tensor(n, depth, dtype=d), m.tensor(*s.experts, dtype=d)

    def product(op: Callable[..., Any], shape: str, rows: int, columns: int, summed: int, **arguments: Any) -> Call:
        return call(op, shape, operations=2.0 * rows * columns * summed, bound_by_memory=False, **arguments)

    def inputs(rows: int, columns: int) -> Iterator[Tuple[str, Tensor]]:
        x = m.tensor(rows, columns, dtype=d)
        yield text(rows, columns), x
        if s.backwards:
            yield f"{text(rows, columns)} backwards", x[::-1]

    for rows in s.products:
        for shape, x in inputs(rows, depth):
            yield product(ops.gemm, f"{shape} x {text(n, depth)}", rows, n, depth, output=m.empty(rows, n, dtype=d), input=x,
                          weight=weight)
        if rows not in (1, 64):
            for shape, x in inputs(rows, depth):
                yield product(ops.gate_up_swiglu, f"{shape} x 2 {text(n, depth)}", rows, 2 * n, depth, output=m.empty(rows, n, dtype=d),
                              input=x, gate=weight, up=up)
    for rows in s.expert_rows:
        indptr = m.integers(np.cumsum([0, *(rows * share // 32 for share in SHARES)]))
        of_experts = f"{e} {text(expert_n, expert_k)}"
        for shape, x in inputs(rows, expert_k):
            yield product(ops.gemm_grouped, f"{shape} x {of_experts}", rows, expert_n, expert_k,
                          output=m.empty(rows, expert_n, dtype=d), input=x, weight=experts, indptr=indptr)
        for kind in k.factors:
            x, w = m.tensor(rows, expert_k, dtype=kind), m.tensor(*s.experts, dtype=kind)
            by_blocks = m.scales(rows, blocks(expert_k)), m.scales(e, blocks(expert_n), blocks(expert_k))
            for by, (of_input, of_weight) in {"": (m.scales(rows, 1), m.scales(e, 1, 1)), " by blocks": by_blocks}.items():
                yield product(ops.gemm_grouped_scaled, f"{text(rows, expert_k)} x {of_experts} {kind}{by}", rows, expert_n, expert_k,
                              output=m.empty(rows, expert_n, dtype=d), input=x, weight=w, input_scale=of_input, weight_scale=of_weight,
                              indptr=indptr)
    for kind in k.factors:
        w, of_blocks, one = m.tensor(n, depth, dtype=kind), m.scales(blocks(n), blocks(depth)), m.scales(1)
        for rows in s.products:
            if rows in (1, 64):
                continue
            x, y, shape = m.tensor(rows, depth, dtype=kind), m.empty(rows, n, dtype=d), f"{text(rows, depth)} x {text(n, depth)} {kind}"
            yield product(ops.gemm_scaled, shape, rows, n, depth, output=y, input=x, weight=w, input_scale=one, weight_scale=one)
            yield product(ops.gemm_scaled, f"{shape} by blocks", rows, n, depth, output=y, input=x, weight=w,
                          input_scale=m.scales(rows, blocks(depth)), weight_scale=of_blocks)
    if s.square:
        n, depth = s.square
        yield product(ops.gemm, f"{text(n, depth)} x {text(n, depth)}", n, n, depth, output=m.empty(n, n, dtype=d),
                      input=m.tensor(n, depth, dtype=d), weight=m.tensor(n, depth, dtype=d))


def sampling(m: Maker, s: Sizes, k: Kinds) -> Iterator[Call]:
    (t, v), d = s.samples, k.logits
    logits, shape = m.tensor(t, v, dtype=d), f"{text(t, v)} {d}"
    probs = m.weights(t, v, dtype=d, spread=2.0)
    chosen, few = m.empty(t, dtype="i32"), min(50, v)
    drawn: Dict[str, Any] = {"output": chosen, "valid": None, "seed": 1}
    for kind in k.indices:
        yield compute(ops.argmax, shape if kind == "i32" else f"{shape} to {kind}", output=m.empty(t, dtype=kind), input=logits)
    yield compute(ops.top_k_top_p_sampling_from_logits, shape, **drawn, logits=logits, top_k=few, top_p=0.9)
    yield compute(ops.sampling_from_logits, shape, **drawn, logits=logits)
    yield compute(ops.sampling_from_probs, shape, **drawn, probs=probs)
    yield compute(ops.min_p_sampling_from_probs, shape, **drawn, probs=probs, min_p=0.1)
    yield compute(ops.top_p_sampling_from_probs, shape, **drawn, probs=probs, top_p=0.9)
    yield compute(ops.top_k_sampling_from_probs, shape, **drawn, probs=probs, top_k=few)
    yield compute(ops.top_k_top_p_sampling_from_probs, shape, **drawn, probs=probs, top_k=few, top_p=0.9)
    filtered = m.empty(t, v, dtype=d)
    yield compute(ops.top_k_renorm_probs, shape, output=filtered, probs=probs, top_k=few)
    yield compute(ops.top_p_renorm_probs, shape, output=filtered, probs=probs, top_p=0.9)
    yield compute(ops.top_k_mask_logits, shape, output=filtered, logits=logits, top_k=few)
    for kind in k.indices:
        yield compute(ops.top_k, f"{shape}, k {few}" + ("" if kind == "i32" else f" to {kind}"), values=m.empty(t, few, dtype=d),
                      indices=m.empty(t, few, dtype=kind), input=logits, sorted=True)
    b = max(t // 2, 1)
    draft, target = (m.weights(b, n, v, dtype=d) for n in (3, 4))
    yield compute(ops.chain_speculative_sampling, f"{text(b, 3, v)} {d}", output=m.empty(b, 4, dtype="i32"), valid=None,
                  draft_probs=draft, draft_token_ids=m.integers(m.random.integers(0, v, (b, 3))), target_probs=target, seed=1)
    counts = m.integers(m.random.integers(0, 2, (t, v)))
    yield call(ops.apply_penalties, shape, output=filtered, logits=logits, counts=counts, repetition=1.1, presence=0.1, frequency=0.2)
    routed, of_expert = m.tensor(s.rows[0], 256, dtype=k.data), m.tensor(256, dtype="f32")
    for kind in k.indices:
        yield compute(ops.grouped_top_k, f"{text(s.rows[0], 256)} 8 of 4 groups" + ("" if kind == "i32" else f" to {kind}"),
                      weights=m.empty(s.rows[0], 8, dtype="f32"), indices=m.empty(s.rows[0], 8, dtype=kind), logits=routed,
                      bias=of_expert, groups=8, top_groups=4, scaling=2.5)
    slots, lengths = m.empty(t, few, dtype="i32"), m.integers(np.arange(v, v - t, -1))
    yield compute(ops.top_k_ragged_transform, f"{shape}, k {few}", output=slots, scores=logits, offsets=m.integers(np.arange(t)),
                  lengths=lengths, row_starts=m.integers(np.arange(t) % 3))
    pages = m.integers(m.random.integers(0, 1000, (t, -(-v // PAGE))))
    yield compute(ops.top_k_page_table_transform, f"{shape}, k {few}", output=slots, raw_indices=m.empty(t, few, dtype="i32"),
                  scores=logits, page_table=pages, lengths=lengths, page_size=PAGE)
    for kind in k.indices:
        tokens = m.integers(m.random.integers(0, v, t), kind)
        yield compute(ops.token_logprobs, f"{shape}, top {few}" + ("" if kind == "i32" else f" of {kind}"),
                      logprobs=m.empty(t, dtype="f32"), ranks=m.empty(t, dtype="i32"), top_logprobs=m.empty(t, few, dtype="f32"),
                      top_indices=m.empty(t, few, dtype="i32"), logits=logits, tokens=tokens, temperature=0.8)


FAMILIES = (norms, activations, elementwise, quantisation, ropes, normed_ropes, attention, products, sampling)


def calls(number: int, sizes: Sizes, kinds: Kinds, context: Optional[Context] = None, distinct: Optional[int] = None,
          fill: int = 0) -> Iterator[Call]:
    """The calls of one family, each made when it is asked for. The random numbers are its own."""
    return FAMILIES[number](Maker(context, distinct, number, fill), sizes, kinds)


def operations_of(number: int, _known: Dict[int, Set[str]] = {}) -> Set[str]:  # noqa: B006
    """What a family calls. Every operation is in one."""
    if number not in _known:
        few = Sizes((1, 8), (1, 1, 1, 8), (1, 8), (1, 8), (2, 1, 1, 8), 1, 1, (1,), ((1, 1),), (8,), (8,), products=(2,),
                    weight=(8, 16), experts=(8, 8, 16), expert_rows=(1,), square=None)
        _known[number] = {c.op for c in calls(number, few, Kinds(), Context("cpu"))}
    return _known[number]
