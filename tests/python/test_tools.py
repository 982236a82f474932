# SPDX-License-Identifier: Apache-2.0
"""tools/: what passes.py remembers and forgets, and build folders that belong to somebody else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import passes  # noqa: E402


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPINFER_TEST_CACHE", str(tmp_path / "passes"))


def test_a_pass_is_recalled_until_it_is_forgotten():
    key = passes.sha(b"one")
    assert passes.recall(key) is None
    passes.store(key, 12, 3)
    assert passes.recall(key) == (12, 3)
    assert passes.recall(passes.sha(b"other")) is None
    passes.forget(older_than=3600)
    assert passes.recall(key) == (12, 3)
    passes.forget()
    assert passes.recall(key) is None


def test_a_damaged_pass_counts_for_nothing():
    key = passes.sha(b"one")
    passes.store(key, 12, 3)
    (passes.store_folder() / key).write_text("12")
    assert passes.recall(key) is None


def test_forgetting_leaves_files_of_others():
    passes.store(passes.sha(b"one"), 1, 0)
    other = passes.store_folder() / "notes.txt"
    other.write_text("mine")
    passes.forget()
    assert [p.name for p in passes.store_folder().iterdir()] == ["notes.txt"]


def test_a_key_depends_on_names_contents_words_and_environment(tmp_path, monkeypatch):
    folder = tmp_path / "f"
    (folder / "deep").mkdir(parents=True)
    file = folder / "deep/a.txt"
    file.write_text("1")
    keys = []

    def key(*words):
        keys.append(passes.hash_files([folder], [*words, *passes.environment_words()]))
        return keys[-1]

    first = key()
    os.utime(file, (1, 1))
    monkeypatch.setenv("HIPINFER_LIBRARY", "/elsewhere/libhipinfer.so")  # hashed by contents, not by name
    assert key() == first
    file.write_text("2")
    key()
    file.rename(folder / "deep/b.txt")
    key()
    (folder / "c.txt").write_text("")
    key()
    key("word")
    monkeypatch.setenv("HIPINFER_TEST_SEED", "7")
    key()
    monkeypatch.setenv("HIPEMU_CHECKS", "none")
    key()
    assert len(set(keys)) == len(keys) - 1  # all but the pair above differ
    with pytest.raises(OSError):
        passes.hash_files([tmp_path / "missing"])


# The keys of operations, from the build whose library the tests use.

@pytest.fixture(scope="module")
def keys():
    build = Path(os.environ.get("HIPINFER_LIBRARY", ROOT / "build/src/libhipinfer.so")).resolve().parents[1]
    if not (build / "tests/test-ops.p").is_dir():
        pytest.skip(f"{build} has no object files of test-ops")
    made = passes.Keys(build, "", None)
    made.gpu, made.code = "gfx942", dict.fromkeys(set().union(*made.modules.values()), b"as built")
    made.code_object = lambda module: made.code[module]
    suites = passes.tests_of(build / "tests/test-ops")
    return made, suites, {s: made.of(s, t) for s, t in suites.items()}


def changed(keys):
    made, suites, before = keys
    return {suite for suite, tests in suites.items() if made.of(suite, tests) != before[suite]}


def test_operations_have_keys_of_their_own(keys):
    _, suites, before = keys
    assert len(suites) > 40 and len(set(before.values())) == len(before)
    assert changed(keys) == set()


def test_another_code_object_runs_the_operations_that_launch_it(keys, monkeypatch):
    made, _, before = keys
    for op in ("softmax", "gemm", "rmsnorm"):
        module = sorted(made.modules[op])[0]
        users = {o for o, modules in made.modules.items() if module in modules}
        with monkeypatch.context() as m:
            m.setitem(made.code, module, b"another")
            again = changed(keys)
        assert users & set(before) <= again < set(before), op


def test_other_host_code_runs_what_is_made_of_it(keys, monkeypatch):
    made, _, before = keys

    def after_a_change_of(objects, name):
        with monkeypatch.context() as m:
            m.setattr(next(o for o in objects if o.path.name.startswith(name)), "hash", "another")
            return changed(keys)

    assert after_a_change_of(made.host, "core_op") == set(before)
    assert after_a_change_of(made.host, "core_code_objects") == set(before)
    assert after_a_change_of(made.host, "runtime_hip") == set(before)
    launch = after_a_change_of(made.host, "ops_softmax_launch")
    assert "softmax" in launch and "gemm" not in launch
    test = after_a_change_of([o for o in made.tests if "softmax" in o.path.name and "masked" not in o.path.name], "ops_")
    assert test == {"softmax"}


def test_a_suite_of_no_known_operation_depends_on_everything(keys, monkeypatch):
    made, _, _ = keys
    before = made.of("stranger", ["test"])
    for o in [made.host[0], made.host[-1], made.tests[0]]:
        with monkeypatch.context() as m:
            m.setattr(o, "hash", "another")
            assert (made.of("stranger", ["test"]) != before) == (not o.path.name.startswith("meson-generated_.._code_objects."))


# Build folders

@pytest.mark.parametrize("command", [["quickstart", "1+1="], ["test", "generated"]], ids=lambda c: c[0])
def test_a_folder_that_was_not_made_here_is_refused(command, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    done = subprocess.run([ROOT / "tools" / command[0], "--build", mine, *command[1:]], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and f"{mine} is there already" in done.stderr, done.stderr
    assert (mine / "thesis.txt").read_text() == "years of work" and len(list(mine.iterdir())) == 1
