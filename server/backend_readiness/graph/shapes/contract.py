"""Routes of a contract that an object answers: `createEndpoints(contract, router(contract, { one: async () => ... }), app)`.

A contract is a tree of records; one with `method` and `path` is a route, and what answers stands at the same keys of the tree at `handler`,
a function or a record with it at `handler`. `child` is the contract, `parent` the application, `prefix` a path before all. Options:
`makers` are calls whose first argument is a contract, with a path before it at the key `before` of their second; `pairs` are calls whose
second argument answers. `decorated`: the call is the decorator of the method that answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Ext, FuncV, Obj, SymbolId, options
from backend_readiness.model import Place

MAX_DEPTH = 8
MAX_ROUTES = 600


@dataclass(frozen=True, slots=True)
class Entry:
    """One route of a contract, and the keys that lead to it."""

    keys: tuple[str, ...]
    method: str
    path: str
    file: str
    written: str


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("contract", ()):
        value = scan.value(hit, hit.rule.child)
        answers = scan.value(hit, hit.rule.handler)
        entries = list(_entries(scan, hit, value, "", 0))[:MAX_ROUTES] if value is not None else []
        if hit.rule.options.get("decorated"):
            where = scan.decorated.get((hit.site.file, hit.site.call))
            alone = [e for e in entries if not e.keys]  # a whole contract says what the methods of a class are about
            for entry in alone if where is not None else ():
                _add(scan, hit, entry, FuncV(SymbolId(hit.site.file, where or 0)), (), scan.place(hit))
            continue
        for entry in entries:
            handler, guards = _answer(scan, hit, answers, entry.keys)
            if handler is not None:
                _add(scan, hit, entry, handler, guards, place_of_text(scan, entry.file, entry.written, scan.place(hit)))


def _add(scan: Scan, hit: Hit, entry: Entry, handler: AV, guards: tuple[Guard, ...], place: Place) -> None:
    above = scan.value(hit, hit.rule.parent)
    for prefix in scan.texts(hit, hit.rule.prefix) or [""]:
        scan.routing.registrations.append(
            Registration(
                router=scan.router_of_value(above, hit.card) if above is not None else None, method=entry.method,
                path=join(prefix, entry.path, keep_root=False), place=place, start=hit.call.start, card=hit.card, rule=hit.rule,
                handler=handler, guards=guards, name=".".join(entry.keys),
            )
        )  # fmt: skip


def _entries(scan: Scan, hit: Hit, value: AV, before: str, depth: int) -> Iterator[Entry]:
    """The routes of a contract, in the order of their keys."""
    ev = scan.graph.ev
    for option in options(value) if depth < MAX_DEPTH else ():
        if isinstance(option, Obj):
            method, path = (members.field_thunk(ev, option, k) for k in ("method", "path"))
            verbs = [t for t in texts(ev, ev.thunk(method)) if t.isalpha()] if method is not None else []
            if path is not None and verbs:
                file = option.place.file if option.place is not None else hit.site.file
                for text in texts(ev, ev.thunk(path)):
                    yield Entry((), verbs[0].upper(), join(before, text, keep_root=False), file, text)
                continue
            for key, thunk in list(option.fields.items())[:MAX_ROUTES]:
                for entry in _entries(scan, hit, ev.thunk(thunk), before, depth + 1):
                    yield replace(entry, keys=(key, *entry.keys))
        elif isinstance(option, Ext):
            yield from _made(scan, hit, option, before, depth)


def _made(scan: Scan, hit: Hit, value: Ext, before: str, depth: int) -> Iterator[Entry]:
    """The routes of what a maker makes, or of a part of it: `contract.users`."""
    ev = scan.graph.ev
    if value.site is not None and _is_one_of(hit, value, "makers"):
        inner, more = ev.arg_value(value.site, 0), ev.arg_value(value.site, 1)
        thunk = members.field_thunk(ev, more, str(hit.rule.options.get("before", ""))) if isinstance(more, Obj) else None
        put = next(iter(texts(ev, ev.thunk(thunk))), "") if thunk is not None else ""
        yield from _entries(scan, hit, inner, join(before, put, keep_root=False) if put else before, depth + 1) if inner is not None else ()
    elif value.site is None and isinstance(value.base, Ext):
        key = last_step(value.path)
        for entry in _entries(scan, hit, value.base, before, depth + 1):
            if entry.keys[:1] == (key,):
                yield replace(entry, keys=entry.keys[1:])


def _answer(scan: Scan, hit: Hit, value: AV | None, keys: tuple[str, ...]) -> tuple[AV | None, tuple[Guard, ...]]:
    """What answers the route at `keys`, and what runs before it."""
    ev = scan.graph.ev
    for _ in range(MAX_DEPTH):
        value = next((o for o in options(value) if isinstance(o, Obj | Ext | FuncV)), None) if value is not None else None
        if isinstance(value, Ext) and value.site is not None and _is_one_of(hit, value, "pairs"):
            value = ev.arg_value(value.site, 1)
        elif isinstance(value, Obj) and (thunk := members.field_thunk(ev, value, keys[0] if keys else "handler")) is not None:
            guards: tuple[Guard, ...] = ()
            if not keys:
                listed = members.field_thunk(ev, value, "middleware")
                guards = tuple(scan.guards_of(ev.thunk(listed), scan.place(hit), hit.call.start)) if listed is not None else ()
                return ev.thunk(thunk), guards
            value, keys = ev.thunk(thunk), keys[1:]
        else:
            break
    found = value is not None and not keys and functions_in(scan.graph, value)
    return (value if found else None), ()


def _is_one_of(hit: Hit, value: Ext, option: str) -> bool:
    path = value.path.removesuffix("()")
    return any(compiled(p).fullmatch(path) for p in hit.rule.options.get(option, ()))
