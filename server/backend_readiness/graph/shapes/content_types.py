"""Routes of content types: `createCoreRouter("api::order.order")` answers what the schema of that type says, below a folder for each type.

`callee` are the calls that make the usual routes, `path` is their argument that names the type (`api::folder.type`), `glob` the files that
list further routes as records. Options: `folder` the types lie in; `schema` the JSON file of a type below its folder; `kind`, `plural`,
`one` and `table` the keys of that file, with dots, and `single` the kind that has no list; `many` and `alone` map actions to a method, the
path after the name, and what is done to the table; `only` and `except` the keys of the record at the place `chosen` that choose actions;
`controllers` the folder of the controllers, `guards` the keys of a route's settings that list guards with their folders; `prefix` stands
before all paths unless a file of `settings` gives another at the keys `prefix_at`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.routes.routing import Guard, Registration, Touch
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, UNKNOWN, Ext, FuncV, ListV, Obj, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

MAX_SCHEMA_CHARS = 500_000
MAX_ROUTES = 400
_ENDINGS = (".js", ".ts", ".mjs")


@dataclass(frozen=True, slots=True)
class _Files:
    """Where the files of one application lie: `root` is what stands before the folder of its types."""

    scan: Scan
    rule: RouteRule
    root: str

    def folder(self, name: str) -> str:
        return f"{self.root}{self.rule.options['folder']}/{name}"

    def module(self, stem: str) -> AV | None:
        """What the file of that name without its ending exports, when it is there."""
        path = next((f"{stem}{e}" for e in _ENDINGS if f"{stem}{e}" in self.scan.graph.facts.files), None)
        return exports.module_value(self.scan.graph.ev, path) if path is not None else None

    def prefix(self) -> str:
        for stem in self.rule.options["settings"]:
            value = self.module(f"{self.root}{stem}")
            for key in self.rule.options["prefix_at"]:
                value = _field(self.scan, _result(self.scan, value), key)
            for text in texts(self.scan.graph.ev, value):
                return text
        return str(self.rule.options["prefix"])


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("content_types", ()):
        files = _files(scan, hit.rule, hit.site.file)
        for identifier in scan.texts(hit, hit.rule.path) if files is not None else ():
            if files is not None:
                _usual(scan, hit, files, identifier)
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "content_types":
                for path in [p for p in scan.graph.production if any(fnmatch(p, g) for g in rule.glob)]:
                    _listed(scan, card, rule, path)


def _files(scan: Scan, rule: RouteRule, path: str) -> _Files | None:
    before, found, _ = f"/{path}".partition(f"/{rule.options['folder']}/")
    return _Files(scan, rule, f"{before}/".lstrip("/")) if found else None


# ---------------------------------------------------------------- the usual routes of a type


def _usual(scan: Scan, hit: Hit, files: _Files, identifier: str) -> None:
    rule = hit.rule.options
    folder, _, name = identifier.rpartition("::")[2].partition(".")
    path = f"{files.folder(folder)}/{str(rule['schema']).replace('{type}', name)}"
    schema = _schema(scan, path)
    if schema is None:
        return
    is_single = _key(schema, rule["kind"]) == rule["single"]
    called, table = _key(schema, rule["one" if is_single else "plural"]), _key(schema, rule["table"]) or name
    chosen = scan.value(hit, Ref(**rule["chosen"]))
    only, without = (texts(scan.graph.ev, _field(scan, chosen, rule[k])) for k in ("only", "except"))
    prefix = next(iter(texts(scan.graph.ev, _field(scan, chosen, "prefix"))), "")
    place = scan.place(hit)
    for action, (method, tail, operation) in rule["alone" if is_single else "many"].items():
        if (only and action not in only) or action in without or not called:
            continue
        handler = _action(scan, files, f"{folder}.{name}.{action}", folder)
        own = _field(scan, _field(scan, chosen, "config"), action)
        path_of = join(join(files.prefix(), prefix, keep_root=False), f"/{called}{tail}", keep_root=False)
        touch = Touch(operation=operation, target=table, place=Place(file=path, line=1, end_line=1))
        _add(scan, hit.card, hit.rule, method, path_of, place, handler, _guards(scan, files, own, folder, place), (touch,))


def _schema(scan: Scan, path: str) -> dict[str, Any] | None:
    text = scan.graph.text(path)
    try:
        found = json.loads(text) if 0 < len(text) <= MAX_SCHEMA_CHARS else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _key(schema: dict[str, Any], dotted: str) -> str:
    value: Any = schema
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- routes that are listed


def _listed(scan: Scan, card: Card, rule: RouteRule, path: str) -> None:
    files = _files(scan, rule, path)
    folder = path.rpartition(f"{rule.options['folder']}/")[2].partition("/")[0]
    value = _field(scan, _result(scan, exports.module_value(scan.graph.ev, path)), "routes")
    for record in _records(scan, value) if files is not None else ():
        method, written, named = (texts(scan.graph.ev, _field(scan, record, k)) for k in ("method", "path", "handler"))
        given = _field(scan, record, "handler")
        if files is None or len(method) != 1 or not method[0].isalpha() or len(written) != 1 or not written[0].startswith("/"):
            continue
        place = place_of_text(scan, path, written[0], Place(file=path, line=1, end_line=1))
        handler = given if isinstance(given, FuncV) else _action(scan, files, named[0], folder) if named else None
        settings = _field(scan, record, "config")
        prefix = next(iter(texts(scan.graph.ev, _field(scan, settings, "prefix"))), None)
        whole = join(files.prefix() if prefix is None else prefix, written[0], keep_root=False)
        _add(scan, card, rule, method[0].upper(), whole, place, handler, _guards(scan, files, settings, folder, place), ())


def _records(scan: Scan, value: AV | None) -> Iterator[Obj]:
    for option in options(value) if value is not None else ():
        for item in option.items[:MAX_ROUTES] if isinstance(option, ListV) else ():
            yield from (o for o in options(scan.graph.ev.thunk(item)) if isinstance(o, Obj))


# ---------------------------------------------------------------- controllers and guards


def _action(scan: Scan, files: _Files, named: str, folder: str) -> AV | None:
    """The method of a controller by its name: `order.find`, `api::order.order.find`."""
    *above, controller, action = named.rpartition("::")[2].split(".") if "." in named else ("", "")
    stem = f"{files.folder(above[0] if above else folder)}/{files.rule.options['controllers']}/{controller}"
    found = _field(scan, _result(scan, files.module(stem)), action)
    return found if isinstance(found, FuncV) else None


def _guards(scan: Scan, files: _Files, settings: AV | None, folder: str, place: Place) -> tuple[Guard, ...]:
    found: list[Guard] = []
    for key in files.rule.options["guards"]:
        listed = _field(scan, settings, key)
        names = [
            n
            for o in options(listed or UNKNOWN)
            if isinstance(o, ListV)
            for t in o.items[:20]
            for n in _named(scan, scan.graph.ev.thunk(t))
        ]
        for name in names:
            bare = name.rpartition("::")[2].rpartition(".")[2]
            here = (f"{files.folder(folder)}/{key}/{bare}", f"{files.root}{files.rule.options['folder'].rpartition('/')[0]}/{key}/{bare}")
            values = (v for v in map(files.module, here) if v is not None)
            value = next((f for v in values for f in options(v) if isinstance(f, FuncV)), Ext(f"~{name}"))
            found.append(Guard(value=value, place=place, start=0))
    return tuple(found)


def _named(scan: Scan, value: AV) -> list[str]:
    named = _field(scan, value, "name") if isinstance(value, Obj) else value
    return [] if isinstance(named, FuncV) else texts(scan.graph.ev, named)


def _result(scan: Scan, value: AV | None) -> AV | None:
    """The record behind a value: itself, what a function gives, or what a function among the arguments of a maker gives."""
    for option in options(value) if value is not None else ():
        if isinstance(option, Obj):
            return option
        if isinstance(option, FuncV):
            return _result(scan, scan.graph.ev.invoke(option))
        if isinstance(option, Ext) and option.site is not None:
            inner = scan.graph.ev.arg_value(option.site, 1)
            given = scan.graph.ev.invoke(inner) if isinstance(inner, FuncV) else inner
            return given if isinstance(given, Obj) else None
    return None


def _field(scan: Scan, value: AV | None, key: str) -> AV | None:
    for option in options(value) if value is not None else ():
        thunk = members.field_thunk(scan.graph.ev, option, key) if isinstance(option, Obj) else None
        if thunk is not None:
            return scan.graph.ev.thunk(thunk)
    return None


def _add(
    scan: Scan, card: Card, rule: RouteRule, method: str, path: str, place: Place, handler: AV | None, guards: tuple[Guard, ...],
    touches: tuple[Touch, ...],
) -> None:  # fmt: skip
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=path, place=place, start=place.line, card=card, rule=rule, handler=handler, guards=guards,
            touches=touches,
        )
    )  # fmt: skip
