"""Fixed-window limits per client address, counted in Redis so that all instances share them.

When Redis is away each instance counts for itself, so an outage of Redis loosens the limits and never lifts them.
"""

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.types import ASGIApp, Receive, Scope, Send

from shop.errors import problem_response

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    requests: int
    window_s: int


DEFAULT = Limit("default", 120, 60)
TIGHT: dict[tuple[str, str], Limit] = {
    ("POST", "/api/v1/sessions"): Limit("sign-in", 10, 60),
    ("POST", "/api/v1/accounts"): Limit("sign-up", 5, 60),
    ("POST", "/api/v1/accounts/verify"): Limit("verify", 10, 60),
    ("POST", "/api/v1/orders"): Limit("checkout", 20, 60),
}
UNLIMITED = frozenset({"/health/live", "/health/ready"})


class RateLimiter:
    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.local: OrderedDict[str, int] = OrderedDict()

    async def allow(self, client: str, limit: Limit) -> bool:
        window = int(time.time()) // limit.window_s
        key = f"rate:{limit.name}:{client}:{window}"
        try:
            async with self.redis.pipeline(transaction=True) as pipeline:
                count, _ = await pipeline.incr(key).expire(key, limit.window_s * 2).execute()
        except (RedisError, OSError) as error:
            log.warning("rate limiter counts locally", extra={"cause": type(error).__name__})
            count = self.count_locally(key)
        return int(count) <= limit.requests

    def count_locally(self, key: str) -> int:
        self.local[key] = self.local.pop(key, 0) + 1
        while len(self.local) > 10_000:
            self.local.popitem(last=False)
        return self.local[key]


class RateLimit:
    """Answers 429 to a client that passed its limit. The address comes from uvicorn, which believes only our proxy."""

    def __init__(self, app: ASGIApp, limiter: RateLimiter) -> None:
        self.app = app
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        client = scope["client"][0] if scope.get("client") else "unknown"
        limit = TIGHT.get((scope["method"], scope["path"].rstrip("/")), DEFAULT)
        if await self.limiter.allow(client, limit):
            await self.app(scope, receive, send)
            return
        refusal = problem_response(429, "too_many_requests", "Too many requests.", {"Retry-After": str(limit.window_s)})
        await refusal(scope, receive, send)
