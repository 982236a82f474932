#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A package that tools/release made, installed by the lines of docs/installing.md where there was none, runs a decode step.
#   install.sh wheel DIST [PYTHON [HIPEMU GPU...]]   into an empty virtual environment; also on emulated GPUs
#   install.sh crates DIST LIBRARY                   into an empty project
#   install.sh deb DIST                              into this system, as root; programs find it by pkg-config and by CMake
#   install.sh source DIST                           as a Meson subproject, with what this system lacks installed, as root
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dist=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset PYTHONPATH HIPINFER_LIBRARY HIPINFER_DEVICE HIPINFER_HIP_LIBRARY PKG_CONFIG_PATH LD_LIBRARY_PATH

block() { # the page's code block of a language that has a text in it
  awk -v begin="\`\`\`$1" -v text="$2" '$0 == begin { inside = 1; block = ""; next } /^```/ && inside { if (index(block, text)) { printf "%s", block; exit } inside = 0 }
    inside { block = block $0 "\n" }' "$root/docs/installing.md"
}
one() { # the one package of this pattern
  local found=("$dist"/$1)
  [ ${#found[@]} = 1 ] && [ -e "${found[0]}" ] || { echo "$dist has no one $1: ${found[*]}" >&2; exit 1; }
  echo "${found[0]}"
}
apt() { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >apt.log 2>&1 || { tail -n 20 apt.log >&2; exit 1; }; }

case $1 in
  wheel)
    wheel=$(one 'hipinfer-*-manylinux_2_28_*.whl') python=${3:-python3}
    [ -n "${3:-}" ] || { apt-get update -qq; apt python3-venv; } # a bare system
    "$python" -m venv venv
    venv/bin/pip install -q --disable-pip-version-check "$wheel"
    ! ldd venv/lib/python3*/site-packages/hipinfer/libhipinfer.so | grep -E "stdc|gcc_s|not found" || exit 1
    venv/bin/python "$here/decode.py" cpu
    for gpu in "${@:5}"; do
      HIPINFER_HIP_LIBRARY=$4 HIPEMU_TARGET=$gpu venv/bin/python "$here/decode.py" hip
    done
    ;;
  crates)
    for crate in "$(one 'hipinfer-[0-9]*.crate')" "$(one 'hipinfer-sys-*.crate')"; do tar xf "$crate"; done
    mkdir src
    cp "$here/decode.rs" src/main.rs
    # As from crates.io: the crate names the other by its version, and only where that lies is said here.
    cat >Cargo.toml <<TXT
[package]
name = "decode"
edition = "2024"
[dependencies]
hipinfer = { path = "$(echo hipinfer-[0-9]*[0-9])" }
[patch.crates-io]
hipinfer-sys = { path = "$(echo hipinfer-sys-*[0-9])" }
TXT
    HIPINFER_NO_LINK=1 HIPINFER_LIBRARY=$3 HIPINFER_DEVICE=cpu cargo run --quiet
    ;;
  deb)
    cp "$(one 'hipinfer_*.deb')" .
    apt-get update -qq
    apt ./hipinfer_*.deb
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
  source)
    apt-get update -qq
    # shellcheck disable=SC2046 # words
    apt $(sed -n 's/^    apt-get install \(g++ .*zlib1g-dev\).*/\1/p' "$root/docs/installing.md") xz-utils
    mkdir subprojects
    tar xf "$(one 'hipinfer-*.tar.xz')" -C subprojects
    mv subprojects/hipinfer-* subprojects/hipinfer
    block meson "dependency('hipinfer'" | sed "s/dependency('hipinfer'[^)]*)/[&, meson.get_compiler('c').find_library('m')]/" >meson.build
    cp "$here/decode.c" first.c
    meson setup build -Dhipinfer:targets=none >meson.log || { tail -n 30 meson.log; exit 1; }
    ninja -C build >meson.log || { tail -n 30 meson.log; exit 1; }
    build/first
    ;;
  *) echo "install.sh: unknown package $1" >&2; exit 2 ;;
esac
