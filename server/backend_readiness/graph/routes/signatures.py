"""Functions that answer all requests by what they are given: `def app(environ, start_response)`, `async def app(scope, receive, send)`.

Option `signatures` of a rule of shape `compared` lists the names of such parameters, the response last; `decorated`: decorators that make
a function one. A function that hands all it was given on to what is not in sight (a call of `passes`) only stands around an application:
of its branches those count that use the response themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Name, Param
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import ClassV, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

RECEIVERS = ("self", "cls")


def functions_by_signature(scan: Scan, card: Card, rule: RouteRule) -> Iterator[tuple[FuncV, RouteRule]]:
    """The functions with one of the signatures, each with the rule by which its branches are read."""
    language = card.id.partition("/")[0]
    wanted = [tuple(names) for names in rule.options.get("signatures", ())]
    files = {f for names in wanted for f in set[str].intersection(*(set(scan.graph.naming(n)) for n in names))}
    files |= {f for d in rule.options.get("decorated", ()) for f in scan.graph.naming(d.rpartition(".")[2])}
    for file in [f for f in sorted(files) if f in scan.graph.production and family(scan.graph.production[f].language) == language]:
        view = scan.graph.view(file)
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind not in ("function", "method"):
                continue
            given = _given(symbol.params)
            marks = tuple(rule.options.get("decorated", ()))
            if given in wanted or (marks and symbol.decorators and of_kind(decorators_of(scan.graph, SymbolId(file, number)), marks)):
                made = InstV(ClassV(SymbolId(file, symbol.parent))) if symbol.kind == "method" and symbol.parent > 0 else None
                around = _stands_around(scan, view, number, given, tuple(rule.options.get("passes", ())))
                told = rule.model_copy(update={"options": {**rule.options, "told": given[-1]}}) if around else rule
                yield FuncV(SymbolId(file, number), made), told


def _given(params: tuple[Param, ...]) -> tuple[str, ...]:
    names = tuple(p.name for p in params)
    return names[1:] if names[:1] and names[0] in RECEIVERS else names


def _stands_around(scan: Scan, view: FileView, function: int, given: tuple[str, ...], passes: tuple[str, ...]) -> bool:
    """Does it hand all that it was given on to an application that is not in sight?"""
    for owner in view.body(function):
        for call in (view.facts.calls[n] for n in view.calls_of.get(owner, ())):
            handed = [a.value.id for a in call.args if isinstance(a.value, Name)]
            if callee_name(call) in passes and len(handed) >= len(given) and set(handed[:1]) == set(given[:1]):
                known = options(scan.graph.ev.value(call.callee, view.path, call.owner))
                if not any(isinstance(o, FuncV) for o in known):
                    return True
    return False


def tells(view: FileView, rule: RouteRule, inside: list[Call]) -> bool:
    """Does one of the calls of a branch use the response, without handing the request on?"""
    passes, told = rule.options.get("passes", ()), str(rule.options["told"])
    using = [c for c in inside if isinstance(c.callee, Name) and c.callee.id == told]
    using += [c for c in inside if any(isinstance(a.value, Name) and a.value.id == told for a in c.args) and callee_name(c) not in passes]
    return any(not isinstance(c.callee, CallRef) or last_name(view.facts.calls[c.callee.call].callee) not in passes for c in using)
