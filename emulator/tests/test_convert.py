# SPDX-License-Identifier: Apache-2.0
"""VALU: conversions, fp8 and its neighbours among them. Every format's values come from its definition."""

import itertools

import exact
import numpy as np
from machine import ALL, CDNA, GFX12, GFX942, GFX950, RDNA, Table
from values import Type, choice, uniform

table = Table()
add = table.add
TWO = "{d}, {a}, {b}"


def renamed(cdna, rdna, operands, *rest, **options):
    add(CDNA, f"{cdna} {operands}", *rest, **options)
    add(RDNA, f"{rdna} {operands}", *rest, **options)


# --- Between numbers of the common formats
def saturating(bits, signed, rounding=np.trunc):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return lambda x: np.where(np.isnan(x), 0, np.clip(rounding(x.astype(np.float64)), low, high)).astype(np.int64)


for t in ("f32", "f64"):
    add(ALL, f"v_cvt_u32_{t} {{d}}, {{a}}", "d:u32", f"a:{t}", saturating(32, False))
    add(ALL, f"v_cvt_i32_{t} {{d}}, {{a}}", "d:i32", f"a:{t}", saturating(32, True))
    add(ALL, f"v_cvt_u32_{t} {{d}}, {{a}} ; near the ends", "d:u32", f"a:{t}", saturating(32, False), types={t: uniform(t, -3, 1 << 33)})
    add(ALL, f"v_cvt_i32_{t} {{d}}, {{a}} ; near the ends", "d:i32", f"a:{t}", saturating(32, True), types={t: uniform(t, -(2.0**32), 2.0**32)})
    add(ALL, f"v_cvt_i32_{t} {{d}}, -|{{a}}|", "d:i32", f"a:{t}", lambda a: saturating(32, True)(-abs(a)))
add(ALL, "v_cvt_u16_f16 {d}, {a}", "d:u16", "a:f16", saturating(16, False))
add(ALL, "v_cvt_i16_f16 {d}, {a}", "d:i16", "a:f16", saturating(16, True))
renamed("v_cvt_flr_i32_f32", "v_cvt_floor_i32_f32", "{d}, {a}", "d:i32", "a:f32", saturating(32, True, np.floor))
renamed("v_cvt_rpi_i32_f32", "v_cvt_nearest_i32_f32", "{d}, {a}", "d:i32", "a:f32", saturating(32, True, lambda x: np.floor(x + 0.5)))
add(ALL, "v_cvt_f32_u32 {d}, {a}", "d:f32", "a:u32", lambda a: a.astype(np.float32))
add(ALL, "v_cvt_f32_i32 {d}, {a}", "d:f32", "a:i32", lambda a: a.astype(np.float32))
add(ALL, "v_cvt_f64_u32 {d}, {a}", "d:f64", "a:u32", lambda a: a.astype(np.float64))
add(ALL, "v_cvt_f64_i32 {d}, {a}", "d:f64", "a:i32", lambda a: a.astype(np.float64))
add(ALL, "v_cvt_f64_f32 {d}, {a}", "d:f64", "a:f32", lambda a: a.astype(np.float64))
add(ALL, "v_cvt_f32_f64 {d}, {a}", "d:f32", "a:f64", lambda a: a.astype(np.float32))
add(ALL, "v_cvt_f32_f16 {d}, {a}", "d:f32", "a:f16", lambda a: a.astype(np.float32))
EVERY_HALF = {"f16": Type("f16", 1, lambda rng, shape: np.resize(np.arange(65536, dtype=np.uint16).view(np.float16), shape))}
add(ALL, "v_cvt_f32_f16 {d}, {a} ; every value", "d:f32", "a:f16", lambda a: a.astype(np.float32), waves=2048, full=True, types=EVERY_HALF)
add(ALL, "v_cvt_f16_f32 {d}, {a}", "d:f16", "a:f32", lambda a: a.astype(np.float16))
add(ALL, "v_cvt_f16_f32 {d}, {a} ; around subnormals", "d:f16", "a:f32", lambda a: a.astype(np.float16), types={"f32": uniform("f32", -2e-4, 2e-4)})
add(ALL, "v_cvt_f16_f32 {d}, -{a} clamp", "d:f16", "a:f32", lambda a: np.where(np.isnan(a), 0, np.clip(-a, 0, 1)).astype(np.float16) + np.float16(0))
add(ALL, "v_cvt_f16_u16 {d}, {a}", "d:f16", "a:u16", exact.convert("f16"))
add(ALL, "v_cvt_f16_i16 {d}, {a}", "d:f16", "a:i16", exact.convert("f16"))
for i in range(4):
    add(ALL, f"v_cvt_f32_ubyte{i} {{d}}, {{a}}", "d:f32", "a:4xu8", lambda a, i=i: a[..., i].astype(np.float32))
