# SPDX-License-Identifier: Apache-2.0
"""torch tensors on the CPU and on GPUs: no copies, torch's streams, torch's graphs."""

import math

import hipinfer
import numpy as np
import pytest

torch = pytest.importorskip("torch")
DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.fixture(params=DEVICES)
def device(request):
    torch.manual_seed(0)
    return request.param


def reference(x, w, eps=1e-6):
    x = x.double()
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * w.double()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_tensors(device, dtype):
    x, w = torch.randn(7, 129, device=device, dtype=dtype), torch.randn(129, device=device, dtype=dtype)
    y = torch.empty_like(x)
    hipinfer.rmsnorm(y, x, w)
    tolerance = {torch.float32: 1e-5, torch.float16: 1e-3, torch.bfloat16: 1e-2}[dtype]
    torch.testing.assert_close(y.double(), reference(x, w), rtol=tolerance, atol=tolerance)


def test_views_are_written_where_they_lie(device):
    store = torch.full((6, 300), 7.0, device=device)
    store[::2, 40:168] = torch.randn(3, 128, device=device)
    view = store[::2, 40:168].view(3, 2, 64)
    want = reference(view, torch.ones(64, device=device)).float()
    hipinfer.rmsnorm(view, view, torch.ones(64, device=device))
    torch.testing.assert_close(view, want, rtol=1e-5, atol=1e-5)
    assert (store[1::2] == 7).all() and (store[:, :40] == 7).all() and (store[:, 168:] == 7).all()


def test_autograd_is_respected(device):
    x, w = torch.randn(2, 16, device=device), torch.nn.Parameter(torch.ones(16, device=device))
    y = torch.full_like(x, 7)
    with pytest.raises(ValueError, match="rmsnorm: weight: .*requires a gradient.*torch.no_grad"):
        hipinfer.rmsnorm(y, x, w)  # y would not depend on w for autograd
    with pytest.raises(ValueError, match="rmsnorm: output: .*requires a gradient"):
        hipinfer.rmsnorm(torch.empty(2, 16, device=device, requires_grad=True), x, w.detach())
    assert (y == 7).all()
    hipinfer.rmsnorm(y, x, w.detach())
    for ungraded in (torch.no_grad, torch.inference_mode):
        with ungraded():
            hipinfer.rmsnorm(torch.empty(2, 16, device=device, requires_grad=True), x, w)


def test_what_is_no_plain_tensor_is_refused(device):
    x = torch.zeros(2, 16, device=device)
    with pytest.raises(TypeError, match="rmsnorm: weight: .*complex64"):
        hipinfer.rmsnorm(x, x, torch.zeros(16, dtype=torch.complex64, device=device))
    with pytest.raises(TypeError, match="rmsnorm: weight: .*sparse"):
        hipinfer.rmsnorm(x, x, torch.zeros(16, device=device).to_sparse())
    with pytest.raises(TypeError, match="rmsnorm: weight: a torch tensor on meta"):
        hipinfer.rmsnorm(x, x, torch.zeros(16, device="meta"))


def test_dlpack_both_ways(device):
    x = torch.arange(6.0, device=device).reshape(2, 3)
    t = hipinfer.from_dlpack(x)
    np.testing.assert_array_equal(t.numpy(), x.cpu().numpy())
    back = torch.from_dlpack(t)
    assert back.data_ptr() == x.data_ptr()
    own = hipinfer.from_numpy(np.ones((2, 3), np.float32), t.context)
    seen = torch.from_dlpack(own)
    seen += 1
    if device == "cuda":
        torch.cuda.synchronize()
    assert own.numpy().sum() == 12
    del own
    assert seen.sum().item() == 12
    assert torch.from_dlpack(hipinfer.zeros(3, "bf16", t.context)).dtype == torch.bfloat16


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"])
def test_fp8(device, name):
    fp8 = getattr(torch, name)
    x = torch.arange(256, dtype=torch.uint8, device=device).view(fp8)
    wide, back = torch.empty(256, device=device), torch.empty(256, dtype=fp8, device=device)
    hipinfer.cast(wide, x)
    torch.testing.assert_close(wide, x.float(), rtol=0, atol=0, equal_nan=True)
    hipinfer.cast(back, wide)
    finite = torch.isfinite(wide)
    assert torch.equal(back.view(torch.uint8)[finite], x.view(torch.uint8)[finite])
    assert back.float()[torch.isnan(wide)].isnan().all()
    q, scales = torch.empty(3, 64, dtype=fp8, device=device), torch.empty(3, device=device)
    hipinfer.quantize_per_token(q, scales, torch.randn(3, 64, device=device))
    assert torch.equal(q.float().abs().amax(-1), torch.full((3,), torch.finfo(fp8).max, device=device))


def test_numpy_and_torch_mix_on_the_cpu():
    x, y = torch.randn(2, 16), np.empty((2, 16), np.float32)
    hipinfer.rmsnorm(y, x, np.ones(16, np.float32))
    torch.testing.assert_close(torch.from_numpy(y), reference(x, torch.ones(16)).float(), rtol=1e-5, atol=1e-5)


@gpu
def test_a_host_tensor_among_gpu_tensors_is_named():
    x = torch.zeros(2, 16, device="cuda")
    with pytest.raises(hipinfer.TensorError, match="rmsnorm: weight: device"):
        hipinfer.rmsnorm(x, x, torch.ones(16))


