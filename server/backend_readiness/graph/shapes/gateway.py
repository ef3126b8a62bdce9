"""Services whose actions a gateway publishes under the aliases of its settings, all of them records of files:

    { name: "api", settings: { path: "/v1", routes: [{ path: "/api", aliases: { "GET /bills": "bills.list", "REST /users": "users" } }] } }
    { name: "bills", settings: { rest: "bills/" }, actions: { list: { rest: "GET /", handler(ctx) { ... } } } }

An alias is a method and a path; what it leads to is the dotted name of an action, a function, a list whose last item is that, or a record
with such a name at `action`. `options.rest` says what the alias of a resource stands for (action -> method and rest of the path). A route
with `autoAliases` has the actions that say at `rest` where they are, below the path that their service says, or its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.facts.model import Func, Lit, Name, Record, Seq, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.path_branches import METHODS
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Const, FuncV, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_ALIASES = 400
_KEYS = ("aliases", "actions", "routes")


@dataclass(frozen=True, slots=True)
class _Service:
    """A record of a service; `names` are what its actions are called by before the dot."""

    view: FileView
    record: Record
    owner: int
    names: tuple[str, ...]


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "gateway":
                _Gateway(scan, card, rule).register()


class _Gateway:
    """The services of one card and the gateways among them."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule) -> None:
        self._scan, self._ev, self._card, self._rule = scan, scan.graph.ev, card, rule
        self._rest: dict[str, list[str]] = rule.options["rest"]
        self._services = list(self._all())

    def register(self) -> None:
        for service in self._services:
            settings = self._record(service, service.record, "settings")
            routes = _field(settings, "routes") if settings is not None else None
            value = self._opened(service, routes)
            above = self._text(service, _field(settings, "path")) if settings is not None else ""
            for item in value.items if isinstance(value, Seq) else ():
                route = self._opened(service, item)
                if isinstance(route, Record):
                    self._route(service, join(above, self._text(service, _field(route, "path")), keep_root=False), route)

    def _all(self) -> Iterator[_Service]:
        files = sorted({f for key in _KEYS for f in self._scan.graph.naming(key)})
        for path in (f for f in files if f in self._scan.graph.production):
            view = self._scan.graph.view(path)
            if family(view.language) != self._card.id.partition("/")[0]:
                continue
            written: list[tuple[Value | None, int]] = [(e.value, 0) for e in view.facts.exports]
            written += [(a.value, a.owner) for a in view.facts.assigns]
            written += [(a.value, c.owner) for c in view.facts.calls for a in c.args]
            for value, owner in written:
                if isinstance(value, Record) and (_field(value, "actions") is not None or _field(value, "settings") is not None):
                    name = next(iter(texts(self._ev, self._ev.value(_field(value, "name") or Lit(None), path, owner))), "")
                    version = self._ev.value(_field(value, "version") or Lit(None), path, owner)
                    number = next((o.value for o in options(version) if isinstance(o, Const)), None)
                    full = f"v{number}.{name}" if isinstance(number, int) else f"{number}.{name}" if number else name
                    if name:
                        yield _Service(view, value, owner, (full, name))

    # ------------------------------------------------------------ routes of a gateway

    def _route(self, service: _Service, path: str, route: Record) -> None:
        aliases = self._record(service, route, "aliases")
        for key, target in (aliases.items if aliases is not None else ())[:MAX_ALIASES]:
            if key is None:
                continue
            verb, _, rest = key.strip().rpartition(" ")
            place = place_of_text(self._scan, service.view.path, key, Place(file=service.view.path, line=1, end_line=1))
            if verb.strip().upper() == "REST":
                self._resource(service, join(path, rest, keep_root=False), target, place)
            elif not verb or verb.strip().upper() in METHODS:
                self._add(verb.strip().upper() or "ANY", join(path, rest, keep_root=False), place, self._target(service, target))
        automatic = _field(route, "autoAliases")
        if isinstance(automatic, Lit) and automatic.value is True:
            for other in self._services:
                self._automatic(other, path)

    def _resource(self, service: _Service, path: str, target: Value, place: Place) -> None:
        given = target if not isinstance(target, Record) else _field(target, "action") or Lit("")
        named = next(iter(texts(self._ev, self._ev.value(given, service.view.path, service.owner))), "")
        for action, (method, below) in self._rest.items():
            self._add(method, join(path, below, keep_root=False), place, self._action(f"{named}.{action}"))

    def _automatic(self, service: _Service, path: str) -> None:
        settings = self._record(service, service.record, "settings")
        stated = _field(settings, "rest") if settings is not None else None
        base = self._text(service, stated) or service.names[0].replace(".", "/")
        actions = self._record(service, service.record, "actions")
        for name, action in actions.items if actions is not None else ():
            rest = _field(action, "rest") if isinstance(action, Record) else None
            if name is None or rest is None:
                continue
            for method, below, written in self._said(service, rest):
                line = Place(file=service.view.path, line=1, end_line=1)
                place = place_of_text(self._scan, service.view.path, written, line, ("rest",))
                self._add(method, join(join(path, base, keep_root=False), below, keep_root=False), place, self._handler(service, action))

    def _said(self, service: _Service, rest: Value) -> Iterator[tuple[str, str, str]]:
        """Method, path and written text of what an action says at `rest`."""
        for one in rest.items if isinstance(rest, Seq) else (rest,):
            if isinstance(one, Record):
                method, path = self._text(service, _field(one, "method")), self._text(service, _field(one, "path"))
                yield method.upper() or "ANY", path, path
            else:
                written = self._text(service, one)
                method, _, path = written.rpartition(" ")
                if path.upper() in METHODS:
                    method, path = path, ""
                if written:
                    yield method.upper() or "ANY", path, written

    def _add(self, method: str, path: str, place: Place, handler: AV | None) -> None:
        self._scan.routing.registrations.append(
            Registration(
                router=None, method=method, path=path or "/", place=place, start=0, card=self._card, rule=self._rule, handler=handler
            )
        )  # fmt: skip

    # ------------------------------------------------------------ what answers

    def _target(self, service: _Service, target: Value) -> AV | None:
        if isinstance(target, Seq):
            target = target.items[-1] if target.items else Lit(None)
        if isinstance(target, Record):
            target = _field(target, "action") or Lit(None)
        found = self._ev.value(target, service.view.path, service.owner)
        return found if isinstance(found, FuncV) else self._action(next(iter(texts(self._ev, found)), ""))

    def _action(self, dotted: str) -> AV | None:
        name, _, action = dotted.rpartition(".")
        for service in self._services:
            if name in service.names:
                actions = self._record(service, service.record, "actions")
                written = _field(actions, action) if actions is not None else None
                return self._handler(service, written) if written is not None else None
        return None

    def _handler(self, service: _Service, action: Value) -> AV | None:
        inner = _field(action, "handler") if isinstance(action, Record) else action
        found = self._ev.value(inner, service.view.path, service.owner) if isinstance(inner, Func | Name) else None
        return found if isinstance(found, FuncV) else None

    # ------------------------------------------------------------ parts of records

    def _record(self, service: _Service, record: Record, key: str) -> Record | None:
        value = self._opened(service, _field(record, key))
        return value if isinstance(value, Record) else None

    def _opened(self, service: _Service, value: Value | None) -> Value | None:
        """The expression behind a name of the file."""
        if not isinstance(value, Name):
            return value
        bound = service.view.bindings.get((service.owner, value.id)) or service.view.bindings.get((0, value.id)) or ()
        return bound[0][0].value if len(bound) == 1 and not bound[0][1] else None

    def _text(self, service: _Service, value: Value | None) -> str:
        return next(iter(texts(self._ev, self._ev.value(value, service.view.path, service.owner))), "") if value is not None else ""


def _field(record: Record | None, key: str) -> Value | None:
    return next((v for k, v in record.items if k == key), None) if record is not None else None
