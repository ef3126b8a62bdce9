"""Routers that a package which no card speaks of makes: the parameter that one is handed to says what it is.

`r := engine.Get()`, `api := r.Group("/api")`, `users.Register(api)` with `func Register(r *gin.RouterGroup)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.values import AV, Ext, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_CHAIN = 40


def as_declared(ev: Evaluator, given: AV, typed: AV) -> AV:
    """What is handed to a parameter with a router's type: a chain of calls on something unheard of begins with that type instead."""
    if not isinstance(typed, Ext) or not typed.known:
        return given
    return union([_begun_with(ev, o, typed) if isinstance(o, Ext) else o for o in options(given)])


def _begun_with(ev: Evaluator, value: Ext, typed: Ext) -> Ext:
    chain = [value]
    while isinstance(chain[-1].base, Ext) and len(chain) < MAX_CHAIN:
        chain.append(chain[-1].base)
    if not value.known or not value.path.endswith("()") or any(ev.world.is_router_type(e.path) for e in chain):
        return value
    made = next((e for e in reversed(chain) if e.path.endswith("()")), None)
    if made is None or made.site is None or made.path.startswith("~"):
        return value
    rebuilt = Ext(typed.path, typed.base, None, typed.subject)
    for step in reversed(chain[: chain.index(made)]):
        rebuilt = Ext(f"{typed.path}{step.path.removeprefix(made.path)}", rebuilt, step.site, step.subject)
    return rebuilt
