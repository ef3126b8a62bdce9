"""Routes in a tree of records that configuration returns: `["router" => ["routes" => ["home" => ["type" => Literal::class, ...]]]]`.

Options of the rule: `files` are globs of the configuration (what such a file or a function in it returns), `at` are the keys that lead to
the table. `keys` names the parts of an entry: `type`, `options`, `route`, `verb`, `spec` (of a regular expression), `defaults`, `children`,
`ends` (whether an entry with children is a route too). `silent` are types that add nothing to the path. In the defaults `controller`
names a class, or a name that the configuration maps to one at `aliases` (`__NAMESPACE__` those that the path may name), and `action` its
method, with `suffix` behind it; a `rest` base of the class answers by the HTTP method instead: method of the class -> HTTP method and
whether it answers for one member.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.handler_names import class_named
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, Obj, Thunk, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_DEPTH = 12
MAX_ENTRIES = 3_000
MAX_PATHS = 6
MAX_CONTROLLERS = 200
_SEGMENT = re.compile(r":([A-Za-z][^:/{}\[\]]{0,60})(?:\{[^{}]{0,10}\})?")  # a parameter with what ends it: `:locale{-}`
_SPEC = re.compile(r"%(\w{1,60})%")
_SLOT = re.compile(r"(?<!\w):\w")
_ACTION = re.compile(r"\[[^\[\]]{0,80}:action\b(?:[^\[\]]|\[[^\[\]]{0,80}\]){0,200}\]")  # an optional part that names the action


@dataclass(frozen=True, slots=True, kw_only=True)
class _Above:
    """What the entries above say."""

    path: str = ""
    methods: tuple[str, ...] = ()
    controller: AV | None = None
    action: str = ""
    space: str = ""
    depth: int = 0


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "route_tree":
                _Tree(scan, card, rule).register()


class _Tree:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self.scan, self.card, self.rule, self.ev = scan, card, rule, scan.graph.ev
        self.keys: dict[str, str] = rule.options["keys"]
        self.count = 0
        self.tables = [(t, p) for t, p in self._returned() if isinstance(t, Obj)]
        self.aliases: dict[str, AV] = {}
        for table, _ in self.tables:
            for path in rule.options.get("aliases", ()):
                found = self._down(table, path)
                if isinstance(found, Obj):
                    self.aliases.update({k: self.ev.thunk(t) for k, t in found.fields.items()})

    def _returned(self) -> Iterator[tuple[AV, str]]:
        card_language = self.card.id.partition("/")[0]
        for path, index in self.scan.graph.production.items():
            if index.language != card_language or not any(fnmatch(path, g) for g in self.rule.options["files"]):
                continue
            for found in self.scan.graph.view(path).facts.returns[:40]:
                for value in options(self.ev.value(found.value, path, found.owner)) if found.value is not None else ():
                    yield value, path

    def register(self) -> None:
        for table, file in self.tables:
            routes = self._down(table, self.rule.options["at"])
            if isinstance(routes, Obj):
                self._entries(routes, file, _Above())

    # ------------------------------------------------------------ records

    def _field(self, record: AV | None, key: str) -> AV | None:
        thunk = members.field_thunk(self.ev, record, key) if isinstance(record, Obj) else None
        return next(options(self.ev.thunk(thunk)), None) if thunk is not None else None

    def _down(self, record: AV | None, path: list[str]) -> AV | None:
        for key in path:
            record = self._field(record, key)
        return record

    def _text(self, record: AV | None, key: str) -> str:
        value = self._field(record, key)
        return next(iter(texts(self.ev, value)), "") if isinstance(value, Const) else ""

    def _thunks(self, routes: Obj, depth: int = 0) -> Iterator[Thunk]:
        yield from routes.fields.values()
        for spread in routes.spreads if depth < 4 else ():
            value = self.ev.thunk(spread)
            if isinstance(value, Obj):
                yield from self._thunks(value, depth + 1)

    # ------------------------------------------------------------ entries

    def _entries(self, routes: Obj, file: str, above: _Above) -> None:
        for thunk in self._thunks(routes):
            self.count += 1
            entry = next(options(self.ev.thunk(thunk)), None)
            if isinstance(entry, Obj) and above.depth < MAX_DEPTH and self.count < MAX_ENTRIES:
                self._entry(entry, thunk.file or file, above)

    def _entry(self, entry: Obj, file: str, above: _Above) -> None:
        inner = self._field(entry, self.keys["route"])  # a part whose own route is a record
        said = inner if isinstance(inner, Obj) else entry
        given, kind = self._field(said, self.keys["options"]), self._kind(said)
        defaults = self._field(given, self.keys["defaults"])
        written = "" if kind in self.rule.options["silent"] else self._text(given, self.keys["route"]) or self._spec(given)
        action = self._text(defaults, "action")
        outer = _ACTION.sub("", above.path) if action else above.path  # what names the action itself leaves nothing of it to the path
        verbs = tuple(v.strip().upper() for v in self._text(given, self.keys["verb"]).split(",") if v.strip())
        below = replace(
            above,
            path=f"{outer.rstrip('/')}/{written.lstrip('/')}" if written.startswith("/") else outer + written,
            methods=verbs or above.methods,
            controller=self._field(defaults, "controller") or above.controller,
            action=action or above.action,
            space=self._text(defaults, "__NAMESPACE__") or above.space,
            depth=above.depth + 1,
        )
        children = self._field(entry, self.keys["children"])
        ends = self._field(entry, self.keys["ends"])
        if not isinstance(children, Obj) or (isinstance(ends, Const) and ends.value is True):
            self._register(below, place_of_text(self.scan, file, written or kind, Place(file=file, line=1, end_line=1)))
        if isinstance(children, Obj):
            self._entries(children, file, below)

    def _kind(self, entry: Obj) -> str:
        value = self._field(entry, self.keys["type"])
        if isinstance(value, Ext):
            return last_step(value.path).lower()
        return str(value.value).rpartition("\\")[2].lower() if isinstance(value, Const) else ""

    def _spec(self, given: AV | None) -> str:
        return _SPEC.sub(r"{\1}", self._text(given, self.keys["spec"]))

    def _register(self, found: _Above, place: Place) -> None:
        for one in self._controllers(found):
            self._register_one(one, place)

    def _controllers(self, found: _Above) -> Iterator[_Above]:
        """For a path that names the controller one for each of its name space that the configuration maps to a class."""
        slot = re.search(r":controller\b", found.path)
        names = [a for a in self.aliases if found.space and a.startswith(f"{found.space}\\")] if slot is not None else []
        for name in names[:MAX_CONTROLLERS]:
            called = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name[len(found.space) + 1 :]).lower().replace("\\", "/")
            path = found.path[: slot.start()] + called + found.path[slot.end() :] if slot is not None else found.path
            yield replace(found, path=path, controller=Const(name))
        if not names:
            yield found

    def _register_one(self, found: _Above, place: Place) -> None:
        cls = self._class(found.controller)
        for path in expanded(found.path)[:MAX_PATHS]:
            for method, whole, handler in self._answers(cls, found, path):
                whole = _SEGMENT.sub(r"{\1}", whole)
                self.scan.routing.registrations.append(
                    Registration(
                        router=None, method=method, path=join("", whole, keep_root=False), place=place, start=place.line, card=self.card,
                        rule=self.rule, handler=handler,
                    )
                )  # fmt: skip

    # ------------------------------------------------------------ handlers

    def _class(self, value: AV | None, depth: int = 0) -> ClassV | None:
        if isinstance(value, ClassV):
            return value
        name = str(value.value) if isinstance(value, Const) else value.path.replace(".", "\\") if isinstance(value, Ext) else ""
        if name in self.aliases and depth < 3 and (found := self._class(self.aliases[name], depth + 1)) is not None:
            return found
        return class_named(self.scan, "", name, (), str(self.rule.options.get("class_suffix", ""))) if name else None

    def _answers(self, cls: ClassV | None, found: _Above, path: str) -> Iterator[tuple[str, str, AV | None]]:
        """HTTP method, path and handler: of one action, of each action that a slot may name, or by the HTTP method."""
        methods = found.methods or ("ANY",)
        slot = re.search(r"(?<!\w):action\b", path)
        suffix = str(self.rule.options["suffix"])
        rest = self._rest(cls) if cls is not None and not found.action and slot is None else None
        if rest:
            one = ":id" in path if ":id" in found.path else bool(_SLOT.search(path[len(found.path.partition("[")[0]) :]))
            for name, (verb, single) in rest.items():
                handler = self._method(cls, name)
                if single == one and handler is not None:
                    yield verb, path, handler
            return
        if slot is None:
            handler = self._method(cls, _camel(found.action) + suffix) if found.action else None
            yield from ((m, path, handler or cls) for m in methods)
            return
        named = list(self._actions(cls, suffix)) if cls is not None else []
        for action, handler in named:
            if action != found.action:
                yield from ((m, path[: slot.start()] + action + path[slot.end() :], handler) for m in methods)
        if not named:
            yield from ((m, path, cls) for m in methods)

    def _rest(self, cls: ClassV | None) -> dict[str, Any] | None:
        for base, names in self.rule.options.get("rest", {}).items():
            if cls is not None and any(compiled(base).fullmatch(b.path) for b in inheritance.external_bases(self.ev, cls)):
                return dict(names)
        return None

    def _method(self, cls: ClassV | None, name: str) -> FuncV | None:
        found = members.own_member(self.ev, InstV(cls), name) if cls is not None else None
        return found if isinstance(found, FuncV) else None

    def _actions(self, cls: ClassV, suffix: str) -> Iterator[tuple[str, FuncV]]:
        view = self.scan.graph.view(cls.symbol.file)
        for child in view.children.get(cls.symbol.index, ()):
            name = view.symbol(child).name
            found = self._method(cls, name) if name.endswith(suffix) and name != suffix else None
            if found is not None:
                yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name.removesuffix(suffix)).lower(), found


def expanded(path: str) -> list[str]:
    """The paths that one with optional parts in brackets means, the shortest first: `/a[/:b[/:c]]` is `/a`, `/a/:b`, `/a/:b/:c`."""
    found = [""]
    without: list[list[str]] = []
    for piece in re.split(r"([\[\]])", path[:1_000]):
        if piece == "[":
            without.append(list(found))
        elif piece == "]" and without:
            found = [*without.pop(), *found][:MAX_PATHS]
        else:
            found = [f + piece for f in found]
    return list(dict.fromkeys(found))


def _camel(action: str) -> str:
    first, *rest = re.split(r"[-_.]", action)
    return first + "".join(w[:1].upper() + w[1:] for w in rest)
