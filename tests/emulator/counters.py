#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs each kernel of the library once on each emulated GPU, on a fixed shape, and writes what it did.

  counters.py --write          writes counters.txt beside this file
  counters.py --check          fails, with a diff, if it has changed (and the compilers have not)
  counters.py --gpu gfx942 -k rmsnorm   prints those

Bytes are of device memory: what the lanes asked for ("read", "written") and each 128-byte line counted once
("distinct"). The time is an estimate of the issue and bandwidth bounds of one card that runs the kernel alone at its peak
clock, perfectly spread over it: the longest of matrix, VALU, LDS and memory time. It is no measurement.

Needs HIPINFER_LIBRARY and HIPEMU_LIBRARY.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator

HERE = Path(__file__).resolve().parent
RECORD = HERE / "counters.txt"
GPUS = ["gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201"]
CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}
# Compute units, SIMDs of each, peak clock in GHz, memory in TB/s: MI210, MI300X, MI355X, RX 7900 XTX, RX 9070 XT.
CARDS = {"gfx90a": (104, 4, 1.7, 1.64), "gfx942": (304, 4, 2.1, 5.3), "gfx950": (256, 4, 2.4, 8.0), "gfx1100": (96, 2, 2.5, 0.96),
         "gfx1201": (64, 2, 2.97, 0.64)}


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    """(shape, call). The library chooses the kernel, as it does for its users."""
    import hipinfer
    import numpy as np

    random = np.random.default_rng(1)

    def tensor(*shape: int, dtype: str = "bf16") -> Any:
        if dtype == "i32":
            raise AssertionError("integers are given by value")
        out = hipinfer.empty(shape, dtype)
        source = hipinfer.from_numpy(random.standard_normal(shape, dtype=np.float32))
        hipinfer.cast(out, source)
        return out

    def integers(values: Any, dtype: Any = np.int32) -> Any:
        return hipinfer.from_numpy(np.asarray(values, dtype=dtype))

    for tokens, hidden in ((64, 4096),):
        x, w, y = tensor(tokens, hidden), tensor(hidden), tensor(tokens, hidden)
        yield f"[{tokens},{hidden}]", lambda y=y, x=x, w=w: hipinfer.rmsnorm(y, x, w)
        yield f"[{tokens},{hidden}]", lambda y=y, x=x, w=w: hipinfer.fused_add_rmsnorm(y, x, w)
        yield f"[{tokens},{hidden}]", lambda y=y, x=x: hipinfer.scale(y, x, 0.5)
        wide = hipinfer.empty((tokens, hidden), "f32")
        yield f"[{tokens},{hidden}]", lambda y=y, wide=wide: hipinfer.cast(wide, y)
        odd, odd_out = tensor(tokens, 4095), tensor(tokens, 4095)
        yield f"[{tokens},4095]", lambda y=odd_out, x=odd: hipinfer.scale(y, x, 0.5)
        packed = tensor(tokens, 2 * hidden)
        yield f"[{tokens},{2 * hidden}]", lambda y=y, packed=packed: hipinfer.silu_and_mul(y, packed)
        table, rows = tensor(1000, hidden), integers(random.integers(0, 1000, tokens))
        yield f"[1000,{hidden}] {tokens} rows", lambda y=y, table=table, rows=rows: hipinfer.embedding(y, table, rows)
    q, k = tensor(64, 32, 128), tensor(64, 8, 128)
    cache = hipinfer.empty((128, 128), "f32")
    yield "[128,128]", lambda: hipinfer.rope_cos_sin_cache(cache)
    positions = integers(np.arange(64))
    yield "q [64,32,128] k [64,8,128]", lambda: hipinfer.rope(q, k, q, k, cache, positions)
    pages, page, heads, dim = 16, 16, 8, 128
    k_cache, v_cache = tensor(pages, page, heads, dim), tensor(pages, page, heads, dim)
    indptr, indices, last = integers([0, 4, 12]), integers(random.permutation(pages)[:12]), integers([16, 16])
    yield "64 tokens of [8,128]", lambda: hipinfer.append_paged_kv_cache(
        k_cache, v_cache, k, k, integers([0] * 32 + [1] * 32), integers(list(range(32)) * 2), indices, indptr, last)
    for d in (64, 128, 256):
        kc, vc = tensor(pages, page, heads, d), tensor(pages, page, heads, d)
        one, out = tensor(2, 32, d), tensor(2, 32, d)
        yield f"2 requests of 64 and 128 keys, 32/8 heads of {d}", lambda out=out, one=one, kc=kc, vc=vc: \
            hipinfer.paged_attention_decode(out, None, one, kc, vc, indptr, indices, last)
    qo, out = tensor(64, 32, dim), tensor(64, 32, dim)
    yield "32 + 32 tokens on 64 and 128 keys, 32/8 heads of 128", lambda: hipinfer.paged_attention_prefill(
        out, None, qo, k_cache, v_cache, integers([0, 32, 64]), indptr, indices, last, causal=True)
    weight = tensor(512, 1024)
    for m in (1, 64, 256):
        a, c = tensor(m, 1024), tensor(m, 512)
        yield f"[{m},1024] x [512,1024]", lambda a=a, c=c: hipinfer.gemm(c, a, weight)
    logits = tensor(4, 32000, dtype="f32")
    probabilities, chosen = hipinfer.empty((4, 32000), "f32"), hipinfer.empty((4,), "i32")
    yield "[4,32000] f32", lambda: hipinfer.softmax(probabilities, logits)
    yield "[4,32000] f32", lambda: hipinfer.argmax(chosen, logits)
    yield "[4,32000] f32", lambda: hipinfer.top_k_top_p_sampling_from_logits(chosen, None, logits, top_k=50, top_p=0.9, seed=1)
    scores = tensor(4, 8, 64, 64)
    yield "[4,8,64,64]", lambda: hipinfer.causal_mask(scores, scores, float("-inf"))


