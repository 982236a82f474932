# SPDX-License-Identifier: Apache-2.0
"""One number has no shape worth a name: vLLM keeps scales as 0-dimensional tensors, safetensors as [] or [1], others as [1, 1]."""

import hipinfer
import numpy as np
import pytest

MEANT = "any shape of one element"  # as the documentation of an argument says


def rows(*shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape, np.float32)


class Calls:
    """The operations that take one number as a tensor, each as a function of it that returns what was written."""

    def __init__(self, context):
        self.context = context

    def up(self, array):
        return hipinfer.from_numpy(np.array(array), self.context)

    def indices(self, *values):
        return self.up(np.array(values, np.int32))

    def into(self, dtype, *shape):
        return hipinfer.zeros(shape, dtype, self.context)

    def quantizes(self, name, *given):
        def call(scale):
            y = self.into("e4m3fn", 2, 8)
            getattr(hipinfer, name)(y, *map(self.up, given), scale)
            return [y]
        return call

    def dequantize(self, scale):
        y, x = self.into("f32", 2, 8), self.into("e4m3fn", 2, 8)
        hipinfer.quantize_per_tensor(x, self.up(rows(2, 8)), self.up(np.ones(1, np.float32)))
        hipinfer.dequantize(y, x, scale, 0, 0)
        return [y]

    def append_paged_kv_cache(self, scale):
        k, v = self.into("e4m3fn", 1, 2, 1, 8), self.into("e4m3fn", 1, 2, 1, 8)
        hipinfer.append_paged_kv_cache(k, v, self.up(rows(2, 1, 8)), self.up(rows(2, 1, 8)), self.indices(0, 0), self.indices(0, 1),
                                       self.indices(0), self.indices(0, 1), self.indices(2), scale, scale)
        return [k, v]

    def rope_append_kv(self, scale):
        k, v, q = self.into("e4m3fn", 1, 2, 1, 8), self.into("e4m3fn", 1, 2, 1, 8), self.into("f32", 2, 1, 8)
        hipinfer.rope_append_kv(q, k, v, q, self.up(rows(2, 1, 8)), self.up(rows(2, 1, 8)), self.up(rows(4, 8)), self.indices(0, 1),
                                self.indices(0, 0), k_scale=scale, v_scale=scale)
        return [k, v]

    def attention(self, prefill, scale):
        y, q = self.into("f32", 2, 2, 8), self.up(rows(2, 2, 8))
        cache = [self.quantised(2, 4, 1, 8) for _ in range(2)]
        table = [self.indices(0, 1, 2), self.indices(1, 0), self.indices(3, 4)]
        if prefill:
            hipinfer.paged_attention_prefill(y, None, q, *cache, self.indices(0, 1, 2), *table, k_scale=scale, v_scale=scale)
        else:
            hipinfer.paged_attention_decode(y, None, q, *cache, *table, k_scale=scale, v_scale=scale)
        return [y]

    def paged_attention_decode(self, scale):
        return self.attention(False, scale)

    def paged_attention_prefill(self, scale):
        return self.attention(True, scale)

    def quantised(self, *shape):
        to = self.into("e4m3fn", *shape)
        hipinfer.quantize_per_tensor(to, self.up(rows(*shape)), self.up(np.ones(1, np.float32)))
        return to

    def gemm_scaled(self, scale):
        y = self.into("f32", 2, 3)
        hipinfer.gemm_scaled(y, self.quantised(2, 16), self.quantised(3, 16), scale, scale)
        return [y]

    def gemm_grouped_scaled(self, scale):
        y = self.into("f32", 2, 3)
        hipinfer.gemm_grouped_scaled(y, self.quantised(2, 16), self.quantised(1, 3, 16), scale, scale, self.indices(0, 2))
        return [y]

    def all(self):
        x, wide, w = rows(2, 8), rows(2, 16), rows(8)
        calls = {name: self.quantizes(name, *given) for name, given in {
            "quantize_per_tensor": [x], "rmsnorm_quant": [x, w], "layernorm_quant": [x, w, w], "silu_and_mul_quant": [wide],
            "fused_add_rmsnorm_quant": [x, rows(3, 8)[:2], w], "gelu_and_mul_quant": [wide], "gelu_tanh_and_mul_quant": [wide]}.items()}
        return {**calls, **{f.__name__: f for f in (self.dequantize, self.append_paged_kv_cache, self.rope_append_kv,
                                                         self.paged_attention_decode, self.paged_attention_prefill,
                                                         self.gemm_scaled, self.gemm_grouped_scaled)}}


def test_every_operation_that_takes_one_number_is_here(context):
    assert {name for name in hipinfer.operations() if MEANT in getattr(hipinfer, name).__doc__} == set(Calls(context).all())


@pytest.mark.parametrize("shape", [(), (1, 1), (1, 1, 1)], ids=str)
def test_its_shape_does_not_matter(context, shape):
    for name, call in Calls(context).all().items():
        def bits(of_shape, call=call):
            scale = hipinfer.from_numpy(np.full(of_shape, 0.25, np.float32), context)
            assert scale.shape == of_shape
            return [t.numpy().view(np.uint8).tolist() for t in call(scale)]

        assert bits(shape) == bits((1,)), name
        assert np.any(bits(shape)), name


def test_two_numbers_are_not_one(context):
    two = hipinfer.from_numpy(np.ones((1, 2), np.float32), context)
    for name, call in Calls(context).all().items():
        with pytest.raises(hipinfer.ShapeError, match=f"{name}: (k_|input_|weight_)?scales?: "):
            call(two)


# Tensors without dimensions

@pytest.mark.parametrize("value", [np.array(2.5, np.float32), np.float32(2.5), np.array(7, np.int64), np.array(True)], ids=repr)
def test_a_tensor_without_dimensions_goes_up_and_comes_back(context, value):
    t = hipinfer.from_numpy(value, context)
    assert (t.shape, t.size, t.ndim) == ((), 1, 0)
    assert t.numpy().shape == () and t.numpy() == value
    fresh = hipinfer.empty((), t.dtype, context)
    assert fresh.copy_from(np.asarray(value)).numpy() == value
    assert fresh.zero().copy_from(t).numpy() == value
    assert t.reshape(1, 1).numpy().shape == (1, 1) and t[None].shape == (1,)
    with pytest.raises(ValueError, match=r"copy of \[1\] .* to \[\]"):
        fresh.copy_from(np.asarray(value).reshape(1))


def test_other_orders_and_shapes_still_go_up(context):
    b = np.arange(24, dtype=np.float32).reshape(4, 6)
    for a in (np.asfortranarray(b), b.T, b[::-1, ::2], np.broadcast_to(b[0], (3, 6)), b[:0], b[:, :0]):
        t = hipinfer.from_numpy(a, context)
        assert t.shape == a.shape
        np.testing.assert_array_equal(t.numpy(), a)


def test_a_mask_is_not_lost(context):
    a = np.ma.array(rows(2, 8), mask=np.eye(2, 8))
    with pytest.raises(TypeError, match="a masked array, .*filled"):
        hipinfer.from_numpy(a, context)
    with pytest.raises(TypeError, match="rmsnorm: input: a masked array"):
        hipinfer.rmsnorm(np.zeros((2, 8), np.float32), a, np.ones(8, np.float32))
