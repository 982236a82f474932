#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows what HIPEMU_TIMING wrote: for each launch its time, what limits it, and where its waves wait.

  show.py FILE [--kernel WORD] [--top N] [--all] [--plot FILE.svg]

--top: so many instructions that cost most (default 12); --all: the whole disassembly with each instruction's cost. A cost is
cycles of waves: a slot for each time it issued, and what the wave waited before that. --plot draws the shares and stalls
(matplotlib).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

WIDE, NARROW = 48, 30


def cost(one: dict, slot: int) -> int:
    return one["executed"] * slot + sum(one["stalls"].values())


def slot_of(launch: dict) -> int:
    """Cycles in which a wave issues one instruction."""
    return 4 if launch["target"].startswith("gfx9") else 1


def shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def row(one: dict, launch: dict) -> str:
    spent = cost(one, slot_of(launch))
    why = sorted(one["stalls"].items(), key=lambda item: -item[1])[:2]
    waits = ", ".join(f"{name} {cycles / one['executed']:.0f}" for name, cycles in why if cycles / one["executed"] >= 1)
    return (f"{spent / launch['wave_cycles']:6.1%} {one['executed']:9} {spent / one['executed']:8.1f}  +{one['offset']:<6x} "
            f"{shortened(one['text'], WIDE):{WIDE}} {shortened(waits, NARROW):{NARROW}} {one.get('source', '')}").rstrip()


def summary(launch: dict) -> list[str]:
    shares = ", ".join(f"{name.replace('_', ' ')} {share:.0%}" for name, share in launch["shares"].items() if share >= 0.005)
    stalled = sorted(launch["stalls"].items(), key=lambda item: -item[1])
    waits = ", ".join(f"{name.replace('_', ' ')} {cycles / launch['wave_cycles']:.0%}" for name, cycles in stalled
                      if cycles / launch["wave_cycles"] >= 0.005)
    part = "" if launch["groups_executed"] == launch["groups"] else f" ({launch['groups_executed']} of them ran)"
    worst = launch["time_us_with_conflicts"]
    conflicts = f"; up to {worst:.4g} us if its rows lie on few memory channels" if worst > 1.02 * launch["time_us"] else ""
    return [f"{launch['kernel']} on {launch['target']} ({launch['card']}): {launch['time_us']:.4g} us predicted, "
            f"{launch['cycles']:.0f} cycles at {launch['clock_hz'] / 1e9:.2f} GHz; bound by {launch['bound']}{conflicts}",
            f"  {launch['groups']} workgroups{part}, {launch['groups_of_unit']} on the busiest of {launch['units']} units, "
            f"{launch['resident']} at a time, {launch['waves_per_simd']:g} waves a SIMD",
            f"  busy: {shares}", f"  waves wait: {waits}"]


def listing(launch: dict, top: int, everything: bool) -> list[str]:
    code = launch["instructions"]
    if not everything:
        code = sorted(code, key=lambda one: -cost(one, slot_of(launch)))[:top]
    waits = "waits for (cycles each)"
    return [f"  {'share':>6} {'executed':>9} {'cycles':>8}  {'offset':7} {'instruction':{WIDE}} {waits:{NARROW}} source",
            *("  " + row(one, launch) for one in code)]


def plot(launches: list[dict], path: str) -> None:
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "hipemu"  # the same picture has the same bytes
    from matplotlib import pyplot

    names = [f"{launch['kernel']}\n{launch['target']}, {launch['time_us']:.3g} us" for launch in launches]
    figure, (busy, waits) = pyplot.subplots(1, 2, figsize=(13, 2 + 0.7 * len(launches)))
    units = list(launches[0]["shares"])
    for n, unit in enumerate(units):
        busy.barh([p + 0.8 * n / len(units) for p in range(len(launches))], [launch["shares"][unit] for launch in launches],
                  0.8 / len(units), label=unit.replace("_", " "))
    busy.set_yticks([p + 0.35 for p in range(len(launches))], names)
    busy.set_xlim(0, 1)
    busy.set_title("share of time that a unit is busy")
    left = [0.0] * len(launches)
    for cause in sorted({cause for launch in launches for cause in launch["stalls"]}):
        parts = [launch["stalls"].get(cause, 0) / launch["wave_cycles"] for launch in launches]
        waits.barh(range(len(launches)), parts, left=left, label=cause.replace("_", " "))
        left = [a + b for a, b in zip(left, parts, strict=True)]
    waits.set_yticks(range(len(launches)), [""] * len(launches))
    waits.set_xlim(0, 1)
    waits.set_title("share of time that waves wait, by cause")
    for axis in (busy, waits):
        axis.invert_yaxis()
        axis.legend(fontsize=7, ncol=2)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--kernel", default="", help="launches of kernels whose name has this")
    parser.add_argument("--top", type=int, default=12)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--plot")
    options = parser.parse_args()
    launches = [json.loads(line) for line in options.file.read_text().splitlines()]
    launches = [launch for launch in launches if options.kernel in launch["kernel"]]
    if not launches:
        sys.exit(f"show.py: {options.file} has no launch of such a kernel")
    for launch in launches:
        print("\n".join([*summary(launch), *listing(launch, options.top, options.all), ""]))
    if options.plot:
        plot(launches, options.plot)


if __name__ == "__main__":
    main()
