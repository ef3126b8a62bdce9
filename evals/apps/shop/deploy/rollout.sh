#!/bin/sh
# Rolling update: deploy/rollout.sh RELEASE. One API container at a time, each healthy before the next one goes;
# when one does not become healthy, both go back to the release that was running.
set -eu
cd "$(dirname "$0")/.."
release=${1:?usage: deploy/rollout.sh RELEASE}
previous=$(docker inspect --format '{{.Config.Image}}' shop-api-1 2>/dev/null | cut -d: -f2 || true)

roll() {
    for container in shop-api-1 shop-api-2; do
        docker stop --time 30 "$container" 2>/dev/null || true
        docker rm "$container" 2>/dev/null || true
        SHOP_RELEASE=$1 docker compose up --detach --no-deps --no-recreate --wait --wait-timeout 60 api || return 1
    done
    SHOP_RELEASE=$1 docker compose up --detach --no-deps --wait --wait-timeout 60 worker proxy
}

SHOP_RELEASE=$release docker compose run --rm migrate
if roll "$release"; then
    echo "release $release is running"
    exit 0
fi
echo "release $release did not become healthy" >&2
[ -n "$previous" ] && roll "$previous" && echo "went back to $previous" >&2
exit 1
