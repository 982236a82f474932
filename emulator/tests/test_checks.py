# SPDX-License-Identifier: Apache-2.0
"""Kernels with bugs (kernels/bugs.hip): each is reported, where and as what it is; corrected it is not, and a check that
is off says nothing."""

from __future__ import annotations

import concurrent.futures
import functools
import json
import os
import re
import struct
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hip import Buffer, HipError, runtime
from toolchain import HERE, TARGETS, compile_hip, wave_size

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

SOURCE = HERE / "kernels" / "bugs.hip"
ILLEGAL_ADDRESS, LAUNCH_FAILURE = "hipErrorIllegalAddress", "hipErrorLaunchFailure"
WORDS, BLOCK = 200, 128  # of data; work-items of a workgroup, of which there are two


@dataclass(frozen=True)
class Bug:
    name: str
    kind: str
    says: str  # a pattern; {data+8} is that address
    thread: int | None = None  # of the workgroup, where the report has a lane
    instruction: str = ""  # a pattern of its name
    error: str = LAUNCH_FAILURE
    check: str = ""  # which turns it off
    after: str = ""  # a pattern of the name of an instruction before, where two make the fault
    from_there: bool = False  # all threads from that one on have the fault; which wave comes first is a matter of their turns


def race(name):
    # Which of the two comes second is a matter of the waves' turns.
    says = r"LDS word at offset \d+: wave \d runs \"(ds|global)_.*\", wave \d ran \"(ds|global)_.*\", and no barrier stands between"
    return Bug(name, "race in LDS", says, None, "(ds_(store|write|load|read|add)|global_load_lds)", check="races")


def outside(name, says, thread, instruction):
    return Bug(name, "access out of bounds", says, thread, instruction, ILLEGAL_ADDRESS)


def undefined(name, says, thread, instruction):
    says += " depends on a value that nothing wrote"
    return Bug(name, "use of an undefined value", says, thread, instruction, check="undefined", from_there=True)


def barrier(name, says, thread=None, check="barriers"):
    return Bug(name, "divergent barrier", says, thread, "s_barrier", check=check)


def misaligned(name, says, thread, instruction, check="alignment"):
    return Bug(name, "misaligned access", says, thread, instruction, check=check)


STORE, LOAD = "(global|flat)_store", "(global|flat)_load"
BUGS = [
    race("race_read"), race("race_write"), race("race_overwrite"), race("race_loop"), race("race_atomic"),
    race("equal_stores"), race("equal_bytes"), race("equal_dma"),

    outside("store_past_end", "store of 4 bytes at {data+800}, 0 bytes past the end of the 800 bytes at {data+0}", 72, STORE),
    outside("load_past_end", "load of 4 bytes at {data+800}, 0 bytes past the end of the 800 bytes at {data+0}", 72, LOAD),
    outside("store_before", "store of 4 bytes at {data+-4}, 4 bytes before the 800 bytes at {data+0}", 0, STORE),
    outside("load_over_end", "load of 16 bytes at {data+792}, 0 bytes past the end of the 800 bytes at {data+0}", 49, LOAD),
    outside("load_scalar", "a scalar load of 4 bytes 0 bytes past the end of the 800 bytes at {data+0}", None, "s_load"),
    outside("null_pointer", "store of 4 bytes at 0x0, near no allocation", 5, STORE),
    outside("atomic_past_end", "atomic of 4 bytes at {data+800}, 0 bytes past the end", 9, "global_atomic_add"),
    outside("store_to_constants", "store of 4 bytes at 0x[0-9a-f]+, in code or constants, which kernels cannot write", 7, STORE),
    outside("lds_overrun", "4 bytes at LDS offset 512, of a workgroup with 512 bytes of LDS", 127, "ds_(store|write)_b32"),
    outside("scratch_overrun", r"4 bytes at scratch offset 400000, of \d+ bytes", 0, STORE),

    undefined("undefined_register", "the value to store", 0, STORE),
    undefined("undefined_lds", "the value to store", None, STORE),
    undefined("undefined_memory", "the value to store", 3, STORE),
    undefined("undefined_byte", "the value to store", 0, STORE),
    undefined("undefined_mask", "EXEC", 3, "(s_|v_cmpx)"),
    undefined("undefined_branch", "a branch", None, "s_cbranch"),
    undefined("undefined_address", "the address", 3, STORE),

    barrier("barrier_of_some_waves", r"barrier reached by part of the workgroup: wave \d ended without it"),

    Bug("missing_wait", "missing wait", r"reads v\d+, which \"global_load_.*\" may not have written yet: (vm|load)cnt must be 0 here and may be 1",
        instruction="v_xor_b32", check="waits", after=LOAD),
    Bug("hazard", "hazard", "(it needs 2 .*|it needs other VALU instructions between)", instruction="v_(mov_b32_dpp|permlane16)", check="hazards",
        after="v_(mov_b32|cmpx_eq_u32)"),

    misaligned("atomic_misaligned", "address {data+4} is not a multiple of 8", 2, "global_atomic_add"),
    misaligned("lds_atomic_misaligned", "LDS offset 0x6 is not a multiple of 4", 2, "ds_add_u32"),
    Bug("trap", "illegal instruction", "trap 2", instruction="s_trap"),
    Bug("unimplemented", "instruction not implemented", "is not implemented", instruction="(ds_gws_sema_v|exp|export)"),
    Bug("no_instruction", "illegal instruction", "these bytes are no instruction"),
]
ENDLESS = Bug("endless", "instruction limit reached", r"a wave ran \d+ instructions \(HIPEMU_LIMIT\)")
# What only checks report that are not in "all"
LANES = barrier("barrier_of_some_lanes", "barrier reached by part of a wave", 1, "barrier-lanes")
SITES = barrier("barriers_in_two_places", "a barrier in two places: other waves are at \"s_barrier", check="barrier-sites")
UNALIGNED = misaligned("words", "address {data+1} is not a multiple of 4", 6, LOAD, "words")


