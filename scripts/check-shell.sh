#!/bin/sh
# Runs shellcheck over every shell script of the project, whether it runs on the host or in a node.
set -eu
cd "$(dirname "$0")/.."

if ! command -v shellcheck >/dev/null 2>&1; then
  reason='shell scripts: skipped, shellcheck is not installed (Debian: apt-get install shellcheck)'
  echo "$reason"
  [ -z "${KINPOD_TEST_OUTCOMES:-}" ] || echo "{\"skipped\": \"$reason\"}" >>"$KINPOD_TEST_OUTCOMES"
  exit 0
fi

# By their first lines, for not every script is called something.sh; or by the directive of a part that others source.
scripts=$(git ls-files --cached --others --exclude-standard -- kinpod .ci completions images scripts test bench |
  while IFS= read -r file; do
    [ -f "$file" ] || continue
    head -n 5 "$file" 2>/dev/null | grep -qE '^#!.*[/ ](ba|da)?sh\b|^# shellcheck shell=' && printf '%s\n' "$file"
  done || true)

# One path a line: the list is to be split there, and only there.
IFS='
'
# SC1091, SC2153, SC2154: what a node's script sources, and gets its variables from, lies in the node and not here.
# shellcheck disable=SC2086
shellcheck --exclude=SC1091,SC2153,SC2154 $scripts
# Parts of the node image's entrypoint have no first line; they are bash as it is, and their variables are used elsewhere.
shellcheck --shell=bash --exclude=SC1091,SC2034,SC2153,SC2154 images/node/rootfs/kind/lib/*.sh images/node/runtimes/*/rootfs/kind/lib/*.sh
echo "shell scripts: $(printf '%s\n' "$scripts" | wc -l) checked"
