# SPDX-License-Identifier: Apache-2.0
"""Kernels that are not ours, against numpy: what workgroups do together, memory, and C++. Numbers are in
test_foreign_numbers.py."""

from __future__ import annotations

import ctypes
import hashlib
import zlib

import numpy as np
import pytest
from foreign import InOut, Out, VARIANTS, blocks
from hip import Buffer, runtime

pytestmark = pytest.mark.parametrize("variant", VARIANTS, ids=str)


# Workgroups that work together

@pytest.mark.parametrize("n", [1, 2500])
@pytest.mark.parametrize("dtype", ["f32", "f64", "u64"])
def test_sums(code, dtype, n):
    x = code.random.integers(0, 1000, n).astype(dtype.replace("f", "float").replace("u", "uint"))
    for grid, block in ((3, 256), (1, 1024), (2, 96)):
        sums = code.run(f"sum_{dtype}", grid, block, x, Out(grid, x.dtype), n)
        assert sums.sum() == x.sum()
        assert sums[0] == x[np.arange(n) % (grid * block) < block].sum()


@pytest.mark.parametrize("block", [64, 256, 1024])
def test_max_tree(code, block):
    x = code.random.integers(-(1 << 31), -1, 2 * block + 17, np.int32)
    best = code.run("max_tree", 3, block, x, Out(3, np.int32), len(x), lds=4 * block)
    assert list(best) == [x[i * block: (i + 1) * block].max() for i in range(3)]


def test_atomic_sums(code):
    n = 700
    x = code.random.integers(-99, 99, n).astype(np.float32)
    zero = [InOut(np.zeros(1, t)) for t in (np.float32, np.float64)]
    total, total64, lowest, highest = code.run("atomic_sums", 3, 256, x, *zero, InOut(np.full(1, 1 << 62, np.uint64)),
                                               InOut(np.full(1, -5000, np.int32)), n)
    assert total[0] == x.sum() and total64[0] == x.sum() and highest[0] == x.max()
    assert lowest[0] == (int(x.min()) + 1000 << 32) + int(x.argmin())


@pytest.mark.parametrize(("kernel", "size"), [("scan_steps", 256), ("scan_steps", 77), ("scan_tree", 512), ("scan_tree", 300)])
def test_scans(code, kernel, size):
    x = code.random.integers(0, 1 << 32, (4, size), np.uint32)
    inclusive = np.cumsum(x, 1, dtype=np.uint32)
    got = code.run(kernel, 4, 256, x, Out(x.shape, np.uint32), size)
    assert np.array_equal(got, inclusive if kernel == "scan_steps" else inclusive - x)


@pytest.mark.parametrize("n", [1, 256, 256 * 37 + 5])
def test_scan_look_back(code, n):
    x = code.random.integers(0, 1 << 32, n, np.uint32)
    grid = blocks(n, 256)
    got, _, tickets = code.run("scan_look_back", grid, 256, x, Out(n, np.uint64), InOut(np.zeros(grid, np.uint64)),
                               InOut(np.zeros(1, np.uint32)), n)
    assert np.array_equal(got, np.cumsum(x, dtype=np.uint64)) and tickets[0] == grid


@pytest.mark.parametrize("n", [512, 301])
def test_sort_block(code, n):
    keys = code.random.integers(0, 400, (3, n), np.uint32)
    payload = np.tile(np.arange(n, dtype=np.uint16), (3, 1))
    got, order = code.run("sort_block", 3, 256, InOut(keys), InOut(payload), n)
    assert np.array_equal(order, np.argsort(keys, 1, kind="stable"))
    assert np.array_equal(got, np.sort(keys, 1))


