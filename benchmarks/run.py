#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures hipinfer's operations beside their peers, in one run on one GPU, and writes a table, CSV and plots.

  benchmarks/run.py                     everything (about ten minutes on an H200)
  benchmarks/run.py --op rmsnorm,rope   some operations
  benchmarks/run.py --quick             few shapes

Peers that this machine does not have are left out, and named. "graph" is the time of a call in a replayed graph of many:
the kernels alone. "eager" is a call from Python, the host's cost included. "of copy" is the fraction of this run's
device-to-device copy bandwidth, by the least bytes that the operation has to move.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from pathlib import Path
from typing import Any, Dict, List

HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--op", default="", help="operations, comma-separated; parts of names do")
    parser.add_argument("--quick", action="store_true", help="the smallest and the largest shape of each operation")
    parser.add_argument("--only", default="", help="implementations, comma-separated: hipinfer,torch,...")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for results.csv and plots")
    args = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("run.py: needs torch: pip install torch")
    if not torch.cuda.is_available():
        sys.exit("run.py: torch sees no GPU")
    import cases
    import measure

    copy = measure.copy_bandwidth()
    name = torch.cuda.get_device_name()
    print(f"{name}, copy {copy / 1e12:.3f} TB/s")
    for module, why in cases.missing.items():
        print(f"without {module}: {why}")
    rows: List[Dict[str, Any]] = []
    failures: List[str] = []
    for c in cases.all_cases(args.op):
        shapes = (c.shapes[0], c.shapes[-1]) if args.quick else c.shapes
        for shape in shapes:
            torch.cuda.empty_cache()
            torch._dynamo.reset()
            bytes_, calls = c.make(*shape)
            times: Dict[str, float] = {}
            eager: Dict[str, float] = {}
            for who, call in calls.items():
                if args.only and who not in args.only.split(","):
                    continue
                try:
                    times[who] = measure.graph_time(call)
                    eager[who] = measure.eager_time(call)
                except Exception as error:  # a peer that cannot do a shape is left out of it, and named
                    if who == "hipinfer":
                        raise
                    failures.append(f"{c.op} {shape} {who}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
            for who in times:
                rows.append({"op": c.op, "shape": "x".join(map(str, shape)), "bytes": bytes_, "who": who, "graph_us": round(times[who], 3),
                             "eager_us": round(eager[who], 3), "of_copy": round(bytes_ / (times[who] * 1e-6) / copy, 4), "copy_tbps": round(copy / 1e12, 3),
                             "device": name})
            peers = {w: t for w, t in times.items() if w != "hipinfer"}
            best = min(peers, key=lambda w: peers[w], default="")
            ratio = f"{peers[best] / times['hipinfer']:5.2f}x of {best}" if best and "hipinfer" in times else ""
            ours = f"{times['hipinfer']:9.2f} us {bytes_ / (times['hipinfer'] * 1e-6) / copy:6.1%} of copy" if "hipinfer" in times else ""
            print(f"{c.op:24s} {'x'.join(map(str, shape)):18s} {bytes_ / 2**20:9.2f} MiB {ours}  {ratio}", flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["op"])
        writer.writeheader()
        writer.writerows(rows)
    for failure in failures:
        print("failed:", failure)
    summary(rows)
    try:
        import plots
        plots.write(rows, args.out)
    except ImportError as error:
        print(f"no plots: {error}")


def summary(rows: List[Dict[str, Any]]) -> None:
    """Per operation: the geometric mean against the best peer, the worst case, and what large shapes reach."""
    print(f"\n{'operation':24s} {'geometric mean':>15s} {'worst':>7s} {'1-64 tokens worst':>18s} {'>= 256 MiB of copy':>20s}")
    for op in dict.fromkeys(r["op"] for r in rows):
        ratios, small, large = [], [], []
        for shape in dict.fromkeys(r["shape"] for r in rows if r["op"] == op):
            here = {r["who"]: r for r in rows if r["op"] == op and r["shape"] == shape}
            peers = [r["graph_us"] for w, r in here.items() if w != "hipinfer"]
            if "hipinfer" not in here:
                continue
            if peers:
                ratio = min(peers) / here["hipinfer"]["graph_us"]
                ratios.append(ratio)
                if int(shape.split("x")[0]) <= 64:
                    small.append(ratio)
            if here["hipinfer"]["bytes"] >= 256 << 20:
                large.append(here["hipinfer"]["of_copy"])
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else float("nan")
        print(f"{op:24s} {mean:14.2f}x {min(ratios, default=float('nan')):6.2f}x {min(small, default=float('nan')):17.2f}x "
              f"{min(large, default=float('nan')):19.1%}")


if __name__ == "__main__":
    main()
