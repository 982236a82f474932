# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's attention wrappers against the definition in float64: options one by one, layouts, masks, graphs' buffers, refusals."""

import math

import pytest

torch = pytest.importorskip("torch")
import hipinfer  # noqa: E402 (torch has been looked for first)
import hipinfer.flashinfer as flashinfer  # noqa: E402

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])
HEADS, KV_HEADS, DIM, PAGE = 6, 2, 64, 4
QUERIES, KEYS = (3, 1, 0, 5), (9, 1, 6, 4)  # of each request: the last has more tokens than keys, the third none


@pytest.fixture(params=DEVICES)
def device(request):
    torch.manual_seed(0)
    return request.param


def slope(head, heads):
    n = 2 ** math.floor(math.log2(heads))
    return 2 ** (-8 * (head + 1) / n) if head < n else 2 ** (-4 * (2 * (head - n) + 1) / n)


def definition(q, k, v, causal=False, window=-1, cap=0.0, scale=None, alibi=False, mask=None, sinks=None):
    """Of one request: q [n, heads, dim], k and v [m, kv heads, dim]."""
    n, m, heads = q.shape[0], k.shape[0], q.shape[1]
    q, k, v = (x.double().cpu() for x in (q, k, v))
    k, v = (x.repeat_interleave(heads // k.shape[1], 1) for x in (k, v))
    s = torch.einsum("ihd,jhd->hij", q, k) * (1 / math.sqrt(q.shape[2]) if scale is None else scale)
    if cap > 0:
        s = cap * torch.tanh(s / cap)
    i, j = torch.arange(m - n, m)[:, None], torch.arange(m)[None]
    if alibi:
        s = s + torch.tensor([slope(h, heads) for h in range(heads)])[:, None, None] * (j - torch.arange(n)[:, None])
    seen = torch.ones(n, m, dtype=torch.bool)
    if mask is not None:
        seen = mask.cpu()
    elif causal:
        seen = j <= i
    if window >= 0:
        seen = seen & (j >= i - window)
    s = s.masked_fill(~seen, -math.inf)
    if sinks is not None:
        s = torch.cat((s, sinks.double().cpu()[:, None, None].expand(heads, n, 1)), 2)
        v = torch.cat((v, torch.zeros_like(v[:1])))
    lse = torch.logsumexp(s, 2)
    p = torch.exp(s - lse.masked_fill(lse == -math.inf, 0)[..., None])
    return torch.einsum("hij,jhd->ihd", p, v), lse.T / math.log(2)


def batch(device, dtype, queries=QUERIES, keys=KEYS, layout="NHD", pair=False):
    """Queries, ragged keys and values, and the same in pages of no order: tensors for plan and run."""
    q = torch.randn(sum(queries), HEADS, DIM, device=device, dtype=dtype)
    k, v = (torch.randn(sum(keys), KV_HEADS, DIM, device=device, dtype=dtype) for _ in "kv")
    pages = [-(-n // PAGE) for n in keys]
    numbers = torch.randperm(sum(pages) + 2)[:sum(pages)]
    cache = torch.full((sum(pages) + 2, 2, PAGE, KV_HEADS, DIM), math.nan, device=device, dtype=dtype)
    first = page = 0
    for n, of in zip(keys, pages):
        for slot in range(n):
            where = int(numbers[page + slot // PAGE])
            cache[where, 0, slot % PAGE], cache[where, 1, slot % PAGE] = k[first + slot], v[first + slot]
        first, page = first + n, page + of
    if layout == "HND":
        cache = cache.transpose(2, 3).contiguous()

    def indptr(counts):
        return torch.tensor([0, *counts]).cumsum(0).int()
    table = [indptr(pages), numbers.int(), torch.tensor([(n - 1) % PAGE + 1 for n in keys]).int()]
    return q, k, v, tuple(cache.unbind(1)) if pair else cache, indptr(queries), indptr(keys), table


def expected(q, k, v, queries=QUERIES, keys=KEYS, **words):
    parts, a, b = [], 0, 0
    for i, (n, m) in enumerate(zip(queries, keys)):
        own = {w: x[i] if w == "mask" else x for w, x in words.items()}
        parts.append(definition(q[a:a + n], k[b:b + m], v[b:b + m], **own))
        a, b = a + n, b + m
    return torch.cat([o for o, _ in parts]), torch.cat([s for _, s in parts])


def close(got, want, dtype=torch.float32):
    tolerance = {torch.float32: 2e-5, torch.float16: 4e-3, torch.bfloat16: 3e-2}[dtype]
    torch.testing.assert_close(got.double().cpu(), want, rtol=tolerance, atol=tolerance)


def workspace(device):
    return torch.empty(8 << 20, dtype=torch.uint8, device=device)


OPTIONS = {
    "plain": ({}, {}), "causal": (dict(causal=True), dict(causal=True)), "scale": (dict(sm_scale=0.3), dict(scale=0.3)),
    "window": (dict(causal=True, window_left=2), dict(causal=True, window=2)),
    "window without causal": (dict(window_left=0), dict(window=0)),
    "cap": (dict(logits_soft_cap=0.7), dict(cap=0.7)), "no cap": (dict(logits_soft_cap=0.0), {}),
    "alibi": (dict(causal=True, pos_encoding_mode="ALIBI"), dict(causal=True, alibi=True)),
    "cap and more": (dict(causal=True, window_left=3, logits_soft_cap=1.5, sm_scale=0.2),
                     dict(causal=True, window=3, cap=1.5, scale=0.2)),
    "alibi and more": (dict(causal=True, window_left=3, pos_encoding_mode="ALIBI", sm_scale=0.2),
                       dict(causal=True, window=3, alibi=True, scale=0.2)),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_prefill(device, name):
    given, words = OPTIONS[name]
    q, k, v, cache, qo, kv, table = batch(device, torch.float32)
    out, lse = expected(q, k, v, **words)
    paged = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device), "NHD", backend="fa2")
    paged.plan(qo, *table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32, **given)
    y, s = paged.run(q, cache, return_lse=True)
    close(y, out)
    close(s, lse)
    ragged = flashinfer.prefill.BatchPrefillWithRaggedKVCacheWrapper(workspace(device))
    ragged.plan(qo, kv, HEADS, KV_HEADS, DIM, q_data_type="float32", **given)
    y, s = ragged.run_return_lse(q, k, v)
    close(y, out)
    close(s, lse)
    own = slice(0, QUERIES[0]), slice(0, KEYS[0])
    y, s = flashinfer.single_prefill_with_kv_cache_return_lse(q[own[0]], k[own[1]], v[own[1]], **given)
    close(y, out[own[0]])
    close(s, lse[own[0]])


@pytest.mark.parametrize("name", [n for n in OPTIONS if "causal" not in OPTIONS[n][0] or n == "alibi"])
def test_decode(device, name):
    given, words = OPTIONS[name]
    given = {w: x for w, x in given.items() if w != "causal"}
    q, k, v, cache, _, _, table = batch(device, torch.float32, (1,) * 4)
    out, lse = expected(q, k, v, (1,) * 4, **words)
    wrapper = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device), use_tensor_cores=True)
    wrapper.plan(*table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32, **given)
    y, s = wrapper.run(q, cache, return_lse=True)
    close(y, out)
    close(s, lse)
    y, s = flashinfer.decode.single_decode_with_kv_cache(q[0], k[:KEYS[0]], v[:KEYS[0]], return_lse=True, **given)
    close(y, out[0])
    close(s, lse[0])


@pytest.mark.parametrize("pair", [False, True])
@pytest.mark.parametrize("layout", ["NHD", "HND"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_layouts_and_dtypes(device, dtype, layout, pair):
    q, k, v, cache, qo, kv, table = batch(device, dtype, layout=layout, pair=pair)
    out, _ = expected(q, k, v, causal=True)
    wrapper = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device), layout)
    wrapper.plan(qo, *table, HEADS, KV_HEADS, DIM, PAGE, causal=True, q_data_type=dtype)
    given = torch.empty_like(q)
    assert wrapper.run(q, cache, out=given) is given
    close(given, out, dtype)
    keys, values = (x[:KEYS[0]].transpose(0, 1) if layout == "HND" else x[:KEYS[0]] for x in (k, v))
    close(flashinfer.single_prefill_with_kv_cache(q[:3], keys, values, causal=True, kv_layout=layout), out[:3], dtype)
    close(flashinfer.single_decode_with_kv_cache(q[2], keys, values, layout), out[2], dtype)


def test_masks_scales_and_sinks(device):
    q, k, v, cache, qo, kv, table = batch(device, torch.float32)
    masks = [torch.rand(n, m) < 0.6 for n, m in zip(QUERIES, KEYS)]
    flat = torch.cat([m.reshape(-1) for m in masks]).to(device)
    out, lse = expected(q, k, v, mask=masks)
    packed = torch.cat([torch.nn.functional.pad(m.reshape(-1).int(), (0, -m.numel() % 8)).reshape(-1, 8) for m in masks])
    bits = (packed << torch.arange(8)).sum(1).to(torch.uint8).to(device)
    paged = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device))
    ragged = flashinfer.BatchPrefillWithRaggedKVCacheWrapper(workspace(device))
    for words in (dict(custom_mask=flat), dict(packed_custom_mask=bits)):
        paged.plan(qo, *table, HEADS, KV_HEADS, DIM, PAGE, causal=True, q_data_type=torch.float32, **words)
        y, s = paged.run(q, cache, return_lse=True)
        close(y, out)
        close(s, lse)
        ragged.plan(qo, kv, HEADS, KV_HEADS, DIM, q_data_type=torch.float32, **words)
        close(ragged.run(q, k, v), out)
    close(flashinfer.single_prefill_with_kv_cache(q[:3], k[:9], v[:9], custom_mask=masks[0].to(device)), out[:3])

    sinks = torch.randn(HEADS, device=device)
    out, lse = expected(q, k, v, sinks=sinks, scale=0.5 * 0.25 / math.sqrt(DIM), window=1)
    paged.plan(qo, *table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32)
    y, s = paged.run(q, cache, q_scale=0.5, k_scale=torch.tensor(0.25), v_scale=2.0, window_left=1, sinks=sinks, return_lse=True)
    close(y, out * 2)
    close(s, lse)


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"])
def test_fp8_caches(device, kind):
    fp8, half = getattr(torch, kind), torch.bfloat16
    q, k, v, cache, qo, kv, table = batch(device, half)
    k, v, cache = k.to(fp8), v.to(fp8), cache.to(fp8)
    each = torch.tensor([0.5, 1.5], device=device)  # for a key/value head
    scales = {"numbers": (0.5, 1.5), "tensors": (torch.tensor(0.5, device=device), torch.tensor([1.5], device=device)),
              "heads": (each, each.flip(0)), "none": (None, None)}
    paged = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device))
    paged.plan(qo, *table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=half, kv_data_type=fp8)
    ragged = flashinfer.BatchPrefillWithRaggedKVCacheWrapper(workspace(device))
    ragged.plan(qo, kv, HEADS, KV_HEADS, DIM, q_data_type=half, kv_data_type=kind)
    decode = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device))
    decode.plan(*table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=half, kv_data_type=fp8)
    own = slice(0, QUERIES[0]), slice(0, KEYS[0])
    for k_scale, v_scale in scales.values():
        words = {"k_scale": k_scale, "v_scale": v_scale}
        wide = [x.double().cpu() * torch.as_tensor(1 if s is None else s).double().cpu().reshape(-1, 1)
                for x, s in ((k, k_scale), (v, v_scale))]
        out, lse = expected(q, *wide)
        y, s = paged.run(q, cache, return_lse=True, **words)
        assert y.dtype == half
        close(y, out, half)
        close(s, lse, half)
        close(ragged.run(q, k, v, **words), out, half)
        close(flashinfer.single_prefill_with_kv_cache(q[own[0]], k[own[1]], v[own[1]], **words), out[own[0]], half)
        close(flashinfer.single_decode_with_kv_cache(q[0], k[own[1]], v[own[1]], **words), out[0], half)
        close(decode.run(q[:4], cache, **words), expected(q[:4], *wide, (1,) * 4)[0], half)
    with pytest.raises(ValueError, match="kv_data_type"):
        decode.run(q[:4], cache.to(half))


