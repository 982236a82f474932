#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs code objects into the library: deflates each into one blob and writes the index and the file that includes it.

  pack.py --blob B --index I.cpp --include B.S [--target T ...] [--object target/module=path ...]
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("blob", "index", "include"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--target", action="append", default=[], help="a target inside, in order")
    parser.add_argument("--object", action="append", default=[], help="target/module=path")
    args = parser.parse_args()
    blob, rows = b"", []
    names = set()
    for item in args.object:
        name, path = item.split("=", 1)
        assert name not in names, f"two code objects are named {name}"
        names.add(name)
        target, module = name.split("/")
        data = Path(path).read_bytes()
        packed = zlib.compress(data, 9)
        rows.append(f'    {{"{target}", "{module}", {len(blob)}, {len(packed)}, {len(data)}}},')
        blob += packed
    Path(args.blob).write_bytes(blob or b"\0")
    Path(args.include).write_text(
        '.section .rodata\n.global hipinfer_code_object_blob\n.hidden hipinfer_code_object_blob\n.balign 16\n'
        f'hipinfer_code_object_blob:\n.incbin "{Path(args.blob).resolve()}"\n.section .note.GNU-stack,"",@progbits\n')
    targets = "".join(f'"{t}", ' for t in args.target) or "nullptr"
    Path(args.index).write_text(
        '// Written by src/gen/pack.py.\n#include "core/code_objects.h"\n\nnamespace hipinfer {\n'
        'const code_object code_objects[] = {\n' + "\n".join(rows or ["    {nullptr, nullptr, 0, 0, 0},"]) + "\n};\n"
        f"const int code_object_count = {len(rows)};\nconst char* const code_targets[] = {{{targets}}};\n"
        f"const int code_target_count = {len(args.target)};\n}}  // namespace hipinfer\n")


if __name__ == "__main__":
    main()
