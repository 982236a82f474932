# SPDX-License-Identifier: Apache-2.0
"""hipinfer.flashinfer: FlashInfer's names, orders of arguments and defaults, against plain torch."""

import math
import os
import re
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")
import hipinfer  # noqa: E402 (torch has been looked for first)
import hipinfer.flashinfer as flashinfer  # noqa: E402
from conftest import ROOT  # noqa: E402

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
F = torch.nn.functional
FP8 = torch.float8_e4m3fn


@pytest.fixture(params=DEVICES)
def device(request):
    torch.manual_seed(0)
    return request.param


def close(a, b, tolerance=1e-5):
    torch.testing.assert_close(a.double(), b.double(), rtol=tolerance, atol=tolerance)


def test_norms(device):
    x, r, w = (torch.randn(*s, device=device) for s in ((7, 64), (7, 64), (64,)))
    close(flashinfer.norm.rmsnorm(x, w), F.rms_norm(x, (64,), w, 1e-6))
    out = torch.empty_like(x)
    assert flashinfer.norm.rmsnorm(x, w, 1e-5, out, enable_pdl=True) is out
    close(out, F.rms_norm(x, (64,), w, 1e-5))
    close(flashinfer.norm.rmsnorm(x.view(7, 4, 16), w[:16]), F.rms_norm(x.view(7, 4, 16), (16,), w[:16], 1e-6))
    close(flashinfer.gemma_rmsnorm(x, w), F.rms_norm(x, (64,), 1 + w, 1e-6))
    for fused, gain in ((flashinfer.fused_add_rmsnorm, w), (flashinfer.gemma_fused_add_rmsnorm, 1 + w)):
        a, b = x.clone(), r.clone()
        assert fused(a, b, w) is None
        close(b, x + r)
        close(a, F.rms_norm(x + r, (64,), gain, 1e-6))
    beta = torch.randn(64, device=device)
    close(flashinfer.layernorm(x, w, beta), F.layer_norm(x, (64,), w, beta, 1e-6))
    mixed = flashinfer.layernorm(x.bfloat16(), w, beta)
    assert mixed.dtype == torch.bfloat16
    close(mixed, F.layer_norm(x.bfloat16().float(), (64,), w, beta, 1e-6), 2e-2)


def test_gated_norms(device):
    x, gate, w = (torch.randn(*s, device=device) for s in ((5, 3, 64), (5, 3, 64), (64,)))
    expected = F.rms_norm(x, (64,), None, 1e-5) * gate.sigmoid()
    y = x.clone()
    assert flashinfer.rmsnorm_sigmoid_gate(y, gate) is None
    close(y, expected)
    close(flashinfer.fused_rmsnorm_silu(x[0], w), F.silu(F.rms_norm(x[0], (64,), w, 1e-6)))
    with pytest.raises(NotImplementedError, match="fp8"):
        flashinfer.norm.fused_rmsnorm_silu(x[0], w, out=torch.empty(3, 64, dtype=FP8, device=device))


def test_gated_residuals(device):
    branch = torch.randn(6, 96, device=device).bfloat16()
    residual, alpha, beta = (torch.randn(*s, device=device) for s in ((6, 96), (96,), (96,)))
    weight, following = (torch.randn(96, device=device).bfloat16() for _ in range(2))

    def summed(gate, center, gain):
        return gate * residual + beta * F.rms_norm(branch.float() * (gain + center), (96,), None, 1e-5)
    given = torch.empty_like(residual)
    assert flashinfer.gated_residual_rmsnorm(branch, residual, weight, alpha, beta, 1e-5, 0.5, given) is given
    close(given, summed(alpha, 0.5, weight.float()))
    close(flashinfer.norm.gated_residual_rmsnorm(branch, residual, None, alpha, beta, 1e-5), summed(alpha, 0, 1.0))
    stream, normed = flashinfer.gated_residual_next_rmsnorm(branch, residual, following, 0.75, beta, 1e-5, 1e-4, 1.0,
                                                            post_weight=weight, post_gain_center=1.0)
    expected = summed(0.75, 1.0, weight.float())
    close(stream, expected)
    assert normed.dtype == torch.bfloat16
    close(normed, F.rms_norm(expected, (96,), following.float() + 1, 1e-4), 2e-2)
    stream, normed = flashinfer.gated_residual_next_rmsnorm(branch, residual, following, alpha, beta, 1e-5)
    close(stream, summed(alpha, 0, 1.0))


def test_dit_norms(device):
    x, r = (torch.randn(2, 5, 96, device=device).bfloat16() for _ in range(2))
    gate, scale, shift = torch.randn(2, 5, 6, 96, device=device).bfloat16().chunk(6, dim=2)[:3]
    gate, scale, shift = (v.squeeze(2) for v in (gate, scale, shift))
    bias, gamma, beta = (torch.randn(96, device=device) for _ in range(3))

    def normed(total):
        return F.layer_norm(total, (96,), None, None, 1e-6)
    total = r.float() + x.float() * (gate.float() + bias)
    stream, y = flashinfer.norm.fused_dit_gate_residual_layernorm_gamma_beta(x, r, gate, gamma, beta, gate_bias=bias)
    close(stream, total.bfloat16())
    close(y, normed(total) * gamma + beta, 2e-2)
    given = torch.empty_like(x), torch.empty_like(x)
    out = flashinfer.norm.fused_dit_gate_residual_layernorm_scale_shift(
        x, r, gate, scale, shift, gate_bias=bias[None], scale_bias=gamma, shift_bias=beta, residual_out=given[0], norm_out=given[1])
    assert out[0] is given[0] and out[1] is given[1]
    close(out[1], normed(total) * (1 + scale.float() + gamma) + shift.float() + beta, 2e-2)
    factor = torch.tensor([0.5], device=device)
    stream, y = flashinfer.fused_dit_residual_layernorm_scale_shift(x, scale, shift, residual=r, input_global_scaling_factor=factor)
    total = r.float() + x.float() / 2
    close(stream, total.bfloat16())
    close(y, normed(total) * (1 + scale.float()) + shift.float(), 2e-2)
    stream, y = flashinfer.norm.fused_dit_residual_layernorm_scale_shift(x, scale, shift)
    close(stream, x)
    close(y, normed(x.float()) * (1 + scale.float()) + shift.float(), 2e-2)
    with pytest.raises(NotImplementedError, match="fp4"):
        flashinfer.norm.fused_dit_residual_layernorm_scale_shift(x, scale, shift, use_nvfp4=True)


