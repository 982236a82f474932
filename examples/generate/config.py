# SPDX-License-Identifier: Apache-2.0
"""Reads a checkpoint's config.json, and says every reason for which this example cannot serve it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

FAMILIES = ("llama", "mistral", "qwen2", "qwen3")
DTYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}


class Refused(Exception):
    """A checkpoint that cannot be served; `reasons` has all of them."""

    def __init__(self, folder: object, reasons: List[str]):
        super().__init__(f"{folder} cannot be served:\n" + "\n".join(f"  - {r}" for r in reasons))
        self.reasons = reasons


@dataclass
class Config:
    family: str
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    max_positions: int
    rms_eps: float
    rope_theta: float
    rope_scaling: Dict[str, float] = field(default_factory=dict)  # "kind" and the numbers it takes; empty: none
    tied: bool = False
    qkv_bias: bool = False
    output_bias: bool = False
    mlp_bias: bool = False
    qk_norm: bool = False
    window: Optional[int] = None  # of the layers with sliding attention, if any has it
    dtype: str = "bf16"
    eos: Tuple[int, ...] = ()

    def room(self, tokens: int) -> int:
        """How many more tokens fit after so many."""
        return min(self.max_positions, self.window or self.max_positions) - tokens

    def shapes(self) -> Dict[str, Tuple[int, ...]]:
        """Every tensor of the checkpoint, by its Hugging Face name."""
        n, q, kv = self.hidden_size, self.heads * self.head_dim, self.kv_heads * self.head_dim
        shapes: Dict[str, Tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocab_size, n), "model.norm.weight": (n,)}
        if not self.tied:
            shapes["lm_head.weight"] = (self.vocab_size, n)
        for i in range(self.layers):
            def put(name: str, *shape: int, bias: bool = False, i: int = i) -> None:
                shapes[f"model.layers.{i}.{name}.weight"] = shape
                if bias:
                    shapes[f"model.layers.{i}.{name}.bias"] = shape[:1]

            put("input_layernorm", n)
            put("post_attention_layernorm", n)
            for name, rows in (("q_proj", q), ("k_proj", kv), ("v_proj", kv)):
                put(f"self_attn.{name}", rows, n, bias=self.qkv_bias)
            put("self_attn.o_proj", n, q, bias=self.output_bias)
            if self.qk_norm:
                put("self_attn.q_norm", self.head_dim)
                put("self_attn.k_norm", self.head_dim)
            put("mlp.gate_proj", self.intermediate_size, n, bias=self.mlp_bias)
            put("mlp.up_proj", self.intermediate_size, n, bias=self.mlp_bias)
            put("mlp.down_proj", n, self.intermediate_size, bias=self.mlp_bias)
        return shapes


def read_json(path: Path) -> Dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(path.parent, [f"it has no {path.name}"]) from None
    except (ValueError, OSError) as e:
        raise Refused(path.parent, [f"{path.name} cannot be read: {e}"]) from None
    if not isinstance(value, dict):
        raise Refused(path.parent, [f"{path.name} is not an object"])
    return value


def read_rope(raw: Dict[str, Any], reasons: List[str]) -> Tuple[float, Dict[str, Any]]:
    """theta and the scaling: at the top level, in rope_scaling, or (transformers 5) in rope_parameters."""
    table = raw.get("rope_parameters") or raw.get("rope_scaling") or {}
    if any(isinstance(v, dict) for v in table.values()):
        reasons.append("rope_parameters differs between layer types")
        return 0.0, {}
    theta = table.get("rope_theta", raw.get("rope_theta", 10000.0))
    kind = table.get("rope_type", table.get("type", "default"))
    partial = table.get("partial_rotary_factor", raw.get("partial_rotary_factor", 1.0))
    if partial not in (None, 1, 1.0):
        reasons.append(f"partial_rotary_factor {partial}: RoPE on a part of the head is not served")
    if kind == "default":
        return theta, {}
    needed = {"linear": ("factor",), "llama3": ("factor", "low_freq_factor", "high_freq_factor",
                                                "original_max_position_embeddings")}.get(kind)
    if needed is None:
        reasons.append(f"RoPE scaling {kind!r}, expected none, linear or llama3")
        return theta, {}
    missing = [n for n in needed if not isinstance(table.get(n), (int, float))]
    if missing:
        reasons.append(f"RoPE scaling {kind} without {', '.join(missing)}")
        return theta, {}
    return theta, {"kind": kind, **{n: table[n] for n in needed}}


def read_window(raw: Dict[str, Any], family: str, reasons: List[str]) -> Optional[int]:
    """The sliding window if any layer uses one: always in Mistral, where use_sliding_window says so in Qwen."""
    kinds = raw.get("layer_types")
    if kinds:
        unknown = sorted(set(kinds) - {"full_attention", "sliding_attention"})
        if unknown:
            reasons.append(f"layers of type {', '.join(unknown)}")
    window = raw.get("sliding_window")
    if family == "llama" or window is None:
        return None
    if family in ("qwen2", "qwen3") and not raw.get("use_sliding_window", False):
        return None
    if kinds and "sliding_attention" not in kinds:
        return None
    return int(window)


def end_tokens(folder: Path, raw: Dict[str, Any]) -> Tuple[int, ...]:
    """From generation_config.json if it is there and names one, else from config.json; a number or a list."""
    path = folder / "generation_config.json"
    value = read_json(path).get("eos_token_id") if path.exists() else None
    value = raw.get("eos_token_id") if value is None else value
    return tuple(value) if isinstance(value, list) else () if value is None else (value,)


def read_config(folder: Path) -> Config:
    raw = read_json(folder / "config.json")
    family = raw.get("model_type")
    if family not in FAMILIES:
        raise Refused(folder, [f"model_type {family!r}, expected one of {', '.join(FAMILIES)}"])
    reasons: List[str] = []

    def number(name: str, default: Optional[int] = None) -> int:
        value = raw.get(name)
        value = default if value is None else value
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            reasons.append(f"{name} is {value!r}, expected a positive integer")
            return 1
        return value

    if raw.get("quantization_config"):
        method = raw["quantization_config"].get("quant_method", "unnamed")
        reasons.append(f"quantization_config ({method}): quantised weights are not served")
    for name in ("num_local_experts", "num_experts", "n_routed_experts"):
        if raw.get(name):
            reasons.append(f"{name} is {raw[name]}: mixtures of experts are not served")
    if raw.get("hidden_act", "silu") != "silu":
        reasons.append(f"hidden_act {raw['hidden_act']!r}, expected silu")
    heads, hidden = number("num_attention_heads"), number("hidden_size")
    kv_heads = number("num_key_value_heads", heads)
    head_dim = number("head_dim", hidden // heads)
    if heads % kv_heads:
        reasons.append(f"{heads} attention heads are no multiple of {kv_heads} key-value heads")
    if head_dim % 8 or head_dim > 256:
        reasons.append(f"head_dim {head_dim}, expected a multiple of 8 up to 256")
    stored = raw.get("dtype") or raw.get("torch_dtype") or "float32"
    if stored not in DTYPES:
        reasons.append(f"dtype {stored!r}, expected one of {', '.join(DTYPES)}")
    theta, scaling = read_rope(raw, reasons)
    bias = bool(raw.get("attention_bias", False))
    config = Config(
        family=family, vocab_size=number("vocab_size"), hidden_size=hidden,
        intermediate_size=number("intermediate_size"), layers=number("num_hidden_layers"), heads=heads,
        kv_heads=kv_heads, head_dim=head_dim, max_positions=number("max_position_embeddings"),
        rms_eps=float(raw.get("rms_norm_eps", 1e-6)), rope_theta=float(theta), rope_scaling=scaling,
        tied=bool(raw.get("tie_word_embeddings", False)), qkv_bias=bias or family == "qwen2",
        # attention_bias of Llama and Qwen3 is for all four projections; Qwen2 has it on q, k and v, Mistral on none.
        output_bias=bias and family in ("llama", "qwen3"), mlp_bias=bool(raw.get("mlp_bias", False)) and family == "llama",
        qk_norm=family == "qwen3", window=read_window(raw, family, reasons), dtype=DTYPES.get(stored, "f32"),
        eos=end_tokens(folder, raw))
    if family == "mistral":
        config.qkv_bias = False
    if reasons:
        raise Refused(folder, reasons)
    return config


def check_context(folder: Path, config: Config, length: int) -> None:
    """That prompt and answer fit. Windowed attention equals full attention as long as the window holds everything."""
    reasons = []
    if length > config.max_positions:
        reasons.append(f"a context of {length} tokens, the model has {config.max_positions} positions")
    if config.window is not None and config.window < length:
        reasons.append(f"a context of {length} tokens, the sliding window is {config.window}")
    if reasons:
        raise Refused(folder, reasons)
