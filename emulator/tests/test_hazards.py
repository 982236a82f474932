# SPDX-License-Identifier: Apache-2.0
"""The check `hazards`: two instructions with exactly as many wait states between them as they need are right; with one
fewer they are reported, both of them. The numbers are LLVM's (GCNHazardRecognizer.cpp, by the name that a row has), which
has them from AMD's ISA manuals: "Manually inserted wait states" and "Required independent instructions"."""

from __future__ import annotations

import os
import re

import pytest
from machine import ALL, CDNA, GFX11, GFX12, GFX90A, GFX942, GFX950, RDNA
from reports import Bodies

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

GFX940 = GFX942 + GFX950
BEFORE = "v_mov_b32 v3, s4\nv_mov_b32 v4, 0\ns_nop 4\n"  # v3 holds a part of an address, v4 zero
LOAD, MOVE, ADD = "global_load_dword v16, v2, s[4:5]", "v_mov_b32 v16, v17", "v_add_f32 v20, v16, v16"
DPP = "v_mov_b32_dpp v18, v16 quad_perm:[1,0,3,2] row_mask:0xf bank_mask:0xf"
CMPX, MODE = "v_cmpx_eq_u32 vcc, v0, v0", "hwreg(HW_REG_MODE, 0, 4)"
WIDE, NARROW = "global_store_dwordx4 v2, v[16:19], s[4:5]", "global_store_dwordx2 v2, v[16:17], s[4:5]"
DOT = "v_dot2_f32_f16 v{}, v{}, v18, v{}"