def test_fixed_splits(device):
    """One token a request: decode, in whose calls a split may not depend on the batch; each request comes out as it does alone."""
    tokens = (1,) * 4
    keys = (700, 1, 300, 4)
    q, k, v, cache, _, _, table = batch(device, torch.float32, tokens, keys)
    out, lse = expected(q, k, v, tokens, keys)
    indptr, indices, last = table
    for words in (dict(fixed_split_size=2), dict(disable_split_kv=True)):
        wrapper = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device))
        wrapper.plan(*table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32, **words)
        y, s = wrapper.run_return_lse(q, cache)
        assert hipinfer.last_kernel().startswith("paged_attention_decode/")
        close(y, out)
        close(s, lse)
        for b in range(len(tokens)):
            wrapper.plan(indptr[b:b + 2] - indptr[b], indices[indptr[b]:indptr[b + 1]], last[b:b + 1], HEADS, KV_HEADS, DIM, PAGE,
                         q_data_type=torch.float32, **words)
            assert torch.equal(wrapper.run(q[b:b + 1], cache), y[b:b + 1])


def test_several_tokens_a_request(device):
    """They are prefill."""
    tokens = (2,) * 4
    q, k, v, cache, _, _, table = batch(device, torch.float32, tokens)
    out, lse = expected(q, k, v, tokens, causal=True)
    wrapper = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device))
    wrapper.plan(*table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32, q_len_per_req=2, disable_split_kv=True)
    y, s = wrapper.run_return_lse(q, cache)
    assert hipinfer.last_kernel().startswith("paged_attention_prefill/")
    close(y, out)
    close(s, lse)


