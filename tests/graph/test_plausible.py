"""What the index of a file leaves out, no call of the file would have passed."""

from __future__ import annotations

from itertools import product

import pytest

from backend_readiness.facts.languages.javascript import extract
from backend_readiness.facts.model import Name
from backend_readiness.graph.plausible import may_be_clients, may_register, may_register_in, may_request, may_request_in
from backend_readiness.graph.views import FileView, callee_name

HEADS = (
    'import api from "some-client"\n',
    'import { create } from "some-client"\nconst api = create()\n',
    'import { create } from "./own"\nconst [first, api] = create()\n',
    'import { useState } from "react"\nconst [value, api] = useState()\n',
    'import { useState } from "react"\nconst [value, api] = useState()\nconst b = () => { const api = make() }\n',
    "const api = (x) => x\n",
    "",
)
CALLEES = ("api", "api.get", "headers.get", "this.http.get", "create().get", "new api", "other")
ARGUMENTS = ("", '"/x"', '"x"', '""', "`/x/${id}`", "{ url: id }", "{ a: 1 }", "() => 1", "[1]", "1", "id", '"x", handler', "...all")
SOURCES = [f"{head}{callee}({arguments})\n" for head, callee, arguments in product(HEADS, CALLEES, ARGUMENTS)] + [
    "function send(api, url) { return api(url) }\n",
    "function send(api) { return () => api(`/x`) }\n",
    "@get('x') class A {}\n",
    "api.get`/x`\n",
]


def is_external(module: str) -> bool:
    return not module.startswith(".")


@pytest.mark.parametrize("wanted", [frozenset({"get"}), frozenset({"api", "get"}), frozenset[str]()])
def test_a_file_with_a_plausible_request_is_not_left_out(wanted: frozenset[str]) -> None:
    left_out = 0
    for source in SOURCES:
        builder = extract(source.encode(), "file.ts")
        view, index = FileView("file.ts", builder.facts()), builder.index()
        bound = may_be_clients(view, is_external)
        plausible = [
            call
            for call in view.facts.calls
            if call.kind != "decorator"
            and (callee_name(call) in wanted or (isinstance(call.callee, Name) and call.callee.id in bound))
            and may_request(call, view, bare=callee_name(call) not in wanted)
        ]
        given = any(
            isinstance(call.callee, Name)
            and any(p.name == call.callee.id for i in view.enclosing(call.owner) for p in view.symbol(i).params)
            for call in view.facts.calls
        )
        kept = may_request_in(index, wanted, bare=True, is_external=is_external)
        assert kept or not (plausible or given), source
        left_out += not kept
    assert left_out > len(SOURCES) // 4


def test_a_file_with_a_plausible_registration_is_not_left_out() -> None:
    wanted = {"get", "api", "other"}
    left_out = 0
    for source in SOURCES:
        builder = extract(source.encode(), "file.ts")
        kept = may_register_in(builder.index(), wanted)
        assert kept == any(callee_name(call) in wanted and may_register(call) for call in builder.facts().calls), source
        left_out += not kept
    assert left_out


def test_the_set_function_of_a_state_is_no_request() -> None:
    builder = extract(b'import { useState } from "react"\nconst [value, setValue] = useState()\nsetValue(id)\n', "file.ts")
    assert not may_request_in(builder.index(), frozenset(), bare=True, is_external=is_external)
    assert may_request_in(builder.index(), frozenset(), bare=True, is_external=lambda module: False)
