# SPDX-License-Identifier: Apache-2.0
"""examples/generate/random_checkpoint.py, and the benchmark that is run on what it makes."""

import csv
import subprocess
import sys

import numpy as np
import pytest
import random_checkpoint
from conftest import ROOT
from engine import Checkpoint, Engine, Sampling


def test_shapes_are_those_of_the_models():
    """Their parameters, tied heads counted once."""
    for shape, billions in (("llama-3.2-1b", 1.2358), ("llama-3-8b", 8.0303)):
        sizes = random_checkpoint.tensors_of(random_checkpoint.config_of(shape, small=False))
        assert sum(map(np.prod, sizes.values())) / 1e9 == pytest.approx(billions, abs=1e-4)


@pytest.mark.parametrize("shape", random_checkpoint.SHAPES)
def test_it_is_served(shape, cpu, tmp_path):
    random_checkpoint.write_checkpoint(tmp_path / "a", shape, small=True)
    engine = Engine(Checkpoint(tmp_path / "a", text=False), cpu, [[3, 500, 77]], 5)
    assert np.isfinite(engine.logits(0)).all()
    assert sum(1 for _ in engine.generate(Sampling())) == 5


def test_the_seed_is_all_that_it_depends_on(monkeypatch, tmp_path):
    monkeypatch.setattr(random_checkpoint, "BLOCK", 1000)

    def weights(name, **how):
        random_checkpoint.write_checkpoint(tmp_path / name, "llama-3-8b", small=True, **how)
        return (tmp_path / name / "model.safetensors").read_bytes()
    first = weights("a", seed=5, threads=1)
    assert first == weights("b", seed=5, threads=7) != weights("c", seed=6, threads=7)
    values = (np.frombuffer(first[-2 * 512 * 64:], np.uint16).astype(np.uint32) << 16).view(np.float32)  # lm_head
    assert abs(values.std() - 0.02) < 1e-3 and abs(values.mean()) < 1e-3 and len(set(values[::1000].tolist())) > 20


def test_the_benchmark(tmp_path):
    """On the CPU, without a peer: its numbers are of no use, but they are there."""
    random_checkpoint.write_checkpoint(tmp_path / "m", "llama-3.2-1b", small=True)
    options = "--device cpu --context 20 --steps 3 --batch 1 2 --eager --no-peer --out".split()
    done = subprocess.run([sys.executable, str(ROOT / "benchmarks/generate.py"), str(tmp_path / "m"), *options, str(tmp_path)],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "generate.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(r["batch"], r["who"]) for r in rows] == [(b, w) for b in "12" for w in ("hipinfer", "hipinfer, eager")]
    assert all(float(r["prefill_tokens_s"]) > 0 and float(r["decode_tokens_s"]) > 0 for r in rows)
    assert (tmp_path / "generate.svg").read_text().count("<rect") == 1 + 2 * 4 + 2
