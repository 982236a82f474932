# SPDX-License-Identifier: Apache-2.0
# What a machine needs, and how it gets it: sourced by quickstart and test. Nothing is installed that is there already;
# what is missing comes from Debian's or Ubuntu's packages and from PyPI.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# with_progress LOG COMMAND...: its output goes to the log, whose last line is shown now and then, so that a long step is seen to
# be alive also through a pipe.
progress_seconds=15
with_progress() {
  local log=$1 status=0 clock start=$SECONDS
  shift
  : >"$log"
  # A sleep that outlives the clock holds no pipe open.
  while sleep $progress_seconds </dev/null >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    printf '    %4d s: %s\n' $((SECONDS - start)) "$(tail -n 1 "$log" | tr -d '\r' | cut -c1-120)" >&2
  done &
  clock=$!
  "$@" >"$log" 2>&1 || status=$?
  kill "$clock"
  wait "$clock" 2>/dev/null || true
  return $status
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_lists_are_fresh=
refresh_apt() { # what is wanted
  [ -n "$apt_lists_are_fresh" ] && return
  command -v apt-get >/dev/null || die "this machine has no apt-get; install these yourself: $*"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "these packages are missing, and only root may install them: $*. Run this as root, install sudo, or have them installed"
  as_root apt-get update -qq || die "apt-get update failed: is the package mirror reachable? It was to bring: $*"
  apt_lists_are_fresh=1
}

install_packages() {
  local log
  refresh_apt "$@"
  say "installing $*"
  log=$(mktemp)
  with_progress "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" ||
    { tail -n 20 "$log" >&2; die "apt-get could not install: $*"; }
  rm -f "$log"
}

# have what command-or-file... : everything after the first word is one Debian package's test.
missing=()
need() { # package, then a test
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
install_missing() {
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  missing=()
}

header() { echo "#include <$1>" | ${CXX:-c++} -E -x c++ - ; }

need_build_tools() {
  need g++ command -v c++
  need pkg-config command -v pkg-config
  need meson command -v meson
  need ninja-build command -v ninja
  need python3 command -v python3
  need binutils command -v readelf
  need zlib1g-dev header zlib.h
  install_missing
  python3 -c 'import tomllib' 2>/dev/null || die "python3 is $(python3 --version 2>&1), the build needs 3.11 or newer"
}

# A compiler for AMD targets: whatever toolchain.py finds, else the newest clang of the distribution that suffices.
need_amd_compiler() { # targets
  python3 "$root/src/gen/toolchain.py" --targets "$1" --nvcc /bin/false >/dev/null 2>&1 && return
  refresh_apt "clang and lld, 20 or newer (--targets none builds for the CPU alone, without them)"
  local version
  for version in $(apt-cache search --names-only '^clang-[0-9]+$' | sed -n 's/^clang-\([0-9]*\) .*/\1/p' | sort -rn); do
    [ "$version" -ge 18 ] || break
    install_packages "clang-$version" "lld-$version"
    python3 "$root/src/gen/toolchain.py" --targets "$1" --nvcc /bin/false >/dev/null && return
  done
  die "no clang of this distribution compiles $1; install ROCm's or LLVM's clang 20 or newer, or take --targets none"
}

# LLVM's libraries, of which the emulator uses the AMDGPU decoder: any from 20 on, else the newest of the distribution.
need_llvm() {
  local config version
  for config in $(compgen -c llvm-config); do
    version=$("$config" --version | cut -d. -f1)
    [ "${version:-0}" -lt 20 ] || return 0
  done
  refresh_apt "llvm-dev, 20 or newer"
  version=$(apt-cache search --names-only '^llvm-[0-9]+-dev$' | sed -n 's/^llvm-\([0-9]*\)-dev .*/\1/p' | sort -n | tail -n 1)
  [ "${version:-0}" -ge 20 ] || die "the emulator needs LLVM 20 or newer; this distribution has no llvm-20-dev: install LLVM's own packages"
  install_packages "llvm-$version-dev"
}

# A program of LLVM's that has its version in its name: any from 20 on, else that of the newest clang here.
need_llvm_program() { # program, package without its version
  local version
  for version in {40..20}; do
    ! command -v "$1-$version" >/dev/null || return 0
  done
  ! command -v "$1" >/dev/null || return 0
  for version in {40..20}; do
    command -v "clang++-$version" >/dev/null || continue
    install_packages "$2-$version"
    return
  done
  die "$1 of LLVM 20 or newer is needed: install it, or a clang-20 or newer of this distribution"
}

# Whether python3 has the packages of a requirements file, each in the version that is pinned, if one is.
has_packages() { # requirements file
  python3 - "$1" 2>/dev/null <<'PY'
import importlib.metadata, re, sys
for line in open(sys.argv[1]):
    if line.strip() and not line.startswith("#"):
        name, pinned = re.fullmatch(r"([\w.-]+)(?:==([\w.]+))?", line.strip()).groups()
        installed = importlib.metadata.version(name)
        if pinned and installed != pinned:
            sys.exit(1)
PY
}

# A Python with the packages of a requirements file: python3 itself if it has them, else a virtual environment.
python=
need_python() { # requirements file
  local wanted=$1 venv=$root/.venv stamp
  stamp=$venv/$(basename "$wanted").$(cksum <"$wanted" | cut -d' ' -f1)
  if [ -e "$stamp" ]; then
    python=$venv/bin/python
    return
  fi
  if has_packages "$wanted"; then
    python=$(command -v python3)
    return
  fi
  [ -x "$venv/bin/pip" ] || {
    python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    python3 -m venv "$venv" || die "python3 -m venv failed"
  }
  say "installing Python packages: $(grep -v '^#' "$wanted" | tr '\n' ' ')"
  with_progress "$venv/pip.log" "$venv/bin/pip" install --disable-pip-version-check --progress-bar off -r "$wanted" ||
    { tail -n 20 "$venv/pip.log" >&2; die "pip could not install $wanted"; }
  touch "$stamp"
  python=$venv/bin/python
}

# nvcc: on PATH, in CUDA_HOME, or NVIDIA's own packages on PyPI. Sets nvcc; empty if it cannot be had.
nvcc=
need_nvcc() {
  nvcc=$(command -v nvcc || ls "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" 2>/dev/null) && return
  local venv=$root/.venv/nvcc
  nvcc=$(nvcc_of "$venv") && return
  say "installing nvcc from PyPI"
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  python3 -m venv "$venv" && with_progress "$venv/pip.log" "$venv/bin/pip" install --disable-pip-version-check --progress-bar off \
    -r "$root/tools/requirements-nvcc.txt" || {
    nvcc=
    return
  }
  nvcc=$(nvcc_of "$venv") || nvcc=
}
nvcc_of() { ls "$1"/lib/python3*/site-packages/nvidia/cu*/bin/nvcc 2>/dev/null | head -n 1; }

# cargo and rustc of at least bindings/rust's rust-version.
cargo_is_new_enough() {
  local have want
  have=$(rustc --version 2>/dev/null | cut -d' ' -f2) || return 1
  command -v cargo >/dev/null || return 1
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/bindings/rust/Cargo.toml")
  [ "$(printf '%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ]
}
need_rust() {
  cargo_is_new_enough && return
  need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
  install_missing
  refresh_apt cargo
  local pair
  for pair in "cargo-web rustc-web" "$(apt-cache search --names-only '^rustc-1\.[0-9]+$' | sed 's/ .*//' | sort -Vr | head -n 1 |
      sed 's/rustc-\(.*\)/cargo-\1 rustc-\1/')" "cargo rustc"; do
    # shellcheck disable=SC2086 # two words on purpose
    [ -n "$pair" ] && apt-cache show $pair >/dev/null 2>&1 || continue
    # shellcheck disable=SC2086
    install_packages $pair
    # Ubuntu's versioned packages keep the version in the command's name.
    local version=${pair##*-}
    if [ -x "/usr/bin/cargo-$version" ]; then
      mkdir -p "$root/.venv/rust" && ln -sf "/usr/bin/cargo-$version" "$root/.venv/rust/cargo" &&
        ln -sf "/usr/bin/rustc-$version" "$root/.venv/rust/rustc"
      export PATH=$root/.venv/rust:$PATH
    fi
    cargo_is_new_enough && return
  done
  die "bindings/rust needs rustc $(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/bindings/rust/Cargo.toml") or newer; none of this distribution's packages is"
}

# GPU code goes through compile-cache: PATH and nvcc name commands in FOLDER that remember what they have compiled.
use_compile_cache() { # folder, targets
  local compiler
  mkdir -p "$1" && stamp "$1" "compilers that remember"
  while read -r compiler; do
    compiler=$("$root/tools/compile-cache" --shim "$1" "$compiler") || die "compile-cache failed"
    [ "${compiler##*/}" != nvcc ] || nvcc=$compiler
  done < <(python3 "$root/src/gen/toolchain.py" --targets "$2" --nvcc "${nvcc:-nvcc}" | cut -f3 | sort -u)
  export PATH=$1:$PATH
}

# Meson takes ccache where it is. Objects for another processor (-march=native) are kept apart.
use_ccache() {
  need ccache command -v ccache
  install_missing
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_NAMESPACE
  CCACHE_NAMESPACE=hipinfer-$(sed -n '/^flags/{p;q}' /proc/cpuinfo | cksum | cut -d' ' -f1)
}

# A stamp in a build folder says that it was made here: a folder without one is somebody's own, and is never deleted.
# What was made here says so in .options, before the options that it was configured with.
is_ours() { [ -f "$1/.options" ] && [ "$(head -c 23 "$1/.options" 2>/dev/null)" = "hipinfer build folder: " ]; }
stamp() { echo "hipinfer build folder: $2" >"$1/.options"; } # folder, options
has_stamp() { [ "$(cat "$1/.options" 2>/dev/null)" = "hipinfer build folder: $2" ]; }

# Ninja sees that files change, not that a family or a test is new or gone.
see_new_files() { # folder, source
  local files
  files=$(cd "$2" && find src/ops tests/ops -type f | LC_ALL=C sort | cksum)
  [ "$(cat "$1/.files" 2>/dev/null)" != "$files" ] || return 0
  if [ -e "$1/.files" ]; then
    meson setup --reconfigure "$1" "$2" >"$1/setup.log" 2>&1 || { tail -n 30 "$1/setup.log" >&2; die "meson setup --reconfigure failed"; }
  fi
  echo "$files" >"$1/.files"
}

# Meson's notes of how a folder was configured. Without them it is configured anew; whatever else is in it stays.
unconfigure() { rm -rf "$1/meson-private" "$1/meson-info" "$1/meson-logs" "$1/build.ninja"; }

refuse_foreign() { # folder
  if ! is_ours "$1" && [ -e "$1" ] && [ -n "$(ls -A "$1" 2>/dev/null || echo a file)" ]; then
    die "$1 is there already, and no build folder of ${0##*/}'s: name another with --build, or delete it yourself"
  fi
}

# The build folder for a list of targets, made or brought up to date.
build_only=() # what of it; empty: everything
build() { # folder, targets, further Meson options...
  local folder=$1 targets=$2
  shift 2
  local options=("-Dtargets=$targets" "$@")
  refuse_foreign "$folder"
  if [ ! -f "$folder/build.ninja" ] || ! has_stamp "$folder" "${options[*]}"; then
    say "configuring $folder for $targets"
    mkdir -p "$folder" || die "$folder cannot be made"
    stamp "$folder" "not configured"
    unconfigure "$folder"
    meson setup "$folder" "$root" "${options[@]}" >"$folder/setup.log" 2>&1 || { tail -n 30 "$folder/setup.log" >&2; die "meson setup failed"; }
    stamp "$folder" "${options[*]}"
  fi
  see_new_files "$folder" "$root"
  say "building $folder"
  if [ -t 2 ]; then ninja -C "$folder" "${build_only[@]}" >&2 || die "the build failed"
  else
    with_progress "$folder/ninja.log" ninja -C "$folder" "${build_only[@]}" ||
      { grep -A 20 FAILED "$folder/ninja.log" >&2 || tail -n 20 "$folder/ninja.log" >&2; die "the build failed"; }
  fi
}
