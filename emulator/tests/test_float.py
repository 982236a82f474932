# SPDX-License-Identifier: Apache-2.0
"""VALU: floating point in f16, f32 and f64, under every rounding and denormal mode."""

import math

import exact
import numpy as np
from machine import ALL, CDNA, GFX11, GFX12, GFX942, GFX950, RDNA, WAVE64, Table
from values import Type, between, uniform

table = Table()
add = table.add
TWO, THREE = "{d}, {a}, {b}", "{d}, {a}, {b}, {c}"
FLOATS = ("f16", "f32", "f64")
DTYPE = {"f16": np.float16, "f32": np.float32, "f64": np.float64}


def operands(t, names="ab"):
    return " ".join(f"{n}:{t}" for n in names)


# --- Sums and products; numpy rounds to nearest even and so does the machine by default
for t in ("f16", "f32"):
    add(ALL, f"v_add_{t} {TWO}", f"d:{t}", operands(t), lambda a, b: a + b)
    add(ALL, f"v_sub_{t} {TWO}", f"d:{t}", operands(t), lambda a, b: a - b)
    add(ALL, f"v_subrev_{t} {TWO}", f"d:{t}", operands(t), lambda a, b: b - a)
    add(ALL, f"v_mul_{t} {TWO}", f"d:{t}", operands(t), lambda a, b: a * b)
    add(ALL, f"v_add_{t} {{d}}, -|{{a}}|, |{{b}}|", f"d:{t}", operands(t), lambda a, b: -abs(a) + abs(b))
    add(ALL, f"v_mul_{t} {{d}}, -{{a}}, |{{b}}| clamp", f"d:{t}", operands(t), lambda a, b: clamped(-a * abs(b)))
    add(ALL, f"v_add_{t} {{d}}, {{s}}, {{a}}", f"d:{t}", f"s:s.{t} a:{t}", lambda s, a: s + a)
    add(ALL, f"v_add_{t} {{d}}, 0.5, {{a}}", f"d:{t}", f"a:{t}", lambda a: a.dtype.type(0.5) + a)
    add(ALL, f"v_mul_{t} {{d}}, 0.15915494, {{a}}", f"d:{t}", f"a:{t}", lambda a: a.dtype.type(0.15915494309189532) * a)
add(CDNA + GFX11, f"v_add_f64 {TWO}", "d:f64", operands("f64"), lambda a, b: a + b)
add(CDNA + GFX11, f"v_mul_f64 {TWO}", "d:f64", operands("f64"), lambda a, b: a * b)
add(CDNA + GFX11, "v_add_f64 {d}, -{a}, |{b}|", "d:f64", operands("f64"), lambda a, b: -a + abs(b))
add(CDNA + GFX11, "v_add_f64 {d}, {a}, 1.0", "d:f64", "a:f64", lambda a: a + 1.0)
add(CDNA + GFX11, "v_mul_f64 {d}, {a}, 0.15915494309189532", "d:f64", "a:f64", lambda a: a * 0.15915494309189532)
add(GFX12, f"v_add_f64_e32 {TWO}", "d:f64", operands("f64"), lambda a, b: a + b)
add(GFX12, f"v_mul_f64_e32 {TWO}", "d:f64", operands("f64"), lambda a, b: a * b)
for t in FLOATS:
    add(ALL, f"v_fma_{t} {THREE}", f"d:{t}", operands(t, "abc"), exact.fma(t))
    add(ALL, f"v_fma_{t} {{d}}, -{{a}}, |{{b}}|, -{{c}}", f"d:{t}", operands(t, "abc"), lambda a, b, c, f=exact.fma(t): f(-a, abs(b), -c))
add(ALL, f"v_fmac_f32 {TWO}", "d:f32", "a:f32 b:f32 d:f32", exact.fma("f32"))
add(CDNA, f"v_fmac_f64 {TWO}", "d:f64", "a:f64 b:f64 d:f64", exact.fma("f64"))
add(GFX11 + GFX12, f"v_fmac_f16 {TWO}", "d:f16", "a:f16 b:f16 d:f16", exact.fma("f16"))
add(GFX942 + GFX950 + RDNA, "v_fmamk_f32 {d}, {a}, 0x40490fdb, {b}", "d:f32", operands("f32"),
    lambda a, b: exact.fma("f32")(a, np.full_like(a, np.float32(math.pi)), b))
