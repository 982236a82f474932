# SPDX-License-Identifier: Apache-2.0
"""Global, flat, scratch and buffer instructions: every width, atomics, range checks."""

import numpy as np
from machine import ALL, CDNA, GFX11, GFX12, GFX90A, GFX942, GFX950, RDNA, WAVE64, Table
from values import Type, between, choice, every, uniform

table = Table()
add = table.add
GUARD, STEP = 64, 32  # bytes before the first lane's and after the last one's; bytes of a lane


def bytes_of_memory(rng, waves, lanes):
    return rng.integers(0, 256, 2 * GUARD + waves * lanes * STEP, dtype=np.uint8)


def place(skew=0, relative=True):
    """The offset of each lane's own bytes, in any order; a whole address if `relative`."""
    def make(rng, shape):
        return GUARD + skew + STEP * rng.permutation(shape[0] * shape[1]).reshape(shape)
    made = Type("u64" if relative else "u32", 1, make)
    made.relative = relative
    return made


def number_at(memory, at, size, signed=False):
    value = sum(memory[at + i].astype(np.uint64) << np.uint64(8 * i) for i in range(size))
    return value.astype(f"u{size}").view(f"i{size}") if signed else value


def words_at(memory, at, count):
    words = np.stack([number_at(memory, at + 4 * i, 4).astype(np.uint32) for i in range(count)], -1)
    return words[..., 0] if count == 1 else words


def put(memory, at, on, value, size):
    for i in range(size):
        memory[(at + i)[on]] = (value.astype(np.uint64) >> np.uint64(8 * i) & np.uint64(255)).astype(np.uint8)[on]
    return memory


def put_words(memory, at, on, words, count):
    for i in range(count):
        put(memory, at + 4 * i, on, words[..., i] if count > 1 else words, 4)
    return memory


def type_of(words, element="u32"):
    return element if words == 1 else f"{words}x{element}"


# --- Loads and stores: by both names, a whole address in registers, or a scalar one and an offset
PARTS = (("ubyte", "u8", 1, False), ("sbyte", "i8", 1, True), ("ushort", "u16", 2, False), ("sshort", "i16", 2, True))
WORDS = (("dword", "b32", 1), ("dwordx2", "b64", 2), ("dwordx3", "b96", 3), ("dwordx4", "b128", 4))
SPACES = (("global", ", off", ({}, -12, 4095)), ("flat", "", ({}, 12, 4095)))


def both_names(old, new):
    return ((CDNA, old), (RDNA, new))


def offset_text(offset):
    return f" offset:{offset}" if offset else ""


for space, no_scalar, offsets in SPACES:
    for offset in (0, offsets[1], offsets[2]):
        o = offset_text(offset)
        for old, new, size, signed in PARTS:
            for targets, name in both_names(old, new):
                add(targets, f"{space}_load_{name} {{d}}, {{a}}{no_scalar}{o}\n{{wait}}", "d:i32", "a:at",
                    lambda m, a, s=size, i=signed, o=offset: number_at(m, a.astype(np.int64) + o, s, i), memory=bytes_of_memory,
                    types={"at": place(4 - size - offset)})
        for old, new, count in WORDS:
            for targets, name in both_names(old, new):
                add(targets, f"{space}_load_{name} {{d}}, {{a}}{no_scalar}{o}\n{{wait}}", f"d:{type_of(count)}", "a:at",
                    lambda m, a, c=count, o=offset: words_at(m, a.astype(np.int64) + o, c), memory=bytes_of_memory, types={"at": place(-offset)})
                add(targets, f"{space}_store_{name} {{a}}, {{x}}{no_scalar}{o}\n{{wait}}", "", f"a:at x:{type_of(count)} exec",
                    lambda m, a, x, on, c=count, o=offset: put_words(m, a.astype(np.int64) + o, on, x, c), memory=bytes_of_memory, writes=True,
                    types={"at": place(-offset)})
        for old, new, size, _ in PARTS[::2]:
            for targets, name in both_names(old[1:], f"b{8 * size}"):
                add(targets, f"{space}_store_{name} {{a}}, {{x}}{no_scalar}{o}\n{{wait}}", "", "a:at x:u32 exec",
                    lambda m, a, x, on, s=size, o=offset: put(m, a.astype(np.int64) + o, on, x, s), memory=bytes_of_memory, writes=True,
                    types={"at": place(4 - size - offset)})
            for targets, name in both_names(old[1:] + "_d16_hi", f"d16_hi_b{8 * size}"):
                add(targets, f"{space}_store_{name} {{a}}, {{x}}{no_scalar}{o}\n{{wait}}", "", "a:at x:u32 exec",
                    lambda m, a, x, on, s=size, o=offset: put(m, a.astype(np.int64) + o, on, x >> np.uint32(16), s), memory=bytes_of_memory,
                    writes=True, types={"at": place(4 - size - offset)})
