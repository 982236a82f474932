# SPDX-License-Identifier: Apache-2.0
"""Tensor: strided device memory, for programs that have no array library for their GPU."""

from __future__ import annotations

import ctypes
import math
import operator
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np

from . import dlpack
from ._library import check, lib
from .context import Context, stream_pointer
from .dtypes import BLOCKS, ITEMSIZE, TO_NUMPY, bits_of, bytes_of
from .interop import StreamLike, describe, name_of, view_of
from .strides import check_64_bits, compact_strides, is_compact, reshaped_strides


class Buffer:
    """Memory from hipinfer_malloc; freed with its last user."""

    __slots__ = ("pointer", "bytes", "last_stream", "source", "_handle")

    def __init__(self, context: Context, size: int):
        self._handle = None
        if size >= 2**63:  # ctypes would wrap it
            raise ValueError(f"{size} bytes, expected less than 2^63")
        value = ctypes.c_void_p()
        check(lib.hipinfer_malloc(context.handle, size, value))
        self.pointer = value.value
        self.bytes = size
        self.last_stream = 0  # where it was last written: whom a reader must wait for
        self.source: Any = None  # host memory that a copy may still read
        self._handle = context._handle

    def __del__(self) -> None:
        if self._handle is not None and self.pointer:
            lib.hipinfer_free(self._handle.value, self.pointer)


class HostMemory:
    """Memory from hipinfer_malloc_host, for NumPy; freed with the last array over it."""

    def __init__(self, context: Context, shape: Sequence[int], dtype: "np.dtype[Any]"):
        self._handle = None
        size = math.prod(shape) * dtype.itemsize
        check_64_bits(shape, compact_strides(shape))
        value = ctypes.c_void_p()
        check(lib.hipinfer_malloc_host(context.handle, size, value))
        self.pointer = value.value
        self._handle = context._handle
        self.__array_interface__ = {"version": 3, "shape": tuple(shape), "typestr": dtype.str, "data": (self.pointer, False)}

    def __del__(self) -> None:
        if self._handle is not None and self.pointer:
            lib.hipinfer_free_host(self._handle.value, self.pointer)


