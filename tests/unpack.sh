#!/usr/bin/env bash
# unpack.sh FOLDER PACKAGE...: Debian packages, unpacked into a folder. Nothing is installed or
# started, and nobody has to be root: apt keeps its lists in the folder meanwhile.
set -euo pipefail

FOLDER="$(mkdir -p "$1" && cd "$1" && pwd)"
command -v apt-get >/dev/null && command -v dpkg >/dev/null || {
  echo "Here is no apt to fetch ${*:2} with: put what is in them on the PATH instead." >&2
  exit 1
}
own="$(mktemp -d)"
trap 'rm -rf "$own"' EXIT
mkdir -p "$own/lists/partial" "$own/cache/archives/partial" "$own/packages"
apt() {
  apt-get -qq -o Dir::State::lists="$own/lists" -o Dir::Cache="$own/cache" \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@"
}
apt update
cd "$own/packages"
apt download "${@:2}"
for package in ./*.deb; do dpkg -x "$package" "$FOLDER"; done
