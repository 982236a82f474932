# SPDX-License-Identifier: Apache-2.0
"""LDS: every width, two addresses, atomics, transposing reads. A row fills LDS first: 16 bytes a lane."""

import numpy as np
from machine import ALL, CDNA, GFX12, GFX942, GFX950, RDNA, Table
from values import Type, choice, every, uniform

table = Table()
PLACE = every("u32", lambda waves, lanes: 16 * np.arange(lanes))
FILL = "s_or_saveexec_{bits} {t}, -1\nds_write_b128 {p}, {x}\n{wait}\ns_mov_{bits} {exec}, {t}\n"
READ = "\n{wait}\ns_or_saveexec_{bits} {t}, -1\nds_read_b128 {m}, {p}\n{wait}\ns_mov_{bits} {exec}, {t}"
FILLED = "x:4xu32 p:place t:mask"


def slots(skew=0, limit=None):
    """16 bytes for each lane, in any order; the first `limit` only, shared, if it is given."""

    def make(rng, shape):
        if limit:
            return 16 * rng.integers(0, limit, shape) + skew
        return 16 * np.stack([rng.permutation(shape[1]) for _ in range(shape[0])]) + skew

    return Type("u32", 1, make)


def add(targets, text, outs, ins, formula, **options):
    options["types"] = {"place": PLACE, "at": slots()} | options.get("types", {})
    table.add(targets, text, outs, ins, formula, lds=2048, **options)


def lds_of(x):
    """[wave, byte]"""
    return np.ascontiguousarray(x).view(np.uint8).reshape(x.shape[0], -1).copy()


def read(lds, at, size, signed=False):
    wave = np.arange(len(lds))[:, None]
    value = sum(lds[wave, at + i].astype(np.uint64) << np.uint64(8 * i) for i in range(size)).astype(f"u{size}")
    return value.view(f"i{size}") if signed else value


def read_words(lds, at, count):
    words = np.stack([read(lds, at + 4 * i, 4) for i in range(count)], -1)
    return words[..., 0] if count == 1 else words


def write(lds, at, on, value, size):
    wave = np.broadcast_to(np.arange(len(lds))[:, None], at.shape)
    for i in range(size):
        lds[wave[on], (at + i)[on]] = (value.astype(np.uint64) >> np.uint64(8 * i) & np.uint64(255)).astype(np.uint8)[on]


def as_words(lds):
    return lds.view(np.uint32).reshape(len(lds), -1, 4)


def type_of(count):
    return "u32" if count == 1 else f"{count}xu32"


def both_names(old, new):
    return ((CDNA, old), (RDNA, new))


