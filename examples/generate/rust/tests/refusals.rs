// SPDX-License-Identifier: Apache-2.0
//! What cannot be served is refused with its reasons.

use std::fs;

use common::*;
use hipinfer_generate::engine::{Checkpoint, Engine, Limits};
use serde_json::json;

mod common;

#[test]
fn configs_are_refused_with_all_reasons() {
    let folder = copy("refused");
    let original = fs::read(folder.join("config.json")).unwrap();
    let whole = "expected a whole number from 1 to 2147483647";
    for (changes, expected) in [
        (
            json!({ "model_type": "gpt2" }),
            vec!["model_type is \"gpt2\", expected one of llama, mistral, qwen2, qwen3"],
        ),
        (json!({ "model_type": ["llama"] }), vec!["model_type is a list, expected"]),
        (
            json!({ "head_dim": 60, "hidden_act": "gelu" }),
            vec![
                "head_dim is 60, expected a multiple of 8 from 8 to 256 or null",
                "hidden_act is \"gelu\", expected \"silu\"",
            ],
        ),
        (
            json!({ "hidden_size": null, "vocab_size": 0, "num_hidden_layers": 1000000000 }),
            vec![
                &format!("hidden_size is null, {whole}"),
                "num_hidden_layers is 1000000000, expected a whole number from 1 to 4096",
                &format!("vocab_size is 0, {whole}"),
            ],
        ),
        (json!({ "vocab_size": 64.0 }), vec![&format!("vocab_size is 64.0, {whole}")]),
        (json!({ "num_key_value_heads": 3 }), vec!["4 attention heads are no multiple of 3 key-value heads"]),
        (
            json!({ "head_dim": null, "hidden_size": 20 }),
            vec!["head_dim (hidden_size / num_attention_heads) is 5"],
        ),
        (json!({ "num_experts": 8 }), vec!["num_experts is 8: mixtures of experts are not served"]),
        (
            json!({ "quantization_config": { "quant_method": "awq" } }),
            vec!["quantization_config, quant_method \"awq\": quantised weights are not served"],
        ),
        (
            json!({ "quantization_config": "fp8" }),
            vec!["quantization_config is \"fp8\", expected an object or null"],
        ),
        (
            json!({ "rope_parameters": { "rope_type": "yarn", "factor": 4.0 } }),
            vec!["rope_parameters.rope_type is \"yarn\", expected one of default, linear, llama3 or null"],
        ),
        (
            json!({ "rope_scaling": { "type": "llama3", "factor": "8" } }),
            vec![
                "rope_scaling.factor is \"8\", expected a number from 1 to 1000000000",
                "rope_scaling.high_freq_factor is missing",
                "rope_scaling.low_freq_factor is missing",
                "rope_scaling.original_max_position_embeddings is missing",
            ],
        ),
        (json!({ "rope_scaling": [1] }), vec!["rope_scaling is a list, expected an object or null"]),
        (
            json!({ "rope_parameters": { "full_attention": {} } }),
            vec!["rope_parameters differs between layer types"],
        ),
        (
            json!({ "rope_parameters": { "rope_type": "default", "partial_rotary_factor": 0.5 } }),
            vec!["partial_rotary_factor is 0.5: RoPE on a part of the head is not served"],
        ),
        (json!({ "rope_theta": null, "rope_parameters": null }), vec!["rope_theta is null"]),
        (json!({ "rms_norm_eps": -1e-5 }), vec!["rms_norm_eps is -1e-5, expected a number from 0 to 1"]),
        (
            json!({ "dtype": "float64" }),
            vec!["dtype is \"float64\", expected one of float32, float16, bfloat16"],
        ),
        (json!({ "layer_types": ["x"] }), vec!["layer_types[0] is \"x\", expected one of full_attention"]),
        (json!({ "layer_types": ["full_attention"] }), vec!["layer_types has 1 entries, expected 4"]),
        (json!({ "attention_bias": "false" }), vec!["attention_bias is \"false\", expected true or false"]),
        (json!({ "eos_token_id": [1, [2]] }), vec!["eos_token_id[1] is a list, expected a whole number"]),
        (json!({ "sliding_window": 0 }), vec!["sliding_window is 0"]),
    ] {
        fs::write(folder.join("config.json"), &original).unwrap();
        edit_config(&folder, &changes);
        let reasons = refusal(&folder);
        assert_eq!(reasons.len(), expected.len(), "{changes}: {reasons:?}");
        for (reason, text) in reasons.iter().zip(&expected) {
            assert!(reason.starts_with(text), "{changes}: {reasons:?} lacks {text}");
        }
    }
}

#[test]
fn files_are_refused_before_anything_is_loaded() {
    let folder = copy("spoiled");
    edit_config(&folder, &json!({ "intermediate_size": 641 }));
    let reasons = refusal(&folder);
    assert_eq!(reasons[0], "model.layers.0.mlp.down_proj.weight has shape [256, 640], expected [256, 641]");
    assert_eq!(reasons[8], "... and 4 more");

    let folder = copy("spoiled");
    edit_config(&folder, &json!({ "model_type": "qwen3" }));
    assert!(refusal(&folder)[0].ends_with("self_attn.k_norm.weight is missing"));

    let folder = copy("spoiled");
    edit_config(&folder, &json!({ "num_hidden_layers": 3 }));
    assert!(refusal(&folder)[0].ends_with("is not part of a llama model with this config"));

    let folder = copy("spoiled");
    let path = folder.join("model.safetensors");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(refusal(&folder)[0].starts_with("model.safetensors has "));
    fs::remove_file(path).unwrap();
    assert_eq!(refusal(&folder), ["it has no model.safetensors"]);

    let folder = copy("spoiled");
    fs::write(folder.join("tokenizer.json"), "{}").unwrap();
    assert!(refusal(&folder)[0].starts_with("tokenizer.json cannot be read: "));
    for (text, reason) in [
        ("[]", "config.json is a list, expected an object"),
        ("{", "config.json is not JSON in UTF-8, of finite numbers, at most 127 levels deep"),
        (
            "{\"rope_theta\": 1e999}",
            "config.json is not JSON in UTF-8, of finite numbers, at most 127 levels deep",
        ),
    ] {
        fs::write(folder.join("config.json"), text).unwrap();
        assert_eq!(refusal(&folder), [reason]);
    }
}

