#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `meson install` put under a prefix serves a stranger's C program through pkg-config, and nothing is missing.
#   installed.sh DESTDIR
set -eu
destdir=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pc=$(find "$destdir" -name hipinfer.pc)
test -n "$pc" || { echo "no hipinfer.pc was installed"; exit 1; }
export PKG_CONFIG_PATH=$(dirname "$pc") PKG_CONFIG_SYSROOT_DIR=$destdir
cat >"$work/main.c" <<'C'
#include <hipinfer/hipinfer.h>
#include <stdio.h>
int main(void) {
  hipinfer_context context;
  if (hipinfer_context_create(NULL, &context) != HIPINFER_STATUS_OK) return puts(hipinfer_last_error()), 1;
  hipinfer_context_destroy(context);
  return hipinfer_version() / 10000 != HIPINFER_VERSION_MAJOR;
}
C
# shellcheck disable=SC2046
cc -std=c99 -Wall -Wextra -Werror "$work/main.c" -o "$work/main" $(pkg-config --cflags --libs hipinfer)
library=$(dirname "$(find "$destdir" -name 'libhipinfer.so')")
LD_LIBRARY_PATH=$library "$work/main"
LD_LIBRARY_PATH=$library "$(find "$destdir" -name hipinfer-info)" >/dev/null
for file in types.h ops.h version.h hipinfer.h; do
  test -f "$(find "$destdir" -path "*hipinfer/$file")" || { echo "$file was not installed"; exit 1; }
done
test -f "$(find "$destdir" -path '*kernels/manifest.json')" || { echo "the kernel folder was not installed"; exit 1; }
