"""Functions that answer requests by what their types say, or by the member they are put on, see `graph.shapes.compared`."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Func, Member
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.rules.card_rules import RouteRule


def typed(scan: Scan, rule: RouteRule) -> Iterator[SymbolId]:
    """The functions that take a request as a parameter of a named type, or get one by a call."""
    for name in rule.options.get("typed", ()):
        for file in scan.graph.naming(name):
            view = scan.graph.view(file)
            for number, symbol in enumerate(view.facts.symbols if file in scan.graph.production else ()):
                if symbol.kind in ("function", "method") and any(last_name(p.type) == name for p in symbol.params if p.type is not None):
                    yield SymbolId(file, number)
    for name in rule.options.get("gives", ()):
        for file in scan.graph.naming(name):
            view = scan.graph.view(file)
            for number in view.calls_by_name.get(name, ()) if file in scan.graph.production else ():
                yield SymbolId(file, view.facts.calls[number].owner)


def returned(scan: Scan, rule: RouteRule) -> Iterator[SymbolId]:
    """The functions that are given back by one which says so: `RouterFunction<ServerResponse> routes() { return request -> ...; }`."""
    for name in rule.options.get("returned", ()):
        for file in scan.graph.naming(name):
            view = scan.graph.view(file)
            for given in view.facts.returns if file in scan.graph.production else ():
                said = view.symbol(given.owner).returns
                if isinstance(given.value, Func) and said is not None and last_name(said) == name:
                    yield SymbolId(file, given.value.symbol)


def assigned(scan: Scan, rule: RouteRule) -> Iterator[SymbolId]:
    """The functions that are put on a member of one of the names: `$worker->onMessage = function ($connection, $request) {...}`."""
    for name in rule.options.get("assigned", ()):
        for file in scan.graph.naming(name):
            view = scan.graph.view(file)
            for assign in view.facts.assigns if file in scan.graph.production else ():
                if isinstance(assign.target, Member) and assign.target.name == name and assign.value is not None:
                    given = functions_in(scan.graph, scan.graph.ev.value(assign.value, file, assign.owner))
                    yield from (f.symbol for f in given if isinstance(f, FuncV))
