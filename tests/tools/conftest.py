"""The application that these tests run on."""

from tests.orders_app import orders_repo as orders_repo
