# SPDX-License-Identifier: Apache-2.0
"""DLPack capsules by ctypes: reading another framework's, and making our own."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, Structure, c_char_p, c_int, c_uint32, c_uint64, c_void_p, py_object
from typing import Any, Dict, Optional, Tuple

from . import _abi

NAME, NAME_VERSIONED = b"dltensor", b"dltensor_versioned"
VERSION = (1, 0)
READ_ONLY = 1


class Managed(Structure):
    """DLManagedTensor."""

    _fields_ = [("tensor", _abi.Tensor), ("manager", c_void_p), ("deleter", c_void_p)]


class ManagedVersioned(Structure):
    """DLManagedTensorVersioned."""

    _fields_ = [("major", c_uint32), ("minor", c_uint32), ("manager", c_void_p), ("deleter", c_void_p),
                ("flags", c_uint64), ("tensor", _abi.Tensor)]


_is_valid = ctypes.pythonapi.PyCapsule_IsValid
_is_valid.restype, _is_valid.argtypes = c_int, [py_object, c_char_p]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = c_void_p, [py_object, c_char_p]
_new = ctypes.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = py_object, [c_void_p, c_char_p, c_void_p]
# For the destructor, which runs on an object without references: it must not become a Python object again.
_is_valid_raw = ctypes.PYFUNCTYPE(c_int, c_void_p, c_char_p)(("PyCapsule_IsValid", ctypes.pythonapi))
_pointer_raw = ctypes.PYFUNCTYPE(c_void_p, c_void_p, c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))


def read(capsule: Any) -> Tuple[_abi.Tensor, bool]:
    """The tensor inside, valid while the capsule lives, and whether it may be written. The capsule is not consumed:
    its own destructor gives the memory back."""
    if _is_valid(capsule, NAME_VERSIONED):
        managed = ManagedVersioned.from_address(_pointer(capsule, NAME_VERSIONED))
        if managed.major != VERSION[0]:
            raise BufferError(f"DLPack version {managed.major}.{managed.minor}, expected {VERSION[0]}.x")
        return managed.tensor, not managed.flags & READ_ONLY
    if _is_valid(capsule, NAME):
        return Managed.from_address(_pointer(capsule, NAME)).tensor, True
    raise BufferError("not a DLPack capsule, or one that was consumed already")


def request(producer: Any, stream: Optional[int]) -> Any:
    """producer.__dlpack__, newest protocol first."""
    words = {} if stream is None else {"stream": stream}
    try:
        return producer.__dlpack__(max_version=VERSION, **words)
    except TypeError:  # a producer of the protocol before version 1.0
        return producer.__dlpack__(**words)


_exported: Dict[int, Any] = {}  # what a consumer still uses, by address of the managed struct


@CFUNCTYPE(None, c_void_p)
def _deleter(managed: int, exported: Dict[int, Any] = _exported) -> None:
    exported.pop(managed, None)


@CFUNCTYPE(None, c_void_p)
def _destructor(capsule: int, exported: Dict[int, Any] = _exported) -> None:
    for name in (NAME, NAME_VERSIONED):  # consumed capsules have been renamed
        if _is_valid_raw(capsule, name):
            exported.pop(_pointer_raw(capsule, name), None)


def export(tensor: _abi.Tensor, owner: Any, writable: bool, versioned: bool) -> Any:
    """A new capsule; `owner` lives until its consumer lets go."""
    deleter = ctypes.cast(_deleter, c_void_p)
    if versioned:
        managed: Structure = ManagedVersioned(*VERSION, None, deleter, 0 if writable else READ_ONLY, tensor)
    else:
        managed = Managed(tensor, None, deleter)
    address = ctypes.addressof(managed)
    _exported[address] = (managed, tensor, owner)
    return _new(address, NAME_VERSIONED if versioned else NAME, ctypes.cast(_destructor, c_void_p))
