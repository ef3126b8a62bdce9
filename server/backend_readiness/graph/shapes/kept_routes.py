"""Routers that an application writes itself in a language without types: `$router->get("/orders", "Orders@all")`.

A class is a router when the name of its file fits `options.files` and its text all of `options.find` (it keeps what it is given as routes,
and calls, makes or loads what it kept). A call of one of its methods is a route when the method is named for an HTTP method (`verbs`) or
for adding one (`adds`), and a path and what answers stand among the arguments. Which is which is told by the values: one that names HTTP
methods is the method, the first other text is the path, what follows answers. `groups` are methods whose text stands before the paths in
their function. What answers is named as `graph.handling.written_handlers` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Call, CallRef, Func, Index, Lit, Member, Name, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.loops import rounds
from backend_readiness.graph.evaluation.params import bind
from backend_readiness.graph.families import family
from backend_readiness.graph.handling.written_handlers import WrittenHandlers
from backend_readiness.graph.routes.routing import Registration, call_place
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import from_regex, join, texts
from backend_readiness.graph.values import (
    AV,
    UNKNOWN,
    ClassV,
    Const,
    Ext,
    FuncV,
    InstV,
    ListV,
    Obj,
    Site,
    SymbolId,
    Text,
    UnknownV,
    options,
)  # fmt: skip
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_FILES = 400
MAX_CHARS = 100_000
MAX_CLASSES = 40
MAX_STEPS = 8
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_BRACKETS = re.compile(r"\[(?:\w{1,3}|\*{1,2}|\.)?:(\w{1,40})\]\??")  # `[i:id]`, `[*:slug]`, as AltoRouter and Klein write parameters
_NAMES_ACTION = re.compile(r"[{:<]controller\b.{0,80}[{:<]action\b")
_PATH = re.compile(r"[\w/{}:.()\[\]?*+\\^$@#|,%~!=<>&-]*")


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "kept_routes":
                found = _Own(scan, card, rule)
                if found.routers or "packages" in rule.options:
                    found.register()


class _Own:
    """The routers of one language."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule = scan, card, rule
        self.verbs = {v.lower(): v.upper() for v in rule.verbs}
        self.adds = frozenset(a.lower() for a in rule.options["adds"])
        self.groups = frozenset(rule.options.get("groups", ()))
        self.language = card.id.partition("/")[0]
        self.packages = re.compile(rule.options.get("packages", "(?!)"))
        self._handed: dict[str, dict[int, Call]] = {}
        self.routers = dict(self._classes())
        self.held = dict(self._variables()) if self.routers else {}
        views = [(scan.graph.view(s.file), s.index) for s in self.routers]
        self.own_names = {v.symbol(c).name for v, i in views for c in v.children.get(i, ())} - {*rule.options["adds"], *rule.verbs}

    def _classes(self) -> Iterator[tuple[SymbolId, bool]]:
        graph, named = self.scan.graph, re.compile(self.rule.options["files"])
        wanted = [re.compile(p) for p in self.rule.options["find"]]
        files = [p for p, i in graph.production.items() if family(i.language) == self.language and named.search(p)][:MAX_FILES]
        texts_of = {p: graph.text(p)[:MAX_CHARS] for p in files}
        never = re.compile(self.rule.options.get("never", "(?!)"))  # what only other routers say
        apart = re.compile(self.rule.options.get("apart", "(?!)"))  # files of routers that another class of the kind looks in
        for path, text in texts_of.items():
            beside = apart.search(path) and all(any(w.search(t) for t in texts_of.values()) for w in wanted)
            if never.search(text) or (not beside and not all(w.search(text) for w in wanted)):
                continue
            view = graph.view(path)
            for number, symbol in enumerate(view.facts.symbols):
                inside = {view.symbol(c).name.lower() for c in view.children.get(number, ())}
                if symbol.kind in ("class", "interface") and not inside.isdisjoint({*self.verbs, *self.adds}):
                    yield SymbolId(path, number), True

    def _variables(self) -> Iterator[tuple[str, ClassV]]:
        """Names of variables that hold a router: an included file has them too."""
        graph = self.scan.graph
        names = {graph.view(s.file).symbol(s.index).name for s in list(self.routers)[:MAX_CLASSES]}
        for path in dict.fromkeys(f for n in names for f in graph.naming(n)[:MAX_FILES] if f in graph.production):
            for assign in graph.view(path).facts.assigns:
                key = _held(assign.target)
                if key and assign.value is not None:
                    for value in options(graph.ev.value(assign.value, path, assign.owner)):
                        if isinstance(value, InstV) and value.cls.symbol in self.routers:
                            self.scan.routing.fronts.add(path)
                            yield key, value.cls

    def register(self) -> None:
        graph = self.scan.graph
        wanted = {*self.verbs, *self.adds}
        known = {(r.place.file, r.place.line) for r in self.scan.routing.registrations}
        inside = {s.file for s in self.routers}
        for path, index in graph.production.items():
            if family(index.language) != self.language or path in inside or wanted.isdisjoint(n.lower() for n in index.names):
                continue
            view = graph.view(path)
            for number, call in enumerate(view.facts.calls):
                name = (callee_name(call) or "").lower()
                place = call_place(graph, Site(path, number, None))
                if name in wanted and call.args and (path, place.line) not in known and self._is_own(view, call):
                    for site in rounds(graph.ev, view, number):
                        self._add(view, site, call, name, site)
                elif call.args and name not in self.groups:
                    self._made_of_others(view, number, call)

    def _made_of_others(self, view: FileView, number: int, call: Call) -> None:
        """A method of a router that adds several routes by its other methods: `Route::resource("books", "BookController")`."""
        ev, at = self.scan.graph.ev, Site(view.path, number, None)
        value = next(iter(options(ev.value(call.callee, view.path, call.owner))), None) if callee_name(call) in self.own_names else None
        if not isinstance(value, FuncV):
            return
        inner = self.scan.graph.view(value.symbol.file)
        symbol = inner.symbol(value.symbol.index)
        env = bind(ev, value, symbol, at) if SymbolId(inner.path, symbol.parent) in self.routers else None
        for n in inner.calls_of.get(value.symbol.index, ()) if env is not None else ():
            each = inner.facts.calls[n]
            name = (callee_name(each) or "").lower()
            if name in self.verbs and len(each.args) > 1:
                self._add(inner, Site(inner.path, n, env), each, name, at)

    def _is_own(self, view: FileView, call: Call) -> bool:
        """Is the callee a method of a router?"""
        for value in options(self.scan.graph.ev.value(call.callee, view.path, call.owner)):
            if isinstance(value, Ext) and self.packages.search(value.path):
                return isinstance(call.args[0].value, Lit) and str(call.args[0].value.value).startswith("/")
            if isinstance(value, FuncV):
                parent = self.scan.graph.view(value.symbol.file).symbol(value.symbol.index).parent
                return SymbolId(value.symbol.file, parent) in self.routers
        if isinstance(call.callee, Name):
            return self._drawn(view, call)
        base, name = call.callee.base if isinstance(call.callee, Member) else None, callee_name(call)
        cls = self.held.get(_held(base))
        return cls is not None and name is not None and members.own_member(self.scan.graph.ev, InstV(cls), name) is not None

    def _drawn(self, view: FileView, call: Call) -> bool:
        """Does the call stand in a block that a method of a router runs as its own: `router.draw do get "/orders", ... end`?"""
        for scope in view.enclosing(call.owner):
            given = self._given(view).get(scope)
            for value in options(self.scan.graph.ev.value(given.callee, view.path, given.owner)) if given is not None else ():
                parent = self.scan.graph.view(value.symbol.file).symbol(value.symbol.index).parent if isinstance(value, FuncV) else -1
                if isinstance(value, FuncV) and SymbolId(value.symbol.file, parent) in self.routers:
                    return True
        return False

    def _add(self, view: FileView, site: Site, call: Call, name: str, at: Site) -> None:
        ev = self.scan.graph.ev
        keys = self.rule.options["keys"]
        values = [ev.value(a.value, view.path, call.owner, site.env) for a in call.args if a.name is None or a.name in keys]
        values[:1] = [self._pattern(v) for v in values[:1]]
        methods = [self.verbs[name]] if name in self.verbs and self.verbs[name] in METHODS else []
        rest: list[AV] = []
        for value in values:
            said = [] if methods or isinstance(value, FuncV) else _methods(ev, value)
            methods = methods or said
            rest.extend([] if said else [value])
        if len(rest) == 1 and isinstance(rest[0], Const) and _NAMES_ACTION.search(str(rest[0].value)):
            rest.append(UNKNOWN)  # `$router->add("{controller}/{action}")`: the path says what answers
        if len(rest) < 2 or not isinstance(rest[0], Const | Text | ListV):
            return
        handler = WrittenHandlers(self.scan, self.rule.options).find(rest[1:], view.path)
        plain = name in self.verbs or methods or not isinstance(rest[1], Const | ClassV | InstV) or _names_method(rest[1], self.rule)
        plain = plain or (len(rest) > 2 and isinstance(handler, FuncV))
        for written in texts(ev, rest[0]):
            answers = handler is not None or _NAMES_ACTION.search(written) is not None
            if _PATH.fullmatch(written) and (written.startswith(("/", "^", "#")) or (plain and answers)):
                written = _BRACKETS.sub(r"{\1}", written)
                path = "/" + (from_regex(written.strip("#~")) if "(" in written or written[:1] in "^#" else written).lstrip("/")
                path = join(self._above(view, call.owner, site.call), path, keep_root=False)
                for method in methods or ["ANY"]:
                    self.scan.routing.registrations.append(
                        Registration(
                            router=None, method=method, path=path, place=call_place(self.scan.graph, at),
                            start=call.start, card=self.card, rule=self.rule, handler=handler,
                        )
                    )  # fmt: skip

    def _pattern(self, value: AV) -> AV:
        """The text of a regular expression that is made or written where a path stands."""
        if isinstance(value, Ext) and value.site is not None and value.path.removesuffix("()") == "Regexp":
            return self.scan.graph.ev.arg_value(value.site, 0) or value
        if isinstance(value, UnknownV) and len(value.why) > 2 and value.why[0] == value.why[-1] == "/":
            return Const("^" + value.why[1:-1].replace("\\/", "/").removeprefix("\\A").removeprefix("^").removesuffix("\\z"))
        return value

    def _given(self, view: FileView) -> dict[int, Call]:
        """The call that each function of a file is handed to."""
        if view.path not in self._handed:
            self._handed[view.path] = {a.value.symbol: c for c in view.facts.calls for a in c.args if isinstance(a.value, Func)}
        return self._handed[view.path]

    def _steps(self, view: FileView, call: Call) -> Iterator[Call]:
        """The call, and those of its chain that name a prefix too: `Route::prefix("admin")->group(function () {...})`."""
        yield call
        for _ in range(MAX_STEPS):
            base = call.callee.base if isinstance(call.callee, Member) else None
            if not isinstance(base, CallRef):
                return
            call = view.facts.calls[base.call]
            if (callee_name(call) or "").lower() in self.groups:
                yield call

    def _said_before(self, view: FileView, number: int) -> str:
        """The prefix that the last statement of its own before a call names: `$router->group("admin");`, which `null` ends."""
        call = view.facts.calls[number]
        base = call.callee.base if isinstance(call.callee, Member) else None
        before = [view.facts.calls[n] for name in ("group", "prefix") for n in view.calls_by_name.get(name, ())]
        mine = [c for c in before if c.owner == call.owner and c.end < call.start and len(c.args) == 1]
        alone = [c for c in mine if isinstance(c.callee, Member) and c.callee.base == base and isinstance(c.args[0].value, Lit)]
        last = max(alone, key=lambda c: c.start, default=None)
        return str(last.args[0].value.value or "") if last is not None and isinstance(last.args[0].value, Lit) else ""

    def _above(self, view: FileView, owner: int, number: int = -1) -> str:
        """What the groups around a call put before its path."""
        found = ""
        for scope in view.enclosing(owner):
            call = self._given(view).get(scope)
            for step in self._steps(view, call) if call is not None and (callee_name(call) or "").lower() in self.groups else ():
                value = self.scan.graph.ev.value(step.args[0].value, view.path, step.owner) if step.args else None
                if isinstance(value, Obj):
                    thunk = value.fields.get("prefix")
                    value = self.scan.graph.ev.thunk(thunk) if thunk is not None else value
                text = next(iter(texts(self.scan.graph.ev, value)), "") if isinstance(value, Const | Text) else ""
                found = join(text, found, keep_root=False)
        said = self._said_before(view, number) if number >= 0 else ""
        found = join(said, found, keep_root=False) if said else found
        return found if found != "/" else ""


def _held(target: Value | None) -> str:
    """The name of a variable, or the key under which a container keeps what it is given (`$container["router"]`)."""
    if isinstance(target, Index) and isinstance(target.key, Lit):
        return f"[{target.key.value}]"
    return target.id if isinstance(target, Name) else ""


def _methods(ev: Evaluator, value: AV) -> list[str]:
    """The HTTP methods that an argument names; empty when it names anything else."""
    said = [m.strip().upper() for t in texts(ev, value) for m in re.split(r"[|,]", t)] if isinstance(value, Const | ListV) else []
    said = ["ANY" if m in ("ANY", "ALL", "*") else m for m in said]
    return said if said and all(m in (*METHODS, "ANY") for m in said) else []


def _names_method(value: AV, rule: RouteRule) -> bool:
    """Is it a text with a class and a method, or with a file?"""
    text = str(value.value) if isinstance(value, Const) else ""
    return text.endswith(rule.options["pages"]) or any(s in text for s in rule.options["separators"])
