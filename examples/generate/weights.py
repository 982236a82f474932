# SPDX-License-Identifier: Apache-2.0
"""Checkpoint files: their headers are read and checked first, then the tensors are used where they are mapped.

The format is read here because the safetensors package copies each tensor when it makes NumPy arrays. It is 8 bytes of
header length, a JSON header with each tensor's dtype, shape and offsets, and the data.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Callable, Dict, List, Optional, Sequence, Tuple

import hipinfer
import numpy as np
from config import Config
from fields import LARGEST_JSON, Refused, describe, open_file, parse_json, read_fields, read_json, readable

if TYPE_CHECKING:
    from engine import Checkpoint

DTYPES = {"F32": "f32", "F16": "f16", "BF16": "bf16"}
STORAGE = {"f32": np.dtype(np.float32), "f16": np.dtype(np.float16), "bf16": np.dtype(np.uint16)}
# In some checkpoints, and of no use: a table that is computed, and the copy of a tied embedding.
IGNORED = ("rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached")


@dataclass
class Entry:
    file: Path
    dtype: str  # as in the header: "BF16"
    shape: Tuple[int, ...]
    start: int  # in the file
    end: int


def read_header(folder: Path, shard: str) -> Dict[str, Entry]:
    """The tensors of a file, which cover its data without a gap."""
    file, size = open_file(folder, shard)
    with file, readable(folder, shard):
        length = struct.unpack("<Q", file.read(8))[0] if size >= 8 else size
        if length > size - 8:
            raise Refused(folder, [f"{shard}: its header is cut off"])
        if length > LARGEST_JSON:
            raise Refused(folder, [f"{shard}: its header has {length} bytes, expected at most {LARGEST_JSON}"])
        header = parse_json(folder, f"{shard}: its header", file.read(length))
    reasons: List[str] = []
    entries = {}
    for name, about in sorted(header.items()):
        if name == "__metadata__":
            continue
        if not isinstance(about, dict):
            reasons.append(f"{shard}: {name} is {describe(about)}, expected an object")
            continue
        values = read_fields("tensor", about, reasons, prefix=f"{shard}: {name}: ")
        if None not in values.values():
            start, end = (8 + length + v for v in values["data_offsets"])
            entries[name] = Entry(folder / shard, values["dtype"], tuple(values["shape"]), start, end)
    if reasons:
        raise Refused(folder, reasons)
    at = 8 + length
    for name, e in sorted(entries.items(), key=lambda item: (item[1].start, item[1].end, item[0])):
        if e.start != at or e.end < e.start:
            raise Refused(folder, [f"{shard}: {name} overlaps its neighbour, or leaves a gap"])
        if e.dtype in DTYPES and e.end - e.start != math.prod(e.shape) * STORAGE[DTYPES[e.dtype]].itemsize:
            raise Refused(folder, [f"{shard}: {name} has {e.end - e.start} bytes, which do not fit its shape {list(e.shape)}"])
        at = e.end
    if at != size:
        raise Refused(folder, [f"{shard} has {size} bytes, and its tensors end at {at}"])
    return entries


def list_tensors(folder: Path) -> Dict[str, Entry]:
    """Every tensor of model.safetensors; or those that an index names, each of the shard that it names, where others may hold
    copies that are out of date."""
    index = "model.safetensors.index.json"
    if not (folder / index).exists():
        return read_header(folder, "model.safetensors")
    reasons: List[str] = []
    where = read_fields(index, read_json(folder, index), reasons, prefix=f"{index}: ")["weight_map"] or {}
    for name, shard in sorted(where.items()):
        if not isinstance(shard, str) or shard in ("", ".", "..") or "/" in shard or "\0" in shard:
            reasons.append(f"{index}: {name} is in {describe(shard)}, expected the name of a file in its folder")
    if reasons:
        raise Refused(folder, reasons)
    shards: Dict[str, Dict[str, Entry]] = {}
    for shard in sorted(set(where.values())):
        try:
            shards[shard] = read_header(folder, shard)
        except Refused as e:
            reasons += e.reasons
    if not reasons:
        reasons = [f"{name} is not in {shard}, where the index puts it" for name, shard in sorted(where.items())
                   if name not in shards[shard]]
    if reasons:
        raise Refused(folder, reasons)
    return {name: shards[shard][name] for name, shard in where.items()}


def check_tensors(folder: Path, config: Config, entries: Dict[str, Entry]) -> None:
    """That the files hold what the config asks for, no more and no less."""
    reasons = []
    wanted = config.shapes()
    for name, shape in sorted(wanted.items()):
        e = entries.get(name)
        if e is None:
            reasons.append(f"{name} is missing")
        elif e.dtype not in DTYPES:
            reasons.append(f"{name} is of dtype {e.dtype}, expected one of {', '.join(DTYPES)}")
        elif e.shape != shape:
            reasons.append(f"{name} has shape {list(e.shape)}, expected {list(shape)}")
    for name in sorted(entries):
        # A bias or a norm that the model would leave out gives another model.
        if name not in wanted and not name.endswith(IGNORED) and not (config.tied and name == "lm_head.weight"):
            reasons.append(f"{name} is not part of a {config.family} model with this config")
    if reasons:
        raise Refused(folder, reasons)


class Staging:
    """Pinned memory through which parts of a file go to the device: one is read while the one before is copied."""

    PART = 8 << 20  # bytes; a guess: long against a copy's latency, short against a model

    def __init__(self, context: hipinfer.Context):
        self.host = hipinfer.pinned(self.PART, "u8", context)
        self.copied = hipinfer.Event(context)
        self.device: Dict[str, hipinfer.Tensor] = {}  # for what is cast on the device, by its dtype


class Weights:
    """The tensors of a checkpoint on a context's device, in one dtype.

    On the CPU a tensor that has the dtype already stays in the mapped file; else each is copied once. On a GPU they are read
    through pinned memory and copied in a stream of their own: finish() waits for it.
    """

    def __init__(self, checkpoint: "Checkpoint", context: hipinfer.Context, dtype: str,
                 progress: Optional[Callable[[int, int], None]] = None):
        self.folder, self.entries, self.context, self.dtype = checkpoint.folder, checkpoint.entries, context, dtype
        self.bytes = sum(map(math.prod, checkpoint.config.shapes().values())) * STORAGE[dtype].itemsize
        self.progress, self.done = progress, 0
        self.mapped: Dict[Path, np.memmap] = {}
        self.files: Dict[Path, BinaryIO] = {}
        self.stream = hipinfer.Stream(context)
        self.stagings = [] if context.on_cpu else [Staging(context) for _ in range(2)]

    def finish(self) -> None:
        self.stream.synchronize()
        self.stagings = []
        for file in self.files.values():
            file.close()

    def host(self, name: str) -> Tuple[np.ndarray, str]:
        """The tensor in the mapped file, and its dtype."""
        e = self.entries[name]
        if e.file not in self.mapped:
            self.mapped[e.file] = np.memmap(e.file, np.uint8, "r")
        raw = self.mapped[e.file][e.start:e.end]
        dtype = DTYPES[e.dtype]
        if e.start % STORAGE[dtype].itemsize:
            raw = raw.copy()  # a header whose length leaves the data unaligned
        return raw.view(STORAGE[dtype]).reshape(e.shape), dtype

    def read(self, file: Path, offset: int, into: np.ndarray) -> None:
        if file not in self.files:
            self.files[file] = file.open("rb", buffering=0)
        view = memoryview(into)
        while view:
            count = os.preadv(self.files[file].fileno(), [view], offset)
            if count == 0:
                raise Refused(self.folder, [f"{file.name} has become shorter while it was read"])
            view, offset = view[count:], offset + count

    def upload(self, output: hipinfer.Tensor, name: str) -> None:
        """Enqueues the copy of a tensor, part by part."""
        e = self.entries[name]
        dtype = DTYPES[e.dtype]
        size = STORAGE[dtype].itemsize
        flat = output.reshape(-1)
        for start in range(e.start, e.end, Staging.PART):
            staging = self.stagings[0]
            self.stagings.reverse()
            count = min(Staging.PART, e.end - start)
            staging.copied.synchronize()
            self.read(e.file, start, staging.host[:count])
            part = hipinfer.as_tensor(staging.host[:count].view(STORAGE[dtype]), dtype=dtype)
            to = flat[(start - e.start) // size:(start - e.start + count) // size]
            if dtype == self.dtype:
                to.copy_from(part, self.stream)
            else:
                if dtype not in staging.device:
                    staging.device[dtype] = hipinfer.empty(Staging.PART // size, dtype, self.context)
                hipinfer.cast(to, staging.device[dtype][:len(part)].copy_from(part, self.stream), stream=self.stream)
            staging.copied.record(self.stream)
            self.done += to.nbytes
            if self.progress:
                self.progress(self.done, self.bytes)

    def get(self, name: str) -> hipinfer.Tensor:
        return self.whole([name])

    def whole(self, names: Sequence[str]) -> hipinfer.Tensor:
        """One tensor, or several stacked along the first dimension."""
        shape = self.entries[names[0]].shape
        if self.context.on_cpu:
            array, dtype = self.host(names[0])
            if dtype == self.dtype:
                return hipinfer.from_numpy(array, self.context, dtype=dtype)
            output = hipinfer.empty(shape, self.dtype, self.context)
            hipinfer.cast(output, hipinfer.from_numpy(array, self.context, dtype=dtype))
            return output
        rows = [self.entries[n].shape[0] for n in names]
        output = hipinfer.empty((sum(rows), *shape[1:]), self.dtype, self.context)
        for i, name in enumerate(names):
            self.upload(output[sum(rows[:i]):sum(rows[:i + 1])], name)
        return output

    def stacked(self, names: Sequence[str]) -> List[hipinfer.Tensor]:
        """The tensors, on a GPU as one, stacked along the first dimension, for one larger matrix product; on the CPU
        they stay in the file, one by one."""
        return [self.get(n) for n in names] if self.context.on_cpu else [self.whole(names)]
