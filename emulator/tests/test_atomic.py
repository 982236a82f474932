# SPDX-License-Identifier: Apache-2.0
"""Atomics on memory: every operation, with and without a result."""

import numpy as np
from addresses import GUARD, SPACES, STEP, both_names, place
from machine import ALL, CDNA, GFX11, GFX12, GFX90A, GFX942, GFX950, RDNA, Table
from values import Type, choice, uniform


table = Table()
add = table.add


# --- Atomics, each lane on its own bytes; then many lanes on the same
def increment(old, x):
    return np.where(old >= x, 0, old + old.dtype.type(1)).astype(old.dtype)


def decrement(old, x):
    return np.where((old == 0) | (old > x), x, old - old.dtype.type(1)).astype(old.dtype)


INTEGERS = (
    ("swap", "swap_b", "u", lambda old, x: x),
    ("add", "add_u", "u", lambda old, x: old + x),
    ("sub", "sub_u", "u", lambda old, x: old - x),
    ("smin", "min_i", "i", np.minimum),
    ("umin", "min_u", "u", np.minimum),
    ("smax", "max_i", "i", np.maximum),
    ("umax", "max_u", "u", np.maximum),
    ("and", "and_b", "u", lambda old, x: old & x),
    ("or", "or_b", "u", lambda old, x: old | x),
    ("xor", "xor_b", "u", lambda old, x: old ^ x),
    ("inc", "inc_u", "u", increment),
    ("dec", "dec_u", "u", decrement),
)


