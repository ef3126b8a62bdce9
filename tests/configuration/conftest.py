"""The application that these tests configure."""

from __future__ import annotations

from tests.orders_app import orders_repo as orders_repo
