# SPDX-License-Identifier: Apache-2.0
"""What the generator refuses: what C++ or the tests' harness cannot hold, and what contradicts itself. Every message
says where."""

from __future__ import annotations

import functools
import keyword
import re
from pathlib import Path

from model import BLOCK_DTYPES, DTYPES, ONE_NUMBER, ROOT, Arg, ContractError, Dim, Enum, Family, Group, Kernel, Op
from toolchain import AMD, STAND_INS

STATUSES = re.compile(r"\bX\((\w+), \d+,")
TARGET = re.compile(r"gfx[0-9a-z-]+|sm_\d+")
NAME = re.compile(r"[a-z][a-z0-9_]*")
INTEGERS = {"i32": (-(1 << 31), (1 << 31) - 1), "i64": (-(1 << 63), (1 << 63) - 1), "u64": (0, (1 << 64) - 1)}
EXACT = 1 << 53  # ranges are compared in double
LARGEST_F32 = 3.4028235e38
# Names become names in C, C++, Rust and Python at once.
KEYWORDS = {*keyword.kwlist, *keyword.softkwlist} - {"_"} | set(
    # C and C++
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl concept "
    "const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double "
    "dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept "
    "not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires restrict return short "
    "signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid "
    "typename union unsigned using virtual void volatile wchar_t while xor xor_eq "
    # Rust
    "abstract as async await become box crate dyn fn final impl in let loop macro match mod move mut override priv pub ref self "
    "static super trait type unsafe unsized use where yield".split())
SOURCES = Path(__file__).resolve().parents[1]
# What the generated functions call their own, and what they call: an argument of that name would hide it.
TAKEN = set(
    # host.py: parameters and locals of an entry point; types and functions that it uses; a field beside the arguments'
    "context stream options workspace workspace_bytes bytes a e p given given_options needed traits "
    "entry guard fail check_range check_workspace copy_options view std hipinfer size_t int32_t int64_t uint64_t "
    # header.py: the first field of an options struct
    "struct_size "
    # python.py and python_torch.py: parameters, imported functions and dtypes
    "ops enum_value dtype empty empty_like default_fp8 ctypes torch float32 float16 bfloat16 float64 int8 uint8 "
    # rust.py: locals and functions
    "inner c_options pointer sys size_of null".split())
# Types of an operation's group: a trait that is a text becomes one, too.
GROUP_TYPES = ("args", "params", "traits", "tune", "launch", "workspace", "reference")
FILES = {"ops", "all_ops", "registry", "layout", "exports"}  # of the build folder


@functools.cache
def public_names() -> set[str]:
    """hipinfer_NAME of the hand-written headers: functions, types and tags."""
    texts = [(SOURCES.parent / "include/hipinfer" / name).read_text() for name in ("types.h", "hipinfer.h", "version.h")]
    return set(re.findall(r"\bhipinfer_(\w+)", re.sub(r"//[^\n]*", "", "\n".join(texts))))


@functools.cache
def package_names() -> set[str]:
    """What the Python package has beside the operations: names that it exports, and its modules."""
    package = SOURCES.parent / "bindings/python/hipinfer"
    exported = re.search(r"__all__ = \[(.*?)\]", (package / "__init__.py").read_text(), re.S)
    return set(re.findall(r'"(\w+)"', exported[1])) | {p.stem for p in package.glob("*.py")}


@functools.cache
def core_names() -> set[str]:
    """Types, functions and constants that the headers of src/core declare."""
    text = re.sub(r"//[^\n]*|\[\[.*?\]\] ", "", "\n".join(p.read_text() for p in sorted((SOURCES / "core").glob("*.h"))))
    types = re.findall(r"\b(?:struct|enum class|class|using|enum) (?!class\b)(\w+)", text)
    functions = re.findall(r"^[a-z][\w:<>*& ]*?[ *&](\w+)\(", text, re.M)
    constants = re.findall(r"^(?:inline )?constexpr [\w:]+\*? (\w+)", text, re.M)
    return {*types, *functions, *constants}


