#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The C interface against that of the last release, by libabigail's abidiff; before the first release, against the one recorded for it.

  interface.py             fails if the interface has changed in a way that changes.abignore does not list
  interface.py --release   records the present interface in released.h, for the next ones to be compared with

What is compared is what the headers declare: every definition in the library is compiled against its declaration there, and
exports.py sees to it that the library exports just these. So both sides are made of declarations in a second, and neither
needs a build of the library with debugging information. New functions and new enumerators are no change.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELEASED, INTENDED = Path(__file__).with_name("released.h"), Path(__file__).with_name("changes.abignore")
HEAD = """// SPDX-License-Identifier: Apache-2.0
// The interface that changes are measured by: the last release's, or before the first release the one recorded for it.
// Written by tests/abi/interface.py --release.
#include <stddef.h>
#include <stdint.h>
"""
CC = os.environ.get("CC", "cc").split()
# Slips that the comparison must see, before its silence counts: a pattern of the present interface, what is put in its place.
SLIPS = [
    (r"hipinfer_rmsnorm\((.*?)float eps", r"hipinfer_rmsnorm(\1double eps"),
    (r"(?m)^[^\n]*\bhipinfer_version\(void\);\n", ""),
    (r"  int32_t device_type;\n  int32_t device_id;", "  int32_t device_id;\n  int32_t device_type;"),
    (r"HIPINFER_STATUS_NO_DEVICE = 32", "HIPINFER_STATUS_NO_DEVICE = 33"),
    (r"HIPINFER_DTYPE_E5M2 = 12,", ""),
]


def declared() -> str:
    """What the headers declare, without comments and macros."""
    include = ROOT / "include"
    text = subprocess.run([*CC, "-E", f"-I{include}", str(include / "hipinfer/hipinfer.h")], check=True, capture_output=True,
                          text=True).stdout
    own, lines = False, []
    for line in text.splitlines():
        if marker := re.match(r'# \d+ "(.*?)"', line):
            own = Path(marker[1]).parent == include / "hipinfer"
        elif own and line.strip():
            lines.append(line.rstrip())
    return HEAD + "\n".join(lines) + "\n"


def compiled(text: str, library: Path) -> Path:
    """A library whose functions have these types. Enumerations cross the interface as integers: a variable of each keeps them."""
    text = re.sub(r'(__attribute__\(\(visibility\("default"\)\)\)[^;]*);', r"\1 { __builtin_trap(); }", text)
    text += "".join(f"enum {name} values_of_{name};\n" for name in re.findall(r"^enum (\w+) \{", text, re.M))
    subprocess.run([*CC, "-x", "c", "-std=gnu99", "-g", "-shared", "-fPIC", "-w", "-", "-o", str(library)], input=text, check=True,
                   text=True)
    return library


def compare(released: str, present: str) -> str:
    """What has changed, as abidiff tells it; empty if nothing."""
    with tempfile.TemporaryDirectory() as folder:
        sides = [compiled(text, Path(folder, name)) for text, name in ((released, "released.so"), (present, "present.so"))]
        done = subprocess.run(["abidiff", "--no-added-syms", "--suppressions", str(INTENDED), *map(str, sides)],
                              capture_output=True, text=True)
    if done.returncode & 3:  # libabigail's bits for an error and for wrong usage
        raise SystemExit(f"interface.py: abidiff failed: {done.stderr or done.stdout}")
    return done.stdout if done.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", action="store_true", help="record the present interface")
    args = parser.parse_args()
    present = declared()
    if args.release:
        RELEASED.write_text(present)
        print(f"{RELEASED}: {present.count('visibility')} functions")
        return 0
    if not shutil.which("abidiff"):
        print("interface.py: abidiff is not here (Debian: apt-get install abigail-tools)", file=sys.stderr)
        return 1
    failed = 0
    for pattern, slip in SLIPS:
        changed, count = re.subn(pattern, slip, present, count=1, flags=re.S)
        if count == 0 or not compare(present, changed):
            print(f"abidiff does not see {pattern!r} become {slip!r}" if count else f"nothing matches {pattern!r}")
            failed += 1
    if report := compare(RELEASED.read_text(), present):
        print(f"{report}\nThe interface is not that of {RELEASED.name}. If that is meant, list it in {INTENDED.name}, which says how.")
        failed += 1
    print(f"{len(SLIPS) + 1 - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
