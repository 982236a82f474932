// SPDX-License-Identifier: Apache-2.0
//! The tiny model gives the answers that it was trained to give, however it is stored and served; and what cannot be
//! served is refused with its reasons.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hipinfer::{Context, DType};
use hipinfer_generate::Failure;
use hipinfer_generate::engine::{Checkpoint, Engine, Limits, Sampling};
use hipinfer_generate::text::Stream;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};

const LIMITS: Limits = Limits { max_tokens: 16, batch: 64, dtype: None };

fn tiny_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tiny-model")
}

/// A copy of the tiny model that a test may spoil.
fn copy(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"] {
        fs::copy(tiny_model().join(file), folder.join(file)).unwrap();
    }
    folder
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn edit_config(folder: &Path, changes: &Value) {
    let path = folder.join("config.json");
    let mut config = read(&path);
    for (name, value) in changes.as_object().unwrap() {
        config[name] = value.clone();
    }
    fs::write(path, config.to_string()).unwrap();
}

/// Every twentieth of the model's own questions: five of each task.
fn questions() -> Vec<(String, String)> {
    let text = fs::read_to_string(tiny_model().join("eval.jsonl")).unwrap();
    let lines = text.lines().step_by(20).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let word = |v: &Value| v.as_str().unwrap().to_string();
    let all: Vec<_> = lines.map(|line| (word(&line["prompt"]), word(&line["answer"]))).collect();
    assert_eq!(all.len(), 15);
    all
}

fn cpu() -> Context {
    Context::builder().device("cpu").build().expect("set HIPINFER_LIBRARY to the built libhipinfer.so.0")
}

