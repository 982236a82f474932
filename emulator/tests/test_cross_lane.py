# SPDX-License-Identifier: Apache-2.0
"""What moves values between lanes, or works on parts of them: DPP, SDWA, permutes, swizzles, lane reads, VOPD."""

import itertools

import numpy as np
from machine import ALL, CDNA, GFX12, GFX942, GFX950, RDNA, WAVE64, Table
from values import Type, between

table = Table()
add = table.add


# --- DPP
def source_lane(control: str, lane: np.ndarray, lanes: int) -> np.ndarray:
    """The lane that each lane reads; -1 where there is none."""
    name, _, text = control.partition(":")
    row, place = lane & ~15, lane & 15
    if name == "quad_perm":
        return (lane & ~3) + np.array(eval(text))[lane & 3]
    if name == "dpp8":
        return (lane & ~7) + np.array(eval(text))[lane & 7]
    n = int(text or 0)
    inside = {
        "row_shl": np.where(place + n < 16, lane + n, -1), "row_shr": np.where(place >= n, lane - n, -1), "row_ror": row + (place - n & 15),
        "row_mirror": row + 15 - place, "row_half_mirror": (lane & ~7) + 7 - (lane & 7),
        "row_newbcast": row + n, "row_share": row + n, "row_xmask": row + (place ^ n),
        "wave_shl": np.where(lane + 1 < lanes, lane + 1, -1), "wave_rol": (lane + 1) % lanes,
        "wave_shr": lane - 1, "wave_ror": (lane - 1) % lanes,
        "row_bcast": np.where(lane > n, (lane & ~n) - 1, -1),
    }
    return inside[name]


def moved(control: str, x, on, fetch_inactive=False):
    """The values that arrive, and where any do."""
    waves, lanes = x.shape
    source = source_lane(control, np.arange(lanes), lanes)
    arrives = (source >= 0) & (on[:, source] | fetch_inactive)
    return np.where(arrives, x[:, source], np.zeros_like(x)), arrives


def enabled(lanes: int, row_mask: int, bank_mask: int) -> np.ndarray:
    lane = np.arange(lanes)
    return (row_mask >> (lane >> 4 & 3) & 1 & (bank_mask >> (lane >> 2 & 3))).astype(bool)


def through_dpp(control, function, bound=False, fetch_inactive=False, row_mask=15, bank_mask=15):
    """Of a formula the one whose first argument went through DPP; the last two are what the register held, and EXEC."""
    def apply(a, *rest):
        *others, before, on = rest
        value, arrives = moved(control, a, on, fetch_inactive)
        keep = ~enabled(a.shape[1], row_mask, bank_mask) | (~arrives & (not bound))
        return np.where(keep, before, function(value, *others))
    return apply


def masks(row_mask, bank_mask):
    return f" row_mask:{row_mask:#x} bank_mask:{bank_mask:#x}"


EVERYWHERE = ["quad_perm:[0,1,2,3]", "quad_perm:[1,0,3,2]", "quad_perm:[3,3,0,1]", "quad_perm:[2,2,2,2]", "row_mirror", "row_half_mirror",
              *(f"row_{kind}:{n}" for kind in ("shl", "shr", "ror") for n in (1, 2, 7, 8, 15))]
OF_CDNA = ["wave_shl:1", "wave_rol:1", "wave_shr:1", "wave_ror:1", "row_bcast:15", "row_bcast:31", "row_newbcast:0", "row_newbcast:5", "row_newbcast:15"]
OF_RDNA = [f"row_{kind}:{n}" for kind in ("share", "xmask") for n in (0, 1, 6, 15)]
MOVE, SAME = "v_mov_b32_dpp {d}, {a} ", "v_mov_b32_dpp {d}, {d} "
for targets, controls in ((CDNA, EVERYWHERE + OF_CDNA), (RDNA + WAVE64, EVERYWHERE + OF_RDNA)):
    for control in controls:
        for bound in (False, True):
            tail = " bound_ctrl:1" if bound else ""
            add(targets, MOVE + control + masks(15, 15) + tail, "d:u32", "a:u32 d:u32 exec", through_dpp(control, lambda a: a, bound))
            add(targets, SAME + control + masks(15, 15) + tail, "d:u32", "d:u32 exec",
                lambda d, on, f=through_dpp(control, lambda a: a, bound): f(d, d, on), name=f"dpp to itself {control}{tail}")
        for row_mask, bank_mask in ((10, 15), (12, 15), (5, 9), (15, 6), (0, 15)):
            add(targets, MOVE + control + masks(row_mask, bank_mask), "d:u32", "a:u32 d:u32 exec",
                through_dpp(control, lambda a: a, row_mask=row_mask, bank_mask=bank_mask))
        if targets != CDNA:
            for bound in (False, True):
                tail = " bound_ctrl:1" if bound else ""
                add(targets, MOVE + control + masks(15, 15) + tail + " fi:1", "d:u32", "a:u32 d:u32 exec", through_dpp(control, lambda a: a, bound, True))
