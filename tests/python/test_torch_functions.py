# SPDX-License-Identifier: Apache-2.0
"""hipinfer.torch: functions that make their outputs; and the short way that calls on torch tensors go."""

import inspect
import threading

import hipinfer
import pytest

torch = pytest.importorskip("torch")
import hipinfer.torch as ht  # noqa: E402 (torch has been looked for first)
from hipinfer import _lean, ops  # noqa: E402

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
F = torch.nn.functional


@pytest.fixture(params=DEVICES)
def device(request):
    torch.manual_seed(0)
    return request.param


def close(a, b, tolerance=1e-5):
    torch.testing.assert_close(a.double(), b.double(), rtol=tolerance, atol=tolerance)


def rotated(x, cos, sin):
    a, b = x.chunk(2, -1)
    c, s = cos[:, None], sin[:, None]
    return torch.cat((a * c - b * s, b * c + a * s), -1)


def test_every_operation_is_there():
    names = {n for n in hipinfer.operations() if hasattr(hipinfer, n)}
    assert names == set(ht.__all__)
    for name in names:
        theirs, ours = (inspect.signature(getattr(m, name)).parameters for m in (hipinfer, ht))
        assert set(theirs) <= set(ours), name
        assert list(ours)[-2:] == ["stream", "context"]


def test_outputs_are_made(device):
    x, w, b = (torch.randn(*s, device=device) for s in ((5, 48), (48,), (48,)))
    close(ht.rmsnorm(x, w), F.rms_norm(x, (48,), w, 1e-6))
    close(ht.rmsnorm(x.view(5, 3, 16), w[:16]), F.rms_norm(x.view(5, 3, 16), (16,), w[:16], 1e-6))
    close(ht.layernorm(x, w, b), F.layer_norm(x, (48,), w, b, 1e-5))
    close(ht.layernorm(x), F.layer_norm(x, (48,)))
    close(ht.silu_and_mul(x), F.silu(x[:, :24]) * x[:, 24:])
    close(ht.swiglu(x, x + 1), F.silu(x) * (x + 1))
    close(ht.scale(x, 0.5), x * 0.5)
    close(ht.softmax(x, 2.0), torch.softmax(x / 2, -1))
    close(ht.embedding(x, torch.tensor([3, 0], device=device, dtype=torch.int32)), x[[3, 0]])
    close(ht.gemm(x, torch.ones(7, 48, device=device)), x.sum(-1, keepdim=True).expand(5, 7), 1e-4)
    assert torch.equal(ht.argmax(x, dtype=torch.int64), x.argmax(-1))
    assert ht.argmax(x).dtype == torch.int32
    assert torch.equal(ht.cast(x, torch.bfloat16), x.bfloat16())
    out = torch.empty(5, 24, device=device)
    assert ht.silu_and_mul(x, output=out) is out
    with pytest.raises(TypeError, match="cast: dtype or output"):
        ht.cast(x)


def test_outputs_in_place(device):
    x, r, w = (torch.randn(*s, device=device) for s in ((5, 48), (5, 48), (48,)))
    total = x + r
    assert ht.fused_add_rmsnorm(x, r, w) is None
    close(r, total)
    close(x, F.rms_norm(total, (48,), w, 1e-6))


def test_quantised_outputs(device):
    x, w, scale = torch.randn(5, 64, device=device), torch.ones(64, device=device), torch.full((1,), 0.01, device=device)
    want = F.rms_norm(x, (64,), w, 1e-6)
    fixed = ht.rmsnorm_quant(x, w, scale)
    assert fixed.dtype in (torch.float8_e4m3fn, torch.float8_e4m3fnuz)
    close(fixed.float() * scale, want, 0.07)
    rows, scales = ht.rmsnorm_dynamic_quant(x, w, dtype=torch.int8)
    assert rows.dtype == torch.int8 and scales.shape == (5,)
    close(rows.float() * scales[:, None], want, 0.02)
    heads, scales = ht.rmsnorm_dynamic_quant(x.view(5, 4, 16), w[:16], dtype=torch.float8_e5m2)
    assert heads.shape == (5, 4, 16) and scales.shape == (5, 4)
    scales = torch.empty(5, 4, device=device)
    groups = ht.quantize_per_group(scales, x, 16)
    close(ht.dequantize(groups, scales, group_size=16, dtype=torch.float32), x, 0.2)


def test_rope_and_its_optional_keys(device):
    q, k = torch.randn(6, 4, 32, device=device), torch.randn(6, 2, 32, device=device)
    cache = ht.rope_cos_sin_cache(torch.empty(16, 32, device=device))
    assert cache is None
    cache = torch.empty(16, 32, device=device)
    ht.rope_cos_sin_cache(cache)
    positions = torch.tensor([3, 0, 1, 15, 7, 7], device=device)
    cos, sin = cache[positions].chunk(2, -1)
    q_out, k_out = ht.rope(q, k, cache, positions)
    close(q_out, rotated(q, cos, sin))
    close(k_out, rotated(k, cos, sin))
    only, none = ht.rope(q, None, cache, positions)
    assert none is None and torch.equal(only, q_out)
    w = torch.randn(32, device=device)
    normed, _ = ht.qk_norm_rope(q, None, w, None, cache, positions)
    close(normed, rotated(F.rms_norm(q, (32,), w, 1e-6), cos, sin))


