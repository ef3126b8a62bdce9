"""Decorators that the repository writes itself to keep what stands above its methods as routes, which a loop registers later:

    @Controller("/orders")
    class Orders {
      @Get("/:id") show(req, res) { ... }
    }
    routes.forEach((route) => router[route.method](prefix + route.path, route.handler));

The call under a computed key, whose path is not known, says which router they end on, and what stands before all of their paths. A method
is a route where a decorator above it is a function of the repository, goes by the name of an HTTP method (`verbs`) or is given one, and
the text, if any, that it is given is a path. `options.holders` are names of decorators above the class whose text or key (`options.keys`)
is the path of the class; `options.keeps` is a regular expression for the files with such decorators: they keep what they are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Concat, Index, Lit, Member, Name, Record, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.path_branches import METHODS
from backend_readiness.graph.routes.router_keys import router_key
from backend_readiness.graph.routes.routing import Guard, Mount, Registration, RouterKey, call_place, functions_in
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import ClassV, Const, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ROUTERS = 4
_PATH = re.compile(r"/?[\w/{}:.()\[\]?*+@~\\|$^-]*")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "own_decorators":
                _Own(scan, card, rule).register()


class _Own:
    """The routes of one card that decorators of the repository keep."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self._scan, self._graph, self._ev, self._card, self._rule = scan, scan.graph, scan.graph.ev, card, rule
        self._language = card.id.partition("/")[0]
        self._verbs = {v.lower(): {"del": "DELETE", "all": "ANY"}.get(v.lower(), v.upper()) for v in rule.verbs}
        self._holders = frozenset(rule.options["holders"])
        self._keys = tuple(rule.options["keys"])
        self._keeps = re.compile(str(rule.options["keeps"]))
        self._kept: dict[str, bool] = {}

    def register(self) -> None:
        routers = list(dict.fromkeys(self._routers()))[:MAX_ROUTERS]
        for path in self._graph.production if routers else ():
            view = self._graph.view(path)
            if family(view.language) == self._language:
                for number, symbol in enumerate(view.facts.symbols):
                    if symbol.kind == "method" and symbol.decorators and symbol.parent > 0:
                        self._method(routers, view, number)

    # ------------------------------------------------------------ where they are registered

    def _routers(self) -> Iterator[RouterKey]:
        """A router with the constant head of the paths, for each call under a computed key whose path is not known."""
        patterns = self._scan.patterns(self._card)
        known = {(h.site.file, h.site.call) for h in self._scan.hits.get("call", ())}
        for path, index in self._graph.production.items():
            if family(index.language) != self._language:
                continue
            view = self._graph.view(path)
            for number, call in enumerate(view.facts.calls):
                callee = call.callee
                if not isinstance(callee, Index) or isinstance(callee.key, Lit) or len(call.args) < 2 or (path, number) in known:
                    continue
                found = next(
                    (f for o in options(self._ev.value(callee.base, path, call.owner)) if (f := router_key(self._graph, o, patterns))), None
                )
                if found is None:
                    continue
                self._scan.note(*found)
                site = Site(path, number, None)
                head = self._head(view, call.args[0].value, call.owner)
                for parent, before in self._above(found[0]) or [(found[0], "")]:
                    key: RouterKey = ("own", path, number)
                    place, whole = call_place(self._graph, site), join(before, head, keep_root=False)
                    self._scan.routing.mounts.append(Mount(parent=parent, child=key, prefix=whole, place=place, start=call.start))
                    yield key

    def _above(self, router: RouterKey) -> list[tuple[RouterKey, str]]:
        """What a router that is made for each class is mounted on, with the constant head of the path there."""
        found: list[tuple[RouterKey, str]] = []
        for hit in self._scan.hits.get("mount", ()):
            view = self._graph.view(hit.site.file)
            args = hit.call.args
            if len(args) > 1 and not isinstance(self._ev.arg_value(hit.site, 0), Const):
                child = self._scan.router_of_value(self._ev.arg_value(hit.site, len(args) - 1), self._card)
                parent = self._scan.router(hit)
                if child == router and parent is not None:
                    found.append((parent, self._head(view, args[0].value, hit.call.owner)))
        return found

    def _head(self, view: FileView, value: Value, owner: int) -> str:
        """The text that an expression begins with, as far as it is the same in each round."""
        if isinstance(value, Name):
            bound = [b for s in view.enclosing(owner) for b in view.bindings.get((s, value.id), ())]
            made = bound[0][0] if len(bound) == 1 and not bound[0][1] else None
            told = made is not None and made.kind != "for" and isinstance(made.value, Concat | CallRef)
            return self._head(view, made.value, made.owner) if told and made is not None and made.value is not None else ""
        parts = value.parts if isinstance(value, Concat) else ()
        if isinstance(value, CallRef):  # `path.join("/api", prefix, route.path)`
            call = view.facts.calls[value.call]
            parts = tuple(a.value for a in call.args) if callee_name(call) in ("join", "concat") else ()
        found = ""
        for part in parts:
            given = self._ev.value(part, view.path, owner) if not isinstance(part, Name) or self._is_constant(view, part, owner) else None
            if isinstance(part, Member) and not isinstance(given, Const):
                break
            if not isinstance(given, Const) or not isinstance(given.value, str):
                break
            found = f"{found}{given.value}" if isinstance(value, Concat) else join(found, given.value, keep_root=False)
        return found

    def _is_constant(self, view: FileView, name: Name, owner: int) -> bool:
        scopes = [s for s in view.enclosing(owner) if s > 0]
        return not any((s, name.id) in view.bindings or any(p.name == name.id for p in view.symbol(s).params) for s in scopes)

    # ------------------------------------------------------------ what is decorated

    def _method(self, routers: list[RouterKey], view: FileView, number: int) -> None:
        symbol = view.symbol(number)
        for ref in symbol.decorators:
            call = view.facts.calls[ref.call] if isinstance(ref, CallRef) else None
            written = call.callee if call is not None else ref
            if isinstance(ref, CallRef) and not self._is_own(view, written):
                continue
            said = self._said(view, ref.call) if isinstance(ref, CallRef) else None
            if said is None or call is None:
                continue
            method, path = said
            handler = FuncV(SymbolId(view.path, number), InstV(ClassV(SymbolId(view.path, symbol.parent))))
            at = Place(file=view.path, line=call.line, end_line=call.end_line)
            guards = tuple(self._guards(view, symbol.parent, at)) + tuple(self._guards(view, number, at))
            for router in routers:
                for above in self._prefixes(view, symbol.parent):
                    self._scan.routing.registrations.append(
                        Registration(
                            router=router, method=method, path=join(above, path, keep_root=False), place=at, start=call.start,
                            card=self._card, rule=self._rule, handler=handler, guards=guards,
                        )
                    )  # fmt: skip

    def _is_own(self, view: FileView, written: Value) -> bool:
        """Is it a function of the repository that keeps what it is given?"""
        for option in options(self._ev.value(written, view.path, 0)):
            if isinstance(option, FuncV):
                file = option.symbol.file
                if file not in self._kept:
                    self._kept[file] = self._keeps.search(self._graph.text(file)) is not None
                return self._kept[file]
        return False

    def _said(self, view: FileView, number: int) -> tuple[str, str] | None:
        """Method and path of a decorator; None when it is none of a route."""
        call = view.facts.calls[number]
        name = (callee_name(call) or "").lower()
        method = self._verbs.get(name.removesuffix("mapping").removeprefix("http"))
        given = [t for a in call.args for t in self._texts(view, a.value)]
        record = next((a.value for a in call.args if isinstance(a.value, Record)), None)
        fields = {k: t[0] for k, v in record.items if k and (t := self._texts(view, v))} if record is not None else {}
        if method is None and name.endswith(("route", "mapping", "endpoint")):
            stated = [t.upper() for t in (*given, fields.get("method", "")) if t.upper() in (*METHODS, "ALL")]
            method = stated[0].replace("ALL", "ANY") if len(stated) == 1 else None
            given = [t for t in given if t.upper() != (stated or [""])[0]]
        if method is None:
            return None
        paths = [*given, *(fields[k] for k in self._keys if k in fields)]
        if not paths:
            return (method, "") if not call.args else None
        return (method, paths[0]) if _PATH.fullmatch(paths[0]) else None

    def _texts(self, view: FileView, value: Value) -> list[str]:
        found = self._ev.value(value, view.path, 0)
        return texts(self._ev, found) if isinstance(found, Const) or isinstance(value, Concat) else _member_texts(found)

    def _prefixes(self, view: FileView, cls: int) -> list[str]:
        for ref in view.symbol(cls).decorators:
            call = view.facts.calls[ref.call] if isinstance(ref, CallRef) else None
            if call is None or (callee_name(call) or "").lower() not in self._holders or not call.args:
                continue
            first = call.args[0].value
            if isinstance(first, Record):
                first = next((v for k, v in first.items if k in self._keys), first)
            found = [t for t in self._texts(view, first) if _PATH.fullmatch(t)]
            if found:
                return found
        return [""]

    def _guards(self, view: FileView, index: int, place: Place) -> Iterator[Guard]:
        """What other decorators of the repository put before the method."""
        for ref in view.symbol(index).decorators:
            if not isinstance(ref, CallRef) or self._said(view, ref.call) is not None:
                continue
            call = view.facts.calls[ref.call]
            if (callee_name(call) or "").lower() in self._holders or not self._is_own(view, call.callee):
                continue
            given = [f for a in call.args for f in functions_in(self._graph, self._ev.value(a.value, view.path, 0))]
            for value in given or [o for o in options(self._ev.value(call.callee, view.path, 0)) if isinstance(o, FuncV)]:
                yield Guard(value=value, place=place, start=0)


def _member_texts(value: object) -> list[str]:
    """The name of a member of an enumeration that stands for a method: `Methods.GET`."""
    name = value.path.rpartition(".")[2] if isinstance(value, Ext) else ""
    return [name] if name.upper() in METHODS else []
