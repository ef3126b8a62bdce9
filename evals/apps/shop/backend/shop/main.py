"""The application: `uvicorn --factory shop.main:create_app`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sentry_sdk
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from redis.asyncio import Redis

from shop.cache import get_redis
from shop.database import get_engine
from shop.errors import add_error_handlers
from shop.logs import configure_logging
from shop.middleware import BodyLimit, RequestContext, SecurityHeaders
from shop.payments import get_stripe
from shop.rate_limit import RateLimit, RateLimiter
from shop.routes import accounts, cart, catalogue, health, orders, webhooks
from shop.settings import Settings, get_settings

log = logging.getLogger(__name__)

API = "/api/v1"


def start_error_tracking(settings: Settings) -> None:
    if settings.sentry_dsn is not None:
        sentry_sdk.init(
            settings.sentry_dsn.get_secret_value(),
            environment=settings.environment,
            release=settings.release,
            traces_sample_rate=0.1,
            send_default_pii=False,
            max_request_body_size="never",
            include_local_variables=False,
        )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """uvicorn drains open requests on SIGTERM and then ends this: the pools are closed last."""
    log.info("started", extra={"release": get_settings().release})
    yield
    await app.state.limiter_redis.aclose()
    get_redis().close()
    get_stripe().close()
    get_engine().dispose()
    log.info("stopped")


def create_app() -> FastAPI:
    settings = get_settings()
    configure_logging()
    start_error_tracking(settings)
    app = FastAPI(
        title="Shop",
        version="1.0.0",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    for module in (accounts, catalogue, cart, orders, webhooks):
        app.include_router(module.router, prefix=API)
    app.include_router(health.router)
    add_error_handlers(app)

    app.state.limiter_redis = Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=0.5, socket_connect_timeout=0.5)
    # The last one added is the first one passed.
    app.add_middleware(RateLimit, limiter=RateLimiter(app.state.limiter_redis))
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_credentials=True,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Content-Type", "Idempotency-Key", "X-CSRF-Token", "X-Request-ID"],
        max_age=600,
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestContext)
    return app