@functools.cache
def known_targets() -> set[str]:
    """Targets that the build or the loader knows by name."""
    listed = re.findall(r'"(gfx[^"]*)"', (SOURCES / "core/code_objects.cpp").read_text())
    return {*AMD, *STAND_INS.values(), *(t for text in listed for t in text.split())}


def is_target(text: str) -> bool:
    """A target or the beginning of one. Every sm_ is one: nvcc knows them."""
    return bool(TARGET.fullmatch(text)) and (text.startswith("sm_") or any(t.startswith(text) for t in known_targets()))


def check_cpp(where: str, text: str) -> None:
    """A piece of C++ that ends where it seems to."""
    if "\n" in text or "//" in text or "/*" in text or text.endswith("\\"):
        raise ContractError(f"{where}: {text!r}: one line of C++ without comments")
    rest = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "", text)
    rest = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)+\'', "", rest)
    opened = []
    for c in rest:
        if c in "([{":
            opened.append(")]}"["([{".index(c)])
        elif c in ")]}" and (not opened or opened.pop() != c) or c in "\"'":
            raise ContractError(f"{where}: {text!r}: {c} has no partner")
    if opened:
        raise ContractError(f"{where}: {text!r}: {opened[-1]} is missing")


def check_name(where: str, name: object, what: str) -> None:
    """A name that every language can have."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ContractError(f"{where}: {what} {name!r}: expected lower-case letters, digits and _")
    if name in KEYWORDS:
        raise ContractError(f"{where}: {what} {name!r} is a keyword of C, C++, Python or Rust")


def check_operation_name(where: str, name: str) -> None:
    """A name that neither the C interface, nor the Python package, nor the generated functions have."""
    check_name(where, name, "the name")
    if name in public_names() | package_names() | TAKEN:
        raise ContractError(f"{where}: {name}: the name is taken: hipinfer has it already")


def is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def limit(name: str) -> int:
    """A limit of src/core/limits.h, its only source."""
    m = re.search(rf"constexpr int {name} = (\d+);", (ROOT / "src/core/limits.h").read_text())
    if not m:
        raise ContractError(f"src/core/limits.h has no {name}")
    return int(m[1])


def refuse_more(where: str, count: int, what: str, constant: str) -> None:
    most = limit(constant)
    if count > most:
        raise ContractError(f"{where}: {count} {what}, {constant} in src/core/limits.h allows {most}")


def ranked_shapes(a: Arg) -> list[list[Dim]]:
    """The alternatives of which one choice is made for all tensors: not one number, which a tensor may be whatever the others are."""
    return [s for s in a.shapes if s != ONE_NUMBER]


def check_tensor(op: Op, a: Arg) -> None:
    where = f"{op.where}: {a.name}"
    for shape in a.shapes:
        refuse_more(where, len(shape), "dimensions", "max_rank")
        for d in shape:
            if not -(1 << 15) <= d.offset < 1 << 15 or not 0 <= d.multiple < 1 << 15:
                raise ContractError(f"{where}: {d.multiple}*{d.symbol}{d.offset:+}: numbers are 16 bits wide")
            if d.symbol and d.multiple == 0:
                raise ContractError(f"{where}: 0*{d.symbol}: an extent that says nothing of {d.symbol}")
    if len(a.shapes) > 255:
        raise ContractError(f"{where}: {len(a.shapes)} alternative shapes, at most 255 are possible")
    ranked = ranked_shapes(a)
    if ONE_NUMBER in a.shapes[:-1]:
        raise ContractError(f"{where}: one number, shape \"1\", is the last of the alternatives: it takes whatever has one element")
    if len({len(s) for s in ranked}) < len(ranked):
        raise ContractError(f"{where}: alternative shapes are told apart by their rank: two have the same")
    several = [t for t in op.tensors if len(ranked_shapes(t)) > 1]
    if len(ranked) > 1 and len(ranked_shapes(several[0])) != len(ranked):
        raise ContractError(f"{where}: {len(ranked)} alternative shapes, {several[0].name} has {len(ranked_shapes(several[0]))}: one "
                            "choice is made for all")
    variable = next(v for v in op.variables if v.name == a.dtype)
    blocks = [d for d in variable.allowed if d in BLOCK_DTYPES]
    if blocks and a.layout == "free":
        raise ContractError(f"{where}: blocks of {blocks[0]} lie along the last dimension: strides are not free")
    tensors = {t.name: t for t in op.tensors}
    if len(set(a.alias)) < len(a.alias):
        raise ContractError(f"{where}: alias: a tensor is there twice")
    writers = [t.name for t in op.tensors if t.kind != "in" and (a.name in t.alias or t.name in a.alias)]
    if a.kind == "in" and len(writers) > 1:
        raise ContractError(f"{where}: may be the memory of {writers[0]} and of {writers[1]}: Rust's InPlace would not say which")
    for other in a.alias:
        if other not in tensors:
            raise ContractError(f"{op.where}: {a.name}: alias {other!r} is not an argument")
        if other == a.name or "in" not in (a.kind, tensors[other].kind) and a.kind == tensors[other].kind == "out":
            raise ContractError(f"{op.where}: {a.name}: may not be the same memory as {other}")
        ins = [t for t in (a, tensors[other]) if t.kind == "in"]
        outs = [t for t in (a, tensors[other]) if t.kind != "in"]
        if ins and outs and outs[0].optional and not ins[0].optional:
            raise ContractError(f"{op.where}: {outs[0].name}: is optional and may be {ins[0].name}, which is not: Rust's binding could "
                                "not say in place of what")


def check_contents(op: Op, a: Arg) -> None:
    where = f"{op.where}: {a.name}: contents"
    c = a.contents
    dtypes = next(v for v in op.variables if v.name == a.dtype).allowed
    if a.kind != "in" or set(dtypes) - {"i32", "i64"}:
        raise ContractError(f"{where}: only an input of i32 or i64 has contents that can be checked")
    if len(c.highs) > 1 and (len(c.highs) > 2 or not all(d.symbol for d in c.highs)):
        raise ContractError(f"{where}: bounds that stand for each other are two extents")
    for d in (c.low, *c.highs):
        if d and d.symbol and (d.symbol not in op.dims or d.multiple != 1):
            raise ContractError(f"{where}: {d.symbol} is no extent of the operation")
        if d and not -(1 << 15) <= d.offset < 1 << 15:
            raise ContractError(f"{where}: {d.offset} is past 16 bits")
    for high in c.highs:
        if c.low and c.low.symbol == high.symbol and c.low.offset > high.offset - c.below:
            raise ContractError(f"{where}: no number is at least {c.low.offset} and {'below' if c.below else 'at most'} "
                                f"{high.offset}" + (f" more than {c.low.symbol}" if c.low.symbol else ""))
    for text in c.of:
        if "\n" in text:
            raise ContractError(f"{where}: of: {text!r}: one line")
    if (c.ascending or c.owners) and [len(s) for s in a.shapes] != [1]:
        raise ContractError(f"{where}: only a tensor of one dimension {'ascends' if c.ascending else 'has owners'}")
    for name in filter(None, (c.within, c.owners)):
        other = next((t for t in op.tensors if t.name == name), None)
        if other is None or other.contents is None or not other.contents.ascending:
            raise ContractError(f"{where}: {name!r} is no tensor of ascending offsets")
        if other.optional and not a.optional:
            raise ContractError(f"{where}: {name} is optional and {a.name} is not")
    if c.within:
        other = next(t for t in op.tensors if t.name == c.within)
        if not other.contents.low or other.contents.low.symbol or not other.contents.high or other.contents.below:
            raise ContractError(f"{where}: {c.within} must be at_least a number and at_most an extent, or entries past the end "
                                "are read")
    if c.owners:
        other = next(t for t in op.tensors if t.name == c.owners)
        own, offsets = a.shapes[0], other.shapes[0]
        if (own[0].symbol, own[0].offset + 1) != (offsets[0].symbol, offsets[0].offset):
            raise ContractError(f"{where}: {c.owners} has not one entry more than {a.name}")


def check_scalar(op: Op, a: Arg) -> None:
    where = f"{op.where}: {a.name}"
    given = {key: value for key, value in (("min", a.min), ("max", a.max), ("default", a.default)) if value is not None}
    if a.kind in ("bool", "enum") and ("min" in given or "max" in given):
        raise ContractError(f"{where}: a {a.kind} has no range of its own")
    if a.kind == "bool":
        if a.default not in (None, 0, 1):
            raise ContractError(f"{where}: default {a.default!r}, expected true or false")
        return
    if a.kind == "enum":
        values = [w for n, v, _ in next(e for e in op.enums if e.name == a.enum).values for w in (n, v)]
        if a.default is not None and (isinstance(a.default, (bool, float)) or a.default not in values):
            raise ContractError(f"{where}: default {a.default!r} is no value of {a.enum}")
        return
    for key, value in given.items():
        low, high = INTEGERS.get(a.kind, (-LARGEST_F32, LARGEST_F32))
        if not is_int(value) and (a.kind in INTEGERS or not isinstance(value, float)):
            raise ContractError(f"{where}: {key} {value!r}, expected {'a whole' if a.kind in INTEGERS else 'a'} number")
        if not low <= value <= high:
            raise ContractError(f"{where}: {key} {value} is outside {a.kind}")
        if key != "default" and a.kind in INTEGERS and abs(value) > EXACT:
            raise ContractError(f"{where}: {key} {value} is above 2^53: ranges are compared in double")
    if a.min is not None and a.max is not None and a.min > a.max:
        raise ContractError(f"{where}: min {a.min} is above max {a.max}")
    if a.default is not None and (a.min is not None and a.default < a.min or a.max is not None and a.default > a.max):
        raise ContractError(f"{where}: default {a.default} is outside its range")


def check_option(op: Op, a: Arg) -> None:
    """Zero is every option's default, so zero must be allowed."""
    where = f"{op.where}: options: {a.name}"
    if a.is_tensor:
        if not a.optional or a.kind != "in":
            raise ContractError(f"{where}: a tensor among the options is optional and only read")
        return
    if a.min is not None and a.min > 0 or a.max is not None and a.max < 0:
        raise ContractError(f"{where}: 0 means the default, and its range leaves 0 out")
    if a.default is not None:
        raise ContractError(f"{where}: an option's default is 0: it has no other")
    if a.kind == "enum" and 0 not in [v for _, v, _ in next(e for e in op.enums if e.name == a.enum).values]:
        raise ContractError(f"{where}: no value of {a.enum} is 0, which is the default")


