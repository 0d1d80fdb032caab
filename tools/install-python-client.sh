#!/bin/sh
# Makes sure that a Python client that others have made is in ./.tools/NAME: what tools/NAME.txt names and no other file. Nothing is built, so nothing
# downloaded runs here. Where the Python that it needs is missing it says so and ends well: its tests are then skipped aloud.
# Usage: install-python-client.sh NAME MODULE MINOR, where MINOR is that of the oldest Python 3 that it runs on.
set -eu
cd "$(dirname "$0")/.."
name=$1 module=$2 minor=$3
requirements="tools/$name.txt"
version=$(sed -n "s/^$name==\([^ ]*\).*/\1/p" "$requirements")
folder="$PWD/.tools/$name"
stamp="$folder/requirements.txt"

# The stamp is a copy of the requirements, written last. The program is asked as well: its Python may be gone.
if cmp -s "$requirements" "$stamp" && "$folder/python" -c "import $module" 2>/dev/null; then
  echo "$name $version: $folder" >&2
  exit 0
fi
if ! python=$(sh tools/find-python.sh 3 "$minor") || ! "$python" -m pip --version >/dev/null 2>&1; then
  echo "no $name $version: it needs Python 3.$minor or newer with pip; the variable PYTHON can name it" >&2
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"
PIP_ROOT_USER_ACTION=ignore "$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
  --target "$folder/lib" -r "$requirements"
printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" "$@"\n' "$folder/lib" "$python" >"$folder/python"
chmod +x "$folder/python"
"$folder/python" -c "import $module"
cp "$requirements" "$stamp"
echo "$name $version: $folder" >&2