@functools.cache
def lines() -> dict[str, str]:
    """By kernel: a pattern of the lines that may be named."""
    found = {}
    for n, line in enumerate(SOURCE.read_text().splitlines(), 1):
        if mark := re.search(r"// fault: (\w+)", line):
            found.setdefault(mark[1], []).append(str(n))
    return {name: f"({'|'.join(numbers)})" for name, numbers in found.items()}


@functools.cache
def images() -> dict[str, concurrent.futures.Future]:
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    return {t: pool.submit(compile_hip, t, SOURCE, ("-O1", "-gline-tables-only")) for t in TARGETS}


def launch(hip, target: str, image: bytes, name: str, wrong: int):
    """Where `data` was, and the contents of `data` and `out`."""
    loaded = hip.modules.setdefault(hip.use(target), {})
    if "bugs" not in loaded:
        loaded["bugs"] = hip.load(image)
    with Buffer(hip, np.arange(WORDS, dtype=np.uint32)) as data, Buffer(hip, 8 * BLOCK) as out:
        launch.data = data.address
        arguments = struct.pack("<QQii", data.address, out.address, WORDS, wrong)
        hip.launch(hip.function(loaded["bugs"], name), 2, BLOCK, arguments, 4 * BLOCK)
        hip.synchronize()
        return data.read(np.uint32), out.read(np.uint32)


def faulty(target: str, name: str) -> HipError:
    with pytest.raises(HipError) as caught:
        launch(runtime(), target, images()[target].result(), name, 1)
    return caught.value


def check(bug: Bug, target: str, error: HipError) -> None:
    assert error.call == "hipDeviceSynchronize" and error.name == bug.error
    first, where, at, *after, state = error.report.splitlines()
    says = re.sub(r"\{data\+(-?\d+)\}", lambda m: f"{launch.data + int(m[1]):#x}", bug.says)
    assert re.fullmatch(f"hipemu: {bug.kind}: .*{says}.*", first)
    wave = r"\d"
    if bug.thread is not None:
        wave = f"{bug.thread // wave_size(target)}, lane {bug.thread % wave_size(target)}"
        if bug.from_there:
            wave = f"({wave}|[1-9], lane 0)"
    assert re.fullmatch(rf"  kernel {bug.name} on {target}, workgroup \[1,0,0\] of \[2,1,1\], wave {wave}(, lane \d+)?", where)
    source = rf"(device.h:\d+, called at )?bugs.hip:{lines()[bug.name]}"
    assert re.fullmatch(rf"  at {bug.name}\+0x[0-9a-f]+: {bug.instruction}.*  \({source}\)", at)
    assert len(after) == bool(bug.after)
    if bug.after:
        assert re.fullmatch(rf"  after {bug.name}\+0x[0-9a-f]+: {bug.after}.*  \(bugs.hip:\d+\)", after[0])
    assert re.fullmatch(r"  EXEC 0x[0-9a-f]+, after \d+ instructions of this wave", state)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_bug(bug, target):
    launch(runtime(), target, images()[target].result(), bug.name, 0)
    assert runtime().take_report() == "", "corrected"
    check(bug, target, faulty(target, bug.name))