# targets, the first, the second, the wait states, LLVM's name of the rule. No wait states: the hardware sees to it.
ROWS = [
    (CDNA, "v_readfirstlane_b32 s4, v3", LOAD, 5, "checkVMEMHazards"),
    (CDNA, MOVE, DPP, 2, "checkDPPHazards"),
    (CDNA, CMPX, DPP, 5, "checkDPPHazards"),
    (CDNA, "v_cmp_eq_u32 vcc, v0, v0", "v_div_fmas_f32 v16, v17, v18, v19", 4, "checkDivFMasHazards"),
    (CDNA, "v_readfirstlane_b32 s8, v4", "v_readlane_b32 s9, v16, s8", 4, "checkRWLaneHazards"),
    (CDNA, "v_readfirstlane_b32 s8, v4", "v_writelane_b32 v16, 1, s8", 4, "checkRWLaneHazards"),
    (CDNA, f"s_setreg_imm32_b32 {MODE}, 0", f"s_getreg_b32 s8, {MODE}", 2, "checkGetRegHazards"),
    (CDNA, f"s_setreg_imm32_b32 {MODE}, 0", f"s_setreg_imm32_b32 {MODE}, 0", 2, "checkSetRegHazards"),
    (CDNA, "s_mov_b32 m0, 0", "s_movrels_b32 s8, s6", 1, "checkReadM0Hazards"),
    (CDNA, "s_mov_b32 m0, 0", "s_sendmsg sendmsg(MSG_INTERRUPT)", 1, "checkReadM0Hazards"),
    (CDNA, "s_mov_b32 m0, 0", "ds_write_addtid_b32 v16", 1, "checkReadM0Hazards"),
    (GFX90A, "s_mov_b32 m0, 0", "global_load_dword v2, s[4:5] lds", 1, "checkReadM0Hazards"),
    (GFX940, "s_mov_b32 m0, 0", "global_load_lds_dword v2, s[4:5]", 1, "checkReadM0Hazards"),
    (GFX90A, WIDE, "v_mov_b32 v17, 0", 1, "has12DWordStoreHazard"),
    (GFX940, WIDE, "v_mov_b32 v17, 0", 2, "has12DWordStoreHazard"),
    (CDNA, NARROW, "v_mov_b32 v17, 0", 0, "has12DWordStoreHazard"),
    (GFX90A, "v_exp_f32 v16, v17", ADD, 0, "hasTransForwardingHazard"),
    (GFX940, "v_exp_f32 v16, v17", ADD, 1, "hasTransForwardingHazard"),
    (GFX940, "v_exp_f32 v16, v17", "v_log_f32 v20, v16", 0, "hasTransForwardingHazard"),
    (GFX90A, "v_mov_b32_sdwa v16, v17 dst_sel:WORD_1 dst_unused:UNUSED_PRESERVE src0_sel:WORD_0", ADD, 0, "hasDstSelForwardingHazard"),
    (GFX940, "v_mov_b32_sdwa v16, v17 dst_sel:WORD_1 dst_unused:UNUSED_PRESERVE src0_sel:WORD_0", ADD, 1, "hasDstSelForwardingHazard"),
    (GFX940, "v_mov_b32_sdwa v16, v17 dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:WORD_0", ADD, 0, "hasDstSelForwardingHazard"),
    (GFX940, "v_mad_u16 v16, v17, v18, v19 op_sel:[0,0,0,1]", ADD, 1, "hasDstSelForwardingHazard"),
    (GFX940, "v_mad_u16 v16, v17, v18, v19 op_sel:[1,0,0,0]", ADD, 0, "hasDstSelForwardingHazard"),
    (GFX940, "v_cvt_pk_fp8_f32 v16, v17, v18 op_sel:[0,0,1]", "v_mov_b32 v16, 0", 1, "hasDstSelForwardingHazard"),
    (GFX90A, "v_cmp_eq_u32 vcc, v0, v0", "v_cndmask_b32 v16, v17, v18, vcc", 0, "hasVDecCoExecHazard"),
    (GFX940, "v_cmp_eq_u32 vcc, v0, v0", "v_cndmask_b32 v16, v17, v18, vcc", 2, "hasVDecCoExecHazard"),
    (GFX940, "v_readfirstlane_b32 s8, v4", "v_mov_b32 v16, s8", 2, "hasVDecCoExecHazard"),
    (GFX90A, MOVE, "v_readfirstlane_b32 s8, v16", 0, "hasVDecCoExecHazard"),
    (GFX940, MOVE, "v_readfirstlane_b32 s8, v16", 1, "hasVDecCoExecHazard"),
    (GFX940, MOVE, "v_readlane_b32 s8, v16, 3", 1, "hasVDecCoExecHazard"),
    (GFX940, CMPX, "v_readlane_b32 s8, v16, 3", 4, "hasVDecCoExecHazard"),
    (GFX950, MOVE, "v_permlane16_swap_b32 v18, v16", 2, "checkPermlaneHazards"),
    (GFX950, CMPX, "v_permlane32_swap_b32 v18, v16", 4, "checkPermlaneHazards"),
    (CDNA, DOT.format(16, 17, 19), ADD, 3, "checkMAIVALUHazards"),
    (CDNA, DOT.format(16, 17, 19), DOT.format(16, 17, 16), 0, "checkMAIVALUHazards"),
    (CDNA, DOT.format(16, 17, 19), DOT.format(20, 16, 19), 3, "checkMAIVALUHazards"),
    (CDNA, DOT.format(16, 17, 19), "global_store_dword v2, v16, s[4:5]", 3, "checkMAIVALUHazards"),
    (CDNA, DOT.format(16, 17, 19), "v_mov_b32 v16, 0", 3, "checkMAIVALUHazards"),
    (RDNA, "v_exp_f32 v16, v17", "v_log_f32 v20, v17", 0, "fixVALUTransUseHazard"),
    (GFX12, "v_exp_f32 v16, v17", ADD, 0, "fixVALUTransUseHazard"),
    (RDNA, MOVE, "v_readfirstlane_b32 s8, v16", 0, "hasNoDataDepHazard"),
    (RDNA, "v_cmp_eq_u32 vcc_lo, v0, v0", "v_cndmask_b32 v16, v17, v18, vcc_lo", 0, "hasNoDataDepHazard"),
]

