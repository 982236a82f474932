# SPDX-License-Identifier: Apache-2.0
"""SALU, scalar memory, branches, modes."""

import exact
import numpy as np
from machine import ALL, CDNA, GFX12, GFX90A, RDNA, WAVE64, Table
from test_integer import big, low, popcount, sat, wide
from values import Type, between

table = Table()


def add(targets, text, outs, ins, formula, **options):
    """All operands are scalar unless they say otherwise."""
    def scalar(operands):
        return " ".join(o if ":" not in o or o.split(":")[1].startswith(("v.", "s.", "mask")) else o.replace(":", ":s.") for o in operands.split())
    table.add(targets, text, scalar(outs).replace("v.", ""), scalar(ins).replace("v.", ""), formula, **{"waves": 96} | options)


TWO = "{d}, {a}, {b}"
AB, SAB, WAB = "a:u32 b:u32", "a:i32 b:i32", "a:u64 b:u64"


def nonzero(function):
    return lambda *x: ((r := function(*x)), r != 0)


def wrapped(x, bits=32):
    return x.astype(np.int64) & (1 << bits) - 1


# --- Sums
add(ALL, "s_add_u32 " + TWO, "d:u32 scc", AB, lambda a, b: (a + b, wide(a) + wide(b) >> np.uint64(32) != 0))
add(ALL, "s_sub_u32 " + TWO, "d:u32 scc", AB, lambda a, b: (a - b, a < b))
add(ALL, "s_add_i32 " + TWO, "d:i32 scc", SAB, lambda a, b: (a + b, wide(a) + wide(b) != (a + b)))
add(ALL, "s_sub_i32 " + TWO, "d:i32 scc", SAB, lambda a, b: (a - b, wide(a) - wide(b) != (a - b)))
add(ALL, "s_addc_u32 " + TWO, "d:u32 scc", AB + " scc", lambda a, b, c: (a + b + c, wide(a) + wide(b) + wide(c) >> np.uint64(32) != 0))
add(ALL, "s_subb_u32 " + TWO, "d:u32 scc", AB + " scc", lambda a, b, c: (a - b - c, wide(a) < wide(b) + wide(c)))
add(GFX12, "s_add_nc_u64 " + TWO, "d:u64", WAB, lambda a, b: a + b)
add(GFX12, "s_sub_nc_u64 " + TWO, "d:u64", WAB, lambda a, b: a - b)
add(GFX12, "s_mul_u64 " + TWO, "d:u64", WAB, lambda a, b: a * b)
add(ALL, "s_mul_i32 " + TWO, "d:u32", AB, lambda a, b: a * b)
add(ALL, "s_mul_hi_u32 " + TWO, "d:u32", AB, lambda a, b: wide(a) * wide(b) >> np.uint64(32))
add(ALL, "s_mul_hi_i32 " + TWO, "d:i32", SAB, lambda a, b: wide(a) * wide(b) >> 32)
add(ALL, "s_absdiff_i32 " + TWO, "d:u32 scc", SAB, nonzero(lambda a, b: wrapped(abs((a.astype(np.int64) - b).astype(np.int32).astype(np.int64)))))
add(ALL, "s_abs_i32 {d}, {a}", "d:u32 scc", "a:i32", nonzero(lambda a: wrapped(abs(a.astype(np.int64)))))
for n in (1, 2, 3, 4):
    add(ALL, f"s_lshl{n}_add_u32 " + TWO, "d:u32 scc", AB,
        lambda a, b, n=n: ((a << n) + b, (wide(a) << np.uint64(n)) + wide(b) >> np.uint64(32) != 0))
for name, function in (("min", np.minimum), ("max", np.maximum)):
    for t in ("i32", "u32"):
        add(ALL, f"s_{name}_{t} " + TWO, f"d:{t} scc", f"a:{t} b:{t}",
            lambda a, b, f=function, n=name: (f(a, b), a < b if n == "min" else a >= b))

# --- Bits
LOGIC = {"and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b, "andn2": lambda a, b: a & ~b, "orn2": lambda a, b: a | ~b,
         "nand": lambda a, b: ~(a & b), "nor": lambda a, b: ~(a | b), "xnor": lambda a, b: ~(a ^ b)}
for name, function in LOGIC.items():
    for bits in (32, 64):
        add(ALL, f"s_{name}_b{bits} " + TWO, f"d:u{bits} scc", f"a:u{bits} b:u{bits}", nonzero(function))