for control in ("row_shr:1", "quad_perm:[1,0,3,2]", "row_ror:4"):
    for bound in (False, True):
        tail = control + masks(15, 15) + (" bound_ctrl:1" if bound else "")
        add(ALL, "v_add_f32_dpp {d}, -{a}, |{b}| " + tail, "d:f32", "a:f32 b:f32 d:f32 exec", through_dpp(control, lambda a, b: -a + abs(b), bound))
        add(CDNA, "v_add_u32_dpp {d}, {a}, {b} " + tail, "d:u32", "a:u32 b:u32 d:u32 exec", through_dpp(control, lambda a, b: a + b, bound))
        add(RDNA, "v_add_nc_u32_dpp {d}, {a}, {b} " + tail, "d:u32", "a:u32 b:u32 d:u32 exec", through_dpp(control, lambda a, b: a + b, bound))
        add(ALL, "v_add_u32_dpp {d}, {d}, {d} ".replace("v_add_u32", "v_xor_b32") + tail, "d:u32", "d:u32 exec",
            lambda d, on, f=through_dpp(control, lambda a, b: a ^ b, bound): f(d, d, d, on), name=f"dpp, all one register, {tail}")
        add(RDNA, "v_add3_u32_e64_dpp {d}, {a}, {b}, {c} " + tail, "d:u32", "a:u32 b:u32 c:u32 d:u32 exec",
            through_dpp(control, lambda a, b, c: a + b + c, bound))
    add(ALL, "v_cndmask_b32_dpp {d}, {a}, {b}, {vcc} " + control + masks(15, 15) + " bound_ctrl:1", "d:u32", "a:u32 b:u32 vcc d:u32 exec",
        through_dpp(control, lambda a, b, p: np.where(p, b, a), True))
add(RDNA + WAVE64, "v_cmp_lt_u32_dpp {vcc}, {a}, {b} row_ror:3 row_mask:0xf bank_mask:0xf bound_ctrl:1", "vcc", "a:u32 b:u32 exec",
    lambda a, b, on: moved("row_ror:3", a, on)[0] < b)
for order in ("[0,1,2,3,4,5,6,7]", "[7,6,5,4,3,2,1,0]", "[1,1,1,1,6,6,0,3]"):
    for fetch in (False, True):
        tail = f"dpp8:{order}" + (" fi:1" if fetch else "")
        add(RDNA + WAVE64, "v_mov_b32_dpp {d}, {a} " + tail, "d:u32", "a:u32 exec", lambda a, on, c=f"dpp8:{order}", f=fetch: moved(c, a, on, f)[0])
        add(RDNA + WAVE64, "v_mov_b32_dpp {d}, {d} " + tail, "d:u32", "d:u32 exec", lambda d, on, c=f"dpp8:{order}", f=fetch: moved(c, d, on, f)[0])
        add(RDNA, "v_max_u32_dpp {d}, {a}, {b} " + tail, "d:u32", "a:u32 b:u32 exec",
            lambda a, b, on, c=f"dpp8:{order}", f=fetch: np.maximum(moved(c, a, on, f)[0], b))
add(GFX942 + GFX950, "v_mov_b64_dpp {d}, {a} row_newbcast:3 row_mask:0xf bank_mask:0xf bound_ctrl:1", "d:u64", "a:u64 exec",
    lambda a, on: moved("row_newbcast:3", a, on)[0])

# --- SDWA
SELECTS = ["BYTE_0", "BYTE_1", "BYTE_2", "BYTE_3", "WORD_0", "WORD_1", "DWORD"]


def place(select: str) -> tuple[int, int]:
    """First bit, bits."""
    kind, _, n = select.partition("_")
    bits = {"BYTE": 8, "WORD": 16, "DWORD": 32}[kind]
    return int(n or 0) * bits, bits


def selected(x, select, extend=False):
    shift, bits = place(select)
    part = x.astype(np.uint64) >> np.uint64(shift) & np.uint64((1 << bits) - 1)
    if extend:
        part = (part.astype(np.int64) ^ 1 << bits - 1) - (1 << bits - 1)
    return part.astype(np.int64).astype(np.uint32)


