"""A start at a component: what it asks for itself comes before what the components on it do, and has the page as its user action."""

from __future__ import annotations

from tests.rules.small_repository import tracer_of

FILES = {
    "package.json": '{"dependencies": {"express": "4", "react": "18", "next": "14", "@tanstack/react-query": "5"}}',
    "server.js": """
const app = require("express")();
app.get("/api/orders", (req, res) => res.send("x"));
app.post("/api/votes", (req, res) => res.send("x"));
""",
    "pages/orders.jsx": """
import { useQuery } from "@tanstack/react-query";
import { Vote } from "../parts/Vote";
const Orders = () => {
  const { data } = useQuery({ queryKey: ["orders"], queryFn: () => fetch("/api/orders") });
  return <ul><Vote /></ul>;
};
export default Orders;
""",
    "parts/Vote.jsx": """
export function Vote() {
  const vote = () => fetch("/api/votes", { method: "POST" });
  return <button onClick={vote}>Vote</button>;
}
""",
}


def starts(place: str) -> list[tuple[str, str]]:
    chains = [traced.chain for traced in tracer_of(FILES).start(place)[1]]
    return [(str(c.endpoint), c.links[0].symbol) for c in chains]


def test_what_a_component_asks_for_itself_comes_first() -> None:
    assert starts("pages/orders.jsx:4")[0] == ("GET /api/orders", "page orders.jsx")


def test_the_beginning_of_a_page_is_a_start_at_what_it_loads() -> None:
    assert starts("pages/orders.jsx:1")[0] == ("GET /api/orders", "page orders.jsx")
    assert tracer_of(FILES).start("parts/Vote.jsx:1")[1] == []


def test_a_page_of_svelte_is_a_start_at_what_the_server_loads_for_it() -> None:
    files = {
        "package.json": '{"dependencies": {"@sveltejs/kit": "2", "svelte": "5"}}',
        "src/routes/orders/+page.svelte": "<script>let { data } = $props();</script>\n<h1>Orders</h1>",
        "src/routes/orders/+page.server.ts": "export const load = async () => ({ orders: [] });",
    }
    chains = tracer_of(files).start("src/routes/orders/+page.svelte:2")[1]
    assert [str(t.chain.endpoint) for t in chains] == ["GET /orders"]


def test_a_start_at_a_decorator_is_one_at_what_it_decorates() -> None:
    files = {
        **FILES,
        "src/orders.state.ts": """
import { Action } from "@ngxs/store";
export class OrdersState {
  @Action(Load)
  load() { return fetch("/api/orders"); }
  other() { return fetch("/api/votes", { method: "POST" }); }
}
""",
    }
    chains = tracer_of(files).start("src/orders.state.ts:4")[1]
    assert [str(t.chain.endpoint) for t in chains] == ["GET /api/orders"]