def mfma(name: str, target: str, d: str, a: str = "v[18:19]", c: str = "") -> str:
    """f16 and f32 names have changed with gfx942."""
    old, new = {"4x4": ("f32_4x4x4f16", "f32_4x4x4_16b_f16"), "16x16": ("f32_16x16x16f16", "f32_16x16x16_f16"),
                "32x32": ("f32_32x32x8f16", "f32_32x32x8_f16"), "32x32b": ("f32_32x32x4f16", "f32_32x32x4_2b_f16"),
                "f32": ("f32_16x16x4f32", "f32_16x16x4_f32"), "f32small": ("f32_4x4x1f32", "f32_4x4x1_16b_f32"),
                "f64": ("f64_16x16x4f64", "f64_16x16x4_f64"), "f64small": ("f64_4x4x4f64", "f64_4x4x4_4b_f64")}[name]
    if name.startswith("f32") and a == "v[18:19]":
        a = "v18"
    b = "v20" if name.startswith("f32") else "v[20:21]"
    return f"v_mfma_{old if target == 'gfx90a' else new} {d}, {a}, {b}, {c or d}"


SIZE = {"4x4": 4, "16x16": 4, "32x32": 16, "32x32b": 32, "f32": 4, "f32small": 4, "f64": 8, "f64small": 2}
# By target and first instruction, wait states until: the same C, a C of other registers, A, a read by the VALU, by a store,
# a write by the VALU, a write of C. None: there is no such case.
MATRIX = {
    ("gfx90a", "4x4"): (0, 2, 5, 5, 5, 5, 1), ("gfx90a", "16x16"): (0, 8, 11, 11, 11, 11, 7), ("gfx90a", "32x32"): (0, 16, 19, 19, 19, 19, 15),
    ("gfx90a", "f32"): (0, 8, 11, 11, 11, 11, 7), ("gfx90a", "f64small"): (4, 4, 6, 6, 9, 6, 0), ("gfx90a", "f64"): (0, 9, 11, 11, 18, 11, 0),
    ("gfx942", "4x4"): (2, 3, 5, 5, 5, 5, 1), ("gfx942", "16x16"): (0, 5, 7, 7, 7, 7, 3), ("gfx942", "32x32"): (0, 9, 11, 11, 11, 11, 7),
    ("gfx942", "32x32b"): (0, 17, 19, 19, 19, 19, None), ("gfx942", "f32"): (0, 8, 10, 10, 10, 10, 0), ("gfx942", "f32small"): (2, 2, 4, 4, 4, 4, 0),
    ("gfx942", "f64small"): (4, 4, 6, 6, 9, 6, 0), ("gfx942", "f64"): (0, 9, 11, 11, 18, 11, 0),
    ("gfx950", "4x4"): (2, 4, 5, 5, 5, 5, 1), ("gfx950", "16x16"): (0, 6, 7, 8, 8, 7, 3), ("gfx950", "32x32"): (0, 10, 11, 12, 12, 11, 7),
    ("gfx950", "32x32b"): (0, 18, 19, 20, 20, 19, None), ("gfx950", "f32"): (0, 8, 10, 10, 10, 10, 0),
    ("gfx950", "f64small"): (4, 4, 6, 6, 9, 6, 0), ("gfx950", "f64"): (0, 17, 19, 19, 18, 11, 0),
}


