# SPDX-License-Identifier: Apache-2.0
"""The check `waits`. Each case is a kernel that waits as it must, and no longer. Then every wait is left out, and is made
weaker by one: that is reported with both instructions, the register, and what the counter must be. What counts where and
what finishes in order: AMD's ISA manuals, "S_WAITCNT"; LLVM's SIInsertWaitcnts.cpp."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import pytest
from machine import ALL, CDNA, GFX11, GFX12, GFX90A, GFX942, GFX950, RDNA
from reports import Bodies

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)


@dataclass(frozen=True)
class Case:
    """`text`: "{vm 1: v16, load, add}" is a wait until one is left. Without it, an instruction whose text has "add" is
    reported for v16, which one whose text has "load" writes."""
    name: str
    targets: tuple[str, ...]
    text: str
    waves: int = 1


LOAD, STORE, ADD = "global_load_dword v{}, v2, s[4:5]\n", "global_store_dword v2, v{}, s[4:5]\n", "v_add_f32 v39, v{0}, v{0}\n"
L16, L17, L18 = (LOAD.format(n) for n in (16, 17, 18))
A16, A17, A18 = (ADD.format(n) for n in (16, 17, 18))
DS16, DS17 = "ds_read_b32 v16, v1\n", "ds_read_b32 v17, v1 offset:4\n"
FILLED = "v_mov_b32 v3, 0\nds_write_b64 v1, v[20:21]\n"  # what the reads of LDS find
S8, S10 = "s_load_dword s8, s[4:5], 0x0\n", "s_load_dword s10, s[4:5], 0x4\n"
USE8, USE10 = "s_add_u32 s12, s8, 1\n", "s_add_u32 s12, s10, 1\n"
ADDRESS = "v_mov_b32 v4, s4\nv_mov_b32 v5, s5\n"
BUFFER = {True: "s_mov_b32 s8, s4\ns_mov_b32 s9, s5\ns_mov_b32 s10, 0x1000\ns_mov_b32 s11, 0x27000\n",
          False: "s_mov_b32 s8, s4\ns_mov_b32 s9, s5\ns_mov_b32 s10, 0x1000\ns_mov_b32 s11, 0x31016000\n"}

CASES = [
    # Vector memory.
    Case("load, read", ALL, L16 + "{vm 0: v16, load, add}" + A16),
    Case("load, overwritten", ALL, L16 + "{vm 0: v16, load, mov}v_mov_b32 v16, 0"),
    Case("load, stored", ALL, L16 + "{vm 0: v16, load, store}" + STORE.format(16)),
    Case("load, address", ALL, "global_load_dword v3, v2, s[4:5]\n{vm 0: v3, load_.*v3, load_.*v16}global_load_dword v16, v3, s[4:5]"),
    Case("loads in order", ALL, L16 + L17 + L18 + "{vm 2: v16, v16, add}" + A16 + "{vm 1: v17, v17, add}" + A17 + "{vm 0: v18, v18, add}" + A18),
    Case("four words", ALL, "global_load_dwordx4 v[16:19], v2, s[4:5]\n" + L18.replace("v18", "v20") + "{vm 1: v19, load.*x4|b128, add}" + ADD.format(19)),
    Case("a store counts with loads", CDNA, L16 + STORE.format(20) + "{vm 1: v16, load, add}" + A16),
    Case("a store counts apart", RDNA, L16 + STORE.format(20) + "{vm 0: v16, load, add}" + A16),
    Case("an atomic with an answer", ALL, "global_atomic_add v16, v2, v20, s[4:5] {ret}\n" + L17 + "{vm 1: v16, atomic, add_f32}" + A16),
    Case("an atomic without", CDNA, L16 + "global_atomic_add v2, v20, s[4:5]\n{vm 1: v16, load, add_f32}" + A16),
    Case("an atomic without, apart", RDNA, L16 + "global_atomic_add v2, v20, s[4:5]\n{vm 0: v16, load, add_f32}" + A16),
    Case("buffer", CDNA, BUFFER[True] + "buffer_load_dword v16, v2, s[8:11], 0 offen\n" + L17 + "{vm 1: v16, buffer, add}" + A16),
    Case("buffer", RDNA, BUFFER[False] + "buffer_load_dword v16, v2, s[8:11], {zero} offen\n" + L17 + "{vm 1: v16, buffer, add}" + A16),
    Case("two loads to one register", CDNA + GFX11, L16 + L16 + "{vm 0: v16, load, add}" + A16),
    Case("two loads to one register", GFX12, L16 + "{vm 0: v16, load, load}" + L16),
    Case("AGPR", CDNA, "global_load_dword a3, v2, s[4:5]\n{vm 0: a3, load, accvgpr}v_accvgpr_read_b32 v16, a3"),
    Case("a matrix instruction reads", GFX942 + GFX950, "global_load_dwordx2 v[18:19], v2, s[4:5]\n"
         "{vm 0: v18, load, mfma}v_mfma_f32_16x16x16_f16 a[0:3], v[16:17], v[18:19], a[0:3]"),
    Case("waits that no load is under", ALL, L16 + "{vm 0: v16, load, add}" + A16 + "{-}" + A16),

    # LDS.
    Case("LDS", ALL, FILLED + DS16 + "{ds 0: v16, ds_, add}" + A16),
    Case("LDS in order", ALL, FILLED + DS16 + DS17 + "{ds 1: v16, v16, add}" + A16 + "{ds 0: v17, v17, add}" + A17),
    Case("LDS, a write counts", ALL, FILLED + DS16 + "ds_write_b32 v1, v20 offset:8\n{ds 1: v16, v16, add}" + A16),
    Case("LDS, stored", ALL, FILLED + DS16 + "{ds 0: v16, ds_, store}" + STORE.format(16)),
    Case("LDS, an atomic", ALL, FILLED + "ds_add_rtn_u32 v16, v1, v20\n{ds 0: v16, ds_add, add_f32}" + A16),
    Case("a permutation", ALL, "ds_bpermute_b32 v16, v3, v20\n".replace("v3", "v1") + "{ds 0: v16, permute, add}" + A16),
    Case("LDS and vector memory apart", ALL, FILLED + DS16 + L17 + "{ds 0: v16, ds_, add}" + A16 + "{vm 0: v17, load, add}" + A17),

    # Scalar memory, in any order.
    Case("scalar", ALL, S8 + "{km 0: s8, load, s_add}" + USE8),
    Case("scalars in any order", ALL, S8 + S10 + "{km 0: s8, load.*s8, s_add}" + USE8 + USE10),
    Case("scalar, overwritten", ALL, S8 + "{km 0: s8, load, mov}s_mov_b32 s8, 0"),
    Case("scalar, loaded again", ALL, S8 + "{km 0: s8, load, load}" + S8),
    Case("VCC", ALL, "s_load_dwordx2 vcc, s[4:5], 0x0\n{km 0: vcc_lo, load, branch}s_cbranch_vccz next_{name}\nnext_{name}:"),
    Case("read by the VALU", ALL, S8 + "{km 0: s8, load, mov}v_mov_b32 v16, s8"),
    Case("LDS before a scalar load", CDNA + GFX11, FILLED + DS16 + S8 + "{ds 0: v16, ds_, add}" + A16 + USE8),
    Case("LDS around a scalar load", CDNA + GFX11, FILLED + DS16 + S8 + DS17 + "{ds 1: v16, ds_, add}" + A16 + "{ds 0: s8, load, s_add}" + USE8 + A17),
    Case("LDS and scalars apart", GFX12, FILLED + DS16 + S8 + "{ds 0: v16, ds_, add}" + A16 + "{km 0: s8, load, s_add}" + USE8),
    Case("the clock", CDNA, "s_memtime s[8:9]\n{km 0: s8, memtime, s_add}" + USE8),
    Case("a message with an answer", RDNA, "s_sendmsg_rtn_b64 s[8:9], sendmsg(MSG_RTN_GET_REALTIME)\n{km 0: s8, sendmsg, s_add}" + USE8),

    # Registers that M0 chooses: what stands in the text is none of them, and its neighbours are.
    Case("v_movrels", RDNA, L16 + "s_mov_b32 m0, 3\n{vm 0: v16, load, movrels}v_movrels_b32 v20, v13"),
    Case("v_movrels, another", RDNA, "global_load_dword v13, v2, s[4:5]\ns_mov_b32 m0, 3\nv_movrels_b32 v20, v13\n{vm 0: v13, load, add}" + ADD.format(13)),
    Case("v_movreld", RDNA, L16 + "s_mov_b32 m0, 3\n{vm 0: v16, load, movreld}v_movreld_b32 v13, v20"),
    Case("v_movreld, another", RDNA, "global_load_dword v13, v2, s[4:5]\ns_mov_b32 m0, 3\nv_movreld_b32 v13, v20\n{vm 0: v13, load, add}" + ADD.format(13)),
    Case("v_movreld of a scalar", RDNA, S8 + "s_mov_b32 m0, 3\n{km 0: s8, load, movreld}v_movreld_b32 v13, s8"),
    Case("v_movrelsd", RDNA, L16 + L17 + "s_mov_b32 m0, 3\n{vm 1: v16, v16, movrelsd}v_movrelsd_b32 v20, v13\n{vm 0: v17, v17, movrelsd}v_movrelsd_b32 v14, v19"),
    Case("v_movrelsd_2", RDNA, L16 + L17 + "s_mov_b32 m0, 0x10003\n{vm 1: v16, v16, movrelsd}v_movrelsd_2_b32 v20, v13\n{vm 0: v17, v17, movrelsd}v_movrelsd_2_b32 v16, v20"),
    Case("v_swaprel", RDNA, L16 + L17 + "s_mov_b32 m0, 0x10003\n{vm 1: v16, v16, swaprel}v_swaprel_b32 v20, v13\n{vm 0: v17, v17, swaprel}v_swaprel_b32 v16, v20"),
    Case("s_movrels", ALL, S8 + "s_mov_b32 m0, 1\ns_nop 0\n{km 0: s8, load, movrels}s_movrels_b32 s10, s7"),
    Case("s_movrels, two words", ALL, S8 + "s_mov_b32 m0, 2\ns_nop 0\n{km 0: s8, load, movrels}s_movrels_b64 s[10:11], s[6:7]"),
    Case("s_movreld", ALL, S8 + "s_mov_b32 m0, 1\ns_nop 0\n{km 0: s8, load, movreld}s_movreld_b32 s7, s10"),
    Case("indexed source", CDNA, L16 + "s_set_gpr_idx_on 3, gpr_idx(SRC0)\n{vm 0: v16, load, v_mov}v_mov_b32 v20, v13\ns_set_gpr_idx_off"),
    Case("indexed source, another", CDNA, "global_load_dword v17, v2, s[4:5]\ns_set_gpr_idx_on 3, gpr_idx(SRC0)\nv_mov_b32 v20, v17\ns_set_gpr_idx_off\n{vm 0: v17, load, add}" + A17),
    Case("indexed source, not that", CDNA, L16 + "s_set_gpr_idx_on 3, gpr_idx(SRC0)\n{vm 0: v16, load, v_sub}v_sub_f32 v20, v13, v16\ns_set_gpr_idx_off"),
    Case("indexed destination", CDNA, L16 + "s_set_gpr_idx_on 3, gpr_idx(DST)\n{vm 0: v16, load, v_mov}v_mov_b32 v13, v20\ns_set_gpr_idx_off"),
    Case("indexed destination, added to", CDNA, L16 + "s_set_gpr_idx_on 3, gpr_idx(DST)\n{vm 0: v16, load, v_fmac}v_fmac_f32 v13, v20, v20\ns_set_gpr_idx_off"),
    Case("indexed, a load's own", CDNA, L16 + "s_set_gpr_idx_on 3, gpr_idx(SRC0)\n{vm 0: v16, load, store}global_store_dword v2, v16, s[4:5]\ns_set_gpr_idx_off"),

    # Flat operations count in two.
    Case("flat", CDNA, ADDRESS + "flat_load_dword v16, v[4:5]\n{vm 0: v16, flat, add}{ds 0: v16, flat, add}" + A16),
    Case("flat, out of order", CDNA, ADDRESS + "flat_load_dword v16, v[4:5]\n" + L17 + "{vm 0: v16, flat, add}{ds 0: v16, flat, add}" + A16),
    Case("flat, in order", RDNA, ADDRESS + "flat_load_dword v16, v[4:5]\n" + L17 + "{vm 1: v16, flat, add}{ds 0: v16, flat, add}" + A16),

    # To LDS. M0 is where the wave's words go; v3 where the lane reads.
    Case("to LDS", GFX90A, "s_mov_b32 m0, 0\nv_lshlrev_b32 v3, 2, v0\nglobal_load_dword v2, s[4:5] lds\n"
         "{vm 0: the LDS word at offset 0, lds, ds_read}ds_read_b32 v16, v3\n{ds 0: v16, ds_, add}" + A16),
    Case("to LDS", GFX942 + GFX950, "s_mov_b32 m0, 0\nv_lshlrev_b32 v3, 2, v0\nglobal_load_lds_dword v2, s[4:5]\n" + L17 +
         "{vm 1: the LDS word at offset 0, lds, ds_read}ds_read_b32 v16, v3\n{ds 0: v16, ds_, add}" + A16),
    Case("to LDS, written over", CDNA, BUFFER[True] + "s_mov_b32 m0, 0x100\nv_lshlrev_b32 v3, 2, v0\n"
         "buffer_load_dword v2, s[8:11], 0 offen lds\n{vm 0: the LDS word at offset 256, lds, ds_write}ds_write_b32 v3, v20 offset:256"),
    # Each wave fetches 256 bytes and reads the other's.
    Case("to LDS, for another wave", CDNA, BUFFER[True] + "v_readfirstlane_b32 s12, v0\ns_lshl_b32 s12, s12, 2\ns_mov_b32 m0, s12\n"
         "v_lshlrev_b32 v3, 2, v0\nv_xor_b32 v3, 0x100, v3\nbuffer_load_dword v2, s[8:11], 0 offen lds\n"
         "{vm 0: the LDS word at offset .*, lds, ds_read}s_barrier\nds_read_b32 v16, v3", 2),
]

COUNTERS = {"vm": ("vmcnt", "vmcnt", "loadcnt"), "ds": ("lgkmcnt", "lgkmcnt", "dscnt"), "km": ("lgkmcnt", "lgkmcnt", "kmcnt")}
GENERATION = dict.fromkeys(CDNA, 0) | {"gfx1100": 1, "gfx1201": 2}
MARK = re.compile(r"\{(vm|ds|km) (\d): ([^{}]*), ([^{},]*), ([^{},]*)\}")


def wait_text(target: str, counter: str, left: int) -> str:
    name = COUNTERS[counter][GENERATION[target]]
    return f"s_wait_{name} {left}\n" if target.startswith("gfx12") else f"s_waitcnt {name}({left})\n"


def render(case: Case, target: str, name: str, change=lambda n, left: left) -> str:
    """`change`: gives of the n-th wait how many it leaves, or None to leave it out."""
    count = iter(range(99))

    def wait(mark):
        left = change(next(count), int(mark[2]))
        return "" if left is None else wait_text(target, mark[1], left)

    text = MARK.sub(wait, case.text).replace("{-}", "").replace("{name}", name)
    ret = "th:TH_ATOMIC_RETURN" if target.startswith("gfx12") else "sc0" if target in ("gfx942", "gfx950") else "glc"
    return text.replace("{ret}", ret).replace("{zero}", "null" if target.startswith("gfx12") else "0")


def variants(case: Case, target: str):
    """(what is wrong, the number of the wait, the change)"""
    yield "right", None, lambda n, left: left
    for wrong in range(len(MARK.findall(case.text))):
        yield f"without_{wrong}", wrong, lambda n, left, wrong=wrong: None if n == wrong else left
        yield f"weaker_{wrong}", wrong, lambda n, left, wrong=wrong: left + (n == wrong)


def bodies(waves: int) -> dict[str, Bodies]:
    made = {}
    for target in ALL:
        texts = {}
        for number, case in enumerate(CASES):
            if target in case.targets and case.waves == waves:
                texts |= {f"k{number}_{what}": render(case, target, f"k{number}_{what}", change) for what, _, change in variants(case, target)}
        made[target] = Bodies(target, texts, waves)
    return made


BODIES = {waves: bodies(waves) for waves in {case.waves for case in CASES}}
PAIRS = [(number, target) for number, case in enumerate(CASES) for target in case.targets]


@pytest.mark.parametrize(("number", "target"), PAIRS, ids=[f"{target}-{CASES[n].name}" for n, target in PAIRS])
def test_waits(number, target):
    case = CASES[number]
    marks = MARK.findall(case.text)
    for what, wrong, _ in variants(case, target):
        report = BODIES[case.waves][target].run(f"k{number}_{what}")
        if wrong is None:
            assert report is None, report
            continue
        counter, left, register, earlier, later = marks[wrong]
        assert report and report.kind == "missing wait", f"{what} of {case.name}: {report}"
        assert re.search(later, report.at) and re.search(earlier, report.after), f"{what}: {report}"
        name = COUNTERS[counter][GENERATION[target]]
        bound = f"{name} must be {f'at most {left}' if left != '0' else left} here and may be [1-9]"
        if case.waves > 1:
            bound = rf"wave \d came to the barrier without waiting for {name}"
        assert re.fullmatch(rf"\w+ (reads|writes) {register}, which \"{re.escape(report.after)}\" may not have written yet: (.*, )?{bound}.*",
                            report.says), f"{what}: {report}"


# The other forms of waits. "{N}" is what must be 0 there, and is reported when it is 1.
FORMS = [
    (CDNA + GFX11, L16 + DS16.replace("v16", "v17"), "s_waitcnt vmcnt({N}) lgkmcnt(0)", "v16"),
    (CDNA + GFX11, L16 + DS16.replace("v16", "v17"), "s_waitcnt vmcnt(0) lgkmcnt({N})", "v17"),
    (GFX11, L16, "s_waitcnt_vmcnt null, {N}", "v16"),
    (GFX11, DS16.replace("v16", "v17"), "s_waitcnt_lgkmcnt null, {N}", "v17"),
    (GFX12, L16 + DS16.replace("v16", "v17"), "s_wait_loadcnt_dscnt {N} << 8", "v16"),
    (GFX12, L16 + DS16.replace("v16", "v17"), "s_wait_loadcnt_dscnt {N}", "v17"),
    (GFX12, DS16.replace("v16", "v17"), "s_wait_storecnt_dscnt {N}", "v17"),
]


@pytest.mark.parametrize("target", ALL)
def test_forms(target):
    forms = [(before, wait, register) for targets, before, wait, register in FORMS if target in targets]
    texts = {}
    for number, (before, wait, _) in enumerate(forms):
        use = (A16 if "v16" in before else "") + (A17 if "v17" in before else "")
        for left in (0, 1):
            texts[f"f{number}_{left}"] = FILLED + before + wait.replace("{N}", str(left)) + "\n" + use
    if target == "gfx1201":
        texts["idle"] = FILLED + L16 + DS17 + "s_wait_idle\n" + A16 + A17
    made = Bodies(target, texts)
    for number, (_, wait, register) in enumerate(forms):
        assert made.run(f"f{number}_0") is None, wait
        report = made.run(f"f{number}_1")
        assert report and report.kind == "missing wait" and f"reads {register}," in report.says, f"{wait}: {report}"
    if "idle" in texts:
        assert made.run("idle") is None
