#!/bin/sh
# Makes sure that the pinned version of OPA is here: from PATH, else built with Go into ./.tools, else says what to do.
set -eu
cd "$(dirname "$0")/.."
version=$(cat tools/opa-version)

is_pinned() {
  command -v "$1" >/dev/null 2>&1 && "$1" version 2>/dev/null | grep -qx "Version: $version"
}

if [ -n "${OPA:-}" ] && ! is_pinned "$OPA"; then
  echo "OPA $version is needed, and the variable OPA names no program of that version: name one, or unset it." >&2
  exit 1
fi
for candidate in ${OPA:+"$OPA"} "$PWD/.tools/opa" opa; do
  if is_pinned "$candidate"; then
    echo "opa $version: $candidate" >&2
    exit 0
  fi
done

if command -v go >/dev/null 2>&1; then
  GOBIN="$PWD/.tools" go install "github.com/open-policy-agent/opa@v$version"
  echo "opa $version: $PWD/.tools/opa" >&2
  exit 0
fi

echo "OPA $version is needed to build policies/. Either install Go and run this again, or put the program 'opa' of the" >&2
echo "official release $version (check its SHA-256) on PATH, into .tools/, or name it in the variable OPA." >&2
exit 1
