#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The code objects inside libhipinfer, read through its own ABI: kernels, argument sizes, registers, LDS, occupancy.

  objects.py            print what the library of HIPINFER_LIBRARY (else of build/) holds, in the form of resources.txt
  objects.py --write    write that to resources.txt, the record that test_code_objects.py holds a build against

Needs pyelftools and msgpack.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import re
import struct
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgpack
from elftools.elf.elffile import ELFFile

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_name("resources.txt")
COLUMNS = ("symbol", "target", "vgpr", "agpr", "sgpr", "lds", "scratch", "occupancy")


@dataclass(frozen=True)
class Kernel:
    """One kernel as its code object describes it. Registers are per lane (sgpr: per wave), lds and scratch in bytes."""
    target: str
    symbol: str
    threads: int
    vgpr: int
    agpr: int
    sgpr: int
    lds: int
    scratch: int
    argument_bytes: int
    arguments: tuple  # (kind, offset, bytes) of each
    wave: int
    vgpr_spills: int = 0
    dynamic_stack: bool = False

    @property
    def occupancy(self) -> float | None:
        return (nvidia_occupancy if self.target.startswith("sm_") else amd_occupancy)(self)

    @property
    def line(self) -> str:
        waves = "-" if self.occupancy is None else f"{self.occupancy:g}"
        return f"{self.symbol} {self.target} {self.vgpr} {self.agpr} {self.sgpr} {self.lds} {self.scratch} {waves}"


# Targets, registers a lane of one SIMD, their granule, most waves of a SIMD, LDS of a compute unit (gfx10 and later:
# of a workgroup processor, as the compiler builds for WGP mode) and its granule, barriers. Four SIMDs each.
# From LLVM's AMDGPUBaseInfo.cpp: getTotalNumVGPRs, getVGPRAllocGranule, getMaxWavesPerEU, getMaxWorkGroupsPerCU, and
# AMDGPUSubtarget.cpp: getLocalMemorySize. A generic target counts as the smallest it covers: gfx1100 has half as many
# registers again as gfx11-generic may count on. On gfx90a and later gfx9 the 512 registers are VGPRs and AGPRs together.
AMD = [
    (r"gfx90[0-9c]|gfx9-generic", 256, 4, 10, 64 << 10, 512, 16),
    (r"gfx90a|gfx942|gfx9-4-generic", 512, 8, 8, 64 << 10, 512, 16),
    (r"gfx950", 512, 8, 8, 160 << 10, 1280, 16),
    (r"gfx103.|gfx10-3-generic", 1024, 16, 16, 128 << 10, 512, 32),
    (r"gfx110[23]|gfx115[023]|gfx11-generic", 1024, 16, 16, 128 << 10, 512, 32),
    (r"gfx11..|gfx120.|gfx12-generic", 1536, 24, 16, 128 << 10, 512, 32),
]