/// A header, then data.
fn safetensors_file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn headers_are_refused() {
    let folder = copy("headers");
    let file = "model.safetensors";
    let tensor = |about: &str| safetensors_file(&format!("{{\"a\": {about}}}"), &[0; 8]);
    for (bytes, reason) in [
        (vec![], ": its header is cut off"),
        (vec![0; 7], ": its header is cut off"),
        (vec![255; 64], ": its header is cut off"),
        (safetensors_file("[1]", &[]), ": its header is a list, expected an object"),
        (
            safetensors_file("{", &[]),
            ": its header is not JSON in UTF-8, of finite numbers, at most 127 levels deep",
        ),
        (tensor("[1]"), ": a is a list, expected an object"),
        (
            tensor("{\"dtype\": \"F32\", \"shape\": [2]}"),
            ": a: data_offsets is missing, expected a list of 2",
        ),
        (
            tensor("{\"dtype\": \"F32\", \"shape\": [2, -1], \"data_offsets\": [0, 8]}"),
            ": a: shape[1] is -1, expected a whole number from 0 to 9223372036854775807",
        ),
        (
            tensor("{\"dtype\": \"F32\", \"shape\": [4611686018427387904, 9], \"data_offsets\": [0, 8]}"),
            ": a has 8 bytes, which do not fit its shape [4611686018427387904, 9]",
        ),
        (
            tensor("{\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}"),
            ": a overlaps its neighbour, or leaves a gap",
        ),
        (
            tensor("{\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [8, 4]}"),
            ": a overlaps its neighbour, or leaves a gap",
        ),
        (
            tensor("{\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}"),
            " has 77 bytes, and its tensors end at 73",
        ),
    ] {
        fs::write(folder.join(file), bytes).unwrap();
        assert_eq!(refusal(&folder), [format!("{file}{reason}")]);
    }
    fs::remove_file(folder.join(file)).unwrap();
    for device in ["/dev/zero", "."] {
        std::os::unix::fs::symlink(device, folder.join(file)).unwrap();
        assert_eq!(refusal(&folder), [format!("{file} is no regular file")]);
        fs::remove_file(folder.join(file)).unwrap();
    }
}

#[test]
fn shards_are_files_of_the_folder() {
    let folder = copy("places");
    for shard in [
        json!("../model.safetensors"),
        json!("/etc/passwd"),
        json!(".."),
        json!(""),
        json!("a\u{0}b"),
        json!(3),
    ] {
        let index = json!({ "weight_map": { "model.norm.weight": shard } }).to_string();
        fs::write(folder.join("model.safetensors.index.json"), index).unwrap();
        let reason = "model.norm.weight is in SHARD, expected the name of a file in its folder";
        let reason = reason.replace("SHARD", &shard.to_string());
        assert_eq!(refusal(&folder), [format!("model.safetensors.index.json: {reason}")]);
    }
}

#[test]
fn contexts_that_do_not_fit_are_refused() {
    let folder = copy("window");
    edit_config(&folder, &json!({ "model_type": "mistral", "sliding_window": 20 }));
    let checkpoint = Checkpoint::open(&folder).unwrap();
    let prompt = || checkpoint.encode(&["347+589=".to_string()]).unwrap();
    assert_eq!(prompt()[0].len(), 9, "<bos> and eight characters");
    let engine = |max_tokens| Engine::new(&checkpoint, &cpu(), prompt(), Limits { max_tokens, ..LIMITS });
    assert!(engine(11).is_ok());
    assert_eq!(reasons(engine(12)), ["a context of 21 tokens, the sliding window is 20"]);
    assert_eq!(
        reasons(engine(56)),
        [
            "a context of 65 tokens, the model has 64 positions",
            "a context of 65 tokens, the sliding window is 20"
        ]
    );
}

#[test]
fn the_command_says_what_is_wrong() {
    for (arguments, expected) in [
        (&["1+1=", "--device", "abacus"][..], "abacus"),
        (&["1+1=", "--top-p", "0"], "--top-p is 0, expected a number above 0 to 1"),
        (&["1+1=", "--top-k", "-1"], "--top-k is -1, expected a whole number from 0 to 2147483647"),
        (&["1+1=", "--temperature", "nan"], "--temperature is \"nan\", expected a number from 0 to 3.4e38"),
        (&["1+1=", "--seed", "18446744073709551616"], "--seed is 1.8446744073709552e19, expected"),
        (&["1+1=", "--dtype", "f8"], "--dtype is \"f8\", expected one of auto, f32, f16, bf16"),
        (&["1+1=", "--prompts-file", "/"], "--prompts-file / cannot be read: Is a directory"),
        (&["1+1=", "--dump-logits", "/dev/full"], "--dump-logits /dev/full cannot be written: No space left"),
        (&["--top-k", "3"], "a prompt is needed"),
    ] {
        let output = command(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    let long = command(&["--prompt", "1+1=", "--prompt", &"1".repeat(60)]);
    assert_eq!(long.status.code(), Some(2));
    assert!(
        String::from_utf8(long.stderr)
            .unwrap()
            .contains("- a context of 77 tokens, the model has 64 positions")
    );
}
