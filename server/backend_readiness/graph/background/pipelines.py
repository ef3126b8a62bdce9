"""What runs around everything that is sent over a bus: `AddOpenBehavior(typeof(Validation<,>))` of MediatR.

A class counts that is given to a call of `around` and has one of `around_base` above it, unless its head says that it is meant for some
messages only (`where TRequest : ICommand`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import ClassV, FuncV, InstV, Site, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.bus_rules import BusRule

MAX_AROUND = 8
MAX_ARGS = 3
MAX_CHARS = 20_000
_LIMIT = re.compile(r"\bwhere\s+\w+\s*:\s*([^{]*?)(?=\bwhere\b|\{|$)")
_OPEN = re.compile(r"notnull|class|new\(\)|(?:\w+\.)*I(?:Base)?Request(?:<\s*\w+\s*>)?")
_ASKS = re.compile(r"typeof\(\s*\w+\s*\)\s*\.\s*Name\s*\.\s*(?:Ends|Starts|Contains)|\brequest\s+is\s+\w|\bIsAssignable(?:From|To)\b")


def around(graph: Graph, rule: BusRule) -> list[FuncV]:
    """The methods that run around every message of a bus, in the order in which they are registered."""
    found: dict[object, FuncV] = {}
    for cls in _given(graph, rule):
        for name in rule.methods:
            method = members.own_member(graph.ev, InstV(cls), name)
            if isinstance(method, FuncV) and not _is_limited(graph, cls):
                found.setdefault(method.symbol, method)
    return list(found.values())[:MAX_AROUND]


def _given(graph: Graph, rule: BusRule) -> Iterator[ClassV]:
    bases = [compiled(b) for b in rule.around_base]
    for name in rule.around:
        for file in graph.naming(name):
            view = graph.view(file)
            for number in view.calls_by_name.get(name, ()) if file in graph.production else ():
                for position in range(len(view.facts.calls[number].args[:MAX_ARGS])):
                    value = graph.ev.arg_value(Site(file, number, None), position)
                    for cls in (o for o in options(value) if isinstance(o, ClassV)) if value is not None else ():
                        if any(b.fullmatch(e.path) for b in bases for e in inheritance.external_bases(graph.ev, cls)):
                            yield cls


def _is_limited(graph: Graph, cls: ClassV) -> bool:
    symbol = graph.view(cls.symbol.file).symbol(cls.symbol.index)
    text = graph.text(cls.symbol.file).encode()[symbol.start : symbol.end][:MAX_CHARS].decode(errors="replace")
    head = text.partition("{")[0]
    return _ASKS.search(text) is not None or any(
        not _OPEN.fullmatch(part.strip()) for found in _LIMIT.finditer(head) for part in found.group(1).split(",") if part.strip()
    )