def check_enum(where: str, e: Enum) -> None:
    where = f"{where}: enumeration {e.name}"
    check_name(where, e.name, "name")
    if len({v for _, v, _ in e.values}) < len(e.values) or len({n for n, _, _ in e.values}) < len(e.values):
        raise ContractError(f"{where}: two values are the same")
    numbers = [v for _, v, _ in e.values]
    if not INTEGERS["i32"][0] <= min(numbers) <= max(numbers) <= INTEGERS["i32"][1]:
        raise ContractError(f"{where}: values are 32 bits wide")
    if max(numbers) - min(numbers) >= len(numbers):
        raise ContractError(f"{where}: values leave a gap: a number in it would pass the check of the range")
    for name, _, _ in e.values:
        # Python's members are upper case and None is no problem there.
        if not NAME.fullmatch(name) or name in KEYWORDS:
            raise ContractError(f"{where}: value {name!r} is no name in every language")
    if len({name.replace("_", "") for name, _, _ in e.values}) < len(e.values):
        raise ContractError(f"{where}: two values are the same without _, as Rust has them")


def check_kernel(op: Op, k: Kernel) -> None:
    where = f"{op.where}: kernel {k.name}"
    for name in (k.name, k.stage):
        if not re.fullmatch(r"\w+", name, re.ASCII):
            raise ContractError(f"{where}: {name!r} is no name")
    for name in k.tune:
        check_name(where, name, "tune")
    check_cpp(f"{where}: body", k.body)
    check_cpp(f"{where}: when", k.when)
    if bad := re.search(r";|->|#", k.when):
        raise ContractError(f"{where}: when: {k.when!r} has {bad[0]}: an expression over the fields of p, p.field")
    if k.name == "cpu":
        raise ContractError(f"{where}: cpu is the reference's name")
    if not 1 <= k.threads <= 1024:
        raise ContractError(f"{where}: {k.threads} threads, expected 1 to 1024")
    if not re.fullmatch(r"[\w.-]+\.(hip|h)", k.source, re.ASCII):
        raise ContractError(f"{where}: source {k.source!r}: expected a .hip or .h file of the family's folder")
    if not (op.folder / k.source).is_file():
        raise ContractError(f"{where}: {k.source} does not exist")
    if not re.fullmatch(rf"{op.name}(_[\w{{}}]+)?", k.module, re.ASCII):
        raise ContractError(f"{where}: module {k.module!r} does not begin with the operation's name")
    for target in k.targets:
        if target != "*" and not is_target(target) or target == "*" and len(k.targets) > 1:
            raise ContractError(f"{where}: targets {k.targets}: expected [\"*\"], or names of targets or their beginnings")
    for target in k.tuned:
        if not is_target(target):
            raise ContractError(f"{where}: tune/{target}.toml: there is no target {target}")
        if hidden := [t for t in k.tuned if t.startswith(target) and t != target]:
            raise ContractError(f"{where}: tune/{target}.toml also serves {hidden[0]}, whose numbers would never be read")
    variables = {v.name: v for v in op.variables}
    for name, served in k.dtypes.items():
        if name not in variables:
            raise ContractError(f"{where}: dtypes.{name}: the operation has no such variable")
        allowed = set(variables[name].allowed)
        if variables[name].same_as:
            allowed |= set(variables[variables[name].same_as].allowed)
        if len(set(served)) < len(served):
            raise ContractError(f"{where}: dtypes.{name}: a dtype is there twice")
        if set(served) - allowed:
            raise ContractError(f"{where}: dtypes.{name}: the contract does not allow {', '.join(sorted(set(served) - allowed))}")
    for symbol, values in k.edges.items():
        if symbol not in op.dims:
            raise ContractError(f"{where}: edges.{symbol}: no tensor has that extent")
        if bad := [v for v in values if not is_int(v) or not 0 < v <= INTEGERS["i32"][1]]:
            raise ContractError(f"{where}: edges.{symbol}: {bad[0]!r}, expected an extent of 1 or more")
        if len(set(values)) < len(values):
            raise ContractError(f"{where}: edges.{symbol}: an extent is there twice")
    first = next((v for v in op.variables if "{" + v.name + "}" in k.symbol), None)
    for dtype, blocks in k.resident.items():
        if not is_int(blocks) or not 1 <= blocks <= 32:
            raise ContractError(f"{where}: resident.{dtype}: {blocks!r} blocks, expected 1 to 32")
        if dtype != "*" and (first is None or dtype not in variables[first.name].allowed):
            raise ContractError(f"{where}: resident.{dtype}: no instance begins with that dtype")
    params = {name for _, name in op.params}
    for field in re.findall(r"\bp\.(\w+)", k.when):
        if params and field not in params:
            raise ContractError(f"{where}: when: {op.shares}_params has no field {field}")


