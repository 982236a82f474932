# SPDX-License-Identifier: Apache-2.0
"""VALU: integers and bits."""

import numpy as np
from machine import ALL, CDNA, GFX11, GFX12, GFX942, GFX950, RDNA, WAVE64, Table
from values import between

table = Table()
add = table.add


def renamed(cdna: str, rdna: str, operands: str, *rest, **options) -> None:
    """An instruction that RDNA calls otherwise."""
    add(CDNA, f"{cdna} {operands}", *rest, **options)
    add(RDNA, f"{rdna} {operands}", *rest, **options)


def wide(x):
    return x.astype(np.int64) if x.dtype.kind == "i" else x.astype(np.uint64)


def sat(x, bits, signed):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return np.clip(x.astype(np.int64), low, high)


def big(function):
    """The formula on Python's integers, element by element."""
    return np.vectorize(lambda *x: function(*(int(v) for v in x)), otypes=[object])


def low(bits):
    return lambda x: np.array(np.vectorize(lambda v: v & (1 << bits) - 1, otypes=[object])(x), dtype=f"u{bits // 8}")


def popcount(x):
    return np.unpackbits(np.ascontiguousarray(x).view(np.uint8).reshape(*x.shape, x.itemsize), axis=-1).sum(-1).astype(np.uint32)


def per_byte(function):
    def apply(a, b):
        return [function(((a >> np.uint32(8 * i)) & 255).astype(np.int64), ((b >> np.uint32(8 * i)) & 255).astype(np.int64)) for i in range(4)]
    return apply


def sad(a, b, c=0):
    return (sum(per_byte(lambda x, y: abs(x - y))(a, b)) + c).astype(np.uint32)


def msad(a, b, c=0):
    return (sum(per_byte(lambda x, y: np.where(y != 0, abs(x - y), 0))(a, b)) + c).astype(np.uint32)


def quad_sad(function, bits):
    """Four sums, of the windows of 32 bits that begin at bytes 0 to 3 of a."""
    def apply(a, b, c):
        shape = c.shape
        sums = [function((a >> np.uint64(8 * i)).astype(np.uint32), b, c[..., i].astype(np.int64)) for i in range(4)]
        return np.stack(sums, -1).reshape(shape) & ((1 << bits) - 1)
    return apply


def byte_permute(a, b, selectors):
    source = wide(a) << np.uint64(32) | wide(b)
    result = np.zeros(a.shape, np.uint64)
    for i in range(4):
        selector = selectors >> np.uint32(8 * i) & 255
        plain = source >> (np.uint64(8) * (selector & 7)).astype(np.uint64) & np.uint64(255)
        sign = source >> (np.uint64(16) * (selector & 3) + np.uint64(15)).astype(np.uint64) & np.uint64(1)
        byte = np.where(selector < 8, plain, np.where(selector < 12, sign * np.uint64(255), np.where(selector == 12, 0, 255)))
        result |= byte.astype(np.uint64) << np.uint64(8 * i)
    return result


def leading(x):
    return np.vectorize(lambda v: 32 - int(v).bit_length() if v else 0xFFFFFFFF, otypes=[np.uint32])(x)


def trailing(x):
    return np.vectorize(lambda v: (int(v) & -int(v)).bit_length() - 1 if v else 0xFFFFFFFF, otypes=[np.uint32])(x)


def sign_bits(x):
    folded = x ^ np.where(x >> 31, np.uint32(0xFFFFFFFF), 0)
    return np.vectorize(lambda v: 32 - int(v).bit_length() if v else 0xFFFFFFFF, otypes=[np.uint32])(folded)


def reverse(x):
    return np.vectorize(lambda v: int(f"{int(v):032b}"[::-1], 2), otypes=[np.uint32])(x)


def s24(x):
    return (x.astype(np.int64) & 0xFFFFFF ^ 0x800000) - 0x800000


def u24(x):
    return x.astype(np.int64) & 0xFFFFFF


def field_of(x, offset, width):
    return np.where(width & 31, x.astype(np.int64) >> (offset & 31).astype(np.int64) & (np.int64(1) << (width & 31).astype(np.int64)) - 1, 0)


def signed_field(x, offset, width):
    count = (width & 31).astype(np.int64)
    bits = x.view(np.int32).astype(np.int64) >> (offset & 31) & (1 << count) - 1  # past the top there is the sign
    return np.where(count > 0, bits - ((bits >> np.maximum(count - 1, 0) & 1) << count), 0)


