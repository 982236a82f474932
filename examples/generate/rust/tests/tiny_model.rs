// SPDX-License-Identifier: Apache-2.0
//! The tiny model gives the answers that it was trained to give, however it is stored and served.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::*;
use hipinfer::DType;
use hipinfer_generate::engine::{Checkpoint, Engine, Limits, Sampling};
use hipinfer_generate::text::Stream;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};

mod common;

/// Every twentieth of the model's own questions: five of each task.
fn questions() -> Vec<(String, String)> {
    let text = fs::read_to_string(tiny_model().join("eval.jsonl")).unwrap();
    let lines = text.lines().step_by(20).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let word = |v: &Value| v.as_str().unwrap().to_string();
    let all: Vec<_> = lines.map(|line| (word(&line["prompt"]), word(&line["answer"]))).collect();
    assert_eq!(all.len(), 15);
    all
}

fn answer(folder: &Path, prompts: &[String], limits: Limits, sampling: Sampling) -> Vec<String> {
    let checkpoint = Checkpoint::open(folder).unwrap();
    let ids = checkpoint.encode(prompts).unwrap();
    let mut engine = Engine::new(&checkpoint, &cpu(), ids, limits).unwrap();
    let mut streams: Vec<_> =
        engine.prompts().iter().map(|ids| Stream::new(&checkpoint.tokenizer, ids).unwrap()).collect();
    let mut texts = vec![String::new(); prompts.len()];
    engine
        .generate(sampling, |token| {
            if !token.ended {
                texts[token.prompt] += &streams[token.prompt].put(token.id)?;
            }
            if token.last {
                texts[token.prompt] += &streams[token.prompt].end()?;
            }
            Ok(())
        })
        .unwrap();
    texts
}

fn right_answers(folder: &Path, limits: Limits) {
    let (prompts, expected): (Vec<_>, Vec<_>) = questions().into_iter().unzip();
    assert_eq!(answer(folder, &prompts, limits, Sampling::default()), expected);
}

#[test]
fn answers_are_right_in_a_batch() {
    right_answers(&tiny_model(), LIMITS);
}

#[test]
fn answers_are_right_in_small_groups() {
    right_answers(&tiny_model(), Limits { batch: 4, ..LIMITS });
}

#[test]
fn answers_are_right_in_other_dtypes() {
    right_answers(&tiny_model(), Limits { dtype: Some(DType::F32), ..LIMITS });
    right_answers(&tiny_model(), Limits { dtype: Some(DType::F16), ..LIMITS });
}

