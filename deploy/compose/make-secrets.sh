#!/bin/sh
# Makes the secrets of compose.yaml in ./secrets, once. Containers read them as users of their own, so the files are for all to read and the
# folder is closed to others. Keep a copy elsewhere: without the two person secrets nobody's grants are found again.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
  echo "secrets is there already: it is left as it is" >&2
  exit 1
fi
umask 077
mkdir secrets
openssl rand -base64 32 >secrets/person-naming.secret
openssl rand -base64 32 >secrets/person-sealing.secret
openssl rand -base64 756 >secrets/mongodb.key
openssl rand -hex 24 >secrets/mongodb-admin.password
openssl rand -hex 24 >secrets/mongodb-tilgang.password
cat >secrets/tilgang.yaml <<END
mongodbUri: mongodb://tilgang:$(cat secrets/mongodb-tilgang.password)@mongodb-1,mongodb-2,mongodb-3/tilgang?replicaSet=tilgang
END
chmod 444 secrets/*
