"""What a customer does, in as few words as the tests need."""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from tests.conftest import WEBHOOK_SECRET
from tests.doubles import MailBox

PASSWORD = "a long enough secret"
ADDRESS = {"name": "Ada", "street": "1 Main Street", "postcode": "10115", "city": "Berlin", "country": "DE"}


def sign_up(app: TestClient, mails: MailBox, email: str = "ada@example.com") -> None:
    assert app.post("/api/v1/accounts", json={"email": email, "password": PASSWORD}).status_code == 202
    assert app.post("/api/v1/accounts/verify", json={"token": mails.token_for(email)}).status_code == 204


def sign_in(app: TestClient, email: str = "ada@example.com", password: str = PASSWORD) -> Response:
    answer = app.post("/api/v1/sessions", json={"email": email, "password": password})
    if answer.status_code == 201:
        app.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


def customer(app: TestClient, mails: MailBox, email: str = "ada@example.com") -> None:
    sign_up(app, mails, email)
    assert sign_in(app, email).status_code == 201


def put_in_cart(app: TestClient, product_id: int, quantity: int = 1) -> None:
    assert app.put(f"/api/v1/cart/lines/{product_id}", json={"quantity": quantity}).status_code == 200


def check_out(app: TestClient, key: str | None = None, **address: str) -> Response:
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    return app.post("/api/v1/orders", json={"address": ADDRESS | address}, headers=headers)


def stripe_event(order: dict[str, Any], event_id: str = "evt_1", kind: str = "completed", **change: Any) -> bytes:
    session = {"client_reference_id": str(order["id"]), "payment_status": "paid", "amount_total": order["total_minor"], "currency": "eur"}
    return json.dumps({"id": event_id, "type": f"checkout.session.{kind}", "data": {"object": session | change}}).encode()


def deliver(app: TestClient, payload: bytes, *, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> Response:
    stamp = str(int(time.time()) - age_s)
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return app.post("/api/v1/webhooks/stripe", content=payload, headers={"Stripe-Signature": f"t={stamp},v1={signature}"})
