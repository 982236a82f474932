# SPDX-License-Identifier: Apache-2.0
"""Tensors of dtypes whose elements are stored in blocks: bytes with a logical shape."""

import hipinfer
import numpy as np
import pytest
from hipinfer.dtypes import ABI, BLOCKS

SIZES = {"q4_0": (32, 18), "q8_0": (32, 34), "q4_k": (256, 144), "q6_k": (256, 210), "mxfp4": (32, 17)}
CODES = {"q4_0": 130, "q8_0": 136, "q4_k": 140, "q6_k": 142, "mxfp4": 167}


def some_bytes(dtype, *rows, blocks=3):
    shape = (*rows, blocks * SIZES[dtype][1])
    return (np.arange(np.prod(shape)) % 251).astype(np.uint8).reshape(shape)


def test_the_library_and_gguf_agree():
    assert BLOCKS == SIZES
    assert {name: ABI[name].code for name in SIZES} == CODES
    assert all(ABI[name].lanes == 1 for name in SIZES)


@pytest.mark.parametrize("dtype", SIZES)
def test_bytes_become_rows_of_elements(context, dtype):
    data = some_bytes(dtype, 2, 4)
    x = hipinfer.from_numpy(data, context, dtype=dtype)
    block, size = SIZES[dtype]
    assert (x.dtype, x.shape, x.strides, x.nbytes) == (dtype, (2, 4, 3 * block), (12 * block, 3 * block, 1), data.nbytes)
    assert x.abi.dtype.code == CODES[dtype]
    assert x.contiguous and dtype in repr(x)
    assert (x.numpy() == data).all() and x.numpy().dtype == np.uint8
    assert x.blocks().shape == data.shape and x.blocks().dtype == "u8"
    assert (x[1].numpy() == data[1]).all()
    assert (x[:, 1:3].numpy() == data[:, 1:3]).all()
    assert (x[0, :, block:].numpy() == data[0, :, size:]).all()
    assert x[0, :, block:].shape == (4, 2 * block) and x[0, :, block:].strides == (3 * block, 1)
    assert (x.reshape(8, -1).numpy() == data.reshape(8, -1)).all()
    assert (x.reshape(2, 12, block).numpy() == data.reshape(2, 12, size)).all()
    assert (x.permute(1, 0, 2).numpy() == data.transpose(1, 0, 2)).all()
    with pytest.raises(TypeError, match="none has bytes of its own"):
        x.itemsize  # noqa: B018


@pytest.mark.parametrize("dtype", SIZES)
def test_memory_is_shared_on_the_cpu(cpu, dtype):
    data = some_bytes(dtype, 2)
    x = hipinfer.as_tensor(data, cpu, dtype)
    data[1, 5] = 77
    assert x.pointer == data.ctypes.data and x.numpy()[1, 5] == 77
    # Rows with bytes of others between them.
    wide = some_bytes(dtype, 2, blocks=4)
    part = hipinfer.as_tensor(wide[:, :SIZES[dtype][1]], cpu, dtype)
    assert part.strides == (4 * SIZES[dtype][0], 1)
    assert (part.numpy() == wide[:, :SIZES[dtype][1]]).all()


@pytest.mark.parametrize("dtype", SIZES)
def test_empty_and_zeros(context, dtype):
    block, size = SIZES[dtype]
    x = hipinfer.zeros([5, 2 * block], dtype, context)
    assert (x.numpy() == np.zeros((5, 2 * size), np.uint8)).all()
    x.copy_from(hipinfer.from_numpy(some_bytes(dtype, 5, blocks=2), context, dtype=dtype))
    assert (x.numpy() == some_bytes(dtype, 5, blocks=2)).all()
    assert hipinfer.empty([0, block], dtype, context).numpy().shape == (0, size)
    with pytest.raises(ValueError, match=f"expected a multiple of its block of {block}"):
        hipinfer.empty([block, block // 2], dtype, context)
    with pytest.raises(ValueError, match="expected a multiple"):
        hipinfer.empty([], dtype, context)


@pytest.mark.parametrize("dtype", SIZES)
def test_what_does_not_hold_whole_blocks_is_refused(cpu, dtype):
    block, size = SIZES[dtype]
    with pytest.raises(ValueError, match=f"whole {size}-byte blocks of {dtype}"):
        hipinfer.as_tensor(np.zeros((2, size + 1), np.uint8), cpu, dtype)
    with pytest.raises(ValueError, match="whole"):
        hipinfer.as_tensor(np.zeros((2, 2 * size), np.uint8)[:, ::2], cpu, dtype)
    with pytest.raises(ValueError, match="multiples of"):
        hipinfer.as_tensor(np.zeros((2, size + 1), np.uint8)[:, :size], cpu, dtype)
    with pytest.raises(TypeError, match=f"an array of f32 does not hold the bytes of {dtype}"):
        hipinfer.as_tensor(np.zeros((2, size), np.float32), cpu, dtype)
    x = hipinfer.as_tensor(some_bytes(dtype, 4), cpu, dtype)
    for key in ((slice(None), 0), (slice(None), slice(0, block // 2)), (slice(None), slice(1, block + 1)),
                (slice(None), slice(None, None, 2)), (slice(None), slice(None), None)):
        with pytest.raises(ValueError, match=f"a view of {dtype} has whole blocks of {block}"):
            x[key]
    with pytest.raises(ValueError, match="whole blocks"):
        x.permute(1, 0)
    with pytest.raises(ValueError, match="whole blocks"):
        x.reshape(-1, block // 2)


def test_other_libraries_get_the_bytes(cpu):
    """DLPack and NumPy have no such dtype."""
    x = hipinfer.as_tensor(some_bytes("q4_0", 2), cpu, "q4_0")
    with pytest.raises(BufferError, match="DLPack has no dtype for q4_0"):
        x.__dlpack__()
    assert not hasattr(x, "__array_interface__")
    assert (np.from_dlpack(x.blocks()) == some_bytes("q4_0", 2)).all()
    again = hipinfer.as_tensor(x.blocks().numpy(), cpu, "q4_0")
    assert again.shape == x.shape


def test_operations_refuse_them_by_name(cpu):
    """No operation takes them yet; the library knows what they are."""
    x = hipinfer.as_tensor(some_bytes("mxfp4", 2), cpu, "mxfp4")
    y = np.zeros((2, 96), np.float32)
    with pytest.raises(hipinfer.DTypeError, match="rmsnorm: input: dtype mxfp4, expected f32"):
        hipinfer.rmsnorm(y, x, np.ones(96, np.float32))
