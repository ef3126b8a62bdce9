"""Events of the payment provider: authenticated first, read second, applied once."""

import hashlib
import hmac
import time
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop.errors import Problem
from shop.models import WebhookEvent
from shop.orders import cancel_order, settle_payment

TOLERANCE_S = 300
PAID = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
GIVEN_UP = frozenset({"checkout.session.expired", "checkout.session.async_payment_failed"})


class StripeObject(BaseModel):
    client_reference_id: Annotated[str, Field(pattern="^[0-9]{1,18}$")]
    payment_status: str = ""
    amount_total: Annotated[int, Field(ge=0)] = 0
    currency: Annotated[str, Field(max_length=3)] = ""


class StripeData(BaseModel):
    object: StripeObject


class StripeEnvelope(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=120)]
    type: Annotated[str, Field(max_length=80)]


class StripeEvent(StripeEnvelope):
    data: StripeData


def verify_signature(payload: bytes, header: str, secrets: list[str]) -> None:
    """`header` is `t=<unix seconds>,v1=<hex>[,v1=<hex>]`. Errors: `Problem` 400 for a forged, stale or unreadable one."""
    fields = [part.split("=", 1) for part in header.split(",") if "=" in part]
    stamps = [value for name, value in fields if name.strip() == "t" and value.isdigit() and len(value) <= 12]
    given = [value for name, value in fields if name.strip() == "v1"]
    if len(stamps) != 1 or abs(time.time() - int(stamps[0])) > TOLERANCE_S:
        raise Problem(400, "signature_invalid", "The signature is not valid.")
    signed = stamps[0].encode() + b"." + payload
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in expected for other in given):
        raise Problem(400, "signature_invalid", "The signature is not valid.")


def apply_event(db: Session, payload: bytes) -> bool:
    """Applies a verified event and remembers it, in one transaction. False: it had been applied before."""
    envelope = StripeEnvelope.model_validate_json(payload)
    try:
        with db.begin_nested():
            db.add(WebhookEvent(id=envelope.id, kind=envelope.type))
    except IntegrityError:
        return False
    if envelope.type in PAID or envelope.type in GIVEN_UP:
        session = StripeEvent.model_validate_json(payload).data.object
        order_id = int(session.client_reference_id)
        if envelope.type in GIVEN_UP:
            cancel_order(db, order_id, actor="system:stripe")
        elif session.payment_status == "paid":
            settle_payment(db, order_id, amount_minor=session.amount_total, currency=session.currency.upper())
    db.commit()
    return True
