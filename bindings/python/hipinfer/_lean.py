# SPDX-License-Identifier: Apache-2.0
"""The short way of a call whose tensors are all torch's: torch's DLPack exchange functions fill structs that are kept for the
purpose, and nothing else is made. Whatever is out of the ordinary is left to _call.py, which serves it or says what is wrong."""

from __future__ import annotations

import ctypes
import sys
from ctypes import CFUNCTYPE, PYFUNCTYPE, Structure, c_char_p, c_float, c_int, c_int32, c_uint32, c_void_p, py_object
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import _abi
from ._abi import FUNCTIONS, DeviceTypeCode
from ._library import lib
from .context import Context, default_context, stream_pointer


class ExchangeAPI(Structure):
    """DLPackExchangeAPI of DLPack 1.3."""

    _fields_ = [("major", c_uint32), ("minor", c_uint32), ("previous", c_void_p), ("allocate", c_void_p), ("managed_from", c_void_p),
                ("managed_to", c_void_p), ("view", c_void_p), ("current_stream", c_void_p)]


class Exchange:
    """What is needed of the loaded torch."""

    def __init__(self, torch: Any):
        self.tensor = torch.Tensor
        capsule = getattr(torch.Tensor, "__dlpack_c_exchange_api__", None) or torch.Tensor.__c_dlpack_exchange_api__
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = c_void_p, [py_object, c_char_p]
        api: Optional[ExchangeAPI] = ExchangeAPI.from_address(pointer(capsule, b"dlpack_exchange_api"))
        while api is not None and api.major != 1:
            api = ExchangeAPI.from_address(api.previous) if api.previous else None
        if api is None or not api.view:
            raise AttributeError("no exchange functions of DLPack 1.x that view a tensor")
        # int view(PyObject*, DLTensor*): the struct's shape and strides are the tensor's own, alive as long as it.
        self.view = PYFUNCTYPE(c_int, py_object, c_void_p)(api.view)
        raw = getattr(torch._C, "_cuda_getCurrentRawStream", None)
        self.stream: Callable[[int], int] = raw or (lambda index: int(torch.cuda.current_stream(index).cuda_stream))
        self.grads = torch.is_grad_enabled
        self.kind = int(DeviceTypeCode.CUDA if torch.version.hip is None else DeviceTypeCode.HIP)
        self.contexts: Dict[int, Context] = {}

    def context(self, index: int) -> Context:
        """The default context of a device by torch's number, -1 for the CPU."""
        found = self.contexts.get(index)
        if found is None or found._handle is None:
            found = default_context((self.kind, index) if index >= 0 else (int(DeviceTypeCode.CPU), 0))
            self.contexts[index] = found
        return found


_exchange: Optional[Exchange] = None
_absent = False


def exchange() -> Optional[Exchange]:
    """None before torch has been imported, and for a torch without the functions."""
    global _exchange, _absent
    if _exchange is None and not _absent:
        torch = sys.modules.get("torch")
        if torch is None or not hasattr(torch, "Tensor") or not hasattr(torch, "cuda"):  # not there, or being imported
            return None
        try:
            _exchange = Exchange(torch)
        except (AttributeError, ValueError):
            _absent = True
    return _exchange


Frame = Tuple[Tuple[int, ...], Any]


class Lean:
    def __init__(self, exchange: Exchange, name: str, tensors: Sequence[Tuple[int, bool]], scalars: Sequence[Tuple[int, Any]],
                 option_fields: Optional[Sequence[Tuple[str, Any]]], options: Any):
        self.exchange = exchange
        self.first = tensors[0][0]
        self.tensors = list(tensors)
        self.written = [i for i, written in tensors if written]
        result, kinds = FUNCTIONS[f"hipinfer_{name}"]
        # ctypes wraps integers that are too large, so they are converted first; floats it converts itself.
        self.integers = [(i, convert) for i, convert in scalars if kinds[1 + i] is not c_float]
        self.options, self.option_fields = options, option_fields
        plain = [kind if kind in (c_float, ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64) else c_void_p for kind in kinds]
        # The structs' addresses: integers, which ctypes passes on without a wrapper.
        self.function = CFUNCTYPE(c_int32, *plain)((f"hipinfer_{name}", lib))
        self.frames: List[Frame] = []  # not in use; a call takes one and gives it back, so threads do not share

    def frame(self) -> Frame:
        structs = (_abi.Tensor * len(self.tensors))()
        base, size = ctypes.addressof(structs), ctypes.sizeof(_abi.Tensor)
        return tuple(base + k * size for k in range(len(self.tensors))), structs

    def __call__(self, args: Sequence[Any], options: Optional[Sequence[Any]], stream: Any, context: Optional[Context]) -> bool:
        """Whether the call was made. If not, nothing has happened."""
        x = self.exchange
        tensor, view = x.tensor, x.view
        try:
            frame = self.frames.pop()
        except IndexError:
            frame = self.frame()
        try:
            values = list(args)
            for (i, _), slot in zip(self.tensors, frame[0]):
                value = args[i]
                if value is not None:
                    if not isinstance(value, tensor) or value.is_neg():
                        return False
                    view(value, slot)
                    values[i] = slot
            for i in self.written:
                if args[i] is not None and args[i].requires_grad and x.grads():
                    return False
            for i, convert in self.integers:
                values[i] = convert(values[i])
            index = args[self.first].get_device()
            if stream is None:
                pointer = x.stream(index) if index >= 0 else 0
            else:
                pointer = stream_pointer(stream)
            if context is None:
                context = x.context(index)
            if options is None or self.options is None:
                return self.function(context.handle, *values, pointer) == 0
            struct = self.options(ctypes.sizeof(self.options))
            for (name, convert), value in zip(self.option_fields or (), options):
                setattr(struct, name, convert(value))
            return self.function(context.handle, *values, ctypes.addressof(struct), pointer) == 0
        except Exception:  # the long way meets it again, and names the argument
            return False
        finally:
            self.frames.append(frame)
