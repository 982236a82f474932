# SPDX-License-Identifier: Apache-2.0
"""Results: a CSV that is written as they come, a line a shape, and what a run comes to."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any, Dict, Iterable, List, Tuple

FIELDS = ["op", "shape", "tokens", "bytes", "who", "graph_us", "eager_us", "tbps", "of_copy", "tflops", "copy_tbps", "device"]
Row = Dict[str, Any]


class Results:
    """Rows, appended to a CSV at once: a run that is cut off loses nothing."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: List[Row] = []
        self.file = path.open("w", newline="")
        self.writer = csv.DictWriter(self.file, FIELDS)
        self.writer.writeheader()
        self.file.flush()

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.writer.writerow(row)
        self.file.flush()


def read(paths: Iterable[Path]) -> List[Row]:
    rows: List[Row] = []
    for path in paths:
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                rows.append({**row, "bytes": int(row["bytes"]), "tokens": int(row["tokens"]), "tflops": float(row.get("tflops") or 0),
                             **{f: float(row[f]) for f in ("graph_us", "eager_us", "tbps", "of_copy", "copy_tbps")}})
    return rows


def best_peer(here: Dict[str, Row]) -> Tuple[str, float]:
    """Of other makers: our own other forms are no peers."""
    peers = {w: float(r["graph_us"]) for w, r in here.items() if not w.startswith("hipinfer")}
    best = min(peers, key=lambda w: peers[w], default="")
    return best, peers.get(best, math.nan)


def line(name: str, shape: str, here: Dict[str, Row]) -> str:
    ours = here.get("hipinfer")
    if ours is None:
        return f"{name:32s} {shape:18s} not measured"
    best, time = best_peer(here)
    ratio = f"{time / ours['graph_us']:5.2f}x of {best}" if best else "no peer"
    rate = f"{ours['tflops']:6.1f} TF  " if ours["tflops"] else ""
    rest = "  ".join(f"{w} {r['graph_us']:.2f}" for w, r in here.items() if w != "hipinfer")
    return (f"{name:32s} {shape:18s} {ours['bytes'] / 2**20:9.2f} MiB {ours['graph_us']:9.2f} us {ours['of_copy']:6.1%} of copy  "
            f"{rate}{ratio:24s} eager {ours['eager_us']:8.2f} us | {rest}")


def mean(values: List[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def summary(rows: List[Row]) -> str:
    """For each operation: against the best peer of each shape (geometric mean, worst, worst at 1 to 64 tokens), against each
    peer (geometric mean), and the least fraction of copy bandwidth where it moves 256 MiB or more."""
    names = [w for w in ("torch", "torch.compile", "cublas", "triton", "liger", "flashinfer") if any(r["who"] == w for r in rows)]
    out = [f"{'operation':32s} {'best peer':>9s} {'worst':>7s} {'1-64':>7s} {'>=256 MiB':>10s} {'of copy':>8s}  "
           + " ".join(f"{w:>13s}" for w in names)]
    for op in dict.fromkeys(r["op"] for r in rows):
        ratios: List[float] = []
        small: List[float] = []
        large: List[float] = []
        copy: List[float] = []
        against: Dict[str, List[float]] = {w: [] for w in names}
        for shape in dict.fromkeys(r["shape"] for r in rows if r["op"] == op):
            here = {r["who"]: r for r in rows if r["op"] == op and r["shape"] == shape}
            ours = here.get("hipinfer")
            if ours is None:
                continue
            best, time = best_peer(here)
            big = ours["bytes"] >= 256 << 20
            if big:
                copy.append(ours["of_copy"])
            if best:
                ratios.append(time / ours["graph_us"])
                if ours["tokens"] <= 64:
                    small.append(ratios[-1])
                if big:
                    large.append(ratios[-1])
            for w in names:
                if w in here:
                    against[w].append(here[w]["graph_us"] / ours["graph_us"])

        def text(value: float, suffix: str = "x") -> str:
            return "-" if math.isnan(value) else f"{value:.2f}{suffix}"

        def least(values: List[float]) -> float:
            return min(values, default=math.nan)

        out.append(f"{op:32s} {text(mean(ratios)):>9s} {text(least(ratios)):>7s} {text(least(small)):>7s} "
                   f"{text(least(large)):>10s} {('-' if not copy else f'{min(copy):.1%}'):>8s}  "
                   + " ".join(f"{text(mean(against[w])):>13s}" for w in names))
    out.append("best peer: geometric mean over the shapes of (time of the shape's best peer / our time); worst, 1-64 (tokens) and "
               ">=256 MiB: the least such ratio there; of copy: our least fraction of copy bandwidth at >= 256 MiB; then each "
               "peer's geometric mean.")
    return "\n".join(out)


def markdown(rows: List[Row]) -> str:
    """A table for people: for each operation its largest shape, and its shape of the fewest tokens."""
    out = ["| operation | shape | fraction of copy | best peer's time / ours | few tokens | us | best peer's time / ours |",
           "|---|---|---|---|---|---|---|"]
    for op in dict.fromkeys(r["op"] for r in rows):
        shapes = {s: {r["who"]: r for r in rows if r["op"] == op and r["shape"] == s}
                  for s in dict.fromkeys(r["shape"] for r in rows if r["op"] == op)}
        shapes = {s: here for s, here in shapes.items() if "hipinfer" in here}
        large = max(shapes, key=lambda s: int(shapes[s]["hipinfer"]["bytes"]), default="")
        small = min(shapes, key=lambda s: int(shapes[s]["hipinfer"]["bytes"]), default="")
        cells = [f"`{op}`", "", "", "", "", "", ""]
        if large and shapes[large]["hipinfer"]["bytes"] >= 256 << 20:
            cells[1:4] = large, f"{shapes[large]['hipinfer']['of_copy']:.1%}", against_best(shapes[large])
        if small and shapes[small]["hipinfer"]["bytes"] < 64 << 20:
            cells[4:7] = small, f"{shapes[small]['hipinfer']['graph_us']:.2f}", against_best(shapes[small])
        out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)


def against_best(here: Dict[str, Row]) -> str:
    best, time = best_peer(here)
    return f"{time / here['hipinfer']['graph_us']:.2f} ({best})" if best else "no peer"
