"""Classes that a server runs before its handlers, for all paths or for some: filters and interceptors.

Options of the rule, whose name sorts behind those of the shapes that find routes: `cards`: whose routes they stand before; `methods`:
the method that runs, the first that the class has. A filter is a class with an external base of `bases` that is made: it has an
annotation of `marks`, or of `mapped`, whose texts are its paths, or is constructed somewhere. A function that registers it may name
its paths by a call of `registered`. An annotation of the repository on a filter binds it to the handlers that have the same.
`registry`: calls that add an interceptor, whose later steps `only` and `without` name paths. `settings`: as in shape `mapping`, what
stands before paths of routes and not of filters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import CallRef
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import arguments, decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import ApplicationSettings, module_of
from backend_readiness.graph.shapes.matchers import ant
from backend_readiness.graph.urls import texts, uniform
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_FILTERS = 60


@dataclass(frozen=True, slots=True)
class _Filter:
    """What runs, where it is put up, for which paths (none: all) and handlers (`bound`: with one of these annotations)."""

    guard: Guard
    module: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "url_filters":
                found = [*_filters(scan, card, rule), *_interceptors(scan, card, rule)][:MAX_FILTERS]
                if found:
                    _apply(scan, rule, found)


def _apply(scan: Scan, rule: RouteRule, found: list[_Filter]) -> None:
    settings = ApplicationSettings(scan.graph)
    for number, item in enumerate(scan.routing.registrations):
        if item.card.id in rule.options.get("cards", ()):
            before = [settings.value(tuple(n), item.place.file) for n in rule.options.get("settings", ())]
            prefix = "".join(f"/{v.strip('/')}" for v in before if v.strip("/"))
            path = ("/" + uniform(item.path).lstrip("/")).removeprefix(prefix) or "/"
            guards = tuple(f.guard for f in found if _covers(scan, settings, f, item, path))
            if guards:
                scan.routing.registrations[number] = replace(item, guards=(*guards, *item.guards))


def _covers(scan: Scan, settings: ApplicationSettings, one: _Filter, item: Registration, path: str) -> bool:
    if not settings.is_part_of(one.module, item.place.file):
        return False
    if one.bound and not set(one.bound) & _annotations(scan, item):
        return False
    if any(ant(p).fullmatch(path) for p in one.without):
        return False
    return not one.only or any(ant(p).fullmatch(path) for p in one.only)


def _annotations(scan: Scan, item: Registration) -> set[str]:
    """The names of the annotations of a handler and of its class."""
    found: set[str] = set()
    for function in functions_in(scan.graph, item.handler)[:1]:
        if isinstance(function, FuncV):
            view = scan.graph.view(function.symbol.file)
            symbol = view.symbol(function.symbol.index)
            written = (*symbol.decorators, *view.symbol(max(0, symbol.parent)).decorators)
            found.update(n for d in written if isinstance(d, CallRef) and (n := callee_name(view.facts.calls[d.call])))
    return found


# ---------------------------------------------------------------- filters


def _filters(scan: Scan, card: Card, rule: RouteRule) -> Iterator[_Filter]:
    given = rule.options
    bases = [compiled(p) for p in scan.graph.knowledge.patterns(card, rule.base)]
    names = {n.rpartition(".")[2] for n in scan.graph.knowledge.patterns(card, rule.base)}
    for path, index in scan.graph.production.items():
        if not any(base in names for _, base in index.bases):
            continue
        view = scan.graph.view(path)
        for number, symbol in enumerate(view.facts.symbols):
            cls = ClassV(SymbolId(path, number))
            if symbol.kind != "class" or not symbol.bases or not symbol.name:
                continue
            if not any(b.fullmatch(e.path) for e in inheritance.external_bases(scan.graph.ev, cls) for b in bases):
                continue
            own = decorators_of(scan.graph, cls.symbol)
            mapped = of_kind(own, tuple(given.get("mapped", ())))
            if not (mapped or of_kind(own, tuple(given.get("marks", ()))) or _is_made(scan, symbol.name)):
                continue
            value = _running(scan, cls, tuple(given.get("methods", ())))
            if value is not None:
                place = Place(file=path, line=symbol.line, end_line=symbol.line)
                only = [t for a in mapped for t in _paths(scan, a, tuple(given.get("keys", ())))]
                only.extend(_registered(scan, symbol.name, tuple(given.get("registered", ()))))
                guard = Guard(value=value, place=place, start=0)
                yield _Filter(guard, module_of(path), tuple(only), (), _bindings(scan, view, number))


def _running(scan: Scan, cls: ClassV, names: tuple[str, ...]) -> FuncV | None:
    for name in names:
        for option in options(members.own_member(scan.graph.ev, InstV(cls), name) or cls):
            if isinstance(option, FuncV):
                return option
    return None


def _is_made(scan: Scan, name: str) -> bool:
    """Does code construct one?"""
    for file in scan.graph.naming(name):
        view = scan.graph.view(file) if file in scan.graph.production else None
        for number in view.calls_by_name.get(name, ()) if view is not None else ():
            if view is not None and (view.facts.calls[number].kind == "new" or view.language == "kotlin"):
                return True
    return False


def _paths(scan: Scan, annotation: Ext, keys: tuple[str, ...]) -> list[str]:
    given = [scan.graph.ev.thunk(t) for t in arguments(scan.graph, annotation)]
    named = [scan.graph.ev.arg_value(annotation.site, 999, k) for k in keys] if annotation.site is not None else []
    return [_pattern(t) for v in (*given, *named) if v is not None for t in texts(scan.graph.ev, v)]


def _pattern(text: str) -> str:
    """`/api/*` of a servlet means all that is below, as `/api/**` does elsewhere."""
    return f"{text}*" if text.endswith("/*") else text


def _registered(scan: Scan, name: str, calls: tuple[str, ...]) -> Iterator[str]:
    """The paths that a function names which makes the filter or is given it."""
    for file in scan.graph.naming(name) if calls else ():
        view = scan.graph.view(file)
        for number in (n for c in calls for n in view.calls_by_name.get(c, ()) if file in scan.graph.production):
            call = view.facts.calls[number]
            symbol = view.symbol(call.owner)
            made = any(view.facts.calls[n].owner == call.owner for n in view.calls_by_name.get(name, ()))
            if made or any(last_name(p.type) == name for p in symbol.params if p.type is not None):
                for arg in call.args:
                    yield from map(_pattern, texts(scan.graph.ev, scan.graph.ev.value(arg.value, file, call.owner)))


def _bindings(scan: Scan, view: FileView, number: int) -> tuple[str, ...]:
    """The annotations of the repository that a filter has."""
    found: list[str] = []
    for decorator in view.symbol(number).decorators:
        if isinstance(decorator, CallRef):
            call = view.facts.calls[decorator.call]
            known = options(scan.graph.ev.value(decorator, view.path, call.owner))
            found.extend([callee_name(call) or ""] if any(isinstance(v, InstV) for v in known) else [])
    return tuple(found)


# ---------------------------------------------------------------- interceptors


def _interceptors(scan: Scan, card: Card, rule: RouteRule) -> Iterator[_Filter]:
    given = rule.options
    wanted = [compiled(p) for p in scan.graph.knowledge.patterns(card, tuple(given.get("registry", ())))]
    for name in {p.rpartition(".")[2] for p in given.get("registry", ())}:
        for file in scan.graph.naming(name):
            view = scan.graph.view(file) if file in scan.graph.production else None
            for number in view.calls_by_name.get(name, ()) if view is not None else ():
                call = scan.graph.view(file).facts.calls[number]
                callee = options(scan.graph.ev.value(call.callee, file, call.owner))
                if view is None or not call.args or not any(isinstance(c, Ext) and w.fullmatch(c.path) for c in callee for w in wanted):
                    continue
                value = _interceptor(scan, scan.graph.ev.value(call.args[0].value, file, call.owner), tuple(given.get("methods", ())))
                steps = list(steps_after(view, number))
                only, without = (_named(scan, view, steps, tuple(given.get(k, ()))) for k in ("only", "without"))
                if value is not None:
                    guard = Guard(value=value, place=Place(file=file, line=call.line, end_line=call.end_line), start=0)
                    yield _Filter(guard, module_of(file), only, without)


def _interceptor(scan: Scan, value: AV, names: tuple[str, ...]) -> AV | None:
    for option in options(value):
        cls = option.cls if isinstance(option, InstV) else option
        if isinstance(cls, ClassV):
            return _running(scan, cls, names) or cls
        if isinstance(option, Ext) and option.known:
            return option
    return None


def _named(scan: Scan, view: FileView, steps: list[tuple[str, int]], names: tuple[str, ...]) -> tuple[str, ...]:
    calls = [view.facts.calls[n] for name, n in steps if name in names]
    return tuple(t for c in calls for a in c.args for t in texts(scan.graph.ev, scan.graph.ev.value(a.value, view.path, c.owner)))
