// SPDX-License-Identifier: Apache-2.0
//! Tokens to text while they come: a character that spans tokens is held back until it is whole.

use std::path::Path;

use tokenizers::Tokenizer;

use crate::config::Config;
use crate::{Failure, Result};

pub fn load_tokenizer(folder: &Path) -> Result<Tokenizer> {
    let path = folder.join("tokenizer.json");
    if !path.exists() {
        return Err(Failure::refused(folder, ["it has no tokenizer.json".to_string()]));
    }
    Tokenizer::from_file(path)
        .map_err(|e| Failure::refused(folder, [format!("tokenizer.json cannot be read: {e}")]))
}

pub fn encode(
    folder: &Path,
    config: &Config,
    tokenizer: &Tokenizer,
    prompts: &[String],
) -> Result<Vec<Vec<i32>>> {
    let (mut all, mut reasons, mut beyond) = (Vec::new(), Vec::new(), false);
    for (i, prompt) in prompts.iter().enumerate() {
        match tokenizer.encode(prompt.as_str(), true) {
            Ok(encoding) => {
                if encoding.get_ids().is_empty() {
                    reasons.push(format!("prompt {i} has no tokens"));
                }
                beyond |= encoding.get_ids().iter().any(|&id| id as usize >= config.vocab_size);
                all.push(encoding.get_ids().iter().map(|&id| id as i32).collect());
            }
            Err(e) => reasons.push(format!("prompt {i} cannot be encoded: {e}")),
        }
    }
    if beyond {
        reasons.push(format!("tokenizer.json gives token ids beyond vocab_size {}", config.vocab_size));
    }
    if reasons.is_empty() { Ok(all) } else { Err(Failure::refused(folder, reasons)) }
}

/// The text of one answer. Decoding starts a few tokens back, because a token's text may depend on the one before (a
/// leading space, the bytes of one character).
pub struct Stream<'a> {
    tokenizer: &'a Tokenizer,
    ids: Vec<u32>,
    /// Of the decoded window.
    start: usize,
    /// Tokens whose text is out.
    shown: usize,
}

impl<'a> Stream<'a> {
    pub fn new(tokenizer: &'a Tokenizer) -> Self {
        Stream { tokenizer, ids: Vec::new(), start: 0, shown: 0 }
    }

    pub fn put(&mut self, token: i32) -> String {
        self.ids.push(token as u32);
        self.piece(false)
    }

    /// What was held back; bytes that never became a character are shown as U+FFFD.
    pub fn end(&mut self) -> String {
        self.piece(true)
    }

    fn decode(&self, end: usize) -> String {
        // A decoder that fails has no text to give; the ids are still right.
        self.tokenizer.decode(&self.ids[self.start..end], true).unwrap_or_default()
    }

    fn piece(&mut self, last: bool) -> String {
        let (before, now) = (self.decode(self.shown), self.decode(self.ids.len()));
        if !last && now.ends_with(char::REPLACEMENT_CHARACTER) {
            return String::new();
        }
        (self.start, self.shown) = (self.shown, self.ids.len());
        // In characters, because the earlier text need not be a prefix of the later one.
        now.chars().skip(before.chars().count()).collect()
    }
}
