"""Collections that a setting lists by their names: `DOMAIN = {"orders": {"item_methods": ["GET", "PATCH"]}}`.

The rule's `callee` makes the application, which is given a record of settings at `child`, or takes them from files that fit `glob`.
Options: `setting` is the name of the table; `collection` and `member` name what lists the HTTP methods: the key of an entry, the setting
for all entries, and the methods without either; `path` is the key with another name in paths, `parameter` the key and the setting that name
the parameter of a member, with what it is called without them; `prefixes` are settings with parts that stand before all paths; `hidden` is
the key of an entry that is no route, `alone` the key with which it has no members; `reads` are HTTP methods that only read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.routing import Registration, Touch
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Const, ModV, Obj, options
from backend_readiness.model import Place

MAX_ENTRIES = 200
Settings = Callable[[str], AV | None]


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("setting_collections", ()):
        given = scan.value(hit, hit.rule.child)
        records = [o for o in options(given) if isinstance(o, Obj)] if given is not None else []
        for record in records:
            _collections(scan, hit, hit.site.file, _of_record(scan, record))
        patterns = [re.compile(g) for g in hit.rule.glob]
        for file in scan.graph.naming(str(hit.rule.options["setting"])) if not records else ():
            if file in scan.graph.production and any(p.search(file) for p in patterns):
                _collections(scan, hit, file, _of_file(scan, file))


def _of_record(scan: Scan, record: AV) -> Settings:
    def setting(name: str) -> AV | None:
        thunk = members.field_thunk(scan.graph.ev, record, name)
        return scan.graph.ev.thunk(thunk) if thunk is not None else None

    return setting


def _of_file(scan: Scan, file: str) -> Settings:
    view = scan.graph.view(file)

    def setting(name: str) -> AV | None:
        return scan.graph.ev.member(ModV(file), name) if view.bindings.get((0, name)) else None

    return setting


def _collections(scan: Scan, hit: Hit, file: str, setting: Settings) -> None:
    said = hit.rule.options
    before = ""
    for name in said.get("prefixes", ()):
        before = join(before, next(iter(_texts(scan, setting(name))), ""), keep_root=False)
    table = setting(str(said["setting"]))
    for record in options(table) if table is not None else ():
        for key, thunk in list(record.fields.items())[:MAX_ENTRIES] if isinstance(record, Obj) else ():
            entry = _of_record(scan, scan.graph.ev.thunk(thunk))
            if entry(str(said["hidden"])) == Const(True):
                continue
            place = place_of_text(scan, file, key, scan.place(hit))
            path = join(before, next(iter(_texts(scan, entry(str(said["path"])))), key), keep_root=False)
            field, usual, name = said["parameter"]
            one = next(iter([*_texts(scan, entry(field)), *_texts(scan, setting(usual))]), name)
            ways = [("collection", path)]
            ways += [("member", f"{path}/{{{one}}}")] if entry(str(said["alone"])) != Const(False) else []
            for kind, whole in ways:
                own, all_of, methods = said[kind]
                for method in _texts(scan, entry(own)) or _texts(scan, setting(all_of)) or methods:
                    _add(scan, hit, method.upper(), whole, place, key)


def _texts(scan: Scan, value: AV | None) -> list[str]:
    return [t for t in texts(scan.graph.ev, value) if not t.startswith("{")] if value is not None else []


def _add(scan: Scan, hit: Hit, method: str, path: str, place: Place, target: str) -> None:
    kind = "read" if method in hit.rule.options.get("reads", ()) else "delete" if method == "DELETE" else "write"
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=path, place=place, start=place.line, card=hit.card, rule=hit.rule, handler=None,
            touches=(Touch(operation=kind, target=target, place=place),),
        )
    )  # fmt: skip
