#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The library exports what the generated list says and nothing else, needs only libc and libstdc++, and says its SONAME."""

import os
import re
import subprocess
import sys
from pathlib import Path

library = os.environ["HIPINFER_LIBRARY"]
source = Path(os.environ["HIPINFER_SOURCE"])
listed = set(re.findall(r"^    (hipinfer_\w+);", (Path(library).resolve().parent / "gen/exports.map").read_text(), re.M))
declared = set()
for header in ("hipinfer.h", "ops.h"):
    text = re.sub(r"//[^\n]*", "", (source / "include/hipinfer" / header).read_text())
    declared |= set(re.findall(r"HIPINFER_API[^;(]*?\b(hipinfer_\w+)\(", text))
lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout.splitlines()
exported = {line.split()[-1] for line in lines}
problems = []
if exported != listed:
    problems += [f"exported, not listed: {sorted(exported - listed)}", f"listed, not exported: {sorted(listed - exported)}"]
if declared != listed:
    problems += [f"declared, not listed: {sorted(declared - listed)}", f"listed, not declared: {sorted(listed - declared)}"]
dynamic = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout
needed = set(re.findall(r"NEEDED.*\[(.*?)\]", dynamic))
allowed = {"libstdc++.so.6", "libgcc_s.so.1", "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2",
           "ld-linux-aarch64.so.1"}
sanitizers = {n for n in needed if n.startswith(("libasan", "libubsan", "libtsan"))}
if needed - allowed - sanitizers:
    problems.append(f"needs {sorted(needed - allowed)}")
if "[libhipinfer.so.0]" not in dynamic:
    problems.append("SONAME is not libhipinfer.so.0")
print("\n".join(problems) or f"{len(exported)} symbols, as listed")
sys.exit(bool(problems))
