from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop import outbox
from shop.models import AuditEvent, OutboxMessage, Product, now
from tests.conftest import Read
from tests.doubles import MailBox
from tests.steps import check_out, customer, deliver, put_in_cart, stripe_event


@pytest.fixture
def order(app: TestClient, mails: MailBox, product: Product) -> dict[str, Any]:
    customer(app, mails)
    put_in_cart(app, product.id, 2)
    return check_out(app).json()


def status_of(app: TestClient, order: dict[str, Any]) -> str:
    return app.get(f"/api/v1/orders/{order['id']}").json()["status"]


def test_a_payment_marks_the_order_paid_and_confirms_it_once(app: TestClient, order, mails: MailBox, read: Read) -> None:
    assert deliver(app, stripe_event(order)).json()["detail"] == "applied"
    assert deliver(app, stripe_event(order)).json()["detail"] == "already applied"
    assert status_of(app, order) == "paid"
    confirmations = [mail for mail in mails.collect() if mail["subject"] == f"Your order {order['id']}"]
    assert len(confirmations) == 1 and "9.00 EUR" in confirmations[0]["body"]
    assert "order.paid" in read(select(AuditEvent.action))


def test_forged_stale_and_missing_signatures_are_refused(app: TestClient, order) -> None:
    payload = stripe_event(order)
    assert deliver(app, payload, secret="whsec_of_somebody_else").status_code == 400
    assert deliver(app, payload, age_s=301).status_code == 400
    assert app.post("/api/v1/webhooks/stripe", content=payload).status_code == 400
    assert app.post("/api/v1/webhooks/stripe", content=payload, headers={"Stripe-Signature": "t=x,v1=é".encode()}).status_code == 400
    assert status_of(app, order) == "pending"


def test_a_payment_of_another_amount_goes_to_review(app: TestClient, order) -> None:
    deliver(app, stripe_event(order, amount_total=1))
    assert status_of(app, order) == "review"


def test_an_expired_payment_page_gives_the_stock_back(app: TestClient, order, read: Read) -> None:
    deliver(app, stripe_event(order, "evt_2", "expired"))
    deliver(app, stripe_event(order, "evt_3", "expired"))
    assert status_of(app, order) == "cancelled"
    assert read(select(Product.stock).where(Product.sku == "tea-1")) == [5]


def test_an_unreadable_event_is_refused_and_may_be_sent_again(app: TestClient, order) -> None:
    assert deliver(app, stripe_event(order, client_reference_id="1 OR 1=1")).status_code == 400
    assert deliver(app, stripe_event(order)).json()["detail"] == "applied"


def test_a_mail_that_fails_is_tried_again_and_parked_in_the_end(app: TestClient, order, mails: MailBox, db: Session, read: Read) -> None:
    deliver(app, stripe_event(order))
    mails.failing = True
    for _ in range(outbox.MAX_ATTEMPTS):
        db.execute(update(OutboxMessage).where(OutboxMessage.status == "waiting").values(next_attempt_at=now() - timedelta(seconds=1)))
        db.commit()
        mails.collect()
    assert read(select(OutboxMessage.status).where(OutboxMessage.kind == "order_confirmation")) == ["dead"]
