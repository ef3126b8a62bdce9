"""The schema that migrations make: calls of migration tools in their order, and SQL files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from backend_readiness.controls.database.builders import add_index, build, make_column
from backend_readiness.controls.database.chained_builders import build_chain, index_of_chain
from backend_readiness.controls.database.changelogs import apply_changelog
from backend_readiness.controls.database.changes_by_name import built_change, change
from backend_readiness.controls.database.columns import add_constraint, column_of_call, column_of_value, text_of, texts_in
from backend_readiness.controls.database.ddl import apply_sql, sql_back
from backend_readiness.controls.database.index_calls import add_rule, drop_named
from backend_readiness.controls.database.models import read_columns
from backend_readiness.controls.database.record_tables import read_record
from backend_readiness.controls.database.returned_sql import apply_returned, returned_migrations
from backend_readiness.controls.database.revisions import is_unused, natural, ordered
from backend_readiness.controls.database.tables import Column, Index, Table, join_changed, same_table
from backend_readiness.controls.places import is_test
from backend_readiness.facts.model import Call, CallRef, Func, Lit, Record, Value
from backend_readiness.graph.evaluation.earlier_names import nearest_value
from backend_readiness.graph.references import argument, step_site
from backend_readiness.graph.values import Const, Ext, Site, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.data_rules import ChainRule, ChangeRule, ColumnRule

_SQL_FILES = ("**/migrations/**/*.sql", "**/migration/**/*.sql", "**/db/**/*.sql", "**/schema*.sql", "**/init*.sql", "**/sql/**/*.sql")
_CHANGELOGS = ("**/*changelog*/**/*.xml", "**/*changelog*/**/*.y*ml", "**/*changelog*.xml", "**/*changelog*.y*ml", "**/liquibase/**/*.xml")
_DUMPS = ("**/*schema*.sql", "**/*.sql")  # where no other file makes the schema
_DOWN = re.compile(r"(?i)^(?!.*\.up\.sql$).*(?:(?:^|[._/-])(?:down|rollback|undo|seeds?)(?:[._/-]|$)|(?:^|/)drop[\w.-]*$)")
_SPARE = re.compile(r"(?i)(^|[/_.-])(h2|hsqldb|hsql|derby|test|sqlite3?)([/_.-]|$)")  # the databases of tests and of trying out
_BACK = ("downgrade", "down", "Down", "reverse", "backwards")
MAX_FILES = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file that changes the schema. `back`: empty | none | some statement that takes the change back."""

    path: str
    line: int
    tool: str
    back: str
    back_line: int


def _acts(view: FileView, number: int) -> bool:
    """Is the call more than one that is given a function in which nothing is done?"""
    given = [a.value.symbol for a in view.facts.calls[number].args if isinstance(a.value, Func)]
    return not given or any(view.calls_of.get(i) for g in given for i in view.body(g))


def _takes_back(name: str) -> bool:
    """Is a function of that name the way back? Where there are several databases, each has one of its own (`downgrade_orders`)."""
    return name in _BACK or name.startswith("downgrade_")


