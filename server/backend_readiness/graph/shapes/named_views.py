"""Routes that are declared with a name, and views that answer under it: `config.add_route("order", "/orders/{id}")` with
`@view_config(route_name="order", request_method="GET")`.

A rule with `path` declares a route (`name` is its name; `options.include` marks the call that includes a module or function below
`prefix` instead). One with `handler`, or over a function, method or class, is a view: `name` says of which route, `methods` with which
methods, `options.method_of` the argument with the name of the method when a class is decorated, `options.defaults` the decorators of a
class with the name for all views in it. Decorators of the
repository that take the keyword in `options.keyword` are views too. A route without a view is one with every method.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, ModV, Site, SymbolId, Text, options
from backend_readiness.rules.card_rules import Ref


@dataclass(frozen=True, slots=True)
class View:
    """What answers a route: its methods, none for all of them."""

    methods: tuple[str, ...]
    handler: AV | None
    hit: Hit


def collect(scan: Scan) -> None:
    hits = scan.hits.get("named_views", ())
    views: dict[str, list[View]] = {}
    for hit in (h for h in hits if h.rule.path is None and "include" not in h.rule.options):
        for name, view in _views(scan, hit):
            views.setdefault(name, []).append(view)
    for name, view in _own_decorators(scan, hits):
        views.setdefault(name, []).append(view)
    prefixes = _prefixes(scan, [h for h in hits if "include" in h.rule.options])
    for hit in (h for h in hits if h.rule.path is not None):
        for name in scan.texts(hit, hit.rule.name)[:1]:
            _route(scan, hit, name, views.get(name, []), prefixes)


def _route(scan: Scan, hit: Hit, name: str, found: list[View], prefixes: dict[tuple[str, int], str]) -> None:
    fixed = [m for m in (scan.texts(hit, hit.rule.methods) if hit.rule.methods is not None else ()) if m.isalpha()]
    value = scan.value(hit, hit.rule.path)
    if not isinstance(value, Const | Text):
        return
    owner = next((i for i in scan.graph.view(hit.site.file).enclosing(hit.call.owner) if (hit.site.file, i) in prefixes), None)
    prefix = prefixes[hit.site.file, owner] if owner is not None else prefixes.get((hit.site.file, -1), "")
    for path in texts(scan.graph.ev, value):
        for view in found or [View((), None, hit)]:
            for method in view.methods or tuple(fixed) or ("ANY",):
                scan.routing.registrations.append(
                    Registration(
                        router=None, method=method.upper(), path=join(prefix, "/" + path.lstrip("/"), keep_root=True),
                        place=scan.place(hit), start=hit.call.start, card=hit.card, rule=hit.rule, handler=view.handler, name=name,
                        guards=scan.guards(view.hit, view.hit.rule.middleware) if view.hit is not hit else (),
                    )
                )  # fmt: skip


def _views(scan: Scan, hit: Hit) -> list[tuple[str, View]]:
    names = scan.texts(hit, hit.rule.name)
    methods = tuple(m for m in (scan.texts(hit, hit.rule.methods) if hit.rule.methods is not None else ()) if m.isalpha())
    handler = scan.value(hit, hit.rule.handler) if hit.rule.handler is not None else None
    symbol = scan.decorated.get((hit.site.file, hit.site.call))
    if symbol is not None:
        view = scan.graph.view(hit.site.file)
        handler = scan.graph.ev.symbol_value(SymbolId(hit.site.file, symbol))
        parent = view.symbol(symbol).parent
        if parent > 0 and view.symbol(parent).kind == "class":
            handler = FuncV(SymbolId(hit.site.file, symbol), InstV(ClassV(SymbolId(hit.site.file, parent))))
            for site, _ in _defaults(scan, hit, parent):
                names = names or _given(scan, site, hit.rule.name)
                methods = methods or tuple(m for m in _given(scan, site, hit.rule.methods) if m.isalpha())
    if "method_of" in hit.rule.options:
        for option in options(handler) if handler is not None else ():
            for text in scan.texts(hit, Ref(**hit.rule.options["method_of"]))[:1] if isinstance(option, ClassV) else ():
                own = members.own_member(scan.graph.ev, InstV(option), text) if isinstance(option, ClassV) else None
                handler = own if own is not None else handler
    return [(n, View(methods, handler, hit)) for n in names[:1]]


def _own_decorators(scan: Scan, hits: list[Hit] | tuple[Hit, ...]) -> Iterator[tuple[str, View]]:
    """Views whose decorator is a function of the repository that takes the name of a route: `@api_config(route_name="orders")`."""
    first = next((h for h in hits if "keyword" in h.rule.options), None)
    ref = first.rule.options["keyword"] if first is not None else ""
    for path in scan.graph.naming(ref) if first is not None else ():
        view = scan.graph.view(path)
        for number, symbol in enumerate(view.facts.symbols) if path in scan.graph.production else ():
            for decorator in symbol.decorators:
                call = view.facts.calls[decorator.call] if isinstance(decorator, CallRef) else None
                if call is None or not any(a.name == ref for a in call.args) or not isinstance(decorator, CallRef):
                    continue
                callee = options(scan.graph.ev.value(call.callee, path, max(0, symbol.parent)))
                if first is not None and any(isinstance(v, FuncV) for v in callee):
                    site = Site(path, decorator.call, None)
                    methods = tuple(m for m in _given(scan, site, first.rule.methods) if m.isalpha())
                    in_class = symbol.parent > 0 and view.symbol(symbol.parent).kind == "class"
                    own = InstV(ClassV(SymbolId(path, symbol.parent))) if in_class else None
                    for name in _given(scan, site, Ref(kwarg=ref))[:1]:
                        yield name, View(methods, FuncV(SymbolId(path, number), own), first)


def _defaults(scan: Scan, hit: Hit, cls: int) -> list[tuple[Site, Ext]]:
    """The decorators of the class that say something for all its views."""
    view = scan.graph.view(hit.site.file)
    found: list[tuple[Site, Ext]] = []
    for decorator in view.symbol(cls).decorators:
        if isinstance(decorator, CallRef):
            for value in options(scan.graph.ev.value(view.facts.calls[decorator.call].callee, view.path, 0)):
                if isinstance(value, Ext) and any(compiled(p).fullmatch(value.path) for p in hit.rule.options.get("defaults", ())):
                    found.append((Site(view.path, decorator.call, None), value))
    return found


def _given(scan: Scan, site: Site, ref: Ref | None) -> list[str]:
    thunk = argument_thunk(scan.graph.ev, site, ref) if ref is not None else None
    return texts(scan.graph.ev, scan.graph.ev.thunk(thunk)) if thunk is not None else []


def _prefixes(scan: Scan, hits: list[Hit]) -> dict[tuple[str, int], str]:
    """(file, function, or -1 for the whole file) -> the path below which it was included; includes inside of it stand below it."""
    found: dict[tuple[str, int], str] = {}
    for _ in range(6):
        before = dict(found)
        for hit in hits:
            given = scan.texts(hit, hit.rule.prefix)[:1] if hit.rule.prefix is not None else []
            own = next((found[hit.site.file, i] for i in scan.graph.view(hit.site.file).enclosing(hit.call.owner)
                        if (hit.site.file, i) in found), found.get((hit.site.file, -1), ""))  # fmt: skip
            whole = join(own, "/" + given[0].strip("/"), keep_root=False) if given else own
            value = scan.value(hit, Ref(**hit.rule.options["include"]))
            for option in options(value) if value is not None and whole not in ("", "/") else ():
                if isinstance(option, FuncV):
                    found[option.symbol.file, option.symbol.index] = whole
                elif isinstance(option, ModV):
                    found[option.file, -1] = whole
                else:
                    for text in texts(scan.graph.ev, option):
                        target = scan.graph.resolve(text, hit.site.file)
                        if target is not None:
                            found[target, -1] = whole
        if found == before:
            break
    return found
