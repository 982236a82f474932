# SPDX-License-Identifier: Apache-2.0
"""The calls that are checked: for each operation, rows in which all pairs of its options, dtypes and layouts meet."""

from __future__ import annotations

import zlib
from importlib import import_module
from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy as np

from golden.arrays import LAYOUTS, Array, empty, tensor
from golden.pairs import pairs

FAMILIES = ("norms", "gated", "quantise", "rope", "kv", "elementwise", "sampling", "moe", "gemm", "attention")


class Row:
    """One row of factors, with what its case builds tensors of. The same name gives the same numbers on every run."""

    def __init__(self, name: str, factors: Dict[str, Any]):
        self.__dict__.update(factors)
        self.rng = np.random.default_rng(zlib.crc32(name.encode()))
        self.placed = 0

    def normal(self, *shape: int, scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
        return self.rng.standard_normal(shape) * scale + shift

    def place(self) -> int:
        """Each tensor of a call gets paddings of its own."""
        self.placed += 1
        return self.placed

    def tensor(self, values: Any, dtype: str, free: bool = False, layout: Optional[str] = None) -> Array:
        return tensor(values, dtype, layout or self.__dict__.get("layout", "compact"), self.place(), free)

    def output(self, shape: Sequence[int], dtype: str, free: bool = False, layout: Optional[str] = None) -> Array:
        return empty(shape, dtype, layout or self.__dict__.get("layout", "compact"), self.place(), free)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the case has no factor {name!r}")


class Case:
    """A call of an operation: `build` makes its arguments by name. `wrong` says on which kind of device the library is known
    to be wrong, and why. `define` takes the place of the operation's definition."""

    def __init__(self, op: str, name: str, factors: Dict[str, Any], build: Any, wrong: Dict[str, str], define: Any):
        self.op, self.name, self.factors, self._build, self.wrong, self.define = op, name, factors, build, wrong, define

    def build(self) -> Dict[str, Any]:
        return self._build(Row(f"{self.op} {self.name}", self.factors))


CASES: List[Case] = []


def short(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "x".join(map(short, value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def cases(*ops: str, wrong: Optional[Dict[str, str]] = None, define: Any = None, **factors: Sequence[Any]) -> Callable[[Any], Any]:
    """Makes cases of a function from a row to arguments: every pair of the factors' values, for each operation. The row
    also has the operation's name, as `op`."""
    def register(build: Any) -> Any:
        for op in ops:
            for row in pairs(factors) if factors else [{}]:
                name = "-".join([build.__name__, *(f"{k}={short(v)}" for k, v in row.items())])
                CASES.append(Case(op, name, {**row, "op": op}, build, wrong or {}, define))
        return build
    return register


def load() -> List[Case]:
    if not CASES:
        for family in FAMILIES:
            import_module(f"golden.cases.{family}")
    return CASES


__all__ = ["Array", "CASES", "Case", "FAMILIES", "LAYOUTS", "Row", "cases", "load"]
