#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""headers.py INCLUDE CC CXX: each public header compiles alone, as C99 and as C++, with every warning an error."""

import subprocess
import sys
import tempfile
from pathlib import Path

include, cc, cxx = sys.argv[1:]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
passed = failed = 0
with tempfile.TemporaryDirectory() as folder:
    for header in sorted(p.name for p in Path(include, "hipinfer").iterdir()):
        languages = [(cxx, "cpp", "c++17")] if header.endswith(".hpp") else [(cc, "c", "c99"), (cxx, "cpp", "c++11")]
        for compiler, suffix, standard in languages:
            source = Path(folder, f"alone.{suffix}")
            source.write_text(f'#include "hipinfer/{header}"\ntypedef int not_empty;\n')
            done = subprocess.run([compiler, f"-std={standard}", *WARNINGS, f"-I{include}", source], capture_output=True, text=True)
            passed, failed = passed + (done.returncode == 0), failed + (done.returncode != 0)
            if done.returncode:
                print(f"{header} as {standard}:\n{done.stderr}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
