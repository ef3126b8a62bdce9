"""API calls find their route, and a call without one says why."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of

SERVER = """
const express = require("express");
const app = express();
app.get("/api/orders", list);
app.get("/api/orders/recent", recent);
app.get("/api/orders/:id", show);
app.post("/api/orders", create);
app.get("/:page", page);
function list(req, res) {} function recent(req, res) {} function show(req, res) {} function create(req, res) {} function page(req, res) {}
"""


def linked(code: str) -> dict[str, str]:
    """Text of each API call -> the endpoint that it reaches, or the reason why it reaches none."""
    tracer = tracer_of({"server.js": SERVER, "web/app.js": code})
    found = {m.call.symbol: f"{m.route.route.endpoint} {m.status}" for m in tracer.linking.matches}
    return found | {u.call.symbol: u.reason for u in tracer.linking.unmatched}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('fetch("/api/orders")', "GET /api/orders confirmed"),
        ('fetch("/api/orders/")', "GET /api/orders confirmed"),
        ('fetch("/api/orders?limit=5")', "GET /api/orders confirmed"),
        ('fetch("/api/orders/recent")', "GET /api/orders/recent confirmed"),
        ("fetch(`/api/orders/${id}`)", "GET /api/orders/{id} confirmed"),
        ('fetch("/api/orders/" + id)', "GET /api/orders/{id} confirmed"),
        ('fetch("/api/orders", {method: "POST", body})', "POST /api/orders confirmed"),
        ('fetch("http://localhost:3000/api/orders")', "GET /api/orders confirmed"),
        ("fetch(`${window.base}/api/orders`)", "GET /api/orders inferred"),
        ("fetch(`/api/orders${query}`)", "GET /api/orders confirmed"),
        ('fetch("/orders/recent")', "GET /api/orders/recent inferred"),
        ('fetch("/api/orders", {method: "DELETE"})', "method differs"),
        ('fetch("/imprint")', "GET /{page} confirmed"),
        ("fetch(`${window.base}/advisories`)", "no such route"),
        ('fetch("/api/invoices/1/lines")', "no such route"),
        ('fetch("https://maps.example.com/tiles/1/2")', "other host"),
        ("fetch(window.target)", "dynamic URL"),
    ],
)
def test_a_call_reaches_its_route_or_says_why_not(call: str, expected: str) -> None:
    assert list(linked(f"function go(id, query, body) {{ return {call}; }}").values()) == [expected]


def test_a_call_of_a_wrapper_is_the_api_call() -> None:
    code = """
    const request = (method, path, body) => fetch("/api" + path, {method, body});
    const api = {get: (path) => request("GET", path), post: (path, body) => request("POST", path, body)};
    export function loadOrders() { return api.get("/orders"); }
    export function placeOrder(order) { return api.post("/orders", order); }
    """
    assert linked(code) == {"GET /api/orders": "GET /api/orders confirmed", "POST /api/orders": "POST /api/orders confirmed"}


def test_a_path_of_nothing_but_parameters_matches_nothing() -> None:
    assert linked("function go(a, b) { return fetch(`/${a}/${b}`); }") == {"GET /{a}/{b}": "dynamic URL"}
