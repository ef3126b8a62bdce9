"""Methods of a base class that are named by `super`: they run on the object, or the class, that their caller runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Name, Value
from backend_readiness.graph.classes.inheritance import self_value
from backend_readiness.graph.values import AV, ClassV, Env, FuncV, InstV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator


def is_super(ev: Evaluator, base: Value, file: str) -> bool:
    """`super.save`, `super().save`, `super(Order, cls).save`."""
    return (ev.world.view(file).facts.calls[base.call].callee if isinstance(base, CallRef) else base) == Name("super")


def on_receiver(ev: Evaluator, found: AV, file: str, owner: int, env: Env | None) -> AV:
    """What is found, with the receiver of its caller: the fields that it reads are those of that class."""
    me = self_value(ev, ev.world.view(file), owner, env)
    if not isinstance(me, InstV | ClassV):
        return found
    return union([FuncV(o.symbol, me, o.env) if isinstance(o, FuncV) and isinstance(o.self_value, InstV) else o for o in options(found)])
