# SPDX-License-Identifier: Apache-2.0
"""What a case is: an operation on a shape, the ways to do it, what must come out; and the emulated device that they run on."""

from __future__ import annotations

import itertools
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "emulator/validation"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "emulator/tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bindings/python"))

import ml_dtypes
import numpy as np
from hip import Runtime
from triton_code import Argument, Compiled, Memory, compile_kernel

Shape = tuple[int, ...]
NUMPY = {"bf16": np.dtype(ml_dtypes.bfloat16), "f32": np.dtype(np.float32), "i32": np.dtype(np.int32),
         "e4m3fn": np.dtype(ml_dtypes.float8_e4m3fn), "e4m3fnuz": np.dtype(ml_dtypes.float8_e4m3fnuz)}
TRITON = {"bf16": "bf16", "f32": "fp32", "i32": "i32", "e4m3fn": "fp8e4nv", "e4m3fnuz": "fp8e4b8"}
RANDOM_VALUES = 1 << 20  # larger tensors repeat them


class Device:
    """One GPU. `hipinfer` is imported here, when the environment names the emulator."""

    def __init__(self, target: str):
        self.runtime = Runtime()
        self.runtime.use(target)
        import hipinfer
        self.hipinfer, self.target = hipinfer, target
        self.functions: dict[bytes, Any] = {}
        self.fp8 = "e4m3fnuz" if target == "gfx942" else "e4m3fn"
        self.random_state = np.random.default_rng(1)

    def of(self, values: Any, dtype: str) -> Any:
        return self.hipinfer.from_numpy(np.asarray(values).astype(NUMPY[dtype]))

    def random(self, *shape: int, dtype: str = "bf16") -> Any:
        values = self.random_state.standard_normal(min(RANDOM_VALUES, math.prod(shape)), dtype=np.float32).astype(NUMPY[dtype])
        return self.hipinfer.from_numpy(np.resize(values, shape))

    def empty(self, *shape: int, dtype: str = "bf16") -> Any:
        return self.hipinfer.empty(shape, dtype)

    def launch(self, kernel: Any, grid: Shape, arguments: dict[str, Any], constants: dict[str, Any],
               **options: int) -> Callable[[], None]:
        """A launch of a Triton kernel, which is compiled at the first call."""
        passed: dict[str, Argument] = {
            name: Memory(TRITON[value.dtype], value.pointer, value.nbytes) if isinstance(value, self.hipinfer.Tensor) else value
            for name, value in arguments.items()}
        made: list[Compiled] = []
        alive = list(arguments.values())  # their memory is freed with them

        def call() -> None:
            assert alive
            if not made:
                made.append(compile_kernel(kernel, self.target, passed, constants, options))
            code = made[0]
            if code.image not in self.functions:
                self.functions[code.image] = self.runtime.function(self.runtime.load(code.image), code.name)
            self.runtime.launch(self.functions[code.image], grid, code.threads, code.pack(passed), code.lds_bytes)
        return call


@dataclass
class Version:
    """One way to do the operation: launches, and how often each is done."""
    label: str
    steps: list[tuple[int, Callable[[], None]]]


@dataclass
class Output:
    """A tensor that is written. `expected` is in float64, and exact up to the rounding of what is stored; `before` is what is
    there before (by default NaN)."""
    tensor: Any
    expected: Callable[[], np.ndarray]
    before: np.ndarray | None = None

    def reset(self) -> None:
        if self.before is None:
            dtype = NUMPY[self.tensor.dtype]
            self.tensor.copy_from(np.full(self.tensor.shape, np.nan, dtype))
        else:
            self.tensor.copy_from(self.before)

    def error(self) -> float:
        """The largest difference in units of what is allowed: DESIGN's tolerances, and of fp8 one unit in the last place."""
        got, expected = self.tensor.numpy().astype(np.float64), self.expected()
        if not np.isfinite(got).all():
            return math.inf
        if self.tensor.dtype.startswith("e4m3"):
            smallest = float(ml_dtypes.finfo(NUMPY[self.tensor.dtype]).smallest_normal)
            allowed = 2.0 ** (np.floor(np.log2(np.maximum(np.abs(expected), smallest))) - 3)
        else:
            allowed = {"bf16": 1e-2, "f32": 1e-5}[self.tensor.dtype] * np.maximum(np.abs(expected).max(-1, keepdims=True), 1e-30)
        return float((np.abs(got - expected) / allowed).max())


@dataclass
class Work:
    least_bytes: int  # each input read once, each output written once
    outputs: list[Output]
    versions: dict[str, list[Version]]  # by who: of several the fastest counts
    operations: float = 0.0  # of the matrix units


@dataclass(frozen=True)
class Case:
    op: str
    make: Callable[..., Work]
    shapes: tuple[Shape, ...]
    quick: tuple[Shape, ...]
    check: tuple[Shape, ...]  # small: every version's result on them is compared
    note: str = ""
    targets: tuple[str, ...] = ()  # none: all
    groups: int = 64  # workgroups of a timed launch that are executed


CASES: dict[str, Case] = {}


def case(op: str, **about: Any) -> Callable[[Callable[..., Work]], Callable[..., Work]]:
    def register(make: Callable[..., Work]) -> Callable[..., Work]:
        CASES[op] = Case(op, make, **about)
        return make
    return register


def space(**choices: Any) -> Iterator[dict[str, Any]]:
    """Every combination."""
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


def label(choice: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in choice.items())


def wide(tensor: Any) -> np.ndarray:
    return tensor.numpy().astype(np.float64)


def cdiv(a: int, b: int) -> int:
    return -(-a // b)
