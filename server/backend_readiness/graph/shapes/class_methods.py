"""Classes with a path whose methods are named for HTTP methods: `@WebServlet("/orders") class Orders { doGet(...) doPost(...) }`.

`callee` are the annotations that give the path (options: `keys` as in shape `mapping`); `methods` maps HTTP methods to names of methods,
`also` keywords with another path of the class to such a map for it.
With `handler` it is a call that is given the class, or an instance, and its paths: `context.addServlet(Orders.class, "/orders")`; what is
made around one (`new ServletHolder(new Orders())`) stands for it. `silent` are bases that answer nothing themselves: a class without
such methods below another base from outside, whose name ends with one of `called`, answers all methods.
The files of `glob` may give paths too, by the class that they name: servlets (`web.xml`), with option `handlers` what a `web.config` adds.
With `based` the call is the base of the class: `class Orders < R "/orders"`; `regex`: its paths are regular expressions.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.classes.inheritance import external_bases
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.descriptors import deployed, handlers
from backend_readiness.graph.routes.marked_paths import as_written
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

MAX_AROUND = 3


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("class_methods", ()):
        if hit.rule.handler is not None:
            for where in _given(scan, scan.value(hit, hit.rule.handler)):
                for path in scan.texts(hit, hit.rule.path):
                    _register(scan, hit.card, hit.rule, where, path, scan.place(hit))
            continue
        symbol = _below(scan, hit) if hit.rule.options.get("based") else scan.decorated.get((hit.site.file, hit.site.call))
        if symbol is not None and scan.graph.view(hit.site.file).symbol(symbol).kind == "class":
            for path in as_written(hit.rule.options, _paths(scan, hit)):  # an empty one is the root
                _register(scan, hit.card, hit.rule, SymbolId(hit.site.file, symbol), path or "/", scan.place(hit))
            for key, methods in hit.rule.options.get("also", {}).items():
                for path in scan.texts(hit, Ref(kwarg=str(key))):
                    other = hit.rule.model_copy(update={"options": {**hit.rule.options, "methods": methods}})
                    _register(scan, hit.card, other, SymbolId(hit.site.file, symbol), path, scan.place(hit))
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "class_methods" and rule.glob:
                for where, path, place, verbs in _declared(scan, rule):
                    _register(scan, card, rule, where, path, place, verbs)


def _below(scan: Scan, hit: Hit) -> int | None:
    """The class whose base the call gives."""
    symbols = scan.graph.view(hit.site.file).facts.symbols
    return next((i for i, s in enumerate(symbols) if CallRef(hit.site.call) in s.bases), None)


def _given(scan: Scan, value: AV | None, depth: int = 0) -> Iterator[SymbolId]:
    """The classes of the repository that a value is, is one of, or was made with."""
    for option in options(value) if value is not None else ():
        if isinstance(option, ClassV | InstV):
            yield option.symbol if isinstance(option, ClassV) else option.cls.symbol
        elif isinstance(option, Ext) and option.path.endswith(".class") and option.base is not None:
            yield from _given(scan, option.base, depth + 1)
        elif isinstance(option, Ext) and option.site is not None and depth < MAX_AROUND:
            call = scan.graph.view(option.site.file).facts.calls[option.site.call]
            for arg in call.args if call.kind == "new" else ():
                yield from _given(scan, scan.graph.ev.value(arg.value, option.site.file, call.owner, option.site.env), depth + 1)


def _paths(scan: Scan, hit: Hit) -> list[str]:
    keys = hit.rule.options.get("keys", ())
    return [
        t
        for arg in hit.call.args
        if arg.name is None or arg.name in keys
        for t in texts(scan.graph.ev, scan.graph.ev.value(arg.value, hit.site.file, hit.call.owner))
    ]


def _declared(scan: Scan, rule: RouteRule) -> Iterator[tuple[SymbolId, str, Place, tuple[str, ...]]]:
    for file in scan.graph.snapshot.files:
        if not any(fnmatch(file.path, g) for g in rule.glob):
            continue
        for item in (handlers if rule.options.get("handlers") else deployed)(scan.graph.text(file.path)):
            package, _, name = item.cls.rpartition(".") if item.kind == "servlet" else ("", "", "")
            for where in scan.graph.defining(name) if name else ():
                if scan.graph.facts.files[where.file].package == package:
                    for pattern in item.patterns:
                        yield where, pattern, Place(file=file.path, line=item.line, end_line=item.line), item.verbs


def _register(
    scan: Scan, card: Card, rule: RouteRule, where: SymbolId, path: str, place: Place, verbs: tuple[str, ...] = ()
) -> None:  # fmt: skip
    if not path.startswith("/"):
        return  # `*.do`: an extension and no path
    made = InstV(ClassV(where))
    found_any = False
    for method, names in rule.options.get("methods", {}).items():
        found = (f for n in names for f in options(members.own_member(scan.graph.ev, made, n) or made))
        handler = next((f for f in found if isinstance(f, FuncV)), None)
        found_any = found_any or handler is not None
        for verb in (verbs or (method,)) if handler is not None else ():
            _add(scan, card, rule, verb, path, place, handler)
    if not found_any and _answers_itself(scan, rule, made):
        _add(scan, card, rule, "ANY", path, place, None)


def _answers_itself(scan: Scan, rule: RouteRule, made: InstV) -> bool:
    """Is a class made from one of a package that has the methods: `class Graph extends SimpleGraphQLServlet`?"""
    silent = rule.options.get("silent", ())
    bases = [b.path for b in external_bases(scan.graph.ev, made.cls)] if silent else []
    return any(b not in silent and b.endswith(tuple(rule.options["called"])) for b in bases)


def _add(scan: Scan, card: Card, rule: RouteRule, method: str, path: str, place: Place, handler: FuncV | None) -> None:
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=path, place=place, start=place.line, card=card, rule=rule,
            handler=handler,
        )
    )  # fmt: skip
