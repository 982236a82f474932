#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Chooses the GPU targets and, for each, the compiler that compiles a probe for it.

Prints one line a target: target, kind and compiler, with tabs between them. A generic target that no compiler knows is
replaced by the first card that it covers; any other target without a compiler is an error.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

AMD = ["gfx90a", "gfx942", "gfx950", "gfx11-generic", "gfx12-generic"]
# Older cards, which the kernels for all targets alone serve: Vega and MI50, MI100, RDNA 2.
PORTABLE = ["gfx9-generic", "gfx908", "gfx10-3-generic"]
STAND_INS = {"gfx9-generic": "gfx906", "gfx10-3-generic": "gfx1030", "gfx11-generic": "gfx1100", "gfx12-generic": "gfx1201"}
# By the beginning of a card's name; as core/code_objects.cpp.
GENERIC_OF = {"gfx900": "gfx9-generic", "gfx902": "gfx9-generic", "gfx904": "gfx9-generic", "gfx906": "gfx9-generic",
              "gfx909": "gfx9-generic", "gfx90c": "gfx9-generic", "gfx103": "gfx10-3-generic", "gfx110": "gfx11-generic",
              "gfx115": "gfx11-generic", "gfx120": "gfx12-generic"}
# What hipcc, amdclang++ and clang share. -nogpuinc, -nogpulib: kernels need neither ROCm's headers nor its bitcode.
AMD_FLAGS = ["-x", "hip", "--cuda-device-only", "--no-gpu-bundle-output", "-fuse-cuid=none", "-nogpuinc", "-nogpulib", "-std=c++20",
             "-O3"]
PROBE = """
extern "C" __attribute__((global)) void probe(float* x) {
  x[__builtin_amdgcn_workitem_id_x()] = (float)(__bf16)(float)(_Float16)x[0];
}
"""


def quiet(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120).returncode == 0
    except OSError:
        return False


def amd_compilers(wanted: str) -> list[str]:
    if wanted:
        return [wanted]
    rocm = Path(os.environ.get("ROCM_PATH", "/opt/rocm"))
    found = [shutil.which("hipcc"), shutil.which("amdclang++"), str(rocm / "bin/hipcc"), str(rocm / "bin/amdclang++")]
    numbered = {}
    for folder in os.environ.get("PATH", "").split(":"):
        for p in Path(folder or ".").glob("clang++-[0-9]*"):
            version = p.name.removeprefix("clang++-")
            if version.isdigit() and int(version) >= 18:
                numbered.setdefault(int(version), str(p))
    found += [numbered[v] for v in sorted(numbered, reverse=True)] + [shutil.which("clang++")]
    return list(dict.fromkeys(p for p in found if p and Path(p).exists()))


def compiles(compiler: str, target: str, folder: str) -> bool:
    source = Path(folder, "probe.hip")
    source.write_text(PROBE)
    version = 6 if target.endswith("-generic") else 5  # as src/meson.build
    return quiet([compiler, *AMD_FLAGS, f"-mcode-object-version={version}", f"--offload-arch={target}", str(source),
                  "-o", str(Path(folder, "probe.hsaco"))])


def amd_targets_here() -> list[str]:
    """From the kernel driver's topology: gfx_target_version is 90402 for gfx942, 110000 for gfx1100."""
    names = []
    for p in sorted(Path("/sys/class/kfd/kfd/topology/nodes").glob("*/properties")):
        try:
            m = re.search(r"^gfx_target_version (\d+)$", p.read_text(), re.M)
        except OSError:
            continue
        if m and int(m[1]):
            v = int(m[1])
            name = f"gfx{v // 10000}{v // 100 % 100:x}{v % 100:x}"
            names.append(next((g for prefix, g in GENERIC_OF.items() if name.startswith(prefix)), name))
    return names


def cuda_targets_here() -> list[str]:
    if not shutil.which("nvidia-smi"):
        return []
    out = subprocess.run(["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"], capture_output=True, text=True)
    return ["sm_" + line.strip().replace(".", "") for line in out.stdout.splitlines() if re.fullmatch(r"\s*\d+\.\d+\s*", line)]


def resolve(text: str) -> list[str]:
    if text == "auto":
        return list(dict.fromkeys(amd_targets_here() + cuda_targets_here()))
    names = []
    for word in filter(None, (w.strip() for w in text.split(","))):
        names += {"amd": AMD, "portable": PORTABLE, "none": []}.get(word, [word])
    return list(dict.fromkeys(names))


def nvcc_path(wanted: str) -> str | None:
    if wanted:
        return wanted
    home = os.environ.get("CUDA_HOME") or os.environ.get("CUDA_PATH") or "/usr/local/cuda"
    return shutil.which("nvcc") or shutil.which("nvcc", path=str(Path(home, "bin")))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default="auto", help="as Meson's option")
    parser.add_argument("--hip-compiler", default="", help="the only AMD compiler to try")
    parser.add_argument("--nvcc", default="", help="the nvcc to use")
    parser.add_argument("--list", action="store_true", help="print the targets only, without looking for compilers")
    args = parser.parse_args()
    if args.list:
        print(" ".join(resolve(args.targets)))
        return 0
    compilers = amd_compilers(args.hip_compiler)
    with tempfile.TemporaryDirectory() as folder:
        for target in resolve(args.targets):
            if target.startswith("sm_"):
                nvcc = nvcc_path(args.nvcc)
                if not nvcc:
                    print(f"toolchain.py: {target} needs nvcc: set -Dnvcc= or CUDA_HOME", file=sys.stderr)
                    return 1
                print(target, "cuda", nvcc, sep="\t")
                continue
            if not target.startswith("gfx"):
                print(f"toolchain.py: unknown target {target}: expected gfx..., sm_..., amd, portable, auto or none", file=sys.stderr)
                return 1
            for name in filter(None, [target, STAND_INS.get(target)]):
                compiler = next((c for c in compilers if compiles(c, name, folder)), None)
                if compiler:
                    print(name, "hip", compiler, sep="\t")
                    break
            else:
                tried = ", ".join(compilers) or "none found"
                print(f"toolchain.py: no compiler for {target}; tried: {tried}. clang >= 20 knows all AMD targets "
                      "(Debian: apt-get install clang-22 lld-22).", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