add(GFX942 + GFX950 + RDNA, "v_fmaak_f32 {d}, {a}, {b}, 0x40490fdb", "d:f32", operands("f32"),
    lambda a, b: exact.fma("f32")(a, b, np.full_like(a, np.float32(math.pi))))
add(RDNA, "v_fmamk_f16 {d}, {a}, 0x4248, {b}", "d:f16", operands("f16"),
    lambda a, b: exact.fma("f16")(a, np.full_like(a, np.float16(math.pi)), b))


def legacy(a, b):
    return np.where((a == 0) | (b == 0), np.float32(0), a * b)


add(CDNA, f"v_mul_legacy_f32 {TWO}", "d:f32", operands("f32"), legacy)
add(RDNA, f"v_mul_dx9_zero_f32 {TWO}", "d:f32", operands("f32"), legacy)


# --- Rounding and denormal modes: MODE bits 0-1 round f32, 2-3 f16 and f64, 4-5 denormals of f32, 6-7 of f16 and f64
def modes(t):
    shift = 0 if t == "f32" else 2
    for rounding in range(4):
        yield rounding, True, True, rounding << shift | 0xF0
    for denormals in range(4):
        yield 0, bool(denormals & 1), bool(denormals & 2), denormals << 4 + shift | 0xF0 & ~(3 << 4 + shift)


for t in FLOATS:
    for rounding, keep_in, keep_out, bits in modes(t):
        label = f" ; round {rounding} in {keep_in:d} out {keep_out:d}"
        arguments = (t, rounding, keep_in, keep_out)
        name = "_e32" if t == "f64" else ""
        for targets, suffix in ((CDNA + GFX11, ""), (GFX12, name)):
            add(targets, f"v_add_{t}{suffix} {TWO}{label}", f"d:{t}", operands(t), exact.add(*arguments), mode=bits)
            add(targets, f"v_mul_{t}{suffix} {TWO}{label}", f"d:{t}", operands(t), exact.mul(*arguments), mode=bits)
        add(ALL, f"v_fma_{t} {THREE}{label}", f"d:{t}", operands(t, "abc"), exact.fma(*arguments), mode=bits)