@pytest.mark.parametrize("base", ["log2", "ln"])
@pytest.mark.parametrize("turned", [False, True])
def test_bases_and_layouts_of_the_logarithm(device, base, turned):
    q, k, v, cache, qo, kv, table = batch(device, torch.float32)
    out, lse = expected(q, k, v)
    want = lse * (math.log(2) if base == "ln" else 1)
    paged = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device))
    paged.plan(qo, *table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32)
    ragged = flashinfer.BatchPrefillWithRaggedKVCacheWrapper(workspace(device))
    ragged.plan(qo, kv, HEADS, KV_HEADS, DIM, q_data_type=torch.float32)
    words = dict(return_lse=True, lse_base=base, lse_layout="HN" if turned else "NH")
    for run in (lambda **more: paged.run(q, cache, **words, **more), lambda **more: ragged.run(q, k, v, **words, **more)):
        y, s = run()
        close(y, out)
        close(s, want.T if turned else want)
        assert s.is_contiguous()
        given = torch.full_like(s, 7)
        assert run(lse=given)[1] is given
        close(given, s.double().cpu())
        with pytest.raises(ValueError, match="lse: shape"):
            run(lse=given[:1])
    for wrong in (dict(lse_base="log10"), dict(lse_layout="NN")):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            paged.run(q, cache, **wrong)


