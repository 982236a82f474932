# SPDX-License-Identifier: Apache-2.0
"""A small family that has one of everything, for tests of the generator that need no operation of the library."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


sys.path.insert(0, str(ROOT / "src/gen"))

import check  # noqa: E402
import examples  # noqa: E402
import generate  # noqa: E402
import header  # noqa: E402
import host  # noqa: E402
import kernels  # noqa: E402
import layout  # noqa: E402
import model  # noqa: E402
import python  # noqa: E402
import python_torch  # noqa: E402
import read  # noqa: E402
import reference  # noqa: E402
import rust  # noqa: E402

__all__ = ["check", "examples", "generate", "header", "host", "kernels", "layout", "model", "python", "python_torch", "read",
           "reference", "rust"]

FAMILY = '''
since = "0.1"

[dims]
T = "rows; 0 is allowed"
N = "length of a row"
B = "requests"
I = "entries of the table"

[dtypes]
data = ["f32", "f16"]
weight = ["data", "f32"]
index = ["i32", "i64"]

[axes.form.plain]
long = "weights as they are"
[axes.form.plus_one]
long = "weights and 1"

[texts]
rounding = "one rounding to the dtype"

[arguments.output]
kind = "out"
dtype = "data"
shape = "T N"
doc = "The result."

[arguments.input]
kind = "in"
dtype = "data"
shape = "T N"
doc = "Rows."

[arguments.weight]
kind = "in"
dtype = "weight"
shape = "N"
doc = "Factors."

[arguments.indptr]
kind = "in"
dtype = "index"
shape = "B+1"
contents = { ascending = true, at_least = 0, at_most = "I", of = "entries of table" }
doc = "Offsets into table."

[arguments.table]
kind = "in"
dtype = "index"
shape = "I"
strides = "free"
contents = { at_least = 0, below = "T", of = "rows of input", within = "indptr" }
doc = "Rows of input."

[arguments.lengths]
kind = "in"
dtype = "index"
shape = "B"
contents = { at_least = 1, at_most = "N", of = "values of a row", owners = "indptr" }
doc = "How much of the last row is used."

[arguments.factor]
kind = "f32"
min = 0.0
max = 1e30
default = 1.0
doc = "Factor of all."

[arguments.count]
kind = "i64"
min = 0
default = 0
doc = "A number that is added."

[options.bias]
kind = "in"
dtype = "weight"
shape = "N"
optional = true
doc = "Added to each row."

[options.way]
kind = "enum"
enum = "sample_way"
doc = "What is done at last."

[options.limit]
kind = "f32"
min = 0.0
doc = "Largest magnitude; 0 means any."

[options.negate]
kind = "bool"
doc = "Whether the result is negated."

[enumerations.sample_way]
doc = "Ways."
values = [{ name = "none", value = 0, doc = "Nothing." }, { name = "twice", value = 1, doc = "Doubles it." }]

[[ops]]
name = "sample_${form}"
each = { form = ["plain", "plus_one"] }
shares = "sample"
traits = { form = "$form", bits = 16, exact = true }
words = { form = "$form" }
summary = "Rows times $form.long."
formula = "output[t,i] = input[t,i] * weight[i]"
numerics = "fp32, $rounding."
aliasing = "output may be input, with the same strides; it may not overlap weight."
source = "This test."
args = [{ name = "output", alias = ["input"] }, "input", "weight", "factor", "count"]
options = ["bias", "way", "limit", "negate"]
kernels = ["rows"]

[[ops]]
name = "sample_table"
summary = "Rows by a table."
formula = "output[t,i] = input[table[t],i]"
numerics = "None."
aliasing = "none."
source = "This test."
workspace = "4 bytes a request."
safety = "The table is in order."
args = [{ name = "output", optional = true }, "input",
  { name = "indptr", optional = true }, { name = "table", optional = true }, { name = "lengths", optional = true }]
errors = [{ status = "INVALID_SHAPE", when = "N is 0" }]

[[kernels]]
group = "rows"
name = "wide"
source = "sample.hip"
when = "p.vector && p.n <= 4096"
threads = 256
resident = { f32 = 2, "*" = 4 }
tune = { each = 2, vector = 1 }
dtypes = { data = ["f16"] }
body = "scale_rows<$data, $weight, $threads, $tune.each>(p)"
edges = { N = [4096] }
measured = { what = "bandwidth of 4096 rows", device = "H200", date = 2026-11-21 }

[[kernels]]
group = "rows"
name = "rows"
source = "sample.hip"
threads = 64
tune = { each = 1, vector = 0 }
body = "scale_rows<$data, $weight, $threads, 1>(p)"
guess = "For any row."

[[kernels]]
name = "d$d"
each = { d = [64, 128] }
source = "sample.hip"
when = "p.n == $d"
threads = 128
module = "${op}_d$d"
body = "gather_rows<$data, $d>(p)"
guess = "A row a block."

[[kernels]]
name = "any"
source = "sample.hip"
threads = 128
body = "gather_rows<$data, 0>(p)"
guess = "Any row."
'''

PARAMS = '''#pragma once
#include "device/params.h"

struct sample_params {
  const void* input;
  const void* weight;
  const void* bias;
  void* output;
  int64_t rows;
  int64_t n;
  int32_t vector;
};

struct sample_table_params {
  const void* input;
  int64_t n;
};
'''


def folder(tmp_path: Path, text: str = FAMILY, params: str = PARAMS, tune: dict[str, str] | None = None) -> Path:
    """A folder of families with the sample in it."""
    family = tmp_path / "ops/sample"
    family.mkdir(parents=True, exist_ok=True)
    (family / "family.toml").write_text(text)
    (family / "params.h").write_text(params)
    (family / "sample.hip").write_text("")
    for name, numbers in (tune or {}).items():
        (family / "tune").mkdir(exist_ok=True)
        (family / "tune" / name).write_text(numbers)
    return tmp_path / "ops"


def families(tmp_path: Path, **given):
    return read.read_all(folder(tmp_path, **given))


def operations(tmp_path: Path, **given):
    return [op for family in families(tmp_path, **given) for op in family.ops]


def changed(*edits: tuple[str, str]) -> str:
    """The family with each first text replaced by the second; it must be there, once."""
    text = FAMILY
    for old, new in edits:
        assert text.count(old) == 1, f"{text.count(old)} times in the sample: {old}"
        text = text.replace(old, new)
    return text