def run_here(counters: Path, wanted: str) -> None:
    """In a process of its own for each GPU: prints a JSON list of [shape, kernel, counters]."""
    results = []
    for shape, call in cases():
        before = counters.stat().st_size if counters.exists() else 0
        call()
        import hipinfer
        hipinfer.default_context().synchronize()
        with counters.open() as file:
            file.seek(before)
            results += [[shape, json.loads(line)] for line in file if wanted in line]
    print(json.dumps(results))


def run(gpu: str, wanted: str) -> list[tuple[str, dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        counters = Path(folder) / "counters"
        environment = os.environ | {"HIPEMU_TARGET": gpu, "HIPEMU_COUNTERS": str(counters), "HIPINFER_DEVICE": "hip",
                                    "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"]}
        done = subprocess.run([sys.executable, __file__, "--here", str(counters), "-k", wanted], env=environment, check=True, text=True,
                              stdout=subprocess.PIPE)
        return [(shape, launch) for shape, launch in json.loads(done.stdout)]


def estimate(gpu: str, c: dict[str, Any]) -> tuple[float, str]:
    """Microseconds, and what takes them."""
    units, simds, clock, memory = CARDS[gpu]
    bounds = {
        "matrix": c["matrix_cycles"] / (units * simds * clock * 1e3),
        "VALU": c["valu_cycles"] / (units * simds * clock * 1e3),
        "LDS": c["lds_cycles"] / (units * clock * 1e3),
        "HBM": (c["distinct_read_bytes"] + c["distinct_written_bytes"]) / (memory * 1e6),
    }
    name = max(bounds, key=lambda b: bounds[b])
    return bounds[name], name


def line(gpu: str, shape: str, c: dict[str, Any]) -> str:
    i = {name[len("instructions_"):]: c[name] for name in c if name.startswith("instructions_")}
    widths = [int(n[len("loads_of_"):]) for n in c if n.startswith("loads_of_") and c[n]], \
        [int(n[len("stores_of_"):]) for n in c if n.startswith("stores_of_") and c[n]]
    main = [max(ws, key=lambda w, kind=kind: c[f"{kind}_of_{w}"] * w, default=0) for ws, kind in zip(widths, ("loads", "stores"))]
    time, bound = estimate(gpu, c)
    return (f"{c['kernel']} {gpu} {shape}: valu {i['valu']} trans {i['transcendental']} matrix {i['matrix']} salu {i['salu']} "
            f"loads {i['vmem_load']} stores {i['vmem_store']} lds {i['lds']} barriers {i['barrier']}; "
            f"read {c['bytes_read']} ({c['distinct_read_bytes']}) written {c['bytes_written']} ({c['distinct_written_bytes']}) "
            f"by {main[0]} and {main[1]}; lds cycles {c['lds_cycles']} conflicts {c['lds_conflict_cycles']}; "
            f"waves {c['waves']}; {bound} {time:.3g} us")


def header() -> str:
    recorded = (HERE.parent / "codeobj/resources.txt").read_text().splitlines()
    compilers = [text[2:] for text in recorded if text.startswith("# gfx")]
    return "\n".join(["# What each kernel does on a fixed shape, by the emulator's counters: written by counters.py --write.",
                      "# Instructions are of waves; bytes: asked for by lanes (each 128-byte line once), by the width in bytes a lane",
                      "# of most of them; LDS cycles and those lost to bank conflicts; the time is a bound of one card, no measurement.",
                      "# Compilers:", *("# " + c for c in compilers)]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write counters.txt")
    parser.add_argument("--check", action="store_true", help="compare with counters.txt")
    parser.add_argument("--gpu", action="append", choices=GPUS, help="only this GPU (may be repeated)")
    parser.add_argument("-k", default="", metavar="TEXT", help="only kernels whose name has it")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        return run_here(args.here, args.k)
    lines = []
    for gpu in args.gpu or GPUS:
        print(f"{gpu} ...", file=sys.stderr)
        lines += [line(gpu, shape, c) for shape, c in run(gpu, args.k)]
    text = header() + "".join(one + "\n" for one in sorted(lines))
    if args.write:
        RECORD.write_text(text)
    elif args.check:
        recorded = RECORD.read_text().splitlines()
        difference = list(difflib.unified_diff(recorded, text.splitlines(), "counters.txt", "now", lineterm="", n=0))
        print("\n".join(difference))
        sys.exit(1 if difference else 0)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
