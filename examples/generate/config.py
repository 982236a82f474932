# SPDX-License-Identifier: Apache-2.0
"""Reads a checkpoint's config.json, and says every reason for which this example cannot serve it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from fields import FIELDS, Refused, describe, fault, read_fields, read_json

DTYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}


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


def read_rope(values: Dict[str, Any], reasons: List[str]) -> Tuple[float, Dict[str, Any]]:
    """theta and the scaling: at the top level, in rope_scaling, or (transformers 5) in rope_parameters, which rope_scaling
    replaces where both are there."""
    name = "rope_scaling" if values["rope_scaling"] else "rope_parameters"
    table = values[name] or {}
    if any(isinstance(v, dict) for v in table.values()):
        reasons.append(f"{name} differs between layer types")
        return 0.0, {}
    found = read_fields("rope", table, reasons, prefix=f"{name}.")
    partial = values["partial_rotary_factor"] if found["partial_rotary_factor"] is None else found["partial_rotary_factor"]
    if partial not in (None, 1):
        reasons.append(f"partial_rotary_factor is {describe(partial)}: RoPE on a part of the head is not served")
    theta = values["rope_theta"] if found["rope_theta"] is None else found["rope_theta"]
    if theta is None:
        reasons.append("rope_theta is null")
    kind = found["rope_type"] or found["type"] or "default"
    if reasons or kind == "default":
        return theta, {}
    return theta, {"kind": kind, **read_fields(f"rope {kind}", table, reasons, prefix=f"{name}.")}


def read_window(values: Dict[str, Any]) -> Optional[int]:
    """The sliding window if any layer uses one. Mistral's all do, Llama's never."""
    family, kinds = values["model_type"], values["layer_types"]
    if family == "llama" or (family != "mistral" and not values["use_sliding_window"]):
        return None
    if kinds is not None:
        slides = "sliding_attention" in kinds
    else:
        slides = family == "mistral" or values["max_window_layers"] < values["num_hidden_layers"]
    return values["sliding_window"] if slides else None


def end_tokens(folder: Path, value: Any) -> Tuple[int, ...]:
    """From generation_config.json if it is there and names one, else those of config.json; a number or a list."""
    reasons: List[str] = []
    if (folder / "generation_config.json").exists():
        found = read_fields("generation_config.json", read_json(folder, "generation_config.json"), reasons,
                            prefix="generation_config.json: ")["eos_token_id"]
        value = value if found is None else found
    if reasons:
        raise Refused(folder, reasons)
    return tuple(value) if isinstance(value, list) else () if value is None else (value,)


def read_config(folder: Path) -> Config:
    raw = read_json(folder, "config.json")
    kinds = FIELDS["config.json"]
    reasons: List[str] = []
    family = raw.get("model_type")
    if reason := fault(kinds["model_type"], "model_type", family):
        raise Refused(folder, [reason])
    values = read_fields("config.json", raw, reasons, family)
    if values["quantization_config"]:
        method = describe(values["quantization_config"].get("quant_method"))
        reasons.append(f"quantization_config, quant_method {method}: quantised weights are not served")
    for name in ("num_local_experts", "num_experts", "n_routed_experts"):
        if values[name]:
            reasons.append(f"{name} is {values[name]}: mixtures of experts are not served")
    if reasons:
        raise Refused(folder, reasons)
    theta, scaling = read_rope(values, reasons)
    layers, heads, hidden = values["num_hidden_layers"], values["num_attention_heads"], values["hidden_size"]
    kv_heads = values["num_key_value_heads"] or heads
    head_dim = values["head_dim"] or hidden // heads
    if heads % kv_heads:
        reasons.append(f"{heads} attention heads are no multiple of {kv_heads} key-value heads")
    if reason := fault(kinds["head_dim"], "head_dim (hidden_size / num_attention_heads)", head_dim):
        reasons.append(reason)
    if values["layer_types"] is not None and len(values["layer_types"]) != layers:
        reasons.append(f"layer_types has {len(values['layer_types'])} entries, expected {layers} (num_hidden_layers)")
    if reasons:
        raise Refused(folder, reasons)
    bias = values["attention_bias"]
    return Config(
        family=family, vocab_size=values["vocab_size"], hidden_size=hidden, intermediate_size=values["intermediate_size"],
        layers=layers, heads=heads, kv_heads=kv_heads, head_dim=head_dim, max_positions=values["max_position_embeddings"],
        rms_eps=float(values["rms_norm_eps"]), rope_theta=float(theta), rope_scaling=scaling,
        tied=values["tie_word_embeddings"],
        # attention_bias of Llama and Qwen3 is for all four projections; Qwen2 has it on q, k and v, Mistral on none.
        qkv_bias=family == "qwen2" or bias and family != "mistral", output_bias=bias and family in ("llama", "qwen3"),
        mlp_bias=values["mlp_bias"] and family == "llama", qk_norm=family == "qwen3", window=read_window(values),
        dtype=DTYPES[values["dtype"] or values["torch_dtype"] or "float32"], eos=end_tokens(folder, values["eos_token_id"]))


def check_context(folder: Path, config: Config, length: int) -> None:
    """That prompt and answer fit. Windowed attention equals full attention as long as the window holds everything."""
    reasons = []
    if length > config.max_positions:
        reasons.append(f"a context of {length} tokens, the model has {config.max_positions} positions")
    if config.window is not None and config.window < length:
        reasons.append(f"a context of {length} tokens, the sliding window is {config.window}")
    if reasons:
        raise Refused(folder, reasons)
