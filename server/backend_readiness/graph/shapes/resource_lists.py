"""Classes that a framework itself serves, with lists of operations by name: `itemOperations={"get", "hide"={"method"="POST"}}`.

Options: `resource`: decorators of such a class; `lists`: keywords of them to `collection` or `member`; `names`: what an operation is
called to its HTTP method and what is done to the data; `usual`: keyword -> names without that list; `said`: names that are usual too where
a file of the globs says so (`files`, `says`); `parts`: the keys of an operation with a `method`, a `path` and the class that answers
(`runs`, to its method); `attributes`: the keyword of the decorator with more keys; `prefix`: keys of it, and `guards` of it or of an
operation. `below`: `marks` of a field whose value is read below an instance of the class, and those of a field with `many`, with the
keyword that names the class `of` them. `named`, `open`, `type` and `configured` are those of `resource_classes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.facts.model import CallRef, Name
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.evaluation.exports import class_named
from backend_readiness.graph.evaluation.inflections import plural, singular
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.routes.routing import Guard, Registration, Touch
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.shapes.resource_classes import MAX_CHARS, MAX_OPERATIONS, Served, collection_path, configured, member_path
from backend_readiness.graph.urls import join, texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, InstV, ListV, Obj, SymbolId, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "resource_lists":
                below, said = configured(scan, rule), _said(scan, rule)
                for file in dict.fromkeys(f for p in rule.options["resource"] for f in scan.graph.naming(last_step(p))):
                    view = scan.graph.view(file) if file in scan.graph.production else None
                    for number, symbol in enumerate(view.facts.symbols if view is not None else ()):
                        if symbol.kind == "class" and symbol.decorators:
                            _Listed(scan, card, rule, ClassV(SymbolId(file, number)), below).listed(said)


def _said(scan: Scan, rule: RouteRule) -> dict[str, list[str]]:
    """The names that are usual by what the configuration says, for each list."""
    found: dict[str, list[str]] = {}
    for keyword, names in rule.options.get("said", {}).items():
        for name, by in names.items():
            files = (f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in by["files"]))
            if any(re.search(by["says"], scan.graph.text(f)[:MAX_CHARS]) for f in files):
                found.setdefault(keyword, []).append(name)
    return found


class _Listed(Served):
    def listed(self, said: dict[str, list[str]]) -> None:
        for resource in of_kind(decorators_of(self.graph, self.cls.symbol), tuple(self.options["resource"])):
            for keyword, answers in self.options["lists"].items():
                value = self.value(resource, keyword)
                usual = [*self.options["usual"][keyword], *said.get(keyword, ())]
                for name, record in [(n, None) for n in usual] if value is None else list(self._named(value)):
                    self._add_named(resource, name, record, str(answers))
            if self.options.get("below"):
                self._add_below(resource)

    def _named(self, value: AV) -> Iterator[tuple[str, Obj | None]]:
        """The operations of a list: names by themselves, or each with what it says."""
        for option in options(value):
            if isinstance(option, ListV):
                yield from ((n, None) for i in option.items[:MAX_OPERATIONS] for n in texts(self.graph.ev, self.graph.ev.thunk(i)))
            elif isinstance(option, Obj):
                yield from ((n, None) for s in option.spreads for n in texts(self.graph.ev, self.graph.ev.thunk(s)))
                for key, thunk in list(option.fields.items())[:MAX_OPERATIONS]:
                    given = next(iter(options(self.graph.ev.thunk(thunk))), None)
                    if key.isdigit():
                        yield from ((n, None) for n in texts(self.graph.ev, given))
                    else:
                        yield key, given if isinstance(given, Obj) else None

    def _part(self, record: AV | None, key: str) -> AV | None:
        thunk = members.field_thunk(self.graph.ev, record, key) if isinstance(record, Obj) else None
        return self.graph.ev.thunk(thunk) if thunk is not None else None

    def _said_of(self, resource: Ext, key: str) -> AV | None:
        """What the decorator says, by itself or among its attributes."""
        more = self.value(resource, str(self.options["attributes"])) or ListV(())
        return self.value(resource, key) or next((v for o in options(more) if (v := self._part(o, key)) is not None), None)

    def _first(self, value: AV | None) -> str:
        return next(iter(texts(self.graph.ev, value)), "")

    def _collection(self, resource: Ext) -> str:
        return collection_path(self.text(resource, str(self.options["named"])) or self.name)

    def _prefix(self, resource: Ext) -> str:
        given = next((t for k in self.options["prefix"] if (t := self._first(self._said_of(resource, str(k))))), "")
        return join(self.below.prefix, given, keep_root=False)

    def _add_below(self, resource: Ext) -> None:
        """The fields that are read at a path of their own: `/orders/{id}/lines`."""
        below, number = self.options["below"], self.cls.symbol.index
        view = self.graph.view(self.cls.symbol.file)
        calls = [(n, c) for n, c in enumerate(view.facts.calls) if c.kind == "decorator" and c.owner == number]
        for field in (a for a in view.facts.assigns if a.kind == "field" and a.owner == number and isinstance(a.target, Name)):
            about = [n for n, c in calls if field.start <= c.start < field.end]
            marks = [m for n in about for m in options(self.graph.ev.value(CallRef(n), view.path, number)) if isinstance(m, Ext)]
            if not of_kind(marks, tuple(below["marks"])) or not isinstance(field.target, Name):
                continue
            many = of_kind(marks, tuple(below["many"]))
            one = member_path(field.target.id)
            last = "/" + plural(singular(one[1:])) if many else one
            of = next((o for m in many for o in options(self.value(m, below["of"]) or ListV(()))), None)
            target = self.graph.view(of.symbol.file).symbol(of.symbol.index).name if isinstance(of, ClassV) else ""
            place = Place(file=view.path, line=field.line, end_line=field.line)
            read = (Touch(operation="read", target=target, place=place),) if target else ()
            path = join(self._prefix(resource), f"{self._collection(resource)}/{{id}}{last}", keep_root=False)
            self.scan.routing.registrations.append(
                Registration(
                    router=self.below.router, method="GET", path=path, place=place, start=0, card=self.card, rule=self.rule,
                    handler=self.cls, guards=self._guards(resource, None, place), touches=read,
                )
            )  # fmt: skip

    def _guards(self, resource: Ext, record: Obj | None, place: Place) -> tuple[Guard, ...]:
        package = resource.path.removesuffix("()").rpartition(".")[0]
        return tuple(
            Guard(value=Ext(f"{package}.{key}()", resource, resource.site), place=place, start=0)
            for key in self.options.get("guards", ())
            if self.asks(self._part(record, key) or self._said_of(resource, key))
        )

    def _add_named(self, resource: Ext, name: str, record: Obj | None, answers: str) -> None:
        parts = self.options["parts"]
        known = self.options["names"].get(name.lower())
        method = self._first(self._part(record, parts["method"])).upper() or (known[0] if known is not None else "")
        if not method:
            return
        done = next((str(d) for m, d in self.options["names"].values() if m == method), "")
        own = self._first(self._part(record, parts["path"]))
        usual = self._collection(resource) + ("/{id}" if answers == "member" else "")
        place = self.place(resource.site)
        runs = self._answering(record)
        self.scan.routing.registrations.append(
            Registration(
                router=self.below.router, method=method, path=join(self._prefix(resource), own or usual, keep_root=False), place=place,
                start=0, card=self.card, rule=self.rule, handler=runs or self.cls, guards=self._guards(resource, record, place),
                touches=() if runs is not None or not done else (Touch(operation=done, target=self.name, place=place),),
            )
        )  # fmt: skip

    def _answering(self, record: Obj | None) -> AV | None:
        for key, method in self.options["parts"].get("runs", {}).items():
            for said in options(self._part(record, str(key)) or ListV(())):
                named = isinstance(said, Const) and isinstance(said.value, str)
                option = class_named(self.graph.ev, str(said.value).rpartition("\\")[2]) if isinstance(said, Const) and named else said
                found = members.own_member(self.graph.ev, InstV(option), str(method)) if isinstance(option, ClassV) else None
                if found is not None:
                    return found
        return None
