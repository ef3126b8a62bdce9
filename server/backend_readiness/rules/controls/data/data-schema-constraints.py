"""The schema that production gets forbids missing and out-of-range values in the flow's tables."""

import regex

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Declared, schema_of
from backend_readiness.controls.database.tables import Column, plain, same_table
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.standing import apart, writers
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.hidden_touches import of_all_writes, settled
from backend_readiness.model import Evidence
from backend_readiness.rules.required_fields import RequiredFields, load_required_fields
from backend_readiness.rules.signs import signs, signs_by
from backend_readiness.snapshot.matching import compile_patterns

# Values whose sign or range does harm when it is wrong.
_RANGED = regex.compile(
    r"(?i)^(price|amount|total|balance|stock|quantity|unit_?price)(_?(minor|cents|amount))?$|_(price|amount|balance|cents|minor)$"
)
_NUMBER = regex.compile(r"(?i)int|numeric|decimal|float|double|real|money")
_POSITIVE = regex.compile(r"(?i)positive|unsigned")
_LOGIN = regex.compile(r"^(user)?(e?mail|e?mailaddress|username|login)$")
_PASSWORD = regex.compile(r"(?i)passw")
_KEPT = regex.compile(r"(?i)passw|^(hash|salt|digest)$")
# A column about passwords that holds none; accounts that another service signs in have none.
_AROUND = regex.compile(r"(?i)reset|salt|expir|change|last|token|_at$|hint|forgot|old")
_SIGNS_IN_ELSEWHERE = (r"(?i)oauth|openid|\bsaml\b|\bldap\b|social_?(auth|login)|google_?id|github_?id|magic_?link|passwordless",)
_OWN = regex.compile(r"(?i)^(create|update|delete|insert|add)(e?d)?_?(at|on|by|date|time)?$|^(last_?)?(modified|updated)")
_NEVER_NULL = signs_by("data-schema-constraints", "never_null")
_TOLD_NULL = signs_by("data-schema-constraints", "told_null")
MAX_COLUMN_LINES = 6
# What a row does well without: a text beside the matter, a time that may not come, what the user may add.
_MAY_LACK = regex.compile(
    r"(?i)descri|comment|note|bio$|about|image|avatar|photo|picture|logo|icon|url$|link|phone|_(at|on|date|time)$|(At|Date)$|deleted|expir|parent"
    r"|meta|extra|data$|setting|option|prefer|locale|lang|timezone|color|github|twitter|chat|website|address|company|middle|nick|token|ip$|agent"
)
_MAY_BE_NOTHING = signs_by("data-schema-constraints", "may_be_nothing")
_CHECKED = signs("data-schema-constraints", "checked")
_PROJECTS = signs("data-schema-constraints", "projects")
_VALIDATOR = signs("data-schema-constraints", "validator")


def _all_nullable(declared: Declared, context: Context) -> list[Evidence]:
    """The first content column of a table, in the model and where the table is made, when all of its content may be null."""
    content = [c for c in declared.real.columns.values() if not c.primary and not _OWN.match(c.name) and not c.references]
    if len(content) < 2 or not all(c.nullable for c in content):
        return []
    shown = [declared.shown.column(content[0].name) or content[0], content[0]]
    return [context.at(c.file, c.line) for c in {(c.file, c.line): c for c in shown}.values()]


def verify(context: Context) -> Judgement:
    return of_all_writes(context, settled(context, _judgement(context)))


