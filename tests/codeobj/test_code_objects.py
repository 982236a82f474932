# SPDX-License-Identifier: Apache-2.0
"""What can be known of the kernels without a GPU: each code object of the library of HIPINFER_LIBRARY (else of build/)
against the manifest, against the hardware's limits, and against the record in resources.txt."""

import itertools
import struct
import subprocess
import sys
import tomllib
import zlib

import objects
import pytest
from objects import AmdObject, NvidiaObject

LIBRARY = objects.Library()
OBJECTS = list(LIBRARY.objects.values())
KERNELS = [(o, k) for o in OBJECTS for k in o.kernels.values()]
RECORDED_COMPILERS, RECORDED = objects.read_record()

AMD_LDS, NVIDIA_STATIC_SHARED = 64 << 10, 48 << 10  # bytes a workgroup, on every target of the kind
# Budgets of compressed code, with the six targets of the record: an operation's on average, and attention's.
OPERATION_BYTES, ATTENTION_BYTES = 256 << 10, 12 << 20

# EF_AMDGPU_MACH: LLVM's AMDGPU usage guide, "AMDGPU ELF Header e_flags".
MACH = {"gfx9-generic": 0x51, "gfx906": 0x2F, "gfx908": 0x30,
        "gfx90a": 0x3F, "gfx942": 0x4C, "gfx950": 0x4F, "gfx9-4-generic": 0x5F, "gfx10-3-generic": 0x53,
        "gfx1030": 0x36, "gfx1031": 0x37, "gfx1032": 0x38, "gfx11-generic": 0x54, "gfx1100": 0x41, "gfx1101": 0x46,
        "gfx1102": 0x47, "gfx1103": 0x44, "gfx1150": 0x43, "gfx1151": 0x4A, "gfx1152": 0x55, "gfx1153": 0x58,
        "gfx12-generic": 0x59, "gfx1200": 0x48, "gfx1201": 0x4E}


def wrong(found, what):
    """Fails with every kernel or object of `found`, not with the first alone."""
    found = [str(f) for f in found]
    assert not found, f"{len(found)} {what}:\n  " + "\n  ".join(found)


@pytest.fixture(params=OBJECTS, ids=lambda o: f"{o.target}-{o.module}")
def one(request):
    return request.param


def test_the_library_holds_code():
    assert LIBRARY.targets, f"{LIBRARY.path} was built with no GPU target: there is nothing to check"
    assert LIBRARY.targets == LIBRARY.manifest["targets"]
    wrong((f"{module} for {target}" for target, module in LIBRARY.expected if (target, module) not in LIBRARY.objects),
          "code objects of the manifest are not in the library")
    wrong((t for t in LIBRARY.targets if not LIBRARY.lines()[t]), "targets have no kernel")


def test_what_is_not_there_is_refused():
    module = next(iter(LIBRARY.expected))[1]
    for target, name in ((LIBRARY.targets[0], "no_such_module"), ("pdp11", module), ("", ""), (LIBRARY.targets[0][:-1], module)):
        assert LIBRARY.bytes_of(target, name) is None, (target, name)
        assert LIBRARY.c.hipinfer_last_error(), (target, name)


def test_machine(one):
    if isinstance(one, NvidiaObject):
        # The compute capability is in the second byte of the flags from cubin ABI 8 on, before in the first; the note
        # says for which virtual architecture it was compiled.
        number = int("".join(filter(str.isdigit, one.target)))
        shift = 8 if one.elf["e_ident"]["EI_ABIVERSION"] >= 8 else 0
        assert (one.machine, one.flags >> shift & 0xFF) == ("EM_CUDA", number)
        note, = one.notes(".note.nv.cuinfo")
        assert struct.unpack_from("<HH", note["n_desc"])[1] == number
    else:
        assert one.machine == "EM_AMDGPU"
        assert one.target in MACH, f"MACH of this file needs a row for {one.target}"
        assert one.flags & 0xFF == MACH[one.target], f"e_flags {one.flags:#x} are not those of {one.target}"
        assert one.metadata["amdhsa.target"] == f"amdgcn-amd-amdhsa--{one.target}"
        # A later generic version would not load on drivers that know the first alone.
        assert one.flags >> 24 == (1 if one.target.endswith("-generic") else 0)


