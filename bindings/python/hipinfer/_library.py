# SPDX-License-Identifier: Apache-2.0
"""Finds and loads libhipinfer.so, gives every function its signature, and turns statuses into exceptions."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from ._abi import FUNCTIONS, VERSION
from .errors import CLASSES, HipinferError


def candidates() -> list[str]:
    """HIPINFER_LIBRARY alone if it is set; else the wheel's own library, else the system's."""
    named = os.environ.get("HIPINFER_LIBRARY")
    if named:
        return [named]
    inside = Path(__file__).with_name("libhipinfer.so")
    return ([str(inside)] if inside.exists() else []) + [f"libhipinfer.so.{VERSION[0]}"]


def load() -> ctypes.CDLL:
    failures = []
    for path in candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError as e:
            failures.append(f"  {path}: {e}")
            continue
        declare(library, path)
        return library
    raise ImportError("libhipinfer.so could not be loaded; set HIPINFER_LIBRARY to its path. Tried:\n" + "\n".join(failures))


def declare(library: ctypes.CDLL, path: str) -> None:
    """Checks the version before anything is called, then sets argtypes and restype of every function."""
    try:
        number = library.hipinfer_version()
    except AttributeError:
        raise ImportError(f"{path} is not a hipinfer library: it lacks hipinfer_version") from None
    have = (number // 10000, number // 100 % 100, number % 100)
    # Before 1.0 a minor version may change the interface; from then on a newer library serves an older package.
    fits = have[:2] == VERSION[:2] if VERSION[0] == 0 else have[0] == VERSION[0] and have >= VERSION
    if not fits:
        texts = (".".join(map(str, v)) for v in (have, VERSION))
        raise ImportError("{} is version {}, this hipinfer package is {}".format(path, *texts))
    for name, (result, arguments) in FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError(f"{path} lacks {name}: it was not built from the sources of this package") from None
        function.restype = result
        function.argtypes = arguments


lib = load()


def error(status: int) -> HipinferError:
    """The exception of a status that this thread's last call returned."""
    message = lib.hipinfer_last_error().decode(errors="replace")
    return CLASSES.get(status, HipinferError)(status, message or lib.hipinfer_status_string(status).decode())


def check(status: int) -> None:
    if status:
        raise error(status)
