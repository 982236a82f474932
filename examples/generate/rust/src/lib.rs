// SPDX-License-Identifier: Apache-2.0
//! Text generation from a Hugging Face checkpoint of the Llama, Mistral, Qwen2 or Qwen3 families, over hipinfer.
//!
//! The files are those of the Python example beside it: `config` and `weights` look at a checkpoint and refuse what
//! cannot be served before anything is loaded, `model` is one forward pass, `engine` serves prompts with it, `text`
//! turns tokens into text while they come.

pub mod config;
pub mod engine;
pub mod model;
pub mod text;
pub mod weights;

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a run ended.
#[derive(Debug)]
pub enum Failure {
    /// The checkpoint cannot be served, or not with these prompts: all reasons.
    Refused { folder: PathBuf, reasons: Vec<String> },
    /// The library or the device refused or failed.
    Device(hipinfer::Error),
    /// The model's own output makes no sense: NaN, or no finite logit at all.
    NotFinite,
}

impl Failure {
    pub fn refused(folder: &Path, reasons: impl IntoIterator<Item = String>) -> Failure {
        Failure::Refused { folder: folder.to_path_buf(), reasons: reasons.into_iter().collect() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused { folder, reasons } => {
                write!(f, "{} cannot be served:", folder.display())?;
                reasons.iter().try_for_each(|r| write!(f, "\n  - {r}"))
            }
            Failure::Device(e) => e.fmt(f),
            Failure::NotFinite => f.write_str("the model gave NaN or no finite logit at all"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<hipinfer::Error> for Failure {
    fn from(e: hipinfer::Error) -> Self {
        Failure::Device(e)
    }
}

pub type Result<T> = std::result::Result<T, Failure>;
