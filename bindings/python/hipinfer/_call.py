# SPDX-License-Identifier: Apache-2.0
"""What every function of ops.py goes through: arrays to structs, scalars to C, a workspace, and the exception."""

from __future__ import annotations

import ctypes
import math
import operator
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Type

import numpy as np

from . import _abi
from ._abi import FUNCTIONS
from ._lean import Call, exchange, lean_call
from ._library import check, error, lib
from .context import Context, default_context, stream_pointer
from .create import TensorSpec
from .dtypes import ITEMSIZE, LONG
from .errors import HipinferError
from .interop import View, loaded_torch, name_of, view_of
from .strides import is_compact
from .tensor import Buffer, Tensor

POINTER_TO_TENSOR = ctypes.POINTER(_abi.Tensor)
INTEGERS = {ctypes.c_int32: (-2**31, 2**31 - 1), ctypes.c_int64: (-2**63, 2**63 - 1), ctypes.c_uint64: (0, 2**64 - 1)}


def converter(kind: Any) -> Callable[[Any], Any]:
    """ctypes wraps an integer that is too large; this refuses it."""
    if kind not in INTEGERS:
        return float
    low, high = INTEGERS[kind]

    def convert(value: Any) -> int:
        number = operator.index(value)
        if not low <= number <= high:
            raise ValueError(f"{number}, expected a value from {low} to {high}")
        return number
    return convert


def enum_value(kind: Any, argument: str, value: Any) -> int:
    """A member of the enumeration, its name in lower case, or its number."""
    if isinstance(value, str):
        try:
            return int(kind[value.upper()])
        except KeyError:
            names = ", ".join(m.name.lower() for m in kind)
            raise ValueError(f"{argument}: {value!r}, expected one of {names}") from None
    return operator.index(value)


class Tracing(NamedTuple):
    """What hipinfer.torch knows, and leaves here (_custom.py): whether torch is tracing, a call while it is, and whether the
    tensors among some values have no memory."""
    active: Callable[[], bool]
    call: Callable[["Operation", Sequence[Any], Optional[Sequence[Any]], Any, Any, Any], None]
    fake: Callable[[Sequence[Any]], bool]


tracing: Optional[Tracing] = None


