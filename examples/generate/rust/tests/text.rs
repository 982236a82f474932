// SPDX-License-Identifier: Apache-2.0
//! What becomes of text: prompts from files, the tokenizer's leftovers, answers as they stream.

use std::fs;
use std::path::Path;

use common::*;
use hipinfer_generate::engine::Checkpoint;
use hipinfer_generate::text::Stream;
use serde_json::json;
use tokenizers::Tokenizer;

mod common;

/// Like Llama 2's: a word's token holds the space before it, and the decoder strips the first one of a text.
fn sentencepiece() -> Tokenizer {
    let words = json!({ "<unk>": 0, "<s>": 1, "▁Hello": 2, "▁world": 3, "▁▁▁▁": 4, "x": 5, "<0xE4>": 6, "<0xBD>": 7,
        "<0xA0>": 8, "▁": 9, ".": 10, "<|special|>": 11 });
    let special = json!({ "id": 11, "content": "<|special|>", "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false, "special": true });
    let decoders = json!([{ "type": "Replace", "pattern": { "String": "▁" }, "content": " " },
        { "type": "ByteFallback" }, { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 }]);
    json!({ "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "pre_tokenizer": null,
        "post_processor": null, "added_tokens": [special], "decoder": { "type": "Sequence", "decoders": decoders },
        "model": { "type": "WordLevel", "vocab": words, "unk_token": "<unk>" } })
    .to_string()
    .parse()
    .unwrap()
}

#[test]
fn an_answer_goes_on_where_its_prompt_ends() {
    let tokenizer = sentencepiece();
    for (prompt, answer, text) in [
        (&[2][..], &[3, 3][..], " world world"),
        (&[2], &[4, 5], "    x"),
        (&[2], &[6, 7, 8, 3], "你 world"),
        (&[2, 6, 7], &[8, 3], "你 world"),
        (&[2, 6], &[7, 8, 6, 7, 8, 3], "你你 world"),
        (&[2, 6, 7], &[8, 6, 7, 8, 6, 7, 8], "你你你"),
        (&[2], &[9, 9, 5], "  x"),
        (&[2], &[11, 3, 11, 3], " world world"),
        (&[2, 11], &[3], " world"),
        (&[2], &[10, 3], ". world"),
        (&[2], &[6, 7], "\u{fffd}\u{fffd}"),
        (&[], &[3, 3], "world world"),
    ] {
        let mut stream = Stream::new(&tokenizer, prompt).unwrap();
        let pieces: String = answer.iter().map(|&id| stream.put(id).unwrap()).collect();
        assert!(!pieces.contains('\u{fffd}'), "{pieces}");
        assert_eq!(pieces + &stream.end().unwrap(), text, "{prompt:?} {answer:?}");
    }
}

fn ids(folder: &Path, prompt: &str) -> Vec<i32> {
    Checkpoint::open(folder).unwrap().encode(&[prompt.to_string()]).unwrap().remove(0)
}

#[test]
fn leftovers_of_training_are_not_applied() {
    let folder = copy("leftovers");
    let path = folder.join("tokenizer.json");
    let mut tokenizer = read(&path);
    tokenizer["truncation"] =
        json!({ "direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0 });
    tokenizer["padding"] = json!({ "strategy": { "Fixed": 16 }, "direction": "Left", "pad_to_multiple_of": null,
        "pad_id": 0, "pad_type_id": 0, "pad_token": "<pad>" });
    fs::write(&path, tokenizer.to_string()).unwrap();
    assert_eq!(ids(&folder, "347+589="), ids(&tiny_model(), "347+589="));

    tokenizer["model"]["vocab"]["11"] = json!(43);
    tokenizer["model"]["merges"] = json!([["1", "1"]]);
    tokenizer["model"]["dropout"] = json!(0.5);
    fs::write(&path, tokenizer.to_string()).unwrap();
    assert_eq!(ids(&folder, &"11".repeat(30)), [vec![1], vec![43; 30]].concat());
}

/// A line that the model has not learnt is answered all the same, so that answers count lines.
#[test]
fn a_prompt_is_a_line() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prompts");
    for (text, answers) in [
        ("347+589=\n12+34=\n", vec!["936", "46"]),
        ("347+589=\r\n12+34=", vec!["936", "46"]),
        ("\u{feff}347+589=\n12+34=\n", vec!["936", "46"]),
    ] {
        fs::write(&path, text).unwrap();
        let output = command(&["--prompts-file", path.to_str().unwrap()]);
        let expected: String = answers.iter().enumerate().map(|(i, a)| format!("[{i}] {a}\n")).collect();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
    fs::write(&path, "1\u{2028}2\u{85}3\u{c}4\r5\n6\n").unwrap();
    let output = command(&["--prompts-file", path.to_str().unwrap(), "--max-tokens", "1"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    fs::write(&path, b"\xff\n").unwrap();
    let output = command(&["--prompts-file", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().ends_with("prompts is not UTF-8\n"));
}
