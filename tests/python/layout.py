# SPDX-License-Identifier: Apache-2.0
"""Sizes and offsets of structs, as a C compiler and as ctypes see them."""

import ctypes
import shutil
import subprocess

import pytest


def c_name(name):
    return "hipinfer_" + "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def layouts(folder, include, structs):
    compiler = shutil.which("cc") or shutil.which("clang") or pytest.skip("no C compiler")
    lines = []
    for name, struct in structs.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({c_name(name)}));')
        lines += [f'printf("{name}.{f[0]} %zu\\n", offsetof({c_name(name)}, {f[0]}));' for f in struct._fields_]
    source = folder / "layout.c"
    source.write_text("#include <stdio.h>\n#include <hipinfer/hipinfer.h>\nint main(void) {" + "\n".join(lines) + "}\n")
    subprocess.run([compiler, f"-I{include}", str(source), "-o", str(folder / "layout")], check=True)
    return subprocess.run([str(folder / "layout")], check=True, capture_output=True, text=True).stdout.split("\n")


def expected(structs):
    for name, struct in structs.items():
        yield f"{name} {ctypes.sizeof(struct)}"
        yield from (f"{name}.{f[0]} {getattr(struct, f[0]).offset}" for f in struct._fields_)