@pytest.mark.parametrize("target", TARGETS)
def test_no_race(target):
    _, out = launch(runtime(), target, images()[target].result(), "no_race", 0)
    threads = np.arange(BLOCK)
    expected = np.empty(BLOCK, np.uint32)
    expected[threads % 32 * 4 + threads // 32] = threads
    assert list(out) == 2 * list(expected[::-1])
    # The lanes of a wave go together, so that they need no barrier.
    size = wave_size(target)
    _, out = launch(runtime(), target, images()[target].result(), "no_race_in_wave", 0)
    assert list(out) == [i // size * size + size - 1 - i % size for i in range(2 * BLOCK)]
    assert runtime().take_report() == ""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("bug", [LANES, SITES], ids=lambda bug: bug.name)
def test_barriers_that_may_be(bug, target):
    """Their reports: test_checks_that_are_off."""
    launch(runtime(), target, images()[target].result(), bug.name, 1)
    assert runtime().take_report() == ""


@pytest.mark.parametrize("target", TARGETS)
def test_memory_that_was_freed(target):
    hip = runtime()
    hip.use(target)
    module = hip.load(images()[target].result())
    data = Buffer(hip, np.zeros(WORDS, np.uint32))
    address = data.address
    data.free()
    hip.launch(hip.function(module, "store_before"), 2, BLOCK, struct.pack("<QQii", address, 0, WORDS, 0))
    with pytest.raises(HipError) as caught:
        hip.synchronize()
    assert caught.value.name == ILLEGAL_ADDRESS
    assert re.search(rf"store of 4 bytes at 0x[0-9a-f]+, in memory that was freed: the 800 bytes at {address:#x}", caught.value.report)
    assert re.search(f"bugs.hip:{lines()['store_before']}", caught.value.report)


def test_errors_stay_until_the_reset():
    hip = runtime()
    device = hip.use("gfx942")
    module = hip.load(images()["gfx942"].result())
    with Buffer(hip, np.zeros(WORDS, np.uint32)) as data, Buffer(hip, 8 * BLOCK) as out:
        arguments = struct.pack("<QQii", data.address, out.address, WORDS, 1)
        hip.launch(hip.function(module, "race_read"), 2, BLOCK, arguments)
        for _ in range(2):
            for call in (("hipDeviceSynchronize",), ("hipStreamSynchronize", None)):
                with pytest.raises(HipError) as caught:
                    hip.call(*call)
                assert caught.value.name == LAUNCH_FAILURE
        with pytest.raises(HipError) as caught:
            hip.launch(hip.function(module, "no_race"), 2, BLOCK, arguments)
        assert caught.value.name == LAUNCH_FAILURE
        hip.use("gfx1201")  # another device goes on
        hip.call("hipDeviceSynchronize")
        hip.use("gfx942")
        hip.call("hipDeviceReset")
    hip.modules.pop(device, None)
    launch(hip, "gfx942", images()["gfx942"].result(), "no_race", 0)


# Checks that are off: processes of their own, for the environment is read once

CHECKED = [b for b in BUGS if b.check] + [LANES, SITES, UNALIGNED]
UNCHECKED = next(b for b in BUGS if b.name == "store_past_end")
TRIED = ("gfx942", "gfx1201")
ALL = {"alignment", "undefined", "races", "barriers", "waits", "hazards"}


def run_all() -> None:
    """In the other process: the kind of report that each kernel gives on each target, as JSON."""
    found = {}
    for target in TRIED:
        with open(f"{os.environ['BUGS']}-{target}", "rb") as file:
            image = file.read()
        for bug in (*CHECKED, UNCHECKED):
            try:
                launch(runtime(), target, image, bug.name, 1)
                found[f"{target} {bug.name}"] = ""
            except HipError as error:
                found[f"{target} {bug.name}"] = error.report.split(":")[1].strip()
    print(json.dumps(found))


@pytest.mark.parametrize(("setting", "on"), [
    ("all", ALL), ("none", set()), ("all,words", ALL | {"words"}), ("all,barrier-sites", ALL | {"barrier-sites"}),
    ("all,barrier-lanes", ALL | {"barrier-lanes"}),
    ("all,-races", ALL - {"races"}), ("-undefined,-barriers", ALL - {"undefined", "barriers"}), ("all,-waits", ALL - {"waits"}),
    ("hazards", {"hazards"}),
    ("races", {"races"}), ("undefined,barriers", {"undefined", "barriers"}), ("alignment", {"alignment"})])
def test_checks_that_are_off(setting, on, tmp_path):
    for target in TRIED:
        (tmp_path / f"bugs-{target}").write_bytes(images()[target].result())
    done = subprocess.run([sys.executable, "-c", "import test_checks; test_checks.run_all()"], cwd=HERE, text=True, capture_output=True,
                          env=os.environ | {"HIPEMU_CHECKS": setting, "BUGS": str(tmp_path / "bugs"), "HIPEMU_TARGET": ",".join(TRIED)})
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert len(found) == len(TRIED) * (len(CHECKED) + 1)
    for target in TRIED:
        for bug in CHECKED:
            assert found[f"{target} {bug.name}"] == (bug.kind if bug.check in on else ""), bug.name
        assert found[f"{target} store_past_end"] == "access out of bounds"  # there is nothing to turn off


def in_another_process(tmp_path, target: str, call: str, **environment):
    """`call` sees this module as t, and the image."""
    (tmp_path / "bugs").write_bytes(images()[target].result())
    script = f"import test_checks as t\nimage = open({str(tmp_path / 'bugs')!r}, 'rb').read()\n{call}"
    return subprocess.run([sys.executable, "-c", script], cwd=HERE, text=True, capture_output=True,
                          env=os.environ | {"HIPEMU_TARGET": target} | environment)


@pytest.mark.parametrize("target", TRIED)
def test_reads_past_the_end_that_are_allowed(target, tmp_path):
    def run(name, **environment):
        done = in_another_process(tmp_path, target, f"t.launch(t.runtime(), {target!r}, image, {name!r}, 1)", **environment)
        return done.returncode == 0, done.stderr
    assert "out of bounds: load of 4 bytes" in run("tile_past_end")[1]
    assert run("tile_past_end", HIPEMU_ALLOW_READS_PAST="32")[0]
    assert "out of bounds: load of 4 bytes" in run("tile_past_end", HIPEMU_ALLOW_READS_PAST="31")[1]
    # What stands there is undefined, and nothing is written there.
    assert "the value to store depends on a value that nothing wrote" in run("load_past_end", HIPEMU_ALLOW_READS_PAST="32")[1]
    assert "the value to store depends on a value that nothing wrote" in run("load_scalar", HIPEMU_ALLOW_READS_PAST="64")[1]
    assert "out of bounds: store of 4 bytes" in run("store_past_end", HIPEMU_ALLOW_READS_PAST="64")[1]


ORDER = '''
hip = t.runtime()
with t.Buffer(hip, t.np.zeros(1, t.np.uint32)) as next, t.Buffer(hip, 4 * 8 * 8) as out:
    hip.use(TARGET)
    hip.launch(hip.function(hip.load(image), "tickets"), 1, 8 * t.wave_size(TARGET), t.struct.pack("<QQ", next.address, out.address))
    hip.synchronize()
    print(*out.read(t.np.uint32))
'''


@pytest.mark.parametrize("target", TRIED)
def test_schedules(target, tmp_path):
    """A seed gives an order in which waves run, always the same; without one they take short turns."""
    def order(**environment):
        done = in_another_process(tmp_path, target, ORDER.replace("TARGET", repr(target)), **environment)
        assert done.returncode == 0, done.stderr
        return [int(word) for word in done.stdout.split()]
    usual, *seeded = order(), *(order(HIPEMU_SCHEDULE=str(seed)) for seed in range(4))
    for waves in (usual, *seeded):
        assert sorted(waves) == sorted(8 * list(range(8)))
    assert set(usual[:32]) == set(range(8)) and len(set(map(tuple, seeded))) == 4
    assert order(HIPEMU_SCHEDULE="3") == seeded[3]
    assert "HIPEMU_SCHEDULE: 'x' is not a number" in in_another_process(tmp_path, target, "t.runtime()", HIPEMU_SCHEDULE="x").stderr


@pytest.mark.parametrize("target", TRIED)
def test_words(target):
    """A read at an odd address: refused where `words` is asked for; else it gives what stands there."""
    _, out = launch(runtime(), target, images()[target].result(), "words", 1)
    assert out[BLOCK + 6] == 0x01000000


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("limit", [1_000, 100_000])
def test_limit(target, limit, tmp_path):
    image = tmp_path / "bugs"
    image.write_bytes(images()[target].result())
    script = f"import test_checks as t\nt.launch(t.runtime(), {target!r}, open({str(image)!r}, 'rb').read(), 'endless', 1)"
    done = subprocess.run([sys.executable, "-c", script], cwd=HERE, text=True, capture_output=True,
                          env=os.environ | {"HIPEMU_LIMIT": str(limit), "HIPEMU_TARGET": target})
    assert f"hipDeviceSynchronize: {LAUNCH_FAILURE}" in done.stderr
    check(ENDLESS, target, HipError("hipDeviceSynchronize", 719, LAUNCH_FAILURE, "\n".join(done.stderr.splitlines()[:4])))
    ran = int(re.search(r"a wave ran (\d+) instructions", done.stderr)[1])
    assert limit < ran <= limit + 40_000
