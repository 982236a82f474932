# SPDX-License-Identifier: Apache-2.0
"""What is measured: for each operation its shapes, the bytes that it has to move, our call, and the peers' calls.

A case function takes a shape and gives (bytes, {name: call}). Names: "hipinfer", and the peers "torch", "torch.compile",
"liger", "flashinfer". The bytes are the least possible: each input read once, each output written once.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, Tuple

import torch
import torch.nn.functional as F

import hipinfer

Calls = Dict[str, Callable[[], object]]
Shape = Tuple[int, ...]


def peer(module: str) -> Any:
    """The module, or None where this machine does not have it."""
    try:
        return importlib.import_module(module)
    except Exception as error:  # a peer that breaks at import is a peer that is not there; the run says which
        missing[module] = f"{type(error).__name__}: {error}"
        return None


missing: Dict[str, str] = {}
flashinfer = peer("flashinfer")
liger_norm = peer("liger_kernel.ops.rms_norm")
liger_swiglu = peer("liger_kernel.ops.swiglu")
liger_geglu = peer("liger_kernel.ops.geglu")
liger_rope = peer("liger_kernel.ops.rope")
liger_layer_norm = peer("liger_kernel.ops.layer_norm")
liger_fused = peer("liger_kernel.ops.fused_add_rms_norm")


def rand(*shape: int, dtype: torch.dtype = torch.bfloat16) -> torch.Tensor:
    return torch.randn(*shape, device="cuda", dtype=torch.float32).to(dtype)


def size(*tensors: torch.Tensor) -> int:
    return sum(t.numel() * t.element_size() for t in tensors)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    return torch.compile(function, dynamic=False, fullgraph=True)


@dataclass
class Case:
    op: str
    make: Callable[..., Tuple[int, Calls]]
    shapes: Tuple[Shape, ...]


CASES: Dict[str, Case] = {}
# Hidden sizes of real models, and tokens from one to a long prefill.
ROWS = tuple((t, n) for n in (128, 1024, 2048, 4096, 5120, 8192, 16384) for t in (1, 16, 64, 1024, 8192, 65536)
             if t * n <= 1 << 29)


def case(op: str, shapes: Tuple[Shape, ...] = ROWS) -> Callable[[Any], Any]:
    def register(make: Any) -> Any:
        if hasattr(hipinfer, op.split("/")[0]):
            CASES[op] = Case(op, make, shapes)
        return make
    return register


def all_cases(wanted: str) -> Iterator[Case]:
    return (c for name, c in CASES.items() if not wanted or any(w in name for w in wanted.split(",")))


@case("rmsnorm")
def rmsnorm(t: int, n: int) -> Tuple[int, Calls]:
    x, w, y = rand(t, n), rand(n), rand(t, n)
    calls: Calls = {"hipinfer": lambda: hipinfer.rmsnorm(y, x, w, eps=1e-6), "torch": lambda: F.rms_norm(x, (n,), w, 1e-6)}
    f = compiled(lambda x, w: F.rms_norm(x, (n,), w, 1e-6))
    calls["torch.compile"] = lambda: f(x, w)
    if flashinfer:
        calls["flashinfer"] = lambda: flashinfer.norm.rmsnorm(x, w, 1e-6, out=y)
    if liger_norm:
        calls["liger"] = lambda: liger_norm.rms_norm_forward(x, w, 1e-6, 0.0, "llama", None)
    return size(x, w, y), calls


@case("fused_add_rmsnorm")
def fused_add_rmsnorm(t: int, n: int) -> Tuple[int, Calls]:
    x, r, w = rand(t, n) * 0, rand(t, n), rand(n)

    def plain(x: torch.Tensor, r: torch.Tensor, w: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        r = r + x
        return F.rms_norm(r, (n,), w, 1e-6), r

    f = compiled(plain)
    calls: Calls = {"hipinfer": lambda: hipinfer.fused_add_rmsnorm(x, r, w, eps=1e-6), "torch": lambda: plain(x, r, w),
                    "torch.compile": lambda: f(x, r, w)}
    if flashinfer:
        calls["flashinfer"] = lambda: flashinfer.norm.fused_add_rmsnorm(x, r, w, 1e-6)
    if liger_fused:
        calls["liger"] = lambda: liger_fused.fused_add_rms_norm_forward(x, r, w, 1e-6, 0.0, "llama")
    return 2 * size(x, r) + size(w), calls


def activation(ours: str, act: Callable[[torch.Tensor], torch.Tensor], liger: Any = None) -> Any:
    def make(t: int, n: int) -> Tuple[int, Calls]:
        x, y = rand(t, 2 * n), rand(t, n)

        def plain(x: torch.Tensor) -> torch.Tensor:
            return act(x[..., :n]) * x[..., n:]

        f = compiled(plain)
        call = getattr(hipinfer, ours)
        calls: Calls = {"hipinfer": lambda: call(y, x), "torch": lambda: plain(x), "torch.compile": lambda: f(x)}
        if flashinfer:
            theirs = getattr(flashinfer.activation, ours)
            calls["flashinfer"] = lambda: theirs(x, out=y)
        if liger:
            gate, up = x[:, :n].contiguous(), x[:, n:].contiguous()
            calls["liger"] = lambda: liger(gate, up)
        return size(x, y), calls
    return make


ACTIVATION_ROWS = tuple((t, n) for t, n in ROWS if n >= 1024 and 2 * t * n <= 1 << 29)
case("silu_and_mul", ACTIVATION_ROWS)(activation("silu_and_mul", F.silu, liger_swiglu and liger_swiglu.swiglu_forward))
case("gelu_and_mul", ACTIVATION_ROWS)(activation("gelu_and_mul", F.gelu))
case("gelu_tanh_and_mul", ACTIVATION_ROWS)(activation("gelu_tanh_and_mul", lambda x: F.gelu(x, approximate="tanh"),
                                                      liger_geglu and liger_geglu.geglu_forward))


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    half = x.shape[-1] // 2
    a, b = x[..., :half].float(), x[..., half:].float()
    c, s = cos[:, None], sin[:, None]
    return torch.cat((a * c - b * s, b * c + a * s), -1).to(x.dtype)


# Llama 3 8B and 70B, Qwen3 0.6B.
@case("rope", tuple((t, hq, hk, 128) for hq, hk in ((32, 8), (64, 8), (16, 8)) for t in (1, 16, 64, 1024, 8192, 65536)))
def rope(t: int, hq: int, hk: int, d: int) -> Tuple[int, Calls]:
    q, k = rand(t, hq, d), rand(t, hk, d)
    q_out, k_out = torch.empty_like(q), torch.empty_like(k)
    cache = torch.empty(t, d, device="cuda")
    hipinfer.rope_cos_sin_cache(cache)
    positions = torch.arange(t, device="cuda", dtype=torch.int32)
    cos, sin = cache[:, : d // 2].contiguous(), cache[:, d // 2:].contiguous()
    f = compiled(lambda q, k: (rotate(q, cos, sin), rotate(k, cos, sin)))
    calls: Calls = {"hipinfer": lambda: hipinfer.rope(q_out, k_out, q, k, cache, positions),
                    "torch": lambda: (rotate(q, cos, sin), rotate(k, cos, sin)), "torch.compile": lambda: f(q, k)}
    if flashinfer:
        q2, k2 = q.reshape(t, hq * d), k.reshape(t, hk * d)
        calls["flashinfer"] = lambda: flashinfer.rope.apply_rope_with_cos_sin_cache(positions, q2, k2, d, cache)
    if liger_rope:
        q4, k4 = q.transpose(0, 1)[None].clone(), k.transpose(0, 1)[None].clone()
        c2, s2 = (torch.cat((x, x), -1)[None].to(q.dtype) for x in (cos, sin))
        calls["liger"] = lambda: liger_rope.rope_forward(q4, k4, c2, s2)
    return 2 * size(q, k) + size(cache), calls


@case("append_paged_kv_cache", tuple((t, h, 128, page) for h in (8, 32) for page in (16,) for t in (1, 16, 64, 1024, 8192, 65536)))
def append_paged_kv_cache(t: int, h: int, d: int, page: int) -> Tuple[int, Calls]:
    pages = (t + page - 1) // page
    cache = torch.zeros(pages, 2, page, h, d, device="cuda", dtype=torch.bfloat16)
    k, v = rand(t, h, d), rand(t, h, d)
    ints = {"device": "cuda", "dtype": torch.int32}
    batch, positions = torch.zeros(t, **ints), torch.arange(t, **ints)
    indices, indptr = torch.randperm(pages, device="cuda").int(), torch.tensor([0, pages], **ints)
    last = torch.tensor([t - (pages - 1) * page], **ints)
    slots = indices.long()[positions.long() // page] * page + positions.long() % page
    keys, values = torch.zeros(pages * page, h, d, device="cuda", dtype=torch.bfloat16), torch.zeros_like(cache[:, 0]).view(-1, h, d)

    def plain() -> None:
        keys.index_copy_(0, slots, k)
        values.index_copy_(0, slots, v)

    calls: Calls = {"hipinfer": lambda: hipinfer.append_paged_kv_cache(cache[:, 0], cache[:, 1], k, v, batch, positions, indices, indptr, last),
                    "torch": plain}
    if flashinfer:
        calls["flashinfer"] = lambda: flashinfer.page.append_paged_kv_cache(k, v, batch, positions, cache, indices, indptr, last)
    return 2 * size(k, v) + size(batch, positions), calls


def elementwise(ours: Callable[..., Any], plain: Callable[..., torch.Tensor], to: torch.dtype = torch.bfloat16) -> Any:
    def make(t: int, n: int) -> Tuple[int, Calls]:
        x = rand(t, n)
        y = torch.empty(t, n, device="cuda", dtype=to)
        f = compiled(plain)
        calls: Calls = {"hipinfer": lambda: ours(y, x), "torch": lambda: plain(x), "torch.compile": lambda: f(x)}
        return size(x, y), calls
    return make


case("scale")(elementwise(lambda y, x: hipinfer.scale(y, x, 0.5), lambda x: x * 0.5))
case("cast/f32")(elementwise(lambda y, x: hipinfer.cast(y, x), lambda x: x.float(), torch.float32))
if hasattr(torch, "float8_e4m3fn"):
    case("cast/e4m3fn")(elementwise(lambda y, x: hipinfer.cast(y, x), lambda x: x.clamp(-448, 448).to(torch.float8_e4m3fn), torch.float8_e4m3fn))


@case("embedding", tuple((t, n) for n in (2048, 4096, 8192) for t in (1, 16, 64, 1024, 8192, 32768)))
def embedding(t: int, n: int) -> Tuple[int, Calls]:
    table = rand(32000, n)
    ids = torch.randint(0, 32000, (t,), device="cuda", dtype=torch.int32)
    y = torch.empty(t, n, device="cuda", dtype=torch.bfloat16)
    f = compiled(lambda ids: F.embedding(ids, table))
    return 2 * size(y) + size(ids), {"hipinfer": lambda: hipinfer.embedding(y, table, ids), "torch": lambda: F.embedding(ids, table),
                                     "torch.compile": lambda: f(ids)}


@case("softmax", tuple((t, n) for n in (4096, 32000, 151936) for t in (1, 16, 64, 1024) if t * n <= 1 << 28))
def softmax(t: int, n: int) -> Tuple[int, Calls]:
    x = rand(t, n, dtype=torch.float32)
    y = torch.empty_like(x)
    f = compiled(lambda x: torch.softmax(x, -1))
    calls: Calls = {"hipinfer": lambda: hipinfer.softmax(y, x), "torch": lambda: torch.softmax(x, -1), "torch.compile": lambda: f(x)}
    return size(x, y), calls
