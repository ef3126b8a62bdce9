"""Registrations whose parts stand elsewhere than in the arguments after the path.

Options of a rule of shape `call`: `rows` names a list of records, each a route of its own, whose keys the rule's references name;
`prefixes` is a call among the arguments that gives a prefix (`rest.WithPrefix("/v1")`); `inside` are calls around the registration
that give one (`NewNamespace("/v1", NSRouter(...))`); `on` names the argument that is the router.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef
from backend_readiness.graph import calls
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routing import Registration
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Ext, ListV, Site, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.scan import Hit, Scan

MAX_ROWS = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One route of a list."""

    methods: list[str]
    paths: list[str]
    handler: AV | None
    place: Place
    start: int


def rows(scan: Scan, hit: Hit) -> Iterator[Row]:
    """The routes of the list that the option `rows` names."""
    ev, rule = scan.graph.ev, hit.rule
    value = scan.value(hit, Ref(**rule.options["rows"]))
    for option in options(value) if value is not None else ():
        for thunk in option.items[:MAX_ROWS] if isinstance(option, ListV) else ():
            item = ev.thunk(thunk)

            def field(ref: Ref | None, item: AV = item) -> AV | None:
                inner = calls.field_of(ev, item, ref.key) if ref is not None and ref.key is not None else None
                return ev.thunk(inner) if inner is not None else None

            site = getattr(item, "site", None)
            call = scan.graph.view(site.file).facts.calls[site.call] if site is not None else hit.call
            place = Place(file=site.file if site is not None else hit.site.file, line=call.line, end_line=call.end_line)
            methods = [t.upper() for t in texts(ev, field(rule.methods)) if t.isalpha()] or ["ANY"]
            yield Row(methods, texts(ev, field(rule.path)), field(rule.handler), place, call.start)


def register_rows(scan: Scan, hit: Hit) -> None:
    """A registration for each row."""
    router, above = scan.router(hit), prefix_of(scan, hit)
    for row in rows(scan, hit):
        for path, method in ((p, m) for p in row.paths for m in row.methods):
            scan.routing.registrations.append(
                Registration(
                    router=router, method=method, path=join(above, path, keep_root=True) if above else path, place=row.place,
                    start=row.start, card=hit.card, rule=hit.rule, handler=row.handler,
                )
            )  # fmt: skip


def prefix_of(scan: Scan, hit: Hit) -> str:
    """What the options `prefixes` and `inside` put before the path."""
    found = ""
    view = scan.graph.view(hit.site.file)
    for pattern in scan.graph.knowledge.patterns(hit.card, tuple(hit.rule.options.get("inside", ()))):
        name = pattern.rpartition(".")[2]
        for number in view.calls_by_name.get(name, ()):
            call = view.facts.calls[number]
            if call.start < hit.call.start and hit.call.end <= call.end and _means(scan, view.path, number, pattern):
                found = join(
                    found, next(iter(texts(scan.graph.ev, scan.graph.ev.arg_value(Site(view.path, number, None), 0))), ""), keep_root=False
                )
    wanted = hit.rule.options.get("prefixes")
    for pattern in scan.graph.knowledge.patterns(hit.card, str(wanted)) if wanted else ():
        for arg in hit.call.args:
            if isinstance(arg.value, CallRef) and _means(scan, hit.site.file, arg.value.call, pattern):
                given = scan.graph.ev.arg_value(Site(hit.site.file, arg.value.call, hit.site.env), 0)
                found = join(found, next(iter(texts(scan.graph.ev, given)), ""), keep_root=False)
    return "" if found == "/" else found


def _means(scan: Scan, file: str, number: int, pattern: str) -> bool:
    call = scan.graph.view(file).facts.calls[number]
    callee = options(scan.graph.ev.value(call.callee, file, call.owner))
    return any(isinstance(v, Ext) and compiled(pattern).fullmatch(v.path) for v in callee)
