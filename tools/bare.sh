#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A machine that has nothing, a chroot that debootstrap makes: tools/test --bare runs both commands of the README there, and
# tools/release --test installs packages.
#   bare.sh SUITE FOLDER KEEP test [ARGUMENTS OF tools/test...]
#   bare.sh SUITE FOLDER KEEP install FILE...
# SUITE is bookworm, bullseye or noble. FOLDER is made here, or a temporary one if empty; it goes at the end unless KEEP is 1.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
suite=$1 folder=$2 keep=$3
shift 3

# Inside namespaces of its own, so that mounts and processes end with this shell however it ends.
if [ "${HIPINFER_BARE_INSIDE:-}" = "$folder" ] && [ -n "$folder" ]; then
  mount -t proc proc "$folder/proc"
  mount -t tmpfs -o mode=1777 tmpfs "$folder/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$folder/dev/pts" || true # only terminals need it
  mapfile -t settings <"$folder/root/settings"
  in_chroot() { env -i "${settings[@]}" chroot "$folder" bash -c 'cd /root/hipinfer && exec "$@"' bash "$@"; }
  passed=0 failed=0
  count() { # name, exit status
    if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    say "$1: $([ "$2" = 0 ] && echo passed || echo "failed with exit status $2") after $SECONDS s"
  }
  if [ "$1" = install ]; then
    for package in "${@:2}"; do
      status=0
      in_chroot ./tests/release/install.sh "/root/packages/${package##*/}" || status=$?
      count "${package##*/} on a bare $suite" "$status"
    done
    echo "$passed passed, $failed failed"
    exit $((failed > 0))
  fi
  shift
  status=0
  answer=$(in_chroot ./tools/quickstart "347+589=") || status=$?
  [ "$status" != 0 ] || [ "$answer" = 936 ] || { say "the answer was '$answer', expected 936"; status=1; }
  count 'tools/quickstart "347+589="' "$status"
  status=0
  in_chroot ./tools/test "$@" || status=$?
  count "tools/test${*:+ $*}" "$status"
  echo
  echo "$passed passed, $failed failed"
  exit $((failed > 0))
fi

[ "$(id -u)" = 0 ] || die "a chroot is made and mounted into: run this as root"
case $suite in
  bookworm | bullseye) mirror=http://deb.debian.org/debian components=main keyring=/usr/share/keyrings/debian-archive-keyring.gpg keys=debian-archive-keyring ;;
  noble) mirror=http://archive.ubuntu.com/ubuntu components=main,universe keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg keys=ubuntu-keyring ;;
  *) die "$suite: not bookworm (Debian 12), bullseye (Debian 11) or noble (Ubuntu 24.04)" ;;
esac
# A folder that was there is never taken, so nothing is deleted that was not made here.
if [ -n "$folder" ]; then
  folder=$(realpath -ms "$folder")
  [ ! -e "$folder" ] && [ ! -L "$folder" ] || die "--chroot $folder: it is there already; name a folder that this command can make"
fi
need debootstrap command -v debootstrap
need git command -v git
install_missing
if [ ! -e "$keyring" ]; then
  refresh_apt "$keys"
  apt-cache policy "$keys" | grep -q "Candidate: [^(]" ||
    die "$suite: its packages are signed with keys of $keyring, which is not here, and no package $keys of this distribution has it"
  install_packages "$keys"
fi

# This machine's own mirrors of the suite, where it is of that suite.
sources=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)' |
  awk -v s="$suite" '$4 == "Packages" && ($2 == s || $2 == s "-updates" || $2 == s "-security") && ($3 == "main" || $3 == "universe") {
    print "deb", $1, $2, $3 }' | sort -u)
own=$(awk -v s="$suite" '$3 == s && $4 == "main" { print $2; exit }' <<<"$sources")
if [ -n "$own" ]; then
  mirror=${own%/}
elif [ "$suite" != noble ]; then
  sources=$(printf 'deb %s %s main\n' "$mirror" "$suite" "$mirror" "$suite-updates" "$mirror-security" "$suite-security")
else
  sources=$(printf "deb $mirror %s main universe\n" noble noble-updates noble-security)
fi
python3 - "$mirror/dists/$suite/Release" <<'PY' || die "$suite: its mirror, $mirror, cannot be reached from here"
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=60).read()
PY