def test_norm_with_scales_of_blocks(device):
    x, r, w = (torch.randn(*s, device=device).bfloat16() for s in ((5, 256), (5, 256), (256,)))
    out, normed = torch.empty(5, 256, dtype=FP8, device=device), torch.empty_like(x)
    scales, before = torch.full((2, 8), 7.0, device=device), r.clone()
    assert flashinfer.fused_add_rmsnorm_fp8_block_quant(out, scales, normed, x, r, w) is None
    expected = F.rms_norm((x.float() + before.float()), (256,), w.float(), 1e-6)
    close(r, x + before)
    close(normed, expected, 2e-2)
    largest = normed.float().view(5, 2, 128).abs().amax(-1) / 448
    close(scales.T[:5], largest)
    assert (scales[:, 5:] == 7).all()
    again = out.float().view(5, 2, 128) * scales.T[:5, :, None]
    unit = scales.T[:5].repeat_interleave(128, 1)
    assert ((again.view(5, 256) - normed.float()).abs() <= normed.float().abs() / 16 + unit / 512).all()
    with pytest.raises(ValueError, match="block_scale"):
        flashinfer.fused_add_rmsnorm_fp8_block_quant(out, scales[:1], normed, x, r, w)


def close_sums(y, expected, magnitudes):
    """Sums of fp8 products, on Hopper too: twice what ops.h says of gemm_scaled's. `magnitudes`: those of the products, summed."""
    bound = 2 * 2.0**-13 * magnitudes if y.is_cuda and torch.version.cuda else 0
    assert ((y.double() - expected.double()).abs() <= bound + 1e-5 * magnitudes).all()


def fp8(*shape, device):
    return torch.randn(*shape, device=device).to(FP8)


def test_products_of_16_bits(device):
    a, w, bias = (torch.randn(*s, device=device).bfloat16() for s in ((5, 48), (7, 48), (7,)))
    for out_dtype in (torch.bfloat16, torch.float32):
        y = flashinfer.mm_bf16(a, w.T, bias, out_dtype=out_dtype, backend="auto")
        assert y.dtype == out_dtype
        close(y, a.float() @ w.float().T + bias.float(), 2e-2)
    batch, weights = (torch.randn(*s, device=device).bfloat16() for s in ((3, 5, 48), (3, 7, 48)))
    out = torch.empty(3, 5, 7, device=device)
    assert flashinfer.gemm.bmm_bf16(batch, weights.transpose(1, 2), out) is out
    close(out, batch.float() @ weights.float().transpose(1, 2), 2e-4)
    with pytest.raises(hipinfer.TensorError, match="stride"):
        flashinfer.mm_bf16(a, w.T.contiguous())
    whole = flashinfer.mm_bf16(a, w.T, bias, batch_invariant=True)
    for row in range(5):
        assert torch.equal(flashinfer.mm_bf16(a[row:row + 1], w.T, bias, batch_invariant=True), whole[row:row + 1])


def test_products_of_fp8(device):
    a, w = fp8(3, 5, 256, device=device), fp8(3, 40, 256, device=device)
    expected, magnitudes = a.float() @ w.float().transpose(1, 2), a.float().abs() @ w.float().abs().transpose(1, 2)
    one, each = torch.tensor(0.5, device=device), torch.rand(3, device=device)
    close_sums(flashinfer.bmm_fp8(a, w.transpose(1, 2), one, one, torch.float32), expected / 4, magnitudes / 4)
    out = torch.empty(3, 5, 40, device=device, dtype=torch.bfloat16)
    assert flashinfer.bmm_fp8(a, w.transpose(1, 2), each, one, torch.bfloat16, out, "cudnn") is out
    close(out, expected * each[:, None, None] / 2, 5e-2)
    prepared = flashinfer.gemm.prepare_low_latency_gemm_weights(w[0], {})
    assert prepared.shape == (2, 40, 128)
    for b in (prepared, prepared.contiguous()):
        close_sums(flashinfer.mm_fp8(a[0], b, one, torch.float32), expected[0] / 2, magnitudes[0] / 2)
    assert flashinfer.mm_fp8(a[0], prepared).dtype == torch.bfloat16


