from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop import main, orders, payments
from shop.models import Order, Product, now
from tests.conftest import Read
from tests.doubles import MailBox, StripeDouble
from tests.steps import check_out, customer, put_in_cart

KEY = "0123456789abcdef"


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments.random, "uniform", lambda low, high: 0.01)


def test_checkout_takes_stock_empties_the_cart_and_names_the_payment_page(
    app: TestClient, mails: MailBox, product: Product, stripe: StripeDouble, read: Read
) -> None:
    customer(app, mails)
    put_in_cart(app, product.id, 2)
    answer = check_out(app)
    order = answer.json()
    assert answer.status_code == 201
    assert [order["status"], order["total_minor"], order["payment_url"].split("/")[2]] == ["pending", 900, "checkout.stripe.com"]
    assert read(select(Product.stock).where(Product.id == product.id)) == [3]
    assert app.get("/api/v1/cart").json()["lines"] == []
    path, form, headers = stripe.calls[0]
    assert path == "/v1/checkout/sessions" and form["line_items[0][price_data][unit_amount]"] == "450"
    assert headers["x-request-id"] == answer.headers["x-request-id"]


def test_a_repeated_key_gives_the_same_order_and_another_body_is_refused(app: TestClient, mails: MailBox, product: Product) -> None:
    customer(app, mails)
    put_in_cart(app, product.id)
    first, second = check_out(app, KEY), check_out(app, KEY)
    assert first.json() == second.json()
    assert check_out(app, KEY, city="Bonn").status_code == 422
    assert len(app.get("/api/v1/orders").json()["items"]) == 1


def test_a_double_click_places_one_order(app: TestClient, mails: MailBox, product: Product, read: Read) -> None:
    customer(app, mails)
    put_in_cart(app, product.id)
    with ThreadPoolExecutor(4) as pool:
        answers = [future.result() for future in [pool.submit(check_out, app, KEY) for _ in range(4)]]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert read(select(Product.stock).where(Product.id == product.id)) == [4]


def test_the_last_piece_is_sold_once(app: TestClient, mails: MailBox, product: Product, read: Read) -> None:
    cup = product.id + 1
    buyers = []
    for number in range(4):
        buyer = TestClient(app.app, base_url="https://testserver")
        customer(buyer, mails, f"buyer{number}@example.com")
        put_in_cart(buyer, cup)
        buyers.append(buyer)
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(check_out, buyers))
    assert statuses == [201, 409, 409, 409]
    assert read(select(Product.stock).where(Product.id == cup)) == [0]


def test_a_failed_line_leaves_everything_as_it_was(app: TestClient, mails: MailBox, product: Product, read: Read) -> None:
    customer(app, mails)
    put_in_cart(app, product.id)
    put_in_cart(app, product.id + 1, 2)
    assert check_out(app).status_code == 409
    assert read(select(Product.stock).where(Product.id == product.id)) == [5]
    assert len(app.get("/api/v1/cart").json()["lines"]) == 2


def test_transient_payment_failures_are_retried_with_one_idempotency_key(
    app: TestClient, mails: MailBox, product: Product, stripe: StripeDouble
) -> None:
    customer(app, mails)
    put_in_cart(app, product.id)
    stripe.failures = [503, 500]
    assert check_out(app).status_code == 201
    assert len({headers["idempotency-key"] for _, _, headers in stripe.calls}) == 1
    assert len(stripe.calls) == 3


def test_an_order_outlives_a_payment_outage_and_is_paid_with_the_same_key(
    app: TestClient, mails: MailBox, product: Product, stripe: StripeDouble
) -> None:
    customer(app, mails)
    put_in_cart(app, product.id)
    stripe.failures = [503, 503, 503]
    assert check_out(app, KEY).status_code == 503
    assert check_out(app, KEY).json()["payment_url"]


def test_the_circuit_opens_after_repeated_failures() -> None:
    breaker = payments.CircuitBreaker(threshold=2, pause_s=60)
    breaker.note(ok=False)
    breaker.check()
    breaker.note(ok=False)
    with pytest.raises(payments.PaymentUnavailable):
        breaker.check()


def test_orders_are_seen_by_their_owner_only(app: TestClient, mails: MailBox, product: Product) -> None:
    customer(app, mails)
    put_in_cart(app, product.id)
    order = check_out(app).json()
    assert app.get(f"/api/v1/orders/{order['id']}").json()["id"] == order["id"]
    other = TestClient(app.app, base_url="https://testserver")
    assert other.get(f"/api/v1/orders/{order['id']}").status_code == 401
    customer(other, mails, "eve@example.com")
    assert other.get(f"/api/v1/orders/{order['id']}").status_code == 404
    assert other.get("/api/v1/orders").json()["items"] == []


def test_abandoned_orders_give_their_stock_back_once(
    app: TestClient, mails: MailBox, product: Product, stripe: StripeDouble, db: Session, read: Read
) -> None:
    customer(app, mails)
    put_in_cart(app, product.id, 2)
    stripe.failures = [400]
    assert check_out(app, KEY).status_code == 503
    db.execute(update(Order).values(created_at=now() - timedelta(hours=3)))
    db.commit()
    assert check_out(app, KEY).status_code == 409
    assert [orders.cancel_abandoned(db), orders.cancel_abandoned(db)] == [1, 0]
    assert read(select(Product.stock).where(Product.id == product.id)) == [5]
    assert read(select(func.count()).where(Order.status == "cancelled")) == [1]


def test_the_catalogue_shows_the_new_stock_after_a_checkout(app: TestClient, mails: MailBox, product: Product) -> None:
    customer(app, mails)
    app.get("/api/v1/products")
    put_in_cart(app, product.id, 5)
    check_out(app)
    assert app.get("/api/v1/products").json()["items"][0]["stock"] == 0
    assert main.API == "/api/v1"