def check_last_rows(op: Op) -> None:
    """Each stage ends with a row that takes every call on every target, and no row before it does."""
    if "main" not in op.stages:
        raise ContractError(f"{op.where}: no kernel has the stage main")
    launches = "".join(p.read_text() for p in sorted(op.folder.glob("launch*.cpp")))
    for stage in op.stages:
        if stage != "main" and f'"{stage}"' not in launches:
            raise ContractError(f"{op.where}: no launch.cpp of the family runs the stage {stage}")
        *others, last = [k for k in op.kernels if k.stage == stage]
        for k in others:
            if not (k.when or k.dtypes) and k.targets == ["*"]:
                raise ContractError(f"{op.where}: kernel {k.name}: takes every call, so that {last.name} would never serve")
        if last.when or last.dtypes or last.targets != ["*"]:
            raise ContractError(f"{op.where}: kernel {last.name}: the last row of {stage} must take every call: no condition, "
                                "all dtypes, all targets")


def check_tune(where: str, rows: list[Kernel]) -> None:
    for k in rows:
        for key, value in [item for numbers in k.tuned.values() for item in numbers.items()]:
            if not is_int(value) or not INTEGERS["i32"][0] <= value <= INTEGERS["i32"][1]:
                raise ContractError(f"{where}: kernel {k.name}: {key} is {value!r} for a target, expected a 32-bit integer")
        if list(k.tune) != list(rows[0].tune):
            raise ContractError(f"{where}: kernel {k.name}: tune has {list(k.tune)}, {rows[0].name} has {list(rows[0].tune)}: "
                                "the same keys in the same order")
        for key, value in k.tune.items():
            if not is_int(value) or not INTEGERS["i32"][0] <= value <= INTEGERS["i32"][1]:
                raise ContractError(f"{where}: kernel {k.name}: tune.{key} is {value!r}, expected a 32-bit integer")


