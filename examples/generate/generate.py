#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Text from a Hugging Face checkpoint of the Llama, Mistral, Qwen2 or Qwen3 families, on an AMD GPU, an NVIDIA GPU or the
CPU, with hipinfer's operations and without torch.

  generate.py MODEL --prompt "347+589="
  generate.py MODEL --prompts-file prompts.txt --batch 32 --temperature 0.7 --top-p 0.9 --seed 1 --stats
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import List, Optional

import hipinfer
import numpy as np
from config import Refused
from engine import Checkpoint, Engine, Sampling
from text import Stream


def arguments(given: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder with config.json, safetensors and tokenizer.json")
    parser.add_argument("--prompt", action="append", default=[], help="may be given several times")
    parser.add_argument("--prompts-file", type=Path, help="one prompt a line")
    parser.add_argument("--max-tokens", type=int,
                        help="at most so many tokens an answer (128, or what is left of the model's context)")
    parser.add_argument("--temperature", type=float, default=0.0, help="0 is greedy (0)")
    parser.add_argument("--top-k", type=int, default=0, help="sample from the k likeliest tokens; 0: from all (0)")
    parser.add_argument("--top-p", type=float, default=1.0, help="sample from the likeliest tokens of this mass (1)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same text (0)")
    parser.add_argument("--device", help="hip, cuda or cpu, with :ordinal if wanted (the best there is)")
    parser.add_argument("--dtype", choices=("auto", "f32", "f16", "bf16"), default="auto",
                        help="auto: that of the checkpoint")
    parser.add_argument("--batch", type=int, default=64, help="prompts served together (64)")
    parser.add_argument("--no-stream", action="store_true", help="print answers when they are whole")
    parser.add_argument("--stats", action="store_true", help="tokens per second, to stderr")
    parser.add_argument("--dump-logits", type=Path, metavar="FILE.npy",
                        help="write the f32 logits after each token of the first prompt, and stop")
    args = parser.parse_args(given)
    if args.prompts_file:
        args.prompt += args.prompts_file.read_text(encoding="utf-8").splitlines()
    if not args.prompt:
        parser.error("a prompt is needed: --prompt or --prompts-file")
    if (args.max_tokens is not None and args.max_tokens < 1) or args.batch < 1:
        parser.error("--max-tokens and --batch start at 1")
    if args.temperature < 0 or args.top_k < 0 or not 0 < args.top_p <= 1 or not 0 <= args.seed < 2**64:
        parser.error("expected --temperature >= 0, --top-k >= 0, --top-p above 0 and up to 1, --seed a 64-bit number")
    return args


def answers(engine: Engine, tokenizer, sampling: Sampling, count: int, stream: bool) -> List[str]:
    """Prints the answers. A single one streams; several are printed in order, each once it and those before are whole."""
    texts, streams, whole, shown = [""] * count, [Stream(tokenizer) for _ in range(count)], [False] * count, 0
    for token in engine.generate(sampling):
        i = token.prompt
        piece = "" if token.ended else streams[i].put(token.id)
        if token.last:
            piece += streams[i].end()
            whole[i] = True
        texts[i] += piece
        if count == 1 and stream:
            print(piece, end="", flush=True)
        while count > 1 and shown < count and whole[shown]:
            print(f"[{shown}] {texts[shown]}", flush=True)
            shown += 1
    if count == 1:
        print("" if stream else texts[0], flush=True)
    return texts


def main(given: Optional[List[str]] = None) -> int:
    args = arguments(given)
    try:
        checkpoint = Checkpoint(args.model)
        prompts = checkpoint.encode(args.prompt)
        max_tokens = args.max_tokens
        if max_tokens is None:
            max_tokens = max(1, min(128, checkpoint.config.room(max(map(len, prompts)))))
        if args.dump_logits:
            prompts, max_tokens = prompts[:1], 0
        context = hipinfer.Context(args.device)
        start = time.perf_counter()
        engine = Engine(checkpoint, context, prompts, max_tokens, args.batch, args.dtype)
        loaded = time.perf_counter() - start
    except (Refused, hipinfer.DeviceError) as e:
        print(f"generate.py: {e}", file=sys.stderr)
        return 2
    if args.dump_logits:
        np.save(args.dump_logits, engine.logits(0))
        return 0
    sampling = Sampling(args.temperature, args.top_k, args.top_p, args.seed)
    answers(engine, checkpoint.tokenizer, sampling, len(prompts), not args.no_stream)
    if args.stats:
        print(f"{context.name} ({context.target}); weights ready in {loaded:.3f} s\n{engine.stats}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
