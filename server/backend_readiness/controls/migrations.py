"""The schema that migrations make: calls of migration tools in their order, and SQL files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from backend_readiness.controls.columns import add_constraint, column_of_call, column_of_value, text_of, texts_in
from backend_readiness.controls.ddl import apply_sql
from backend_readiness.controls.models import read_columns
from backend_readiness.controls.places import is_test
from backend_readiness.controls.tables import Column, Index, Table, plain, same_table
from backend_readiness.facts.model import Call, CallRef, Func, Lit, Record, Value
from backend_readiness.graph.references import argument, step_site
from backend_readiness.graph.values import Const, Ext, Site, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.data_rules import ChangeRule, ColumnRule

_SQL_FILES = ("**/migrations/**/*.sql", "**/migration/**/*.sql", "**/db/**/*.sql", "**/schema*.sql", "**/init*.sql", "**/sql/**/*.sql")
_DOWN = re.compile(r"(?i)(^|[._/-])(down|rollback|undo|drop|seeds?)([._/-]|$)")
_BACK = ("downgrade", "down", "reverse", "backwards")
MAX_FILES = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file that changes the schema. `back`: empty | none | some statement that takes the change back."""

    path: str
    line: int
    tool: str
    back: str
    back_line: int


class Migrations:
    """`tables`: the schema after all of them; `files`: the migrations in order."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tables: list[Table] = []
        self.files: list[Migration] = []
        for path in self._ordered(self._code_files()):
            self._code(path)
        for path in graph.snapshot.glob(*_SQL_FILES)[:MAX_FILES]:
            if not is_test(path) and _DOWN.search(path) is None:
                before = len(self.tables)
                changed = apply_sql(graph.snapshot.text(path), path, self.tables)
                if changed or len(self.tables) != before:
                    self.files.append(Migration(path=path, line=1, tool="sql", back=self._sql_back(path), back_line=1))

    def _code_files(self) -> list[str]:
        names = self.graph.knowledge.changes.names
        return [p for p, i in self.graph.facts.files.items() if names.intersection(i.names) and not is_test(p)][:MAX_FILES]

    def _ordered(self, paths: list[str]) -> list[str]:
        """By the chain of revisions where files name one, else by name."""
        chain: dict[str, tuple[str, str]] = {}
        for path in paths:
            view = self.graph.view(path)
            values = {}
            for name in ("revision", "down_revision"):
                bound = view.bindings.get((0, name))
                value = bound[-1][0].value if bound else None
                values[name] = str(value.value) if isinstance(value, Lit) and value.value else ""
            if values["revision"]:
                chain[values["revision"]] = (path, values["down_revision"])
        depth: dict[str, int] = {}

        def level(revision: str) -> int:
            steps, current = 0, revision
            while current in chain and steps < 2_000:
                if current in depth:
                    return steps + depth[current]
                current = chain[current][1]
                steps += 1
            return steps

        for revision in chain:
            depth[revision] = level(revision)
        by_path = {path: depth[r] for r, (path, _) in chain.items()}
        return sorted(paths, key=lambda p: (by_path.get(p, 0), p))

    # ------------------------------------------------------------ one file of code

    def _code(self, path: str) -> None:
        view = self.graph.view(path)
        forward = False
        backward: list[int] = []
        names = self.graph.knowledge.changes.names
        for number, call in enumerate(view.facts.calls):
            if callee_name(call) not in names:
                continue
            found = self._rule(view, call)
            if found is None:
                continue
            rule, callee = found
            if any(view.symbol(s).name in _BACK for s in view.enclosing(call.owner)):
                backward.append(call.line)
            else:
                forward = True
                self._apply(view, number, call, rule, callee)
        if forward:
            back = next((s for s in view.facts.symbols if s.name in _BACK), None)
            state = "none" if back is None else "some" if backward else "empty"
            line = back.line if back is not None else 1
            self.files.append(Migration(path=path, line=1, tool="code", back=state, back_line=line))

    def _rule(self, view: FileView, call: Call) -> tuple[ChangeRule, Ext] | None:
        for value in options(self.graph.ev.value(call.callee, view.path, call.owner)):
            if isinstance(value, Ext) and (found := self.graph.knowledge.changes.matches(value)):
                return found[0][0].rule, value
        return None

    def _text(self, view: FileView, number: int, rule: ChangeRule, callee: Ext) -> str:
        """The name of the table (or the SQL) that a change is about; `at` names the step that opened the table."""
        if rule.table is None:
            return ""
        site = step_site(callee, rule.table.at) if rule.table.at is not None else Site(view.path, number, None)
        thunk = argument(self.graph, site, rule.table) if site is not None else None
        value = self.graph.ev.thunk(thunk) if thunk is not None else None
        return next((o.value for o in options(value) if isinstance(o, Const) and isinstance(o.value, str)), "") if value is not None else ""

    def find(self, name: str) -> Table | None:
        return next((t for t in self.tables if same_table(t.name, name)), None)

    def _apply(self, view: FileView, number: int, call: Call, rule: ChangeRule, callee: Ext) -> None:
        name = self._text(view, number, rule, callee)
        thunk = argument(self.graph, Site(view.path, number, None), rule.columns) if rule.columns is not None else None
        given = thunk.expr if thunk is not None else None
        if rule.does == "create_table":
            self._create(view, call, name, given)
            return
        if rule.does == "sql":
            apply_sql(name, view.path, self.tables, call.line)
            return
        table = self.find(name)
        if table is None:
            if not name or rule.does in ("drop_table", "drop_index", "drop_constraint", "drop_column"):
                return
            table = Table(name=name, source="migration", file=view.path, line=call.line)
            self.tables.append(table)
        if rule.does == "drop_table":
            self.tables.remove(table)
        elif rule.does == "add_column":
            self._add(view, call, given, table)
        elif rule.does == "alter_column":
            self._alter(view, call, given, table)
        elif rule.does == "drop_column":
            for column in texts_in(given):
                table.columns.pop(column, None)
        elif rule.does in ("index", "unique"):
            self._index(view, call, given, table, unique=rule.does == "unique")
        elif rule.does in ("drop_index", "drop_constraint"):
            self._drop(call, table)
        elif rule.does == "foreign_key":
            position = 1 if rule.table is not None and rule.table.at is not None else 2
            target = text_of(call.args[position].value) if len(call.args) > position else ""
            rules = next((text_of(a.value) for a in call.args if a.name == "ondelete"), "")
            for column in texts_in(given):
                table.set(column, references=target, on_delete=rules, file=view.path, line=call.line)
        elif rule.does == "check":
            table.checks.append((text_of(given), view.path, call.line))

    def _create(self, view: FileView, call: Call, name: str, given: Value | None) -> None:
        table = Table(name=name, source="migration", file=view.path, line=call.line)
        lines = self.graph.snapshot.lines(view.path)[call.line - 1 : call.end_line]
        if isinstance(given, Record):
            read_columns(view, given, ColumnRule(), table, call.line, lines)
        elif isinstance(given, Func):
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

    def _index(self, view: FileView, call: Call, given: Value | None, table: Table, *, unique: bool) -> None:
        words = {a.name: a.value for a in call.args if a.name}
        for arg in call.args:
            if isinstance(arg.value, Record):
                words.update({k: v for k, v in arg.value.items if k is not None})
        flag = words.get("unique")
        kind = words.get("type")
        if isinstance(kind, Lit) and kind.value not in ("unique", "UNIQUE"):
            unique = False
        unique = unique or (isinstance(flag, Lit) and flag.value is True)
        columns = texts_in(words["fields"]) if "fields" in words else texts_in(given)
        partial = any("where" in k for k in words)
        name = self._name_of(view, call)
        table.indexes.append(Index(columns=columns, unique=unique, name=name, partial=partial, file=view.path, line=call.line))

    def _name_of(self, view: FileView, call: Call) -> str:
        first = call.args[0].value if call.args else None
        if isinstance(first, CallRef):
            inner = view.facts.calls[first.call].args
            first = inner[0].value if inner else None
        return str(first.value) if isinstance(first, Lit) else ""

    def _drop(self, call: Call, table: Table) -> None:
        """Take an index or constraint away; an unnamed one of a column is found by the usual naming."""
        first = call.args[0].value if call.args else None
        if isinstance(first, CallRef):
            return self._dropped(text_of(first), table)
        return self._dropped(str(first.value) if isinstance(first, Lit) else "", table)

    def _dropped(self, name: str, table: Table) -> None:
        before = len(table.indexes)
        table.indexes[:] = [i for i in table.indexes if not name or i.name != name]
        table.checks[:] = [c for c in table.checks if name not in c[0]] if name else table.checks
        if len(table.indexes) != before:
            return
        for column in list(table.columns.values()):
            stem = plain(f"{table.name}{column.name}")
            if plain(name).startswith(stem) or plain(name) == plain(f"ix{table.name}{column.name}"):
                kind = plain(name)[len(stem) :]
                if kind in ("key", "uq", "unique"):
                    table.set(column.name, unique=False)
                elif kind == "fkey":
                    table.set(column.name, references="", on_delete="")
                elif kind == "" or name.startswith("ix_"):
                    table.set(column.name, indexed=False)

    def _sql_back(self, path: str) -> str:
        text = self.graph.snapshot.text(path)
        folder, _, name = path.rpartition("/")
        if re.search(r"(?im)^--\s*(\+goose down|migrate:down|down\b)", text) is not None:
            return "some"
        down = path.replace(".up.sql", ".down.sql")
        if down != path and self.graph.has(down):
            return "some"
        return "some" if self.graph.has(f"{folder}/down.sql") and name == "up.sql" else "none"