add(ALL, "v_cvt_off_f32_i4 {d}, {a}", "d:f32", "a:u32", lambda a: (((a & 15).astype(np.int64) ^ 8) - 8) / 16)
add(RDNA, "v_cvt_i32_i16 {d}, {a}", "d:i32", "a:i16", lambda a: a.astype(np.int32))
add(RDNA, "v_cvt_u32_u16 {d}, {a}", "d:u32", "a:u16", lambda a: a.astype(np.uint32))


# --- Two into one register
def pair(a, b):
    return np.stack([a, b], -1)


def toward_zero(x):
    return exact.convert("f16", exact.ZERO)(x)


renamed("v_cvt_pkrtz_f16_f32", "v_cvt_pk_rtz_f16_f32", TWO, "d:2xf16", "a:f32 b:f32", lambda a, b: pair(toward_zero(a), toward_zero(b)))
renamed("v_cvt_pkrtz_f16_f32", "v_cvt_pk_rtz_f16_f32", TWO + " ; ordinary values", "d:2xf16", "a:f32 b:f32",
        lambda a, b: pair(toward_zero(a), toward_zero(b)), types={"f32": uniform("f32", -70000, 70000)})
add(ALL, "v_cvt_pk_u16_u32 " + TWO, "d:2xu16", "a:u32 b:u32", lambda a, b: np.minimum(pair(a, b), 65535))
add(ALL, "v_cvt_pk_i16_i32 " + TWO, "d:2xi16", "a:i32 b:i32", lambda a, b: np.clip(pair(a, b), -32768, 32767))
add(RDNA, "v_cvt_pk_u16_f32 " + TWO, "d:2xu16", "a:f32 b:f32", lambda a, b: saturating(16, False)(pair(a, b)))
add(RDNA, "v_cvt_pk_i16_f32 " + TWO, "d:2xi16", "a:f32 b:f32", lambda a, b: saturating(16, True)(pair(a, b)))
NORMAL = {"f32": uniform("f32", -1.3, 1.3)}
renamed("v_cvt_pknorm_i16_f32", "v_cvt_pk_norm_i16_f32", TWO, "d:2xi16", "a:f32 b:f32", lambda a, b: np.rint(np.clip(pair(a, b).astype(np.float64), -1, 1) * 32767), types=NORMAL)
renamed("v_cvt_pknorm_u16_f32", "v_cvt_pk_norm_u16_f32", TWO, "d:2xu16", "a:f32 b:f32", lambda a, b: np.rint(np.clip(pair(a, b).astype(np.float64), 0, 1) * 65535), types=NORMAL)
WHOLE = {"f32": Type("f32", 1, lambda rng, shape: rng.integers(-40, 300, shape))}
add(ALL, "v_cvt_pk_u8_f32 {d}, {a}, {b}, {c}", "d:u32", "a:f32 b:u32 c:u32", types=WHOLE,
    formula=lambda a, b, c: c & ~(np.uint32(255) << (b & 3) * 8) | np.clip(a, 0, 255).astype(np.uint32) << (b & 3) * 8)