for old, new, count in WORDS:
    for targets, name in both_names(old, new):
        for offset in (0, -8, 1024):
            add(targets, f"global_load_{name} {{d}}, {{a}}, {{mem}}{offset_text(offset)}\n{{wait}}", f"d:{type_of(count)}", "a:at",
                lambda m, a, c=count, o=offset: words_at(m, a.astype(np.int64) + o, c), memory=bytes_of_memory, types={"at": place(8, False)} if offset <= 0 else
                {"at": between("u32", 0, 1000)}, name=f"global_load_{name}, a scalar base, offset {offset}{'' if offset <= 0 else ' ; any alignment'}")
        add(targets, f"global_store_{name} {{a}}, {{x}}, {{mem}} offset:-8\n{{wait}}", "", f"a:at x:{type_of(count)} exec",
            lambda m, a, x, on, c=count: put_words(m, a.astype(np.int64) - 8, on, x, c), memory=bytes_of_memory, writes=True,
            types={"at": place(8, False)}, name=f"global_store_{name}, a scalar base")
add(WAVE64, "global_load_b128 {d}, {a}, off\n{wait}\nglobal_store_b128 {a}, {d}, off offset:16\n{wait}", "", "a:at d:4xu32 exec",
    lambda m, a, d, on: put_words(m, a.astype(np.int64) + 16, on, words_at(m, a.astype(np.int64), 4), 4), memory=bytes_of_memory, writes=True,
    types={"at": place()}, name="global_load_b128, global_store_b128")

# d16: the other half stays; where ECC guards registers (CDNA) it is lost
for old, new, size, signed in (("ubyte_d16", "d16_u8", 1, False), ("sbyte_d16", "d16_i8", 1, True), ("short_d16", "d16_b16", 2, False)):
    for high in (0, 1):
        for targets, name in both_names(old + "_hi" * high, new if not high else new.replace("d16", "d16_hi")):
            def loaded(m, a, d, s=size, i=signed, h=high):
                value = number_at(m, a.astype(np.int64), s, i).astype(np.int64).astype(np.uint16)
                return np.stack([d[..., 0], value] if h else [value, d[..., 1]], -1)
            load = f"global_load_{name} {{d}}, {{a}}, off\n{{wait}}"
            options = {"memory": bytes_of_memory, "types": {"at": place(4 - size)}}
            if targets == RDNA:
                add(targets, load, "d:2xu16", "a:at d:2xu16", loaded, **options)
            else:
                add(targets, load + f"\nv_{'lshr' if high else 'lshl'}rev_b32 {{d}}, 16, {{d}}", "d:u32", "a:at",
                    lambda m, a, s=size, i=signed, h=high: number_at(m, a.astype(np.int64), s, i).astype(np.int64).astype(np.uint16).astype(np.uint32)
                    << np.uint32(0 if h else 16), **options)

add(RDNA, "global_load_addtid_b32 {d}, {mem} offset:16\n{wait}", "d:u32", "", lambda m: words_at(m, 16 + 4 * np.arange(32)[None, :] + np.zeros((16, 1), int), 1),
    memory=bytes_of_memory)
add(GFX12, "global_load_tr_b128 {d}, {a}, off\n{wait}", "d:4xu32", "a:at", lambda m, a: transposed(m, a), memory=bytes_of_memory, types={"at": place()}, full=True)


