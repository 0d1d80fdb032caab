#!/bin/sh
# Makes sure that opa-python-client, a client of OPA that others have made, is in ./.tools/opa-python-client: what opa-python-client.txt names and no
# other file. Nothing is built, so nothing downloaded runs here. Where Python 3.11 is missing it says so and ends well: its test is then skipped aloud.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^opa-python-client==\([^ ]*\).*/\1/p' tools/opa-python-client.txt)
folder="$PWD/.tools/opa-python-client"
stamp="$folder/requirements.txt"

# The stamp is a copy of the requirements, written last. The program is asked as well: its Python may be gone.
if cmp -s tools/opa-python-client.txt "$stamp" && "$folder/python" -c '' 2>/dev/null; then
  echo "opa-python-client $version: $folder" >&2
  exit 0
fi
if ! python=$(sh tools/find-python.sh 3 11) || ! "$python" -m pip --version >/dev/null 2>&1; then
  echo "no opa-python-client $version: it needs Python 3.11 or newer with pip; the variable PYTHON can name it" >&2
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"
PIP_ROOT_USER_ACTION=ignore "$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
  --target "$folder/lib" -r tools/opa-python-client.txt
printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" "$@"\n' "$folder/lib" "$python" >"$folder/python"
chmod +x "$folder/python"
"$folder/python" -c 'import opa_client'
cp tools/opa-python-client.txt "$stamp"
echo "opa-python-client $version: $folder" >&2
