# SPDX-License-Identifier: Apache-2.0
"""Where tensors come from."""

from __future__ import annotations

import math
import operator
from typing import Any, Optional, Sequence, Union

import numpy as np

from ._abi import DeviceTypeCode
from .context import Context, default_context
from .dtypes import ITEMSIZE, dtype_name
from .interop import CPU, StreamLike, TensorLike, describe, name_of, view_of
from .strides import compact_strides
from .tensor import Buffer, Tensor

Shape = Union[int, Sequence[int]]


class TensorSpec:
    """A shape and dtype without memory, for workspace_bytes and for validate-only contexts."""

    context = None
    device = None
    writable = True

    def __init__(self, shape: Sequence[int], dtype: Any = "f32", strides: Optional[Sequence[int]] = None):
        self.abi = describe(None, CPU, dtype_name(dtype), shape, compact_strides(shape) if strides is None else strides)


def empty(shape: Shape, dtype: Any = "f32", context: Optional[Context] = None) -> Tensor:
    """A contiguous tensor of undefined contents."""
    extents = [operator.index(n) for n in ([shape] if isinstance(shape, int) else shape)]
    if any(n < 0 for n in extents):
        raise ValueError(f"shape {extents} has a negative extent")
    name, owner = dtype_name(dtype), context or default_context()
    buffer = Buffer(owner, math.prod(extents) * ITEMSIZE[name])
    return Tensor(owner, buffer, buffer.pointer, extents, compact_strides(extents), name)


def zeros(shape: Shape, dtype: Any = "f32", context: Optional[Context] = None, stream: StreamLike = None) -> Tensor:
    return empty(shape, dtype, context).zero(stream)


def from_numpy(array: "np.ndarray[Any, Any]", context: Optional[Context] = None, stream: StreamLike = None,
               dtype: Any = None) -> Tensor:
    """A tensor with the array's elements: on the CPU the same memory, on a GPU a copy. dtype names the type of bits that
    NumPy holds as unsigned integers."""
    owner = context or default_context()
    if owner.on_cpu:
        return as_tensor(array, owner, dtype)
    name = None if dtype is None else dtype_name(dtype)
    source = as_tensor(np.ascontiguousarray(array), default_context((int(DeviceTypeCode.CPU), 0)), name)
    return empty(array.shape, source.dtype, owner).copy_from(source, stream)


def as_tensor(value: TensorLike, context: Optional[Context] = None, dtype: Any = None) -> Tensor:
    """A Tensor over another array's memory, which it keeps alive; nothing is copied."""
    if isinstance(value, Tensor):
        return value
    view = view_of(value, 0, None if dtype is None else dtype_name(dtype))
    owner = context or default_context(view.device)
    if view.device != (owner.device_type, owner.device_id):
        raise ValueError(f"memory on device {view.device} for a context on {owner.device}: as_tensor does not copy")
    shape = view.abi.shape[:view.abi.ndim]
    strides = view.abi.strides[:view.abi.ndim] if view.abi.strides else compact_strides(shape)
    pointer = (view.abi.data or 0) + view.abi.byte_offset
    return Tensor(owner, view, pointer, shape, strides, name_of(view.abi), view.writable)


from_dlpack = as_tensor
