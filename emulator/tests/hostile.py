# SPDX-License-Identifier: Apache-2.0
"""Damages code objects and sees what the emulator of HIPEMU_LIBRARY does with them: it refuses them, or their kernels run,
or fail with an error. A program of its own, because it may crash:

    hostile.py IMAGES FIRST COUNT SEED    IMAGES: a folder of <target>.hsaco, and <target>.ccob: the same as a compressed bundle

Prints what it does before it does it. Under sanitizers: LD_PRELOAD="$(gcc -print-file-name=libasan.so)
$(gcc -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import struct
import sys
from pathlib import Path

import msgpack

SECONDS = 30  # that one object may take
LOADED, LAUNCHED = {0, 2, 200, 209}, {0, 1, 2, 9, 700, 719}  # what a load may answer, and a launch
# Name, offset and format of the fields of what an object is made of.
HEADER = [("e_ident class", 4, "B"), ("e_ident data", 5, "B"), ("e_ident OS", 7, "B"), ("e_ident ABI", 8, "B"), ("e_type", 16, "H"),
          ("e_machine", 18, "H"), ("e_entry", 24, "Q"), ("e_phoff", 32, "Q"), ("e_shoff", 40, "Q"), ("e_flags", 48, "I"),
          ("e_ehsize", 52, "H"), ("e_phentsize", 54, "H"), ("e_phnum", 56, "H"), ("e_shentsize", 58, "H"), ("e_shnum", 60, "H"),
          ("e_shstrndx", 62, "H")]
SEGMENT = [("p_type", 0, "I"), ("p_flags", 4, "I"), ("p_offset", 8, "Q"), ("p_vaddr", 16, "Q"), ("p_filesz", 32, "Q"),
           ("p_memsz", 40, "Q"), ("p_align", 48, "Q")]
SECTION = [("sh_name", 0, "I"), ("sh_type", 4, "I"), ("sh_flags", 8, "Q"), ("sh_addr", 16, "Q"), ("sh_offset", 24, "Q"),
           ("sh_size", 32, "Q"), ("sh_link", 40, "I"), ("sh_info", 44, "I"), ("sh_addralign", 48, "Q"), ("sh_entsize", 56, "Q")]
SYMBOL = [("st_name", 0, "I"), ("st_info", 4, "B"), ("st_shndx", 6, "H"), ("st_value", 8, "Q"), ("st_size", 16, "Q")]
RELOCATION = [("r_offset", 0, "Q"), ("r_type", 8, "I"), ("r_symbol", 12, "I"), ("r_addend", 16, "Q")]
DESCRIPTOR = [("group_segment_fixed_size", 0, "I"), ("private_segment_fixed_size", 4, "I"), ("kernarg_size", 8, "I"),
              ("kernel_code_entry_byte_offset", 16, "Q"), ("compute_pgm_rsrc3", 44, "I"), ("compute_pgm_rsrc1", 48, "I"),
              ("compute_pgm_rsrc2", 52, "I"), ("kernel_code_properties", 56, "H"), ("kernarg_preload", 58, "H")]
BUNDLE = [("count", 24, "Q"), ("offset", 32, "Q"), ("bytes", 40, "Q"), ("name's bytes", 48, "Q")]
COMPRESSED = [("version", 4, "H"), ("method", 6, "H"), ("word 2", 8, "Q"), ("word 3", 12, "I"), ("word 4", 16, "Q"), ("word 5", 24, "Q")]


class Elf:
    """Where things are in an object that is whole."""

    def __init__(self, data: bytes):
        self.data = data
        phoff, shoff = struct.unpack_from("<QQ", data, 32)
        phnum, _, shnum, names = struct.unpack_from("<4H", data, 56)
        self.segments = [phoff + 56 * n for n in range(phnum)]
        self.sections = [shoff + 64 * n for n in range(shnum)]
        titles = self.range(self.sections[names])[0]
        self.by_name = {self.text(titles + struct.unpack_from("<I", data, at)[0]): self.range(at) for at in self.sections}
        symbols, texts = self.by_name[".dynsym"], self.by_name[".dynstr"][0]
        self.symbols = list(range(symbols[0] + 24, symbols[1], 24))
        relocations = self.by_name.get(".rela.dyn", (0, 0))
        self.relocations = list(range(*relocations, 24))
        named = {self.text(texts + struct.unpack_from("<I", data, at)[0]): struct.unpack_from("<Q", data, at + 8)[0] for at in self.symbols}
        self.kernels = sorted(name[:-3] for name in named if name.endswith(".kd"))
        self.descriptors = [self.file_offset(named[name + ".kd"]) for name in self.kernels]
        self.note = next(at for at in self.segments if struct.unpack_from("<I", data, at)[0] == 4)

    def range(self, section: int) -> tuple[int, int]:
        offset, size = struct.unpack_from("<QQ", self.data, section + 24)
        return offset, offset + size

    def text(self, at: int) -> str:
        return self.data[at:self.data.index(b"\0", at)].decode()

    def file_offset(self, address: int) -> int:
        for at in self.segments:
            kind, _, offset, virtual, _, size = struct.unpack_from("<IIQQQQ", self.data, at)
            if kind == 1 and virtual <= address < virtual + size:
                return address - virtual + offset
        raise ValueError(address)

    def metadata(self) -> bytes:
        offset, = struct.unpack_from("<Q", self.data, self.note + 8)
        name, size, _ = struct.unpack_from("<3I", self.data, offset)
        begin = offset + 12 + (name + 3) // 4 * 4
        return self.data[begin:begin + size]

    def with_metadata(self, description: bytes) -> bytes:
        """At the end of the file."""
        note = struct.pack("<3I", 7, len(description), 32) + b"AMDGPU\0\0" + description + bytes(-len(description) % 4)
        data = bytearray(self.data + bytes(-len(self.data) % 4))
        struct.pack_into("<Q", data, self.note + 8, len(data))
        struct.pack_into("<QQ", data, self.note + 32, len(note), len(note))
        return bytes(data) + note


def extreme(r: random.Random, form: str, old: int, size: int) -> int:
    bits = 8 * struct.calcsize(form)
    top = 1 << bits
    return r.choice([0, 1, 2, 3, 7, 63, 127, 255, 4096, top - 1, top - 2, top - 256, top // 2, top // 2 - 1, old + 1, old - 1, 2 * old, old + size,
                     old ^ 1 << r.randrange(bits), size, size - 1, size + 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 46, 1 << 63,
                     r.randrange(top), r.randrange(top)]) % top


def fields(r: random.Random, data: bytes, what: str, places: list[int], table: list[tuple[str, int, str]]) -> tuple[bytes, str]:
    """One to four fields of one of the structures."""
    out, said, at = bytearray(data), [], r.choice(places)
    for name, offset, form in r.choices(table, k=r.choice((1, 1, 1, 2, 4))):
        if at + offset + struct.calcsize(form) > len(out):
            continue
        old, = struct.unpack_from("<" + form, out, at + offset)
        new = extreme(r, form, old, len(data))
        struct.pack_into("<" + form, out, at + offset, new)
        said.append(f"{name} {old:#x} -> {new:#x}")
    return bytes(out), f"{what} at {at:#x}: " + ", ".join(said)


def flipped(r: random.Random, data: bytes, begin: int, end: int, what: str) -> tuple[bytes, str]:
    out, count = bytearray(data), r.choice((1, 1, 2, 8, 64))
    for _ in range(count):
        at = r.randrange(begin, end)
        out[at] = r.choice((0, 0xff, 0x7f, 0x80, r.randrange(256), out[at] ^ 1 << r.randrange(8)))
    return bytes(out), f"{what}: {count} bytes"


def code_words(r: random.Random, elf: Elf) -> tuple[bytes, str]:
    """Instructions: bits flipped, others' words, any words."""
    begin, end = elf.by_name[".text"]
    out, count = bytearray(elf.data), r.choice((1, 2, 4, 16, 64))
    for _ in range(count):
        at = r.randrange(begin, end - 3, 4)
        word, = struct.unpack_from("<I", out, at)
        other, = struct.unpack_from("<I", out, r.randrange(begin, end - 3, 4))
        struct.pack_into("<I", out, at, r.choice((word ^ 1 << r.randrange(32), word ^ 1 << r.randrange(32), other, r.getrandbits(32))))
    return bytes(out), f"code: {count} words"