def _judgement(context: Context) -> Judgement:
    schema = schema_of(context)
    written = schema.of_flow(context, "write", "delete")
    tables = [*written, *(t for t in schema.of_flow(context) if t.name not in {w.name for w in written})]
    if not tables:
        return _without_tables(context)
    believed: list[tuple[Declared, Column, Column]] = []
    for declared in tables:
        for column in declared.real.columns.values():
            model = declared.model.column(column.name) if declared.model is not None else None
            if model is not None and declared.real is not declared.model and column.nullable and not model.nullable and column.type:
                believed.append((declared, column, model))
    if believed:
        declared, column, model = believed[0]
        why = f"The model requires `{declared.name}.{column.name}`, and the migrations leave it nullable."
        places = [context.at(column.file, column.line), context.at(model.file, model.line)]
        return failed(why, *places, *(e for t in tables if t is not declared for e in _all_nullable(t, context)[-1:]))
    said = _required_by_code(context, written)
    if said is not None:
        return said
    for declared in tables if Subject(context).sign_in else written or tables:  # a sign-in needs what it reads
        if len(tables) > 1 and _completes(declared):
            continue
        evidence = _all_nullable(declared, context)
        if evidence:
            if any(t is not None and t.kind == "document" for t in (declared.model,)):
                return partial(f"No field of `{declared.name}` is required.", *evidence)
            return failed(
                f"Every content column of `{declared.name}` may be null: the database accepts rows that the code cannot use.", *evidence
            )
    accounts = tables if Subject(context).sign_in else written
    for declared in accounts:
        login = next((c for c in declared.real.columns.values() if _LOGIN.match(plain(c.name)) is not None and c.nullable), None)
        if login is not None and any(_KEPT.search(c.name) is not None for c in declared.real.columns.values()):
            shown_login = declared.shown.column(login.name) or login
            sides = {(c.file, c.line): c for c in (shown_login, login)}
            why = f"The database takes an account without `{login.name}`: the column may be null."
            return partial(why, *(context.at(c.file, c.line) for c in sides.values()))
        password = next((c for c in declared.real.columns.values() if _PASSWORD.search(c.name) is not None and c.nullable), None)
        named = any(_LOGIN.match(plain(c.name)) is not None for c in declared.real.columns.values())
        if password is not None and named and not context.is_found(_SIGNS_IN_ELSEWHERE) and _keeps_passwords(declared, password):
            shown_password = declared.shown.column(password.name) or password
            sides = {(c.file, c.line): c for c in (shown_password, password)}
            why = f"`{declared.name}.{password.name}` may be null: the database takes accounts that nobody can sign in to by password."
            return partial(why, *(context.at(c.file, c.line) for c in sides.values()))
    for declared in tables:
        checked = " ".join(plain(text) for text, _, _ in declared.real.checks)
        for column in declared.real.columns.values():
            if (
                _RANGED.search(column.name)
                and _NUMBER.search(column.type)
                and not _POSITIVE.search(column.type)
                and plain(column.name) not in checked
            ):
                shown_column = declared.shown.column(column.name) or column
                sides = {(c.file, c.line): c for c in (shown_column, column)}
                dropped = [context.at(f, n) for f, n in _lost(context, declared)]
                why = f"Nothing in the database keeps `{declared.name}.{column.name}` in its range: a negative value is stored as it comes."
                return partial(why, *(context.at(c.file, c.line) for c in sides.values()), *dropped)
    loose = next((t for t in (*written, *tables) if t.real.kind == "document"), None)
    if loose is not None and not context.hits((r"\$jsonSchema",)):
        fields = [context.at(c.file, c.line) for c in loose.real.columns.values() if not c.nullable and not c.primary]
        why = f"Only the library in the code checks `{loose.name}`: the database takes documents of any shape."
        return partial(why, *apart((context.at(loose.real.file, loose.real.line), *fields)))
    stored = [(e, link) for e, link in context.effects if e.operation == "write" and e.kind in ("orm", "sql") and e.target]
    unread = next(((e, link) for e, link in stored if schema.table(e.target) is None), None)
    if unread is not None:
        return unverified(f"The schema of `{unread[0].target}`, which the flow writes, was not found.", context.at_place(unread[1]))
    known = any(_LOGIN.match(plain(c.name)) is not None for t in tables for c in t.real.columns.values())
    if Subject(context).sign_in and not known:  # what a sign-in needs is the table of the accounts
        lost = next((k for e, k in context.effects if e.kind in ("orm", "sql") and e.target and schema.table(e.target) is None), None)
        if lost is not None:
            return unverified("The table of the accounts, which the sign-in reads, was not found in the schema.", context.at_place(lost))
    loose_type = _by_type_alone(context, tables)
    if loose_type is not None:
        why = f"`{loose_type.name}` is required only where the project has the compiler check for nothing, and no project file says so."
        return unverified(why, context.at(loose_type.file, loose_type.line))
    meant = _never_null_in_code(context, written or tables)
    if meant is not None:
        why = f"The class says that `{meant.name}` is never null, and its column may be."
        return partial(why, context.at(meant.file, meant.line))
    open_ = next((t for t in written or accounts if _is_mostly_open(t)), None)
    if open_ is not None:
        why = f"Most columns of `{open_.name}` may be null; which of them the code cannot do without was not settled."
        return unverified(why, context.at(open_.shown.file, open_.shown.line))
    required = [c for t in (written or tables) for c in t.real.columns.values() if not c.nullable and not c.primary]
    if required:
        return passed("What the flow needs is not null in the schema.", *(context.at(c.file, c.line) for c in required[:4]))
    return unverified("The schema of the flow's tables says too little to judge.", context.at(tables[0].shown.file, tables[0].shown.line))


def _is_mostly_open(declared: Declared) -> bool:
    """May more of the content be null than may not? A time at which something ends, or a text beside the matter, is left out."""
    content = [c for c in declared.real.columns.values() if not c.primary and not _OWN.match(c.name) and _MAY_LACK.search(c.name) is None]
    return sum(c.nullable for c in content) > sum(not c.nullable for c in content)


def _never_null_in_code(context: Context, tables: list[Declared]) -> Column | None:
    """A column of a class whose type has no place for nothing, and which is told to be nullable all the same."""
    for pattern, told in zip(_NEVER_NULL.get(context.language, ()), _TOLD_NULL.get(context.language, ()), strict=True):
        for declared in tables:
            for column in declared.model.columns.values() if declared.model is not None and declared.real.source != "sql" else ():
                lines = context.snapshot.lines(column.file)[column.line - 1 : column.line + MAX_COLUMN_LINES]
                own = next((n for n, t in enumerate(lines[1:], 1) if regex.match(r"\s*\w+\s*:|\s*(def|class|@)", t)), len(lines))
                if lines and regex.search(pattern, lines[0][:300]) and any(regex.search(told, t[:300]) for t in lines[:own]):
                    return column
    return None


