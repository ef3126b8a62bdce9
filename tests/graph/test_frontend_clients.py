"""Requests of frontends: wrappers, base URLs, abstract clients, and what is no request."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of


def calls(files: dict[str, str]) -> list[str]:
    return sorted(f"{c.symbol} @ {c.place}" for c in tracer_of(files).calls)


def test_an_abstract_client_is_called_once_for_each_receiver() -> None:
    files = {
        "src/base.ts": (
            'import axios from "axios";\n'
            "export abstract class Base {\n"
            "  abstract route: string;\n"
            "  abstract item(id: string): string;\n"
            "  list() { return axios.get(this.route); }\n"
            "  one(id: string) { return axios.get(this.item(id)); }\n"
            "}\n"
            "export class Other extends Base { route = '/api/other'; item = (id: string) => `/api/other/${id}`; }\n"
            "export class Third extends Base { route = '/api/third'; item = (id: string) => `/api/third/${id}`; }\n"
            "export class Fourth extends Base { route = '/api/fourth'; item = (id: string) => `/api/fourth/${id}`; }\n"
        ),
        "src/orders.ts": (
            'import { Base } from "./base";\n'
            "export class Orders extends Base { route = '/api/orders'; item = (id: string) => `/api/orders/${id}`; }\n"
            "const orders = new Orders();\n"
            "export const all = () => orders.list();\n"
            "export const show = (id: string) => orders.one(id);\n"
        ),
    }
    assert calls(files) == ["GET /api/orders @ src/orders.ts:4", "GET /api/orders/{id} @ src/orders.ts:5"]


def test_the_class_below_says_what_a_base_class_asks_for() -> None:
    files = {
        "src/base.ts": (
            'import { HttpClient } from "@angular/common/http";\n'
            'import { inject } from "@angular/core";\n'
            "export abstract class Base {\n"
            "  protected http: HttpClient;\n"
            "  protected name: string;\n"
            "  constructor() { this.http = inject(HttpClient); }\n"
            "  list() { return this.http.get(`/api/${this.name}`); }\n"
            "  drop(id: number) { return this.http.delete(`/api/${this.name}/${id}`); }\n"
            "}\n"
        ),
        "src/services.ts": (
            'import { Base } from "./base";\n'
            "export class Tags extends Base { constructor() { super(); this.name = 'tags'; } }\n"
            "export class Logs extends Base {\n"
            "  constructor() { super(); this.name = 'logs'; }\n"
            "  drop(id: number) { return super.drop(id); }\n"
            "}\n"
        ),
        "src/page.ts": (
            'import { inject } from "@angular/core";\n'
            'import { Logs, Tags } from "./services";\n'
            "export class Page {\n"
            "  private tags = inject(Tags);\n"
            "  private logs = inject(Logs);\n"
            "  all() { this.tags.list(); }\n"
            "  old() { this.logs.list(); }\n"
            "  cut(id: number) { this.tags.drop(id); }\n"
            "  burn(id: number) { this.logs.drop(id); }\n"
            "}\n"
        ),
    }
    assert calls(files) == [
        "DELETE /api/logs/{id} @ src/services.ts:5",
        "DELETE /api/tags/{id} @ src/page.ts:8",
        "GET /api/logs @ src/page.ts:7",
        "GET /api/tags @ src/page.ts:6",
    ]


def test_a_client_that_is_given_as_an_argument_keeps_the_method_of_each_caller() -> None:
    files = {
        "src/api.ts": (
            'import axios from "axios";\n'
            "const safe = async (send, url, data) => { try { return await send(url, data); } catch (e) { return null; } };\n"
            "export const create = (order) => safe(axios.post, '/orders', order);\n"
            "export const change = (order) => safe(axios.put, `/orders/${order.id}`, order);\n"
        ),
    }
    assert calls(files) == ["POST /orders @ src/api.ts:3", "PUT /orders/{id} @ src/api.ts:4"]


def test_methods_of_a_service_base_class_are_found_under_a_common_name() -> None:
    files = {f"src/unrelated{i}.ts": "export const f = (map) => map.get('x');\n" for i in range(70)}
    files["src/api.ts"] = (
        'import axios from "axios";\n'
        "export abstract class Api {\n"
        "  private http;\n"
        "  constructor(base) { this.http = axios.create({ baseURL: base }); }\n"
        "  get(url, params = {}) { return this.http.get(url, params); }\n"
        "}\n"
    )
    files["src/users.ts"] = 'import { Api } from "./api";\nexport class Users extends Api {\n  me() { return this.get("/users/me"); }\n}\n'
    assert calls(files) == ["GET {base}/users/me @ src/users.ts:3"]


def test_a_url_object_is_its_path_on_its_base() -> None:
    files = {"src/a.js": 'export const f = (id) => fetch(new URL(`/orders/${id}`, "http://localhost:3000").toString());\n'}
    assert calls(files) == ["GET http://localhost:3000/orders/{id} @ src/a.js:1"]


def test_navigation_and_maps_are_no_requests() -> None:
    files = {
        "src/a.js": (
            'import { useRouter } from "next/router";\nimport axios from "axios";\n'
            'export function go(router, cache, params) { router.push("/orders"); cache.get("/orders"); params.delete("/orders"); }\n'
        )
    }
    assert calls(files) == []


def test_a_link_that_leads_to_no_route_is_not_reported_as_unmatched() -> None:
    tracer = tracer_of({"templates/a.html": '<a href="/somewhere">x</a><form action="/nowhere" method="post"></form>'})
    assert [(u.call.kind, u.reason) for u in tracer.linking.unmatched] == [("form", "no such route")]


def test_a_client_in_layers_keeps_method_and_base_of_the_one_that_is_called() -> None:
    client = (
        "class Client {\n"
        '  constructor(options = {}) { this.baseUrl = options.baseUrl || "/api"; }\n'
        "  send = async (path, method, data, options = {}) => {\n"
        "    let url;\n"
        "    if (path.match(/^http/)) { url = path; } else { url = (options.baseUrl ?? this.baseUrl) + path; }\n"
        "    const fresh = (input, init) => { return fetch(input, init); };\n"
        "    const response = await (options.retry === false ? fresh : retried(fresh))(url, { method, body: data });\n"
        "    return response.json();\n"
        "  };\n"
        '  post = (path, data) => this.once(path, "POST", data);\n'
        '  get = (path) => this.send(path, "GET");\n'
        "  once = (path, method, data) => this.send(path, method, data);\n"
        "}\n"
        "export const client = new Client();\n"
    )
    use = 'import { client } from "./client";\nexport const add = () => client.post("/orders", {});\n'
    use += 'export const all = () => client.get("/orders");\n'
    backend = (
        "from fastapi import FastAPI\napp = FastAPI()\n"
        '@app.post("/api/orders")\ndef create(): ...\n@app.get("/api/orders")\ndef index(): ...\n@app.get("/{page}")\ndef page(page): ...\n'
    )
    tracer = tracer_of({"web/client.js": client, "web/use.js": use, "app.py": backend})
    found = sorted((str(m.call.place), str(m.route.route.endpoint)) for m in tracer.linking.matches)
    assert found == [("web/use.js:2", "POST /api/orders"), ("web/use.js:3", "GET /api/orders")]


def test_a_form_whose_method_is_a_setting_leads_to_the_route_at_its_address() -> None:
    backend = 'from fastapi import FastAPI\napp = FastAPI()\n@app.post("/search")\ndef search(): ...\n'
    tracer = tracer_of({"app.py": backend, "templates/a.html": '<form method="{{ method }}" action="/search"><button>Go</button></form>'})
    assert [(m.call.symbol, str(m.route.route.endpoint)) for m in tracer.linking.matches] == [("ANY /search", "POST /search")]


def test_this_in_an_object_literal_is_the_object_with_what_a_library_puts_on_it() -> None:
    files = {
        "src/api.js": (
            'import axios from "axios";\n'
            "const Pins = {\n"
            "  base: '/api/pins/',\n"
            "  create(data) { return axios.post(this.base, data); },\n"
            "  fromAddress(data) { return [data].map((d) => this.create(d))[0]; },\n"
            "};\n"
            "export default { Pins };\n"
        ),
        "src/page.js": (
            'import API from "./api";\n'
            "function save() { API.Pins.fromAddress({}); }\n"
            'document.querySelector("#save").addEventListener("click", save);\n'
        ),
        "public/index.html": '<button id="save">Save</button><script src="/src/page.js"></script>\n',
        "server.js": 'const app = require("express")();\napp.post("/api/pins/", (req, res) => res.end());\n',
    }
    chain = tracer_of(files).start("POST /api/pins/")[1][0].chain
    assert [link.symbol for link in chain.links][:5] == [
        "<button click> 'Save'",
        "save",
        "fromAddress",
        "callback in fromAddress",
        "create",
    ]


def test_a_request_of_an_action_comes_before_those_of_what_waits_for_it() -> None:
    files = {
        "src/api.js": (
            'import axios from "axios";\n'
            'const send = (data) => axios.post("/api/pins", data);\n'
            "export const create = (data) => send(data);\n"
            "export const pin = (id) => axios.patch(`/api/boards/${id}`);\n"
        ),
        "src/page.js": (
            'import { create, pin } from "./api";\n'
            "function save() {\n"
            "  create({}).then((made) => { [1, 2].forEach((id) => pin(id)); });\n"
            "}\n"
            'document.querySelector("#save").addEventListener("click", save);\n'
        ),
        "server.js": (
            'const app = require("express")();\n'
            'app.post("/api/pins", (req, res) => res.end());\n'
            'app.patch("/api/boards/:id", (req, res) => res.end());\n'
        ),
    }
    chains = tracer_of(files).start("src/page.js:2")[1]
    assert [str(c.chain.endpoint) for c in chains] == ["POST /api/pins", "PATCH /api/boards/{id}"]


def test_a_text_about_deleting_may_mean_a_form_that_can_only_be_posted() -> None:
    files = {
        "app.py": (
            "from flask import Flask\n"
            "app = Flask(__name__)\n"
            '@app.route("/<shop>/delete/<int:bill_id>", methods=["POST"])\n'
            "def delete_bill(shop, bill_id): ...\n"
            '@app.route("/<shop>/bills", methods=["POST"])\n'
            "def add_bill(shop): ...\n"
            '@app.route("/<shop>/erase", methods=["DELETE"])\n'
            "def erase(shop): ...\n"
        ),
    }
    assert str(tracer_of(files).start("a customer deletes a bill")[1][0].chain.endpoint) == "POST /{shop}/delete/{bill_id}"


def test_a_base_of_the_root_alone_stands_before_no_base_that_the_address_brings() -> None:
    files = {
        "src/api.js": (
            'import axios from "axios";\nconst api = axios.create({ baseURL: "/" });\n'
            "export const all = () => api.get(process.env.API_URL + `/api/orders`);\n"
            "export const one = (id) => api.get(id + `/orders`);\n"
            'export const own = () => api.get("orders");\n'
        ),
    }
    assert calls(files) == [
        "GET /orders @ src/api.js:5",
        "GET /{id}/orders @ src/api.js:4",
        "GET {API_URL}/api/orders @ src/api.js:3",
    ]