for rounding in range(4):
    label = f" ; round {rounding}"
    add(ALL, f"v_cvt_f16_f32 {{d}}, {{a}}{label}", "d:f16", "a:f32", exact.convert("f16", rounding), mode=0xF0 | rounding << 2)
    add(ALL, f"v_cvt_f32_f64 {{d}}, {{a}}{label}", "d:f32", "a:f64", exact.convert("f32", rounding), mode=0xF0 | rounding)
    add(ALL, f"v_cvt_f32_u32 {{d}}, {{a}}{label}", "d:f32", "a:u32", exact.convert("f32", rounding), mode=0xF0 | rounding)
    add(ALL, f"v_cvt_f32_i32 {{d}}, {{a}}{label}", "d:f32", "a:i32", exact.convert("f32", rounding), mode=0xF0 | rounding)
    for t in ("f16", "f32"):
        mode = 0xF0 | rounding << (0 if t == "f32" else 2)
        targets = ALL if t == "f16" else CDNA
        pair = f"2x{t}"
        add(targets, f"v_pk_add_{t} {TWO}{label}", f"d:{pair}", operands(pair), exact.add(t, rounding), mode=mode)
        add(targets, f"v_pk_mul_{t} {TWO}{label}", f"d:{pair}", operands(pair), exact.mul(t, rounding), mode=mode)
        add(targets, f"v_pk_fma_{t} {THREE}{label}", f"d:{pair}", operands(pair, "abc"), exact.fma(t, rounding), mode=mode)
        add(ALL, f"v_sub_{t} {TWO}{label}", f"d:{t}", operands(t), lambda a, b, f=exact.add(t, rounding): f(a, -b), mode=mode)
        add(ALL if t == "f32" else RDNA, f"v_fmac_{t} {TWO}{label}", f"d:{t}", operands(t, "abd"), exact.fma(t, rounding), mode=mode)
        add(GFX12, f"s_add_{t} {TWO}{label}", f"d:s.{t}", f"a:s.{t} b:s.{t}", exact.add(t, rounding), mode=mode)
        add(GFX12, f"s_mul_{t} {TWO}{label}", f"d:s.{t}", f"a:s.{t} b:s.{t}", exact.mul(t, rounding), mode=mode)
        add(GFX12, f"s_fmac_{t} {TWO}{label}", f"d:s.{t}", f"a:s.{t} b:s.{t} d:s.{t}", exact.fma(t, rounding), mode=mode)
    for t, shift in (("u16", 2), ("i16", 2)):
        add(ALL, f"v_cvt_f16_{t} {{d}}, {{a}}{label}", "d:f16", f"a:{t}", exact.convert("f16", rounding), mode=0xF0 | rounding << shift)
    add(GFX12, f"s_cvt_f16_f32 {{d}}, {{a}}{label}", "d:s.f16", "a:s.f32", exact.convert("f16", rounding), mode=0xF0 | rounding << 2)
    add(GFX12, f"s_cvt_f32_i32 {{d}}, {{a}}{label}", "d:s.f32", "a:s.i32", exact.convert("f32", rounding), mode=0xF0 | rounding)
    # What does not round by MODE
    add(ALL, f"v_rndne_f32 {{d}}, {{a}}{label}", "d:f32", "a:f32", np.rint, mode=0xF0 | rounding)
    add(ALL, f"v_rndne_f16 {{d}}, {{a}}{label}", "d:f16", "a:f16", np.rint, mode=0xF0 | rounding << 2)
    add(ALL, f"v_exp_f32 {{d}}, {{a}}{label}", "d:f32", "a:f32", lambda a: np.exp2(a.astype(np.float64)), ulp=1,
        types={"f32": uniform("f32", -20, 20)}, mode=0xF0 | rounding)
for denormals in range(4):  # of the scalar unit
    label = f" ; in {denormals & 1} out {denormals >> 1}"
    for t, bits in (("f32", denormals << 4 | 0xC0), ("f16", denormals << 6 | 0x30)):
        f = exact.fma(t, 0, bool(denormals & 1), bool(denormals & 2))
        add(GFX12, f"s_fmac_{t} {TWO}{label}", f"d:s.{t}", f"a:s.{t} b:s.{t} d:s.{t}", f, mode=bits)


# --- Output modifiers. They work only where subnormal results are flushed, and know no -0.
def clamped(x):
    return np.where(np.isnan(x), 0, np.clip(x, 0, 1)).astype(x.dtype) + x.dtype.type(0)


def scaled(t, factor, keep=False):
    def apply(x):
        once = x.astype(DTYPE[t]) * DTYPE[t](factor)
        return np.where(abs(once) < np.finfo(DTYPE[t]).tiny, 0, once).astype(DTYPE[t])
    return apply


for text, factor in (("mul:2", 2), ("mul:4", 4), ("div:2", 0.5)):
    for t in ("f32", "f16"):
        bits = 0xC0 if t == "f32" else 0x30
        f = scaled(t, factor)
        add(ALL, f"v_add_{t} {TWO} {text}", f"d:{t}", operands(t), lambda a, b, f=f, t=t: f(exact.add(t, 0, False, False)(a, b)), mode=bits)
        add(ALL, f"v_mul_{t} {TWO} clamp {text}", f"d:{t}", operands(t), lambda a, b, f=f, t=t: clamped(f(exact.mul(t, 0, False, False)(a, b))), mode=bits)
    add(CDNA + GFX11, f"v_add_f32 {TWO} {text} ; subnormals kept: no scaling", "d:f32", operands("f32"), lambda a, b: a + b)


