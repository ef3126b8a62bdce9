"""SQL that makes and changes tables, parsed with sqlglot."""

from __future__ import annotations

import re

from backend_readiness.controls.database.tables import Column, Index, Table, same_table
from backend_readiness.controls.database.taken_away import drop_rule, rename_column, rename_table
from backend_readiness.graph.backend.sql_texts import parsed
from backend_readiness.graph.world import Graph

MAX_CHARS = 6_000_000  # a dump with its rows; only statements of the schema are parsed
MAX_STATEMENT_CHARS = 60_000
_ROWS = re.compile(r"(?i)\s*(insert|lock|unlock|set|use|update|delete|replace|copy)\b")
_DDL = re.compile(r"(?i)\b(create\s+(unlogged\s+|temp\w*\s+)?table|alter\s+table|create\s+(unique\s+)?index|drop\s+(table|index))\b")


# Where the way down begins in a file that holds both.
_DOWN = re.compile(r"(?im)^--\s*(?:\+(?:goose|migrate)\s+down|migrate:down|@?down\s*(?:$|:|-)|//@undo)")


# A block of code around a statement: `DO $$ BEGIN alter table ...`, which runs as if it stood alone.
_AROUND = re.compile(r"(?is)^\s*do\s+\$\w*\$\s*(?:begin\b)?\s*|^\s*if\b.{1,300}?\bthen\b\s*")
_BLOCKS = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOTHING = re.compile(r"(?i)(?:select\s+\S{1,40}(?:\s+as\s+\S+)?|begin|commit|;)\s*;?$")


def apply_sql(text: str, path: str, tables: list[Table], line: int | None = None) -> bool:
    """Apply the DDL of a text to `tables`; True when it holds any. `line`: where the text stands, when it is no file of its own."""
    if len(text) > MAX_CHARS or _DDL.search(text) is None:
        return False
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    changed = False
    down = _DOWN.search(text) if line is None else None
    for start, statement in _statements(text[: down.start()] if down is not None else text):
        if _DDL.search(statement) is None:
            continue
        for _ in range(2):
            statement = _AROUND.sub("", statement, count=1)
        tree: exp.Expr | None = None
        for dialect in _dialects(statement):
            try:
                tree = parsed(statement, dialect)
            except (SqlglotError, RecursionError):
                continue
            if not isinstance(tree, exp.Command):  # what a dialect takes for a command it has not read
                break
        at = line if line is not None else start
        if isinstance(tree, exp.Create) and tree.kind == "TABLE" and isinstance(tree.this, exp.Schema):
            tables.append(_table(tree.this, statement, path, at, line is None))
            changed = True
        elif isinstance(tree, exp.Create) and tree.kind == "INDEX":
            changed = _index(tree, path, at, tables) or changed
        elif isinstance(tree, exp.Alter):
            changed = _alter(tree, statement, path, at, tables) or changed
        elif isinstance(tree, exp.Drop) and tree.kind == "TABLE":
            dropped = [t.name for t in tree.find_all(exp.Table)]
            tables[:] = [t for t in tables if not any(same_table(t.name, name) for name in dropped)]
            changed = True
        elif isinstance(tree, exp.Drop) and tree.kind == "INDEX":
            for name in [t.name for t in tree.find_all(exp.Table)][:1]:
                for table in tables:
                    table.indexes[:] = [i for i in table.indexes if i.name != name]
            changed = True
    return changed


def _dialects(statement: str) -> tuple[str, ...]:
    """The dialects to try, likely ones first: backquotes and engines are MySQL's, brackets and `GO` those of SQL Server."""
    if re.search(r"`|(?i:\bengine\s*=|\bauto_increment\b|\bunsigned\b)", statement) is not None:
        return ("mysql", "sqlite", "postgres")
    if re.search(r"\[\w+\]|(?i:\bidentity\s*\(|\bn?varchar2?\s*\(\s*max\b|\bvarchar2\b)", statement) is not None:
        return ("tsql", "oracle", "postgres", "mysql")
    return ("postgres", "mysql", "sqlite")


