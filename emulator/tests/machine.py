# SPDX-License-Identifier: Apache-2.0
"""Instruction tests as tables. A row is an instruction, the types of its operands, and a formula in numpy:

    table.add(ALL, "v_add_u32 {d}, {a}, {b}", "d:u32", "a:u32 b:u32", lambda a, b: a + b)

Every row becomes a kernel that loads hostile values into the registers that the operands name, sets EXEC to a
pattern (another in each wave), runs the text, and stores the results. All rows of a table are one code object a target.

Operands: `name:type`, `name:s.type` for SGPRs, `name:a.type` for AGPRs. The names vcc, exec, m0 and scc are those
registers. The type `mask` is a bit for each lane. An operand that is in both lists is read and written; one that is
only written holds noise before, and lanes that are off must keep it. Formulas get arrays [wave, lane], of what is
scalar [wave, 1], and give one array or a tuple of them. {vcc} and {exec} stand for names that depend on the
size of the wave, {bits} for the b32 or b64 of SALU names on masks, {wait} for
waiting on everything, {ret} for what an atomic returns by, {zero} for a scalar offset of 0, {d0} and {d1} for the words of a wide operand d, {L} for a label,
{mem} for the address of the row's memory.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import Callable

import numpy as np
import pytest
from hip import Buffer, HipError, runtime
from toolchain import FURTHER, TARGETS, AssemblyError, assemble, wave_size
from values import Type, type_named

ALL = TARGETS
CDNA = TARGETS[:3]
RDNA = TARGETS[3:]
GFX90A, GFX942, GFX950, GFX11, GFX12 = ((t,) for t in TARGETS)
TOLD_OF_SCRATCH = ("gfx906", "gfx908", "gfx90a", "gfx1030")  # in SGPRs
# RDNA in wave64, for rows that ask for it.
WAVE64 = ("gfx1100-wave64", "gfx1201-wave64")

SEED = int(os.environ.get("HIPEMU_TEST_SEED", "0"))
VGPRS = 96  # and as many AGPRs
FIRST_VGPR, FIRST_SGPR = 2, 16  # those below are the frame's
SAMPLES = 512  # work-items of a row


def lanes_of(target: str) -> int:
    return 64 if target.endswith("-wave64") else wave_size(target)


def processor(target: str) -> str:
    return target.removesuffix("-wave64")


def attributes(target: str) -> tuple[str, ...]:
    """Of the assembler: RDNA's halves of registers may be named; wave64 where it is asked for."""
    on = ["+real-true16"] * target.startswith(("gfx11", "gfx12")) + ["+wavefrontsize64"] * target.endswith("-wave64")
    return ("-mattr=" + ",".join(on),) if on else ()


def words_in_wave(target: str) -> int:
    return lanes_of(target) // 32


@dataclass
class Operand:
    name: str
    kind: str  # "v", "s", "a"
    type: Type | None  # None: a mask
    fixed: str = ""  # vcc, exec, m0, scc

    def words(self, target: str) -> int:
        return words_in_wave(target) if self.type is None else self.type.words


def parse_operands(text: str, types: dict) -> list[Operand]:
    found = []
    for item in text.split():
        name, _, kind = item.partition(":")
        fixed = name if name in ("vcc", "exec", "m0", "scc") else ""
        kind = kind or ("mask" if name in ("vcc", "exec") else "u32")
        register, _, type_name = kind.rpartition(".")
        register = register or ("s" if fixed or type_name == "mask" else "v")
        found.append(Operand(name, register, None if type_name == "mask" else types.get(type_name) or type_named(type_name), fixed))
    return found


