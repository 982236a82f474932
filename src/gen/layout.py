# SPDX-License-Identifier: Apache-2.0
"""layout.c in the build folder: prints the size and the field offsets of every public struct, as JSON, for the tests that
compare the bindings' structs with what a C compiler makes of the headers."""

from __future__ import annotations

import re

from header import BANNER


def structs(headers: list[str]) -> dict[str, list[str]]:
    found = {}
    for text in headers:
        text = re.sub(r"//[^\n]*", "", text)
        for m in re.finditer(r"typedef struct (\w+) \{(.*?)\} \1;", text, re.S):
            found[m[1]] = [re.sub(r"\[.*", "", f.split()[-1]).lstrip("*") for f in m[2].split(";") if f.strip()]
    return found


def program(headers: list[str]) -> str:
    out = [BANNER + "#include <stddef.h>\n#include <stdio.h>\n\n#include \"hipinfer/hipinfer.h\"\n\n"
           "int main(void) {\n  printf(\"{\");"]
    for i, (name, fields) in enumerate(structs(headers).items()):
        comma = ", " if i else ""
        out.append(f'  printf("{comma}\\"{name}\\": {{\\"size\\": %zu", sizeof({name}));')
        out += [f'  printf(", \\"{f}\\": %zu", offsetof({name}, {f}));' for f in fields]
        out.append('  printf("}");')
    out.append('  printf("}\\n");\n  return 0;\n}\n')
    return "\n".join(out)
