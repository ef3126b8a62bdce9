"""Calls from the payment provider."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from pydantic import ValidationError

from shop.cache import drop_pages
from shop.errors import Problem
from shop.guards import Db
from shop.schemas import Message
from shop.settings import Settings, get_settings
from shop.stripe_events import apply_event, verify_signature

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


async def verified_payload(
    request: Request,
    settings: Annotated[Settings, Depends(get_settings)],
    signature: Annotated[str, Header(alias="Stripe-Signature", max_length=1000)] = "",
) -> bytes:
    """The raw body, once its signature holds."""
    payload = await request.body()
    verify_signature(payload, signature, [secret.get_secret_value() for secret in settings.stripe_webhook_secrets])
    return payload


@router.post("/stripe")
def receive_stripe_event(payload: Annotated[bytes, Depends(verified_payload)], db: Db) -> Message:
    try:
        applied = apply_event(db, payload)
    except ValidationError as error:
        raise Problem(400, "event_invalid", "The event cannot be read.") from error
    if applied:
        drop_pages()
    return Message(detail="applied" if applied else "already applied")