def check_aliasing(op: Op) -> None:
    """What the text says of aliasing is what the arguments' fields say: "output may be gate or up" is alias = [...]."""
    where = f"{op.where}: aliasing"
    text = op.aliasing.replace("\n", " ")
    pairs = {(a.name, other) for a in op.tensors for other in a.alias}
    names = {a.name for a in op.tensors}
    said = set()
    for one, others in re.findall(r"\b(\w+) may be (\w+(?:(?:, or |, | or )\w+)*)", text):
        said |= {(one, other) for other in re.split(r", or |, | or ", others) if {one, other} <= names}
    if missing := sorted(pairs - said):
        raise ContractError(f"{where}: does not say that {missing[0][0]} may be {missing[0][1]}, as alias does")
    if more := sorted(said - pairs):
        raise ContractError(f"{where}: says that {more[0][0]} may be {more[0][1]}, and alias does not")
    if pairs and re.match(r"none\b", text):
        raise ContractError(f"{where}: says none, but {min(pairs)[0]} may be {min(pairs)[1]}")
    for clause in re.split(r"[;.]", text):
        if "may not overlap" not in clause and "o two tensors" not in clause:
            continue
        for one, other in sorted(pairs):
            if "o two tensors" in clause or {one, other} <= set(re.findall(r"\w+", clause.split("may be")[-1])):
                raise ContractError(f"{where}: says that {one} and {other} may not overlap, but alias allows it")
    if not pairs and not re.match(r"none\b", text) and not re.search(r"may not overlap|o two tensors", text):
        raise ContractError(f"{where}: says neither \"none\" nor what may not overlap")


