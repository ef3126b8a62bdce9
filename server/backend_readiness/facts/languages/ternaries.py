"""The condition of a ternary, as far as its options keep it."""

from __future__ import annotations

from collections.abc import Sequence

from backend_readiness.facts.model import Alt, Name, Op, Value


def chosen_by(tests: Sequence[Value], chosen: Value) -> Value:
    """The options of a ternary with its only condition, where that is a name or the opposite of one."""
    if len(tests) != 1 or not isinstance(chosen, Alt) or len(chosen.options) != 2:
        return chosen
    test = tests[0]
    if isinstance(test, Name):
        return Alt(chosen.options, test=test)
    opposite = test.operands[0] if isinstance(test, Op) and test.op in ("not", "!") and len(test.operands) == 1 else None
    return Alt(chosen.options[::-1], test=opposite) if isinstance(opposite, Name) else chosen