def transposed(m, a):
    """Groups of 8 lanes: each lane reads a row of 8 halves and gets a column."""
    halves = np.stack([number_at(m, a.astype(np.int64) + 2 * i, 2).astype(np.uint32) for i in range(8)], -1)  # [wave, lane, column]
    columns = halves.reshape(halves.shape[0], 4, 8, 8).transpose(0, 1, 3, 2).reshape(halves.shape)
    return columns[..., ::2] | columns[..., 1::2] << 16


# --- Atomics, each lane on its own bytes; then many lanes on the same
def increment(old, x):
    return np.where(old >= x, 0, old + old.dtype.type(1)).astype(old.dtype)


def decrement(old, x):
    return np.where((old == 0) | (old > x), x, old - old.dtype.type(1)).astype(old.dtype)


INTEGERS = (("swap", "swap_b", "u", lambda old, x: x), ("add", "add_u", "u", lambda old, x: old + x), ("sub", "sub_u", "u", lambda old, x: old - x),
            ("smin", "min_i", "i", np.minimum), ("umin", "min_u", "u", np.minimum), ("smax", "max_i", "i", np.maximum), ("umax", "max_u", "u", np.maximum),
            ("and", "and_b", "u", lambda old, x: old & x), ("or", "or_b", "u", lambda old, x: old | x), ("xor", "xor_b", "u", lambda old, x: old ^ x),
            ("inc", "inc_u", "u", increment), ("dec", "dec_u", "u", decrement))


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
    add(targets, f"{name} {{d}}, {arguments} {{ret}}{suffix}\n{{wait}}", "d:k", f"a:at {operands} exec", updated(function, kind, True), **options)


for space, off, _ in SPACES:
    for old, new, sign, function in INTEGERS:
        for bits in (32, 64):
            kind = Type(f"{sign}{bits}")
            for targets, name in both_names(old + "_x2" * (bits == 64), f"{new}{bits}"):
                atomic(targets, f"{space}_atomic_{name} {{a}}, {{x}}{off}", kind, function)
    for bits in (32, 64):
        kind = choice(f"u{bits}", (0, 1, 2, (1 << bits) - 1))
        pair = Type(f"u{bits}", 2, lambda rng, shape, b=bits: rng.choice(np.array((0, 1, 2, (1 << b) - 1), np.uint64), shape + (2,)))
        for targets, name in both_names("cmpswap" + "_x2" * (bits == 64), f"cmpswap_b{bits}"):
            atomic(targets, f"{space}_atomic_{name} {{a}}, {{x}}{off}", kind, lambda old, x: np.where(old == x[..., 1], x[..., 0], old), "x:pair", types={"pair": pair})

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
    atomic(tuple(t for t in floats if t in ("gfx90a", "gfx1100")), f"{space}_atomic_add_f32 {{a}}, {{x}}{off}", SMALL["f32"], flushed_sum, suffix=" ; subnormals")
    atomic(tuple(t for t in floats if t not in ("gfx90a", "gfx1100")), f"{space}_atomic_add_f32 {{a}}, {{x}}{off}", SMALL["f32"], np.add, suffix=" ; subnormals")
    for name, function in (("add", np.add), ("min", least), ("max", most)):
        atomic(CDNA, f"{space}_atomic_{name}_f64 {{a}}, {{x}}{off}", ORDINARY["f64"], function)
    for name, function in (("min", least), ("max", most)):
        atomic(GFX11, f"{space}_atomic_{name}_f32 {{a}}, {{x}}{off}", ORDINARY["f32"], function)
        atomic(GFX12, f"{space}_atomic_{name}_num_f32 {{a}}, {{x}}{off}", ORDINARY["f32"], function)
    halves = Type("f16", 2, lambda rng, shape: rng.uniform(-100, 100, shape + (2,)))
    atomic(GFX942 + GFX950 + GFX12 + (GFX90A if space == "global" else ()), f"{space}_atomic_pk_add_f16 {{a}}, {{x}}{off}", halves, np.add)
