#!/bin/sh
# Restores the newest backup into a scratch database and checks that it is whole and fresh.
set -eu
dump=$(mktemp)
trap 'rm -f "$dump"; dropdb --if-exists --maintenance-db=postgres shop_drill' EXIT
restic dump --tag shop latest shop.dump > "$dump"
dropdb --if-exists --maintenance-db=postgres shop_drill
createdb --maintenance-db=postgres shop_drill
pg_restore --exit-on-error --no-owner --dbname=shop_drill "$dump"
fresh=$(psql --dbname=shop_drill --tuples-only --no-align --command \
    "SELECT count(*) FROM audit_events WHERE at > now() - interval '2 days'")
[ "$fresh" -gt 0 ] || { echo "the newest backup holds nothing of the last two days" >&2; exit 1; }
echo '{"level":"info","event":"restore drill passed"}'
