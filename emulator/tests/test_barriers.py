# SPDX-License-Identifier: Apache-2.0
"""Barriers and EXEC. Hardware counts waves at a barrier and does not look at their lanes: S_BARRIER in AMD's ISA manuals. A wave
that never comes is a fault, whatever its lanes are."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hip import Buffer, runtime
from machine import ALL, GFX12
from plain import MEMORY_BYTES, kernels
from reports import Bodies
from toolchain import wave_size

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

WAVES = 2


def barrier(target: str) -> str:
    return "s_barrier_signal -1\ns_barrier_wait -1\n" if target in GFX12 else "s_barrier\n"


def of_last_wave(text: str) -> str:
    """Only the last wave runs it."""
    return f"v_readfirstlane_b32 s8, v0\ns_cmp_eq_u32 s8, 0\ns_cbranch_scc1 past_{{name}}\n{text}past_{{name}}:\n"


# What the last wave does before the barrier. Afterwards all lanes are on.
BEFORE = {"no lanes": "s_mov_b64 exec, 0\n", "some lanes": "s_mov_b64 exec, 0x55\n", "all lanes": "s_nop 0\n"}


def hand_over(target: str, before: str) -> str:
    """Each wave writes its words of LDS, and after the barrier stores the other's."""
    wait = "s_wait_dscnt 0\n" if target in GFX12 else "s_waitcnt lgkmcnt(0)\n"
    return ("ds_write_b32 v1, v0\n" + wait + of_last_wave(before) + barrier(target) + "s_mov_b64 exec, -1\n" +
            f"v_xor_b32 v3, {16 * wave_size(target)}, v1\nds_read_b32 v16, v3\n" + wait + "global_store_dword v2, v16, s[4:5]\n")


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("lanes", BEFORE)
def test_lanes_that_are_off(target, lanes):
    hip, size = runtime(), wave_size(target)
    hip.use(target)
    body = hand_over(target, BEFORE[lanes]).replace("{name}", "k")
    with Buffer(hip, np.zeros(MEMORY_BYTES, np.uint8)) as memory:
        function = hip.function(hip.load(kernels(target, {"k": body}, WAVES)), "k")
        hip.launch(function, 1, WAVES * size, np.uint64(memory.address).tobytes() + np.int32(1).tobytes())
        hip.synchronize()
        threads = np.arange(WAVES * size)
        assert (memory.read(np.uint32)[4 * threads] == threads ^ size).all()
    assert hip.take_report() == ""


@pytest.mark.parametrize("target", ALL)
def test_waves_that_do_not_come(target):
    """They end, with lanes on or off; or wait at a barrier more than the others."""
    texts = {
        "ended": of_last_wave("s_endpgm\n") + barrier(target),
        "ended_without_lanes": of_last_wave("s_mov_b64 exec, 0\ns_endpgm\n") + barrier(target),
        "jumped_over": of_last_wave("s_mov_b64 exec, 0\n") + "s_cbranch_execz over_{name}\n" + barrier(target) + "over_{name}:\ns_mov_b64 exec, -1\n",
        "one_more": of_last_wave(barrier(target)) + barrier(target),
    }
    made = Bodies(target, {name: text.replace("{name}", name) for name, text in texts.items()}, WAVES)
    for name in texts:
        report = made.run(name)
        assert report and report.kind == "divergent barrier" and "ended without it" in report.says, f"{name}: {report}"
