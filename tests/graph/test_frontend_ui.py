"""From what a user does to the request: components, stores, listeners and pages."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

BACKEND = (
    'from fastapi import FastAPI\napp = FastAPI()\n@app.post("/api/orders")\ndef create(): ...\n@app.get("/api/orders")\ndef index(): ...\n'
)


def actions(files: dict[str, str], route: str) -> list[str]:
    """The user actions of all chains of a route."""
    _, chains = tracer_of({"app.py": BACKEND, **files}).start(route)
    return [f"{link.symbol} @ {link.file}:{link.line}" for c in chains for link in c.chain.links if link.stage == "user_action"]


def test_a_pinia_store_runs_its_action_under_the_name_of_its_hook() -> None:
    files = {
        "src/store.js": (
            'import { defineStore } from "pinia";\n'
            'export const useOrders = defineStore("orders", {\n'
            "  state: () => ({ items: [] }),\n"
            '  actions: { async add(order) { await fetch("/api/orders", { method: "POST" }); } },\n'
            "});\n"
            'export const useOthers = defineStore("others", () => {\n'
            '  const load = () => fetch("/api/orders");\n'
            "  return { load };\n"
            "});\n"
        ),
        "src/Orders.vue": (
            '<script setup>\nimport { useOrders, useOthers } from "./store";\n'
            "const orders = useOrders();\nconst { load } = useOthers();\n</script>\n"
            '<template><button @click="orders.add({})">Add</button><a @click="load">Reload</a></template>\n'
        ),
    }
    assert actions(files, "POST /api/orders") == ["<button @click> 'Add' @ src/Orders.vue:6"]
    assert actions(files, "GET /api/orders") == ["<a @click> 'Reload' @ src/Orders.vue:6"]


def test_an_action_that_two_stores_have_is_followed_only_with_its_module() -> None:
    store = 'export const actions = { add(context) { return fetch("/api/orders", { method: "POST" }); } };\n'
    component = (
        '<template><button @click="add">Add</button></template>\n<script>\nimport "vuex";\n'
        'export default {{ methods: {{ add() {{ this.$store.dispatch("{}"); }} }} }};\n</script>\n'
    )
    files = {"src/store/orders.js": store, "src/store/carts.js": "export const actions = { add(context) {} };\n"}
    assert actions({**files, "src/A.vue": component.format("orders/add")}, "POST /api/orders") == ["<button @click> 'Add' @ src/A.vue:1"]
    assert actions({**files, "src/A.vue": component.format("add")}, "POST /api/orders") == []


def test_a_component_is_reached_through_the_page_that_shows_it() -> None:
    files = {
        "pages/orders.vue": (
            "<template><order-list /></template>\n<script>\nimport OrderList from '../src/OrderList.vue';\n"
            "export default { components: { OrderList } };\n</script>\n"
        ),
        "src/OrderList.vue": (
            '<template><ul /></template>\n<script>\nexport default {\n  created() { fetch("/api/orders"); },\n};\n</script>\n'
        ),
    }
    assert actions(files, "GET /api/orders") == ["page orders.vue @ pages/orders.vue:1"]


def test_a_listener_whose_element_is_not_unique_is_named_by_its_registration() -> None:
    files = {
        "static/a.html": '<button class="add">A</button><button class="add">B</button><script src="a.js"></script>',
        "static/a.js": 'document.querySelector(".add").addEventListener("click", () => fetch("/api/orders", { method: "POST" }));\n',
    }
    assert actions(files, "POST /api/orders") == [".add click @ static/a.js:1"]


def test_a_method_named_like_a_keyword_is_run_by_the_template() -> None:
    files = {
        "src/a.component.ts": (
            'import { Component } from "@angular/core";\nimport { HttpClient } from "@angular/common/http";\n'
            '@Component({ selector: "app-a", templateUrl: "./a.component.html" })\n'
            "export class A {\n  constructor(private http: HttpClient) {}\n"
            '  delete(id: number) { return this.http.post("/api/orders", {}); }\n}\n'
        ),
        "src/a.component.html": '<button (click)="delete(item.id)">x</button>\n',
    }
    assert actions(files, "POST /api/orders") == ["<button (click)> 'x' @ src/a.component.html:1"]


def test_a_method_that_a_component_is_given_runs_on_its_element_under_the_name_of_the_property() -> None:
    files = {
        "src/Order.jsx": (
            'import React, { Component } from "react";\nexport default class Order extends Component {\n'
            "  render() { return <button onClick={this.props.handleSend}>Send</button>; }\n}\n"
        ),
        "src/Ask.jsx": "export default function Ask({ confirm }) { return <a onClick={confirm}>Yes</a>; }\n",
        "src/Orders.jsx": (
            'import React, { Component } from "react";\nimport Order from "./Order";\nimport Ask from "./Ask";\n'
            "export default class Orders extends Component {\n"
            '  send(id) { fetch("/api/orders", { method: "POST" }); }\n'
            '  load = () => { fetch("/api/orders"); };\n'
            "  render() {\n    const shown = [];\n"
            "    this.state.orders.forEach((o) => { shown.push(<Order handleSend={(e) => this.send(o.id)} />); });\n"
            "    return <div>{shown}<Ask confirm={this.load} /></div>;\n  }\n}\n"
        ),
    }
    assert actions(files, "POST /api/orders") == ["<button onClick> 'Send' @ src/Order.jsx:3"]
    assert actions(files, "GET /api/orders") == ["<a onClick> 'Yes' @ src/Ask.jsx:1"]