fn answer(folder: &Path, prompts: &[String], limits: Limits, sampling: Sampling) -> Vec<String> {
    let checkpoint = Checkpoint::open(folder).unwrap();
    let ids = checkpoint.encode(prompts).unwrap();
    let mut engine = Engine::new(&checkpoint, &cpu(), ids, limits).unwrap();
    let mut streams: Vec<_> = prompts.iter().map(|_| Stream::new(&checkpoint.tokenizer)).collect();
    let mut texts = vec![String::new(); prompts.len()];
    engine
        .generate(sampling, |token| {
            if !token.ended {
                texts[token.prompt] += &streams[token.prompt].put(token.id);
            }
            if token.last {
                texts[token.prompt] += &streams[token.prompt].end();
            }
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

fn tensors(bytes: &[u8]) -> Vec<(String, TensorView<'_>)> {
    SafeTensors::deserialize(bytes).unwrap().tensors()
}

fn write_tensors(path: &Path, tensors: Vec<(String, TensorView<'_>)>) {
    fs::write(path, safetensors::serialize(tensors, None).unwrap()).unwrap();
}

#[test]
fn shards_and_an_untied_head_are_served() {
    let folder = copy("sharded");
    let bytes = fs::read(folder.join("model.safetensors")).unwrap();
    let (mut index, mut shards) = (serde_json::Map::new(), BTreeMap::<String, Vec<_>>::new());
    for (i, (name, view)) in tensors(&bytes).into_iter().enumerate() {
        let shard = format!("model-{:05}-of-00002.safetensors", i % 2 + 1);
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
    assert_eq!(refusal(&folder), ["model-00002-of-00002.safetensors: the index names it, and it is missing"]);
}

/// With the other families' own parts set so that the answers stay: windows out of reach, biases of 0.
#[test]
fn other_families_are_served() {
    let mistral = copy("mistral");
    edit_config(&mistral, &json!({ "model_type": "mistral", "sliding_window": 40 }));
    right_answers(&mistral, LIMITS);

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

fn reasons<T>(result: hipinfer_generate::Result<T>) -> Vec<String> {
    match result {
        Err(Failure::Refused { reasons, .. }) => reasons,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was served"),
    }
}

fn refusal(folder: &Path) -> Vec<String> {
    reasons(Checkpoint::open(folder))
}

#[test]
fn configs_are_refused_with_all_reasons() {
    let folder = copy("refused");
    let original = fs::read(folder.join("config.json")).unwrap();
    let head_dim = "head_dim 60, expected a multiple of 8 up to 256";
    for (changes, expected) in [
        (
            json!({ "model_type": "gpt2" }),
            vec!["model_type 'gpt2', expected one of llama, mistral, qwen2, qwen3"],
        ),
        (json!({ "head_dim": 60 }), vec![head_dim]),
        (json!({ "head_dim": 264 }), vec!["head_dim 264, expected a multiple of 8 up to 256"]),
        (
            json!({ "head_dim": 60, "hidden_act": "gelu" }),
            vec!["hidden_act \"gelu\", expected silu", head_dim],
        ),
        (
            json!({ "hidden_size": null, "vocab_size": 0 }),
            vec!["hidden_size is null, expected", "vocab_size is 0"],
        ),
        (json!({ "num_key_value_heads": 3 }), vec!["4 attention heads are no multiple of 3 key-value heads"]),
        (json!({ "num_experts": 8 }), vec!["num_experts is 8: mixtures of experts are not served"]),
        (
            json!({ "quantization_config": { "quant_method": "awq" } }),
            vec!["quantization_config (awq): quantised weights are not served"],
        ),
        (
            json!({ "rope_parameters": { "rope_type": "yarn", "factor": 4.0 } }),
            vec!["RoPE scaling 'yarn', expected none, linear or llama3"],
        ),
        (
            json!({ "rope_parameters": null, "rope_scaling": { "type": "llama3", "factor": 8.0 } }),
            vec![
                "RoPE scaling llama3 without low_freq_factor, high_freq_factor, original_max_position_embeddings",
            ],
        ),
        (
            json!({ "rope_parameters": { "rope_type": "default", "partial_rotary_factor": 0.5 } }),
            vec!["partial_rotary_factor 0.5: RoPE on a part of the head is not served"],
        ),
        (
            json!({ "dtype": "float64" }),
            vec!["dtype \"float64\", expected one of float32, float16, bfloat16"],
        ),
        (json!({ "layer_types": ["linear_attention"] }), vec!["layers of type linear_attention"]),
    ] {
        fs::write(folder.join("config.json"), &original).unwrap();
        edit_config(&folder, &changes);
        let reasons = refusal(&folder);
        for text in &expected {
            assert!(reasons.iter().any(|r| r.starts_with(text)), "{changes}: {reasons:?} lacks {text}");
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
    assert!(refusal(&folder)[0].starts_with("model.safetensors: "));
    fs::remove_file(path).unwrap();
    assert_eq!(refusal(&folder), ["it has neither model.safetensors nor model.safetensors.index.json"]);

    let folder = copy("spoiled");
    fs::write(folder.join("tokenizer.json"), "{}").unwrap();
    assert!(refusal(&folder)[0].starts_with("tokenizer.json cannot be read: "));
    fs::write(folder.join("config.json"), "[]").unwrap();
    assert_eq!(refusal(&folder), ["config.json is not an object"]);
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

fn command(arguments: &[&str]) -> Output {
    let mut all: HashMap<_, _> = std::env::vars().collect();
    all.remove("HIPINFER_DEVICE");
    Command::new(env!("CARGO_BIN_EXE_generate"))
        .env_clear()
        .envs(all)
        .arg(tiny_model())
        .args(["--device", "cpu", "--max-tokens", "16"])
        .args(arguments)
        .output()
        .unwrap()
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
    let several = said(&["--prompt", "347+589=", "--prompt", "sort:83142=", "--prompt", "reverse:abcde="]);
    assert_eq!(several, "[0] 936\n[1] 12348\n[2] edcba\n");
    let stats = command(&["--prompt", "347+589=", "--stats"]);
    let stats = String::from_utf8(stats.stderr).unwrap();
    assert!(stats.contains("\nprefill: 9 tokens in ") && stats.contains("\ndecode: 3 tokens in "), "{stats}");
}

#[test]
fn the_command_says_what_is_wrong() {
    for (arguments, expected) in [
        (&["--prompt", "1+1=", "--device", "abacus"][..], "the argument '--device"),
        (&["--prompt", "1+1=", "--top-p", "0"], "--top-p above 0"),
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
