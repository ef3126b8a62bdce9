"""Migrations that can be undone: the newest ones have a real way down."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.facts.model import Symbol
from backend_readiness.model import FindingStatus

_DOWN = ("downgrade", "down", "revert", "rollback")
_UP = ("upgrade", "up")
_PRISMA = re.compile(r"(^|/)prisma/migrations/[^/]+/migration\.sql$")
_PLAIN_SQL = re.compile(r"(^|/)(migrations?|db)/[^/]*\.up\.sql$")


def verify(context: Context) -> Judgement:
    bad: list[tuple[str, int, str]] = []
    good: list[tuple[str, int]] = []
    for path in sorted(context.production_files()):
        if not re.search(r"(^|/)(migrations?|versions)/[^/]+\.(py|js|ts|cjs|mjs)$", path):
            continue
        symbols = context.view(path).facts.symbols
        ups = [s for s in symbols if s.name in _UP]
        downs = [s for s in symbols if s.name in _DOWN]
        if not ups:
            continue
        if not downs:
            bad.append((path, ups[0].line, "has no way down"))
        elif any(_does_nothing(context, path, s) for s in downs) and not all(_does_nothing(context, path, s) for s in ups):
            empty = next(s for s in downs if _does_nothing(context, path, s))
            bad.append((path, empty.line, f"has an empty `{empty.name}`"))
        else:
            good.append((path, downs[0].line))
    if bad and good:
        return partial(
            f"`{bad[-1][0].rpartition('/')[2]}` {bad[-1][2]}; {len(good)} other migrations can be undone.",
            *(context.at(p, n) for p, n, _ in bad[-3:]),
        )
    if bad:
        return failed(
            f"No migration can be undone: `{bad[-1][0].rpartition('/')[2]}` {bad[-1][2]}.",
            *(context.at(p, n) for p, n, _ in bad[-3:]),
            status=FindingStatus.MISSING,
        )
    if good:
        return passed("Each migration has a way down.", context.at(*good[-1]))
    if any(_PRISMA.search(f.path) or _PLAIN_SQL.search(f.path) for f in context.snapshot.files):
        return unverified("Migrations are plain SQL going forward; whether they are forward-safe must be read.")
    if context.is_resolved and not any(e.kind in ("orm", "sql") for e, _ in context.effects):
        return not_applicable("The flow uses no database with a schema.")
    return unverified("No migration of a known form was found.")


def _does_nothing(context: Context, path: str, symbol: Symbol) -> bool:
    """A body that holds no call: `pass`, a comment, or only a return."""
    facts = context.view(path).facts
    return not any(symbol.start <= c.start < symbol.end for c in facts.calls)
