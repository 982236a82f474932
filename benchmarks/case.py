# SPDX-License-Identifier: Apache-2.0
"""What a case is, the peers that this machine has, and the grids of shapes.

A case's function takes a shape and gives the least bytes that the operation has to move (each input read once, each output
written once) and a call for each implementation: "hipinfer", and the peers "torch", "torch.compile", "cublas",
"triton", "liger", "flashinfer". It is called again for each set of tensors that the measurement rotates through.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, Optional, Tuple

import hipinfer
import torch

Calls = Dict[str, Callable[[], object]]
Shape = Tuple[int, ...]
Work = Tuple[int, Calls]

missing: Dict[str, str] = {}


def peer(module: str, name: Optional[str] = None) -> Any:
    """The module or its member, or None where this machine does not have it."""
    try:
        found = importlib.import_module(module)
        return getattr(found, name) if name else found
    except Exception as error:  # a peer that breaks at import is a peer that is not there; the run says which
        missing[module] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        return None


flashinfer = peer("flashinfer")


def flashinfer_has(module: str, name: str) -> Any:
    return None if flashinfer is None else getattr(getattr(flashinfer, module, None), name, None)


BF16, F32, I32 = torch.bfloat16, torch.float32, torch.int32
FP8 = torch.float8_e4m3fn


def rand(*shape: int, dtype: torch.dtype = BF16) -> torch.Tensor:
    if dtype in (BF16, F32, torch.float16):
        return torch.randn(*shape, device="cuda", dtype=dtype)
    return torch.randn(*shape, device="cuda", dtype=BF16).to(dtype)


def empty(*shape: int, dtype: torch.dtype = BF16) -> torch.Tensor:
    return torch.empty(*shape, device="cuda", dtype=dtype)


def size(*tensors: torch.Tensor) -> int:
    return sum(t.numel() * t.element_size() for t in tensors)


_compiled: Dict[Any, Callable[..., Any]] = {}
tokens_dynamic = False  # set by run.py: the full grid compiles once for a row length, as engines do, not for each shape


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """torch.compile's version of a function of module level, or of one kept by its caller."""
    found = _compiled.get(function)
    if found is None:
        torch._dynamo.config.automatic_dynamic_shapes = False
        for limit in ("recompile_limit", "cache_size_limit"):
            if hasattr(torch._dynamo.config, limit):
                setattr(torch._dynamo.config, limit, 10000)
        found = _compiled[function] = torch.compile(function, fullgraph=True)
    return found


def by_tokens(*tensors: torch.Tensor) -> None:
    """Their first extent is the number of tokens: torch.compile's code serves any."""
    if tokens_dynamic:
        for t in tensors:
            if t.shape[0] > 1:
                torch._dynamo.mark_dynamic(t, 0)


def torch_calls(plain: Callable[..., Any], *args: Any, dynamic: Tuple[torch.Tensor, ...] = ()) -> Calls:
    by_tokens(*dynamic)
    fast = compiled(plain)
    return {"torch": lambda: plain(*args), "torch.compile": lambda: fast(*args)}


@dataclass
class Case:
    name: str
    make: Callable[..., Work]
    shapes: Tuple[Shape, ...]
    quick: Tuple[Shape, ...]
    flops: Optional[Callable[..., int]] = None  # of a shape; where they, not bytes, are what counts


CASES: Dict[str, Case] = {}
# Row lengths of real models (a head; Qwen3 0.6B; Llama 3.2 1B, FLUX, Llama 3 8B, Qwen 32B, Llama 3 70B; the widest), and
# tokens from one to a long prefill.
WIDTHS = (128, 1024, 2048, 3072, 4096, 5120, 8192, 16384)
TOKENS = (1, 16, 64, 1024, 8192, 65536)
ROWS = tuple((t, n) for n in WIDTHS for t in TOKENS if t * n <= 1 << 29)
FEW = tuple((t, n) for n in (1024, 4096, 8192) for t in (1, 16, 64, 1024, 65536))
QUICK = ((16, 4096), (32768, 4096))


def case(name: str, shapes: Tuple[Shape, ...] = FEW, quick: Optional[Tuple[Shape, ...]] = None,
         needs: Tuple[str, ...] = (), flops: Optional[Callable[..., int]] = None) -> Callable[[Any], Any]:
    """Registers a case of the operation before the "/" (or of those it needs), if this library has that."""
    if quick is None:
        quick = QUICK if shapes is ROWS or shapes is FEW else tuple(dict.fromkeys((shapes[0], shapes[-1])))

    def register(make: Any) -> Any:
        if all(hasattr(hipinfer, op) for op in needs or (name.split("/")[0],)):
            CASES[name] = Case(name, make, shapes, quick, flops)
        return make
    return register


def chosen(wanted: str) -> Iterator[Case]:
    words = wanted.split(",") if wanted else []
    return (c for n, c in CASES.items() if not words or any(w == n.split("/")[0] or w == n for w in words)
            or any(w.endswith("*") and n.startswith(w[:-1]) for w in words))
