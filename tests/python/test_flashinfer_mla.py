# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's multi-head latent attention against the definition in float64, the caches it reads, graphs' buffers, refusals."""

import math

import pytest

torch = pytest.importorskip("torch")
import hipinfer.flashinfer as flashinfer  # noqa: E402 (torch has been looked for first)

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
HEADS, LATENT, ROTATED, PAGE, SCALE = 5, 512, 64, 4, 192**-0.5
QUERIES, KEYS = (3, 1, 0, 5), (9, 1, 6, 4)  # of each request: the last has more tokens than keys, the third none


@pytest.fixture(params=DEVICES)
def device(request):
    torch.manual_seed(0)
    return request.param


def definition(q, k, causal):
    """Of one request: q [n, heads, 576] and k [m, 576], of which the first 512 columns are the values."""
    q, k, n, m = q.double().cpu(), k.double().cpu(), q.shape[0], k.shape[0]
    s = torch.einsum("ihd,jd->hij", q, k) * SCALE
    if causal:
        s = s.masked_fill(torch.arange(m)[None] > torch.arange(m - n, m)[:, None], -math.inf)
    lse = torch.logsumexp(s, 2)
    p = torch.exp(s - lse.masked_fill(lse == -math.inf, 0)[..., None])
    return torch.einsum("hij,jd->ihd", p, k[:, :LATENT]), lse.T / math.log(2)


def indptr(counts):
    return torch.tensor([0, *counts]).cumsum(0).int()