add(GFX12, "global_atomic_cond_sub_u32 {d}, {a}, {x}, off {ret}\n{wait}", "d:k", "a:at x:k exec", updated(lambda o, x: np.where(o >= x, o - x, o), Type("u32"), True),
    memory=memory_of(Type("u32")), writes=True, types={"at": place(), "k": Type("u32")})
add(GFX12, "global_atomic_sub_clamp_u32 {d}, {a}, {x}, off {ret}\n{wait}", "d:k", "a:at x:k exec", updated(lambda o, x: np.where(o >= x, o - x, 0), Type("u32"), True),
    memory=memory_of(Type("u32")), writes=True, types={"at": place(), "k": Type("u32")})


def bf16_sum(m, a, x, on):
    view = m.view(np.uint16)
    index = a.astype(np.int64)[..., None] // 2 + np.arange(2)
    old = (view[index].astype(np.uint32) << 16).view(np.float32)
    bits = (old + x).view(np.uint32).astype(np.uint64)
    view[index[on]] = (bits + 0x7FFF + (bits >> np.uint64(16) & np.uint64(1)) >> np.uint64(16)).astype(np.uint16)[on]
    return old, m


BF16 = Type("bf16", 2, lambda rng, shape: (rng.uniform(-100, 100, shape + (2,)).astype(np.float32).view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32))
for space, off, _ in SPACES:
    add(GFX942 + GFX950 + GFX12, f"{space}_atomic_pk_add_bf16 {{d}}, {{a}}, {{x}}{off} {{ret}}\n{{wait}}", "d:k", "a:at x:k exec", bf16_sum, memory=memory_of(BF16),
        writes=True, types={"at": place(), "k": BF16})


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
        add(targets, f"global_atomic_{name} {{a}}, {{x}}, {{mem}}\n{{wait}}", "", f"a:at x:{sign}32 exec", gathered(function, 0),
            memory=lambda rng, waves, lanes, s=sign: rng.integers(0, 1 << 31, 4).astype(f"{s}4"), writes=True, types={"at": choice("u32", (0, 4, 8, 12))},
            name=f"global_atomic_{name} ; shared words")

# --- Flat addresses in LDS
TO_LDS = "s_mov_b64 {p}, src_shared_base\nv_mov_b32 {a1}, {p1}\n"
SLOT = {"slot": Type("u32", 2, lambda rng, shape: np.stack([np.broadcast_to(8 * np.arange(shape[1]), shape), np.zeros(shape, int)], -1))}
for targets, store, load, swap in ((CDNA, "flat_store_dwordx2", "flat_load_dwordx2", "flat_atomic_add"), (RDNA, "flat_store_b64", "flat_load_b64", "flat_atomic_add_u32")):
    add(targets, TO_LDS + f"{store} {{a}}, {{x}}\n{{wait}}\nds_read_b64 {{d}}, {{a0}}\n{{wait}}", "d:u64", "a:slot x:u64 p:s.u64", lambda a, x, p: x, types=SLOT, lds=512,
        name=f"{store} to LDS")
    add(targets, TO_LDS + f"ds_write_b64 {{a0}}, {{x}}\n{{wait}}\n{load} {{d}}, {{a}}\n{{wait}}", "d:u64", "a:slot x:u64 p:s.u64", lambda a, x, p: x, types=SLOT, lds=512,
        name=f"{load} from LDS")
    add(targets, TO_LDS + f"ds_write_b64 {{a0}}, {{x}}\n{{wait}}\n{swap} {{d}}, {{a}}, {{y}} {{ret}}\n{{wait}}\nds_read_b32 {{e}}, {{a0}}\n{{wait}}", "d:u32 e:u32",
        "a:slot x:2xu32 y:u32 p:s.u64", lambda a, x, y, p: (x[..., 0], x[..., 0] + y), types=SLOT, lds=512, name=f"{swap} on LDS")

