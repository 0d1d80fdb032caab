#!/bin/sh
# Makes sure that a MongoDB server for tests is in ./.tools/mongo-server: mongo-java-server as tools/mongo-server/pom.xml pins it, and our
# launcher. Where Java or Maven is missing it says so and ends well: the tests of MongoDB are then skipped aloud.
set -eu
cd "$(dirname "$0")/.."
source="$PWD/tools/mongo-server"
folder="$PWD/.tools/mongo-server"
version=$(sed -n 's/^ *<version>\(.*\..*\)<\/version>/\1/p' "$source/pom.xml" | head -n 1)

# The stamp is a copy of what it was made from, written last.
if cat "$source"/* | cmp -s - "$folder/made-from"; then
  echo "mongo-java-server $version: $folder" >&2
  exit 0
fi

for program in mvn javac java; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "no MongoDB server for tests: $program is missing (Java 17 and Maven are needed); MONGODB_URI can name another server" >&2
    exit 0
  fi
done

rm -rf "$folder"
mkdir -p "$folder"
mvn -q -B -f "$source/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder"
javac -cp "$folder/*" -d "$folder" "$source"/*.java
cat "$source"/* > "$folder/made-from"
echo "mongo-java-server $version: $folder" >&2