def test_workspaces_are_as_large_as_said(device):
    """Decode runs in what workspace_size asks for; prefill asks for nothing."""
    q, k, v, cache, qo, kv, table = batch(device, torch.float32, (1,) * 4)
    decode = flashinfer.BatchDecodeWithPagedKVCacheWrapper(torch.empty(0, dtype=torch.uint8, device=device))
    plan = (*table, HEADS, KV_HEADS, DIM, PAGE)
    size, of_indices = decode.workspace_size(*plan, q_data_type=torch.float32)
    assert of_indices == 0
    long = (*table[:1], torch.zeros(1 << 16, dtype=torch.int32), *table[2:], HEADS, KV_HEADS, DIM, PAGE)
    assert (decode.workspace_size(*long, q_data_type=torch.float32)[0] > 0) == (device == "cuda")
    more, size_of_long = (decode.workspace_size(*long, **words)[0] for words in (dict(disable_split_kv=True), {}))
    assert (more > size_of_long) == (device == "cuda")
    decode.reset_workspace_buffer(torch.empty(size, dtype=torch.uint8, device=device), torch.empty(0, device=device))
    decode.plan(*plan, q_data_type=torch.float32)
    close(decode.run(q, cache), expected(q, k, v, (1,) * 4)[0])
    assert flashinfer.BatchPrefillWithPagedKVCacheWrapper(torch.empty(0, device=device)).workspace_size(qo, *plan) == (0, 0)


