#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lays code objects out as HIPINFER_KERNEL_PATH wants them: <target>/<module>.hsaco, with a manifest that states the
version, each file's size and SHA-256.

  folder.py --out DIR [--target T ...] [--object target/module=path ...]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

from version import VERSION


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--object", action="append", default=[], help="target/module=path")
    args = parser.parse_args()
    shutil.rmtree(args.out, ignore_errors=True)
    manifest = {"version": VERSION, "targets": args.target, "files": []}
    for item in args.object:
        name, path = item.split("=", 1)
        file = args.out / (name + Path(path).suffix)
        file.parent.mkdir(parents=True, exist_ok=True)
        data = Path(path).read_bytes()
        file.write_bytes(data)
        manifest["files"].append({"file": str(file.relative_to(args.out)), "bytes": len(data),
                                  "sha256": hashlib.sha256(data).hexdigest()})
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
