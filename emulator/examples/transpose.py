#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads transpose.hsaco through HIP, runs its kernels, checks what they computed.

  clang++ -x hip --offload-arch=gfx942 --cuda-device-only --no-gpu-bundle-output -nogpuinc -nogpulib -O3 -gline-tables-only \\
      transpose.hip -o transpose.hsaco
  hipemu info transpose.hsaco
  hipemu profile --target gfx942 -- python3 transpose.py transpose.hsaco

On a machine with an AMD GPU, `python3 transpose.py transpose.hsaco` runs on that.
"""

import array
import ctypes
import sys

SIZE, TILE = 2048, 32
TO_DEVICE, TO_HOST = 1, 2

hip = ctypes.CDLL("libamdhip64.so")
hip.hipGetErrorString.restype = ctypes.c_char_p


def call(name, *arguments):
    if code := getattr(hip, name)(*arguments):
        sys.exit(f"{name}: {hip.hipGetErrorString(code).decode()}")


def main(path):
    module, function, given, made = (ctypes.c_void_p() for _ in range(4))
    call("hipModuleLoad", ctypes.byref(module), path.encode())
    numbers = array.array("f", range(SIZE * SIZE))
    size = ctypes.c_size_t(4 * len(numbers))
    for pointer in (given, made):
        call("hipMalloc", ctypes.byref(pointer), size)
    call("hipMemcpy", given, ctypes.c_void_p(numbers.buffer_info()[0]), size, TO_DEVICE)
    for name in ("transpose_straight", "transpose_tiles"):
        call("hipModuleGetFunction", ctypes.byref(function), module, name.encode())
        arguments = given, made, ctypes.c_int(SIZE)
        parameters = (ctypes.c_void_p * 3)(*(ctypes.addressof(a) for a in arguments))
        call("hipModuleLaunchKernel", function, SIZE // TILE, SIZE // TILE, 1, 256, 1, 1, 0, None, parameters, None)
        call("hipDeviceSynchronize")
        result = array.array("f", bytes(size.value))
        call("hipMemcpy", ctypes.c_void_p(result.buffer_info()[0]), made, size, TO_HOST)
        right = all(result[c * SIZE:(c + 1) * SIZE] == numbers[c::SIZE] for c in range(SIZE))
        print(f"{name}: {'right' if right else 'WRONG'}")
        if not right:
            sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(sys.argv[1])
