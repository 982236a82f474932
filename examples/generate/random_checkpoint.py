#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a checkpoint of random weights in the shape of a Llama model, in bf16, to measure with: what it says means nothing.

  random_checkpoint.py /tmp/1b --shape llama-3.2-1b
  random_checkpoint.py /tmp/8b --shape llama-3-8b --seed 1
  random_checkpoint.py /tmp/small --shape llama-3-8b --small

The same shape and seed give the same bytes with the same NumPy. Its tokenizer has a word for each token: "w0 w17 w99".
"""

from __future__ import annotations

import argparse
import json
import math
import os
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Dict, Tuple

import numpy as np

BASE: Dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 128256, "hidden_act": "silu", "rms_norm_eps": 1e-5,
    "rope_theta": 500000.0, "torch_dtype": "bfloat16", "attention_bias": False, "mlp_bias": False, "initializer_range": 0.02,
    "bos_token_id": 128000, "eos_token_id": None}  # no end token: every answer is as long as it was asked to be
SHAPES: Dict[str, Dict[str, Any]] = {
    "llama-3.2-1b": {
        "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
        "head_dim": 64, "max_position_embeddings": 131072, "tie_word_embeddings": True,
        "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                         "original_max_position_embeddings": 8192}},
    "llama-3-8b": {
        "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
        "head_dim": 128, "max_position_embeddings": 8192, "tie_word_embeddings": False},
}
SMALL = {"vocab_size": 512, "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "head_dim": 16, "bos_token_id": 0}
BLOCK = 1 << 22  # elements that are drawn at a time, each block from a generator of its own


def config_of(shape: str, small: bool) -> Dict[str, Any]:
    return {**BASE, **SHAPES[shape], **(SMALL if small else {})}


def tensors_of(c: Dict[str, Any]) -> Dict[str, Tuple[int, ...]]:
    n, wide = c["hidden_size"], c["intermediate_size"]
    q, kv = c["num_attention_heads"] * c["head_dim"], c["num_key_value_heads"] * c["head_dim"]
    shapes: Dict[str, Tuple[int, ...]] = {"model.embed_tokens.weight": (c["vocab_size"], n)}
    for i in range(c["num_hidden_layers"]):
        layer = {"input_layernorm": (n,), "self_attn.q_proj": (q, n), "self_attn.k_proj": (kv, n), "self_attn.v_proj": (kv, n),
                 "self_attn.o_proj": (n, q), "post_attention_layernorm": (n,), "mlp.gate_proj": (wide, n), "mlp.up_proj": (wide, n),
                 "mlp.down_proj": (n, wide)}
        shapes.update({f"model.layers.{i}.{name}.weight": shape for name, shape in layer.items()})
    shapes["model.norm.weight"] = (n,)
    if not c["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (c["vocab_size"], n)
    return shapes


def block(seed: Tuple[int, ...], count: int, spread: float) -> np.ndarray:
    """Bits of bf16: normal values, the lower half of their f32 cut off."""
    values = np.random.Generator(np.random.SFC64(seed)).standard_normal(count, np.float32) * np.float32(spread)
    return (values.view(np.uint32) >> 16).astype(np.uint16)


def write_weights(file: BinaryIO, c: Dict[str, Any], seed: int, threads: int) -> None:
    header: Dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    shapes = tensors_of(c)
    for name, shape in shapes.items():
        size = 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    with ThreadPoolExecutor(threads) as pool:
        for number, (name, shape) in enumerate(shapes.items()):
            count = math.prod(shape)
            if "norm" in name:
                file.write(np.full(count, 0x3F80, np.uint16))  # 1
                continue
            parts = [((seed, number, start), min(BLOCK, count - start), c["initializer_range"]) for start in range(0, count, BLOCK)]
            for first in range(0, len(parts), threads):  # no more in memory than is drawn at once
                for bits in pool.map(block, *zip(*parts[first:first + threads])):
                    file.write(bits)


def write_checkpoint(folder: Path, shape: str, seed: int = 0, small: bool = False, threads: int = os.cpu_count() or 1) -> None:
    config = config_of(shape, small)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    vocabulary = {f"w{i}": i for i in range(config["vocab_size"])}
    (folder / "tokenizer.json").write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "w0"}}))
    with (folder / "model.safetensors").open("wb") as file:
        write_weights(file, config, seed, threads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the checkpoint goes; 2.5 GB for llama-3.2-1b, 16 GB for llama-3-8b")
    parser.add_argument("--shape", choices=SHAPES, default="llama-3.2-1b", help="(%(default)s)")
    parser.add_argument("--small", action="store_true", help="two narrow layers and 512 tokens, the rest as in the shape: for tests")
    parser.add_argument("--seed", type=int, default=0, help="of the weights (0)")
    args = parser.parse_args()
    if args.seed < 0:
        parser.error("--seed is from 0 on")
    write_checkpoint(args.folder, args.shape, args.seed, args.small)
    print(f"{args.folder}: {(args.folder / 'model.safetensors').stat().st_size / 1e9:.3f} GB")


if __name__ == "__main__":
    main()