add(ALL, "v_sat_pk_u8_i16 {d}, {a}", "d:u16", "a:2xi16", lambda a: np.clip(a[..., 0], 0, 255).astype(np.int64) | np.clip(a[..., 1], 0, 255).astype(np.int64) << 8)
add(ALL, "v_pack_b32_f16 " + TWO, "d:2xf16", "a:f16 b:f16", pair)
add(ALL, "v_pack_b32_f16 {d}, {a}, -{b} op_sel:[1,0,0]", "d:2xf16", "a:2xf16 b:f16", lambda a, b: pair(a[..., 1], -b))


# --- bfloat16
def to_bf16(x):
    """Bits, rounded to nearest even."""
    bits = x.astype(np.float32).view(np.uint32).astype(np.uint64)
    rounded = bits + np.uint64(0x7FFF) + (bits >> np.uint64(16) & np.uint64(1)) >> np.uint64(16)
    return rounded.astype(np.uint16)


def as_bf16(x):
    return np.where(np.isnan(x), np.float32(np.nan), (to_bf16(x).astype(np.uint32) << np.uint32(16)).view(np.float32))


add(GFX950, "v_cvt_pk_bf16_f32 " + TWO, "d:2xbf16", "a:f32 b:f32", lambda a, b: as_bf16(pair(a, b)))
add(GFX950, "v_cvt_pk_bf16_f32 {d}, -{a}, |{b}|", "d:2xbf16", "a:f32 b:f32", lambda a, b: as_bf16(pair(-a, abs(b))))
add(GFX950, "v_cvt_pk_f16_f32 " + TWO, "d:2xf16", "a:f32 b:f32", lambda a, b: pair(a, b).astype(np.float16))


# --- Formats of 8 bits and fewer
def small_format(exponent_bits, mantissa_bits, bias, kind, bits):
    """The values of all patterns. kind: ieee (infinities and NaNs), fn (one NaN pattern a sign), fnuz (0x80 is the NaN), finite."""
    values = []
    for pattern in range(1 << bits):
        sign = -1.0 if pattern >> bits - 1 else 1.0
        exponent, mantissa = pattern >> mantissa_bits & (1 << exponent_bits) - 1, pattern & (1 << mantissa_bits) - 1
        magnitude = (mantissa * 2.0 ** (1 - bias - mantissa_bits) if exponent == 0
                     else (1 + mantissa / (1 << mantissa_bits)) * 2.0 ** (exponent - bias))
        top = exponent == (1 << exponent_bits) - 1
        if kind == "fnuz" and pattern == 1 << bits - 1 or kind == "fn" and top and mantissa == (1 << mantissa_bits) - 1 or kind == "ieee" and top and mantissa:
            magnitude = np.nan
        elif kind == "ieee" and top:
            magnitude = np.inf
        values.append(sign * magnitude)
    return np.array(values, np.float32)


FNUZ = {"fp8": small_format(4, 3, 8, "fnuz", 8), "bf8": small_format(5, 2, 16, "fnuz", 8)}
OCP = {"fp8": small_format(4, 3, 7, "fn", 8), "bf8": small_format(5, 2, 15, "ieee", 8)}
FP4, FP6, BF6 = small_format(2, 1, 1, "finite", 4), small_format(2, 3, 1, "finite", 6), small_format(3, 2, 3, "finite", 6)