# --- Order. Before gfx12: of a number and a NaN, the number; -0 is less than +0.
def ordered(a, b, largest):
    """IEEE's minNum and maxNum."""
    zero = (a == 0) & (b == 0)
    signs = np.where((np.signbit(a) & np.signbit(b)) if largest else (np.signbit(a) | np.signbit(b)), -0.0, 0.0).astype(a.dtype)
    return np.where(zero, signs, (np.fmax if largest else np.fmin)(a, b))


def ordered_nan(a, b, largest):
    """IEEE's minimum and maximum of 2019: a NaN wins."""
    return np.where(np.isnan(a) | np.isnan(b), np.nan, ordered(a, b, largest)).astype(a.dtype)


def lo(a, b):
    return ordered(a, b, False)


def hi(a, b):
    return ordered(a, b, True)


def median(a, b, c):
    nan = np.isnan(a) | np.isnan(b) | np.isnan(c)
    middle = hi(lo(a, b), lo(hi(a, b), c))
    return np.where(nan, lo(lo(a, b), c), middle)


for t in FLOATS:
    d, ab, abc = f"d:{t}", operands(t), operands(t, "abc")
    add(CDNA + GFX11, f"v_min_{t} {TWO}", d, ab, lo)
    add(CDNA + GFX11, f"v_max_{t} {TWO}", d, ab, hi)
    suffix = "_e32" if t == "f64" else ""
    add(GFX12, f"v_min_num_{t}{suffix} {TWO}", d, ab, lo)
    add(GFX12, f"v_max_num_{t}{suffix} {TWO}", d, ab, hi)
    add(GFX12, f"v_minimum_{t} {TWO}", d, ab, lambda a, b: ordered_nan(a, b, False))
    add(GFX12, f"v_maximum_{t} {TWO}", d, ab, lambda a, b: ordered_nan(a, b, True))
    if t == "f64":
        continue
    add(CDNA + GFX11, f"v_min3_{t} {THREE}", d, abc, lambda a, b, c: lo(lo(a, b), c))
    add(CDNA + GFX11, f"v_max3_{t} {THREE}", d, abc, lambda a, b, c: hi(hi(a, b), c))
    add(CDNA + GFX11, f"v_med3_{t} {THREE}", d, abc, median)
    add(GFX11, f"v_maxmin_{t} {THREE}", d, abc, lambda a, b, c: lo(hi(a, b), c))
    add(GFX11, f"v_minmax_{t} {THREE}", d, abc, lambda a, b, c: hi(lo(a, b), c))
    add(GFX12, f"v_min3_num_{t} {THREE}", d, abc, lambda a, b, c: lo(lo(a, b), c))
    add(GFX12, f"v_max3_num_{t} {THREE}", d, abc, lambda a, b, c: hi(hi(a, b), c))
    add(GFX12, f"v_med3_num_{t} {THREE}", d, abc, median)
    add(GFX12, f"v_maxmin_num_{t} {THREE}", d, abc, lambda a, b, c: lo(hi(a, b), c))
    add(GFX12, f"v_minimum3_{t} {THREE}", d, abc, lambda a, b, c: ordered_nan(ordered_nan(a, b, False), c, False))
    add(GFX12, f"v_maximumminimum_{t} {THREE}", d, abc, lambda a, b, c: ordered_nan(ordered_nan(a, b, True), c, False))
add(GFX950, f"v_minimum3_f32 {THREE}", "d:f32", operands("f32", "abc"), lambda a, b, c: ordered_nan(ordered_nan(a, b, False), c, False))
add(GFX950, f"v_maximum3_f32 {THREE}", "d:f32", operands("f32", "abc"), lambda a, b, c: ordered_nan(ordered_nan(a, b, True), c, True))

