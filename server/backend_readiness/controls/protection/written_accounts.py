"""Accounts that stand in the source: a list or table of people who may sign in, with what they prove it by."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.controls.places import is_production
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.model import Assign, CallRef, Lit, Name, Record, Seq, Value
from backend_readiness.graph.views import FileView
from backend_readiness.model import Evidence

_PEOPLE = re.compile(r"(?i)^[_$@]*(\w*_)?(users?|accounts?|credentials|members|logins|people|admins)(_?(list|db|map|table|store))?$")
_PROOF = re.compile(r"(?i)passw|pwd|secret|pin$|^pass$")
MAX_ITEMS = 20


def written_accounts(context: Context) -> Evidence | None:
    """The list that the sign-in looks at, when its entries are texts of the source; None where there is none."""
    return once(context, _found)


def _found(context: Context) -> Evidence | None:
    if not Subject(context).sign_in:
        return None
    said = "\n".join(t for _, _, t in chain_text(context))
    for file in dict.fromkeys(r.function.symbol.file for r in context.functions):
        if not is_production(file):
            continue
        view = context.view(file)
        for assign in view.facts.assigns:
            name = assign.target.id if isinstance(assign.target, Name) else ""
            if _PEOPLE.match(name) and _lists(assign, view) and re.search(rf"(?<!\w){re.escape(name)}\b", said):
                return context.at(file, assign.line, assign.end_line)
    return None


def _lists(assign: Assign, view: FileView) -> bool:
    """`{"ann": "secret"}`, `[{name: "ann", password: "secret"}]`, `new List<User> { new User { Password = "secret" } }`."""
    value = assign.value
    if isinstance(value, Record):
        plain = [v for _, v in value.items[:MAX_ITEMS] if isinstance(v, Lit) and isinstance(v.value, str)]
        inner = [v for _, v in value.items[:MAX_ITEMS] if _proves(v, view)]
        return len(plain) == len(value.items) > 0 or bool(inner)
    return isinstance(value, Seq) and any(_proves(v, view) for v in value.items[:MAX_ITEMS])


def _proves(value: Value, view: FileView) -> bool:
    """Has one entry a password that is written out?"""
    if isinstance(value, Record):
        return any(k is not None and _PROOF.search(k) and isinstance(v, Lit) and bool(v.value) for k, v in value.items)
    if isinstance(value, CallRef):
        return any(
            a.name and _PROOF.search(a.name) and isinstance(a.value, Lit) and bool(a.value.value) for a in view.facts.calls[value.call].args
        )
    return False
