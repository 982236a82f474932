// SPDX-License-Identifier: Apache-2.0
//! Tokens to text while they come: a character that spans tokens is held back until it is whole.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use tokenizers::{ModelWrapper, Tokenizer};

use crate::config::Config;
use crate::fields::read_file;
use crate::{Failure, Result};

/// What the tokenizers crate gives, or its fault in words: also where it panics, as it does over some files.
fn tokenizers<T>(call: impl FnOnce() -> tokenizers::Result<T>) -> std::result::Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    panic::set_hook(hook);
    match result {
        Ok(result) => result.map_err(|e| e.to_string()),
        Err(payload) => Err(match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(other) => other.downcast_ref::<&str>().map_or("a panic".to_string(), |t| t.to_string()),
        }),
    }
}

/// Without what training may have left in the file: padding, truncation, and merges that are dropped at random.
pub fn load_tokenizer(folder: &Path) -> Result<Tokenizer> {
    let data = read_file(folder, "tokenizer.json")?;
    let load = || {
        let mut tokenizer = Tokenizer::from_bytes(data)?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None)?;
        match tokenizer.get_model() {
            ModelWrapper::BPE(bpe) if bpe.dropout.is_some() => {
                let mut bpe = bpe.clone();
                bpe.dropout = None;
                tokenizer.with_model(bpe);
            }
            _ => {}
        }
        Ok(tokenizer)
    };
    tokenizers(load).map_err(|e| Failure::refused(folder, [format!("tokenizer.json cannot be read: {e}")]))
}

pub fn encode(
    folder: &Path,
    config: &Config,
    tokenizer: &Tokenizer,
    prompts: &[String],
) -> Result<Vec<Vec<i32>>> {
    let (mut all, mut reasons, mut beyond) = (Vec::new(), Vec::new(), false);
    for (i, prompt) in prompts.iter().enumerate() {
        let encoding = tokenizers(|| tokenizer.encode(prompt.as_str(), true))
            .map_err(|e| Failure::refused(folder, [format!("prompt {i} cannot be encoded: {e}")]))?;
        if encoding.get_ids().is_empty() {
            reasons.push(format!("prompt {i} has no tokens"));
        }
        beyond |= encoding.get_ids().iter().any(|&id| id as usize >= config.vocab_size);
        all.push(encoding.get_ids().iter().map(|&id| id as i32).collect());
    }
    if beyond {
        reasons.push(format!("tokenizer.json gives token ids beyond vocab_size {}", config.vocab_size));
    }
    if reasons.is_empty() { Ok(all) } else { Err(Failure::refused(folder, reasons)) }
}

/// The text of one answer: what the decoded prompt and answer have beyond the decoded prompt. So the space at the
/// answer's beginning, which a decoder takes from the beginning of a text, stays, and so does a character that the
/// prompt began.
///
/// Decoding starts a few tokens back, at a whole character, because a token's text may depend on the one before.
pub struct Stream<'a> {
    tokenizer: &'a Tokenizer,
    ids: Vec<u32>,
    /// Of the decoded window.
    start: usize,
    /// Tokens whose text is out.
    shown: usize,
    /// The characters of the window that are out.
    before: usize,
}

/// What bytes that are no character decode to.
const BROKEN: char = char::REPLACEMENT_CHARACTER;

impl<'a> Stream<'a> {
    pub fn new(tokenizer: &'a Tokenizer, prompt: &[i32]) -> Result<Self> {
        let ids: Vec<u32> = prompt.iter().map(|&id| id as u32).collect();
        let mut stream = Stream { tokenizer, start: 0, shown: ids.len(), ids, before: 0 };
        stream.before = stream.decode(0)?.trim_end_matches(BROKEN).chars().count();
        Ok(stream)
    }

    pub fn put(&mut self, token: i32) -> Result<String> {
        self.ids.push(token as u32);
        self.piece(false)
    }

    /// What was held back; bytes that never became a character are shown as U+FFFD.
    pub fn end(&mut self) -> Result<String> {
        self.piece(true)
    }

    fn decode(&self, start: usize) -> Result<String> {
        tokenizers(|| self.tokenizer.decode(&self.ids[start..], true))
            .map_err(|e| Failure::impossible([format!("tokens cannot be decoded: {e}")]))
    }

    fn piece(&mut self, last: bool) -> Result<String> {
        let now = self.decode(self.start)?;
        if !last && now.ends_with(BROKEN) {
            return Ok(String::new());
        }
        // In characters, because the earlier text need not be a prefix of the later one.
        let piece = now.chars().skip(self.before).collect();
        let new = self.decode(self.shown)?;
        if new.is_empty() || new.starts_with(BROKEN) {
            self.before = now.chars().count();
        } else {
            (self.start, self.before) = (self.shown, new.chars().count());
        }
        self.shown = self.ids.len();
        Ok(piece)
    }
}
