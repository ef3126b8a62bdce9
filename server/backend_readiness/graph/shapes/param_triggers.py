"""Functions that a mark on a parameter makes routes: `Run([HttpTrigger(..., "get", Route = "orders/{id}")] HttpRequest request)`.

`callee` are the marks. Options: `named` are decorators of the function whose first argument is its name, which is its path where the mark
says none (`path` names that argument); `front` stands before all paths, and `setting` names the file in which `keys` lead to another one.
Methods are the texts among the arguments of the mark; without one every method is answered.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.path_branches import METHODS
from backend_readiness.graph.routes.routing import Registration, call_place
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ARGUMENT = 1_000


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "param_triggers":
                scan.routing.registrations.extend(_triggered(scan, card, rule))


def _triggered(scan: Scan, card: Card, rule: RouteRule) -> Iterator[Registration]:
    graph = scan.graph
    patterns = [compiled(p) for p in graph.knowledge.patterns(card, rule.callee)]
    names = {last_step(p).removeprefix("~") for p in graph.knowledge.patterns(card, rule.callee)}
    for path in sorted({f for n in names for f in graph.naming(n) if f in graph.production}):
        view = graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            for decorator in (d for p in symbol.params for d in p.decorators if isinstance(d, CallRef)):
                call = view.facts.calls[decorator.call]
                meant = options(graph.ev.value(call.callee, path, max(0, symbol.parent)))
                if any(isinstance(o, Ext) and p.fullmatch(o.path) for o in meant for p in patterns):
                    yield from _routes(scan, card, rule, SymbolId(path, number), Site(path, decorator.call, None))


def _routes(scan: Scan, card: Card, rule: RouteRule, where: SymbolId, mark: Site) -> Iterator[Registration]:
    ev, view = scan.graph.ev, scan.graph.view(where.file)
    call, symbol = view.facts.calls[mark.call], view.symbol(where.index)
    given = ev.arg_value(mark, MAX_ARGUMENT, rule.path.kwarg) if rule.path is not None else None
    said = [t for t in texts(ev, given) if t] if given is not None else []
    named = of_kind(decorators_of(scan.graph, where), tuple(rule.options["named"]))
    own = [t for m in named if m.site is not None and (v := ev.arg_value(m.site, 0)) is not None for t in texts(ev, v)]
    if not said and not own:
        return
    words = [t.upper() for a in call.args if a.name is None for t in texts(ev, ev.value(a.value, where.file, call.owner))]
    front = _front(scan, rule, where.file)
    handler = FuncV(where, InstV(ClassV(SymbolId(where.file, symbol.parent))) if symbol.parent > 0 and not symbol.is_static else None)
    for method in list(dict.fromkeys(w for w in words if w in METHODS)) or ["ANY"]:
        yield Registration(
            router=None, method=method, path=join(front, (said or own)[0], keep_root=False), place=call_place(scan.graph, mark),
            start=call.start, card=card, rule=rule, handler=handler,
        )  # fmt: skip


def _front(scan: Scan, rule: RouteRule, file: str) -> str:
    """What stands before the paths of the application that a file belongs to: the nearest file of settings above it says it."""
    name, folder = str(rule.options.get("setting", "")), posixpath.dirname(file)
    known = {f.path for f in scan.graph.snapshot.files if posixpath.basename(f.path) == name}
    while known:
        path = posixpath.join(folder, name)
        if path in known:
            try:
                value: object = json.loads(scan.graph.text(path))
            except ValueError:
                break
            for key in rule.options.get("keys", ()):
                value = value.get(key) if isinstance(value, dict) else None
            return f"/{value.strip('/')}" if isinstance(value, str) else str(rule.options.get("front", ""))
        if not folder:
            break
        folder = posixpath.dirname(folder)
    return str(rule.options.get("front", ""))
