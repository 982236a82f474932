# SPDX-License-Identifier: Apache-2.0
"""Folders that still have an op.toml of their own: one operation, kernels exported by its .hip files."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

from model import ContractError, Family, Kernel, Op, Variable
from read import read_arg, read_enum, read_params, take


def read_kernels(t: dict, op: str) -> list[Kernel]:
    each = t.pop("each", {})
    t.pop("measured")
    rows = []
    for values in itertools.product(*each.values()):
        row = dict(when="", stage="main", tune={}, dtypes={}) | t
        for key in ("name", "symbol", "when"):
            for k, v in zip(each, values):
                row[key] = row[key].replace("{" + k + "}", str(v))
        rows.append(Kernel(module=Path(row["source"]).stem, **row))
    return rows


def read_folder(folder: Path) -> Family:
    where = f"{folder.name}/op.toml"
    t = tomllib.loads((folder / "op.toml").read_text())
    texts = {k: take(t, k, str, where) for k in ("name", "since", "summary", "formula", "numerics", "aliasing", "source")}
    dtypes = t.pop("dtypes")
    variables = []
    for name, allowed in dtypes.items():
        same = [d for d in allowed if d in dtypes]
        variables.append(Variable(name, [d for d in allowed if d not in dtypes], same[0] if same else None))
    args = [read_arg(a, where) for a in t.pop("args")]
    op = Op(t.pop("family"), folder, where, **texts, dims=t.pop("dims", {}), variables=variables, args=args, shares=texts["name"])
    op.workspace, op.safety = t.pop("workspace", ""), t.pop("safety", "")
    op.options = [read_arg(o, where) for o in t.pop("options", [])]
    op.errors = [(e["status"], e["when"]) for e in t.pop("errors", [])]
    op.enums = [read_enum(e.pop("name"), e, where) for e in t.pop("enums", [])]
    for k in t.pop("kernels"):
        op.kernels += read_kernels(k, op.name)
    op.params = read_params(folder / "params.h", op.name)
    if t:
        raise ContractError(f"{where}: unknown {list(t)}")
    return Family(folder.name, folder, [op])
