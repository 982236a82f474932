# SPDX-License-Identifier: Apache-2.0
"""Plots of a run's results: one picture an operation, fraction of copy bandwidth over bytes moved, or, where arithmetic is what counts,
TFLOP/s and the best peer; and one of all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the backend is chosen first)

ORDER = ["hipinfer", "hipinfer separate", "flashinfer", "liger", "triton", "cublas", "torch.compile", "torch"]
COLOURS = {"hipinfer": "#d7301f", "hipinfer separate": "#fc8d59", "flashinfer": "#2b8cbe", "liger": "#31a354",
           "torch.compile": "#756bb1", "torch": "#969696", "triton": "#31a354", "cublas": "#2b8cbe"}


def write(rows: List[Dict[str, Any]], folder: Path) -> None:
    overview([r for r in rows if not r["tflops"]], folder)
    for op in dict.fromkeys(r["op"] for r in rows):
        if any(r["tflops"] for r in rows if r["op"] == op):
            arithmetic(op, [r for r in rows if r["op"] == op], folder)
            continue
        figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
        for who in ORDER:
            points = sorted((r["bytes"] / 2**20, r["of_copy"]) for r in rows if r["op"] == op and r["who"] == who)
            if points:
                axes.plot(*zip(*points), "o-" if who == "hipinfer" else ".", color=COLOURS[who], label=who, markersize=5,
                          linewidth=0.6)
        axes.set(xscale="log", xlabel="MiB to move", ylabel="fraction of copy bandwidth", ylim=(0, None),
                 title=f"{op}, graph replay, {rows[0]['device']}")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        figure.savefig(folder / f"{op.replace('/', '_')}.png", dpi=110)
        plt.close(figure)


def arithmetic(op: str, rows: List[Dict[str, Any]], folder: Path) -> None:
    """Left: TFLOP/s of each; right: the best peer's time / ours; both over operations a byte, which say what bounds a shape."""
    figure, (rate, ratio) = plt.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
    intensity = {r["shape"]: r["tflops"] * r["graph_us"] * 1e6 / r["bytes"] for r in rows}
    for who in ORDER:
        points = sorted((intensity[r["shape"]], r["tflops"]) for r in rows if r["who"] == who)
        if points:
            rate.plot(*zip(*points), "o" if who == "hipinfer" else ".", color=COLOURS[who], label=who, markersize=5)
    points = []
    for shape, x in intensity.items():
        times = {r["who"]: r["graph_us"] for r in rows if r["shape"] == shape}
        peers = [t for who, t in times.items() if not who.startswith("hipinfer")]
        if peers and "hipinfer" in times:
            points.append((x, min(peers) / times["hipinfer"]))
    if points:
        ratio.plot(*zip(*points), "o", color=COLOURS["hipinfer"], markersize=5)
    ratio.axhline(1, color="#000000", linewidth=0.6, linestyle=":")
    rate.set(xscale="log", yscale="log", xlabel="operations a byte", ylabel="TFLOP/s", title=f"{op}, graph replay, {rows[0]['device']}")
    ratio.set(xscale="log", xlabel="operations a byte", ylabel="time of the best peer / ours", ylim=(0, None))
    for axes in (rate, ratio):
        axes.grid(alpha=0.3)
    rate.legend(fontsize=8)
    figure.savefig(folder / f"{op.replace('/', '_')}.png", dpi=110)
    plt.close(figure)


def overview(rows: List[Dict[str, Any]], folder: Path) -> None:
    """Left: fraction of copy bandwidth at each operation's largest shape; right: microseconds at its smallest."""
    ops = list(dict.fromkeys(r["op"] for r in rows if r["who"] == "hipinfer"))[::-1]
    if not ops:
        return
    figure, panels = plt.subplots(1, 2, figsize=(12, 1.2 + 0.24 * len(ops)), layout="constrained", sharey=True)
    for axes, pick, value, wanted in ((panels[0], max, "of_copy", lambda b: b >= 256 << 20),
                                      (panels[1], min, "graph_us", lambda b: b < 64 << 20)):
        for who in ORDER:
            points = []
            for y, op in enumerate(ops):
                shape = pick((r for r in rows if r["op"] == op and r["who"] == "hipinfer"), key=lambda r: int(r["bytes"]))
                points += [(r[value], y) for r in rows if wanted(shape["bytes"]) and r["who"] == who and r["op"] == op
                           and r["shape"] == shape["shape"]]
            if points:
                axes.plot(*zip(*points), "o" if who == "hipinfer" else ".", color=COLOURS[who], label=who, markersize=6)
        axes.grid(alpha=0.3)
    panels[0].set(yticks=range(len(ops)), yticklabels=ops, xlabel="fraction of copy bandwidth, 256 MiB and more", xlim=(0, 1.1))
    panels[0].axvline(0.92, color="#000000", linewidth=0.6, linestyle=":")
    panels[1].set(xscale="log", xlabel="microseconds in a replayed graph, few tokens")
    panels[0].legend(fontsize=8, loc="lower left")
    figure.suptitle(f"hipinfer and its peers in one run, {rows[0]['device']}")
    figure.savefig(folder / "overview.png", dpi=110)
    plt.close(figure)
