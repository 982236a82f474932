# SPDX-License-Identifier: Apache-2.0
"""Random-weight checkpoints of each family, written by transformers, served by examples/generate: the logits of both in
bf16, and both against transformers in f32. Two kinds of weights: transformers' own start, and one of unit gain, whose
activations are as large as a trained model's; there, two right bf16 programs differ by more than 2e-2."""

import json

import numpy as np
import pytest
from test_generate import engine_of, generate

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from engine import Sampling  # noqa: E402

TOLERANCE = 2e-2  # of a row's largest logit
SIZES = dict(vocab_size=2048, hidden_size=512, intermediate_size=1376, num_hidden_layers=4, num_attention_heads=8,
             num_key_value_heads=2, max_position_embeddings=2048, bos_token_id=0, eos_token_id=1, pad_token_id=None)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=128, rope_theta=500000.0)
FAMILIES = {
    "llama": lambda: transformers.LlamaConfig(**SIZES, rope_parameters=LLAMA3, tie_word_embeddings=False),
    "mistral": lambda: transformers.MistralConfig(**SIZES, sliding_window=None, head_dim=128),
    "qwen2": lambda: transformers.Qwen2Config(**SIZES, tie_word_embeddings=True),
    "qwen3": lambda: transformers.Qwen3Config(**SIZES, head_dim=64, tie_word_embeddings=False),
}


@pytest.fixture(scope="module", params=[f"{family}-{start}" for family in FAMILIES for start in ("default", "unit")])
def checkpoint(request, tmp_path_factory):
    torch.manual_seed(5)
    family, start = request.param.split("-")
    folder = tmp_path_factory.mktemp(request.param)
    model = transformers.AutoModelForCausalLM.from_config(FAMILIES[family]())
    with torch.no_grad():
        for name, p in model.named_parameters() if start == "unit" else ():
            if p.ndim == 2:
                p.normal_(0, p.shape[-1] ** -0.5)
            elif "norm" in name:
                p.normal_(1, 0.2)
            else:
                p.normal_(0, 0.2)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None, "decoder": None,
        "added_tokens": [], "pre_tokenizer": None,
        "model": {"type": "WordLevel", "vocab": {"<unk>": 0}, "unk_token": "<unk>"}}))
    return folder


def logits_of(folder, ids, dtype):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).to(device).eval()
    with torch.no_grad():
        return model(torch.tensor([ids], device=device)).logits[0].float().cpu().numpy()


def relative(got, want):
    """Per row: the largest difference over the row's largest magnitude."""
    return np.abs(got - want).max(-1) / np.abs(want).max(-1)


def test_logits(checkpoint, context):
    ids = np.random.default_rng(1).integers(2, SIZES["vocab_size"], 300).tolist()
    engine = engine_of(checkpoint, context, [ids])
    ours = engine.logits(0)
    theirs, exact = logits_of(checkpoint, ids, torch.bfloat16), logits_of(checkpoint, ids, torch.float32)
    print(f"\n{checkpoint.name} on {context.target}: bf16 against transformers' bf16 {relative(ours, theirs).max():.4f}; "
          f"against its f32: ours {relative(ours, exact).max():.4f}, its own {relative(theirs, exact).max():.4f}")
    if "default" in checkpoint.name:
        assert relative(ours, theirs).max() <= TOLERANCE
    # Whatever the weights: no farther from the exact result than transformers' own bf16 arithmetic is.
    assert relative(ours, exact).max() <= 1.25 * relative(theirs, exact).max()
    top = np.sort(theirs, -1)
    clear = top[:, -1] - top[:, -2] > TOLERANCE * np.abs(theirs).max(-1)
    assert clear.any()
    assert (ours.argmax(-1) == theirs.argmax(-1))[clear].all()
    f32 = engine_of(checkpoint, context, [ids], dtype="f32").logits(0)
    assert relative(f32, exact).max() <= 1e-4


def test_greedy_decoding(checkpoint, context):
    """A ragged batch; every token that we chose is transformers' choice, or within the tolerance of it."""
    rng = np.random.default_rng(2)
    prompts = [rng.integers(2, SIZES["vocab_size"], n).tolist() for n in (1, 33, 150)]
    answers = generate(engine_of(checkpoint, context, prompts, max_tokens=24), Sampling())
    for prompt, answer in zip(prompts, answers):
        rows = logits_of(checkpoint, prompt + answer, torch.bfloat16)[len(prompt) - 1:-1]
        chosen = rows[np.arange(len(answer)), answer]
        assert (rows.max(-1) - chosen <= TOLERANCE * np.abs(rows).max(-1)).all()
