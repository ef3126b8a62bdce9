"""What a `Ref` of a card names: an argument of a call, or of an earlier call of its chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.evaluation import following, reaching
from backend_readiness.graph.evaluation.type_scopes import scope_of_type
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.values import AV, ClassV, Const, Ext, InstV, Site, Thunk
from backend_readiness.rules.cards import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.world import Graph


def step_site(value: AV | None, name: str, until: Iterable[str] = ()) -> Site | None:
    """The call of the step `name` in the chain that leads to a value; `()` means the nearest call, `A|B` the nearest of several steps.

    What stands before a step that fits a pattern of `until` belongs to that step, and is not looked at.
    """
    current, names = value, name.split("|")
    for _ in range(40):
        if not isinstance(current, Ext):
            return None
        if current.site is not None and (name == "()" or (last_step(current.path) in names and not current.path.endswith("()()"))):
            return current.site
        if any(compiled(p).fullmatch(current.path) for p in until):
            return None
        current = current.base
    return None


def sites_of_step(value: AV | None, name: str) -> list[Site]:
    """The calls of all steps `name` of the chain that leads to a value, from the first to the last."""
    found: list[Site] = []
    for _ in range(40):
        if not isinstance(value, Ext):
            break
        if value.site is not None and last_step(value.path) == name and not value.path.endswith("()()"):
            found.insert(0, value.site)
        value = value.base
    return found


def receiver_of_step(callee: Ext, name: str) -> AV | None:
    """What the step `name` of the chain that leads to a value was called on."""
    current: AV | None = callee
    for _ in range(40):
        if not isinstance(current, Ext):
            return None
        if last_step(current.path) == name and not current.path.endswith(")"):
            return current.base
        current = current.base
    return None


def argument(graph: Graph, site: Site, ref: Ref) -> Thunk | None:
    """The expression that a `Ref` names at a call; the keyword is tried before the position."""
    return argument_thunk(graph.ev, site, ref)


def argument_thunk(ev: Evaluator, site: Site, ref: Ref) -> Thunk | None:
    if ref.type_arg is not None:
        call = ev.world.view(site.file).facts.calls[site.call]
        if ref.type_arg < len(call.type_args):
            written = call.type_args[ref.type_arg]
            return Thunk(site.file, scope_of_type(ev.world.view(site.file), call.owner, written), written, site.env)
    if ref.kwarg is not None:
        found = ev.arg_thunk(site, 999, ref.kwarg)
        if found is not None or ref.arg is None:
            return found
    return None if ref.arg is None else ev.arg_thunk(site, ref.arg, ref.key)


def argument_value(ev: Evaluator, site: Site, ref: Ref, callee: Ext) -> AV | None:
    """The value that a `Ref` names at a call, or at the earlier step `at` of its callee."""
    if ref.const is not None:
        value: AV | None = Const(ref.const)
    elif ref.inherited is not None:
        given = argument_value(ev, site, Ref(arg=ref.arg), callee) if ref.arg is not None else callee.subject
        value = inheritance.given_to_base(ev, given.cls if isinstance(given, InstV) else given, ref.inherited)
    elif ref.subject:
        value = InstV(callee.subject) if isinstance(callee.subject, ClassV) and ref.members else callee.subject
        if ref.type_arg is not None and isinstance(callee.subject, ClassV):
            value = inheritance.type_of_base(ev, callee.subject, ref.type_arg) or value
    else:
        at = step_site(callee, ref.at) if ref.at is not None else site
        thunk = argument_thunk(ev, at, ref) if at is not None else None
        value = reaching.given(ev, at, thunk) if thunk is not None and at is not None else None
    if value is None or not ref.members:
        return value
    start = value
    return next((v for m in ref.members if (v := following.follow(ev, start, m)) is not None), None)