# --- Direct to LDS: M0 + offset + the lane's number times the size
for targets, name, count in ((GFX942 + GFX950, "lds_dword", 1), (GFX90A, "dword", 1), (GFX950, "lds_dwordx3", 3), (GFX950, "lds_dwordx4", 4)):
    read = {1: "ds_read_b32", 3: "ds_read_b96", 4: "ds_read_b128"}[count]
    lane = {"lane": every("u32", lambda waves, lanes, c=count: 4 * c * np.arange(lanes)), "at": place()}
    add(targets, f"s_mov_b32 m0, 0x20\ns_nop 4\nglobal_load_{name} {{a}}, off offset:16{' lds' * (targets == GFX90A)}\n{{wait}}\n{read} {{d}}, {{l}} offset:48\n{{wait}}", f"d:{type_of(count)}",
        "a:at l:lane m0", lambda m, a, l, _, c=count: words_at(m, a.astype(np.int64) + 16, c), memory=bytes_of_memory, types=lane, lds=2048,
        name=f"global_load_{name} to LDS")
for name, size, signed in (("ubyte", 1, False), ("sbyte", 1, True), ("ushort", 2, False), ("sshort", 2, True)):
    add(GFX942 + GFX950, f"s_mov_b32 m0, 0\ns_nop 4\nglobal_load_lds_{name} {{a}}, off\n{{wait}}\nds_read_b32 {{d}}, {{l}}\n{{wait}}", "d:i32",
        "a:at l:lane m0", lambda m, a, l, _, s=size, i=signed: number_at(m, a.astype(np.int64), s, i), memory=bytes_of_memory,
        types={"lane": every("u32", lambda waves, lanes: 4 * np.arange(lanes)), "at": place(4 - size)}, lds=2048, name=f"global_load_lds_{name}")

# --- Scratch
SCRATCH = {"low": choice("u32", range(0, 32, 16)), "s": choice("u32", (0, 16))}
for old, new, count in WORDS:
    for targets, name in both_names(old, new):
        t = type_of(count)
        add(targets, f"scratch_store_{name} {{a}}, {{x}}, off offset:16\n{{wait}}\nscratch_load_{name} {{d}}, {{a}}, off offset:16\n{{wait}}", f"d:{t}", f"a:low x:{t}",
            lambda a, x: x, types=SCRATCH, scratch=128, name=f"scratch_store_{name}, scratch_load_{name}")
        add(targets, f"scratch_store_{name} off, {{x}}, {{o}} offset:4\n{{wait}}\nscratch_load_{name} {{d}}, {{a}}, off offset:4\n{{wait}}", f"d:{t}",
            f"o:s.same a:same x:{t}", lambda o, a, x: x, types={"same": every("u32", lambda waves, lanes: np.full((waves, lanes), 32))}, scratch=128,
            name=f"scratch_store_{name}, scratch_load_{name}, a scalar offset")
for old, new, size, signed in PARTS:
    for (targets, name), (_, to) in zip(both_names(old, new), both_names(old[1:], f"b{8 * size}")):
        add(targets, f"scratch_store_{to} {{a}}, {{x}}, off offset:{4 - size}\n{{wait}}\nscratch_load_{name} {{d}}, {{a}}, off offset:{4 - size}\n{{wait}}", "d:i32",
            "a:low x:u32", lambda a, x, s=size, i=signed: x.astype(f"u{s}").view(f"i{s}") if i else x & ((1 << 8 * s) - 1), types=SCRATCH, scratch=128,
            name=f"scratch_store_{to}, scratch_load_{name}")
# a flat address of scratch
for targets, store, load in ((CDNA, "scratch_store_dwordx4", "flat_load_dwordx4"), (RDNA, "scratch_store_b128", "flat_load_b128")):
    add(targets, f"{store} {{a0}}, {{x}}, off\n{{wait}}\ns_mov_b64 {{p}}, src_private_base\nv_mov_b32 {{a1}}, {{p1}}\n{load} {{d}}, {{a}}\n{{wait}}", "d:4xu32",
        "a:pair x:4xu32 p:s.u64", lambda a, x, p: x, scratch=128, types={"pair": Type("u32", 2, lambda rng, shape: rng.choice([0, 16, 64], shape + (2,)))},
        name=f"{load} from scratch")

# --- Buffers. The resource: base and stride, records, flags.
RECORDS = 1024


