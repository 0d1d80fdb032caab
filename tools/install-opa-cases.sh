#!/bin/sh
# Makes sure that the policy cases of OPA's own tests, compiled to WebAssembly, are in .tools: built with Go, once for each version of OPA and of
# the program that compiles them (tools/opa-cases). Without Go the tests that need them are skipped and say so.
set -eu
cd "$(dirname "$0")/.."
version=$(cat tools/opa-version)
program=$(cksum < tools/opa-cases/main.go | cut -d' ' -f1)
file="$PWD/.tools/opa-cases-$version-$program.json.gz"

if [ -f "$file" ]; then
  echo "cases of opa $version: $file" >&2
  exit 0
fi
if ! command -v go >/dev/null 2>&1; then
  echo "the cases of opa $version need Go to be compiled: their tests are skipped" >&2
  exit 0
fi
if ! grep -q "open-policy-agent/opa v$version\$" tools/opa-cases/go.mod; then
  echo "tools/opa-cases/go.mod names another version than tools/opa-version: cd tools/opa-cases && go get github.com/open-policy-agent/opa@v$version" >&2
  exit 1
fi
mkdir -p .tools
cd tools/opa-cases
source=$(go list -m -f '{{.Dir}}' github.com/open-policy-agent/opa)
if [ ! -d "$source" ]; then
  go mod download github.com/open-policy-agent/opa
  source=$(go list -m -f '{{.Dir}}' github.com/open-policy-agent/opa)
fi
go run . "$source/v1/test/cases/testdata/v1" > "$file.$$"
mv "$file.$$" "$file"
echo "cases of opa $version: $file" >&2
