"""Lists of routes that a module exports and that nothing in sight hands to an application.

`module.exports = [{ method: "GET", path: "/orders", handler }]` beside a loader that reads a folder at run time. The option `loose` of a
rule of shape `plugin` asks for them; `keys` and `inner` say how such a record is written. A record needs a method, a path that starts with
`/` and a handler that is no text; what was registered already is no second route. `loose` names what loads files unseen, `calls` and
`packages`: where nothing of it is there, and no module is loaded by a name that only the run knows, a file that no other loads is not used.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import Lit
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.families import family
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Const, FuncV, ListV, Obj, SymbolId, Text, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_RECORDS = 400
MAX_FILES = 2_000


def register_loose(scan: Scan) -> None:
    """Register the records of all cards that ask for them."""
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "plugin" and rule.options.get("loose"):
                known = {(r.method, r.path) for r in scan.routing.registrations if r.card.id == card.id}
                told = [(r.method, r.handler, r.path) for r in scan.routing.registrations if r.card.id == card.id]
                answered = {(m, h.symbol, p) for m, h, p in told if isinstance(h, FuncV)}
                found = [r for r in _records(scan, card, rule) if (r.method, r.path) not in known and not _is_below(r, answered)]
                scan.routing.registrations.extend(found)


def _is_below(record: Registration, answered: set[tuple[str, SymbolId, str]]) -> bool:
    """Does its function answer already where something put a path before that of the record?"""
    function = record.handler.symbol if isinstance(record.handler, FuncV) else None
    return any(m == record.method and s == function and p.endswith(record.path) for m, s, p in answered)


def _records(scan: Scan, card: Card, rule: RouteRule) -> Iterator[Registration]:
    keys: dict[str, str] = rule.options.get("keys", {})
    wanted = {keys.get("method", "method"), keys.get("path", "url")}
    files = [p for p, i in scan.graph.production.items() if family(i.language) == card.id.partition("/")[0]]
    unseen = loads_unseen(scan, files, rule.options["loose"])
    for path in files[:MAX_FILES]:
        view = scan.graph.view(path)
        if not unseen and not scan.graph.importing_files(path):
            continue
        if not view.exports or not all(f"{w}:" in scan.graph.text(path) for w in wanted):
            continue
        for name in list(view.exports)[:20]:
            value = exports.exported(scan.graph.ev, path, name)
            for option in options(value) if value is not None else ():
                for thunk in option.items[:MAX_RECORDS] if isinstance(option, ListV) else ():
                    item = scan.graph.ev.thunk(thunk)
                    if isinstance(item, Obj) and item.place.file == path:
                        yield from _record(scan, card, rule, item, path)


def loads_unseen(scan: Scan, files: list[str], loads: dict[str, list[str]]) -> bool:
    """May a file be used that no other names?"""
    packages = set(loads.get("packages", ()))
    if any(scan.graph.calling(n) for n in loads.get("calls", ())) or any(packages & set(scan.graph.production[f].modules) for f in files):
        return True
    ev = scan.graph.ev
    for name in ("require", "import"):
        for path in scan.graph.calling(name):
            view = scan.graph.view(path)
            for number in view.calls_by_name.get(name, ()):
                call = view.facts.calls[number]
                given = call.args[0].value if call.args else Lit("")
                said = [given.value] if isinstance(given, Lit) else texts(ev, ev.value(given, path, call.owner))
                if not said or any("{" in str(t) for t in said):
                    return True
    return False


def _record(scan: Scan, card: Card, rule: RouteRule, item: Obj, file: str) -> Iterator[Registration]:
    keys: dict[str, str] = rule.options.get("keys", {})
    inner = [o for k in rule.options.get("inner", ()) if isinstance(o := _field(scan, item, k), Obj)]
    handler = next((h for o in (item, *inner) if (h := _field(scan, o, keys.get("handler", "handler"))) is not None), None)
    if handler is None or isinstance(handler, Const | Text):
        return
    answer, around = unwrapped(scan.graph, handler)
    methods = [m.upper() for m in texts(scan.graph.ev, _field(scan, item, keys.get("method", "method"))) if m.isalpha()]
    for path in (p for p in texts(scan.graph.ev, _field(scan, item, keys.get("path", "url"))) if p.startswith("/")):
        place = place_of_text(scan, file, path, Place(file=file, line=1, end_line=1))
        guards = [Guard(value=w, place=place, start=0) for w in around]
        for value in (v for o in (item, *inner) for k in rule.options.get("guards", ()) if (v := _field(scan, o, k)) is not None):
            guards.extend(scan.guards_of(value, place, 0))
        for method in methods:
            yield Registration(
                router=None, method=method, path=path, place=place, start=place.line, card=card, rule=rule, handler=answer,
                guards=tuple(guards),
            )  # fmt: skip


def _field(scan: Scan, item: Obj, key: str) -> AV | None:
    thunk = members.field_thunk(scan.graph.ev, item, key)
    return scan.graph.ev.thunk(thunk) if thunk is not None else None
