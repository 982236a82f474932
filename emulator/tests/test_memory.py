# SPDX-License-Identifier: Apache-2.0
"""Global, flat and scratch instructions: loads and stores of every width, to LDS as well."""

import numpy as np
from addresses import (
    PARTS,
    SPACES,
    WORDS,
    both_names,
    bytes_of_memory,
    number_at,
    offset_text,
    place,
    put,
    put_words,
    type_of,
    words_at,
)
from machine import CDNA, GFX12, GFX90A, GFX942, GFX950, RDNA, WAVE64, Table
from values import Type, between, choice, every


table = Table()
add = table.add

for space, no_scalar, offsets in SPACES:
    for offset in (0, *offsets):
        o = offset_text(offset)
        for old, new, size, signed in PARTS:
            for targets, name in both_names(old, new):
                add(
                    targets,
                    f"{space}_load_{name} {{d}}, {{a}}{no_scalar}{o}\n{{wait}}",
                    "d:i32",
                    "a:at",
                    lambda m, a, s=size, i=signed, o=offset: number_at(m, a.astype(np.int64) + o, s, i),
                    memory=bytes_of_memory,
                    types={"at": place(4 - size - offset)},
                )
        for old, new, count in WORDS:
            for targets, name in both_names(old, new):
                add(
                    targets,
                    f"{space}_load_{name} {{d}}, {{a}}{no_scalar}{o}\n{{wait}}",
                    f"d:{type_of(count)}",
                    "a:at",
                    lambda m, a, c=count, o=offset: words_at(m, a.astype(np.int64) + o, c),
                    memory=bytes_of_memory,
                    types={"at": place(-offset)},
                )
                add(
                    targets,
                    f"{space}_store_{name} {{a}}, {{x}}{no_scalar}{o}\n{{wait}}",
                    "",
                    f"a:at x:{type_of(count)} exec",
                    lambda m, a, x, on, c=count, o=offset: put_words(m, a.astype(np.int64) + o, on, x, c),
                    memory=bytes_of_memory,
                    writes=True,
                    types={"at": place(-offset)},
                )
        for old, _, size, _ in PARTS[::2]:
            for targets, name in both_names(old[1:], f"b{8 * size}"):
                add(
                    targets,
                    f"{space}_store_{name} {{a}}, {{x}}{no_scalar}{o}\n{{wait}}",
                    "",
                    "a:at x:u32 exec",
                    lambda m, a, x, on, s=size, o=offset: put(m, a.astype(np.int64) + o, on, x, s),
                    memory=bytes_of_memory,
                    writes=True,
                    types={"at": place(4 - size - offset)},
                )
            for targets, name in both_names(old[1:] + "_d16_hi", f"d16_hi_b{8 * size}"):
                add(
                    targets,
                    f"{space}_store_{name} {{a}}, {{x}}{no_scalar}{o}\n{{wait}}",
                    "",
                    "a:at x:u32 exec",
                    lambda m, a, x, on, s=size, o=offset: put(m, a.astype(np.int64) + o, on, x >> np.uint32(16), s),
                    memory=bytes_of_memory,
                    writes=True,
                    types={"at": place(4 - size - offset)},
                )
for old, new, count in WORDS:
    for targets, name in both_names(old, new):
        for offset in (0, -8, 1024):
            add(
                targets,
                f"global_load_{name} {{d}}, {{a}}, {{mem}}{offset_text(offset)}\n{{wait}}",
                f"d:{type_of(count)}",
                "a:at",
                lambda m, a, c=count, o=offset: words_at(m, a.astype(np.int64) + o, c),
                memory=bytes_of_memory,
                types={"at": place(8, False)} if offset <= 0 else {"at": between("u32", 0, 1000)},
                name=f"global_load_{name}, a scalar base, offset {offset}{'' if offset <= 0 else ' ; any alignment'}",
            )
        add(
            targets,
            f"global_store_{name} {{a}}, {{x}}, {{mem}} offset:-8\n{{wait}}",
            "",
            f"a:at x:{type_of(count)} exec",
            lambda m, a, x, on, c=count: put_words(m, a.astype(np.int64) - 8, on, x, c),
            memory=bytes_of_memory,
            writes=True,
            types={"at": place(8, False)},
            name=f"global_store_{name}, a scalar base",
        )
