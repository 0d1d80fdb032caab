#!/bin/sh
# Prints the path of a Python of the version that is asked for, or of a newer one: find-python.sh 3 11. Ends with 1 if there is none.
set -eu
is_usable() {
  command -v "$1" >/dev/null 2>&1 && "$1" -c "import sys; sys.exit(sys.version_info < ($2, $3))" 2>/dev/null
}
# pyenv puts only those on PATH that somebody has chosen.
for candidate in ${PYTHON:+"$PYTHON"} python3 python3.15 python3.14 python3.13 python3.12 python3.11 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3; do
  if is_usable "$candidate" "$1" "$2"; then
    command -v "$candidate"
    exit 0
  fi
done
exit 1