def merged(value, select, unused, before):
    shift, bits = place(select)
    mask = (1 << bits) - 1
    part = value.astype(np.uint64) & np.uint64(mask)
    if unused == "UNUSED_PRESERVE":
        return before & np.uint32(~(mask << shift) & 0xFFFFFFFF) | (part << np.uint64(shift)).astype(np.uint32)
    if unused == "UNUSED_SEXT":
        part = ((part.astype(np.int64) ^ 1 << bits - 1) - (1 << bits - 1)).astype(np.uint64)
    return (part << np.uint64(shift) & np.uint64(0xFFFFFFFF)).astype(np.uint32)


for dst, unused in itertools.product(SELECTS, ("UNUSED_PAD", "UNUSED_SEXT", "UNUSED_PRESERVE")):
    for src, extend in (("BYTE_2", False), ("WORD_1", True), ("DWORD", False)):
        a = "sext({a})" if extend else "{a}"
        add(CDNA, f"v_mov_b32_sdwa {{d}}, {a} dst_sel:{dst} dst_unused:{unused} src0_sel:{src}", "d:u32", "a:u32 d:u32",
            lambda a, d, dst=dst, unused=unused, src=src, extend=extend: merged(selected(a, src, extend), dst, unused, d))
for src0, src1, extend in itertools.product(SELECTS, SELECTS, (False, True)):
    a, b = ("sext({a})", "sext({b})") if extend else ("{a}", "{b}")
    add(CDNA, f"v_add_u32_sdwa {{d}}, {a}, {b} dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:{src0} src1_sel:{src1}", "d:u32", "a:u32 b:u32",
        lambda a, b, s0=src0, s1=src1, e=extend: selected(a, s0, e) + selected(b, s1, e))
for src in ("WORD_0", "WORD_1"):
    def half(x, src=src):
        return selected(x, src).astype(np.uint16).view(np.float16)
    for dst in ("WORD_0", "WORD_1", "DWORD"):
        add(CDNA, f"v_add_f16_sdwa {{d}}, -{{a}}, |{{b}}| dst_sel:{dst} dst_unused:UNUSED_PRESERVE src0_sel:{src} src1_sel:WORD_1", "d:u32",
            "a:2xf16 b:2xf16 d:u32",
            lambda a, b, d, dst=dst, i=int(src[-1]): merged((-a[..., i] + abs(b[..., 1])).view(np.uint16), dst, "UNUSED_PRESERVE", d),
            types={"2xf16": Type("f16", 2, lambda rng, shape: rng.uniform(-4, 4, shape + (2,)))})
    add(CDNA, f"v_cvt_f32_f16_sdwa {{d}}, {{a}} dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:{src}", "d:f32", "a:2xf16",
        lambda a, i=int(src[-1]): a[..., i].astype(np.float32))
    add(CDNA, f"v_cmp_lt_u16_sdwa vcc, {{a}}, {{b}} src0_sel:{src} src1_sel:BYTE_3", "vcc", "a:u32 b:u32",
        lambda a, b, src=src: selected(a, src) < selected(b, "BYTE_3"))
    add(CDNA, f"v_cmp_gt_i32_sdwa {{p}}, sext({{a}}), sext({{b}}) src0_sel:{src} src1_sel:BYTE_1", "p:mask", "a:u32 b:u32",
        lambda a, b, src=src: selected(a, src, True).view(np.int32) > selected(b, "BYTE_1", True).view(np.int32))
for src in SELECTS[:4]:
    add(CDNA, f"v_lshlrev_b32_sdwa {{d}}, {{a}}, {{b}} dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:DWORD src1_sel:{src}", "d:u32", "a:u32 b:u32",
        lambda a, b, src=src: selected(b, src) << (a & 31))
    add(CDNA, f"v_or_b32_sdwa {{d}}, {{s}}, {{b}} dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:DWORD src1_sel:{src}", "d:u32", "s:s.u32 b:u32",
        lambda s, b, src=src: s | selected(b, src))
    add(CDNA, f"v_cvt_f32_ubyte0_sdwa {{d}}, {{a}} dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:{src}", "d:f32", "a:u32",
        lambda a, src=src: selected(a, src) & 255)


# --- Permutes through LDS hardware. Wave64 on gfx11 permutes within halves.
def reach(target_lanes, halves):
    return 32 if halves else target_lanes