def test_earlier_names_and_what_engines_read(device):
    q, k, v, cache, qo, kv, table = batch(device, torch.float32)
    prefill = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device), "NHD")
    prefill.begin_forward(qo, *table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32)
    out, lse = expected(q, k, v, causal=True, cap=2.0, scale=0.1)
    y, s = prefill.forward_return_lse(q, cache, True, logits_soft_cap=2.0, sm_scale=0.1)
    close(y, out)
    close(s, lse)
    prefill.end_forward()
    q, k, v, cache, _, _, table = batch(device, torch.float32, (1,) * 4)
    decode = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device), "NHD")
    flashinfer.fast_decode_plan(decode, *table, HEADS, KV_HEADS, DIM, PAGE, data_type=torch.float32,
                                global_override_indptr_cpu=table[0])
    close(decode.forward(q, cache, sm_scale=0.1), expected(q, k, v, (1,) * 4, scale=0.1)[0])
    for wrapper in (prefill, decode):
        assert wrapper._backend == "fa2" and not wrapper.is_cuda_graph_enabled and wrapper._cached_module.plan(*range(20)) == []
        assert wrapper._float_workspace_buffer.device.type == torch.device(device).type
        assert wrapper._paged_kv_indptr_buf.dtype == wrapper._int_workspace_buffer.view(torch.int32).dtype == torch.int32


