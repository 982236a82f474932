# SPDX-License-Identifier: Apache-2.0
"""Code objects that are damaged on purpose (hostile.py): each is refused, or its kernels run or fail with an error. Never a
crash, never without end. HIPEMU_TEST_HOSTILE says how many; HIPEMU_TEST_SEED makes others."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hip_api import image
from hostile import DESCRIPTOR, Elf
from toolchain import TARGETS, compile_hip, tool

COUNT = int(os.environ.get("HIPEMU_TEST_HOSTILE", "100"))
SEED = os.environ.get("HIPEMU_TEST_SEED", "0")
SOURCE = """
#define GLOBAL extern "C" __attribute__((global))
typedef float floats4 __attribute__((ext_vector_type(4)));
extern "C" {
__attribute__((device, used)) unsigned table[4] = {11, 22, 33, 44};
__attribute__((device, used)) unsigned* into_table = table + 1;
}
GLOBAL void busy(float* out, const float* in, int n) {
  __attribute__((shared)) static float shared[128];
  const unsigned t = __builtin_amdgcn_workitem_id_x();
  float sum = t * 0.5f;
  for (int i = 0; i < (n & 15) + 1; ++i) sum += in[t + i] * sum;
  shared[t & 127] = sum;
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  sum += shared[t - (t > 0)] + table[t & 3];
  __atomic_fetch_add((int*)out + 1024, 1, __ATOMIC_RELAXED);
  ((floats4*)out)[t] = floats4{sum, sum * 2, __builtin_sqrtf(sum), (float)(half)sum};
}
GLOBAL void stack(int* out, int n) {
  volatile int local[40];
  for (int i = 0; i < 40; ++i) local[i] = n * i;
  out[__builtin_amdgcn_workitem_id_x()] = local[n & 31] + local[39 - (n & 31)];
}
""".replace("half", "_Float16")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "busy.hip").write_text(SOURCE)
    (folder / "host").write_bytes(b"")
    for target in TARGETS:
        (folder / f"{target}.hsaco").write_bytes(compile_hip(target, folder / "busy.hip", ("-g",)))
        subprocess.run([tool("clang-offload-bundler"), "-type=o", "-compress",
                        f"-targets=host-x86_64-unknown-linux-gnu-,hipv4-amdgcn-amd-amdhsa--{target}", f"-input={folder / 'host'}",
                        f"-input={folder / target}.hsaco", f"-output={folder / target}.ccob"], check=True)
    return folder


@pytest.mark.parametrize("part", range(5))
def test_damaged_objects_are_refused_or_run(images, part):
    count = COUNT // 5
    done = subprocess.run([sys.executable, Path(__file__).with_name("hostile.py"), images, str(part * 1000003), str(count), SEED],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    lines = done.stdout.splitlines()
    assert done.returncode == 0, f"{done.returncode}: {lines[-1] if lines else ''}\n{done.stderr[-3000:]}"
    results = Counter(line for line in lines if not line.startswith("object "))
    assert results.total() == count and len(results) == 3, results


def changed(data: bytes, **values: int) -> bytes:
    """The object with fields of its first descriptor."""
    out, at = bytearray(data), Elf(data).descriptors[0]
    for name, offset, form in DESCRIPTOR:
        if name in values:
            struct.pack_into("<" + form, out, at + offset, values[name])
    return bytes(out)


# Fields of the descriptor of a kernel without arguments that crashed, or asked for what no hardware has.
REFUSED = {
    "127 words are preloaded, beside the packet": dict(kernarg_preload=127, kernel_code_properties=2, kernarg_size=1024),
    "17 SGPRs": dict(kernarg_preload=15, kernel_code_properties=2, kernarg_size=1024),
    "preloaded from behind the arguments": dict(kernarg_preload=511 << 7 | 4, kernarg_size=64),
    "waves of 32": dict(kernel_code_properties=1 << 10),
    "scratch of 4 GiB a lane": dict(private_segment_fixed_size=0xfffffff8),
    "scratch of a lane past the limit of a wave": dict(private_segment_fixed_size=(8 << 20) // 64 + 4),
    "64 KiB and more of arguments": dict(kernarg_size=65537),
    "no code": dict(kernel_code_entry_byte_offset=1 << 62),
}


def run_changed(tmp_path, data: bytes) -> subprocess.CompletedProcess:
    (tmp_path / "image").write_bytes(data)
    return subprocess.run([sys.executable, "-c", f"""
from hostile import Machine
print(Machine("gfx942").attempt(open({str(tmp_path / 'image')!r}, "rb").read(), ["echo", "echo_each", "nothing", "small"]))
"""], cwd=Path(__file__).parent, text=True, capture_output=True)


@pytest.mark.parametrize("what", REFUSED)
def test_descriptors_that_are_refused(tmp_path, what):
    done = run_changed(tmp_path, changed(image("gfx942"), **REFUSED[what]))
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr[-2000:]


def test_more_registers_than_instructions_can_name(tmp_path):
    """512 registers, of which accum_offset leaves 4 to be VGPRs: 256 of the others are AGPRs that can be named."""
    data = image("gfx942")
    rsrc1, = struct.unpack_from("<I", data, Elf(data).descriptors[0] + 48)
    done = run_changed(tmp_path, changed(data, compute_pgm_rsrc1=rsrc1 | 63, compute_pgm_rsrc3=0))
    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr[-2000:]
