// SPDX-License-Identifier: Apache-2.0
//! Reads a checkpoint's config.json, and says every reason for which this example cannot serve it.

use std::collections::BTreeMap;
use std::path::Path;

use hipinfer::DType;
use hipinfer::ops::{RopeCosSinCacheOptions, RopeScaling};
use serde_json::Value;

use crate::fields::{Fields, Object, describe, kind, read_fields, read_json};
use crate::{Failure, Result};

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

/// theta and the scaling: at the top level, in rope_scaling, or (transformers 5) in rope_parameters, which rope_scaling
/// replaces where both are there.
fn read_rope(values: &Fields, reasons: &mut Vec<String>) -> RopeCosSinCacheOptions {
    let mut rope = RopeCosSinCacheOptions::default();
    let scaling = values.object("rope_scaling");
    let name = if scaling.is_some() { "rope_scaling" } else { "rope_parameters" };
    let empty = Object::new();
    let table = scaling.or(values.object(name)).unwrap_or(&empty);
    if table.values().any(Value::is_object) {
        reasons.push(format!("{name} differs between layer types"));
        return rope;
    }
    let found = read_fields("rope", table, reasons, "", &format!("{name}."));
    let either = |field| Some(found.value(field)).filter(|v| !v.is_null()).unwrap_or(values.value(field));
    let partial = either("partial_rotary_factor");
    if partial.as_f64().is_some_and(|p| p != 1.0) {
        let partial = describe(partial);
        reasons.push(format!("partial_rotary_factor is {partial}: RoPE on a part of the head is not served"));
    }
    match either("rope_theta").as_f64() {
        Some(theta) => rope.theta = theta as f32,
        None => reasons.push("rope_theta is null".into()),
    }
    let scaling = found.text("rope_type").or(found.text("type")).unwrap_or("default");
    if !reasons.is_empty() || scaling == "default" {
        return rope;
    }
    let found = read_fields(&format!("rope {scaling}"), table, reasons, "", &format!("{name}."));
    let number = |field| found.number(field).unwrap_or_default() as f32;
    rope.factor = number("factor");
    rope.scaling = RopeScaling::Linear;
    if scaling == "llama3" {
        rope.scaling = RopeScaling::Llama31;
        rope.low_freq_factor = number("low_freq_factor");
        rope.high_freq_factor = number("high_freq_factor");
        rope.original_context = found.whole("original_max_position_embeddings").unwrap_or_default() as i32;
    }
    rope
}

/// The sliding window if any layer uses one. Mistral's all do, Llama's never.
fn read_window(family: &str, values: &Fields) -> Option<usize> {
    if family == "llama" || (family != "mistral" && !values.flag("use_sliding_window")) {
        return None;
    }
    let slides = match values.list("layer_types") {
        Some(kinds) => kinds.iter().any(|kind| kind == "sliding_attention"),
        None => family == "mistral" || values.whole("max_window_layers") < values.whole("num_hidden_layers"),
    };
    values.whole("sliding_window").filter(|_| slides)
}

/// From generation_config.json if it is there and names one, else those of config.json; a number or a list.
fn end_tokens(folder: &Path, config: &Value) -> Result<Vec<i32>> {
    let name = "generation_config.json";
    let (mut reasons, mut value) = (Vec::new(), config.clone());
    if folder.join(name).exists() {
        let found = read_fields(name, &read_json(folder, name)?, &mut reasons, "", &format!("{name}: "));
        if !found.value("eos_token_id").is_null() {
            value = found.value("eos_token_id").clone();
        }
    }
    if !reasons.is_empty() {
        return Err(Failure::refused(folder, reasons));
    }
    let one = [value.clone()];
    let list = value.as_array().map_or(&one[..], |list| list);
    Ok(list.iter().filter_map(Value::as_i64).map(|id| id as i32).collect())
}

pub fn read_config(folder: &Path) -> Result<Config> {
    let section = "config.json";
    let raw = read_json(folder, section)?;
    let family = raw.get("model_type").unwrap_or(&Value::Null);
    if let Some(reason) = kind(section, "model_type").fault("model_type", family) {
        return Err(Failure::refused(folder, [reason]));
    }
    let family = family.as_str().unwrap_or_default().to_string();
    let mut reasons = Vec::new();
    let values = read_fields(section, &raw, &mut reasons, &family, "");
    if let Some(about) = values.object("quantization_config") {
        let method = describe(about.get("quant_method").unwrap_or(&Value::Null));
        reasons.push(format!("quantization_config, quant_method {method}: quantised weights are not served"));
    }
    for name in ["num_local_experts", "num_experts", "n_routed_experts"] {
        if let Some(count) = values.whole(name).filter(|&count| count > 0) {
            reasons.push(format!("{name} is {count}: mixtures of experts are not served"));
        }
    }
    if !reasons.is_empty() {
        return Err(Failure::refused(folder, reasons));
    }
    let rope = read_rope(&values, &mut reasons);
    let whole = |name| values.whole(name).expect("its kind is a whole number");
    let (layers, heads) = (whole("num_hidden_layers"), whole("num_attention_heads"));
    let kv_heads = values.whole("num_key_value_heads").unwrap_or(heads);
    let head_dim = values.whole("head_dim").unwrap_or(whole("hidden_size") / heads);
    if heads % kv_heads != 0 {
        reasons.push(format!("{heads} attention heads are no multiple of {kv_heads} key-value heads"));
    }
    let derived = "head_dim (hidden_size / num_attention_heads)";
    reasons.extend(kind(section, "head_dim").fault(derived, &Value::from(head_dim)));
    if let Some(kinds) = values.list("layer_types").filter(|kinds| kinds.len() != layers) {
        let count = kinds.len();
        reasons.push(format!("layer_types has {count} entries, expected {layers} (num_hidden_layers)"));
    }
    if !reasons.is_empty() {
        return Err(Failure::refused(folder, reasons));
    }
    let bias = values.flag("attention_bias");
    Ok(Config {
        vocab_size: whole("vocab_size"),
        hidden_size: whole("hidden_size"),
        intermediate_size: whole("intermediate_size"),
        layers,
        heads,
        kv_heads,
        head_dim,
        max_positions: whole("max_position_embeddings"),
        rms_eps: values.number("rms_norm_eps").expect("its kind is a number") as f32,
        rope,
        tied: values.flag("tie_word_embeddings"),
        // attention_bias of Llama and Qwen3 is for all four projections; Qwen2 has it on q, k and v, Mistral on none.
        qkv_bias: family == "qwen2" || (bias && family != "mistral"),
        output_bias: bias && (family == "llama" || family == "qwen3"),
        mlp_bias: values.flag("mlp_bias") && family == "llama",
        qk_norm: family == "qwen3",
        window: read_window(&family, &values),
        dtype: match values.text("dtype").or(values.text("torch_dtype")) {
            Some("float16") => DType::F16,
            Some("bfloat16") => DType::BF16,
            _ => DType::F32,
        },
        eos: end_tokens(folder, values.value("eos_token_id"))?,
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