def test_levels_of_shared_keys(device):
    """All requests share 6 keys, the first two 4 more, then each has its own: in three levels as in one."""
    queries, own = (2, 1, 3), (5, 3, 4)
    shared = [torch.randn(2, n, KV_HEADS, DIM, device=device) for n in (6, 4)]
    alone = [torch.randn(2, n, KV_HEADS, DIM, device=device) for n in own]
    q = torch.randn(sum(queries), HEADS, DIM, device=device)
    whole = [torch.cat((shared[0], *([shared[1]] if i < 2 else []), alone[i]), 1) for i in range(3)]
    keys = tuple(x.shape[1] for x in whole)
    out, _ = expected(q, *(torch.cat([x[i] for x in whole]) for i in (0, 1)), queries, keys, causal=True)

    pages, tables = [], []
    for parts, tokens in (([shared[0]], [sum(queries)]), ([shared[1], shared[1][:, :0]], [3, 3]), (alone, queries)):
        numbers, last = [], []
        for x in parts:
            count = -(-x.shape[1] // PAGE)
            numbers.append(range(len(pages), len(pages) + count))
            last.append((x.shape[1] - 1) % PAGE + 1)
            padded = torch.nn.functional.pad(x, (0, 0, 0, 0, 0, count * PAGE - x.shape[1]), value=math.nan)
            pages += padded.reshape(2, count, PAGE, KV_HEADS, DIM).unbind(1)
        tables.append([torch.tensor([0, *tokens]).cumsum(0).int(), torch.tensor([0, *map(len, numbers)]).cumsum(0).int(),
                       torch.tensor([n for of in numbers for n in of]).int(), torch.tensor(last).int()])
    cache = torch.stack(pages)
    wrapper = flashinfer.MultiLevelCascadeAttentionWrapper(3, workspace(device))
    wrapper.plan(*map(list, zip(*tables)), HEADS, KV_HEADS, DIM, PAGE, causal=True, q_data_type=torch.float32)
    close(wrapper.run(q, cache), out)

    prefix = shared[0]
    out, _ = expected(q, *(torch.cat([torch.cat((prefix[i], x[i])) for x in alone]) for i in (0, 1)), queries,
                      tuple(n + 6 for n in own), causal=True)
    prefill = flashinfer.BatchPrefillWithSharedPrefixPagedKVCacheWrapper(workspace(device))
    prefill.begin_forward(*tables[2], HEADS, KV_HEADS, DIM, PAGE)
    close(prefill.forward(q, *prefix, cache, causal=True), out)
    decode = flashinfer.cascade.BatchDecodeWithSharedPrefixPagedKVCacheWrapper(workspace(device))
    with pytest.raises(ValueError, match="levels"):
        wrapper.plan(*map(list, zip(*tables[:2])), HEADS, KV_HEADS, DIM, PAGE)
    decode.begin_forward(*tables[2][1:], HEADS, KV_HEADS, DIM, PAGE, torch.float32)
    out, _ = expected(q[:3], *(torch.cat([torch.cat((prefix[i], x[i])) for x in alone]) for i in (0, 1)), (1, 1, 1),
                      tuple(n + 6 for n in own))
    close(decode.forward(q[:3], *prefix, cache), out)
    with pytest.raises(ValueError, match="3 of each kind"):
        flashinfer.MultiLevelCascadeAttentionWrapper(3, workspace(device), use_cuda_graph=True)


def test_buffers_of_a_graph(device):
    """plan fills the buffers; run reads them, so that a replay has what is in them then."""
    buffers = [torch.zeros(n, device=device, dtype=torch.int32) for n in (5, 32, 4)]
    wrapper = flashinfer.CUDAGraphBatchDecodeWithPagedKVCacheWrapper(workspace(device), *buffers)
    out, graph = torch.empty(4, HEADS, DIM, device=device), None
    held_q = torch.empty_like(out)
    held = torch.empty(16, 2, PAGE, KV_HEADS, DIM, device=device)
    for keys in (KEYS, (3, 12, 1, 8)):
        q, k, v, cache, _, _, table = batch(device, torch.float32, (1,) * 4, keys)
        held_q.copy_(q)
        held[:cache.shape[0]].copy_(cache)
        wrapper.plan(*table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32)
        if graph is None:
            wrapper.run(held_q, held, out=out)
            if device == "cuda":
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph):
                    wrapper.run(held_q, held, out=out)
        if device == "cuda":
            graph.replay()
        else:
            wrapper.run(held_q, held, out=out)
        close(out, expected(q, k, v, (1,) * 4, keys)[0])
    with pytest.raises(ValueError, match="batch of 3"):
        wrapper.plan(table[0][:4], table[1], table[2][:3], HEADS, KV_HEADS, DIM, PAGE)
    with pytest.raises(ValueError, match="indices: 33 entries do not fit"):
        wrapper.plan(table[0], torch.zeros(33, dtype=torch.int32), table[2], HEADS, KV_HEADS, DIM, PAGE)
    with pytest.raises(ValueError, match="paged_kv_indices_buffer"):
        flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device), use_cuda_graph=True, paged_kv_indptr_buffer=buffers[0])


