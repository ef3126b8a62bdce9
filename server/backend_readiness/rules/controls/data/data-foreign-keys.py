"""References between the flow's tables are foreign keys in the schema that production gets."""

from collections.abc import Sequence

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import databases, volume_for
from backend_readiness.controls.database.schema import Column, Declared, Schema, schema_of
from backend_readiness.controls.database.tables import plain, same_table
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.hidden_touches import of_all_writes, settled
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import sign, signs

_WORD = regex.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_NUMBERS = frozenset(signs("data-foreign-keys", "numbers"))
_NAMES = frozenset(signs("data-foreign-keys", "names"))
_LEAVES_OFF = regex.compile(sign("data-foreign-keys", "leaves_off"))
_HERE = regex.compile(sign("data-foreign-keys", "left_out_here"))
_IGNORES = regex.compile(sign("data-foreign-keys", "ignores"))
_KEY_LIKE = regex.compile(sign("data-foreign-keys", "key_like"))
_KEY_TYPE = regex.compile(sign("data-foreign-keys", "key_type"))
_RULE = regex.compile(r"(?i)\bon_?delete\b|cascade|orphan_?removal|\bdependent:|delete_behavio|DeleteBehavior")
MAX_TABLE_LINES = 80
MIN_PREFIXED = 4  # tables that must share the beginning of their names for it to be a prefix
_PARTITION = regex.compile(r"(?i)^tenant_?id$")  # splits the rows; the tenants are often kept in a database of their own
_REFERENCE = regex.compile(r"^(.+?)_?(id|Id|ID|uuid)$")
# What people call a key of another table, where the name of that table is not in it.
_MAY_REFER = regex.compile(r"(?i)^(uid|pid|gid|oid|(owner|parent|author|user|account|member|creator)_?id|created_by)$")


def verify(context: Context) -> Judgement:
    return of_all_writes(context, settled(context, _judgement(context)))


