# SPDX-License-Identifier: Apache-2.0
"""examples/generate: what becomes of text: prompts from files, the tokenizer's leftovers, answers as they stream."""

import json
import shutil

import pytest
from conftest import ROOT

pytest.importorskip("tokenizers")
from engine import Checkpoint  # noqa: E402
from fields import Refused  # noqa: E402
from generate import arguments  # noqa: E402
from text import Stream  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

TINY = ROOT / "examples/tiny-model"


class Bytes:
    """A tokenizer of one token a byte."""

    def decode(self, ids, skip_special_tokens):
        return bytes(ids).decode("utf-8", errors="replace")


def streamed(tokenizer, answer, prompt=()):
    stream = Stream(tokenizer, prompt)
    pieces = [stream.put(i) for i in answer]
    return pieces, stream.end()


@pytest.mark.parametrize("text", ["plain", "naïve Zürich", "日本語", "a🙂b", "🙂"])
@pytest.mark.parametrize("begun", [0, 1, 2, 3])
def test_characters_come_whole(text, begun):
    """Also one whose first bytes are the prompt's."""
    raw = text.encode()
    pieces, end = streamed(Bytes(), raw[begun:], b"prompt " + raw[:begun])
    written = ("prompt " + text)[len((b"prompt " + raw[:begun]).decode(errors="replace").rstrip("\ufffd")):]
    assert "".join(pieces) + end == written
    assert "\ufffd" not in "".join(pieces)


def test_broken_bytes_are_shown_at_the_end():
    pieces, end = streamed(Bytes(), "aé".encode()[:-1])
    assert "".join(pieces) == "a" and end == "\ufffd"


SPACE = "\u2581"
WORDS = {"<unk>": 0, "<s>": 1, SPACE + "Hello": 2, SPACE + "world": 3, SPACE * 4: 4, "x": 5, "<0xE4>": 6, "<0xBD>": 7,
         "<0xA0>": 8, SPACE: 9, ".": 10, "<|special|>": 11}


@pytest.fixture
def sentencepiece():
    """Like Llama 2's: a word's token holds the space before it, and the decoder strips the first one of a text."""
    return Tokenizer.from_str(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "pre_tokenizer": None, "post_processor": None,
        "added_tokens": [{"id": 11, "content": "<|special|>", "single_word": False, "lstrip": False, "rstrip": False,
                          "normalized": False, "special": True}],
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "WordLevel", "vocab": WORDS, "unk_token": "<unk>"}}))


@pytest.mark.parametrize("prompt, answer, text", [
    ([2], [3, 3], " world world"),
    ([2], [4, 5], "    x"),
    ([2], [6, 7, 8, 3], "你 world"),
    ([2, 6, 7], [8, 3], "你 world"),
    ([2, 6], [7, 8, 6, 7, 8, 3], "你你 world"),
    ([2, 6, 7], [8, 6, 7, 8, 6, 7, 8], "你你你"),
    ([2], [9, 9, 5], "  x"),
    ([2], [11, 3, 11, 3], " world world"),
    ([2, 11], [3], " world"),
    ([2], [10, 3], ". world"),
    ([], [3, 3], "world world"),
])
def test_an_answer_goes_on_where_its_prompt_ends(prompt, answer, text, sentencepiece):
    pieces, end = streamed(sentencepiece, answer, prompt)
    assert "".join(pieces) + end == text
    whole = sentencepiece.decode(prompt + answer)
    assert whole[len(sentencepiece.decode(prompt).rstrip("\ufffd")):] == text


def test_a_decoder_that_fails_is_told():
    class Broken(Bytes):
        def decode(self, ids, skip_special_tokens):
            raise Exception("no")
    with pytest.raises(Refused, match="tokens cannot be decoded: no"):
        Stream(Broken())


@pytest.mark.parametrize("part, value", [
    ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAA"}),
    ("model", {"type": "BPE", "vocab": {"3": 0, "4": 0}, "merges": [["3", "4"]], "continuing_subword_prefix": "##"}),
    ("model", {"type": "WordLevel", "vocab": [], "unk_token": "x"}),
])
def test_files_over_which_the_tokenizers_package_panics_are_refused(part, value, tmp_path, capfd):
    folder = shutil.copytree(TINY, tmp_path / "m")
    raw = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps({**raw, part: value}))
    with pytest.raises(Refused, match="tokenizer.json cannot be read: "):
        Checkpoint(folder)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("left", [
    dict(truncation={"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}),
    dict(padding={"strategy": {"Fixed": 16}, "direction": "Left", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
                  "pad_token": "<pad>"}),
    dict(padding={"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": 8, "pad_id": 0, "pad_type_id": 0,
                  "pad_token": "<pad>"}),
], ids=["truncation", "padding", "multiple"])
def test_leftovers_of_training_are_not_applied(left, tmp_path):
    folder = shutil.copytree(TINY, tmp_path / "m")
    raw = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps({**raw, **left}))
    assert Checkpoint(folder).encode(["347+589="]) == Checkpoint(TINY).encode(["347+589="])


def test_merges_are_not_dropped_at_random(tmp_path):
    folder = shutil.copytree(TINY, tmp_path / "m")
    raw = json.loads((folder / "tokenizer.json").read_text())
    raw["model"]["vocab"]["11"] = 43
    raw["model"].update(dropout=0.5, merges=[["1", "1"]])
    (folder / "tokenizer.json").write_text(json.dumps(raw))
    assert Checkpoint(folder).encode(["11" * 30]) == [[1] + [43] * 30]


@pytest.mark.parametrize("text, prompts", [
    (b"1+1=\n2+2=\n", ["1+1=", "2+2="]),
    (b"1+1=\r\n2+2=\r\n", ["1+1=", "2+2="]),
    (b"1+1=\n\n2+2=", ["1+1=", "", "2+2="]),
    (b"a\rb\r\r\nc\r", ["a\rb\r", "c\r"]),
    ("a\u2028b\u2029c\u0085d\ne\n".encode(), ["a\u2028b\u2029c\u0085d", "e"]),
    (b"a\x0bb\x0cc\x1cd\x1de\x1ef\n", ["a\x0bb\x0cc\x1cd\x1de\x1ef"]),
    ("\ufeff1+1=\n\ufeff2\n".encode(), ["1+1=", "\ufeff2"]),
], ids=["plain", "CRLF", "empty line", "CR", "Unicode separators", "control characters", "BOM"])
def test_a_prompt_is_a_line(text, prompts, tmp_path):
    (tmp_path / "p").write_bytes(text)
    assert arguments(["m", "--prompts-file", str(tmp_path / "p")]).prompt == prompts
