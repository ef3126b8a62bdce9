"""For the orchestrator and for Prometheus. The proxy publishes none of these."""

import hmac
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shop.database import get_engine
from shop.errors import Problem
from shop.schemas import Message
from shop.settings import Settings, get_settings

log = logging.getLogger(__name__)

router = APIRouter(tags=["operations"], include_in_schema=False)


@router.get("/health/live")
def live() -> Message:
    return Message(detail="live")


@router.get("/health/ready")
def ready() -> Message:
    """Asks the database, which every flow needs; pool, connect and statement timeouts bound the wait. Redis is optional."""
    try:
        with get_engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.error("not ready", extra={"cause": type(error).__name__})
        raise Problem(503, "not_ready", "The database does not answer.") from error
    return Message(detail="ready")


@router.get("/metrics")
def metrics(settings: Annotated[Settings, Depends(get_settings)], authorization: Annotated[str, Header()] = "") -> Response:
    expected = f"Bearer {settings.metrics_token.get_secret_value()}"
    if not hmac.compare_digest(authorization.encode(), expected.encode()):
        raise Problem(401, "token_required", "Metrics need the scrape token.")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