def count_below(a, b, half):
    lane = np.arange(a.shape[1])
    below = [(1 << min(max(n - 32 * half, 0), 32)) - 1 for n in lane]
    return popcount(a & np.array(below, np.uint32)) + b


# --- Sums, with and without carry
D, AB, ABC = "d:u32", "a:u32 b:u32", "a:u32 b:u32 c:u32"
S, SAB, SABC = "d:i32", "a:i32 b:i32", "a:i32 b:i32 c:i32"
H, HAB, HABC = "d:u16", "a:u16 b:u16", "a:u16 b:u16 c:u16"
I, IAB, IABC = "d:i16", "a:i16 b:i16", "a:i16 b:i16 c:i16"
TWO, THREE = "{d}, {a}, {b}", "{d}, {a}, {b}, {c}"
renamed("v_add_u32", "v_add_nc_u32", TWO, D, AB, lambda a, b: a + b)
renamed("v_sub_u32", "v_sub_nc_u32", TWO, D, AB, lambda a, b: a - b)
renamed("v_subrev_u32", "v_subrev_nc_u32", TWO, D, AB, lambda a, b: b - a)
renamed("v_add_u32", "v_add_nc_u32", TWO + " clamp", D, AB, lambda a, b: sat(wide(a) + wide(b), 32, False))
renamed("v_sub_u32", "v_sub_nc_u32", TWO + " clamp", D, AB, lambda a, b: sat(a.astype(np.int64) - b.astype(np.int64), 32, False))
renamed("v_add_i32", "v_add_nc_i32", TWO, S, SAB, lambda a, b: a + b)
renamed("v_sub_i32", "v_sub_nc_i32", TWO, S, SAB, lambda a, b: a - b)
renamed("v_add_i32", "v_add_nc_i32", TWO + " clamp", S, SAB, lambda a, b: sat(wide(a) + wide(b), 32, True))
renamed("v_sub_i32", "v_sub_nc_i32", TWO + " clamp", S, SAB, lambda a, b: sat(wide(a) - wide(b), 32, True))
renamed("v_add_u16", "v_add_nc_u16", TWO, H, HAB, lambda a, b: a + b)
renamed("v_sub_u16", "v_sub_nc_u16", TWO, H, HAB, lambda a, b: a - b)
renamed("v_add_u16", "v_add_nc_u16", TWO + " clamp", H, HAB, lambda a, b: sat(wide(a) + wide(b), 16, False))
renamed("v_add_i16", "v_add_nc_i16", TWO, I, IAB, lambda a, b: a + b)
renamed("v_add_i16", "v_add_nc_i16", TWO + " clamp", I, IAB, lambda a, b: sat(wide(a) + wide(b), 16, True))
renamed("v_sub_i16", "v_sub_nc_i16", TWO + " clamp", I, IAB, lambda a, b: sat(wide(a) - wide(b), 16, True))
add(CDNA, "v_subrev_u16 {d}, {a}, {b}", H, HAB, lambda a, b: b - a)

CARRY = ALL + WAVE64
add(CARRY, "v_add_co_u32 {d}, {vcc}, {a}, {b}", "d:u32 vcc", AB, lambda a, b: (a + b, wide(a) + wide(b) >> np.uint64(32) != 0))
add(CARRY, "v_add_co_u32 {d}, {p}, {a}, {b}", "d:u32 p:mask", AB, lambda a, b: (a + b, wide(a) + wide(b) >> np.uint64(32) != 0))
add(CARRY, "v_sub_co_u32 {d}, {vcc}, {a}, {b}", "d:u32 vcc", AB, lambda a, b: (a - b, a < b))
add(CARRY, "v_subrev_co_u32 {d}, {vcc}, {a}, {b}", "d:u32 vcc", AB, lambda a, b: (b - a, b < a))
for cdna, rdna, first, second, sign in (("v_addc_co_u32", "v_add_co_ci_u32", 0, 1, 1), ("v_subb_co_u32", "v_sub_co_ci_u32", 0, 1, -1),
                                        ("v_subbrev_co_u32", "v_subrev_co_ci_u32", 1, 0, -1)):
    def carried(a, b, p, first=first, second=second, sign=sign):
        pair = (a.astype(np.int64), b.astype(np.int64))
        total = pair[first] + sign * (pair[second] + p)
        return total & 0xFFFFFFFF, (total < 0) | (total >> 32 > 0)
    for targets, name in ((CDNA, cdna), (RDNA + WAVE64, rdna)):
        add(targets, name + " {d}, {vcc}, {a}, {b}, {vcc}", "d:u32 vcc", "a:u32 b:u32 vcc", carried)
        add(targets, name + " {d}, {q}, {a}, {b}, {p}", "d:u32 q:mask", "a:u32 b:u32 p:mask", carried)
