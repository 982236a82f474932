# SPDX-License-Identifier: Apache-2.0
"""The report that is sent: what it says of the machine, and what it leaves out."""

from __future__ import annotations

import getpass
import math
import os
import platform
import re
import socket
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

import numpy as np

from ..context import Context
from ..inside import library_version

HEAD = "hipinfer-selftest report 1"
SEND = """\
Please send this file as it is, also where all is right: open an issue of the hipinfer project, titled "selftest: " and the device's
name, and attach it. It says nothing of who or where you are: no names of the machine or its users, no addresses, no serial
numbers, no folders. Read it first. If your card is not the usual one of its kind (a power limit, a partition, a laptop), say so."""


def loaded(pattern: str) -> List[Path]:
    """The files in this process whose names begin so."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    files = dict.fromkeys(fields[5] for fields in (line.split(None, 5) for line in lines) if len(fields) == 6)
    return [Path(f) for f in files if f.startswith("/") and re.match(pattern, Path(f).name)]


def drivers(hip: bool = True, cuda: bool = True) -> List[Path]:
    """The GPU drivers in this process: HIP's may have another name, if a variable says so."""
    named = os.environ.get("HIPINFER_HIP_LIBRARY")
    names = [r"lib(amdhip64|hipemu)\.so"] * hip + [r"libcuda\.so"] * cuda
    if hip and named:
        names.append(re.escape(Path(os.path.realpath(named)).name) + "$")
    return loaded("|".join(names))


def driver() -> str:
    """Their file names, which have versions: libamdhip64.so.6.2.60204."""
    return " ".join(sorted({path.name for path in drivers()})) or "none"


def is_emulator(path: Path) -> bool:
    """Whatever its name is: the variable that it reads is in it."""
    try:
        return b"HIPEMU_TARGET" in path.read_bytes()
    except OSError:
        return False


def kernel_release() -> str:
    """Without what a builder has put behind the numbers."""
    numbers = re.match(r"\d+(\.\d+)*", platform.release())
    return f"{platform.system()} {numbers[0] if numbers else ''}".strip()


def distribution() -> str:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            words = dict(line.split("=", 1) for line in Path(path).read_text().splitlines() if "=" in line)
        except OSError:
            continue
        return f"{words.get('ID', '')} {words.get('VERSION_ID', '')}".replace('"', "").strip()
    return "unknown"


def about(context: Context, emulated: str) -> List[str]:
    return [
        f"library: {library_version()}",
        f"device: {context.name}{f' ({emulated})' if emulated else ''}",
        f"target: {context.target}, served by code for {context.code_target or 'the CPU'}",
        f"card: {context.compute_units} compute units, waves of {context.wave_size}, {context.lds_bytes} bytes of LDS, "
        f"{context.memory_bytes / 2**30:.1f} GiB",
        f"driver: {driver()}",
        f"system: {kernel_release()} {platform.machine()}, {distribution()}",
        f"Python {platform.python_version()}, NumPy {np.__version__}",
    ]


VARIABLES = ("HIPINFER_LIBRARY", "HIPINFER_KERNEL_PATH", "HIPINFER_HIP_LIBRARY", "HIPEMU_LIBRARY")  # which hold paths
# The folders of a path: a name in them that ends in a space is rather the word before the next path.
QUOTED = re.compile(r"""(["'`])[^"'`\n]*[/\\]([^"'`/\\\n]*)\1""")
FOLDERS = re.compile(r"""(?<![\w.])(?:~|[A-Za-z]:)?(?:[/\\]+(?:[^\s/\\]+|[^/\\:;,"'()=\n]*[^\s/\\:;,"'()=]))+[/\\]+""")


def replaced(text: str, names: Dict[str, str]) -> str:
    for name, stand_in in sorted(names.items(), key=lambda item: -len(item[0])):
        if len(name) > 1:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", stand_in.replace("\\", r"\\"), text)
    return text


def impersonal(text: str) -> str:
    """A message of a driver or of the library without the names of this machine, its user and its folders. Not for selftest's own
    words, among which a user's name may be."""
    paths = {value.rstrip("/"): f"${name}" for name in VARIABLES for value in [os.environ.get(name, "")]}
    paths |= {os.path.realpath(path): name for path, name in paths.items() if path}
    names = {}
    try:
        paths[str(Path.home())] = "~"
    except RuntimeError:
        pass  # a user without a home
    try:
        names[socket.gethostname()] = "HOST"
        names[getpass.getuser()] = "USER"
    except (KeyError, OSError):
        pass  # a user without a name
    text = replaced(text, paths)
    text = FOLDERS.sub("", QUOTED.sub(r"\1\2\1", text))  # of a path its last name is left
    return replaced(text, names)


class Measured(NamedTuple):
    op: str
    shape: str
    microseconds: float
    predicted: Optional[float]


NUMBER = r"(\d+(?:\.\d+)?)"
LINE = re.compile(rf"speed: (\w+) (.+): {NUMBER} us, {NUMBER} of \w+(?:, predicted {NUMBER} us)?$")


def read(path: Path) -> List[Measured]:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise SystemExit(f"hipinfer-selftest: {path}: {e.strerror if isinstance(e, OSError) else 'no text'}") from None
    if not lines or lines[0] != HEAD:
        raise SystemExit(f"hipinfer-selftest: {path}: its first line is not \"{HEAD}\"")
    found = []
    for number, line in enumerate(lines, 1):
        if line.startswith("speed: ") and " us, " in line:
            m = LINE.match(line)
            if not m or not float(m[3]) or (m[5] and not float(m[5])):
                raise SystemExit(f"hipinfer-selftest: {path}: line {number} has no time above 0: {line}")
            found.append(Measured(m[1], m[2], float(m[3]), float(m[5]) if m[5] else None))
    if not found:
        raise SystemExit(f"hipinfer-selftest: {path} has no times: level speed was not run")
    return found


def compared(path: Path) -> str:
    """Prediction against reality, what is furthest apart first."""
    both = [(m, m.predicted) for m in read(path) if m.predicted]
    header = [line for line in path.read_text().splitlines() if re.match(r"(device|target|driver): ", line)]
    if not both:
        return "\n".join([*header, "hipemu has no prediction for this target: there is nothing to compare"])
    both.sort(key=lambda b: -abs(math.log(b[0].microseconds / b[1])))
    width = max(len(f"{m.op} {m.shape}") for m, _ in both)
    rows = [f"{f'{m.op} {m.shape}':{width}}  {m.microseconds:10.2f}  {p:10.2f}  {m.microseconds / p:8.2f}" for m, p in both]
    ratios = [math.log(m.microseconds / p) for m, p in both]
    mean = math.exp(sum(ratios) / len(ratios))
    near = sum(abs(r) <= math.log(1.3) for r in ratios)
    return "\n".join([*header, "", f"{'call':{width}}  {'measured us':>10}  {'predicted':>10}  {'ratio':>8}", *rows, "",
                      f"{len(both)} calls: measured / predicted {mean:.2f} in the geometric mean; {near} within 30 %"])


__all__ = ["HEAD", "SEND", "about", "compared", "drivers", "impersonal", "is_emulator", "loaded"]
