#!/bin/sh
# Makes sure that what the tests of pages need is in ./.tools: a Chromium, which is Debian's own with the libraries that the machine lacks, unpacked and
# not installed, as install-nginx.sh has it (no root; apt checks the signatures), and axe-core, the rules of accessibility. axe-core is MPL-2.0, so it is
# fetched for tests and is no dependency of ours. Where one of them cannot be had it says so and ends well: those tests are then skipped aloud.
set -eu
cd "$(dirname "$0")/.."
folder="$PWD/.tools/chromium"
axe_version=4.13.0
axe="$PWD/.tools/axe-core-$axe_version.min.js"

without() {
  echo "no Chromium for tests: $1" >&2
  rm -rf "$folder.deb" "$folder.new" "$folder.log"
}

unpack_chromium() {
  for program in apt-get dpkg-deb; do
    if ! command -v "$program" >/dev/null 2>&1; then
      without "it is neither on PATH nor can it be had ($program is missing); CHROMIUM can name one"
      return
    fi
  done
  rm -rf "$folder" "$folder.deb" "$folder.new"
  mkdir -p "$folder.deb" "$folder.new"
  # What an installation would bring is what the machine lacks.
  packages=$(apt-get -q -q install --simulate --no-install-recommends chromium fonts-liberation 2>"$folder.log" | awk '$1 == "Inst" { print $2 }')
  if [ -z "$packages" ]; then
    without "Debian's archive does not know it (apt-get update may help)"
    return
  fi
  # shellcheck disable=SC2086 # Each is a word.
  if ! (cd "$folder.deb" && apt-get -q -q -o APT::Sandbox::User= download $packages) >"$folder.log" 2>&1; then
    cat "$folder.log" >&2
    without "Debian's archive does not give it (apt-get update may help)"
    return
  fi
  for package in "$folder.deb"/*.deb; do
    dpkg-deb --extract "$package" "$folder.new"
  done
  # The fonts of the machine and those that came along, and a cache beside them.
  cat >"$folder.new/fonts.conf" <<'END'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir prefix="relative">usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir>
<match><edit name="family" mode="append_last"><string>Liberation Sans</string></edit></match></fontconfig>
END
  cat >"$folder.new/chromium" <<'END'
#!/bin/sh
folder=$(cd "$(dirname "$0")" && pwd)
libraries=$(find "$folder/usr/lib" -name 'lib*.so*' -path '*-linux-gnu*' -exec dirname {} + | sort -u | paste -sd: -)
export LD_LIBRARY_PATH="$libraries" FONTCONFIG_FILE="$folder/fonts.conf" XDG_CACHE_HOME="$folder/cache"
exec "$folder/usr/lib/chromium/chromium" "$@"
END
  chmod +x "$folder.new/chromium"
  rm -rf "$folder.deb" "$folder.log"
  mv "$folder.new" "$folder"
  if ! "$folder/chromium" --version >"$folder.log" 2>&1; then
    cat "$folder.log" >&2
    rm -rf "$folder"
    without "Debian's does not start here"
    return
  fi
  rm -f "$folder.log"
  echo "Chromium for tests: $folder" >&2
}

fetch_axe() {
  packed=$(cd .tools && npm pack --silent "axe-core@$axe_version" 2>&1) || {
    echo "no axe-core for tests: the npm registry does not give it: $packed" >&2
    return
  }
  tar -xzOf ".tools/$packed" package/axe.min.js >"$axe.new"
  rm -f ".tools/$packed"
  # The sum is that of the file in the package of this version.
  if ! echo "c24f097bd2f451d4f933e8bc7d8d539f8672a2ebcb5cc9f9f3eec8ca9470a0c1  $axe.new" | sha256sum --check --status; then
    echo "no axe-core for tests: what came is not version $axe_version" >&2
    rm -f "$axe.new"
    return
  fi
  mv "$axe.new" "$axe"
}

mkdir -p .tools
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null 2>&1 && [ ! -x "$folder/chromium" ]; then
  unpack_chromium
fi
if [ ! -f "$axe" ]; then
  fetch_axe
fi
