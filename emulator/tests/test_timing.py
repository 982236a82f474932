# SPDX-License-Identifier: Apache-2.0
"""The time model, on instructions whose time is known: how many cycles a loop's body adds to each of its turns."""

import json
import os
import subprocess
import sys

import pytest
from machine import GFX90A, GFX942, GFX950, GFX11, GFX12, RDNA
from plain import LDS_BYTES

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

CDNA3 = GFX942 + GFX950
TURNS = 8
MFMA = "v_mfma_f32_32x32x8_f16 a[0:15], v[16:17], v[18:19], a[0:15]"
OTHER_MFMA = "v_mfma_f32_32x32x8_f16 a[16:31], v[16:17], v[18:19], a[16:31]"
INDEPENDENT = [f"v_add_f32 v{16 + n}, v30, v31" for n in range(8)]


def lines(*parts):
    return "\n".join(parts)


# targets, waves of the workgroup, instructions, cycles that they add to a turn: up to the issue of the last, since what it
# takes beyond that goes on beside the loop's end.
CASES = [
    # A SIMD's slots: one instruction of a wave in four cycles, whether or not it needs the one before.
    (CDNA3 + GFX90A, 1, "v_add_f32 v16, v16, v17\n" * 16, 64),
    (CDNA3, 1, lines(*INDEPENDENT), 32),
    (CDNA3, 1, "v_exp_f32 v16, v16\n" * 5, 4 * 16 + 4),  # a quarter of the rate
    (CDNA3, 1, "s_nop 7", 32),
    (CDNA3, 1, "s_sleep 2", 128),
    (CDNA3, 1, "s_branch next{n}\nnext{n}:", 8),  # to the next instruction: not taken, in effect
    (CDNA3, 1, "s_branch next{n}\ns_nop 0\nnext{n}:", 32),
    # Four waves have a SIMD each; eight share them, and the VALU.
    (CDNA3, 4, lines(*INDEPENDENT), 32),
    (CDNA3, 8, lines(*(INDEPENDENT * 4)), 256),
    # MFMA: 8 passes of 4 cycles each, one after the other; the VALU works beside it for all but the first slot.
    (CDNA3, 1, lines(MFMA, MFMA, MFMA, MFMA), 3 * 32 + 4),
    (CDNA3, 1, lines(MFMA, OTHER_MFMA, MFMA, OTHER_MFMA), 3 * 32 + 4),
    (GFX90A, 1, lines(*["v_mfma_f32_32x32x8f16 a[0:15], v[16:17], v[18:19], a[0:15]"] * 4), 4 * 64 - 40),  # the loop's end takes 40, beside the last
    (CDNA3, 1, lines(MFMA, *INDEPENDENT[:7], MFMA, *INDEPENDENT[:7]), 64),
    # Who reads the result has to leave the passes and some slots between, and then does not wait any more.
    (CDNA3, 1, lines(MFMA, "s_nop 11", "v_accvgpr_read_b32 v16, a0"), 4 + 12 * 4 + 4),
    # LDS: a chase costs 52 cycles (51 measured), lanes of one bank 64 cycles instead of 2.
    (CDNA3, 1, "v_mov_b32 v3, 0\n" + "ds_read_b32 v4, v3\ns_waitcnt lgkmcnt(0)\n" * 4, 4 + 4 * 52),
    (GFX942, 1, "v_lshlrev_b32 v3, 7, v0\n" + "ds_read_b32 v4, v3\n" * 4 + "s_waitcnt lgkmcnt(0)", 4 + 4 * 64 + 52 - 2),
    # Of four reads the first is waited for, the others go on meanwhile.
    (GFX942, 1, "v_lshlrev_b32 v3, 7, v0\n" + "ds_read_b32 v4, v3\n" * 4 + "s_waitcnt lgkmcnt(3)\ns_nop 0\ns_waitcnt lgkmcnt(0)",
     4 + 4 * 64 + 52 - 2),
    # Device memory, from the L1: 116 cycles (124) for a line, and here there are eight, of which four are looked up meanwhile.
    (CDNA3, 1, "global_load_dword v4, v2, s[4:5]\ns_waitcnt vmcnt(0)\n" * 4, 4 * (116 + 4)),
    (GFX90A, 1, "global_load_dword v4, v2, s[4:5]\ns_waitcnt vmcnt(0)\n" * 4, 4 * (124 + 4)),
    # Four waves ask for 8 x 1024 bytes each, which come at 64 a cycle: the path is never idle, so the loop's end is hidden.
    (CDNA3, 4, "global_load_dwordx4 v[20:23], v2, s[4:5]\n" * 8 + "s_waitcnt vmcnt(0)", 4 * 8 * 16 - 40),
    # RDNA: a result after five cycles, independent instructions in one each; WMMA stops the VALU.
    (RDNA, 1, "v_add_f32 v16, v16, v17\n" * 16, 15 * 5 + 1),
    (RDNA, 1, lines(*INDEPENDENT), 8),
    (RDNA, 1, "v_exp_f32 v16, v17\nv_exp_f32 v18, v17\nv_exp_f32 v19, v17\nv_exp_f32 v20, v17", 3 * 4 + 1),
    (RDNA, 1, lines("v_exp_f32 v16, v17", *(f"v_add_f32 v{n}, v30, v31" for n in (20, 21, 22))) + "\n", 4),
    (GFX11, 1, "v_wmma_f32_16x16x16_f16 v[32:39], v[16:23], v[16:23], v[32:39]\n" * 4, 3 * 32 + 1),
    (GFX12, 1, "v_wmma_f32_16x16x16_f16 v[32:39], v[16:19], v[20:23], v[32:39]\n" * 4, 3 * 16 + 1),
    (RDNA, 1, "v_dual_add_f32 v16, v17, v18 :: v_dual_mul_f32 v19, v20, v21\n" * 4, 4),
]

