"""Migrations that can be undone: each has a real way down, or takes nothing away that the version before needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.returned_sql import apply_returned, returned_migrations
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Symbol
from backend_readiness.model import FindingStatus
from backend_readiness.rules.schema_files import fits, load_schema_files
from backend_readiness.snapshot.matching import compile_patterns, matching_lines

_DOWN = ("downgrade", "down", "revert", "rollback")
_UP = ("upgrade", "up")
_METHODS = re.compile(r"(^|/)(migrations?|versions)/[^/]+\.(py|js|ts|cjs|mjs)$")
_SQL = re.compile(r"(?i)(^|/)(migrations?|migrate|changelog|versions|V\d[\w.]*__[\w.]+)(/|\.sql$)")
# Calls that change nothing: an answer without content, what is thrown, what is only told.
_IDLE = re.compile(r"Promise\.resolve|print|(?:\w+\.)*\w*(?:Error|Exception)|(?:console|logg?(?:er|ing)?)\.\w+|super\(?\)?")
_REQUIRES = re.compile(
    r"(?i)\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?(?!constraint\b|primary\b|foreign\b|unique\b|index\b|key\b|check\b)[\w\"`\[]+[^;,]{0,120}\bnot\s+null\b"
    r"|\bset\s+not\s+null\b"
)
_FILLED = re.compile(r"(?i)\bdefault\b|\bgenerated\b|\bidentity\b|auto_increment|serial\b|^\s*--")
_DATED = re.compile(r"(^|/)V?\d{2,}[\w.-]*\.sql$")
MAX_FILES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One migration: `how` is good | bad | adds (SQL that goes forward only and takes nothing away) | destroys."""

    path: str
    line: int
    how: str
    says: str = ""


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    steps = [*_by_methods(context), *_by_tool(context), *_by_text(context), *_returned(context)]
    steps, every = [s for s in steps if context.is_backend(s.path)], steps
    if every and not steps:
        return unverified("The migrations are those of other applications of the repository.", context.at(every[-1].path, every[-1].line))
    bad = [s for s in steps if s.how in ("bad", "destroys")]
    good = [s for s in steps if s.how in ("good", "adds")]
    if bad and good:
        last = bad[-1]
        what = f"`{last.path.rpartition('/')[2]}` {last.says}; {len(good)} other migrations can be undone."
        return partial(what, *(context.at(s.path, s.line) for s in bad[-3:]))
    if bad:
        what = f"No migration can be undone: `{bad[-1].path.rpartition('/')[2]}` {bad[-1].says}."
        return failed(what, *(context.at(s.path, s.line) for s in bad[-3:]), status=FindingStatus.MISSING)
    if good:
        adds = all(s.how == "adds" for s in good)
        demands = next(((s, n) for s in good if s.how == "adds" and (n := _demands(context, s.path))), None)
        if demands is not None:
            what = f"`{demands[0].path.rpartition('/')[2]}` requires a column of rows that are there; the version before may not fill it."
            return unverified(what, context.at(demands[0].path, demands[1]))
        why = "The migrations only add: the version before runs on after each." if adds else "Each migration has a way down."
        return passed(why, context.at(good[-1].path, good[-1].line))
    if context.is_resolved and not any(e.kind in ("orm", "sql") for e, _ in context.effects):
        return not_applicable("The flow uses no database with a schema.")
    whole = schema_of(context).migrations
    if whole and all(m.tool == "sql" for m in whole):
        dated = [m.path for m in whole if _DATED.search(m.path) is not None]
        if len(dated) > 1:
            why = "Files of SQL follow one another, and none of them goes back; whether the version before runs on was not settled."
            return unverified(why, context.at(dated[-1], 1))
        return not_applicable("The schema is loaded as a whole: there is no migration to take back.", context.at(whole[0].path, 1))
    return unverified("No migration of a known form was found.")


def _returned(context: Context) -> list[_Step]:
    """Migrations whose functions give back the SQL of each way."""
    found = []
    for path, rule in returned_migrations(context.graph):
        read = apply_returned(context.graph, path, rule, [])
        if read is not None:
            says = f"has no `{rule.down}`" if read.back == "none" else f"has an empty `{rule.down}`"
            found.append(_Step(path=path, line=read.line, how="good" if read.back == "some" else "bad", says=says))
    return found


