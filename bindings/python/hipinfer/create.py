# SPDX-License-Identifier: Apache-2.0
"""Where tensors come from."""

from __future__ import annotations

import math
import operator
from typing import Any, List, Optional, Sequence, Tuple, Union

import numpy as np

from ._abi import DeviceTypeCode
from .context import Context, default_context
from .dtypes import BLOCKS, TO_NUMPY, bits_of, bytes_of, dtype_name
from .interop import CPU, StreamLike, TensorLike, describe, name_of, view_of
from .strides import check_64_bits, compact_strides
from .tensor import Buffer, HostMemory, Tensor

Shape = Union[int, Sequence[int]]


class TensorSpec:
    """A shape and dtype without memory, for workspace_bytes and for validate-only contexts."""

    context = None
    device = None
    writable = True

    def __init__(self, shape: Sequence[int], dtype: Any = "f32", strides: Optional[Sequence[int]] = None):
        strides = compact_strides(shape) if strides is None else strides
        check_64_bits(shape, strides)
        self.abi = describe(None, CPU, dtype_name(dtype), shape, strides)


def extents_of(shape: Shape) -> List[int]:
    extents = [operator.index(n) for n in ([shape] if isinstance(shape, int) else shape)]
    if any(n < 0 for n in extents):
        raise ValueError(f"shape {extents} has a negative extent")
    return extents


def empty(shape: Shape, dtype: Any = "f32", context: Optional[Context] = None) -> Tensor:
    """A contiguous tensor of undefined contents."""
    extents, name, owner = extents_of(shape), dtype_name(dtype), context or default_context()
    if name in BLOCKS:
        bytes_of(name, extents[-1] if extents else 1)  # rows are whole blocks
    strides = compact_strides(extents)
    check_64_bits(extents, strides)
    buffer = Buffer(owner, bytes_of(name, math.prod(extents)))
    return Tensor(owner, buffer, buffer.pointer, extents, strides, name)


def zeros(shape: Shape, dtype: Any = "f32", context: Optional[Context] = None, stream: StreamLike = None) -> Tensor:
    return empty(shape, dtype, context).zero(stream)


def pinned(shape: Shape, dtype: Any = "f32", context: Optional[Context] = None) -> "np.ndarray[Any, Any]":
    """An array of undefined contents in pinned host memory: copies between it and the device only enqueue (Tensor.copy_from,
    copy_to), so it must not go, nor its contents change, before they are done."""
    extents, name = extents_of(shape), dtype_name(dtype)
    if 0 in extents:
        return np.empty(extents, TO_NUMPY[name])
    return np.asarray(HostMemory(context or default_context(), extents, bits_of(name))).view(TO_NUMPY[name])


def from_numpy(array: "np.ndarray[Any, Any]", context: Optional[Context] = None, stream: StreamLike = None,
               dtype: Any = None) -> Tensor:
    """A tensor with the array's elements: on the CPU the same memory, on a GPU a copy. dtype names the type of bits that
    NumPy holds as unsigned integers; of a type that is stored in blocks the array has the bytes, as GGUF's readers give."""
    owner = context or default_context()
    if owner.on_cpu:
        return as_tensor(array, owner, dtype)
    name = None if dtype is None else dtype_name(dtype)
    source = as_tensor(np.asarray(array, order="C"), default_context((int(DeviceTypeCode.CPU), 0)), name)
    return empty(source.shape, source.dtype, owner).copy_from(source, stream)


def as_tensor(value: TensorLike, context: Optional[Context] = None, dtype: Any = None) -> Tensor:
    """A Tensor over another array's memory, which it keeps alive; nothing is copied. Of a dtype that is stored in blocks
    ("q4_0") the array has the bytes: uint8, the bytes of a row's blocks in the last dimension."""
    if isinstance(value, Tensor):
        return value
    name = None if dtype is None else dtype_name(dtype)
    view = view_of(value, 0, None if name in BLOCKS else name)
    owner = context or default_context(view.device)
    if view.device != (owner.device_type, owner.device_id):
        raise ValueError(f"memory on device {view.device} for a context on {owner.device}: as_tensor does not copy")
    shape = view.abi.shape[:view.abi.ndim]
    strides = view.abi.strides[:view.abi.ndim] if view.abi.strides else compact_strides(shape)
    pointer = (view.abi.data or 0) + view.abi.byte_offset
    if name in BLOCKS:
        if name_of(view.abi) != "u8":
            raise TypeError(f"an array of {name_of(view.abi)} does not hold the bytes of {name}: expected u8")
        shape, strides = of_blocks(name, shape, strides)
        return Tensor(owner, view, pointer, shape, strides, name, view.writable)
    return Tensor(owner, view, pointer, shape, strides, name_of(view.abi), view.writable)


def of_blocks(dtype: str, shape: Sequence[int], strides: Sequence[int]) -> Tuple[List[int], List[int]]:
    """Extents and strides in elements, of bytes whose last dimension holds blocks."""
    block, size = BLOCKS[dtype]
    if not shape or shape[-1] % size or (shape[-1] > 1 and strides[-1] != 1):
        raise ValueError(f"bytes of shape {list(shape)}: expected a contiguous last dimension of whole {size}-byte blocks of {dtype}")
    if any(n > 1 and s % size for n, s in zip(shape[:-1], strides)):
        raise ValueError(f"bytes with strides {list(strides)}: expected rows that are multiples of {dtype}'s {size}-byte blocks apart")
    return [*shape[:-1], shape[-1] // size * block], [*(s // size * block for s in strides[:-1]), 1]


from_dlpack = as_tensor
