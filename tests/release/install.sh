#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A package that tools/release made, installed by the lines of docs/installing.md where there was none, runs a decode step.
#   install.sh FILE.whl [PYTHON [HIPEMU GPU...]]   into an empty virtual environment; also on emulated GPUs
#   install.sh FILE.crate SYS_FILE.crate LIBRARY   into an empty project
#   install.sh FILE.deb                            into this system, as root; programs find it by pkg-config and by CMake
#   install.sh FILE.tar.xz                         as a Meson subproject, with what this system lacks installed, as root
# Paths are absolute.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
package=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[ -f "$package" ] || { echo "install.sh: there is no file $package" >&2; exit 2; }
unset PYTHONPATH HIPINFER_LIBRARY HIPINFER_DEVICE HIPINFER_HIP_LIBRARY PKG_CONFIG_PATH LD_LIBRARY_PATH

block() { # the page's code block of a language that has a text in it
  awk -v begin="\`\`\`$1" -v text="$2" '$0 == begin { inside = 1; block = ""; next } /^```/ && inside { if (index(block, text)) { printf "%s", block; exit } inside = 0 }
    inside { block = block $0 "\n" }' "$root/docs/installing.md"
}
apt() { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >apt.log 2>&1 || { tail -n 20 apt.log >&2; exit 1; }; }

case $package in
  *.whl)
    python=${2:-python3}
    [ -n "${2:-}" ] || { apt-get update -qq; apt python3-venv; } # a bare system
    "$python" -m venv venv
    venv/bin/pip install -q --disable-pip-version-check "$package"
    needed=$(ldd venv/lib/python3*/site-packages/hipinfer/libhipinfer.so)
    ! grep -E "stdc|gcc_s|not found" <<<"$needed" || { echo "install.sh: the library needs more than libc" >&2; exit 1; }
    venv/bin/python "$here/decode.py" cpu
    for gpu in "${@:4}"; do
      HIPINFER_HIP_LIBRARY=$3 HIPEMU_TARGET=$gpu venv/bin/python "$here/decode.py" hip
    done
    ;;
  *.crate)
    for crate in "$package" "$2"; do tar xf "$crate"; done
    mkdir src
    cp "$here/decode.rs" src/main.rs
    # As from crates.io: the crate names the other by its version, and only where that lies is said here.
    cat >Cargo.toml <<TXT
[package]
name = "decode"
edition = "2024"
[dependencies]
hipinfer = { path = "$(basename "$package" .crate)" }
[patch.crates-io]
hipinfer-sys = { path = "$(basename "$2" .crate)" }
TXT
    HIPINFER_NO_LINK=1 HIPINFER_LIBRARY=$3 HIPINFER_DEVICE=cpu cargo run --quiet
    ;;
  *.deb)
    apt-get update -qq
    apt "$package"
    hipinfer-info | head -n 3
    apt gcc libc6-dev pkg-config cmake make python3-numpy
    # shellcheck disable=SC2046 # words
    cc -std=c99 -Wall -Werror "$here/decode.c" $(pkg-config --cflags --libs hipinfer) -lm -o decode
    ./decode
    block c 'int main' >first.c
    block cmake find_package >CMakeLists.txt
    cmake -S . -B build >cmake.log || { cat cmake.log; exit 1; }
    cmake --build build >cmake.log || { cat cmake.log; exit 1; }
    build/first
    HIPINFER_DEVICE=cpu python3 "$here/decode.py" cpu
    dpkg --remove hipinfer >/dev/null
    ! ./decode 2>/dev/null || { echo "the library is there after the package was removed"; exit 1; }
    ;;
  *.tar.xz)
    apt-get update -qq
    # shellcheck disable=SC2046 # words
    apt $(sed -n 's/^    apt-get install \(g++ .*zlib1g-dev\).*/\1/p' "$root/docs/installing.md") xz-utils
    mkdir subprojects
    tar xf "$package" -C subprojects
    mv subprojects/hipinfer-* subprojects/hipinfer
    block meson "dependency('hipinfer'" | sed "s/dependency('hipinfer'[^)]*)/[&, meson.get_compiler('c').find_library('m')]/" >meson.build
    cp "$here/decode.c" first.c
    meson setup build -Dhipinfer:targets=none >meson.log || { tail -n 30 meson.log; exit 1; }
    ninja -C build >meson.log || { tail -n 30 meson.log; exit 1; }
    build/first
    ;;
  *) echo "install.sh: $package is no wheel, crate, .deb or source archive" >&2; exit 2 ;;
esac
