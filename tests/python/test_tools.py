# SPDX-License-Identifier: Apache-2.0
"""tools/: what passes.py remembers and forgets, and build folders that belong to somebody else."""

import os
import re
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
    passes.store(key, 12, 3, ["three of them need torch"])
    done = subprocess.run([ROOT / "tools/passes.py", "recall", key], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["12 3", "three of them need torch"]
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
    made = passes.Keys(build, "gfx942", None)
    made.code = dict.fromkeys(set().union(*made.modules.values()), b"as built")
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

    def after_a_change_of(of_object):
        with monkeypatch.context() as m:
            m.setattr(next(o for o in made.host + made.tests if of_object(o)), "hash", "another")
            return changed(keys)

    for name in ("core_op", "core_code_objects", "runtime_hip"):
        assert after_a_change_of(lambda o, name=name: o.path.name.startswith(name)) == set(before)
    launch = after_a_change_of(lambda o: any(re.search(r"\d+softmax_launchE", name) for name in o.defined))
    assert "softmax" in launch and "gemm" not in launch
    test = after_a_change_of(lambda o: any(name.startswith("softmax_") for name in o.tests))
    assert "softmax" in test and "gemm" not in test


def test_a_suite_of_no_known_operation_depends_on_everything(keys, monkeypatch):
    made, _, _ = keys
    before = made.of("stranger", ["test"])
    for o in [made.host[0], made.host[-1], made.tests[0]]:
        with monkeypatch.context() as m:
            m.setattr(o, "hash", "another")
            assert (made.of("stranger", ["test"]) != before) == (not o.path.name.startswith("meson-generated_.._code_objects."))


# Counting

@pytest.mark.parametrize("log, counts", [
    ("[  PASSED  ] 12 tests.\n", "12 0 0 0"),
    ("[  PASSED  ] 10 tests.\n[  SKIPPED ] 1 test, listed below:\n[  SKIPPED ] a.b\n[  FAILED  ] 2 tests, listed below:\n"
     "[  FAILED  ] a.c\n[  FAILED  ] a.d\n", "10 2 1 0"),
    ("== 3 passed in 0.1s ==\n", "3 0 0 0"),
    ("2 failed, 5 passed, 1 skipped, 7 deselected, 3 warnings in 1.2s\n", "5 2 1 0"),
    ("1 passed, 1 error in 1s\n", "1 1 0 0"),
    ("left out: 38 test functions of 4 files: could not import 'torch'\n7 passed, 4 skipped in 6.67s\n", "7 0 38 0"),
    ("test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n"
     "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n", "7 3 1 0"),
    ("rmsnorm: 6 of 6 in 1.0 s\n268 passed, 0 failed, 12 skipped, 250 remembered\n", "268 0 12 250"),
    ("all is well\n", "0 0 0 0"),
])
def test_closing_lines_are_added_up(log, counts, tmp_path):
    (tmp_path / "log").write_text(log)
    done = subprocess.run(["awk", "-f", ROOT / "tools/count.awk", tmp_path / "log"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == counts


STEPS = r"""
set -uo pipefail
root=$1 folder=$2
source "$root/tools/environment.sh"
eval "$(sed -n '/^passed=0 failed=0/,/^# in_shards/p' "$root/tools/test")"
mkdir -p "$folder/logs"
step() { echo ran >>"$folder/ran"; cat "$folder/says"; [ "$1" = good ]; }
say_and_run() { echo "$2" >"$folder/says"; run_once a "$folder/input" -- step "$1"; }
echo 1 >"$folder/input"
say_and_run bad "3 passed, 1 failed"
say_and_run bad "3 passed, 1 failed"      # a failure is not remembered
say_and_run good $'left out: all of b\n5 passed, 0 failed, 2 skipped'
say_and_run good "nothing, because it does not run"
echo 2 >"$folder/input"
say_and_run good "7 passed, 0 failed"
run_once a "$folder/missing" -- step good  # what cannot be read is run
echo "$passed $failed $skipped $remembered $(wc -l <"$folder/ran") ${left_out[*]}"
"""


def test_a_step_that_has_passed_is_not_run_again(tmp_path):
    done = subprocess.run(["bash", "-c", STEPS, "bash", ROOT, tmp_path], capture_output=True, text=True)
    # 3 + 3, failing; 5 and 5 again; 7; 7 of the last words said
    assert done.stdout.splitlines()[-1] == "30 2 4 5 5 a: all of b a: all of b", done.stdout + done.stderr


# GPU code that was compiled before

FAKE_COMPILER = """#!/usr/bin/env python3
import pathlib, re, sys
words = sys.argv[1:]
if words == ["--version"]:
    sys.exit(print("fake 1"))
source = next(w for w in words if w.endswith(".hip"))
header = pathlib.Path(source).with_name("h.h")
text = re.sub("INCLUDE", header.read_text(), pathlib.Path(source).read_text())
text = text.replace("HERE", str(pathlib.Path(source).parent))
if "-cubin" in words or "-x" in words:
    assert "-E" not in words or "-D__CUDA_ARCH__=900" in words and "-D__CUDA_ARCH_FEAT_SM90_ALL" in words
if "-E" in words:
    sys.exit(sys.stdout.write(text) and 0)
if "error" in text:
    sys.exit("an error")
with open(pathlib.Path(__file__).with_name("count"), "a") as file:
    file.write("x")
output = words[words.index("-o") + 1]
pathlib.Path(output).write_text("compiled " + text + " ".join(w for w in words if w.startswith("-O")))
depfile = words[words.index("-MF") + 1 if "-MF" in words else words.index("-dependency-file") + 2]
pathlib.Path(depfile).write_text(f"{output}: {source} {header}\\n")
"""


def test_compiled_code_is_taken_again_only_for_the_same_source_and_options(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compiler = tmp_path / "fake-clang"
    compiler.write_text(FAKE_COMPILER)
    compiler.chmod(0o755)
    done = subprocess.run([ROOT / "tools/compile-cache", "--shim", tmp_path / "shims", compiler], capture_output=True, text=True,
                          check=True)
    shim = done.stdout.strip()
    source, header, output = tmp_path / "k.hip", tmp_path / "h.h", tmp_path / "k.hsaco"
    source.write_text("kernel INCLUDE ")
    header.write_text("1")

    def compiled(*options, output=output):
        before = len((tmp_path / "count").read_text()) if (tmp_path / "count").exists() else 0
        depfile = tmp_path / "k.d"
        depfile.unlink(missing_ok=True)
        done = subprocess.run([shim, "--cuda-device-only", *options, "-Xclang", "-dependency-file", "-Xclang", depfile,
                               "-Xclang", "-MT", "-Xclang", output, source, "-o", output], capture_output=True, text=True)
        if done.returncode == 0:
            assert depfile.read_text() == f"{output}: {source} {header}\n"
        count = len((tmp_path / "count").read_text()) - before
        return done.returncode, count, output.read_text() if done.returncode == 0 else done.stderr.strip()

    assert compiled("-O3") == (0, 1, "compiled kernel 1 -O3")
    output.unlink()
    assert compiled("-O3") == (0, 0, "compiled kernel 1 -O3")
    with monkeypatch.context() as told:  # options that are not among the words
        told.setenv("CCC_OVERRIDE_OPTIONS", "+-g")
        assert compiled("-O3") == (0, 1, "compiled kernel 1 -O3")
    assert compiled("-O1") == (0, 1, "compiled kernel 1 -O1")
    header.write_text("2")
    assert compiled("-O3") == (0, 1, "compiled kernel 2 -O3")
    (tmp_path / "elsewhere").mkdir()
    assert compiled("-O3", output=tmp_path / "elsewhere/k.hsaco") == (0, 0, "compiled kernel 2 -O3")
    header.write_text("error")
    assert compiled("-O3") == (1, 0, "an error") == compiled("-O3")
    compiler.write_text(FAKE_COMPILER + "# another compiler\n")
    header.write_text("1")
    assert compiled("-O3") == (0, 1, "compiled kernel 1 -O3")


@pytest.mark.parametrize("cuda", [False, True], ids=["hip", "cuda"])
def test_another_clone_takes_what_one_has_compiled(tmp_path, monkeypatch, cuda):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compiler = tmp_path / "fake"
    compiler.write_text(FAKE_COMPILER)
    compiler.chmod(0o755)
    for clone in ("one", "two"):
        gen = tmp_path / clone / "src"
        gen.mkdir(parents=True)
        (gen / "k.hip").write_text("of HERE INCLUDE")
        (gen / "h.h").write_text("1")
        output, depfile = gen / "k.object", gen / "k.d"
        words = (["-x", "cu", "-cubin", "-gencode=arch=compute_90a,code=sm_90a", "-MD", "-MF", depfile] if cuda else
                 ["--cuda-device-only", "-Xclang", "-dependency-file", "-Xclang", depfile, "-Xclang", "-MT", "-Xclang", output])
        subprocess.run([ROOT / "tools/compile-cache", compiler, *words, f"-I{gen}", gen / "k.hip", "-o", output], check=True)
        assert depfile.read_text() == f"{output}: {gen / 'k.hip'} {gen / 'h.h'}\n"
        assert (tmp_path / "count").read_text() == "x"
        assert output.read_text() == f"compiled of {tmp_path / 'one/src'} 1"


# Build folders: nothing is deleted that the tools have not made

COMMANDS = [["quickstart", "1+1="], ["test", "generated"], ["try", "rmsnorm", "cpu"], ["release", "source"]]


def call(command, folder, cwd=None):
    return subprocess.run([ROOT / "tools" / command[0], "--build", folder, *command[1:]], capture_output=True, text=True, timeout=60,
                          cwd=cwd)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
@pytest.mark.parametrize("name", ["mine", "my own", "link", ".", "..", "file"])
def test_a_folder_that_was_not_made_here_is_refused(command, name, tmp_path):
    mine = tmp_path / ("my own" if name == "my own" else "mine")
    (mine / "inner").mkdir(parents=True)
    (mine / "thesis.txt").write_text("years of work")
    (mine / "inner/file").write_text("more of it")
    (mine / ".options").write_text("of another program\n")
    (tmp_path / "mine.log").write_text("a log of theirs")
    (tmp_path / "link").symlink_to(mine)
    folder = {"link": tmp_path / "link", "file": mine / "thesis.txt"}.get(name, Path(name) if name.startswith(".") else mine)
    meant = {"..": tmp_path, "file": mine / "thesis.txt"}.get(name, mine)
    done = call(command, folder, cwd=mine)
    assert done.returncode == 1 and f"{meant} is there already" in done.stderr, done.stderr
    assert (mine / "thesis.txt").read_text() == "years of work" and len(list(mine.iterdir())) == 3
    assert (tmp_path / "mine.log").read_text() == "a log of theirs" and len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
@pytest.mark.parametrize("folder", [Path("/"), ROOT, ROOT / "src"], ids=["root", "source", "src"])
def test_neither_the_root_nor_the_sources_are_a_build_folder(command, folder):
    done = call(command, folder)
    assert done.returncode == 1 and f"{folder} is there already" in done.stderr, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a chroot")
@pytest.mark.parametrize("kind", ["empty", "full", "link to nothing"])
def test_a_chroot_that_is_there_is_refused(kind, tmp_path):
    folder = tmp_path / "a chroot"
    if kind == "link to nothing":
        folder.symlink_to(tmp_path / "nothing")
    else:
        folder.mkdir()
        if kind == "full":
            (folder / "thesis.txt").write_text("years of work")
    done = subprocess.run([ROOT / "tools/test", "--bare", "--chroot", folder], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and f"{folder}: it is there already" in done.stderr, done.stderr
    assert folder.is_symlink() or len(list(folder.iterdir())) == (kind == "full")


def shell(code, *words):
    """Runs code after environment.sh. Meson and Ninja are stand-ins that do nothing."""
    code = f"set -euo pipefail\nsource '{ROOT}/tools/environment.sh'\n{code}"
    return subprocess.run(["bash", "-c", code, "quickstart", *words], capture_output=True, text=True, timeout=60)


BUILD = """
meson() { echo "meson $*"; echo "a build" >"$2/build.ninja"; mkdir -p "$2/meson-private"; echo x >"$2/meson-private/coredata.dat"; }
ninja() { [ -f "$2/build.ninja" ]; }
build "$1" none -Dfirst=1
echo "years of work" >"$1/thesis.txt"
build "$1" none -Dfirst=1
build "$1" none -Dsecond=2
[ "$(cat "$1/thesis.txt")" = "years of work" ]
"""


def test_what_somebody_put_into_a_build_folder_stays(tmp_path):
    folder = tmp_path / "a build"
    folder.mkdir(mode=0o700)
    before = folder.stat()
    done = shell(BUILD, folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("configuring") == 2  # anew for other options, and for nothing else
    after = folder.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert sorted(p.name for p in folder.iterdir()) == [".files", ".options", "build.ninja", "meson-private", "ninja.log", "setup.log",
                                                        "thesis.txt"]


@pytest.mark.parametrize("wanted, there", [
    ("example", True), ("# of tests\n\nexample==1.2.0\n", True), ("example==1.2", False), ("example==1.3.0", False),
    ("example>=1.2", False), ("example\nabsent", False)])
def test_python3_serves_only_with_the_versions_that_are_pinned(wanted, there, tmp_path):
    (tmp_path / "example-1.2.0.dist-info").mkdir()
    (tmp_path / "example-1.2.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: example\nVersion: 1.2.0\n")
    (tmp_path / "wanted.txt").write_text(wanted)
    done = shell('export PYTHONPATH=$1; has_packages "$1/wanted.txt" && echo yes || echo no', tmp_path)
    assert done.stdout == ("yes\n" if there else "no\n"), done.stderr


def test_a_release_leaves_what_else_is_in_its_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XZ_OPT", "-0")
    out = tmp_path / "my packages"
    out.mkdir()
    version = subprocess.run([sys.executable, ROOT / "src/gen/version.py"], capture_output=True, text=True, check=True).stdout.strip()
    others = [f"hipinfer-{version}.tar.xz.asc", "hipinfer-0.0.1.tar.xz", "hipinfer_0.0.1-1_amd64.deb", "hipinfer-0.0.1.crate"]
    for name in others:
        (out / name).write_text("mine")
    done = subprocess.run([ROOT / "tools/release", "source", "--out", out, "--build", tmp_path / "b"], capture_output=True, text=True,
                          timeout=300)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(rf"hipinfer-{version}\.tar\.xz \d+ bytes\n", done.stdout), done.stdout
    assert all((out / name).read_text() == "mine" for name in others) and len(list(out.iterdir())) == len(others) + 1


# What quickstart says before it installs or builds anything

@pytest.mark.parametrize("words, said", [
    (["--device", "foo"], "--device foo: not hip, cuda or cpu"), (["--device", "cpu:x"], "--device cpu:x: not hip"),
    (["--targets", "gfx942,rdna"], "rdna is not auto, amd, portable, none, gfx... or sm_..."),
    (["--model", "/nowhere"], "--model /nowhere: there is no config.json"),
    (["--built", "/nowhere"], "--built /nowhere: there is no library"),
    (["--emulate", "gfx000"], "--emulate gfx000: not one of gfx906"),
    (["--emulate", "gfx942", "--targets", "amd"], "leave --targets out"),
    (["--bogus"], "unknown option --bogus")], ids=lambda v: " ".join(v) if isinstance(v, list) else "")
def test_quickstart_looks_at_its_options_first(words, said, tmp_path):
    # With nothing on PATH but what a shell script needs, anything that was begun would fail in another way.
    for name in ("bash", "dirname", "realpath", "cat", "env"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    done = subprocess.run(["/bin/bash", ROOT / "tools/quickstart", *words, "1+1="], capture_output=True, text=True, timeout=60,
                          env={"PATH": str(tmp_path)})
    assert done.returncode == 1 and said in done.stderr, done.stderr


def test_without_root_and_sudo_the_missing_packages_are_named(tmp_path):
    (tmp_path / "apt-get").write_text("#!/bin/bash\n")
    (tmp_path / "apt-get").chmod(0o755)
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    done = shell("id() { echo 1000; }; PATH=$1; need_build_tools", tmp_path)
    assert done.returncode == 1 and "g++ pkg-config meson ninja-build python3 binutils zlib1g-dev" in done.stderr, done.stderr
    assert "only root may install them" in done.stderr
    done = shell("id() { echo 1000; }; PATH=$1; need_amd_compiler gfx942", tmp_path)
    assert done.returncode == 1 and "clang and lld, 20 or newer (--targets none" in done.stderr, done.stderr


def test_where_no_llvm_is_it_is_wanted(tmp_path):
    (tmp_path / "apt-get").write_text("#!/bin/bash\n")
    (tmp_path / "apt-get").chmod(0o755)
    done = shell("id() { echo 1000; }; PATH=$1; need_llvm", tmp_path)
    assert done.returncode == 1 and "only root may install them: llvm-dev, 20 or newer" in done.stderr, done.stderr


def test_nvcc_from_pypi_is_installed_where_it_is_not_and_found_where_it_is(tmp_path):
    for name in ("ls", "head"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    # A python3 that can make no virtual environment.
    code = 'root=$1 PATH=$1 CUDA_HOME=$1; python3() { [ "$1" = -c ]; }; need_nvcc; echo "nvcc: $nvcc"'
    done = shell(code, tmp_path)
    assert done.stdout == "nvcc: \n" and "installing nvcc from PyPI" in done.stderr, done.stderr
    nvcc = tmp_path / ".venv/nvcc/lib/python3.11/site-packages/nvidia/cu13/bin/nvcc"
    nvcc.parent.mkdir(parents=True)
    nvcc.write_text("a compiler")
    done = shell(code, tmp_path)
    assert done.stdout == f"nvcc: {nvcc}\n" and done.stderr == "", done.stderr


def test_without_a_gpu_no_gpu_compiler_is_wanted():
    command = [sys.executable, ROOT / "src/gen/toolchain.py", "--targets", "auto", "--list"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "" or Path("/dev/kfd").exists() or Path("/dev/nvidiactl").exists()


def test_meson_says_why_there_is_no_compiler(tmp_path):
    command = ["meson", "setup", tmp_path / "b", ROOT, "-Dtargets=rdna", "-Demulator=disabled"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and "toolchain.py: unknown target rdna: expected gfx" in done.stdout, done.stdout


def test_a_long_step_is_seen_to_be_alive(tmp_path):
    done = shell('progress_seconds=0.2; with_progress "$1" bash -c "echo [7/9] compiling; sleep 1; exit 3" || echo "status $?"',
                 tmp_path / "log")
    assert done.stdout == "status 3\n" and re.search(r"^ +\d s: \[7/9\] compiling$", done.stderr, re.M), done.stderr
    assert (tmp_path / "log").read_text() == "[7/9] compiling\n"


# tools/try

@pytest.mark.parametrize("words, said", [
    (["rmsnrm"], "rmsnrm is not an operation; there are:"),
    (["rmsnorm", "gfx000"], "gfx000 is no GPU that is emulated"),
    (["rmsnorm", "--against", "no-such-commit", "--bogus"], "unknown option --bogus"),
    ([], "which operation?"),
], ids=["operation", "gpu", "option", "nothing"])
def test_try_says_what_is_wrong(words, said, tmp_path):
    done = subprocess.run([ROOT / "tools/try", *words, "--build", tmp_path / "b"] if words else [ROOT / "tools/try"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert not (tmp_path / "b").exists()