def metadata(r: random.Random, elf: Elf) -> tuple[bytes, str]:
    """A value of the note replaced by one of another kind or size, or its bytes damaged."""
    if r.random() < 0.3:
        description = elf.metadata()
        if r.random() < 0.5:
            at = r.randrange(len(description))
            # A map, a list, a text and an extension of 2^32 - 1; the byte that is nothing; lists in lists.
            head = r.choice((*(kind + b"\xff\xff\xff\xff" for kind in (b"\xdf", b"\xdd", b"\xdb", b"\xc9")), b"\xc1", b"\x91" * 100000))
            return elf.with_metadata(description[:at] + head + description[at:]), f"metadata: {head[:5].hex()} at {at}"
        changed, said = flipped(r, description, 0, len(description), "metadata")
        return elf.with_metadata(changed[:r.choice((len(changed), r.randrange(len(changed))))]), said
    root = msgpack.unpackb(elf.metadata(), strict_map_key=False)
    places: list[tuple] = []

    def walk(node) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])

    walk(root)
    node, key = r.choice(places)
    deep: list = []
    for _ in range(200):
        deep = [deep]
    new = r.choice([None, True, -1, 0, 1, 2, 255, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1, 1.5, "", "x", "x" * 100000, b"bytes", [], {}, deep,
                    [0] * 100000, {n: n for n in range(1000)}, list(node), "hidden_block_count_x", "by_value"])
    node[key] = new
    return elf.with_metadata(msgpack.packb(root)), f"metadata: {key} = {str(new)[:40]}"


def bundle(elf: Elf, target: str) -> bytes:
    name = f"hipv4-amdgcn-amd-amdhsa--{target}".encode()
    return b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<4Q", 1, 56 + len(name), len(elf.data), len(name)) + name + elf.data


