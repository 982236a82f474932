# SPDX-License-Identifier: Apache-2.0
"""The command hipemu, which is built beside the library: run, profile, info, and the example of three commands."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest
from toolchain import HERE, compile_hip, tool

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)
EXAMPLES = HERE.parent / "examples"
COMMAND = Path(os.environ["HIPEMU_LIBRARY"]).resolve().parent / "hipemu"
if not COMMAND.exists():
    pytest.skip(f"{COMMAND} is not there: this library was not built with its command", allow_module_level=True)

COUNT = "import ctypes; n = ctypes.c_int(); print(ctypes.CDLL('libamdhip64.so.6').hipGetDeviceCount(ctypes.byref(n)), n.value)"


def hipemu(*words, **options) -> subprocess.CompletedProcess:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HIPEMU_")}
    return subprocess.run([sys.executable, COMMAND, *map(str, words)], text=True, capture_output=True, env=kept, **options)


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("command") / "transpose.hsaco"
    path.write_bytes(compile_hip("gfx942", EXAMPLES / "transpose.hip", ("-gline-tables-only",)))
    return path


def test_run():
    """A program finds the library by HIP's names; its exit status is the command's."""
    done = hipemu("run", "--target", "gfx942*3", "--", sys.executable, "-c", COUNT)
    assert (done.returncode, done.stdout) == (0, "0 3\n"), done.stderr
    assert hipemu("run", "--target", "gfx1201", "--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7
    assert hipemu("run", "--target", "gfx1201", "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_run_passes_its_options_on(tmp_path, image):
    counters = tmp_path / "counters"
    done = hipemu("run", "--target", "gfx942", "--checks", "all,-races", "--schedule", "3", "--threads", "2", "--counters", counters, "--",
                  sys.executable, EXAMPLES / "transpose.py", image)
    assert done.returncode == 0 and done.stdout == "transpose_straight: right\ntranspose_tiles: right\n", done.stderr
    assert [json.loads(line)["kernel"] for line in counters.read_text().splitlines()] == ["transpose_straight", "transpose_tiles"]


@pytest.mark.parametrize(("words", "status", "says"), [
    (("run", "--target", "gfx1", "--", "true"), 2, "there is no target 'gfx1'; there are gfx906"),
    (("run", "--target", "gfx942", "--checks", "rases", "--", "true"), 2, "there is no check 'rases'"),
    (("run", "--target", "gfx942", "--schedule", "x", "--", "true"), 2, "HIPEMU_SCHEDULE: 'x' is not a number"),
    (("run", "--", "true"), 2, "required: --target"),
    (("run", "--target", "gfx942"), 2, "no program: it comes after --"),
    (("run", "--target", "gfx942", "--", "./no-such-program"), 127, "cannot run ./no-such-program: No such file"),
    (("profile", "--target", "gfx942", "--", "true"), 2, "the program launched no kernel"),
    (("profile", "--target", "gfx942", "--", "false"), 2, "it ended with status 1"),
    (("info",), 2, "no file"), (("info", "/no/such.hsaco"), 1, "cannot read /no/such.hsaco"), (("info", __file__), 1, "hipemu info: "),
    (("fly",), 2, "there is no command 'fly'; there are run, profile, info")])
def test_errors(words, status, says, tmp_path):
    done = hipemu(*words, cwd=tmp_path)
    assert done.returncode == status and says in done.stderr, done


@pytest.mark.parametrize("words", [(), ("--help",), ("run", "--help"), ("profile", "--help"), ("info", "--help")])
def test_help(words):
    done = hipemu(*words)
    assert done.returncode == 0 and "hipemu" in done.stdout and not done.stderr


def test_info(image, tmp_path):
    done = hipemu("info", image)
    assert done.returncode == 0, done.stderr
    straight, tiles = re.split(r"(?m)^(?=transpose_tiles)", done.stdout)
    assert "0 bytes of LDS" in straight and f"{32 * 33 * 4} bytes of LDS" in tiles and "20 of arguments" in tiles
    # 256 work-items are 4 waves, one on each SIMD, of which eight fit; 15 of the tiles fit into the 64 KiB of LDS.
    assert "gfx942 (AMD Instinct MI300X): 8 workgroups of 256 work-items a compute unit, 8 waves a SIMD" in straight
    assert "gfx942 (AMD Instinct MI300X): 8 workgroups" in tiles
    assert "4 waves a SIMD" in hipemu("info", image, "--dynamic-lds", "10000").stdout  # 4 workgroups
    assert "2 workgroups of 64 work-items a compute unit, 0.5 waves" in hipemu("info", image, "--block", "64", "--dynamic-lds", "25000").stdout
    assert "not with 512 work-items" in hipemu("info", image, "--block", "512").stdout
    count = int(re.search(r"(\d+) instructions:", tiles)[1])
    listing = subprocess.run([tool("llvm-objdump"), "-d", "--disassemble-symbols=transpose_tiles", image], check=True, capture_output=True, text=True).stdout
    assert count == len(re.findall(r"(?m)^\t", listing.split("s_endpgm")[0]))
    assert re.search(rf"lds {len(re.findall('ds_', listing))} \(", tiles)
    generic = tmp_path / "generic.hsaco"
    generic.write_bytes(compile_hip("gfx11-generic", EXAMPLES / "transpose.hip"))
    both = hipemu("info", generic).stdout
    assert "gfx1100 (AMD Radeon RX 7900 XTX): " in both and "gfx1151 (AMD Radeon 8060S): " in both and "a pair of compute units" in both


def test_the_example(tmp_path):
    """The three commands at the head of transpose.py."""
    commands = re.search(r"\n\n((?:  .*\n)+)", (EXAMPLES / "transpose.py").read_text())[1].replace("\\\\\n", "")
    compiling, describing, profiling = (shlex.split(line) for line in commands.splitlines())
    for name in ("transpose.hip", "transpose.py"):
        (tmp_path / name).write_text((EXAMPLES / name).read_text())
    subprocess.run([tool(compiling[0]), *compiling[1:]], check=True, cwd=tmp_path)
    assert describing[0] == profiling[0] == "hipemu"
    assert hipemu(*describing[1:], cwd=tmp_path).returncode == 0
    done = hipemu(*[sys.executable if word == "python3" else word for word in profiling[1:]], cwd=tmp_path)
    assert done.returncode == 0 and "transpose_tiles: right" in done.stdout, done.stderr
    times = [float(t) for t in re.findall(r"\): ([\d.]+) us predicted", done.stdout)]
    assert len(times) == 2 and times[1] < times[0]
    assert re.search(r"transpose\.hip:\d+", done.stdout)  # hot spots have their source
    written = tmp_path / "hipemu-profile"
    assert {"timing.json", "timeline.json", "timeline.svg"} <= {path.name for path in written.iterdir()}
    paths = xml.parse(written / "timeline.svg").getroot().findall("{http://www.w3.org/2000/svg}path")
    waves = {(e["pid"], e["tid"]) for e in json.loads((written / "timeline.json").read_text())["traceEvents"] if e["ph"] == "X"}
    rows = {y for path in paths for y in re.findall(r"M[\d.]+ (\d+)h", path.get("d"))}
    assert len(rows) == len(waves) > 32


def test_profile_of_a_part(image, tmp_path):
    done = hipemu("profile", "--target", "gfx942", "--groups", "64", "--kernel", "straight", "--top", "2", "--output", tmp_path / "here", "--",
                  sys.executable, EXAMPLES / "transpose.py", image)
    assert done.returncode == 1 and "WRONG" in done.stdout, "its results are incomplete"
    assert "of them ran" in done.stdout and len(re.findall(r"(?m)^ +[\d.]+% ", done.stdout)) == 2, done.stdout
