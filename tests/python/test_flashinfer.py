# SPDX-License-Identifier: Apache-2.0
"""hipinfer.flashinfer: FlashInfer's names, orders of arguments and defaults, against plain torch."""

import math
import os
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")
import hipinfer  # noqa: E402 (torch has been looked for first)
import hipinfer.flashinfer as flashinfer  # noqa: E402

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


def test_products_of_fp8(device):
    a, w = fp8(3, 5, 256, device=device), fp8(3, 40, 256, device=device)
    expected = a.float() @ w.float().transpose(1, 2)
    one, each = torch.tensor(0.5, device=device), torch.rand(3, device=device)
    close(flashinfer.bmm_fp8(a, w.transpose(1, 2), one, one, torch.float32), expected / 4, 1e-3)
    out = torch.empty(3, 5, 40, device=device, dtype=torch.bfloat16)
    assert flashinfer.bmm_fp8(a, w.transpose(1, 2), each, one, torch.bfloat16, out, "cudnn") is out
    close(out, expected * each[:, None, None] / 2, 5e-2)
    prepared = flashinfer.gemm.prepare_low_latency_gemm_weights(w[0], {})
    assert prepared.shape == (2, 40, 128)
    for b in (prepared, prepared.contiguous()):
        close(flashinfer.mm_fp8(a[0], b, one, torch.float32), expected[0] / 2, 1e-3)
    assert flashinfer.mm_fp8(a[0], prepared).dtype == torch.bfloat16


@pytest.mark.parametrize("mode", ["K", "MN", None])
def test_products_of_fp8_by_groups(device, mode):
    m, n, k = 5, 200, 272
    a, b = fp8(m, k, device=device), fp8(n, k, device=device)
    for rows in (1, 128):
        of_a, of_b = torch.rand(-(-m // rows), 3, device=device), torch.rand(2, 3, device=device)
        wide_a, wide_b = of_a.repeat_interleave(rows, 0)[:m], of_b.repeat_interleave(128, 0)[:n]
        expected = (a.float() * wide_a.repeat_interleave(128, 1)[:, :k]) @ (b.float() * wide_b.repeat_interleave(128, 1)[:, :k]).T
        scales = (of_a.T.contiguous(), of_b.T.contiguous()) if mode == "MN" else (of_a, of_b)
        y = flashinfer.gemm.gemm_fp8_nt_groupwise(a, b, *scales, mode, scale_granularity_mnk=(rows, 128, 128), out_dtype=torch.float32)
        close(y, expected, 1e-3)
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
    from hipinfer.flashinfer.decode import BatchDecodeWithPagedKVCacheWrapper
    from hipinfer.flashinfer.norm import rmsnorm_fp4quant
    for call in (BatchDecodeWithPagedKVCacheWrapper, rmsnorm_fp4quant, flashinfer.merge_state):
        with pytest.raises(NotImplementedError, match="flashinfer.*hipinfer does not have this"):
            call(1, x=2)
    for of in (flashinfer, flashinfer.norm, flashinfer.decode):
        with pytest.raises(AttributeError, match="no_such_name"):
            of.no_such_name  # noqa: B018 (the access is the test)


def test_installed_under_flashinfers_name():
    code = ("import hipinfer.flashinfer as f; f.install(); import flashinfer; from flashinfer.norm import rmsnorm; "
            "import flashinfer.page; from flashinfer.prefill import single_prefill_with_kv_cache; "
            "assert flashinfer is f and rmsnorm is f.rmsnorm and flashinfer.page is f.page")
    path = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path})
