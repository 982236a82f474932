# SPDX-License-Identifier: Apache-2.0
"""Tensor arguments: views with strides of their own into stores whose other elements must not matter."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

import numpy as np

from golden.reals import NUMPY, narrowed

LAYOUTS = ("compact", "aligned", "odd", "reversed", "swapped")
MARGIN = 16  # elements around a view that show a write out of bounds


def filler(size: int, dtype: str) -> np.ndarray:
    """What lies around a tensor: NaN, or a number that no index or count of a case has."""
    kind = NUMPY[dtype]
    if dtype in ("bool", "u8", "i8"):
        pattern = np.arange(size) * 37 % 101
        return (pattern % 3 == 0 if dtype == "bool" else pattern + 3).astype(kind)
    if dtype in ("i32", "i64"):
        return (np.arange(size) % 13 - 1000003).astype(kind)
    with np.errstate(invalid="ignore"):
        return np.full(size, np.nan).astype(kind)


class Store:
    """One allocation. Several tensors may be views of it."""

    def __init__(self, size: int, dtype: str):
        self.dtype = dtype
        self.data = filler(max(size, 1), dtype)

    def as_dtype(self, dtype: str) -> Store:
        other = Store.__new__(Store)
        with np.errstate(invalid="ignore"):  # signalling NaNs
            other.dtype, other.data = dtype, self.data.astype(NUMPY[dtype])
        return other


class Array:
    """A strided view of a store; strides in elements."""

    def __init__(self, store: Store, offset: int, shape: Sequence[int], strides: Sequence[int]):
        self.store, self.offset = store, offset
        self.shape, self.strides = tuple(shape), tuple(strides)

    @property
    def dtype(self) -> str:
        return self.store.dtype

    def of(self, data: np.ndarray) -> np.ndarray:
        """This view of another copy of the store."""
        size = data.itemsize
        return np.ndarray(self.shape, data.dtype, data, self.offset * size, [s * size for s in self.strides])

    @property
    def view(self) -> np.ndarray:
        return self.of(self.store.data)

    def permuted(self, *order: int) -> Array:
        return Array(self.store, self.offset, [self.shape[i] for i in order], [self.strides[i] for i in order])

    def part(self, dimension: int, begin: int, end: int) -> Array:
        """Elements begin to end of one dimension."""
        shape = list(self.shape)
        shape[dimension] = end - begin
        return Array(self.store, self.offset + begin * self.strides[dimension], shape, self.strides)

    def at(self, dimension: int, index: int) -> Array:
        """One element of a dimension, which goes away."""
        kept = [d for d in range(len(self.shape)) if d != dimension]
        return Array(self.store, self.offset + index * self.strides[dimension], [self.shape[d] for d in kept],
                     [self.strides[d] for d in kept])

    def repeated(self, dimension: int, count: int) -> Array:
        """A dimension of extent 1 becomes `count` equal ones, with stride 0."""
        shape, strides = list(self.shape), list(self.strides)
        assert shape[dimension] == 1
        shape[dimension], strides[dimension] = count, 0
        return Array(self.store, self.offset, shape, strides)


def laid_out(shape: Sequence[int], layout: str, place: int, free: bool) -> Tuple[int, int, List[int]]:
    """Size, offset and strides of a layout.

    compact   row-major, as allocated
    aligned   rows and planes are padded by multiples of 16 elements: vector loads stay possible
    odd       rows begin anywhere: an odd offset and odd paddings
    reversed  aligned, and the leading dimensions run backwards
    swapped   aligned, and the leading dimensions lie in reverse order
    With `free` the last dimension is not contiguous either, but for compact. `place` makes the paddings of a call's
    tensors differ.
    """
    n = len(shape)
    pad = {"compact": 0, "odd": 2 * place + 3}.get(layout, 16 * place)
    order = list(range(n))  # from the outermost to the innermost
    if layout == "swapped":
        order = order[::-1] if free else order[:-1][::-1] + order[-1:]
    strides = [0] * n
    running = 1
    for i, d in enumerate(reversed(order)):
        if i == 0 and free and layout in ("odd", "reversed"):
            running = 3
        strides[d] = running
        running *= max(shape[d], 1)
        if layout != "compact":
            if i == 0 and layout != "odd":
                running = -(-running // 16) * 16
            running += pad
    lead = {"compact": MARGIN, "odd": MARGIN + 2 * place + 1}.get(layout, MARGIN * (place + 1))
    offset = lead
    if layout == "reversed":
        for d in range(n if free else n - 1):
            offset += strides[d] * max(shape[d] - 1, 0)
            strides[d] = -strides[d]
    return lead + running + MARGIN, offset, strides


def empty(shape: Sequence[int], dtype: str, layout: str = "compact", place: int = 1, free: bool = False) -> Array:
    size, offset, strides = laid_out(shape, layout, place, free)
    return Array(Store(size, dtype), offset, shape, strides)


def tensor(values: Any, dtype: str, layout: str = "compact", place: int = 1, free: bool = False) -> Array:
    values = np.asarray(values)
    array = empty(values.shape, dtype, layout, place, free)
    array.view[...] = narrowed(values, dtype)
    return array
