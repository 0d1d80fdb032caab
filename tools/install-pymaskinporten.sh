#!/bin/sh
# Makes sure that pymaskinporten, a client of Maskinporten that others have made, is in ./.tools/pymaskinporten: what pymaskinporten.txt names and no
# other file. Nothing is built, so nothing downloaded runs here. Where Python 3.13 is missing it says so and ends well: its tests are then skipped aloud.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^pymaskinporten==\([^ ]*\).*/\1/p' tools/pymaskinporten.txt)
folder="$PWD/.tools/pymaskinporten"
stamp="$folder/requirements.txt"

# The stamp is a copy of the requirements, written last. The program is asked as well: its Python may be gone.
if cmp -s tools/pymaskinporten.txt "$stamp" && "$folder/python" -c 'import pymaskinporten' 2>/dev/null; then
  echo "pymaskinporten $version: $folder" >&2
  exit 0
fi
if ! python=$(sh tools/find-python.sh 3 13) || ! "$python" -m pip --version >/dev/null 2>&1; then
  echo "no pymaskinporten $version: it needs Python 3.13 or newer with pip; the variable PYTHON can name it" >&2
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"
PIP_ROOT_USER_ACTION=ignore "$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
  --target "$folder/lib" -r tools/pymaskinporten.txt
printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" "$@"\n' "$folder/lib" "$python" >"$folder/python"
chmod +x "$folder/python"
"$folder/python" -c 'import pymaskinporten'
cp tools/pymaskinporten.txt "$stamp"
echo "pymaskinporten $version: $folder" >&2