class Tensor:
    """A strided view of memory on a context's device. Slicing, reshape and permute give views, never copies.

    Made by empty, zeros, from_numpy and as_tensor.
    """

    __slots__ = ("context", "shape", "strides", "dtype", "device", "pointer", "writable", "abi", "_owner", "__weakref__")

    def __init__(self, context: Context, owner: Any, pointer: Optional[int], shape: Sequence[int],
                 strides: Sequence[int], dtype: str, writable: bool = True):
        self.context = context
        self.shape = tuple(shape)
        self.strides = tuple(strides)  # in elements
        self.dtype = dtype
        self.device = (context.device_type, context.device_id)
        self.pointer = pointer or 0
        self.writable = writable
        self._owner = owner
        check_64_bits(self.shape, self.strides)
        self.abi = describe(pointer, self.device, dtype, self.shape, self.strides)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        if self.dtype in BLOCKS:
            raise TypeError(f"elements of {self.dtype} are stored in blocks: none has bytes of its own")
        return ITEMSIZE[self.dtype]

    @property
    def nbytes(self) -> int:
        return bytes_of(self.dtype, self.size)

    @property
    def contiguous(self) -> bool:
        return is_compact(self.shape, self.strides)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor without dimensions has no length")
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<hipinfer.Tensor {list(self.shape)} {self.dtype} on {self.context.device}>"

    # Views

    def _view(self, offset: int, shape: Sequence[int], strides: Sequence[int]) -> "Tensor":
        block = BLOCKS.get(self.dtype, (1, 0))[0]
        if block > 1 and (not shape or shape[-1] % block or (shape[-1] and strides[-1] != 1) or offset % block):
            raise ValueError(f"a view of {self.dtype} has whole blocks of {block} elements in its last dimension")
        pointer = self.pointer + bytes_of(self.dtype, offset) if self.pointer else None
        return Tensor(self.context, self._owner, pointer, shape, strides, self.dtype, self.writable)

    def __getitem__(self, key: Any) -> "Tensor":
        keys = list(key) if isinstance(key, tuple) else [key]
        taken = sum(k is not None and k is not Ellipsis for k in keys)
        if taken > self.ndim or keys.count(Ellipsis) > 1:
            raise IndexError(f"index {key!r} of a tensor with {self.ndim} dimensions")
        at = keys.index(Ellipsis) if Ellipsis in keys else len(keys)
        keys[at:at + 1] = [slice(None)] * (self.ndim - taken)
        shape: List[int] = []
        strides: List[int] = []
        offset = d = 0
        for k in keys:
            if k is None:
                shape.append(1)
                strides.append(0)
                continue
            n, s = self.shape[d], self.strides[d]
            d += 1
            if isinstance(k, slice):
                start, stop, step = k.indices(n)
                extent = len(range(start, stop, step))
                offset += start * s if extent else 0
                shape.append(extent)
                strides.append(step * s if extent > 1 else s)
            else:
                i = operator.index(k)
                if not -n <= i < n:
                    raise IndexError(f"index {i} of a dimension of {n}")
                offset += (i % n) * s
        return self._view(offset, shape, strides)

    def reshape(self, *shape: Any) -> "Tensor":
        """The same memory in another shape; ValueError where that would need a copy."""
        wanted = list(shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)
        if wanted.count(-1) == 1:
            rest = math.prod(n for n in wanted if n != -1)
            wanted[wanted.index(-1)] = self.size // rest if rest else 0
        strides = reshaped_strides(self.shape, self.strides, wanted)
        if strides is None:
            raise ValueError(f"shape {list(self.shape)} with strides {list(self.strides)} is no view of shape {wanted}")
        return self._view(0, wanted, strides)

    def permute(self, *order: int) -> "Tensor":
        if sorted(order) != list(range(self.ndim)):
            raise ValueError(f"order {order} of {self.ndim} dimensions")
        return self._view(0, [self.shape[i] for i in order], [self.strides[i] for i in order])

    def blocks(self) -> "Tensor":
        """The bytes of a dtype that is stored in blocks, as u8; the last dimension is a row's bytes."""
        block, size = BLOCKS[self.dtype]
        shape = [*self.shape[:-1], self.shape[-1] // block * size]
        strides = [*(s // block * size for s in self.strides[:-1]), 1]
        return Tensor(self.context, self._owner, self.pointer or None, shape, strides, "u8", self.writable)

    # Copies

    def copy_from(self, source: Any, stream: StreamLike = None) -> "Tensor":
        """Enqueues a copy of an array or tensor of the same shape and dtype; this tensor is contiguous. The source
        stays as it is until the stream has been synchronised."""
        pointer = stream_pointer(stream)
        if isinstance(source, np.ndarray):
            source = np.asarray(source, order="C")
        view = source if isinstance(source, Tensor) else view_of(source, pointer)
        shape = tuple(view.abi.shape[:view.abi.ndim])
        if shape != self.shape or name_of(view.abi) != self.dtype:
            raise ValueError(f"copy of {list(shape)} {name_of(view.abi)} to {list(self.shape)} {self.dtype}")
        strides = view.abi.strides[:len(shape)] if view.abi.strides else compact_strides(shape)
        if not (self.contiguous and is_compact(shape, strides)):
            raise ValueError("copy_from copies between contiguous tensors only")
        if not self.writable:
            raise ValueError("the tensor is read-only")
        check(lib.hipinfer_memcpy_async(self.context.handle, self.pointer, (view.abi.data or 0) + view.abi.byte_offset,
                                        self.nbytes, pointer))
        self.written(pointer)
        if isinstance(self._owner, Buffer):
            self._owner.source = source
        return self

    def copy_to(self, array: "np.ndarray[Any, Any]", stream: StreamLike = None) -> None:
        """Enqueues a copy of this contiguous tensor to an array of the same shape and dtype, which has it once the stream has been
        synchronised; into memory of hipinfer.pinned the host goes on meanwhile."""
        pointer = stream_pointer(stream)
        view = view_of(array, pointer, self.dtype)
        if array.shape != self.shape:
            raise ValueError(f"copy of {list(self.shape)} to {list(array.shape)}")
        if not (self.contiguous and array.flags.c_contiguous):
            raise ValueError("copy_to copies between contiguous memory only")
        if not view.writable:
            raise ValueError("the array is read-only")
        check(lib.hipinfer_memcpy_async(self.context.handle, view.abi.data, self.pointer, self.nbytes, pointer))

    def zero(self, stream: StreamLike = None) -> "Tensor":
        """Enqueues zeros over the whole, contiguous tensor."""
        if not (self.contiguous and self.writable):
            raise ValueError("zero fills contiguous, writable tensors only")
        pointer = stream_pointer(stream)
        check(lib.hipinfer_memset_async(self.context.handle, self.pointer, 0, self.nbytes, pointer))
        self.written(pointer)
        return self

    def written(self, stream: int) -> None:
        """Notes the stream of the last write, for readers that must wait for it."""
        if isinstance(self._owner, Buffer):
            self._owner.last_stream = stream

    def _stream(self, stream: StreamLike = None) -> int:
        """The one given, else that of the last write."""
        if stream is not None:
            return stream_pointer(stream)
        return self._owner.last_stream if isinstance(self._owner, Buffer) else 0

    def numpy(self, stream: StreamLike = None) -> "np.ndarray[Any, Any]":
        """On the CPU the same memory; from a GPU a copy, once the work on the stream (None: that of the last write) has
        run. bf16 and fp8 are ml_dtypes' types, or without ml_dtypes unsigned integers; blocks are bytes, as blocks() has
        them."""
        if self.dtype in BLOCKS:
            return self.blocks().numpy(stream)
        if self.size == 0:
            array = np.empty(self.shape, bits_of(self.dtype))  # it has no memory that could be shared
        elif self.context.on_cpu:
            array = np.asarray(_Exposed(self))
        else:
            pointer = self._stream(stream)
            reach = [s * (n - 1) for n, s in zip(self.shape, self.strides)]
            low, high = sum(r for r in reach if r < 0), sum(r for r in reach if r > 0)
            span = np.empty(high - low + 1, bits_of(self.dtype))
            check(lib.hipinfer_memcpy_async(self.context.handle, span.ctypes.data, self.pointer + low * self.itemsize,
                                            span.nbytes, pointer))
            check(lib.hipinfer_stream_synchronize(self.context.handle, pointer))
            array = np.ndarray(self.shape, span.dtype, span, -low * self.itemsize,
                               [s * self.itemsize for s in self.strides])
            array = np.asarray(array, order="C")
        return array.view(TO_NUMPY[self.dtype]) if array.dtype != TO_NUMPY[self.dtype] else array

    # Protocols

    @property
    def __array_interface__(self) -> dict:
        if not self.context.on_cpu or self.dtype in BLOCKS or TO_NUMPY[self.dtype] != bits_of(self.dtype):
            raise AttributeError("__array_interface__ is for CPU tensors of NumPy's own dtypes")
        return _Exposed(self).__array_interface__

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> "np.ndarray[Any, Any]":
        if not self.context.on_cpu:
            raise TypeError("a tensor on a GPU: use .numpy(), which copies")
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            if copy is False:
                raise ValueError(f"{self.dtype} to {dtype} needs a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    def __dlpack_device__(self) -> Tuple[int, int]:
        return self.device

    def __dlpack__(self, *, stream: Optional[int] = None, max_version: Optional[Tuple[int, int]] = None,
                   dl_device: Optional[Tuple[int, int]] = None, copy: Optional[bool] = None) -> Any:
        if copy or (dl_device is not None and tuple(dl_device) != self.device):
            raise BufferError("hipinfer exports its memory as it is: no copy, no other device")
        if self.dtype in BLOCKS:
            raise BufferError(f"DLPack has no dtype for {self.dtype}: export blocks()")
        versioned = max_version is not None and max_version[0] >= 1
        if not self.writable and not versioned:
            raise BufferError("a read-only tensor needs a consumer of DLPack 1.0 or later")
        if not self.context.on_cpu and stream != -1:  # DLPack: -1 means that the consumer takes care
            check(lib.hipinfer_stream_synchronize(self.context.handle, self._stream()))
        return dlpack.export(describe(self.pointer or None, self.device, self.dtype, self.shape, self.strides), self,
                             self.writable, versioned)


class _Exposed:
    """A CPU tensor's memory for NumPy, with bf16 and fp8 as unsigned integers; arrays made of it keep the tensor."""

    def __init__(self, tensor: Tensor):
        self.tensor = tensor
        self.__array_interface__ = {
            "version": 3, "shape": tensor.shape, "typestr": bits_of(tensor.dtype).str,
            "data": (tensor.pointer, not tensor.writable),
            "strides": tuple(s * tensor.itemsize for s in tensor.strides),
        }