def _judgement(context: Context) -> Judgement:
    schema = schema_of(context)
    tables = schema.of_flow(context)
    if not tables:
        kinds = {e.kind for e, _ in context.effects}
        if kinds and kinds <= {"nosql", "cache", "mail", "http"} and "nosql" in kinds and not schema.models:
            return not_applicable("The flow's database has no foreign keys by nature.", context.at_route())
        if context.is_resolved and not kinds & {"orm", "sql", "nosql"} and not any(r.registration.touches for r in context.routes):
            return not_applicable("The flow touches no table.", context.at_route())
        return unverified("The schema of the flow's tables was not found.")
    names = [t.name for t in (*schema.models, *schema.migrated)]
    prefix = _prefix(names)
    kept: list[Column] = []
    lost: list[tuple[Declared, Column, str]] = []
    for declared in tables:
        if declared.real.kind == "document":
            continue  # what a model refers to, a document store does not enforce
        for column in declared.real.columns.values():
            other = declared.model.column(column.name) if declared.model is not None else None
            if column.references:
                kept.append(column)
                continue
            if other is not None and other.references and declared.real is not declared.model:
                lost.append((declared, other, "migration"))
                continue
            match = _REFERENCE.match(column.name) if _PARTITION.match(column.name) is None else None
            target = next((n for n in names if match is not None and same_table(n.removeprefix(prefix), match.group(1))), None)
            target = target or _said_elsewhere(schema, column)
            if target is not None and any(same_table(c.references, target) for c in declared.real.columns.values() if c.references):
                continue  # the key beside the association that it holds: `authorId` and `@ManyToOne(() => User) author`
            alone = column.primary and sum(c.primary for c in declared.real.columns.values()) == 1
            if target is not None and not alone and not same_table(target, declared.name):
                lost.append((declared, column, target))
    if lost:
        declared, column, what = lost[0]
        evidence = [context.at(column.file, column.line)]
        real = declared.real.column(column.name)
        if real is not None and (real.file, real.line) != (column.file, column.line):
            evidence.append(context.at(real.file, real.line))
        shown = declared.shown.column(column.name)
        if shown is not None and (shown.file, shown.line) != (column.file, column.line):
            evidence.append(context.at(shown.file, shown.line))
        if what == "migration":
            return partial(f"The model ties `{declared.name}.{column.name}` to another table, and no migration does.", *evidence)
        others = {d.name: c for d, c, _ in reversed(lost) if d.name != declared.name}
        evidence += [context.at(c.file, c.line) for c in reversed(others.values())][:3]
        return failed(f"`{declared.name}.{column.name}` refers to {what} by name only: nothing in the database enforces it.", *evidence)
    if kept:
        emulated = context.hits((sign("data-foreign-keys", "emulated"),), ("**/*.prisma",))
        if emulated:
            why = "The library looks after the references itself: its setting leaves foreign keys out of the database."
            return failed(why, context.at(*emulated[0][:2]), context.at(kept[0].file, kept[0].line))
        file = _unenforced(context)
        if file is not None:
            return partial(
                "The foreign keys are declared, but SQLite enforces them only after `PRAGMA foreign_keys`, and nothing sends it.",
                *(context.at(c.file, c.line) for c in kept[:2]),
                file,
            )
        verdict = _left_out(context, kept) or _loose(context, schema, kept) or _judged(kept, context)
        perhaps = _unenforced(context, chosen=False) if verdict.verdict == Verdict.PASS else None
        if perhaps is not None:
            why = "SQLite runs unless a setting names another database, and it keeps foreign keys only after a pragma that nothing sends."
            return unverified(why, perhaps, *(context.at(c.file, c.line) for c in kept[:2]))
        return verdict
    if any(t.real.kind == "document" for t in tables):
        return not_applicable("The flow's database has no foreign keys by nature.", context.at(tables[0].shown.file, tables[0].shown.line))
    if all(t.real.source != "model" and len(t.real.columns) > 1 for t in tables):
        if any(e.kind in ("orm", "sql") and e.target and schema.table(e.target) is None for e, _ in context.effects):
            return unverified("Not every table of the flow was found in the schema; those that were refer to no other.")
        owner = next((c for t in tables for c in t.real.columns.values() if _MAY_REFER.match(c.name) is not None and not c.primary), None)
        if owner is not None and len(schema.migrated) > 1:
            return unverified(f"`{owner.name}` may refer to another table, by its name alone.", context.at(owner.file, owner.line))
        named = _named_after(tables, schema)
        if named is not None:
            column, of = named
            why = f"`{column.name}` may hold `{of.name}` of another table of the flow, and no foreign key is on it."
            return unverified(why, context.at(column.file, column.line), context.at(of.file, of.line))
        open_ = next((c for t in tables for c in t.real.columns.values() if _may_be_key(t, c)), None)
        if open_ is not None:
            why = f"`{open_.name}` may refer to another row, by its name alone; no foreign key is on it."
            return unverified(why, context.at(open_.file, open_.line))
        return not_applicable("The flow's tables refer to no other.", context.at(tables[0].shown.file, tables[0].shown.line))
    return unverified("No reference between the flow's tables was found in the schema; associations made elsewhere are not settled.")


def _may_be_key(table: Declared, column: Column) -> bool:
    """Does a column look like the key of a row, of the kind of value that keys have, and is it none of its own table?"""
    alone = column.primary and sum(c.primary for c in table.real.columns.values()) == 1
    return not alone and _KEY_LIKE.match(column.name) is not None and _KEY_TYPE.search(column.type) is not None


def _named_after(tables: Sequence[Declared], schema: Schema) -> tuple[Column, Column] | None:
    """A column named after what is unique in another table: `from_account` and `accounts.account_number`, `username` in both."""
    for table in tables:
        for column in table.real.columns.values():
            words = _WORD.findall(column.name)
            if column.primary or column.unique or not words:
                continue
            for other in (*(t.real for t in tables), *schema.migrated):
                for key in other.columns.values() if other.name != table.real.name else ():
                    parts = _WORD.findall(key.name)
                    alike = plain(key.name) == plain(column.name) and (len(parts) > 1 or plain(key.name) in _NAMES)
                    after = len(parts) > 1 and parts[-1].lower() in _NUMBERS and parts[0].lower() == words[-1].lower()
                    if (alike or after) and (key.unique or (key.primary and len(parts) > 1)):
                        return column, key
    return None


def _said_elsewhere(schema: Schema, column: Column) -> str | None:
    """The table that a key of the same name refers to in another table: `author_id` of articles says what it is in comments."""
    if _MAY_REFER.match(column.name) is None or column.primary:
        return None
    others = [c.references for t in schema.migrated for c in t.columns.values() if c.references and plain(c.name) == plain(column.name)]
    return others[0] if others else None