class Migrations:
    """`tables`: the schema after all of them; `files`: the migrations in order."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tables: list[Table] = []
        self.files: list[Migration] = []
        for path in ordered(graph, self._code_files()):
            self._code(path)
        for path, rule in returned_migrations(graph):
            read = apply_returned(graph, path, rule, self.tables)
            if read is not None:
                self.files.append(Migration(path=path, line=1, tool="code", back=read.back, back_line=read.line))
        self._sql_files(_SQL_FILES)
        for path in sorted(graph.snapshot.glob(*_CHANGELOGS)[:MAX_FILES], key=natural):
            log = apply_changelog(graph.snapshot, path, self.tables) if not is_test(path) and not is_unused(graph, path) else None
            if log is not None:
                self.files.append(Migration(path=path, line=1, tool="changelog", back=log.back, back_line=log.line))
        join_changed(self.tables)
        if not self.tables:
            self._sql_files(_DUMPS)

    def _sql_files(self, globs: tuple[str, ...]) -> None:
        graph = self.graph
        for path in sorted(graph.snapshot.glob(*globs)[:MAX_FILES], key=lambda p: (_SPARE.search(p) is not None, natural(p))):
            if not is_test(path) and _DOWN.search(path) is None and not is_unused(graph, path):
                before = len(self.tables)
                changed = apply_sql(graph.snapshot.text(path), path, self.tables)
                if changed or len(self.tables) != before:
                    self.files.append(Migration(path=path, line=1, tool="sql", back=sql_back(self.graph, path), back_line=1))

    def _code_files(self) -> list[str]:
        every = [(re.compile(r.files), r) for c in self.graph.knowledge.cards for r in c.changes]
        named = [(where, {_last(c) for c in r.callee}) for where, r in every]
        near = [(where, {p for name in names for p in self.graph.naming(name)}) for where, names in named]
        meant = {p for where, paths in near for p in paths if where.search(p) is not None and not is_test(p)}
        return [p for p in self.graph.facts.files if p in meant][:MAX_FILES]

    # ------------------------------------------------------------ one file of code

    def _code(self, path: str) -> None:
        view = self.graph.view(path)
        forward = backward = reversible = False
        names = self.graph.knowledge.changes.names
        for number, call in enumerate(view.facts.calls):
            if callee_name(call) not in names:
                continue
            found = self._rule(view, number)
            if found is None:
                continue
            rule, callee = found
            if any(_takes_back(view.symbol(s).name) for s in view.enclosing(call.owner)):
                backward = backward or _acts(view, number)
            else:
                forward = forward or not rule.snapshot
                reversible = reversible or any(view.symbol(s).name in rule.reversible for s in view.enclosing(call.owner))
                self._apply(view, number, call, rule, callee)
        if forward:
            taken = next((i for i, s in enumerate(view.facts.symbols) if s.name in _BACK), None)
            back = view.symbol(taken) if taken is not None else None
            acts = taken is not None and any(_acts(view, n) for i in view.body(taken) for n in view.calls_of.get(i, ()))
            acts = acts and taken is not None and not _raises(view, taken)
            state = "some" if backward or acts or (reversible and back is None) else "none" if back is None else "empty"
            line = back.line if back is not None else 1
            self.files.append(Migration(path=path, line=1, tool="code", back=state, back_line=line))

    def _rule(self, view: FileView, number: int) -> tuple[ChangeRule, Ext] | None:
        for value in options(nearest_value(self.graph.ev, view, number)):
            if isinstance(value, Ext) and (found := self.graph.knowledge.changes.matches(value)):
                rule = found[0][0].rule
                if re.search(rule.files, view.path) is not None:
                    return rule, value
        return None

    def _text(self, view: FileView, number: int, rule: ChangeRule, callee: Ext) -> str:
        """The name of the table (or the SQL) that a change is about; `at` names the step that opened the table."""
        if rule.table is None:
            return ""
        site = step_site(callee, rule.table.at) if rule.table.at is not None else Site(view.path, number, None)
        thunk = argument(self.graph, site, rule.table) if site is not None else None
        value = self.graph.ev.thunk(thunk) if thunk is not None else None
        for option in options(value) if value is not None else ():
            if isinstance(option, Const) and isinstance(option.value, str):
                return option.value
            if isinstance(option, Ext) and option.site is not None and option.path.endswith("()"):  # `table(:orders)`
                inner = self.graph.view(option.site.file).facts.calls[option.site.call].args
                return text_of(inner[0].value) if inner else ""
        return ""

    def find(self, name: str) -> Table | None:
        return next((t for t in self.tables if same_table(t.name, name)), None)

    def _apply(self, view: FileView, number: int, call: Call, rule: ChangeRule, callee: Ext) -> None:
        name = self._text(view, number, rule, callee)
        thunk = argument(self.graph, Site(view.path, number, None), rule.columns) if rule.columns is not None else None
        given = thunk.expr if thunk is not None else None
        function = next((a.value for a in call.args if isinstance(a.value, Func)), None)
        if rule.does == "create_table":
            if rule.chain is not None:
                self._create_chained(view, number, name, rule.chain)
            elif rule.builder is not None:
                self._create_built(view, call, name, rule, function)
            else:
                self._create(view, call, name, given)
            return
        if rule.does == "sql":
            apply_sql(name, view.path, self.tables, call.line)
            return
        if rule.does == "index" and rule.chain is not None:
            indexed = index_of_chain(view, number, rule.chain)
            table = self.find(indexed[0]) if indexed is not None else None
            if indexed is not None and table is not None:
                table.indexes.append(indexed[1])
            return
        if change(view, call, rule, name, self.tables):
            return
        table = self.find(name)
        if table is None:
            if not name or rule.does in ("drop_table", "drop_index", "drop_constraint", "drop_column"):
                return
            table = Table(name=name, source="migration", file=view.path, line=call.line)
            self.tables.append(table)
        if rule.does == "drop_table":
            self.tables.remove(table)
        elif rule.does == "add_column" and rule.chain is not None:
            build_chain(view, number, rule.chain, table)
        elif rule.does == "add_column" and rule.builder is not None:
            if function is not None:
                build(view, function.symbol, rule, table)
            else:
                kinds = [a.value for a in call.args if a.name is None][2:]
                for label in texts_in(given):
                    make_column(view, [call], label, text_of(kinds[0]) if kinds else callee_name(call) or "", rule, table)
        elif rule.does in ("add_column", "alter_column") and rule.own:
            for label in texts_in(given):
                self._own(view, number, label, rule, table)
        elif rule.does == "index" and rule.builder is not None:
            add_index(view, call, texts_in(given), {a.name: a.value for a in call.args if a.name}, table, unique=_is_unique(call))
        elif rule.does == "foreign_key" and rule.target is not None:
            thunk = argument(self.graph, Site(view.path, number, None), rule.target)
            target = text_of(thunk.expr) if thunk is not None else ""
            rules = next((text_of(a.value) for a in call.args if a.name in rule.column.on_delete), "")
            names = texts_in(given) or tuple(c.name for c in table.columns.values() if same_table(c.name.removesuffix("_id"), target))[:1]
            for label in names:
                table.set(label, references=target, on_delete=rules)
        elif rule.does == "add_column":
            self._add(view, call, given, table)
        elif rule.does == "alter_column":
            self._alter(view, call, given, table)
        elif rule.does == "drop_column":
            for column in texts_in(given):
                table.columns.pop(f"{column}{rule.builder.suffix}" if rule.builder is not None else column, None)
        elif rule.does in ("index", "unique"):
            add_rule(view, call, given, table, unique=rule.does == "unique")
        elif rule.does in ("drop_index", "drop_constraint"):
            drop_named(view, call, table)
        elif rule.does == "foreign_key":
            position = 1 if rule.table is not None and rule.table.at is not None else 2
            target = text_of(call.args[position].value) if len(call.args) > position else ""
            rules = next((text_of(a.value) for a in call.args if a.name == "ondelete"), "")
            for column in texts_in(given):
                table.set(column, references=target, on_delete=rules, file=view.path, line=call.line)
        elif rule.does == "check":
            table.checks.append((text_of(given), view.path, call.line))

    def _create_chained(self, view: FileView, number: int, name: str, rule: ChainRule) -> None:
        if name:
            table = Table(name=name, source="migration", file=view.path, line=view.facts.calls[number].line)
            build_chain(view, number, rule, table)
            self.tables[:] = [t for t in self.tables if not same_table(t.name, name)]
            self.tables.append(table)

    def _create_built(self, view: FileView, call: Call, name: str, rule: ChangeRule, function: Func | None) -> None:
        """A table whose columns a builder makes; a later creation of the same table takes the place of an earlier one."""
        builder = rule.builder
        if not name or function is None or builder is None:
            return
        table = Table(name=name, source="migration", file=view.path, line=call.line)
        words = {a.name: a.value for a in call.args if a.name}
        if builder.own_key and not any(w in words and isinstance(words[w], Lit) and not words[w].value for w in builder.no_key):  # type: ignore[union-attr]  # a Lit
            table.columns["id"] = Column(name="id", type="key", nullable=False, primary=True, file=view.path, line=call.line)
        build(view, function.symbol, rule, table)
        self.tables[:] = [t for t in self.tables if not same_table(t.name, name)]
        self.tables.append(table)

    def _own(self, view: FileView, number: int, name: str, rule: ChangeRule, table: Table) -> None:
        """A column that the arguments of the call itself describe."""
        made = column_of_call(view, number, name, rule.column)
        kinds = view.facts.calls[number].type_args
        before = table.column(name)
        made = replace(made, type=f"{made.type} {text_of(kinds[0])}".strip() if kinds else made.type)
        if before is not None:
            made = replace(made, unique=before.unique, indexed=before.indexed, references=before.references, on_delete=before.on_delete)
        table.columns[name] = made

    def _create(self, view: FileView, call: Call, name: str, given: Value | None) -> None:
        table = Table(name=name, source="migration", file=view.path, line=call.line)
        lines = self.graph.snapshot.lines(view.path)[call.line - 1 : call.end_line]
        if isinstance(given, Record):
            read_columns(view, given, ColumnRule(), table, call.line, lines)
        elif isinstance(given, Func):
            record = next((r.value for r in view.returns.get(given.symbol, ()) if isinstance(r.value, Record)), None)
            if record is not None:
                read_record(view, record, call, table)
            else:
                self._built(view, given.symbol, table)
        later: list[int] = []
        for arg in call.args[1:]:
            if isinstance(arg.value, CallRef):
                inner = view.facts.calls[arg.value.call]
                first = inner.args[0].value if inner.args else None
                if callee_name(inner) == "Column" and isinstance(first, Lit) and isinstance(first.value, str):
                    table.columns[first.value] = column_of_call(view, arg.value.call, first.value, ColumnRule())
                else:
                    later.append(arg.value.call)
        for position in later:
            add_constraint(view, position, table)
        if name:
            self.tables.append(table)

    def _built(self, view: FileView, symbol: int, table: Table) -> None:
        """Columns made by calls on a builder: `t.string("email").notNullable().unique()`."""
        inner_of: set[int] = set()
        numbers = view.calls_of.get(symbol, [])
        for number in numbers:
            callee = view.facts.calls[number].callee
            if hasattr(callee, "base") and isinstance(callee.base, CallRef):
                inner_of.add(callee.base.call)
        for number in numbers:
            if number in inner_of:
                continue
            first = number
            while isinstance(getattr(view.facts.calls[first].callee, "base", None), CallRef):
                first = view.facts.calls[first].callee.base.call  # type: ignore[union-attr]  # a Member, by the line above
            call = view.facts.calls[first]
            names = texts_in(call.args[0].value) if call.args else ()
            kind = callee_name(call) or ""
            if built_change(call, kind, table):
                continue
            if kind in ("index", "unique"):
                table.indexes.append(Index(columns=names, unique=kind == "unique", file=view.path, line=call.line))
            elif names and len(names) == 1:
                column = column_of_call(view, number, names[0], ColumnRule(required=("notNullable", "notNull")))
                table.columns[names[0]] = replace(column, type=kind, line=call.line)
            elif kind in ("increments", "bigIncrements"):
                table.columns["id"] = Column(name="id", type=kind, nullable=False, primary=True, file=view.path, line=call.line)

    def _add(self, view: FileView, call: Call, given: Value | None, table: Table) -> None:
        if isinstance(given, CallRef):
            inner = view.facts.calls[given.call]
            first = inner.args[0].value if inner.args else None
            if isinstance(first, Lit) and isinstance(first.value, str):
                table.columns[first.value] = column_of_call(view, given.call, first.value, ColumnRule())
        elif isinstance(given, Func):
            self._built(view, given.symbol, table)
        elif isinstance(given, Lit) and isinstance(given.value, str) and len(call.args) > 2:
            table.columns[given.value] = column_of_value(view, call.args[2].value, given.value, ColumnRule(), call.line)

    def _alter(self, view: FileView, call: Call, given: Value | None, table: Table) -> None:
        for name in texts_in(given):
            words = {a.name: a.value for a in call.args if a.name}
            column = table.column(name)
            if len(call.args) > 2 and isinstance(call.args[2].value, Record):
                table.columns[name] = column_of_value(view, call.args[2].value, name, ColumnRule(), call.line)
                continue
            renamed = words.get("new_column_name")
            if column is not None and isinstance(renamed, Lit):
                del table.columns[column.name]
                table.columns[str(renamed.value)] = replace(column, name=str(renamed.value))
                continue
            if column is None:
                table.columns[name] = Column(name=name, file=view.path, line=call.line)
            if isinstance(words.get("nullable"), Lit):
                table.set(name, nullable=bool(words["nullable"].value), file=view.path, line=call.line)  # type: ignore[union-attr]  # a Lit
            if "type_" in words:
                kind = words["type_"]
                shown = text_of(view.facts.calls[kind.call].callee) if isinstance(kind, CallRef) else text_of(kind)
                table.set(name, type=shown, file=view.path, line=call.line)


def _is_unique(call: Call) -> bool:
    return (callee_name(call) or "").startswith("unique")


def _last(callee: str) -> str:
    return re.split(r"[.~?*]", callee)[-1]


def _raises(view: FileView, symbol: int) -> bool:
    return any(t.owner in view.body(symbol) for t in view.facts.throws)
