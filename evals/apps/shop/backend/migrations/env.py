"""Runs migrations in one transaction, on the database of the settings."""

from alembic import context

from shop import models  # noqa: F401  (fills the metadata)
from shop.database import Base, get_engine

with get_engine().connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=connection.dialect.name == "sqlite")
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20250107)")  # two deployments at once queue here
        context.run_migrations()
