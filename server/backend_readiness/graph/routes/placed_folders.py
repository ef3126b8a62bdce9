"""Where settings put the applications that folders hold: at the root of a host of their own, or below another name.

`options.placed` of a rule whose `folder` names an application: `file`, the name of the files of settings; `root`, the keys of tables
whose values are applications with a host of their own (`'shop.example' => 'admin'`); `named`, those of tables from names in paths to
applications.
"""

from __future__ import annotations

from backend_readiness.facts.model import Lit, Record, Value
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.rules.card_rules import RouteRule

_ANY_NAME = "*"


def placed(scan: Scan, rule: RouteRule, folder: str) -> str:
    """What stands before the paths of the application in the folder."""
    said = rule.options.get("placed")
    if said is None or not folder:
        return folder
    if any(folder in table.values() for table in _tables(scan, said, "root")):
        return ""
    called = [name for table in _tables(scan, said, "named") for name, app in table.items() if app == folder and name != _ANY_NAME]
    return called[0] if called else folder


def _tables(scan: Scan, said: dict[str, object], kind: str) -> list[dict[str, str]]:
    keys = said.get(kind, ())
    found: list[dict[str, str]] = []
    for path in scan.graph.files_named(str(said["file"])):
        for several in scan.graph.view(path).returns.values() if path in scan.graph.production else ():
            inner = [_inner(r.value, str(k)) for r in several for k in (keys if isinstance(keys, list | tuple) else ())]
            found += [_texts(i) for i in inner if i is not None]
    return found


def _texts(table: Record) -> dict[str, str]:
    return {k: v.value for k, v in table.items if k and isinstance(v, Lit) and isinstance(v.value, str)}


def _inner(value: Value | None, key: str) -> Record | None:
    item = next((v for k, v in value.items if k == key), None) if isinstance(value, Record) else None
    return item if isinstance(item, Record) else None