def _by_type_alone(context: Context, tables: list[Declared]) -> Column | None:
    """A content column of a model that is of a type which may be nothing, unless a setting of the project says that it may not."""
    kind = _MAY_BE_NOTHING.get(context.language)
    if not kind:
        return None
    said = [file.rpartition("/")[0] for file, _, _ in context.hits(_CHECKED, _PROJECTS)]
    for declared in tables:
        for column in declared.real.columns.values() if declared.real is declared.model else ():
            marked = any("equired" in t for t in context.snapshot.lines(column.file)[max(0, column.line - 4) : column.line])
            if any(not folder or column.file.startswith(f"{folder}/") for folder in said):
                continue
            if not column.nullable and not column.primary and regex.search(kind[0], column.type) is not None and not marked:
                return column
    return None


def _keeps_passwords(declared: Declared, column: Column) -> bool:
    """Is the column the password itself or its hash, and the only one? A table of several keeps some for a change that waits."""
    others = [c for c in declared.real.columns.values() if _PASSWORD.search(c.name) is not None and _AROUND.search(c.name) is None]
    return others == [column]


def _required_by_code(context: Context, written: list[Declared]) -> Judgement | None:
    """A column that the code requires and the database lets be null."""
    words = load_required_fields().get(context.language)
    if words is None:
        return None
    flow = list(chain_text(context)) if words.flow else []
    for declared in written:
        for column in declared.real.columns.values():
            if not column.nullable or column.primary or _OWN.match(column.name) is not None:
                continue
            place = _said(context, declared.name, column.name, words, flow)
            if place is not None:
                why = f"The code requires `{declared.name}.{column.name}`, and the database lets it be null."
                return partial(why, context.at(column.file, column.line), place)
    return None


def _said(context: Context, table: str, column: str, words: RequiredFields, flow: list[tuple[str, int, str]]) -> Evidence | None:
    pattern = compile_patterns(tuple(p.replace("{name}", regex.escape(column)) for p in words.flow))
    for file, line, text in flow:
        if pattern is not None and pattern.search(text[:400].encode("utf-8", "replace")) is not None:
            return context.at(file, line)
    pattern = compile_patterns(tuple(p.replace("{name}", regex.escape(column)) for p in words.model))
    if pattern is None:
        return None
    models = {e.target.rpartition(".")[2] for e, _ in context.effects if e.target and same_table(e.target, table)}
    for name in sorted(models):
        for file, line, _ in context.hits((rf"^\s*(class|defmodule)\s+([\w:.]+)?\b{regex.escape(name)}\b",))[:2]:
            for number, text in enumerate(context.snapshot.lines(file)[line : line + 200], line + 1):
                if pattern.search(text[:400].encode("utf-8", "replace")) is not None:
                    return context.at(file, number)
    return None


def _lost(context: Context, declared: Declared) -> list[tuple[str, int]]:
    """Lines of migrations that drop a constraint of the table."""
    pattern = (
        rf"drop_constraint\([^)]*[\"']{regex.escape(declared.name)}[\"']|"
        rf"(?i)alter\s+table\s+\S*{regex.escape(declared.name)}\S*\s+drop\s+constraint"
    )
    return [(f, n) for f, n, _ in context.hits((pattern.replace("(?i)", ""),), ("**/*.py", "**/*.sql", "**/*.js", "**/*.ts"))][:2]


def _completes(declared: Declared) -> bool:
    """Does each row belong to one of another table, whose optional particulars it holds: a key of it that is required and unique?"""
    keys = [c for c in declared.real.columns.values() if c.references and not c.nullable]
    single = {i.columns[0] for i in declared.real.indexes if i.unique and len(i.columns) == 1}
    return any(c.unique or c.primary or c.name in single for c in keys)


def _without_tables(context: Context) -> Judgement:
    touched = [(e, link) for e, link in context.effects if e.kind in ("orm", "sql", "nosql")]
    if not touched:
        if context.is_resolved and not any(r.registration.touches for r in context.routes):
            return not_applicable("The flow touches no database.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    effect, link = touched[0]
    if effect.kind == "nosql" and effect.card.endswith(signs("data-schema-constraints", "without_schema")):
        missing = context.missing(f"a validator for {effect.target}", at=context.at_place(link), patterns=_VALIDATOR)
        if missing is not None:
            return failed(
                f"`{effect.target}` takes documents of any shape: neither a validator in the database nor a schema library.",
                *apart((missing, *writers(context, effect.target))),
            )
    return unverified(f"The schema of `{effect.target}` was not found.", context.at_place(link))
