"""A name in a call that stands in the assignment to that name: `let token = token::create(user)`, `query = query.filter(...)`.

There it means what it meant before: a module, or what was assigned to it first. So does the name of a decorator over a method that is
called so itself, or stands before the method of that name: `@delete("/orders")` over `def delete(self)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Call, Member, Name, Value
from backend_readiness.graph.evaluation import page_functions
from backend_readiness.graph.values import AV, Env

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

_KINDS = frozenset({"let", "const", "assign"})
# `val routing = routing { ... }`, `let mounts = mounts();` call a function that is called so too
_OF_CALLS = frozenset({"java", "kotlin", "rust", "go"})
MAX_STEPS = 12


@contextmanager
def hiding(ev: Evaluator, assign: Assign) -> Iterator[None]:
    """While what is assigned is looked at, the name means what it meant before."""
    ev.active.add(("bound", id(assign)))
    ev.bound += 1
    try:
        yield
    finally:
        ev.bound -= 1
        ev.active.discard(("bound", id(assign)))


def callee_value(ev: Evaluator, view: FileView, number: int, env: Env | None) -> AV:
    """What the call with this number calls."""
    call = view.facts.calls[number]
    around = _assignment_around(view, call)
    if around is None or ("bound", id(around)) in ev.active:
        return page_functions.meant(ev, view, call, ev.value(call.callee, view.path, call.owner, env))
    written = ev.earlier.get((view.path, number))
    if written is None:  # values are known by the identity of what is written: this one is another
        written = ev.earlier[view.path, number] = _copied(call.callee)
    with hiding(ev, around):
        return ev.value(written, view.path, call.owner, env)


def scope_of(view: FileView, call: Call) -> int:
    """The symbol in whose scope the name of what is called is looked up: outside of the class that defines it only further down."""
    if call.kind != "decorator" or not isinstance(call.callee, Name) or view.symbol(call.owner).kind != "class":
        return call.owner
    later = view.named_children.get((call.owner, call.callee.id), ())
    return view.symbol(call.owner).parent if later and all(view.symbol(i).start > call.start for i in later) else call.owner


def _assignment_around(view: FileView, call: Call) -> Assign | None:
    root: Value = call.callee
    for _ in range(MAX_STEPS):
        if not isinstance(root, Member):
            break
        root = root.base
    if not isinstance(root, Name) or (root is call.callee and view.language not in _OF_CALLS) or root.id == "self":
        return None
    for assign, path in view.bindings.get((call.owner, root.id), ()):
        if not path and assign.kind in _KINDS and assign.start <= call.start and call.end <= assign.end:
            return assign
    return None


def _copied(value: Value) -> Value:
    if isinstance(value, Member):
        return Member(_copied(value.base), value.name)
    return Name(value.id) if isinstance(value, Name) else value


def nearest_value(ev: Evaluator, view: FileView, number: int) -> AV:
    """What a call calls, by the binding of its name that stands last before it: `with a() as x: ...`, then `with b() as x: x.run()`."""
    call = view.facts.calls[number]
    root: Value = call.callee
    steps = []
    while isinstance(root, Member):
        steps.append(root.name)
        root = root.base
    bound = [a for a, path in view.bindings.get((call.owner, root.id), ()) if not path] if isinstance(root, Name) else []
    before = [a for a in bound if a.start <= call.start]
    if len(bound) < 2 or not before:
        return ev.value(call.callee, view.path, call.owner)
    from backend_readiness.graph.evaluation import bindings

    found = bindings.value_of(ev, max(before, key=lambda a: a.start), (), view, call.owner, None)
    for step in reversed(steps):
        found = ev.member(found, step) if found is not None else None
    return found if found is not None else ev.value(call.callee, view.path, call.owner)
