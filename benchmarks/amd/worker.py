#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One operation on one emulated GPU, in a process of its own; run.py starts it and reads the lines of JSON that it prints.

  worker.py check TARGET OP SHAPES      every version's results on small shapes, with all of the emulator's checks
  worker.py time TARGET OP SHAPES       what the time model says of each version, and the best of each
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Callable

import ops  # noqa: F401 (registers the cases)
from case import CASES, Device, Shape, Version, Work
from hip import HipError
from triton_code import Refused


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def attempt(device: Device, what: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What it gives, or why it could not be done. A fault ends the process: the device is lost."""
    try:
        return what()
    except Refused as refusal:
        return {"refused": str(refusal)}
    except HipError as fault:
        return {"fault": str(fault)}
    except device.hipinfer.HipinferError as error:
        return {"fault": f"{error}\n{device.runtime.take_report()}"}


def check(device: Device, work: Work, version: Version) -> dict[str, Any]:
    for output in work.outputs:
        output.reset()
    for _, step in version.steps:
        step()
        device.runtime.synchronize()
    return {"error": max(output.error() for output in work.outputs)}


class Records:
    """A file that the emulator appends a line to for each launch."""

    def __init__(self, variable: str):
        self.path, self.read = Path(os.environ[variable]), 0

    def take(self) -> list[dict[str, Any]]:
        with self.path.open("rb") as file:
            file.seek(self.read)
            text = file.read()
        self.read += len(text)
        return [json.loads(line) for line in text.splitlines()]


def measure(device: Device, version: Version, timing: Records, counters: Records) -> dict[str, Any]:
    launches: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
    for count, step in version.steps:
        step()
        device.runtime.synchronize()
        launches += [(count, t, c) for t, c in zip(timing.take(), counters.take(), strict=True)]
    if not launches:
        raise RuntimeError(f"{version.label}: nothing was launched")

    def total(value: Callable[[dict[str, Any], dict[str, Any]], float]) -> float:
        return sum(count * value(t, c) for count, t, c in launches)

    def of_all_groups(t: dict[str, Any], value: float) -> float:
        return value * t["groups"] / t["groups_executed"]

    def instructions(c: dict[str, Any]) -> int:
        return sum(number for name, number in c.items() if name.startswith("instructions_"))

    time = total(lambda t, c: t["time_us"])
    longest = max(launches, key=lambda launch: launch[0] * launch[1]["time_us"])[1]
    return {
        "time_us": time, "time_us_with_conflicts": total(lambda t, c: t["time_us_with_conflicts"]), "bound": longest["bound"],
        "matrix_busy": total(lambda t, c: t["shares"]["matrix"] * t["time_us"]) / time, "launches": sum(one[0] for one in launches),
        "wave_instructions": round(total(lambda t, c: of_all_groups(t, instructions(c)))),
        "bytes_accessed": round(total(lambda t, c: of_all_groups(t, c["bytes_read"] + c["bytes_written"]))),
        "scratch_bytes": max(t["scratch_bytes"] for _, t, _ in launches),
        **{name: longest[name] for name in ("registers", "lds_bytes", "card")},
    }


def time_all(device: Device, case: str, shape: Shape, work: Work, wrong: set[str]) -> None:
    timing, counters = Records("HIPEMU_TIMING"), Records("HIPEMU_COUNTERS")
    timing.path.touch()
    counters.path.touch()
    timing.take(), counters.take()
    for who, versions in work.versions.items():
        results = []
        for version in versions:
            if f"{who} {version.label}" in wrong:
                continue
            result = attempt(device, lambda v=version: measure(device, v, timing, counters))
            tell(op=case, shape=shape, who=who, version=version.label, tried=result)
            if "fault" in result:
                sys.exit(3)
            if "time_us" in result:
                results.append((version, result))
        if results:
            version, best = min(results, key=lambda one: one[1]["time_us"])
            tell(op=case, shape=shape, who=who, version=version.label, versions=len(results), least_bytes=work.least_bytes,
                 operations=work.operations, best=best)


def check_all(device: Device, case: str, shape: Shape, work: Work) -> None:
    for who, versions in work.versions.items():
        for version in versions:
            result = attempt(device, lambda v=version: check(device, work, v))
            tell(op=case, shape=shape, who=who, version=version.label, checked=result)
            if "fault" in result:
                sys.exit(3)


def main() -> None:
    phase, target, op, shapes, *wrong = sys.argv[1:]
    device, case = Device(target), CASES[op]
    for shape in json.loads(shapes):
        work = case.make(device, *shape)
        if phase == "check":
            check_all(device, op, shape, work)
        else:
            time_all(device, op, shape, work, set(json.loads(wrong[0])))


if __name__ == "__main__":
    main()
