"""Registrations whose parts stand elsewhere than in the arguments after the path.

Options of a rule of shape `call`: `rows` names a list of records (`each`: every argument is one), each a route of its own, whose keys
the rule's references name;
a number as key is the place in a row that is a tuple, or in a call of `entries`; `regex` paths are regular expressions, of
`brackets` paths parts may be left out (`/hello/[:name]`, `/[...]`); with `nested` the rows stand last in the entries of the list;
of `flat` lists two values in a row are one; `below`: an application in the place of a handler stands below the path; `answers` as in
`graph.routes.mapped_methods`; `handler_methods` are names of what answers in a class that a row names;
`prefixes` is a call among the arguments that gives a prefix (`rest.WithPrefix("/v1")`); `guarding` are calls among them that stand
before the handlers (`rest.WithJwt(secret)`), `guarded` such that are given what does beside the rows
(`rest.WithMiddlewares(guards, rows)`); `inside` are calls around the registration that give one
(`NewNamespace("/v1", NSRouter(...))`); `on` names the argument that is the router.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Concat, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.evaluation import calls, members
from backend_readiness.graph.handling.handler_names import handler_named
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import sites_of_step
from backend_readiness.graph.routes.class_views import answers, view_of
from backend_readiness.graph.routes.listed_groups import means, prefix_around
from backend_readiness.graph.routes.mapped_methods import mapped
from backend_readiness.graph.routes.marked_paths import as_written
from backend_readiness.graph.routes.routing import Guard, Mount, Registration, RouterKey
from backend_readiness.graph.urls import from_regex, join, texts
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Const, Ext, FuncV, InstV, ListV, ModV, Site, SymbolId, Thunk, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan

MAX_ROWS = 400
_BRACKETS = re.compile(r"\[([^\[\]]{0,200})\]")
MAX_DEPTH = 6


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
    value = scan.value(hit, Ref(**rule.options["rows"])) if rule.options["rows"] != "each" else _each(hit)
    for option in options(value) if value is not None else ():
        listed = option.items[:MAX_ROWS] if isinstance(option, ListV) else ()
        single = _last_of(scan, listed) if rule.options.get("nested") else listed
        for thunk, item in _in_pairs(listed) if rule.options.get("flat") else ((t, ev.thunk(t)) for t in single):

            def field(ref: Ref | None, item: AV = item) -> AV | None:
                inner = _part(scan, hit, item, ref.key) if ref is not None and ref.key is not None else None
                return ev.thunk(inner) if inner is not None else None

            paths = texts(ev, field(rule.path))
            site = getattr(item, "site", None)
            call = scan.graph.view(site.file).facts.calls[site.call] if site is not None else hit.call
            place = Place(file=site.file if site is not None else hit.site.file, line=call.line, end_line=call.end_line)
            if isinstance(item, ListV):
                place = _written(scan, thunk, item, place)
            methods = [m.upper() for t in texts(ev, field(rule.methods)) for m in t.split("|") if m.isalpha()]
            paths = [t for p in paths for t in _bracketed(p)] if rule.options.get("brackets") else paths
            handler = _method(scan, _named(scan, field(rule.handler), thunk.file), rule.options.get("handler_methods", ()))
            if is_left_out(rule, handler):
                continue
            yield Row(methods or list(rule.default_methods) or ["ANY"], paths, handler, place, call.start)


def _each(hit: Hit) -> ListV:
    """The arguments themselves as rows: `Router(("/", home), ("/orders", orders))`."""
    return ListV(tuple(Thunk(hit.site.file, hit.call.owner, a.value, hit.site.env) for a in hit.call.args if a.name is None))


def _in_pairs(items: Sequence[Thunk]) -> Iterator[tuple[Thunk, AV]]:
    """Rows of two of a list that has no inner ones: `("/", "Index", "/orders", "Orders")`."""
    for first, second in zip(items[::2], items[1::2], strict=False):
        yield first, ListV((first, second))


def _mount(scan: Scan, hit: Hit, router: RouterKey | None, row: Row) -> bool:
    """Put an application below the path of a row that has one in the place of a handler."""
    child = scan.router_of_value(row.handler, hit.card)
    if child is None or child == router:
        return False
    for path in row.paths:
        scan.routing.mounts.append(Mount(parent=router, child=child, prefix=path, place=row.place, start=row.start))
    return True


def is_left_out(rule: RouteRule, handler: AV | None) -> bool:
    """Is the handler one of a package that is no endpoint (`not_handlers`): files?"""
    names = rule.options.get("not_handlers", ()) if handler is not None else ()
    return any(compiled(n).fullmatch(o.path) for n in names for o in options(handler or UNKNOWN) if isinstance(o, Ext))


def _named(scan: Scan, handler: AV | None, importer: str) -> AV | None:
    """The class of the repository that a dotted text names: `(r"/orders", "shop.handlers.Orders")`."""
    if not isinstance(handler, Const) or not isinstance(handler.value, str):
        return handler
    if "." not in handler.value:  # a class of the same file
        view = scan.graph.view(importer)
        own = [n for n in view.named_children.get((0, handler.value), ()) if view.symbol(n).kind == "class"]
        return ClassV(SymbolId(importer, own[-1])) if own else handler
    module, _, name = handler.value.rpartition(".")
    file = scan.graph.resolve(module, importer)
    return scan.graph.ev.member(ModV(file), name) if file is not None else handler


def _last_of(scan: Scan, entries: Sequence[Thunk]) -> Iterator[Thunk]:
    """The rows inside of entries: `{host, [rows]}`."""
    for entry in (scan.graph.ev.thunk(t) for t in entries):
        last = scan.graph.ev.thunk(entry.items[-1]) if isinstance(entry, ListV) and entry.items else None
        yield from last.items[:MAX_ROWS] if isinstance(last, ListV) else ()


def _bracketed(path: str) -> list[str]:
    """The paths with and without what stands in brackets; `_` is any path."""
    path = "/{path*}" if path == "_" else path.replace("[...]", "{path*}")
    found = _BRACKETS.search(path)
    return (
        [path]
        if found is None
        else [path[: found.start()].rstrip("/") or "/", path[: found.start()] + found.group(1) + path[found.end() :]]
    )


def _method(scan: Scan, handler: AV | None, names: Sequence[str]) -> AV | None:
    """The first of these methods that a class has which stands where a handler should."""
    classes = [o for o in options(handler) if isinstance(o, ClassV)] if handler is not None and names else []
    found = (members.own_member(scan.graph.ev, c, n) for c in classes for n in names)
    return next((m for m in found if isinstance(m, FuncV)), handler)


def _part(scan: Scan, hit: Hit, item: AV, key: str) -> Thunk | None:
    """The part of a row under a key: a field of a record, the place in a tuple or in the arguments of a call that makes a row."""
    if isinstance(item, ListV) and key.removeprefix("-").isdigit():
        return item.items[int(key)] if -len(item.items) <= int(key) < len(item.items) else None
    if isinstance(item, Ext) and isinstance(item.base, Ext) and item.site is not None and key.isdigit():
        made = scan.graph.knowledge.patterns(hit.card, tuple(hit.rule.options.get("entries", ())))
        known = any(compiled(p).fullmatch(item.base.path) for p in made)
        return calls.arg_thunk(scan.graph.ev, item.site, int(key)) if known else None
    return calls.field_of(scan.graph.ev, item, key)


def _written(scan: Scan, thunk: Thunk, row: ListV, place: Place) -> Place:
    """Where a tuple stands: a literal has no place of its own, its text has."""
    first = row.items[0].expr if row.items else None
    file = row.items[0].file if row.items else thunk.file
    view = scan.graph.view(file)
    return place_of_text(scan, file, first_text(view, first), place, names_in(view, first)) if first is not None else place


def first_text(view: FileView, value: Value, depth: int = 0) -> str:
    """The text that an expression begins with, as it is written: `r"/orders/%s" % ID`, `f"/orders/{ID}"`, `"{}/x".format(BASE)`."""
    if isinstance(value, Lit):
        return str(value.value) if isinstance(value.value, str) else ""
    inner: tuple[Value, ...] = ()
    if isinstance(value, Op):
        inner = value.operands
    elif isinstance(value, Concat):
        inner = value.parts
    elif isinstance(value, CallRef) and isinstance(callee := view.facts.calls[value.call].callee, Member):
        inner = (callee.base,)
    return first_text(view, inner[0], depth + 1) if inner and depth < MAX_DEPTH else ""


def names_in(view: FileView, value: Value, depth: int = 0) -> tuple[str, ...]:
    """The names that an expression is put together of, the last of each chain."""
    inner: tuple[Value, ...] = ()
    if isinstance(value, Op):
        inner = value.operands
    elif isinstance(value, Concat):
        inner = value.parts
    elif isinstance(value, CallRef):
        inner = tuple(a.value for a in view.facts.calls[value.call].args)
    elif isinstance(value, Name | Member):
        return (value.id if isinstance(value, Name) else value.name,)
    return tuple(n for v in inner for n in names_in(view, v, depth + 1)) if depth < MAX_DEPTH else ()


def place_of_text(scan: Scan, file: str, text: str, otherwise: Place, names: tuple[str, ...] = ()) -> Place:
    """The first line of a file where the text stands between quotes, or begins an expression with these names."""
    for number, line in enumerate(scan.graph.text(file).split("\n"), 1) if text else ():
        if f'"{text}"' in line or f"'{text}'" in line:
            return Place(file=file, line=number, end_line=number)
    lines = enumerate(scan.graph.text(file).split("\n"), 1) if text.strip("/") else ()
    at = next((n for n, line in lines if (f'"{text}' in line or f"'{text}" in line) and all(name in line for name in names)), None)
    return Place(file=file, line=at, end_line=at) if at is not None else otherwise


def register_rows(scan: Scan, hit: Hit) -> None:
    """A registration for each row."""
    router, above, around = scan.router(hit), prefix_of(scan, hit), guards_around(scan, hit)
    for row in rows(scan, hit):
        answering, before = _last_handler(scan, hit, row)
        handler = handler_named(scan, hit, answering, router)
        paths = (
            ["/" + from_regex(p.removesuffix("$").removesuffix("/?")).lstrip("/") for p in row.paths]
            if hit.rule.options.get("regex")
            else as_written(hit.rule.options, row.paths)
        )
        if hit.rule.options.get("below") and _mount(scan, hit, router, row):
            continue
        found = list(mapped(scan, hit, row.handler)) if "answers" in hit.rule.options else []
        for path, (method, inner) in ((p, f) for p in paths for f in found):
            scan.routing.registrations.append(
                Registration(
                    router=router, method=method, path=path, place=row.place, start=row.start, card=hit.card, rule=hit.rule, handler=inner,
                )
            )  # fmt: skip
        if "answers" in hit.rule.options:
            continue
        view = view_of(scan, row.handler, row.place, row.start)
        for item in answers(scan, view, row.place, row.start) if view is not None else ():
            scan.routing.registrations.extend(
                Registration(
                    router=router, method=item.method, path=join(above, p, keep_root=True) if above else p, place=row.place,
                    start=row.start, card=hit.card, rule=hit.rule, handler=item.handler, guards=(*around, *item.guards), runs=item.runs,
                )
                for p in paths
            )  # fmt: skip
        for path, method in ((p, m) for p in paths for m in row.methods) if view is None else ():
            scan.routing.registrations.append(
                Registration(
                    router=router, method=method, path=join(above, path, keep_root=True) if above else path, place=row.place,
                    start=row.start, card=hit.card, rule=hit.rule, handler=handler, guards=(*around, *before),
                )
            )  # fmt: skip


def _last_handler(scan: Scan, hit: Hit, row: Row) -> tuple[AV | None, tuple[Guard, ...]]:
    """Of a handler that is a list (option `pipeline`) the last, and those that stand before it."""
    listed = row.handler
    if not isinstance(listed, ListV) or not listed.items or not hit.rule.options.get("pipeline"):
        return listed, ()
    *before, last = (scan.graph.ev.thunk(t) for t in listed.items[:MAX_ROWS])
    return last, tuple(g for v in before for g in scan.guards_of(v, row.place, row.start))


def register_tables(scan: Scan, card: Card, rule: RouteRule) -> None:
    """The rows of lists that nothing in sight hands to an application: tuples of a path and a class that answers requests.

    A class that another route names is not served twice.
    """
    served = {_answering(r.handler) for r in scan.routing.registrations if r.card.id == card.id}
    for path, index in scan.graph.production.items():
        bases = {b for v in card.views for b in v.base}
        if not bases or index.language != card.id.partition("/")[0]:
            continue
        view = scan.graph.view(path)
        for assign in view.facts.assigns:
            if not isinstance(assign.value, Seq) or not assign.value.items or not isinstance(assign.value.items[0], Seq | CallRef):
                continue
            for item in assign.value.items[:MAX_ROWS]:
                first, second = _pair(scan, rule, view, item, assign.owner)
                if first is None or second is None or not isinstance(first, Lit | Op | Concat | Name | CallRef):
                    continue
                written = texts(scan.graph.ev, scan.graph.ev.value(first, path, assign.owner))
                paths = [t for t in written if t.startswith("/")]
                if not paths:
                    continue
                value = scan.graph.ev.value(second, path, assign.owner)
                place = Place(file=path, line=assign.line, end_line=assign.end_line)
                place = place_of_text(scan, path, first_text(view, first), place, names_in(view, first))
                seen = view_of(scan, value, place, assign.start)
                for found in answers(scan, seen, place, assign.start) if seen is not None else ():
                    if _answering(found.handler) in served:
                        continue
                    scan.routing.registrations.extend(
                        Registration(
                            router=None, method=found.method, path="/" + from_regex(p.removesuffix("/?")).lstrip("/"),
                            place=place, start=assign.start, card=card, rule=rule, handler=found.handler, guards=found.guards,
                        )
                        for p in paths
                    )  # fmt: skip


def _pair(scan: Scan, rule: RouteRule, view: FileView, item: Value, owner: int) -> tuple[Value | None, Value | None]:
    """The path and the class of a row: the first two of a tuple, or of what one of the calls `entries` is given."""
    if isinstance(item, Seq) and len(item.items) > 1:
        return item.items[0], item.items[1]
    if isinstance(item, CallRef):
        call = view.facts.calls[item.call]
        meant = options(scan.graph.ev.value(call.callee, view.path, owner))
        if len(call.args) > 1 and any(isinstance(o, Ext) and o.path in rule.options.get("entries", ()) for o in meant):
            return call.args[0].value, call.args[1].value
    return None, None


def _answering(handler: AV | None) -> object:
    """The class whose method answers, under which it is known."""
    if isinstance(handler, FuncV) and isinstance(handler.self_value, InstV):
        return handler.self_value.cls.symbol
    return handler.symbol if isinstance(handler, FuncV) else None


def prefix_of(scan: Scan, hit: Hit) -> str:
    """What the options `prefixes` and `inside` put before the path, and earlier steps of the chain.

    `before` lists references to them; `steps` is the name of all of them but the last, which has the path itself.
    """
    found = prefix_around(scan, hit)
    steps = hit.rule.options.get("steps")
    for site in sites_of_step(hit.callee, steps)[:-1] if steps else ():  # `app.at("/auth").get(start).at("/done").get(end)`
        found = join(found, next(iter(texts(scan.graph.ev, scan.graph.ev.arg_value(site, 0))), ""), keep_root=False)
    for ref in hit.rule.options.get("before", ()):
        found = join(found, next(iter(scan.texts(hit, Ref(**ref))), ""), keep_root=False)
    wanted = hit.rule.options.get("prefixes")
    for pattern in scan.graph.knowledge.patterns(hit.card, str(wanted)) if wanted else ():
        for arg in hit.call.args:
            if isinstance(arg.value, CallRef) and means(scan, hit.site.file, arg.value.call, pattern):
                given = scan.graph.ev.arg_value(Site(hit.site.file, arg.value.call, hit.site.env), 0)
                found = join(found, next(iter(texts(scan.graph.ev, given)), ""), keep_root=False)
    return "" if found == "/" else found


def guards_around(scan: Scan, hit: Hit) -> tuple[Guard, ...]:
    """What the options `guarding` and `guarded` put before the handlers."""
    found: list[Guard] = []
    for key in ("guarding", "guarded"):
        for pattern in scan.graph.knowledge.patterns(hit.card, tuple(hit.rule.options.get(key, ()))):
            for arg in hit.call.args:
                if isinstance(arg.value, CallRef) and means(scan, hit.site.file, arg.value.call, pattern):
                    made = Site(hit.site.file, arg.value.call, hit.site.env)
                    whole = Thunk(hit.site.file, hit.call.owner, arg.value, hit.site.env)
                    value = scan.graph.ev.thunk(whole) if key == "guarding" else scan.graph.ev.arg_value(made, 0)
                    found.extend(scan.guards_of(value, scan.place(hit), hit.call.start) if value is not None else ())
    return tuple(found)
