#!/bin/sh
# Certificates for the database and Redis, signed by a CA of this host: deploy/make-certificates.sh. Run again to rotate.
set -eu
cd "$(dirname "$0")/.."
mkdir -p tls
cd tls
umask 077
[ -f ca.key ] || openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -subj "/CN=shop internal CA" -keyout ca.key -out ca.crt
for name in db redis; do
    openssl req -newkey rsa:3072 -nodes -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
    printf 'subjectAltName=DNS:%s\n' "$name" > "$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 397 -extfile "$name.ext" -out "$name.crt"
    rm "$name.csr" "$name.ext"
done
chmod 644 ca.crt db.crt redis.crt
chown 70:70 db.key       # postgres in its image
chown 999:1000 redis.key # redis in its image