@dataclass
class Row:
    targets: tuple[str, ...]
    text: str
    outs: list[Operand]
    ins: list[Operand]
    formula: Callable
    ulp: float = 0
    mode: int = 0xF0  # MODE bits 0-7: round to nearest even, all denormals kept
    memory: Callable | None = None  # (rng, waves, lanes) -> array: what {mem} points at; the formula's first argument
    writes: bool = False  # the formula's last value is what memory holds afterwards
    lds: int = 0
    scratch: int = 0  # bytes a lane
    waves: int = 0  # 0: as many as SAMPLES needs
    group_waves: int = 1
    masked: bool = True  # lanes that are off keep what they held
    full: bool = False  # every lane is on
    without: tuple[str, ...] = ()  # further targets that it says nothing of
    name: str = ""
    symbol: str = ""
    needs: set = field(default_factory=set)

    def registers(self, target: str) -> dict[str, str]:
        """What the operands' names stand for."""
        names, following = {}, {"v": FIRST_VGPR, "s": FIRST_SGPR, "a": 0}
        for operand in self.ins + self.outs:
            if operand.name in names:
                continue
            count = operand.words(target)
            if operand.fixed:
                suffix = "_lo" if operand.fixed in ("vcc", "exec") and count == 1 else ""
                names[operand.name] = operand.fixed + suffix
                continue
            align = 4 if operand.kind == "s" and count > 2 else 2 if count > 1 else 1
            first = -(-following[operand.kind] // align) * align
            following[operand.kind] = first + count
            names[operand.name] = f"{operand.kind}{first}" if count == 1 else f"{operand.kind}[{first}:{first + count - 1}]"
        return names


def words_of_register(register: str) -> list[str]:
    """"v[4:5]" -> ["v4", "v5"]"""
    if match := re.fullmatch(r"([vsa])\[(\d+):(\d+)\]", register):
        return [f"{match[1]}{i}" for i in range(int(match[2]), int(match[3]) + 1)]
    if register in ("vcc", "exec"):
        return [register + "_lo", register + "_hi"]
    return [register]


def wait_text(target: str) -> str:
    if target.startswith("gfx12"):
        return "s_wait_loadcnt 0x0\ns_wait_storecnt 0x0\ns_wait_dscnt 0x0\ns_wait_kmcnt 0x0"
    if target.startswith(("gfx10", "gfx11")):
        return "s_waitcnt 0\ns_waitcnt_vscnt null, 0x0"
    return "s_waitcnt 0"


def scalar_inputs(row: Row, target: str) -> list[str]:
    registers = row.registers(target)
    words = [w for o in row.ins if o.kind == "s" and o.name != "exec" for w in words_of_register(registers[o.name])]
    # EXEC comes last but for SCC, which everything else may change.
    words.sort(key=lambda w: w == "scc")
    execs = ["exec_lo", "exec_hi"][: words_in_wave(target)]
    return [w for w in words if w != "scc"] + execs + [w for w in words if w == "scc"]


def vector_words(row: Row, target: str) -> list[str]:
    """Every vector register that a row's operands name: inputs first, then those that hold noise."""
    registers, words = row.registers(target), []
    for operand in row.ins + row.outs:
        if operand.kind in "va":
            words += [w for w in words_of_register(registers[operand.name]) if w not in words]
    return words


def kernel_text(row: Row, target: str) -> str:
    """The kernel. Frame: v0 is the byte offset of the work-item in a row of words, v1 a temporary; s[4:5] the input
    rows, s[6:7] the output, s[8:9] the memory, s[10:11] this wave's scalars, s12 bytes of a row, s13-s15 temporaries."""
    lanes, wait = lanes_of(target), wait_text(target)
    scalars = scalar_inputs(row, target)
    registers = row.registers(target)
    group = "ttmp9" if target.startswith("gfx12") else "s2"
    lines = []
    if row.scratch and target in TOLD_OF_SCRATCH:  # the group comes after that
        if target.startswith("gfx9"):
            lines += ["s_add_u32 flat_scratch_lo, s2, s5", "s_addc_u32 flat_scratch_hi, s3, 0"]
        else:
            lines += ["s_add_u32 s2, s2, s5", "s_addc_u32 s3, s3, 0", "s_setreg_b32 hwreg(HW_REG_FLAT_SCR_LO), s2",
                      "s_setreg_b32 hwreg(HW_REG_FLAT_SCR_HI), s3"]
        group = "s4"
    lines += [
        f"s_mov_b32 s3, {group}",
        "s_load_dwordx8 s[4:11], s[0:1], 0x0", "s_load_dword s12, s[0:1], 0x20", wait,
        "v_and_b32 v0, 0x3ff, v0",
    ]
    if row.group_waves > 1:  # the wave's number in its workgroup
        lines += [f"v_lshrrev_b32 v1, {lanes.bit_length() - 1}, v0", "v_readfirstlane_b32 s13, v1",
                  f"s_mul_i32 s14, s3, {row.group_waves}", "s_add_u32 s14, s14, s13"]
    else:
        lines += ["s_mov_b32 s14, s3"]
    lines += [
        f"s_mul_i32 s3, s3, {4 * lanes * row.group_waves}", "v_lshl_add_u32 v0, v0, 2, s3",
        f"s_mul_i32 s14, s14, {4 * len(scalars)}", "s_add_u32 s10, s10, s14", "s_addc_u32 s11, s11, 0",
    ]
    for word in vector_words(row, target):
        if word[0] == "v":
            lines += [f"global_load_dword {word}, v0, s[4:5]"]
        else:
            lines += ["global_load_dword v1, v0, s[4:5]", wait, f"v_accvgpr_write_b32 {word}, v1"]
        lines += ["s_add_u32 s4, s4, s12", "s_addc_u32 s5, s5, 0"]
    moves = []
    for i, word in enumerate(scalars):
        destination = {"exec_lo": "s13", "exec_hi": "s14", "scc": "s15", "m0": "s3"}.get(word, word)
        lines += [f"s_load_dword {destination}, s[10:11], {4 * i}"]
        moves += {"scc": ["s_cmp_lg_u32 s15, 0"]}.get(word, [f"s_mov_b32 {word}, {destination}"] if destination != word else [])
    lines += [wait, f"s_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 8), {row.mode}", *moves, "s_nop 4"]

    names = dict(registers, vcc="vcc" if lanes == 64 else "vcc_lo", exec="exec" if lanes == 64 else "exec_lo", mem="s[8:9]", wait=wait,
                 bits="b64" if lanes == 64 else "b32",
                 zero="0" if target.startswith("gfx9") else "null",
                 ret="th:TH_ATOMIC_RETURN" if target.startswith("gfx12") else "sc0" if target in ("gfx942", "gfx950") else "glc")
    for name, register in registers.items():  # the words of wide operands: {d0}, {d1}, ...
        names |= {f"{name}{i}": word for i, word in enumerate(words_of_register(register))}
    names["L"] = f"{row.symbol}_label"
    lines += re.sub(r"\{(\w+)\}", lambda m: names[m[1]], row.text).split("\n")

    lines += ["s_nop 4", wait]
    outs = [(w, o) for o in row.outs for w in words_of_register(registers[o.name])]
    if any(w == "scc" for w, _ in outs):
        lines += ["s_cselect_b32 s13, 1, 0"]
    lines += [f"s_mov_b32 {'s14' if w == 'exec_lo' else 's15'}, {w}" for w, _ in outs if w.startswith("exec_")]
    lines += ["s_mov_b64 exec, -1" if lanes == 64 else "s_mov_b32 exec_lo, -1", "s_nop 4"]
    for word, operand in outs:
        source = {"scc": "s13", "exec_lo": "s14", "exec_hi": "s15"}.get(word, word)
        if operand.kind != "v":
            lines += [f"v_accvgpr_read_b32 v1, {source}" if operand.kind == "a" else f"v_mov_b32 v1, {source}"]
        lines += [f"global_store_dword v0, {'v1' if operand.kind != 'v' else source}, s[6:7]", wait,
                  "s_add_u32 s6, s6, s12", "s_addc_u32 s7, s7, 0"]
    lines += ["s_endpgm"]
    return "\n".join(lines)


def descriptor_text(row: Row, target: str) -> str:
    lines = [f".amdhsa_kernel {row.symbol}", ".amdhsa_user_sgpr_kernarg_segment_ptr 1", ".amdhsa_kernarg_size 40",
             f".amdhsa_group_segment_fixed_size {row.lds}", ".amdhsa_next_free_sgpr 96",
             f".amdhsa_next_free_vgpr {2 * VGPRS if target.startswith('gfx9') else VGPRS}", ".amdhsa_ieee_mode 0" if not target.startswith("gfx12") else ""]
    if target in CDNA:
        lines += [f".amdhsa_accum_offset {VGPRS}"]
    elif not target.startswith("gfx9"):
        lines += [f".amdhsa_wavefront_size32 {int(lanes_of(target) == 32)}"]
    if row.scratch:
        lines += [f".amdhsa_private_segment_fixed_size {row.scratch}",
                  *([".amdhsa_user_sgpr_flat_scratch_init 1", ".amdhsa_system_sgpr_private_segment_wavefront_offset 1"]
                    if target in TOLD_OF_SCRATCH else [".amdhsa_enable_private_segment 1"])]
    return "\n".join([*lines, ".end_amdhsa_kernel"])


def metadata_text(rows: list[Row], target: str) -> str:
    kernels = "".join(f"""  - .name: {row.symbol}
    .symbol: {row.symbol}.kd
    .kernarg_segment_size: 40
    .kernarg_segment_align: 8
    .group_segment_fixed_size: {row.lds}
    .private_segment_fixed_size: {row.scratch}
    .wavefront_size: {lanes_of(target)}
    .sgpr_count: 96
    .vgpr_count: {VGPRS}
    .max_flat_workgroup_size: 1024
    .args:
""" + "".join(f"      - {{.size: 8, .offset: {8 * i}, .value_kind: global_buffer, .address_space: global}}\n" for i in range(4))
        + "      - {.size: 8, .offset: 32, .value_kind: by_value}\n" for row in rows)
    return f".amdgpu_metadata\n---\namdhsa.version: [1, 2]\namdhsa.kernels:\n{kernels}...\n.end_amdgpu_metadata\n"


def assemble_rows(rows: list[Row], target: str) -> tuple[bytes, dict[str, str]]:
    """The code object, and by symbol what the assembler says against the rows that are not in it."""
    refused: dict[str, str] = {}
    while True:
        lines, owner = ['.amdhsa_code_object_version 5', ".text"], {}
        for row in rows:
            if row.symbol in refused:
                continue
            text = (f".globl {row.symbol}\n.p2align 8\n.type {row.symbol},@function\n{row.symbol}:\n{kernel_text(row, target)}\n"
                    f".rodata\n.p2align 6\n{descriptor_text(row, target)}\n.text")
            for line in text.split("\n"):
                lines.append(line)
                owner[len(lines)] = row.symbol
        kept = [row for row in rows if row.symbol not in refused]
        try:
            options = attributes(target)
            return assemble(processor(target), "\n".join(lines) + "\n" + metadata_text(kept, target), options), refused
        except AssemblyError as error:
            new = {owner[line]: f"{message}: {lines[line - 1]}" for line, message in error.errors if line in owner}
            if not new:
                raise
            refused |= new


def exec_patterns(rng: np.random.Generator, waves: int, lanes: int) -> np.ndarray:
    """A row of lanes for each wave: all; random; none; the first; the last; every other; a half; random ..."""
    on = rng.random((waves, lanes)) < 0.6
    on[0] = True
    some = np.arange(lanes)
    for i, pattern in enumerate((some < 0, some == 0, some == lanes - 1, some % 2 == 1, some >= lanes // 2), 2):
        if i < waves:
            on[i] = pattern
    return on


def mask_words(mask: np.ndarray) -> np.ndarray:
    """[wave, lane] of bool -> [wave, words]"""
    waves, lanes = mask.shape
    return np.packbits(mask.reshape(waves, lanes // 32, 32), axis=-1, bitorder="little").reshape(waves, lanes // 32, 4).view(np.uint32)[..., 0]


def mask_lanes(words: np.ndarray) -> np.ndarray:
    waves, count = words.shape
    return np.unpackbits(np.ascontiguousarray(words).view(np.uint8).reshape(waves, 4 * count), axis=-1, bitorder="little").astype(bool)


class Table:
    def __init__(self):
        self.rows: list[Row] = []
        self._images: dict[str, tuple[bytes, dict[str, str]]] = {}

    def add(self, targets, text: str, outs: str, ins: str, formula, **options) -> None:
        """`types` among the options: further types by name. The rest are a Row's fields."""
        types = options.pop("types", {})
        targets = (targets,) if isinstance(targets, str) else tuple(targets)
        row = Row(targets, text, parse_operands(outs, types), parse_operands(ins, types), formula, **options)
        row.symbol = f"row{len(self.rows)}"
        row.name = row.name or re.sub(r"\s+", " ", re.sub(r"\{(\w+)\}", r"\1", text)).strip()
        self.rows.append(row)

    def test(self):
        """The decorator of a test with the arguments `row` and `target`; it calls run(row, target)."""
        pairs = [(row, target) for row in self.rows for target in row.targets]
        pairs += [(row, target) for target in FURTHER for row in self.rows if self.is_for(row, target)]
        return pytest.mark.parametrize(("row", "target"), pairs, ids=[f"{target}-{row.name}" for row, target in pairs])

    @staticmethod
    def is_for(row: Row, target: str) -> bool:
        return any(like in row.targets for like in (target, *FURTHER.get(target, ()))) and target not in row.without

    def image(self, target: str):
        if target not in self._images:
            self._images[target] = assemble_rows([r for r in self.rows if self.is_for(r, target)], target)
        return self._images[target]

    def function(self, row: Row, target: str):
        image, refused = self.image(target)
        if row.symbol in refused:
            pytest.fail(f"does not assemble for {target}: {refused[row.symbol]}")
        hip = runtime()
        loaded = hip.modules.setdefault(hip.use(processor(target)), {})
        if (self, target) not in loaded:
            loaded[self, target] = hip.load(image)
        return hip.function(loaded[self, target], row.symbol)

    def run(self, row: Row, target: str) -> None:
        if target in FURTHER and row.symbol in self.image(target)[1]:
            pytest.skip(f"{target} does not have it: {self.image(target)[1][row.symbol]}")
        if os.environ.get("HIPEMU_ASSEMBLE_ONLY"):
            _, refused = self.image(target)
            assert row.symbol not in refused, refused[row.symbol]
            return
        run(row, target, self.function(row, target))


def make_inputs(row: Row, target: str, rng, waves: int, lanes: int):
    """Words of every operand [wave, lane or 1, word], and EXEC."""
    on = np.ones((waves, lanes), bool) if row.full else exec_patterns(rng, waves, lanes)
    words = {}
    for operand in row.ins + [o for o in row.outs if o.kind in "va"]:
        if operand.name in words or operand.name == "exec":
            continue
        if operand.type is None:
            words[operand.name] = mask_words(rng.random((waves, lanes)) < 0.5)[:, None, :]
        elif operand.name == "scc":
            words["scc"] = rng.integers(0, 2, (waves, 1, 1), dtype=np.uint32)
        else:
            words[operand.name] = operand.type.words_of(rng, (waves, 1 if operand.kind == "s" else lanes))
    return words, on


def decoded(operand: Operand, words: np.ndarray) -> np.ndarray:
    if operand.type is None:
        return mask_lanes(words[:, 0, :])
    return operand.type.decode(words)


def run(row: Row, target: str, function) -> None:
    lanes = lanes_of(target)
    waves = row.waves or max(SAMPLES // lanes, 8) * row.group_waves
    rng = np.random.default_rng([SEED, zlib.crc32(row.text.encode()), lanes])
    words, on = make_inputs(row, target, rng, waves, lanes)
    registers = row.registers(target)
    hip = runtime()

    memory = None if row.memory is None else np.ascontiguousarray(row.memory(rng, waves, lanes))
    memory_buffer = Buffer(hip, np.zeros(4, np.uint8) if memory is None else memory)
    for operand in row.ins:  # addresses: what the table knows is the offset in memory
        if getattr(operand.type, "relative", False):
            address = (operand.type.decode(words[operand.name]).astype(np.uint64) + np.uint64(memory_buffer.address))
            words[operand.name + "@"] = operand.type.encode(address)
    loaded = {name: words.get(name + "@", w) for name, w in words.items()}

    by_word = {}  # register word -> [wave, lane or 1]
    for operand in row.ins + row.outs:
        if operand.name in loaded:
            for i, word in enumerate(words_of_register(registers[operand.name])):
                by_word[word] = loaded[operand.name][..., i]
    for i, word in enumerate(["exec_lo", "exec_hi"][: lanes // 32]):
        by_word[word] = mask_words(on)[:, i: i + 1]
    vectors = [np.broadcast_to(by_word[w], (waves, lanes)) for w in vector_words(row, target)]
    scalars = np.concatenate([by_word[w] for w in scalar_inputs(row, target)], axis=1)

    out_words = [(o, len(words_of_register(registers[o.name]))) for o in row.outs]
    row_bytes = 4 * waves * lanes
    buffers = [Buffer(hip, np.array(vectors, np.uint32).reshape(-1)), Buffer(hip, max(4, row_bytes * sum(n for _, n in out_words))), memory_buffer,
               Buffer(hip, scalars.astype(np.uint32).reshape(-1))]
    try:
        hip.launch(function, waves // row.group_waves, lanes * row.group_waves,
                   struct.pack("<5Q", *(b.address for b in buffers), row_bytes))
        hip.synchronize()
        got_words = buffers[1].read(np.uint32)
        got_memory = memory_buffer.read(memory.dtype, memory.shape) if row.writes else None
    except HipError as error:
        pytest.fail(f"{row.name} on {target}: {error}", pytrace=False)
    finally:
        for buffer in buffers:
            buffer.free()

    arguments = [on if o.name == "exec" else decoded(o, words[o.name]) for o in row.ins]
    if memory is not None:
        arguments.insert(0, memory.copy())
    with np.errstate(all="ignore"):
        expected = row.formula(*arguments)
    expected = list(expected) if isinstance(expected, tuple) else [expected]
    if row.writes:
        compare_memory(row, target, expected.pop(), got_memory)
    position = 0
    for (operand, count), value in zip(out_words, expected):
        raw = got_words[position: position + count * waves * lanes].reshape(count, waves, lanes).transpose(1, 2, 0)
        position += count * waves * lanes
        before = decoded(operand, words[operand.name]) if operand.name in words else None
        compare(row, target, operand, value, raw, before, on, dict(zip((o.name for o in row.ins), arguments[memory is not None:])))


def compare(row: Row, target: str, operand: Operand, value, raw, before, on, arguments) -> None:
    value = np.asarray(value)
    if operand.type is None:
        got = mask_lanes(raw[:, 0, :])
        expected = np.broadcast_to(value, got.shape) & (on if row.masked else True)
        alike = expected == got
    elif operand.kind == "s":
        got = operand.type.decode(raw[:, :1, :])
        expected = np.broadcast_to(value, got.shape).astype(got.dtype)
        alike = operand.type.same(expected, got, row.ulp)
    else:
        got = operand.type.decode(raw)
        keep = ~on if row.masked else np.zeros_like(on)
        if operand.type.lanes > 1:
            keep = keep[..., None]
        expected = np.broadcast_to(value, got.shape)
        if not row.ulp:
            expected = expected.astype(got.dtype)
        alike = np.where(keep, operand.type.same(np.asarray(before, got.dtype), got), operand.type.same(expected, got, row.ulp))
        expected = np.where(keep, before, expected)
    if alike.all():
        return
    report = []
    for where in list(zip(*np.nonzero(~alike)))[:6]:
        inputs = ", ".join(f"{n}={show(np.broadcast_to(a, expected.shape)[where] if a.ndim == expected.ndim else a[where[:a.ndim]])}"
                           for n, a in arguments.items() if a.ndim <= expected.ndim or len(where) < a.ndim)
        report.append(f"  wave {where[0]} lane {where[1]}{list(where[2:]) or ''}: {operand.name} = {show(got[where])}, expected {show(expected[where])}"
                      f"{'' if on[where[0], min(where[1], on.shape[1] - 1)] else ' (lane off)'} of {inputs}")
    pytest.fail(f"{row.name} on {target}: {np.count_nonzero(~alike)} of {alike.size} differ\n" + "\n".join(report), pytrace=False)


def compare_memory(row: Row, target: str, expected: np.ndarray, got: np.ndarray) -> None:
    expected = np.asarray(expected, got.dtype)
    differ = np.flatnonzero(expected.reshape(-1) != got.reshape(-1))
    if len(differ):
        where = "\n".join(f"  [{i}] = {show(got.flat[i])}, expected {show(expected.flat[i])}" for i in differ[:8])
        pytest.fail(f"{row.name} on {target}: {len(differ)} elements of memory differ\n{where}", pytrace=False)


def show(value) -> str:
    value = np.asarray(value)
    if value.ndim:
        return "[" + " ".join(show(v) for v in value[:16]) + "]"
    if value.dtype.kind == "f":
        return f"{value.item()!r} (0x{int(value.view(f'u{value.itemsize}')):x})"
    if value.dtype.kind == "b":
        return str(int(value))
    return f"0x{int(value) & (1 << 8 * value.itemsize) - 1:x}"