def _statements(text: str) -> list[tuple[int, str]]:
    """(first line, statement), split at semicolons that end a line."""
    found: list[tuple[int, str]] = []
    start, parts, rows = 1, list[str](), False
    for number, line in enumerate(text.split("\n"), 1):
        if not parts:
            if not line.strip() or line.lstrip().startswith(("--", "#", "/*!")):
                continue
            if _ROWS.match(line) is not None:
                rows = True
            start = number
        parts.append("" if rows else line[:2_000])
        if line[-2_000:].split("--")[0].rstrip().endswith(";"):
            if not rows and sum(map(len, parts)) <= MAX_STATEMENT_CHARS:
                found.append((start, "\n".join(parts).rstrip().rstrip(";")))
            parts, rows = [], False
    if parts and not rows:
        found.append((start, "\n".join(parts)))
    return found


def _line_of(statement: str, name: str, start: int, own: bool) -> int:
    if not own:
        return start
    for number, text in enumerate(statement.split("\n")):
        if re.match(rf"(?i)\s*[`\"\[]?{re.escape(name)}[`\"\]]?[\s,]", text) is not None:
            return start + number
    return start


def _table(schema, statement: str, path: str, start: int, own: bool) -> Table:  # type: ignore[no-untyped-def]  # sqlglot is untyped here
    from sqlglot import exp

    table = Table(name=schema.this.name, source="sql", file=path, line=start)
    for item in schema.expressions:
        if isinstance(item, exp.ColumnDef):
            table.columns[item.name] = _column(item, path, _line_of(statement, item.name, start, own))
    for item in schema.expressions:
        _constraint(item, table, path, start)
    return table


def _column(item, path: str, line: int) -> Column:  # type: ignore[no-untyped-def]  # sqlglot is untyped here
    from sqlglot import exp

    kinds = [c.args.get("kind") for c in item.args.get("constraints") or []]
    reference = next((k for k in kinds if isinstance(k, exp.Reference)), None)
    primary = any(isinstance(k, exp.PrimaryKeyColumnConstraint) for k in kinds)
    not_null = any(isinstance(k, exp.NotNullColumnConstraint) and not k.args.get("allow_null") for k in kinds)
    target = (
        reference.this.this.name
        if reference is not None and isinstance(reference.this, exp.Schema)
        else reference.this.name
        if reference is not None
        else ""
    )
    rule = " ".join(str(o) for o in reference.args.get("options") or []) if reference is not None else ""
    kind = item.args.get("kind")
    return Column(
        name=item.name, type=kind.sql() if kind is not None else "", nullable=not (primary or not_null), primary=primary,
        unique=any(isinstance(k, exp.UniqueColumnConstraint) for k in kinds), references=target, on_delete=rule, file=path, line=line,
    )  # fmt: skip


def _constraint(item, table: Table, path: str, line: int) -> None:  # type: ignore[no-untyped-def]  # sqlglot is untyped here
    from sqlglot import exp

    name = item.name if isinstance(item, exp.Constraint) else ""
    for part in item.expressions if isinstance(item, exp.Constraint) else [item]:
        if isinstance(part, exp.PrimaryKey):
            names = [e.name for e in part.expressions]
            for column in names:
                table.set(column, primary=True, nullable=False)
        elif isinstance(part, exp.UniqueColumnConstraint):
            schema = part.this
            columns = tuple(e.name for e in schema.expressions) if schema is not None else ()
            label = name or (schema.this.name if schema is not None and schema.this is not None else "")
            table.indexes.append(Index(columns=columns, unique=True, name=label, file=path, line=line))
        elif isinstance(part, exp.IndexColumnConstraint):  # MySQL: `KEY name (column)`
            columns = tuple(e.name or e.this.name for e in part.expressions if e is not None)
            table.indexes.append(Index(columns=columns, name=name, file=path, line=line))
        elif isinstance(part, exp.ForeignKey):
            reference = part.args.get("reference")
            target = reference.this.this.name if reference is not None and isinstance(reference.this, exp.Schema) else ""
            rule = " ".join(str(o) for o in (reference.args.get("options") or [])) if reference is not None else ""
            if name:
                table.keys[name] = tuple(c.name for c in part.expressions)
            for column in part.expressions:
                table.set(column.name, references=target, on_delete=rule or str(part.args.get("delete") or ""))
        elif isinstance(part, exp.Check | exp.CheckColumnConstraint):
            table.checks.append((part.sql(), path, line))


