"""What a function says by its own name when its decorator does not: its path (`@app.route() def about(): ...`), its HTTP method.

Options of a rule of shape `decorator`: `path_of_name` lists the names that mean the path of the router itself; every other name is the
path of a function whose decorator gives none. `method_of_name`: a function that is named for an HTTP method answers that one. `bare`:
the decorator is a route without a call too (`@rt def about(): ...`). `by_module`: a function of a module stands at its dotted name behind
that beginning (`/api/method/shop.orders.add`), a method of a class nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Lit, Name
from backend_readiness.graph.routes.router_keys import router_key
from backend_readiness.graph.routes.routing import Registration, RouterKey
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_OF_LANGUAGE = frozenset({"property", "staticmethod", "classmethod"})


def path_of_name(scan: Scan, where: SymbolId, rule: RouteRule) -> list[str]:
    """The path that the name of a function stands for; empty where the rule knows none."""
    roots = rule.options.get("path_of_name")
    if roots is None:
        return []
    name = scan.graph.view(where.file).symbol(where.index).name
    return ["/" if name in roots else f"/{name}"]


def path_of_module(scan: Scan, where: SymbolId, rule: RouteRule) -> list[str] | None:
    """The path that the dotted name of a function stands for; None where the rule knows none."""
    before = rule.options.get("by_module")
    if before is None:
        return None
    symbol = scan.graph.view(where.file).symbol(where.index)
    *folders, file = where.file.split("/")
    packages: list[str] = []
    while folders and "/".join((*folders, "__init__.py")) in scan.graph.facts.files:
        packages.insert(0, folders.pop())
    name = file.rpartition(".")[0]
    module = [*packages, *([name] if name != "__init__" else [])]
    return [f"{before}{'.'.join((*module, symbol.name))}"] if symbol.parent == 0 else []


def method_of_name(scan: Scan, where: SymbolId, rule: RouteRule) -> str:
    """The HTTP method that a function is named for; nothing where the rule does not ask, or says the method itself."""
    name = scan.graph.view(where.file).symbol(where.index).name.upper()
    return name if rule.options.get("method_of_name") and name in METHODS else ""


def register_uncalled(scan: Scan) -> None:
    """Add the routes of decorators without a call."""
    families = {c.id.partition("/")[0] for c in scan.graph.knowledge.cards for r in c.routes if r.options.get("uncalled")}
    for path, file in scan.graph.production.items() if families else ():
        if file.language in families:
            _of_file(scan, scan.graph.view(path))


def _of_file(scan: Scan, view: FileView) -> None:
    for index, symbol in enumerate(view.facts.symbols):
        for decorator in symbol.decorators:
            if isinstance(decorator, Name) and decorator.id in _OF_LANGUAGE:
                continue
            for value in options(scan.graph.ev.value(decorator, view.path, max(0, symbol.parent))):
                for item in _registered(scan, SymbolId(view.path, index), value) if isinstance(value, Ext) else ():
                    scan.routing.registrations.append(item)


def _registered(scan: Scan, where: SymbolId, value: Ext) -> Iterator[Registration]:
    symbol = scan.graph.view(where.file).symbol(where.index)
    place = Place(file=where.file, line=symbol.line, end_line=symbol.line)
    for tagged, match in scan.graph.knowledge.routes.matches(value):
        rule = tagged.rule
        if rule.shape != "decorator" or not rule.options.get("uncalled"):
            continue
        verb = (match.groupdict().get("verb") or rule.method or method_of_name(scan, where, rule)).upper()
        for method in (verb,) if verb else rule.default_methods or ("ANY",):
            yield Registration(
                router=_router(scan, where, value, tagged.card.id), method=method, path=(path_of_name(scan, where, rule) or [""])[0],
                place=place, start=symbol.start, card=tagged.card, rule=rule, handler=scan.graph.ev.symbol_value(where),
            )  # fmt: skip
        return


def _router(scan: Scan, where: SymbolId, value: Ext, card: str) -> RouterKey:
    patterns = [p for c in scan.graph.knowledge.cards if c.id == card for p in scan.patterns(c)]
    found = router_key(scan.graph, value.base if value.base is not None else value, patterns) or router_key(scan.graph, value, patterns)
    if found is None:
        return ("file", where.file, 0)
    scan.note(*found)
    return found[0]


def addressed(scan: Scan, hit: Hit, paths: list[str]) -> tuple[str, str] | None:
    """Method and path of a function that says its address below a common one: `#[server(endpoint = "orders", input = GetUrl)]`.

    Option `under` is the common path where `prefix` gives none, `reads` are arguments that make it a GET. None: it goes by its name.
    """
    under = hit.rule.options.get("under")
    if under is None or not paths:
        return None
    above = next((t for t in scan.texts(hit, Ref(arg=1, kwarg="prefix")) if t), str(under))
    said = [a.value.value if isinstance(a.value, Lit) else last_name(a.value) for a in hit.call.args]
    return "GET" if any(s in hit.rule.options.get("reads", ()) for s in said) else "POST", join(above, paths[0], keep_root=False)
