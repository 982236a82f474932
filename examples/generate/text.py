# SPDX-License-Identifier: Apache-2.0
"""Tokens to text while they come: a character that spans tokens is held back until it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import List

from config import Config, Refused


def load_tokenizer(folder: Path):
    path = folder / "tokenizer.json"
    if not path.exists():
        raise Refused(folder, ["it has no tokenizer.json"])
    from tokenizers import Tokenizer
    try:
        return Tokenizer.from_file(str(path))
    except Exception as e:  # the package raises bare Exception
        raise Refused(folder, [f"tokenizer.json cannot be read: {e}"]) from None


def encode(folder: Path, config: Config, tokenizer, prompts: List[str]) -> List[List[int]]:
    ids = [tokenizer.encode(p).ids for p in prompts]
    reasons = [f"prompt {i} has no tokens" for i, t in enumerate(ids) if not t]
    if any(max(t, default=0) >= config.vocab_size for t in ids):
        reasons.append(f"tokenizer.json gives token ids beyond vocab_size {config.vocab_size}")
    if reasons:
        raise Refused(folder, reasons)
    return ids


class Stream:
    """The text of one answer. Decoding starts a few tokens back, because a token's text may depend on the one before (a
    leading space, the bytes of one character)."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.ids: List[int] = []
        self.start = 0  # of the decoded window
        self.shown = 0  # tokens whose text is out

    def _decode(self, start: int, end: int) -> str:
        return self.tokenizer.decode(self.ids[start:end], skip_special_tokens=True)

    def put(self, token: int) -> str:
        self.ids.append(token)
        return self._piece(final=False)

    def end(self) -> str:
        """What was held back; bytes that never became a character are shown as U+FFFD."""
        return self._piece(final=True)

    def _piece(self, final: bool) -> str:
        before = self._decode(self.start, self.shown)
        now = self._decode(self.start, len(self.ids))
        if not final and now.endswith("\N{REPLACEMENT CHARACTER}"):
            return ""
        self.start, self.shown = self.shown, len(self.ids)
        return now[len(before):]