add(CDNA, "v_add_co_u32 {d}, vcc, {a}, {b} clamp", "d:u32 vcc", AB,
    lambda a, b: (sat(wide(a) + wide(b), 32, False), wide(a) + wide(b) >> np.uint64(32) != 0))
add(GFX942 + GFX950, "v_lshl_add_u64 {d}, {a}, {b}, {c}", "d:u64", "a:u64 b:u32 c:u64", lambda a, b, c: (a << (b & 7)) + c, types={"u32": between("u32", 0, 5)})
add(GFX942 + GFX950, "v_mov_b64 {d}, {a}", "d:u64", "a:u64", lambda a: a)
add(ALL, "v_add3_u32 " + THREE, D, ABC, lambda a, b, c: a + b + c)
add(ALL, "v_lshl_add_u32 " + THREE, D, ABC, lambda a, b, c: (a << (b & 31)) + c)
add(ALL, "v_add_lshl_u32 " + THREE, D, ABC, lambda a, b, c: a + b << (c & 31))
add(ALL, "v_xad_u32 " + THREE, D, ABC, lambda a, b, c: (a ^ b) + c)

# --- Products
add(ALL, "v_mul_lo_u32 " + TWO, D, AB, lambda a, b: a * b)
add(ALL, "v_mul_hi_u32 " + TWO, D, AB, lambda a, b: wide(a) * wide(b) >> np.uint64(32))
add(ALL, "v_mul_hi_i32 " + TWO, S, SAB, lambda a, b: wide(a) * wide(b) >> 32)
add(ALL, "v_mul_lo_u16 " + TWO, H, HAB, lambda a, b: a * b)
add(ALL, "v_mul_u32_u24 " + TWO, D, AB, lambda a, b: u24(a) * u24(b) & 0xFFFFFFFF)
add(ALL, "v_mul_hi_u32_u24 " + TWO, D, AB, lambda a, b: u24(a) * u24(b) >> 32)
add(ALL, "v_mul_i32_i24 " + TWO, D, AB, lambda a, b: s24(a) * s24(b))
add(ALL, "v_mul_hi_i32_i24 " + TWO, D, AB, lambda a, b: s24(a) * s24(b) >> 32)
add(ALL, "v_mad_u32_u24 " + THREE, D, ABC, lambda a, b, c: u24(a) * u24(b) + c & 0xFFFFFFFF)
add(ALL, "v_mad_i32_i24 " + THREE, D, ABC, lambda a, b, c: s24(a) * s24(b) + c)
add(ALL, "v_mad_i32_i24 " + THREE + " clamp", S, "a:u32 b:u32 c:i32", lambda a, b, c: sat(s24(a) * s24(b) + c, 32, True))
add(ALL, "v_mad_u32_u24 " + THREE + " clamp", D, ABC, lambda a, b, c: sat(u24(a) * u24(b) + c, 32, False))
add(ALL, "v_mad_u16 " + THREE, H, HABC, lambda a, b, c: a * b + c)
add(ALL, "v_mad_i16 " + THREE, I, IABC, lambda a, b, c: a * b + c)
add(ALL, "v_mad_u16 " + THREE + " clamp", H, HABC, lambda a, b, c: sat(wide(a) * wide(b) + wide(c), 16, False))
add(ALL, "v_mad_i16 " + THREE + " clamp", I, IABC, lambda a, b, c: sat(wide(a) * wide(b) + wide(c), 16, True))
add(ALL, "v_mad_u16 " + THREE + " op_sel:[1,0,1,0]", "d:u16", "a:2xu16 b:2xu16 c:2xu16", lambda a, b, c: a[..., 1] * b[..., 0] + c[..., 1])
add(ALL, "v_mad_u16 " + THREE + " op_sel:[0,1,0,1]", "d:2xu16", "a:2xu16 b:2xu16 c:2xu16 d:2xu16",
    lambda a, b, c, d: np.stack([d[..., 0], a[..., 0] * b[..., 1] + c[..., 0]], -1))
