"""API calls find their route, and a call without one says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.rules.small_repository import tracer_of

from backend_readiness.workspace import Workspace

SERVER = """
const express = require("express");
const app = express();
app.get("/api/orders", list);
app.get("/api/orders/recent", recent);
app.get("/api/orders/:id", show);
app.post("/api/orders", create);
app.get("/:page", page);
app.get("/api/teams/:id", show);
app.get("/api/teams/:id/presets", list);
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
        ('fetch("/api/teams//presets")', "GET /api/teams/{id}/presets inferred"),  # what stood between was empty at the start
        ('fetch("/api//orders")', "GET /api/orders confirmed"),
        ('fetch("/api/orders", {method: "POST", body})', "POST /api/orders confirmed"),
        ('fetch("http://localhost:3000/api/orders")', "GET /api/orders confirmed"),
        ("fetch(`${window.base}/api/orders`)", "GET /api/orders inferred"),
        ("fetch(`/api/orders${query}`)", "GET /api/orders confirmed"),
        ("fetch('/api/orders/' + window.location.search + '&page=2')", "GET /api/orders confirmed"),
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
    assert linked("function go(a, b) { return fetch(`/${a}${b}`); }") == {"GET /{a}{b}": "dynamic URL"}


def test_what_only_the_server_asks_of_other_services_is_no_call_of_the_interface() -> None:
    server = (
        'import express from "express";\nimport { verify } from "./license";\nconst app = express();\napp.post("/api/orders", verify);\n'
    )
    license_ = "export const verify = (req, res) => fetch(`${process.env.LICENSE_URL}/enterprise/verify`, { method: 'POST' });\n"
    linking = tracer_of({"server.js": server, "license.js": license_, "web/app.js": 'fetch("/api/ordres");\n'}).linking
    assert [u.call.text for u in linking.unmatched] == ["/api/ordres"]
    assert [u.call.place.file for u in linking.of_server] == ["license.js"]


def test_what_a_page_loads_is_the_interfaces_also_when_the_server_loads_it() -> None:
    server = 'import express from "express";\nimport { load } from "./web/api";\nconst app = express();\napp.get("/api/orders", load);\n'
    api = 'export const load = () => fetch("/api/ordres");\n'
    page = 'import { load } from "./api";\nexport const Page = () => <button onClick={load}>Load</button>;\n'
    linking = tracer_of({"server.js": server, "web/api.js": api, "web/Page.jsx": page}).linking
    assert [u.call.text for u in linking.unmatched] == ["/api/ordres"]
    assert linking.of_server == []


def test_plug_ins_of_a_package_that_no_page_loads_are_the_servers(tmp_path: Path) -> None:
    files = {
        "package.json": '{"workspaces": ["server", "plugins"]}',
        "server/package.json": '{"name": "server", "dependencies": {"express": "4", "axios": "1", "plugins": "1"}}',
        "server/app.js": 'const express = require("express");\nconst { run } = require("plugins");\nexpress().get("/api/run", run);\n',
        "plugins/package.json": '{"name": "plugins", "main": "index.js"}',
        "plugins/index.js": "exports.run = (req, res) => res.end();\n",
        "plugins/nodes/search.js": 'const axios = require("axios");\nexports.search = (base) => axios.get(`${base}/rest/search`);\n',
        "plugins/public/lone.js": 'fetch("/api/rum");\n',
    }
    for name, text in files.items():
        (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / name).write_text(text)
    linking = Workspace(tmp_path / "shop", cache_dir=tmp_path / "cache").tracer.linking
    assert [u.call.place.file for u in linking.of_server] == ["plugins/nodes/search.js"]
    assert [u.call.place.file for u in linking.unmatched] == ["plugins/public/lone.js"]