def damaged(r: random.Random, elf: Elf, target: str, compressed: bytes) -> tuple[bytes, str]:
    data = elf.data
    kinds = {
        "descriptor": (6, lambda: fields(r, data, "descriptor", elf.descriptors, DESCRIPTOR)),
        "header": (2, lambda: fields(r, data, "header", [0], HEADER)),
        "segment": (3, lambda: fields(r, data, "segment", elf.segments, SEGMENT)),
        "section": (3, lambda: fields(r, data, "section", elf.sections, SECTION)),
        "symbol": (2, lambda: fields(r, data, "symbol", elf.symbols, SYMBOL)),
        "relocation": (2, lambda: fields(r, data, "relocation", elf.relocations, RELOCATION)),
        "code": (8, lambda: code_words(r, elf)),
        "metadata": (4, lambda: metadata(r, elf)),
        "debug": (1, lambda: flipped(r, data, *elf.by_name[".debug_line"], "lines")),
        "cut": (1, lambda: ((cut := data[:r.randrange(len(data))]) + bytes(r.choice((0, 4096))), f"{len(cut)} of {len(data)} bytes")),
        "bytes": (2, lambda: flipped(r, data, 0, len(data), "anywhere")),
        "bundle": (1, lambda: fields(r, bundle(elf, target), "bundle", [0], BUNDLE)),
        "compressed": (1, lambda: r.choice((lambda: fields(r, compressed, "compressed", [0], COMPRESSED),
                                            lambda: flipped(r, compressed, 0, len(compressed), "compressed")))()),
    }
    kind = r.choices(list(kinds), [weight for weight, _ in kinds.values()])[0]
    return kinds[kind][1]()


class Machine:
    """HIP, with memory that the kernels get pointers to."""

    def __init__(self, target: str):
        os.environ |= {"HIPEMU_TARGET": target, "HIPEMU_LIMIT": "20000"}
        self.hip = ctypes.CDLL(os.environ["HIPEMU_LIBRARY"])
        self.memory()

    def memory(self) -> None:
        at = ctypes.c_void_p()
        assert self.hip.hipMalloc(ctypes.byref(at), ctypes.c_size_t(1 << 16)) == 0
        assert self.hip.hipMemset(at, 0, ctypes.c_size_t(1 << 16)) == 0
        self.arguments = ctypes.create_string_buffer(struct.pack("<Q", at.value) * 8192)  # more than any kernel takes

    def launch(self, function: ctypes.c_void_p, groups: int, threads: int) -> int:
        size = ctypes.c_size_t(len(self.arguments))
        extra = (ctypes.c_void_p * 5)(1, ctypes.addressof(self.arguments), 2, ctypes.addressof(size), 3)
        return self.hip.hipModuleLaunchKernel(function, groups, 1, 1, threads, 1, 1, 0, None, None, extra)

    def attempt(self, data: bytes, kernels: list[str]) -> str:
        """Loads the object and launches its kernels; what came of it."""
        module, function, number = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_int()
        result = self.hip.hipModuleLoadData(ctypes.byref(module), (ctypes.c_char * len(data)).from_buffer_copy(data))
        assert result in LOADED, f"hipModuleLoadData: {result}"
        if result:
            return "refused"
        for name in kernels:
            result = self.hip.hipModuleGetFunction(ctypes.byref(function), module, name.encode())
            assert result in (0, 500), f"hipModuleGetFunction: {result}"
            if result:
                continue
            for attribute in range(10):
                self.hip.hipFuncGetAttribute(ctypes.byref(number), attribute, function)
            self.hip.hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(ctypes.byref(number), function, 64, ctypes.c_size_t(0))
            for groups, threads in ((2, 70), (1, 1)):
                result = self.launch(function, groups, threads)
                assert result in LAUNCHED, f"hipModuleLaunchKernel: {result}"
                if self.hip.hipDeviceSynchronize():
                    self.hip.hipDeviceReset()
                    self.hip.hipGetLastError()
                    self.memory()
                    return "failed"
        assert self.hip.hipModuleUnload(module) == 0
        return "ran"


def main() -> None:
    images, first, count, seed = Path(sys.argv[1]), *map(int, sys.argv[2:])
    targets = sorted(path.stem for path in images.glob("*.hsaco"))
    target = targets[first % len(targets)]  # one device a process
    elf, compressed = Elf((images / f"{target}.hsaco").read_bytes()), (images / f"{target}.ccob").read_bytes()
    machine = Machine(target)
    assert machine.attempt(elf.data, elf.kernels) == machine.attempt(compressed, elf.kernels) == "ran", "an object that is whole"
    for n in range(first, first + count):
        data, what = damaged(random.Random(f"{seed} {n}"), elf, target, compressed)
        print(f"object {n} of seed {seed} for {target}: {what}", flush=True)
        signal.alarm(SECONDS)
        result = machine.attempt(data, elf.kernels)
        signal.alarm(0)
        print(result, flush=True)


if __name__ == "__main__":
    main()
