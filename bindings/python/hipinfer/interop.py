# SPDX-License-Identifier: Apache-2.0
"""Any array as a hipinfer_tensor, without a copy: our own, NumPy's, torch's, and whatever speaks DLPack."""

from __future__ import annotations

import sys
from ctypes import c_int64
from typing import Any, Optional, Protocol, Sequence, Tuple, Union

import numpy as np

from . import _abi, dlpack
from ._abi import DeviceTypeCode
from .dtypes import ABI, CODES, FROM_NUMPY, ITEMSIZE, LONG, ML_DTYPES, NAMES, dtype_name


class SupportsDLPack(Protocol):
    def __dlpack__(self, *, stream: Any = ...) -> Any: ...

    def __dlpack_device__(self) -> Tuple[int, int]: ...


class SupportsStream(Protocol):
    cuda_stream: int  # torch.cuda.Stream


TensorLike = Union["np.ndarray[Any, Any]", SupportsDLPack]
StreamLike = Union[None, int, SupportsStream]

CPU = (int(DeviceTypeCode.CPU), 0)
DEVICES = {CPU: _abi.Device(*CPU)}


def device_struct(device: Tuple[int, int]) -> _abi.Device:
    return DEVICES.setdefault(device, _abi.Device(*device))


def describe(data: Optional[int], device: Tuple[int, int], dtype: str, shape: Sequence[int],
             strides: Sequence[int]) -> _abi.Tensor:
    """A struct that owns its shape and strides (in elements)."""
    n = len(shape)
    extents = c_int64 * n
    return _abi.Tensor(data, device_struct(device), n, ABI[dtype], extents(*shape), extents(*strides), 0)


class View:
    """Somebody's memory for the time of a call. Tensor has the same attributes."""

    __slots__ = ("abi", "device", "writable", "held")
    context = None

    def __init__(self, abi: _abi.Tensor, device: Tuple[int, int], writable: bool, held: Any):
        self.abi = abi
        self.device = device  # that of the context which serves it
        self.writable = writable
        self.held = held


def serving_device(device_type: int, device_id: int) -> Tuple[int, int]:
    """Pinned host memory is served by the CPU, managed memory by its GPU."""
    if device_type in (DeviceTypeCode.CPU, DeviceTypeCode.CUDA_HOST, DeviceTypeCode.HIP_HOST):
        return CPU
    return (int(DeviceTypeCode.CUDA if device_type == DeviceTypeCode.CUDA_MANAGED else device_type), device_id)


def from_ndarray(array: "np.ndarray[Any, Any]", dtype: Optional[str] = None) -> View:
    """`dtype` names what the bits are where NumPy cannot: a uint16 array of bf16."""
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError("a masked array, whose mask would be lost: fill it with .filled(value) first")
    name = FROM_NUMPY.get(array.dtype)
    if dtype is not None and dtype != name:
        if dtype not in ML_DTYPES or array.dtype != np.dtype(f"u{ITEMSIZE[dtype]}"):
            raise TypeError(f"an array of {array.dtype} does not hold the bits of {dtype}")
        name = dtype
    if name is None:
        raise TypeError(f"an array of {array.dtype}, expected one of {', '.join(LONG.values())}"
                        + (" in native byte order" if not array.dtype.isnative else ""))
    size = array.itemsize
    if any(s % size for s in array.strides):
        raise ValueError(f"an array whose strides {array.strides} are no multiples of its {size}-byte elements")
    pointer, read_only = array.__array_interface__["data"]
    return View(describe(pointer, CPU, name, array.shape, [s // size for s in array.strides]), CPU, not read_only, array)


_torch_dtypes: dict = {}


def torch_device(torch: Any, tensor: Any) -> Tuple[int, int]:
    kind = tensor.device.type
    if kind == "cpu":
        return CPU
    if kind != "cuda":
        raise TypeError(f"a torch tensor on {kind}, expected cpu or cuda")
    code = DeviceTypeCode.CUDA if torch.version.hip is None else DeviceTypeCode.HIP
    return int(code), tensor.device.index


def from_torch(torch: Any, tensor: Any) -> View:
    dtype = _torch_dtypes.get(tensor.dtype)
    if dtype is None:
        dtype = _torch_dtypes[tensor.dtype] = dtype_name(tensor.dtype)
    if tensor.layout is not torch.strided or tensor.is_neg():
        raise TypeError(f"a torch tensor of layout {tensor.layout}{' with a lazy negation' if tensor.is_neg() else ''}, "
                        "expected a plain strided one")
    if tensor.requires_grad and torch.is_grad_enabled():
        raise ValueError("a torch tensor that requires a gradient, and hipinfer computes none: call this under torch.no_grad(), or "
                         "pass .detach()")
    device = torch_device(torch, tensor)
    return View(describe(tensor.data_ptr(), device, dtype, tensor.shape, tensor.stride()), device, True, tensor)


def from_dlpack_object(producer: Any, stream: int) -> View:
    kind, ordinal = (int(v) for v in producer.__dlpack_device__())
    device = serving_device(kind, ordinal)
    wanted: Optional[int] = None
    if device[0] == DeviceTypeCode.CUDA:
        wanted = stream or 1  # DLPack's number for the legacy default stream
    elif device[0] == DeviceTypeCode.HIP:
        wanted = stream
    capsule = dlpack.request(producer, wanted)
    tensor, writable = dlpack.read(capsule)
    if tensor.ndim and not tensor.shape:
        raise BufferError("a DLPack tensor without a shape")
    return View(tensor, device, writable, capsule)


def loaded_torch() -> Any:
    """torch, if the program has imported it: only then can an argument be one of its tensors."""
    return sys.modules.get("torch")


def view_of(value: Any, stream: int = 0, dtype: Optional[str] = None) -> View:
    """Whatever holds a tensor, as a view of the same memory. TypeError for the rest: a list would mean a copy."""
    if isinstance(value, np.ndarray):
        return from_ndarray(value, dtype)
    torch = loaded_torch()
    if torch is not None and isinstance(value, getattr(torch, "Tensor", ())):
        return from_torch(torch, value)
    if hasattr(value, "__dlpack__") and hasattr(value, "__dlpack_device__"):
        return from_dlpack_object(value, stream)
    if hasattr(value, "__array_interface__"):
        return from_ndarray(np.asarray(value), dtype)
    raise TypeError(f"{type(value).__name__}, expected a hipinfer.Tensor, a NumPy array, a torch tensor or an object with "
                    "__dlpack__")


def name_of(tensor: _abi.Tensor) -> str:
    kind = (tensor.dtype.code, tensor.dtype.bits)
    if kind not in NAMES or tensor.dtype.lanes != 1:
        raise TypeError(f"DLPack dtype {kind} with {tensor.dtype.lanes} lanes, expected one of {', '.join(CODES)}")
    return NAMES[kind]
