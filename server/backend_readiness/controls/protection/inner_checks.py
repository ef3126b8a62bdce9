"""Rules of an object inside of a body, where they run only when the field that holds it says so (`@Valid private NewUser user;`)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.protection.model_checks import bodies_of_params
from backend_readiness.graph.values import InstV, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import FieldCheck, load_security_words
from backend_readiness.snapshot.matching import compile_patterns

MAX_LINES = 200
_BY_HAND = re.compile(r"\.validate(Value|Property)?\(")


def idle_inside(context: Context, handlers: Sequence[SymbolId]) -> tuple[Evidence, Evidence] | None:
    """The field of a body that holds an object without passing the check on, and the rule of that object that never runs.

    None when the body has a rule of its own, or something on the chain checks the object itself.
    """
    checks = [c for c in load_security_words().checked_fields.get(context.language, ()) if c.passed_on]
    if not checks or any(_BY_HAND.search(t) for _, _, t in chain_text(context)):
        return None
    for cls in bodies_of_params(context, handlers):
        if any(_rule_of(context, cls, check) is not None for check in checks):
            return None
        view = context.view(cls.file)
        held = [(name, assigns[0]) for (owner, name), assigns in view.fields.items() if owner == cls.index]
        taken = {n for _, a in held for n in range(a.line, a.line + 1)} | {view.symbol(cls.index).line}
        for _, assign in held:
            values = options(context.graph.ev.instance_of(assign.type, cls.file, 0)) if assign.type is not None else ()
            inner = next((v.cls.symbol for v in values if isinstance(v, InstV)), None)
            if inner is None:
                continue
            first = max([n for n in taken if n < assign.line], default=assign.line - 3) + 1
            said = "\n".join(context.snapshot.lines(cls.file)[first - 1 : assign.line])
            name = re.escape(context.view(inner.file).symbol(inner.index).name)
            for check in checks:
                rule = _rule_of(context, inner, check)
                asked = re.compile(rf"{check.passed_on}[^,;]*\b{name}\b")
                if rule is None or re.search(check.passed_on, said) or any(asked.search(t) for _, _, t in chain_text(context)):
                    continue
                return context.at(cls.file, assign.line), rule
    return None


def _rule_of(context: Context, cls: SymbolId, check: FieldCheck) -> Evidence | None:
    """The first line of a class with a rule of its own, or with the mark that passes the check on."""
    rule = compile_patterns((check.rule, check.passed_on))
    symbol = context.view(cls.file).symbol(cls.index)
    lines = context.snapshot.lines(cls.file)
    for number in range(symbol.line, min(symbol.end_line, symbol.line + MAX_LINES, len(lines)) + 1):
        if rule is not None and rule.search(lines[number - 1].encode("utf-8", "replace")):
            return context.at(cls.file, number)
    return None
