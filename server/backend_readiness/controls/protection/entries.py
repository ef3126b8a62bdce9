"""Flows of people who are not signed in yet: by their address, unless something before the handler turns strangers away."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.entry_doubts import is_loosely_named
from backend_readiness.controls.protection.identity import identity_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_MARKS = re.compile(sign("entries", "marks"))
_CHECKS_PASSWORD = re.compile(sign("entries", "checks_password"))


def is_entry(context: Context) -> bool:
    """Is the flow one of people who are not signed in yet?

    `POST /servers/{server}/databases/{database}/reset-password` speaks of a password and stands behind a guard: it is none.
    """
    subject = Subject(context)
    if not subject.credentials or is_loosely_named(context):
        return False
    found = identity_of(context).refusal_before()
    return found is None or is_sign_in_itself(context, found[1]) or (subject.changes and is_passed_by_marks(context, found[1]))


def is_sign_in_itself(context: Context, places: tuple[Evidence, ...]) -> bool:
    """Does the guard itself check the name and password of a sign-in: `passport.authenticate("local")` on `POST /login`?"""
    subject = Subject(context)
    if not (subject.sign_in and subject.changes):
        return False
    shown = [(at.file, at.line, at.end_line or at.line) for at in places if at.file is not None and at.line is not None]
    return any(_CHECKS_PASSWORD.search(" ".join(context.snapshot.lines(f)[a - 1 : b])) is not None for f, a, b in shown[:1])


def is_passed_by_marks(context: Context, places: tuple[Evidence, ...]) -> bool:
    """Does the guard that refuses read marks of the handler first, which let it pass?"""
    for at in places:
        if at.file is None:
            continue
        symbols = context.view(at.file).facts.symbols if at.file in context.graph.facts.files else ()
        around = [s for s in symbols if at.line is not None and s.kind in ("function", "method") and s.line <= at.line <= s.end_line]
        if any(_MARKS.search(t) for s in around for t in context.snapshot.lines(at.file)[s.line - 1 : min(s.end_line, s.line + 60)]):
            return True
    return False