def test_sort_of_memory(code):
    n = 512
    keys = code.random.integers(-(1 << 62), 1 << 62, n, np.int64)
    expected, size = np.sort(keys), 2
    while size <= n:
        stride = size // 2
        while stride:
            keys = code.run("sort_step", n // 128, 128, InOut(keys), size, stride)
            stride //= 2
        size *= 2
    assert np.array_equal(keys, expected)


@pytest.mark.parametrize(("n", "block"), [(1000, 256), (129, 64), (64, 96)])
def test_keep_odd(code, n, block):
    x = code.random.integers(0, 1 << 32, n, np.uint32)
    grid = blocks(n, block)
    out, count, firsts = code.run("keep_odd", grid, block, x, Out(n, np.uint32), InOut(np.zeros(1, np.uint32)),
                                  Out((grid, 2), np.uint32), n)
    assert count[0] == (x & 1).sum()
    for (first, kept), part in zip(firsts, np.split(x, range(block, n, block))):
        assert np.array_equal(out[first: first + kept], part[part & 1 == 1])


# Memory

@pytest.mark.parametrize(("rows", "columns"), [(64, 64), (33, 70), (1, 40)])
@pytest.mark.parametrize("dtype", ["u8", "u16", "rgb", "u32", "f64"])
def test_transpose(code, dtype, rows, columns):
    size = {"u8": 1, "u16": 2, "rgb": 3, "u32": 4, "f64": 8}[dtype]
    x = code.random.integers(0, 256, (rows, columns, size), np.uint8)
    got = code.run(f"transpose_{dtype}", (blocks(columns, 32), blocks(rows, 32)), (32, 8), x, Out((columns, rows, size), np.uint8),
                   rows, columns)
    assert np.array_equal(got, x.transpose(1, 0, 2))


@pytest.mark.parametrize("n", [5, 4097])
def test_histogram(code, n):
    x = (code.random.normal(128, 20, n)).astype(np.uint8)
    got = code.run("histogram", 3, 192, x, InOut(np.full(256, 1 << 33, np.uint64)), n)
    assert np.array_equal(got - np.uint64(1 << 33), np.bincount(x, minlength=256))


def test_atomics(code):
    n = 200
    x, state = code.random.integers(0, 1 << 32, n, np.uint32), code.random.integers(0, 1 << 32, 20, np.uint32)
    before = state.copy()
    state, seen = code.run("atomics", 1, n, x, InOut(state), Out((2, n), np.uint32))
    signed = x.view(np.int32)
    expected = [before[0] + x.sum(dtype=np.uint32), before[1] - x.sum(dtype=np.uint32),
                before[2] & np.bitwise_and.reduce(x | 0xffff), before[3] | np.bitwise_or.reduce(x & 0x10101),
                before[4] ^ np.bitwise_xor.reduce(x), min(before[5], x.min()), max(before[6], x.max()),
                np.uint32(min(int(before[7:8].view(np.int32)[0]), int(signed.min())) & 0xffffffff),
                np.uint32(max(int(before[8:9].view(np.int32)[0]), int(signed.max())) & 0xffffffff), before[9] + np.uint32(n)]
    assert np.array_equal(state[:10], expected) and np.array_equal(state[10:], expected)
    for row in seen:
        assert np.array_equal(np.sort(row - before[9]), np.arange(n))


def test_laplace(code):
    nx, ny, nz = 19, 9, 5
    x = code.random.integers(-50, 50, (nz, ny, nx)).astype(np.float32)
    got = code.run("laplace", (3, 3, 2), (8, 4, 4), x, Out(x.shape, np.float32), nx, ny, nz)
    p = np.pad(x, 1)
    inner = slice(1, -1)
    expected = sum(np.roll(p, by, axis)[inner, inner, inner] for axis in range(3) for by in (1, -1)) - 6 * x
    assert np.array_equal(got, expected)


@pytest.mark.parametrize(("grid", "block"), [((2, 3, 2), (5, 3, 7)), ((3, 1, 1), (64, 1, 1)), ((1, 2, 1), (1, 70, 2))])
def test_where(code, grid, block):
    shape = (*grid[::-1], *block[::-1])
    got = code.run("where", grid, block, Out((*shape, 4, 3), np.uint32))
    index = np.stack(np.indices(shape), -1)[..., ::-1]
    assert np.array_equal(got[..., 0, :], index[..., :3]) and np.array_equal(got[..., 1, :], index[..., 3:])
    assert (got[..., 2, :] == block).all() and (got[..., 3, :] == grid).all()


def test_arrays_in_scratch(code):
    n = 150
    x = code.random.integers(-9999, 9999, n, np.int16)
    got = code.run("median_of_window", 3, 64, x, Out(n, np.int16), n)
    assert list(got) == [sorted(x[max(0, i - 5): i + 6])[len(x[max(0, i - 5): i + 6]) // 2] for i in range(n)]
    order = code.random.integers(0, 256, n, np.uint8)
    got = code.run("permute_in_scratch", 3, 64, order, Out(n, np.uint64), n)
    for i in range(n):
        words = [(i * 0x9e3779b97f4a7c15 + j) & (1 << 64) - 1 for j in range(16)]
        data = bytearray(b"".join(w.to_bytes(8, "little") for w in words))
        for j in range(32):
            a, b = int(order[(i + j) % n]) & 127, int(order[(i + 3 * j) % n]) & 127
            data[a], data[b] = data[b], data[a]
        result = 0
        for j in range(0, 128, 8):
            result = (result * 31 + int.from_bytes(data[j: j + 8], "little")) & (1 << 64) - 1
        assert got[i] == result


def test_packed_entries(code):
    n = 180
    kind = np.dtype([("kind", "u1"), ("number", "u4"), ("part", "u2"), ("value", "f8")])
    assert kind.itemsize == 15
    x = np.empty(n, kind)
    for name in kind.names:
        x[name] = code.random.integers(0, 200, n)
    got = code.run("packed_entries", 3, 64, x, Out(n, kind), n)
    t, i = np.arange(192) % 64, np.arange(192)
    own = np.empty((192, 7), kind)
    for j in range(7):
        own[i, (j * 3 + t) % 7] = x[(i + j) % n]
    shared = own[i, (n + t) % 7]
    shared["number"] += own[i, (i + 1) % 7]["part"]
    expected = shared[i // 64 * 64 + 63 - t]
    expected["value"] += own[i, t % 7]["value"]
    expected["part"] ^= expected["kind"]
    assert np.array_equal(got, expected[:n])


def test_any_memory(code):
    n = 500
    x = code.random.integers(0, 1000, n, np.uint32)
    got = code.run("any_memory", 2, 256, x, Out((2, n), np.uint32), n)
    x = x.astype(np.int64)
    kind, own = x % 3, x // 3 % 4
    base = np.select([kind == 0, kind == 1], [1000 + np.arange(n) % 256, own + 1], 7)
    expected = base + x + np.select([kind == 0, kind == 1], [1 << 20, (1 << 21) + 16 * x], 0) + 160
    assert np.array_equal(got[0], expected) and np.array_equal(got[1], np.where(kind == 2, 7 + x, 7))


# C++

class Settings(ctypes.Structure):
    class Target(ctypes.Structure):
        _fields_ = [("at", ctypes.c_uint64), ("last", ctypes.c_uint8)]
    _fields_ = [("tag", ctypes.c_uint8), ("scale", ctypes.c_double), ("dims", ctypes.c_int16 * 3),
                ("offsets", ctypes.c_float * 5), ("out", Target)]


def test_struct_by_value(code):
    runtime().use(code.target)
    with Buffer(runtime(), 128) as out:
        s = Settings(3, 2.5, (4, 6, 100), (1, 2, 3, 4, 50), (out.address, 7))
        code.run("by_value", 1, 64, bytes(s), np.uint8(11))
        expected = [int(2.5 * s.dims[t % 3] + (s.offsets[t % 5] + 0.5) * 2) * 1000 + 21 for t in range(16)]
        assert list(out.read(np.uint64)) == expected


def test_hidden_arguments(code):
    if code.variant.version < 5:
        pytest.skip("code object version 4 has none of these")
    assert list(code.run("hidden", (3, 2, 5), (16, 4, 2), Out(10, np.uint32))) == [3, 2, 5, 16, 4, 2, 0, 0, 0, 3]
    assert list(code.run("hidden", 7, 33, Out(10, np.uint32))) == [7, 1, 1, 33, 1, 1, 0, 0, 0, 1]


def test_calls_through_pointers(code):
    n = 200
    a, b = code.random.integers(-100, 100, (2, n), np.int32)
    with np.errstate(over="ignore"):
        results = [a + b, a - b, a * b + b + a, a ** (b & 7)]
    assert np.array_equal(code.run("call_pointers", 2, 128, a, b, Out(n, np.int32), n), np.choose((a ^ b) & 3, results))
    x = code.random.integers(0, 100, n).astype(np.float32)
    expected = np.where(x % 2 == 1, 3 * x + 6 * x + 1, 3 * x * x)
    assert np.array_equal(code.run("call_virtual", 2, 128, x, Out(n, np.float32), n), expected)


def test_recursion(code):
    ackermann = [lambda n: n + 1, lambda n: n + 2, lambda n: 2 * n + 3]
    assert list(code.run("recurse", 1, 80, Out(80, np.uint32))) == [ackermann[t % 3](t % 5) for t in range(80)]
    assert list(code.run("count_queens", 1, 12, Out(12, np.int32))) == 2 * [1, 1, 0, 0, 2, 10]


def texts(random, lengths):
    """Bytes of them all, and where each begins."""
    return random.integers(0, 256, sum(lengths), np.uint8), np.cumsum([0, *lengths], dtype=np.int32)


def test_stack_of_any_size(code):
    text, starts = texts(code.random, [(7 * i) % 61 + 1 for i in range(100)])
    got = code.run("reverse_on_stack", 2, 64, text, Out(len(text), np.uint8), starts, 100)
    assert np.array_equal(got, np.concatenate([text[a:b][::-1] for a, b in zip(starts, starts[1:])]))


def test_large_struct(code):
    x = code.random.random((70, 16))
    got = code.run("rotate_rows", 2, 64, x, Out(x.shape, np.float64), len(x))
    assert np.array_equal(got, [np.roll(row, -i) for i, row in enumerate(x)])


def interpret(program, x):
    mask, stack, top, pc = (1 << 32) - 1, [0] * 16, 0, 0
    for _ in range(200):
        op, pc = program[pc], pc + 1
        if op == 0:
            break
        if op == 1:
            x, pc = x + program[pc], pc + 1
        elif op == 2:
            x, pc = x * program[pc], pc + 1
        elif op == 3:
            stack[top & 15], top = x, top + 1
        elif op == 4:
            top -= 1
            x ^= stack[top & 15]
        elif op == 5:
            pc += 1 + program[pc] if x & 1 else 1
        elif op == 6:
            x >>= 1
        elif op == 7:
            pc += -program[pc] if x > 1000 else 1
        elif op == 8:
            x = ~x
        elif op == 9:
            x, pc = bin(x).count("1") * 77 + program[pc], pc + 1
        else:
            x += op
        x &= mask
    return x


def test_interpreter(code):
    program = np.array([1, 7, 3, 2, 200, 4, 5, 1, 8, 6, 3, 10, 4, 5, 2, 1, 99, 2, 3, 7, 10, 9, 50, 5, 1, 8, 33, 6, 6, 0], np.uint8)
    x = code.random.integers(0, 1 << 32, 100, np.uint32)
    got = code.run("interpret", 2, 64, program, x, Out(100, np.uint32), 100)
    assert list(got) == [interpret(program.tolist(), int(v)) for v in x]


def test_variables_of_the_module(code):
    text, starts = texts(code.random, [*range(40), 1, 999])
    code.run("crc_prepare", 1, 256)
    n = len(starts) - 1
    got = code.run("crc_run", 1, 64, text, starts, Out(n, np.uint32), n)
    assert list(got) == [zlib.crc32(text[a:b]) for a, b in zip(starts, starts[1:])]


def test_sha256(code):
    text, starts = texts(code.random, [0, 1, 55, 56, 63, 64, 65, 119, 120, 300])
    n = len(starts) - 1
    got = code.run("sha256", 1, 32, text, starts, Out((n, 8), np.uint32), n)
    assert [row.astype(">u4").tobytes() for row in got] == [hashlib.sha256(text[a:b]).digest() for a, b in zip(starts, starts[1:])]


def test_threads_that_wait(code):
    n = 300
    x = code.random.random(n).astype(np.float32)
    best = code.run("largest_by_exchange", 2, 192, x, InOut(np.zeros(1, np.float32)), n)
    assert best[0] == x.max()
    lock, held = code.run("take_turns", 2, 192, InOut(np.zeros(1, np.uint32)), InOut(np.zeros(n + 1, np.uint32)), n)
    assert lock[0] == 0 and held[0] == n and np.array_equal(np.sort(held[1:]), np.arange(n))


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint16, np.uint32, np.uint64], ids=["u16", "u32", "u64"])
def test_nobody_sees_a_part_of_a_number(code, dtype, stride):
    _, torn = code.run(f"store_or_look_u{8 * dtype().itemsize}", 4, 64, InOut(np.zeros(64 * stride, dtype)),
                       Out((4, 64), np.uint32), stride, 3000)
    assert not torn.any()


def test_loops_that_end_at_different_times(code):
    x = code.random.integers(1, 1 << 20, 100, np.uint64)

    def steps(v):
        count = 0
        while v != 1:
            v, count = 3 * v + 1 if v & 1 else v // 2, count + 1
        return count
    assert list(code.run("steps_of_collatz", 2, 64, x, Out(100, np.uint32), 100)) == [steps(int(v)) for v in x]

    width, height, most = 37, 20, 60
    got = code.run("mandelbrot", (5, 3), (8, 8), Out((height, width), np.uint16), width, height, most)
    cx = -2.0 + 3.0 * np.arange(width) / width
    cy = (-1.0 + 2.0 * np.arange(height) / height)[:, None]
    a, b, count = np.zeros((height, width)), np.zeros((height, width)), np.zeros((height, width), int)
    inside = np.ones((height, width), bool)
    for _ in range(most):
        inside = inside & (a * a + b * b <= 4)
        a, b = np.where(inside, a * a - b * b + cx, a), np.where(inside, 2 * a * b + cy, b)
        count += inside
    assert np.array_equal(got, count)
