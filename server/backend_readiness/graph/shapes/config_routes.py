"""Routes that a file of configuration lists: `handlers: [{ route: "/orders", method: "post", handler: "./orders.ts" }]`.

Options of the rule: `files` are the stems of such files; their default export is the configuration, or what a call or a function there is
given or gives back. `lists` are ways to lists of routes, `records` ways to records of them by path; a way is keys with dots, and `*` is
each item of a list. `keys` names the fields of a route: `path`, `method` and `handler`. A handler is a function, a record of functions by
HTTP method, or the path of a file whose default export answers; `homes` maps the heads of such paths to folders of the application. `base`
is the way to a path before all.
A rule with a `callee` speaks of calls that add the route at `child`: `addServerHandler({ route, handler })`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.model import CallRef
from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.families import family
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Const, Ext, FuncV, ListV, Obj, Site, Text, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ROUTES = 500
MAX_DEPTH = 4
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_ENDINGS = ("", ".ts", ".js", ".mjs", ".mts", ".tsx", "/index.ts", "/index.js")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "config_routes":
                for path, file in scan.graph.production.items():
                    stem = path.rpartition("/")[2].rpartition(".")[0]
                    if stem in rule.options.get("files", ()) and family(file.language) == card.id.partition("/")[0]:
                        _Listed(scan, card, rule, path).register()
    for hit in scan.hits.get("config_routes", ()):
        given = scan.value(hit, hit.rule.child)
        for item in options(given) if given is not None else ():
            _Listed(scan, hit.card, hit.rule, hit.site.file).row(item, "")


class _Listed:
    """The routes that one file of configuration lists."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule, path: str) -> None:
        self.scan, self.card, self.rule, self.path = scan, card, rule, path
        self.ev = scan.graph.ev
        self.keys: dict[str, str] = {"path": "path", "method": "method", "handler": "handler", **rule.options.get("keys", {})}

    def register(self) -> None:
        given: dict[str, Any] = self.rule.options
        for config in self._configs(exports.exported(self.ev, self.path, "default"), 0):
            base = next((t for v in self._at(config, str(given.get("base", ""))) for t in texts(self.ev, v)), "") if "base" in given else ""
            for way in given.get("lists", ()):
                for found in self._at(config, way):
                    for thunk in found.items[:MAX_ROUTES] if isinstance(found, ListV) else ():
                        for item in options(self.ev.thunk(thunk)):
                            self.row(item, base)
            for way in given.get("records", ()):
                for found in self._at(config, way):
                    for path, thunk in list(found.fields.items())[:MAX_ROUTES] if isinstance(found, Obj) else ():
                        value = self.ev.thunk(thunk)
                        inner = next(iter(self._at(value, self.keys["handler"])), None)
                        self._add([path], self._methods(value), inner or value, base)

    def _configs(self, value: AV | None, depth: int) -> Iterator[Obj]:
        """The records of configuration that a value stands for."""
        for option in options(value) if value is not None and depth < MAX_DEPTH else ():
            if isinstance(option, Obj):
                yield option
            elif isinstance(option, Ext) and option.site is not None:  # `defineConfig({...})`
                yield from self._configs(self.ev.arg_value(option.site, 0), depth + 1)
            elif isinstance(option, FuncV):  # `defineConfig(() => ({...}))`
                view = self.scan.graph.view(option.symbol.file)
                for item in view.returns.get(option.symbol.index, ()):
                    if item.value is not None and not isinstance(item.value, CallRef):
                        yield from self._configs(self.ev.value(item.value, view.path, option.symbol.index), depth + 1)

    def _at(self, value: AV, way: str) -> list[AV]:
        found = [value]
        for key in way.split("."):
            if key == "*":
                found = [o for v in found if isinstance(v, ListV) for t in v.items[:MAX_ROUTES] for o in options(self.ev.thunk(t))]
            else:
                thunks = [members.field_thunk(self.ev, v, key) for v in found if isinstance(v, Obj)]
                found = [o for t in thunks if t is not None for o in options(self.ev.thunk(t))]
        return found

    def row(self, item: AV, base: str) -> None:
        paths = [t for v in self._at(item, self.keys["path"]) for t in texts(self.ev, v)]
        handlers = self._at(item, self.keys["handler"])
        if paths and handlers:
            self._add(paths, self._methods(item), handlers[0], base)

    def _methods(self, item: AV) -> list[str]:
        return [t.upper() for v in self._at(item, self.keys["method"]) for t in texts(self.ev, v) if t.upper() in METHODS]

    def _add(self, paths: list[str], methods: list[str], handler: AV, base: str) -> None:
        answering = self._answering(handler)
        if answering is None:
            return
        by_method = {m: self.ev.thunk(t) for m, t in answering.fields.items() if m in METHODS} if isinstance(answering, Obj) else {}
        for path in (p for p in paths if p.startswith("/")):
            place = place_of_text(self.scan, self.path, path, Place(file=self.path, line=1, end_line=1))
            for method, value in by_method.items() or [(m, answering) for m in methods or ["ANY"]]:
                inner, around = unwrapped(self.scan.graph, value)
                self.scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=join(base, path, keep_root=False), place=place, start=0, card=self.card,
                        rule=self.rule, handler=inner, guards=tuple(Guard(value=w, place=place, start=0) for w in around),
                    )
                )  # fmt: skip

    def _answering(self, handler: AV) -> AV | None:
        """The value itself, or what the file that it names exports; None where nothing of it is in sight."""
        if isinstance(handler, Ext) and handler.site is not None and handler.base is not None:  # `resolve("./runtime/orders")`
            written = self._given(handler.site)
            return self._of_files(written) if written else handler
        if isinstance(handler, Const | Text):
            return self._of_files(texts(self.ev, handler))
        return handler

    def _given(self, site: Site) -> list[str]:
        return [
            t for n in (1, 0) if (v := self.ev.arg_value(site, n)) is not None for t in texts(self.ev, v) if t.startswith((".", "~", "@"))
        ]

    def _of_files(self, written: list[str]) -> AV | None:
        folder = self.path.rpartition("/")[0]
        homes: dict[str, list[str]] = self.rule.options.get("homes", {})
        for text in written:
            heads = [(h, f) for h, folders in homes.items() if text.startswith(h) for f in folders] or [("", "")]
            for head, below in heads:
                whole = "/".join(p for p in (folder, below, text.removeprefix(head).removeprefix("./")) if p)
                file = next((whole + e for e in _ENDINGS if whole + e in self.scan.graph.facts.files), "")
                if file:
                    return exports.module_value(self.ev, file)
        return None
