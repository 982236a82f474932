#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Spoils the tiny model in many ways, and lets both generate examples serve each result: they end with 0 or 2 in good time and
in little memory, without a traceback or a panic, and say the same.

  hostile_checkpoints.py bindings/rust/target/debug/generate [--count 500] [--seed 0] [--only N] [--keep FOLDER]

A checkpoint follows from the seed and its number. Needs what the Python example needs: hipinfer on PYTHONPATH, and
HIPINFER_LIBRARY if the library is not installed.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import random
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "examples/tiny-model"
PYTHON = [sys.executable, str(ROOT / "examples/generate/generate.py")]
FIELDS = json.loads((ROOT / "examples/generate/fields.json").read_text())
SECONDS, MEMORY = 60, 4 << 30
JSON_FILES = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors.index.json")
# Values in JSON's own text, because some are none of Python's.
VALUES = (
    "null", "true", "false", "0", "-0", "-1", "1", "2", "3", "7", "8", "16", "24", "63", "64", "65", "256", "4096", "2147483647",
    "2147483648", "4294967296", "1000000000", "9223372036854775807", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "1" + "0" * 40, "1" + "0" * 400, "0.0", "-0.0", "0.5", "1.0", "64.0", "1e-5", "1e-7", "1e-320", "1e-400",
    "1e39", "1.7976931348623157e308", "1e999", "-1e999", "NaN", "Infinity", "-Infinity", '""', '"64"', '"silu"', '"llama"', '"null"',
    '"default"', '"BF16"', '"x\\n\\u0000\\u001b[2J"', '"\\ud800"', '"\\u2028\\u0085"', '"' + "x" * 5000 + '"', "[]", "[1]", "[null]",
    "[1, 2]", "[[1]]", "[64, 256]", "[0, 32768]", '["full_attention"]', '["sliding_attention", "full_attention"]', "{}", '{"a": 1}',
    '{"rope_type": "llama3"}', '{"rope_type": "yarn", "factor": 2.0}', '{"type": "linear", "factor": 2.0}', '{"rope_theta": 1e6}',
    '{"full_attention": {"rope_theta": 1.0}}', "[" * 100 + "]" * 100, "[" * 130 + "]" * 130, "[" * 100000 + "]" * 100000,
    '{"a":' * 5000 + "1" + "}" * 5000)


class Raw(str):
    """JSON text as it is."""


def dump(value) -> str:
    """JSON in which Raw stands as it is."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value)


def hostile(rng: random.Random) -> Raw:
    return Raw(rng.choice(VALUES))


def places(value, path=()):
    """The paths of all parts of a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def spoil_part(value, rng: random.Random):
    """Changes, drops, doubles or renames a part, the higher ones more often."""
    paths = [p for p in places(value) if p]
    if not paths:
        return hostile(rng)
    depth = rng.randint(1, max(map(len, paths)))
    path = rng.choice([p for p in paths if len(p) <= depth])
    at = value
    for key in path[:-1]:
        at = at[key]
    how, key = rng.random(), path[-1]
    if how < 0.7:
        at[key] = hostile(rng)
    elif how < 0.85:
        del at[key]
    elif isinstance(at, dict):
        at[rng.choice(("x", "", "rope_theta", "a\nb", key + key))] = at[key]
    else:
        at.insert(0, at[key])
    return value


def read_tensors(path: Path) -> tuple[dict, bytes]:
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    return json.loads(raw[8:8 + length]), raw[8 + length:]


def write_tensors(path: Path, header, data: bytes, length: int | None = None) -> None:
    text = dump(header).encode("utf-8", "surrogatepass")
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)


# What is done to a folder. Each takes it and the generator of its choices.


def spoil_config(folder: Path, rng: random.Random) -> None:
    config = json.loads((folder / "config.json").read_text())
    for _ in range(rng.randint(1, 3)):
        name = rng.choice(list(FIELDS["config.json"]))
        if rng.random() < 0.15:
            config.pop(name, None)
        else:
            config[name] = hostile(rng)
    (folder / "config.json").write_text(dump(config))


def another_family(folder: Path, rng: random.Random) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = rng.choice(("mistral", "qwen2", "qwen3", "mistral"))
    for name in ("sliding_window", "use_sliding_window", "max_window_layers", "layer_types", "eos_token_id"):
        if rng.random() < 0.4:
            config[name] = hostile(rng)
    (folder / "config.json").write_text(dump(config))


