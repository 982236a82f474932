# SPDX-License-Identifier: Apache-2.0
"""Results: a CSV that is written as they come, tables in Markdown, plots. All are predictions, and say so."""

from __future__ import annotations

import csv
import math
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ["target", "card", "op", "shape", "who", "time_us", "time_us_with_conflicts", "bound", "matrix_busy", "wave_instructions",
          "bytes_accessed", "least_bytes", "operations", "registers", "lds_bytes", "scratch_bytes", "launches", "versions", "version",
          "compiler"]
NUMBERS = {"time_us": float, "time_us_with_conflicts": float, "matrix_busy": float, "operations": float} | dict.fromkeys(
    ("wave_instructions", "bytes_accessed", "least_bytes", "registers", "lds_bytes", "scratch_bytes", "launches", "versions"), int)
GENERIC = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}  # the code object that the library has for it
COMMAND = "benchmarks/amd/run.py --csv docs/performance/amd.csv --plots docs/performance --tables docs/performance-amd.md"
BEGIN, END = "<!-- what report.py writes -->\n", "<!-- to here -->\n"
Row = dict[str, Any]


def compilers() -> dict[str, dict[str, str]]:
    """Of whom, and of which target, what compiled the kernels."""
    sys.path.insert(0, str(ROOT / "tests/codeobj"))
    from objects import Library
    built = Library(os.environ["HIPINFER_LIBRARY"]).compilers()
    ours = {target: built[GENERIC.get(target, target)] for target in ("gfx942", "gfx950", "gfx1100", "gfx1201")}
    return {"hipinfer": ours, "triton": dict.fromkeys(ours, f"triton {metadata.version('triton')}")}


class Results:
    """Rows, appended to a CSV at once: a run that is cut off loses nothing."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: list[Row] = []
        self.file = path.open("w", newline="")
        self.writer = csv.DictWriter(self.file, FIELDS, lineterminator="\n")
        self.writer.writeheader()

    def add(self, target: str, line: dict[str, Any], compilers: dict[str, dict[str, str]]) -> Row:
        row = {"target": target, "shape": "x".join(map(str, line["shape"])), "compiler": compilers[line["who"].split()[0]][target]}
        row |= {name: line[name] for name in ("op", "who", "version", "versions", "least_bytes", "operations")} | line["best"]
        for name in ("time_us", "time_us_with_conflicts", "matrix_busy"):
            row[name] = float(f"{row[name]:.4g}")
        self.rows.append(row)
        self.writer.writerow(row)
        self.file.flush()
        return row


def read(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return [{**row, **{name: of(row[name]) for name, of in NUMBERS.items()}} for row in csv.DictReader(file)]


def rate(row: Row) -> str:
    much, unit = (row["operations"], "TFLOP/s") if row["operations"] else (row["least_bytes"], "TB/s")
    number = much / row["time_us"] / 1e6
    return f"{number:.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def brief(row: Row) -> str:
    return f"{row['shape']} {row['who']}: {row['time_us']:.4g} us, {rate(row)}, bound by {row['bound']}; {row['version']}"


def count(n: float) -> str:
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if n >= limit:
            return f"{n / limit:.3g} {unit}"
    return f"{n:.3g}"


def pairs(rows: list[Row]) -> list[tuple[Row, Row]]:
    """Ours and Triton's of the same thing; the fused ones of FLUX too."""
    theirs = {(r["target"], r["op"], r["shape"], r["who"]): r for r in rows}
    return [(r, theirs[key]) for r in rows if r["who"].startswith("hipinfer")
            and (key := (r["target"], r["op"], r["shape"], r["who"].replace("hipinfer", "triton"))) in theirs]


def name_of(row: Row) -> str:
    return row["op"] + (" (fused)" if row["who"].endswith("fused") else "")


def caption(ours: Row, theirs: Row) -> str:
    return (f"A prediction of the emulator's time model, no measurement: ours / Triton's. Compilers: {ours['compiler']}; "
            f"{theirs['compiler']}. Made by `{COMMAND}`.")