def matrix_rows(target: str):
    for (of, name), states in MATRIX.items():
        if of != target:
            continue
        size = SIZE[name]
        d, same_kind = f"a[0:{size - 1}]", {"f64": "f64small", "f64small": "f64small"}.get(name, "f32small" if name.startswith("f32") else "4x4")
        part = SIZE[same_kind]  # of the second, whose C is a part of the first's D, or has it as a part
        first = mfma(name, target, d)
        wide_c = f"a[0:{part - 1}]" if part < size else f"a[2:{2 + part - 1}]"
        wide_c = wide_c if part > 2 or part < size else None
        seconds = (
            mfma(name, target, d), wide_c and mfma(same_kind, target, f"a[32:{31 + part}]", c=wide_c),
            mfma(same_kind, target, "a[32:33]" if part == 2 else "a[32:35]", a="a0" if same_kind == "f32small" else "a[0:1]"),
            "v_accvgpr_read_b32 v16, a0", "global_store_dword v2, a0, s[4:5]", "v_accvgpr_write_b32 a0, v17")
        for second, needed in zip(seconds, states):
            if second:
                yield first, second, needed, "checkMAIVALUHazards"
        if states[6] is not None:
            yield mfma(name, target, f"a[16:{15 + size}]", c=d), "v_accvgpr_write_b32 a0, v17", states[6], "SMFMA...ReadVgprVALUWar"
    yield "v_mov_b32 v18, v17", mfma("16x16", target, "a[0:3]"), 2, "LegacyVALUNotDotWritesVGPR"
    yield "v_accvgpr_write_b32 a0, v17", mfma("16x16", target, "a[0:3]"), 2, "LegacyVALUNotDotWritesVGPR"
    yield CMPX, mfma("16x16", target, "a[0:3]"), 4, "VALUWritesExec"
    yield mfma("f64small", target, "a[0:1]"), "v_fma_f64 v[22:23], v[24:25], v[24:25], v[24:25]", 2, "DMFMAToFMA64"
    if target in GFX940:
        yield mfma("f32", target, "a[0:3]"), mfma("4x4", target, "a[32:35]", c="a[0:3]"), 0, "XDL after SGEMM"
        sparse = "v_smfmac_f32_16x16x32_f16 a[0:3], v[18:19], v[20:23], v24"
        for second, needed in ((sparse, 0), (sparse.replace("v[18:19]", "a[0:1]").replace("a[0:3]", "a[4:7]"), 7),
                               ("v_accvgpr_read_b32 v16, a0", 8 if target == "gfx950" else 7)):
            yield sparse, second, needed, "v_smfmac"


def rows(target: str):
    for targets, *row in ROWS:
        if target in targets:
            yield row
    if target in CDNA:
        yield from matrix_rows(target)


def nops(states: int) -> str:
    return "".join(f"s_nop {min(n, 16) - 1}\n" for n in (states, states - 16) if n > 0) if states > 16 else f"s_nop {states - 1}\n" if states else ""


def fillers(states: int):
    """The same wait states in two ways."""
    yield "nop", nops(states)
    yield "alone", "s_mov_b32 s10, 0\n" * states


def all_bodies(target: str):
    """By name of the kernel: the body; the row; what is expected."""
    for number, (first, second, states, rule) in enumerate(rows(target)):
        for kind, between in fillers(states):
            yield f"r{number}_{kind}", BEFORE + f"{first}\n{between}{second}\n", (first, second, rule, False)
        if states:
            for kind, between in fillers(states - 1):
                yield f"r{number}_{kind}_less", BEFORE + f"{first}\n{between}{second}\n", (first, second, rule, True)


def opcode(text: str) -> str:
    return re.split(r"[ \n]", text)[0].removesuffix("_sdwa").removesuffix("_dpp")


@pytest.mark.parametrize("target", ALL)
def test_hazards(target):
    cases = list(all_bodies(target))
    made = Bodies(target, {name: body for name, body, _ in cases})
    wrong = []
    for name, body, (first, second, rule, faulty) in cases:
        report = made.run(name)
        if faulty != (report is not None):
            wrong.append(f"{rule}: {first} ... {second} ({name}): {report}")
        elif report:
            if target in RDNA:
                continue
            names = report.after.startswith(opcode(first)) and report.at.startswith(opcode(second))
            since = re.search(r" (\d+) wait states after .*: it needs (\d+) ", report.says)
            if report.kind != "hazard" or not names or not since or int(since[1]) + 1 != int(since[2]):
                wrong.append(f"{rule}: {first} ... {second}: {report}")
    assert not wrong, "\n".join(wrong)


