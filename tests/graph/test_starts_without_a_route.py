"""A start in the interface whose request reaches no route of the repository still shows the way that it goes."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

FILES = {
    "package.json": '{"dependencies": {"express": "4", "react": "18"}}',
    "server.js": 'const app = require("express")();\napp.get("/api/orders", (req, res) => res.send("x"));',
    "web/api.js": 'export const pay = (id) => fetch(`/api/orders/${id}/payment`, { method: "POST" });',
    "web/Order.jsx": """
import { useState } from "react";
import { pay } from "./api";
export function Order({ order }) {
  const send = () => { pay(order.id); };
  const fold = () => { order.open = false; };
  return <div>
    <button onClick={send}>Pay</button>
    <button onClick={fold}>Fold</button>
    <p>Nothing</p>
  </div>;
}
""",
}


def links(start: str) -> list[str]:
    chains = tracer_of(FILES).start(start)[1]
    return [f"{link.stage} {link.symbol}" for traced in chains[:1] for link in traced.chain.links]


def test_a_request_that_no_route_answers_ends_the_chain_and_says_so() -> None:
    chain = tracer_of(FILES).start("web/Order.jsx:8")[1][0].chain
    assert [f"{link.stage} {link.symbol}" for link in chain.links] == [
        "user_action <button onClick> 'Pay'",
        "frontend_handler send",
        "frontend_handler pay",
        "api_call POST /api/orders/{id}/payment",
    ]
    assert chain.endpoint is None
    assert not chain.complete
    assert [(gap.stage, gap.why) for gap in chain.gaps] == [("route", "no such route: POST /api/orders/{id}/payment")]


def test_an_event_that_sends_nothing_shows_what_it_runs() -> None:
    assert links("web/Order.jsx:9") == ["user_action <button onClick> 'Fold'", "frontend_handler fold"]


def test_a_line_without_an_event_or_a_request_starts_nothing() -> None:
    assert links("web/Order.jsx:10") == []


def test_a_message_over_a_socket_goes_beside_the_request_that_the_action_is_for() -> None:
    files = {
        "package.json": '{"dependencies": {"express": "4", "react": "18", "socket.io": "4", "socket.io-client": "4"}}',
        "server.js": """
const app = require("express")();
const io = require("socket.io")(require("http").createServer(app));
io.on("connection", (socket) => { socket.on("seen", () => {}); });
app.post("/api/session", (req, res) => res.end());
""",
        "web/api.js": 'export const login = (name) => fetch("/api/session", { method: "POST", body: name });',
        "web/Login.jsx": """
import io from "socket.io-client";
import { login } from "./api";
const socket = io();
export function Login() {
  const send = async () => {
    socket.emit("seen", 1);
    await login("a");
  };
  return <button onClick={send}>Sign in</button>;
}
""",
    }
    chains = tracer_of(files).start("web/Login.jsx:10")[1]
    assert str(chains[0].chain.endpoint) == "POST /api/session"
