"""Branches of guards that are for other addresses are not taken."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of
from tests.rules.test_cards import check

SERVER = """
const express = require("express");
const db = require("./db");
const app = express();
function find(req) { return db.query("SELECT * FROM sessions"); }
app.use((req, res, next) => { %s });
app.post("/orders", (req, res) => res.json({}));
app.post("/admin/orders", (req, res) => res.json({}));
app.post("/:tenant/orders", (req, res) => res.json({}));
"""
DB = 'const { Pool } = require("pg");\nmodule.exports = new Pool();\n'
READ = ["read sessions @ server.js:5"]


@pytest.mark.parametrize(
    ("guard", "asked"),
    [
        ("if (req.path.startsWith('/admin')) find(req); next();", {"/admin/orders", "/{tenant}/orders"}),
        ("if (!req.path.startsWith('/admin')) return next(); find(req); next();", {"/admin/orders", "/{tenant}/orders"}),
        ("if (req.path === '/orders' || req.path === '/carts') find(req); next();", {"/orders", "/{tenant}/orders", "/admin/orders"}),
        ("if (req.method === 'POST' && req.path === '/carts') find(req); next();", set()),
        ("if (name.startsWith('/admin')) find(req); next();", {"/orders", "/admin/orders", "/{tenant}/orders"}),
        ("if (!req.path.startsWith('/admin')) log(req); find(req); next();", {"/orders", "/admin/orders", "/{tenant}/orders"}),
    ],
)
def test_a_guard_acts_for_the_addresses_that_it_asks_for(guard: str, asked: set[str]) -> None:
    tracer = tracer_of({"server.js": SERVER % guard, "db.js": DB})
    for path in ("/orders", "/admin/orders", "/{tenant}/orders"):
        check(tracer, {"trace": f"POST {path}", "data": READ if path in asked else []})
