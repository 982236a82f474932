# SPDX-License-Identifier: Apache-2.0
"""examples/generate: logits against a forward pass in double, batches against single prompts, and every refusal."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from checkpoints import FAMILIES, config_of, logits, random_weights, save, save_safetensors
from conftest import ROOT

pytest.importorskip("tokenizers")
from config import Refused, check_context  # noqa: E402
from engine import Checkpoint, Engine, Sampling  # noqa: E402
from generate import main  # noqa: E402
from text import Stream  # noqa: E402

TINY = ROOT / "examples/tiny-model"
PROMPT = [5, 9, 30, 3, 3, 71, 12, 95, 0, 44, 8, 23, 60, 2, 17, 33, 81, 7, 26, 90, 64, 11, 4, 55, 38, 70, 19, 42]


def engine_of(folder, context, prompts, max_tokens=0, **words):
    return Engine(Checkpoint(folder), context, prompts, max_tokens, **words)


def generate(engine, sampling):
    answers = {}
    for token in engine.generate(sampling):
        answers.setdefault(token.prompt, []).append(token.id)
    return [answers[i] for i in range(len(engine.prompts))]


def close(got, want, tolerance):
    assert got.shape == want.shape and np.isfinite(got).all()
    error = np.abs(got - want).max() / np.abs(want).max()
    assert error < tolerance, error


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_those_of_the_definition(family, context, tmp_path):
    config = config_of(family)
    weights = random_weights(config)
    folder = save(tmp_path / "m", config, weights, tokenizer=True)
    close(engine_of(folder, context, [PROMPT]).logits(0), logits(config, weights, PROMPT), 5e-6)


@pytest.mark.parametrize("how", [dict(shards=3), dict(pad=False), dict(dtype="BF16"), dict(dtype="F16")], ids=str)
def test_files(how, context, tmp_path):
    """Shards, data at odd addresses, and 16-bit weights computed with in f32."""
    config = config_of("qwen3")
    weights = random_weights(config)
    folder = save(tmp_path / "m", config, weights, **how)
    if how.get("dtype") == "BF16":
        weights = {n: (a.view(np.uint32) & 0xFFFF0000).view(np.float32) for n, a in weights.items()}
    if how.get("dtype") == "F16":
        weights = {n: a.astype(np.float16) for n, a in weights.items()}
    close(engine_of(folder, context, [PROMPT], dtype="f32").logits(0), logits(config, weights, PROMPT), 5e-6)


@pytest.mark.parametrize("dtype, tolerance", [("bf16", 2e-2), ("f16", 3e-3)])
def test_sixteen_bit_arithmetic(dtype, tolerance, context, tmp_path):
    config = config_of("llama-untied-biased")
    weights = random_weights(config)
    folder = save(tmp_path / "m", config, weights, dtype=dtype.upper())
    exact = logits(config, weights, PROMPT)
    close(engine_of(folder, context, [PROMPT], dtype=dtype).logits(0), exact, tolerance)


def test_greedy_decoding_follows_the_definition(context, tmp_path):
    """A ragged batch over several pages; each token is the argmax of the whole sequence computed anew."""
    config = config_of("qwen2", eos_token_id=None)
    weights = random_weights(config)
    prompts = [PROMPT, PROMPT[:1], PROMPT[3:19]]
    folder = save(tmp_path / "m", config, weights)
    answers = generate(engine_of(folder, context, prompts, max_tokens=20), Sampling())
    for prompt, answer in zip(prompts, answers):
        ids = list(prompt)
        for token in answer:
            row = logits(config, weights, ids)[-1]
            assert row[token] >= row.max() - 1e-4 * np.abs(row).max()
            ids.append(token)
        assert len(answer) == 20


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_groups_do_not_change_answers(batch, cpu, tmp_path):
    config = config_of("qwen2", eos_token_id=None)
    weights = random_weights(config, 3)
    prompts = [PROMPT[i:i + 1 + 4 * i] for i in range(5)]
    endless = generate(engine_of(save(tmp_path / "m", config, weights), cpu, prompts, max_tokens=40), Sampling())

    def cut(answer, end):
        return answer[:answer.index(end) + 1] if end in answer else answer

    def lengths(end):
        return len({len(cut(a, end)) for a in endless})

    end = max(range(config["vocab_size"]), key=lengths)  # so that requests leave the batch at different times
    assert lengths(end) > 2
    want = [cut(a, end) for a in endless]
    folder = save(tmp_path / "n", {**config, "eos_token_id": [end, 1000]}, weights)
    assert generate(engine_of(folder, cpu, prompts, max_tokens=40, batch=batch), Sampling()) == want


def test_sampling_is_of_its_seed(context, tmp_path):
    config = config_of("llama", eos_token_id=None)
    folder = save(tmp_path / "m", config, random_weights(config))
    engine = engine_of(folder, context, [PROMPT[:4], PROMPT[:7]], max_tokens=24)
    first = generate(engine, Sampling(1.5, seed=1))
    assert first == generate(engine, Sampling(1.5, seed=1))
    assert first != generate(engine, Sampling(1.5, seed=2))
    greedy = generate(engine, Sampling())
    assert first != greedy
    assert generate(engine, Sampling(1.5, top_k=1, seed=5)) == greedy
    assert generate(engine, Sampling(1.5, top_p=1e-6, seed=5)) == greedy
    few = generate(engine, Sampling(5.0, top_k=2, seed=3))
    for prompt, answer in zip(engine.prompts, few):
        ids = list(prompt)
        for token in answer:  # of the two likeliest, always
            row = logits(config, random_weights(config), ids)[-1]
            assert row[token] >= np.sort(row)[-2] - 1e-4
            ids.append(token)


def test_nan_weights_are_an_error(cpu, tmp_path):
    config = config_of("llama")
    weights = random_weights(config)
    weights["model.norm.weight"][:] = np.nan
    engine = engine_of(save(tmp_path / "m", config, weights), cpu, [PROMPT], max_tokens=4)
    with pytest.raises(FloatingPointError, match="NaN"):
        generate(engine, Sampling())


# The trained model


@pytest.fixture(scope="module")
def evaluation():
    rows = [json.loads(line) for line in (TINY / "eval.jsonl").read_text().splitlines()]
    assert len(rows) == 300
    return rows


@pytest.mark.parametrize("dtype", ["auto", "f32"])
def test_the_tiny_model_answers_right(context, evaluation, dtype):
    """Its card says 300 of 300 in bf16 and in f32."""
    checkpoint = Checkpoint(TINY)
    prompts = checkpoint.encode([r["prompt"] for r in evaluation])
    engine = Engine(checkpoint, context, prompts, 12, batch=100, dtype=dtype)
    texts, ended = [""] * 300, [False] * 300
    streams = [Stream(checkpoint.tokenizer) for _ in prompts]
    for token in engine.generate(Sampling()):
        ended[token.prompt] |= token.ended
        texts[token.prompt] += "" if token.ended else streams[token.prompt].put(token.id)
    wrong = [(r["prompt"], t) for r, t, e in zip(evaluation, texts, ended) if t != r["answer"] or not e]
    assert not wrong, f"{len(wrong)} wrong: {wrong[:5]}"
    assert engine.stats.prefill_tokens == sum(map(len, prompts)) and engine.stats.decode_tokens > 300


def test_devices_give_the_same_tokens(context, cpu, evaluation):
    """All 300 prompts, greedy; on a machine without a GPU this compares the CPU with itself."""
    checkpoint = Checkpoint(TINY)
    prompts = checkpoint.encode([r["prompt"] for r in evaluation])
    answers = [generate(Engine(checkpoint, c, prompts, 12, batch=100), Sampling()) for c in (cpu, context)]
    assert answers[0] == answers[1]


def test_the_command(capsys, tmp_path):
    assert main([str(TINY), "--prompt", "347+589=", "--device", "cpu", "--stats"]) == 0
    out = capsys.readouterr()
    assert out.out == "936\n" and "tokens/s" in out.err and "prefill: 9 tokens" in out.err
    (tmp_path / "prompts").write_text("sort:83142=\nreverse:abcde=\n")
    assert main([str(TINY), "--prompts-file", str(tmp_path / "prompts"), "--device", "cpu", "--no-stream"]) == 0
    assert capsys.readouterr().out == "[0] 12348\n[1] edcba\n"
    assert main([str(TINY), "--prompt", "347+589=", "--device", "cpu", "--dump-logits", str(tmp_path / "l.npy")]) == 0
    dumped = np.load(tmp_path / "l.npy")
    assert dumped.shape == (9, 64) and dumped.dtype == np.float32 and dumped[-1].argmax() == 13  # "9"


def test_the_command_runs_as_a_program():
    command = [sys.executable, str(ROOT / "examples/generate/generate.py"), str(TINY), "--prompt", "12+34="]
    done = subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), "HIPINFER_DEVICE": "cpu"})
    assert (done.stdout, done.returncode) == ("46\n", 0), done.stderr


# Text


class Bytes:
    """A tokenizer of one token a byte."""

    def decode(self, ids, skip_special_tokens):
        return bytes(ids).decode("utf-8", errors="replace")


@pytest.mark.parametrize("text", ["plain", "naïve Zürich", "日本語", "a🙂b", "🙂"])
def test_characters_come_whole(text):
    stream = Stream(Bytes())
    pieces = [stream.put(b) for b in text.encode()]
    assert "".join(pieces) + stream.end() == text
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(pieces)


def test_broken_bytes_are_shown_at_the_end():
    stream = Stream(Bytes())
    assert "".join(stream.put(b) for b in "aé".encode()[:-1]) == "a"
    assert stream.end() == "\N{REPLACEMENT CHARACTER}"


# Refusals


@pytest.mark.parametrize("changes, reason", [
    (dict(model_type="mixtral"), "model_type 'mixtral'"),
    (dict(model_type=None), "model_type None"),
    (dict(num_local_experts=8), "mixtures of experts"),
    (dict(quantization_config={"quant_method": "awq"}), r"quantization_config \(awq\)"),
    (dict(rope_scaling={"rope_type": "yarn", "factor": 2.0}), "RoPE scaling 'yarn'"),
    (dict(rope_scaling={"rope_type": "llama3", "factor": 2.0}), "RoPE scaling llama3 without low_freq_factor"),
    (dict(rope_parameters={"full_attention": {"rope_theta": 1.0}}), "differs between layer types"),
    (dict(partial_rotary_factor=0.5), "partial_rotary_factor 0.5"),
    (dict(head_dim=20), "head_dim 20"),
    (dict(head_dim=264), "head_dim 264"),
    (dict(num_key_value_heads=3), "4 attention heads are no multiple of 3"),
    (dict(hidden_act="gelu"), "hidden_act 'gelu'"),
    (dict(torch_dtype="float8_e4m3fn"), "dtype 'float8_e4m3fn'"),
    (dict(layer_types=["full_attention", "linear_attention"]), "layers of type linear_attention"),
    (dict(hidden_size=None), "hidden_size is None"),
    (dict(attention_bias=True), r"self_attn\.q_proj\.bias is missing"),
    (dict(vocab_size=97), r"model\.embed_tokens\.weight has shape \[96, 32\], expected \[97, 32\]"),
    (dict(num_hidden_layers=1), "layers.1.*is not part of a llama model"),
    (dict(tie_word_embeddings=False), "lm_head.weight is missing"),
])
def test_refusals_of_the_config(changes, reason, tmp_path):
    weights = random_weights(config_of("llama"))
    folder = save(tmp_path / "m", config_of("llama", **changes), weights)
    with pytest.raises(Refused, match=reason):
        Checkpoint(folder)


def test_all_reasons_are_told_at_once(tmp_path):
    folder = save(tmp_path / "m", config_of("llama", hidden_act="relu", head_dim=20), {})
    with pytest.raises(Refused) as caught:
        Checkpoint(folder)
    assert len(caught.value.reasons) == 2


@pytest.fixture
def folder(tmp_path):
    config = config_of("llama")
    return save(tmp_path / "m", config, random_weights(config), shards=2)


def shards(folder):
    return sorted(folder.glob("*.safetensors"))


def damage_cut(folder):
    shards(folder)[1].write_bytes(shards(folder)[1].read_bytes()[:-4])


def damage_header(folder):
    shards(folder)[0].write_bytes(b"\xff" * 64)


def damage_dtype(folder):
    raw = shards(folder)[0].read_bytes().replace(b'"F32"', b'"I32"', 1)
    shards(folder)[0].write_bytes(raw)


@pytest.mark.parametrize("damage, reason", [
    (lambda f: (f / "config.json").unlink(), "it has no config.json"),
    (lambda f: (f / "config.json").write_text("{"), "config.json cannot be read"),
    (lambda f: (f / "tokenizer.json").unlink(), "it has no tokenizer.json"),
    (lambda f: (f / "tokenizer.json").write_text("{}"), "tokenizer.json cannot be read"),
    (lambda f: shards(f)[1].unlink(), "the index names model-00002-of-00002.safetensors, which is missing"),
    (lambda f: (f / "model.safetensors.index.json").unlink(), "neither model.safetensors nor"),
    (damage_cut, "it is cut off"),
    (damage_header, "header is cut off"),
    (damage_dtype, "is of dtype I32, expected one of F32, F16, BF16"),
    (lambda f: save_safetensors(shards(f)[0], {}), "tensors that no shard holds"),
])
def test_refusals_of_files(folder, damage, reason):
    damage(folder)
    with pytest.raises(Refused, match=reason):
        Checkpoint(folder)


def test_refusals_of_the_context(tmp_path, cpu):
    for changes, reason in ((dict(max_position_embeddings=30), "the model has 30 positions"),
                            (dict(sliding_window=30), "sliding window is 30")):
        config = config_of("mistral", **changes)
        checkpoint = Checkpoint(save(tmp_path / reason[-2:] / "m", config, random_weights(config)))
        with pytest.raises(Refused, match=reason):
            Engine(checkpoint, cpu, [PROMPT], 3)
        check_context(Path("m"), checkpoint.config, 30)
    config = config_of("qwen2", use_sliding_window=True, sliding_window=16)
    checkpoint = Checkpoint(save(tmp_path / "q", config, random_weights(config)))
    with pytest.raises(Refused, match="sliding window is 16"):
        Engine(checkpoint, cpu, [PROMPT], 3)


def test_nothing_is_loaded_before_a_refusal(tmp_path, monkeypatch, cpu, capsys):
    import weights as module
    monkeypatch.setattr(module.Weights, "host", lambda *_: pytest.fail("a weight was read"))
    config = config_of("llama", max_position_embeddings=8)
    folder = save(tmp_path / "m", config, random_weights(config))
    assert main([str(folder), "--prompt", "hello", "--max-tokens", "100", "--device", "cpu"]) == 2
    assert "cannot be served:\n  - a context of 105 tokens, the model has 8 positions" in capsys.readouterr().err


def test_answers_are_as_long_as_the_model_allows(capsys):
    """Only a length that was asked for can be too long."""
    assert main([str(TINY), "--prompt", "1+1=", "--device", "cpu", "--max-tokens", "60"]) == 2
    assert "a context of 65 tokens, the model has 64 positions" in capsys.readouterr().err
    assert main([str(TINY), "--prompt", "1" * 70, "--device", "cpu"]) == 2
    assert "a context of 72 tokens, the model has 64 positions" in capsys.readouterr().err


def test_a_missing_device_is_told(capsys):
    assert main([str(TINY), "--prompt", "1+1=", "--device", "hip:99"]) == 2
    assert "generate.py: " in capsys.readouterr().err


def test_a_model_larger_than_the_device_is_refused(tmp_path, cpu):
    class Small:
        on_cpu, memory_bytes, name, target, code_target = True, 1 << 10, "small", "cpu", ""
    config = config_of("llama")
    checkpoint = Checkpoint(save(tmp_path / "m", config, random_weights(config)))
    with pytest.raises(Refused, match="exceed small's 0 MiB"):
        Engine(checkpoint, Small(), [PROMPT], 3)


def test_weights_stay_in_the_file_on_the_cpu(tmp_path, cpu):
    from weights import Weights
    config = config_of("llama")
    checkpoint = Checkpoint(save(tmp_path / "m", config, random_weights(config)))
    weights = Weights(checkpoint.entries, cpu, "f32")
    t = weights.get("model.embed_tokens.weight")
    mapped = weights.mapped[next(iter(weights.mapped))]
    assert np.shares_memory(t.numpy(), mapped) and not t.writable
    shutil.rmtree(checkpoint.folder)
    assert np.isfinite(t.numpy()).all()
