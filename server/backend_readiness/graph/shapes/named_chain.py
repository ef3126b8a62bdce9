"""Procedures that a router takes under names, one call each: `router().query("byId", { resolve })`, merged under prefixes of text.

The verbs of the rule take a procedure: its name is at `path`, its handler at `handler`. Options: `merge` is the verb that takes another
router, behind a text that stands before the names of that; `guard` the verb that puts a function before the procedures that follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backend_readiness.graph.routes.router_keys import router_key
from backend_readiness.graph.routes.routing import Guard, Registration, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, Text, Thunk, options
from backend_readiness.rules.cards import Card

MAX_WAYS = 24
Merges = dict[RouterKey, list[tuple[RouterKey, str]]]


def collect(scan: Scan) -> None:
    hits = [(h, key) for h in scan.hits.get("named_chain", ()) if (key := _key(scan, h.callee, h.card)) is not None]
    merged: Merges = defaultdict(list)
    guards: dict[RouterKey, list[Guard]] = defaultdict(list)
    for hit, key in hits:
        if hit.verb == hit.rule.options.get("merge"):
            _merge(scan, hit, key, merged)
        elif hit.verb == hit.rule.options.get("guard"):
            value = scan.graph.ev.arg_value(hit.site, 0)
            guards[key].extend(scan.guards_of(value, scan.place(hit), scan.start(hit)) if value is not None else ())
    for hit, key in hits:
        if hit.verb not in (hit.rule.options.get("merge"), hit.rule.options.get("guard")):
            before = tuple(g for g in guards[key] if g.place.file != hit.site.file or g.start < scan.start(hit))
            for prefix in dict.fromkeys(_prefixes(key, merged, frozenset())):
                for name in scan.texts(hit, hit.rule.path):
                    _register(scan, hit, f"{prefix}{name}", before)


def _key(scan: Scan, value: AV | None, card: Card) -> RouterKey | None:
    """The router that a value is; one that a function of the repository makes is known by the call of that function."""
    for option in options(value) if value is not None else ():
        found = router_key(scan.graph, option, scan.patterns(card))
        if found is not None:
            site = found[1].site
            while site is not None and site.env is not None and site.env.site is not None:
                site = site.env.site
            return ("site", site.file, site.call) if site is not None else found[0]
    return None


def _merge(scan: Scan, hit: Hit, parent: RouterKey, merged: Merges) -> None:
    given = [scan.graph.ev.thunk(Thunk(hit.site.file, hit.call.owner, a.value, hit.site.env)) for a in hit.call.args[:2]]
    named = bool(given) and all(isinstance(o, Const | Text) for o in options(given[0]))
    child = _key(scan, given[-1], hit.card) if given else None
    if child is not None and child != parent:
        merged[child].extend((parent, prefix) for prefix in (texts(scan.graph.ev, given[0]) if named else [""]))


def _prefixes(key: RouterKey, merged: Merges, seen: frozenset[RouterKey]) -> Iterator[str]:
    above = [(p, text) for p, text in merged.get(key, ()) if p not in seen and p != key]
    if not above:
        yield ""
    count = 0
    for parent, text in above:
        for outer in _prefixes(parent, merged, seen | {key}):
            count += 1
            if count > MAX_WAYS:
                return
            yield f"{outer}{text}"


def _register(scan: Scan, hit: Hit, name: str, guards: tuple[Guard, ...]) -> None:
    scan.routing.registrations.append(
        Registration(
            router=None, method=hit.rule.method or "RPC", path=name, place=scan.place(hit), start=scan.start(hit), card=hit.card,
            rule=hit.rule, handler=scan.value(hit, hit.rule.handler), guards=guards,
        )
    )  # fmt: skip
