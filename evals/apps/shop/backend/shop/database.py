"""Engine, sessions and the column types that keep time zones and personal data right."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import DateTime, Dialect, Engine, Text, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from shop.settings import get_settings


class Base(DeclarativeBase):
    pass


class UtcDateTime(TypeDecorator[datetime]):
    """timestamptz; refuses naive values and always answers in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text that is encrypted before it reaches the database; old keys still decrypt."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return _fernet().encrypt(value.encode()).decode() if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return _fernet().decrypt(value.encode()).decode() if value is not None else None


@lru_cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key.get_secret_value()) for key in get_settings().field_encryption_keys])


@lru_cache
def get_engine() -> Engine:
    url = get_settings().database_url.get_secret_value()
    if url.startswith("sqlite"):
        return _sqlite_engine(url)
    return create_engine(
        url,
        pool_size=10,
        max_overflow=5,
        pool_timeout=5,
        pool_recycle=1800,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 3, "options": "-c statement_timeout=5000 -c lock_timeout=3000 -c timezone=UTC"},
    )


def _sqlite_engine(url: str) -> Engine:
    """For the tests: foreign keys on, and write transactions taken at BEGIN so that writers queue as row locks make them."""
    engine = create_engine(url, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@lru_cache
def session_factory() -> sessionmaker[Session]:
    return sessionmaker(get_engine(), expire_on_commit=False)


def get_db() -> Iterator[Session]:
    """One session per request. Handlers commit; whatever they did not commit is rolled back."""
    with session_factory()() as session:
        yield session