def overview(rows: list[Row]) -> str:
    """Triton's time over ours, a geometric mean over the shapes of each operation."""
    found = pairs(rows)
    targets = list(dict.fromkeys(a["target"] for a, _ in found))
    text = [f"{caption(*found[0])} Here: Triton's time over ours, the geometric mean over the shapes.", "",
            "| operation | " + " | ".join(targets) + " |", "|---" * (1 + len(targets)) + "|"]
    for op in dict.fromkeys(name_of(a) for a, _ in found):
        cells = []
        for target in targets:
            ratios = [b["time_us"] / a["time_us"] for a, b in found if name_of(a) == op and a["target"] == target]
            cells.append(f"{math.prod(ratios) ** (1 / len(ratios)):.2f}" if ratios else "–")
        text.append(f"| {op} | " + " | ".join(cells) + " |")
    return "\n".join([*text, "", ""])


def tables(rows: list[Row]) -> str:
    """A table a target: a line a shape, ours / Triton's in each column."""
    names = ["operation", "shape", "time, us", "Triton's / ours", "rate", "bound", "instructions", "bytes accessed", "registers"]
    text = []
    for target in dict.fromkeys(r["target"] for r in rows):
        these = [(a, b) for a, b in pairs(rows) if a["target"] == target]
        if not these:
            continue
        text += [f"### {these[0][0]['card']} ({target})", "",
                 caption(*these[0]), "", "| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
        for a, b in these:
            ratio = f"{b['time_us'] / a['time_us']:.2f}"
            cells = [name_of(a), a["shape"], f"{a['time_us']:.4g} / {b['time_us']:.4g}", f"**{ratio}**" if float(ratio) >= 1 else ratio,
                     f"{rate(a)} / {rate(b)}", f"{a['bound']} / {b['bound']}",
                     *(f"{count(a[n])} / {count(b[n])}" for n in ("wave_instructions", "bytes_accessed")),
                     f"{a['registers']} / {b['registers']}"]
            text.append("| " + " | ".join(cells) + " |")
        text.append("")
    return "\n".join(text)


def plot(rows: list[Row], folder: Path) -> None:
    """For each target, Triton's time over ours of every operation and shape."""
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "hipinfer"  # the same picture has the same bytes
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    for target in dict.fromkeys(r["target"] for r in rows):
        these = [(a, b) for a, b in pairs(rows) if a["target"] == target]
        if not these:
            continue
        names = [f"{name_of(a)} {a['shape']}" for a, b in these]
        figure, axes = pyplot.subplots(figsize=(9, 1 + 0.22 * len(these)), layout="constrained")
        ratios = [b["time_us"] / a["time_us"] for a, b in these]
        colours = ["#d7301f" if r >= 1 else "#2b8cbe" for r in ratios]
        axes.barh(range(len(these)), [r - 1 for r in ratios], left=1, color=colours)
        axes.axvline(1, color="#000000", linewidth=0.6)
        axes.axvspan(1 / 1.1, 1.1, color="#000000", alpha=0.08)  # the model tells no difference here
        axes.set(xscale="log", yticks=range(len(these)),
                 xlabel="Triton's predicted time / ours (above 1: ours is faster; grey: no difference)",
                 title=f"predicted by the emulator, not measured: {these[0][0]['card']}")
        axes.set_yticklabels(names, fontsize=7)
        axes.invert_yaxis()
        ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if min(ratios) / 2 < tick < 2 * max(ratios)]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.xaxis.minorticks_off()
        axes.margins(y=0.01)
        axes.grid(alpha=0.3, axis="x")
        figure.savefig(folder / f"amd-{target}.svg", metadata={"Date": None})
        pyplot.close(figure)


def write(rows: list[Row], tables_file: Path | None, plots: Path | None) -> None:
    if tables_file and pairs(rows):
        text = f"{overview(rows)}{tables(rows)}"
        before = tables_file.read_text() if tables_file.exists() else ""
        if BEGIN in before and END in before:  # a document around them
            text = before[: before.index(BEGIN)] + BEGIN + text + before[before.index(END):]
        tables_file.write_text(text)
    if plots:
        plot(rows, plots)
