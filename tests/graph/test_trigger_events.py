"""Functions of deployment files whose nesting would break a parser that recurses."""

from __future__ import annotations

import pytest
from tests.rules.small_repository import tracer_of


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_a_deeply_nested_deployment_file_has_no_routes_and_breaks_nothing(opening: str, closing: str) -> None:
    events = opening * 30_000 + closing * 30_000
    document = f"functions:\n  a:\n    handler: x.run\n    events: {events}\n"
    tracer = tracer_of({"serverless.yml": document, "x.js": "exports.run = () => 1;\n"})
    assert tracer.routes == ()
