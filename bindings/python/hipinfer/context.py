# SPDX-License-Identifier: Apache-2.0
"""Contexts, streams, events and graphs."""

from __future__ import annotations

import ctypes
import gc
import threading
from contextlib import contextmanager
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Union

from . import _abi
from ._abi import ContextFlag, DeviceTypeCode
from ._library import check, lib

DEVICE_NAMES: Dict[int, str] = {DeviceTypeCode.CPU: "cpu", DeviceTypeCode.CUDA: "cuda", DeviceTypeCode.HIP: "hip"}


class Handle:
    """Owns a hipinfer_context. Buffers hold it too, so that it outlives the memory that it must free."""

    __slots__ = ("value", "_destroy")

    def __init__(self, options: _abi.ContextOptions):
        value = ctypes.c_void_p()
        self._destroy = None
        check(lib.hipinfer_context_create(options, value))
        self.value = value.value or 0
        self._destroy = lib.hipinfer_context_destroy

    def __del__(self) -> None:
        if self._destroy is not None:
            self._destroy(self.value)
            self.value = 0  # a buffer that the same collection of garbage finalises later hands over NULL, not freed memory


class Context:
    """A device, its loaded kernels and its options. May be shared by threads.

    Args:
        device: "hip", "cuda" or "cpu", with ":ordinal" if wanted; None: HIPINFER_DEVICE, else the best there is.
        target: with validate_only, the target to answer for: "gfx942", "sm_90", "cpu", ...
        validate_only: say whether calls would be accepted, and by which kernel; nothing runs.
        batch_invariant: a row's result never depends on what else is in the batch.
        check_contents: look at page numbers, lengths and offsets before each call, which then synchronises its stream.
        disable: kernels to leave out, "op" or "op/kernel"; several as a list or separated by commas.
        kernel_path: folder of code objects used in place of the built-in ones.
    """

    def __init__(self, device: Optional[str] = None, *, target: Optional[str] = None, validate_only: bool = False,
                 batch_invariant: bool = False, check_contents: bool = False,
                 disable: Union[None, str, Iterable[str]] = None, kernel_path: Optional[str] = None):
        def text(value: Optional[str]) -> Optional[bytes]:
            return None if value is None else str(value).encode()

        if disable is not None and not isinstance(disable, str):
            disable = ",".join(disable)
        flags = (ContextFlag.VALIDATE_ONLY if validate_only else 0) | (
            ContextFlag.BATCH_INVARIANT if batch_invariant else 0) | (ContextFlag.CHECK_CONTENTS if check_contents else 0)
        options = _abi.ContextOptions(ctypes.sizeof(_abi.ContextOptions), text(device), text(target), text(disable),
                                      text(kernel_path), flags)
        self._handle: Optional[Handle] = Handle(options)
        info = _abi.DeviceInfo(struct_size=ctypes.sizeof(_abi.DeviceInfo))
        check(lib.hipinfer_context_device_info(self.handle, info))
        self.validate_only = validate_only
        self.device_type = int(info.device.device_type)  # numbered as DLPack's DLDeviceType
        self.device_id = int(info.device.device_id)
        self.name = info.name.decode(errors="replace")
        self.target = info.target.decode()
        self.code_target = info.code_target.decode()
        self.wave_size = int(info.wave_size)
        self.compute_units = int(info.compute_units)
        self.lds_bytes = int(info.lds_bytes)
        self.memory_bytes = int(info.memory_bytes)
        self.on_cpu = self.device_type == DeviceTypeCode.CPU
        self._workspaces = threading.local()

    @property
    def handle(self) -> int:
        """The hipinfer_context, for ctypes."""
        if self._handle is None:
            raise ValueError("the context is closed")
        return self._handle.value

    @property
    def device(self) -> str:
        """"cuda:0", as the constructor takes it."""
        return f"{DEVICE_NAMES.get(self.device_type, self.device_type)}:{self.device_id}"

    def preload(self, op: Optional[str] = None) -> None:
        """Loads the kernels of one operation, or of all, now: do it before a graph capture."""
        check(lib.hipinfer_context_preload(self.handle, None if op is None else op.encode()))

    def synchronize(self, stream: object = None) -> None:
        """Waits for everything enqueued on a stream (None: the default stream)."""
        check(lib.hipinfer_stream_synchronize(self.handle, stream_pointer(stream)))

    def close(self) -> None:
        """Ends the context; its device memory is freed once the last tensor over it is gone."""
        self._handle = None
        self._workspaces = threading.local()

    def __enter__(self) -> "Context":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._handle is None else self.device
        return f"<hipinfer.Context {state}, {self.name} ({self.target})>"