add(
    WAVE64,
    "global_load_b128 {d}, {a}, off\n{wait}\nglobal_store_b128 {a}, {d}, off offset:16\n{wait}",
    "",
    "a:at d:4xu32 exec",
    lambda m, a, d, on: put_words(m, a.astype(np.int64) + 16, on, words_at(m, a.astype(np.int64), 4), 4),
    memory=bytes_of_memory,
    writes=True,
    types={"at": place()},
    name="global_load_b128, global_store_b128",
)

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
                add(
                    targets,
                    load + f"\nv_{'lshr' if high else 'lshl'}rev_b32 {{d}}, 16, {{d}}",
                    "d:u32",
                    "a:at",
                    lambda m, a, s=size, i=signed, h=high: (
                        number_at(m, a.astype(np.int64), s, i).astype(np.int64).astype(np.uint16).astype(np.uint32)
                        << np.uint32(0 if h else 16)
                    ),
                    **options,
                )

add(
    RDNA,
    "global_load_addtid_b32 {d}, {mem} offset:16\n{wait}",
    "d:u32",
    "",
    lambda m: words_at(m, 16 + 4 * np.arange(32)[None, :] + np.zeros((16, 1), int), 1),
    memory=bytes_of_memory,
)


def transposed(m, a):
    """Groups of 8 lanes: each lane reads a row of 8 halves and gets a column."""
    halves = np.stack([number_at(m, a.astype(np.int64) + 2 * i, 2).astype(np.uint32) for i in range(8)], -1)  # [wave, lane, column]
    columns = halves.reshape(halves.shape[0], 4, 8, 8).transpose(0, 1, 3, 2).reshape(halves.shape)
    return columns[..., ::2] | columns[..., 1::2] << 16


add(
    GFX12,
    "global_load_tr_b128 {d}, {a}, off\n{wait}",
    "d:4xu32",
    "a:at",
    transposed,
    memory=bytes_of_memory,
    types={"at": place()},
    full=True,
)


# --- Flat addresses in LDS
TO_LDS = "s_mov_b64 {p}, src_shared_base\nv_mov_b32 {a1}, {p1}\n"
SLOT = {
    "slot": Type("u32", 2, lambda rng, shape: np.stack([np.broadcast_to(8 * np.arange(shape[1]), shape), np.zeros(shape, int)], -1))
}
for targets, store, load, swap in (
    (CDNA, "flat_store_dwordx2", "flat_load_dwordx2", "flat_atomic_add"),
    (RDNA, "flat_store_b64", "flat_load_b64", "flat_atomic_add_u32"),
):
    add(
        targets,
        TO_LDS + f"{store} {{a}}, {{x}}\n{{wait}}\nds_read_b64 {{d}}, {{a0}}\n{{wait}}",
        "d:u64",
        "a:slot x:u64 p:s.u64",
        lambda a, x, p: x,
        types=SLOT,
        lds=512,
        name=f"{store} to LDS",
    )
    add(
        targets,
        TO_LDS + f"ds_write_b64 {{a0}}, {{x}}\n{{wait}}\n{load} {{d}}, {{a}}\n{{wait}}",
        "d:u64",
        "a:slot x:u64 p:s.u64",
        lambda a, x, p: x,
        types=SLOT,
        lds=512,
        name=f"{load} from LDS",
    )
    add(
        targets,
        TO_LDS
        + f"ds_write_b64 {{a0}}, {{x}}\n{{wait}}\n{swap} {{d}}, {{a}}, {{y}} {{ret}}\n{{wait}}\nds_read_b32 {{e}}, {{a0}}\n{{wait}}",
        "d:u32 e:u32",
        "a:slot x:2xu32 y:u32 p:s.u64",
        lambda a, x, y, p: (x[..., 0], x[..., 0] + y),
        types=SLOT,
        lds=512,
        name=f"{swap} on LDS",
    )