def check_texts(op: Op) -> None:
    check_name(op.where, op.name, "the name")
    texts = {"summary": op.summary, "formula": op.formula, "numerics": op.numerics, "aliasing": op.aliasing, "source": op.source,
             "workspace": op.workspace, "safety": op.safety, **{f"dims.{k}": v for k, v in op.dims.items()},
             **{a.name: a.doc for a in op.args + op.options}, **{f"errors.{s}": w for s, w in op.errors},
             **{f"enumeration {e.name}": e.doc for e in op.enums},
             **{f"enumeration {e.name}.{n}": d for e in op.enums for n, _, d in e.values}}
    for what, text in texts.items():
        if "\n" in text or "*/" in text or text.endswith("\\") or '"""' in text:
            raise ContractError(f"{op.where}: {what}: a comment of C or Python cannot hold this text: one line, no */ or \"\"\", no "
                                "\\ at its end")
        if what.startswith("enumeration ") and re.search(r'\\|"$', text):
            raise ContractError(f"{op.where}: {what}: a text of Python cannot hold this: no \\, and no \" at its end")


def check_op(op: Op) -> None:
    check_texts(op)
    refuse_more(op.where, len(op.tensors), "tensors", "max_tensors")
    refuse_more(op.where, len(op.variables), "dtype variables", "max_dtypes")
    refuse_more(op.where, len(op.dims), "symbols", "max_symbols")
    names = [a.name for a in op.args + op.options]
    for name in names:
        check_name(op.where, name, "the argument")
        own = {f"{op.name}_table", *(f"{op.shares}_{t}" for t in GROUP_TYPES), *(f"{other}_raw" for other in names)}
        if names.count(name) > 1 or name in TAKEN | own or name.startswith("hipinfer_"):
            raise ContractError(f"{op.where}: {name}: the name is taken")
    if all(a.kind == "in" for a in op.tensors):
        raise ContractError(f"{op.where}: args: no tensor is written")
    first = next((i for i, a in enumerate(op.args) if a.kind not in ("out", "inout")), len(op.args))
    if late := [a.name for a in op.args[first:] if a.kind == "out"]:
        raise ContractError(f"{op.where}: args: {late[0]} comes after {op.args[first].name}: outputs first")
    for v in op.variables:
        check_name(op.where, v.name, "the dtype variable")
        if len(set(v.allowed)) < len(v.allowed):
            raise ContractError(f"{op.where}: dtypes.{v.name}: a dtype is there twice")
        if v.same_as and op.variables[op.variable_index(v.same_as)].same_as:
            raise ContractError(f"{op.where}: dtypes.{v.name}: {v.same_as} follows another variable itself")
        if unknown := [d for d in v.allowed if d not in DTYPES]:
            raise ContractError(f"{op.where}: dtypes.{v.name}: {unknown[0]!r} is no dtype")
        if v.same_as and op.variable_index(v.same_as) > op.variable_index(v.name):
            raise ContractError(f"{op.where}: dtypes.{v.name}: {v.same_as} must come before it")
    for a in op.args + op.options:
        check_tensor(op, a) if a.is_tensor else check_scalar(op, a)
        if a.contents:
            check_contents(op, a)
    for a in op.options:
        check_option(op, a)
    check_aliasing(op)
    statuses = STATUSES.findall((ROOT / "include/hipinfer/types.h").read_text())
    for status, _ in op.errors:
        if status not in statuses:
            raise ContractError(f"{op.where}: errors: there is no status {status}")
    for e in op.enums:
        check_enum(op.where, e)
    rows = [k.name for k in op.kernels]
    for name in rows:
        if rows.count(name) > 1:
            raise ContractError(f"{op.where}: two kernels are named {name}")
    for k in op.kernels:
        check_kernel(op, k)
    check_last_rows(op)
    refuse_more(op.where, len(op.edges), "edges", "max_edges")


