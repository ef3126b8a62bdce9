"""Routes by convention: one call registers a class, and its methods become the routes of a collection and its members.

Options of the rule: `collection` and `member` map HTTP methods to method names; `lookup_fields` are fields of the class that
name the path parameter, `lookup` its default; `slash` is the keyword of the router that turns the trailing slash off;
`actions` are decorators that add routes of their own, `member_actions` those of them whose routes stand below a member without saying so,
`mapped` the member of such a method that gives its path further HTTP methods.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.class_views import View, allowed_methods, answer, class_guards, provided, view_of
from backend_readiness.graph.routes.routing import Guard, Registration, RouterKey, Touch
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import from_regex, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

MAX_ACTIONS = 60


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("resource", ()):
        view = view_of(scan, scan.value(hit, hit.rule.handler), scan.place(hit), hit.call.start)
        if view is not None:
            for path in scan.texts(hit, hit.rule.path):
                _Resource(scan, hit, view, path).register()


class _Resource:
    def __init__(self, scan: Scan, hit: Hit, view: View, path: str) -> None:
        self.scan, self.hit, self.view = scan, hit, view
        self.router: RouterKey | None = scan.router(hit)
        self.slash = "" if _switched_off(scan, hit, str(hit.rule.options.get("slash", ""))) else "/"
        base = from_regex(path).strip("/")
        self.base = f"/{base}" if base else ""
        self.one = f"{self.base}/{{{self._lookup()}}}"

    def register(self) -> None:
        rule = self.hit.rule.options
        brought = provided(self.scan, self.view.bases)
        allowed = allowed_methods(self.scan, self.view)
        for path, names in ((self.base, rule.get("collection", {})), (self.one, rule.get("member", {}))):
            for method, name in names.items():
                found = members.own_member(self.scan.graph.ev, InstV(self.view.cls), name) if self.view.cls is not None else None
                handler = found if isinstance(found, FuncV) else None
                if (handler is None and name not in brought) or (allowed and method not in allowed):
                    continue
                item = answer(self.scan, self.view, method, (name,), handler, self._guards(name, method))
                self._add(method, path, item.handler, self.scan.place(self.hit), item.guards, item.runs, item.touches)
        named: dict[str, tuple[SymbolId, Site]] = {}
        for symbol, site in self._actions():
            named.setdefault(self.scan.graph.view(symbol.file).symbol(symbol.index).name, (symbol, site))
            self._action(symbol, site)
        for symbol, action, method in self._mapped() if named else ():
            if action in named:
                self._action(named[action][0], named[action][1], symbol, method)

    def _add(
        self, method: str, path: str, handler: AV, place: Place, guards: tuple[Guard, ...], runs: tuple[FuncV, ...] = (),
        touches: tuple[Touch, ...] = (),
    ) -> None:  # fmt: skip
        self.scan.routing.registrations.append(
            Registration(
                router=self.router, method=method, path=path + self.slash, place=place, start=self.hit.call.start, card=self.hit.card,
                rule=self.hit.rule, handler=handler, guards=guards, runs=runs, touches=touches,
            )
        )  # fmt: skip

    def _guards(self, action: str, method: str) -> tuple[Guard, ...]:
        return tuple(class_guards(self.scan, self.view, self.scan.place(self.hit), self.hit.call.start, action, method))

    def _lookup(self) -> str:
        for field in self.hit.rule.options.get("lookup_fields", ()):
            value = members.own_member(self.scan.graph.ev, self.view.cls, field)
            if isinstance(value, Const) and isinstance(value.value, str):
                return value.value
        return str(self.hit.rule.options.get("lookup", "id"))

    # ------------------------------------------------------------ routes of single methods

    def _actions(self) -> Iterator[tuple[SymbolId, Site]]:
        """Methods of the class and its bases in the repository with a decorator that adds a route."""
        cls, graph = self.view.cls, self.scan.graph
        if cls is None:
            return
        wanted = set(self.hit.rule.options.get("actions", ()))
        seen: set[str] = set()
        for owner in (cls, *(b for b in inheritance.bases(graph.ev, cls) if isinstance(b, ClassV))):
            view = graph.view(owner.symbol.file)
            for child in view.children.get(owner.symbol.index, ())[:MAX_ACTIONS]:
                symbol = view.symbol(child)
                if symbol.name in seen:
                    continue
                seen.add(symbol.name)
                for decorator in symbol.decorators:
                    if isinstance(decorator, CallRef):
                        call = view.facts.calls[decorator.call]
                        values = options(graph.ev.value(call.callee, view.path, call.owner))
                        if any(isinstance(v, Ext) and v.path in wanted for v in values):
                            yield SymbolId(view.path, child), Site(view.path, decorator.call, None)

    def _mapped(self) -> Iterator[tuple[SymbolId, str, str]]:
        """Methods that answer another HTTP method at the path of an action, and its name: `@star.mapping.delete`."""
        cls, word = self.view.cls, self.hit.rule.options.get("mapped")
        if cls is None or not word:
            return
        for owner in (cls, *(b for b in inheritance.bases(self.scan.graph.ev, cls) if isinstance(b, ClassV))):
            view = self.scan.graph.view(owner.symbol.file)
            for child in view.children.get(owner.symbol.index, ())[:MAX_ACTIONS]:
                for made in view.symbol(child).decorators:
                    through = made.base if isinstance(made, Member) else None
                    if isinstance(made, Member) and isinstance(through, Member) and through.name == word and isinstance(through.base, Name):
                        yield SymbolId(owner.symbol.file, child), through.base.id, made.name.upper()

    def _action(self, where: SymbolId, site: Site, answers: SymbolId | None = None, method: str = "") -> None:
        """The routes of a method with such a decorator; `answers` is another that answers one more HTTP method there."""
        ev = self.scan.graph.ev
        view = self.scan.graph.view(where.file)
        call = view.facts.calls[site.call]
        place = Place(file=where.file, line=call.line, end_line=call.end_line)

        def named(key: str, position: int | None = None) -> AV | None:
            thunk = argument_thunk(ev, site, Ref(kwarg=key, arg=position))
            return ev.thunk(thunk) if thunk is not None else None

        tails = texts(ev, named("url_path", 2)) or [view.symbol(where.index).name]
        methods = [method] if answers is not None else [m.upper() for m in texts(ev, named("methods", 0)) if m.isalpha()] or ["GET"]
        members_own = self.hit.rule.options.get("member_actions", ())
        implied = any(isinstance(v, Ext) and v.path in members_own for v in options(ev.value(call.callee, view.path, call.owner)))
        base = self.one if implied or named("detail", 1) == Const(True) else self.base
        listed = [v for field in self.view.rule.guards if (v := named(field)) is not None]
        own = [g for value in listed for g in self.scan.guards_of(value, place, call.start)]
        if answers is not None:
            symbol = self.scan.graph.view(answers.file).symbol(answers.index)
            place = Place(file=answers.file, line=symbol.line, end_line=symbol.line)
        handler = FuncV(answers or where, InstV(self.view.cls) if self.view.cls is not None else None)
        for tail in tails:
            for method in methods:
                guards = self._guards(view.symbol(where.index).name, method) if not listed else tuple(own)
                self._add(method, f"{base}/{from_regex(tail).strip('/')}", handler, place, guards)


def _switched_off(scan: Scan, hit: Hit, keyword: str) -> bool:
    """`DefaultRouter(trailing_slash=False)`."""
    made = hit.callee.base
    if not keyword or not isinstance(made, Ext) or made.site is None:
        return False
    thunk = argument_thunk(scan.graph.ev, made.site, Ref(kwarg=keyword))
    return thunk is not None and scan.graph.ev.thunk(thunk) == Const(False)