class Stream:
    """A stream of the library's own. Streams of torch, CuPy and the drivers are as good."""

    def __init__(self, context: Optional[Context] = None):
        self.context = context or default_context()
        value = ctypes.c_void_p()
        check(lib.hipinfer_stream_create(self.context.handle, value))
        self.pointer = value.value or 0
        self._owner: Optional[Handle] = self.context._handle

    def synchronize(self) -> None:
        self.context.synchronize(self)

    def wait(self, event: "Event") -> None:
        """What is enqueued from here on runs after the event, as it was last recorded on any stream."""
        check(lib.hipinfer_stream_wait_event(self.context.handle, self.pointer, event.pointer))

    @contextmanager
    def capture(self) -> Iterator["Graph"]:
        """What the block enqueues on this stream is recorded and does not run; the graph then launches it any number of times.
        Tensors read at each launch what is in them then. Run the block once before: what it allocates at first use, a capture
        forbids. The CPU has no graphs (UnsupportedError)."""
        graph = Graph(self.context)
        value = ctypes.c_void_p()
        collects = gc.isenabled()
        gc.disable()  # a tensor that is found to be garbage would be freed, which a capture forbids
        try:
            check(lib.hipinfer_stream_begin_capture(self.context.handle, self.pointer))
            try:
                yield graph
            except BaseException:
                if lib.hipinfer_stream_end_capture(self.context.handle, self.pointer, value) == 0:
                    lib.hipinfer_graph_destroy(self.context.handle, value)
                raise
            check(lib.hipinfer_stream_end_capture(self.context.handle, self.pointer, value))
        finally:
            if collects:
                gc.enable()
        graph.pointer = value.value or 0
        kept: Dict[Any, List[object]] = self.context._workspaces.__dict__
        graph._workspaces = list(kept.get(self.pointer, []))

    def __del__(self) -> None:
        owner = getattr(self, "_owner", None)
        if owner is not None:
            lib.hipinfer_stream_destroy(owner.value, self.pointer)


class Event:
    """A point in a stream, for timing and waiting."""

    def __init__(self, context: Optional[Context] = None):
        self.context = context or default_context()
        value = ctypes.c_void_p()
        check(lib.hipinfer_event_create(self.context.handle, value))
        self.pointer = value.value or 0
        self._owner: Optional[Handle] = self.context._handle

    def record(self, stream: object = None) -> "Event":
        check(lib.hipinfer_event_record(self.context.handle, self.pointer, stream_pointer(stream)))
        return self

    def synchronize(self) -> None:
        check(lib.hipinfer_event_synchronize(self.context.handle, self.pointer))

    def elapsed_ms(self, end: "Event") -> float:
        """Milliseconds from this event to a later one; both have completed."""
        value = ctypes.c_float()
        check(lib.hipinfer_event_elapsed_ms(self.context.handle, self.pointer, end.pointer, value))
        return value.value

    def __del__(self) -> None:
        owner = getattr(self, "_owner", None)
        if owner is not None:
            lib.hipinfer_event_destroy(owner.value, self.pointer)


class Graph:
    """Work that Stream.capture has recorded. It keeps its context alive, and the workspaces that hipinfer made for it; the tensors
    that it names stay where they are for as long as it is launched, and it is dropped when its launches have ended."""

    def __init__(self, context: Context):
        self.context = context
        self.pointer = 0
        self._owner: Optional[Handle] = context._handle
        self._workspaces: List[object] = []

    def launch(self, stream: object = None) -> None:
        check(lib.hipinfer_graph_launch(self.context.handle, self.pointer, stream_pointer(stream)))

    def __del__(self) -> None:
        owner = getattr(self, "_owner", None)
        if owner is not None and self.pointer:
            lib.hipinfer_graph_destroy(owner.value, self.pointer)


def stream_pointer(stream: object) -> int:
    """The hipStream_t or CUstream behind a Stream, an int, a torch.cuda.Stream or a CuPy stream; 0 for None."""
    if stream is None:
        return 0
    if isinstance(stream, int):
        return stream
    for attribute in ("pointer", "cuda_stream", "ptr"):
        pointer = getattr(stream, attribute, None)
        if pointer is not None:
            return int(pointer)
    raise TypeError(f"stream: {type(stream).__name__}, expected None, an int, or a stream of hipinfer, torch or CuPy")


def device_count(device: str) -> int:
    """Number of devices of a kind ("hip", "cuda", "cpu"); 0 when there is no driver."""
    kinds = {name: code for code, name in DEVICE_NAMES.items()}
    if device not in kinds:
        raise ValueError(f"device: {device!r}, expected one of {', '.join(kinds)}")
    return int(lib.hipinfer_device_count(kinds[device]))


_defaults: Dict[Optional[Tuple[int, int]], Context] = {}
_defaults_lock = threading.Lock()


def default_context(device: Optional[Tuple[int, int]] = None) -> Context:
    """The process's own context of a device (DLPack's type and ordinal); None: the best device there is."""
    found = _defaults.get(device)
    if found is not None and found._handle is not None:
        return found
    with _defaults_lock:
        found = _defaults.get(device)
        if found is None or found._handle is None:
            if device is None:
                found = Context()
            elif device[0] in DEVICE_NAMES:
                found = Context(f"{DEVICE_NAMES[device[0]]}:{device[1]}")
            else:
                raise TypeError(f"device ({device[0]}, {device[1]}) in DLPack's numbers is none that hipinfer serves")
            _defaults[device] = found
            _defaults.setdefault((found.device_type, found.device_id), found)
    return found
