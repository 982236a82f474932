# SPDX-License-Identifier: Apache-2.0
"""VALU: packed arithmetic, mixed precision, dot products."""

import exact
import numpy as np
from machine import ALL, CDNA, GFX11, GFX12, GFX950, RDNA, Table
from values import Type

table = Table()
add = table.add
TWO, THREE = "{d}, {a}, {b}", "{d}, {a}, {b}, {c}"


def both(name, t, function, count=2, targets=ALL, **options):
    """The packed instruction, plain and with its halves chosen."""
    names = "abc"[:count]
    operands = " ".join(f"{n}:2x{t}" for n in names)
    text = f"{name} {{d}}, " + ", ".join(f"{{{n}}}" for n in names)
    floating = t[0] == "f"
    for op_sel, op_sel_hi in (((0, 0, 0), (1, 1, 1)), ((1, 0, 1), (0, 1, 1)), ((1, 1, 0), (0, 0, 0)), ((0, 0, 1), (0, 1, 0))):
        sel = f" op_sel:{list(op_sel[:count])} op_sel_hi:{list(op_sel_hi[:count])}".replace(" [", "[").replace(", ", ",")
        for negate in ((), ((1, 0, 0), (0, 1, 1))) if floating else ((),):
            modifiers = "" if not negate else f" neg_lo:{list(negate[0][:count])} neg_hi:{list(negate[1][:count])}".replace(", ", ",")

            def apply(*x, op_sel=op_sel, op_sel_hi=op_sel_hi, negate=negate):
                def half(select, signs):
                    parts = [v[..., s] for v, s in zip(x, select)]
                    return function(*(-p if negate and s else p for p, s in zip(parts, signs)))
                return np.stack([half(op_sel, negate[0] if negate else (0, 0, 0)), half(op_sel_hi, negate[1] if negate else (0, 0, 0))], -1)
            add(targets, text + sel + modifiers, f"d:2x{t}", operands, apply, **options)


def lo(a, b):
    return np.where((a == 0) & (b == 0), np.where(np.signbit(a) | np.signbit(b), -0.0, 0.0), np.fmin(a, b)).astype(a.dtype)


def hi(a, b):
    return np.where((a == 0) & (b == 0), np.where(np.signbit(a) & np.signbit(b), -0.0, 0.0), np.fmax(a, b)).astype(a.dtype)


both("v_pk_add_f16", "f16", np.add)
both("v_pk_mul_f16", "f16", np.multiply)
both("v_pk_fma_f16", "f16", exact.fma("f16"), 3)
both("v_pk_min_f16", "f16", lo, targets=CDNA + GFX11)
both("v_pk_max_f16", "f16", hi, targets=CDNA + GFX11)
both("v_pk_min_num_f16", "f16", lo, targets=GFX12)
both("v_pk_max_num_f16", "f16", hi, targets=GFX12)
both("v_pk_add_u16", "u16", np.add)
both("v_pk_sub_u16", "u16", np.subtract)
both("v_pk_add_i16", "i16", np.add)
both("v_pk_sub_i16", "i16", np.subtract)
both("v_pk_mul_lo_u16", "u16", np.multiply)
both("v_pk_mad_u16", "u16", lambda a, b, c: a * b + c, 3)
both("v_pk_mad_i16", "i16", lambda a, b, c: a * b + c, 3)
both("v_pk_lshlrev_b16", "u16", lambda a, b: b << (a & 15))
both("v_pk_lshrrev_b16", "u16", lambda a, b: b >> (a & 15))
both("v_pk_ashrrev_i16", "i16", lambda a, b: b >> (a & 15))
for t in ("u16", "i16"):
    both(f"v_pk_min_{t}", t, np.minimum)
    both(f"v_pk_max_{t}", t, np.maximum)


def clip(x, t):
    low, high = (0, 65535) if t == "u16" else (-32768, 32767)
    return np.clip(x, low, high)


for t in ("u16", "i16"):
    operands = f"a:2x{t} b:2x{t}"
    add(ALL, f"v_pk_add_{t} {TWO} clamp", f"d:2x{t}", operands, lambda a, b, t=t: clip(a.astype(np.int64) + b, t))
    add(ALL, f"v_pk_sub_{t} {TWO} clamp", f"d:2x{t}", operands, lambda a, b, t=t: clip(a.astype(np.int64) - b, t))
    add(ALL, f"v_pk_mad_{t} {THREE} clamp", f"d:2x{t}", operands + f" c:2x{t}", lambda a, b, c, t=t: clip(a.astype(np.int64) * b + c, t))
