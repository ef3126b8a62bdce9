"""How tests ask for an operation that has no path: by a generated client, by a caller of procedures, in the text of a GraphQL document."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.work.idle_lines import is_no_run, tells_a_double
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.shapes.annotation import snake
from backend_readiness.rules.signs import sign

_STUB = sign("operation_calls", "stub")
_STUB_MODULE = sign("operation_calls", "stub_module")
_FIELDS = {"MUTATION": "mutation", "QUERY": "query", "SUBSCRIPTION": "subscription"}
_ABOVE = 4  # lines between the head of a document and its field
_COMMENT = ("#", "//", "*", "/*")


def operation_calls(context: Context, bound: BoundRoute, tests: list[str]) -> list[tuple[str, int]]:
    """The first call of the operation in each test file."""
    method, path = bound.route.endpoint.method, bound.route.endpoint.path
    if method in _FIELDS:
        return _first_lines(context, tests, _FIELDS[method], _document(_FIELDS[method], path), _ABOVE)
    if method != "RPC":
        return []
    service, slash, name = path.rpartition("/")
    if slash:
        client = service.rpartition(".")[2]
        holds = rf"\b(?:New)?{re.escape(client)}{_STUB}|\b{re.escape(snake(client))}{_STUB_MODULE}"
        spelled = "|".join(re.escape(n) for n in dict.fromkeys((name, name[:1].lower() + name[1:], snake(name))))
        return _first_lines(context, tests, holds, re.compile(rf"\w\)?[.>](?:{spelled})(?:Async)?\("), 0)
    written = re.escape(path)
    by_name = rf"\.(?:query|mutation|mutate|call)\(\s*[\"'`]{written}[\"'`]"
    return _first_lines(context, tests, written, re.compile(rf"\w\)?\.{written}(?:\.(?:query|mutate))?\(|{by_name}"), 0)


def _document(kind: str, field: str) -> re.Pattern[str]:
    """A field directly below the head of a document: `mutation($input: NewOrder!) { addOrder(input: $input) {`."""
    head = rf"\b{kind}\b[^;{{]{{0,300}}" if kind != "query" else rf"(?:\b{kind}\b[^;{{]{{0,300}}|[\"'`]\s*)"
    return re.compile(rf"{head}\{{\s*(?:\w+\s*:\s*)?{re.escape(field)}\s*(?:[({{}}\s]|$)")


def _first_lines(context: Context, tests: list[str], holds: str, called: re.Pattern[str], above: int) -> list[tuple[str, int]]:
    found = []
    holding = re.compile(holds)
    for path in tests:
        if holding.search(context.snapshot.text(path)) is None:
            continue
        lines = context.snapshot.lines(path)
        for number, line in enumerate(lines, 1):
            near = "\n".join(t[:2_000] for t in lines[max(0, number - 1 - above) : number]) if above else line[:2_000]
            if (
                called.search(near) is not None
                and not line.lstrip().startswith(_COMMENT)
                and not tells_a_double(line)
                and not is_no_run(lines, number)
            ):
                found.append((path, number))
                break
    return found
