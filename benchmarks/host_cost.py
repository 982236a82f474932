#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a call costs the host: through the C interface (aim: under 1 us) and through Python on torch tensors (aim: under 4 us),
both with a validate-only context, so without the driver's launch. Needs no GPU; on a machine with one, its target is used.

  benchmarks/host_cost.py [TARGET]      gfx942, sm_90, cpu, ...; default: this machine's, else the first in the library
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT / "bindings/python")]
BUILT = ROOT / "build/src/libhipinfer.so"
if "HIPINFER_LIBRARY" not in os.environ and BUILT.exists():
    os.environ["HIPINFER_LIBRARY"] = str(BUILT)


def library() -> str:
    """The libhipinfer.so that this process has loaded."""
    import hipinfer  # noqa: F401
    for line in Path("/proc/self/maps").read_text().splitlines():
        if "libhipinfer.so" in line:
            return line.split(maxsplit=5)[-1]
    raise RuntimeError("libhipinfer.so is not among this process's files")


def through_c(target: str) -> Dict[str, float]:
    """Microseconds a call of each operation, from a C program that is compiled here."""
    compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise RuntimeError("no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "host-cost")
        subprocess.run([compiler, "-O2", "-std=c99", "-D_POSIX_C_SOURCE=200809L", f"-I{ROOT / 'include'}", str(HERE / "host_cost.c"),
                        library(), "-o", program, f"-Wl,-rpath,{Path(library()).parent}"], check=True)
        lines = subprocess.run([program, target], check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: float(ns) / 1e3 for name, ns in (line.split() for line in lines)}


def microseconds(call: Callable[[], object], repeats: int = 11, seconds: float = 0.02) -> float:
    """A median over repeats, the loop's own cost taken off."""
    for _ in range(100):
        call()
    begin = time.perf_counter()
    for _ in range(200):
        call()
    count = max(200, int(seconds / ((time.perf_counter() - begin) / 200)))

    def once(what: Callable[[], object]) -> float:
        begin = time.perf_counter()
        for _ in range(count):
            what()
        return (time.perf_counter() - begin) / count * 1e6

    empty = statistics.median(once(lambda: None) for _ in range(repeats))
    return statistics.median(once(call) for _ in range(repeats)) - empty


def through_python(target: str, device: str) -> Dict[str, float]:
    """Microseconds a call of each operation on torch tensors of a device, its context a validate-only one of the target."""
    import hipinfer
    import hipinfer.torch as ours
    import torch
    c = hipinfer.Context(target=target, validate_only=True)
    t, n, h, hk, d = 64, 4096, 32, 8, 128
    made: Dict[str, Any] = {"dtype": torch.bfloat16, "device": device}
    x, r, y, w = (torch.ones(*s, **made) for s in ((t, n), (t, n), (t, n), (n,)))
    wide, q, k = torch.ones(t, 2 * n, **made), torch.ones(t, h, d, **made), torch.ones(t, hk, d, **made)
    q_out, k_out = torch.empty_like(q), torch.empty_like(k)
    cache = torch.ones(4096, d, device=device)
    positions = torch.arange(t, device=device, dtype=torch.int32)
    calls: Dict[str, Callable[[], object]] = {
        "rmsnorm": lambda: hipinfer.rmsnorm(y, x, w, context=c),
        "rmsnorm, hipinfer.torch, out=": lambda: ours.rmsnorm(x, w, output=y, context=c),
        "rmsnorm, hipinfer.torch, allocating": lambda: ours.rmsnorm(x, w, context=c),
        "fused_add_rmsnorm": lambda: hipinfer.fused_add_rmsnorm(x, r, w, context=c),
        "silu_and_mul": lambda: hipinfer.silu_and_mul(y, wide, context=c),
        "scale": lambda: hipinfer.scale(y, x, 0.5, context=c),
        "rope": lambda: hipinfer.rope(q_out, k_out, q, k, cache, positions, context=c),
    }
    return {name: microseconds(call) for name, call in calls.items()}


def with_launch() -> Dict[str, float]:
    """The same with launches, on a GPU, beside torch: what a program sees that never waits for the device."""
    import hipinfer
    import torch
    import torch.nn.functional as F
    x, w = torch.ones(1, 128, device="cuda", dtype=torch.bfloat16), torch.ones(128, device="cuda", dtype=torch.bfloat16)
    y = torch.empty_like(x)
    calls = {"hipinfer.rmsnorm": lambda: hipinfer.rmsnorm(y, x, w), "torch rms_norm": lambda: F.rms_norm(x, (128,), w, 1e-6)}
    return {name: microseconds(call, repeats=5, seconds=0.002) for name, call in calls.items()}


def report(target: Optional[str] = None) -> None:
    import hipinfer
    device = "cpu"
    try:
        import torch
        if torch.cuda.is_available():
            device = "cuda"
            target = target or hipinfer.Context().target
    except ImportError:
        torch = None
    target = target or (hipinfer.targets() or ["cpu"])[0]
    tests: List[Any] = [(f"C interface, {target}, no launch (aim: under 1 us)", lambda: through_c(target))]
    if torch is not None:
        theirs = target if device == "cuda" else "cpu"  # a context of a GPU target serves tensors of that kind of device
        tests.append((f"Python on torch {torch.__version__} tensors, {theirs}, no launch (aim: under 4 us)",
                      lambda: through_python(theirs, device)))
    if device == "cuda":
        tests.append(("Python with the launch", with_launch))
    for title, test in tests:
        print(f"host cost, {title}", flush=True)
        try:
            for name, time_ in test().items():
                print(f"  {name:40s} {time_:6.2f} us", flush=True)
        except Exception as error:  # one way failing says nothing of the others
            print(f"  failed: {type(error).__name__}: {error}")


if __name__ == "__main__":
    report(sys.argv[1] if len(sys.argv) > 1 else None)
