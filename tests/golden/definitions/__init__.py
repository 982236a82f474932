# SPDX-License-Identifier: Apache-2.0
"""What every operation means, in float64, written from the formulas of ops.h and of the papers it names.

A definition takes the arguments by name: arrays as float64 (indices as int64, masks as bool), scalars as Python has them, and
None for what is left out. It returns the outcome of each tensor that is written. Outputs arrive as they were before.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Callable, Dict

FAMILIES = ("norms", "gated", "quantise", "rope", "kv", "elementwise", "sampling", "moe", "gemm", "attention")
DEFINITIONS: Dict[str, Callable[..., Dict[str, Any]]] = {}


def operation(function: Any = None, *, raw: bool = False) -> Any:
    """Registers a definition under its name. A raw one gets arrays in their own dtypes."""
    def register(f: Any) -> Any:
        DEFINITIONS[f.__name__] = f
        f.raw = raw
        return f
    return register if function is None else register(function)


def load() -> Dict[str, Callable[..., Dict[str, Any]]]:
    if not DEFINITIONS:
        for family in FAMILIES:
            import_module(f"golden.definitions.{family}")
    return DEFINITIONS
