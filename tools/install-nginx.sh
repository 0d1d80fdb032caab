#!/bin/sh
# Makes sure that an nginx for tests is in ./.tools/nginx: Debian's own package, unpacked and not installed, so that nothing of the machine changes and no
# root is needed. Which version is Debian's to say: it is that of the release, with its security updates, and apt checks its signature. Where there is no
# Debian, or its archive cannot be reached, it says so and ends well: the tests of proxies are then skipped aloud.
set -eu
cd "$(dirname "$0")/.."
folder="$PWD/.tools/nginx"

if [ -n "${NGINX:-}" ] || command -v nginx >/dev/null 2>&1 || [ -x "$folder/usr/sbin/nginx" ]; then
  exit 0
fi
for program in apt-get dpkg-deb; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "no nginx for tests: it is neither on PATH nor can it be had ($program is missing); NGINX can name one" >&2
    exit 0
  fi
done
rm -rf "$folder" "$folder.deb"
mkdir -p "$folder.deb"
if ! (cd "$folder.deb" && apt-get -q -q -o APT::Sandbox::User= download nginx) >"$folder.log" 2>&1; then
  echo "no nginx for tests: Debian's archive does not give it (apt-get update may help):" >&2
  cat "$folder.log" >&2
  rm -rf "$folder.deb" "$folder.log"
  exit 0
fi
dpkg-deb --extract "$folder.deb"/nginx_*.deb "$folder.new"
rm -rf "$folder.deb" "$folder.log"
# It needs libraries of the machine (PCRE2, OpenSSL).
if ! "$folder.new/usr/sbin/nginx" -V >/dev/null 2>&1; then
  echo "no nginx for tests: Debian's does not start here (libpcre2-8-0 and libssl3 are needed)" >&2
  rm -rf "$folder.new"
  exit 0
fi
mv "$folder.new" "$folder"
echo "nginx for tests: $folder" >&2
