"""Flows: their names, what belongs together, and what a name or words mean."""

from __future__ import annotations

import pytest
from tests.conftest import MakeRepo

from backend_readiness.errors import UnknownFlow, UnknownStart
from backend_readiness.graph.flow_names import kebab
from backend_readiness.model import Flow
from backend_readiness.workspace import Workspace


def api(*routes: str) -> dict[str, str]:
    """An application with these endpoints (`POST /orders`)."""
    lines = ["from fastapi import FastAPI", "", "app = FastAPI()"]
    for number, route in enumerate(routes):
        method, _, path = route.partition(" ")
        lines += ["", "", f"@app.{method.lower()}({path!r})", f"def handler_{number}():", "    return 1"]
    return {"main.py": "\n".join(lines) + "\n"}


def names(found: Workspace) -> dict[str, tuple[str, ...]]:
    return {flow.name: tuple(str(e) for e in flow.endpoints) for flow in found.flows()}


@pytest.mark.parametrize(
    "endpoint,name",
    [
        ("POST /api/v1/login", "login"),
        ("POST /login/access-token", "login"),
        ("POST /orders", "create-order"),
        ("GET /orders", "list-orders"),
        ("GET /orders/{id}", "view-order"),
        ("PUT /orders/{id}", "update-order"),
        ("PATCH /api/categories/{id}", "update-category"),
        ("DELETE /orders/{id}", "delete-order"),
        ("POST /orders/{id}/cancel", "cancel-order"),
        ("POST /posts/{id}/comments", "create-comment"),
        ("POST /checkout", "checkout"),
        ("POST /reset-password", "reset-password"),
        ("POST /password-recovery/{email}", "password-recovery"),
        ("GET /health", "health"),
        ("GET /", "view-home"),
    ],
)
def test_an_endpoint_is_named_by_what_it_does(make_repo: MakeRepo, endpoint: str, name: str) -> None:
    assert names(Workspace(make_repo(api(endpoint), git=False))) == {name: (endpoint,)}


def test_a_handler_that_says_what_is_done_names_its_flow(make_repo: MakeRepo) -> None:
    files = {"main.py": api("POST /sessions")["main.py"].replace("handler_0", "sign_in")}
    assert names(Workspace(make_repo(files, git=False))) == {"sign-in": ("POST /sessions",)}


def test_every_flow_has_a_name_of_its_own(make_repo: MakeRepo) -> None:
    routes = [f"POST {prefix}/users" for prefix in ("", "/a", "/b", "/c/{x}", "/c/{x}/d")] + ["POST /api/users"]
    found = names(Workspace(make_repo(api(*routes), git=False)))
    assert len(found) == len(routes)
    assert found["create-user"] == ("POST /users",)


@pytest.mark.parametrize(
    "text,name", [("Sign in", "sign-in"), ("createItem", "create-item"), ("HTTPServer_2", "http-server-2"), ("  ", ""), ("ü!", "")]
)
def test_texts_become_names(text: str, name: str) -> None:
    assert kebab(text) == name


CHECKOUT = {
    **api("POST /orders", "POST /payments", "GET /orders"),
    "web/package.json": '{"dependencies": {"react": "18", "react-router-dom": "6"}}',
    "web/src/Checkout.tsx": (
        "async function buy() {\n"
        '  await fetch("/orders", { method: "POST" });\n'
        '  await fetch("/payments", { method: "POST" });\n'
        "}\n\n"
        "export function Checkout() {\n"
        "  return <button onClick={() => buy()}>Pay now</button>;\n"
        "}\n"
    ),
    "web/src/App.tsx": (
        'import { Route, Routes } from "react-router-dom";\n'
        'import { Checkout } from "./Checkout";\n\n'
        "export function App() {\n"
        '  return <Routes><Route path="/checkout" element={<Checkout />} /></Routes>;\n'
        "}\n"
    ),
}