def test_options_and_scalars_go_the_short_way_too(device):
    a, b = torch.empty(9, 16, device=device), torch.empty(9, 16, device=device)
    ht.rope_cos_sin_cache(a, 1e4)
    ht.rope_cos_sin_cache(b, 1e4, scaling="llama31", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_context=8192)
    assert torch.isfinite(a).all() and not torch.equal(a, b)


def test_the_long_way_gives_the_same(device, monkeypatch):
    x, w = torch.randn(5, 48, device=device), torch.randn(48, device=device)
    q, cache, positions = x.view(5, 3, 16), torch.randn(7, 16, device=device), torch.arange(5, device=device)
    short = ht.rmsnorm(x, w), *ht.rope(q, q, cache, positions)
    for operation in (ops._rmsnorm, ops._rope):  # as with a torch that has no exchange functions
        monkeypatch.setattr(operation, "lean", lambda *_: False)
    long = ht.rmsnorm(x, w), *ht.rope(q, q, cache, positions)
    assert all(torch.equal(a, b) for a, b in zip(short, long))


@pytest.mark.skipif(_lean.exchange() is None, reason="this torch has no DLPack exchange functions")
class TestShortWay:
    def taken(self, operation, *args, **words):
        return operation.short_way()(args, words.get("options"), words.get("stream"), words.get("context"))

    def test_it_is_taken(self, device):
        x, w = torch.randn(2, 16, device=device), torch.ones(16, device=device)
        assert self.taken(ops._rmsnorm, torch.empty_like(x), x, w, 1e-6)
        assert self.taken(ops._rmsnorm, torch.empty(4, 8, device=device)[::2], x[:, ::1][:, :8], w[:8], 1)
        with torch.no_grad():
            assert self.taken(ops._rmsnorm, torch.empty_like(x), x, torch.nn.Parameter(w), 1)

    def test_what_is_not_ordinary_is_left_alone(self, device):
        x, w = torch.randn(2, 16, device=device), torch.ones(16, device=device)
        y = torch.full_like(x, 7)
        negative = torch.randn(2, 16, device=device, dtype=torch.complex64).conj().imag
        assert negative.is_neg()
        assert not self.taken(ops._rmsnorm, y, negative, w, 1e-6)
        assert not self.taken(ops._rmsnorm, y, x.to_sparse(), w, 1e-6)
        assert not self.taken(ops._rmsnorm, y, x.cpu().numpy(), w, 1e-6)
        assert not self.taken(ops._rmsnorm, torch.empty_like(x).requires_grad_(), x, w, 1e-6)
        assert not self.taken(ops._rmsnorm, y, x, torch.nn.Parameter(w), 1e-6)
        assert not self.taken(ops._rmsnorm, y, x, w, "small")
        assert not self.taken(ops._rmsnorm, y, x, w[:15], 1e-6)
        assert not self.taken(ops._rmsnorm, y, x, torch.ones(16, device="meta"), 1e-6)
        assert not self.taken(ops._quantize_per_group, y, y, x, 2**40)
        assert (y == 7).all()

    def test_errors_name_the_argument(self, device):
        x = torch.randn(2, 16, device=device)
        with pytest.raises(hipinfer.ShapeError, match="rmsnorm: weight: shape"):
            ht.rmsnorm(x, torch.ones(15, device=device))
        with pytest.raises(ValueError, match="rmsnorm: eps"):
            ht.rmsnorm(x, torch.ones(16, device=device), "small")

    def test_threads_do_not_share_structs(self, device):
        def work(n, failures):
            x, w = torch.randn(3, n), torch.ones(n)
            want = F.rms_norm(x, (n,), w, 1e-6)
            for _ in range(200):
                if not torch.allclose(ht.rmsnorm(x, w), want, atol=1e-5):
                    failures.append(n)

        failures = []
        threads = [threading.Thread(target=work, args=(n, failures)) for n in (16, 64, 257, 1000)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not failures


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_short_way_follows_torchs_stream():
    side = torch.cuda.Stream()
    x, w = torch.zeros(1024, 4096, device="cuda"), torch.ones(4096, device="cuda")
    ht.rmsnorm(x, w)
    torch.cuda.synchronize()
    with torch.cuda.stream(side):
        torch.cuda._sleep(100_000_000)
        x.fill_(1)
        y = ht.rmsnorm(x, w)
    side.synchronize()
    assert (y > 0.9).all()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        z = ht.rmsnorm(x, w)
    x.zero_()
    graph.replay()
    torch.cuda.synchronize()
    assert (z == 0).all()