def test_symbols(one):
    expected = set(LIBRARY.expected[one.target, one.module])
    assert set(one.kernels) == expected, "kernels by the metadata (left), by the manifest (right)"
    # Nothing else either: a function that is no kernel is a call that was not inlined.
    assert one.symbols("STT_FUNC") == expected
    if isinstance(one, AmdObject):
        assert {s for s in one.symbols("STT_OBJECT") if s.endswith(".kd")} == {s + ".kd" for s in expected}


def test_argument(one):
    """One struct by value and nothing hidden, of the very size that the host passes."""
    expected = LIBRARY.expected[one.target, one.module]
    wrong((f"{k.symbol}: {k.argument_bytes} bytes, arguments {k.arguments}, the host passes {expected[k.symbol][0]}"
           for k in one.kernels.values()
           if k.argument_bytes != expected[k.symbol][0] or k.arguments != (("by_value", 0, expected[k.symbol][0]),)),
          f"kernels of {one} take other arguments")


def test_workgroup(one):
    expected = LIBRARY.expected[one.target, one.module]
    wave = 64 if one.target.startswith("gfx9") else 32
    wrong((f"{k.symbol}: {k.threads} threads in waves of {k.wave}; the host launches {expected[k.symbol][1]} in waves of {wave}"
           for k in one.kernels.values() if (k.threads, k.wave) != (expected[k.symbol][1], wave)),
          f"kernels of {one} are compiled for another workgroup")


# gfx9-generic has half of gfx90a's registers and no AGPRs: of blocks of 512 and 1024 threads eight kernels have no room for all.
SCRATCH = {"gfx9-generic": 260}


def test_scratch_is_0():
    wrong((f"{k.symbol} for {k.target}: scratch {k.scratch} bytes, {k.vgpr_spills} VGPR spills, dynamic stack {k.dynamic_stack}"
           for _, k in KERNELS if k.scratch > SCRATCH.get(k.target, 0) or k.vgpr_spills and k.target not in SCRATCH or k.dynamic_stack),
          "kernels use scratch")


def test_kernels_wait_for_the_one_before():
    """They are launched before it has ended (src/runtime/cuda.cpp)."""
    wrong((f"{k.symbol} for {k.target}" for o, k in KERNELS if o.target.startswith("sm_90") and not o.waits(k.symbol)),
          "kernels lack await_previous_kernel()")


def test_lds():
    wrong((f"{k.symbol} for {k.target}: {k.lds} bytes" for o, k in KERNELS
           if k.lds > (NVIDIA_STATIC_SHARED if isinstance(o, NvidiaObject) else AMD_LDS)), "kernels do not load: too much LDS")


def test_a_workgroup_fits():
    wrong((k.line for _, k in KERNELS if k.occupancy is not None and k.occupancy <= 0), "kernels whose workgroup fits no unit")


def test_targets_differ():
    """A build that packs one target's code under another's name would run wrong code, or none."""
    by_module = {}
    for o in OBJECTS:
        by_module.setdefault(o.module, []).append(o)
    wrong((f"{a} and {b}" for group in by_module.values() for a, b in itertools.combinations(group, 2) if a.data == b.data),
          "pairs of targets have the same bytes")
    seen = {}
    for o in OBJECTS:
        seen.setdefault(o.data, []).append(o)
    wrong((group for group in seen.values() if len(group) > 1), "groups of code objects have the same bytes")


@pytest.mark.parametrize("target", LIBRARY.targets)
def test_record(target):
    write = f"HIPINFER_LIBRARY={LIBRARY.path} {sys.executable} tests/codeobj/objects.py --write"
    compiler, recorded = LIBRARY.compilers()[target], RECORDED_COMPILERS.get(target)
    if recorded is None:
        pytest.skip(f"{target} is not in {objects.RECORD.name}: checked against the limits only")
    if compiler != recorded:
        pytest.skip(f"{target} was built by {compiler}, the record by {recorded}: checked against the limits only")
    built, lines = set(LIBRARY.lines()[target]), set(RECORDED.get(target, ()))
    changes = sorted([line + "   <- recorded" for line in lines - built] + [line + "   <- built" for line in built - lines])
    if changes:
        pytest.fail(f"{objects.RECORD.name} does not describe this build for {target}\n" + "# " + " ".join(objects.COLUMNS) + "\n" +
                    "\n".join(changes) + f"\nIf that is meant: {write}", pytrace=False)


