# SPDX-License-Identifier: Apache-2.0
"""Reads src/ops/<family>/family.toml (docs/contract.md is its grammar). An empty or unknown field is an error: what is
not said here would be missing from the header, the bindings and the README."""

from __future__ import annotations

import copy
import datetime
import itertools
import re
import tomllib
import unicodedata
from pathlib import Path

import kernels
from check import check_families, check_name, check_operation_name
from model import LAYOUTS, ROOT, SCALAR_TYPES, TENSOR_KINDS, Arg, Contents, ContractError, Dim, Enum, Family, Kernel, Op, Variable

TEXTS = ("summary", "formula", "numerics", "aliasing", "source")
PLACEHOLDER = re.compile(r"\$(?:\{([\w.]+)\}|([A-Za-z_]\w*(?:\.\w+)?))")


def take(table: dict, key: str, kind: type, where: str, default=None):
    """Removes a field and gives its value; without a default it must be there, and it may not be empty."""
    if key not in table:
        if default is not None:
            return default
        raise ContractError(f"{where}: {key} is missing")
    value = table.pop(key)
    if not isinstance(value, kind) or isinstance(value, bool) and kind is int:
        raise ContractError(f"{where}: {key} is a {type(value).__name__}, expected {kind.__name__}")
    if isinstance(value, (str, list, dict)) and not value or isinstance(value, str) and not value.strip():
        raise ContractError(f"{where}: {key} is empty")
    return value


def done(table: dict, where: str) -> None:
    if table:
        raise ContractError(f"{where}: unknown field {', '.join(map(str, table))}")


def texts_of(table: dict, where: str) -> None:
    """Every value of a table is a text that says something."""
    for key in table:
        take(dict(table), key, str, where)


def words_of(table: dict, key: str, where: str, default=None) -> list[str]:
    """A list of texts."""
    found = take(table, key, list, where, default)
    for value in found:
        if not isinstance(value, str) or not value.strip():
            raise ContractError(f"{where}: {key} has {value!r}, expected texts")
    return found


def tables_of(table: dict, key: str, where: str, default=None) -> list[dict]:
    """A list of tables."""
    found = take(table, key, list, where, default)
    for value in found:
        if not isinstance(value, dict):
            raise ContractError(f"{where}: {key} has {value!r}, expected tables")
    return found


