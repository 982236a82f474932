# SPDX-License-Identifier: Apache-2.0
"""examples/generate: logits against a forward pass in double, batches against single prompts, and the trained model."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from checkpoints import FAMILIES, config_of, logits, random_weights, save
from conftest import ROOT

pytest.importorskip("tokenizers")
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


@pytest.mark.parametrize("stored, dtype", [("BF16", "bf16"), ("F32", "bf16"), ("F16", "f32")])
def test_weights_come_in_parts(stored, dtype, context, monkeypatch, tmp_path):
    """Tensors longer than what is read at a time, most of them no multiple of it."""
    from weights import Staging
    config = config_of("llama-untied-biased")
    folder = save(tmp_path / "m", config, random_weights(config), dtype=stored, pad=False)
    at_once = engine_of(folder, context, [PROMPT], dtype=dtype).logits(0)
    monkeypatch.setattr(Staging, "PART", 1000)
    told = []
    engine = engine_of(folder, context, [PROMPT], dtype=dtype, progress=lambda *of: told.append(of))
    np.testing.assert_array_equal(engine.logits(0), at_once)
    total = engine.stats.load_bytes
    assert context.on_cpu or (told[-1] == (total, total) and told == sorted(told) and len(told) > total / 4000)


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


def answers_with_and_without_graphs(folder, context, prompts, sampling, **words):
    engines = [engine_of(folder, context, prompts, graphs=graphs, **words) for graphs in (True, False)]
    # The second time all graphs are there.
    answers = [generate(engine, sampling) for engine in engines for _ in range(2)]
    assert answers[0] == answers[1] == answers[2] == answers[3]
    captured = [n for n, *_ in (k for k, graph in (engines[0].model.graphs or {}).items() if graph is not None)]
    assert engines[1].model.graphs is None and bool(captured) != context.on_cpu
    return answers[0], captured


@pytest.mark.parametrize("family", ["llama-untied-biased", "qwen3"])
def test_a_graph_gives_the_tokens_of_separate_launches(family, context, tmp_path):
    """Over several pages, with requests that end at different times, and groups of two sizes."""
    config = config_of(family, eos_token_id=None)
    weights = random_weights(config)
    prompts = [PROMPT[:3], PROMPT[:17], PROMPT[:1]]
    folder = save(tmp_path / "m", config, weights, dtype="BF16")
    endless, captured = answers_with_and_without_graphs(folder, context, prompts, Sampling(), max_tokens=18, batch=2, dtype="bf16")
    assert context.on_cpu or captured == [2, 1]
    end = endless[1][5]
    folder = save(tmp_path / "n", {**config, "eos_token_id": end}, weights, dtype="BF16")
    answers, _ = answers_with_and_without_graphs(folder, context, prompts, Sampling(), max_tokens=18, batch=2, dtype="bf16")
    assert answers == [a[:a.index(end) + 1] if end in a else a for a in endless]


def test_a_graph_samples_anew_at_each_step(context, tmp_path):
    """The seed and the step's number are read when it is launched."""
    config = config_of("llama", eos_token_id=None)
    folder = save(tmp_path / "m", config, random_weights(config))
    prompts = [PROMPT[:4], PROMPT[:7]]
    one, _ = answers_with_and_without_graphs(folder, context, prompts, Sampling(3.0, top_k=40, seed=1), max_tokens=12)
    other, _ = answers_with_and_without_graphs(folder, context, prompts, Sampling(3.0, top_k=40, seed=2**64 - 1), max_tokens=12)
    assert one != other and len(set(one[0])) > 3


def test_an_answer_that_is_not_read_to_its_end(context, tmp_path):
    config = config_of("llama", eos_token_id=None)
    engine = engine_of(save(tmp_path / "m", config, random_weights(config)), context, [PROMPT[:4], PROMPT[:7]], max_tokens=6)
    whole = generate(engine, Sampling())
    for _ in zip(range(3), engine.generate(Sampling())):
        pass
    assert generate(engine, Sampling()) == whole


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
    streams = [Stream(checkpoint.tokenizer, p) for p in prompts]
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


def test_the_command(capsys, cpu, tmp_path):
    assert main([str(TINY), "--prompt", "347+589=", "--device", "cpu", "--stats"]) == 0
    out = capsys.readouterr()
    assert out.out == "936\n" and "tokens/s" in out.err and "prefill: 9 tokens" in out.err
    assert out.err.splitlines()[0] == f"generate.py: {cpu.name} (cpu) answers"
    (tmp_path / "prompts").write_text("sort:83142=\nreverse:abcde=\n")
    assert main([str(TINY), "--prompts-file", str(tmp_path / "prompts"), "--device", "cpu", "--no-stream"]) == 0
    assert capsys.readouterr().out == "[0] 12348\n[1] edcba\n"
    assert main([str(TINY), "--prompt", "347+589=", "--device", "cpu", "--dump-logits", str(tmp_path / "logits")]) == 0
    dumped = np.load(tmp_path / "logits")
    assert dumped.shape == (9, 64) and dumped.dtype == np.float32 and dumped[-1].argmax() == 13  # "9"


def test_every_prompt_is_answered(capsys, tmp_path):
    """As an argument, wherever it stands, with --prompt, and in a file."""
    (tmp_path / "prompts").write_text("reverse:abcde=\n")
    assert main([str(TINY), "347+589=", "--device", "cpu", "12+34=", "--prompt", "sort:83142=", "--prompts-file",
                 str(tmp_path / "prompts")]) == 0
    assert capsys.readouterr().out == "[0] 936\n[1] 46\n[2] 12348\n[3] edcba\n"
    assert main([str(TINY), "--device", "cpu", "--", "347+589=", "12+34="]) == 0
    assert capsys.readouterr().out == "[0] 936\n[1] 46\n"


def test_the_command_runs_as_a_program():
    command = [sys.executable, str(ROOT / "examples/generate/generate.py"), str(TINY), "--prompt", "12+34="]
    done = subprocess.run(command, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), "HIPINFER_DEVICE": "cpu"})
    assert (done.stdout, done.returncode) == ("46\n", 0), done.stderr


def test_weights_stay_in_the_file_on_the_cpu(tmp_path, cpu):
    from weights import Weights
    config = config_of("llama")
    checkpoint = Checkpoint(save(tmp_path / "m", config, random_weights(config)))
    weights = Weights(checkpoint, cpu, "f32")
    t = weights.get("model.embed_tokens.weight")
    mapped = weights.mapped[next(iter(weights.mapped))]
    assert np.shares_memory(t.numpy(), mapped) and not t.writable
    shutil.rmtree(checkpoint.folder)
    assert np.isfinite(t.numpy()).all()
