"""Accounts that the source itself makes: in the settings of the sign-in, and in migrations that are code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_production

_KINDS = ("py", "js", "ts", "php", "rb", "exs")
MIGRATIONS = tuple(f"**/{folder}/**/*.{kind}" for folder in ("migrations", "migrate", "versions") for kind in _KINDS)
_LITERAL = re.compile(r"""(?i)\bpassword["']?\s*\(\s*(\w+[\w.:]*\(\s*)?["'][^"'$\s]{3,}["']|["'][^"'\s]+["']\s*:\s*["'][^"'$\s]{3,}["']""")
_CONFIGURED = re.compile(r"(?i)\benv|getenv|propert(y|ies)|config|@value|secret")
_INSERTS = re.compile(sign("accounts", "inserts_people"))
_VALUES = re.compile(sign("accounts", "account_values"))
NEAR = 4
MAX_STATEMENT = 20
MAX_SPAN = 600


def configured(context: Context) -> Evidence | None:
    """The line of the sign-in's own settings that names somebody with a password which stands there."""
    for file, line, _ in context.hits(signs("accounts", "configured"))[:20]:
        said = " ".join(t for t in context.snapshot.lines(file)[line - 1 : line - 1 + NEAR] if not t.lstrip().startswith(("//", "#", "*")))
        if _LITERAL.search(said[:MAX_SPAN]) is not None and _CONFIGURED.search(said[:MAX_SPAN]) is None:
            return context.at(file, line)
    return None


def migrated(context: Context) -> Iterator[Evidence]:
    """Lines of migrations written as code that insert an account with its password."""
    for path in context.snapshot.glob(*MIGRATIONS):
        if not is_production(path):
            continue
        lines = context.snapshot.lines(path)
        for number, text in enumerate(lines[:5_000], 1):
            if len(text) < 2_000 and _INSERTS.search(text) is not None and _has_password(lines, number):
                yield context.at(path, number)
                break


def _has_password(lines: Sequence[str], number: int) -> bool:
    statement = lines[number - 1 : number + MAX_STATEMENT]
    end = next((n for n, t in enumerate(statement, 1) if t.rstrip().endswith(";")), len(statement))
    told = [t[:500] for t in statement[:end] if _VALUES.search(t[:500]) is not None]
    return bool(told) and not any(_CONFIGURED.search(t) for t in told)