VALU, TRANS = "v_mov_b32 v39, v38\n", "v_exp_f32 v39, v38\n"
WMMA11 = "v_wmma_f32_16x16x16_f16 v[32:39], v[16:23], v[16:23], v[32:39]\n"
WMMA12 = "v_wmma_f32_16x16x16_f16 v[32:39], v[16:19], v[20:23], v[32:39]\n"
SPARSE12 = "v_swmmac_f32_16x16x32_f16 v[24:31], v[16:19], v[8:15], v{}\n"
ZEROS = "".join(f"v_mov_b32 v{n}, 0\n" for n in range(8, 16))
READ8 = "s_mov_b64 s[8:9], 0\nv_add_f32 v16, s8, v17\n"
READVCC = "s_mov_b32 vcc_lo, 0\nv_cndmask_b32 v16, v17, v18, vcc_lo\n"
# RDNA counts VALU instructions, not wait states: targets, right, wrong.
PAIRS = [
    # fixVALUTransUseHazard: five VALU instructions or one transcendental may stand between and it is one still.
    (GFX11, "v_exp_f32 v16, v17\n" + 6 * VALU + ADD, "v_exp_f32 v16, v17\n" + 5 * VALU + ADD),
    (GFX11, "v_exp_f32 v16, v17\n" + 2 * TRANS + ADD, "v_exp_f32 v16, v17\n" + TRANS + ADD),
    (GFX11, "v_exp_f32 v16, v17\ns_waitcnt_depctr 0xf9f\n" + ADD, "v_exp_f32 v16, v17\ns_nop 15\n" + ADD),
    (GFX11, "v_exp_f32 v16, v17\nds_write_b32 v1, v18\n" + ADD, "v_exp_f32 v16, v17\ns_mov_b32 s8, 0\n" + ADD),
    # fixVcmpxPermlaneHazards: any other VALU instruction, but v_nop.
    (RDNA, "v_cmpx_eq_u32 v0, v0\n" + VALU + "v_permlane16_b32 v16, v17, s4, s4", "v_cmpx_eq_u32 v0, v0\nv_nop\nv_permlane16_b32 v16, v17, s4, s4"),
    (RDNA, "v_cmp_eq_u32 vcc_lo, v0, v0\nv_permlane16_b32 v16, v17, s4, s4", "v_cmpx_eq_u32 v0, v0\ns_nop 7\nv_permlanex16_b32 v16, v17, s4, s4"),
    # fixWMMAHazards: A and B; C only if hardware does not wait, which it does.
    (GFX11, WMMA11 + "v_nop\n" + WMMA11.replace("v[16:23], v[16:23]", "v[32:39], v[16:23]"), WMMA11 + WMMA11.replace("v[16:23], v[16:23]", "v[32:39], v[16:23]")),
    (GFX11, WMMA11 + WMMA11, WMMA11 + "s_nop 15\n" + WMMA11.replace("v[16:23], v[16:23]", "v[16:23], v[25:32]")),
    (GFX12, WMMA12 + VALU + WMMA12.replace("v[20:23]", "v[32:35]"), WMMA12 + WMMA12.replace("v[20:23]", "v[32:35]")),
    (GFX12, WMMA12 + WMMA12, WMMA12 + "s_nop 15\n" + WMMA12.replace("v[16:19]", "v[36:39]")),
    # AMDGPUWaitSGPRHazards: the VALU has read s8; then it is written and read again.
    (GFX12, READ8 + "s_mov_b32 s8, 0\ns_wait_alu depctr_sa_sdst(0)\ns_add_u32 s10, s8, 1", READ8 + "s_mov_b32 s8, 0\ns_add_u32 s10, s8, 1"),
    (GFX12, READ8 + "s_mov_b32 s8, 0\ns_wait_alu depctr_sa_sdst(0)\nv_mov_b32 v16, s8", READ8 + "s_mov_b32 s8, 0\ns_wait_alu depctr_va_sdst(0)\nv_mov_b32 v16, s8"),
    (GFX12, READ8 + "v_readfirstlane_b32 s8, v0\ns_wait_alu depctr_va_sdst(0)\nv_mov_b32 v16, s8", READ8 + "v_readfirstlane_b32 s8, v0\ns_nop 15\nv_mov_b32 v16, s8"),
    (GFX12, READ8 + "v_readfirstlane_b32 s8, v0\ns_add_u32 s10, s8, 1", READ8 + "s_mov_b32 s8, 0\nds_write_b32 v1, v16\nv_mov_b32 v16, s8"),
    (GFX12, READ8 + "s_mov_b32 s8, 0\nglobal_load_b32 v20, v2, s[4:5]\ns_add_u32 s10, s8, 1", READ8 + "s_mov_b32 s9, 0\ns_add_u32 s10, s9, 1"),
    (GFX12, "s_mov_b32 s10, 0\ns_mov_b32 s10, 1\ns_add_u32 s11, s10, 1", READ8 + "s_mov_b64 s[8:9], 0\ns_add_u32 s10, s8, 1"),
    (GFX12, READVCC + "v_cmp_eq_u32 vcc_lo, v0, v0\ns_wait_alu depctr_va_vcc(0)\n" + READVCC.split("\n", 1)[1],
     READVCC + "v_cmp_eq_u32 vcc_lo, v0, v0\ns_wait_alu depctr_va_sdst(0)\n" + READVCC.split("\n", 1)[1]),
    # What is written last is what must be waited for.
    (GFX12, READVCC + "s_mov_b32 vcc_lo, 0\nv_cmp_eq_u32 vcc_lo, v0, v0\ns_wait_alu depctr_va_vcc(0)\n" + READVCC.split("\n", 1)[1],
     READVCC + "s_mov_b32 vcc_lo, 0\nv_cmp_eq_u32 vcc_lo, v0, v0\ns_wait_alu depctr_sa_sdst(0)\n" + READVCC.split("\n", 1)[1]),
    # Of other pairs than VCC the halves count for themselves.
    (GFX12, READ8 + "v_readfirstlane_b32 s8, v0\ns_mov_b32 s9, 0\ns_wait_alu depctr_va_sdst(0)\nv_mov_b32 v16, s8",
     READ8 + "v_readfirstlane_b32 s8, v0\ns_mov_b32 s9, 0\ns_wait_alu depctr_sa_sdst(0)\nv_mov_b32 v16, s8"),
    (GFX12, READ8 + "v_readfirstlane_b32 s8, v0\ns_mov_b32 s8, 0\ns_wait_alu depctr_sa_sdst(0)\nv_mov_b32 v16, s8",
     READ8 + "v_readfirstlane_b32 s8, v0\ns_mov_b32 s8, 0\ns_wait_alu depctr_va_sdst(0)\nv_mov_b32 v16, s8"),

    (GFX12, ZEROS + WMMA12 + "v_nop\n" + SPARSE12.format(32), ZEROS + WMMA12 + SPARSE12.format(32)),
]


