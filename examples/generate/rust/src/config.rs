// SPDX-License-Identifier: Apache-2.0
//! Reads a checkpoint's config.json, and says every reason for which this example cannot serve it.

use std::collections::BTreeMap;
use std::path::Path;

use hipinfer::DType;
use hipinfer::ops::{RopeCosSinCacheOptions, RopeScaling};
use serde_json::{Map, Value};

use crate::{Failure, Result};

const FAMILIES: [&str; 4] = ["llama", "mistral", "qwen2", "qwen3"];

type Object = Map<String, Value>;

#[derive(Debug, Clone)]
pub struct Config {
    pub family: String,
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub layers: usize,
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub max_positions: usize,
    pub rms_eps: f32,
    pub rope: RopeCosSinCacheOptions,
    pub tied: bool,
    pub qkv_bias: bool,
    pub output_bias: bool,
    pub mlp_bias: bool,
    pub qk_norm: bool,
    /// Of the layers with sliding attention, if any has it.
    pub window: Option<usize>,
    pub dtype: DType,
    pub eos: Vec<i32>,
}

impl Config {
    pub fn q_width(&self) -> usize {
        self.heads * self.head_dim
    }

    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    /// How many more tokens fit after so many.
    pub fn room(&self, tokens: usize) -> usize {
        self.window.unwrap_or(self.max_positions).min(self.max_positions).saturating_sub(tokens)
    }

    /// Every tensor of the checkpoint, by its Hugging Face name.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        let (n, q, kv, wide) = (self.hidden_size, self.q_width(), self.kv_width(), self.intermediate_size);
        let mut shapes = BTreeMap::new();
        shapes.insert("model.embed_tokens.weight".into(), vec![self.vocab_size, n]);
        shapes.insert("model.norm.weight".into(), vec![n]);
        if !self.tied {
            shapes.insert("lm_head.weight".into(), vec![self.vocab_size, n]);
        }
        for i in 0..self.layers {
            let mut put = |name: &str, shape: &[usize], bias: bool| {
                shapes.insert(format!("model.layers.{i}.{name}.weight"), shape.to_vec());
                if bias {
                    shapes.insert(format!("model.layers.{i}.{name}.bias"), shape[..1].to_vec());
                }
            };
            put("input_layernorm", &[n], false);
            put("post_attention_layernorm", &[n], false);
            for (name, rows) in [("q_proj", q), ("k_proj", kv), ("v_proj", kv)] {
                put(&format!("self_attn.{name}"), &[rows, n], self.qkv_bias);
            }
            put("self_attn.o_proj", &[n, q], self.output_bias);
            if self.qk_norm {
                put("self_attn.q_norm", &[self.head_dim], false);
                put("self_attn.k_norm", &[self.head_dim], false);
            }
            put("mlp.gate_proj", &[wide, n], self.mlp_bias);
            put("mlp.up_proj", &[wide, n], self.mlp_bias);
            put("mlp.down_proj", &[n, wide], self.mlp_bias);
        }
        shapes
    }
}

pub fn read_json(path: &Path) -> Result<Object> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let refuse = |reason: String| Failure::refused(folder, [reason]);
    let text = match std::fs::read_to_string(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(refuse(format!("it has no {name}")));
        }
        Err(e) => return Err(refuse(format!("{name} cannot be read: {e}"))),
        Ok(text) => text,
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(refuse(format!("{name} is not an object"))),
        Err(e) => Err(refuse(format!("{name} cannot be read: {e}"))),
    }
}

/// A member that is there and not null.
fn get<'a>(raw: &'a Object, name: &str) -> Option<&'a Value> {
    raw.get(name).filter(|v| !v.is_null())
}

fn flag(raw: &Object, name: &str) -> bool {
    get(raw, name).and_then(Value::as_bool).unwrap_or(false)
}

/// Whether a member says something: not absent, null, false, 0, or empty.
fn says_something(raw: &Object, name: &str) -> bool {
    match get(raw, name) {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Number(n)) => n.as_f64() != Some(0.0),
        Some(Value::Object(o)) => !o.is_empty(),
        Some(_) => true,
    }
}

