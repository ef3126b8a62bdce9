"""The real application on SQLite (or SHOP_TEST_DATABASE_URL), with a payment server and a mail box of its own."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from alembic import command
from alembic.config import Config
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from shop import cache, database, main, passwords, payments, settings
from shop.models import Product
from tests.doubles import MailBox, StripeDouble

Read = Callable[[Any], list[Any]]

BACKEND = Path(__file__).parents[1]
WEBHOOK_SECRET = "whsec_only_for_these_tests_0123456789"


def forget_cached() -> None:
    for cached in (settings.get_settings, database.get_engine, database.session_factory, database._fernet, cache.get_redis):
        cached.cache_clear()
    payments.get_stripe.cache_clear()


@pytest.fixture(scope="session")
def stripe() -> Iterator[StripeDouble]:
    double = StripeDouble()
    server = ThreadingHTTPServer(("127.0.0.1", 0), double.handler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    double.url = f"http://127.0.0.1:{server.server_port}"
    yield double
    server.shutdown()


def configure(patch: pytest.MonkeyPatch, database_url: str, stripe_url: str) -> None:
    values = {
        "ENVIRONMENT": "test",
        "PUBLIC_URL": "https://testserver",
        "ALLOWED_ORIGINS": "https://testserver",
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "CSRF_SECRETS": "c" * 40,
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        "STRIPE_SECRET_KEY": "not-a-real-key-0000",
        "STRIPE_API_BASE": stripe_url,
        "METRICS_TOKEN": "m" * 40,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_USERNAME": "shop",
        "SMTP_PASSWORD": "unused",
        "MAIL_FROM": "shop@example.com",
    }
    for name, value in values.items():
        patch.setenv(f"SHOP_{name}", value)
    forget_cached()


def migrate(revision: str = "head") -> None:
    command.upgrade(Config(BACKEND / "alembic.ini"), revision)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shop.db"
    with pytest.MonkeyPatch.context() as patch:
        configure(patch, f"sqlite:///{path}", "http://127.0.0.1:1")
        migrate()
        database.get_engine().dispose()
    return path


@pytest.fixture
def app(tmp_path: Path, migrated_file: Path, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    server = os.environ.get("SHOP_TEST_DATABASE_URL")
    if server is None:
        shutil.copy(migrated_file, tmp_path / "shop.db")
    configure(monkeypatch, server or f"sqlite:///{tmp_path / 'shop.db'}", stripe.url)
    if server is not None:
        command.downgrade(Config(BACKEND / "alembic.ini"), "base")
        migrate()
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("no account has this password"))
    redis = fakeredis.FakeServer()
    monkeypatch.setattr(main.Redis, "from_url", lambda *args, **kwargs: fakeredis.FakeAsyncRedis(server=redis))
    monkeypatch.setattr(cache.Redis, "from_url", lambda *args, **kwargs: fakeredis.FakeRedis(server=redis, decode_responses=True))
    stripe.reset()
    with TestClient(main.create_app(), base_url="https://testserver", raise_server_exceptions=False) as client:
        yield client
    forget_cached()


@pytest.fixture
def db(app: TestClient) -> Iterator[Session]:
    with database.session_factory()() as session:
        yield session


@pytest.fixture
def read(app: TestClient) -> Read:
    """What the database says now, in a transaction that ends at once."""

    def read_now(query: Any) -> list[Any]:
        with database.session_factory()() as session:
            return list(session.scalars(query))

    return read_now


@pytest.fixture
def mails(app: TestClient) -> MailBox:
    return MailBox()


@pytest.fixture
def product(db: Session) -> Product:
    tea = Product(sku="tea-1", name="Tea", description="Green", price_minor=450, currency="EUR", stock=5, active=True)
    db.add_all([tea, Product(sku="cup-1", name="Cup", description="White", price_minor=1200, currency="EUR", stock=1, active=True)])
    db.commit()
    return tea
