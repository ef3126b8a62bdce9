"""Catalogue pages in Redis: short-lived, dropped together when stock changes, and never needed to answer."""

import logging
from functools import lru_cache

from redis import Redis
from redis.exceptions import RedisError

from shop.schemas import ProductPage
from shop.settings import get_settings

log = logging.getLogger(__name__)

LIFETIME_S = 30
_GENERATION = "catalogue:generation"


@lru_cache
def get_redis() -> Redis:
    url = get_settings().redis_url.get_secret_value()
    return Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5, decode_responses=True)


def cached_page(after: int, limit: int) -> tuple[str | None, ProductPage | None]:
    """The key to store under (None: do not store) and the page, if it is there."""
    try:
        key = f"catalogue:{get_redis().get(_GENERATION) or 0}:{after}:{limit}"
        found = get_redis().get(key)
    except RedisError as error:
        log.warning("catalogue cache away", extra={"cause": type(error).__name__})
        return None, None
    return key, ProductPage.model_validate_json(found) if found else None


def store_page(key: str | None, page: ProductPage) -> None:
    if key is None:
        return
    try:
        get_redis().set(key, page.model_dump_json(), ex=LIFETIME_S)
    except RedisError as error:
        log.warning("catalogue cache away", extra={"cause": type(error).__name__})


def drop_pages() -> None:
    """Call after the commit that changed stock or prices; pages of the old generation expire by themselves."""
    try:
        get_redis().incr(_GENERATION)
    except RedisError as error:
        log.warning("catalogue cache away", extra={"cause": type(error).__name__})
