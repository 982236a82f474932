// SPDX-License-Identifier: Apache-2.0
//! Text generation from a Hugging Face checkpoint of the Llama, Mistral, Qwen2 or Qwen3 families, over hipinfer.
//!
//! The files are those of the Python example beside it: `config` and `weights` look at a checkpoint and refuse what
//! cannot be served before anything is loaded, by what `fields` declares, `model` is one forward pass, `engine` serves prompts with it, `text`
//! turns tokens into text while they come.

pub mod config;
pub mod engine;
pub mod fields;
pub mod model;
pub mod text;
pub mod weights;

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a run ended.
#[derive(Debug)]
pub enum Failure {
    /// The checkpoint cannot be served, or not with these prompts; without a folder, the command cannot be done. All
    /// reasons, each of one line.
    Refused { folder: Option<PathBuf>, reasons: Vec<String> },
    /// The library or the device refused or failed.
    Device(hipinfer::Error),
    /// The model's own output makes no sense: NaN, or no finite logit at all.
    NotFinite,
}

impl Failure {
    /// The checkpoint cannot be served.
    pub fn refused(folder: &Path, reasons: impl IntoIterator<Item = String>) -> Failure {
        Failure::Refused { folder: Some(folder.to_path_buf()), reasons: printable(reasons) }
    }

    /// The command cannot be done.
    pub fn impossible(reasons: impl IntoIterator<Item = String>) -> Failure {
        Failure::Refused { folder: None, reasons: printable(reasons) }
    }
}

/// Reasons of one line each, not too many.
fn printable(reasons: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut reasons: Vec<String> =
        reasons.into_iter().map(|r| r.replace(|c: char| c.is_control(), "?")).collect();
    if reasons.len() > 9 {
        let more = reasons.len() - 8;
        reasons.truncate(8);
        reasons.push(format!("... and {more} more"));
    }
    reasons
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused { folder, reasons } => {
                match folder {
                    Some(folder) => write!(f, "{} cannot be served:", folder.display())?,
                    None => write!(f, "this cannot be done:")?,
                }
                reasons.iter().try_for_each(|r| write!(f, "\n  - {r}"))
            }
            Failure::Device(e) => f.write_str(e.message()),
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
