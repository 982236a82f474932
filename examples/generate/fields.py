# SPDX-License-Identifier: Apache-2.0
"""What a checkpoint's JSON files and the options may hold. fields.json declares each field once, for this program and for the
one in Rust: its kind, its range, and its default, by family where transformers' differ. All refusals of values come from here."""

from __future__ import annotations

import json
import math
import re
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Dict, Iterator, List, Optional, Tuple

LARGEST_JSON = 100_000_000  # bytes; what the safetensors format allows a header
DEEPEST_JSON = 127  # levels; what serde_json reads
FIELDS: Dict[str, Dict[str, Any]] = json.loads(Path(__file__).with_name("fields.json").read_text(encoding="utf-8"))


class Refused(Exception):
    """Why a checkpoint cannot be served, or a command not be done: all reasons, each of one line."""

    def __init__(self, folder: Optional[Path], reasons: List[str]):
        if len(reasons) > 9:
            reasons = [*reasons[:8], f"... and {len(reasons) - 8} more"]
        self.reasons = [re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", r) for r in reasons]
        what = "this cannot be done" if folder is None else f"{folder} cannot be served"
        super().__init__(f"{what}:\n" + "\n".join(f"  - {r}" for r in self.reasons))


@contextmanager
def readable(folder: Path, name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise Refused(folder, [f"it has no {name}"]) from None
    except OSError as e:
        raise Refused(folder, [f"{name} cannot be read: {e.strerror}"]) from None


def open_file(folder: Path, name: str) -> Tuple[BinaryIO, int]:
    """A regular file of a checkpoint, and its size: a pipe would wait, and a device never end."""
    with readable(folder, name):
        about = (folder / name).stat()
        if not stat.S_ISREG(about.st_mode):
            raise Refused(folder, [f"{name} is no regular file"])
        return (folder / name).open("rb"), about.st_size


def read_file(folder: Path, name: str) -> bytes:
    file, size = open_file(folder, name)
    with file, readable(folder, name):
        if size > LARGEST_JSON:
            raise Refused(folder, [f"{name} has {size} bytes, expected at most {LARGEST_JSON}"])
        return file.read(size)


def read_json(folder: Path, name: str) -> Dict[str, Any]:
    return parse_json(folder, name, read_file(folder, name))


def parse_json(folder: Path, name: str, data: bytes) -> Dict[str, Any]:
    """Takes what serde_json takes: the json module also reads NaN, infinities, halves of surrogate pairs and any depth."""
    try:
        value = json.loads(data.decode("utf-8"), parse_int=whole_number)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")
        if depth(value) > DEEPEST_JSON:
            raise ValueError
    except (ValueError, RecursionError):
        raise Refused(folder, [f"{name} is not JSON in UTF-8, of finite numbers, at most {DEEPEST_JSON} levels deep"]) from None
    if not isinstance(value, dict):
        raise Refused(folder, [f"{name} is {describe(value)}, expected an object"])
    return value


def whole_number(text: str) -> object:
    """An int of 64 bits, signed or not; else the nearest float."""
    value = int(text)
    return value if -2**63 <= value < 2**64 and text != "-0" else float(text)


def depth(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


def describe(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, float):
        return repr(value).replace("e+", "e").replace("e-0", "e-")
    if isinstance(value, str) and len(value) > 60:
        value = value[:60] + "..."
    return json.dumps(value, ensure_ascii=False)


def expected(kind: Dict[str, Any]) -> str:
    if "whole" in kind:
        what = f"a multiple of {kind['step']}" if "step" in kind else "a whole number"
        text = "{} from {} to {}".format(what, *kind["whole"])
    elif "number" in kind:
        text = "a number {} {} to {}".format("above" if "above" in kind else "from", *map(describe, kind["number"]))
    elif "one_of" in kind:
        text = "one of " + ", ".join(kind["one_of"]) if len(kind["one_of"]) > 1 else describe(kind["one_of"][0])
    elif "list" in kind:
        text = f"a list of {kind['length']}" if "length" in kind else "a list"
    else:
        text = {"flag": "true or false", "text": "text", "object": "an object"}[next(iter(kind))]
    return text + (" or a list of such" if "or_list" in kind else "") + (" or null" if "null" in kind else "")


def fits(kind: Dict[str, Any], value: Any) -> bool:
    if value is None:
        return "null" in kind
    if "whole" in kind:
        low, high = kind["whole"]
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high and value % kind.get("step", 1) == 0
    if "number" in kind:
        low, high = kind["number"]
        return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high and (
            "above" not in kind or value > low)
    if "one_of" in kind:
        return isinstance(value, str) and value in kind["one_of"]
    if "list" in kind:
        return isinstance(value, list) and len(value) == kind.get("length", len(value))
    return isinstance(value, {"flag": bool, "text": str, "object": dict}[next(iter(kind))])


def fault(kind: Dict[str, Any], name: str, value: Any) -> Optional[str]:
    """What is wrong with a value, if anything is."""
    if isinstance(value, list) and ("or_list" in kind or "list" in kind and fits(kind, value)):
        item = kind.get("list") or {k: v for k, v in kind.items() if k not in ("or_list", "null")}
        return next(filter(None, (fault(item, f"{name}[{i}]", v) for i, v in enumerate(value))), None)
    return None if fits(kind, value) else f"{name} is {describe(value)}, expected {expected(kind)}"


def read_fields(section: str, raw: Dict[str, Any], reasons: List[str], family: str = "", prefix: str = "") -> Dict[str, Any]:
    """The declared fields of an object, with defaults in place of those that are missing; None for what is refused."""
    values: Dict[str, Any] = {}
    for name, kind in sorted(FIELDS[section].items()):
        value = raw.get(name, kind.get("defaults", {}).get(family, kind.get("default")))
        reason = fault(kind, prefix + name, value)
        if name not in raw:
            reason = f"{prefix}{name} is missing, expected {expected(kind)}" if reason and "optional" not in kind else None
        values[name] = None if reason else value
        if reason:
            reasons.append(reason)
    return values


def number_or_text(text: str) -> object:
    """What an option says: decimal digits are a number."""
    if re.fullmatch(r"[0-9+\-.eE]+", text):
        try:
            value = whole_number(text) if re.fullmatch("[+-]?[0-9]+", text) else float(text)
            return value if math.isfinite(value) else text
        except ValueError:
            pass
    return text