def _left_out(context: Context, kept: list[Column]) -> Judgement | None:
    """A setting, a mark beside the column, or the engine of its table by which the database keeps none of what is declared."""
    declared = [c for c in kept if not c.file.endswith(".sql")]
    if declared and not schema_of(context).migrated:
        off = context.hits(signs("data-foreign-keys", "left_out"))
        if off:
            why = "The references are declared, and a setting leaves foreign keys out of the database."
            return failed(why, context.at(*off[0][:2]), context.at(declared[0].file, declared[0].line))
    for column in kept:
        lines = context.snapshot.lines(column.file)
        beside = next((n for n in range(max(1, column.line - 4), min(column.line + 3, len(lines)) + 1) if _HERE.search(lines[n - 1])), None)
        if beside is not None and not column.file.endswith(".sql"):
            why = f"`{column.name}` is declared as a reference without a constraint in the database."
            return partial(why, context.at(column.file, column.line), context.at(column.file, beside))
        if column.file.endswith(".sql"):
            for number in range(column.line, min(column.line + MAX_TABLE_LINES, len(lines)) + 1):
                if _IGNORES.search(lines[number - 1]) is not None:
                    why = f"The engine of the table of `{column.name}` reads foreign keys and keeps none."
                    return failed(why, context.at(column.file, column.line), context.at(column.file, number))
                if lines[number - 1].rstrip().endswith(";"):
                    break
    return None


def _loose(context: Context, schema: Schema, kept: list[Column]) -> Judgement | None:
    """A column beside the foreign keys that looks like the key of another row, of the same kind of value."""
    for declared in schema.of_flow(context, "write", "delete") or schema.of_flow(context):
        alone = [c for c in declared.real.columns.values() if c.primary]
        for column in declared.real.columns.values():
            if column.references or (alone == [column]) or declared.real.kind == "document" or declared.real.source == "model":
                continue
            if _KEY_LIKE.match(column.name) is None or _KEY_TYPE.search(column.type) is None:
                continue
            if any(plain(k.name).startswith(plain(column.name).removesuffix("id")) for k in kept):
                continue  # the key beside the association
            why = f"`{declared.name}.{column.name}` may refer to another row, and no foreign key is on it; others of the flow are enforced."
            return unverified(why, context.at(column.file, column.line), *(context.at(c.file, c.line) for c in kept[:2]))
    return None


def _judged(kept: list[Column], context: Context) -> Judgement:
    ruled = [c for c in kept if c.on_delete or c.file.endswith(".prisma")]
    if not ruled and not _rule_beside(context, kept):
        return unverified(
            "The references of the flow's tables are foreign keys; none says what becomes of them when the other row is deleted.",
            *(context.at(c.file, c.line) for c in kept[:4]),
        )
    return passed(
        "The references of the flow's tables are foreign keys in the schema.", *(context.at(c.file, c.line) for c in (*ruled, *kept)[:4])
    )


def _rule_beside(context: Context, kept: list[Column]) -> bool:
    """Do the lines about a column, or the models on either side of the reference, speak of what a deletion does?"""
    near = (t for c in kept for t in context.snapshot.lines(c.file)[max(0, c.line - 4) : c.line + 3])
    if any(_RULE.search(t[:500]) is not None for t in near):
        return True
    models = {t.file for t in schema_of(context).models if any(same_table(t.name, c.references) or t.file == c.file for c in kept)}
    return any(_RULE.search(t[:500]) is not None for f in sorted(models) for t in context.snapshot.lines(f)[:3_000])


def _prefix(names: list[str]) -> str:
    """What the names of all tables begin with (`tb_shop_`); empty for a few, or where they share nothing."""
    if len(set(names)) < MIN_PREFIXED:
        return ""
    first, last = min(names), max(names)
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first[:length].rfind("_") + 1]


def _unenforced(context: Context, *, chosen: bool = True) -> Evidence | None:
    """The line that selects SQLite as the only database, when neither the library nor the application switches its foreign keys on.

    `chosen`: not where the driver of a server is installed, which may be deployed in its place.
    """
    found = databases(context)
    if not found.files or found.servers or found.selected:
        return None
    if chosen and found.drivers and volume_for(context, found.files[0])[0] is None:
        return None  # a server may be deployed in its place
    if not any(_LEAVES_OFF.match(e.path) for e, _ in context.effects) or context.hits(
        (r"(?i)foreign_?keys\b|[?&]_fk=", "EnableForeignKeys")
    ):
        return None
    return context.at(found.files[0].file, found.files[0].line)
