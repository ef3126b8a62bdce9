"""The fields of a class that stands for a type of a GraphQL schema, each with the function that resolves it.

A card says how they are written, see `graph.shapes.schema_classes`. A field is a method, a value in the body of the class
(`orders = strawberry.field(resolver=all_orders)`), or a call there that names it (`field :orders, resolver: Orders`), with `in_methods` in
its methods too; `steps` are later steps of such a call that are given what resolves it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Member, Name, Symbol, Value
from backend_readiness.graph.classes import inheritance, parts
from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

MAX_FIELDS = 2_000
MAX_STEPS = 12
MAX_CHARS = 200_000
_IMPL = re.compile(r"\bimpl\b[^{;]{0,400}\{")


@dataclass(frozen=True, slots=True)
class Field:
    """`guards` are what stands before the resolver."""

    name: str
    handler: AV | None
    place: Place
    guards: tuple[AV, ...] = ()


class SchemaFields:
    def __init__(self, scan: Scan, spec: dict[str, Any]) -> None:
        self.scan, self.spec, self.graph = scan, spec, scan.graph

    def of_class(self, cls: ClassV) -> Iterator[Field]:
        """The fields of a class, of its parts, and of its bases in the repository."""
        bases = [b for b in inheritance.bases(self.graph.ev, cls) if isinstance(b, ClassV)]
        seen: set[str] = set()
        for current in (cls, *bases):
            for where in dict.fromkeys((current.symbol, *parts.parts(self.graph.ev, current))):
                for field in self._of_part(where, cls):
                    if field.name not in seen and len(seen) < MAX_FIELDS:
                        seen.add(field.name)
                        yield field

    def _of_part(self, where: SymbolId, cls: ClassV) -> Iterator[Field]:
        view = self.graph.view(where.file)
        wanted = tuple(self.spec.get("parts_marked", ()))
        if wanted and not of_kind(decorators_of(self.graph, where), wanted):
            return
        yield from self._called(view, where, cls)
        yield from self._kept(view, where, cls)
        yield from self._methods(view, where, cls)

    # ------------------------------------------------------------ methods

    def _methods(self, view: FileView, where: SymbolId, cls: ClassV) -> Iterator[Field]:
        marks, every = tuple(self.spec.get("marks", ())), bool(self.spec.get("every_method"))
        sources = self._sources(view, where)
        for child in view.children.get(where.index, ()) if marks or every else ():
            symbol, method = view.symbol(child), SymbolId(where.file, child)
            if symbol.kind not in ("method", "function") or symbol.name.startswith("_") or self._is_hidden(view, symbol):
                continue
            if symbol.name in sources:
                continue
            own = decorators_of(self.graph, method)
            marked = of_kind(own, marks)
            if (marks and not marked) or of_kind(own, tuple(self.spec.get("skips", ()))):
                continue
            naming = of_kind(own, tuple(self.spec.get("named", ())))
            name = next((t for mark in (*marked, *naming) if (t := self._text(mark.site, "name"))), "") or self.field_name(symbol.name)
            guards = tuple(g for mark in marked if (g := self._value(mark.site, "guards")) is not None)
            guards += tuple(of_kind(own, tuple(self.spec.get("own_guards", ()))))
            place = Place(file=view.path, line=symbol.line, end_line=symbol.line)
            yield Field(name, FuncV(method, InstV(cls)), place, guards)

    def _sources(self, view: FileView, where: SymbolId) -> frozenset[str]:
        """Methods that feed another one, which names them in a mark: they are no fields themselves."""
        feeding = tuple(self.spec.get("fed_by", ()))
        methods = [SymbolId(where.file, child) for child in view.children.get(where.index, ())] if feeding else []
        fed = (m for method in methods for m in of_kind(decorators_of(self.graph, method), feeding))
        return frozenset(t for mark in fed if (t := self._text(mark.site, "source")))

    def _is_hidden(self, view: FileView, symbol: Symbol) -> bool:
        """A method that its modifiers keep from the schema, or whose name says that it is the language's own."""
        if symbol.name in self.spec.get("never", ()) or symbol.name in ("constructor", "init", "new"):
            return True
        hidden, block = self.spec.get("hidden"), self.spec.get("block")
        source = self.graph.text(view.path).encode() if hidden or block else b""
        if block and not _is_inside(source[: symbol.start].decode(errors="replace")[-MAX_CHARS:], str(block)):
            return True
        line = source[symbol.start : symbol.start + 200].decode(errors="replace")
        return bool(hidden) and re.match(str(hidden), line) is not None

    # ------------------------------------------------------------ values and calls of the body

    def _kept(self, view: FileView, where: SymbolId, cls: ClassV) -> Iterator[Field]:
        patterns = [compiled(p) for p in self.spec.get("values", ())]
        for assign in view.facts.assigns if patterns else ():
            if assign.owner != where.index or assign.kind != "field" or not isinstance(assign.target, Name) or assign.value is None:
                continue
            for value in options(self.graph.ev.value(assign.value, view.path, where.index)):
                if isinstance(value, Ext | InstV) and self._is_made_by(value, patterns):
                    name = self._text(value.site, "name") or self.field_name(assign.target.id)
                    guard = self._value(value.site, "guards")
                    handler = self._value(value.site, "resolver") or self._named(cls, assign.target.id)
                    handler = handler or (self._inner(value) if isinstance(value, Ext) else None)
                    place = Place(file=view.path, line=assign.line, end_line=assign.line)
                    yield Field(name, handler, place, (guard,) if guard is not None else ())
                    break

    def _is_made_by(self, value: Ext | InstV, patterns: list[re.Pattern[str]]) -> bool:
        """Is a value made by a call that the card names, or of a class of the repository below such a one?"""
        bases = [value] if isinstance(value, Ext) else inheritance.external_bases(self.graph.ev, value.cls)
        return any(p.fullmatch(b.path.removesuffix("()")) for b in bases for p in patterns)

    def _called(self, view: FileView, where: SymbolId, cls: ClassV) -> Iterator[Field]:
        inside = {where.index, *(view.children.get(where.index, ()) if self.spec.get("in_methods") else ())}
        for number, call in enumerate(view.facts.calls if self.spec.get("calls") else ()):
            if call.owner not in inside or last_name(call.callee) not in self.spec["calls"] or not _is_own(call.callee):
                continue
            site = Site(view.path, number, None)
            for written in self._written(site)[:1]:
                given = next((v for r in self.spec.get("classes", ()) if (v := self._ref(site, r)) is not None), None)
                handler = self._value(site, "resolver") or given_later(self.scan, view, number, self.spec.get("steps", ()))
                if handler is None:
                    handler = self._class_answer(given) if given is not None else self._named(cls, self._other_name(site) or written)
                yield Field(self.field_name(written), handler, _line(view, call))

    def _written(self, site: Site) -> list[str]:
        """The name that a call gives to its field, by its first argument or by a keyword."""
        return texts(self.graph.ev, self.graph.ev.arg_value(site, 0)) or ([t] if (t := self._text(site, "name")) else [])

    def _other_name(self, site: Site) -> str:
        """The method that resolves a field of another name."""
        found = (texts(self.graph.ev, v) for r in self.spec.get("method", ()) if (v := self._ref(site, r)) is not None)
        return next((t[0] for t in found if t), "")

    def _named(self, cls: ClassV, field: str) -> AV | None:
        """The method of the class that resolves a field by its name."""
        wanted = str(self.spec.get("resolves", "{name}")).replace("{name}", field)
        found = members.own_member(self.graph.ev, InstV(cls), wanted)
        return found if isinstance(found, FuncV) else None

    def _inner(self, value: Ext) -> AV | None:
        """The method of a class that is a field itself: `create_order = CreateOrder.Field()`."""
        current: AV | None = value
        for _ in range(4):
            if isinstance(current, Ext) and isinstance(current.subject, ClassV):
                return self._class_answer(current.subject)
            current = current.base if isinstance(current, Ext) else None
        return None

    def _class_answer(self, given: AV) -> AV | None:
        for option in options(given):
            if isinstance(option, ClassV | InstV):
                made = option if isinstance(option, InstV) else InstV(option)
                for name in self.spec.get("inner", ()):
                    found = members.own_member(self.graph.ev, made, name)
                    if isinstance(found, FuncV):
                        return found
        return None

    # ------------------------------------------------------------ arguments and names

    def _ref(self, site: Site, ref: dict[str, Any]) -> AV | None:
        thunk = argument_thunk(self.graph.ev, site, Ref(**ref))
        return self.graph.ev.thunk(thunk) if thunk is not None else None

    def _value(self, site: Site | None, key: str) -> AV | None:
        ref = self.spec.get("given", {}).get(key)
        return self._ref(site, ref) if ref is not None and site is not None else None

    def _text(self, site: Site | None, key: str) -> str:
        value = self._value(site, key)
        return next((t for t in texts(self.graph.ev, value) if re.fullmatch(r"\w+", t)), "") if value is not None else ""

    def field_name(self, written: str) -> str:
        """As the schema has it: `GetOrdersAsync` and `get_orders` by the words that the card drops, then in camel case."""
        name = written
        for word in self.spec.get("drop_first", ()):
            if name.startswith(word) and name[len(word) : len(word) + 1].isupper():
                name = name[len(word) :]
        for word in self.spec.get("drop_last", ()):
            name = name.removesuffix(word) or name
        if not self.spec.get("camel", True):
            return name
        first, *rest = name.lstrip("_").split("_")
        return first[:1].lower() + first[1:] + "".join(r[:1].upper() + r[1:] for r in rest)


def given_later(scan: Scan, view: FileView, number: int, names: Sequence[str]) -> AV | None:
    """What a call further on the chain of a field is given: `.Field("orders").Type<OrderType>().Resolve(context => ...)`."""
    for _ in range(MAX_STEPS if names else 0):
        outer = next((n for n, c in enumerate(view.facts.calls) if isinstance(c.callee, Member) and c.callee.base == CallRef(number)), None)
        if outer is None:
            return None
        number = outer
        if callee_name(view.facts.calls[number]) in names:
            return scan.graph.ev.arg_value(Site(view.path, number, None), 0)
    return None


def _is_own(callee: Value) -> bool:
    """`field(...)`, `this.Field(...)`."""
    return isinstance(callee, Name) or (isinstance(callee, Member) and callee.base in (Name("self"), Name("this")))


def _is_inside(before: str, block: str) -> bool:
    """Is the last `impl` block that opens before a method one that `block` fits? Blocks of one type are one class otherwise."""
    opened = [m.end() for m in _IMPL.finditer(before)]
    return bool(opened) and any(m.end() == opened[-1] for m in re.finditer(block, before))


def _line(view: FileView, call: Call) -> Place:
    return Place(file=view.path, line=call.line, end_line=call.line)