# --- Reads and writes
for count in (1, 2, 3, 4):
    for targets, (load, store) in ((CDNA, ("read", "write")), (RDNA, ("load", "store"))):
        bits = 32 * count
        for offset in (0, 256):
            anywhere = {
                "at": Type("u32", 1, lambda rng, shape, c=count, o=offset: 4 * rng.integers(0, 4 * shape[1] - c + 1 - o // 4, shape))
            }
            add(
                targets,
                FILL + f"ds_{load}_b{bits} {{d}}, {{a}} offset:{offset}\n{{wait}}",
                f"d:{type_of(count)}",
                FILLED + " a:at",
                lambda x, p, t, a, c=count, o=offset: read_words(lds_of(x), a.astype(np.int64) + o, c),
                types=anywhere,
                name=f"ds_{load}_b{bits} offset:{offset}",
            )

        def stored(x, p, t, a, y, on, c=count):
            lds = lds_of(x)
            for i in range(c):
                write(lds, a.astype(np.int64) + 4 * i, on, y[..., i] if c > 1 else y, 4)
            return as_words(lds)

        add(
            targets,
            FILL + f"ds_{store}_b{bits} {{a}}, {{y}}" + READ,
            "m:4xu32",
            FILLED + f" a:at y:{type_of(count)} exec",
            stored,
            masked=False,
            name=f"ds_{store}_b{bits}",
        )
for size, signed in ((1, False), (1, True), (2, False), (2, True)):
    kind = f"{'i' if signed else 'u'}{8 * size}"
    anywhere = {"at": Type("u32", 1, lambda rng, shape, s=size: s * rng.integers(0, 16 // s * shape[1], shape))}
    for targets, name in both_names("read_", "load_"):
        add(
            targets,
            FILL + f"ds_{name}{kind} {{d}}, {{a}}\n{{wait}}",
            "d:i32",
            FILLED + " a:at",
            lambda x, p, t, a, s=size, i=signed: read(lds_of(x), a.astype(np.int64), s, i),
            types=anywhere,
            name=f"ds_{name}{kind}",
        )
    for high in ("", "_hi"):
        if (size, signed) == (2, True):
            continue

        def loaded(x, p, t, a, d, s=size, i=signed, h=high):
            value = read(lds_of(x), a.astype(np.int64), s, i).astype(np.int64).astype(np.uint16)
            return np.stack([d[..., 0], value] if h else [value, d[..., 1]], -1)

        add(
            RDNA,
            FILL + f"ds_load_{kind}_d16{high} {{d}}, {{a}}\n{{wait}}",
            "d:2xu16",
            FILLED + " a:at d:2xu16",
            loaded,
            types=anywhere,
            name=f"ds_load_{kind}_d16{high}",
        )
        # where ECC guards registers the other half is lost
        add(
            CDNA,
            FILL + f"ds_read_{kind}_d16{high} {{d}}, {{a}}\n{{wait}}\nv_{'lshr' if high else 'lshl'}rev_b32 {{d}}, 16, {{d}}",
            "d:u32",
            FILLED + " a:at",
            lambda x, p, t, a, s=size, i=signed, h=high: (
                read(lds_of(x), a.astype(np.int64), s, i).astype(np.int64).astype(np.uint16).astype(np.uint32)
                << np.uint32(0 if h else 16)
            ),
            types=anywhere,
            name=f"ds_read_{kind}_d16{high}",
        )
for size in (1, 2):
    for high in ("", "_d16_hi"):
        for targets, name in both_names("write", "store"):

            def stored_part(x, p, t, a, y, on, s=size, h=high):
                lds = lds_of(x)
                write(lds, a.astype(np.int64), on, y >> np.uint32(16) if h else y, s)
                return as_words(lds)

            add(
                targets,
                FILL + f"ds_{name}_b{8 * size}{high} {{a}}, {{y}}" + READ,
                "m:4xu32",
                FILLED + " a:at y:u32 exec",
                stored_part,
                masked=False,
                types={"at": slots(4 - size)},
                name=f"ds_{name}_b{8 * size}{high}",
            )


# --- Two addresses, which count in elements or in 64 of them
def joined(y, z):
    return np.concatenate([y.reshape(y.shape[:2] + (-1,)), z.reshape(z.shape[:2] + (-1,))], -1)


for count in (1, 2):
    for stride, old_suffix, new_suffix in ((1, "2", "_2addr"), (64, "2st64", "_2addr_stride64")):
        bits, one, two = 32 * count, type_of(count), f"{2 * count}xu32"
        own = {"own": every("u32", lambda waves, lanes, c=count, s=stride: (8 if s == 1 else 4) * c * np.arange(lanes))}
        apart = 4 * count * stride
        write_single = f"ds_write_b{bits} {{a}}, {{y}} offset:{apart}\nds_write_b{bits} {{a}}, {{z}}\n{{wait}}\n"
        read_single = f"\n{{wait}}\nds_read_b{bits} {{e}}, {{a}} offset:{apart}\nds_read_b{bits} {{f}}, {{a}}\n{{wait}}"
        values = f"a:own y:{one} z:{one}"
        for targets, name in both_names(f"read{old_suffix}", f"load{new_suffix}"):
            add(
                targets,
                write_single + f"ds_{name}_b{bits} {{d}}, {{a}} offset0:1 offset1:0\n{{wait}}",
                f"d:{two}",
                values,
                lambda a, y, z: joined(y, z),
                types=own,
                name=f"ds_{name}_b{bits}",
            )
        for targets, name in both_names(f"write{old_suffix}", f"store{new_suffix}"):
            add(
                targets,
                f"ds_{name}_b{bits} {{a}}, {{y}}, {{z}} offset0:1 offset1:0" + read_single,
                f"e:{one} f:{one}",
                values,
                lambda a, y, z: (y, z),
                types=own,
                name=f"ds_{name}_b{bits}",
            )
        for targets, name in both_names(f"wrxchg{old_suffix}_rtn", f"storexchg{new_suffix}_rtn"):
            add(
                targets,
                write_single + f"ds_{name}_b{bits} {{d}}, {{a}}, {{u}}, {{v}} offset0:1 offset1:0" + read_single,
                f"d:{two} e:{one} f:{one}",
                f"{values} u:{one} v:{one}",
                lambda a, y, z, u, v: (joined(y, z), u, v),
                types=own,
                name=f"ds_{name}_b{bits}",
            )

# --- Atomics, each lane on its own bytes
DTYPE = {"u32": np.uint32, "i32": np.int32, "u64": np.uint64, "i64": np.int64, "f32": np.float32, "f64": np.float64, "f16": np.float16}


def atomic(targets, name, rtn, kind, function, operands="y:k", fill=None, **types):
    """`name` and `rtn`: of the forms that return nothing and what was there."""

    def apply(x, p, t, a, *rest):
        *values, d, on = rest
        dtype = DTYPE[kind.element]
        lanes = x.view(dtype) if not kind.floating else np.ascontiguousarray(x).view(dtype)
        view = np.ascontiguousarray(lanes).reshape(len(x), -1).copy()
        wave = np.arange(len(x))[:, None]
        index = a.astype(np.int64) // (kind.bits // 8) + 1
        if kind.lanes > 1:
            wave, index = wave[..., None], index[..., None] + np.arange(kind.lanes) + 1
        old = view[wave, index]
        new = function(old, *values)
        where = on if kind.lanes == 1 else on[..., None]
        view[wave, index] = np.where(where, new, old)
        after = as_words(np.ascontiguousarray(view).view(np.uint8))
        return np.where(where, old, d), after

    types = {"k": kind, **types}
    offset = 4 if kind.bits * kind.lanes <= 32 else 8
    text = ", ".join("{%s}" % o.split(":")[0] for o in operands.split())
    ins = (FILLED if fill is None else FILLED.replace("x:4xu32", "x:fill")) + f" a:at {operands} d:k exec"
    if fill is not None:
        types["fill"] = fill
    if name:
        add(
            targets,
            FILL + f"ds_{name} {{a}}, {text} offset:{offset}" + READ,
            "m:4xu32",
            ins,
            lambda *rest: apply(raw(rest[0]), *rest[1:])[1],
            types=types,
            masked=False,
            name=f"ds_{name}",
        )
    add(
        targets,
        FILL + f"ds_{rtn} {{d}}, {{a}}, {text} offset:{offset}" + READ,
        "d:k m:4xu32",
        ins,
        lambda *rest: apply(raw(rest[0]), *rest[1:]),
        types=types,
        masked=False,
        name=f"ds_{rtn}",
    )


def raw(x):
    """What fills LDS, as words."""
    return np.ascontiguousarray(x).view(np.uint32).reshape(x.shape[:2] + (4,))


def small_words(bits):
    return Type(
        f"u{bits}", 128 // bits, lambda rng, shape: rng.choice(np.array((0, 1, 2, (1 << bits) - 1), np.uint64), shape + (128 // bits,))
    )


def ordinary(element, lanes):
    return Type(element, lanes, lambda rng, shape: rng.uniform(-100, 100, shape + (lanes,)))


def increment(old, x):
    return np.where(old >= x, 0, old + old.dtype.type(1)).astype(old.dtype)


def decrement(old, x):
    return np.where((old == 0) | (old > x), x, old - old.dtype.type(1)).astype(old.dtype)


for bits in (32, 64):
    for name, sign, function in (
        ("add_u", "u", lambda o, y: o + y),
        ("sub_u", "u", lambda o, y: o - y),
        ("rsub_u", "u", lambda o, y: y - o),
        ("inc_u", "u", increment),
        ("dec_u", "u", decrement),
        ("min_i", "i", np.minimum),
        ("max_i", "i", np.maximum),
        ("min_u", "u", np.minimum),
        ("max_u", "u", np.maximum),
        ("and_b", "u", lambda o, y: o & y),
        ("or_b", "u", lambda o, y: o | y),
        ("xor_b", "u", lambda o, y: o ^ y),
    ):
        atomic(ALL, f"{name}{bits}", f"{name[:-2]}_rtn_{name[-1]}{bits}", Type(f"{sign}{bits}"), function)
    k, few = Type(f"u{bits}"), choice(f"u{bits}", np.array((0, 1, 2, (1 << bits) - 1), np.uint64))
    atomic(ALL, f"mskor_b{bits}", f"mskor_rtn_b{bits}", k, lambda o, y, z: o & ~y | z, "y:k z:k")
    atomic(CDNA, f"cmpst_b{bits}", f"cmpst_rtn_b{bits}", few, lambda o, y, z: np.where(o == y, z, o), "y:k z:k", small_words(bits))
    atomic(
        RDNA, f"cmpstore_b{bits}", f"cmpstore_rtn_b{bits}", few, lambda o, y, z: np.where(o == z, y, o), "y:k z:k", small_words(bits)
    )
    for targets, name in both_names("wrxchg", "storexchg"):
        atomic(targets, None, f"{name}_rtn_b{bits}", k, lambda o, y: y)
atomic(CDNA, None, "wrap_rtn_b32", Type("u32"), lambda o, y, z: np.where(o >= y, o - y, o + z), "y:k z:k")
atomic(GFX12, "cond_sub_u32", "cond_sub_rtn_u32", Type("u32"), lambda o, y: np.where(o >= y, o - y, o))
atomic(GFX12, "sub_clamp_u32", "sub_clamp_rtn_u32", Type("u32"), lambda o, y: np.where(o >= y, o - y, 0))
atomic(ALL, "add_f32", "add_rtn_f32", uniform("f32", -100, 100), np.add, fill=ordinary("f32", 4))
atomic(CDNA, "add_f64", "add_rtn_f64", uniform("f64", -100, 100), np.add, fill=ordinary("f64", 2))
for name, function in (("min", np.minimum), ("max", np.maximum)):
    for t, lanes in (("f32", 4), ("f64", 2)):
        atomic(
            tuple(x for x in ALL if x not in GFX12),
            f"{name}_{t}",
            f"{name}_rtn_{t}",
            uniform(t, -100, 100),
            function,
            fill=ordinary(t, lanes),
        )
        atomic(GFX12, f"{name}_num_{t}", f"{name}_num_rtn_{t}", uniform(t, -100, 100), function, fill=ordinary(t, lanes))
atomic(GFX942 + GFX950 + GFX12, "pk_add_f16", "pk_add_rtn_f16", ordinary("f16", 2), np.add, fill=ordinary("f16", 8))

# many lanes on the same word
for name, function in (("add_u32", np.add), ("max_u32", np.maximum), ("xor_b32", np.bitwise_xor)):

    def gathered(x, p, t, a, y, on, f=function):
        lds = lds_of(x)
        view = lds.view(np.uint32)
        for wave in range(len(x)):
            for lane in np.flatnonzero(on[wave]):
                view[wave, a[wave, lane] // 4] = f(view[wave, a[wave, lane] // 4], y[wave, lane])
        return as_words(lds)

    add(
        ALL,
        FILL + f"ds_{name} {{a}}, {{y}}" + READ,
        "m:4xu32",
        FILLED + " a:at y:u32 exec",
        gathered,
        masked=False,
        types={"at": slots(limit=3)},
        name=f"ds_{name} ; shared words",
    )


# --- By M0
def counted(sign):
    def apply(x, p, t, m0, d, on):
        lds = lds_of(x).view(np.uint32)
        old, number = lds[:, 5].copy(), on.sum(1).astype(np.uint32)
        lds[:, 5] += number if sign > 0 else 0 - number
        return np.where(on, old[:, None], d), as_words(lds.view(np.uint8))

    return apply


for name, sign in (("append", 1), ("consume", -1)):
    add(
        ALL,
        FILL + f"s_mov_b32 m0, 16\ns_nop 4\nds_{name} {{d}} offset:4" + READ,
        "d:u32 m:4xu32",
        FILLED + " m0 d:u32 exec",
        counted(sign),
        masked=False,
        name=f"ds_{name}",
    )
for targets, name in both_names("read", "load"):
    add(
        targets,
        FILL + f"s_mov_b32 m0, 16\ns_nop 4\nds_{name}_addtid_b32 {{d}} offset:8\n{{wait}}",
        "d:u32",
        FILLED + " m0",
        lambda x, p, t, m0: read(lds_of(x), np.broadcast_to(24 + 4 * np.arange(x.shape[1]), x.shape[:2]), 4),
        name=f"ds_{name}_addtid_b32",
    )


def by_lane(x, p, t, y, m0, on):
    lds = lds_of(x)
    write(lds, np.broadcast_to(24 + 4 * np.arange(x.shape[1]), x.shape[:2]), on, y, 4)
    return as_words(lds)


for targets, name in both_names("write", "store"):
    add(
        targets,
        FILL + f"s_mov_b32 m0, 16\ns_nop 4\nds_{name}_addtid_b32 {{y}} offset:8" + READ,
        "m:4xu32",
        FILLED + " y:u32 m0 exec",
        by_lane,
        masked=False,
        name=f"ds_{name}_addtid_b32",
    )


# --- gfx950's transposing reads: 16 lanes read a matrix whose rows have 16 elements; each lane gets a column
def transposed(bits, words):
    def apply(x, p, t, a):
        raw_words = read_words(lds_of(x), a.astype(np.int64), words)
        every_bit = np.unpackbits(np.ascontiguousarray(raw_words).view(np.uint8), axis=-1, bitorder="little")
        waves = len(x)
        rows = every_bit.reshape(waves, 4, 32 * words // bits, 16, bits)  # [wave, group, row, column, bit]
        columns = np.ascontiguousarray(rows.swapaxes(2, 3)).reshape(waves, 64, 32 * words)
        return np.packbits(columns, axis=-1, bitorder="little").view(np.uint32)

    return apply


for bits, words in ((16, 2), (8, 2), (4, 2), (6, 3)):
    add(
        GFX950,
        FILL + f"ds_read_b{32 * words}_tr_b{bits} {{d}}, {{a}}\n{{wait}}",
        f"d:{words}xu32",
        FILLED + " a:at",
        transposed(bits, words),
        full=True,
    )


# --- Between the waves of a workgroup
def exchanged(x, a, b):
    waves, lanes = x.shape
    groups = x.reshape(waves // 4, 4 * lanes)
    return np.take_along_axis(groups, b.astype(np.int64).reshape(waves // 4, 4 * lanes) // 4, 1).reshape(x.shape)


OWN = {
    "own": Type("u32", 1, lambda rng, shape: 4 * (np.arange(shape[0] * shape[1]) % (4 * shape[1])).reshape(shape)),
    "other": Type(
        "u32", 1, lambda rng, shape: 4 * np.concatenate([rng.permutation(4 * shape[1]) for _ in range(shape[0] // 4)]).reshape(shape)
    ),
}
for targets, barrier in ((tuple(t for t in ALL if t not in GFX12), "s_barrier"), (GFX12, "s_barrier_signal -1\ns_barrier_wait 0xffff")):
    add(
        targets,
        f"ds_write_b32 {{a}}, {{x}}\n{{wait}}\n{barrier}\nds_read_b32 {{d}}, {{b}}\n{{wait}}",
        "d:u32",
        "x:u32 a:own b:other",
        exchanged,
        types=OWN,
        group_waves=4,
        full=True,
        name="a workgroup exchanges through LDS",
    )


@table.test()
def test_lds(row, target):
    table.run(row, target)