def nearest(values, x, saturate):
    """The pattern whose value is nearest, of two the even one. Beyond the largest: it, or what the format has for that."""
    finite = np.flatnonzero(np.isfinite(values) & ~np.signbit(values))
    order = finite[np.argsort(values[finite])]
    grid = values[order].astype(np.float64)
    magnitude = np.abs(x.astype(np.float64))
    above = np.clip(np.searchsorted(grid, magnitude), 1, len(grid) - 1)
    low, high = grid[above - 1], grid[above]
    up = (magnitude - low > high - magnitude) | ((magnitude - low == high - magnitude) & (order[above] & 1 == 0))
    pattern = np.where(up, order[above], order[above - 1])
    sign_bit = len(values) // 2
    step = grid[-1] - grid[-2]
    over = magnitude >= grid[-1] + step / 2
    has_infinity = np.isinf(values).any()
    nan_pattern = np.flatnonzero(np.isnan(values))[0] if np.isnan(values).any() else order[-1]
    beyond = order[-1] if saturate else np.flatnonzero(values == np.inf)[0] if has_infinity else nan_pattern
    pattern = np.where(over, beyond, pattern)
    pattern = np.where(np.signbit(x) & ~((pattern == 0) & (np.isnan(values[sign_bit]))), pattern | sign_bit, pattern)  # FNUZ has no -0
    return np.where(np.isnan(x), nan_pattern, pattern)


FORMATS = [(GFX942, FNUZ), (GFX950, OCP), (GFX12, OCP)]
for targets, formats in FORMATS:
    for name, values in formats.items():
        bytes_of = {"u32": Type("u32", 1, lambda rng, shape: (np.resize(np.arange(256), shape).astype(np.uint32) * np.uint32(0x01010101)
                                                             ^ np.uint32(0x804020)))}

        def unpack(x, i, values=values):
            return values[x >> np.uint32(8 * i) & 255]
        for i in range(4):
            text = (f"v_cvt_f32_{name} {{d}}, {{a}} byte_sel:{i}" if targets == GFX12 else
                    f"v_cvt_f32_{name}_sdwa {{d}}, {{a}} src0_sel:BYTE_{i}")
            add(targets, text, "d:f32", "a:u32", lambda a, i=i, u=unpack: u(a, i), types=bytes_of)
        add(targets, f"v_cvt_f32_{name} {{d}}, {{a}}", "d:f32", "a:u32", lambda a, u=unpack: u(a, 0), types=bytes_of)
        for word, suffix in ((0, ""), (1, " op_sel:[1,0]" if targets == GFX12 else "")):
            text = (f"v_cvt_pk_f32_{name} {{d}}, {{a}}.{'lh'[word]}" if targets == GFX12 else
                    f"v_cvt_pk_f32_{name}_sdwa {{d}}, {{a}} src0_sel:WORD_{word}" if word else f"v_cvt_pk_f32_{name} {{d}}, {{a}}")
            add(targets, text, "d:2xf32", "a:u32", lambda a, w=word, u=unpack: pair(u(a, 2 * w), u(a, 2 * w + 1)), types=bytes_of)

        largest = float(np.nanmax(np.where(np.isfinite(values), values, np.nan)))
        ordinary = {"f32": uniform("f32", -largest * 1.02, largest * 1.02)}
        tiny = {"f32": uniform("f32", -0.02, 0.02)}
        halfway = {"f32": choice("f32", np.concatenate([s * (values[:127][np.isfinite(values[:127])][1:].astype(np.float64)
                                                             + values[:127][np.isfinite(values[:127])][:-1]) / 2 for s in (1, -1)]).astype(np.float32))}
        zeros = {"f32": choice("f32", [0.0, -0.0, 1e-30, -1e-30])}
        for clamp_mode, (label, types) in itertools.product((0, 1), (("", ordinary), (" ; subnormals", tiny), (" ; ties", halfway), (" ; zeros", zeros))):
            before = f"s_setreg_imm32_b32 hwreg(HW_REG_MODE, 23, 1), {clamp_mode}\n"

            def pack(a, b, values=values, saturate=bool(clamp_mode)):
                return nearest(values, a, saturate) | nearest(values, b, saturate) << 8

            name_of = f"v_cvt_pk_{name}_f32 overflow:{clamp_mode}{label}"
            add(targets, before + f"v_cvt_pk_{name}_f32 {{d}}, {{a}}, {{b}}" + label, "d:2xu16", "a:f32 b:f32 d:2xu16",
                lambda a, b, d, pack=pack: pair(pack(a, b), d[..., 1]), types=types, name=name_of)
            add(targets, before + f"v_cvt_pk_{name}_f32 {{d}}, {{a}}, -|{{b}}| op_sel:[0,0,1]" + label, "d:2xu16", "a:f32 b:f32 d:2xu16",
                lambda a, b, d, pack=pack: pair(d[..., 0], pack(a, -abs(b))), types=types, name=name_of + " upper half")

        # Stochastic rounding: the random bits are added below the mantissa that is kept. Normal results only.
        kept = 3 if name == "fp8" else 2

        def stochastic(a, b, values=values, kept=kept):
            bits = a.view(np.uint32).astype(np.uint64) + (b >> np.uint32(9 + kept)).astype(np.uint64)
            cut = (bits & np.uint64(~((1 << 23 - kept) - 1) & 0xFFFFFFFF)).astype(np.uint32).view(np.float32)
            return nearest(values, cut, True)
        for i in range(4):
            select = f" byte_sel:{i}" if targets == GFX12 else f" op_sel:[0,0,{i & 1},{i >> 1}]"
            add(targets, f"v_cvt_sr_{name}_f32 {{d}}, {{a}}, {{b}}{select}", "d:4xu8", "a:f32 b:u32 d:4xu8",
                lambda a, b, d, i=i, f=stochastic: np.where(np.arange(4) == i, f(a, b)[..., None], d), types={"f32": uniform("f32", 0.25, 100)})