def batch(device, dtype=torch.float32, queries=QUERIES, keys=KEYS):
    """Queries of both parts side by side, keys, and the same in pages of no order, with the tables of plan."""
    q = torch.randn(sum(queries), HEADS, LATENT + ROTATED, device=device, dtype=dtype)
    k = torch.randn(sum(keys), LATENT + ROTATED, device=device, dtype=dtype)
    pages = [-(-n // PAGE) for n in keys]
    numbers = torch.randperm(sum(pages) + 2)[:sum(pages)]
    cache = torch.full((sum(pages) + 2, PAGE, LATENT + ROTATED), math.nan, device=device, dtype=dtype)
    first = page = 0
    for n, of in zip(keys, pages):
        for slot in range(n):
            cache[int(numbers[page + slot // PAGE]), slot % PAGE] = k[first + slot]
        first, page = first + n, page + of
    return q, k, cache, [indptr(queries), indptr(pages), numbers.int(), torch.tensor(keys).int()]


def expected(q, k, causal, queries=QUERIES, keys=KEYS):
    parts, a, b = [], 0, 0
    for n, m in zip(queries, keys):
        parts.append(definition(q[a:a + n], k[b:b + m], causal))
        a, b = a + n, b + m
    return tuple(torch.cat(x) for x in zip(*parts))


def parts(x):
    return x[..., :LATENT], x[..., LATENT:]


def planned(device, tables, causal=False, dtype=torch.float32, **words):
    wrapper = flashinfer.mla.BatchMLAPagedAttentionWrapper(torch.empty(1 << 24, dtype=torch.uint8, device=device), **words)
    wrapper.plan(*tables, HEADS, LATENT, ROTATED, PAGE, causal, SCALE, dtype, dtype)
    return wrapper


def close(got, wanted, dtype=torch.float32):
    tolerance = {torch.float32: 1e-5, torch.float16: 2e-3, torch.bfloat16: 1e-2}[dtype]
    torch.testing.assert_close(got.double().cpu(), wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_ragged_batches(device, dtype, causal):
    q, k, cache, tables = batch(device, dtype)
    wrapper = planned(device, tables, causal, dtype)
    out, lse = expected(q, k, causal)
    close(wrapper.run(*parts(q), *parts(cache)), out, dtype)
    got = wrapper.run(*parts(q), *(x.contiguous() for x in parts(cache)), return_lse=True)
    close(got[0], out, dtype)
    close(got[1], lse)
    close(wrapper.run(*parts(q), *parts(cache), return_lse=True, return_lse_base_on_e=True)[1], lse * math.log(2))
    mine, sums = torch.empty_like(parts(q)[0]), torch.empty(lse.shape, device=device)
    assert wrapper.run(*parts(q), *parts(cache), mine, sums, True)[0] is mine
    close(mine, out, dtype)
    close(sums, lse)


def test_decode_of_long_requests(device):
    queries, keys = (1, 1, 1), (700, 3, 260)
    q, k, cache, tables = batch(device, queries=queries, keys=keys)
    close(planned(device, tables, True).run(*parts(q), *parts(cache)), expected(q, k, True, queries, keys)[0])


def test_the_forms_of_later_releases(device):
    q, k, cache, tables = batch(device)
    out, lse = expected(q, k, True)
    wrapper = flashinfer.mla.BatchMLAPagedAttentionWrapper(torch.empty(1 << 22, dtype=torch.uint8, device=device))
    rest = dict(num_heads=HEADS, head_dim_ckv=LATENT, head_dim_kpe=ROTATED, page_size=PAGE, causal=True, sm_scale=SCALE,
                q_data_type=q.dtype, kv_data_type=q.dtype, lse_mode="basee")
    wrapper.plan(metadata=flashinfer.mla.MLAPlanMetadata.csr(*tables), **rest)
    got = wrapper.run(query=q, kv_cache=cache, return_lse=True)
    close(got[0], out)
    close(got[1], lse * math.log(2))
    close(wrapper.run(query=parts(q), kv_cache=parts(cache)), out)
    # A row of pages for each request, with spare entries behind its own.
    begins, most = tables[1].tolist(), 5
    rows = torch.zeros(len(KEYS), most, dtype=torch.int32)
    for b in range(len(KEYS)):
        rows[b, :begins[b + 1] - begins[b]] = tables[2][begins[b]:begins[b + 1]]
    wrapper.plan(cum_seq_lens_q=tables[0], block_tables=rows, seq_lens=tables[3], max_q_len=5, **rest)
    close(wrapper.run(query=q, kv_cache=cache), out)
    wrapper.plan(metadata=flashinfer.mla.MLAPlanMetadata.dense(tables[0], rows, tables[3]), **rest)
    close(wrapper.run(query=q, kv_cache=cache), out)
    with pytest.raises(TypeError, match="query: given twice"):
        wrapper.run(*parts(q), query=q, kv_cache=cache)
    with pytest.raises(TypeError, match="are needed"):
        wrapper.plan(*tables)
    with pytest.raises(TypeError, match="go together"):
        wrapper.plan(qo_indptr=tables[0], **rest)


def test_buffers_of_a_graph(device):
    buffers = [torch.zeros(n, dtype=torch.int32, device=device) for n in (4, 4, 64, 3)]
    wrapper, graph, query, out = None, None, torch.empty(3, HEADS, LATENT + ROTATED, device=device), None
    pool = torch.full((40, PAGE, LATENT + ROTATED), math.nan, device=device)
    for keys in ((9, 1, 6), (30, 0, 2), (5, 5, 41)):
        q, k, cache, tables = batch(device, queries=(1, 1, 1), keys=keys)
        if wrapper is None:
            wrapper = planned(device, tables, True, use_cuda_graph=True, qo_indptr=buffers[0], kv_indptr=buffers[1],
                              kv_indices=buffers[2], kv_len_arr=buffers[3])
        wrapper.plan(*tables, HEADS, LATENT, ROTATED, PAGE, True, SCALE, q.dtype, q.dtype)
        assert wrapper._kv_len_arr_buf.data_ptr() == buffers[3].data_ptr()
        query.copy_(q)
        pool[:len(cache)] = cache
        if graph is None:
            out = wrapper.run(*parts(query), *parts(pool))
            if device == "cuda":
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph):
                    wrapper.run(*parts(query), *parts(pool), out=out)
        if graph is not None:
            graph.replay()
        else:
            wrapper.run(*parts(query), *parts(pool), out=out)
        close(out, expected(q, k, True, (1, 1, 1), keys)[0])
    with pytest.raises(ValueError, match="qo_indptr: 5 entries"):
        wrapper.plan(*batch(device)[3], HEADS, LATENT, ROTATED, PAGE, True, SCALE, torch.float32, torch.float32)
    with pytest.raises(ValueError, match="kv_indices"):
        flashinfer.BatchMLAPagedAttentionWrapper(torch.empty(1, device=device), True, buffers[0], buffers[1], None, buffers[3])
    with pytest.raises(ValueError, match="qo_indptr: 3 entries, expected 4"):
        flashinfer.BatchMLAPagedAttentionWrapper(torch.empty(1, device=device), True, buffers[3], buffers[1], buffers[2], buffers[3])


def test_refusals(device):
    q, _, cache, tables = batch(device)
    wrapper = flashinfer.mla.BatchMLAPagedAttentionWrapper(torch.empty(1 << 20, dtype=torch.uint8, device=device), backend="fa3")
    assert wrapper._backend == "fa3"
    with pytest.raises(RuntimeError, match="run comes after plan"):
        wrapper.run(*parts(q), *parts(cache))
    plan = [*tables, HEADS, LATENT, ROTATED, PAGE, True, SCALE]
    for name, words in {"kv_data_type": {"kv_data_type": torch.float8_e4m3fn}, "use_sinks": {"use_sinks": True},
                        "output_dtype": {"output_dtype": torch.float16}, "scale_mode": {"scale_mode": "bmm-tensor"},
                        "use_profiler": {"use_profiler": True}, "skip_softmax": {"skip_softmax": True},
                        "output_scale": {"output_scale": "per-tensor"}}.items():
        with pytest.raises(NotImplementedError, match=name):
            wrapper.plan(*plan, **{"q_data_type": torch.float32, "kv_data_type": torch.float32, **words})
    with pytest.raises(ValueError, match="lse_mode"):
        wrapper.plan(*plan, torch.float32, torch.float32, lse_mode="base10")
    with pytest.raises(ValueError, match="metadata"):
        wrapper.plan(*plan, torch.float32, torch.float32, metadata=flashinfer.mla.MLAPlanMetadata.csr(*tables))
    wrapper.plan(*plan, torch.float32, torch.float32)
    for name in ("o_scale", "ckv_scale", "kpe_scale", "bmm1_scale", "kv_len", "page_table", "sinks", "profiler_buffer"):
        with pytest.raises(NotImplementedError, match=name):
            wrapper.run(*parts(q), *parts(cache), **{name: 1.0})
    with pytest.raises(ValueError, match="q_nope: dtype"):
        wrapper.run(*parts(q.half()), *parts(cache))
    with pytest.raises(ValueError, match="pages of 2"):
        wrapper.run(*parts(q), *parts(cache[:, :2]))
    with pytest.raises(ValueError, match="and plan was told of 5 heads"):
        wrapper.run(*parts(q[:, :3]), *parts(cache))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_append(device, dtype):
    """Of the last tokens of each request."""
    _, k, cache, tables = batch(device, dtype)
    before, lengths = torch.full_like(cache, 7), torch.tensor(KEYS, dtype=torch.int32)
    added = [2, 1, 0, 4]
    requests = torch.tensor([b for b, n in enumerate(added) for _ in range(n)], device=device)
    positions = torch.tensor([KEYS[b] - n + i for b, n in enumerate(added) for i in range(n)], device=device)
    rows = k[[sum(KEYS[:b]) + KEYS[b] - n + i for b, n in enumerate(added) for i in range(n)]]
    last = ((lengths - 1) % PAGE + 1).to(device)
    flashinfer.append_paged_mla_kv_cache(*parts(rows), requests, positions, *parts(before), tables[2].to(device),
                                         tables[1].to(device), last)
    wanted = torch.full_like(cache, 7)
    for b, n in enumerate(added):
        for i in range(KEYS[b] - n, KEYS[b]):
            page = int(tables[2][int(tables[1][b]) + i // PAGE])
            wanted[page, i % PAGE] = cache[page, i % PAGE]
    assert torch.equal(before, wanted)
    with pytest.raises(ValueError, match="both are needed"):
        flashinfer.page.append_paged_mla_kv_cache(*parts(rows), requests, positions, None, before, *(t.to(device) for t in tables[:3]))


def test_concat_mla_k(device):
    nope, rope = torch.randn(7, 3, 16, device=device), torch.randn(7, 1, 8, device=device)
    k = torch.empty(7, 3, 24, device=device)
    assert flashinfer.concat_ops.concat_mla_k(k, nope, rope) is None
    assert torch.equal(k, torch.cat((nope, rope.expand(7, 3, 8)), 2))
    with pytest.raises(ValueError, match="expected"):
        flashinfer.concat_ops.concat_mla_k(k, nope, rope[:, :, :4])
    with pytest.raises(ValueError, match="dtypes"):
        flashinfer.concat_ops.concat_mla_k(k, nope.half(), rope)
