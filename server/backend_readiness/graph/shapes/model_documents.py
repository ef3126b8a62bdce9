"""Routes that a framework makes of models which are documents: `common/models/order.json` answers `GET /api/orders`.

Options of the rule: `list` is the name of the file that lists the models (a key each, unless `hidden` of it is false), beside it `settings`
is the file whose key `root` stands before all paths, else `default_root`. `folders` hold the documents, from the list or one folder above.
`keys` are those of a document: `name`, `base`, `plural`, `path` (dotted), `relations` and `methods`. `bases` maps built-in models to
rows of name, method, path below the model's and what is done to the model, `extends` to another one of them; a model that is listed
without a document is one. `relations` maps their kinds to such rows, in which `{relation}` is their name. `remote` is the call that adds a
method of the code as an endpoint (`one` stands before it where it is one of an instance), `disabled` are those that take one away;
`within` is the card whose applications all of them belong to.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backend_readiness.facts.model import Call, Lit, Member
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.inflections import plural
from backend_readiness.graph.modules.javascript import loads_lenient
from backend_readiness.graph.routes.routing import Registration, Touch
from backend_readiness.graph.routes.rows import place_of_text
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, Const, FuncV, Obj, Site, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_MODELS = 400
MAX_BASES = 8
_ENDINGS = (".js", ".ts")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    name: str
    document: dict[str, Any] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Added:
    """A method of the code that is an endpoint."""

    name: str
    method: str
    path: str
    place: Place
    handler: AV | None


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "model_documents":
                for path in scan.graph.files_named(str(rule.options["list"])):
                    _Application(scan, card, rule, path).register()


class _Application:
    """The models that one file lists."""

    def __init__(self, scan: Scan, card: Card, rule: RouteRule, path: str) -> None:
        self.scan, self.card, self.rule, self.path = scan, card, rule, path
        self.options, self.folder = rule.options, posixpath.dirname(path)
        self.models = {m.name: m for m in self._documents()}

    def register(self) -> None:
        listed = loads_lenient(self.scan.graph.text(self.path))
        for name, said in list(listed.items())[:MAX_MODELS] if isinstance(listed, dict) else ():
            if not name.startswith("_") and isinstance(said, dict) and said.get(str(self.options["hidden"])) is not False:
                self._model(self.models.get(name) or _Model(name=name))

    def _documents(self) -> Iterator[_Model]:
        above = posixpath.dirname(self.folder)
        folders = {posixpath.normpath(posixpath.join(b, f)) for b in (self.folder, above) for f in self.options["folders"]}
        for file in self.scan.graph.files_ending(".json"):
            data = loads_lenient(self.scan.graph.text(file)) if posixpath.dirname(file) in folders else None
            if isinstance(data, dict) and isinstance(data.get("name"), str):
                yield _Model(name=data["name"], document=data, file=file)

    def _model(self, model: _Model) -> None:
        place = place_of_text(self.scan, self.path, model.name, Place(file=self.path, line=1, end_line=1))
        place = Place(file=model.file, line=1, end_line=1) if model.file else place
        added, taken = self._in_code(model)
        base = join(self._root(), self._path_of(model), keep_root=False)
        for name, method, tail, operation in (*self._rows(model), *self._relations(model)):
            if name not in taken:
                self._add(model, method, base + tail, place, None, operation)
        for item in (*added, *self._declared(model, place)):
            if item.name not in taken:
                self._add(model, item.method, base + item.path, item.place, item.handler, "")

    def _add(self, model: _Model, method: str, path: str, place: Place, handler: AV | None, operation: str) -> None:
        touches = (Touch(operation=operation, target=model.name, place=place),) if operation else ()
        made = Registration(
            router=("card", str(self.options["within"]), 0),
            method=method,
            path=path,
            place=place,
            start=0,
            card=self.card,
            rule=self.rule,
            handler=handler,
            touches=touches,
        )
        self.scan.routing.registrations.append(made)

    # ------------------------------------------------------------ what the documents say

    def _said(self, model: _Model, key: str) -> Any:
        value: Any = model.document
        for step in str(self.options["keys"][key]).split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def _path_of(self, model: _Model) -> str:
        written = self._said(model, "path") or self._said(model, "plural")
        return f"/{str(written).strip('/')}" if isinstance(written, str) and written else f"/{_plural(model.name)}"

    def _root(self) -> str:
        data = loads_lenient(self.scan.graph.text(posixpath.join(self.folder, str(self.options["settings"]))))
        said = data.get(str(self.options["root"])) if isinstance(data, dict) else None
        return said if isinstance(said, str) else str(self.options["default_root"])

    def _rows(self, model: _Model) -> Iterator[tuple[str, str, str, str]]:
        """The rows of the built-in model that is behind it, through others of the repository."""
        bases: dict[str, Any] = self.options["bases"]
        name, current = model.name if not model.document else "", model
        for _ in range(MAX_BASES):
            if name in bases:
                break
            name = str(self._said(current, "base") or "")
            current = self.models.get(name, _Model(name=name)) if name not in bases else current
        while name in bases:
            yield from (tuple(row) for row in bases[name].get("rows", ()))
            name = bases[name].get("extends", "")

    def _relations(self, model: _Model) -> Iterator[tuple[str, str, str, str]]:
        held = self._said(model, "relations")
        for name, said in held.items() if isinstance(held, dict) else ():
            kind = said.get("type") if isinstance(said, dict) else None
            for called, method, tail, operation in self.options["relations"].get(kind, ()):
                yield called.replace("{relation}", name), method, tail.replace("{relation}", name), operation

    def _declared(self, model: _Model, place: Place) -> Iterator[_Added]:
        held = self._said(model, "methods")
        view = self._code(model)
        functions = _functions(self.scan, view) if view is not None else {}
        for name, said in held.items() if isinstance(held, dict) else ():
            http = said.get("http") if isinstance(said, dict) else None
            for row in http if isinstance(http, list) else [http]:
                given = row if isinstance(row, dict) else {}
                one = name.startswith("prototype.") or (isinstance(said, dict) and said.get("isStatic") is False)
                bare = name.removeprefix("prototype.")
                path = str(given.get("path") or f"/{bare}")
                verb = str(given.get("verb") or self.options["default_method"]).upper()
                at = place_of_text(self.scan, model.file, name, place)
                prefix = str(self.options["one"]) if one else ""
                whole = join(prefix, path, keep_root=False)
                yield _Added(name=name, method=_verb(verb), path=whole, place=at, handler=functions.get(bare))

    # ------------------------------------------------------------ what the code beside a document says

    def _code(self, model: _Model) -> FileView | None:
        stem = model.file.removesuffix(".json")
        found = next((f"{stem}{e}" for e in _ENDINGS if f"{stem}{e}" in self.scan.graph.facts.files), None) if stem else None
        return self.scan.graph.view(found) if found is not None else None

    def _in_code(self, model: _Model) -> tuple[list[_Added], set[str]]:
        """The endpoints that the code of a model adds, there or in files that it hands the model to, and the names that it takes away."""
        start = self._code(model)
        added: list[_Added] = []
        taken: set[str] = set()
        for view in self._views(start) if start is not None else ():
            functions = _functions(self.scan, view)
            for number, call in enumerate(view.facts.calls):
                name = callee_name(call)
                given = call.args[0].value if call.args else None
                if not isinstance(given, Lit) or not isinstance(given.value, str) or not isinstance(call.callee, Member):
                    continue
                if name in self.options["disabled"]:
                    taken.add(given.value)
                elif name == self.options["remote"]:
                    added.extend(self._remote(view, call, number, given.value, functions.get(given.value.removeprefix("prototype."))))
        return added, taken | {t.removeprefix("prototype.") for t in taken}

    def _views(self, start: FileView) -> Iterator[FileView]:
        yield start
        for index in start.facts.imports:
            target = self.scan.graph.resolve(index.module, start.path)
            if (
                target is not None
                and target in self.scan.graph.production
                and self.scan.graph.view(target).calls_by_name.get(str(self.options["remote"]))
            ):
                yield self.scan.graph.view(target)

    def _remote(self, view: FileView, call: Call, number: int, name: str, handler: AV | None) -> Iterator[_Added]:
        ev, place = self.scan.graph.ev, Place(file=view.path, line=call.line, end_line=call.end_line)
        given = ev.arg_value(Site(view.path, number, None), 1)
        record = next((o for o in options(given) if isinstance(o, Obj)), None) if given is not None else None
        http = members.field_thunk(ev, record, "http") if record is not None else None
        static = members.field_thunk(ev, record, "isStatic") if record is not None else None
        one = name.startswith("prototype.") or (static is not None and ev.thunk(static) == Const(False))
        value = ev.thunk(http) if http is not None else None
        rows: list[AV | None] = [ev.thunk(t) for t in getattr(value, "items", ())] or [value]
        for row in rows:
            said = {k: _text(self.scan, row, k) for k in ("path", "verb")}
            path = said["path"] or f"/{name.removeprefix('prototype.')}"
            prefix = str(self.options["one"]) if one else ""
            verb = (said["verb"] or str(self.options["default_method"])).upper()
            yield _Added(name=name, method=_verb(verb), path=join(prefix, path, keep_root=False), place=place, handler=handler)


def _text(scan: Scan, record: AV | None, key: str) -> str:
    thunk = members.field_thunk(scan.graph.ev, record, key) if isinstance(record, Obj) else None
    return next(iter(texts(scan.graph.ev, scan.graph.ev.thunk(thunk))), "") if thunk is not None else ""


def _functions(scan: Scan, view: FileView) -> dict[str, AV]:
    """The functions that the code puts on a model, by name: `Order.pay = function (...) {}`, `Order.prototype.pay = ...`."""
    found: dict[str, AV] = {}
    for assign in view.facts.assigns:
        if isinstance(assign.target, Member) and assign.value is not None:
            value = scan.graph.ev.value(assign.value, view.path, assign.owner)
            if any(isinstance(o, FuncV) for o in options(value)):
                found.setdefault(assign.target.name, value)
    return found


def _verb(word: str) -> str:
    return {"DEL": "DELETE", "ALL": "ANY"}.get(word, word)


def _plural(name: str) -> str:
    """The plural of a name whose last word may begin with a capital: `CoffeeShop` is `CoffeeShops`."""
    cut = max((i for i, c in enumerate(name) if c.isupper()), default=0)
    last = name[cut:]
    many = plural(last.lower())
    return name[:cut] + (last[:1] + many[1:] if last[:1].lower() == many[:1] else many)
