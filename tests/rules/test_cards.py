"""Every example of every framework and library card holds, and nothing is found that the example does not name."""

from __future__ import annotations

from typing import Any

import pytest

from backend_readiness.graph.handling.request_inputs import RequestInputs
from backend_readiness.graph.routes.routing import function_named
from backend_readiness.graph.trace import Tracer
from backend_readiness.model import Link, Stage
from backend_readiness.rules.cards import Example, load_cards
from tests.rules.small_repository import tracer_of

CASES = [pytest.param(e, id=f"{c.id}: {e.name}") for c in load_cards().values() for e in c.examples]


@pytest.mark.parametrize("example", CASES)
def test_the_example_of_the_card_holds(example: Example) -> None:
    tracer = tracer_of(example.files)
    for expected in example.expect:
        check(tracer, expected)
    named = {e["route"] for e in example.expect if "route" in e}
    if named:
        assert {str(b.route.endpoint) for b in tracer.routes} == named


# What an expectation may say besides what it is about: a key of another name would ask for nothing.
SAID = {
    "route": {"handler", "at", "middleware", "params"},
    "job": {"when", "at"},
    "call": {"at", "matches", "sender", "unmatched"},
    "trace": set(Stage),
}


def check(tracer: Tracer, expected: dict[str, Any]) -> None:
    """One expectation: a route, an API call, the data of a route, its user action, or that there is none of it."""
    about = next(iter(expected))
    assert set(expected) - {about} <= SAID.get(about, set()), "a key that is not asked about"
    match expected:
        case {"route": endpoint}:
            found = [b for b in tracer.routes if str(b.route.endpoint) == endpoint]
            assert found, f"no {endpoint} among {[str(b.route.endpoint) for b in tracer.routes]}"
            route = found[0].route
            if "handler" in expected:
                assert route.handler is not None, "handler not resolved"
                assert route.handler.symbol == expected["handler"]
            if "at" in expected:
                assert expected["at"] in {str(b.route.place) for b in found}
            if "middleware" in expected:
                assert [m.symbol for m in route.middleware] == expected["middleware"]
            if "params" in expected:
                taken = RequestInputs(tracer.graph).route(found[0]).params
                assert [f"{p.where} {p.name}" for p in taken] == expected["params"]
        case {"job": function}:
            jobs = [j for j in tracer.scheduled if function_named(tracer.graph, j.function).symbol == function]
            assert jobs, f"no job {function} among {[function_named(tracer.graph, j.function).symbol for j in tracer.scheduled]}"
            assert expected.get("when", jobs[0].symbol) == jobs[0].symbol
            if "at" in expected:
                assert expected["at"] in {str(j.place) for j in jobs}
        case {"jobs": functions}:
            assert sorted(function_named(tracer.graph, j.function).symbol for j in tracer.scheduled) == sorted(functions)
        case {"routes": endpoints}:
            assert sorted({str(b.route.endpoint) for b in tracer.routes}) == sorted(endpoints)
        case {"no_routes": True}:
            assert [str(b.route.endpoint) for b in tracer.routes] == []
        case {"call": symbol}:
            found_calls = [c for c in tracer.calls if c.symbol == symbol]
            assert found_calls, f"no call {symbol} among {[c.symbol for c in tracer.calls]}"
            if "at" in expected:
                assert expected["at"] in {str(c.place) for c in found_calls}
            if "matches" in expected:
                assert expected["matches"] in {str(m.route.route.endpoint) for m in tracer.linking.matches if m.call.symbol == symbol}
            if "sender" in expected:
                assert {tracer.senders.is_interface(c.place.file) for c in found_calls} == {expected["sender"] == "interface"}
            if "unmatched" in expected:
                assert expected["unmatched"] in {u.reason for u in tracer.linking.unmatched if u.call.symbol == symbol}
        case {"no_calls": True}:
            assert [c.symbol for c in tracer.calls] == []
        case {"calls": symbols}:
            assert sorted(c.symbol for c in tracer.calls) == sorted(symbols)
        case {"trace": start}:
            _, chains = tracer.start(start)
            assert chains, f"no chain from {start}"
            links = chains[0].chain.links
            for stage, wanted in expected.items():
                if stage != "trace":
                    assert [described(link) for link in links if link.stage == stage] == wanted, stage
        case _:
            raise AssertionError(f"an expectation of no known form: {expected}")


def described(link: Link) -> str:
    """`symbol @ file:line`, for data `operation target @ file:line`."""
    if link.operation is not None:
        return f"{link.operation} {link.target or '?'} @ {link.file}:{link.line}"
    return f"{link.symbol} @ {link.file}:{link.line}"


def test_only_the_cards_of_the_languages_at_hand_are_parsed() -> None:
    chosen = load_cards(frozenset({"kotlin"}))
    everything = load_cards()
    assert set(chosen) == {i for i, c in everything.items() if i.startswith("kotlin/") or "kotlin" in c.languages}
    assert set(load_cards(frozenset({"cobol"}))) == set()
