"""From what a route names to the function that answers: `orders#show`, a class, a function; and what runs before it."""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.graph.backend.brought import Brought
from backend_readiness.graph.evaluation import constants, members
from backend_readiness.graph.evaluation.inflections import camel
from backend_readiness.graph.handling.filters import filters_of
from backend_readiness.graph.nested.options import Target
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The handler, what runs before it, and what a package does where the handler is its own."""

    handler: AV | None = None
    guards: tuple[Guard, ...] = ()
    brought: Brought | None = None


def resolve(scan: Scan, target: Target, module: str, controller: str, action: str, model: ClassV | None = None) -> Answer:
    """What `controller` (a path such as `admin/orders`) and `action` mean; empty when neither the repository nor a package has it.

    `model`: the class that the route says the package works on.
    """
    brought: Brought | None = None
    if controller.startswith("/"):
        module, controller = "", controller.lstrip("/")
    for pattern in target.classes:
        name = pattern.format(**{"module": camel(module), "class": camel(controller), "method": camel(action)}).strip(":")
        while "::::" in name:
            name = name.replace("::::", "::")
        cls = constants.class_of_text(scan.graph.ev, name) or constants.class_spelled(scan.graph.ev, name)
        if cls is None:
            brought = brought or scan.brought.of_name(name, action, model)
            continue
        for method in target.methods:
            found = members.own_member(scan.graph.ev, InstV(cls), method.format(method=action))
            if isinstance(found, FuncV):
                handed_on = scan.brought.by_super(found, cls, action, model)
                return Answer(handler=found, guards=tuple(filters_of(scan.graph, cls, action)), brought=handed_on)
        left = scan.brought.of_class(cls, action, model)
        answers = left is not None or _has_page(scan, target, cls, action)
        return Answer(handler=cls if answers else None, guards=tuple(filters_of(scan.graph, cls, action)), brought=left)
    return Answer(brought=brought)


def _has_page(scan: Scan, target: Target, cls: ClassV, action: str) -> bool:
    """Does a page of the action's name stand where the pages of the class are?"""
    folder, end, pages = target.page
    above, found, rest = cls.symbol.file.rpartition(folder) if folder else ("", "", "")
    if not found or not rest.endswith(end):
        return False
    names = scan.graph.entries(f"{above}{pages}{rest.removesuffix(end)}")
    return any(name.partition(".")[0] == action for name in names)