def test_what_only_tests_import_is_no_call_of_the_interface() -> None:
    mail = "export const inbox = (base) => fetch(`${base}/api/v1/messages`);\n"
    spec = 'import { inbox } from "../helpers/mail";\ninbox("");\n'
    linking = tracer_of({"server.js": SERVER, "helpers/mail.ts": mail, "tests/orders.spec.ts": spec}).linking
    assert linking.unmatched == []
    assert [u.call.place.file for u in linking.of_server] == ["helpers/mail.ts"]


def test_a_host_that_answers_for_a_route_is_no_other_host() -> None:
    calls = 'fetch("https://shop.example.com/api/orders/recent");\nfetch("https://shop.example.com/api/ordres/recent");\n'
    linking = tracer_of({"server.js": SERVER, "web/app.js": calls + 'fetch("https://maps.example.com/api/tiles/recent");\n'}).linking
    assert [u.reason for u in linking.unmatched] == ["no such route", "other host"]


def test_of_two_registrations_of_a_path_below_the_base_the_first_answers() -> None:
    twins = 'const express = require("express");\nconst app = express();\napp.get("/api/carts", check);\napp.get("/api/carts", carts);\n'
    twins += "function check(req, res, next) { next(); }\nfunction carts(req, res) {}\n"
    linking = tracer_of({"server.js": twins, "web/app.js": 'fetch("/carts");\n'}).linking
    assert [m.route.route.place.line for m in linking.matches] == [3]


def test_a_short_path_in_another_case_is_found_below_a_prefix() -> None:
    controller = """
    using Microsoft.AspNetCore.Mvc;
    [ApiController, Route("api/v3/[controller]")]
    public class TagController : ControllerBase {
        [HttpPost] public IActionResult Create() { return Ok(); }
        [HttpGet("{id}")] public IActionResult Show(int id) { return Ok(); }
    }
    """
    tracer = tracer_of(
        {"TagController.cs": controller, "web/app.js": 'fetch("/tag", {method: "POST"}); fetch("/label", {method: "POST"});'}
    )
    assert [(m.call.symbol, str(m.route.route.endpoint)) for m in tracer.linking.matches] == [("POST /tag", "POST /api/v3/Tag")]
    assert [(u.call.symbol, u.reason) for u in tracer.linking.unmatched] == [("POST /label", "no such route")]


@pytest.mark.parametrize(
    ("taken", "sender"), [("type { Terms }", "server"), ("{ type Terms }", "server"), ("{ type Terms, verify }", "page")]
)
def test_a_page_that_takes_a_type_of_a_module_does_not_load_it(taken: str, sender: str) -> None:
    server = (
        'import express from "express";\nimport { verify } from "./license";\nconst app = express();\napp.post("/api/orders", verify);\n'
    )
    terms = "export interface Terms { seats: number }\nexport const verify = (base: string) => fetch(`${base}/enterprise/verify`);\n"
    page = f'import {taken} from "./license";\nexport const Page = (props: {{ terms: Terms }}) => <p>{{props.terms.seats}}</p>;\n'
    linking = tracer_of({"server.ts": server, "license.ts": terms, "Page.tsx": page}).linking
    assert [u.call.place.file for u in (linking.of_server if sender == "server" else linking.unmatched)] == ["license.ts"]


def test_what_a_file_that_nobody_loads_leads_to_may_be_a_pages_although_it_shares_a_module_with_the_server() -> None:
    shared = 'import fs from "fs";\nexport const read = (name) => (globalThis.window ? null : fs.readFileSync(name));\n'
    files = {
        "server.js": 'import express from "express";\nimport { read } from "./shared";\nexpress().get("/api/orders", read);\n',
        "shared.js": shared,
        "client/main.js": 'import "./orders";\n',
        "client/orders.js": 'import { read } from "../shared";\nfetch("/api/ordres");\nread("orders");\n',
    }
    linking = tracer_of(files).linking
    assert [u.call.place.file for u in linking.unmatched] == ["client/orders.js"]
    assert linking.of_server == []


