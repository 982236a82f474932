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
        self.signed = frozenset((torch.float32, torch.float64, torch.float16))  # that may be negated lazily: parts of complex ones
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


# A call's function is written out for its arguments, as namedtuple's is: a loop over them would cost as much as the call.
SOURCE = """
def call(args, options, stream, context):
    {arguments} = args
    try:
        frame = frames.pop()
    except IndexError:
        frame = new_frame()
    try:
        {slots}, structs = frame
{views}
        index = {first}.get_device()
        if stream is None:
            stream = raw_stream(index) if index >= 0 else 0
        else:
            stream = stream_pointer(stream)
        if context is None:
            context = contexts(index)
{tail}
        return function(context.handle, {values}, stream) == 0
    except Exception:  # the long way meets it again, and names the argument
        return False
    finally:
        frames.append(frame)
"""
REQUIRED = """        if not isinstance({a}, tensor) or {a}.dtype in signed and {a}.is_neg() or {a}.requires_grad and grads():
            return False
        view({a}, {s})"""
OPTIONAL = """        if {a} is None:
            {s} = None
        else:
            if not isinstance({a}, tensor) or {a}.dtype in signed and {a}.is_neg() or {a}.requires_grad and grads():
                return False
            view({a}, {s})"""
OPTIONS = """        if options is None:
            o = None
        else:
            struct = make_options(options, structs)
            o = addressof(struct)"""

Call = Callable[[Sequence[Any], Optional[Sequence[Any]], Any, Optional[Context]], bool]


def lean_call(x: Exchange, name: str, count: int, tensors: Sequence[Tuple[int, bool]], scalars: Sequence[Tuple[int, Any]],
              option_fields: Sequence[Tuple[str, Any]], options: Any) -> Call:
    """The short way of an operation: says whether the call was made. If not, nothing has happened. An option without a
    converter is a tensor."""
    _, kinds = FUNCTIONS[f"hipinfer_{name}"]
    plain = [kind if kind in (c_float, ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64) else c_void_p for kind in kinds]
    values = [f"a{i}" for i in range(count)]
    views: List[str] = []
    for k, (i, _) in enumerate(tensors):
        # Any of them may be left out: an operation that needs it says so.
        text = REQUIRED if k == 0 else OPTIONAL
        views.append(text.format(a=values[i], s=f"s{k}"))
        values[i] = f"s{k}"
    names: Dict[str, Any] = {}
    for i, convert in scalars:
        if kinds[1 + i] is not c_float:  # ctypes wraps an integer that is too large; floats it converts itself
            names[f"convert{i}"], values[i] = convert, f"a{i} if a{i} is True or a{i} is False else convert{i}(a{i})"

    def new_frame() -> Tuple[Any, ...]:
        structs = (_abi.Tensor * (len(tensors) + len(option_fields)))()
        base, size = ctypes.addressof(structs), ctypes.sizeof(_abi.Tensor)
        return (*(base + k * size for k in range(len(tensors))), structs)

    def make_options(given: Sequence[Any], structs: Any) -> Any:
        struct = options(ctypes.sizeof(options))
        for k, ((field, convert), value) in enumerate(zip(option_fields, given), len(tensors)):
            if convert is not None:
                setattr(struct, field, convert(value))
            elif value is not None:
                if (not isinstance(value, x.tensor) or value.dtype in x.signed and value.is_neg()
                        or value.requires_grad and x.grads()):
                    raise TypeError(field)
                x.view(value, ctypes.addressof(structs[k]))
                setattr(struct, field, ctypes.pointer(structs[k]))
        return struct

    source = SOURCE.format(arguments=", ".join(f"a{i}" for i in range(count)) + ",", views="\n".join(views),
                           slots=", ".join(f"s{k}" for k in range(len(tensors))), first=f"a{tensors[0][0]}",
                           tail=OPTIONS if options else "", values=", ".join(values + (["o"] if options else [])))
    # The structs' addresses are integers, which ctypes passes on without a wrapper. A call takes a frame of structs and gives it
    # back, so threads do not share one.
    names.update(frames=[], new_frame=new_frame, tensor=x.tensor, signed=x.signed, grads=x.grads, view=x.view, raw_stream=x.stream,
                 stream_pointer=stream_pointer, contexts=x.context, make_options=make_options, addressof=ctypes.addressof,
                 function=CFUNCTYPE(c_int32, *plain)((f"hipinfer_{name}", lib)))
    exec(compile(source, f"<hipinfer {name}>", "exec"), names)
    return names["call"]
