#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures hipinfer's bandwidth-bound operations beside their peers, in one run on one GPU; writes CSV and plots.

  benchmarks/run.py --quick               two shapes of each operation, FLUX, host cost: about two minutes on an H200
  benchmarks/run.py                       the whole grid; --part 1/3 .. 3/3 are thirds of it, for machines lent by the minute
  benchmarks/run.py --op 'rmsnorm,rope*'  some operations; --list names them
  benchmarks/run.py --summary A.csv B.csv what earlier runs come to

The library is HIPINFER_LIBRARY's, else that of the folder build/. Peers (torch, torch.compile, Liger, FlashInfer) that this
machine does not have are left out and named, and so is one that fails at a shape. The full grid compiles torch's functions
once for a row length, with the number of tokens left open, as engines do; --quick compiles them for each shape.

"graph" is the time of a call in a replayed graph of many: the kernels alone. "eager" is a call from Python, the host's cost
included. "of copy" is the fraction of this run's device-to-device copy bandwidth, by the least bytes that the operation has
to move. Results are flushed as they come; Ctrl-C or --seconds ends a run early with what there is.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT / "bindings/python")]
BUILT = ROOT / "build/src/libhipinfer.so"
if "HIPINFER_LIBRARY" not in os.environ and BUILT.exists():
    os.environ["HIPINFER_LIBRARY"] = str(BUILT)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--op", default="", help="operations or cases, comma-separated; a trailing * matches any rest")
    parser.add_argument("--quick", action="store_true", help="few shapes of each operation")
    parser.add_argument("--only", default="", help="implementations, comma-separated: hipinfer,torch,...")
    parser.add_argument("--part", default="1/1", help="I/N: the Ith of N parts of the list")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no further shape after this time")
    parser.add_argument("--no-eager", action="store_true", help="graph replay only")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for results.csv and plots")
    parser.add_argument("--list", action="store_true", help="list the cases and their shapes, and end")
    parser.add_argument("--summary", nargs="+", type=Path, metavar="CSV", help="summarise and plot earlier results, and end")
    parser.add_argument("--markdown", action="store_true", help="with --summary: a table for the documentation")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    import report
    if args.summary:
        rows = report.read(args.summary)
        print(report.markdown(rows) if args.markdown else report.summary(rows))
        plot(rows, args.out)
        return
    try:
        import torch
    except ImportError:
        sys.exit("run.py: needs torch: pip install torch")
    import case
    import cases  # noqa: F401
    work = [(c, s) for c in case.chosen(args.op) for s in (c.quick if args.quick else c.shapes)]
    part, parts = map(int, args.part.split("/"))
    work = work[len(work) * (part - 1) // parts:len(work) * part // parts]
    if args.list:
        for c, s in work:
            print(f"{c.name:32s} {'x'.join(map(str, s))}")
        return
    if not torch.cuda.is_available():
        sys.exit("run.py: torch sees no GPU")
    measure_all(args, work)


def measure_all(args: argparse.Namespace, work: List[Tuple[Any, Tuple[int, ...]]]) -> None:
    import case
    import host_cost
    import measure
    import report
    import torch
    began = time.monotonic()
    case.tokens_dynamic = not args.quick
    copy = measure.copy_bandwidth()
    device = torch.cuda.get_device_name()
    print(f"{device}, torch {torch.__version__}, copy {copy / 1e12:.3f} TB/s, L2 {measure.l2_bytes() >> 20} MiB", flush=True)
    for module, why in case.missing.items():
        print(f"without {module}: {why}")
    if not args.op:
        host_cost.report()
    results = report.Results(args.out / "results.csv")
    failures: Dict[str, List[str]] = {}
    try:
        for i, (c, shape) in enumerate(work):
            seconds = time.monotonic() - began
            if seconds > args.seconds:
                print(f"stopped after {seconds:.0f} s: {len(work) - i} of {len(work)} shapes are left out")
                break
            here = one(args, c, shape, copy, device, results, failures)
            print(f"[{i + 1}/{len(work)} {seconds:4.0f}s] " + report.line(c.name, "x".join(map(str, shape)), here), flush=True)
    except KeyboardInterrupt:
        print("interrupted")
    for failure, shapes in failures.items():
        print(f"failed: {failure} (at {', '.join(shapes[:3])}{f' and {len(shapes) - 3} more' if len(shapes) > 3 else ''})")
    print("\n" + report.summary(results.rows))
    plot(results.rows, args.out)


def one(args: argparse.Namespace, c: Any, shape: Tuple[int, ...], copy: float, device: str, results: Any,
        failures: Dict[str, List[str]]) -> Dict[str, Any]:
    """Measures every implementation at one shape."""
    import measure
    import torch

    def failed(who: str, error: BaseException) -> None:
        text = str(error).strip().splitlines()
        failures.setdefault(f"{c.name} {who}: {type(error).__name__}: {text[0] if text else ''}", []).append("x".join(map(str, shape)))

    torch.cuda.empty_cache()
    here: Dict[str, Any] = {}
    try:
        bytes_, calls = c.make(*shape)
        sets = [calls] + [c.make(*shape)[1] for _ in range(measure.copies_for(bytes_) - 1)]
    except Exception as error:
        failed("setup", error)
        return here
    for who in calls:
        if args.only and who not in args.only.split(","):
            continue
        rotated = [s[who] for s in sets]
        try:
            graph = measure.graph_time(rotated)
            eager = 0.0 if args.no_eager else measure.eager_time(rotated)
        except Exception as error:  # one that cannot do a shape is left out of it, and named
            failed(who, error)
            continue
        rate = bytes_ / (graph * 1e-6)
        here[who] = {"op": c.name, "shape": "x".join(map(str, shape)), "tokens": shape[0], "bytes": bytes_, "who": who,
                     "graph_us": round(graph, 3), "eager_us": round(eager, 3), "tbps": round(rate / 1e12, 4),
                     "of_copy": round(rate / copy, 4), "tflops": round(c.flops(*shape) / graph * 1e-6, 2) if c.flops else 0,
                     "copy_tbps": round(copy / 1e12, 3), "device": device}
        results.add(here[who])
    return here


def plot(rows: List[Dict[str, Any]], folder: Path) -> None:
    try:
        import plots
    except ImportError as error:
        print(f"no plots: {error}")
        return
    folder.mkdir(parents=True, exist_ok=True)
    plots.write(rows, folder)


if __name__ == "__main__":
    main()
