#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Text from a Hugging Face checkpoint of the Llama, Mistral, Qwen2 or Qwen3 families, on an AMD GPU, an NVIDIA GPU or the
CPU, with hipinfer's operations and without torch.

  generate.py MODEL "347+589=" "12+34="
  generate.py MODEL --prompts-file prompts.txt --batch 32 --temperature 0.7 --top-p 0.9 --seed 1 --stats
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import List, Optional

import hipinfer
import numpy as np
from engine import Checkpoint, Engine, Sampling, copy_speed
from fields import FIELDS, LARGEST_JSON, Refused, number_or_text, read_fields
from text import Stream


def arguments(command: Optional[List[str]]) -> argparse.Namespace:
    """`prompt` has all prompts. Values are checked as those of files are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("model", type=Path, help="folder with config.json, safetensors and tokenizer.json")
    parser.add_argument("prompts", nargs="*", metavar="PROMPT", help="what to answer")
    parser.add_argument("--prompt", action="append", default=[], help="a further prompt; may be given several times")
    parser.add_argument("--prompts-file", type=Path, help="further prompts, one a line")
    parser.add_argument("--max-tokens", help="at most so many tokens an answer (128, or what is left of the model's context)")
    parser.add_argument("--temperature", help="0 is greedy (0)")
    parser.add_argument("--top-k", help="sample from the k likeliest tokens; 0: from all (0)")
    parser.add_argument("--top-p", help="sample from the likeliest tokens of this mass (1)")
    parser.add_argument("--seed", help="the same seed gives the same text (0)")
    parser.add_argument("--device", help="hip, cuda or cpu, with :ordinal if wanted (the best there is)")
    parser.add_argument("--dtype", help="f32, f16 or bf16; auto: that of the checkpoint (auto)")
    parser.add_argument("--batch", help="prompts served together (64)")
    parser.add_argument("--no-stream", action="store_true", help="print answers when they are whole")
    parser.add_argument("--eager", action="store_true",
                        help="enqueue each launch of a decode step, as on the CPU; on a GPU a step is one captured graph otherwise")
    parser.add_argument("--stats", action="store_true",
                        help="to stderr: seconds to load, tokens per second, and on a GPU the share of what reading the weights allows")
    parser.add_argument("--dump-logits", type=Path, metavar="FILE.npy",
                        help="write the f32 logits after each token of the first prompt, and stop")
    args = parser.parse_intermixed_args(command)
    reasons: List[str] = []
    given = {f"--{name.replace('_', '-')}": value for name, value in vars(args).items()}
    options = {name: number_or_text(given[name]) for name in FIELDS["options"] if given[name] is not None}
    for name, value in read_fields("options", options, reasons).items():
        setattr(args, name[2:].replace("-", "_"), value)
    args.prompt = args.prompts + args.prompt
    reasons += [f"prompt {i} is not UTF-8" for i, p in enumerate(args.prompt) if not is_text(p)]
    if not is_text(args.device or ""):
        reasons.append("--device is not UTF-8")
    if args.prompts_file:
        args.prompt += read_prompts(args.prompts_file, reasons)
    if not args.prompt and not reasons:
        reasons.append("a prompt is needed: as an argument, with --prompt or in --prompts-file")
    if reasons:
        raise Refused(None, reasons)
    return args


def is_text(argument: str) -> bool:
    """Whether an argument's bytes were UTF-8: Python puts halves of surrogate pairs for those that were not."""
    return not any("\ud800" <= c <= "\udfff" for c in argument)


def read_prompts(path: Path, reasons: List[str]) -> List[str]:
    """The lines of a file. Only \\n and \\r\\n end a line: other separators belong to a prompt."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_JSON + 1)
        if len(data) > LARGEST_JSON:
            reasons.append(f"--prompts-file {path} has more than {LARGEST_JSON} bytes")
            return []
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except OSError as e:
        reasons.append(f"--prompts-file {path} cannot be read: {e.strerror}")
        return []
    except UnicodeDecodeError:
        reasons.append(f"--prompts-file {path} is not UTF-8")
        return []
    return lines if lines[-1] else lines[:-1]


def say(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except OSError as e:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left in the buffer
        if isinstance(e, BrokenPipeError):
            sys.exit(0)  # whoever closed the pipe has read enough
        raise Refused(None, [f"standard output cannot be written: {e.strerror}"]) from None


def write_logits(path: Path, logits: np.ndarray) -> None:
    try:
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(logits))
            file.write(logits.data)
    except OSError as e:
        raise Refused(None, [f"--dump-logits {path} cannot be written: {e.strerror}"]) from None


def answers(engine: Engine, tokenizer, sampling: Sampling, stream: bool) -> None:
    """Prints the answers. A single one streams; several are printed in order, each once it and those before are whole."""
    count = len(engine.prompts)
    texts, streams, whole, shown = [""] * count, [Stream(tokenizer, p) for p in engine.prompts], [False] * count, 0
    for token in engine.generate(sampling):
        i = token.prompt
        piece = "" if token.ended else streams[i].put(token.id)
        if token.last:
            piece += streams[i].end()
            whole[i] = True
        texts[i] += piece
        if count == 1 and stream:
            say(piece)
        while count > 1 and shown < count and whole[shown]:
            say(f"[{shown}] {texts[shown]}\n")
            shown += 1
    if count == 1:
        say("\n" if stream else f"{texts[0]}\n")


def show_progress(done: int, total: int) -> None:
    print(f"\rweights: {100 * done // total} %" if done < total else "\r\x1b[K", end="", file=sys.stderr, flush=True)


def run(args: argparse.Namespace) -> None:
    checkpoint = Checkpoint(args.model)
    prompts = checkpoint.encode(args.prompt)
    max_tokens = args.max_tokens
    if max_tokens is None:
        max_tokens = max(1, min(128, checkpoint.config.room(max(map(len, prompts)))))
    if args.dump_logits:
        prompts, max_tokens = prompts[:1], 0
    context = hipinfer.Context(args.device)
    speed = copy_speed(context) if args.stats else 0.0
    engine = Engine(checkpoint, context, prompts, max_tokens, args.batch, args.dtype, graphs=not args.eager,
                    progress=show_progress if sys.stderr.isatty() else None)
    engine.stats.copy_speed = speed
    print(f"generate.py: {context.name} ({context.target}) answers", file=sys.stderr)
    if args.dump_logits:
        write_logits(args.dump_logits, engine.logits(0))
        return
    sampling = Sampling(args.temperature, args.top_k, args.top_p, args.seed)
    answers(engine, checkpoint.tokenizer, sampling, not args.no_stream)
    if args.stats:
        print(engine.stats, file=sys.stderr)


def main(command: Optional[List[str]] = None) -> int:
    try:
        run(arguments(command))
        return 0
    except hipinfer.HipinferError as e:
        text = e.message
    except MemoryError:
        text = "out of memory"
    except (Refused, FloatingPointError, ImportError, OSError) as e:
        text = str(e)
    print(f"generate.py: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    if sys.stdout is not None:
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
