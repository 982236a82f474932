# SPDX-License-Identifier: Apache-2.0
"""Checkpoint files: their headers are read and checked first, then the tensors are used where they are mapped.

The format is read here because the safetensors package copies each tensor when it makes NumPy arrays. It is 8 bytes of
header length, a JSON header with each tensor's dtype, shape and offsets, and the data.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

import hipinfer
import numpy as np
from config import Config, Refused, read_json

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


def read_header(path: Path) -> Dict[str, Entry]:
    size = path.stat().st_size
    with path.open("rb") as f:
        head = f.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else size
        if length > size - 8:
            raise ValueError("its header is cut off")
        header = json.loads(f.read(length))
    entries = {}
    for name, about in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + int(v) for v in about["data_offsets"])
        if not 8 + length <= start <= end <= size:
            raise ValueError(f"{name} lies outside the file: it is cut off")
        entries[name] = Entry(path, about["dtype"], tuple(int(n) for n in about["shape"]), start, end)
    return entries


def list_tensors(folder: Path) -> Dict[str, Entry]:
    """Every tensor of model.safetensors, or of the shards that its index names."""
    index, single = folder / "model.safetensors.index.json", folder / "model.safetensors"
    if not index.exists() and not single.exists():
        raise Refused(folder, ["it has neither model.safetensors nor model.safetensors.index.json"])
    where = read_json(index).get("weight_map", {}) if index.exists() else None
    names = [single.name] if where is None else sorted(set(where.values()))
    entries: Dict[str, Entry] = {}
    reasons = []
    for name in names:
        try:
            entries.update(read_header(folder / name))
        except FileNotFoundError:
            reasons.append(f"the index names {name}, which is missing")
        except (OSError, ValueError, KeyError, TypeError) as e:
            reasons.append(f"{name}: {e}")
    lost = [n for n in where or {} if n not in entries]
    if lost and not reasons:
        reasons.append(f"the index names {len(lost)} tensors that no shard holds: {', '.join(lost[:3])}")
    if reasons:
        raise Refused(folder, reasons)
    return entries


def check_tensors(folder: Path, config: Config, entries: Dict[str, Entry]) -> None:
    """That the files hold what the config asks for, no more and no less."""
    reasons = []
    wanted = config.shapes()
    for name, shape in wanted.items():
        e = entries.get(name)
        if e is None:
            reasons.append(f"{name} is missing")
        elif e.dtype not in DTYPES:
            reasons.append(f"{name} is of dtype {e.dtype}, expected one of {', '.join(DTYPES)}")
        elif e.shape != shape:
            reasons.append(f"{name} has shape {list(e.shape)}, expected {list(shape)}")
        elif e.end - e.start != math.prod(shape) * STORAGE[DTYPES[e.dtype]].itemsize:
            reasons.append(f"{name} has {e.end - e.start} bytes, which do not fit its shape {list(shape)}")
    for name in entries:
        # A bias or a norm that the model would leave out gives another model.
        if name not in wanted and not name.endswith(IGNORED) and not (config.tied and name == "lm_head.weight"):
            reasons.append(f"{name} is not part of a {config.family} model with this config")
    if len(reasons) > 8:
        reasons[8:] = [f"... and {len(reasons) - 8} more"]
    if reasons:
        raise Refused(folder, reasons)


class Weights:
    """The tensors of a checkpoint on a context's device, in one dtype.

    On the CPU a tensor that has the dtype already stays in the mapped file; else each is copied once.
    """

    def __init__(self, entries: Dict[str, Entry], context: hipinfer.Context, dtype: str):
        self.entries = entries
        self.context = context
        self.dtype = dtype
        self.mapped: Dict[Path, np.memmap] = {}

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

    def place(self, output: hipinfer.Tensor, name: str) -> None:
        array, dtype = self.host(name)
        if dtype == self.dtype:
            output.copy_from(hipinfer.as_tensor(array, dtype=dtype))
        else:
            hipinfer.cast(output, hipinfer.from_numpy(array, self.context, dtype=dtype))
        self.context.synchronize()  # the mapped pages and the copy above may go

    def get(self, name: str) -> hipinfer.Tensor:
        array, dtype = self.host(name)
        if self.context.on_cpu and dtype == self.dtype:
            return hipinfer.from_numpy(array, self.context, dtype=dtype)
        output = hipinfer.empty(array.shape, self.dtype, self.context)
        self.place(output, name)
        return output

    def find(self, name: str) -> Optional[hipinfer.Tensor]:
        return self.get(name) if name in self.entries else None

    def stacked(self, names: Sequence[str]) -> List[hipinfer.Tensor]:
        """The tensors, on a GPU as one, stacked along the first dimension, for one larger matrix product; on the CPU
        they stay in the file, one by one."""
        if self.context.on_cpu:
            return [self.get(n) for n in names]
        rows = [self.entries[n].shape[0] for n in names]
        whole = hipinfer.empty((sum(rows), *self.entries[names[0]].shape[1:]), self.dtype, self.context)
        for i, name in enumerate(names):
            self.place(whole[sum(rows[:i]):sum(rows[:i + 1])], name)
        return [whole]
