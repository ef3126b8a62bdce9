from __future__ import annotations

from dataclasses import replace

from tests.render.hostile import ATTACKS
from tests.report.folder_source import CHAIN

from backend_readiness.model import Endpoint, Named, Place, Route
from backend_readiness.render.trace import render_routes, render_trace

ROUTE = Route(
    endpoint=Endpoint(method="POST", path="/api/login"),
    place=Place(file="app/sessions.py", line=14, end_line=14),
    framework="fastapi",
    handler=Named(symbol="login", file="app/sessions.py", line=15, end_line=20),
    middleware=(Named(symbol="limit", file="app/main.py", line=3, end_line=3),),
)


def test_a_chain_is_a_tree_from_the_user_to_the_data() -> None:
    lines = render_trace([CHAIN]).split("\n")
    assert lines[0] == "POST /api/login (incomplete)"
    assert [line.lstrip("│├└─ ").split("  ")[0] for line in lines[1:8]] == [
        "User action <form onSubmit>",
        "API call fetch → call POST /api/login",
        "Route POST /login",
        "Handler login",
        "Data db.query → read users",
        "Service issue",
        "gap at External service: no token service is called",
    ]
    assert "stubbed: returns the id as a token" in lines[6]


def test_every_link_has_its_place() -> None:
    text = render_trace([CHAIN])
    assert all(f"{link.file}:{link.line}" in text for link in CHAIN.links)


def test_no_chain_is_said() -> None:
    assert render_trace([]) == "No chain was found.\n"


def test_parents_in_a_circle_do_not_hang_and_lose_no_link() -> None:
    links = tuple(replace(link, parent=(n + 1) % 6) for n, link in enumerate(CHAIN.links))
    text = render_trace([replace(CHAIN, links=links)])
    assert all(link.symbol in text for link in CHAIN.links)


def test_a_chain_of_ten_thousand_links_is_cut_and_says_so() -> None:
    links = tuple(replace(CHAIN.links[0], parent=n - 1 if n else None) for n in range(10_000))
    assert "9600 more links" in render_trace([replace(CHAIN, links=links)], width=120)


def test_routes_stand_in_a_table_with_handler_place_and_middleware() -> None:
    text = render_routes([ROUTE, replace(ROUTE, handler=None)], width=120)
    for part in ("POST", "/api/login", "login", "app/sessions.py:14", "limit", "unresolved", "2 routes"):
        assert part in text


def test_no_route_is_said() -> None:
    assert render_routes([]) == "No route was found.\n"


def test_hostile_names_are_shown_and_not_obeyed() -> None:
    links = tuple(replace(CHAIN.links[0], symbol=attack, target=attack, why=attack) for attack in ATTACKS)
    routes = [replace(ROUTE, endpoint=Endpoint(method="GET", path=attack)) for attack in ATTACKS]
    for text in (render_trace([replace(CHAIN, links=links)], width=500), render_routes(routes, width=500)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[bold red]" in text