# --- Comparisons: every predicate, every class
PREDICATES = {
    "lt": lambda a, b: a < b, "eq": lambda a, b: a == b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "lg": lambda a, b: (a < b) | (a > b),
    "ge": lambda a, b: a >= b, "o": lambda a, b: ~(np.isnan(a) | np.isnan(b)), "u": lambda a, b: np.isnan(a) | np.isnan(b),
    "nge": lambda a, b: ~(a >= b), "nlg": lambda a, b: ~((a < b) | (a > b)), "ngt": lambda a, b: ~(a > b), "nle": lambda a, b: ~(a <= b),
    "neq": lambda a, b: ~(a == b), "nlt": lambda a, b: ~(a < b),
}
for t in FLOATS:
    for predicate, function in PREDICATES.items():
        add(ALL + WAVE64, f"v_cmp_{predicate}_{t} {{vcc}}, {{a}}, {{b}}", "vcc", operands(t), function)
        add(ALL, f"v_cmp_{predicate}_{t} {{p}}, -{{a}}, |{{b}}|", "p:mask", operands(t), lambda a, b, f=function: f(-a, abs(b)))
        add(CDNA, f"v_cmpx_{predicate}_{t} vcc, {{a}}, {{b}}", "vcc exec", operands(t), lambda a, b, f=function: (f(a, b), f(a, b)))
        add(RDNA, f"v_cmpx_{predicate}_{t} {{a}}, {{b}}", "exec", operands(t), function)


def float_class(x, mask):
    bits = x.view(f"u{x.itemsize}")
    quiet = bits >> bits.dtype.type({2: 9, 4: 22, 8: 51}[x.itemsize]) & bits.dtype.type(1) != 0
    subnormal = (x != 0) & (abs(x) < np.finfo(x.dtype).tiny)
    nan, inf, negative = np.isnan(x), np.isinf(x), np.signbit(x)
    normal = ~nan & ~inf & ~subnormal & (x != 0)
    kinds = [nan & ~quiet, nan & quiet, inf & negative, normal & negative, subnormal & negative, (x == 0) & negative,
             (x == 0) & ~negative, subnormal & ~negative, normal & ~negative, inf & ~negative]
    return np.logical_or.reduce([kind & (mask >> np.uint32(i) & 1 != 0) for i, kind in enumerate(kinds)])


for t in FLOATS:
    add(ALL + WAVE64, f"v_cmp_class_{t} {{vcc}}, {{a}}, {{b}}", "vcc", f"a:{t} b:u32", float_class, types={"u32": between("u32", 0, 1024)})
    add(ALL, f"v_cmp_class_{t} {{vcc}}, -{{a}}, {{b}}", "vcc", f"a:{t} b:u32", lambda a, b: float_class(-a, b), types={"u32": between("u32", 0, 1024)})


# --- Whole numbers, parts, exponents
def fraction(t):
    largest = {"f16": 0x3BFF, "f32": 0x3F7FFFFF, "f64": 0x3FEFFFFFFFFFFFFF}[t]
    top = np.array([largest], f"u{np.dtype(DTYPE[t]).itemsize}").view(DTYPE[t])[0]
    return lambda x: np.where(np.isinf(x), np.nan, np.minimum(x - np.floor(x), top)).astype(DTYPE[t])


def mantissa(x):
    return np.where(np.isfinite(x), np.frexp(x)[0], x).astype(x.dtype)


def exponent(x):
    return np.where(np.isfinite(x) & (x != 0), np.frexp(x)[1], 0)


def scaled_by(t, rounding=exact.NEAREST):
    def one(x, n):
        if x == 0 or not math.isfinite(x):
            return x
        return exact.round_to(t, exact.Fraction(x) * exact.Fraction(2) ** max(-5000, min(5000, int(n))), rounding)
    return exact.elementwise(one, DTYPE[t])


for t in FLOATS:
    for name, function in (("ceil", np.ceil), ("floor", np.floor), ("trunc", np.trunc), ("rndne", np.rint)):
        add(ALL, f"v_{name}_{t} {{d}}, {{a}}", f"d:{t}", f"a:{t}", function)
    add(ALL, f"v_fract_{t} {{d}}, {{a}}", f"d:{t}", f"a:{t}", fraction(t))
    add(ALL, f"v_frexp_mant_{t} {{d}}, {{a}}", f"d:{t}", f"a:{t}", mantissa)
