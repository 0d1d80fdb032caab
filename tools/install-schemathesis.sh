#!/bin/sh
# Makes sure that the pinned version of schemathesis is in ./.tools/schemathesis: what requirements.txt names and no other
# file. Nothing is built, so nothing downloaded runs here. Says what to do if there is no usable Python.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^schemathesis==\([^ ]*\).*/\1/p' tools/requirements.txt)
folder="$PWD/.tools/schemathesis"
program="$folder/bin/schemathesis"
stamp="$folder/requirements.txt"

# The stamp is a copy of the requirements, written last. The program is asked as well: its Python may be gone.
if cmp -s tools/requirements.txt "$stamp" && [ -x "$folder/bin/python" ] && "$program" --version 2>/dev/null | grep -q " $version\$"; then
  echo "schemathesis $version: $program" >&2
  exit 0
fi

# Others than these need what requirements.txt does not name.
if ! python=$(sh tools/find-python.sh 3 11); then
  echo "schemathesis $version is needed to test the OpenAPI descriptions, and it needs Python 3.11 or newer. Install that" >&2
  echo "(Debian and Ubuntu: apt install python3 python3-venv) or name it in the variable PYTHON, and run this again." >&2
  exit 1
fi

fetch() {
  "$@" install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: -r tools/requirements.txt
}
rm -rf "$folder"
mkdir -p "$folder"
if "$python" -m venv "$folder" >"$folder.log" 2>&1; then
  rm -f "$folder.log"
  fetch "$folder/bin/python" -m pip
elif "$python" -m pip --version >/dev/null 2>&1; then
  # Debian splits ensurepip off into python3-venv; a pip of the system's can do without.
  rm -rf "$folder" "$folder.log"
  mkdir -p "$folder/bin"
  PIP_TARGET="$folder/lib" fetch "$python" -m pip
  printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" "$@"\n' "$folder/lib" "$python" >"$folder/bin/python"
  printf '#!/bin/sh\nexec "%s" -c "from schemathesis.cli import schemathesis; schemathesis()" "$@"\n' "$folder/bin/python" >"$program"
  chmod +x "$folder/bin/python" "$program"
else
  cat "$folder.log" >&2
  rm -rf "$folder" "$folder.log"
  echo "$python has neither venv nor pip, and one of the two is needed to install schemathesis $version." >&2
  echo "Debian and Ubuntu: apt install python3-venv. Then run this again." >&2
  exit 1
fi
"$program" --version >/dev/null
cp tools/requirements.txt "$stamp"
echo "schemathesis $version: $program" >&2