def test_the_text_of_a_field_names_no_flow(make_repo: MakeRepo) -> None:
    page = CHECKOUT["web/src/Checkout.tsx"].replace(
        "<button onClick={() => buy()}>Pay now</button>",
        "<form onSubmit={() => buy()}><input type='radio' />Personal <input type='radio' />Professional<input type='submit' /></form>",
    )
    first = Workspace(make_repo({**CHECKOUT, "web/src/Checkout.tsx": page}, git=False)).flows()[0]
    assert [str(e) for e in first.endpoints] == ["POST /orders", "POST /payments"]
    assert first.name == "create-order"


def test_what_one_action_leads_to_is_one_flow(make_repo: MakeRepo) -> None:
    flows = Workspace(make_repo(CHECKOUT, git=False)).flows()
    first = flows[0]
    assert [str(e) for e in first.endpoints] == ["POST /orders", "POST /payments"]
    assert first.name == "pay-now"
    assert str(first.place) == "web/src/Checkout.tsx:7"
    assert first.entry_url == "/checkout"
    assert [f.name for f in flows[1:]] == ["list-orders"]


# ---------------------------------------------------------------- what a name means


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("shop")
    routes = ["POST /api/login", "POST /api/orders", "GET /api/orders", "DELETE /api/orders/{id}", "POST /api/users", "GET /admin/users"]
    (root / "main.py").write_text(api(*routes)["main.py"])
    return Workspace(root)


def endpoints(flow: Flow) -> list[str]:
    return [str(e) for e in flow.endpoints]


@pytest.mark.parametrize(
    "name,meant",
    [
        ("login", ["POST /api/login"]),
        ("Create Order", ["POST /api/orders"]),
        ("user signs in", ["POST /api/login"]),
        ("signing in", ["POST /api/login"]),
        ("remove an order", ["DELETE /api/orders/{id}"]),
        ("POST /api/orders", ["POST /api/orders"]),
    ],
)
def test_a_flow_is_meant_by_its_name_and_by_words(found: Workspace, name: str, meant: list[str]) -> None:
    assert endpoints(found.resolve_flow(name)) == meant


def test_named_endpoints_make_the_flow_whatever_its_name(found: Workspace) -> None:
    flow = found.resolve_flow("anything", ["POST /login", "DELETE /api/orders/:orderId/", "GET /admin/users (for the list)"])
    assert flow.name == "anything"
    assert endpoints(flow) == ["POST /api/login", "DELETE /api/orders/{id}", "GET /admin/users"]


@pytest.mark.parametrize("endpoint", ["GET /users/list", "PUT /api/login", "POST /", "nonsense"])
def test_an_endpoint_that_is_not_there_is_refused(found: Workspace, endpoint: str) -> None:
    with pytest.raises(UnknownStart, match="no endpoint"):
        found.resolve_flow("x", [endpoint])


def test_case_does_not_count_where_the_server_takes_any(make_repo: MakeRepo) -> None:
    program = 'var app = WebApplication.CreateBuilder(args).Build();\napp.MapPost("/Users/authenticate", () => "x");\napp.Run();\n'
    project = '<Project Sdk="Microsoft.NET.Sdk.Web" />\n'
    shop = Workspace(make_repo({"Program.cs": program, "Shop.csproj": project}, git=False))
    assert endpoints(shop.resolve_flow("x", ["POST /users/Authenticate"])) == ["POST /Users/authenticate"]


def test_an_ending_that_several_endpoints_share_is_refused(make_repo: MakeRepo) -> None:
    both = Workspace(make_repo(api("GET /a/users", "GET /b/users"), git=False))
    with pytest.raises(UnknownStart, match="GET /a/users"):
        both.resolve_flow("x", ["GET /users"])


@pytest.mark.parametrize("name", ["zzz", "user pays for the basket", "upload a picture of the user"])
def test_an_unknown_flow_names_three_others(found: Workspace, name: str) -> None:
    with pytest.raises(UnknownFlow, match="the nearest") as refused:
        found.resolve_flow(name)
    assert str(refused.value).count(",") == 2
