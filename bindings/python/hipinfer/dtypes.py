# SPDX-License-Identifier: Apache-2.0
"""Element types by hipinfer's names, and what NumPy calls them."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Tuple

import numpy as np

from . import _abi
from ._abi import DtypeCode

ml_dtypes: Any
try:  # bfloat16 and fp8 as NumPy dtypes
    ml_dtypes = importlib.import_module("ml_dtypes")
except ImportError:
    ml_dtypes = None

CODES: Dict[str, Tuple[int, int]] = {
    "f32": (DtypeCode.FLOAT, 32), "f16": (DtypeCode.FLOAT, 16), "bf16": (DtypeCode.BFLOAT, 16),
    "f64": (DtypeCode.FLOAT, 64), "i8": (DtypeCode.INT, 8), "u8": (DtypeCode.UINT, 8), "i32": (DtypeCode.INT, 32),
    "i64": (DtypeCode.INT, 64), "bool": (DtypeCode.BOOL, 8), "e4m3fn": (DtypeCode.E4M3FN, 8),
    "e4m3fnuz": (DtypeCode.E4M3FNUZ, 8), "e5m2": (DtypeCode.E5M2, 8), "e5m2fnuz": (DtypeCode.E5M2FNUZ, 8),
    "q4_0": (DtypeCode.Q4_0, 4), "q8_0": (DtypeCode.Q8_0, 8), "q4_k": (DtypeCode.Q4_K, 4), "q6_k": (DtypeCode.Q6_K, 6),
    "mxfp4": (DtypeCode.MXFP4, 4),
}
# Elements and bytes of the blocks in which these are stored, as GGUF has them.
BLOCKS: Dict[str, Tuple[int, int]] = {"q4_0": (32, 18), "q8_0": (32, 34), "q4_k": (256, 144), "q6_k": (256, 210), "mxfp4": (32, 17)}
NAMES = {(int(code), bits): name for name, (code, bits) in CODES.items()}
ABI = {name: _abi.Dtype(code, bits, 1) for name, (code, bits) in CODES.items()}
ITEMSIZE = {name: bits // 8 for name, (_, bits) in CODES.items() if name not in BLOCKS}


def bytes_of(dtype: str, elements: int) -> int:
    """Bytes that so many elements take, whole blocks of them."""
    block, size = BLOCKS[dtype] if dtype in BLOCKS else (1, ITEMSIZE[dtype])
    if elements % block:
        raise ValueError(f"{elements} elements of {dtype}, expected a multiple of its block of {block}")
    return elements // block * size



# What NumPy, ml_dtypes and torch call them.
LONG = {"f32": "float32", "f16": "float16", "bf16": "bfloat16", "f64": "float64", "i8": "int8", "u8": "uint8",
        "i32": "int32", "i64": "int64", "bool": "bool", "e4m3fn": "float8_e4m3fn", "e4m3fnuz": "float8_e4m3fnuz",
        "e5m2": "float8_e5m2", "e5m2fnuz": "float8_e5m2fnuz"}
ML_DTYPES = ("bf16", "e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz")

# Without ml_dtypes these are shown as unsigned integers of their size.
TO_NUMPY: Dict[str, np.dtype] = {}
for _name, _long in LONG.items():
    if _name not in ML_DTYPES:
        TO_NUMPY[_name] = np.dtype(_long)
    elif ml_dtypes is not None:
        TO_NUMPY[_name] = np.dtype(getattr(ml_dtypes, _long))
    else:
        TO_NUMPY[_name] = np.dtype(f"u{ITEMSIZE[_name]}")
FROM_NUMPY = {dtype: name for name, dtype in TO_NUMPY.items() if name not in ML_DTYPES or ml_dtypes is not None}

_ALIASES = {**{name: name for name in CODES}, **{long: name for name, long in LONG.items()}}


def dtype_name(dtype: Any) -> str:
    """hipinfer's name of a dtype given as "bf16", "bfloat16", a NumPy dtype or a torch dtype."""
    text = dtype if isinstance(dtype, str) else str(dtype)
    if text.startswith("torch."):
        text = text[len("torch."):]
    if text in _ALIASES:
        return _ALIASES[text]
    try:
        return FROM_NUMPY[np.dtype(dtype)]
    except (TypeError, KeyError):
        raise TypeError(f"dtype {dtype!r}: expected one of {', '.join(CODES)}") from None


def bits_of(dtype: str) -> np.dtype:
    """The NumPy dtype in which a plain buffer of this type is exposed: an unsigned integer if NumPy has none."""
    return np.dtype(f"u{ITEMSIZE[dtype]}") if dtype in ML_DTYPES else TO_NUMPY[dtype]