add(ALL, "v_pk_mul_f16 {d}, {a}, {b} clamp", "d:2xf16", "a:2xf16 b:2xf16", lambda a, b: np.where(np.isnan(a * b), 0, np.clip(a * b, 0, 1)) + np.float16(0))
# Constants: an integer and a half-precision number, in the low half alone or in both as the target and op_sel_hi say
add(ALL, "v_pk_add_f16 {d}, {a}, 1.0 op_sel_hi:[1,0]", "d:2xf16", "a:2xf16", lambda a: a + np.float16(1))
add(ALL, "v_pk_add_u16 {d}, {a}, 7 op_sel_hi:[1,0]", "d:2xu16", "a:2xu16", lambda a: a + np.uint16(7))
add(ALL, "v_pk_add_u16 {d}, {a}, {s}", "d:2xu16", "a:2xu16 s:s.2xu16", lambda a, s: a + s)

# --- Pairs of f32 (CDNA)
both("v_pk_add_f32", "f32", np.add, targets=CDNA)
both("v_pk_mul_f32", "f32", np.multiply, targets=CDNA)
both("v_pk_fma_f32", "f32", exact.fma("f32"), 3, targets=CDNA)
add(CDNA, "v_pk_mov_b32 {d}, {a}, {b} op_sel:[1,0]", "d:2xu32", "a:2xu32 b:2xu32", lambda a, b: np.stack([a[..., 1], b[..., 0]], -1))
add(CDNA, "v_pk_mov_b32 {d}, {a}, {b} op_sel:[0,1]", "d:2xu32", "a:2xu32 b:2xu32", lambda a, b: np.stack([a[..., 0], b[..., 1]], -1))
add(CDNA, "v_pk_mul_f32 {d}, {a}, {s}", "d:2xf32", "a:2xf32 s:s.2xf32", lambda a, s: a * s)

# --- f16 and f32 mixed: op_sel_hi says f16, op_sel which half
MIXED = "a:2xf16 b:2xf16 c:f32"


def mix(a, b, c):
    return exact.fma("f32")(a.astype(np.float32), b.astype(np.float32), c.astype(np.float32))


def mixed_half(a, b, c):
    """Rounded once, to f16."""
    return exact.fma("f16")(a.astype(np.float64), b.astype(np.float64), c.astype(np.float64))


MILD = {"2xf16": Type("f16", 2, lambda rng, shape: rng.uniform(-9, 9, shape + (2,))), "f32": Type("f32", 1, lambda rng, shape: rng.uniform(-9, 9, shape))}
add(ALL, "v_fma_mix_f32 {d}, {a}, {b}, {c}", "d:f32", "a:f32 b:f32 c:f32", mix)
add(ALL, "v_fma_mix_f32 {d}, {a}, {b}, {c} op_sel:[1,0,0] op_sel_hi:[1,1,0]", "d:f32", MIXED, lambda a, b, c: mix(a[..., 1], b[..., 0], c))
add(ALL, "v_fma_mix_f32 {d}, -{a}, |{b}|, {c} op_sel:[0,1,0] op_sel_hi:[1,1,0]", "d:f32", MIXED, lambda a, b, c: mix(-a[..., 0], abs(b[..., 1]), c))
add(ALL, "v_fma_mix_f32 {d}, {a}, {b}, {c} op_sel:[0,0,1] op_sel_hi:[0,1,1]", "d:f32", "a:f32 b:2xf16 c:2xf16", lambda a, b, c: mix(a, b[..., 0], c[..., 1]))
# f32 in, f16 out: the sum may be rounded to f32 first, so the values are such that this changes nothing
SMALL = {"2xf16": Type("f16", 2, lambda rng, shape: rng.integers(-32, 32, shape + (2,)) / 8), "f32": Type("f32", 1, lambda rng, shape: rng.integers(-99, 99, shape) / 16)}
add(ALL, "v_fma_mixlo_f16 {d}, {a}, {b}, {c} op_sel:[1,0,0] op_sel_hi:[1,1,0]", "d:2xf16", MIXED + " d:2xf16",
    lambda a, b, c, d: np.stack([mixed_half(a[..., 1], b[..., 0], c), d[..., 1]], -1), types=SMALL)
add(ALL, "v_fma_mixhi_f16 {d}, {a}, {b}, {c} op_sel:[0,1,0] op_sel_hi:[1,1,0]", "d:2xf16", MIXED + " d:2xf16",
    lambda a, b, c, d: np.stack([d[..., 0], mixed_half(a[..., 0], b[..., 1], c)], -1), types=SMALL)
add(ALL, "v_fma_mix_f32 {d}, {a}, {b}, {c} op_sel_hi:[1,1,0] clamp", "d:f32", MIXED, lambda a, b, c: np.clip(mix(a[..., 0], b[..., 0], c), 0, 1) + np.float32(0), types=MILD)

# --- Dot products: exact in integers; of floats with values that no order of rounding changes
def dot(a, b, c):
    return (a.astype(np.int64) * b.astype(np.int64)).sum(-1) + c


def wrap(x):
    return x & 0xFFFFFFFF


def clamp32(x, signed):
    return np.clip(x, -(1 << 31), (1 << 31) - 1) if signed else np.clip(x, 0, (1 << 32) - 1)