add(ALL, "v_frexp_exp_i32_f32 {d}, {a}", "d:i32", "a:f32", exponent)
add(ALL, "v_frexp_exp_i32_f64 {d}, {a}", "d:i32", "a:f64", exponent)
add(ALL, "v_frexp_exp_i16_f16 {d}, {a}", "d:i16", "a:f16", exponent)
add(ALL, f"v_ldexp_f32 {TWO}", "d:f32", "a:f32 b:i32", scaled_by("f32"))
add(ALL, f"v_ldexp_f64 {TWO}", "d:f64", "a:f64 b:i32", scaled_by("f64"))
add(ALL, f"v_ldexp_f16 {TWO}", "d:f16", "a:f16 b:i16", scaled_by("f16"))
for low, high in ((-160, 40),):
    small = {"i32": between("i32", low, high), "i16": between("i16", -30, 10)}
    add(ALL, f"v_ldexp_f32 {TWO} ; to subnormals", "d:f32", "a:f32 b:i32", scaled_by("f32"), types=small)
    add(ALL, f"v_ldexp_f16 {TWO} ; to subnormals", "d:f16", "a:f16 b:i16", scaled_by("f16"), types=small)
    for mode in range(4):
        label = f" ; to subnormals, round {mode}"
        add(ALL, f"v_ldexp_f32 {TWO}{label}", "d:f32", "a:f32 b:i32", scaled_by("f32", mode), types=small, mode=0xF0 | mode)
        add(ALL, f"v_ldexp_f16 {TWO}{label}", "d:f16", "a:f16 b:i16", scaled_by("f16", mode), types=small, mode=0xF0 | mode << 2)
        add(ALL, f"v_ldexp_f64 {TWO}{label}", "d:f64", "a:f64 b:i32", scaled_by("f64", mode), types={"i32": between("i32", -1100, -900)},
            mode=0xF0 | mode << 2)


# --- The rest of MODE: FP16_OVFL keeps finite what overflows, DX10_CLAMP makes NaNs zeros, IEEE lets signalling NaNs win
def saturating(function):
    def apply(*x):
        exact_value = function(*(v.astype(np.float64) for v in x))
        finite = np.logical_and.reduce([np.isfinite(v) for v in x])
        return np.where(finite, np.clip(exact_value, -65504, 65504), exact_value).astype(np.float16)
    return apply


FP16_OVFL = "s_setreg_imm32_b32 hwreg(HW_REG_MODE, 23, 1), 1\ns_nop 4\n"
for text, targets, out, ins, function in (
        ("v_add_f16 {d}, {a}, {b}", ALL, "d:f16", "a:f16 b:f16", np.add), ("v_mul_f16 {d}, {a}, {b}", ALL, "d:f16", "a:f16 b:f16", np.multiply),
        ("v_pk_mul_f16 {d}, {a}, {b}", ALL, "d:2xf16", "a:2xf16 b:2xf16", np.multiply), ("v_cvt_f16_f32 {d}, {a}", ALL, "d:f16", "a:f32", lambda a: a),
        ("s_mul_f16 {d}, {a}, {b}", GFX12, "d:s.f16", "a:s.f16 b:s.f16", np.multiply)):
    add(targets, FP16_OVFL + text, out, ins, saturating(function), name=text.split()[0] + " ; FP16_OVFL")
add(CDNA + GFX11, "s_setreg_imm32_b32 hwreg(HW_REG_MODE, 8, 1), 0\ns_nop 4\nv_add_f32 {d}, {a}, {b} clamp", "d:f32", operands("f32"),
    lambda a, b: np.clip(a + b, np.float32(0), np.float32(1)) + np.float32(0), name="v_add_f32 clamp ; no DX10_CLAMP")


def signalling(x):
    bits = x.view(f"u{x.itemsize}")
    return np.isnan(x) & (bits >> {2: 9, 4: 22, 8: 51}[x.itemsize] & 1 == 0)