def test_a_graph_keeps_what_it_reads(device):
    """plan again, with other lengths: slopes, queries' offsets and masks lie where they lay."""
    for options in (dict(pos_encoding_mode="ALIBI"), dict(q_len_per_req=2)):
        buffers = [torch.zeros(n, device=device, dtype=torch.int32) for n in (5, 32, 4)]
        wrapper = flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device), "NHD", True, True, *buffers)
        for keys in (KEYS, (3, 12, 1, 8)):
            tokens = (options.get("q_len_per_req", 1),) * 4
            q, k, v, cache, _, _, table = batch(device, torch.float32, tokens, keys)
            wrapper.plan(*table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32, **options)
            held = [wrapper._qo_indptr.data_ptr(), wrapper._words.get("alibi_slopes", q).data_ptr()]
            words = dict(alibi=True) if "pos_encoding_mode" in options else dict(causal=True)
            close(wrapper.run(q, cache), expected(q, k, v, tokens, keys, **words)[0])
            if keys == KEYS:
                first = held
        assert first[0] == held[0] and ("pos_encoding_mode" not in options or first[1] == held[1])
    with pytest.raises(ValueError, match="stays what it was"):
        wrapper.plan(*table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32)
    with pytest.raises(ValueError, match="8 tokens|4 requests of 2"):
        wrapper.run(q[:4], cache)

    q, k, v, cache, qo, _, table = batch(device, torch.float32)
    buffers = [torch.zeros(n, device=device, dtype=torch.int32) for n in (5, 5, 32, 4)]
    bits, begins = torch.zeros(64, device=device, dtype=torch.uint8), torch.zeros(5, device=device, dtype=torch.int32)
    prefill = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device), "NHD", True, *buffers, bits, begins)
    for _ in range(2):
        masks = [torch.rand(n, m) < 0.6 for n, m in zip(QUERIES, KEYS)]
        prefill.plan(qo, *table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32,
                     custom_mask=torch.cat([m.reshape(-1) for m in masks]).to(device))
        assert prefill._words["custom_mask"] is bits and prefill._words["mask_indptr"] is begins
        close(prefill.run(q, cache), expected(q, k, v, mask=masks)[0])
    with pytest.raises(ValueError, match="do not fill"):
        prefill.plan(qo[:3], *table, HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32)


def test_refusals(device):
    q, k, v, cache, qo, kv, table = batch(device, torch.float32)
    wrapper = flashinfer.BatchPrefillWithPagedKVCacheWrapper(workspace(device))
    with pytest.raises(RuntimeError, match="run comes after plan"):
        wrapper.run(q, cache)
    plan = (qo, *table, HEADS, KV_HEADS, DIM, PAGE)
    for words, name in ((dict(pos_encoding_mode="ROPE_LLAMA"), "ROPE_LLAMA"), (dict(head_dim_vo=32), "head_dim_vo=32"),
                        (dict(pos_encoding_mode="ALIBI", logits_soft_cap=1.0), "ALIBI"),
                        (dict(o_data_type="bfloat16"), "o_data_type")):
        with pytest.raises(NotImplementedError, match=name):
            wrapper.plan(*plan, **words)
    with pytest.raises(KeyError, match="pos_encoding_mode"):
        wrapper.plan(*plan, pos_encoding_mode="YARN")
    with pytest.raises(ValueError, match="not a multiple"):
        wrapper.plan(qo, *table, 5, KV_HEADS, DIM, PAGE)
    wrapper.plan(*plan)
    with pytest.raises(ValueError, match="q_data_type torch.float16"):
        wrapper.run(q, cache)
    wrapper.plan(*plan, q_data_type=torch.float32)
    with pytest.raises(NotImplementedError, match="kv_cache_sf"):
        wrapper.run(q, cache, kv_cache_sf=cache)
    with pytest.raises(ValueError, match="q: 2 tokens, and qo_indptr has 9"):
        wrapper.run(q[:2], cache)
    with pytest.raises(ValueError, match="out: shape"):
        wrapper.run(q, cache, out=q[:1])
    with pytest.raises(KeyError, match="kv_layout"):
        flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device), "NDH")
    with pytest.raises(NotImplementedError, match="jit_args"):
        flashinfer.BatchDecodeWithPagedKVCacheWrapper(workspace(device), jit_args=["x"])
    if device == "cuda":
        small = flashinfer.BatchDecodeWithPagedKVCacheWrapper(torch.empty(16, dtype=torch.uint8, device=device))
        small.plan(*batch(device, torch.float32, (1,), (900,))[6], HEADS, KV_HEADS, DIM, PAGE, q_data_type=torch.float32)
        with pytest.raises(hipinfer.HipinferError, match="workspace"):
            small.run(*(lambda b: (b[0], b[3]))(batch(device, torch.float32, (1,), (900,))))
