"""Repositories that a framework itself serves: `public interface Orders extends JpaRepository<Order, Long>` answers `/orders`.

A rule names the external bases by `base`. Options: `needs`: dependencies or modules of which the repository has one; `marks`:
annotations of such an interface, whose `path` says another name and whose `exported` may say no, and `method_marks` the same of its
methods; `settings`: as in shape `mapping`; `collection` and `member`: HTTP methods to the operation on the data and the names of
methods that, when they are not exported, take it away; `search`: beginnings of methods that answer below `/search`; `suffixes`: the name
is that of the interface without the first of them; `exported`: how the annotations say no (`exported` without it); `never`: as `needs`,
what takes the whole away. A `path` that an annotation gives to a method stands behind that of its operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation.inflections import plural
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.groups import kebab
from backend_readiness.graph.routes.routing import Registration, Touch
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.settings.application_settings import ApplicationSettings
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, SymbolId
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            never = tuple(rule.options.get("never", ()))
            if (
                rule.shape == "repositories"
                and _is_used(scan, tuple(rule.options.get("needs", ())))
                and not (never and _is_used(scan, never))
            ):
                for cls, entity in _repositories(scan, card, rule):
                    _Served(scan, card, rule, cls, entity).register()


def _is_used(scan: Scan, needs: tuple[str, ...]) -> bool:
    declared = {d.rpartition(":")[2] for a in scan.graph.snapshot.applications for d in a.dependencies}
    return bool(declared.intersection(needs)) or any(m.startswith(needs) for _, modules in scan.graph.importing() for m in modules)


def _repositories(scan: Scan, card: Card, rule: RouteRule) -> Iterator[tuple[ClassV, ClassV]]:
    """The interfaces with the class of what they keep."""
    bases = [compiled(p) for p in scan.graph.knowledge.patterns(card, rule.base)]
    for path, index in scan.graph.production.items():
        if index.language not in card.languages or not index.bases:
            continue
        for number, symbol in enumerate(scan.graph.view(path).facts.symbols):
            if symbol.kind == "interface" and symbol.bases:
                cls = ClassV(SymbolId(path, number))
                for base in inheritance.external_bases(scan.graph.ev, cls):
                    if isinstance(base.subject, ClassV) and any(b.fullmatch(base.path) for b in bases):
                        yield cls, base.subject
                        break


class _Served:
    def __init__(self, scan: Scan, card: Card, rule: RouteRule, cls: ClassV, entity: ClassV) -> None:
        self.scan, self.graph, self.card, self.rule, self.cls = scan, scan.graph, card, rule, cls
        self.options: dict[str, Any] = rule.options
        self.exported = str(rule.options.get("exported", "exported"))
        self.view: FileView = scan.graph.view(cls.symbol.file)
        self.entity = scan.graph.view(entity.symbol.file).symbol(entity.symbol.index).name

    def register(self) -> None:
        marks = of_kind(decorators_of(self.graph, self.cls.symbol), tuple(self.options.get("marks", ())))
        if any(self._value(m, self.exported) == Const(False) for m in marks) or not (marks or self._is_public()):
            return
        settings = ApplicationSettings(self.graph)
        before = [settings.value(tuple(n), self.view.path) for n in self.options.get("settings", ())]
        prefix = "".join(f"/{v.strip('/')}" for v in before if v.strip("/"))
        named = [t for m in marks for t in texts(self.graph.ev, self._value(m, "path"))]
        name = named[0] if named else self._name()
        base = f"{prefix}/{name.strip('/')}"
        closed = set(self._closed())
        behind = dict(self._paths())
        for tail, answers in (("", "collection"), ("/{id}", "member")):
            for method, (operation, *names) in self.options.get(answers, {}).items():
                if not closed.intersection(names):
                    more = next((f"/{behind[n].strip('/')}" for n in names if n in behind), "")
                    self._add(method, f"{base}{more}{tail}", self.cls, operation, self.cls.symbol)
        for where, symbol_name in self._methods():
            if symbol_name.startswith(tuple(self.options.get("search", ()))) and symbol_name not in closed:
                self._add("GET", f"{base}/search/{symbol_name}", FuncV(where, InstV(self.cls)), "read", where)

    def _name(self) -> str:
        """The plural of what is kept, or the name of the interface in words, without its suffix."""
        suffixes = self.options.get("suffixes")
        if suffixes is None:
            return plural(self.entity[:1].lower() + self.entity[1:])
        name = self.view.symbol(self.cls.symbol.index).name
        ending = next((s for s in suffixes if name.endswith(s) and name != s), "")
        return kebab(name.removesuffix(ending))

    def _is_public(self) -> bool:
        symbol = self.view.symbol(self.cls.symbol.index)
        lines = self.graph.text(self.view.path).splitlines()[symbol.line - 1 : symbol.line]
        words = lines[0].partition("interface ")[0].split() if lines else []
        return "public" in words if self.view.language == "java" else "internal" not in words and "private" not in words

    def _value(self, annotation: Ext, key: str) -> AV | None:
        return self.graph.ev.arg_value(annotation.site, 999, key) if annotation.site is not None else None

    def _methods(self) -> Iterator[tuple[SymbolId, str]]:
        for index in self.view.children.get(self.cls.symbol.index, ()):
            if self.view.symbol(index).kind == "method":
                yield SymbolId(self.view.path, index), self.view.symbol(index).name

    def _closed(self) -> Iterator[str]:
        """The names of the methods that are not exported."""
        for where, name in self._methods():
            marks = of_kind(decorators_of(self.graph, where), tuple(self.options.get("method_marks", ())))
            if any(self._value(m, self.exported) == Const(False) for m in marks):
                yield name

    def _paths(self) -> Iterator[tuple[str, str]]:
        """The paths that annotations give to methods."""
        for where, name in self._methods():
            for mark in of_kind(decorators_of(self.graph, where), tuple(self.options.get("method_marks", ()))):
                yield from ((name, t) for t in texts(self.graph.ev, self._value(mark, "path")))

    def _add(self, method: str, path: str, handler: AV, operation: str, where: SymbolId) -> None:
        symbol = self.view.symbol(where.index)
        place = Place(file=where.file, line=symbol.line, end_line=symbol.line)
        touch = Touch(operation=operation, target=self.entity, place=place)
        self.scan.routing.registrations.append(
            Registration(
                router=None, method=method, path=path, place=place, start=symbol.start, card=self.card, rule=self.rule, handler=handler,
                touches=(touch,),
            )
        )  # fmt: skip
