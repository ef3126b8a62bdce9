"""Policies that a flow asks about an object: the line that asks, and the method of the policy that says yes whatever is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.constant_answers import constant_answer
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns

_UNREAD = re.compile(sign("asked_policies", "unread"))
_ASKED = re.compile(sign("asked_policies", "asked"))
_OBJECT = re.compile(sign("asked_policies", "object"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPolicy:
    """`yes`: the method of the policy, where it says yes to everybody."""

    at: Evidence
    yes: Evidence | None


def asked_policies(context: Context) -> list[AskedPolicy]:
    """The lines of the chain that ask a policy about an object and read its answer."""
    pattern = compile_patterns(words_of(context, "policies") or ())
    if pattern is None:
        return []
    lines = [(f, n, t) for f, n, t in chain_text(context) if pattern.search(t.encode("utf-8", "replace")) and not _UNREAD.match(t[:500])]
    return [AskedPolicy(at=context.at(f, n), yes=_says_yes(context, f, n, t[:500])) for f, n, t in lines]


def _says_yes(context: Context, file: str, line: int, text: str) -> Evidence | None:
    asked, object_ = _ASKED.search(text), _OBJECT.search(text)
    around = [s for s in context.view(file).facts.symbols if s.kind in ("function", "method") and s.line <= line <= s.end_line]
    ability = asked[1] if asked is not None else around[-1].name if around else ""
    about = asked[2] if asked is not None else object_[1] if object_ is not None else ""
    if not ability or not about:
        return None
    policy = "".join(part[:1].upper() + part[1:] for part in about.split("_")) + "Policy"
    for cls in context.graph.defining(policy)[:2]:
        symbols = context.view(cls.file).facts.symbols
        for index, symbol in enumerate(symbols):
            if symbol.parent == cls.index and symbol.name in (ability, f"{ability}?"):
                where = SymbolId(cls.file, index)
                return context.at_symbol(where) if constant_answer(context, where) is True else None
    return None