/// theta and the scaling: at the top level, in rope_scaling, or (transformers 5) in rope_parameters.
fn read_rope(raw: &Object, reasons: &mut Vec<String>) -> RopeCosSinCacheOptions {
    let mut rope = RopeCosSinCacheOptions::default();
    let empty = Object::new();
    let table = ["rope_parameters", "rope_scaling"]
        .iter()
        .find_map(|name| get(raw, name).and_then(Value::as_object).filter(|o| !o.is_empty()))
        .unwrap_or(&empty);
    if table.values().any(Value::is_object) {
        reasons.push("rope_parameters differs between layer types".into());
        return rope;
    }
    let theta = get(table, "rope_theta").or_else(|| get(raw, "rope_theta"));
    rope.theta = match theta.map(Value::as_f64) {
        None => 10000.0,
        Some(Some(theta)) if theta >= 1.0 => theta as f32,
        Some(_) => {
            reasons
                .push(format!("rope_theta is {}, expected a number from 1", theta.unwrap_or(&Value::Null)));
            return rope;
        }
    };
    let partial = get(table, "partial_rotary_factor").or_else(|| get(raw, "partial_rotary_factor"));
    if let Some(partial) = partial.filter(|p| p.as_f64() != Some(1.0)) {
        reasons.push(format!("partial_rotary_factor {partial}: RoPE on a part of the head is not served"));
    }
    let kind = get(table, "rope_type").or_else(|| get(table, "type"));
    let kind = kind.map_or("default", |k| k.as_str().unwrap_or("no text"));
    let mut missing = Vec::new();
    let mut number = |name: &'static str| {
        table.get(name).and_then(Value::as_f64).unwrap_or_else(|| {
            missing.push(name);
            0.0
        })
    };
    match kind {
        "default" => {}
        "linear" => {
            rope.scaling = RopeScaling::Linear;
            rope.factor = number("factor") as f32;
        }
        "llama3" => {
            rope.scaling = RopeScaling::Llama31;
            rope.factor = number("factor") as f32;
            rope.low_freq_factor = number("low_freq_factor") as f32;
            rope.high_freq_factor = number("high_freq_factor") as f32;
            rope.original_context = number("original_max_position_embeddings") as i32;
        }
        other => reasons.push(format!("RoPE scaling '{other}', expected none, linear or llama3")),
    }
    if !missing.is_empty() {
        reasons.push(format!("RoPE scaling {kind} without {}", missing.join(", ")));
    }
    rope
}

/// The sliding window if any layer uses one: always in Mistral, where use_sliding_window says so in Qwen.
fn read_window(raw: &Object, family: &str, reasons: &mut Vec<String>) -> Option<usize> {
    let kinds: Vec<&str> = get(raw, "layer_types")
        .and_then(Value::as_array)
        .map(|kinds| kinds.iter().map(|k| k.as_str().unwrap_or("no text")).collect())
        .unwrap_or_default();
    let mut unknown: Vec<&str> =
        kinds.iter().copied().filter(|k| !["full_attention", "sliding_attention"].contains(k)).collect();
    unknown.sort();
    unknown.dedup();
    if !unknown.is_empty() {
        reasons.push(format!("layers of type {}", unknown.join(", ")));
    }
    let window = get(raw, "sliding_window")?;
    let off = family == "llama"
        || (family.starts_with("qwen") && !flag(raw, "use_sliding_window"))
        || (!kinds.is_empty() && !kinds.contains(&"sliding_attention"));
    if off {
        return None;
    }
    let length = window.as_u64();
    if length.is_none() {
        reasons.push(format!("sliding_window is {window}, expected a positive integer"));
    }
    length.map(|n| n as usize)
}

/// From generation_config.json if it is there and names one, else from config.json; a number or a list.
fn end_tokens(folder: &Path, raw: &Object) -> Result<Vec<i32>> {
    let path = folder.join("generation_config.json");
    let generation = if path.exists() { read_json(&path)? } else { Object::new() };
    let value = get(&generation, "eos_token_id").or_else(|| get(raw, "eos_token_id"));
    let list = match value {
        None => Vec::new(),
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
    };
    list.iter()
        .map(|v| v.as_i64().and_then(|v| i32::try_from(v).ok()))
        .collect::<Option<Vec<i32>>>()
        .ok_or_else(|| {
            Failure::refused(folder, [format!("eos_token_id is {}", value.unwrap_or(&Value::Null))])
        })
}

