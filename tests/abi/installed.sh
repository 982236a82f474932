#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `meson install` put below a prefix serves a stranger by what docs/installing.md says, word for word: its program, its line
# for the compiler, its three lines for a prefix outside of the usual paths, its CMake and Meson projects. Nothing else is known here,
# zlib.pc neither.
#   installed.sh PREFIX
set -eu
prefix=$1
page=$(cd "$(dirname "$0")/../.." && pwd)/docs/installing.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset PKG_CONFIG_PATH LD_LIBRARY_PATH PYTHONPATH HIPINFER_LIBRARY
export PKG_CONFIG_LIBDIR=/nowhere
code() { sed -n "/^## $1/,/^## [^$1]/p" "$page" | sed -n "/^\`\`\`$2\$/,/^\`\`\`/p" | sed '/^```/d'; } # section, language
line() { sed -n "s/^    \($1.*\)/\1/p" "$page"; } # of the page that begins so
code 'C and' c >first.c
line 'export .*PREFIX' | sed "s|PREFIX|'$prefix'|" >paths
test "$(wc -l <paths)" = 3 || { echo "docs/installing.md does not have its three lines for other prefixes"; exit 1; }
. ./paths
compile=$(line 'cc .*first.c')
echo "$compile"
eval "$compile"
answer=$(HIPINFER_DEVICE=cpu ./first)
echo "$answer"
case $answer in "scale/cpu on "*": 0.5 1 1.5 2") ;; *) echo "expected half of 1 2 3 4"; exit 1 ;; esac
cc -std=c99 -Wall -Wextra -Werror first.c $(pkg-config --cflags --libs hipinfer) -o strict
code 'C and' cmake >CMakeLists.txt
code 'C and' meson >meson.build
cmake -S . -B by-cmake "-DCMAKE_PREFIX_PATH=$prefix" >log && cmake --build by-cmake >log || { cat log; exit 1; }
meson setup by-meson >log && meson compile -C by-meson >log || { cat log; exit 1; }
for built in by-cmake by-meson; do
  test "$(HIPINFER_DEVICE=cpu "$built/first")" = "$answer" || { echo "$built/first does not give that answer"; exit 1; }
done
sed -i 's/find_package(hipinfer 0.1 /find_package(hipinfer 0.99 /' CMakeLists.txt
! cmake -S . -B too-new "-DCMAKE_PREFIX_PATH=$prefix" >log 2>&1 || { echo "CMake takes this version for 0.99"; exit 1; }
# As a subproject, configured alone: tools/release --test builds it.
mkdir subprojects
ln -s "${page%/docs/*}" subprojects/hipinfer
(unset PKG_CONFIG_LIBDIR PKG_CONFIG_PATH && meson setup inside --force-fallback-for=hipinfer -Dhipinfer:targets=none >log) || { cat log; exit 1; }
grep -q 'Dependency hipinfer found: YES.*(overridden)' log || { cat log; exit 1; }
"$prefix/bin/hipinfer-info" >/dev/null
for file in types.h ops.h version.h hipinfer.h hipinfer.hpp; do
  test -f "$prefix/include/hipinfer/$file" || { echo "$file was not installed"; exit 1; }
done