add(ALL, "v_mad_u32_u16 " + THREE, D, "a:u16 b:u16 c:u32", lambda a, b, c: a.astype(np.uint32) * b + c)
add(ALL, "v_mad_i32_i16 " + THREE, S, "a:i16 b:i16 c:i32", lambda a, b, c: a.astype(np.int32) * b + c)
for targets, u, i in ((CDNA + GFX11, "v_mad_u64_u32", "v_mad_i64_i32"), (GFX12, "v_mad_co_u64_u32", "v_mad_co_i64_i32")):
    add(targets, u + " {d}, {vcc}, {a}, {b}, {c}", "d:u64 vcc", "a:u32 b:u32 c:u64",
        lambda a, b, c: (low(64)(big(lambda a, b, c: a * b + c)(a, b, c)), big(lambda a, b, c: a * b + c >> 64)(a, b, c) != 0))
    add(targets, i + " {d}, {p}, {a}, {b}, {c}", "d:i64", "a:i32 b:i32 c:i64 p:mask",
        lambda a, b, c, p: low(64)(big(lambda a, b, c: a * b + c)(a, b, c)).view(np.int64))

# --- Bits
add(ALL, "v_and_b32 " + TWO, D, AB, lambda a, b: a & b)
add(ALL, "v_or_b32 " + TWO, D, AB, lambda a, b: a | b)
add(ALL, "v_xor_b32 " + TWO, D, AB, lambda a, b: a ^ b)
add(ALL, "v_xnor_b32 " + TWO, D, AB, lambda a, b: ~(a ^ b))
add(ALL, "v_not_b32 {d}, {a}", D, "a:u32", lambda a: ~a)
add(ALL, "v_and_or_b32 " + THREE, D, ABC, lambda a, b, c: a & b | c)
add(ALL, "v_or3_b32 " + THREE, D, ABC, lambda a, b, c: a | b | c)
add(RDNA, "v_xor3_b32 " + THREE, D, ABC, lambda a, b, c: a ^ b ^ c)
add(ALL, "v_lshl_or_b32 " + THREE, D, ABC, lambda a, b, c: a << (b & 31) | c)
add(ALL, "v_lshlrev_b32 " + TWO, D, AB, lambda a, b: b << (a & 31))
add(ALL, "v_lshrrev_b32 " + TWO, D, AB, lambda a, b: b >> (a & 31))
add(ALL, "v_ashrrev_i32 " + TWO, S, SAB, lambda a, b: b >> (a & 31))
add(CDNA + GFX11, "v_lshlrev_b64 " + TWO, "d:u64", "a:u32 b:u64", lambda a, b: b << wide(a & 63))
add(GFX12, "v_lshlrev_b64_e64 " + TWO, "d:u64", "a:u32 b:u64", lambda a, b: b << wide(a & 63))
add(ALL, "v_lshrrev_b64 " + TWO, "d:u64", "a:u32 b:u64", lambda a, b: b >> wide(a & 63))
add(ALL, "v_ashrrev_i64 " + TWO, "d:i64", "a:u32 b:i64", lambda a, b: b >> wide(a & 63).astype(np.int64))
add(ALL, "v_lshlrev_b16 " + TWO, H, HAB, lambda a, b: b << (a & 15))
add(ALL, "v_lshrrev_b16 " + TWO, H, HAB, lambda a, b: b >> (a & 15))
add(ALL, "v_ashrrev_i16 " + TWO, I, IAB, lambda a, b: b >> (a & 15))
add(ALL, "v_bfrev_b32 {d}, {a}", D, "a:u32", reverse)
renamed("v_ffbh_u32", "v_clz_i32_u32", "{d}, {a}", D, "a:u32", leading)
renamed("v_ffbl_b32", "v_ctz_i32_b32", "{d}, {a}", D, "a:u32", trailing)
renamed("v_ffbh_i32", "v_cls_i32", "{d}, {a}", D, "a:u32", sign_bits)
add(ALL, "v_bfe_u32 " + THREE, D, ABC, field_of)
add(ALL, "v_bfe_i32 " + THREE, D, ABC, signed_field)
add(ALL, "v_bfi_b32 " + THREE, D, ABC, lambda a, b, c: a & b | ~a & c)
add(ALL, "v_bfm_b32 " + TWO, D, AB, lambda a, b: ((np.uint32(1) << (a & 31)) - 1) << (b & 31))
add(ALL, "v_alignbit_b32 " + THREE, D, ABC, lambda a, b, c: (wide(a) << np.uint64(32) | wide(b)) >> wide(c & 31) & np.uint64(0xFFFFFFFF))
add(ALL, "v_alignbyte_b32 " + THREE, D, ABC, lambda a, b, c: (wide(a) << np.uint64(32) | wide(b)) >> wide((c & 3) * 8) & np.uint64(0xFFFFFFFF))
add(ALL, "v_perm_b32 " + THREE, D, ABC, byte_permute)
add(ALL, "v_perm_b32 " + THREE + " ", D, ABC, byte_permute, types={"u32": between("u32", 0, 1 << 32)})
add(ALL, "v_bcnt_u32_b32 " + TWO, D, AB, lambda a, b: popcount(a) + b)
add(ALL + WAVE64, "v_mbcnt_lo_u32_b32 " + TWO, D, AB, lambda a, b: count_below(a, b, 0))
add(ALL + WAVE64, "v_mbcnt_hi_u32_b32 " + TWO, D, AB, lambda a, b: count_below(a, b, 1))
add(GFX950, "v_bitop3_b32 " + THREE + " bitop3:0x6a", D, ABC,
    lambda a, b, c: sum((((a >> np.uint32(i) & 1) << 2 | (b >> np.uint32(i) & 1) << 1 | c >> np.uint32(i) & 1) == k).astype(np.uint32) << np.uint32(i)
                        for i in range(32) for k in range(8) if 0x6A >> k & 1))