def test_a_path_without_a_host_that_only_the_server_asks_for_is_no_route_of_its_own_below_a_prefix() -> None:
    server = (
        'import express from "express";\nimport { film } from "./films";\nconst app = express();\nconst router = express.Router();\n'
        'router.get("/films/:id", film);\napp.use("/api", router);\n'
    )
    films = (
        'import axios from "axios";\nconst http = axios.create(settings());\n'
        "export const film = (req, res) => http.get(`/films/${req.params.id}`);\n"
    )
    linking = tracer_of({"server.js": server, "films.js": films}).linking
    assert (linking.matches, [u.call.place.file for u in linking.of_server]) == ([], ["films.js"])


def test_a_path_below_the_address_of_the_page_is_one_below_a_page_of_the_application() -> None:
    found = linked('fetch(location.pathname + "/presets"); fetch(location.pathname + "/unknown"); fetch(place.pathname2 + "/presets");')
    assert found["GET {pathname}/presets"] == "GET /api/teams/{id}/presets inferred"
    assert found["GET {pathname}/unknown"] == "no such route"
    assert found["GET {pathname2}/presets"] == "no such route"


def test_an_address_beside_the_page_or_behind_its_own_host_is_one_of_the_application() -> None:
    own = "const { protocol, host, pathname } = window.location; const base = protocol + '//' + host + pathname;"
    found = linked(own + 'fetch("./api/orders"); fetch("../orders/recent"); fetch(base + "api/teams/" + id);')
    assert found["GET ./api/orders"] == "GET /api/orders confirmed"
    assert found["GET ../orders/recent"] == "GET /api/orders/recent inferred"
    assert found["GET {protocol}//{host}{pathname}api/teams/{id}"] == "GET /api/teams/{id} inferred"


def test_what_a_page_keeps_to_itself_is_no_part_of_an_address() -> None:
    found = linked('fetch("/api/orders#open"); fetch("/api/orders.html#/orders"); fetch("/api/teams/" + id + "#/presets");')
    assert found["GET /api/orders#open"] == "GET /api/orders confirmed"
    assert set(found.values()) == {"GET /api/orders confirmed", "dynamic URL"}


def test_slashes_that_meet_behind_the_host_of_the_page_are_one() -> None:
    own = "const at = window.location; const base = `${at.protocol}//${at.hostname}:${at.port}` + '/';"
    own += "const id = ''; const api = base + '/api';"
    found = linked(own + "fetch(`${api}/orders`); fetch(`${api}/teams/${id}/presets`); fetch('//api/orders');")
    assert found["GET {protocol}//{hostname}:{port}//api/orders"] == "GET /api/orders inferred"
    assert found["GET {protocol}//{hostname}:{port}//api/teams//presets"] == "GET /api/teams/{id}/presets inferred"
    assert found["GET //api/orders"] == "other host"


def test_a_host_that_is_put_together_of_settings_is_not_that_of_the_page() -> None:
    found = linked('fetch(peer.protocol + "//" + peer.host + "/teams/" + id + "/presets");')
    assert not any("presets" in reason for reason in found.values())


def test_a_file_that_its_own_test_loads_is_still_the_start_of_the_interface() -> None:
    files = {
        "server.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/orders')\ndef orders(): ...",
        "web/index.ts": 'import { load } from "./load";\nload();',
        "web/index.test.ts": 'import "./index";',
        "web/load.ts": 'export const load = () => fetch("/orders");',
        "web/load.test.ts": 'import { load } from "./load";\nload();',
        "web/given.ts": 'export const given = () => fetch("/given");',
        "web/orders.test.ts": 'import { given } from "./given";\ngiven();',
    }
    senders = tracer_of(files).senders
    assert senders.is_interface("web/load.ts")
    assert not senders.is_interface("web/given.ts")


