import json
import logging

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from shop import database, retention, settings
from shop.database import Base
from shop.logs import JsonFormatter, request_id
from shop.models import Cart
from shop.routes import catalogue, health
from tests.conftest import BACKEND


def test_health_tells_alive_from_ready(app: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert app.get("/health/live").status_code == app.get("/health/ready").status_code == 200

    def away() -> None:
        raise OperationalError("SELECT 1", {}, OSError())

    monkeypatch.setattr(health, "get_engine", away)
    assert app.get("/health/live").status_code == 200
    assert app.get("/health/ready").status_code == 503


def test_metrics_need_the_token_and_carry_latency(app: TestClient) -> None:
    app.get("/api/v1/products")
    assert app.get("/metrics").status_code == 401
    text = app.get("/metrics", headers={"Authorization": f"Bearer {'m' * 40}"}).text
    assert 'shop_http_request_seconds_bucket{le="0.01",method="GET",route="/api/v1/products"}' in text


def test_every_answer_carries_an_id_and_the_security_headers(app: TestClient) -> None:
    answer = app.get("/nowhere", headers={"X-Request-ID": "abc-12345"})
    assert answer.status_code == 404 and answer.json()["request_id"] == answer.headers["x-request-id"] == "abc-12345"
    assert answer.headers["x-content-type-options"] == "nosniff" and "max-age" in answer.headers["strict-transport-security"]
    assert len(app.get("/nowhere", headers={"X-Request-ID": "bad\tid"}).headers["x-request-id"]) == 32


def test_an_unexpected_error_is_recorded_and_says_nothing(
    app: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(after: int, limit: int) -> None:
        raise RuntimeError("secret internals")

    monkeypatch.setattr(catalogue, "cached_page", broken)
    logging.getLogger().addHandler(caplog.handler)
    answer = app.get("/api/v1/products")
    assert answer.status_code == 500 and answer.json()["code"] == "internal_error" and "secret" not in answer.text
    assert "unhandled error" in caplog.text


def test_bodies_are_bounded_by_what_they_declare_and_by_what_arrives(app: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert app.post("/api/v1/sessions", content=b"x" * 70_000, headers=headers).status_code == 413
    assert app.post("/api/v1/sessions", content=iter([b"x" * 40_000] * 2), headers=headers).status_code == 413


def test_other_origins_get_no_cors_permission(app: TestClient) -> None:
    preflight = {"Access-Control-Request-Method": "POST"}
    allowed = app.options("/api/v1/orders", headers=preflight | {"Origin": "https://testserver"})
    refused = app.options("/api/v1/orders", headers=preflight | {"Origin": "https://evil.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://testserver"
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "sqlite:///shop.db"), ("ALLOWED_ORIGINS", "*"), ("CSRF_SECRETS", "short"), ("PUBLIC_URL", "http://shop.example")],
)
def test_unsafe_settings_stop_the_start(app: TestClient, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    good = {
        "ENVIRONMENT": "production",
        "STRIPE_API_BASE": "https://api.stripe.com",
        "DATABASE_URL": "postgresql+psycopg://u:p@db/shop?sslmode=verify-full",
        "REDIS_URL": "rediss://redis:6379/0",
    }
    for key, text in good.items():
        monkeypatch.setenv(f"SHOP_{key}", text)
    settings.Settings()
    monkeypatch.setenv(f"SHOP_{name}", value)
    with pytest.raises(ValidationError):
        settings.Settings()


def test_the_migrations_make_what_the_models_say_and_can_be_undone(app: TestClient) -> None:
    engine = database.get_engine()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    command.downgrade(Config(BACKEND / "alembic.ini"), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_foreign_keys_are_enforced(db: Session) -> None:
    db.add(Cart(account_id=12345))
    with pytest.raises(IntegrityError):
        db.flush()


def test_retention_runs(db: Session) -> None:
    retention.delete_expired(db)


def test_logs_are_one_json_object_per_line() -> None:
    request_id.set("r-1")
    line = JsonFormatter().format(logging.makeLogRecord({"msg": "a\nforged line", "order_id": 7}))
    assert "\n" not in line and json.loads(line)["order_id"] == 7 and json.loads(line)["request_id"] == "r-1"