def _known(tables: list[Table], name: str, path: str) -> Table | None:
    """The table of that name: the one of the same file before others, since a schema may stand there once for each database."""
    found = [t for t in tables if same_table(t.name, name)]
    return next((t for t in found if t.file == path), found[0] if found else None)


def _index(tree, path: str, line: int, tables: list[Table]) -> bool:  # type: ignore[no-untyped-def]  # sqlglot is untyped here
    from sqlglot import exp

    index = tree.this
    target = index.args.get("table") if isinstance(index, exp.Index) else None
    table = _known(tables, target.name, path) if target is not None else None
    if table is None:
        return False
    params = index.args.get("params")
    ordered = params.args.get("columns") if params is not None else None
    columns = tuple(column.name for item in ordered or () if (column := item.find(exp.Column)) is not None)
    partial = params is not None and params.args.get("where") is not None
    table.indexes.append(
        Index(columns=columns, unique=bool(tree.args.get("unique")), name=index.name, partial=partial, file=path, line=line)
    )
    return True


def _alter(tree, statement: str, path: str, line: int, tables: list[Table]) -> bool:  # type: ignore[no-untyped-def]  # sqlglot is untyped here
    from sqlglot import exp

    table = _known(tables, tree.this.name, path)
    if table is None:
        return False
    for action in tree.args.get("actions") or ():
        if isinstance(action, exp.ColumnDef):
            table.columns[action.name] = _column(action, path, line)
        elif isinstance(action, exp.AddConstraint):
            for part in action.expressions:
                _constraint(part, table, path, line)
        elif isinstance(action, exp.AlterColumn):
            free = action.args.get("allow_null")
            if free is not None:
                table.set(action.name, nullable=bool(free), **({"file": path, "line": line} if free else {}))
        elif isinstance(action, exp.RenameColumn):
            rename_column(table, action.this.name, action.args["to"].name)
        elif isinstance(action, exp.AlterRename):
            rename_table(tables, table.name, action.this.name)
        elif isinstance(action, exp.ModifyColumn):
            _modify(action, table, path, line)
        elif isinstance(action, exp.Drop) and action.args.get("kind") in ("CONSTRAINT", "FOREIGN KEY", "INDEX", "KEY"):
            for dropped in action.args.get("tables") or ():
                drop_rule(table, dropped.name)
        elif isinstance(action, exp.Drop):
            for column in action.find_all(exp.Column):
                table.columns.pop(column.name, None)
    return True


def _modify(action, table: Table, path: str, line: int) -> None:  # type: ignore[no-untyped-def]  # sqlglot is untyped here
    """MySQL says the whole column anew, and its other name with `CHANGE`; keys and rules over it stay."""
    made = _column(action.this, path, line)
    old = action.args.get("rename_from")
    if old is not None:
        rename_column(table, old.name, made.name)
    before = table.column(made.name)
    if before is not None:
        table.set(made.name, type=made.type, nullable=made.nullable and not before.primary, file=path, line=line)


def sql_back(graph: Graph, path: str) -> str:
    """Does something take the changes of an SQL file back: some | empty (a place for it that holds nothing) | none."""
    text = graph.snapshot.text(path)
    folder, _, name = path.rpartition("/")
    marked = _DOWN.search(text)
    if marked is not None:
        return "some" if _acts(text[marked.end() :]) else "empty"
    down = path.replace(".up.sql", ".down.sql")
    beside = down if down != path else f"{folder}/down.sql" if name == "up.sql" else ""
    if beside and graph.has(beside):
        return "some" if _acts(graph.snapshot.text(beside)) else "empty"
    return "none"


def _acts(text: str) -> bool:
    """Is anything of the text a statement: not a comment, not `SELECT 1`?"""
    lines = (t.strip() for t in _BLOCKS.sub("", text).split("\n"))
    kept = [t for t in lines if t and not t.startswith(("--", "#")) and _NOTHING.match(t) is None]
    return bool(kept)
