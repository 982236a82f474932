# SPDX-License-Identifier: Apache-2.0
"""Buffer instructions: resources, their range checks, swizzles."""

import numpy as np
from addresses import PARTS, WORDS, number_at, offset_text, put, type_of
from machine import CDNA, GFX950, RDNA, Table
from values import Type, between, choice, every


table = Table()


def add(targets, *arguments, **options):
    """gfx10's buffers have rows of their own."""
    table.add(targets, *arguments, **options, without=() if targets == ("gfx1030",) else ("gfx1030",))


# --- Buffers. The resource: base and stride, records, flags.
RECORDS = 1024


def resource(stride=0, records=RECORDS, word1=0, word3=None):
    """Text that makes {q}, by family."""
    text = f"s_mov_b32 {{q0}}, s8\ns_and_b32 {{q1}}, s9, 0xffff\ns_or_b32 {{q1}}, {{q1}}, {word1 | stride << 16:#x}\n"
    text += f"s_mov_b32 {{q2}}, {records:#x}\ns_mov_b32 {{q3}}, "
    return (
        (CDNA, text + f"{(0x27000 if word3 is None else word3):#x}\n"),
        (RDNA, text + f"{0x31016000 if word3 is None else word3:#x}\n"),
        (("gfx1030",), text + f"{0x31016000 if word3 is None else word3:#x}\n"),
    )


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
for family in (0, 1, 2):  # gfx9's names and resources, gfx11's, gfx10's: gfx9's names, gfx11's resources
    targets, raw = resource()[family]
    for old, new, count in WORDS:
        name = (old, new)[family == 1]
        for offset in (0, 8, 4092):
            add(
                targets,
                raw + f"buffer_load_{name} {{d}}, {{o}}, {{q}}, {{s}} offen{offset_text(offset)}\n{{wait}}",
                f"d:{type_of(count)}",
                "o:near s:s.s q:s.4xu32",
                raw_words(count, offset),
                memory=buffer_memory,
                types=NEAR,
                name=f"buffer_load_{name} offen{offset_text(offset)}",
            )

        # The result goes where the offset was; lanes are in range and out of it.
        if count > 1:
            add(
                targets,
                raw + f"v_mov_b32 {{d0}}, {{o}}\nbuffer_load_{name} {{d}}, {{d0}}, {{q}}, {{s}} offen\n{{wait}}",
                f"d:{type_of(count)}",
                "o:near s:s.s q:s.4xu32",
                raw_words(count, 0),
                memory=buffer_memory,
                types=NEAR,
                name=f"buffer_load_{name} over its offset",
            )

        def stored(m, o, x, s, q, on, c=count):
            for i in range(c):
                at = o.astype(np.int64) + 4 * i
                put(m, at + s, on & (at < RECORDS - s.astype(np.int64)), x[..., i] if c > 1 else x, 4)
            return m

        add(
            targets,
            raw + f"buffer_store_{name} {{x}}, {{o}}, {{q}}, {{s}} offen\n{{wait}}",
            "",
            f"o:own x:{type_of(count)} s:s.s q:s.4xu32 exec",
            stored,
            memory=lambda rng, waves, lanes: rng.integers(0, 256, 16384, dtype=np.uint8),
            types=OWN,
            writes=True,
            name=f"buffer_store_{name} offen",
        )
    for old, new, size, signed in PARTS:
        name = (old, new)[family == 1]
        add(
            targets,
            raw + f"buffer_load_{name} {{d}}, {{o}}, {{q}}, {{zero}} offen offset:{4 - size}\n{{wait}}",
            "d:i32",
            "o:near q:s.4xu32",
            lambda m, o, q, s=size, i=signed: np.where(o + 4 - s < RECORDS, number_at(m, o.astype(np.int64) + 4 - s, s, i), 0),
            memory=buffer_memory,
            types=NEAR,
            name=f"buffer_load_{name} offen",
        )
    add(
        targets,
        raw + f"buffer_load_{WORDS[0][family == 1]} {{d}}, off, {{q}}, {{s}} offset:4\n{{wait}}",
        "d:u32",
        "s:s.s q:s.4xu32",
        lambda m, s, q: number_at(m, 4 + s.astype(np.int64), 4),
        memory=buffer_memory,
        types=NEAR,
        name="buffer_load off",
    )

    # an index, of records of 16 bytes: 20 of them
    indexed = {"i": between("u32", 0, 40), "o": choice("u32", (0, 4, 8, 12))}
    rdna_checked = 0x01016000 if family else None  # gfx11 and later: OOB_SELECT 0
    targets, structured = resource(16, 20, 0, rdna_checked)[family]
    add(
        targets,
        structured + f"buffer_load_{WORDS[0][family == 1]} {{d}}, {{i}}, {{q}}, {{zero}} idxen offset:8\n{{wait}}",
        "d:u32",
        "i:i q:s.4xu32",
        lambda m, i, q: np.where(i < 20, number_at(m, i.astype(np.int64) * 16 + 8, 4), 0),
        memory=buffer_memory,
        types=indexed,
        name="buffer_load idxen",
    )
    pair = {"io": Type("u32", 2, lambda rng, shape: np.stack([rng.integers(0, 40, shape), 4 * rng.integers(0, 4, shape)], -1))}
    add(
        targets,
        structured + f"buffer_load_{WORDS[0][family == 1]} {{d}}, {{i}}, {{q}}, {{zero}} idxen offen\n{{wait}}",
        "d:u32",
        "i:io q:s.4xu32",
        lambda m, i, q: np.where(i[..., 0] < 20, number_at(m, i[..., 0].astype(np.int64) * 16 + i[..., 1], 4), 0),
        memory=buffer_memory,
        types=pair,
        name="buffer_load idxen offen",
    )

    # swizzled: 16 records side by side, four bytes of each
    targets, swizzled = resource(16, 64, 1 << (30 if family == 1 else 31), 1 << 21 | (1 << 28 | 0x16000 if family else 0x27000))[family]

    def swizzled_at(i, o):
        return (i // 16 * 16 + o // 4 * 4) * 16 + i % 16 * 4 + o % 4

    pair = {"io": Type("u32", 2, lambda rng, shape: np.stack([rng.integers(0, 80, shape), 4 * rng.integers(0, 4, shape)], -1))}
    add(
        targets,
        swizzled + f"buffer_load_{WORDS[0][family == 1]} {{d}}, {{i}}, {{q}}, {{zero}} idxen offen\n{{wait}}",
        "d:u32",
        "i:io q:s.4xu32",
        lambda m, i, q: np.where(
            i[..., 0] < 64, number_at(m, swizzled_at(i[..., 0].astype(np.int64), i[..., 1].astype(np.int64)), 4), 0
        ),
        memory=buffer_memory,
        types=pair,
        name="buffer_load, swizzled",
    )
    add(
        targets,
        swizzled + f"buffer_load_{WORDS[3][family == 1]} {{d}}, {{i}}, {{q}}, {{zero}} idxen\n{{wait}}",
        "d:4xu32",
        "i:i q:s.4xu32",
        lambda m, i, q: np.stack(
            [np.where(i < 64, number_at(m, swizzled_at(i.astype(np.int64), np.int64(4 * n)), 4), 0) for n in range(4)], -1
        ),
        memory=buffer_memory,
        types={"i": between("u32", 0, 80)},
        name="buffer_load of four words, swizzled",
    )

    # atomics: out of range they do nothing and return 0
    targets, raw = resource()[family]
    name = ("add", "add_u32")[family == 1]

    def added(m, o, x, q, on):
        view, index = m.view(np.uint32), o.astype(np.int64) // 4
        old = np.where(o < RECORDS, view[index], 0)
        inside = on & (o < RECORDS)
        view[index[inside]] = (old + x)[inside]
        return old, m

    add(
        targets,
        raw + f"v_mov_b32 {{d}}, {{x}}\nbuffer_atomic_{name} {{d}}, {{o}}, {{q}}, {{zero}} offen {{ret}}\n{{wait}}",
        "d:u32",
        "o:own x:u32 q:s.4xu32 exec",
        added,
        memory=lambda rng, waves, lanes: rng.integers(0, 256, 16384, dtype=np.uint8),
        types=OWN,
        writes=True,
        name=f"buffer_atomic_{name}",
    )
for targets, name, count in ((CDNA, "dword", 1), (GFX950, "dwordx3", 3), (GFX950, "dwordx4", 4)):
    read = {1: "ds_read_b32", 3: "ds_read_b96", 4: "ds_read_b128"}[count]
    lane = {"lane": every("u32", lambda waves, lanes, c=count: 4 * c * np.arange(lanes)), **NEAR}
    add(
        targets,
        resource()[0][1]
        + f"s_mov_b32 m0, 0x20\ns_nop 4\nbuffer_load_{name} {{o}}, {{q}}, {{s}} offen offset:16 lds\n{{wait}}\n"
        + f"{read} {{d}}, {{l}} offset:48\n{{wait}}",
        f"d:{type_of(count)}",
        "o:near s:s.s q:s.4xu32 l:lane m0",
        lambda m, o, s, q, own, _, c=count: raw_words(c, 16)(m, o, s, q),
        memory=buffer_memory,
        types=lane,
        lds=2048,
        name=f"buffer_load_{name} lds",
    )


@table.test()
def test_buffer(row, target):
    table.run(row, target)
