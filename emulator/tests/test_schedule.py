# SPDX-License-Identifier: Apache-2.0
"""The order in which waves run. A kernel whose two groups of waves take turns: in each phase one computes, at a higher priority,
while the other loads; then a barrier. There is one tile of LDS. In a phase, those that compute read it at once; those that load
write it when their load has come, some hundred cycles later. Nothing but time orders the two: no barrier stands between."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hip import Buffer, HipError, Runtime
from machine import ALL, CDNA, GFX12
from plain import MEMORY_BYTES, kernels
from toolchain import HERE, wave_size

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

GROUP, PHASES = 4, 12  # waves of a group
SEEDS = 12


def ping_pong(target: str) -> str:
    """v1 is the work-item's word of LDS, 16 bytes apart; v19 adds up the tiles that a lane has seen; s9 and v6 are the phase."""
    arrived, ready = ("s_wait_loadcnt 0", "s_wait_dscnt 0") if target in GFX12 else ("s_waitcnt vmcnt(0)", "s_waitcnt lgkmcnt(0)")
    barrier = "s_barrier_signal -1\ns_barrier_wait -1" if target in GFX12 else "s_barrier"
    load = "global_load_b32" if target not in CDNA else "global_load_dword"
    matrix = ("v_mfma_f32_32x32x8_f16 a[0:15], v[20:21], v[22:23], a[0:15]" if target in ("gfx942", "gfx950") else
              "v_mfma_f32_32x32x8f16 a[0:15], v[20:21], v[22:23], a[0:15]" if target in CDNA else
              f"v_wmma_f32_16x16x16_f16 v[32:39], {'v[20:23], v[24:27]' if target in GFX12 else 'v[20:27], v[24:31]'}, v[32:39]")
    half, size = GROUP * wave_size(target), wave_size(target)
    return f"""
        v_readfirstlane_b32 s8, v0
        s_cmp_ge_u32 s8, {half}
        s_cselect_b32 s8, 1, 0                  // the group
        v_and_b32 v3, {half - 1}, v0
        v_lshlrev_b32 v4, 2, v3                 // the word that this work-item writes
        v_add_u32 v5, {size}, v3
        v_and_b32 v5, {half - 1}, v5
        v_lshlrev_b32 v5, 2, v5                 // the one that it reads: of the next wave of its group
        v_mov_b32 v19, 0
        v_mov_b32 v17, -1
        ds_write_b32 v4, v17
        {ready}
        {barrier}
        s_mov_b32 s9, 0
        v_mov_b32 v6, 0
    phase_k:
        s_xor_b32 s10, s9, s8
        s_and_b32 s10, s10, 1
        s_cbranch_scc1 load_k
        s_setprio 1
        ds_read_b32 v18, v5
        {ready}
        v_add_u32 v19, v19, v18
        {chr(10).join([matrix] * 12)}
        s_setprio 0
        s_branch done_k
    load_k:
        {load} v16, v2, s[4:5]
        {arrived}
        v_add_u32 v17, v6, v16                  // memory holds zeros
        ds_write_b32 v4, v17
        {ready}
    done_k:
        {barrier}
        s_add_u32 s9, s9, 1
        v_add_u32 v6, 1, v6
        s_cmp_lt_u32 s9, {PHASES}
        s_cbranch_scc1 phase_k
        {load.replace('load', 'store')} v2, v19, s[4:5]
    """.replace("v_add_u32", "v_add_u32" if target in CDNA else "v_add_nc_u32")


def run(target: str) -> list[int] | str:
    """What each group has added up; or the report."""
    hip, waves = Runtime(), 2 * GROUP
    image = kernels(target, {"k": ping_pong(target)}, waves)
    threads = waves * wave_size(target)
    with Buffer(hip, np.zeros(MEMORY_BYTES, np.uint8)) as memory:
        try:
            hip.launch(hip.function(hip.load(image), "k"), 1, threads, np.uint64(memory.address).tobytes() + np.int32(1).tobytes())
            hip.synchronize()
        except HipError as error:
            return error.report
        sums = memory.read(np.int32)[4 * np.arange(threads)].reshape(2, -1)
    return [int(s[0]) if (s == s[0]).all() else "mixed" for s in sums]


def ask(target: str, **environment) -> list[int] | str:
    """The same in a process of its own, which reads this environment."""
    done = subprocess.run([sys.executable, "-c", f"import json, test_schedule as t\nprint(json.dumps(t.run({target!r})))"], cwd=HERE, text=True,
                          capture_output=True, env=os.environ | {"HIPEMU_TARGET": target} | environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# A tile holds the number of the phase that wrote it; a group computes in every other, and then reads what the phase before wrote.
RIGHT = [sum(phase - 1 for phase in range(PHASES) if (phase ^ group) & 1 == 0) for group in range(2)]


@pytest.mark.parametrize("target", ALL)
def test_hand_over_by_time(target):
    assert ask(target, HIPEMU_CHECKS="all,-races") == RIGHT


@pytest.mark.parametrize("target", ALL)
def test_hand_over_in_another_order(target):
    found = [ask(target, HIPEMU_CHECKS="all,-races", HIPEMU_SCHEDULE=str(seed)) for seed in range(SEEDS)]
    assert any(sums != RIGHT for sums in found)


@pytest.mark.parametrize("target", ALL)
def test_hand_over_is_a_race(target):
    assert "race in LDS" in ask(target)
