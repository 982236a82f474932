# SPDX-License-Identifier: Apache-2.0
"""VOPD: two operations in one instruction; both read before either writes."""

import exact
import numpy as np
from machine import GFX11, GFX12, RDNA, Table
from values import Type

table = Table()


def legacy(a, b):
    return np.where((a == 0) | (b == 0), np.float32(0), a * b)


PI = np.float32(np.pi)
FMA = exact.fma("f32")
# name -> (arguments of registers a and b, formula of a, b and what d was)
FLOATS = {
    "fmac_f32": ("{a}, {b}", FMA),
    "fmaak_f32": ("{a}, {b}, 0x40490fdb", lambda a, b, d: FMA(a, b, np.full_like(a, PI))),
    "fmamk_f32": ("{a}, 0x40490fdb, {b}", lambda a, b, d: FMA(a, np.full_like(a, PI), b)),
    "mul_f32": ("{a}, {b}", lambda a, b, d: a * b),
    "add_f32": ("{a}, {b}", lambda a, b, d: a + b),
    "sub_f32": ("{a}, {b}", lambda a, b, d: a - b),
    "subrev_f32": ("{a}, {b}", lambda a, b, d: b - a),
    "mul_dx9_zero_f32": ("{a}, {b}", lambda a, b, d: legacy(a, b)),
    "mov_b32": ("{a}", lambda a, b, d: a),
}


def least(a, b):
    zero = (a == 0) & (b == 0)
    return np.where(zero, np.where(np.signbit(a) | np.signbit(b), np.float32(-0.0), np.float32(0)), np.fmin(a, b))


def most(a, b):
    zero = (a == 0) & (b == 0)
    return np.where(zero, np.where(np.signbit(a) & np.signbit(b), np.float32(-0.0), np.float32(0)), np.fmax(a, b))


ORDERS = {GFX11: (("max_f32", most), ("min_f32", least)), GFX12: (("max_num_f32", most), ("min_num_f32", least))}


def shifted(text):
    """The second operation's arguments: registers h and i."""
    return text.replace("{a}", "{h}").replace("{b}", "{i}")


for targets, orders in ORDERS.items():
    every = FLOATS | {name: ("{a}, {b}", lambda a, b, d, f=f: f(a, b)) for name, f in orders}
    for name, (arguments, formula) in every.items():
        for other in ("mul_f32", "mov_b32", name):
            if "0x40490fdb" in arguments and "0x40490fdb" in every[other][0] and other != name:
                continue
            table.add(
                targets,
                f"v_dual_{name} {{d}}, {arguments} :: v_dual_{other} {{e}}, {shifted(every[other][0])}",
                "d:f32 e:f32",
                "a:f32 h:f32 d:f32 e:f32 b:f32 i:f32",
                lambda a, h, d, e, b, i, f=formula, g=every[other][1]: (f(a, b, d), g(h, i, e)),
                name=f"v_dual_{name} :: v_dual_{other}",
            )
    U = "a:u32 h:u32 d:u32 e:u32 b:u32 i:u32"
    for name, formula in (
        ("add_nc_u32", lambda h, i: h + i),
        ("lshlrev_b32", lambda h, i: i << (h & np.uint32(31))),
        ("and_b32", lambda h, i: h & i),
    ):
        table.add(
            targets,
            f"v_dual_mov_b32 {{d}}, {{a}} :: v_dual_{name} {{e}}, {{h}}, {{i}}",
            "d:u32 e:u32",
            U,
            lambda a, h, d, e, b, i, f=formula: (a, f(h, i)),
            name=f"v_dual_mov_b32 :: v_dual_{name}",
        )
    table.add(
        targets,
        "v_dual_cndmask_b32 {d}, {a}, {b} :: v_dual_cndmask_b32 {e}, {h}, {i}",
        "d:u32 e:u32",
        U + " vcc",
        lambda a, h, d, e, b, i, v: (np.where(v, b, a), np.where(v, i, h)),
        name="v_dual_cndmask_b32",
    )
    table.add(
        targets,
        "v_dual_mov_b32 {d}, {e} :: v_dual_mov_b32 {e}, {d}",
        "d:u32 e:u32",
        "d:u32 e:u32",
        lambda d, e: (e, d),
        name="v_dual_mov_b32 ; a swap",
    )
    table.add(
        targets,
        "v_dual_add_f32 {d}, {e}, {a} :: v_dual_mul_f32 {e}, {d}, {b}",
        "d:f32 e:f32",
        "a:f32 d:f32 e:f32 b:f32",
        lambda a, d, e, b: (e + a, d * b),
        name="v_dual_add_f32 :: v_dual_mul_f32 ; crosswise",
    )
    table.add(
        targets,
        "v_dual_mul_f32 {d}, {s}, {a} :: v_dual_add_f32 {e}, {s}, {b}",
        "d:f32 e:f32",
        "a:f32 s:s.f32 b:f32",
        lambda a, s, b: (s * a, s + b),
        name="v_dual_mul_f32 :: v_dual_add_f32 ; a scalar",
    )
# of whole numbers, whose sums are exact
WHOLE = {
    "2xf16": Type("f16", 2, lambda rng, shape: rng.integers(-40, 40, shape + (2,))),
    "f32": Type("f32", 1, lambda rng, shape: rng.integers(-40, 40, shape)),
}
table.add(
    RDNA,
    "v_dual_dot2acc_f32_f16 {d}, {a}, {b} :: v_dual_mov_b32 {e}, {h}",
    "d:f32 e:u32",
    "a:2xf16 h:u32 d:f32 e:u32 b:2xf16",
    lambda a, h, d, e, b: ((a.astype(np.float32) * b.astype(np.float32)).sum(-1) + d, h),
    types=WHOLE,
    name="v_dual_dot2acc_f32_f16",
)


@table.test()
def test_dual(row, target):
    table.run(row, target)