def spoil_rope(folder: Path, rng: random.Random) -> None:
    config = json.loads((folder / "config.json").read_text())
    for name in ("rope_scaling", "rope_parameters"):
        table = {"rope_type": rng.choice(("default", "linear", "llama3", "llama3", "dynamic")), "factor": 8.0, "low_freq_factor": 1.0,
                 "high_freq_factor": 4.0, "original_max_position_embeddings": 32, "rope_theta": 500000.0}
        for _ in range(rng.randint(0, 2)):
            key = rng.choice(list(table))
            if rng.random() < 0.3:
                del table[key]
            else:
                table[key] = hostile(rng)
        if rng.random() < 0.7:
            config[name] = table
    if rng.random() < 0.5:
        config.pop("rope_theta")
    (folder / "config.json").write_text(dump(config))


def spoil_generation(folder: Path, rng: random.Random) -> None:
    (folder / "generation_config.json").write_text(dump({"eos_token_id": rng.choice((hostile(rng), [2, hostile(rng)], [2, 13]))}))


def spoil_any_json(folder: Path, rng: random.Random) -> None:
    path = folder / rng.choice([n for n in JSON_FILES if (folder / n).exists()])
    path.write_text(dump(spoil_part(json.loads(path.read_text()), rng)))


def spoil_tokenizer(folder: Path, rng: random.Random) -> None:
    path = folder / "tokenizer.json"
    value = json.loads(path.read_text())
    part, choices = rng.choice((
        ("padding", ({"strategy": {"Fixed": 16}, "direction": "Left", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
                      "pad_token": "<pad>"}, hostile(rng))),
        ("truncation", ({"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}, hostile(rng))),
        ("normalizer", ({"type": "Precompiled", "precompiled_charsmap": "AAAA"}, {"type": "Lowercase"}, {"type": "Replace", "pattern": {
            "Regex": "(a*)*$"}, "content": "b"}, {"type": "Sequence", "normalizers": []}, {"type": "Prepend", "prepend": ""})),
        ("pre_tokenizer", ({"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}, {"type": "Split",
            "pattern": {"Regex": "("}, "behavior": "Isolated", "invert": False}, {"type": "Whitespace"}, {"type": "Digits"})),
        ("decoder", ({"type": "ByteFallback"}, {"type": "Strip", "content": " ", "start": 2**63, "stop": 0}, {"type": "WordPiece",
            "prefix": "", "cleanup": True}, {"type": "Metaspace", "replacement": "9", "prepend_scheme": "always"}, None,
            {"type": "ByteLevel"}, {"type": "CTC", "pad_token": "", "word_delimiter_token": "", "cleanup": True})),
        ("post_processor", (None, {"type": "TemplateProcessing", "single": "$A [X]", "pair": "$A", "special_tokens": {}}, {"type":
            "BertProcessing", "sep": ["a", 2**32 - 1], "cls": ["b", 99]})),
        ("added_tokens", ([{"id": 2**32 - 1, "content": "3", "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": True}], [{"id": 5, "content": "", "single_word": True, "lstrip": True, "rstrip": True,
            "normalized": True, "special": False}])),
        ("model", ({"type": "WordLevel", "vocab": {}, "unk_token": "x"}, {"type": "Unigram", "unk_id": 5, "vocab": []}, {"type": "BPE",
            "vocab": {"3": 2**32 - 1}, "merges": []}, {"type": "BPE", "vocab": {"3": 0, "4": 0}, "merges": [["3", "4"]]}, {"type":
            "WordPiece", "vocab": {}, "unk_token": "?", "max_input_chars_per_word": 0, "continuing_subword_prefix": "#"})),
        ("version", ("2.0", hostile(rng)))))
    value[part] = rng.choice(choices)
    path.write_text(dump(value))


def write_shards(folder: Path, rng: random.Random) -> dict:
    """Two shards in place of one file; both hold some tensors, one copy of which is of zeros. Returns the index's map."""
    header, data = read_tensors(folder / "model.safetensors")
    header.pop("__metadata__", None)
    (folder / "model.safetensors").unlink()
    names = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    where = {name: rng.choice(names) for name in header}
    for shard in names:
        part, at, out = {}, 0, []
        for name, about in header.items():
            stale = where[name] != shard
            if stale and rng.random() < 0.7:
                continue
            start, end = about["data_offsets"]
            out.append(bytes(end - start) if stale else data[start:end])
            part[name] = {**about, "data_offsets": [at, at + end - start]}
            at += end - start
        write_tensors(folder / shard, part, b"".join(out))
    return where


def spoil_index(folder: Path, rng: random.Random) -> None:
    where = write_shards(folder, rng)
    index = {"metadata": {"total_size": 1}, "weight_map": where}
    name = rng.choice(list(where))
    how = rng.randrange(8)
    if how == 0:
        where[name] = rng.choice(("/etc/passwd", "../model.safetensors", "..", "", ".", "a\0b", "x" * 400, "missing.safetensors",
                                  "sub/model.safetensors", "config.json", "pipe", "folder", "loop", "zero"))
    elif how == 1:
        where[name] = hostile(rng)
    elif how == 2:
        del where[name]
    elif how == 3:
        index["weight_map"] = hostile(rng)
    elif how == 4:
        where[rng.choice(("x", "", "a\nb", "lm_head.weight"))] = rng.choice(list(where.values()))
    elif how == 5:
        index = spoil_part(index, rng)
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "model.safetensors.index.json").write_text(dump(index))


def spoil_header(folder: Path, rng: random.Random) -> None:
    path = folder / "model.safetensors"
    header, data = read_tensors(path)
    tensors = [n for n in header if n != "__metadata__"]
    name, length = rng.choice(tensors), None
    about = header[name]
    how = rng.randrange(9)
    if how == 0:
        length = rng.choice((0, 1, 7, 99, 10**8 + 1, 2**31, 2**63 - 8, 2**64 - 1, len(data)))
    elif how == 1:
        about["data_offsets"] = rng.choice(([0, 0], about["data_offsets"][::-1], [o + 2 for o in about["data_offsets"]],
                                            [hostile(rng), hostile(rng)], about["data_offsets"] + [0]))
    elif how == 2:
        about["shape"] = rng.choice((about["shape"][::-1], [hostile(rng)], [2**62] * 8, [], [0], about["shape"] + [1], hostile(rng)))
    elif how == 3:
        about["dtype"] = rng.choice(("F32", "F16", "I64", "bf16", "", hostile(rng)))
    elif how == 4:
        header[name] = rng.choice((hostile(rng), list(about.values())))
    elif how == 5:
        header = rng.choice((hostile(rng), [header]))
    elif how == 6:
        data = rng.choice((data[:-1], data + b"\0", data + bytes(4096), b""))
    elif how == 7:
        header[rng.choice(("x", "", "__metadata__", "a\n\x1bb"))] = rng.choice((about, {}, hostile(rng)))
    else:
        header = spoil_part(header, rng)
    write_tensors(path, header, data, length)


def spoil_bytes(folder: Path, rng: random.Random) -> None:
    """Bytes of a JSON file or of a header."""
    path = folder / rng.choice(("config.json", "generation_config.json", "tokenizer.json", "model.safetensors"))
    raw = bytearray(path.read_bytes())
    head = raw[:min(len(raw), 3000)]
    how = rng.randrange(6)
    if how == 0:
        for _ in range(rng.choice((1, 3, 30))):
            raw[rng.randrange(len(head))] = rng.randrange(256)
    elif how == 1:
        raw = raw[:rng.randrange(len(head))]
    elif how == 2:
        raw = b"\xef\xbb\xbf" + raw
    elif how == 3:
        raw += rng.choice((b"\0", b"{}", b" \n", b"\xff"))
    elif how == 4:
        raw = bytearray(raw.decode("latin-1").encode("utf-16"))
    else:
        at = rng.randrange(len(head))
        raw[at:at] = rng.choice((b"/* x */", b",", b"\n", b"'", b"\\u0000", b"\\ud83d", b"\x01"))
    path.write_bytes(bytes(raw))


def spoil_kind(folder: Path, rng: random.Random) -> None:
    """Files that are something else."""
    name = rng.choice((*(n for n in JSON_FILES), "model.safetensors"))
    path = folder / name
    path.unlink(missing_ok=True)
    target = rng.choice(("pipe", "folder", "empty", "huge", "missing", "/dev/zero", "/dev/null", "/proc/self/mem", name, "nowhere"))
    if target == "pipe":
        os.mkfifo(path)
    elif target == "folder":
        path.mkdir()
    elif target in ("empty", "huge"):
        path.touch()
        os.truncate(path, 1 << 40 if target == "huge" else 0)
    elif target != "missing":
        path.symlink_to(target)


def spoil_weights(folder: Path, rng: random.Random) -> None:
    """NaN, infinities and anything else in the data."""
    header, data = read_tensors(folder / "model.safetensors")
    tensors = [n for n in header if n != "__metadata__"]
    data = bytearray(data)
    start, end = header[rng.choice(tensors)]["data_offsets"]
    value = rng.choice((b"\xc0\x7f", b"\x80\x7f", b"\x80\xff", b"\x00\x00", b"\x7f\x7f", None))
    data[start:end] = rng.randbytes(end - start) if value is None else value * ((end - start) // 2)
    write_tensors(folder / "model.safetensors", header, bytes(data))


WAYS: tuple[Callable[[Path, random.Random], None], ...] = (
    spoil_config, spoil_config, spoil_config, another_family, spoil_rope, spoil_generation, spoil_any_json, spoil_tokenizer,
    spoil_tokenizer, spoil_index, spoil_index, spoil_header, spoil_header, spoil_bytes, spoil_kind, spoil_weights)


def make_checkpoint(folder: Path, seed: int, number: int) -> str:
    """Writes a checkpoint and names what was done to it."""
    rng = random.Random(f"{seed} {number}")
    folder.mkdir(parents=True)
    for name in (*JSON_FILES[:4], "model.safetensors"):
        shutil.copy(TINY / name, folder / name)
    way = WAYS[number % len(WAYS)]
    way(folder, rng)
    return way.__name__


def run(program: list[str], folder: Path) -> tuple[int | str, bytes, str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    command = [*program, str(folder), "347+589=", "12+34=", "--device", "cpu", "--max-tokens", "8"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, preexec_fn=limit, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"no end in {SECONDS} s", b"", ""
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def said(stderr: str) -> list[str]:
    """What was said, without the program's name, and without the tokenizer library's words, which change with its version."""
    lines = [re.sub(r"^generate(\.py)?: ", "", line) for line in stderr.splitlines()]
    return [line.partition(" cannot be read: ")[0] if "tokenizer.json" in line else line for line in lines]


def judge(rust: str, folder: Path) -> tuple[list[str], int | str]:
    """What is wrong, and how it ended."""
    answers = {"Python": run(PYTHON, folder), "Rust": run([rust], folder)}
    wrong = []
    for name, (status, _, stderr) in answers.items():
        if status not in (0, 2):
            wrong.append(f"{name} ended with {status}: {stderr[-600:]}")
        if "Traceback" in stderr or "panicked" in stderr:
            wrong.append(f"{name} fell: {stderr[-600:]}")
    (a, out_a, err_a), (b, out_b, err_b) = answers.values()
    if (a, out_a, said(err_a)) != (b, out_b, said(err_b)):
        wrong.append(f"Python ({a}): {out_a!r} {err_a[-500:]}\n  Rust ({b}): {out_b!r} {err_b[-500:]}")
    return wrong, a


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generate", help="the Rust program")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="one checkpoint, by its number")
    parser.add_argument("--keep", type=Path, help="where the checkpoints are made and left")
    args = parser.parse_args()
    numbers = range(args.count) if args.only is None else [args.only]
    ends: Counter[int | str] = Counter()
    failed = 0
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def one(number: int) -> tuple[int, str, list[str], int | str]:
            folder = (args.keep or Path(scratch)) / str(number)
            way = make_checkpoint(folder, args.seed, number)
            wrong, end = judge(args.generate, folder)
            if not args.keep:
                shutil.rmtree(folder)
            return number, way, wrong, end
        for number, way, wrong, end in pool.map(one, numbers):
            ends[end] += 1
            failed += bool(wrong)
            if wrong:
                print(f"{number} ({way}, seed {args.seed}):", *wrong, sep="\n  ", flush=True)
    print(f"{len(numbers) - failed} passed, {failed} failed; served: {ends[0]}, refused: {ends[2]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
