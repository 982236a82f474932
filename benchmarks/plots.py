# SPDX-License-Identifier: Apache-2.0
"""Plots of a run's results: one picture an operation, fraction of copy bandwidth over bytes moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the backend is chosen first)

ORDER = ["hipinfer", "hipinfer separate", "flashinfer", "liger", "torch.compile", "torch"]
COLOURS = {"hipinfer": "#d7301f", "hipinfer separate": "#fc8d59", "flashinfer": "#2b8cbe", "liger": "#31a354",
           "torch.compile": "#756bb1", "torch": "#969696"}


def write(rows: List[Dict[str, Any]], folder: Path) -> None:
    for op in dict.fromkeys(r["op"] for r in rows):
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