def read_text(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as e:
        raise ContractError(f"{where}: is not UTF-8: {e}") from None


def strings_of(value, place: str = ""):
    """(place, text) of every text of a value, names too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield place, key
            yield from strings_of(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner, place)
    elif isinstance(value, str):
        yield place, value


def read_toml(path: Path, where: str) -> dict:
    try:
        t = tomllib.loads(read_text(path, where))
    except tomllib.TOMLDecodeError as e:
        raise ContractError(f"{where}: {e}") from e
    for place, text in strings_of(t):
        # check.py has a message of its own for a line's end.
        if bad := [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Zl", "Zp")]:
            raise ContractError(f"{where}: {place}: {text!r} has the control character {bad[0]!r}")
    return t


def combinations(each: dict, where: str) -> list[dict]:
    """Every choice of one value for each name of `each`."""
    for name in each:
        for value in take(dict(each), name, list, f"{where}: each"):
            if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
                raise ContractError(f"{where}: each.{name} has {value!r}, expected texts or whole numbers")
        if len({str(v) for v in each[name]}) < len(each[name]):
            raise ContractError(f"{where}: each.{name}: a value is there twice")
    return [dict(zip(each, values)) for values in itertools.product(*each.values())]


def expand(value, scope: dict[str, str], where: str):
    """Puts what the scope knows in the place of $word and $word.field, in every text of a value."""
    if isinstance(value, list):
        return [expand(v, scope, where) for v in value]
    if isinstance(value, dict):
        return {k: expand(v, scope, where) for k, v in value.items()}
    if not isinstance(value, str):
        return value

    def known(m: re.Match) -> str:
        word = m[1] or m[2]
        if word not in scope:
            raise ContractError(f"{where}: ${word} in {value!r} is unknown; known are "
                                f"{', '.join('$' + w for w in scope) or 'none'}")
        return str(scope[word])

    return PLACEHOLDER.sub(known, value)


def extent(text: str, where: str) -> Dim:
    try:
        return Dim.parse(text)
    except ContractError as e:
        raise ContractError(f"{where}: {e}") from None


def read_contents(t: dict, where: str) -> Contents:
    where = f"{where}: contents"

    def listed(key: str) -> list:
        if t.get(key) == []:
            raise ContractError(f"{where}: {key} is empty")
        value = t.pop(key, [])
        return value if isinstance(value, list) else [value]

    low = extent(str(t.pop("at_least")), where) if "at_least" in t else None
    below, most = ([extent(str(b), where) for b in listed(key)] for key in ("below", "at_most"))
    if below and most:
        raise ContractError(f"{where}: say either below or at_most")
    highs = below or most
    if highs and "of" not in t:
        raise ContractError(f"{where}: of is missing")
    of = listed("of") if highs else []
    if len(of) != len(highs) or not all(isinstance(text, str) for text in of):
        raise ContractError(f"{where}: of: {len(highs)} texts are wanted, one for each bound")
    c = Contents(low, highs, bool(below), of, take(t, "ascending", bool, where, False),
                 take(t, "within", str, where, " ").strip(), take(t, "owners", str, where, " ").strip(),
                 take(t, "negative_is_none", bool, where, False))
    done(t, where)
    if not (c.low or c.high or c.ascending):
        raise ContractError(f"{where}: says nothing: give at_least, below, at_most or ascending")
    return c


def read_arg(t: dict, where: str) -> Arg:
    name, kind = take(t, "name", str, where), take(t, "kind", str, where)
    where = f"{where}: {name}"
    if kind not in (*TENSOR_KINDS, *SCALAR_TYPES):
        raise ContractError(f"{where}: kind {kind!r}, expected one of {', '.join((*TENSOR_KINDS, *SCALAR_TYPES))}")
    a = Arg(name, kind, take(t, "doc", str, where))
    if not a.is_tensor:
        a.min, a.max, a.default = t.pop("min", None), t.pop("max", None), t.pop("default", None)
        if kind == "enum":
            a.enum = take(t, "enum", str, where)
        done(t, where)
        return a
    a.dtype = take(t, "dtype", str, where)
    shapes = t.pop("shape", None)
    shapes = [shapes] if isinstance(shapes, str) else shapes
    if not isinstance(shapes, list) or not shapes or not all(isinstance(s, str) and s.split() for s in shapes):
        raise ContractError(f"{where}: shape is missing or empty")
    a.shape_text = shapes
    a.shapes = [] if shapes == ["..."] else [[extent(d, where) for d in s.split()] for s in shapes]
    a.optional = take(t, "optional", bool, where, False)
    a.alias = words_of(t, "alias", where, [])
    a.layout = t.pop("strides", "rows")
    if "contents" in t:
        a.contents = read_contents(take(t, "contents", dict, where), where)
    if a.layout not in LAYOUTS:
        raise ContractError(f"{where}: strides {a.layout!r}, expected one of {', '.join(LAYOUTS)}")
    done(t, where)
    return a


def read_enum(name: str, t: dict, where: str) -> Enum:
    where = f"{where}: enumeration {name}"
    values = []
    for v in tables_of(t, "values", where):
        values.append((take(v, "name", str, where), take(v, "value", int, where), take(v, "doc", str, where)))
        done(v, f"{where}: {values[-1][0]}")
    e = Enum(name, take(t, "doc", str, where), values)
    done(t, where)
    return e


def read_basis(t: dict, where: str) -> None:
    """What a row's numbers rest on: `measured`, with what, device and date, or `guess`, with a reason."""
    if ("measured" in t) == ("guess" in t):
        raise ContractError(f"{where}: say either measured = {{ what, device, date }} or guess = \"why\"")
    if "guess" in t:
        take(t, "guess", str, where)
        return
    m = take(t, "measured", dict, where)
    for key in ("what", "device"):
        take(m, key, str, f"{where}: measured")
    date = str(m.pop("date", ""))
    try:
        datetime.date.fromisoformat(date if re.fullmatch(r"\d{4}-\d{2}-\d{2}", date) else "")
    except ValueError:
        raise ContractError(f"{where}: measured.date: expected a date") from None
    done(m, f"{where}: measured")


def number(value):
    """What `each` made of a text, if it is a whole number; check.py refuses the rest."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d+", value) else value


def refuse_shadows(names, op: Op, where: str) -> None:
    """$op, $row, $threads, $tune.KEY and dtype variables mean the same in the body of every kernel."""
    for name in names:
        if name in ("op", "row", "threads", "tune") or name in [v.name for v in op.variables]:
            raise ContractError(f"{where}: {name}: ${name} is something else in kernels")


def rows_of(table: dict, op: Op, scope: dict[str, str], op_words: dict[str, str], where: str) -> list[Kernel]:
    """The rows of one [[kernels]] table for one operation: a row for each combination of `each`."""
    # A dtype variable stays a placeholder: {data} in symbols, and each instance's own type in the body.
    kept = {v.name: "{" + v.name + "}" for v in op.variables}
    refuse_shadows(scope, op, f"{where}: [texts] and [axes]")
    refuse_shadows(op_words, op, f"{where}: words")
    scope = scope | expand(op_words, scope | kept, where)
    rows = []
    each = take(table, "each", dict, where, {})
    refuse_shadows(each, op, f"{where}: kernels: each")
    for values in combinations(each, where):
        words = {**scope, "op": op.name, **{k: str(v) for k, v in values.items()}}
        t = copy.deepcopy(table)
        name = expand(take(t, "name", str, where), words, where)
        row_where = f"{where}: kernel {name}"
        # Numbers may be made of what `each` varies.
        if "threads" in t:
            t["threads"] = number(expand(t["threads"], words, row_where))
        threads = take(t, "threads", int, row_where)
        tune = {k: number(expand(v, words, row_where)) for k, v in take(t, "tune", dict, row_where, {}).items()}
        words |= {"row": name, "threads": str(threads), **{f"tune.{k}": str(v) for k, v in tune.items()}}
        body = expand(take(t, "body", str, row_where), words | kept, row_where)
        used = [v.name for v in op.variables if "{" + v.name + "}" in body]
        symbol = "_".join([op.name, name, *("{" + v + "}" for v in used)])
        module = expand(take(t, "module", str, row_where, "$op"), words | kept, row_where)
        resident = t.pop("resident", {})
        if not isinstance(resident, (int, dict)) or isinstance(resident, bool):
            raise ContractError(f"{row_where}: resident is {resident!r}, expected a number, or one for each dtype")
        rest = {"tune": tune,
                "when": expand(take(t, "when", str, row_where, " ").strip(), words, row_where),
                "stage": expand(take(t, "stage", str, row_where, "main"), words, row_where),
                "targets": expand(words_of(t, "targets", row_where, ["*"]), words, row_where)}
        for key in ("dtypes", "edges"):
            lists = take(t, key, dict, row_where, {})
            for listed in lists:
                if key == "dtypes":
                    words_of(dict(lists), listed, f"{row_where}: {key}")
                take(dict(lists), listed, list, f"{row_where}: {key}")
            rest[key] = expand(lists, words, row_where)
        rest["edges"] = {symbol: [number(v) for v in values] for symbol, values in rest["edges"].items()}
        read_basis(t, row_where)
        source = expand(take(t, "source", str, row_where), words, row_where)
        done(t, row_where)
        rows.append(Kernel(name, source, symbol=symbol, module=module, threads=threads, body=body,
                           resident={"*": resident} if isinstance(resident, int) else resident, **rest))
    return rows


class FamilyFile:
    """One family.toml: what its operations share, and the operations."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.where = folder, f"{folder.name}/family.toml"
        t = read_toml(folder / "family.toml", self.where)
        self.placeholders = {m[1] or m[2] for _, text in strings_of(t) for m in PLACEHOLDER.finditer(text)}
        self.since = take(t, "since", str, self.where) if "since" in t else None
        self.example = take(t, "example", dict, self.where, {})
        self.dims, self.dtypes, self.arguments, self.options, self.enums, self.axes, self.texts = (
            take(t, key, dict, self.where, {})
            for key in ("dims", "dtypes", "arguments", "options", "enumerations", "axes", "texts"))
        self.kernels = tables_of(t, "kernels", self.where, [])
        for row in self.kernels:
            if "group" in row:
                take(dict(row), "group", str, f"{self.where}: kernels")
        ops = tables_of(t, "ops", self.where)
        done(t, self.where)
        self.check_shared()
        self.used: set[tuple[str, str]] = set()
        self.each: dict[int, dict] = {}
        self.family = Family(folder.name, folder, [op for entry in ops for op in self.read_entry(entry)])
        self.check_used()
        self.check_axes(ops)
        self.read_tuning()

    def check_shared(self) -> None:
        """The shared tables have the form that operations rely on."""
        texts_of(self.dims, f"{self.where}: [dims]")
        texts_of(self.texts, f"{self.where}: [texts]")
        for table, name in ((self.arguments, "arguments"), (self.options, "options"), (self.enums, "enumerations"),
                            (self.axes, "axes")):
            for key in table:
                take(dict(table), key, dict, f"{self.where}: [{name}]")
        for axis, values in self.axes.items():
            for value in values:
                # A value without texts of its own is an empty table.
                if not isinstance(values[value], dict):
                    raise ContractError(f"{self.where}: [axes.{axis}]: {value} is no table")
                texts_of(values[value], f"{self.where}: [axes.{axis}.{value}]")
        # Texts are put into fields as they are.
        for place, text in strings_of({"texts": self.texts, "axes": self.axes}):
            if m := PLACEHOLDER.search(text):
                raise ContractError(f"{self.where}: [{place}]: {m[0]} in {text!r}: a shared text refers to no other")

    def check_used(self) -> None:
        """What no operation has would be text that nobody reads."""
        for kind, table, title in (("argument", self.arguments, "arguments"), ("option", self.options, "options"),
                                   ("enumeration", self.enums, "enumerations")):
            if left := [name for name in table if (kind, name) not in self.used]:
                raise ContractError(f"{self.where}: [{title}.{left[0]}]: no operation has it")
        variables = {v.name for op in self.family.ops for v in op.variables}
        dims = {d for op in self.family.ops for d in op.dims}
        examples = {name for op in self.family.ops for name in op.example}
        for table, used, title in ((self.dims, dims, "dims"), (self.dtypes, variables, "dtypes"), (self.example, examples, "example")):
            if left := [name for name in table if name not in used]:
                raise ContractError(f"{self.where}: [{title}]: {left[0]}: no operation has it")
        if left := [name for name in self.texts if name not in self.placeholders]:
            raise ContractError(f"{self.where}: [texts]: {left[0]}: nothing refers to it")
        groups = [r["group"] for r in self.kernels if "group" in r]
        if left := [g for g in groups if ("group", g) not in self.used]:
            raise ContractError(f"{self.where}: kernels: no operation has group = \"{left[0]}\"")

    def check_axes(self, entries: list[dict]) -> None:
        """Every axis, every value of one and every text of a value serves."""
        for axis, values in self.axes.items():
            chosen = {v for entry in entries for v in self.each[id(entry)].get(axis, [])}
            if left := [v for v in values if v not in chosen]:
                raise ContractError(f"{self.where}: [axes.{axis}.{left[0]}]: no operation has it")
            for value in values:
                if left := [key for key in values[value] if f"{axis}.{key}" not in self.placeholders]:
                    raise ContractError(f"{self.where}: [axes.{axis}.{value}]: {left[0]}: nothing refers to it")

    def read_entry(self, entry: dict) -> list[Op]:
        """[[ops]] is one operation, or with `each` one for each combination of values of the axes it names."""
        where = f"{self.where}: [[ops]] {entry.get('name', '')!r}"
        found = []
        self.each[id(entry)] = each = take(entry, "each", dict, where, {})
        for values in combinations(each, where):
            scope = dict(self.texts)
            for axis, value in values.items():
                if value not in self.axes.get(axis, {}):
                    raise ContractError(f"{self.where}: each.{axis}: [axes.{axis}] has no {value!r}")
                scope[axis] = value
                scope |= {f"{axis}.{k}": v for k, v in self.axes[axis][value].items()}
            t = copy.deepcopy(entry)
            rows = t.pop("kernels", None)
            words = take(t, "words", dict, where, {})
            texts_of(words, f"{where}: words")
            t = expand(t, scope, where)
            found.append(self.read_op(t, rows, scope, words))
        return found

    def shared(self, kind: str, table: dict, item, where: str) -> dict:
        """An argument or option: the family's of that name, or with fields of its own over that one's."""
        if not isinstance(item, (str, dict)):
            raise ContractError(f"{where}: {kind} {item!r}, expected a name or a table")
        own = {"name": item} if isinstance(item, str) else dict(item)
        name = take(dict(own), "name", str, where)
        self.used.add((kind, name))
        if isinstance(item, str) and name not in table:
            raise ContractError(f"{where}: the family has no {kind} {name!r}")
        return {**copy.deepcopy(table.get(name, {})), **own}

    def read_op(self, t: dict, rows, scope: dict[str, str], words: dict[str, str]) -> Op:
        name = take(t, "name", str, self.where)
        where = f"{self.where}: {name}"
        check_operation_name(where, name)
        since = take(t, "since", str, where, self.since)
        if since is None:
            raise ContractError(f"{where}: since is missing, here and in the family")
        if not re.fullmatch(r"\d+\.\d+(\.\d+)?", since):
            raise ContractError(f"{where}: since {since!r}, expected a version, \"0.1\"")
        texts = {key: take(t, key, str, where) for key in TEXTS}
        args = [read_arg(expand(self.shared("argument", self.arguments, a, where), scope, where), where)
                for a in take(t, "args", list, where)]
        options = [read_arg(expand(self.shared("option", self.options, o, where), scope, where), f"{where}: options")
                   for o in take(t, "options", list, where, [])]
        own_dims = take(t, "dims", dict, where, {})
        texts_of(own_dims, f"{where}: dims")
        dims = {**self.dims, **own_dims}
        own_dtypes = take(t, "dtypes", dict, where, {})
        dtypes = {**self.dtypes, **own_dtypes}
        op = Op(self.folder.name, self.folder, where, name, since, **texts, dims={}, variables=[], args=args, options=options)
        used = list(dict.fromkeys(d.symbol for a in op.tensors for s in a.shapes for d in s if d.symbol))
        op.dims = {k: v for k, v in dims.items() if k in used}
        op.variables = self.variables(dtypes, op, where)
        for own, serving, title in ((own_dims, op.dims, "dims"), (own_dtypes, [v.name for v in op.variables], "dtypes")):
            if left := [key for key in own if key not in serving]:
                raise ContractError(f"{where}: {title}: {left[0]}: no tensor has it")
        own_example = take(t, "example", dict, where, {})
        exemplified = {*op.dims, *(v.name for v in op.variables), *(a.name for a in args + options)}
        if left := [key for key in own_example if key not in exemplified]:
            raise ContractError(f"{where}: example: {left[0]} is no symbol, dtype variable, argument or option of it")
        op.example = {key: value for key, value in {**self.example, **own_example}.items() if key in exemplified}
        op.shares = take(t, "shares", str, where, name)
        check_name(where, op.shares, "shares")
        op.traits = take(t, "traits", dict, where, {})
        op.workspace = take(t, "workspace", str, where, " ").strip()
        op.safety = take(t, "safety", str, where, " ").strip()
        for e in tables_of(t, "errors", where, []):
            op.errors.append((take(e, "status", str, f"{where}: errors"), take(e, "when", str, f"{where}: errors")))
            done(e, f"{where}: errors")
        wanted = dict.fromkeys(a.enum for a in args + options if a.kind == "enum")
        for e in wanted:
            if e not in self.enums:
                raise ContractError(f"{where}: the family has no enumeration {e!r}")
            self.used.add(("enumeration", e))
            op.enums.append(read_enum(e, copy.deepcopy(self.enums[e]), where))
        done(t, where)
        for row in self.rows_for(rows, where):
            op.kernels += rows_of(row, op, scope, words, where)
        missing = [s for s in used if s not in dims]
        if missing:
            raise ContractError(f"{where}: [dims] does not say what {', '.join(missing)} is")
        return op

    def rows_for(self, rows, where: str) -> list[dict]:
        """An operation's rows: its own tables, groups of the family's by name, or the family's that have no group."""
        if rows is None:
            chosen = [r for r in self.kernels if "group" not in r]
        elif not isinstance(rows, list) or len({type(r) for r in rows}) > 1 or not all(isinstance(r, (str, dict)) for r in rows):
            raise ContractError(f"{where}: kernels: expected the names of groups, or tables of its own")
        elif all(isinstance(r, str) for r in rows):
            chosen = []
            for group in rows:
                self.used.add(("group", group))
                of_group = [r for r in self.kernels if r.get("group") == group]
                if not of_group:
                    raise ContractError(f"{where}: no [[kernels]] of the family has group = {group!r}")
                chosen += of_group
        else:
            chosen = rows
            if any("group" in r for r in rows):
                raise ContractError(f"{where}: kernels: a row of one operation belongs to no group")
        if not chosen:
            raise ContractError(f"{where}: has no kernels")
        chosen = copy.deepcopy(chosen)
        for r in chosen:
            r.pop("group", None)
        return chosen

    def variables(self, dtypes: dict, op: Op, where: str) -> list[Variable]:
        needed = {a.dtype for a in op.tensors}
        unknown = sorted(needed - set(dtypes))
        if unknown:
            raise ContractError(f"{where}: dtype {unknown[0]!r} is not in [dtypes]")
        for name in dtypes:
            words_of(dict(dtypes), name, f"{where}: dtypes")
        for name in list(needed):
            needed |= {d for d in dtypes[name] if d in dtypes}
        found = []
        for name, allowed in dtypes.items():
            if name not in needed:
                continue
            same = [d for d in allowed if d in dtypes]
            if len(same) > 1 or not allowed:
                raise ContractError(f"{where}: dtypes.{name}: {allowed}, expected dtypes and at most one other variable")
            found.append(Variable(name, [d for d in allowed if d not in dtypes], same[0] if same else None))
        return found

    def read_tuning(self) -> None:
        """tune/<target>.toml: [[tune]] kernel = "op/row" (or "*/row"), numbers = {...}, and what they rest on."""
        for path in sorted((self.folder / "tune").glob("*.toml")):
            where = f"{self.folder.name}/tune/{path.name}"
            t = read_toml(path, where)
            for entry in tables_of(t, "tune", where):
                kernel = take(entry, "kernel", str, where)
                numbers = take(entry, "numbers", dict, where)
                read_basis(entry, f"{where}: {kernel}")
                done(entry, f"{where}: {kernel}")
                op_name, _, row = kernel.partition("/")
                rows = [k for op in self.family.ops if op_name in ("*", op.name) for k in op.kernels if k.name == row]
                if not rows:
                    raise ContractError(f"{where}: there is no kernel {kernel}")
                for k in rows:
                    if list(numbers) != list(k.tune):
                        raise ContractError(f"{where}: {kernel}: numbers {list(numbers)}, expected {list(k.tune)}")
                    if path.stem in k.tuned:
                        raise ContractError(f"{where}: {kernel}: has numbers twice")
                    k.tuned[path.stem] = numbers
            done(t, where)


def read_params(path: Path, name: str) -> list[tuple[str, str]]:
    """The fields of struct <name>_params. The grammar is narrow on purpose: `type name, name[n];` with a comment."""
    if not path.exists():
        raise ContractError(f"{path.parent.name}/params.h does not exist")
    text = re.sub(r"//[^\n]*", "", read_text(path, f"{path.parent.name}/params.h"))
    m = re.search(rf"struct {name}_params \{{(.*?)\}};", text, re.S)
    if not m:
        raise ContractError(f"{path.parent.name}/params.h: no struct {name}_params")
    fields = []
    for statement in filter(None, (s.strip() for s in m[1].split(";"))):
        f = re.fullmatch(r"((?:const )?[\w:]+(?:\s*\*)?)\s*(\w+(?:\[\w+\])*(?:\s*,\s*\w+(?:\[\w+\])*)*)", statement)
        if not f:
            raise ContractError(f"{path.parent.name}/params.h: cannot read {statement!r}; write `type name;`")
        fields += [(f[1], n.split("[")[0].strip()) for n in f[2].split(",")]
    return fields


def family_files(ops_folder: Path) -> list[Path]:
    return sorted(ops_folder.glob("*/family.toml"))


def read_all(ops_folder: Path = ROOT / "src/ops") -> list[Family]:
    families = []
    for path in family_files(ops_folder):
        family = FamilyFile(path.parent).family
        for group in family.groups:
            params = read_params(path.parent / "params.h", group.name)
            for op in group.ops:
                op.params = params
        families.append(family)
    check_families(families)
    kernels.share(families)
    return sorted(families, key=lambda f: f.name)
