// SPDX-License-Identifier: Apache-2.0
//! What the tests share: the tiny model, copies to spoil, and the command.
#![allow(dead_code)] // each test program uses a part

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hipinfer::Context;
use hipinfer_generate::Failure;
use hipinfer_generate::engine::{Checkpoint, Limits};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde_json::Value;

pub const LIMITS: Limits = Limits { max_tokens: 16, batch: 64, dtype: None, graphs: true, progress: None };

pub fn tiny_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tiny-model")
}

/// A copy of the tiny model that a test may spoil.
pub fn copy(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"] {
        fs::copy(tiny_model().join(file), folder.join(file)).unwrap();
    }
    folder
}

pub fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub fn edit_config(folder: &Path, changes: &Value) {
    let path = folder.join("config.json");
    let mut config = read(&path);
    for (name, value) in changes.as_object().unwrap() {
        config[name] = value.clone();
    }
    fs::write(path, config.to_string()).unwrap();
}

pub fn drop_from_config(folder: &Path, names: &[&str]) {
    let path = folder.join("config.json");
    let mut config = read(&path);
    names.iter().for_each(|&name| drop(config.as_object_mut().unwrap().remove(name)));
    fs::write(path, config.to_string()).unwrap();
}

pub fn cpu() -> Context {
    Context::builder().device("cpu").build().expect("set HIPINFER_LIBRARY to the built libhipinfer.so.0")
}

pub fn tensors(bytes: &[u8]) -> Vec<(String, TensorView<'_>)> {
    SafeTensors::deserialize(bytes).unwrap().tensors()
}

pub fn write_tensors(path: &Path, tensors: Vec<(String, TensorView<'_>)>) {
    fs::write(path, safetensors::serialize(tensors, None).unwrap()).unwrap();
}

pub fn reasons<T>(result: hipinfer_generate::Result<T>) -> Vec<String> {
    match result {
        Err(Failure::Refused { reasons, .. }) => reasons,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was served"),
    }
}

pub fn refusal(folder: &Path) -> Vec<String> {
    reasons(Checkpoint::open(folder))
}

pub fn command(arguments: &[&str]) -> Output {
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