if [ -z "$folder" ]; then
  folder=$(mktemp -d "${TMPDIR:-/var/tmp}/hipinfer-bare.XXXXXX")
  chmod 755 "$folder" # for apt, which drops its rights
else
  mkdir -p "$(dirname "$folder")" && mkdir "$folder" || die "--chroot $folder: it cannot be made"
  folder=$(realpath "$folder")
fi
log=$(mktemp)
leave() {
  rm -f "$log"
  [ "$keep" = 0 ] || { say "the chroot is left in $folder"; return; }
  if grep -qF " ${folder// /\\040}/" /proc/self/mounts; then
    say "$folder is left: something is still mounted in it"
    return
  fi
  rm -rf --one-file-system "$folder"
}
trap leave EXIT
inside=
# unshare ignores signals for its child's sake; killed, it takes everything inside with it.
trap '[ -z "$inside" ] || kill -KILL "$inside"; wait; exit 1' INT TERM

say "making a bare $suite in $folder"
script=
[ -e "/usr/share/debootstrap/scripts/$suite" ] || script=/usr/share/debootstrap/scripts/gutsy # what all of Ubuntu's are links to
debootstrap --variant=minbase --components="$components" --keyring="$keyring" "$suite" "$folder" "$mirror" $script >"$log" 2>&1 ||
  { tail -n 20 "$log" >&2; die "debootstrap failed"; }

# What this machine says about reaching registries, and nothing else of it.
echo "$sources" >"$folder/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(http|https|ftp|Check-Valid-Until|Check-Date|Retries|ForceIPv[46])\b' \
  >"$folder/etc/apt/apt.conf.d/99machine" || true
for file in /etc/resolv.conf /etc/hosts /etc/apt/auth.conf /etc/apt/auth.conf.d /etc/pip.conf; do
  [ ! -e "$file" ] || { rm -rf "${folder:?}$file"; cp -rL "$file" "$folder$file"; }
done
for file in .config/pip/pip.conf .pip/pip.conf .netrc .cargo/config .cargo/config.toml; do
  [ ! -e "$HOME/$file" ] || install -D -m 600 "$HOME/$file" "$folder/root/$file"
done
[ ! -d /usr/local/share/ca-certificates ] || cp -rL /usr/local/share/ca-certificates "$folder/usr/local/share/"
settings=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
mkdir "$folder/etc/machine"
while IFS='=' read -r name value; do
  case $name in
    http_proxy | https_proxy | no_proxy | all_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY | ALL_PROXY) ;;
    PIP_INDEX_URL | PIP_EXTRA_INDEX_URL | PIP_TRUSTED_HOST | PIP_PROXY | PIP_DEFAULT_TIMEOUT | CARGO_HTTP_* | CARGO_NET_* | CARGO_REGISTR* | CARGO_SOURCE_*) ;;
    PIP_CERT | SSL_CERT_FILE | CURL_CA_BUNDLE | REQUESTS_CA_BUNDLE) ;;
    HIPINFER_TEST_SEED) ;;
    *) continue ;;
  esac
  # Certificates get a place of their own: the distribution's package writes over the usual one.
  if [ -f "$value" ]; then
    cp -L "$value" "$folder/etc/machine/$name"
    value=/etc/machine/$name
  fi
  settings+=("$name=$value")
done < <(env)
printf '%s\n' "${settings[@]}" >"$folder/root/settings"

commit=$(git -C "$root" rev-parse HEAD)
[ -z "$(git -C "$root" status --porcelain)" ] || say "changes that are not committed are not in the clone"
git init -q "$folder/root/hipinfer"
git -C "$folder/root/hipinfer" fetch -q --depth 1 "file://$root" HEAD
git -C "$folder/root/hipinfer" -c advice.detachedHead=false checkout -q FETCH_HEAD
[ "$1" = test ] || install -D -m 644 -t "$folder/root/packages" -- "${@:2}"
say "a bare $suite, at ${commit:0:12}: $*"
status=0
HIPINFER_BARE_INSIDE=$folder unshare --mount --pid --fork --kill-child --propagation private \
  bash "${BASH_SOURCE[0]}" "$suite" "$folder" "$keep" "$@" &
inside=$!
wait "$inside" || status=$?
exit "$status"
