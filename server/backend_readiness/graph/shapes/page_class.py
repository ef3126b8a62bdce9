"""Pages: a view that says that it is one, with a class beside it whose methods answer (`Pages/Basket/Index.cshtml` with `OnPost`).

Options of the rule: `language` of the views; `directive`, the call in the view that makes it a page and may hold the end of its path;
`code`, what the name of the class's file has more than that of the view; `starts`, with which its methods begin before the HTTP
method; `drops`, the end of their names that does not count; `slot`, a part of the path that only picks one of them; `root`, the
view that stands for its folder. `guards`, `filters` and `guard_methods` as for controllers; `token_conventions` as there: the names of
pages are then written with dashes. A rule with a `callee` gives a page another path (`AddPageRoute("/Contact", "write-to-us/{topic?}")`):
`child` is the argument with the page, `path` that with the path, `options.area` that with the area. `root_setting` is the setting with the
folder of all pages, `prefix` the argument of a call that says it.
"""

from __future__ import annotations

from backend_readiness.facts.model import Lit, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.routes.class_versions import assigned_values
from backend_readiness.graph.routes.conventions import dashed, without_defaults
from backend_readiness.graph.routes.model_conventions import writes_dashes
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.sent.tag_links import page_name
from backend_readiness.graph.shapes.controller import Controllers
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card

METHODS = ("Get", "Post", "Put", "Patch", "Delete", "Head")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "page_class" and "directive" in rule.options:
                _Pages(scan, card, rule).register()


class _Pages:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule, self.graph = scan, card, rule, scan.graph
        self.marks = Controllers(scan, card, rule, [])
        self.dashed = writes_dashes(self.graph, rule.options)
        self.roots = [str(v.value) for v in assigned_values(self.graph, str(rule.options.get("root_setting", "")))]
        self.roots += [t for h in scan.hits.get("page_class", ()) if h.rule.prefix is not None for t in scan.texts(h, h.rule.prefix)]
        self.others: dict[str, list[tuple[str, Place]]] = {}
        for hit in scan.hits.get("page_class", ()):
            area = next(iter(scan.texts(hit, Ref(**hit.rule.options["area"]))), "") if "area" in hit.rule.options else ""
            for page in scan.texts(hit, hit.rule.child) if hit.card.id == card.id else ():
                found = self.others.setdefault(f"/{area}{page}".replace("//", "/").lower(), [])
                found.extend((t, scan.place(hit)) for t in scan.texts(hit, hit.rule.path))

    def register(self) -> None:
        for path, index in self.graph.production.items():
            if index.language == self.rule.options["language"] and self.rule.options["directive"] in index.names:
                self._page(path)

    def _page(self, path: str) -> None:
        view = self.graph.view(path)
        said = next((c for c in view.facts.calls if callee_name(c) == self.rule.options["directive"]), None)
        name = next((n for r in self.card.tag_links if (n := page_name(r, path, self.roots)) is not None), None)
        if said is None or name is None:
            return
        first = said.args[0].value if said.args else None
        written = str(first.value) if isinstance(first, Lit) else ""
        slot = f"{{{self.rule.options.get('slot')}?}}"
        area, _, inside = name.removeprefix("page:").partition("#")
        whole = f"/{area}{inside}" if area else inside
        base = whole.removesuffix(f"/{self.rule.options['root']}") or "/"
        base = "/".join(dashed(s) for s in base.split("/")) if self.dashed else base
        handlers, guards = self._handlers(path)
        place = Place(file=path, line=said.line, end_line=said.end_line)
        for method, handler, part in handlers or [("GET", None, "")]:
            end = written.replace(slot, part).rstrip("/") if len(written) > 1 else written
            route = without_defaults(end.removeprefix("~") if end.startswith(("/", "~/")) else join(base, end, keep_root=False))
            where = place
            if isinstance(handler, FuncV):
                symbol = self.graph.view(handler.symbol.file).symbol(handler.symbol.index)
                where = Place(file=handler.symbol.file, line=symbol.line, end_line=symbol.line)
            self.scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=route, place=where, start=0, card=self.card, rule=self.rule, handler=handler,
                    guards=guards, name=f"{name}?{part}" if part else name,
                )
            )  # fmt: skip
            for template, at in self.others.get(whole.lower(), ()):
                other = without_defaults(f"/{template.strip('/')}")
                self.scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=other, place=at, start=0, card=self.card, rule=self.rule, handler=handler,
                        guards=guards,
                    )
                )  # fmt: skip

    def _handlers(self, path: str) -> tuple[list[tuple[str, AV | None, str]], tuple[Guard, ...]]:
        """(HTTP method, method of the class, its own name) of the class beside a view; a page without one is shown all the same."""
        file = path + str(self.rule.options["code"])
        if file not in self.graph.facts.files:
            return self._methods(SymbolId(path, 0), None), ()  # methods that the view has itself (`@functions { ... }`)
        view = self.graph.view(file)
        found: list[tuple[str, AV | None, str]] = []
        guards: list[Guard] = []
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.kind != "class" or symbol.parent != 0 or any(d == Name("abstract") for d in symbol.decorators):
                continue
            cls = ClassV(SymbolId(file, number))
            inherited = [b.symbol for b in inheritance.bases(self.graph.ev, cls) if isinstance(b, ClassV)]
            for where in (cls.symbol, *inherited):
                found.extend(self._methods(where, cls))
            guards.extend(g for where in (cls.symbol, *inherited) for g in self.marks.guards(self.marks.marks(where)))
        if found and not any(m == "GET" for m, _, _ in found):
            found.insert(0, ("GET", None, ""))
        return found, tuple(guards)

    def _methods(self, where: SymbolId, cls: ClassV | None) -> list[tuple[str, AV | None, str]]:
        view = self.graph.view(where.file)
        found: list[tuple[str, AV | None, str]] = []
        for child in view.children.get(where.index, ()):
            symbol = view.symbol(child)
            start = str(self.rule.options["starts"])
            method = next((m for m in METHODS if symbol.name.startswith(start + m)), None)
            if symbol.kind in ("method", "function") and method is not None and Name("private") not in symbol.decorators:
                rest = symbol.name[len(start + method) :].removesuffix(str(self.rule.options.get("drops", "")))
                if not rest or rest[:1].isupper():
                    found.append((method.upper(), FuncV(SymbolId(where.file, child), InstV(cls) if cls is not None else None), rest))
        return found
