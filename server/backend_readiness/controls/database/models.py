"""Tables from model classes and from calls that make tables, by the `tables:` rules of the active cards."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.database.body_calls import read_body_calls, read_declared_fields
from backend_readiness.controls.database.columns import add_constraint, column_of_call, column_of_value, optional_type, text_of, texts_in
from backend_readiness.controls.database.marked_fields import brought, lists_of, mark_name, read_fields, read_table_marks
from backend_readiness.controls.database.tables import Column, Index, Table
from backend_readiness.controls.places import is_production
from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Assign, Call, CallRef, Func, Lit, Member, Name, Record, Seq, Value
from backend_readiness.facts.model import Index as IndexFact
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import following
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.references import argument
from backend_readiness.graph.values import AV, ClassV, Const, Ext, InstV, Obj, Site, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.data_rules import ColumnRule, TableRule

MAX_CLASSES = 4_000


class Models:
    """All tables that models declare. Built once for a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tables: list[Table] = []
        rules = graph.knowledge.tables
        if not rules:
            return
        self.by_base: PatternIndex[TableRule] = PatternIndex()
        self.by_decorator: PatternIndex[TableRule] = PatternIndex()
        self.by_call: PatternIndex[TableRule] = PatternIndex()
        self.by_mark: PatternIndex[TableRule] = PatternIndex()
        for tagged in rules:
            self.by_base.add(graph.knowledge.patterns(tagged.card, tagged.rule.base), (), tagged.rule)
            self.by_decorator.add(graph.knowledge.patterns(tagged.card, tagged.rule.decorator), (), tagged.rule)
            self.by_mark.add(graph.knowledge.patterns(tagged.card, tagged.rule.marks), (), tagged.rule)
            self.by_call.add(graph.knowledge.patterns(tagged.card, tagged.rule.make), (), tagged.rule)
        self.lists: list[tuple[str, str]] = []  # (model, model whose rows it has several of): the database enforces their key
        self._classes()
        self._calls()
        self._enforce()

    # ------------------------------------------------------------ classes

    def _classes(self) -> None:
        left = MAX_CLASSES
        for path, index in self.graph.facts.files.items():
            if not is_production(path) or not any(d.kind == "class" for d in index.definitions):
                continue
            marked = bool(index.called(self.by_mark.names)) if self.by_mark.names else False
            if not index.bases and not marked and not (self.by_decorator.is_open or self.by_decorator.names & frozenset(index.names)):
                continue
            view = self.graph.view(path)
            holders = self._holders(view) if marked else {}
            for number, symbol in enumerate(view.facts.symbols):
                if symbol.kind != "class" or left <= 0 or not (symbol.bases or symbol.decorators or number in holders):
                    continue
                left -= 1
                rule = self._rule(view, number) or self._marked(view, holders.get(number)) or self._of_marked_base(view, number)
                if rule is not None:
                    table = self._table(view, number, rule)
                    if table.columns:
                        self.tables.append(table)
                        if rule.enforced:
                            self.lists.extend((table.model, t) for t in lists_of(view, number))

    def _enforce(self) -> None:
        for owner, several in self.lists:
            table = next((t for t in self.tables if t.model == several), None)
            column = table.column(f"{owner}ID") if table is not None else None
            if table is not None and column is not None and not column.references:
                table.set(column.name, references=owner)

    def _marked(self, view: FileView, call: Call | None) -> TableRule | None:
        """The rule of a class one of whose fields carries a mark."""
        values = options(self.graph.ev.value(call.callee, view.path, call.owner)) if call is not None else ()
        return next((found[0][0] for v in values if isinstance(v, Ext) and (found := self.by_mark.matches(v))), None)

    def _holders(self, view: FileView) -> dict[int, Call]:
        """A mark of each class of the file that has some."""
        return {c.owner: c for c in view.facts.calls if c.kind == "decorator" and callee_name(c) in self.by_mark.names}

    def _of_marked_base(self, view: FileView, number: int) -> TableRule | None:
        """The rule of a class that adds its fields to those of one of the repository with marks: `type Order struct { Base }`."""
        if not self.by_mark.names or not view.symbol(number).bases:
            return None
        for base in inheritance.bases(self.graph.ev, ClassV(SymbolId(view.path, number)))[:4]:
            if isinstance(base, ClassV) and self.graph.facts.files[base.symbol.file].called(self.by_mark.names):
                where = self.graph.view(base.symbol.file)
                if (rule := self._marked(where, self._holders(where).get(base.symbol.index))) is not None:
                    return rule
        return None

    def _rule(self, view: FileView, number: int) -> TableRule | None:
        symbol = view.symbol(number)
        for decorator in symbol.decorators:
            # `#[Entity]` is no call
            written = view.facts.calls[decorator.call].callee if isinstance(decorator, CallRef) else decorator
            for value in options(self.graph.ev.value(written, view.path, max(symbol.parent, 0))):
                if isinstance(value, Ext) and (found := self.by_decorator.matches(value)):
                    return found[0][0]
        if not symbol.bases:
            return None
        for base in inheritance.external_bases(self.graph.ev, ClassV(SymbolId(view.path, number))):
            for rule, _ in self.by_base.matches(base):
                head = " ".join(self.graph.snapshot.lines(view.path)[symbol.line - 1 : symbol.line + 2])
                if rule.head is None or re.search(rule.head, head) is not None:
                    return rule
        return None

    def _table(self, view: FileView, number: int, rule: TableRule) -> Table:
        symbol = view.symbol(number)
        table = Table(name=symbol.name, model=symbol.name, kind=_kind(rule), file=view.path, line=symbol.line)
        mro: list[tuple[FileView, int]] = [(view, number)]
        for base in inheritance.bases(self.graph.ev, ClassV(SymbolId(view.path, number))):
            if isinstance(base, ClassV):
                mro.append((self.graph.view(base.symbol.file), base.symbol.index))
        if (rule.marks or rule.every_field) and self._elsewhere(mro):
            return table
        for where, index in reversed(mro[:8]):
            if rule.marks or rule.every_field:
                read_fields(where, index, rule, table)
            else:
                self._fields(where, index, rule, table)
        brought(rule, table)
        if rule.keys or rule.unique_calls:
            read_body_calls(view, number, rule, table)
        if rule.body_columns:
            read_declared_fields(view, number, rule, table)
        for field in rule.names:
            value = following.follow(self.graph.ev, ClassV(SymbolId(view.path, number)), field)
            if isinstance(value, Const) and isinstance(value.value, str):
                table.name = value.value
        for decorator in symbol.decorators:
            self._decorator(view, decorator, rule, table)
        return table

    def _elsewhere(self, mro: list[tuple[FileView, int]]) -> bool:
        """Do the marks of columns stand on methods or on the parameters of a constructor? Then the fields do not say them."""
        for view, number in mro:
            if any(p.field or p.decorators for p in view.symbol(number).params):
                return True
            for child in view.children.get(number, ()):
                marks = [view.facts.calls[d.call] for d in view.symbol(child).decorators if isinstance(d, CallRef)]
                if any(callee_name(m) in ("Id", "Column", "JoinColumn") for m in marks):
                    return True
        return False

    def _decorator(self, view: FileView, decorator: Value, rule: TableRule, table: Table) -> None:
        if not isinstance(decorator, CallRef):
            return
        call = view.facts.calls[decorator.call]
        if callee_name(call) in ("Unique", "Index"):
            columns = tuple(t for a in call.args for t in texts_in(a.value) if t in table.columns)
            unique = callee_name(call) == "Unique" or any(
                isinstance(a.value, Record) and any(k == "unique" for k, _ in a.value.items) for a in call.args
            )
            table.indexes.append(Index(columns=columns, unique=unique, file=view.path, line=call.line))
            return
        if rule.every_field:
            read_table_marks(view, call, table)
        if rule.name is not None and not (rule.every_field and mark_name(call) == "Entity"):  # that name is for queries
            thunk = argument(self.graph, Site(view.path, decorator.call, None), rule.name)
            value = self.graph.ev.thunk(thunk) if thunk is not None else None
            if isinstance(value, Const) and isinstance(value.value, str):
                table.name = value.value

    def _fields(self, view: FileView, number: int, rule: TableRule, table: Table) -> None:
        decorators = self._column_decorators(view, number, rule)
        for assign in view.facts.assigns:
            if assign.owner != number or assign.kind != "field" or not isinstance(assign.target, Name):
                continue
            name = assign.target.id
            if name in rule.arguments:
                self._arguments(view, assign.value, table)
                continue
            column = self._column(view, assign, rule, decorators)
            if column is not None:
                table.columns[name] = column
        for child in view.children.get(number, ()):
            if view.symbol(child).kind == "class" and view.symbol(child).name == "Meta":
                for assign in view.facts.assigns:
                    if assign.owner == child and isinstance(assign.target, Name):
                        if assign.target.id in ("indexes", "constraints"):
                            self._arguments(view, assign.value, table)
                        if assign.target.id == "unique_together":
                            groups = assign.value.items if isinstance(assign.value, Seq) else ()
                            flat = groups and isinstance(groups[0], Lit)
                            for group in (assign.value,) if flat else groups:
                                table.indexes.append(Index(columns=texts_in(group), unique=True, file=view.path, line=assign.line))

    def _column_decorators(self, view: FileView, number: int, rule: TableRule) -> dict[int, list[int]]:
        """Line of a field -> the decorator calls that stand on it or above it."""
        wanted = {c.rpartition(".")[2] for c in rule.column.callee}
        own = [a for a in view.facts.assigns if a.owner == number and a.kind == "field"]
        fields = sorted(a.line for a in own)
        found: dict[int, list[int]] = {}
        for position, call in enumerate(view.facts.calls):
            if call.owner == number and call.kind == "decorator" and callee_name(call) in wanted:
                line = next((a.line for a in own if a.start <= call.start < a.end), None)  # a field begins with its first decorator
                if line is None:
                    line = next((f for f in fields if f >= call.line and f <= call.end_line + 6), None)
                if line is not None:
                    found.setdefault(line, []).append(position)
        return found

    def _column(self, view: FileView, assign: Assign, rule: TableRule, decorators: dict[int, list[int]]) -> Column | None:
        assert isinstance(assign.target, Name)
        name = assign.target.id
        marks = [d for d in decorators.get(assign.line, ()) if view.facts.calls[d].end <= assign.end]
        wanted = {c.rpartition(".")[2] for c in rule.column.callee}
        if marks:
            columns = [column_of_call(view, d, name, rule.column, assign.type) for d in marks]
            main = columns[0]
            return Column(
                name=name,
                type=main.type,
                nullable=main.nullable,
                unique=any(c.unique for c in columns),
                indexed=any(c.indexed for c in columns) or any(callee_name(view.facts.calls[d]) == "Index" for d in marks),
                primary=any(c.primary for c in columns),
                references=next((c.references for c in columns if c.references), ""),
                on_delete=next((c.on_delete for c in columns if c.on_delete), ""),
                file=view.path,
                line=view.facts.calls[marks[0]].line,
            )
        if isinstance(assign.value, CallRef):
            called = callee_name(view.facts.calls[assign.value.call]) or ""
            if called in wanted or any(w == "*Field" and called.endswith("Field") for w in wanted):
                return column_of_call(view, assign.value.call, name, rule.column, assign.type)
            return None
        wrapped = isinstance(assign.type, IndexFact) and last_name(assign.type.base) in rule.column.typed and assign.value is None
        bare = rule.column.optional == "annotation" and assign.type is not None and not name.startswith("_") and rule.head is not None
        if bare or wrapped:
            return Column(name=name, type=text_of(assign.type), nullable=optional_type(assign.type), file=view.path, line=assign.line)
        return None

    def _arguments(self, view: FileView, value: Value | None, table: Table) -> None:
        for item in value.items if isinstance(value, Seq) else ():
            if isinstance(item, CallRef):
                add_constraint(view, item.call, table)

    # ------------------------------------------------------------ calls that make tables

    def _calls(self) -> None:
        names = self.by_call.names
        for path, index in self.graph.facts.files.items():
            if not names.intersection(index.names) or not is_production(path):
                continue
            view = self.graph.view(path)
            for number, call in enumerate(view.facts.calls):
                if callee_name(call) not in names:
                    continue
                for value in options(self.graph.ev.value(call.callee, path, call.owner)):
                    found = self.by_call.matches(value) if isinstance(value, Ext) else ()
                    if found and isinstance(value, Ext):
                        self._made(view, number, value, found[0][0])
                        break

    def _made(self, view: FileView, number: int, callee: Ext, rule: TableRule) -> None:
        site = Site(view.path, number, None)
        call = view.facts.calls[number]
        columns = argument(self.graph, site, rule.columns) if rule.columns is not None else None
        if columns is None or not isinstance(columns.expr, Record):
            value = self.graph.ev.thunk(columns) if columns is not None else None
            if not isinstance(value, Obj) or not isinstance(value.place.expr, Record):
                return
            columns = value.place
        assert isinstance(columns.expr, Record)
        name = self._made_name(view, number, callee, rule)
        table = Table(name=name, model=name, kind=_kind(rule), file=view.path, line=call.line)
        here = columns.file == view.path
        lines = self.graph.snapshot.lines(view.path)[call.line - 1 : call.end_line] if here else []
        read_columns(self.graph.view(columns.file), columns.expr, rule.column, table, call.line, lines)
        self._options(view, call, table)
        if table.columns:
            self.tables.append(table)

    def _made_name(self, view: FileView, number: int, callee: Ext, rule: TableRule) -> str:
        site = Site(view.path, number, None)
        named: AV | None = None
        if rule.name is not None and rule.name.subject:
            subject = callee.subject
            cls = subject if isinstance(subject, ClassV) else subject.cls if isinstance(subject, InstV) else None
            if cls is not None:
                return self.graph.view(cls.symbol.file).symbol(cls.symbol.index).name
            target = view.facts.calls[number].callee
            return (last_name(target.base) or "") if isinstance(target, Member) else ""
        if rule.name is not None:
            thunk = argument(self.graph, site, rule.name)
            named = self.graph.ev.thunk(thunk) if thunk is not None else None
        if isinstance(named, Const) and isinstance(named.value, str):
            return named.value
        return re.sub(r"(?i)_?schema$", "", view.result_names.get(number, "")) or self._given_with(view, number)

    def _given_with(self, view: FileView, number: int) -> str:
        """The text in front of it where it is given on: `model("Order", new Schema({...}))`, `model("Order", schema)`."""
        means = (CallRef(number), Name(view.result_names.get(number, "")))
        for call in view.facts.calls:
            first = call.args[0].value if call.args else None
            if isinstance(first, Lit) and isinstance(first.value, str) and any(a.value in means for a in call.args[1:3]):
                return first.value
        return ""

    def _options(self, view: FileView, call: Call, table: Table) -> None:
        """`{indexes: [{unique: true, fields: [...]}]}` among the arguments, and a function that lists indexes."""
        for arg in call.args[1:]:
            if isinstance(arg.value, Record):
                for key, value in arg.value.items:
                    if key == "indexes" and isinstance(value, Seq):
                        for item in value.items:
                            if isinstance(item, Record):
                                given = {k: v for k, v in item.items if k is not None}
                                unique = isinstance(given.get("unique"), Lit) and given["unique"].value is True  # type: ignore[union-attr]
                                table.indexes.append(
                                    Index(columns=texts_in(given.get("fields")), unique=unique, file=view.path, line=call.line)
                                )
            if isinstance(arg.value, Func):
                for number in view.calls_of.get(arg.value.symbol, ()):
                    if callee_name(view.facts.calls[number]) == "on":
                        add_constraint(view, number, table)


def _kind(rule: TableRule) -> str:
    return "document" if rule.documents else "sql"


def read_columns(view: FileView, record: Record, rule: ColumnRule, table: Table, line: int, lines: Sequence[str]) -> None:
    """The columns of an object, `{email: {type: String, unique: true}, name: String}`; `lines` are those of the call, from `line`."""
    for key, value in record.items:
        if key is None or key.startswith("_"):
            continue
        pattern = re.compile(rf"(^|[\s{{,]){re.escape(key)}[\"']?\s*:")
        at = next((line + n for n, text in enumerate(lines) if pattern.search(text) is not None), line)
        table.columns[key] = column_of_value(view, value, key, rule, at)