for count, bits in ((4, 8), (8, 4)):
    u = f"a:{count}xu{bits} b:{count}xu{bits} c:u32"
    i = f"a:{count}xi{bits} b:{count}xi{bits} c:i32"
    add(ALL, f"v_dot{count}_u32_u{bits} {THREE}", "d:u32", u, lambda a, b, c: wrap(dot(a, b, c)))
    add(ALL, f"v_dot{count}_u32_u{bits} {THREE} clamp", "d:u32", u, lambda a, b, c: clamp32(dot(a, b, c), False))
    add(CDNA, f"v_dot{count}_i32_i{bits} {THREE}", "d:i32", i, lambda a, b, c: wrap(dot(a, b, c)))
    add(CDNA, f"v_dot{count}_i32_i{bits} {THREE} clamp", "d:i32", i, lambda a, b, c: clamp32(dot(a, b, c), True))
    for sign_a in "ui":
        for sign_b in "ui":
            add(RDNA, f"v_dot{count}_i32_iu{bits} {THREE} neg_lo:[{int(sign_a == 'i')},{int(sign_b == 'i')},0]", "d:i32",
                f"a:{count}x{sign_a}{bits} b:{count}x{sign_b}{bits} c:i32", lambda a, b, c: wrap(dot(a, b, c)))
add(CDNA, "v_dot2_i32_i16 " + THREE, "d:i32", "a:2xi16 b:2xi16 c:i32", lambda a, b, c: wrap(dot(a, b, c)))
add(CDNA, "v_dot2_u32_u16 " + THREE, "d:u32", "a:2xu16 b:2xu16 c:u32", lambda a, b, c: wrap((a.astype(np.uint64) * b).sum(-1).astype(np.int64) + c))
add(CDNA, "v_dot4c_i32_i8 {d}, {a}, {b}", "d:i32", "a:4xi8 b:4xi8 d:i32", lambda a, b, d: wrap(dot(a, b, d)))
TAME = {f"2x{t}": Type(t, 2, lambda rng, shape: rng.integers(-15, 16, shape + (2,)) / 4) for t in ("f16", "bf16")}
TAME |= {"f32": Type("f32", 1, lambda rng, shape: rng.integers(-64, 64, shape) / 8), "f16": Type("f16", 1, lambda rng, shape: rng.integers(-16, 16, shape) / 4)}


def float_dot(a, b, c):
    return (a.astype(np.float64) * b).sum(-1) + c


add(ALL, "v_dot2_f32_f16 " + THREE, "d:f32", "a:2xf16 b:2xf16 c:f32", float_dot, types=TAME)
add(ALL, "v_dot2_f32_f16 " + THREE + " neg_lo:[1,0,0] neg_hi:[0,0,0]", "d:f32", "a:2xf16 b:2xf16 c:f32",
    lambda a, b, c: float_dot(a * np.float16([-1, 1]), b, c), types=TAME)
add(CDNA, "v_dot2c_f32_f16 {d}, {a}, {b}", "d:f32", "a:2xf16 b:2xf16 d:f32", float_dot, types=TAME)
add(GFX950 + RDNA, "v_dot2_f32_bf16 " + THREE, "d:f32", "a:2xbf16 b:2xbf16 c:f32", float_dot, types=TAME)
add(GFX950, "v_dot2c_f32_bf16 {d}, {a}, {b}", "d:f32", "a:2xbf16 b:2xbf16 d:f32", float_dot, types=TAME)
FEW = TAME | {"2xf16": Type("f16", 2, lambda rng, shape: rng.integers(-3, 4, shape + (2,)))}
add(RDNA, "v_dot2_f16_f16 {d}, {a}, {b}, {c}", "d:f16", "a:2xf16 b:2xf16 c:f16", float_dot, types=FEW)
BYTES = [0x00, 0x38, 0x3C, 0x40, 0xB8, 0xBC, 0xC0]  # 0, 1, 1.5 or 2, ... in both formats


def fp8(patterns, mantissa):
    """OCP, normal numbers and zero."""
    exponent = (patterns & 0x7F) >> mantissa
    bias = 7 if mantissa == 3 else 15
    value = (1 + (patterns & (1 << mantissa) - 1) / (1 << mantissa)) * 2.0 ** (exponent.astype(np.int64) - bias)
    return np.where(patterns & 0x7F, np.where(patterns & 0x80, -value, value), 0)


for x, y in (("fp8", "fp8"), ("fp8", "bf8"), ("bf8", "fp8"), ("bf8", "bf8")):
    add(GFX12, f"v_dot4_f32_{x}_{y} {THREE}", "d:f32", "a:4xu8 b:4xu8 c:f32", types=TAME | {"4xu8": Type("u8", 4, lambda rng, shape: rng.choice(np.array(BYTES), shape + (4,)))},
        formula=lambda a, b, c, x=x, y=y: (fp8(a, 3 if x == "fp8" else 2) * fp8(b, 3 if y == "fp8" else 2)).sum(-1) + c)


@table.test()
def test_packed(row, target):
    table.run(row, target)