for bits in (32, 64):
    u, i, m = f"u{bits}", f"i{bits}", bits - 1

    def by(b, m=m):
        return (b & m).astype(np.uint64 if m == 63 else np.uint32)
    add(ALL, f"s_lshl_b{bits} " + TWO, f"d:{u} scc", f"a:{u} b:u32", nonzero(lambda a, b, by=by: a << by(b)))
    add(ALL, f"s_lshr_b{bits} " + TWO, f"d:{u} scc", f"a:{u} b:u32", nonzero(lambda a, b, by=by: a >> by(b)))
    add(ALL, f"s_ashr_i{bits} " + TWO, f"d:{i} scc", f"a:{i} b:u32", nonzero(lambda a, b, by=by: a >> by(b).astype(a.dtype)))
    add(ALL, f"s_bfm_b{bits} " + TWO, f"d:{u}", AB, lambda a, b, by=by, bits=bits: low(bits)(big(lambda a, b, m=bits - 1: ((1 << (a & m)) - 1) << (b & m))(a, b)))
    add(ALL, f"s_not_b{bits} {{d}}, {{a}}", f"d:{u} scc", f"a:{u}", nonzero(lambda a: ~a))
    add(ALL, f"s_mov_b{bits} {{d}}, {{a}}", f"d:{u}", f"a:{u}", lambda a: a)
    add(ALL, f"s_cmov_b{bits} {{d}}, {{a}}", f"d:{u}", f"a:{u} d:{u} scc", lambda a, d, c: np.where(c, a, d))
    add(ALL, f"s_cselect_b{bits} " + TWO, f"d:{u}", f"a:{u} b:{u} scc", lambda a, b, c: np.where(c, a, b))
    add(ALL, f"s_bcnt1_i32_b{bits} {{d}}, {{a}}", "d:u32 scc", f"a:{u}", nonzero(popcount))
    add(ALL, f"s_bcnt0_i32_b{bits} {{d}}, {{a}}", "d:u32 scc", f"a:{u}", nonzero(lambda a: popcount(~a)))
    add(ALL, f"s_brev_b{bits} {{d}}, {{a}}", f"d:{u}", f"a:{u}", lambda a, bits=bits: big(lambda v: int(f"{v:0{bits}b}"[::-1], 2))(a).astype(np.uint64))
    add(ALL, f"s_wqm_b{bits} {{d}}, {{a}}", f"d:{u} scc", f"a:{u}",
        nonzero(lambda a, bits=bits: big(lambda v: sum(15 << i for i in range(0, bits, 4) if v >> i & 15))(a).astype(np.uint64)))
    add(ALL, f"s_quadmask_b{bits} {{d}}, {{a}}", f"d:{u} scc", f"a:{u}",
        nonzero(lambda a, bits=bits: big(lambda v: sum(1 << i // 4 for i in range(0, bits, 4) if v >> i & 15))(a).astype(np.uint64)))
    add(ALL, f"s_bitset0_b{bits} {{d}}, {{a}}", f"d:{u}", f"a:u32 d:{u}", lambda a, d, by=by: d & ~(d.dtype.type(1) << by(a)))
    add(ALL, f"s_bitset1_b{bits} {{d}}, {{a}}", f"d:{u}", f"a:u32 d:{u}", lambda a, d, by=by: d | d.dtype.type(1) << by(a))
    add(ALL, f"s_bitcmp1_b{bits} {{a}}, {{b}}", "scc", f"a:{u} b:u32", lambda a, b, by=by: a >> by(b) & a.dtype.type(1) != 0)
    add(ALL, f"s_bitcmp0_b{bits} {{a}}, {{b}}", "scc", f"a:{u} b:u32", lambda a, b, by=by: a >> by(b) & a.dtype.type(1) == 0)
    for cdna, rdna, value in ((f"s_ff1_i32_b{bits}", f"s_ctz_i32_b{bits}", lambda v, bits: (v & -v).bit_length() - 1 if v else -1),
                              (f"s_flbit_i32_b{bits}", f"s_clz_i32_u{bits}", lambda v, bits: bits - v.bit_length() if v else -1),
                              ("s_flbit_i32" if bits == 32 else "s_flbit_i32_i64", "s_cls_i32" if bits == 32 else "s_cls_i32_i64",
                               lambda v, bits: (lambda w: bits - w.bit_length() if w else -1)(v ^ (-(v >> bits - 1) & (1 << bits) - 1)))):
        for targets, name in ((CDNA, cdna), (RDNA, rdna)):
            add(targets, name + " {d}, {a}", "d:i32", f"a:{u}", lambda a, v=value, bits=bits: big(lambda x: v(x, bits))(a).astype(np.int64))
add(CDNA, "s_ff0_i32_b32 {d}, {a}", "d:i32", "a:u32", lambda a: big(lambda v: (~v & v + 1).bit_length() - 1 if v != 0xFFFFFFFF else -1)(a).astype(np.int64))
FIELDS = {"field": Type("u32", 1, lambda rng, shape: rng.integers(0, 64, shape) | rng.integers(0, 80, shape) << 16)}


def wide_field(signed, bits):
    def one(a, offset, width):
        a >>= offset
        part = a & (1 << width) - 1 if width else 0
        return part - (1 << width) if signed and width and width <= bits and part >> width - 1 & 1 else part
    return one


for bits, mask in ((32, 31), (64, 63)):
    for kind in "ui":
        add(ALL, f"s_bfe_{kind}{bits} " + TWO, f"d:u{bits} scc", f"a:{kind}{bits} b:field", types=FIELDS, formula=nonzero(
            lambda a, b, k=kind, bits=bits, m=mask: low(bits)(big(lambda a, b: wide_field(k == "i", bits)(a, b & m, min(b >> 16 & 127, bits)))(a, b))))
add(ALL, "s_pack_ll_b32_b16 " + TWO, "d:u32", AB, lambda a, b: a & 0xFFFF | b << 16)
add(ALL, "s_pack_lh_b32_b16 " + TWO, "d:u32", AB, lambda a, b: a & 0xFFFF | b & 0xFFFF0000)
add(ALL, "s_pack_hh_b32_b16 " + TWO, "d:u32", AB, lambda a, b: a >> 16 | b & 0xFFFF0000)
add(RDNA, "s_pack_hl_b32_b16 " + TWO, "d:u32", AB, lambda a, b: a >> 16 | b << 16)
add(ALL, "s_sext_i32_i8 {d}, {a}", "d:i32", "a:u32", lambda a: a.astype(np.uint8).view(np.int8))
add(ALL, "s_sext_i32_i16 {d}, {a}", "d:i32", "a:u32", lambda a: a.astype(np.uint16).view(np.int16))
add(ALL, "s_bitreplicate_b64_b32 {d}, {a}", "d:u64", "a:u32", lambda a: big(lambda v: sum(3 << 2 * i for i in range(32) if v >> i & 1))(a).astype(np.uint64))

# --- Comparisons and short constants
COMPARE = {"eq": np.equal, "lg": np.not_equal, "gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal}
for name, function in COMPARE.items():
    for t in ("i32", "u32"):
        add(ALL, f"s_cmp_{name}_{t} {{a}}, {{b}}", "scc", f"a:{t} b:{t}", function)
        constant = 65533 if t == "u32" else -3
        add(tuple(t2 for t2 in ALL if t2 not in GFX12), f"s_cmpk_{name}_{t} {{a}}, {constant}", "scc", f"a:{t}", lambda a, f=function, c=constant: f(a, a.dtype.type(c)))
    if name in ("eq", "lg"):
        add(ALL, f"s_cmp_{name}_u64 {{a}}, {{b}}", "scc", WAB, function)
        add(ALL, f"s_cmp_{name}_u64 {{a}}, {{a}}", "scc", "a:u64", lambda a, f=function: f(a, a))
add(ALL, "s_movk_i32 {d}, 0x8001", "d:i32", "a:u32", lambda a: np.full(a.shape, -32767))
add(ALL, "s_addk_i32 {d}, -2", "d:i32 scc", "d:i32", lambda d: (d + np.int32(-2), d < -(1 << 31) + 2))
add(ALL, "s_mulk_i32 {d}, -5", "d:i32", "d:i32", lambda d: d * np.int32(-5))
add(ALL, "s_cmovk_i32 {d}, 77", "d:i32", "d:i32 scc", lambda d, c: np.where(c, 77, d))
add(ALL, "s_mov_b64 {d}, -1", "d:u64", "a:u32", lambda a: np.full(a.shape, (1 << 64) - 1, np.uint64))
add(ALL, "s_mov_b64 {d}, 0x87654321", "d:u64", "a:u32", lambda a: np.full(a.shape, 0x87654321, np.uint64))
add(ALL, "s_mov_b64 {d}, 1.0", "d:u64", "a:u32", lambda a: np.full(a.shape, 0x3FF0000000000000, np.uint64))
add(ALL, "s_add_u32 {d}, {a}, 0x12345678", "d:u32", "a:u32", lambda a: a + np.uint32(0x12345678))
add(RDNA, "s_add_u32 null, {a}, {b}", "scc", AB, lambda a, b: wide(a) + wide(b) >> np.uint64(32) != 0)
add(RDNA, "s_add_u32 {d}, null, {b}", "d:u32", "b:u32", lambda b: b)

# --- EXEC: d is what it was; then EXEC is an operation of the two. A bit for each lane of the wave.
SAVE = {"and": lambda s, e: s & e, "or": lambda s, e: s | e, "xor": lambda s, e: s ^ e, "andn2": lambda s, e: s & ~e, "orn2": lambda s, e: s | ~e,
        "andn1": lambda s, e: ~s & e, "orn1": lambda s, e: ~s | e, "nand": lambda s, e: ~(s & e), "nor": lambda s, e: ~(s | e), "xnor": lambda s, e: ~(s ^ e)}
for name, function in SAVE.items():
    add(ALL + WAVE64, f"s_{name}_saveexec_{{bits}} {{d}}, {{p}}", "d:mask exec scc", "p:mask exec",
        lambda p, e, f=function: (e, f(p, e), f(p, e).any(1, keepdims=True)), masked=False)
for name in ("andn1", "andn2"):
    add(ALL, f"s_{name}_wrexec_{{bits}} {{d}}, {{p}}", "d:mask exec scc", "p:mask exec",
        lambda p, e, f=SAVE[name]: (f(p, e), f(p, e), f(p, e).any(1, keepdims=True)), masked=False)
add(ALL + WAVE64, "s_and_{bits} {vcc}, {exec}, {vcc}", "vcc scc", "vcc exec", lambda v, e: (v & e, (v & e).any(1, keepdims=True)), masked=False)

# --- Branches
add(ALL, "s_mov_b32 {d}, 1\ns_cbranch_scc1 {L}\ns_mov_b32 {d}, 2\n{L}:", "d:u32", "scc", lambda c: np.where(c, 1, 2), name="s_cbranch_scc1")
add(ALL, "s_mov_b32 {d}, 1\ns_cbranch_scc0 {L}\ns_mov_b32 {d}, 2\n{L}:", "d:u32", "scc", lambda c: np.where(c, 2, 1), name="s_cbranch_scc0")
for name, function in (("vccz", lambda v, e: ~v.any(1)), ("vccnz", lambda v, e: v.any(1)), ("execz", lambda v, e: ~e.any(1)), ("execnz", lambda v, e: e.any(1))):
    add(ALL + WAVE64, f"s_and_{{bits}} {{vcc}}, {{vcc}}, {{exec}}\ns_mov_b32 {{d}}, 1\ns_cbranch_{name} {{L}}\ns_mov_b32 {{d}}, 2\n{{L}}:", "d:u32", "vcc exec",
        lambda v, e, f=function: np.where(f(v & e, e), 1, 2)[:, None], name=f"s_cbranch_{name}")
add(ALL, "s_mov_b32 {d}, 0\n{L}:\ns_add_u32 {d}, {d}, {n}\ns_sub_u32 {n}, {n}, 1\ns_cmp_lg_u32 {n}, 0\ns_cbranch_scc1 {L}", "d:u32", "n:u32",
    lambda n: n * (n + 1) // 2, types={"u32": between("u32", 1, 40)}, name="a loop")
add(ALL, "s_getpc_b64 {p}\ns_add_u32 {q}, {a}, 1\ns_call_b64 {p}, {L}f\ns_branch {L}\n{L}f:\ns_mul_i32 {d}, {q}, {q}\ns_setpc_b64 {p}\n{L}:", "d:u32",
    "a:u32 p:u64 q:u32", lambda a, p, q: (a + 1) * (a + 1), name="s_call_b64, s_setpc_b64")
add(ALL, "s_getpc_b64 {p}\n{L}h:\ns_add_u32 {p0}, {p0}, {L}f-{L}h\ns_addc_u32 {p1}, {p1}, 0\ns_swappc_b64 {q}, {p}\ns_branch {L}\n"
    "{L}f:\ns_xor_b32 {d}, {a}, -1\ns_setpc_b64 {q}\n{L}:", "d:u32", "a:u32 p:u64 q:u64", lambda a, p, q: ~a, name="s_getpc_b64, s_swappc_b64")

# --- Registers by number
add(ALL, "s_mov_b32 m0, {i}\ns_movrels_b32 {d}, {x0}", "d:u32", "x:8xu32 i:u32", lambda x, i: np.take_along_axis(x, i[..., None].astype(np.int64), -1)[..., 0],
    types={"u32": between("u32", 0, 8)}, name="s_movrels_b32")
add(CDNA, "s_set_gpr_idx_on {i}, gpr_idx(SRC0)\nv_mov_b32 {d}, {x0}\ns_set_gpr_idx_off", "d:v.u32", "x:v.8xu32 i:u32 m0",
    lambda x, i, m: np.take_along_axis(x, np.broadcast_to(i, x.shape[:2])[..., None].astype(np.int64), -1)[..., 0],
    types={"u32": between("u32", 0, 8)}, waves=0, name="s_set_gpr_idx_on, source")
add(CDNA, "s_set_gpr_idx_on {i}, gpr_idx(DST)\nv_mov_b32 {x0}, {a}\ns_set_gpr_idx_off", "x:v.8xu32", "x:v.8xu32 a:v.4xu8 i:u32 m0",
    lambda x, a, i, m: np.where(np.arange(8) == i[..., None], (a.astype(np.uint32) << np.arange(4, dtype=np.uint32) * 8).sum(-1)[..., None], x),
    types={"u32": between("u32", 0, 8)}, waves=0, name="s_set_gpr_idx_on, destination")
NEAR = {"near": between("u32", 0, 8), "zero": between("u32", 0, 1)}


def at_index(x, i):
    return np.take_along_axis(x, np.broadcast_to(i, x.shape[:2])[..., None].astype(np.int64), -1)[..., 0]


# The manual's table, "VGPR Indexing Details": each source by its own bit, a destination that is also read by one.
add(CDNA, "s_set_gpr_idx_on {i}, gpr_idx(SRC1)\nv_sub_u32 {d}, {a}, {x0}\ns_set_gpr_idx_off", "d:v.u32", "x:v.8xu32 a:v.u32 i:near m0",
    lambda x, a, i, m: a - at_index(x, i), types=NEAR, name="s_set_gpr_idx_on, source 1")
add(CDNA, "s_set_gpr_idx_on {i}, gpr_idx(SRC0,SRC2)\nv_mad_u32_u24 {d}, {x0}, {a}, {x0}\ns_set_gpr_idx_off", "d:v.u32", "x:v.8xu32 a:v.u32 i:near m0",
    lambda x, a, i, m: (at_index(x, i) & 0xffffff) * (a & 0xffffff) + at_index(x, i), types=NEAR, name="s_set_gpr_idx_on, sources 0 and 2")
add(CDNA, "s_set_gpr_idx_on {i}, gpr_idx(SRC0,DST)\nv_add_u32_dpp {x0}, {x0}, {a} row_mirror row_mask:0xf bank_mask:0xf\ns_set_gpr_idx_off", "x:v.8xu32",
    "x:v.8xu32 a:v.u32 i:near m0", lambda x, a, i, m: np.where(np.arange(8) == i[..., None], (at_index(x, i)[:, np.arange(64) ^ 15] + a)[..., None], x),
    types=NEAR, full=True, name="s_set_gpr_idx_on, DPP")
add(CDNA, "s_mov_b32 {t}, 3\n{L}:\ns_set_gpr_idx_on {t}, gpr_idx(DST)\nglobal_load_dword {d}, {z}, {mem} offset:8\ns_waitcnt vmcnt(0)\n"
    "v_mov_b32 {x0}, {a}\ns_set_gpr_idx_off\ns_sub_u32 {t}, {t}, 2\ns_cmp_gt_i32 {t}, 0\ns_cbranch_scc1 {L}", "x:v.8xu32 d:v.u32",
    "x:v.8xu32 a:v.u32 z:v.zero t:i32 m0", lambda mem, x, a, z, t, m: (np.where(np.isin(np.arange(8), (1, 3)), a[..., None], x), np.full(a.shape, mem[2])),
    memory=lambda rng, waves, lanes: rng.integers(0, 1 << 32, 4, dtype=np.uint32), types=NEAR,
    name="s_set_gpr_idx_on, a loop; loads are as written")
add(GFX90A, "s_set_gpr_idx_on 1, gpr_idx(DST)\ns_set_gpr_idx_idx {i}\ns_set_gpr_idx_mode gpr_idx(SRC0)\nv_mov_b32 {d}, {x0}\ns_set_gpr_idx_off\nv_mov_b32 {e}, {x0}",
    "d:v.u32 e:v.u32", "x:v.8xu32 i:near m0", lambda x, i, m: (at_index(x, i), x[..., 0]), types=NEAR, name="s_set_gpr_idx_idx, s_set_gpr_idx_mode")
# S_SETVSKIP: no vector instruction is issued; the others are.
add(CDNA, "s_mov_b32 {t}, 1\ns_setvskip {a}, {b}\nv_mov_b32 {d}, {y}\nglobal_load_dword {d}, {y}, {mem}\nds_write_b32 {y}, {y}\ns_mov_b32 {t}, 2\ns_setvskip 0, 0",
    "d:v.u32 t:u32", "a:u32 b:u32 d:v.u32 y:v.zero", lambda m, a, b, d, y: (np.where(a >> (b & 31) & 1, d, m[0]), np.full(a.shape, 2)),
    memory=lambda rng, waves, lanes: rng.integers(0, 1 << 32, 4, dtype=np.uint32), lds=16, types=NEAR, name="s_setvskip")
add(RDNA, "s_mov_b32 m0, {i}\ns_nop 4\nv_movrels_b32 {d}, {x0}", "d:v.u32", "x:v.8xu32 i:u32",
        lambda x, i: np.take_along_axis(x, np.broadcast_to(i, x.shape[:2])[..., None].astype(np.int64), -1)[..., 0],
        types={"u32": between("u32", 0, 8)}, waves=0, name="v_movrels_b32")
add(RDNA, "s_mov_b32 m0, {i}\ns_nop 4\nv_movreld_b32 {x0}, {a}", "x:v.8xu32", "x:v.8xu32 a:v.i32 i:u32",
        lambda x, a, i: np.where(np.arange(8) == i[..., None], a.view(np.uint32)[..., None], x),
        types={"u32": between("u32", 0, 8)}, waves=0, name="v_movreld_b32")

# --- Modes
add(ALL, "s_setreg_b32 hwreg(HW_REG_MODE, 0, 8), {a}\ns_getreg_b32 {d}, hwreg(HW_REG_MODE, 0, 8)", "d:u32", "a:u32", lambda a: a & 255)
add(ALL, "s_setreg_imm32_b32 hwreg(HW_REG_MODE, 2, 3), 5\ns_getreg_b32 {d}, hwreg(HW_REG_MODE, 0, 8)", "d:u32", "a:u32", lambda a: np.full(a.shape, 0xF0 & ~0x1C | 5 << 2))
add(RDNA, "s_round_mode 0x6\ns_getreg_b32 {d}, hwreg(HW_REG_MODE, 0, 4)", "d:u32", "a:u32", lambda a: np.full(a.shape, 6))
add(RDNA, "s_denorm_mode 0x9\ns_getreg_b32 {d}, hwreg(HW_REG_MODE, 4, 4)", "d:u32", "a:u32", lambda a: np.full(a.shape, 9))

# --- Floating point on the scalar unit
F2 = "a:f32 b:f32"
for name, function in (("add", lambda a, b: a + b), ("sub", lambda a, b: a - b), ("mul", lambda a, b: a * b)):
    add(GFX12, f"s_{name}_f32 " + TWO, "d:f32", F2, function)
    add(GFX12, f"s_{name}_f16 " + TWO, "d:f16", "a:f16 b:f16", function)
add(GFX12, "s_fmac_f32 {d}, {a}, {b}", "d:f32", F2 + " d:f32", exact.fma("f32"))
add(GFX12, "s_fmac_f16 {d}, {a}, {b}", "d:f16", "a:f16 b:f16 d:f16", exact.fma("f16"))
add(GFX12, "s_fmaak_f32 {d}, {a}, {b}, 0x40490fdb", "d:f32", F2, lambda a, b: exact.fma("f32")(a, b, np.full_like(a, np.float32(np.pi))))
add(GFX12, "s_fmamk_f32 {d}, {a}, 0x40490fdb, {b}", "d:f32", F2, lambda a, b: exact.fma("f32")(a, np.full_like(a, np.float32(np.pi)), b))
for name, function in (("ceil", np.ceil), ("floor", np.floor), ("trunc", np.trunc), ("rndne", np.rint)):
    add(GFX12, f"s_{name}_f32 {{d}}, {{a}}", "d:f32", "a:f32", function)
    add(GFX12, f"s_{name}_f16 {{d}}, {{a}}", "d:f16", "a:f16", function)
add(GFX12, "s_cvt_f32_i32 {d}, {a}", "d:f32", "a:i32", lambda a: a.astype(np.float32))
add(GFX12, "s_cvt_f32_u32 {d}, {a}", "d:f32", "a:u32", lambda a: a.astype(np.float32))
add(GFX12, "s_cvt_i32_f32 {d}, {a}", "d:i32", "a:f32", lambda a: sat(np.nan_to_num(np.clip(np.trunc(a.astype(np.float64)), -2.0**31, 2.0**31)), 32, True))
add(GFX12, "s_cvt_u32_f32 {d}, {a}", "d:u32", "a:f32", lambda a: sat(np.nan_to_num(np.clip(np.trunc(a.astype(np.float64)), 0, 2.0**33)), 32, False))
add(GFX12, "s_cvt_f16_f32 {d}, {a}", "d:f16", "a:f32", lambda a: a.astype(np.float16))
add(GFX12, "s_cvt_f32_f16 {d}, {a}", "d:f32", "a:f16", lambda a: a.astype(np.float32))
add(GFX12, "s_cvt_hi_f32_f16 {d}, {a}", "d:f32", "a:2xf16", lambda a: a[..., 1].astype(np.float32))
add(GFX12, "s_cvt_pk_rtz_f16_f32 " + TWO, "d:2xf16", F2, lambda a, b: np.stack([exact.convert("f16", exact.ZERO)(a), exact.convert("f16", exact.ZERO)(b)], -1))
for name, function in (("lt", np.less), ("eq", np.equal), ("le", np.less_equal), ("gt", np.greater), ("ge", np.greater_equal), ("neq", np.not_equal),
                       ("lg", lambda a, b: (a < b) | (a > b)), ("o", lambda a, b: ~(np.isnan(a) | np.isnan(b))), ("u", lambda a, b: np.isnan(a) | np.isnan(b)),
                       ("nlt", lambda a, b: ~(a < b)), ("nge", lambda a, b: ~(a >= b)), ("ngt", lambda a, b: ~(a > b)), ("nle", lambda a, b: ~(a <= b))):
    add(GFX12, f"s_cmp_{name}_f32 {{a}}, {{b}}", "scc", F2, function)
    add(GFX12, f"s_cmp_{name}_f16 {{a}}, {{b}}", "scc", "a:f16 b:f16", function)


# --- Scalar loads
def words_at(memory, byte, count):
    return np.stack([memory[byte // 4 + i] for i in range(count)], -1)


def loaded(count, offset):
    def apply(memory, *registers):
        byte = offset + (registers[0].astype(np.int64) if registers else 0)
        byte = np.broadcast_to(byte, (96, 1))
        result = words_at(memory, byte, count)
        return result[..., 0] if count == 1 else result
    return apply


def data(rng, waves, lanes):
    return rng.integers(0, 1 << 32, 512, dtype=np.uint32)


OFFSETS = {"u32": Type("u32", 1, lambda rng, shape: rng.integers(0, 100, shape) * 4)}
for count, suffix in ((1, "dword"), (2, "dwordx2"), (4, "dwordx4"), (8, "dwordx8")):
    t = "u32" if count == 1 else f"{count}xu32"
    add(ALL, f"s_load_{suffix} {{d}}, {{mem}}, 0x40\n{{wait}}", f"d:{t}", "", loaded(count, 64), memory=data, name=f"s_load_{suffix}")
    add(ALL, f"s_load_{suffix} {{d}}, {{mem}}, {{a}}\n{{wait}}", f"d:{t}", "a:u32", loaded(count, 0), memory=data, types=OFFSETS, name=f"s_load_{suffix}, register")
    add(ALL, f"s_load_{suffix} {{d}}, {{mem}}, {{a}} offset:0x10\n{{wait}}", f"d:{t}", "a:u32", loaded(count, 16), memory=data, types=OFFSETS,
        name=f"s_load_{suffix}, register and offset")
add(ALL, "s_add_u32 s8, s8, 0x100\ns_addc_u32 s9, s9, 0\ns_load_dword {d}, {mem}, -4\n{wait}", "d:u32", "", loaded(1, 252), memory=data, name="s_load_dword, back")
add(GFX12, "s_load_b96 {d}, {mem}, 0x8\n{wait}", "d:3xu32", "", loaded(3, 8), memory=data, name="s_load_b96")
for name, extract in (("u8", lambda w: w >> 8 & 255), ("i8", lambda w: (w >> 8).astype(np.uint8).view(np.int8)), ("u16", lambda w: w >> 16), ("i16", lambda w: (w >> 16).astype(np.uint16).view(np.int16))):
    at = 5 if name.endswith("8") else 6
    add(GFX12, f"s_load_{name} {{d}}, {{mem}}, {at}\n{{wait}}", "d:i32", "", lambda m, e=extract: np.full((96, 1), e(m[1:2])[0]), memory=data, name=f"s_load_{name}")
DESCRIPTOR = "s_mov_b32 {q0}, s8\ns_and_b32 {q1}, s9, 0xffff\ns_mov_b32 {q2}, 0x400\ns_mov_b32 {q3}, "
for targets, word in ((CDNA, "0x27000"), (RDNA, "0x31016000")):
    def inside(m, a, *_):
        return np.where(a < 1024, m[np.minimum(a // 4, 511)], 0)
    add(targets, DESCRIPTOR + word + "\ns_buffer_load_dword {d}, {q}, {a}\n{wait}", "d:u32", "a:u32 q:4xu32", inside, memory=data,
        types={"u32": Type("u32", 1, lambda rng, shape: rng.integers(0, 400, shape) * 4)}, name="s_buffer_load_dword and its range")
    add(targets, DESCRIPTOR + word + "\ns_buffer_load_dwordx4 {d}, {q}, 0x20\n{wait}", "d:4xu32", "q:4xu32",
        lambda m, *_: np.broadcast_to(m[8:12], (96, 1, 4)), memory=data, name="s_buffer_load_dwordx4")

# --- Scalar stores and atomics: each wave writes where no other does. A formula's last value is what memory holds then.
OWN = {"own": Type("u32", 1, lambda rng, shape: (64 * rng.permutation(shape[0])).reshape(shape).astype(np.uint32))}
WRITES = {"memory": lambda rng, waves, lanes: rng.integers(0, 1 << 32, 16 * waves, dtype=np.uint32), "writes": True, "types": OWN, "waves": 8}
AT_OWN = "s_mov_b32 m0, {o}\n"


def stored(count, at):
    def apply(m, o, x):
        for i in range(count):
            m[((o.astype(np.int64) + at) // 4 + i)[:, 0]] = x[:, 0, i] if count > 1 else x[:, 0]
        return m
    return apply


for count, suffix in ((1, "dword"), (2, "dwordx2"), (4, "dwordx4")):
    t = "u32" if count == 1 else f"{count}xu32"
    add(GFX90A, AT_OWN + f"s_store_{suffix} {{x}}, {{mem}}, m0\n{{wait}}", "", f"o:own x:{t}", stored(count, 0), name=f"s_store_{suffix}", **WRITES)
    add(GFX90A, f"s_add_u32 s8, s8, {{o}}\ns_addc_u32 s9, s9, 0\ns_store_{suffix} {{x}}, {{mem}}, 0x20\n{{wait}}", "", f"o:own x:{t}", stored(count, 32),
        name=f"s_store_{suffix}, offset", **WRITES)
    add(GFX90A, AT_OWN + DESCRIPTOR + f"0x27000\ns_mov_b32 {{q2}}, 0x104\ns_buffer_store_{suffix} {{x}}, {{q}}, m0\n{{wait}}", "", f"o:own x:{t} q:4xu32",
        lambda m, o, x, q, c=count: np.where(np.arange(m.size) < 65, stored(c, 0)(m.copy(), o, x), m), name=f"s_buffer_store_{suffix} and its range", **WRITES)


def changed(function, size):
    def apply(m, o, x, *_):
        view, index = m.view(f"u{size}"), (o.astype(np.int64) // size)[:, 0]
        old = view[index].copy()
        view[index] = function(old, x[:, 0])
        return old[:, None], m
    return apply


def signed(function):
    return lambda old, x: function(old.view(f"i{old.itemsize}"), x.view(f"i{x.itemsize}")).view(old.dtype)


ATOMICS = {"swap": lambda old, x: x, "add": np.add, "sub": np.subtract, "smin": signed(np.minimum), "umin": np.minimum, "smax": signed(np.maximum),
           "umax": np.maximum, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
           "inc": lambda old, x: np.where(old >= x, 0, old + old.dtype.type(1)).astype(old.dtype),
           "dec": lambda old, x: np.where((old == 0) | (old > x), x, old - old.dtype.type(1)).astype(old.dtype)}
for name, function in ATOMICS.items():
    for suffix, t, size in (("", "u32", 4), ("_x2", "u64", 8)):
        add(GFX90A, AT_OWN + f"s_atomic_{name}{suffix} {{x}}, {{mem}}, m0 glc\n{{wait}}", f"x:{t}", f"o:own x:{t}", changed(function, size),
            name=f"s_atomic_{name}{suffix}", **WRITES)
    add(GFX90A, AT_OWN + DESCRIPTOR + f"0x27000\ns_buffer_atomic_{name} {{x}}, {{q}}, m0\n{{wait}}", "x:u32", "o:own x:u32 q:4xu32",
        lambda m, o, x, q, f=function: (x, changed(f, 4)(m, o, x)[1]), name=f"s_buffer_atomic_{name}", **WRITES)


def swapped(m, o, x):
    """Memory holds what to compare with, for the row loads it first."""
    at = (o.astype(np.int64) // 4)[:, 0]
    old = m[at].copy()
    m[at] = x[:, 0, 0]
    return np.stack([old, old], -1)[:, None], m


add(GFX90A, AT_OWN + "s_load_dword {x1}, {mem}, m0\ns_waitcnt lgkmcnt(0)\ns_atomic_cmpswap {x}, {mem}, m0 glc\n{wait}", "x:2xu32", "o:own x:2xu32", swapped,
    name="s_atomic_cmpswap", **WRITES)
add(GFX90A, AT_OWN + "s_load_dword {x1}, {mem}, m0\ns_waitcnt lgkmcnt(0)\ns_not_b32 {x1}, {x1}\ns_atomic_cmpswap {x}, {mem}, m0\n{wait}", "", "o:own x:2xu32",
    lambda m, o, x: m, name="s_atomic_cmpswap of something else", **WRITES)

# --- gfx12's trap temporaries hold the wave's number (LLVM's SITargetLowering::lowerWaveID)
add(GFX12, "s_bfe_u32 {d}, ttmp8, 0x50019", "d:u32", "a:u32", lambda a: (np.arange(len(a)) % 4)[:, None], group_waves=4, without=("gfx1151",),
    name="the wave's number in its workgroup")


@table.test()
def test_scalar(row, target):
    table.run(row, target)
