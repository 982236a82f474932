#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The two generate examples print the same, byte for byte, and compute the same logits, bit for bit: on the tiny model's
own questions, greedy and sampled, and on small random checkpoints of every family.

  same_as_python.py bindings/rust/target/debug/generate [--device cpu]

Needs what the Python example needs: hipinfer on PYTHONPATH, and HIPINFER_LIBRARY if the library is not installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/python"))
import checkpoints  # noqa: E402

PYTHON = [sys.executable, str(ROOT / "examples/generate/generate.py")]
SAMPLED = (["--temperature", "20", "--seed", "7"], ["--temperature", "20", "--top-k", "9", "--seed", "99", "--batch", "7"],
           ["--temperature", "20", "--top-p", "0.8", "--seed", "5", "--dtype", "f32"])


def run(program: list[str], arguments: list[str]) -> tuple[int, bytes]:
    result = subprocess.run(program + arguments, capture_output=True, timeout=600)
    # 0: served, 2: refused, with the reasons after the program's name.
    if result.returncode not in (0, 2):
        sys.exit(f"{program[-1]} ended with {result.returncode}:\n{result.stderr.decode()}")
    refusal = result.stderr.partition(b":")[2] if result.returncode else b""
    return result.returncode, result.stdout + refusal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generate", help="the Rust program")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--few", action="store_true", help="two questions, with a graph and without: for an emulated GPU")
    args = parser.parse_args()
    rust, compared, different = [args.generate], 0, []

    def compare(folder: Path, arguments: list[str], expected: int = 0) -> None:
        nonlocal compared
        arguments = [str(folder), "--device", args.device, *arguments]
        a, b = run(PYTHON, arguments), run(rust, arguments)
        compared += 1
        if a != b or a[0] != expected:
            different.append(f"{' '.join(arguments)}\n  Python ({a[0]}): {a[1][:300]!r}\n  Rust ({b[0]}): {b[1][:300]!r}")

    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)

        def compare_logits(folder: Path, prompt: str) -> None:
            nonlocal compared
            files = [scratch / "python.npy", scratch / "rust.npy"]
            for program, file in zip((PYTHON, rust), files):
                run(program, [str(folder), "--device", args.device, "--prompt", prompt, "--dump-logits", str(file)])
            compared += 1
            # The headers may be worded differently; the numbers are the file's end.
            a, b = (file.read_bytes() for file in files)
            a, b = (data[10 + int.from_bytes(data[8:10], "little"):] for data in (a, b))
            if a != b or not a:
                different.append(f"{folder.name}: logits of {prompt!r}")

        tiny = ROOT / "examples/tiny-model"
        if args.few:
            for how in ([], ["--temperature", "20", "--seed", "7"]):
                for eager in ([], ["--eager"]):
                    compare(tiny, ["347+589=", "sort:312=", "--max-tokens", "16", *how, *eager])
            config, folder = checkpoints.config_of("llama-untied-biased", vocab_size=70000, hidden_size=64), scratch / "wide"
            checkpoints.save(folder, config, checkpoints.random_weights(config))  # with tensors that are read in parts
            (folder / "tokenizer.json").write_text(TOKENIZER)
            compare_logits(folder, "w3 w14")
            print("\n".join(different) or f"{compared} runs are the same")
            return 1 if different else 0
        questions = scratch / "questions.txt"
        lines = (tiny / "eval.jsonl").read_text().splitlines()
        questions.write_text("".join(json.loads(line)["prompt"] + "\n" for line in lines))
        for how in ([], *SAMPLED):
            compare(tiny, ["--prompts-file", str(questions), "--max-tokens", "16", *how])
        compare(tiny, ["--prompt", "347+589=", "--max-tokens", "16"])
        compare(tiny, ["--prompt", "347+589=", "--no-stream"])
        compare(tiny, ["--prompt", "347+589=", "--max-tokens", "100"], expected=2)
        compare(scratch, ["--prompt", "x"], expected=2)
        compare_logits(tiny, "347+589=")

        for family in checkpoints.FAMILIES:
            config, folder = checkpoints.config_of(family), scratch / family
            checkpoints.save(folder, config, checkpoints.random_weights(config), shards=2)
            (folder / "tokenizer.json").write_text(TOKENIZER)
            prompts = ["--prompt", "w3 w14 w15 w92 w65", "--prompt", "w35"]
            compare(folder, [*prompts, "--max-tokens", "24"])
            compare(folder, [*prompts, "--max-tokens", "24", "--temperature", "1", "--top-p", "0.95", "--dtype", "bf16"])
            compare_logits(folder, " ".join(f"w{i * 7 % 96}" for i in range(40)))

    print("\n".join(different) or f"{compared} runs are the same")
    return 1 if different else 0


# A word for each id, so that text shows every token.
TOKENIZER = json.dumps({
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None,
    "model": {"type": "WordLevel", "vocab": {f"w{i}": i for i in range(96)}, "unk_token": "w0"}})

if __name__ == "__main__":
    sys.exit(main())