class Operation:
    custom: Any = None  # torch's operator, where there is one

    def __init__(self, name: str, arguments: Tuple[str, ...], tensors: Tuple[int, ...], written: Tuple[int, ...],
                 options: Optional[Type[ctypes.Structure]] = None, workspace: bool = False):
        self.name = name
        self.arguments = arguments
        self.tensors = [(i, i in written) for i in tensors]
        self.function = getattr(lib, f"hipinfer_{name}")
        self.query: Any = getattr(lib, f"hipinfer_{name}_workspace_bytes") if workspace else None
        kinds = FUNCTIONS[f"hipinfer_{name}"][1][1:]
        self.scalars = [(i, converter(kinds[i])) for i in range(len(self.arguments)) if i not in tensors]
        self.options = options
        self.option_fields: List[Tuple[str, Optional[Callable[[Any], Any]]]] = []  # without a converter: a tensor
        if options is not None:
            self.option_fields = [(field[0], None if field[1] is POINTER_TO_TENSOR else converter(field[1]))
                                  for field in options._fields_[1:]]
        self.option_tensors = [(place, name) for place, (name, convert) in enumerate(self.option_fields) if convert is None]
        self.lean: Optional[Call] = None

    def short_way(self) -> Optional[Call]:
        """Where torch is loaded, and there is no workspace to be found."""
        if self.lean is None and self.query is None:
            found = exchange()
            if found is not None:
                self.lean = lean_call(found, self.name, len(self.arguments), self.tensors, self.scalars, self.option_fields,
                                      self.options)
        return self.lean

    def wrong(self, argument: str, problem: Exception) -> Exception:
        kind = type(problem) if isinstance(problem, (TypeError, ValueError, BufferError)) else RuntimeError
        return kind(f"{self.name}: {argument}: {problem}")

    def refusal(self, status: int, given: Sequence[Tuple[str, Any, bool]]) -> HipinferError:
        """The library's words; with them what to do about the f64 and i64 that NumPy makes where nobody has asked for them."""
        problem = error(status)
        said = re.match(rf"{self.name}: (\w+): dtype (?:f64|i64), expected (\w+)", problem.message)
        for name, value, written in given if said else ():
            if said and name == said[1] and isinstance(value, np.ndarray):
                wanted = f"numpy.{LONG[said[2]]}"
                problem.message += f"; make it with dtype={wanted}" if written else f"; convert it with {name}.astype({wanted})"
        return problem

    def given(self, args: Sequence[Any], options: Optional[Sequence[Any]]) -> List[Tuple[str, Any, bool]]:
        """Name, value and whether it is written, of each tensor: those of the arguments, then those among the options."""
        found = [(self.arguments[i], args[i], written) for i, written in self.tensors]
        return found + [(name, None if options is None else options[place], False) for place, name in self.option_tensors]

    def views(self, given: Sequence[Tuple[str, Any, bool]], stream: Any) -> Tuple[List[Any], int, bool]:
        """Each tensor as a view (None where left out), the stream, and whether a torch GPU tensor chose it."""
        torch, of_torch = loaded_torch(), False
        if torch is not None and stream is None:
            kind = getattr(torch, "Tensor", ())  # absent while torch is being imported
            for _, value, _ in given:
                if isinstance(value, kind) and value.is_cuda:
                    stream, of_torch = torch.cuda.current_stream(value.device).cuda_stream, True
                    break
        pointer = stream_pointer(stream)
        found: List[Any] = []
        for name, value, written in given:
            if value is None or isinstance(value, (Tensor, TensorSpec)):
                found.append(value)
            else:
                try:
                    found.append(view_of(value, pointer))
                except (TypeError, ValueError, BufferError) as e:
                    raise self.wrong(name, e) from None
            if written and value is not None and not found[-1].writable:
                raise ValueError(f"{self.name}: {name}: is written, but this array is read-only")
        return found, pointer, of_torch

    def context(self, views: Sequence[Any], context: Optional[Context]) -> Context:
        """The one given, else that of the first Tensor on a device, else the default of the arrays' device: a GPU's, if
        any is on one, so that a stray host array is what the message names."""
        if context is not None:
            return context
        given = [v for v in views if v is not None]
        for v in given:
            if v.context is not None:
                return v.context
        devices = [v.device for v in given if v.device is not None]
        return default_context(max(devices, default=None))

    def converted(self, args: Sequence[Any], options: Optional[Sequence[Any]],
                  views: Sequence[Any]) -> Tuple[List[Any], List[Any]]:
        values = list(args)
        for (i, _), v in zip(self.tensors, views):
            values[i] = None if v is None else v.abi
        try:
            for i, convert in self.scalars:
                name = self.arguments[i]
                values[i] = convert(values[i])
            if self.options is None or options is None:
                return values, []
            struct = self.options(ctypes.sizeof(self.options))
            for (name, of_option), value in zip(self.option_fields, options):
                if of_option is not None:
                    setattr(struct, name, of_option(value))
            for (_, name), v in zip(self.option_tensors, views[len(self.tensors):]):
                if v is not None:
                    setattr(struct, name, ctypes.pointer(v.abi))
        except (TypeError, ValueError) as e:
            raise self.wrong(name, e) from None
        return values, [struct]

    def __call__(self, args: Sequence[Any], options: Optional[Sequence[Any]], stream: Any, context: Optional[Context],
                 workspace: Any = None) -> None:
        if tracing is not None and tracing.active():
            return tracing.call(self, args, options, stream, context, workspace)
        self.run(args, options, stream, context, workspace)

    def run(self, args: Sequence[Any], options: Optional[Sequence[Any]], stream: Any, context: Optional[Context],
            workspace: Any = None) -> None:
        """The call, whatever torch traces."""
        lean = self.lean or self.short_way()
        if lean is not None and lean(args, options, stream, context):
            return
        if tracing is not None and tracing.fake([value for _, value, _ in self.given(args, options)]):
            return tracing.call(self, args, options, stream, context, workspace)
        given = self.given(args, options)
        views, pointer, of_torch = self.views(given, stream)
        c = self.context(views, context)
        values, tail = self.converted(args, options, views)
        held = None
        if self.query is not None:
            held, memory = self.workspace(c, values, tail, workspace, pointer, views if of_torch else None)
            tail = tail + memory
        status = self.function(c.handle, *values, *tail, pointer)
        if status:
            raise self.refusal(status, given)
        for (_, written), v in zip(self.tensors, views):
            if written and isinstance(v, Tensor):
                v.written(pointer)
        del held  # until here: the workspace is in use

    def workspace_bytes(self, args: Sequence[Any], options: Optional[Sequence[Any]], context: Optional[Context]) -> int:
        views, _, _ = self.views(self.given(args, options), None)
        values, tail = self.converted(args, options, views)
        return self.needed(self.context(views, context), values, tail)

    def needed(self, context: Context, values: Sequence[Any], tail: Sequence[Any]) -> int:
        size = ctypes.c_size_t()
        check(self.query(context.handle, *values, *tail, ctypes.byref(size)))
        return size.value

    def workspace(self, context: Context, values: Sequence[Any], tail: Sequence[Any], given: Any, stream: int,
                  of_torch: Optional[Sequence[Any]]) -> Tuple[Any, List[Any]]:
        """What holds the workspace, and its pointer and size. Torch's tensors get torch's memory: its allocator knows
        streams and graph captures. Else a thread keeps one for each stream."""
        if given is not None:
            view = given if isinstance(given, Tensor) else view_of(given, stream)
            if not view.writable:
                raise ValueError(f"{self.name}: workspace: is written, but this array is read-only")
            shape = view.abi.shape[:view.abi.ndim]
            if view.abi.strides and not is_compact(shape, view.abi.strides[:view.abi.ndim]):
                raise ValueError(f"{self.name}: workspace: is not contiguous")
            elements = math.prod(shape)
            return view, [(view.abi.data or 0) + view.abi.byte_offset, elements * ITEMSIZE[name_of(view.abi)]]
        if context.on_cpu:
            return None, [None, 0]
        size = self.needed(context, values, tail)
        if size == 0:
            return None, [None, 0]
        if context.validate_only:
            return None, [16, size]  # never looked at
        if of_torch is not None:
            torch = loaded_torch()
            like = next(v.held for v in of_torch if type(v) is View and isinstance(v.held, torch.Tensor) and v.held.is_cuda)
            memory = torch.empty(size, dtype=torch.uint8, device=like.device)
            return memory, [memory.data_ptr(), size]
        kept: Dict[Any, List[Buffer]] = context._workspaces.__dict__
        buffers = kept.setdefault(stream, [])
        if not buffers or buffers[-1].bytes < size:
            # A smaller one stays: a graph that was captured with it may be replayed.
            buffers.append(Buffer(context, max(size, 2 * buffers[-1].bytes if buffers else 0)))
        return buffers[-1], [buffers[-1].pointer, buffers[-1].bytes]
