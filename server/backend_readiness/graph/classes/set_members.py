"""What a function sets on itself, or on one of its parameters: `this.save = ...`, `var vm = this; vm.save = ...`, `$scope.save = ...`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Member, Name
from backend_readiness.graph.values import Thunk

if TYPE_CHECKING:
    from backend_readiness.graph.views import FileView


def set_members(view: FileView, index: int, receivers: frozenset[str]) -> dict[str, Thunk]:
    """Member -> what the function `index`, or one written inside of it, assigns to it.

    With `receivers`, the names in the function whose members are meant; without, `self` and the names that it gives it.
    """
    body = {i for i, _ in enumerate(view.facts.symbols) if index in view.enclosing(i)}
    meant = receivers or {"self"}
    inner = meant if receivers else frozenset[str]()
    if not receivers:
        for assign in view.assigns_of.get(index, ()):
            if isinstance(assign.target, Name) and assign.value == Name("self"):
                inner |= {assign.target.id}
    found: dict[str, Thunk] = {}
    for assign in view.facts.assigns:
        target = assign.target
        if assign.owner not in body or not isinstance(target, Member) or not isinstance(target.base, Name) or assign.value is None:
            continue
        if target.base.id in (meant | inner if assign.owner == index else inner):
            found[target.name] = Thunk(view.path, assign.owner, assign.value, None)
    return found