@pytest.mark.parametrize("target", RDNA)
def test_hazards_between_valu_instructions(target):
    pairs = [(right, wrong) for targets, right, wrong in PAIRS if target in targets]
    texts = {f"p{n}_{name}": text for n, pair in enumerate(pairs) for name, text in zip(("right", "wrong"), pair)}
    made = Bodies(target, texts)
    for n, (right, wrong) in enumerate(pairs):
        assert made.run(f"p{n}_right") is None, right
        report = made.run(f"p{n}_wrong")
        assert report and report.kind == "hazard", wrong
        last = opcode(wrong.rstrip("\n").split("\n")[-1])
        assert report.at.startswith(last[:5]) and report.after, f"{wrong}: {report}"


MASK, SALU, READ = "v_cndmask_b32_e64 v16, v17, v18, s[8:9]\n", "s_mov_b32 s8, 0\n", "s_add_u32 s10, s8, 1\n"
SET, V17, EXEC, V18 = "s_mov_b64 s[8:9], 0\ns_nop 0\n", "v_mov_b32 v17, 0\n", "s_mov_b64 exec, -1\n", "v_mov_b32 v18, 0\n"
BOTH = "v_add_f32 v16, v17, v18\n"
# Of waves of 64 lanes on gfx11: right, wrong.
PAIRS64 = [
    # fixVALUMaskWriteHazard: the VALU has read s[8:9] as a mask; then one is written and read.
    (SET + MASK + SALU + "s_waitcnt_depctr depctr_sa_sdst(0)\n" + READ, SET + MASK + SALU + READ),
    (SET + MASK + SALU + "s_waitcnt_depctr depctr_sa_sdst(0)\n" + READ, SET + MASK + SALU + "s_waitcnt_depctr depctr_va_sdst(0)\n" + READ),
    (SET + MASK + "s_mov_b32 s9, 0\ns_waitcnt_depctr depctr_sa_sdst(0)\nv_mov_b32 v19, s9\n", SET + MASK + "s_mov_b32 s9, 0\nv_mov_b32 v19, s9\n"),
    (SET + MASK + "v_cmp_eq_u32 s[8:9], v0, v0\ns_waitcnt_depctr depctr_va_sdst(0)\n" + MASK, SET + MASK + "v_cmp_eq_u32 s[8:9], v0, v0\n" + MASK),
    (SET + MASK + "v_cmp_eq_u32 s[8:9], v0, v0\ns_waitcnt_depctr depctr_va_vdst(0)\n" + READ, SET + MASK + "v_cmp_eq_u32 s[8:9], v0, v0\n" + READ),
    (SET + MASK + SALU + "global_load_b32 v20, v2, s[4:5]\n" + READ, SET + MASK + SALU + "s_nop 15\n" + READ),
    # Not as a mask; another register; a scalar or a literal read before the write.
    (SET + "v_add_f32 v16, s8, v17\n" + SALU + READ, SET + "v_cndmask_b32 v16, v17, v18, s[8:9]\n" + SALU + READ),
    (SET + MASK + "s_mov_b32 s10, 0\ns_add_u32 s11, s10, 1\n", SET + MASK + "s_mov_b64 s[8:9], 0\ns_add_u32 s11, s9, 1\n"),
    (SET + MASK + "v_mov_b32 v19, s4\n" + SALU + READ, SET + MASK + "v_mov_b32 v19, v17\n" + SALU + READ),
    (SET + MASK + "v_mov_b32 v19, 0x12345\n" + SALU + READ, SET + MASK + "v_mov_b32 v19, 1\n" + SALU + READ),
    (SET + MASK + SALU + "v_mov_b32 v19, s4\ns_waitcnt_depctr depctr_sa_sdst(0)\n" + READ, SET + MASK + SALU + "v_mov_b32 v19, s4\n" + READ),
    # A wait after the first write is enough for the next; one before it is none.
    (SET + MASK + SALU + "s_waitcnt_depctr depctr_sa_sdst(0)\nv_cmp_eq_u32 s[8:9], v0, v0\n" + READ, SET + MASK + "s_waitcnt_depctr depctr_sa_sdst(0)\n" + SALU + READ),
    (SET + MASK + SALU + "s_waitcnt_depctr depctr_sa_sdst(0)\n" + SALU + READ, SET + MASK + SALU + "s_waitcnt_depctr depctr_sa_sdst(0)\n" + MASK + SALU + READ),
    # VCC, which the short forms and v_div_fmas read unnamed.
    ("s_mov_b64 vcc, 0\nv_cndmask_b32 v16, v17, v18, vcc\nv_cmp_eq_u32 vcc, v0, v0\ns_waitcnt_depctr depctr_va_vcc(0)\nv_cndmask_b32 v16, v17, v18, vcc\n",
     "s_mov_b64 vcc, 0\nv_cndmask_b32 v16, v17, v18, vcc\nv_cmp_eq_u32 vcc, v0, v0\ns_waitcnt_depctr depctr_va_sdst(0)\nv_cndmask_b32 v16, v17, v18, vcc\n"),
    ("s_mov_b64 vcc, 0\nv_div_fmas_f32 v16, v17, v18, v19\ns_mov_b32 vcc_lo, 0\ns_waitcnt_depctr depctr_sa_sdst(0)\ns_add_u32 s10, vcc_lo, 1\n",
     "s_mov_b64 vcc, 0\nv_div_fmas_f32 v16, v17, v18, v19\ns_mov_b32 vcc_lo, 0\ns_add_u32 s10, vcc_lo, 1\n"),
    ("s_mov_b64 vcc, 0\nv_add_co_ci_u32 v16, vcc, v17, v18, vcc\ns_waitcnt_depctr depctr_va_vcc(0)\ns_add_u32 s10, vcc_lo, 1\n",
     "s_mov_b64 vcc, 0\nv_add_co_ci_u32 v16, vcc, v17, v18, vcc\ns_mov_b32 vcc_lo, 0\ns_add_u32 s10, vcc_lo, 1\n"),
    # fixVALUPartialForwardingHazard: v17 written, EXEC, v18: two VALU instructions may stand in it, and four after, and it is one still.
    (V17 + EXEC + V18 + "s_waitcnt_depctr depctr_va_vdst(0)\n" + BOTH, V17 + EXEC + V18 + BOTH),
    (V17 + 2 * VALU + EXEC + VALU + V18 + BOTH, V17 + VALU + EXEC + VALU + V18 + BOTH),
    (V17 + 3 * VALU + EXEC + V18 + BOTH, V17 + 2 * VALU + EXEC + V18 + BOTH),
    (V17 + EXEC + 3 * VALU + V18 + BOTH, V17 + EXEC + 2 * VALU + V18 + BOTH),
    (V17 + EXEC + V18 + 5 * VALU + BOTH, V17 + EXEC + V18 + 4 * VALU + BOTH),
    (V17 + EXEC + V18 + "ds_write_b32 v1, v19\n" + BOTH, V17 + EXEC + V18 + "s_nop 15\n" + BOTH),
    (V17 + V18 + EXEC + BOTH, V18 + EXEC + V17 + BOTH),
    (EXEC + V17 + V18 + BOTH, V17 + "s_or_saveexec_b64 s[10:11], s[4:5]\n" + V18 + BOTH),
    (V17 + EXEC + V18 + "v_add_f32 v16, v18, v18\n", V17 + EXEC + V18 + "v_fmac_f32 v17, v18, v18\n"),
    (V17 + "v_cmpx_eq_u32 v0, v0\n" + V18 + BOTH, V17 + EXEC + V18 + 4 * "v_nop\n" + BOTH),
]


