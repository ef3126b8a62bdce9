from fastapi.testclient import TestClient
from sqlalchemy import func, select

from shop import throttle
from shop.models import Account, AuditEvent, LoginSession, Order
from shop.sessions import COOKIE
from tests.conftest import Read
from tests.doubles import MailBox
from tests.steps import PASSWORD, check_out, customer, put_in_cart, sign_in, sign_up


def test_a_new_customer_confirms_the_address_and_signs_in(app: TestClient, mails: MailBox) -> None:
    app.post("/api/v1/accounts", json={"email": "Ada@Example.com", "password": PASSWORD})
    assert sign_in(app).status_code == 401
    token = mails.token_for("ada@example.com")
    assert app.post("/api/v1/accounts/verify", json={"token": token}).status_code == 204
    assert app.post("/api/v1/accounts/verify", json={"token": token}).status_code == 400
    answer = sign_in(app)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "secure" in cookie and "samesite=lax" in cookie
    assert app.get("/api/v1/sessions/current").json()["email"] == "ada@example.com"


def test_signing_up_twice_answers_alike_and_tells_only_the_owner(app: TestClient, mails: MailBox) -> None:
    sign_up(app, mails)
    first = app.post("/api/v1/accounts", json={"email": "new@example.com", "password": PASSWORD})
    second = app.post("/api/v1/accounts", json={"email": "ada@example.com", "password": PASSWORD})
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert mails.collect()[-1]["subject"] == "You already have an account"


def test_weak_passwords_and_unknown_fields_are_refused_without_echo(app: TestClient) -> None:
    for password in ("short", "aaaaaaaaaaaaaaa", "password1234", "grace-grace-99"):
        answer = app.post("/api/v1/accounts", json={"email": "grace@example.com", "password": password})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert password not in answer.text
    body = {"email": "grace@example.com", "password": PASSWORD, "verified_at": "2025-01-01T00:00:00Z"}
    assert app.post("/api/v1/accounts", json=body).status_code == 422


def test_guessing_is_slowed_whether_or_not_the_account_exists(app: TestClient, mails: MailBox) -> None:
    sign_up(app, mails)
    for host, email in (("10.0.0.1", "ada@example.com"), ("10.0.0.2", "nobody@example.com")):
        guesser = TestClient(app.app, base_url="https://testserver", client=(host, 50000))
        answers = [sign_in(guesser, email, "not the password").status_code for _ in range(throttle.FREE_FAILURES + 2)]
        assert answers == [401] * (throttle.FREE_FAILURES + 1) + [429]
        assert sign_in(guesser, email).status_code == 429


def test_signing_in_is_limited_per_client(app: TestClient) -> None:
    answers = [sign_in(app, f"n{number}@example.com").status_code for number in range(11)]
    assert answers == [401] * 10 + [429]


def test_signing_in_again_replaces_the_session_and_signing_out_ends_it(app: TestClient, mails: MailBox, read: Read) -> None:
    customer(app, mails)
    first = app.cookies[COOKIE]
    sign_in(app)
    assert app.cookies[COOKIE] != first
    assert read(select(func.count()).select_from(LoginSession)) == [1]
    app.headers["X-CSRF-Token"] = app.get("/api/v1/sessions/current").json()["csrf_token"]
    kept = app.cookies[COOKIE]
    assert app.delete("/api/v1/sessions/current").status_code == 204
    assert app.get("/api/v1/sessions/current", headers={"Cookie": f"{COOKIE}={kept}"}).status_code == 401


def test_a_change_without_the_csrf_token_is_refused(app: TestClient, mails: MailBox, product) -> None:
    customer(app, mails)
    app.headers["X-CSRF-Token"] = "0" * 64
    assert app.put(f"/api/v1/cart/lines/{product.id}", json={"quantity": 1}).status_code == 403


def test_a_person_can_take_their_data_along_and_be_erased(app: TestClient, mails: MailBox, product, read: Read) -> None:
    customer(app, mails)
    put_in_cart(app, product.id)
    check_out(app)
    export = app.get("/api/v1/me/export").json()
    assert export["email"] == "ada@example.com" and "Main Street" in export["addresses"][0]
    assert app.request("DELETE", "/api/v1/me", json={"password": "wrong"}).status_code == 403
    assert app.request("DELETE", "/api/v1/me", json={"password": PASSWORD}).status_code == 204
    assert sign_in(app).status_code == 401
    assert read(select(Account.email)) == ["erased-1@erased.invalid"]
    assert read(select(Order.shipping_address)) == [None]
    assert "account.erased" in read(select(AuditEvent.action))
