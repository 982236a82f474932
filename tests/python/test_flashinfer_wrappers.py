# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's wrappers that are made of prefill and decode: mixed batches, sinks, POD, block-sparse masks; and packed bits."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import hipinfer.flashinfer as flashinfer  # noqa: E402 (torch has been looked for first)

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
HEADS, KV_HEADS, DIM = 4, 2, 64


@pytest.fixture(params=DEVICES)
def device(request):
    torch.manual_seed(0)
    return request.param


def workspace(device):
    return torch.empty(1 << 20, dtype=torch.uint8, device=device)


def close(a, b, tolerance=2e-5):
    torch.testing.assert_close(a.double().cpu(), b.double().cpu(), rtol=tolerance, atol=tolerance)


def attention(q, k, v, seen=None, scale=None, cap=0.0, sinks=None):
    """q [n, heads, dim], k and v [m, kv heads, dim], seen [n, m]: the output and the logarithm, base 2."""
    q, k, v = (x.double().cpu() for x in (q, k, v))
    k, v = (x.repeat_interleave(q.shape[1] // k.shape[1], 1) for x in (k, v))
    s = torch.einsum("ihd,jhd->hij", q, k) * (1 / math.sqrt(q.shape[2]) if scale is None else scale)
    s = cap * torch.tanh(s / cap) if cap else s
    s = s if seen is None else s.masked_fill(~seen.cpu(), -math.inf)
    whole = s if sinks is None else torch.cat([s, sinks.double().cpu()[:, None, None].expand(-1, s.shape[1], 1)], 2)
    lse = torch.logsumexp(whole, 2)
    weights = torch.exp(s - lse.masked_fill(lse == -math.inf, 0)[..., None])
    return torch.einsum("hij,jhd->ihd", weights, v), lse.T / math.log(2)


def causal(n, m):
    return torch.arange(m)[None] <= torch.arange(m - n, m)[:, None]


def paged(device, page, queries, keys, dtype=torch.float32):
    """Queries of all requests, keys and values of each, the cache, and qo_indptr, kv_indptr, kv_indices, kv_len_arr."""
    q = torch.randn(sum(queries), HEADS, DIM, device=device, dtype=dtype)
    each = [(torch.randn(m, KV_HEADS, DIM, device=device, dtype=dtype), torch.randn(m, KV_HEADS, DIM, device=device, dtype=dtype))
            for m in keys]
    counts = [-(-m // page) for m in keys]
    order = torch.randperm(sum(counts))
    cache = torch.full((max(sum(counts), 1), 2, page, KV_HEADS, DIM), math.nan, device=device, dtype=dtype)
    at = 0
    for pair, count in zip(each, counts):
        for part, x in enumerate(pair):
            for i in range(count):
                piece = x[i * page:(i + 1) * page]
                cache[order[at + i], part, :len(piece)] = piece
        at += count
    ends = [torch.tensor(np.concatenate([[0], np.cumsum(x)]), dtype=torch.int32, device=device) for x in (queries, counts)]
    return q, each, cache, (*ends, order.to(device, torch.int32), torch.tensor(keys, dtype=torch.int32, device=device))


def of_requests(q, each, queries, seen=lambda n, m: None, **words):
    parts = [attention(one, k, v, seen(len(one), len(k)), **words) for one, (k, v) in zip(q.split(queries), each)]
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


def last_of(lengths, page):
    return torch.where(lengths > 0, (lengths - 1) % page + 1, 0).to(torch.int32)


@pytest.mark.parametrize("cap", [0.0, 1.5])
def test_mixed_batches(device, cap):
    queries, keys, page = (5, 1, 1, 3), (9, 6, 4, 3), 4
    q, each, cache, table = paged(device, page, queries, keys)
    wrapper = flashinfer.BatchAttention("NHD", device)
    wrapper.plan(*table, HEADS, KV_HEADS, DIM, DIM, page, causal=True, logits_soft_cap=cap, q_data_type=torch.float32,
                 kv_data_type=torch.float32)
    y, s = wrapper.run(q, cache, logits_soft_cap=cap)
    out, lse = of_requests(q, each, queries, causal, cap=cap)
    close(y, out)
    close(s, lse)
    given = torch.empty_like(q), torch.empty_like(s)
    found = wrapper.run(q, (cache[:, 0], cache[:, 1]), *given, k_scale=0.5, v_scale=2.0)
    assert found[0] is given[0] and found[1] is given[1]
    close(given[0], of_requests(q, each, queries, causal, cap=cap, scale=0.5 / math.sqrt(DIM))[0] * 2)
    with pytest.raises(ValueError, match="plan was told"):
        wrapper.run(q, cache, logits_soft_cap=cap + 1)


@pytest.mark.parametrize("window", [-1, 2])
def test_sinks(device, window):
    queries, keys, page = (1, 1, 1), (9, 6, 4), 4
    sinks = torch.randn(HEADS, device=device)
    q, each, cache, (qo, kv, indices, lengths) = paged(device, page, queries, keys)
    last = last_of(lengths, page)

    def seen(n, m):
        return causal(n, m) & (window < 0 or torch.arange(m)[None] >= torch.arange(m - n, m)[:, None] - window)
    out, lse = of_requests(q, each, queries, seen, sinks=sinks, scale=0.2)
    words = dict(q_data_type=torch.float32, kv_data_type=torch.float32, head_dim_qk=DIM, head_dim_vo=DIM, window_left=window)
    prefill = flashinfer.BatchAttentionWithAttentionSinkWrapper(workspace(device), "NHD", **words)
    prefill.plan(qo, kv, indices, last, HEADS, KV_HEADS, DIM, page, causal=True)
    decode = flashinfer.attention.BatchDecodeWithAttentionSinkWrapper(workspace(device), "NHD", **words)
    decode.plan(kv, indices, last, HEADS, KV_HEADS, DIM, page)
    for wrapper in (prefill, decode):
        y, s = wrapper.run(q, cache, sinks, 0.2, return_lse=True)
        close(y, out)
        close(s, lse)
        y, s = wrapper.run_return_lse(q, cache, sinks, 0.1, q_scale=2.0)
        close(y, out)
        with pytest.raises(TypeError, match="sinks"):
            wrapper.run(q, cache)
        close(wrapper.run(q, cache, sinks), of_requests(q, each, queries, seen, sinks=sinks)[0])  # plan's own scale


def test_prefill_and_decode_side_by_side(device):
    queries, keys, page = (1, 1), (6, 9), 4
    q_p, k_p, v_p = (torch.randn(n, h, DIM, device=device) for n, h in ((5, HEADS), (7, KV_HEADS), (7, KV_HEADS)))
    q, each, cache, (qo, kv, indices, lengths) = paged(device, page, queries, keys)
    last = last_of(lengths, page)
    wrapper = flashinfer.PODWithPagedKVCacheWrapper(workspace(device))
    wrapper.plan(kv, indices, last, HEADS, KV_HEADS, DIM, page, q_data_type=torch.float32)
    prefill, decode = wrapper.run(q_p, k_p, v_p, q, cache, causal_p=True, v_scale=2.0)
    close(prefill, attention(q_p, k_p, v_p, causal(5, 7))[0])
    close(decode, of_requests(q, each, queries)[0] * 2)

    more, fewer = (3, 2), (7, 2)
    q2, each2, cache2, (qo2, kv2, indices2, lengths2) = paged(device, page, more, fewer)
    both = flashinfer.BatchPODWithPagedKVCacheWrapper(workspace(device))
    both.plan(qo2, kv2, indices2, last_of(lengths2, page), qo, kv, indices, last, HEADS, KV_HEADS, DIM, page, q_data_type=torch.float32)
    for is_causal in (True, False):
        (a, b), (s, t) = both.run(q2, cache2, q, cache, causal_p=is_causal, return_lse=True)
        want = of_requests(q2, each2, more, causal if is_causal else lambda n, m: None), of_requests(q, each, queries)
        for have, expected in zip((a, s, b, t), (*want[0], *want[1])):
            close(have, expected)
    mask = torch.rand(3 * 7 + 2 * 2, device=device) > 0.4
    parts = iter((mask[:21].view(3, 7), mask[21:].view(2, 2)))
    close(both.run(q2, cache2, q, cache, custom_mask_p=mask)[0], of_requests(q2, each2, more, lambda n, m: next(parts))[0])
    close(both.run(q2, cache2, q, cache, causal_p=True)[0], of_requests(q2, each2, more, causal)[0])  # without it again


@pytest.mark.parametrize("kind", ["plain", "mask", "packed", "causal"])
def test_blocks_that_are_there(device, kind):
    m, n, r, c = (8, 24, 4, 8) if kind != "plain" else (7, 24, 4, 8)
    there = torch.tensor([[1, 0, 1], [0, 1, 0]], dtype=torch.bool)
    indptr = torch.tensor([0, 2, 3], dtype=torch.int32, device=device)
    indices = there.nonzero()[:, 1].to(device, torch.int32)
    q = torch.randn(m, HEADS, DIM, device=device)
    k, v = (torch.randn(n, KV_HEADS, DIM, device=device) for _ in range(2))
    seen = there.repeat_interleave(r, 0)[:m].repeat_interleave(c, 1)
    words = {}
    if kind in ("mask", "packed"):
        blocks = torch.rand(3, r, c, device=device) > 0.5
        rows = [torch.cat(list(blocks[a:b]), 1) for a, b in ((0, 2), (2, 3))]
        for i, row in enumerate(rows):
            seen[i * r:(i + 1) * r, there[i].repeat_interleave(c)] = row.cpu()
        words["mask" if kind == "mask" else "packed_mask"] = blocks if kind == "mask" else torch.cat(
            [flashinfer.packbits(row.reshape(-1), "little") for row in rows])
    if kind == "causal":
        words["causal"] = True
        for i in range(2):  # of the columns that are there, the last row's last is the last
            mine = there[i].repeat_interleave(c)
            seen[i * r:(i + 1) * r, mine] = causal(r, int(mine.sum()))
    wrapper = flashinfer.BlockSparseAttentionWrapper(workspace(device))
    wrapper.plan(indptr, indices, m, n, r, c, HEADS, KV_HEADS, DIM, q_data_type=torch.float32, o_data_type=torch.float32, **words)
    y, s = wrapper.run(q, k, v, return_lse=True)
    out, lse = attention(q, k, v, seen)
    close(y, out)
    close(s, lse)
    given = torch.empty_like(q, dtype=torch.float16)
    assert wrapper.run(q, k, v, out=given) is given
    close(given, out, 2e-3)
    with pytest.raises(ValueError, match="plan was told"):
        wrapper.run(q[1:], k, v)
    with pytest.raises(ValueError, match="multiple of C"):
        wrapper.plan(indptr, indices, m, n + 1, r, c, HEADS, KV_HEADS, DIM)
    with pytest.raises(NotImplementedError, match="kv_splits"):
        wrapper.plan(indptr, indices, m, n, r, c, HEADS, KV_HEADS, DIM, kv_splits=2)


def test_blocks_of_any_sizes(device):
    there = torch.rand(KV_HEADS, 3, 4) > 0.4
    there[0, 1] = False  # rows that see nothing
    rows, columns = torch.tensor([[2, 3, 4], [5, 0, 4]]), torch.tensor([[1, 4, 2, 5], [3, 3, 3, 3]])
    q = torch.randn(HEADS, 9, DIM, device=device)
    k, v = (torch.randn(KV_HEADS, 12, DIM, device=device) for _ in range(2))
    wrapper = flashinfer.VariableBlockSparseAttentionWrapper(workspace(device))
    wrapper.plan(there.to(device), rows.to(device), columns.to(device), HEADS, KV_HEADS, DIM, q_data_type=torch.float32)
    y, s = wrapper.run(q, k, v, return_lse=True)
    assert y.shape == q.shape and s.shape == (HEADS, 9)
    for head in range(HEADS):
        of = head // (HEADS // KV_HEADS)
        seen = there[of].repeat_interleave(rows[of], 0).repeat_interleave(columns[of], 1)
        out, lse = attention(q[head][:, None], k[of][:, None], v[of][:, None], seen)
        close(y[head], out[:, 0])
        close(s[head], lse[:, 0])
    given = torch.empty_like(q)
    assert wrapper.run(q, k, v, out=given) is given
    close(given, y, 0)
    with pytest.raises(ValueError, match="other sums"):
        wrapper.plan(there, rows + torch.tensor([[1], [0]]), columns, HEADS, KV_HEADS, DIM)


@pytest.mark.parametrize("order", ["big", "little"])
def test_packed_bits(device, order):
    for n in (0, 1, 7, 8, 9, 100):
        x = torch.rand(n, device=device) > 0.5
        want = np.packbits(x.cpu().numpy(), bitorder=order)
        for given in (x, x.to(torch.uint8) * 3):
            assert np.array_equal(flashinfer.packbits(given, order).cpu().numpy(), want)
    x, ends = torch.rand(40, device=device) > 0.5, [3, 3, 11, 12, 37]
    packed, begins = flashinfer.quantization.segment_packbits(x, torch.tensor(ends, device=device), order)
    parts = [np.packbits(x[a:b].cpu().numpy(), bitorder=order) for a, b in zip(ends, ends[1:])]
    assert np.array_equal(packed.cpu().numpy(), np.concatenate(parts))
    assert begins.tolist() == [0, *np.cumsum([len(p) for p in parts])]
    with pytest.raises(ValueError, match="bitorder"):
        flashinfer.packbits(x, "middle")


def test_products_of_experts_in_fp8(device):
    a, b = torch.randn(9, 64, device=device).to(torch.float8_e4m3fn), torch.randn(3, 24, 64, device=device).to(torch.float8_e4m3fn)
    ends = torch.tensor([0, 4, 4, 9], dtype=torch.int32, device=device)
    y = flashinfer.grouped_mm.grouped_mm_fp8(a, b, ends, torch.tensor([0.5], device=device), out_dtype=torch.float32)
    want = torch.cat([a[:4].double() @ b[0].double().T, a[4:].double() @ b[2].double().T]) / 2
    close(y, want, 2e-2 if device == "cuda" else 1e-5)