def test_products_of_segments(device):
    lengths, d_in, d_out = [3, 0, 20, 1], 48, 40
    indptr = torch.tensor([0, 3, 3, 23, 24], device=device)
    x, w = torch.randn(26, d_in, device=device).half(), torch.randn(4, d_out, d_in, device=device).half()
    each = torch.repeat_interleave(torch.arange(4), torch.tensor(lengths)).to(device)

    def expected(weights):
        return torch.cat([torch.einsum("mk,mnk->mn", x[:24].float(), weights[each].float()), torch.zeros(2, d_out, device=device)])

    wrapper = flashinfer.SegmentGEMMWrapper(torch.empty(1, device=device, dtype=torch.int8))
    close(wrapper.run(x, w, 4, True, seg_lens=torch.tensor(lengths, device=device)), expected(w), 2e-2)
    close(wrapper.forward(x, w.transpose(1, 2).contiguous(), 4, False, seg_indptr=indptr), expected(w), 2e-2)
    out, chosen = torch.zeros(26, d_out, device=device).half(), torch.tensor([1, 0, 1, 0], device=device)
    assert wrapper.run(x, w, 4, True, out, seg_indptr=indptr, weight_indices=chosen) is out
    close(out, expected(w[chosen]), 2e-2)
    with pytest.raises(ValueError, match="seg_lens or seg_indptr"):
        wrapper.run(x, w, 4, True)
    with pytest.raises(ValueError, match="5 offsets, expected batch_size \\+ 1 = 4"):
        wrapper.run(x, w, 3, True, seg_indptr=indptr)
    y = flashinfer.grouped_mm.grouped_mm_bf16(x[:24].bfloat16(), w.bfloat16(), indptr.int(), tactic=0)
    assert y.dtype == torch.bfloat16
    close(y, expected(w.bfloat16())[:24], 1e-1)


@pytest.mark.parametrize("mode", ["K", "MN"])
def test_products_of_fp8_segments_by_groups(device, mode):
    n, k, indptr = 200, 272, torch.tensor([0, 3, 3, 24], device=device, dtype=torch.int32)
    a, b = fp8(24, k, device=device), fp8(3, n, k, device=device)
    of_a, of_b = torch.rand(24, 3, device=device), torch.rand(3, 2, 3, device=device)
    wide_a = a.double() * of_a.repeat_interleave(128, 1)[:, :k]
    wide_b = b.double() * of_b.repeat_interleave(128, 1)[:, :n].repeat_interleave(128, 2)[:, :, :k]
    expected, magnitudes = (torch.cat([x[:3] @ w[0].T, x[3:] @ w[2].T]) for x, w in ((wide_a, wide_b), (wide_a.abs(), wide_b.abs())))
    scales = (of_a.T.contiguous(), of_b.transpose(1, 2).contiguous()) if mode == "MN" else (of_a, of_b)
    y = flashinfer.gemm.group_gemm_fp8_nt_groupwise(a, b, *scales, indptr, scale_major_mode=mode, out_dtype=torch.float32)
    close_sums(y, expected, magnitudes)
    with pytest.raises(NotImplementedError, match="scale_granularity_mnk"):
        flashinfer.gemm.group_gemm_fp8_nt_groupwise(a, b, *scales, indptr, (128, 128, 128), mode)
    with pytest.raises(ValueError, match="scale_major_mode"):
        flashinfer.gemm.group_gemm_fp8_nt_groupwise(a, b, *scales, indptr, scale_major_mode="N")