def _by_methods(context: Context) -> list[_Step]:
    """Migrations with a method for each way."""
    found = []
    told = returned_migrations(context.graph)
    for path in sorted(context.production_files()):
        if _METHODS.search(path) is None:
            continue
        symbols = context.view(path).facts.symbols
        ups = [s for s in symbols if s.name in _UP]
        downs = [s for s in symbols if s.name in _DOWN]
        if not ups or any(path == p for p, _ in told):
            continue
        if not downs:
            found.append(_Step(path=path, line=ups[0].line, how="bad", says="has no way down"))
        elif any(_does_nothing(context, path, s) for s in downs) and not all(_does_nothing(context, path, s) for s in ups):
            empty = next(s for s in downs if _does_nothing(context, path, s))
            found.append(_Step(path=path, line=empty.line, how="bad", says=f"has an empty `{empty.name}`"))
        elif (stops := _refused(context, path, downs)) is not None:
            found.append(_Step(path=path, line=stops, how="bad", says="takes a rule back without its name, which is refused"))
        else:
            found.append(_Step(path=path, line=downs[0].line, how="good"))
    return found


def _refused(context: Context, path: str, downs: list[Symbol]) -> int | None:
    """The line of a way down that the tool refuses to run."""
    compiled = compile_patterns((load_schema_files().nameless,))
    lines = matching_lines(context.snapshot, path, compiled) if compiled is not None else ()
    return next((n for n, _ in lines if any(s.line <= n <= s.end_line for s in downs)), None)


def _by_tool(context: Context) -> list[_Step]:
    """Migrations that a tool takes back by itself, and those of other languages as the schema read them."""
    found = []
    for rule in load_schema_files().taken_back:
        for path in [p for p in context.production_files() if fits(rule.files, p)][:MAX_FILES]:
            if _line(context, path, rule.says) is not None:
                stops = _line(context, path, rule.unless)
                says = "has a step without a way back"
                found.append(_Step(path=path, line=stops or 1, how="good" if stops is None else "bad", says=says if stops else ""))
    for step in schema_of(context).migrations:
        if step.tool == "changelog":
            says = "has a change that nothing takes back" if step.back != "some" else ""
            found.append(_Step(path=step.path, line=step.back_line, how="good" if step.back == "some" else "bad", says=says))
        if step.tool == "code" and _METHODS.search(step.path) is None:
            says = {"none": "has no way down", "empty": "has a way down that does nothing"}.get(step.back, "")
            stops = _one_way(context, step.path) if step.back == "some" else None
            if stops is not None:
                found.append(_Step(path=step.path, line=stops, how="bad", says="has a step that the tool cannot take back"))
                continue
            found.append(_Step(path=step.path, line=step.back_line, how="good" if step.back == "some" else "bad", says=says))
    return found


def _one_way(context: Context, path: str) -> int | None:
    """The line of a migration that its tool cannot take back by itself, where the file does not say how."""
    for rule in load_schema_files().one_way:
        if fits(rule.files, path) and not (rule.spared and _line(context, path, rule.spared) is not None):
            compiled = compile_patterns((rule.line,))
            for number, text in matching_lines(context.snapshot, path, compiled) if compiled is not None else ():
                if not fits(rule.but, text):
                    return number
    return None


def _by_text(context: Context) -> list[_Step]:
    """Migrations in SQL: with a file or a section for the way down, else by what they take away."""
    destroys = load_schema_files().destroys
    read = {m.path: m for m in schema_of(context).migrations if m.tool == "sql"}
    paths = [f.path for f in context.snapshot.files if f.path.endswith(".sql") and _SQL.search(f.path) is not None and not is_test(f.path)]
    paths += [p for p, m in read.items() if m.back == "some" and p not in paths]  # with a way down it is one, whatever its folder
    if not any(p in read for p in paths):
        return []
    found = []
    for path in paths[:MAX_FILES]:
        known = read.get(path)
        if known is not None and known.back == "some":
            found.append(_Step(path=path, line=known.back_line, how="good"))
            continue
        if known is not None and known.back == "empty":
            found.append(_Step(path=path, line=known.back_line, how="bad", says="has a way down that does nothing"))
            continue
        if known is None:
            continue
        line = _line(context, path, destroys)
        says = "takes something away that the version before needs, and nothing brings it back"
        found.append(_Step(path=path, line=line or 1, how="destroys" if line is not None else "adds", says=says if line else ""))
    return found


def _line(context: Context, path: str, pattern: str) -> int | None:
    """The first line of the file that matches."""
    compiled = compile_patterns((pattern,))
    return next((n for n, _ in matching_lines(context.snapshot, path, compiled)), None) if compiled is not None else None


def _demands(context: Context, path: str) -> int:
    """The line of SQL that requires a column of a table that is there, without a value for rows that do not give it; else 0."""
    found = (n for n, t in enumerate(context.snapshot.lines(path)[:3_000], 1) if _REQUIRES.search(t[:500]) and not _FILLED.search(t[:500]))
    return next(found, 0)


def _does_nothing(context: Context, path: str, symbol: Symbol) -> bool:
    """A body that holds no call which does something: `pass`, a comment, only a return, a promise of nothing, an error, a log line."""
    facts = context.view(path).facts
    return not any(symbol.start <= c.start < symbol.end and _IDLE.fullmatch(dotted(c.callee) or "") is None for c in facts.calls)