for t in FLOATS:
    for name, function in (("min", lo), ("max", hi)):
        add(CDNA + GFX11, f"s_setreg_imm32_b32 hwreg(HW_REG_MODE, 9, 1), 1\ns_nop 4\nv_{name}_{t} {TWO}", f"d:{t}", operands(t),
            lambda a, b, f=function: np.where(signalling(a) | signalling(b), np.nan, f(a, b)).astype(a.dtype), name=f"v_{name}_{t} ; IEEE")


# --- Transcendentals: within an ulp, as documented
def wide(function):
    return lambda x: function(x.astype(np.float64))


for t, bound in (("f32", 1), ("f16", 1)):
    for name, function in (("rcp", lambda x: 1 / x), ("sqrt", np.sqrt), ("rsq", lambda x: 1 / np.sqrt(x)), ("exp", np.exp2), ("log", np.log2)):
        # exp and log take and give no subnormals in f32; rcp, rsq and sqrt of f32 neither
        f = wide(function)
        if t == "f32":
            def f(x, g=f):
                x = np.where(abs(x) < np.finfo(np.float32).tiny, np.copysign(0, x), x)
                y = g(x)
                return np.where(abs(y) < np.finfo(np.float32).tiny, np.copysign(0, y), y)
        add(ALL, f"v_{name}_{t} {{d}}, {{a}} ; hostile", f"d:{t}", f"a:{t}", f, ulp=bound, mode=0xC0 if t == "f32" else 0xF0)
        add(ALL, f"v_{name}_{t} {{d}}, {{a}}", f"d:{t}", f"a:{t}", wide(function), ulp=bound, types={t: uniform(t, 0.01, 14)})
    for name, function in (("sin", np.sin), ("cos", np.cos)):
        # In turns. The documented error is absolute near the zeros, so stay away from them.
        add(ALL, f"v_{name}_{t} {{d}}, {{a}}", f"d:{t}", f"a:{t}", lambda x, g=function: g(2 * np.pi * x.astype(np.float64)), ulp=2,
            types={t: uniform(t, *((0.05, 0.2)))})
add(ALL, "v_rcp_iflag_f32 {d}, {a}", "d:f32", "a:f32", wide(lambda x: 1 / x), ulp=1, types={"f32": uniform("f32", 0.01, 1e6)})
for name, function in (("rcp", lambda x: 1 / x), ("sqrt", np.sqrt), ("rsq", lambda x: 1 / np.sqrt(x))):
    add(ALL, f"v_{name}_f64 {{d}}, {{a}}", "d:f64", "a:f64", function, ulp=1 << 29, types={"f64": uniform("f64", 0.01, 1e6)})


# --- Division: scale, estimate, refine, fix up, as compilers write it; correctly rounded, subnormals included
DIVIDE_32 = """v_div_scale_f32 {e}, {p}, {b}, {b}, {a}
v_div_scale_f32 {f}, {vcc}, {a}, {b}, {a}
v_rcp_f32 {g}, {e}
s_nop 4
v_fma_f32 {h}, -{e}, {g}, 1.0
v_fma_f32 {g}, {h}, {g}, {g}
v_mul_f32 {h}, {f}, {g}
v_fma_f32 {i}, -{e}, {h}, {f}
v_fma_f32 {h}, {i}, {g}, {h}
v_fma_f32 {i}, -{e}, {h}, {f}
v_div_fmas_f32 {h}, {i}, {g}, {h}
v_div_fixup_f32 {d}, {h}, {b}, {a}"""
TEMPORARIES = {"f32": "e:f32 f:f32 g:f32 h:f32 i:f32 p:mask vcc", "f64": "e:f64 f:f64 g:f64 h:f64 i:f64 p:mask vcc"}


def quotient(a, b, *_):
    return a / b