def memory_of(kind):
    """Elements of the operand's type, hostile as registers are."""

    def make(rng, waves, lanes):
        words = kind.words_of(rng, (1, (2 * GUARD + waves * lanes * STEP) // (4 * kind.words)))
        return words.reshape(-1).view(np.uint8)

    return make


def updated(function, kind, returns):
    def apply(m, a, *rest):
        *registers, on = rest
        size = kind.bits * kind.lanes // 8
        at = a.astype(np.int64)
        view = m.view(f"{'f' if kind.floating else kind.element[0]}{size if kind.lanes == 1 else kind.bits // 8}")
        if kind.lanes == 1:
            index = at // size
            old = view[index]
        else:
            index = at[..., None] // (kind.bits // 8) + np.arange(kind.lanes)
            old = view[index]
        new = function(old, registers[0])
        view[index[on]] = new[on]
        return (old, m) if returns else m

    return apply


def atomic(targets, text, kind, function, operands="x:k", suffix="", **options):
    """`text` with {a} and {x}; the result, if one is asked for, comes first."""
    options = {"memory": memory_of(kind), "writes": True, "types": {"at": place(), "k": kind, **options.pop("types", {})}} | options
    name, _, arguments = text.partition(" ")
    add(targets, f"{text}{suffix}\n{{wait}}", "", f"a:at {operands} exec", updated(function, kind, False), **options)
    add(
        targets,
        f"{name} {{d}}, {arguments} {{ret}}{suffix}\n{{wait}}",
        "d:k",
        f"a:at {operands} exec",
        updated(function, kind, True),
        **options,
    )


for space, off, _ in SPACES:
    for old, new, sign, function in INTEGERS:
        for bits in (32, 64):
            kind = Type(f"{sign}{bits}")
            for targets, name in both_names(old + "_x2" * (bits == 64), f"{new}{bits}"):
                atomic(targets, f"{space}_atomic_{name} {{a}}, {{x}}{off}", kind, function)
    for bits in (32, 64):
        kind = choice(f"u{bits}", np.array((0, 1, 2, (1 << bits) - 1), np.uint64))
        pair = Type(f"u{bits}", 2, lambda rng, shape, b=bits: rng.choice(np.array((0, 1, 2, (1 << b) - 1), np.uint64), shape + (2,)))
        for targets, name in both_names("cmpswap" + "_x2" * (bits == 64), f"cmpswap_b{bits}"):
            atomic(
                targets,
                f"{space}_atomic_{name} {{a}}, {{x}}{off}",
                kind,
                lambda old, x: np.where(old == x[..., 1], x[..., 0], old),
                "x:pair",
                types={"pair": pair},
            )

ORDINARY = {t: uniform(t, -100, 100) for t in ("f32", "f64")}
SMALL = {"f32": uniform("f32", -2e-38, 2e-38)}


def flushed_sum(a, b):
    def flush(x):
        return np.where(abs(x) < np.finfo(np.float32).tiny, np.copysign(np.float32(0), x), x)

    return flush(flush(a) + flush(b))


def least(a, b):
    return np.where(b < a, b, a)


def most(a, b):
    return np.where(b > a, b, a)


for space, off, _ in SPACES:
    floats = ALL if space == "global" else GFX942 + GFX950 + RDNA
    atomic(floats, f"{space}_atomic_add_f32 {{a}}, {{x}}{off}", ORDINARY["f32"], np.add)
    # subnormals: gfx90a's and gfx11's caches drop them
    atomic(
        tuple(t for t in floats if t in ("gfx90a", "gfx1100")),
        f"{space}_atomic_add_f32 {{a}}, {{x}}{off}",
        SMALL["f32"],
        flushed_sum,
        suffix=" ; subnormals",
    )
    atomic(
        tuple(t for t in floats if t not in ("gfx90a", "gfx1100")),
        f"{space}_atomic_add_f32 {{a}}, {{x}}{off}",
        SMALL["f32"],
        np.add,
        suffix=" ; subnormals",
        without=("gfx1030", "gfx1151"),
    )
    for name, function in (("add", np.add), ("min", least), ("max", most)):
        atomic(CDNA, f"{space}_atomic_{name}_f64 {{a}}, {{x}}{off}", ORDINARY["f64"], function)
    for name, function in (("min", least), ("max", most)):
        atomic(GFX11, f"{space}_atomic_{name}_f32 {{a}}, {{x}}{off}", ORDINARY["f32"], function)
        atomic(GFX12, f"{space}_atomic_{name}_num_f32 {{a}}, {{x}}{off}", ORDINARY["f32"], function)
    halves = Type("f16", 2, lambda rng, shape: rng.uniform(-100, 100, shape + (2,)))
    atomic(
        GFX942 + GFX950 + GFX12 + (GFX90A if space == "global" else ()), f"{space}_atomic_pk_add_f16 {{a}}, {{x}}{off}", halves, np.add
    )
add(
    GFX12,
    "global_atomic_cond_sub_u32 {d}, {a}, {x}, off {ret}\n{wait}",
    "d:k",
    "a:at x:k exec",
    updated(lambda o, x: np.where(o >= x, o - x, o), Type("u32"), True),
    memory=memory_of(Type("u32")),
    writes=True,
    types={"at": place(), "k": Type("u32")},
)
add(
    GFX12,
    "global_atomic_sub_clamp_u32 {d}, {a}, {x}, off {ret}\n{wait}",
    "d:k",
    "a:at x:k exec",
    updated(lambda o, x: np.where(o >= x, o - x, 0), Type("u32"), True),
    memory=memory_of(Type("u32")),
    writes=True,
    types={"at": place(), "k": Type("u32")},
)


def bf16_sum(m, a, x, on):
    view = m.view(np.uint16)
    index = a.astype(np.int64)[..., None] // 2 + np.arange(2)
    old = (view[index].astype(np.uint32) << 16).view(np.float32)
    bits = (old + x).view(np.uint32).astype(np.uint64)
    view[index[on]] = (bits + 0x7FFF + (bits >> np.uint64(16) & np.uint64(1)) >> np.uint64(16)).astype(np.uint16)[on]
    return old, m


BF16 = Type(
    "bf16",
    2,
    lambda rng, shape: (rng.uniform(-100, 100, shape + (2,)).astype(np.float32).view(np.uint32) & np.uint32(0xFFFF0000)).view(
        np.float32
    ),
)
for space, off, _ in SPACES:
    add(
        GFX942 + GFX950 + GFX12,
        f"{space}_atomic_pk_add_bf16 {{d}}, {{a}}, {{x}}{off} {{ret}}\n{{wait}}",
        "d:k",
        "a:at x:k exec",
        bf16_sum,
        memory=memory_of(BF16),
        writes=True,
        types={"at": place(), "k": BF16},
    )


def gathered(function, start):
    """Integer operations that commute, on four words that every lane of the launch shares."""

    def apply(m, a, x, on):
        for word in range(4):
            for value in x[on & (a == 4 * word)]:
                m[word] = function(m[word], value)
        return m

    return apply


for old, new, sign, function in INTEGERS[1:10]:
    for targets, name in both_names(old, new + "32"):
        add(
            targets,
            f"global_atomic_{name} {{a}}, {{x}}, {{mem}}\n{{wait}}",
            "",
            f"a:at x:{sign}32 exec",
            gathered(function, 0),
            memory=lambda rng, waves, lanes, s=sign: rng.integers(0, 1 << 31, 4).astype(f"{s}4"),
            writes=True,
            types={"at": choice("u32", (0, 4, 8, 12))},
            name=f"global_atomic_{name} ; shared words",
        )


@table.test()
def test_atomic(row, target):
    table.run(row, target)
