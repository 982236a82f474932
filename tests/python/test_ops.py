# SPDX-License-Identifier: Apache-2.0
"""A call of each shape of signature against NumPy: optional tensors, scalars, options, enumerations, strides."""

import hipinfer
import numpy as np
import pytest


@pytest.fixture
def put(context):
    return lambda a: hipinfer.from_numpy(np.array(a), context)  # a copy: on the CPU a tensor shares


def normal(rng, *shape):
    return rng.standard_normal(shape, np.float32)


def test_gemm_with_and_without_bias_and_residual(context, rng, put):
    x, w, b, r = normal(rng, 5, 24), normal(rng, 9, 24), normal(rng, 9), normal(rng, 5, 9)
    for bias in (None, b):
        for residual in (None, r):
            y = hipinfer.empty((5, 9), "f32", context)
            hipinfer.gemm(y, put(x), put(w), None if bias is None else put(b), residual=None if residual is None else put(r))
            want = x @ w.T + (0 if bias is None else b) + (0 if residual is None else r)
            np.testing.assert_allclose(y.numpy(), want, rtol=1e-4, atol=1e-5)


def test_silu_and_mul_into_a_slice(context, rng, put):
    x, y = normal(rng, 3, 32), hipinfer.zeros((3, 40), "f32", context)
    hipinfer.silu_and_mul(y[:, 8:24], put(x))
    got = y.numpy()
    np.testing.assert_allclose(got[:, 8:24], x[:, :16] / (1 + np.exp(-x[:, :16])) * x[:, 16:], rtol=1e-5, atol=1e-6)
    assert not got[:, :8].any() and not got[:, 24:].any()


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_embedding(context, rng, put, kind):
    table, y = normal(rng, 7, 16), hipinfer.empty((4, 16), "f32", context)
    hipinfer.embedding(y, put(table), put(np.array([6, 0, -1, 3], kind)))
    np.testing.assert_array_equal(y.numpy(), np.stack([table[6], table[0], np.zeros(16, np.float32), table[3]]))


