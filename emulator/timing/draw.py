#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a timeline that HIPEMU_TIMELINE wrote: a row for each wave, what it issued and what it waited for.

  draw.py TIMELINE.json OUT.svg
"""

from __future__ import annotations

import html
import json
import sys
from pathlib import Path

WIDTH, LEFT, ROW, GAP, TOP, LEGEND = 1100, 90, 12, 3, 46, 120
# By the beginning of a name: what it is called in the legend, and its colour. The first that fits.
KINDS = [
    (("wait: barrier",), "waits at a barrier", "#c7b8a1"),
    (("wait: load", "wait: store", "wait: scalar"), "waits for memory", "#e3a6a1"),
    (("wait: lds",), "waits for LDS", "#f0d29a"),
    (("wait: ",), "waits for a result or a unit", "#dcdcdc"),
    (("v_mfma", "v_smfma", "v_wmma", "v_swmma"), "matrix", "#2b6ca3"),
    (("v_",), "VALU", "#5aa469"),
    (("ds_",), "LDS", "#d98e04"),
    (("s_barrier",), "barrier", "#6b4f2a"),
    (("global_", "buffer_", "flat_", "scratch_", "s_load", "s_buffer"), "memory", "#b5312a"),
    (("",), "scalar, branches", "#8879b0"),
]


def kind_of(name: str) -> tuple[str, str]:
    return next((label, colour) for begins, label, colour in KINDS if name.startswith(begins))


def timeline(data: dict) -> str:
    """The SVG."""
    events = [e for e in data["traceEvents"] if e["ph"] == "X"]
    start, end = min(e["ts"] for e in events), max(e["ts"] + e["dur"] for e in events)
    scale = WIDTH / (end - start)
    tracks = {track: n for n, track in enumerate(sorted({(e["pid"], e["tid"]) for e in events}))}
    height = TOP + len(tracks) * (ROW + GAP) + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + LEGEND + 90}" height="{max(height, TOP + 14 * 18)}" '
             'font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{LEFT}" y="18" font-size="13">{html.escape(data["otherData"]["kernel"])}: one unit\'s waves in time</text>']
    for (simd, _), row in tracks.items():
        parts.append(f'<text x="{LEFT - 8}" y="{TOP + row * (ROW + GAP) + ROW - 2}" text-anchor="end">SIMD {simd}</text>')
    last: dict[tuple, list] = {}  # by track: neighbours of one kind are one box
    boxes = []
    for e in events:
        track, (label, colour) = (e["pid"], e["tid"]), kind_of(e["name"])
        box = last.get(track)
        if box and box[2] == colour and e["ts"] - box[1] < 0.5 / scale:
            box[1] = e["ts"] + e["dur"]
            continue
        last[track] = [e["ts"], e["ts"] + e["dur"], colour, tracks[track]]
        boxes.append(last[track])
    drawn: dict[str, list[str]] = {}  # by colour
    for begin, stop, colour, row in boxes:
        width = max(0.2, (stop - begin) * scale)
        corner = f"M{LEFT + (begin - start) * scale:.1f} {TOP + row * (ROW + GAP)}"
        drawn.setdefault(colour, []).append(f"{corner}h{width:.1f}v{ROW}h{-width:.1f}z")
    parts += [f'<path fill="{colour}" d="{"".join(d)}"/>' for colour, d in drawn.items()]
    bottom = TOP + len(tracks) * (ROW + GAP)
    for n in range(6):
        x = LEFT + WIDTH * n / 5
        parts.append(f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 5}" stroke="black"/>'
                     f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{(end - start) * n / 5:.2f} us</text>')
    used = dict.fromkeys(kind_of(e["name"]) for e in events)
    for n, (label, colour) in enumerate(used):
        y = TOP + 18 * n
        parts.append(f'<rect x="{LEFT + WIDTH + 12}" y="{y}" width="12" height="12" fill="{colour}"/>'
                     f'<text x="{LEFT + WIDTH + 30}" y="{y + 10}">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    Path(sys.argv[2]).write_text(timeline(json.loads(Path(sys.argv[1]).read_text())))
