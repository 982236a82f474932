# SPDX-License-Identifier: Apache-2.0
"""Tokens to text while they come: a character that spans tokens is held back until it is whole."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List, Optional, Sequence

from config import Config
from fields import Refused, read_file

BROKEN = "\N{REPLACEMENT CHARACTER}"  # what bytes that are no character decode to


@contextmanager
def tokenizers_fault(folder: Optional[Path], what: str) -> Iterator[None]:
    """Faults of the tokenizers package as a refusal. It raises bare Exception; and where it panics something that is none, after a
    message of its own to file descriptor 2."""
    stderr, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    except BaseException as e:
        if isinstance(e, Exception) or type(e).__name__ == "PanicException":
            raise Refused(folder, [f"{what}: {e}"]) from None
        raise
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nothing)


def load_tokenizer(folder: Path):
    """Without what training may have left in the file: padding, truncation, and merges that are dropped at random."""
    from tokenizers import Tokenizer
    data = read_file(folder, "tokenizer.json")
    with tokenizers_fault(folder, "tokenizer.json cannot be read"):
        tokenizer = Tokenizer.from_buffer(data)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if getattr(tokenizer.model, "dropout", None) is not None:
            tokenizer.model.dropout = None
        return tokenizer


def encode(folder: Path, config: Config, tokenizer, prompts: List[str]) -> List[List[int]]:
    ids: List[List[int]] = []
    reasons = []
    for i, prompt in enumerate(prompts):
        with tokenizers_fault(folder, f"prompt {i} cannot be encoded"):
            ids.append(tokenizer.encode(prompt).ids)
        if not ids[-1]:
            reasons.append(f"prompt {i} has no tokens")
    if any(max(t, default=0) >= config.vocab_size for t in ids):
        reasons.append(f"tokenizer.json gives token ids beyond vocab_size {config.vocab_size}")
    if reasons:
        raise Refused(folder, reasons)
    return ids


class Stream:
    """The text of one answer: what the decoded prompt and answer have beyond the decoded prompt. So the space at the answer's
    beginning, which a decoder takes from the beginning of a text, stays, and so does a character that the prompt began.

    Decoding starts a few tokens back, at a whole character, because a token's text may depend on the one before.
    """

    def __init__(self, tokenizer, prompt: Sequence[int] = ()):
        self.tokenizer = tokenizer
        self.ids: List[int] = list(prompt)
        self.start = 0  # of the decoded window
        self.shown = len(self.ids)  # tokens whose text is out
        self.before = self._decode(0).rstrip(BROKEN)  # the text of the window that is out

    def _decode(self, start: int) -> str:
        with tokenizers_fault(None, "tokens cannot be decoded"):
            return self.tokenizer.decode(self.ids[start:], skip_special_tokens=True)

    def put(self, token: int) -> str:
        self.ids.append(token)
        return self._piece(final=False)

    def end(self) -> str:
        """What was held back; bytes that never became a character are shown as U+FFFD."""
        return self._piece(final=True)

    def _piece(self, final: bool) -> str:
        now = self._decode(self.start)
        if not final and now.endswith(BROKEN):
            return ""
        piece, self.before = now[len(self.before):], now
        new = self._decode(self.shown)
        if new and not new.startswith(BROKEN):
            self.start, self.before = self.shown, new
        self.shown = len(self.ids)
        return piece