def test_cast_round_trip(context, rng, put):
    x = normal(rng, 4, 6)
    half, back = hipinfer.empty((6, 4), "f16", context), hipinfer.empty((4, 6), "f32", context)
    hipinfer.cast(half.permute(1, 0), put(x))
    hipinfer.cast(back, half.permute(1, 0))
    np.testing.assert_array_equal(back.numpy(), x.astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("dtype, largest, steps", [("i8", 127, 254), ("e4m3fn", 448, 28), ("e4m3fnuz", 240, 28),
                                                   ("e5m2", 57344, 14), ("e5m2fnuz", 57344, 14)])
def test_quantise_and_back(context, rng, put, dtype, largest, steps):
    """Half a unit of the last place is the largest magnitude / steps, or less."""
    x = normal(rng, 4, 256)
    q, back = hipinfer.empty((4, 256), dtype, context), hipinfer.empty((4, 256), "f32", context)

    def close(groups):
        reach = np.abs(x.reshape(4, groups, -1)).max(-1, keepdims=True).repeat(256 // groups, -1).reshape(4, 256)
        assert (np.abs(back.numpy() - x) <= reach / steps * 1.001).all()

    scale = np.array([np.abs(x).max() / largest], np.float32)
    hipinfer.quantize_per_tensor(q, put(x), put(scale))
    hipinfer.dequantize(back, q, put(scale), group_rows=0)
    assert (np.abs(back.numpy() - x) <= np.abs(x).max() / steps * 1.001).all()
    scales = hipinfer.empty(4, "f32", context)
    hipinfer.quantize_per_token(q, scales, put(x))
    np.testing.assert_allclose(scales.numpy(), np.abs(x).max(-1) / largest, rtol=1e-6)
    hipinfer.dequantize(back, q, scales)
    close(1)
    scales = hipinfer.empty((4, 4), "f32", context)
    hipinfer.quantize_per_group(q, scales, put(x), group_size=64)
    hipinfer.dequantize(back, q, scales, group_size=64)
    close(4)


def test_softmax_and_argmax(context, rng, put):
    x = normal(rng, 3, 50)
    y, ids = hipinfer.empty((3, 50), "f32", context), hipinfer.empty(3, "i64", context)
    hipinfer.softmax(y, put(x), temperature=0.5)
    e = np.exp(2 * (x - x.max(-1, keepdims=True)).astype(np.float64))
    np.testing.assert_allclose(y.numpy(), e / e.sum(-1, keepdims=True), rtol=1e-5, atol=1e-7)
    hipinfer.softmax(y, put(x), temperatures=put(np.zeros(3, np.float32)))
    assert (y.numpy().argmax(-1) == x.argmax(-1)).all() and y.numpy().sum() == 3
    hipinfer.argmax(ids, put(x))
    np.testing.assert_array_equal(ids.numpy(), x.argmax(-1))


def test_an_enumeration_by_member_name_and_number(context):
    outputs = []
    for scaling in (hipinfer.RopeScaling.LINEAR, "linear", 1):
        t = hipinfer.empty((6, 8), "f32", context)
        hipinfer.rope_cos_sin_cache(t, 100.0, scaling=scaling, factor=2.0)
        outputs.append(t.numpy())
    angle = np.arange(6)[:, None] * 100.0 ** (-np.arange(0, 8, 2) / 8) / 2
    for got in outputs:
        np.testing.assert_allclose(got, np.concatenate([np.cos(angle), np.sin(angle)], 1), rtol=1e-6, atol=1e-7)
    with pytest.raises(ValueError, match="scaling: 'quadratic', expected one of none, linear"):
        hipinfer.rope_cos_sin_cache(t, scaling="quadratic")
    with pytest.raises(hipinfer.ArgumentError, match="scaling"):
        hipinfer.rope_cos_sin_cache(t, scaling=77)


def test_rope_without_keys_in_place(context, rng, put):
    q, positions = normal(rng, 3, 2, 8), np.array([5, 0, 2], np.int64)
    table, t = hipinfer.empty((6, 8), "f32", context), put(q)
    hipinfer.rope_cos_sin_cache(table)
    hipinfer.rope(t, None, t, None, table, put(positions), interleaved=True)
    angle = (positions[:, None] * 10000.0 ** (-np.arange(0, 8, 2) / 8))[:, None]
    pairs = (q[..., ::2] + 1j * q[..., 1::2]) * np.exp(1j * angle)
    np.testing.assert_allclose(t.numpy()[..., ::2], pairs.real, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(t.numpy()[..., 1::2], pairs.imag, rtol=1e-4, atol=1e-5)


def test_attention_over_a_combined_cache(context, rng, put):
    """K and V are two halves of [pages, 2, heads, slots, D]: nothing but strides. lse is base 2."""
    pages = hipinfer.zeros((4, 2, 2, 8, 16), "f32", context)
    k_cache, v_cache = pages[:, 0].permute(0, 2, 1, 3), pages[:, 1].permute(0, 2, 1, 3)
    k, v, q = normal(rng, 11, 2, 16), normal(rng, 11, 2, 16), normal(rng, 1, 4, 16)
    table = put(np.array([2, 0], np.int32)), put(np.array([0, 2], np.int32)), put(np.array([3], np.int32))
    hipinfer.append_paged_kv_cache(k_cache, v_cache, put(k), put(v), put(np.zeros(11, np.int32)),
                                   put(np.arange(11, dtype=np.int32)), *table)
    indices, indptr, last = table
    out, lse = hipinfer.empty((1, 4, 16), "f32", context), hipinfer.empty((1, 4), "f32", context)
    hipinfer.paged_attention_decode(out, lse, put(q), k_cache, v_cache, indptr, indices, last, sm_scale=0.5)
    s = 0.5 * np.einsum("hd,khd->hk", q[0].astype(np.float64), k.repeat(2, 1))
    e = np.exp(s)
    np.testing.assert_allclose(out.numpy()[0], np.einsum("hk,khd->hd", e / e.sum(-1, keepdims=True), v.repeat(2, 1)),
                               rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(lse.numpy()[0], np.log2(e.sum(-1)), rtol=1e-5, atol=1e-5)


def test_sampling_takes_its_seed_from_the_device_too(context, rng, put):
    logits = put(normal(rng, 64, 100))
    ids, again, valid = (hipinfer.empty(64, d, context) for d in ("i32", "i32", "bool"))
    hipinfer.top_k_top_p_sampling_from_logits(ids, valid, logits, seed=2**40 + 1, offset=7)
    assert valid.numpy().all() and len(set(ids.numpy().tolist())) > 10
    hipinfer.top_k_top_p_sampling_from_logits(again, None, logits, philox=put(np.array([2**40 + 1, 7], np.int64)), seed=3)
    np.testing.assert_array_equal(ids.numpy(), again.numpy())
    with pytest.raises(ValueError, match="top_k_top_p_sampling_from_logits: seed: -1, expected a value from 0"):
        hipinfer.top_k_top_p_sampling_from_logits(ids, None, logits, seed=-1)
    with pytest.raises(ValueError, match="top_k: 4294967297, expected"):
        hipinfer.top_k_top_p_sampling_from_logits(ids, None, logits, top_k=2**32 + 1)
