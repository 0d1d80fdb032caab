#!/bin/sh
# Makes sure that what `make lint-deploy` runs is in ./.tools/deploy-linters: from Python's index what deploy-linters.txt names and no other file,
# from Go's modules the three below. All are MIT, BSD or Apache-2.0.
set -eu
cd "$(dirname "$0")/.."
folder="$PWD/.tools/deploy-linters"
stamp="$folder/installed"
modules="helm.sh/helm/v3/cmd/helm@v3.19.0 github.com/zegl/kube-score/cmd/kube-score@v1.20.0 github.com/compose-spec/compose-go/v2/cmd@v2.9.1"

if cat tools/deploy-linters.txt "$0" | cmp -s - "$stamp"; then
  exit 0
fi
for program in go python3; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "$program is needed to install what lints deploy/ (Go, and Python 3.11 or newer with venv)" >&2
    exit 1
  fi
done
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: -r tools/deploy-linters.txt
for module in $modules; do
  GOBIN="$folder/bin" go install "$module"
done
mv "$folder/bin/cmd" "$folder/bin/compose-spec"
cat tools/deploy-linters.txt "$0" >"$stamp"
