"""Rules of access that stand in one place and name paths: `http.authorizeHttpRequests(a -> a.requestMatchers("/x").permitAll()
.anyRequest().authenticated())`.

They stand in functions with a parameter of one of the types in `base`. Where such a function demands a login for all other requests (a
step of `rest`, followed by one of `closed`), a guard stands before every route of `cards` whose path no matcher before it opens; one
that a matcher opens by its very path is kept as meant to be public.
Other options: `matchers`: names of the steps that name paths, with the HTTP method before them; `open`: names of the calls that open what
is named; `settings`: as in shape `mapping`, settings whose values stand before the paths of routes and not before those of matchers;
`named`: what the guard is called; `within`: names of the steps whose paths are the only ones that all rules of the function are for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.later_steps import steps_after
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import ApplicationSettings, module_of
from backend_readiness.graph.urls import texts, uniform
from backend_readiness.graph.values import AV, Ext, ListV, Site, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class _Named:
    """Paths that a matcher names, and whether they are open. The first that fits a request decides."""

    method: str
    pattern: re.Pattern[str]
    is_open: bool
    step: int  # the call that says what is asked of the requests; -1 where nothing names them
    is_literal: bool = False  # it names one path


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "matchers":
                for view, function in _configuring(scan, card, rule):
                    _guard(scan, rule, view, function)


def _configuring(scan: Scan, card: Card, rule: RouteRule) -> Iterator[tuple[FileView, int]]:
    """The functions that are given what the rules are put on."""
    wanted = scan.graph.knowledge.patterns(card, rule.base)
    for name in {last_step(w) for w in wanted}:
        for path in scan.graph.naming(name):
            view = scan.graph.view(path)
            for index, symbol in enumerate(view.facts.symbols) if path in scan.graph.production else ():
                for param in symbol.params if symbol.kind in ("method", "function") else ():
                    typed = scan.graph.ev.instance_of(param.type, path, max(0, symbol.parent)) if param.type is not None else None
                    if isinstance(typed, Ext) and any(compiled(w).fullmatch(typed.path) for w in wanted):
                        yield view, index


def _guard(scan: Scan, rule: RouteRule, view: FileView, function: int) -> None:
    given = rule.options
    inside = set(view.body(function))
    numbers = [n for n, c in enumerate(view.facts.calls) if c.owner in inside]
    steps = {n: next(iter(steps_after(view, n)), ("", n)) for n in numbers}
    closed = [n for n in numbers if steps[n][0] in given.get("closed", ())]
    rest = [steps[n] for n in closed if callee_name(view.facts.calls[n]) in given.get("rest", ())]
    closing = rest or [steps[n] for n in closed if callee_name(view.facts.calls[n]) in given.get("matchers", ())]
    if not closing:
        return
    named = _matchers(scan, rule, view, numbers)
    if not rest:
        named.append(_Named("", re.compile(".*", re.DOTALL), True, -1))  # what nothing names is open
    limits = _limits(scan, rule, view, numbers)
    settings = ApplicationSettings(scan.graph)
    module = module_of(view.path)
    for number, item in enumerate(scan.routing.registrations):
        mine = item.card.id in given.get("cards", ()) and settings.is_part_of(module, item.place.file)
        if not mine or (limits and _fitting(item, limits, settings, rule) is None):
            continue
        first = _fitting(item, named, settings, rule)
        if first is None or not first.is_open:
            step = first.step if first is not None and steps[first.step][0] in given.get("closed", ()) else -1
            asked = steps[step][1] if step >= 0 else closing[0][1]
            scan.routing.registrations[number] = replace(item, guards=(_asking(view, asked, rule), *item.guards))
        elif first.is_literal:
            line = view.facts.calls[first.step].end_line
            scan.routing.registrations[number] = replace(item, opened=Place(file=view.path, line=line, end_line=line))


def _limits(scan: Scan, rule: RouteRule, view: FileView, numbers: list[int]) -> list[_Named]:
    """The paths that the rules of the function are for: `http.securityMatcher("/partners/**")`; none where they are for all.

    Where such a step names nothing that can be read, the rules are taken to be for no path.
    """
    found: list[_Named] = []
    for number in numbers:
        call = view.facts.calls[number]
        if callee_name(call) not in rule.options.get("within", ()) or not isinstance(call.callee, Member):
            continue
        given = {p.name for s in view.enclosing(call.owner) for p in view.symbol(s).params}
        base = call.callee.base
        if not isinstance(base, CallRef) and not (isinstance(base, Name) and base.id in given):
            continue  # `requestMatchers(AntPathRequestMatcher.antMatcher("/x"))` limits one step
        method, paths = _texts(scan, view, number)
        found.extend(_Named(method, ant(text), False, number) for text in paths if text.startswith("/"))
        if not any(text.startswith("/") for text in paths):
            found.append(_Named("", re.compile(r"(?!)"), False, number))
    return found


def _asking(view: FileView, step: int, rule: RouteRule) -> Guard:
    """The guard that one step of the rules is; it stands where the step ends, as the rules are one chain of calls."""
    line = view.facts.calls[step].end_line
    value = Ext(str(rule.options.get("named", "")), None, Site(view.path, step, None))
    return Guard(value=value, place=Place(file=view.path, line=line, end_line=line), start=0)


def _fitting(item: Registration, named: list[_Named], settings: ApplicationSettings, rule: RouteRule) -> _Named | None:
    """The first matcher that fits the requests of a route."""
    before = [settings.value(tuple(n), item.place.file) for n in rule.options.get("settings", ())]
    prefix = "".join(f"/{v.strip('/')}" for v in before if v.strip("/"))
    path = "/" + uniform(item.path).lstrip("/")
    inner = (path.removeprefix(prefix) if prefix else path).rstrip("/") or "/"
    return next((n for n in named if n.method in ("", item.method) and n.pattern.fullmatch(inner)), None)


def _matchers(scan: Scan, rule: RouteRule, view: FileView, numbers: list[int]) -> list[_Named]:
    """The matchers of the function, in order, with what follows each."""
    found: list[_Named] = []
    for number in numbers:
        call = view.facts.calls[number]
        if callee_name(call) not in rule.options.get("matchers", ()):
            continue
        is_open = next(iter(steps_after(view, number)), ("", 0))[0] in rule.options.get("open", ())
        method, paths = _texts(scan, view, number)
        known = [text for text in paths if text.startswith("/") or is_open]
        found.extend(_Named(method, ant(text), is_open, number, text.startswith("/") and "*" not in text) for text in known)
        if method and not paths:
            found.append(_Named(method, re.compile(".*"), is_open, number))
    return found


def _texts(scan: Scan, view: FileView, number: int) -> tuple[str, list[str]]:
    """The method and the paths that a step is given."""
    call = view.facts.calls[number]
    method, paths = "", []
    wrapped = [view.facts.calls[a.value.call].args if isinstance(a.value, CallRef) else (a,) for a in call.args]
    for arg in (a for inner in wrapped for a in inner):  # `mvc.pattern("/x")` names what it is given
        for option in _each(scan, scan.graph.ev.value(arg.value, view.path, call.owner)):
            for text in texts(scan.graph.ev, option):
                if text.strip("{}") in _METHODS:
                    method = text.strip("{}")
                else:
                    paths.append(text)
    return method, paths


def _each(scan: Scan, value: AV) -> Iterator[AV]:
    """The values that an argument can be; of an array of paths (`OPEN = {"/login", "/public/**"}`) its items, where they are written."""
    ev = scan.graph.ev
    lists = [[i for item in o.items for i in options(ev.thunk(item))] for o in options(value) if isinstance(o, ListV)]
    written = [items for items in lists if any(text.startswith("/") for item in items for text in texts(ev, item))]
    for items in written or lists:
        yield from items
    yield from (o for o in options(value) if not isinstance(o, ListV))


def ant(pattern: str) -> re.Pattern[str]:
    """`/api/**`, `/x/*`, `/x/{id}` as an expression over paths; what is not known opens everything."""
    if not pattern.startswith("/"):
        return re.compile(".*", re.DOTALL)
    out = []
    for piece in re.split(r"(/\*\*|\*\*|\*|\{[^{}]{0,80}\})", pattern[:300].rstrip("/") or "/"):
        parameter = piece == "*" or piece.startswith("{")
        out.append("(?:/.*)?" if piece == "/**" else ".*" if piece == "**" else "[^/]*" if parameter else re.escape(piece))
    return re.compile("".join(out), re.DOTALL)