#[test]
fn sampling_repeats_with_its_seed_and_not_with_another() {
    // Hot enough that wrong digits come up.
    let prompts: Vec<String> = questions().into_iter().map(|(prompt, _)| prompt).collect();
    let run = |seed| {
        let sampling = Sampling { temperature: 20.0, top_k: 0, top_p: 1.0, seed };
        answer(&tiny_model(), &prompts, Limits { max_tokens: 6, ..LIMITS }, sampling)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    // One candidate is greedy, however hot.
    let one = Sampling { temperature: 20.0, top_k: 1, top_p: 1.0, seed: 3 };
    let (prompts, expected): (Vec<_>, Vec<_>) = questions().into_iter().unzip();
    assert_eq!(answer(&tiny_model(), &prompts, LIMITS, one), expected);
}

#[test]
fn shards_and_an_untied_head_are_served() {
    let folder = copy("sharded");
    let bytes = fs::read(folder.join("model.safetensors")).unwrap();
    // The other shard has an old copy of each tensor, and one that the index does not name.
    let zeros = vec![0; bytes.len()];
    let (mut index, mut shards) = (serde_json::Map::new(), BTreeMap::<String, Vec<_>>::new());
    for (i, (name, view)) in tensors(&bytes).into_iter().enumerate() {
        let [shard, other] = [i % 2 + 1, 2 - i % 2].map(|n| format!("model-{n:05}-of-00002.safetensors"));
        let old = TensorView::new(view.dtype(), view.shape().to_vec(), &zeros[..view.data().len()]).unwrap();
        shards
            .entry(other.clone())
            .or_default()
            .extend([(name.clone(), old.clone()), (format!("old.{name}"), old)]);
        index.insert(name.clone(), json!(shard));
        if name == "model.embed_tokens.weight" {
            index.insert("lm_head.weight".into(), json!(shard));
            shards.entry(shard.clone()).or_default().push(("lm_head.weight".to_string(), view.clone()));
        }
        shards.entry(shard).or_default().push((name, view));
    }
    for (shard, tensors) in shards {
        write_tensors(&folder.join(shard), tensors);
    }
    fs::remove_file(folder.join("model.safetensors")).unwrap();
    fs::write(folder.join("model.safetensors.index.json"), json!({ "weight_map": index }).to_string())
        .unwrap();
    edit_config(&folder, &json!({ "tie_word_embeddings": false }));
    right_answers(&folder, LIMITS);

    fs::remove_file(folder.join("model-00002-of-00002.safetensors")).unwrap();
    assert_eq!(refusal(&folder), ["it has no model-00002-of-00002.safetensors"]);
}

/// With the other families' own parts set so that the answers stay: windows out of reach, biases of 0.
#[test]
fn other_families_are_served() {
    let mistral = copy("mistral");
    edit_config(&mistral, &json!({ "model_type": "mistral", "sliding_window": 40 }));
    right_answers(&mistral, LIMITS);
    assert_eq!(Checkpoint::open(&mistral).unwrap().config.window, Some(40));
    drop_from_config(&mistral, &["sliding_window", "eos_token_id", "head_dim"]);
    fs::remove_file(mistral.join("generation_config.json")).unwrap();
    let config = Checkpoint::open(&mistral).unwrap().config;
    assert_eq!((config.window, &config.eos[..], config.head_dim), (Some(4096), &[2][..], 64));

    let qwen = copy("qwen2");
    edit_config(&qwen, &json!({ "model_type": "qwen2", "sliding_window": 2, "use_sliding_window": false }));
    let bytes = fs::read(qwen.join("model.safetensors")).unwrap();
    let mut all = tensors(&bytes);
    let zeros = [0u8; 512];
    for layer in 0..4 {
        for (name, rows) in [("q", 256), ("k", 128), ("v", 128)] {
            let view = TensorView::new(safetensors::Dtype::BF16, vec![rows], &zeros[..2 * rows]).unwrap();
            all.push((format!("model.layers.{layer}.self_attn.{name}_proj.bias"), view));
        }
    }
    write_tensors(&qwen.join("model.safetensors"), all);
    right_answers(&qwen, LIMITS);
}

#[test]
fn the_command_prints_answers() {
    let said = |arguments: &[&str]| {
        let output = command(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said(&["--prompt", "347+589="]), "936\n");
    assert_eq!(said(&["--prompt", "347+589=", "--no-stream"]), "936\n");
    let several = said(&["347+589=", "--prompt", "reverse:abcde=", "sort:83142="]);
    assert_eq!(several, "[0] 936\n[1] 12348\n[2] edcba\n");
    let stats = command(&["--prompt", "347+589=", "--stats"]);
    let stats = String::from_utf8(stats.stderr).unwrap();
    assert!(stats.starts_with(&format!("generate: {} (cpu) answers\n", cpu().device_info().unwrap().name)));
    assert!(stats.contains("\nprefill: 9 tokens in ") && stats.contains("\ndecode: 3 tokens in "), "{stats}");
}

#[test]
fn logits_are_dumped_for_numpy() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("logits.npy");
    let output = command(&["--prompt", "347+589=", "--dump-logits", path.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = fs::read(path).unwrap();
    let header = u16::from_le_bytes([bytes[8], bytes[9]]) as usize;
    let text = String::from_utf8_lossy(&bytes[10..10 + header]).into_owned();
    assert!(bytes.starts_with(b"\x93NUMPY\x01\x00") && (10 + header) % 64 == 0 && text.ends_with('\n'));
    assert!(text.contains("'shape': (9, 64)"), "{text}");
    let values: Vec<f32> =
        bytes[10 + header..].chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    assert_eq!(values.len(), 9 * 64);
    let last = &values[8 * 64..];
    let best = (0..64).max_by(|&a, &b| last[a].total_cmp(&last[b])).unwrap();
    assert_eq!(best, 4 + 9, "the first digit of 936");
}