add(GFX950, "v_prng_b32 {d}, {a}", D, "a:u32", lambda a: (a << 1) ^ np.where(a >> 31, np.uint32(197), 0))
add(GFX950, "v_ashr_pk_i8_i32 " + THREE, H, "a:i32 b:i32 c:u32",
    lambda a, b, c: (sat(a >> (c & 31), 8, True) & 255) | (sat(b >> (c & 31), 8, True) & 255) << 8)
add(GFX950, "v_ashr_pk_u8_i32 " + THREE, H, "a:i32 b:i32 c:u32", lambda a, b, c: sat(a >> (c & 31), 8, False) | sat(b >> (c & 31), 8, False) << 8)
add(ALL, "v_swap_b32 {a}, {b}", "a:u32 b:u32", "a:u32 b:u32", lambda a, b: (b, a))
for targets in (ALL + WAVE64,):
    add(targets, "v_cndmask_b32 {d}, {a}, {b}, {vcc}", D, "a:u32 b:u32 vcc", lambda a, b, p: np.where(p, b, a))
    add(targets, "v_cndmask_b32 {d}, {a}, {b}, {p}", D, "a:u32 b:u32 p:mask", lambda a, b, p: np.where(p, b, a))
    add(targets, "v_cndmask_b32 {d}, -{a}, |{b}|, {p}", D, "a:u32 b:u32 p:mask",
        lambda a, b, p: np.where(p, b & 0x7FFFFFFF, a ^ np.uint32(0x80000000)))

# --- Order
for bits in (32, 16):
    for kind in "ui":
        t = f"{kind}{bits}"
        two, three = f"a:{t} b:{t}", f"a:{t} b:{t} c:{t}"
        add(ALL, f"v_min_{t} " + TWO, f"d:{t}", two, np.minimum)
        add(ALL, f"v_max_{t} " + TWO, f"d:{t}", two, np.maximum)
        add(ALL, f"v_min3_{t} " + THREE, f"d:{t}", three, lambda a, b, c: np.minimum(np.minimum(a, b), c))
        add(ALL, f"v_max3_{t} " + THREE, f"d:{t}", three, lambda a, b, c: np.maximum(np.maximum(a, b), c))
        add(ALL, f"v_med3_{t} " + THREE, f"d:{t}", three, lambda a, b, c: np.sort(np.stack([a, b, c]), axis=0)[1])
        if bits == 32:
            add(RDNA, f"v_maxmin_{t} " + THREE, f"d:{t}", three, lambda a, b, c: np.minimum(np.maximum(a, b), c))
            add(RDNA, f"v_minmax_{t} " + THREE, f"d:{t}", three, lambda a, b, c: np.maximum(np.minimum(a, b), c))