RUN = """
import json, sys
from pathlib import Path
from plain import Launcher, kernel
from toolchain import wave_size
launcher, path = Launcher(), Path(sys.argv[1])
target, bodies = json.loads(sys.stdin.read())
done = []
for waves, body in bodies:
    image, of_turns = kernel(target, body, waves), []
    for turns in (2, 2 + %d):
        path.write_text("")
        launcher.run(image, waves * wave_size(target), 1, turns)
        of_turns.append(json.loads(path.read_text()))
    done.append(of_turns)
print(json.dumps(done))
""" % TURNS


def timed(target, bodies, folder):
    """For each (waves, body): the predictions of 2 turns and of 2 + TURNS."""
    environment = os.environ | {"HIPEMU_TARGET": target, "HIPEMU_COUNTERS": str(folder / "counters"),
                                "HIPEMU_TIMING": str(folder / "timing")}
    done = subprocess.run([sys.executable, "-c", RUN, str(folder / "timing")], input=json.dumps([target, bodies]), text=True,
                          env=environment, capture_output=True, cwd=os.path.dirname(__file__))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def added(pair):
    few, many = pair
    return (many["cycles"] - few["cycles"]) / TURNS


@pytest.mark.parametrize("target", GFX90A + CDNA3 + RDNA)
def test_cycles(target, tmp_path):
    cases = [(waves, text, cycles) for targets, waves, text, cycles in CASES if target in targets]
    bodies = [(waves, text.format(n=n)) for n, (waves, text, _) in enumerate(cases)]
    empty = {waves: (waves, "") for waves, _ in bodies}
    results = timed(target, [*empty.values(), *bodies], tmp_path)
    overhead = dict(zip(empty, map(added, results), strict=False))
    wrong = [f"{text!r}: {added(pair) - overhead[waves]:g} cycles, expected {cycles}"
             for (waves, text, cycles), pair in zip(cases, results[len(empty):], strict=True)
             if abs(added(pair) - overhead[waves] - cycles) > 4]
    assert not wrong, "\n".join(wrong)


