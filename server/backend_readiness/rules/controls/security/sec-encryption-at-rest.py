"""Sensitive data are encrypted where they are stored: by the declared store, or field by field in the application."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import Column, schema_of
from backend_readiness.controls.database.tables import same_table
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.standing import apart, database
from backend_readiness.controls.work.unseen_writes import writes_unknown
from backend_readiness.controls.work.writes import STORES
from backend_readiness.model import Evidence, FindingStatus
from backend_readiness.rules.encryption_rules import Lines, load_encryption
from backend_readiness.rules.schema_files import fits

_KEPT = STORES | {"storage", "file"}
_INFRASTRUCTURE = ("**/*.tf", "**/*.y*ml", "**/*.bicep", "**/Dockerfile*", "**/*.sh")
MAX_BLOCK_LINES = 60
_HEAD = re.compile(r"^\s*resource\s+[\"']|\bType[\"']?:\s*[\"']?AWS::|\bnew\s+\w+\.\w+\(|^module\s")
_NO_ROWS = re.compile(r"(?i)s3|bucket|blob|sqs|sns|queue|topic|log_?group|cloudtrail|ecr|repository|secret|kinesis")


def verify(context: Context) -> Judgement:
    kept = [(e, link) for e, link in context.effects if e.kind in _KEPT]
    if not kept:
        if context.is_resolved and not any(r.registration.touches for r in context.routes) and not writes_unknown(context):
            return not_applicable("The flow stores nothing.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    known = load_encryption()
    columns = _personal(context)
    if not columns and not any(fits(known.about_people, e.target) for e, _ in kept):
        tables = schema_of(context).of_flow(context)
        if tables and context.is_resolved:
            return not_applicable(
                "The flow's tables hold neither personal nor secret data.", context.at(tables[0].shown.file, tables[0].shown.line)
            )
        return unverified("Which data the flow stores does not follow from the schema.")
    fields = [context.at(c.file, c.line) for c in columns[:2]]
    off = _first(context, known.plain) or _unset(context)
    if off is not None:
        why = "The declared store is not encrypted."
        return failed(why, off, *fields, status=FindingStatus.MISSING)
    store = _first(context, known.stores, rows_only=all(e.kind in STORES for e, _ in kept))
    if store is not None:
        return passed("The store of the flow is encrypted where it is declared.", store)
    single = [h for rule in known.fields for h in context.hits(rule.lines, rule.paths) if is_production(h[0])]
    if single:
        files = {c.file for c in columns} | {r.function.symbol.file for r in context.functions}
        covered = _by_model(context, [e.target for e, _ in kept], single)
        if covered and columns and all(any(re.search(rf"\b{re.escape(c.name)}\b", t) for _, _, t in covered) for c in columns):
            return passed("The model encrypts the personal fields of the flow.", *(context.at(*h[:2]) for h in covered[:2]))
        mine = next((h for h in single if h[0] in files), None)
        if mine is not None:
            return unverified(
                "Fields are encrypted near the flow; which of its data that covers is not settled.", context.at(*mine[:2]), *fields
            )
        why = "The application encrypts some of its data, and not those of this flow; the store itself is not encrypted by anything here."
        return partial(why, context.at(*single[0][:2]), *fields)
    at, *others = (*database(context), *fields)
    patterns = (*known.hints, *(p for rule in known.fields for p in rule.lines))
    absence = context.missing(
        "the source and the infrastructure", at=at, patterns=patterns, paths=(*context.source_globs, *_INFRASTRUCTURE)
    )
    if absence is None:
        hits = context.hits(patterns, (*context.source_globs, *_INFRASTRUCTURE))
        return unverified("Encryption of data is named; what it covers is not settled.", *(context.at(*h[:2]) for h in hits[:1]))
    return failed("Neither the store nor the fields of the flow are encrypted.", absence, *apart(others, 3))


def _by_model(context: Context, tables: list[str], single: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """The lines that encrypt a field within a class that stands for a table of the flow."""
    found = []
    for file, line, text in single:
        symbols = context.view(file).facts.symbols if file in context.graph.facts.files else ()
        around = [s.name for s in symbols if s.kind == "class" and s.line <= line <= s.end_line]
        if any(same_table(name, table) for name in around for table in tables if table):
            found.append((file, line, text))
    return found


def _personal(context: Context) -> list[Column]:
    patterns = load_encryption().personal
    return [c for d in schema_of(context).of_flow(context) for c in d.shown.columns.values() if any(fits(p, c.name) for p in patterns)]


def _first(context: Context, rules: Iterable[Lines], *, rows_only: bool = False) -> Evidence | None:
    for rule in rules:
        for file, line, _ in context.hits(rule.lines, rule.paths):
            if is_production(file) and ".github/" not in file and not (rows_only and _is_of_files(context, file, line)):
                return context.at(file, line)
    return None


def _is_of_files(context: Context, file: str, line: int) -> bool:
    """Does the line stand in the declaration of something that holds no rows: a bucket, a queue, a log?"""
    above = context.snapshot.lines(file)[max(0, line - MAX_BLOCK_LINES) : line]
    head = next((t for t in reversed(above) if _HEAD.search(t) is not None), "")
    return _NO_ROWS.search(head) is not None


def _unset(context: Context) -> Evidence | None:
    """A declared store whose block says nothing of encryption, where that means none."""
    known = load_encryption()
    says = tuple(p for rule in known.stores[:1] for p in rule.lines)
    for rule in known.unset:
        for file, line, _ in context.hits(rule.lines, rule.paths):
            block: list[str] = []
            for text in context.snapshot.lines(file)[line - 1 : line - 1 + MAX_BLOCK_LINES]:
                block.append(text)
                if text.startswith("}"):
                    break
            if not any(fits(pattern, text) for text in block for pattern in says):
                return context.at(file, line)
    return None