def pulled(halves=False, offset=0):
    def apply(address, x, on):
        lanes = x.shape[1]
        span = 32 if halves else lanes
        source = (address.astype(np.int64) + offset >> 2) % span + np.where(halves, np.arange(lanes) // 32 * 32, 0)
        return np.where(np.take_along_axis(on, source, 1), np.take_along_axis(x, source, 1), 0)
    return apply


def pushed(halves=False, offset=0):
    def apply(address, x, on):
        lanes = x.shape[1]
        span = 32 if halves else lanes
        result = np.zeros_like(x)
        for wave in range(x.shape[0]):
            for lane in range(lanes):  # in order: the last lane wins
                if on[wave, lane]:
                    result[wave, (int(address[wave, lane]) + offset >> 2) % span + (lane // 32 * 32 if halves else 0)] = x[wave, lane]
        return result
    return apply


for targets, halves in ((ALL + ("gfx1201-wave64",), False), (("gfx1100-wave64",), True)):
    for offset in (0, 8, 252):
        tail = f" offset:{offset}" if offset else ""
        for types in ({}, {"u32": between("u32", 0, 1024)}):
            label = " ; any address" if not types else ""
            operands = ("d:u32", "a:at b:u32 exec")
            at = {"at": between("u32", 0, 1024) if types else between("u32", 0, 1 << 31)}
            add(targets, "ds_bpermute_b32 {d}, {a}, {b}" + tail + label, *operands, pulled(halves, offset), types=at)
            add(targets, "ds_permute_b32 {d}, {a}, {b}" + tail + label, *operands, pushed(halves, offset), types=at)


def swizzled(pattern):
    def apply(x, on):
        lane = np.arange(x.shape[1])
        inner, group = lane & 31, lane & ~31
        if pattern >= 0xC000:
            turn = (pattern >> 5 & 31) * (-1 if pattern >> 10 & 1 else 1)
            source = inner & (pattern & 31) | inner + turn & ~pattern & 31
        elif pattern & 0x8000:
            source = (inner & ~3) | (pattern >> (inner & 3) * 2 & 3)
        else:
            source = (inner & pattern & 31 | pattern >> 5 & 31) ^ (pattern >> 10 & 31)
        source = group + source
        return np.where(on[:, source], x[:, source], 0)
    return apply


for pattern in (0x001F, 0x041F, 0x081F, 0x101F, 0x201F, 0x401F, 0x7C1F, 0x0018, 0x03E0, 0x7FFF, 0x2D4A, 0x801B, 0x80B1, 0x80FF, 0x8000, 0xC020, 0xC4A0, 0xC3E3):
    add(ALL + WAVE64, f"ds_swizzle_b32 {{d}}, {{a}} offset:{pattern:#06x}", "d:u32", "a:u32 exec", swizzled(pattern))


# --- Lanes by number
def first_on(on):
    return np.where(on.any(1), on.argmax(1), 0)


add(ALL + WAVE64, "v_readfirstlane_b32 {d}, {a}", "d:s.u32", "a:u32 exec", lambda a, on: np.take_along_axis(a, first_on(on)[:, None], 1))
add(ALL + WAVE64, "v_readlane_b32 {d}, {a}, {s}", "d:s.u32", "a:u32 s:s.u32", lambda a, s: np.take_along_axis(a, (s % a.shape[1]).astype(np.int64), 1))
add(ALL + WAVE64, "v_readlane_b32 {d}, {a}, 21", "d:s.u32", "a:u32", lambda a: a[:, 21:22])
add(ALL + WAVE64, "v_writelane_b32 {d}, {t}, 9", "d:u32", "t:s.u32 d:u32", lambda t, d: np.where(np.arange(d.shape[1]) == 9, t, d), masked=False)
add(ALL + WAVE64, "v_writelane_b32 {d}, {t}, m0", "d:u32", "t:s.u32 m0 d:u32",
    lambda t, m, d: np.where(np.arange(d.shape[1]) == m % d.shape[1], t, d), masked=False)


# --- Rows
def row_pick(other_row: bool, fetch_inactive=False, bound=False):
    def apply(x, low, high, before, on):
        lanes = x.shape[1]
        lane = np.arange(lanes)
        selects = low.astype(np.uint64) | high.astype(np.uint64) << np.uint64(32)
        source = (selects >> (lane & 15).astype(np.uint64) * np.uint64(4) & np.uint64(15)).astype(np.int64) + ((lane ^ 16 if other_row else lane) & ~15)
        value, valid = np.take_along_axis(x, source, 1), np.take_along_axis(on, source, 1) | fetch_inactive
        return np.where(valid, value, 0 if bound else before)
    return apply


for name, other_row in (("v_permlane16_b32", False), ("v_permlanex16_b32", True)):
    for fetch, bound in itertools.product((False, True), (False, True)):
        tail = f" op_sel:[{fetch:d},{bound:d}]" if fetch or bound else ""
        add(RDNA + WAVE64, f"{name} {{d}}, {{a}}, {{s}}, {{t}}{tail}", "d:u32", "a:u32 s:s.u32 t:s.u32 d:u32 exec", row_pick(other_row, fetch, bound))
    var = name.replace("_b32", "_var_b32")
    add(GFX12 + ("gfx1201-wave64",), f"{var} {{d}}, {{a}}, {{b}} op_sel:[1,0]", "d:u32", "a:u32 b:u32",
        lambda a, b, x=other_row: np.take_along_axis(a, (b & 15).astype(np.int64) + ((np.arange(a.shape[1]) ^ (16 if x else 0)) & ~15), 1))
add(WAVE64, "v_permlane64_b32 {d}, {a}", "d:u32", "a:u32", lambda a: np.roll(a, 32, axis=1), full=True)


def swap_rows(width):
    def apply(a, b):
        lane = np.arange(64)
        upper = (lane & width) != 0
        return np.where(upper, b[:, lane ^ width], a), np.where(upper, b, a[:, lane ^ width])
    return apply


add(GFX950, "v_permlane16_swap_b32 {a}, {b}", "a:u32 b:u32", "a:u32 b:u32", swap_rows(16), full=True)
add(GFX950, "v_permlane32_swap_b32 {a}, {b}", "a:u32 b:u32", "a:u32 b:u32", swap_rows(32), full=True)

# --- VOPD: both halves read before either writes
add(RDNA, "v_dual_mov_b32 {a}, {b} :: v_dual_mov_b32 {b}, {a}", "a:u32 b:u32", "a:u32 b:u32", lambda a, b: (b, a))
FOUR, PAIR = "a:f32 b:f32 c:f32 e:f32", "d:f32 f:f32"
for x, y, f, g in (("add_f32", "mul_f32", lambda a, b: a + b, lambda a, b: a * b), ("sub_f32", "subrev_f32", lambda a, b: a - b, lambda a, b: b - a),
                   ("mul_f32", "sub_f32", lambda a, b: a * b, lambda a, b: a - b)):
    add(RDNA, f"v_dual_{x} {{d}}, {{a}}, {{b}} :: v_dual_{y} {{f}}, {{c}}, {{e}}", PAIR, FOUR, lambda a, b, c, e, f=f, g=g: (f(a, b), g(c, e)))
add(RDNA, "v_dual_mul_f32 {a}, {c}, {b} :: v_dual_add_f32 {b}, {a}, {e}", "a:f32 b:f32", "a:f32 b:f32 c:f32 e:f32", lambda a, b, c, e: (c * b, a + e))
add(RDNA, "v_dual_mov_b32 {d}, 0x3f000000 :: v_dual_add_f32 {f}, 0x3f000000, {a}", "d:u32 f:f32", "a:f32 b:f32", lambda a, b: (0x3F000000, a + np.float32(0.5)))
add(RDNA, "v_dual_add_f32 {d}, {a}, {b} :: v_dual_add_nc_u32 {f}, {c}, {e}", "d:f32 f:u32", "a:f32 b:f32 c:u32 e:u32", lambda a, b, c, e: (a + b, c + e))
add(RDNA, "v_dual_mov_b32 {d}, {a} :: v_dual_lshlrev_b32 {f}, {c}, {e}", "d:u32 f:u32", "a:u32 b:u32 c:u32 e:u32", lambda a, b, c, e: (a, e << (c & 31)))
add(RDNA, "v_dual_mov_b32 {d}, {a} :: v_dual_and_b32 {f}, {c}, {e}", "d:u32 f:u32", "a:u32 b:u32 c:u32 e:u32", lambda a, b, c, e: (a, e & c))
add(RDNA, "v_dual_cndmask_b32 {d}, {a}, {b} :: v_dual_cndmask_b32 {f}, {c}, {e}", "d:u32 f:u32", "a:u32 b:u32 c:u32 e:u32 vcc",
    lambda a, b, c, e, p: (np.where(p, b, a), np.where(p, e, c)))


@table.test()
def test_cross_lane(row, target):
    table.run(row, target)
