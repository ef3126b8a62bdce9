"""A file that answers every request which no other route does: `server.ts` beside `nitro.config.ts` with a handler as its default export.

Options of the rule: `stems` of such files, `manifests` one of which stands beside them, `makers` of handlers, `member`: the key of the
function in an object that is exported instead. An application that is exported has its own routes and is none of it. With `main` it is
the file of that key in a manifest (else the one named so), where it imports one of the modules `imports`; `path` says what it answers.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from backend_readiness.facts.model import Export
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.families import family
from backend_readiness.graph.modules.javascript import loads_lenient
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, Ext, FuncV, Obj, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "entry_file" and "main" in rule.options:
                for path in _mains(scan, rule):
                    export = scan.graph.view(path).exports.get("=") or scan.graph.view(path).exports.get("default")
                    if export is not None:
                        _register(scan, card, rule, path, export)
            elif rule.shape == "entry_file":
                for path, file in scan.graph.production.items():
                    folder, _, name = path.rpartition("/")
                    beside = (f"{folder}/{m}".lstrip("/") for m in rule.options["manifests"])
                    known = name.partition(".")[0] in rule.options["stems"] and family(file.language) == card.id.partition("/")[0]
                    export = scan.graph.view(path).exports.get("default") if known and any(scan.graph.has(b) for b in beside) else None
                    if export is not None:
                        _register(scan, card, rule, path, export)


def _mains(scan: Scan, rule: RouteRule) -> Iterator[str]:
    """The main files of the packages of the repository that import what the rule asks for."""
    graph = scan.graph
    for manifest in rule.options["manifests"]:
        for path in graph.files_named(str(manifest)):
            data = loads_lenient(graph.text(path))
            named = data.get("main") if isinstance(data, dict) else None
            main = posixpath.normpath(posixpath.join(posixpath.dirname(path), named if isinstance(named, str) else rule.options["main"]))
            found = next((f for f in (main, f"{main}.js", f"{main}/index.js") if f in graph.production), None)
            if found is not None and set(graph.facts.files[found].modules) & set(rule.options["imports"]):
                yield found


def _register(scan: Scan, card: Card, rule: RouteRule, path: str, export: Export) -> None:
    handler = next((h for o in options(exports.module_value(scan.graph.ev, path)) if (h := _handler(scan, rule, o)) is not None), None)
    if handler is None:
        return
    place = Place(file=path, line=export.line, end_line=export.line)
    answered = rule.path.const if rule.path is not None and rule.path.const else "/{wildcard*}"
    scan.routing.registrations.append(
        Registration(router=None, method="ANY", path=answered, place=place, start=0, card=card, rule=rule, handler=handler)
    )


def _handler(scan: Scan, rule: RouteRule, value: AV) -> AV | None:
    if isinstance(value, Obj):
        thunk = members.field_thunk(scan.graph.ev, value, str(rule.options["member"]))
        return scan.graph.ev.thunk(thunk) if thunk is not None else None
    made = isinstance(value, Ext) and value.path.removesuffix("()") in rule.options["makers"]
    if made and isinstance(value, Ext) and value.site is not None:
        return scan.graph.ev.arg_value(value.site, 0)
    return value if isinstance(value, FuncV) else None
