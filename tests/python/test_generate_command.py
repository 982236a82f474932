# SPDX-License-Identifier: Apache-2.0
"""examples/generate: the command's options, what it reads and what it writes."""

import os
import subprocess
import sys

import pytest
from checkpoints import config_of, random_weights, save
from conftest import ROOT

pytest.importorskip("tokenizers")
from generate import main  # noqa: E402

TINY = ROOT / "examples/tiny-model"


@pytest.mark.parametrize("options, reason", [
    (["--temperature", "nan"], '--temperature is "nan", expected a number from 0 to 3.4e38'),
    (["--temperature", "inf"], '--temperature is "inf"'),
    (["--temperature", "1e999"], '--temperature is "1e999"'),
    (["--temperature", "1e39"], "--temperature is 1e39"),
    (["--temperature", "-0.5"], "--temperature is -0.5"),
    (["--temperature", "1_0"], '--temperature is "1_0"'),
    (["--temperature", ""], '--temperature is ""'),
    (["--top-k", "99999999999"], "--top-k is 99999999999, expected a whole number from 0 to 2147483647"),
    (["--top-k", "2.0"], "--top-k is 2.0"),
    (["--top-k", "-1"], "--top-k is -1"),
    (["--top-p", "nan"], '--top-p is "nan", expected a number above 0 to 1'),
    (["--top-p", "0"], "--top-p is 0, expected a number above 0 to 1"),
    (["--top-p", "1e-400"], "--top-p is 0.0"),
    (["--top-p", "1.01"], "--top-p is 1.01"),
    (["--seed", "18446744073709551616"], "--seed is 1.8446744073709552e19, expected a whole number from 0 to 18446744073709551615"),
    (["--seed", "-1"], "--seed is -1"),
    (["--max-tokens", "0"], "--max-tokens is 0, expected a whole number from 1 to 2147483647\n"),
    (["--max-tokens", "1000000000000"], "--max-tokens is 1000000000000"),
    (["--batch", "0"], "--batch is 0"),
    (["--dtype", "f8"], '--dtype is "f8", expected one of auto, f32, f16, bf16'),
    (["--dtype", "1"], "--dtype is 1"),
    (["--prompts-file", "/nonexistent"], "--prompts-file /nonexistent cannot be read: No such file or directory"),
    (["--prompts-file", "/"], "--prompts-file / cannot be read: Is a directory"),
    (["--prompts-file", "/dev/zero"], "--prompts-file /dev/zero has more than 100000000 bytes"),
    (["--prompt", "\udcff"], "prompt 1 is not UTF-8"),
    (["--device", "\udcff"], "--device is not UTF-8"),
])
def test_refusals_of_options(options, reason, capsys):
    assert main([str(TINY), "1+1=", *options]) == 2
    out = capsys.readouterr()
    assert out.out == "" and out.err.startswith(f"generate.py: this cannot be done:\n  - {reason}"), out.err


@pytest.mark.parametrize("options, reason", [
    (["--device", "foo"], "foo"), (["--device", "cpu:7"], "cpu:7"), (["--device", "cpu:x"], "cpu:x"), (["--device", "hip:-1"], "hip"),
    (["--device", "hip:99"], "hip"), (["--device", ""], "device"),
    (["--dump-logits", "/nonexistent/x.npy"], "--dump-logits /nonexistent/x.npy cannot be written: No such file or directory"),
    (["--dump-logits", "/dev/full"], "--dump-logits /dev/full cannot be written: No space left on device"),
    (["--dump-logits", "/"], "--dump-logits / cannot be written: Is a directory"),
])
def test_what_cannot_be_done_is_told(options, reason, capsys):
    assert main([str(TINY), "1+1=", "--device", "cpu", *options]) == 2
    out = capsys.readouterr()
    assert out.out == "" and out.err.startswith("generate.py: ") and reason in out.err, out.err


def test_a_prompt_is_needed(capsys):
    assert main([str(TINY), "--prompts-file", "/dev/null"]) == 2
    assert "a prompt is needed" in capsys.readouterr().err


@pytest.mark.parametrize("target, status, reason", [("/dev/full", 2, "standard output cannot be written: No space left on device")])
def test_standard_output_that_takes_nothing(target, status, reason):
    command = [sys.executable, str(ROOT / "examples/generate/generate.py"), str(TINY), "12+34=", "--device", "cpu"]
    with open(target, "w") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python")})
    assert done.returncode == status and reason in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_a_reader_that_has_read_enough():
    command = [sys.executable, str(ROOT / "examples/generate/generate.py"), str(TINY), "12+34=", "--device", "cpu"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python")})
    os.close(writing)
    assert done.returncode == 0 and len(done.stderr.splitlines()) == 1, done.stderr


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
