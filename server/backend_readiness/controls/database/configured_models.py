"""Tables of classes that a context keeps, as conventions and calls on builders make them: `HasIndex(o => o.Email).IsUnique()`.

Cards name the words (`entities`). By convention each property is a column, `Id` or `OrderId` of Order the key, and `CustomerId` beside a
property `Customer` a foreign key, which gets an index. Navigation and collections are no columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from backend_readiness.controls.database.columns import text_of
from backend_readiness.controls.database.tables import Column, Index, Table
from backend_readiness.controls.places import is_production
from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Assign, Call, CallRef, Func, Lit, Member, Name, Record, Seq, Value
from backend_readiness.facts.model import Index as Generic
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.values import ClassV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card
from backend_readiness.rules.data_rules import EntityRule

MAX_TABLES = 2_000
MAX_STEPS = 20
_PROPERTY = re.compile(r"\{\s*(?:\w+\s+){0,2}get\b")


def configured_tables(graph: Graph) -> list[Table]:
    """The tables of all contexts of the repository."""
    return [t for card in graph.knowledge.cards for rule in card.entities for t in _Entities(graph, card, rule).tables()]


class _Entities:
    def __init__(self, graph: Graph, card: Card, rule: EntityRule) -> None:
        self.graph, self.rule, self.ev = graph, rule, graph.ev
        self._wanted = graph.knowledge.patterns(card, rule.base)
        self._bases = [compiled(p) for p in self._wanted]
        self._tables: dict[SymbolId, Table] = {}
        self._links: dict[tuple[SymbolId, str], SymbolId] = {}  # (class, navigation property) -> the class that it leads to

    def tables(self) -> list[Table]:
        for where, name in self._kept():
            if where not in self._tables and len(self._tables) < MAX_TABLES:
                symbol = self.graph.view(where.file).symbol(where.index)
                table = Table(name=name or symbol.name, model=symbol.name, file=where.file, line=symbol.line)
                self._tables[where] = table
        for where, table in self._tables.items():
            self._columns(where, table)
        for view, number in self._configuring():
            self._configure(view, number)
        return [t for t in self._tables.values() if t.columns]

    # ------------------------------------------------------------ classes

    def _kept(self) -> Iterator[tuple[SymbolId, str]]:
        """(class, name of its table) of the sets of contexts, and of the classes that are configured."""
        names = self.graph.names_below({p.rpartition(".")[2].removesuffix("()") for p in self._wanted})
        for where in sorted({w for n in names for w in self.graph.subclasses(n)}, key=lambda w: (w.file, w.index)):
            if not is_production(where.file) or not self._is_context(where):
                continue
            view = self.graph.view(where.file)
            written = [(a.target.id, a.type) for a in view.facts.assigns if a.owner == where.index and isinstance(a.target, Name)]
            written += [(s.name, s.returns) for s in view.facts.symbols if s.parent == where.index]
            for name, kind in written:
                if isinstance(kind, Generic) and last_name(kind.base) in self.rule.sets:
                    yield from ((c, name) for c in self._classes(kind.key, view, where.index))
        for base in self.rule.configured:
            for where in self.graph.subclasses(base):
                yield from ((c, "") for c in self._configured_by(where))

    def _is_context(self, where: SymbolId) -> bool:
        above = inheritance.external_bases(self.ev, ClassV(where))
        return any(b.fullmatch(e.path) for e in above for b in self._bases)

    def _configured_by(self, where: SymbolId) -> list[SymbolId]:
        view = self.graph.view(where.file)
        given = [b for b in view.symbol(where.index).bases if isinstance(b, Generic) and last_name(b.base) in self.rule.configured]
        return [c for b in given[:1] if is_production(where.file) for c in self._classes(b.key, view, where.index)]

    def _classes(self, value: Value, view: FileView, owner: int) -> list[SymbolId]:
        value = value.base if isinstance(value, Generic) else value
        found = [o.symbol for o in options(self.ev.value(value, view.path, owner)) if isinstance(o, ClassV)]
        return [c for c in found[:1] if self.graph.view(c.file).symbol(c.index).kind == "class"]

    # ------------------------------------------------------------ columns

    @cached_property
    def _strict(self) -> bool:
        """Does a project tell types that may be null from those that may not?"""
        projects = self.graph.snapshot.glob("**/*.csproj") if self.rule.strict else ()
        return any(re.search(self.rule.strict, self.graph.text(p)) for p in projects[:60])

    def _columns(self, where: SymbolId, table: Table) -> None:
        classes = [where, *(b.symbol for b in inheritance.bases(self.ev, ClassV(where)) if isinstance(b, ClassV))]
        fields: list[tuple[FileView, Assign, str]] = []
        for cls in reversed(classes[:6]):
            view = self.graph.view(cls.file)
            for assign in view.facts.assigns:
                if assign.owner == cls.index and assign.kind == "field" and isinstance(assign.target, Name) and assign.type is not None:
                    fields.append((view, assign, assign.target.id))
        for view, assign, name in fields:
            held = assign.type.key if isinstance(assign.type, Generic) else assign.type
            leads = self._classes(held, view, 0) if held is not None else []  # `Customer Customer` names the class
            if leads:  # another table, or a part of this one whose columns go by other names
                self._links[where, name] = leads[0]
            elif (not isinstance(assign.type, Generic) or text_of(assign.type.key) == "byte") and _PROPERTY.search(
                self._text(view, assign)
            ):
                table.columns[name] = self._column(view, assign, name, table)
        for (cls, name), target in list(self._links.items()):
            column = table.column(f"{name}Id") if cls == where else None
            if column is not None and target in self._tables:
                rule = "" if column.nullable else "cascade"
                table.set(column.name, references=self._tables[target].name, indexed=True, on_delete=rule)

    def _text(self, view: FileView, assign: Assign) -> str:
        return self.graph.text(view.path).encode()[assign.start : assign.end].decode("utf-8", "replace")

    def _column(self, view: FileView, assign: Assign, name: str, table: Table) -> Column:
        marks = {callee_name(c) for c in view.facts.calls if c.kind == "decorator" and assign.start <= c.start < assign.end}
        text = self._text(view, assign)
        kind = text_of(assign.type)
        optional = re.search(rf"\?\s+{re.escape(name)}\b", text) is not None
        open_type = kind in self.rule.open_types and not self._strict
        required = bool(marks & set(self.rule.required)) or re.search(r"\brequired\b", text) is not None
        primary = name in ("Id", f"{table.model}Id") or bool(marks & set(self.rule.key_marks))
        return Column(
            name=name, type=kind, nullable=not primary and not required and (optional or open_type), primary=primary,
            file=view.path, line=assign.line,
        )  # fmt: skip

    # ------------------------------------------------------------ calls on builders

    def _configuring(self) -> Iterator[tuple[FileView, int]]:
        """(file, call) of every call that a word of the rule names."""
        words = {w for words in self.rule.steps.values() for w in words}
        for path in sorted({p for w in words for p in self.graph.naming(w)}):
            view = self.graph.view(path) if is_production(path) else None
            for number, call in enumerate(view.facts.calls) if view is not None else ():
                if view is not None and isinstance(call.callee, Member) and call.callee.name in words:
                    yield view, number

    def _configure(self, view: FileView, number: int) -> None:
        call = view.facts.calls[number]
        before = _chain(view, call)
        where = self._entity(view, call, before)
        table = self._tables.get(where) if where is not None else None
        if table is None or where is None:
            return
        word = next(k for k, words in self.rule.steps.items() if callee_name(call) in words)
        after = list(_after(view, number))
        columns = [c for a in call.args for c in _columns_of(view, a.value)]
        place = {"file": view.path, "line": call.line}
        if word == "index" and columns:
            unique = any(callee_name(c) in self.rule.unique and not _is_false(c) for c in after)
            partial = any(callee_name(c) in self.rule.partial for c in after)
            table.indexes.append(Index(columns=tuple(columns), unique=unique, partial=partial, file=view.path, line=call.line))
        elif word == "alternate" and columns:
            table.indexes.append(Index(columns=tuple(columns), unique=True, file=view.path, line=call.line))
        elif word == "key":
            for column in columns:
                table.set(column, primary=True, nullable=False)
        elif word == "column" and columns:
            required = next((c for c in after if callee_name(c) in self.rule.required), None)
            if required is not None:
                table.set(columns[0], nullable=_is_false(required), **place)
        elif word == "table" and call.args and isinstance(call.args[0].value, Lit):
            table.name = str(call.args[0].value.value)
        elif word == "check" and call.args:
            table.checks.append((text_of(call.args[-1].value), view.path, call.line))
        elif word == "foreign":
            self._foreign(view, call, where, before, after, columns)

    def _foreign(self, view: FileView, call: Call, where: SymbolId, before: list[Call], after: list[Call], columns: list[str]) -> None:
        """The column stands in the class that the chain began with; in the one at its other end when it has many of those."""
        first = next((c for c in before if callee_name(c) in (*self.rule.one, *self.rule.many)), None)
        if first is None:
            return
        named = [n for a in first.args for n in _columns_of(view, a.value)]
        given = [c for t in first.type_args for c in self._classes(t, view, first.owner)]
        other = given[0] if given else self._links.get((where, named[0])) if named else None
        dependent, principal = (other, where) if callee_name(first) in self.rule.many else (where, other)
        said = [c for t in call.type_args for c in self._classes(t, view, call.owner)]
        if said and said[0] == principal:
            dependent, principal = principal, dependent
        owner = self._tables.get(dependent) if dependent is not None else None
        target = self._tables.get(principal) if principal is not None else None
        delete = next((c for c in after if callee_name(c) in self.rule.delete and c.args), None)
        rule = (last_name(delete.args[0].value) or "") if delete is not None else ""
        for column in columns if owner is not None and target is not None else ():
            known = owner.column(column) if owner is not None else None
            if owner is not None and target is not None and known is not None:
                owner.set(column, references=target.name, indexed=True, on_delete=rule or known.on_delete)

    def _entity(self, view: FileView, call: Call, before: list[Call]) -> SymbolId | None:
        """The class that the builder at the head of a chain is for."""
        head = before[0] if before else call
        if callee_name(head) in self.rule.entity and head.type_args:
            return next(iter(self._classes(head.type_args[0], view, head.owner)), None)
        root = _root(head)
        for index in view.enclosing(call.owner):
            symbol = view.symbol(index)
            if root is None or all(p.name != root for p in symbol.params):
                continue
            passed = view.passed_in.get(index)
            outer = view.facts.calls[passed[0]] if passed is not None else None
            if outer is not None and callee_name(outer) in self.rule.entity and outer.type_args:
                return next(iter(self._classes(outer.type_args[0], view, outer.owner)), None)
            if symbol.kind == "method" and symbol.parent > 0:
                return next(iter(self._configured_by(SymbolId(view.path, symbol.parent))), None)
        return None


def _chain(view: FileView, call: Call) -> list[Call]:
    """The calls that a call is chained on, the first one first."""
    found: list[Call] = []
    callee = call.callee
    while isinstance(callee, Member) and isinstance(callee.base, CallRef) and len(found) < MAX_STEPS:
        found.append(view.facts.calls[callee.base.call])
        callee = found[-1].callee
    return found[::-1]


def _after(view: FileView, number: int) -> Iterator[Call]:
    for _ in range(MAX_STEPS):
        following = view.called_on.get(number)
        if following is None:
            return
        number = following
        yield view.facts.calls[number]


def _root(call: Call) -> str | None:
    base = call.callee.base if isinstance(call.callee, Member) else None
    return base.id if isinstance(base, Name) else None


def _is_false(call: Call) -> bool:
    return bool(call.args) and call.args[0].value == Lit(False)


def _columns_of(view: FileView, value: Value) -> list[str]:
    """The members that an argument names: `o => o.Email`, `o => new { o.Owner, o.Name }`, `"Email"`."""
    if isinstance(value, Func):
        returned = [r.value for r in view.returns.get(value.symbol, ()) if r.value is not None]
        return [c for r in returned[:1] for c in _columns_of(view, r)]
    if isinstance(value, Record):
        return [c for _, item in value.items for c in _columns_of(view, item)]
    if isinstance(value, Seq):
        return [c for item in value.items for c in _columns_of(view, item)]
    if isinstance(value, Member):
        return [value.name]
    return [value.value] if isinstance(value, Lit) and isinstance(value.value, str) else []