@pytest.mark.parametrize("target", GFX11)
def test_hazards_of_64_lanes(target):
    texts = {f"p{n}_{name}": text for n, pair in enumerate(PAIRS64) for name, text in zip(("right", "wrong"), pair)}
    made = Bodies(target, texts, wave=64)
    narrow = Bodies(target, {name: text for name, text in texts.items() if "s[8:9]" not in text and "vcc" not in text})
    for n, (right, wrong) in enumerate(PAIRS64):
        assert made.run(f"p{n}_right") is None, right
        report = made.run(f"p{n}_wrong")
        assert report and report.kind == "hazard", wrong
        assert report.at.startswith(opcode(wrong.rstrip("\n").split("\n")[-1])[:5]) and report.after, f"{wrong}: {report}"
    for name, text in narrow.bodies.items():  # waves of 32 lanes do not have it
        assert narrow.run(name) is None, text


# gfx90a: a matrix instruction of f64 between a VALU write and a store hides it (DMFMABetweenVALUWriteVMEMRead).
def test_f64_matrix_between():
    between = MOVE + "\n" + mfma("f64small", "gfx90a", "a[0:1]") + "\n{}global_store_dword v2, v16, s[4:5]"
    made = Bodies("gfx90a", {"right": between.format("s_nop 0\n"), "wrong": between.format(""), "without": MOVE + "\nglobal_store_dword v2, v16, s[4:5]"})
    assert made.run("right") is None and made.run("without") is None
    report = made.run("wrong")
    assert report and report.kind == "hazard" and report.at.startswith("global_store") and report.after.startswith("v_mov_b32")


# A matrix instruction waits until the unit is free, so its passes count for what comes after it.
def test_matrix_unit_is_busy():
    first, other = mfma("32x32", "gfx942", "a[0:15]"), mfma("32x32", "gfx942", "a[16:31]")
    made = Bodies("gfx942", {"right": f"{first}\n{other}\ns_nop 2\nv_accvgpr_read_b32 v16, a0", "wrong": f"{first}\n{other}\ns_nop 1\nv_accvgpr_read_b32 v16, a0"})
    assert made.run("right") is None
    report = made.run("wrong")
    assert report and report.kind == "hazard" and "10 wait states after" in report.says