@pytest.mark.parametrize("mode", ["K", "MN", None])
def test_products_of_fp8_by_groups(device, mode):
    m, n, k = 5, 200, 272
    a, b = fp8(m, k, device=device), fp8(n, k, device=device)
    for rows in (1, 128):
        of_a, of_b = torch.rand(-(-m // rows), 3, device=device), torch.rand(2, 3, device=device)
        wide_a, wide_b = of_a.repeat_interleave(rows, 0)[:m], of_b.repeat_interleave(128, 0)[:n]
        real_a, real_b = a.double() * wide_a.repeat_interleave(128, 1)[:, :k], b.double() * wide_b.repeat_interleave(128, 1)[:, :k]
        scales = (of_a.T.contiguous(), of_b.T.contiguous()) if mode == "MN" else (of_a, of_b)
        y = flashinfer.gemm.gemm_fp8_nt_groupwise(a, b, *scales, mode, scale_granularity_mnk=(rows, 128, 128), out_dtype=torch.float32)
        close_sums(y, real_a @ real_b.T, real_a.abs() @ real_b.abs().T)
    with pytest.raises(NotImplementedError, match="scale_granularity_mnk"):
        flashinfer.gemm.gemm_fp8_nt_groupwise(a, b, of_a, of_b, mode, scale_granularity_mnk=(1, 128, 64))
    with pytest.raises(ValueError, match="a_scale: shape"):
        flashinfer.gemm.gemm_fp8_nt_groupwise(a, b, of_a[:, :2], of_b, mode)
    with pytest.raises(ValueError, match="may mean either"):
        flashinfer.gemm.gemm_fp8_nt_groupwise(a[:3], b, torch.rand(3, 3, device=device), of_b)


@pytest.mark.parametrize("scale", [0.02, "tensor"])
def test_quantised_norms(device, scale):
    x, r, w, b = (torch.randn(*s, device=device) for s in ((7, 64), (7, 64), (64,), (64,)))
    scale = torch.tensor([0.02], device=device) if scale == "tensor" else scale
    out = torch.empty(7, 64, device=device, dtype=FP8)
    assert flashinfer.rmsnorm_quant(out, x, w, scale) is None
    close(out.float() * 0.02, F.rms_norm(x, (64,), w, 1e-6), 0.07)
    total = x + r
    flashinfer.fused_add_rmsnorm_quant(out, x, r, w, scale)
    close(r, total)
    close(out.float() * 0.02, F.rms_norm(total, (64,), w, 1e-6), 0.07)
    flashinfer.norm.layernorm_quant(out, x, w, b, scale)
    close(out.float() * 0.02, F.layer_norm(x, (64,), w, b, 1e-6), 0.07)


def test_activations_of_any_rank(device):
    x = torch.randn(2, 3, 64, device=device)
    gate, up = x.chunk(2, -1)
    wanted = {"silu_and_mul": F.silu(gate) * up, "gelu_and_mul": F.gelu(gate) * up,
              "gelu_tanh_and_mul": F.gelu(gate, approximate="tanh") * up}
    for name, want in wanted.items():
        close(getattr(flashinfer, name)(x), want)
        out = torch.empty(2, 3, 32, device=device)
        assert getattr(flashinfer.activation, name)(x, out) is out
        close(out, want)
        close(getattr(flashinfer.activation, name)(x[0]), want[0])


def rotated(x, positions, frequencies, interleave):
    angles = positions.double()[:, None] * frequencies
    c, s = angles.cos()[:, None], angles.sin()[:, None]
    turned, rest = x.double()[..., : 2 * frequencies.numel()], x.double()[..., 2 * frequencies.numel():]
    if interleave:
        a, b = turned.unflatten(-1, (-1, 2)).unbind(-1)
        turned = torch.stack((a * c - b * s, b * c + a * s), -1).flatten(-2)
    else:
        a, b = turned.chunk(2, -1)
        turned = torch.cat((a * c - b * s, b * c + a * s), -1)
    return torch.cat((turned, rest), -1)


@pytest.mark.parametrize("interleave", [False, True])
@pytest.mark.parametrize("rotary_dim", [None, 16])
def test_rope(device, interleave, rotary_dim):
    q, k = torch.randn(7, 4, 32, device=device), torch.randn(7, 2, 32, device=device)
    indptr = torch.tensor([0, 2, 2, 7], device=device, dtype=torch.int32)
    offsets = torch.tensor([5, 1, 100000], device=device, dtype=torch.int32)
    positions = torch.tensor([5, 6] + list(range(100000, 100005)), device=device, dtype=torch.int32)
    width = rotary_dim or 32
    plain = 1e4 ** (-torch.arange(0, width, 2, device=device).double() / width)
    steep = 5e5 ** (-torch.arange(0, width, 2, device=device).double() / width)
    wavelength = 2 * math.pi / steep
    smooth = ((8192 / wavelength - 1) / 3).clamp(0, 1)
    llama = (1 - smooth) * steep / 8 + smooth * steep
    words = {"rotary_dim": rotary_dim, "interleave": interleave}
    calls = [("apply_rope", (indptr, offsets), plain), ("apply_rope_pos_ids", (positions,), plain),
             ("apply_llama31_rope", (indptr, offsets), llama), ("apply_llama31_rope_pos_ids", (positions,), llama)]
    for name, place, frequencies in calls:
        want = [rotated(x, positions, frequencies, interleave) for x in (q, k)]
        for got, w in zip(getattr(flashinfer, name)(q, k, *place, **words), want):
            close(got, w)
        a, b = q.clone(), k.clone()
        assert getattr(flashinfer.rope, name + "_inplace")(a, b, *place, **words) is None
        close(a, want[0])
        close(b, want[1])
    got, _ = flashinfer.apply_rope_pos_ids(q, k, positions, rope_scale=4)
    full = 1e4 ** (-torch.arange(0, 32, 2, device=device).double() / 32)
    close(got, rotated(q, positions, full / 4, False))


@pytest.mark.parametrize("is_neox", [True, False])
def test_rope_with_a_table(device, is_neox):
    positions = torch.tensor([3, 0, 9], device=device)
    frequencies = 1e4 ** (-torch.arange(0, 16, 2, device=device).double() / 16)
    angles = torch.arange(10, device=device).double()[:, None] * frequencies
    table = torch.cat((angles.cos(), angles.sin()), -1).float()
    q, k = torch.randn(3, 4 * 32, device=device), torch.randn(3, 2 * 32, device=device)
    want = [rotated(x.view(3, -1, 32), positions, frequencies, not is_neox).flatten(1) for x in (q, k)]
    for got, w in zip(flashinfer.rope.apply_rope_with_cos_sin_cache(positions, q, k, 32, table, is_neox), want):
        close(got, w)
    flashinfer.rope.apply_rope_with_cos_sin_cache_inplace(positions, q, k, 32, table, is_neox)
    close(q, want[0])
    close(k, want[1])
    with pytest.raises(ValueError, match="float32"):
        flashinfer.rope.apply_rope_with_cos_sin_cache(positions, q, k, 32, table.half())


@pytest.mark.parametrize("is_neox", [True, False])
@pytest.mark.parametrize("heads", [None, 2])
@pytest.mark.parametrize("nope", [0, 32])
def test_rope_quantize(device, is_neox, heads, nope):
    positions = torch.tensor([3, 0, 9], device=device, dtype=torch.int32)
    frequencies = 1e4 ** (-torch.arange(0, 16, 2, device=device).double() / 16)
    angles = torch.arange(10, device=device).double()[:, None] * frequencies
    table = torch.cat((angles.cos(), angles.sin()), -1).float()
    of_keys = (3,) if heads is None else (3, heads)  # without heads: MLA
    q, k = torch.randn(3, 4, 16, device=device).half(), torch.randn(*of_keys, 16, device=device).half()
    other_q, other_k = torch.randn(3, 4, nope, device=device).half(), torch.randn(*of_keys, nope, device=device).half()
    one = k if heads else k[:, None]
    want = [rotated(q.float(), positions, frequencies, not is_neox) * 2,
            (rotated(one.float(), positions, frequencies, not is_neox) * 3).view(k.shape), other_q.float() * 2, other_k.float() * 3]
    for given in ((other_q, other_k), *([(None, None)] if nope == 0 else [])):
        got = flashinfer.rope.rope_quantize_fp8(q, k, *given, table, positions, is_neox, None, 2.0, 3.0)
        for x, w in zip(got, want):
            assert x.shape == w.shape and x.dtype == FP8
            close(x.float(), w, 0.07)
    outs = [torch.empty_like(x, dtype=torch.float8_e5m2) for x in want]
    got = flashinfer.mla_rope_quantize_fp8(q, k, other_q, other_k, table, positions, is_neox, None, 2.0, 3.0, *outs)
    for x, out, w in zip(got, outs, want):
        assert x is out
        close(out.float(), w, 0.13)
    with pytest.raises(ValueError, match="float32"):
        flashinfer.rope.rope_quantize_fp8(q, k, other_q, other_k, table.half(), positions)


@pytest.mark.parametrize("layout", ["NHD", "HND"])
@pytest.mark.parametrize("pair", [False, True])
def test_append(device, layout, pair):
    lengths, new, page = [5, 4, 9], [2, 0, 9], 4
    pages = torch.tensor([7, 2, 3, 0, 5, 1], device=device, dtype=torch.int32)
    indptr = torch.tensor([0, 2, 3, 6], device=device, dtype=torch.int32)
    last = torch.tensor([1, 4, 1], device=device, dtype=torch.int32)
    append_indptr = torch.tensor([0, 2, 2, 11], device=device, dtype=torch.int32)
    assert flashinfer.get_seq_lens(indptr, last, page).tolist() == lengths
    batch, positions = flashinfer.get_batch_indices_positions(append_indptr, torch.tensor(lengths, device=device), 13)
    assert batch.tolist() == [0] * 2 + [2] * 9 + [-1] * 2 and batch.dtype == positions.dtype == torch.int32
    assert positions.tolist() == [3, 4, *range(9), 0, 0]
    k, v = torch.randn(13, 2, 8, device=device), torch.randn(13, 2, 8, device=device)
    shape = (8, 2, page, 2, 8) if layout == "NHD" else (8, 2, 2, page, 8)
    cache = torch.full(shape, 7.0, device=device)
    flashinfer.append_paged_kv_cache(k, v, batch, positions, (cache[:, 0], cache[:, 1]) if pair else cache, pages.long(), indptr, last,
                                     layout)
    seen = cache if layout == "NHD" else cache.transpose(2, 3)
    want = torch.full((8, 2, page, 2, 8), 7.0, device=device)
    for t in range(sum(new)):
        request, position = int(batch[t]), int(positions[t])
        where = int(pages[int(indptr[request]) + position // page])
        want[where, 0, position % page], want[where, 1, position % page] = k[t], v[t]
    assert torch.equal(seen, want)
    with pytest.raises(KeyError, match="NDH"):
        flashinfer.append_paged_kv_cache(k, v, batch, positions, cache, pages, indptr, last, "NDH")


def test_sampling(device):
    logits = torch.randn(6, 50, device=device)
    close(flashinfer.sampling.softmax(logits), torch.softmax(logits, -1))
    close(flashinfer.softmax(logits, 0.7), torch.softmax(logits / 0.7, -1))
    temperatures = torch.linspace(0.5, 2, 6, device=device)
    close(flashinfer.softmax(logits, temperatures), torch.softmax(logits / temperatures[:, None], -1))
    sample = flashinfer.top_k_top_p_sampling_from_logits
    assert sample(logits, 1, 1.0).tolist() == logits.argmax(-1).tolist()
    assert sample(logits, 1, 1.0, torch.tensor([4, 4, 0], device=device)).tolist() == logits.argmax(-1)[[4, 4, 0]].tolist()
    ks = torch.tensor([1, 2, 3, 4, 5, 50], device=device)
    allowed = [set(row.topk(int(k)).indices.tolist()) for row, k in zip(logits, ks)]
    for seed in range(20):
        ids = sample(logits, ks, 0.9, seed=seed, offset=3)
        assert ids.dtype == torch.int32 and all(i in a for i, a in zip(ids.tolist(), allowed))
        assert torch.equal(ids, sample(logits, ks, torch.full((6,), 0.9, device=device), seed=torch.tensor([seed], device=device),
                                       offset=torch.tensor([3], device=device)))
    torch.manual_seed(1)
    first = [sample(logits, 50, 1.0).tolist() for _ in range(5)]
    torch.manual_seed(1)
    assert first == [sample(logits, 50, 1.0).tolist() for _ in range(5)]
    assert len(set(map(tuple, first))) > 1
    # Of all the probability three tokens are 0.6, of the best four more.
    steps = torch.log(torch.tensor([[0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1]], device=device))
    for order, most in (("top_k_first", 2), ("joint", 3)):
        ids = [int(sample(steps, 3, 0.55, filter_apply_order=order, seed=s)) for s in range(60)]
        assert set(ids) == set(range(most))
    with pytest.raises(ValueError, match="filter_apply_order"):
        sample(logits, 1, 1.0, filter_apply_order="top_p_first")
    with pytest.raises(ValueError, match="NaN"):
        sample(logits * float("nan"), 1, 1.0, check_nan=True)


def test_sampling_from_probabilities(device):
    s = flashinfer.sampling
    probs = torch.softmax(2 * torch.randn(6, 50, device=device), -1)
    rank = probs.argsort(-1, descending=True).argsort(-1)
    rows = torch.tensor([4, 4, 0], device=device)
    ks = torch.tensor([1, 2, 3, 4, 5, 50], device=device)
    calls = {s.sampling_from_logits: lambda p, **w: s.sampling_from_logits(p.log(), **w), s.sampling_from_probs: s.sampling_from_probs,
             s.top_p_sampling_from_probs: lambda p, **w: s.top_p_sampling_from_probs(p, 0.5, **w),
             s.top_k_sampling_from_probs: lambda p, **w: s.top_k_sampling_from_probs(p, 3, **w),
             s.min_p_sampling_from_probs: lambda p, **w: s.min_p_sampling_from_probs(p, 0.3, **w),
             s.top_k_top_p_sampling_from_probs: lambda p, **w: s.top_k_top_p_sampling_from_probs(p, 3, 0.9, **w)}
    for function, call in calls.items():
        ids = call(probs, seed=5, offset=2)
        assert ids.dtype == torch.int32 and torch.equal(ids, call(probs, seed=5, offset=2))
        assert torch.equal(ids, call(probs, seed=torch.tensor([5], device=device), offset=torch.tensor([2], device=device)))
        assert torch.equal(ids, call(probs, seed=torch.full((6,), 5, device=device), offset=torch.full((6,), 2, device=device)))
        assert call(probs, indices=rows, seed=5).dtype == torch.int64
        if function is not s.sampling_from_logits:
            ids, valid = call(torch.cat([probs, 0 * probs[:1]]), return_valid=True, seed=5, offset=2)
            assert valid.tolist() == [True] * 6 + [False] and ids[6] == 0
            with pytest.raises(ValueError, match="NaN"):
                call(probs * float("nan"), check_nan=True)
    for seed in range(20):
        ids = s.top_k_sampling_from_probs(probs, ks, seed=seed)
        assert (rank.gather(1, ids.long()[:, None])[:, 0] < ks).all()
        ids = s.top_k_sampling_from_probs(probs, ks, rows, seed=seed)
        assert (rank[rows].gather(1, ids.long()[:, None])[:, 0] < ks[rows]).all()


def test_what_filters_keep(device):
    s = flashinfer.sampling
    probs = torch.softmax(2 * torch.randn(6, 50, device=device), -1)
    best, where = probs.sort(-1, descending=True)
    kept = torch.zeros_like(probs).scatter(1, where[:, :5], best[:, :5])
    close(s.top_k_renorm_probs(probs, 5), kept / kept.sum(-1, keepdim=True))
    close(s.top_k_renorm_probs(probs, torch.full((6,), 5, device=device)), kept / kept.sum(-1, keepdim=True))
    kept = torch.zeros_like(probs).scatter(1, where, torch.where(best.cumsum(-1) - best < 0.7, best, 0.0))
    close(s.top_p_renorm_probs(probs, 0.7), kept / kept.sum(-1, keepdim=True))
    logits = torch.randn(6, 50, device=device)
    masked = s.top_k_mask_logits(logits, 5)
    assert torch.equal(masked > -torch.inf, logits >= logits.topk(5).values[:, -1:])
    assert torch.equal(masked.max(-1).values, logits.max(-1).values)


def test_top_k(device):
    x = torch.randn(5, 4000, device=device).to(torch.bfloat16)
    for k in (1, 40, 3500):
        values, indices = flashinfer.top_k(x, k, sorted=True)
        assert torch.equal(values, x.topk(k).values) and torch.equal(values, x.gather(1, indices))
        values, unsorted = flashinfer.topk.top_k(x, k, tie_break=flashinfer.TopKTieBreak.SMALL)
        assert torch.equal(unsorted, indices.sort(-1).values) and torch.equal(values, x.gather(1, unsorted))
    with pytest.raises(NotImplementedError, match="LARGE"):
        flashinfer.top_k(x, 3, tie_break=2)


def windows(scores, starts, lengths, k):
    """Of each row the set of the k largest of its window, as indices of the window."""
    return [set(row[s:s + n].topk(min(k, n)).indices.tolist()) for row, s, n in zip(scores, starts, lengths)]


def test_top_k_transforms(device):
    scores = torch.randn(5, 300, device=device)
    starts, lengths = [0, 3, 100, 299, 7], [300, 7, 200, 1, 0]
    at, count = (torch.tensor(v, dtype=torch.int32, device=device) for v in (starts, lengths))
    offsets = torch.arange(5, dtype=torch.int32, device=device) * 1000
    found = flashinfer.top_k_ragged_transform(scores, offsets, count, 20, row_starts=at)
    for t, chosen in enumerate(windows(scores, starts, lengths, 20)):
        row = found[t].tolist()
        assert {i - 1000 * t for i in row if i >= 0} == chosen and row == sorted(row[:len(chosen)]) + [-1] * (20 - len(chosen))
    table = torch.randint(0, 1000, (2, 80), dtype=torch.int32, device=device)
    batches = torch.tensor([0, 1, 1, 0, 1], dtype=torch.int32, device=device)
    raw, out = (torch.empty(5, 20, dtype=torch.int32, device=device) for _ in range(2))
    slots = flashinfer.topk.top_k_page_table_transform(scores, table, count, 20, batches, page_size=4, row_starts=at,
                                                       page_table_row_starts=at // 4, out=out, out_raw_indices=raw)
    assert slots is out
    for t, chosen in enumerate(windows(scores, starts, lengths, 20)):
        local = [i for i in raw[t].tolist() if i >= 0]
        assert set(local) == chosen
        pages = [starts[t] // 4 + i // 4 for i in local]
        expected = [int(table[batches[t], p]) * 4 + i % 4 if p < 80 else -1 for p, i in zip(pages, local)]
        assert out[t, :len(local)].tolist() == expected and (out[t, len(local):] == -1).all()
    for refused in ({"tie_break": 2}, {"tie_break": flashinfer.TopKTieBreak.LARGE}):
        with pytest.raises(NotImplementedError, match="LARGE"):
            flashinfer.top_k_ragged_transform(scores, offsets, count, 20, **refused)
    with pytest.raises(ValueError, match="shape"):
        flashinfer.top_k_page_table_transform(scores, table, count, 20, batches, out=out[:3])


def test_top_k_varlen(device):
    logits = torch.randn(6, 100, device=device)
    lengths = torch.tensor([200, 80, 1], dtype=torch.int32, device=device)
    # Two rows a request, and a column for two tokens: the first of a request sees a token less.
    counts = [min(max(0, (int(n) - 1 + t) // 2), 100) for n in lengths for t in (0, 1)]
    indices, values = flashinfer.top_k_varlen(logits, lengths, 8, next_n=2, compress_ratio=2, return_values=True)
    for t, chosen in enumerate(windows(logits, [0] * 6, counts, 8)):
        kept = indices[t][indices[t] >= 0].long()
        assert set(kept.tolist()) == chosen
        assert torch.equal(values[t, :len(kept)], logits[t, kept]) and (values[t, len(kept):] == 0).all()
    table = torch.randint(0, 50, (3, 25), dtype=torch.int32, device=device)
    slots, nothing = flashinfer.top_k_varlen(logits, lengths, 8, next_n=2, compress_ratio=2, page_table=table, page_size=4)
    assert nothing is None
    pages = table.repeat_interleave(2, 0).gather(1, (indices.clamp(min=0) // 4).long())
    assert torch.equal(slots, torch.where(indices < 0, -1, pages * 4 + indices % 4))
    at = torch.tensor([0, 5, 90, 3, 2, 1], dtype=torch.int32, device=device)
    count = torch.tensor([100, 9, 10, 0, 50, 60], dtype=torch.int32, device=device)
    given = torch.empty(48, dtype=torch.int32, device=device)
    local, inside = flashinfer.top_k_varlen(logits, count, 8, row_starts=at, max_window_len=100, return_values=True, out_indices=given)
    assert local.data_ptr() == given.data_ptr()
    columns, same = flashinfer.topk_varlen.top_k_varlen(logits, count, 8, row_starts=at, absolute_indices=True, return_values=True)
    assert torch.equal(columns, torch.where(local < 0, -1, local + at[:, None])) and torch.equal(inside, same)
    for t, chosen in enumerate(windows(logits, at.tolist(), count.tolist(), 8)):
        assert {i for i in local[t].tolist() if i >= 0} == chosen
    for words in ({"row_starts": at, "next_n": 1}, {"absolute_indices": True}, {"page_size": 4}, {"next_n": 5}):
        with pytest.raises(ValueError, match=".+"):
            flashinfer.top_k_varlen(logits, lengths, 8, **words)


def test_fused_topk_deepseek(device):
    scores, bias = torch.randn(9, 64, device=device), torch.randn(64, device=device) / 4
    values, indices = torch.empty(9, 6, device=device), torch.empty(9, 6, dtype=torch.int32, device=device)
    replay = torch.full((12, 6), -1, dtype=torch.int16, device=device)
    assert flashinfer.fused_topk_deepseek(scores, bias, 8, 3, 6, 2.5, values, indices, routing_replay_out=replay) is None
    own = scores.sigmoid()
    choice = own + bias
    best = choice.view(9, 8, 8).topk(2).values.sum(-1).topk(3).indices
    allowed = torch.zeros(9, 8, device=device).scatter(1, best, 1.0).repeat_interleave(8, 1) > 0
    expected = choice.masked_fill(~allowed, -torch.inf).topk(6).indices
    assert torch.equal(indices.long(), expected) and torch.equal(replay[:9].long(), expected) and (replay[9:] == -1).all()
    weights = own.gather(1, expected)
    close(values, weights / weights.sum(-1, keepdim=True) * 2.5)
    with pytest.raises(ValueError, match="topk_values"):
        flashinfer.fused_moe.fused_topk_deepseek(scores, bias, 8, 3, 7, 1.0, values, indices)


def test_chain_speculative_sampling(device):
    draft = torch.softmax(torch.randn(4, 3, 20, device=device), -1)
    target = torch.cat([draft, torch.softmax(torch.randn(4, 1, 20, device=device), -1)], 1)
    tokens = torch.randint(20, (4, 3), device=device, dtype=torch.int32)
    ids, accepted, emitted = flashinfer.sampling.chain_speculative_sampling(draft, tokens, target)
    assert torch.equal(ids[:, :3], tokens) and (ids[:, 3] >= 0).all()  # the models agree
    assert accepted.tolist() == emitted.tolist() == [3] * 4
    target[:, 1] = torch.zeros(4, 20, device=device).scatter(1, (tokens[:, 1:2].long() + 1) % 20, 1.0)
    counts = torch.ones(4, dtype=torch.int64, device=device)
    ids, accepted, emitted = flashinfer.sampling.chain_speculative_sampling(draft, tokens, target, counts, None, seed=3, offset=1)
    assert ids[:, 0].tolist() == tokens[:, 0].tolist() and ids[:, 1].tolist() == ((tokens[:, 1] + 1) % 20).tolist()
    assert (ids[:, 2:] == -1).all() and emitted.tolist() == [1] * 4
    assert accepted is counts and counts.tolist() == [3] * 4


def test_what_is_not_there_is_refused_at_the_call():
    from hipinfer.flashinfer.norm import rmsnorm_fp4quant
    from hipinfer.flashinfer.xqa import xqa_mla
    for call in (xqa_mla, rmsnorm_fp4quant, flashinfer.page.nvfp4_quantize_append_paged_mla_kv_cache, flashinfer.gemm.mm_fp4):
        with pytest.raises(NotImplementedError, match="flashinfer.*hipinfer does not have this"):
            call(1, x=2)
    for of in (flashinfer, flashinfer.norm, flashinfer.decode):
        with pytest.raises(AttributeError, match="no_such_name"):
            of.no_such_name  # noqa: B018 (the access is the test)


def test_the_page_of_names():
    page = (ROOT / "docs/flashinfer.md").read_text()
    rows = [re.findall(r"`(\w+)`", line) for line in page.split("## What is there")[1].splitlines() if line.startswith("| `")]
    for module, *names in rows:
        of = getattr(flashinfer, module)
        own = (x for x in vars(of).values() if getattr(x, "__module__", "") == of.__name__)
        public = {x.__name__ for x in own if x.__name__[0] != "_"}
        assert public - {"prepare_low_latency_gemm_weights"} <= set(names) <= set(vars(of)), module
    assert len(rows) == len({row[0] for row in rows}) >= 10


def test_installed_under_flashinfers_name():
    code = ("import hipinfer.flashinfer as f; f.install(); import flashinfer; from flashinfer.norm import rmsnorm; "
            "import flashinfer.page; from flashinfer.prefill import single_prefill_with_kv_cache; "
            "assert flashinfer is f and rmsnorm is f.rmsnorm and flashinfer.page is f.page")
    path = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path})


def test_merged_states(device):
    v, s = torch.randn(5, 3, 2, 64, device=device), torch.randn(5, 3, 2, device=device) * 3
    s[1, 0], s[2] = -math.inf, -math.inf
    weights = torch.exp2(s - torch.logsumexp(s * math.log(2), 1, keepdim=True) / math.log(2)).nan_to_num(0)
    merged, lse = (v * weights[..., None]).sum(1), torch.logsumexp(s * math.log(2), 1) / math.log(2)
    for got, expected in zip(flashinfer.merge_states(v, s), (merged, lse)):
        close(got, expected)
    a, sa = flashinfer.merge_state(v[:, 0], s[:, 0], v[:, 1], s[:, 1])
    kept, kept_lse = a.clone(), sa.clone()
    flashinfer.cascade.merge_state_in_place(a, sa, v[:, 2], s[:, 2], torch.tensor([True, True, True, False, True], device=device))
    close(a[3], kept[3])
    close(sa[3], kept_lse[3])
    flashinfer.merge_state_in_place(a[3:4], sa[3:4], v[3:4, 2], s[3:4, 2])
    close(a, merged)
    close(sa, lse)


def attention(q, k, v, visible, scale, cap=0.0, slopes=None, first=0):
    """Plain attention [tokens, heads, dim]; positions of queries are counted from `first`. And logarithms to base 2."""
    k, v = (t.repeat_interleave(q.shape[1] // t.shape[1], 1).double() for t in (k, v))
    s = torch.einsum("qhd,khd->hqk", q.double(), k) * scale
    if cap:
        s = cap * torch.tanh(s / cap)
    if slopes is not None:
        distance = torch.arange(k.shape[0], device=q.device) - torch.arange(q.shape[0], device=q.device)[:, None] - first
        s = s + slopes.double()[:, None, None] * distance
    s = s.masked_fill(~visible, -math.inf)
    lse = torch.logsumexp(s, -1)
    return torch.einsum("hqk,khd->qhd", torch.exp(s - lse[..., None]).nan_to_num(0), v), lse.T / math.log(2)


def test_single_prefill(device):
    q, k, v = (torch.randn(n, h, 64, device=device) for n, h in ((5, 4), (11, 2), (11, 2)))
    i, j = torch.arange(5, device=device)[:, None] + 6, torch.arange(11, device=device)
    everything, mask = torch.ones(5, 11, dtype=torch.bool, device=device), torch.rand(5, 11, device=device) < 0.5
    for words, visible, more in (({}, everything, {}), ({"causal": True}, j <= i, {}),
                                 ({"causal": True, "window_left": 3}, (j <= i) & (j >= i - 3), {}),
                                 ({"logits_soft_cap": 2.0}, everything, {"cap": 2.0}),
                                 ({"custom_mask": mask, "causal": True}, mask, {}),
                                 ({"pos_encoding_mode": "ALIBI"}, everything,
                                  {"slopes": torch.tensor([0.25, 0.0625, 2.0**-6, 2.0**-8], device=device)})):
        expected = attention(q, k, v, visible, 0.3, **more)
        both = flashinfer.prefill.single_prefill_with_kv_cache(q, k, v, sm_scale=0.3, return_lse=True, **words)
        for got, right in zip(both, expected):
            close(got, right)
        heads_first = flashinfer.single_prefill_with_kv_cache_return_lse(q, k.transpose(0, 1), v.transpose(0, 1), kv_layout="HND",
                                                                         sm_scale=0.3, **words)
        close(heads_first[0], expected[0])
    close(flashinfer.single_prefill_with_kv_cache(q, k, v), attention(q, k, v, everything, 0.125)[0])
    with pytest.raises(NotImplementedError, match="ROPE_LLAMA"):
        flashinfer.single_prefill_with_kv_cache(q, k, v, pos_encoding_mode="ROPE_LLAMA")
    with pytest.raises(NotImplementedError, match="o_dtype"):
        flashinfer.single_prefill_with_kv_cache(q, k, v, o_dtype=torch.float16)


def test_single_decode(device):
    for keys in (1, 7, 48, 200):
        q, k, v = torch.randn(4, 64, device=device), *(torch.randn(keys, 2, 64, device=device) for _ in range(2))
        j = torch.arange(keys, device=device)[None]
        for words, visible, more in (({}, j >= 0, {}), ({"window_left": 5}, j >= keys - 6, {}),
                                     ({"logits_soft_cap": 3.0}, j >= 0, {"cap": 3.0})):
            output, lse = attention(q[None], k, v, visible, 0.125, **more)
            got, sums = flashinfer.decode.single_decode_with_kv_cache(q, k, v, return_lse=True, **words)
            close(got, output[0])
            close(sums, lse[0])
        scaled = flashinfer.single_decode_with_kv_cache(q, k.transpose(0, 1), v.transpose(0, 1), "HND", q_scale=2.0, k_scale=0.5,
                                                        v_scale=3.0)
        close(scaled, 3 * attention(q[None], k, v, j >= 0, 0.125)[0][0])


def test_alibi_slopes():
    whole, between = [2.0**-n for n in range(1, 9)], [2.0**-n for n in (0.5, 1.5, 2.5, 3.5)]
    close(flashinfer._attention.alibi_slopes(8), torch.tensor(whole))
    close(flashinfer._attention.alibi_slopes(12), torch.tensor(whole + between))
