"""Scripts that a web server runs by their path: `public/orders.php` is `/orders.php`.

A script is a file that no other includes, that declares nothing but what it runs, and that answers: it reads the request or prints.
Options of the rule: `roots` are folders that the server may serve, the first that exists counts; `reads` are names that hold the request,
with the HTTP method that each stands for; `prints` are calls that answer; `hidden` is a regular expression for what is never served.
`unless` are globs: where one fits, a framework answers every request and the rule is not used.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch

from backend_readiness.facts.file_index import FileIndex
from backend_readiness.graph.routing import Registration
from backend_readiness.graph.scan import Scan
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "scripts" and not _ruled_out(scan, rule):
                _register(scan, card, rule)


def _ruled_out(scan: Scan, rule: RouteRule) -> bool:
    globs = rule.options.get("unless", ())
    return any(fnmatch(f.path, g) for f in scan.graph.snapshot.files for g in globs)


def _register(scan: Scan, card: Card, rule: RouteRule) -> None:
    graph = scan.graph
    hidden = re.compile(str(rule.options["hidden"]))
    files = {p: i for p, i in graph.production.items() if i.language == "php" and not i.package and not hidden.search(p)}
    routed = {r.place.file for r in scan.routing.registrations}
    included = {target for p in files for target in _included(scan, p)}
    top = next((r for r in rule.options.get("roots", ()) if any(p.startswith(f"{r}/") for p in files)), "")
    for path, index in files.items():
        if path in included or path in routed or (top and not path.startswith(f"{top}/")):
            continue
        view = graph.view(path)
        methods = _methods(view, index, rule)
        if not methods:
            continue
        url = "/" + path.removeprefix(f"{top}/")
        for shown in (url.removesuffix("index.php"),) if url.endswith("/index.php") else (url,):
            for method in methods:
                scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=shown, place=Place(file=path, line=1, end_line=1), start=0, card=card, rule=rule,
                        handler=FuncV(SymbolId(path, 0)),
                    )
                )  # fmt: skip


def _included(scan: Scan, path: str) -> list[str]:
    stars = (i.module for i in scan.graph.view(path).facts.imports if i.name == "*" and i.local is None)
    return [t for m in stars if (t := scan.graph.resolve(m, path)) is not None and t != path]


def _methods(view: FileView, index: FileIndex, rule: RouteRule) -> list[str]:
    """The HTTP methods that a script answers; empty when it is no script."""
    if not _runs(view):
        return []
    found = [m for name, methods in rule.options["reads"].items() if name in index.names for m in methods]
    if not found and not index.elements and not set(rule.options["prints"]) & set(index.names):
        return []
    if "POST" in found and "GET" not in found and index.elements:
        found.insert(0, "GET")  # a page that shows its form and takes it
    return list(dict.fromkeys(found)) or ["GET"]


def _runs(view: FileView) -> bool:
    """Does the file do more at its top than to declare and include?"""
    if any(s.kind in ("class", "interface", "enum") and s.parent == 0 for s in view.facts.symbols):
        return False
    return bool(view.facts.elements) or any(c.owner == 0 for c in view.facts.calls) or any(a.owner == 0 for a in view.facts.assigns)