def check_group(group: Group) -> None:
    """What operations share must mean the same in each: one C++ struct holds it."""
    first: dict[str, tuple[str, Arg]] = {}
    for op in group.ops:
        for a in op.args + op.options:
            where, other = first.setdefault(a.name, (op.name, a))
            kinds = [("tensor" if x.is_tensor else x.kind, x.enum) for x in (a, other)]
            if kinds[0] != kinds[1]:
                raise ContractError(f"{op.where}: {a.name} is a {a.kind}, in {where} a {other.kind}: they share {group.name}_args")
        for name, value in op.traits.items():
            check_name(op.where, name, "the trait")
            if name in GROUP_TYPES:
                raise ContractError(f"{op.where}: the trait {name}: {group.name}_{name} is something else")
            if isinstance(value, str):
                check_name(op.where, value, f"traits.{name}")
            elif not isinstance(value, int) or not INTEGERS["i32"][0] <= value <= INTEGERS["i32"][1]:
                raise ContractError(f"{op.where}: traits.{name}: {value!r}, expected a number of 32 bits, a text or a boolean")
        if list(op.traits) != list(group.ops[0].traits):
            raise ContractError(f"{op.where}: traits {list(op.traits)}, {group.ops[0].name} has {list(group.ops[0].traits)}")
    if without := [op for op in group.ops if bool(op.workspace) != group.workspace]:
        raise ContractError(f"{without[0].where}: operations of {group.name} either all have a workspace or none")
    for name, values in group.traits.items():
        if len({type(v) for v in values}) > 1:
            raise ContractError(f"{group.ops[0].where}: traits.{name}: {values}, expected numbers, or texts, or booleans")
    check_tune(group.ops[0].where, [k for op in group.ops for k in op.kernels])