# gfx950: with a scale, of which the exponent counts
def scale_of(x):
    return 2.0 ** ((x.view(np.uint32) >> np.uint32(23) & np.uint32(255)).astype(np.int64) - 127)


SCALE = {"scale": Type("f32", 1, lambda rng, shape: 2.0 ** rng.integers(-6, 7, shape) * rng.uniform(1, 1.99, shape))}
for name, values in OCP.items():
    for word in (0, 1):
        select = f" op_sel:[{word},0,0]" if word else ""
        add(GFX950, f"v_cvt_scalef32_pk_f32_{name} {{d}}, {{a}}, {{s}}{select}", "d:2xf32", "a:4xu8 s:scale",
            lambda a, s, w=word, v=values: v[a[..., 2 * w: 2 * w + 2]] * scale_of(s)[..., None], types=SCALE)
        add(GFX950, f"v_cvt_scalef32_pk_{name}_f32 {{d}}, {{a}}, {{b}}, {{s}} op_sel:[0,0,0,{word}]", "d:2xu16", "a:f32 b:f32 s:scale d:2xu16",
            lambda a, b, s, d, w=word, v=values: np.where(np.arange(2) == w, (nearest(v, a / scale_of(s), True) | nearest(v, b / scale_of(s), True) << 8)[..., None], d),
            types=SCALE | {"f32": uniform("f32", -6, 6)})
for i in range(4):
    select = f" op_sel:[{i & 1},{i >> 1},0]" if i else ""
    add(GFX950, f"v_cvt_scalef32_pk_f32_fp4 {{d}}, {{a}}, {{s}}{select}", "d:2xf32", "a:8xu4 s:scale",
        lambda a, s, i=i: FP4[a[..., 2 * i: 2 * i + 2]] * scale_of(s)[..., None], types=SCALE)
    add(GFX950, f"v_cvt_scalef32_pk_fp4_f32 {{d}}, {{a}}, {{b}}, {{s}} op_sel:[0,0,{i & 1},{i >> 1}]", "d:4xu8", "a:f32 b:f32 s:scale d:4xu8",
        lambda a, b, s, d, i=i: np.where(np.arange(4) == i, (nearest(FP4, a / scale_of(s), True) | nearest(FP4, b / scale_of(s), True) << 4)[..., None], d),
        types=SCALE | {"f32": uniform("f32", -9, 9)})


@table.test()
def test_convert(row, target):
    table.run(row, target)
