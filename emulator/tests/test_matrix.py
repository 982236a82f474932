# SPDX-License-Identifier: Apache-2.0
"""Every matrix instruction of every target against numpy: all shapes and types, AGPRs and VGPRs, broadcasts, signs,
sparse forms, scales, both sizes of RDNA's waves. EXEC is a pattern and has to be ignored."""

from __future__ import annotations

import numpy as np
import pytest
from machine import Table
from matrices import F8F6F4, SIZE, Shape, codes, place_of_a, place_of_d, place_of_index, read, sample, shape, values, write
from values import Type

table = Table()
FP8 = [f"{a}_{b}" for a in ("fp8", "bf8") for b in ("fp8", "bf8")]


def grid(*sizes: int) -> list[np.ndarray]:
    return np.meshgrid(*(np.arange(n) for n in sizes), indexing="ij")


def register_count(lane_and_bit, size: int) -> int:
    return int((lane_and_bit[1].max() + size + 31) // 32)


class Registers(Type):
    """As many registers as a matrix takes, filled by `fill(rng, words[wave, lane, register])`."""

    def __init__(self, count: int, fill=None):
        super().__init__("u32", count)
        self.fill = fill

    def words_of(self, rng, shape):
        words = rng.integers(0, 1 << 32, shape + (self.words,), dtype=np.uint32)
        if self.fill:
            self.fill(rng, words)
        return words

    def decode(self, words):
        return words


class Product:
    """One instruction: the places of its matrices and what it computes of them."""

    def __init__(self, s: Shape, cbsz=0, abid=0, blgp=0, neg_lo=0, neg_hi=0, clamp=False, high=0, key=0, scale=(0, 0), constant=None,
                 subnormal=False):
        self.subnormal = subnormal
        self.s, self.cbsz, self.abid, self.blgp, self.neg_lo, self.neg_hi = s, cbsz, abid, blgp, neg_lo, neg_hi
        self.clamp, self.high, self.key, self.scale, self.constant = clamp, high, key, scale, constant
        b, i, k = grid(s.blocks, s.m, s.k // 2 if s.sparse else s.k)
        from_block = (b >> cbsz << cbsz) + abid if cbsz and s.blocks > 1 else b
        self.a = place_of_a(s, i, k, from_block)
        self.a_stored = place_of_a(s, i, k, b)
        b, k, j = grid(s.blocks, s.k, s.m)
        lane, bit = place_of_a(s, j, k, b, is_b=True)
        self.b_stored = lane, bit
        self.b = self.moved(lane), bit
        b, i, j = grid(s.blocks, s.m, s.m)
        self.d = place_of_d(s, i, j, b, high)
        self.counts = {"d": register_count(self.d, SIZE[s.d]), "a": register_count(self.a, SIZE[s.a]), "b": register_count(self.b, SIZE[s.b])}
        self.types = {"d": Registers(self.counts["d"], self.fill_d), "a": Registers(self.counts["a"], self.fill_a),
                      "b": Registers(self.counts["b"], self.fill_b), "i": Registers(1, self.fill_index), "s": Registers(1, self.fill_scale)}

    def moved(self, lane):
        """BLGP's: the lane whose B a lane sees. The f8f6f4 forms use the field for something else, f64 for signs."""
        if not self.blgp or self.s.name.endswith("f8f6f4"):
            return lane
        if self.blgp == 3:
            return (lane + 16) % 64
        return lane % 32 + 32 * (self.blgp - 1) if self.blgp < 3 else lane % 16 + 16 * (self.blgp - 4)

    def fill(self, rng, words, kind, place):
        lane, bit = place
        chosen = sample(kind, rng, (words.shape[0],) + lane.shape, self.s.target)
        if self.subnormal and place is self.a_stored:
            chosen = chosen & np.uint64(0x803F) | np.uint64(1)
        write(words, lane, bit, SIZE[kind], chosen)
        if self.s.target.startswith("gfx11"):  # A and B lie in every 16 lanes
            words[...] = words[:, np.arange(self.s.lanes) % 16]

    def fill_a(self, rng, words):
        self.fill(rng, words, self.s.a, self.a_stored)

    def fill_b(self, rng, words):
        self.fill(rng, words, self.s.b, self.b_stored)

    def fill_d(self, rng, words):
        lane, bit = self.d
        write(words, lane, bit, SIZE[self.s.d], sample(self.s.d, rng, (words.shape[0],) + lane.shape, self.s.target))

    def fill_index(self, rng, words):
        pairs = np.array([first | second << 2 for first in range(3) for second in range(first + 1, 4)], np.uint64)
        every = rng.choice(pairs, words.shape + (8,))
        words[...] = sum(every[..., n] << np.uint64(4 * n) for n in range(8)).astype(np.uint32)

    def fill_scale(self, rng, words):
        words[...] = rng.integers(124, 131, words.shape + (4,), dtype=np.uint8).view(np.uint32)[..., 0]

    def matrix(self, words, kind, place, which):
        lane, bit = place
        x = values(kind, read(words, lane, bit, SIZE[kind]), self.s.target, signed=self.neg_lo >> which & 1 if kind in ("iu8", "iu4") else True)
        if kind in ("f16", "bf16"):
            x = np.where((np.where(bit // 16 % 2, self.neg_hi, self.neg_lo) >> which) & 1, -x, x)
        elif kind == "f64" and self.neg_lo >> which & 1:
            x = -x
        return x

    def scales(self, words, is_b):
        """[wave, row, k]: byte `self.scale` of lane row + rows * (k // 32)."""
        row, k = grid(self.s.m, self.s.k)
        return 2.0 ** (read(words, row + self.s.m * (k // 32), 8 * self.scale[is_b] + 0 * row, 8).astype(np.float64) - 127)

    def compute(self, a, b, c, index=None, scale_a=None, scale_b=None):
        s = self.s
        x, y = self.matrix(a, s.a, self.a, 0), self.matrix(b, s.b, self.b, 1)
        if self.subnormal and s.target == "gfx90a":
            x = 0 * x
        if scale_a is not None:
            x = x * self.scales(scale_a, 0)[:, None]
            y = y * self.scales(scale_b, 1).transpose(0, 2, 1)[:, None]
        if s.sparse:
            i, k = grid(s.m, s.k // 2)
            place = k // 2 * 4 + read(index, *place_of_index(s, i, k, self.key), 2).astype(np.int64)
            dense = np.zeros((len(a), 1, s.m, s.k))
            for wave in range(len(a)):
                np.add.at(dense[wave, 0], (i, place[wave]), x[wave, 0])
            x = dense
        lane, bit = self.d
        if self.constant is not None:
            z = np.float64(self.constant)
        else:
            z = values(s.d, read(c, lane, bit, SIZE[s.d]), s.target)
        if s.d != "i32":
            z = np.abs(z) if self.neg_hi & 4 else z
            z = -z if self.neg_lo & 4 else z
        result = x @ y + z
        if self.clamp:
            result = np.clip(result, -(2.0**31), 2.0**31 - 1)
        return result

    def put(self, before, result):
        words = before.copy()
        write(words, *self.d, SIZE[self.s.d], codes(self.s.d, result))
        return words


def add(name: str, target: str, modifiers: str = "", kinds: str = "vvvv", in_place=False, a="", b="", constant=None, **options):
    lanes = 64 if target.startswith("gfx9") or target.endswith("wave64") else 32
    p = Product(shape(name, target.removesuffix("-wave64"), lanes, a, b), constant=constant, **options)
    types = {**p.types}
    kind = [f"{k}." if k == "a" else "" for k in kinds]
    ins = [f"a:{kind[1]}a", f"b:{kind[2]}b"]
    if p.s.sparse:
        text = f"{name} {{d}}, {{a}}, {{b}}, {{i}}"
        ins += [f"d:{kind[0]}d", "i:i"]
        formula = lambda a, b, d, i: p.put(d, p.compute(a, b, d, i))  # noqa: E731
    elif constant is not None:
        # D is an operand that is read, so that what the instruction leaves of it is known.
        text = f"{name} {{d}}, {{a}}, {{b}}, {constant if p.s.d == 'i32' else float(constant)}"
        ins += [f"d:{kind[0]}d"]
        formula = lambda a, b, d: p.put(d, p.compute(a, b, None))  # noqa: E731
    elif in_place:
        text = f"{name} {{d}}, {{a}}, {{b}}, {{d}}"
        ins += [f"d:{kind[0]}d"]
        formula = lambda a, b, d: p.put(d, p.compute(a, b, d))  # noqa: E731
    elif "scale" in name:
        text = f"{name} {{d}}, {{a}}, {{b}}, {{c}}, {{s}}, {{t}}"
        ins += [f"c:{kind[3]}d", "s:s", "t:s", f"d:{kind[0]}d"]
        formula = lambda a, b, c, s, t, d: p.put(d, p.compute(a, b, c, None, s, t))  # noqa: E731
    else:
        text = f"{name} {{d}}, {{a}}, {{b}}, {{c}}"
        ins += [f"c:{kind[3]}d", f"d:{kind[0]}d"]
        formula = lambda a, b, c, d: p.put(d, p.compute(a, b, c))  # noqa: E731
    text += f" {modifiers}" if modifiers else ""
    table.add(target, text, f"d:{kind[0]}d", " ".join(ins), formula, types=types, masked=False, waves=4, name=f"{text} {kinds}")


def everywhere(names: list[str], targets, **options):
    for target in targets:
        for name in names:
            add(name, target, **options)


# --- CDNA ------------------------------------------------------------------------------------------------------------

GFX90A = ["v_mfma_f64_16x16x4f64", "v_mfma_f64_4x4x4f64"]
GFX90A += [f"v_mfma_f32_{s}" for s in (
    "32x32x1f32", "16x16x1f32", "4x4x1f32", "32x32x2f32", "16x16x4f32", "32x32x4f16", "16x16x4f16", "4x4x4f16", "32x32x8f16",
    "16x16x16f16", "32x32x4bf16_1k", "16x16x4bf16_1k", "4x4x4bf16_1k", "32x32x8bf16_1k", "16x16x16bf16_1k", "32x32x2bf16",
    "16x16x2bf16", "4x4x2bf16", "32x32x4bf16", "16x16x8bf16")]
GFX90A += [f"v_mfma_i32_{s}" for s in ("32x32x4i8", "16x16x4i8", "4x4x4i8", "32x32x8i8", "16x16x16i8")]
CDNA = ["v_mfma_f64_16x16x4_f64", "v_mfma_f64_4x4x4_4b_f64"]
CDNA += [f"v_mfma_f32_{s}" for s in ("32x32x1_2b_f32", "16x16x1_4b_f32", "4x4x1_16b_f32", "32x32x2_f32", "16x16x4_f32")]
CDNA += [f"v_mfma_f32_{s}_{t}" for s in ("32x32x4_2b", "16x16x4_4b", "4x4x4_16b", "32x32x8", "16x16x16") for t in ("f16", "bf16")]
CDNA += [f"v_mfma_i32_{s}_i8" for s in ("32x32x4_2b", "16x16x4_4b", "4x4x4_16b", "32x32x16", "16x16x32")]
CDNA += [f"v_mfma_f32_{s}_{t}" for s in ("32x32x16", "16x16x32") for t in FP8]
XF32 = ["v_mfma_f32_32x32x4_xf32", "v_mfma_f32_16x16x8_xf32"]
GFX950 = [f"v_mfma_f32_{s}_{t}" for s in ("32x32x16", "16x16x32") for t in ("f16", "bf16")]
GFX950 += [f"v_mfma_i32_{s}_i8" for s in ("32x32x32", "16x16x64")]
for target, names in (("gfx90a", GFX90A), ("gfx942", CDNA + XF32), ("gfx950", CDNA + GFX950)):
    everywhere(names, [target])
    everywhere(names, [target], kinds="aaaa")

for target, names in (("gfx90a", GFX90A[2:]), ("gfx942", CDNA[2:])):
    for name in names:
        s = shape(name, target, 64)
        for cbsz in range(1, s.blocks.bit_length()):
            for abid in {0, 1, (1 << cbsz) - 1}:
                add(name, target, f"cbsz:{cbsz} abid:{abid}", cbsz=cbsz, abid=abid)
        if s.a in ("f32", "f16", "bf16", "i8") and s.m != 32 or name in (names[0], "v_mfma_f32_32x32x8_f16"):
            for blgp in range(1, 8):
                add(name, target, f"blgp:{blgp}", blgp=blgp)
for target in ("gfx942", "gfx950"):
    for signs in range(1, 8):
        bits = ",".join(str(signs >> n & 1) for n in range(3))
        add("v_mfma_f64_16x16x4_f64", target, f"neg:[{bits}]", neg_lo=signs)
    add("v_mfma_f32_16x16x16_f16", target, kinds="avvv", in_place=True)
    add("v_mfma_f32_16x16x16_f16", target, kinds="vavv")
    add("v_mfma_f32_32x32x8_bf16", target, kinds="vvav")
    add("v_mfma_f32_16x16x16_f16", target, constant=-4)
    add("v_mfma_i32_16x16x32_i8", target, constant=17)
    add("v_mfma_f64_16x16x4_f64", target, constant=2)

for target, names in (("gfx90a", ("16x16x16f16", "32x32x8bf16_1k")), ("gfx942", ("16x16x16_f16", "32x32x8_bf16")), ("gfx950", ("16x16x32_f16",))):
    for name in names:
        add(f"v_mfma_f32_{name}", target, kinds="vavv", constant=0, subnormal=True)

SMFMAC = [f"v_smfmac_f32_{s}_{t}" for s in ("16x16x32", "32x32x16") for t in ("f16", "bf16")]
SMFMAC_8 = [f"v_smfmac_i32_{s}_i8" for s in ("16x16x64", "32x32x32")] + [f"v_smfmac_f32_{s}_{t}" for s in ("16x16x64", "32x32x32") for t in FP8]
SMFMAC_950 = [f"v_smfmac_f32_{s}_{t}" for s in ("16x16x64", "32x32x32") for t in ("f16", "bf16")]
SMFMAC_950_8 = [f"v_smfmac_i32_{s}_i8" for s in ("16x16x128", "32x32x64")] + [f"v_smfmac_f32_{s}_{t}" for s in ("16x16x128", "32x32x64") for t in FP8]
for target in ("gfx942", "gfx950"):
    for names, sets in ((SMFMAC, 4), (SMFMAC_8, 2), (SMFMAC_950, 2), (SMFMAC_950_8, 1)):
        if target == "gfx942" and names in (SMFMAC_950, SMFMAC_950_8):
            continue
        for name in names:
            for chosen in range(sets):
                add(name, target, f"abid:{chosen}" if chosen else "", key=chosen, kinds="avvv" if chosen else "vvvv")
        add(names[0], target, "cbsz:1 abid:1", key=0)

for name in ("v_mfma_f32_16x16x128_f8f6f4", "v_mfma_f32_32x32x64_f8f6f4"):
    for a, first in enumerate(F8F6F4):
        for b, second in enumerate(F8F6F4):
            formats = f"cbsz:{a} blgp:{b}"
            add(name, "gfx950", formats, a=first, b=second)
            for one, two in ((0, 0), (1, 2), (3, 1)) if a == b or (a, b) in ((0, 4), (4, 1)) else ((2, 3),):
                selects = f"op_sel:[{one & 1},{two & 1},0] op_sel_hi:[{one >> 1},{two >> 1},0]"
                add(name.replace("v_mfma_", "v_mfma_scale_"), "gfx950", f"{selects} {formats}", a=first, b=second, scale=(one, two))

# --- RDNA ------------------------------------------------------------------------------------------------------------

RDNA = [f"v_wmma_{d}_16x16x16_{t}" for d, t in (("f32", "f16"), ("f32", "bf16"), ("f16", "f16"), ("bf16", "bf16"), ("i32", "iu8"), ("i32", "iu4"))]
GFX12 = ["v_wmma_i32_16x16x32_iu4"] + [f"v_wmma_f32_16x16x16_{t}" for t in FP8]
SWMMAC = [f"v_swmmac_{d}_16x16x32_{t}" for d, t in (("f32", "f16"), ("f32", "bf16"), ("f16", "f16"), ("bf16", "bf16"), ("i32", "iu8"), ("i32", "iu4"))]
SWMMAC += ["v_swmmac_i32_16x16x64_iu4"] + [f"v_swmmac_f32_16x16x32_{t}" for t in FP8]
for target in ("gfx1100", "gfx1100-wave64", "gfx1201", "gfx1201-wave64"):
    is_gfx12 = target.startswith("gfx12")
    everywhere(RDNA + (GFX12 if is_gfx12 else []), [target])
    everywhere(RDNA, [target], in_place=True)
    for name in (RDNA[0], RDNA[1], RDNA[2]):
        for low, high in ((1, 1), (2, 2), (3, 3), (1, 0), (0, 2), (4, 0), (0, 4), (7, 7)):
            bits = [",".join(str(x >> n & 1) for n in range(3)) for x in (low, high)]
            add(name, target, f"neg_lo:[{bits[0]}] neg_hi:[{bits[1]}]", neg_lo=low, neg_hi=high)
    for name in RDNA[4:] + GFX12[:1] * is_gfx12:
        for signs in (1, 2, 3):
            add(name, target, f"neg_lo:[{signs & 1},{signs >> 1},0]", neg_lo=signs)
        add(name, target, "neg_lo:[1,1,0] clamp", neg_lo=3, clamp=True)
    add(RDNA[0], target, constant=4)
    add(RDNA[4], target, constant=-3)
    if not is_gfx12:
        for name in RDNA[2:4]:
            add(name, target, "op_sel:[0,0,1]", high=1)
        continue
    for name in SWMMAC:
        s = shape(name, "gfx1201", 64 if target.endswith("wave64") else 32)
        wide = s.lanes == 64
        sets = (1 if s.k == 64 and not wide else 2) if s.a == "iu4" else 4 if wide else 2
        for key in range(sets):
            add(name, target, f"index_key:{key}" if key else "", key=key)
        if s.a in ("iu4", "iu8"):
            add(name, target, "neg_lo:[1,0,0]", neg_lo=1)


@table.test()
def test_matrix(row, target):
    table.run(row, target)


@pytest.mark.parametrize("first", [0, 2])
@pytest.mark.parametrize(("kind", "k"), [("f16", 64), ("fp8", 128)])
def test_sparse_b_of_eight_registers(kind, k, first):
    """Which element of B meets an element of A, as one-hot probes on an MI350 have shown and published ("GFX950 SMFMAC Sparse
    Trick Notes", of an open benchmark of AMD's matrix instructions): A's slot `a` of lane group `ag`, which stands for
    positions `first` and `first` + 1 of its four, meets this slot of B in this lane group."""
    s = shape(f"v_smfmac_f32_16x16x{k}_{'f16' if kind == 'f16' else 'fp8_fp8'}", "gfx950", 64)
    slots = k // 8  # of A in a lane
    for ag in range(4):
        for a in range(slots):
            b_slot = slots * (ag // 2) + 4 * (a % (slots // 2) // 2) + a % 2 + first
            b_group = 2 * (ag % 2) + a // (slots // 2)
            depth = 4 * ((ag * slots + a) // 2) + first + a % 2  # which element of k that is
            lane, bit = place_of_a(s, 3, depth, 0, is_b=True)
            assert (lane, bit) == (3 + 16 * b_group, SIZE[kind] * b_slot), (ag, a)
            assert place_of_a(s, 5, ag * slots + a, 0) == (5 + 16 * ag, SIZE[kind] * a)