def up(value: int, granule: int) -> int:
    return -(-value // granule) * granule


def amd_occupancy(k: Kernel) -> float | None:
    """Waves a SIMD holds: whole workgroups, as many as registers, LDS and barriers let onto the four SIMDs of a CU.

        waves by registers = min(most waves, registers of a SIMD / vgpr rounded up to the granule);
            on gfx9 at most 9, 8, 7 with more than 80, 88, 100 sgpr (GCNSubtarget::getOccupancyWithNumSGPRs)
        workgroups = min(4 * waves by registers / waves of one, LDS / lds rounded up to the granule, barriers)
        occupancy = workgroups * waves of one / 4

    The metadata's vgpr_count has the AGPRs in it already where they share one file.
    """
    for pattern, registers, granule, most, lds, lds_granule, barriers in AMD:  # noqa: B007 used behind the loop
        if re.fullmatch(pattern, k.target):
            break
    else:
        return None
    waves = -(-k.threads // k.wave)
    by_registers = min(most, registers // up(max(k.vgpr, 1), granule))
    if k.target.startswith("gfx9"):
        by_registers = min(by_registers, 10 - (k.sgpr > 80) - (k.sgpr > 88) - (k.sgpr > 100))
    groups = 4 * by_registers // waves
    if k.lds:
        groups = min(groups, lds // up(k.lds, lds_granule))
    if waves > 1:  # a workgroup of one wave needs no barrier
        groups = min(groups, barriers)
    return groups * waves / 4


# Shared memory and warps of a multiprocessor: CUDA C++ Programming Guide, "Technical Specifications per Compute
# Capability". Each of the four partitions has 16,384 registers, given to warps by 256; a block takes 1 KiB of shared
# memory for the system ("Shared Memory" of the Hopper tuning guide).
NVIDIA = {"sm_80": (164 << 10, 64), "sm_90": (228 << 10, 64), "sm_100": (228 << 10, 64)}


def nvidia_occupancy(k: Kernel) -> float | None:
    """Warps a multiprocessor's partition holds, as amd_occupancy: whole blocks by registers, shared memory and slots."""
    if k.target not in NVIDIA:
        return None
    shared, slots = NVIDIA[k.target]
    warps = -(-k.threads // 32)
    by_registers = 4 * min(slots // 4, 16384 // up(k.vgpr * 32, 256))
    return min(by_registers // warps, shared // up(k.lds + 1024, 128), 32) * warps / 4


class CodeObject:
    """What is in one ELF file."""

    def __init__(self, target: str, module: str, data: bytes):
        self.target, self.module, self.data = target, module, data
        self.elf = ELFFile(io.BytesIO(data))
        self.flags, self.machine = self.elf["e_flags"], self.elf["e_machine"]

    def __repr__(self) -> str:
        return f"{self.module} for {self.target}"

    def notes(self, section: str) -> list:
        return list(self.elf.get_section_by_name(section).iter_notes())

    def symbols(self, kind: str) -> set[str]:
        """Global symbols of a type: STT_FUNC are the kernels, STT_OBJECT has AMD's kernel descriptors."""
        return {s.name for s in self.elf.get_section_by_name(".symtab").iter_symbols()
                if s["st_info"]["bind"] == "STB_GLOBAL" and s["st_info"]["type"] == kind}


class AmdObject(CodeObject):
    """An .hsaco: LLVM's AMDGPU usage guide, "Code Object Metadata" (V5 and later are of one form)."""

    NT_AMDGPU_METADATA = 32

    @cached_property
    def metadata(self) -> dict:
        note, = (n for n in self.notes(".note") if n["n_name"] == "AMDGPU" and n["n_type"] == self.NT_AMDGPU_METADATA)
        return msgpack.unpackb(note["n_desc"])

    @cached_property
    def compiler(self) -> str:
        texts = self.elf.get_section_by_name(".comment").data().decode().split("\0")
        return " + ".join(sorted({t for t in texts if "clang version" in t}))

    @cached_property
    def kernels(self) -> dict[str, Kernel]:
        out = {}
        for k in self.metadata["amdhsa.kernels"]:
            assert k[".symbol"] == k[".name"] + ".kd", k
            out[k[".name"]] = Kernel(
                self.target, k[".name"], k[".max_flat_workgroup_size"], k[".vgpr_count"], k.get(".agpr_count", 0),
                k[".sgpr_count"], k[".group_segment_fixed_size"], k[".private_segment_fixed_size"],
                k[".kernarg_segment_size"],
                tuple((a[".value_kind"], a[".offset"], a[".size"]) for a in k[".args"]), k[".wavefront_size"],
                k[".vgpr_spill_count"], k[".uses_dynamic_stack"])
        return out


class NvidiaObject(CodeObject):
    """A cubin. NVIDIA documents none of it; the numbers below agree with what ptxas -v prints of these kernels for
    sm_80, sm_90 and sm_100."""

    # Attributes of .nv.info, by the names that NVIDIA's own tools print (EIATTR_...).
    MAX_THREADS, FRAME_SIZE, KPARAM_INFO, CBANK_PARAM_SIZE, REGCOUNT = 0x05, 0x11, 0x17, 0x19, 0x2F

    @staticmethod
    def attributes(data: bytes) -> list[tuple]:
        """(attribute, value) pairs: a format byte, an attribute byte, and 16 bits: a value, or (format 4) a length."""
        out, at = [], 0
        while at < len(data):
            form, attribute, value = struct.unpack_from("<BBH", data, at)
            at += 4
            if form == 4:
                out.append((attribute, data[at:at + value]))
                at += value
            else:
                assert form in (1, 2, 3), f"format {form} of attribute {attribute:#x} is unknown"
                out.append((attribute, value))
        return out

    @cached_property
    def compiler(self) -> str:
        note, = self.notes(".note.nv.tkinfo")
        return re.search(rb"Cuda compilation tools, release [^\0]*", note["n_desc"]).group().decode()

    @cached_property
    def kernels(self) -> dict[str, Kernel]:
        table = self.elf.get_section_by_name(".symtab")
        of_symbol = {}
        for attribute, value in self.attributes(self.elf.get_section_by_name(".nv.info").data()):
            if attribute in (self.FRAME_SIZE, self.REGCOUNT):
                index, number = struct.unpack("<II", value)
                of_symbol[table.get_symbol(index).name, attribute] = number
        return {s.name[len(".nv.info."):]: self.kernel(s, of_symbol) for s in self.elf.iter_sections()
                if s.name.startswith(".nv.info.")}

    ACQBULK = 0x782E  # griddepcontrol.wait; the low 16 bits of an instruction of sm_90, with the predicate "always"

    def waits(self, kernel: str) -> bool:
        """Whether it waits for the end of the kernel before it."""
        code = self.elf.get_section_by_name(".text." + kernel).data()
        return any(struct.unpack_from("<H", code, at)[0] == self.ACQBULK for at in range(0, len(code), 16))

    def kernel(self, section, of_symbol: dict) -> Kernel:
        name = section.name[len(".nv.info."):]
        own = self.attributes(section.data())
        one = dict(own)
        arguments = []
        for attribute, value in own:
            if attribute == self.KPARAM_INFO:  # index, ordinal, offset; then the size above 18 bits of other things
                _, _, offset, packed = struct.unpack("<IHHI", value)
                arguments.append(("by_value", offset, packed >> 18))
        x, y, z = struct.unpack("<III", one[self.MAX_THREADS])
        shared = self.elf.get_section_by_name(".nv.shared." + name)
        system = 1024 if int("".join(filter(str.isdigit, self.target))) >= 90 else 0  # see nvidia_occupancy
        return Kernel(self.target, name, x * y * z, of_symbol[name, self.REGCOUNT], 0, 0,
                      shared.data_size - system if shared else 0, of_symbol[name, self.FRAME_SIZE],
                      one[self.CBANK_PARAM_SIZE], tuple(arguments), 32)


class Library:
    """libhipinfer, through ctypes."""

    def __init__(self, path: str | os.PathLike | None = None):
        self.path = Path(path or os.environ.get("HIPINFER_LIBRARY") or ROOT / "build/src/libhipinfer.so").resolve()
        self.c = ctypes.CDLL(str(self.path))
        for name in ("hipinfer_target_name", "hipinfer_manifest", "hipinfer_last_error"):
            getattr(self.c, name).restype = ctypes.c_char_p
        self.targets = [self.c.hipinfer_target_name(i).decode() for i in range(self.c.hipinfer_target_count())]
        self.manifest = json.loads(self.c.hipinfer_manifest())
        self.expected: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
        """(target, module) to symbol to (bytes of the argument, threads), as the manifest has it."""
        for target in self.targets:
            for op in self.manifest["ops"]:
                for row in op["kernels"]:
                    # A target of a row is the beginning of a name: "sm_9" stands for sm_90 and sm_90a.
                    if row["targets"] != "*" and not any(target.startswith(t) for t in row["targets"].split()):
                        continue
                    known = self.expected.setdefault((target, row["module"]), {})
                    for symbol in row["symbols"]:
                        assert known.get(symbol, (op["params_bytes"], row["threads"])) == (
                            op["params_bytes"], row["threads"]), f"two rows disagree on {symbol}"
                        known[symbol] = op["params_bytes"], row["threads"]

    def bytes_of(self, target: str, module: str) -> bytes | None:
        """The code object's bytes, or None when there is none."""
        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        status = self.c.hipinfer_code_object(target.encode(), module.encode(), ctypes.byref(data), ctypes.byref(size))
        return ctypes.string_at(data, size.value) if status == 0 else None

    @cached_property
    def objects(self) -> dict[tuple[str, str], CodeObject]:
        out = {}
        for target, module in self.expected:
            data = self.bytes_of(target, module)
            if data is not None:
                out[target, module] = (NvidiaObject if target.startswith("sm_") else AmdObject)(target, module, data)
        return out

    def compilers(self) -> dict[str, str]:
        """Target to the compiler that its code objects name."""
        out: dict[str, set[str]] = {t: set() for t in self.targets}
        for (target, _), o in self.objects.items():
            out[target].add(o.compiler)
        return {t: " + ".join(sorted(c)) for t, c in out.items()}

    def lines(self) -> dict[str, list[str]]:
        """Target to its sorted lines of the record."""
        out: dict[str, list[str]] = {t: [] for t in self.targets}
        for (target, _), o in self.objects.items():
            out[target] += [k.line for k in o.kernels.values()]
        return {t: sorted(lines) for t, lines in out.items()}


def read_record(path: Path = RECORD) -> tuple[dict[str, str], dict[str, list[str]]]:
    """(target to compiler, target to lines) as Library.compilers and Library.lines give them."""
    compilers, lines = {}, {}
    for text in path.read_text().splitlines() if path.exists() else []:
        if built := re.fullmatch(r"# ([\w-]+): (.+)", text):
            compilers[built[1]] = built[2]
        elif not text.startswith("#"):
            lines.setdefault(text.split()[1], []).append(text)
    return compilers, {t: sorted(group) for t, group in lines.items()}


def record_text(compilers: dict[str, str], lines: dict[str, list[str]]) -> str:
    header = ["# What each kernel takes, written by tests/codeobj/objects.py --write. Registers are per lane, LDS and scratch in",
              "# bytes a workgroup and a lane; occupancy is waves a SIMD (NVIDIA: warps a partition). Compilers:"]
    header += [f"# {target}: {compilers[target]}" for target in sorted(compilers)]
    return "\n".join([*header, "# " + " ".join(COLUMNS), *sorted(line for group in lines.values() for line in group)]) + "\n"


def main() -> None:
    library = Library()
    compilers, lines = library.compilers(), library.lines()
    if sys.argv[1:] == ["--write"]:
        # What this library does not hold stays as it is.
        recorded_compilers, recorded = read_record()
        RECORD.write_text(record_text({**recorded_compilers, **compilers}, {**recorded, **lines}))
        kept = sorted(set(recorded) - set(lines))
        print(f"{RECORD}: {', '.join(library.targets)} written" + (f"; {', '.join(kept)} kept" if kept else ""))
    elif len(sys.argv) == 1:
        print(record_text(compilers, lines), end="")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