def test_what_a_server_without_pages_asks_below_a_path_of_a_base_in_the_settings_is_another_service() -> None:
    files = {
        "bin/server.js": 'require("../src/container")();\nrequire("../src/routes").listen(3000);',
        "bin/worker.js": 'require("../src/container")();',
        "src/routes.js": SERVER + "module.exports = app;",
        "src/container.js": 'const backup = require("./backup");\nmodule.exports = () => backup;',
        "src/backup.js": "module.exports = (items) => fetch(`${process.env.STORE_URL}/store/api/orders`);",
    }
    tracer = tracer_of(files)
    assert not tracer.senders.is_interface("src/backup.js")
    assert (tracer.linking.matches, [u.reason for u in tracer.linking.of_server]) == ([], ["other host"])
    client = {"src/client.js": files["src/backup.js"], "src/routes.js": files["src/routes.js"]}  # nothing tells that it is no page's
    assert [m.route.route.endpoint.path for m in tracer_of(client).linking.matches] == ["/api/orders"]


def test_a_trace_from_a_method_of_a_route_of_any_shows_what_is_sent_by_it_where_the_interface_does() -> None:
    files = {
        "urls.py": 'from django.urls import path\nimport views\nurlpatterns = [path("orders/new", views.new, name="new")]',
        "views.py": 'from django.shortcuts import render\ndef new(request):\n    return render(request, "new.html")',
        "templates/new.html": '<form method="post"></form>\n<a href="{% url \'new\' %}">New</a>',
    }
    tracer = tracer_of(files)
    sent = {m: {c.chain.links[1].symbol for c in tracer.start(f"{m} /orders/new")[1]} for m in ("POST", "GET", "ANY", "PUT")}
    both = {"POST /orders/new", "GET /orders/new"}
    assert sent == {"POST": {"POST /orders/new"}, "GET": {"GET /orders/new"}, "ANY": both, "PUT": both}


def test_a_route_of_the_method_of_a_call_hides_one_of_any() -> None:
    files = {
        "src/main/java/shop/Orders.java": (
            "package shop;\nimport org.springframework.stereotype.Controller;\nimport org.springframework.web.bind.annotation.*;\n"
            '@Controller\n@RequestMapping("/orders")\nclass Orders {\n    @RequestMapping\n    String form() { return "orders"; }\n'
            '    @RequestMapping(method = RequestMethod.POST)\n    String place() { return "placed"; }\n}\n'
        ),
        "src/main/resources/static/app.js": (
            'const place = () => fetch("/orders", { method: "POST" });\nconst show = () => fetch("/orders");\n'
        ),
    }
    tracer = tracer_of(files)
    assert sorted((m.call.method, m.route.route.endpoint.method) for m in tracer.linking.matches) == [("GET", "ANY"), ("POST", "POST")]
    assert [c.chain.endpoint.method for c in tracer.start("POST /orders")[1]] == ["POST"]


def test_the_name_of_a_script_that_callers_give_is_part_of_the_address() -> None:
    server = """
const express = require("express");
const app = express();
app.post("/settings/theme.php", (req, res) => res.end());
app.post("/settings/budget.php", (req, res) => res.end());
"""
    page = """
function store(name, value) { return fetch("settings/" + name + ".php", { method: "POST", body: value }); }
export function theme(v) { return store("theme", v); }
export function budget(v) { return store("budget", v); }
"""
    linking = tracer_of({"server.js": server, "web/app.js": page}).linking
    assert [(m.call.place.line, m.call.symbol, str(m.route.route.endpoint), str(m.status)) for m in linking.matches] == [
        (3, "POST settings/theme.php", "POST /settings/theme.php", "confirmed"),
        (4, "POST settings/budget.php", "POST /settings/budget.php", "confirmed"),
    ]
    assert not linking.unmatched


def test_a_part_of_a_segment_that_nobody_knows_is_no_proof_that_the_route_is_missing() -> None:
    server = 'const app = require("express")();\n' + "".join(
        f'app.get("/jobs/{n}.php", (q, r) => r.end());\n' for n in ("a", "b", "c", "d")
    )
    linking = tracer_of({"server.js": server, "web/app.js": "export const run = (q) => fetch(`jobs/${q.get('job')}.php`);"}).linking
    assert not linking.matches
    assert [u.reason for u in linking.unmatched] == ["dynamic URL"]
