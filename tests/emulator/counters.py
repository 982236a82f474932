#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs each operation of the library on a fixed shape on each emulated GPU, and compares what its kernels did with
counters.txt beside this file. Fails if they differ, unless another compiler has built the kernels.

Bytes are of device memory: what the lanes asked for, and each 128-byte line counted once ("distinct"). The time is an
estimate of the issue and bandwidth bounds of one card that runs the kernel alone at its peak clock, perfectly spread
over it: the longest of matrix, VALU, LDS and memory time. It is no measurement.

Needs HIPINFER_LIBRARY and HIPEMU_LIBRARY.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterator

HERE = Path(__file__).resolve().parent
RECORD = HERE / "counters.txt"
sys.path[:0] = [str(HERE.parents[1] / "bindings/python"), str(HERE.parent / "codeobj")]
TARGETS = ["gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201"]
CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}


def cases() -> Iterator[tuple[str, Callable[[], Any]]]:
    """(shape, call). The library chooses the kernel, as it does for its users."""
    import hipinfer
    import numpy as np

    random = np.random.default_rng(1)

    def tensor(*shape: int, dtype: str = "bf16") -> Any:
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
    """In a process of its own for each GPU: prints a JSON list of [shape, counters]."""
    import hipinfer

    results = []
    for shape, call in cases():
        hipinfer.default_context().synchronize()
        before = counters.stat().st_size if counters.exists() else 0
        call()
        hipinfer.default_context().synchronize()
        with counters.open() as file:
            file.seek(before)
            launches = [json.loads(text) for text in file]
        results += [(shape, launch) for launch in launches if wanted in launch["kernel"]]
    print(json.dumps(results))


def run(target: str, wanted: str) -> list[str]:
    """The lines of one GPU."""
    with tempfile.TemporaryDirectory() as folder:
        counters = Path(folder) / "counters"
        environment = os.environ | {"HIPEMU_TARGET": target, "HIPEMU_COUNTERS": str(counters), "HIPINFER_DEVICE": "hip",
                                    "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"]}
        done = subprocess.run([sys.executable, __file__, "--here", str(counters), "-k", wanted], env=environment, check=True, text=True,
                              stdout=subprocess.PIPE)
        return sorted(line(target, shape, launch) for shape, launch in json.loads(done.stdout))


def estimate(target: str, c: dict[str, Any]) -> tuple[float, str]:
    """Microseconds, and what takes them."""
    clocks = c["compute_units"] * c["clock_hz"] / 1e6  # of all compute units, in a microsecond
    # The VALU issues a matrix instruction in four cycles on CDNA; on RDNA it stands still for as long as one takes.
    cdna = target.startswith("gfx9")
    valu = c["valu_cycles"] + (4 * c["instructions_matrix"] if cdna else c["matrix_cycles"])
    bounds = {
        "matrix": c["matrix_cycles"] / (clocks * c["simds"]),
        "VALU" if cdna or not c["matrix_cycles"] else "matrix+VALU": valu / (clocks * c["simds"]),
        "LDS": c["lds_cycles"] / clocks,
        "memory": (c["distinct_read_bytes"] + c["distinct_written_bytes"]) / c["memory_bytes_per_second"] * 1e6,
    }
    name = max(bounds, key=lambda b: bounds[b])
    return bounds[name], name


def line(target: str, shape: str, c: dict[str, Any]) -> str:
    classes = {"valu": "valu", "trans": "transcendental", "matrix": "matrix", "salu": "salu", "smem": "smem", "lds": "lds",
               "loads": "vmem_load", "stores": "vmem_store", "atomics": "vmem_atomic", "branches": "branch", "barriers": "barrier",
               "waits": "wait", "other": "other"}
    counts = " ".join(f"{short} {c['instructions_' + name]}" for short, name in classes.items() if c["instructions_" + name])

    def traffic(verb: str, kind: str) -> str:
        widths = {int(name[len(f"{kind}_of_"):]): c[name] for name in c if name.startswith(f"{kind}_of_") and c[name]}
        by = ", ".join(f"{count} of {width}" for width, count in sorted(widths.items(), reverse=True))
        return f"{verb} {c[f'bytes_{verb}']} B, {c[f'distinct_{verb}_bytes']} distinct" + (f" ({by})" if by else "")

    time, bound = estimate(target, c)
    rare = {"scratch": c["scratch_bytes"], "unaligned accesses": c["unaligned_accesses"]}
    return "; ".join([
        f"{c['kernel']} {target} {shape}: {bound} {time:.3g} us", f"waves {c['waves']}", counts,
        f"cycles valu {c['valu_cycles']} matrix {c['matrix_cycles']} lds {c['lds_cycles']} (conflicts {c['lds_conflict_cycles']})",
        traffic("read", "loads"), traffic("written", "stores"),
        *(f"{name} {value}" for name, value in rare.items() if value)])


def compilers() -> dict[str, str]:
    """GPU to the compiler of the library's code objects for it."""
    from objects import Library
    built = Library().compilers()
    return {target: built[CODE_TARGET.get(target, target)] for target in TARGETS}


def read_record() -> tuple[dict[str, str], list[str]]:
    """GPU to compiler, and the lines."""
    text = RECORD.read_text().splitlines() if RECORD.exists() else []
    return dict(re.findall(r"^# (gfx\w+): (.+)$", "\n".join(text), re.M)), [one for one in text if not one.startswith("#")]


def header(built: dict[str, str]) -> list[str]:
    return ["# What each kernel does on a fixed shape, by the emulator's counters; written by counters.py --write. First the bound",
            "# of the time on one card, no measurement. Instructions are of waves; cycles of a SIMD, of LDS those of a compute unit.",
            "# Bytes: as lanes asked for them, and each 128-byte line once; in brackets, accesses by bytes a lane. Compilers:",
            *(f"# {target}: {built[target]}" for target in TARGETS)]


def check(lines: dict[str, list[str]], wanted: str) -> int:
    """Prints what differs from the record. How many lines that is."""
    (recorded_compilers, recorded), built, differences = read_record(), compilers(), 0
    for target, now in lines.items():
        if built[target] != recorded_compilers.get(target):
            print(f"{target} was built by {built[target]}, the record by {recorded_compilers.get(target)}: not compared")
            continue
        before = [one for one in recorded if one.split()[1] == target and wanted in one.split()[0]]
        changes = [one for one in difflib.ndiff(before, now) if one[0] in "-+?"]
        differences += sum(one[0] in "-+" for one in changes)
        print(f"{target}: {len(now)} lines, " + (f"not as in {RECORD.name}:" if changes else f"as in {RECORD.name}"))
        print("".join(f"{one.rstrip()}\n" for one in changes), end="")
    return differences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write counters.txt")
    action.add_argument("--print", action="store_true", help="only print the lines")
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this GPU (may be repeated)")
    parser.add_argument("-k", default="", metavar="TEXT", help="only kernels whose name has it")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        return run_here(args.here, args.k)
    if args.write and (args.target or args.k):
        parser.error("the record is written whole")
    for variable in ("HIPINFER_LIBRARY", "HIPEMU_LIBRARY"):
        if not os.environ.get(variable):
            parser.error(f"{variable} names no library")
    lines = {target: run(target, args.k) for target in args.target or TARGETS}
    every = sorted(one for group in lines.values() for one in group)
    if args.write:
        RECORD.write_text("\n".join([*header(compilers()), *every]) + "\n")
    elif args.print:
        print("\n".join(every))
    elif check(lines, args.k):
        sys.exit(f"If that is meant: {sys.executable} {__file__} --write")


if __name__ == "__main__":
    main()