# --- Direct to LDS: M0 + offset + the lane's number times the size
for targets, name, count in (
    (GFX942 + GFX950, "lds_dword", 1),
    (GFX90A, "dword", 1),
    (GFX950, "lds_dwordx3", 3),
    (GFX950, "lds_dwordx4", 4),
):
    read = {1: "ds_read_b32", 3: "ds_read_b96", 4: "ds_read_b128"}[count]
    lane = {"lane": every("u32", lambda waves, lanes, c=count: 4 * c * np.arange(lanes)), "at": place()}
    add(
        targets,
        f"s_mov_b32 m0, 0x20\ns_nop 4\nglobal_load_{name} {{a}}, off offset:16{' lds' * (targets == GFX90A)}\n{{wait}}\n"
        f"{read} {{d}}, {{l}} offset:48\n{{wait}}",
        f"d:{type_of(count)}",
        "a:at l:lane m0",
        lambda m, a, own, _, c=count: words_at(m, a.astype(np.int64) + 16, c),
        memory=bytes_of_memory,
        types=lane,
        lds=2048,
        name=f"global_load_{name} to LDS",
    )
for name, size, signed in (("ubyte", 1, False), ("sbyte", 1, True), ("ushort", 2, False), ("sshort", 2, True)):
    add(
        GFX942 + GFX950,
        f"s_mov_b32 m0, 0\ns_nop 4\nglobal_load_lds_{name} {{a}}, off\n{{wait}}\nds_read_b32 {{d}}, {{l}}\n{{wait}}",
        "d:i32",
        "a:at l:lane m0",
        lambda m, a, own, _, s=size, i=signed: number_at(m, a.astype(np.int64), s, i),
        memory=bytes_of_memory,
        types={"lane": every("u32", lambda waves, lanes: 4 * np.arange(lanes)), "at": place(4 - size)},
        lds=2048,
        name=f"global_load_lds_{name}",
    )

# --- Scratch
SCRATCH = {"low": choice("u32", range(0, 32, 16)), "s": choice("u32", (0, 16))}
for old, new, count in WORDS:
    for targets, name in both_names(old, new):
        t = type_of(count)
        add(
            targets,
            f"scratch_store_{name} {{a}}, {{x}}, off offset:16\n{{wait}}\nscratch_load_{name} {{d}}, {{a}}, off offset:16\n{{wait}}",
            f"d:{t}",
            f"a:low x:{t}",
            lambda a, x: x,
            types=SCRATCH,
            scratch=128,
            name=f"scratch_store_{name}, scratch_load_{name}",
        )
        add(
            targets,
            f"scratch_store_{name} off, {{x}}, {{o}} offset:4\n{{wait}}\nscratch_load_{name} {{d}}, {{a}}, off offset:4\n{{wait}}",
            f"d:{t}",
            f"o:s.same a:same x:{t}",
            lambda o, a, x: x,
            types={"same": every("u32", lambda waves, lanes: np.full((waves, lanes), 32))},
            scratch=128,
            name=f"scratch_store_{name}, scratch_load_{name}, a scalar offset",
        )
for old, new, size, signed in PARTS:
    for (targets, name), (_, to) in zip(both_names(old, new), both_names(old[1:], f"b{8 * size}")):
        add(
            targets,
            f"scratch_store_{to} {{a}}, {{x}}, off offset:{4 - size}\n{{wait}}\n"
            f"scratch_load_{name} {{d}}, {{a}}, off offset:{4 - size}\n{{wait}}",
            "d:i32",
            "a:low x:u32",
            lambda a, x, s=size, i=signed: x.astype(f"u{s}").view(f"i{s}") if i else x & ((1 << 8 * s) - 1),
            types=SCRATCH,
            scratch=128,
            name=f"scratch_store_{to}, scratch_load_{name}",
        )
# a flat address of scratch
for targets, store, load in ((CDNA, "scratch_store_dwordx4", "flat_load_dwordx4"), (RDNA, "scratch_store_b128", "flat_load_b128")):
    add(
        targets,
        f"{store} {{a0}}, {{x}}, off\n{{wait}}\ns_mov_b64 {{p}}, src_private_base\n"
        f"v_mov_b32 {{a1}}, {{p1}}\n{load} {{d}}, {{a}}\n{{wait}}",
        "d:4xu32",
        "a:pair x:4xu32 p:s.u64",
        lambda a, x, p: x,
        scratch=128,
        types={"pair": Type("u32", 2, lambda rng, shape: rng.choice([0, 16, 64], shape + (2,)))},
        name=f"{load} from scratch",
    )


@table.test()
def test_memory(row, target):
    table.run(row, target)
