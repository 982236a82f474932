#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The wheel, in an empty virtual environment with nothing of this tree on its path, runs the example and its selftest.
#   fresh_wheel.sh BUILD_FOLDER PYTHON
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PYTHONPATH HIPINFER_LIBRARY
wheel=$("$2" "$root/tools/build-wheel" --build "$1" --out "$work" --no-isolation)
"$2" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "$wheel" tokenizers ml_dtypes
cd "$work"
"$work/venv/bin/hipinfer-selftest" --device cpu --level static --level numeric --op rmsnorm --op paged_attention_decode
grep -q "^result: all right" hipinfer-selftest.txt
answer=$("$work/venv/bin/python" "$root/examples/generate/generate.py" "$root/examples/tiny-model" --prompt "347+589=" --device cpu)
echo "347+589=$answer"
test "$answer" = 936