def resource(stride=0, records=RECORDS, word1=0, word3=None):
    """Text that makes {q}, by family."""
    text = f"s_mov_b32 {{q0}}, s8\ns_and_b32 {{q1}}, s9, 0xffff\ns_or_b32 {{q1}}, {{q1}}, {word1 | stride << 16:#x}\ns_mov_b32 {{q2}}, {records:#x}\ns_mov_b32 {{q3}}, "
    return ((CDNA, text + f"{(0x27000 if word3 is None else word3) :#x}\n"), (RDNA, text + f"{0x31016000 if word3 is None else word3:#x}\n"))


def buffer_memory(rng, waves, lanes):
    return rng.integers(0, 256, 8192, dtype=np.uint8)


NEAR = {"near": Type("u32", 1, lambda rng, shape: 4 * rng.integers(0, 400, shape)), "s": choice("u32", (0, 64, 256))}


def raw_words(count, offset, records=RECORDS):
    """Each word is in range or not."""
    def apply(m, o, s, q):
        at = o.astype(np.int64) + offset
        words = [np.where(at + 4 * i < records - s.astype(np.int64), number_at(m, at + s + 4 * i, 4), 0) for i in range(count)]
        return words[0] if count == 1 else np.stack(words, -1)
    return apply


OWN = {"own": Type("u32", 1, lambda rng, shape: 16 * rng.permutation(shape[0] * shape[1]).reshape(shape)), "s": choice("u32", (64,))}
for family in (0, 1):
    targets, raw = resource()[family]
    for old, new, count in WORDS:
        name = (old, new)[family]
        for offset in (0, 8, 4092):
            add(targets, raw + f"buffer_load_{name} {{d}}, {{o}}, {{q}}, {{s}} offen{offset_text(offset)}\n{{wait}}", f"d:{type_of(count)}", "o:near s:s.s q:s.4xu32",
                raw_words(count, offset), memory=buffer_memory, types=NEAR, name=f"buffer_load_{name} offen{offset_text(offset)}")

        def stored(m, o, x, s, q, on, c=count):
            for i in range(c):
                at = o.astype(np.int64) + 4 * i
                put(m, at + s, on & (at < RECORDS - s.astype(np.int64)), x[..., i] if c > 1 else x, 4)
            return m
        add(targets, raw + f"buffer_store_{name} {{x}}, {{o}}, {{q}}, {{s}} offen\n{{wait}}", "", f"o:own x:{type_of(count)} s:s.s q:s.4xu32 exec", stored,
            memory=lambda rng, waves, lanes: rng.integers(0, 256, 16384, dtype=np.uint8), types=OWN, writes=True, name=f"buffer_store_{name} offen")
    for old, new, size, signed in PARTS:
        name = (old, new)[family]
        add(targets, raw + f"buffer_load_{name} {{d}}, {{o}}, {{q}}, {{zero}} offen offset:{4 - size}\n{{wait}}", "d:i32", "o:near q:s.4xu32",
            lambda m, o, q, s=size, i=signed: np.where(o + 4 - s < RECORDS, number_at(m, o.astype(np.int64) + 4 - s, s, i), 0), memory=buffer_memory, types=NEAR,
            name=f"buffer_load_{name} offen")
    add(targets, raw + f"buffer_load_{WORDS[0][family]} {{d}}, off, {{q}}, {{s}} offset:4\n{{wait}}", "d:u32", "s:s.s q:s.4xu32",
        lambda m, s, q: number_at(m, 4 + s.astype(np.int64), 4), memory=buffer_memory, types=NEAR, name="buffer_load off")

    # an index, of records of 16 bytes: 20 of them
    indexed = {"i": between("u32", 0, 40), "o": choice("u32", (0, 4, 8, 12))}
    rdna_checked = 0x01016000 if family else None  # gfx11 and later: OOB_SELECT 0
    targets, structured = resource(16, 20, 0, rdna_checked)[family]
    add(targets, structured + f"buffer_load_{WORDS[0][family]} {{d}}, {{i}}, {{q}}, {{zero}} idxen offset:8\n{{wait}}", "d:u32", "i:i q:s.4xu32",
        lambda m, i, q: np.where(i < 20, number_at(m, i.astype(np.int64) * 16 + 8, 4), 0), memory=buffer_memory, types=indexed, name="buffer_load idxen")
    pair = {"io": Type("u32", 2, lambda rng, shape: np.stack([rng.integers(0, 40, shape), 4 * rng.integers(0, 4, shape)], -1))}
    add(targets, structured + f"buffer_load_{WORDS[0][family]} {{d}}, {{i}}, {{q}}, {{zero}} idxen offen\n{{wait}}", "d:u32", "i:io q:s.4xu32",
        lambda m, i, q: np.where(i[..., 0] < 20, number_at(m, i[..., 0].astype(np.int64) * 16 + i[..., 1], 4), 0), memory=buffer_memory, types=pair,
        name="buffer_load idxen offen")

    # swizzled: 16 records side by side, four bytes of each
    targets, swizzled = resource(16, 64, 1 << (30 if family else 31), 1 << 21 | (1 << 28 | 0x16000 if family else 0x27000))[family]

    def swizzled_at(i, o):
        return (i // 16 * 16 + o // 4 * 4) * 16 + i % 16 * 4 + o % 4
    pair = {"io": Type("u32", 2, lambda rng, shape: np.stack([rng.integers(0, 80, shape), 4 * rng.integers(0, 4, shape)], -1))}
    add(targets, swizzled + f"buffer_load_{WORDS[0][family]} {{d}}, {{i}}, {{q}}, {{zero}} idxen offen\n{{wait}}", "d:u32", "i:io q:s.4xu32",
        lambda m, i, q: np.where(i[..., 0] < 64, number_at(m, swizzled_at(i[..., 0].astype(np.int64), i[..., 1].astype(np.int64)), 4), 0), memory=buffer_memory,
        types=pair, name="buffer_load, swizzled")
    add(targets, swizzled + f"buffer_load_{WORDS[3][family]} {{d}}, {{i}}, {{q}}, {{zero}} idxen\n{{wait}}", "d:4xu32", "i:i q:s.4xu32",
        lambda m, i, q: np.stack([np.where(i < 64, number_at(m, swizzled_at(i.astype(np.int64), np.int64(4 * n)), 4), 0) for n in range(4)], -1),
        memory=buffer_memory, types={"i": between("u32", 0, 80)}, name="buffer_load of four words, swizzled")

    # atomics: out of range they do nothing and return 0
    targets, raw = resource()[family]
    name = ("add", "add_u32")[family]

    def added(m, o, x, q, on):
        view, index = m.view(np.uint32), o.astype(np.int64) // 4
        old = np.where(o < RECORDS, view[index], 0)
        inside = on & (o < RECORDS)
        view[index[inside]] = (old + x)[inside]
        return old, m
    add(targets, raw + f"v_mov_b32 {{d}}, {{x}}\nbuffer_atomic_{name} {{d}}, {{o}}, {{q}}, {{zero}} offen {{ret}}\n{{wait}}", "d:u32", "o:own x:u32 q:s.4xu32 exec", added,
        memory=lambda rng, waves, lanes: rng.integers(0, 256, 16384, dtype=np.uint8), types=OWN, writes=True, name=f"buffer_atomic_{name}")
for targets, name, count in ((CDNA, "dword", 1), (GFX950, "dwordx3", 3), (GFX950, "dwordx4", 4)):
    read = {1: "ds_read_b32", 3: "ds_read_b96", 4: "ds_read_b128"}[count]
    lane = {"lane": every("u32", lambda waves, lanes, c=count: 4 * c * np.arange(lanes)), **NEAR}
    add(targets, resource()[0][1] + f"s_mov_b32 m0, 0x20\ns_nop 4\nbuffer_load_{name} {{o}}, {{q}}, {{s}} offen offset:16 lds\n{{wait}}\n{read} {{d}}, {{l}} offset:48\n{{wait}}",
        f"d:{type_of(count)}", "o:near s:s.s q:s.4xu32 l:lane m0", lambda m, o, s, q, l, _, c=count: raw_words(c, 16)(m, o, s, q), memory=buffer_memory, types=lane, lds=2048,
        name=f"buffer_load_{name} lds")


@table.test()
def test_memory(row, target):
    table.run(row, target)