def check_families(families: list[Family]) -> None:
    ops = [op for f in families for op in f.ops]
    enums: dict[str, tuple[str, object]] = {}
    owners: dict[str, str] = {}
    symbols: dict[str, Op] = {}
    modules: dict[str, Op] = {}
    for op in ops:
        check_op(op)
        if [o.name for o in ops].count(op.name) > 1:
            raise ContractError(f"{op.where}: two operations are named {op.name}")
        for e in op.enums:
            if e.name in public_names() | core_names() | TAKEN:
                raise ContractError(f"{op.where}: enumeration {e.name}: the name is taken: hipinfer has it already")
            where, other = enums.setdefault(e.name, (op.where, e))
            if other != e:
                raise ContractError(f"{op.where}: enumeration {e.name} has another meaning in {where}")
        if op.name in FILES or op.shares in FILES:
            raise ContractError(f"{op.where}: {op.name if op.name in FILES else op.shares}: a file of the generator has that name")
        for k in op.kernels:
            for symbol, module, _ in op.instances(k):
                for table, name in ((symbols, symbol), (modules, module)):
                    if table.setdefault(name, op) is not op:
                        raise ContractError(f"{op.where}: kernel {k.name}: {table[name].name} also has a {name}")
    for family in families:
        for group in family.groups:
            check_name(family.name, group.name, "shares")
            owner = owners.setdefault(group.name, family.name)
            if owner != family.name or group.name in {o.name for o in ops} - {o.name for o in group.ops}:
                raise ContractError(f"{family.name}/family.toml: shares = {group.name!r} is the name of something else")
            check_group(group)
    check_cpp_names(families)


def check_cpp_names(families: list[Family]) -> None:
    """What is generated into the namespace hipinfer, and the constants of C, have names of their own."""
    found = {name: "something in src/core" for name in core_names()}
    headers = "".join((SOURCES.parent / "include/hipinfer" / name).read_text() for name in ("types.h", "hipinfer.h"))
    found |= {name: "something in include/hipinfer" for name in re.findall(r"\bHIPINFER_\w+", headers)}

    def claim(where: str, name: str, what: str) -> None:
        if found.setdefault(name, what) != what:
            raise ContractError(f"{where}: {name}: the name of {what} is that of {found[name]}, too")

    for family in families:
        for group in family.groups:
            for kind in GROUP_TYPES:
                claim(group.ops[0].where, f"{group.name}_{kind}", f"the {kind} of {group.name}")
            for name in group.traits:
                claim(group.ops[0].where, f"{group.name}_{name}", f"the trait {name} of {group.name}")
            for e in group.enums:
                claim(group.ops[0].where, e.name, f"the enumeration {e.name}")
                claim(group.ops[0].where, f"hipinfer_{e.name}", f"the enumeration {e.name}")
                for value, _, _ in e.values:
                    claim(group.ops[0].where, f"HIPINFER_{e.name}_{value}".upper(), f"{value} of {e.name}")
        for op in family.ops:
            claim(op.where, f"{op.name}_table", f"the table of {op.name}")
            claim(op.where, f"hipinfer_{op.name}", f"the operation {op.name}")
            if op.options:
                claim(op.where, f"hipinfer_{op.name}_options", f"the options of {op.name}")
            if op.workspace:
                claim(op.where, f"hipinfer_{op.name}_workspace_bytes", f"the workspace of {op.name}")
