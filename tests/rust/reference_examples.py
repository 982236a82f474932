#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the reference's Rust examples, all of them in one program, and runs it on the CPU.

  reference_examples.py [--target-dir FOLDER]

The program uses the crate of this tree and the library of HIPINFER_LIBRARY."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src/gen"))

import examples  # noqa: E402
import read  # noqa: E402

MANIFEST = """[package]
name = "reference-examples"
version = "0.0.0"
edition = "2024"

[dependencies]
hipinfer = {{ path = "{crate}" }}

[workspace]
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target-dir", type=Path, default=ROOT / "bindings/rust/target/reference-examples",
                        help="where cargo builds (default: bindings/rust/target/reference-examples)")
    args = parser.parse_args()
    ops = sorted((op for f in read.read_all() for op in f.ops), key=lambda op: op.name)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "src")
        source.mkdir()
        Path(folder, "Cargo.toml").write_text(MANIFEST.format(crate=ROOT / "bindings/rust/hipinfer"))
        # The crate's own versions of what it depends on.
        Path(folder, "Cargo.lock").write_text((ROOT / "bindings/rust/Cargo.lock").read_text())
        for op in ops:
            # A program's main is a module's function here.
            (source / f"op_{op.name}.rs").write_text(examples.rust_text(op).replace("\nfn main()", "\npub fn main()"))
        calls = "".join(f'    println!("{op.name}");\n    op_{op.name}::main()?;\n' for op in ops)
        (source / "main.rs").write_text("".join(f"mod op_{op.name};\n" for op in ops) +
                                        "\nfn main() -> hipinfer::Result<()> {\n" + calls + "    Ok(())\n}\n")
        command = ["cargo", "run", "--quiet", "--manifest-path", f"{folder}/Cargo.toml", "--target-dir", str(args.target_dir)]
        done = subprocess.run(command, env={**os.environ, "HIPINFER_DEVICE": "cpu"}, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        return 1
    if done.stdout.count("\n") != 2 * len(ops):
        print(f"expected a name and a line of numbers of each of {len(ops)} examples, got:\n{done.stdout}", file=sys.stderr)
        return 1
    print(f"{len(ops)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
