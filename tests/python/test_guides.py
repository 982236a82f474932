# SPDX-License-Identifier: Apache-2.0
"""The guides' code runs as it stands, block after block, and so do the reference's examples, on every device there is."""

import json
import os
import re
import subprocess
import sys

import pytest
from conftest import DEVICES, ROOT

# In a process of its own: src/gen and examples/generate have modules of the same names.
WRITE_EXAMPLES = """
import json, examples, read
print(json.dumps({op.name: examples.python_text(op) for family in read.read_all() for op in family.ops}))
"""
EXAMPLES = json.loads(subprocess.run([sys.executable, "-c", WRITE_EXAMPLES], check=True, stdout=subprocess.PIPE, text=True,
                                     env={**os.environ, "PYTHONPATH": str(ROOT / "src/gen")}).stdout)


def blocks(page, language):
    """(line, text) of each code block of a language."""
    text = (ROOT / "docs" / page).read_text()
    found = [(text.count("\n", 0, m.start()) + 2, m[1]) for m in re.finditer(rf"^```{language}\n(.*?)^```", text, re.S | re.M)]
    assert found, f"{page} has no {language}"
    return found


def run(page):
    scope = {"__name__": page}
    for line, text in blocks(page, "python"):
        # Line numbers are the page's.
        exec(compile("\n" * (line - 1) + text, str(ROOT / "docs" / page), "exec"), scope)
    return scope


@pytest.mark.parametrize("device", DEVICES)
def test_the_tutorial(device, monkeypatch, capsys):
    monkeypatch.setenv("HIPINFER_DEVICE", device)
    scope = run("tutorial.md")
    assert scope["context"].on_cpu == (device == "cpu")
    lengths = [len(p) + 4 for p in scope["prompts"]]
    assert lengths[1] > scope["slots"] > len(scope["prompts"][1]), "a request comes to its second page"
    out = capsys.readouterr().out
    assert ("the CPU has no graphs" if device == "cpu" else "five tokens by a graph") in out


@pytest.mark.parametrize("device", DEVICES)
def test_debugging(device, monkeypatch, capsys):
    monkeypatch.setenv("HIPINFER_DEVICE", device)
    scope = run("debugging.md")
    assert scope["device"].on_cpu == (device == "cpu")
    assert "expected below 128" in capsys.readouterr().out


def test_the_c_of_the_guides_compiles(tmp_path):
    for line, text in blocks("from-hipblas.md", "c"):
        source = tmp_path / f"line_{line}.c"
        source.write_text(text)
        subprocess.run([os.environ.get("CC", "cc"), "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                        f"-I{ROOT / 'include'}", str(source)], check=True)


@pytest.mark.parametrize("op", sorted(EXAMPLES))
@pytest.mark.parametrize("device", DEVICES)
def test_the_references_examples(device, op, monkeypatch, capsys):
    """What they compute on the CPU, tests/gen compares with the same call in C."""
    monkeypatch.setenv("HIPINFER_DEVICE", device)
    scope = {}
    exec(compile(EXAMPLES[op], op, "exec"), scope)
    assert scope["context"].on_cpu == (device == "cpu")
    assert capsys.readouterr().out.strip()
