"""What methods of a controller say of its actions: their HTTP methods, and actions that other classes answer.

Options of shape `methods`: `limits`, rows of `method`, whose result lists filters as records, `class`, the filter that is meant, and `key`,
its record of actions with their HTTP methods (a row without a `class` has that record as its result); `others`: `method`, whose result
maps names of actions to classes or to records with a `class`, `skip`, classes that answer nothing of their own, and `runs`, the method of
such a class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.exports import class_named
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ListV, Obj, SymbolId, Thunk, options
from backend_readiness.rules.card_rules import RouteRule

MAX_ENTRIES = 60


def limits_of(scan: Scan, rule: RouteRule, where: SymbolId) -> dict[str, tuple[str, ...]]:
    """Name of an action as it stands in paths -> its HTTP methods; `*` speaks for the others."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rule.options.get("limits", ()):
        for result in _results(scan, where, str(row["method"])):
            tables = [result] if "class" not in row else [t for f in _entries(scan, result) if (t := _of_filter(scan, f, row)) is not None]
            for table in tables:
                for name, thunk in list(table.fields.items())[:MAX_ENTRIES]:
                    methods = tuple(m.upper() for m in _listed(scan, scan.graph.ev.thunk(thunk)) if m.isalpha())
                    if methods:
                        found[name] = methods
    return found


def others_of(scan: Scan, rule: RouteRule, where: SymbolId) -> Iterator[tuple[str, AV, int]]:
    """(name, what answers, the line that says so) of the actions that other classes answer."""
    option: dict[str, Any] = rule.options.get("others", {})
    for result in _results(scan, where, str(option["method"])) if option else ():
        for name, thunk in list(result.fields.items())[:MAX_ENTRIES]:
            cls = _class_of(scan, scan.graph.ev.thunk(thunk))
            if cls is None or (isinstance(cls, Ext) and any(compiled(p).fullmatch(cls.path) for p in option.get("skip", ()))):
                continue
            runs = members.own_member(scan.graph.ev, InstV(cls), str(option.get("runs", ""))) if isinstance(cls, ClassV) else None
            yield name, runs if isinstance(runs, FuncV) else cls, _line(scan, where, name)


def _results(scan: Scan, where: SymbolId, method: str) -> Iterator[Obj]:
    function = members.own_member(scan.graph.ev, InstV(ClassV(where)), method)
    if isinstance(function, FuncV):
        value = scan.graph.ev.invoke(function)
        yield from (o for o in options(value) if isinstance(o, Obj)) if value is not None else ()


def _entries(scan: Scan, table: Obj) -> list[AV]:
    return [scan.graph.ev.thunk(t) for t in list(table.fields.values())[:MAX_ENTRIES]]


def _of_filter(scan: Scan, value: AV, row: dict[str, Any]) -> Obj | None:
    """The record of actions of a filter, when it is the one that is meant."""
    for option in options(value):
        cls = _class_of(scan, option) if isinstance(option, Obj) else None
        if isinstance(option, Obj) and isinstance(cls, Ext) and any(compiled(p).fullmatch(cls.path) for p in row["class"]):
            thunk = members.field_thunk(scan.graph.ev, option, str(row["key"]))
            for inner in options(scan.graph.ev.thunk(thunk)) if thunk is not None else ():
                if isinstance(inner, Obj):
                    return inner
    return None


def _class_of(scan: Scan, value: AV) -> ClassV | Ext | None:
    for option in options(value):
        if isinstance(option, ClassV | Ext):
            return option
        if isinstance(option, Const) and isinstance(option.value, str):  # `'application.actions.Export'`
            named = class_named(scan.graph.ev, re.split(r"[.\\\\/]", option.value)[-1])
            return named if isinstance(named, ClassV) else None
        thunk = members.field_thunk(scan.graph.ev, option, "class") if isinstance(option, Obj) else None
        if thunk is not None:
            return _class_of(scan, scan.graph.ev.thunk(thunk)) if not isinstance(scan.graph.ev.thunk(thunk), Obj) else None
    return None


def _listed(scan: Scan, value: AV) -> list[str]:
    found: list[str] = []
    for option in options(value):
        items: list[Thunk] = list(option.items) if isinstance(option, ListV) else []
        found.extend(t for i in items for t in texts(scan.graph.ev, scan.graph.ev.thunk(i)))
        found.extend(texts(scan.graph.ev, option) if not items else ())
    return found


def _line(scan: Scan, where: SymbolId, name: str) -> int:
    """Where the class writes the name of the action in quotes; its own line else."""
    symbol = scan.graph.view(where.file).symbol(where.index)
    lines = scan.graph.text(where.file).split("\n")[symbol.line - 1 : symbol.end_line]
    return next((symbol.line + n for n, text in enumerate(lines) if f"'{name}'" in text or f'"{name}"' in text), symbol.line)