@gpu
def test_the_current_stream_is_used():
    """The side stream is held up; only work that follows it in order sees the values written there."""
    side = torch.cuda.Stream()
    x, w = torch.zeros(1024, 4096, device="cuda"), torch.ones(4096, device="cuda")
    y = torch.full_like(x, 7)
    hipinfer.rmsnorm(torch.empty_like(x), x, w)  # loads the kernel
    torch.cuda.synchronize()
    with torch.cuda.stream(side):
        torch.cuda._sleep(200_000_000)
        x.fill_(3)
        hipinfer.rmsnorm(y, x, w)
    side.synchronize()
    torch.testing.assert_close(y, torch.ones_like(y), rtol=1e-4, atol=1e-4)


@gpu
def test_an_explicit_stream():
    side = torch.cuda.Stream()
    x, w = torch.zeros(1024, 4096, device="cuda"), torch.ones(4096, device="cuda")
    y = torch.full_like(x, 7)
    torch.cuda.synchronize()
    with torch.cuda.stream(side):
        torch.cuda._sleep(200_000_000)
        x.fill_(3)
    hipinfer.rmsnorm(y, x, w, stream=side)
    side.synchronize()
    torch.testing.assert_close(y, torch.ones_like(y), rtol=1e-4, atol=1e-4)


@gpu
def test_a_graph_replays_with_new_values():
    x, w = torch.randn(64, 512, device="cuda"), torch.randn(512, device="cuda")
    y = torch.empty_like(x)
    hipinfer.default_context((2 if torch.version.hip is None else 10, 0)).preload()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        hipinfer.rmsnorm(y, x, w)
        hipinfer.rmsnorm(y, y, w)
    for _ in range(3):
        x.copy_(torch.randn_like(x))
        graph.replay()
        want = reference(reference(x, w).float(), w).float()
        torch.testing.assert_close(y, want, rtol=1e-4, atol=1e-4)


def attend(q, k_cache, v_cache, indptr, indices, last):
    """One query a request over its pages, in double."""
    rows = []
    for b in range(len(last)):
        pages = indices[indptr[b]:indptr[b + 1]]
        n = (len(pages) - 1) * k_cache.shape[1] + last[b]
        if n <= 0:
            rows.append(torch.zeros_like(q[b]).double())
            continue
        k, v = (c[pages.long()].flatten(0, 1)[:n].double() for c in (k_cache, v_cache))
        group = q.shape[1] // k.shape[1]
        scores = torch.einsum("hd,khd->hk", q[b].double(), k.repeat_interleave(group, 1)) / math.sqrt(q.shape[-1])
        rows.append(torch.einsum("hk,khd->hd", scores.softmax(-1), v.repeat_interleave(group, 1)))
    return torch.stack(rows)


@gpu
@pytest.mark.skipif(not hasattr(hipinfer, "paged_attention_decode"), reason="the library has no paged attention")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_graph_of_attention_replays_with_new_lengths(dtype):
    """The schedule is made on the device: a captured graph follows indptr, indices and lengths that change later, also
    from short requests to long ones that are cut into chunks."""
    requests, heads, kv_heads, dim, page, most = 4, 8, 2, 128, 16, 512
    q = torch.randn(requests, heads, dim, device="cuda", dtype=dtype)
    k_cache, v_cache = (torch.randn(requests * most, page, kv_heads, dim, device="cuda", dtype=dtype) for _ in "kv")
    out = torch.empty_like(q)
    indptr = torch.zeros(requests + 1, device="cuda", dtype=torch.int32)
    indices = torch.zeros(requests * most, device="cuda", dtype=torch.int32)
    last = torch.ones(requests, device="cuda", dtype=torch.int32)

    def lengths(tokens):
        pages = [-(-n // page) for n in tokens]
        indptr.copy_(torch.tensor([0, *np.cumsum(pages)], dtype=torch.int32))
        indices.copy_(torch.randperm(requests * most).int())
        last.copy_(torch.tensor([n - (p - 1) * page if n else 0 for n, p in zip(tokens, pages)], dtype=torch.int32))

    lengths([1, 5, 16, 17])
    hipinfer.default_context((2 if torch.version.hip is None else 10, 0)).preload()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        hipinfer.paged_attention_decode(out, None, q, k_cache, v_cache, indptr, indices, last)
    for tokens in ([1, 5, 16, 17], [most * page, 1, 333, 4097], [3, 0, 2, 15], [2048, 2049, 2047, most * page]):
        lengths(tokens)
        q.copy_(torch.randn_like(q))
        graph.replay()
        tolerance = 2e-3 if dtype == torch.float16 else 1e-2
        torch.testing.assert_close(out.double(), attend(q, k_cache, v_cache, indptr, indices, last), rtol=tolerance,
                                   atol=tolerance)


@gpu
def test_memory_may_go_once_the_call_returned():
    """torch's allocator gives a freed block to later work of the same stream only."""
    w = torch.ones(4096, device="cuda")
    outputs = []
    for i in range(20):
        y = torch.empty(256, 4096, device="cuda")
        hipinfer.rmsnorm(y, torch.full((256, 4096), float(i + 1), device="cuda"), w)
        outputs.append(y)
    for y in outputs:
        torch.testing.assert_close(y, torch.ones_like(y), rtol=1e-4, atol=1e-4)


@gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two GPUs")
def test_a_second_gpu():
    x, w = torch.randn(8, 64, device="cuda:1"), torch.ones(64, device="cuda:1")
    y = torch.empty_like(x)
    hipinfer.rmsnorm(y, x, w)
    torch.testing.assert_close(y, reference(x, w).float(), rtol=1e-5, atol=1e-5)
    with pytest.raises(hipinfer.TensorError, match="device"):
        hipinfer.rmsnorm(y, x, w, context=hipinfer.default_context((2 if torch.version.hip is None else 10, 0)))