def test_record_is_as_written():
    """Sorted and whole, so that a change is a change of one line in review."""
    assert objects.RECORD.read_text() == objects.record_text(RECORDED_COMPILERS, RECORDED)
    assert set(RECORDED_COMPILERS) == set(RECORDED)


def test_record_shows_a_change(tmp_path):
    """The comparison sees one register more: it is not a test that cannot fail."""
    target = LIBRARY.targets[0]
    lines = LIBRARY.lines()
    fields = lines[target][0].split()
    fields[2] = str(int(fields[2]) + 1)
    changed = tmp_path / "resources.txt"
    changed.write_text(objects.record_text(LIBRARY.compilers(), {**lines, target: [" ".join(fields), *lines[target][1:]]}))
    compilers, read = objects.read_record(changed)
    assert compilers == LIBRARY.compilers()
    assert [t for t in LIBRARY.targets if read[t] != lines[t]] == [target]


# (target, vgpr, sgpr, lds) of kernels of 256 threads, and the occupancy that clang 22 printed for each.
FROM_CLANG = [
    (("gfx90a", 80, 79, 8704), 6), (("gfx90a", 82, 100, 0), 5), (("gfx90a", 71, 100, 20480), 3),
    (("gfx90a", 58, 100, 4112), 8), (("gfx942", 100, 106, 0), 4), (("gfx942", 77, 106, 20480), 3),
    (("gfx942", 59, 106, 4112), 7), (("gfx942", 50, 60, 16), 8), (("gfx950", 82, 81, 8704), 5),
    (("gfx950", 147, 106, 40960), 3), (("gfx11-generic", 56, 107, 0), 16), (("gfx11-generic", 95, 84, 20480), 10),
    (("gfx11-generic", 205, 84, 40960), 4), (("gfx12-generic", 74, 89, 20480), 12),
    (("gfx12-generic", 156, 90, 40960), 6)]


@pytest.mark.parametrize(("kernel", "waves"), FROM_CLANG)
def test_occupancy_is_the_compilers(kernel, waves):
    """As -Rpass-analysis=kernel-resource-usage has it, where it does not count a part of a workgroup."""
    target, vgpr, sgpr, lds = kernel
    assert objects.amd_occupancy(objects.Kernel(target, "", 256, vgpr, 0, sgpr, lds, 0, 8, (),
                                                64 if target.startswith("gfx9") else 32)) == waves


def test_library_size():
    if len(LIBRARY.targets) > 6:
        pytest.skip(f"the budgets are for six targets, this library has {len(LIBRARY.targets)}")
    family = tomllib.loads((objects.ROOT / "src/ops/attention/family.toml").read_text())
    attention = {op["name"] for op in family["ops"]}
    of_attention = {k["module"] for op in LIBRARY.manifest["ops"] if op["op"] in attention for k in op["kernels"]}
    sizes = {True: 0, False: 0}
    for o in OBJECTS:
        sizes[o.module in of_attention] += len(zlib.compress(o.data, 9))  # as pack.py does
    others = len([op for op in LIBRARY.manifest["ops"] if op["op"] not in attention])
    assert 0 < sizes[True] <= ATTENTION_BYTES, f"{LIBRARY.path.name}: {sizes[True]} bytes of attention"
    assert 0 < sizes[False] <= OPERATION_BYTES * others, f"{LIBRARY.path.name}: {sizes[False]} bytes of the other operations"


def test_the_command_prints_the_record():
    out = subprocess.run([sys.executable, objects.__file__], env={"HIPINFER_LIBRARY": str(LIBRARY.path)}, check=True,
                         capture_output=True, text=True).stdout
    assert out == objects.record_text(LIBRARY.compilers(), LIBRARY.lines())
