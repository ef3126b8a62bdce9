"""Routes that a chain describes before its last call gives a handler: `endpoint.get.in("users" / path[Long]("id")).serverLogic(show)`.

`callee` of the rule is that last call, `handler` its argument. The description is the chain before it, or the value of the argument `of`
(`route(GET("/x").and(accept(JSON)), show)`). Options: `verbs` maps steps of the chain to HTTP methods; `methods` are steps whose arguments
name methods; `paths` are steps whose argument is a part of the path, `segments` calls in it that are parameters (steps after them only say
more of them), `patterns` steps whose argument is a regular expression,
`rests` names of all that is left; what else such a step is given is no path. `joins`: steps whose arguments are descriptions
too; `either`: steps whose argument describes what may be so instead; `known`: a path that is written must be known; `around`: names of
calls whose argument 0 describes what stands before the routes that are written among their other arguments; `guards`: steps that check
who asks, with their names for cards; `any`: without a method every one is meant, with `functions` only where a function answers one path,
without the step `next`, or where one of `answering` is made; `kept`: values that are descriptions, which count where a definition keeps
them and nothing gives them a handler, unless a step of `asking` makes a client of them, without a method those
with a step of `complete`; `named`: the step that gives a parameter its name; `in_group`: only what stands in a group is a route;
`placed`: the routes are those of the router that the chain begins with; `texts`: a text is a path; `prepends`, `routers`: see
`graph.routes.endpoint_prefixes`; `derived`: see `graph.routes.derived_paths`; `inputs`: see `graph.routes.described_inputs`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend_readiness.facts.model import CallRef, Func, Member
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.described_inputs import inputs_of
from backend_readiness.graph.routes.described_paths import METHODS, path_of_step
from backend_readiness.graph.routes.endpoint_prefixes import EndpointPrefixes
from backend_readiness.graph.routes.handed_to_clients import handed_to_clients
from backend_readiness.graph.routes.hands_on import hands_on
from backend_readiness.graph.routes.methods import verbs as methods_in
from backend_readiness.graph.routes.routing import Guard, Registration, call_place, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import from_regex, join, texts
from backend_readiness.graph.values import AV, Const, Ext, Site, SymbolId, Text, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Param, Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

MAX_STEPS = 120
MAX_JOINED = 6
_OTHER = re.compile(r"\{[A-Z]{3,12}\}")  # a constant of a method that is none of these


@dataclass(slots=True)
class Description:
    """What a chain says: its HTTP methods and its path; `said` when it speaks of a path at all. `others`: what may be so instead."""

    methods: list[str]
    path: str = ""
    said: bool = False
    params: list[Param] = field(default_factory=list)
    lost: bool = False  # a path is written that is not known
    others: list[Description] = field(default_factory=list)


def collect(scan: Scan) -> None:
    inner: set[tuple[str, int]] = set()  # the calls that a description goes on from
    placed: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for hit in scan.hits.get("described", ()):
        given = hit.rule.options
        if given.get("in_group") and scan.groups.key_of(hit) is None:
            continue
        chain = scan.value(hit, Ref(**given["of"])) if given.get("of") else hit.callee
        found = description(scan, chain, given)
        inner.update((s.file, s.call) for _, s in (_steps(chain) if isinstance(chain, Ext) else ()) if s is not None)
        inner.add((hit.site.file, hit.site.call))  # a definition may keep what the last call gives
        for said in (found, *found.others):
            placed[hit.card.id].extend(_register(scan, hit, chain, said))
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "described" and "kept" in rule.options:
                clients = handed_to_clients(scan, rule) if placed[card.id] else frozenset()
                placed[card.id].extend(_register_kept(scan, card, rule, inner | clients))
            if rule.shape == "described" and "prepends" in rule.options:
                EndpointPrefixes(scan, rule).apply(placed[card.id])


def _register(scan: Scan, hit: Hit, chain: AV | None, found: Description) -> list[tuple[int, str, int]]:
    """The routes of one description; the numbers of what is registered, with their places."""
    given = hit.rule.options
    if found.lost or (not found.methods and not (given.get("any") and found.said)):
        return []
    handler = _handler(scan, hit)
    is_open = found.path.endswith("*") or not functions_in(scan.graph, handler) or hands_on(scan, handler, given.get("next", ""))
    if not found.methods and given.get("functions") and is_open and not _is_made(handler, given.get("answering", ())):
        return []
    path = join(_around(scan, hit, frozenset(given.get("around", ()))), found.path, keep_root=False)
    router = scan.router(hit) if given.get("placed") or given.get("in_group") else None
    guards = _guards(scan, chain, given.get("guards", {}))
    placed: list[tuple[int, str, int]] = []
    for method in dict.fromkeys(m for m in found.methods or ["ANY"] if m in METHODS):
        placed.append((len(scan.routing.registrations), hit.site.file, hit.call.start))
        scan.routing.registrations.append(
            Registration(
                guards=guards, router=router, method=method, path=path or "/", place=scan.place(hit),
                start=scan.start(hit), card=hit.card, rule=hit.rule, handler=handler, params=tuple(found.params),
            )
        )  # fmt: skip
    return placed


def _is_made(handler: AV | None, answering: tuple[str, ...]) -> bool:
    made = options(handler) if handler is not None else ()
    return any(isinstance(o, Ext) and any(compiled(p).fullmatch(o.path.removesuffix("()")) for p in answering) for o in made)


def _guards(scan: Scan, chain: AV | None, named: Mapping[str, str]) -> tuple[Guard, ...]:
    """The steps of a chain that check who asks, by the names under which cards know them."""
    found: list[Guard] = []
    for name, site in _steps(chain) if isinstance(chain, Ext) and named else ():
        if name in named and site is not None:
            value = Ext(named[name], None, site)
            found.append(Guard(value=value, place=call_place(scan.graph, site), start=0))
    return tuple(found)


def _register_kept(scan: Scan, card: Card, rule: RouteRule, inner: set[tuple[str, int]]) -> list[tuple[int, str, int]]:
    """Descriptions that definitions keep and no call of the repository gives a handler, or goes on from.

    The numbers of what is registered, with their places.
    """
    placed: list[tuple[int, str, int]] = []
    types = [compiled(p) for p in scan.graph.knowledge.patterns(card, tuple(rule.options["kept"]))]
    found: list[tuple[Place, int, Ext]] = []
    for path, index in scan.graph.production.items():
        if not any(m == w or m.startswith(f"{w}.") for m in index.modules for w in card.detect.imports):
            continue
        view = scan.graph.view(path)
        kept = [
            (a.value, a.owner, a.line, a.end_line, a.start)
            for a in view.facts.assigns
            if a.kind in ("let", "const", "field") and a.value is not None
        ]
        kept.extend(
            (r.value, r.owner, r.line, r.end_line, r.start)
            for r in view.facts.returns
            if view.symbol(r.owner).kind in ("function", "method") and r.value is not None
        )
        for value, owner, line, end_line, start in kept:
            for option in options(scan.graph.ev.value(value, path, owner)) if isinstance(value, CallRef | Member) else ():
                asks = isinstance(option, Ext) and any(name in rule.options.get("asking", ()) for name, _ in _steps(option))
                if isinstance(option, Ext) and not asks and any(t.fullmatch(option.path) for t in types):
                    found.append((Place(file=path, line=line, end_line=end_line), start, option))
    for _, _, chain in found:
        inner.update((s.file, s.call) for _, s in _steps(chain)[:-1] if s is not None)
    for place, start, chain in found:
        last = chain.site if chain.path.endswith(")") else None
        said = description(scan, chain, rule.options)
        if not said.said or (last is not None and (last.file, last.call) in inner):
            continue
        complete = any(name in rule.options.get("complete", ()) for name, _ in _steps(chain))
        for method in said.methods or (["ANY"] if complete else ()):
            placed.append((len(scan.routing.registrations), place.file, start))
            scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=said.path, place=place, start=0, card=card, rule=rule, handler=None,
                    params=tuple(said.params),
                )
            )  # fmt: skip
    return placed


def description(scan: Scan, chain: AV | None, given: Mapping[str, Any], depth: int = 0) -> Description:
    """What the steps of a chain describe, by the options of its rule."""
    verbs, methods, joins = given.get("verbs", {}), given.get("methods", ()), given.get("joins", ())
    found = Description([])
    for option in options(chain) if chain is not None else ():
        written = _written_on(option) if given.get("texts") else None
        if written is not None:
            found.path, found.said = next(iter(texts(scan.graph.ev, written)), ""), True
        for name, site in _steps(option) if isinstance(option, Ext) else ():
            if name in verbs:
                found.methods = [verbs[name]]
            if site is None:
                continue
            if name in methods:
                found.methods = [*found.methods, *_methods(scan, site)]
            if name in given.get("paths", ()):
                found.params.extend(inputs_of(scan.graph, site, given.get("inputs", {})))
                part = path_of_step(scan, given, site)
                found.path, found.said = join(found.path, part, keep_root=False) if part else found.path, found.said or bool(part)
                found.lost = found.lost or bool(given.get("known") and not part and not _is_empty(scan, site))
            if name in given.get("patterns", ()):
                found.path, found.said = join(found.path, _regex(scan, site), keep_root=False), True
            if name in joins and depth < MAX_JOINED:
                inner = description(scan, scan.graph.ev.arg_value(site, 0), given, depth + 1)
                found.methods = inner.methods or found.methods
                found.path, found.said = join(found.path, inner.path, keep_root=False), found.said or inner.said
                found.lost = found.lost or inner.lost
            if name in given.get("either", ()) and depth < MAX_JOINED:
                found.others.append(description(scan, scan.graph.ev.arg_value(site, 0), given, depth + 1))
        break
    found.path = "" if found.path == "/" and not found.said else found.path
    return found


def _is_empty(scan: Scan, site: Site) -> bool:
    """Is the path of a step written, as none: `GET("")`?"""
    call = scan.graph.view(site.file).facts.calls[site.call]
    value = scan.graph.ev.arg_value(site, 0)
    return not call.args or (value is not None and all(isinstance(o, Const) for o in options(value)))


def _regex(scan: Scan, site: Site) -> str:
    """The path of a regular expression: `route().pathRegex("/files/(.+)")`."""
    written = scan.graph.ev.arg_value(site, 0)
    return "/" + from_regex(next(iter(texts(scan.graph.ev, written)), "").replace("\\/", "/")).lstrip("/") if written is not None else ""


def _written_on(value: AV) -> AV | None:
    """The text that a description is, or begins with: `"/api" and accept(JSON)`."""
    current: AV | None = value
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        current = current.base
    return current if isinstance(current, Const | Text) else None


def _around(scan: Scan, hit: Hit, names: frozenset[str]) -> str:
    """What calls around the hit describe for everything that is written in them, from the outside in."""
    view = scan.graph.view(hit.site.file)
    outer = [n for name in names for n in view.calls_by_name.get(name, ()) if n != hit.site.call]
    path = ""
    for number in sorted(outer, key=lambda n: view.facts.calls[n].start):
        call = view.facts.calls[number]
        inside = call.args and call.start <= hit.call.start and hit.call.end <= call.end
        if inside and not _is_receiver(view, number, hit):
            path = join(path, description(scan, scan.graph.ev.arg_value(Site(view.path, number, hit.site.env), 0), hit.rule.options).path,
                        keep_root=False)  # fmt: skip
    return path if path != "/" else ""


def _is_receiver(view: FileView, number: int, hit: Hit) -> bool:
    """Is the hit a step of the chain that leads to the call, and not one of its arguments?"""
    current = view.facts.calls[number].callee
    for _ in range(MAX_STEPS):
        if isinstance(current, CallRef):
            if current.call == hit.site.call:
                return True
            current = view.facts.calls[current.call].callee
        elif isinstance(current, Member):
            current = current.base
        else:
            return False
    return False


def _steps(callee: Ext) -> list[tuple[str, Site | None]]:
    """The steps of a chain, the first one first; those that are calls with their places."""
    found: list[tuple[str, Site | None]] = []
    current: AV | None = callee
    for _ in range(MAX_STEPS):
        if not isinstance(current, Ext):
            break
        if current.path.endswith(")"):
            found.append((last_step(current.path), current.site))
            current = current.base.base if isinstance(current.base, Ext) else None
        else:
            found.append((last_step(current.path), None))
            current = current.base
    return found[::-1]


def _handler(scan: Scan, hit: Hit) -> AV | None:
    functions = [a.value for a in hit.call.args if isinstance(a.value, Func)]
    return scan.graph.ev.symbol_value(SymbolId(hit.site.file, functions[-1].symbol)) if functions else scan.value(hit, hit.rule.handler)


def _methods(scan: Scan, site: Site) -> list[str]:
    """The HTTP methods among the arguments of a step."""
    call = scan.graph.view(site.file).facts.calls[site.call]
    given = [t for a in call.args for t in texts(scan.graph.ev, scan.graph.ev.value(a.value, site.file, call.owner, site.env))]
    found = [m for t in given for m in methods_in(t, {}) if m in METHODS and "/" not in t]
    return found or [t for t in given if _OTHER.fullmatch(t)]