# --- Bytes
add(ALL, "v_lerp_u8 " + THREE, "d:4xu8", "a:4xu8 b:4xu8 c:4xu8", lambda a, b, c: a.astype(np.uint32) + b + (c & 1) >> 1)
add(ALL, "v_sad_u8 " + THREE, D, ABC, sad)
add(ALL, "v_sad_hi_u8 " + THREE, D, ABC, lambda a, b, c: (sad(a, b) << np.uint32(16)) + c)
add(ALL, "v_sad_u16 " + THREE, D, "a:2xu16 b:2xu16 c:u32", lambda a, b, c: abs(a.astype(np.int64) - b).sum(-1) + c & 0xFFFFFFFF)
add(ALL, "v_sad_u32 " + THREE, D, ABC, lambda a, b, c: abs(a.astype(np.int64) - b) + c & 0xFFFFFFFF)
add(ALL, "v_msad_u8 " + THREE, D, ABC, msad)
renamed("v_qsad_pk_u16_u8", "v_qsad_pk_u16_u8", THREE, "d:4xu16", "a:u64 b:u32 c:4xu16", quad_sad(sad, 16))
renamed("v_mqsad_pk_u16_u8", "v_mqsad_pk_u16_u8", THREE, "d:4xu16", "a:u64 b:u32 c:4xu16", quad_sad(msad, 16))
add(ALL, "v_mqsad_u32_u8 " + THREE, "d:4xu32", "a:u64 b:u32 c:4xu32", quad_sad(msad, 32))

# --- Comparisons: every predicate of every integer type
PREDICATES = {"lt": np.less, "eq": np.equal, "le": np.less_equal, "gt": np.greater, "ne": np.not_equal, "ge": np.greater_equal}
for t in ("u16", "i16", "u32", "i32", "u64", "i64"):
    for predicate, function in PREDICATES.items():
        add(ALL + WAVE64, f"v_cmp_{predicate}_{t} {{vcc}}, {{a}}, {{b}}", "vcc", f"a:{t} b:{t}", function)
        add(ALL, f"v_cmp_{predicate}_{t} {{p}}, {{a}}, {{b}}", "p:mask", f"a:{t} b:{t}", function)
        add(CDNA, f"v_cmpx_{predicate}_{t} vcc, {{a}}, {{b}}", "vcc exec", f"a:{t} b:{t}", lambda a, b, f=function: (f(a, b), f(a, b)))
        add(RDNA, f"v_cmpx_{predicate}_{t} {{a}}, {{b}}", "exec", f"a:{t} b:{t}", function)
add(CDNA + GFX11, "v_cmp_t_u32 {vcc}, {a}, {b}", "vcc", AB, lambda a, b: np.ones(a.shape, bool))
add(CDNA + GFX11, "v_cmp_f_u32 {vcc}, {a}, {b}", "vcc", AB, lambda a, b: np.zeros(a.shape, bool))

# --- Operands: inline constants, literals, SGPRs
for text, value in (("0", 0), ("64", 64), ("-16", 0xFFFFFFF0), ("1.0", 0x3F800000), ("-4.0", 0xC0800000), ("0.15915494", 0x3E22F983),
                    ("0x12345678", 0x12345678), ("0.5", 0x3F000000)):
    add(ALL, f"v_xor_b32 {{d}}, {text}, {{a}}", D, "a:u32", lambda a, v=value: a ^ np.uint32(v))
add(ALL, "v_add3_u32 {d}, {a}, {s}, 7", D, "a:u32 s:s.u32", lambda a, s: a + s + np.uint32(7))
add(ALL, "v_xor_b32 {d}, {s}, {a}", D, "a:u32 s:s.u32", lambda a, s: a ^ s)
add(ALL, "v_lshlrev_b32 {d}, m0, {a}", D, "a:u32 m0", lambda a, m: a << (m & 31))
add(ALL, "v_mov_b32 {d}, exec_lo", D, "exec", lambda e: (e[:, :32] @ (1 << np.arange(32, dtype=np.uint64))).astype(np.uint32)[:, None])
add(CDNA, "v_add_u32 {d}, {a}, {d}", D, "a:u32 d:u32", lambda a, d: a + d)
add(ALL, "v_lshrrev_b64 {d}, {s}, {t}", "d:u64", "s:u32 t:s.u64", lambda s, t: t >> wide(s & 63))
add(CDNA, "v_accvgpr_read_b32 {d}, {a}", D, "a:a.u32", lambda a: a)
add(CDNA, "v_accvgpr_write_b32 {d}, {a}", "d:a.u32", "a:u32", lambda a: a)
add(CDNA, "v_accvgpr_mov_b32 {d}, {a}", "d:a.u32", "a:a.u32", lambda a: a)


@table.test()
def test_integer(row, target):
    table.run(row, target)