pub fn read_config(folder: &Path) -> Result<Config> {
    let raw = read_json(&folder.join("config.json"))?;
    let family = get(&raw, "model_type").and_then(Value::as_str).unwrap_or("none").to_string();
    if !FAMILIES.contains(&family.as_str()) {
        let expected = FAMILIES.join(", ");
        return Err(Failure::refused(folder, [format!("model_type '{family}', expected one of {expected}")]));
    }
    let mut reasons = Vec::new();
    if says_something(&raw, "quantization_config") {
        let method =
            raw["quantization_config"].get("quant_method").and_then(Value::as_str).unwrap_or("unnamed");
        reasons.push(format!("quantization_config ({method}): quantised weights are not served"));
    }
    for name in ["num_local_experts", "num_experts", "n_routed_experts"] {
        if says_something(&raw, name) {
            reasons.push(format!("{name} is {}: mixtures of experts are not served", raw[name]));
        }
    }
    if let Some(act) = get(&raw, "hidden_act").filter(|a| a.as_str() != Some("silu")) {
        reasons.push(format!("hidden_act {act}, expected silu"));
    }
    let mut number = |name: &str, default: Option<usize>| match (get(&raw, name), default) {
        (None, Some(default)) => default,
        (value, _) => value.and_then(Value::as_u64).filter(|&n| n > 0 && n <= i32::MAX as u64).map_or_else(
            || {
                let value = value.unwrap_or(&Value::Null);
                reasons.push(format!("{name} is {value}, expected a positive integer"));
                1
            },
            |n| n as usize,
        ),
    };
    let (heads, hidden_size) = (number("num_attention_heads", None), number("hidden_size", None));
    let kv_heads = number("num_key_value_heads", Some(heads));
    let head_dim = number("head_dim", Some(hidden_size / heads));
    let (vocab_size, intermediate_size) = (number("vocab_size", None), number("intermediate_size", None));
    let (layers, max_positions) =
        (number("num_hidden_layers", None), number("max_position_embeddings", None));
    if heads % kv_heads != 0 {
        reasons.push(format!("{heads} attention heads are no multiple of {kv_heads} key-value heads"));
    }
    if head_dim % 8 != 0 || head_dim > 256 || head_dim == 0 {
        reasons.push(format!("head_dim {head_dim}, expected a multiple of 8 up to 256"));
    }
    let stored = get(&raw, "dtype").or_else(|| get(&raw, "torch_dtype"));
    let dtype = match stored.map_or(Some("float32"), Value::as_str) {
        Some("float32") => DType::F32,
        Some("float16") => DType::F16,
        Some("bfloat16") => DType::BF16,
        _ => {
            let stored = stored.unwrap_or(&Value::Null);
            reasons.push(format!("dtype {stored}, expected one of float32, float16, bfloat16"));
            DType::F32
        }
    };
    let rope = read_rope(&raw, &mut reasons);
    let window = read_window(&raw, &family, &mut reasons);
    let bias = flag(&raw, "attention_bias");
    let eos = end_tokens(folder, &raw)?;
    if !reasons.is_empty() {
        return Err(Failure::refused(folder, reasons));
    }
    Ok(Config {
        vocab_size,
        hidden_size,
        intermediate_size,
        layers,
        heads,
        kv_heads,
        head_dim,
        max_positions,
        rms_eps: get(&raw, "rms_norm_eps").and_then(Value::as_f64).unwrap_or(1e-6) as f32,
        rope,
        tied: flag(&raw, "tie_word_embeddings"),
        // attention_bias of Llama and Qwen3 is for all four projections; Qwen2 has it on q, k and v, Mistral on none.
        qkv_bias: family == "qwen2" || (bias && family != "mistral"),
        output_bias: bias && (family == "llama" || family == "qwen3"),
        mlp_bias: flag(&raw, "mlp_bias") && family == "llama",
        qk_norm: family == "qwen3",
        window,
        dtype,
        eos,
        family,
    })
}

/// That prompt and answer fit. Windowed attention equals full attention as long as the window holds everything.
pub fn check_context(folder: &Path, config: &Config, length: usize) -> Result<()> {
    let mut reasons = Vec::new();
    if length > config.max_positions {
        reasons
            .push(format!("a context of {length} tokens, the model has {} positions", config.max_positions));
    }
    if let Some(window) = config.window.filter(|&w| w < length) {
        reasons.push(format!("a context of {length} tokens, the sliding window is {window}"));
    }
    if reasons.is_empty() { Ok(()) } else { Err(Failure::refused(folder, reasons)) }
}