# What comes for the first time: from MI300X's last level of cache, where so little counts as being (218 ns at 2.1 GHz), from
# MI210's memory (436 ns at 1.7 GHz). The second turn finds it in the L1.
@pytest.mark.parametrize("target, cycles", [("gfx942", 458 + 120), ("gfx90a", 741 + 128)])
def test_first_touch(target, cycles, tmp_path):
    (empty, _), (load, _) = timed(target, [(1, ""), (1, "global_load_dword v4, v2, s[4:5]\ns_waitcnt vmcnt(0)")], tmp_path)
    assert load["cycles"] - empty["cycles"] == pytest.approx(cycles, abs=40)
    assert load["in_cache"] == (target == "gfx942")


def test_matrix_bound(tmp_path):
    """Two waves on each SIMD whose VALU work fits beside their MFMA keep the matrix unit busy."""
    few, many = timed("gfx942", [(8, lines(*[MFMA, *INDEPENDENT[:3], OTHER_MFMA, *INDEPENDENT[:3]] * 8))], tmp_path)[0]
    busy = [one["shares"]["matrix"] * one["replay_cycles"] for one in (few, many)]
    assert busy[1] - busy[0] > 0.97 * (many["replay_cycles"] - few["replay_cycles"])
    assert many["bound"] == "matrix"
    assert many["clock_hz"] < 1.25e9  # what dense matrix work leaves of 2.1 GHz


def test_barrier_waits_for_the_last(tmp_path):
    """Wave 0 works for 1024 cycles, the others wait for it at the barrier, and are told so."""
    body = ("v_readfirstlane_b32 s8, v0\ns_cmp_lg_u32 s8, 0\ns_cbranch_scc1 arrive\n" + "s_nop 15\n" * 16 + "arrive:\ns_barrier")
    _, many = timed("gfx942", [(4, body)], tmp_path)[0]
    barrier = [i for i in many["instructions"] if i["text"] == "s_barrier"]
    assert len(barrier) == 1 and barrier[0]["executed"] == 4 * (2 + TURNS)
    waited = barrier[0]["stalls"]["barrier"] / (3 * (2 + TURNS))
    assert 980 < waited < 1060, waited


def test_priority(tmp_path):
    """Of two waves on a SIMD that both want the VALU, the younger has it if its priority is higher."""
    work = [f"v_mul_f32 v{16 + n}, v30, v31" for n in range(8)] * 16
    body = lines("v_readfirstlane_b32 s8, v0", "s_cmp_lt_u32 s8, 256", "s_cbranch_scc1 older", "s_setprio 3", *work, "s_setprio 0",
                 "s_branch both", "older:", *(one.replace("mul", "add") for one in work), "both:", "s_barrier")
    _, many = timed("gfx942", [(8, body)], tmp_path)[0]

    def waited(prefix):
        return sum(i["stalls"].get("valu_busy", 0) for i in many["instructions"] if i["text"].startswith(prefix)) / (4 * (2 + TURNS))
    assert waited("v_mul") < 50 and 400 < waited("v_add") < 550, (waited("v_mul"), waited("v_add"))


def test_what_is_reported(tmp_path):
    _, one = timed("gfx942", [(4, lines(MFMA, MFMA, *INDEPENDENT))], tmp_path)[0]
    assert one["target"] == "gfx942" and one["kernel"] == "k" and one["groups"] == one["groups_executed"] == 1
    assert one["clock_hz"] <= 2.1e9 and one["time_us"] == pytest.approx(one["cycles"] / one["clock_hz"] * 1e6, rel=1e-4)
    turns = 2 + TURNS
    mfma = [i for i in one["instructions"] if i["text"].startswith("v_mfma")]
    assert [i["executed"] for i in mfma] == [4 * turns] * 2
    # The second finds the unit busy for seven slots.
    assert mfma[1]["stalls"] == {"matrix": 28 * 4 * turns}
    assert one["shares"]["matrix"] == pytest.approx(64 * turns / one["replay_cycles"], rel=1e-3)
    assert sum(one["stalls"].values()) < one["wave_cycles"]
    # As plain.kernel asks for them; registers are counted by eights.
    assert (one["registers"], one["lds_bytes"], one["scratch_bytes"]) == (80, LDS_BYTES, 0)
