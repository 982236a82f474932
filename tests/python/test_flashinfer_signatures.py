# SPDX-License-Identifier: Apache-2.0
"""hipinfer.flashinfer takes what FlashInfer's functions take, name by name, place by place, default by default."""

import json

import flashinfer_signatures as signatures
import pytest

TABLE = json.loads(signatures.TABLE.read_text())
OURS = signatures.ours()

# What differs on purpose, and why.
DIFFERENT = {
    # FlashInfer hands plan's options on as keywords, whatever they are called; here each has its name.
    "decode.BatchDecodeWithPagedKVCacheWrapper.plan",
    "decode.BatchDecodeWithPagedKVCacheWrapper.begin_forward",
    # There compress_ratio and next_n are 1 by default, and in 0.7.4 None, which means the same.
    "topk_varlen.top_k_varlen-0.6.18",
}
# Names that are given to something by an assignment there.
ASSIGNED = {"gemm.group_gemm_mxfp4_nt_groupwise", "gemm.prepare_low_latency_gemm_weights",
            "prefill.single_prefill_with_kv_cache_return_lse"}
SIGNATURES = [(name, version, *given) for name, versions in TABLE.items() if isinstance(versions, dict)
              for version, taken in versions.items()
              for given in ([("", taken)] if isinstance(taken, list) else taken.items())]


def ours(name, method):
    return OURS[name].get(method) if method else OURS[name]


def differences(theirs, mine):
    """What a call of FlashInfer's may pass, and ours does not take in the same way."""
    positional = [p for p in mine if p[1] == "positional"]
    by_name = {name: default for name, kind, default in mine if kind in ("positional", "keyword")}
    kinds = {kind for _, kind, _ in mine}
    for place, (name, kind, default) in enumerate(theirs):
        if kind.startswith("any"):
            if kind not in kinds:
                yield f"{name}: {kind} arguments"
            continue
        if kind == "positional" and "any positional" not in kinds and [p[0] for p in positional[place:place + 1]] != [name]:
            yield f"{name}: not in place {place}"
        if name not in by_name:
            if "any keyword" not in kinds:
                yield f"{name}: not taken"
        elif default and by_name[name] != default:  # one that has to be given there may have any here
            yield f"{name}: default {by_name[name] or 'missing'}, expected {default or 'none'}"


@pytest.mark.parametrize(("name", "version", "method", "taken"), SIGNATURES,
                         ids=[".".join(filter(None, (n, m))) + "-" + v for n, v, m, _ in SIGNATURES])
def test_signature(name, version, method, taken):
    mine = ours(name, method)
    assert mine is not None, f"{name} has no {method}"
    found = list(differences(taken, mine))
    full = f"{name}.{method}" if method else name
    assert bool(found) == (full in DIFFERENT or f"{full}-{version}" in DIFFERENT), found


def test_what_more_we_take_has_a_default():
    """So that FlashInfer's calls need not know of it."""
    for name, _, method, taken in SIGNATURES:
        known = {p[0] for p in taken}
        asked = [p[0] for p in ours(name, method) if p[1] in ("positional", "keyword") and not p[2]]
        assert set(asked) <= known, f"{name} {method}"


def test_names_are_flashinfers():
    """What hipinfer.flashinfer has or refuses is in one of the versions."""
    assert OURS.keys() - TABLE.keys() <= ASSIGNED
    assert signatures.missing() - TABLE.keys() <= ASSIGNED
    assert not signatures.missing() & OURS.keys()
    assert {name for name, versions in TABLE.items() if isinstance(versions, list)} <= signatures.missing()


@pytest.mark.parametrize(("theirs", "mine", "found"), [
    ("(a, b=1)", "(a, b=1)", 0), ("(a, b=1)", "(a, b=1, *, c=2)", 0), ("(a, *, b=1)", "(a, b=1)", 0),
    ("(a, b=1)", "(a, b=2)", 1), ("(a, b=1)", "(b=1, a=0)", 2), ("(a, b=1)", "(a, *, b=1)", 1), ("(a, b=1)", "(a)", 2),
    ("(a, **k)", "(a)", 1), ("(a, b=1)", "(*any, **more)", 0),
])
def test_differences(theirs, mine, found):
    import ast
    pair = [signatures.parameters(ast.parse(f"def f{text}: pass").body[0]) for text in (theirs, mine)]
    assert len(list(differences(*pair))) == found
