# SPDX-License-Identifier: Apache-2.0
"""The counters, of instructions whose cost is known: each adds to those of a kernel that has it not."""

import os

import pytest
from machine import ALL, CDNA, GFX12, GFX90A, GFX942, GFX950, GFX11, RDNA
from plain import counted

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

# targets, instructions, counters that they add to.
CASES = [
    (CDNA, "v_add_f32 v16, v17, v18", {"instructions_valu": 1, "valu_cycles": 4}),
    (CDNA, "v_pk_fma_f32 v[16:17], v[18:19], v[20:21], v[22:23]", {"instructions_valu": 1, "valu_cycles": 4}),
    (CDNA, "v_fma_f64 v[16:17], v[18:19], v[20:21], v[22:23]", {"valu_cycles": 4}),
    (CDNA, "v_exp_f32 v16, v17", {"instructions_valu": 0, "instructions_transcendental": 1, "valu_cycles": 16}),
    (CDNA, "v_rcp_f64 v[16:17], v[18:19]", {"instructions_transcendental": 1, "valu_cycles": 16}),
    (CDNA, "v_cvt_f32_i32 v16, v17\nv_cvt_f16_f32 v18, v19", {"valu_cycles": 32}),
    (CDNA, "v_cvt_f32_ubyte0 v16, v17\nv_cvt_pkrtz_f16_f32 v18, v19, v20\nv_cvt_f64_f32 v[16:17], v20", {"valu_cycles": 12}),
    (CDNA, "v_mul_lo_u32 v16, v17, v18\nv_lshlrev_b64 v[16:17], 3, v[18:19]", {"valu_cycles": 8}),
    (GFX942, "v_mfma_f32_32x32x8_f16 a[0:15], v[16:17], v[18:19], a[0:15]", {"instructions_matrix": 1, "valu_cycles": 0}),
    (GFX90A, "v_mfma_f32_32x32x8f16 a[0:15], v[16:17], v[18:19], a[0:15]", {"matrix_cycles": 64}),
    (GFX942 + GFX950, "v_mfma_f32_32x32x8_f16 a[0:15], v[16:17], v[18:19], a[0:15]", {"matrix_cycles": 32}),
    (RDNA, "v_add_f32 v16, v17, v18", {"instructions_valu": 1, "valu_cycles": 1}),
    (RDNA, "v_dual_add_f32 v16, v17, v18 :: v_dual_mul_f32 v19, v20, v21", {"instructions_valu": 1, "valu_cycles": 1}),
    (RDNA, "v_exp_f32 v16, v17", {"instructions_transcendental": 1, "valu_cycles": 4}),
    (RDNA, "v_fma_f64 v[16:17], v[18:19], v[20:21], v[22:23]", {"valu_cycles": 16}),
    (RDNA, "v_cvt_f32_i32 v16, v17", {"valu_cycles": 1}),
    (RDNA, "v_mul_lo_u32 v16, v17, v18\nv_lshlrev_b64 v[16:17], 3, v[18:19]", {"valu_cycles": 6}),
    (GFX11, "v_wmma_f32_16x16x16_f16 v[32:39], v[16:23], v[16:23], v[32:39]", {"matrix_cycles": 32, "valu_cycles": 0}),
    (GFX12, "v_wmma_f32_16x16x16_f16 v[32:39], v[16:19], v[20:23], v[32:39]", {"matrix_cycles": 16, "valu_cycles": 0}),
    (ALL, "s_add_u32 s8, s9, s9", {"instructions_salu": 1, "valu_cycles": 0}),

    # LDS: neighbouring words; one word; words of one bank.
    (GFX90A + GFX942, "v_lshlrev_b32 v3, 2, v0\nds_read_b32 v16, v3", {"instructions_lds": 1, "lds_bytes": 256, "lds_cycles": 2}),
    (GFX950 + RDNA, "v_lshlrev_b32 v3, 2, v0\nds_read_b32 v16, v3", {"lds_cycles": 1, "lds_conflict_cycles": 0}),
    (GFX90A + GFX942, "v_mov_b32 v3, 0\nds_read_b32 v16, v3", {"lds_cycles": 2, "lds_conflict_cycles": 0}),
    (GFX90A + GFX942, "v_lshlrev_b32 v3, 7, v0\nds_read_b32 v16, v3", {"lds_cycles": 64, "lds_conflict_cycles": 62}),
    (GFX950 + RDNA, "v_lshlrev_b32 v3, 7, v0\nds_read_b32 v16, v3", {"lds_cycles": 32, "lds_conflict_cycles": 31}),
    (GFX90A + GFX942, "ds_read_b128 v[16:19], v1", {"lds_bytes": 1024, "lds_cycles": 8, "lds_conflict_cycles": 0}),
    (GFX950, "ds_read_b128 v[16:19], v1\nds_write_b128 v1, v[20:23]", {"lds_cycles": 4 + 8, "lds_conflict_cycles": 0}),

    # Device memory: neighbouring bytes; again; a line for each lane; half of them.
    (CDNA, "global_load_dwordx4 v[16:19], v2, s[4:5]",
     {"instructions_vmem_load": 1, "loads_of_16": 1, "bytes_read": 1024, "lines_read": 8, "distinct_read_bytes": 1024}),
    (CDNA, "global_load_dwordx4 v[16:19], v2, s[4:5]\nglobal_load_dwordx2 v[16:17], v2, s[4:5]",
     {"loads_of_16": 1, "loads_of_8": 1, "bytes_read": 1536, "lines_read": 16, "distinct_read_bytes": 1024, "bytes_written": 0}),
    (CDNA, "v_lshlrev_b32 v3, 7, v0\nglobal_store_short v3, v16, s[4:5]",
     {"stores_of_2": 1, "bytes_written": 128, "lines_written": 64, "distinct_written_bytes": 8192, "distinct_read_bytes": 0}),
    (RDNA, "v_lshlrev_b32 v3, 7, v0\nglobal_store_short v3, v16, s[4:5]", {"bytes_written": 64, "distinct_written_bytes": 4096}),
    (CDNA, "s_mov_b64 exec, 0xff\nglobal_store_dword v2, v16, s[4:5]\ns_mov_b64 exec, -1",
     {"bytes_written": 32, "lines_written": 1, "distinct_written_bytes": 128, "unaligned_accesses": 0}),
    (ALL, "global_load_dword v16, v2, s[4:5] offset:2", {"unaligned_accesses": 1}),
]
# RDNA in waves of 64: twice as long.
WIDE = [("v_add_f32 v16, v17, v18", {"valu_cycles": 2}), ("v_exp_f32 v16, v17", {"valu_cycles": 8})]


def check(before, after, expected, text):
    added = {name: after[name] - before[name] for name in expected}
    assert added == expected, text


@pytest.mark.parametrize("target", ALL)
def test_counters(target, tmp_path):
    cases = [(text, expected) for targets, text, expected in CASES if target in targets]
    before, *counts = counted(target, ["", *(text for text, _ in cases)], tmp_path / "counters")
    assert before["waves"] == before["workgroups"] == 1 and before["instructions_matrix"] == 0
    assert before["valu_cycles"] > 0 and before["bytes_read"] == 12 and before["distinct_read_bytes"] == 128  # the arguments
    for (text, expected), after in zip(cases, counts, strict=True):
        check(before, after, expected, text)


@pytest.mark.parametrize("target", RDNA)
def test_waves_of_64(target, tmp_path):
    before, *counts = counted(target, ["", *(text for text, _ in WIDE)], tmp_path / "counters", 64)
    for (text, expected), after in zip(WIDE, counts, strict=True):
        check(before, after, expected, text)