add(ALL + WAVE64, DIVIDE_32, "d:f32", "a:f32 b:f32 " + TEMPORARIES["f32"], quotient, name="division of f32")
DIVIDE_64 = """v_div_scale_f64 {e}, {p}, {b}, {b}, {a}
v_rcp_f64 {g}, {e}
s_nop 4
v_fma_f64 {h}, -{e}, {g}, 1.0
v_fma_f64 {g}, {g}, {h}, {g}
v_fma_f64 {h}, -{e}, {g}, 1.0
v_fma_f64 {g}, {g}, {h}, {g}
v_div_scale_f64 {f}, {vcc}, {a}, {b}, {a}
v_fma_f64 {h}, {f}, {g}, 0
v_fma_f64 {i}, -{e}, {h}, {f}
v_div_fmas_f64 {h}, {i}, {g}, {h}
v_div_fixup_f64 {d}, {h}, {b}, {a}"""
add(ALL + WAVE64, DIVIDE_64, "d:f64", "a:f64 b:f64 " + TEMPORARIES["f64"], quotient, name="division of f64")


def of_size(t, low, high):
    """Numbers of either sign, with exponents in a range."""
    return Type(t, 1, lambda rng, shape: np.ldexp(rng.choice((-1, 1), shape) * rng.uniform(1, 2, shape), rng.integers(low, high, shape)))


for t, text, power in (("f32", DIVIDE_32, 126), ("f64", DIVIDE_64, 1022)):  # the denominators' reciprocals become subnormal, too
    least = -150 if t == "f32" else -1075
    for size in (0, power // 2, power):
        kinds = {"n": of_size(t, size + least, size - power + 2), "q": of_size(t, size, size + 2)}
        add(ALL, text, f"d:{t}", f"a:n b:q {TEMPORARIES[t]}", quotient, types=kinds, name=f"division of {t} to subnormals, by 2^{size}")

# --- What of 16 bits is not written: gfx9's older instructions clear it, the others keep it
NOISE = "a:2xf16 b:2xf16 d:2xu16"


def in_low(function, clears):
    def apply(a, b, d):
        value = function(a[..., 0], b[..., 0]).view(np.uint16)
        return np.stack([value, np.zeros_like(value) if clears else d[..., 1]], -1)
    return apply


def halves():
    return {"2xf16": Type("f16", 2, lambda rng, shape: rng.uniform(-4, 4, shape + (2,)))}


for targets, clears in ((CDNA, True), (RDNA, False)):
    for name, function in (("add", np.add), ("mul", np.multiply)):
        add(targets, f"v_{name}_f16 {TWO} ; upper half", "d:2xu16", NOISE, in_low(function, clears), types=halves(), without=("gfx1030",) if clears else ())
add(ALL, "v_fma_f16 {d}, {a}, {b}, 0 ; upper half", "d:2xu16", NOISE, in_low(lambda a, b: a * b + np.float16(0), False), types=halves())
add(ALL, "v_fma_f16 {d}, {a}, {b}, 0 op_sel:[1,0,0,1]", "d:2xu16", NOISE,
    lambda a, b, d: np.stack([d[..., 0], (a[..., 1] * b[..., 0] + np.float16(0)).view(np.uint16)], -1), types=halves())
# gfx11 and later name halves of registers
add(RDNA, "v_add_f16 {d}.l, {a}.h, {b}.l", "d:2xu16", NOISE, lambda a, b, d: np.stack([(a[..., 1] + b[..., 0]).view(np.uint16), d[..., 1]], -1), types=halves())
add(RDNA, "v_add_f16 {d}.h, {a}.l, {b}.h", "d:2xu16", NOISE, lambda a, b, d: np.stack([d[..., 0], (a[..., 0] + b[..., 1]).view(np.uint16)], -1), types=halves())
add(RDNA, "v_mov_b16 {d}.h, {a}.l", "d:2xu16", "a:2xu16 d:2xu16", lambda a, d: np.stack([d[..., 0], a[..., 0]], -1))
add(RDNA, "v_cvt_f32_f16 {d}, {a}.h", "d:f32", "a:2xf16", lambda a: a[..., 1].astype(np.float32))


@table.test()
def test_float(row, target):
    table.run(row, target)
