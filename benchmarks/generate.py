#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Text generation as a whole: prefill and decode of examples/generate on a checkpoint, beside transformers with sdpa where torch
and transformers are here, in one run. random_checkpoint.py of examples/generate makes checkpoints in the shapes of Llama.

  benchmarks/generate.py /tmp/1b /tmp/8b --out results

For each model and batch: tokens a second of the prefill and of decode steps after it, the share of the steps that reading the
weights at copy speed allows (with attention, and with the time that attention takes alone counted out), and the ratio to
transformers. Writes generate.csv and generate.svg to the folder. Prompts are random tokens, sampling is greedy. Each is run twice,
and the second run counts: by then kernels are loaded and graphs captured. A decode step of transformers is its own forward pass
and an argmax, with a cache that grows; it launches from Python, as its users do."""

from __future__ import annotations

import argparse
import csv
import gc
import sys
import time
from html import escape
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "bindings/python"), str(ROOT / "examples/generate")]

import hipinfer  # noqa: E402
from engine import Checkpoint, Engine, Request, Sampling, Stats, copy_speed, page_table, pages_for  # noqa: E402

FIELDS = ["model", "batch", "context", "who", "prefill_tokens_s", "decode_tokens_s", "decode_ms", "bound", "bound_without_attention",
          "prefill_attention_ms", "decode_attention_ms", "load_s", "load_gb"]


def prompts_of(vocabulary: int, batch: int, context: int) -> List[List[int]]:
    rng = np.random.default_rng(0)
    return rng.integers(0, vocabulary, (batch, context)).tolist()


def attention_ms(engine: Engine, prefill: bool) -> float:
    """What the attention calls of one pass take one after another: of the prefill, or of the step behind it."""
    model, requests, first = engine.model, [], 0
    for i, prompt in enumerate(engine.prompts):
        requests.append(Request(i, list(prompt), first, length=0 if prefill else len(prompt)))
        first += pages_for(len(prompt) + engine.max_tokens)
    parts = page_table(requests, prefill)
    model.upload(parts, model.exchanges[0])
    rows, views = model.rows(len(parts["positions"])), model.views(parts)

    def enqueue() -> None:
        for layer in model.layers:
            model.attend(layer, rows, views)

    enqueue()
    launch: Callable[[], None] = enqueue
    if model.graphs is not None:
        with model.stream.capture() as graph:
            enqueue()
        launch = lambda: graph.launch(model.stream)  # noqa: E731
    launch()
    start, end, times = hipinfer.Event(engine.context), hipinfer.Event(engine.context), 3
    start.record(model.stream)
    for _ in range(times):
        launch()
    end.record(model.stream)
    end.synchronize()
    return start.elapsed_ms(end) / times


def ours(folder: Path, context: hipinfer.Context, prompts: List[List[int]], steps: int, eager: bool, speed: float) -> Dict[str, Any]:
    engine = Engine(Checkpoint(folder, text=False), context, prompts, steps + 1, batch=len(prompts), graphs=not eager)
    loaded = engine.stats
    for _ in range(2):
        engine.stats = Stats(loaded.load_bytes, loaded.load_seconds, step_bytes=loaded.step_bytes, copy_speed=speed)
        for _ in engine.generate(Sampling()):
            pass
    s = engine.stats
    assert s.decode_steps == steps, "an end token: take a checkpoint without one"
    step_ms, attention = 1e3 * s.decode_seconds / s.decode_steps, attention_ms(engine, prefill=False)
    result = {"prefill_tokens_s": s.prefill_tokens / s.prefill_seconds, "decode_tokens_s": s.decode_tokens / s.decode_seconds,
              "decode_ms": step_ms, "prefill_attention_ms": attention_ms(engine, prefill=True), "decode_attention_ms": attention,
              "load_s": s.load_seconds, "load_gb": s.load_bytes / 1e9}
    if speed:
        result["bound"] = s.bound()
        result["bound_without_attention"] = s.bound() * step_ms / (step_ms - attention) if step_ms > attention else 0.0
    return result


class Transformers:
    """A model of transformers on the GPU; made once a checkpoint."""

    def __init__(self, folder: Path):
        import torch
        from transformers import AutoModelForCausalLM, DynamicCache
        self.torch, self.cache = torch, DynamicCache
        try:
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="sdpa")
        except TypeError:  # before 4.56
            model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.bfloat16, attn_implementation="sdpa")
        self.model = model.to("cuda").eval()

    def measure(self, prompts: List[List[int]], steps: int) -> Dict[str, Any]:
        torch, result = self.torch, {}
        ids = torch.tensor(prompts, device="cuda")
        with torch.inference_mode():
            for _ in range(2):
                cache = self.cache()
                torch.cuda.synchronize()
                start = time.perf_counter()
                out = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
                token = out.logits[:, -1:].argmax(-1)
                torch.cuda.synchronize()
                prefilled = time.perf_counter()
                for _ in range(steps):
                    out = self.model(input_ids=token, past_key_values=cache, use_cache=True, logits_to_keep=1)
                    token = out.logits[:, -1:].argmax(-1)
                torch.cuda.synchronize()
                end = time.perf_counter()
                result = {"prefill_tokens_s": ids.numel() / (prefilled - start), "decode_ms": 1e3 * (end - prefilled) / steps,
                          "decode_tokens_s": len(prompts) * steps / (end - prefilled)}
        return result


def peer_of(folder: Path, context: hipinfer.Context) -> Optional[Transformers]:
    try:
        import torch
        import transformers
        here = torch.cuda.is_available()
        print(f"torch {torch.__version__}, transformers {transformers.__version__}" if here else "torch sees no GPU: no peer")
    except ImportError as e:
        here = False
        print(f"no peer: {e}")
    return Transformers(folder) if here and not context.on_cpu else None


def table(rows: List[Dict[str, Any]]) -> str:
    lines = ["| model | batch | who | prefill tok/s | decode tok/s | ms a step | of the bound | without attention | prefill, decode: "
             "x transformers |", "|---|---|---|---|---|---|---|---|---|"]
    for r in rows:
        peer = next((p for p in rows if p["who"] == "transformers" and (p["model"], p["batch"]) == (r["model"], r["batch"])), None)
        share = [f"{100 * r[f]:.1f} %" if f in r else "" for f in ("bound", "bound_without_attention")]
        ratio = ""
        if peer is not None and peer is not r:
            ratio = ", ".join(f"{r[f] / peer[f]:.2f}" for f in ("prefill_tokens_s", "decode_tokens_s"))
        lines.append(f"| {r['model']} | {r['batch']} | {r['who']} | {r['prefill_tokens_s']:.0f} | {r['decode_tokens_s']:.1f} | "
                     f"{r['decode_ms']:.3f} | {share[0]} | {share[1]} | {ratio} |")
    return "\n".join(lines)


COLOURS = {"hipinfer": "#d7301f", "hipinfer, eager": "#fc8d59", "transformers": "#756bb1"}


def plot(rows: List[Dict[str, Any]], title: str) -> str:
    """Bars of tokens a second, prefill beside decode, as an SVG: no plotting package is needed."""
    out: List[str] = []
    width, y = 930, 50
    for field, left in (("prefill_tokens_s", 230), ("decode_tokens_s", 590)):
        out.append(f'<text x="{left}" y="40">{field.split("_")[0]}, tokens/s</text>')
    for group in dict.fromkeys((r["model"], r["batch"]) for r in rows):
        some = [r for r in rows if (r["model"], r["batch"]) == group]
        out.append(f'<text x="10" y="{y + 12}">{escape(group[0])}, {group[1]} x {some[0]["context"]}</text>')
        for r in some:
            for field, left in (("prefill_tokens_s", 230), ("decode_tokens_s", 590)):
                bar = 220 * r[field] / max(s[field] for s in some)
                out.append(f'<rect x="{left}" y="{y}" width="{bar:.1f}" height="14" fill="{COLOURS[r["who"]]}"/>'
                           f'<text x="{left + bar + 5:.1f}" y="{y + 12}">{r[field]:.0f}</text>')
            y += 18
        y += 12
    for i, who in enumerate(dict.fromkeys(r["who"] for r in rows)):
        out.append(f'<rect x="{230 + 180 * i}" y="{y}" width="14" height="14" fill="{COLOURS[who]}"/>'
                   f'<text x="{250 + 180 * i}" y="{y + 12}">{who}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + 30}" font-family="sans-serif" font-size="13">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n<text x="10" y="20" font-weight="bold">{escape(title)}</text>\n'
            + "\n".join(out) + "\n</svg>\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="checkpoint folders")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results", help="folder for generate.csv and generate.svg")
    parser.add_argument("--device", help="hip, cuda or cpu, with :ordinal if wanted (the best there is)")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 16], help="requests (1 16)")
    parser.add_argument("--context", type=int, default=1000, help="tokens of a prompt (1000)")
    parser.add_argument("--steps", type=int, default=128, help="decode steps (128)")
    parser.add_argument("--eager", action="store_true", help="also decode without graphs")
    parser.add_argument("--no-peer", action="store_true", help="without transformers")
    args = parser.parse_args()
    if min(*args.batch, args.context, args.steps) < 1:
        parser.error("--batch, --context and --steps are from 1 on")
    context = hipinfer.Context(args.device)
    speed = copy_speed(context)
    title = f"examples/generate on {context.name}, copy {speed / 1e9:.0f} GB/s" if speed else f"examples/generate on {context.name}"
    print(title)
    rows: List[Dict[str, Any]] = []
    for folder in args.models:
        vocabulary = Checkpoint(folder, text=False).config.vocab_size
        for batch in args.batch:
            prompts = prompts_of(vocabulary, batch, args.context)
            for who, eager in (("hipinfer", False), ("hipinfer, eager", True)):
                if eager and not args.eager:
                    continue
                rows.append({"model": folder.resolve().name, "batch": batch, "context": args.context, "who": who,
                             **ours(folder, context, prompts, args.steps, eager, speed)})
                print(table(rows[-1:]).splitlines()[-1], flush=True)
                gc.collect()  # the engine's memory
        peer = None if args.no_peer else peer_of(folder, context)
        for batch in args.batch if peer else ():
            rows.append({"model": folder.resolve().name, "batch": batch, "context": args.context, "who": "transformers",
                         **peer.measure(prompts_of(vocabulary, batch, args.context), args.steps)})
            print(table(rows[-1:]).splitlines()[-1], flush=True)
        if peer:
            peer.torch.cuda.empty_cache()
            del peer.model
            gc.collect()
            peer.torch.cuda.empty_cache()
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "generate.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    (args.out / "generate.svg").write_text(plot(rows, title))
    print(f"\n{table(rows)}\n\n{args.out}: generate.csv, generate.svg")


if __name__ == "__main__":
    main()
