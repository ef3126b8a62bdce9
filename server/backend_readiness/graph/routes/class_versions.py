"""Versions that classes of endpoints say of themselves, or their group of all in it: `Version(2)`, `ep.EndpointVersion(1)`.

The option `version` of a rule that makes classes routers: `at` is the call of a class that gives its number, `inside` that of a group,
`mark` what stands before the number. `prefix`, `in_front` and `otherwise` are settings that are assigned somewhere: another mark, whether
the version stands before the path of the group instead of behind the path, and the version of classes that say none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_readiness.facts.model import Member, Value
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.values import Const, Site, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.card_rules import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A segment of the path (`v2`), and whether it stands before the path of the group."""

    segment: str
    in_front: bool


def version_of(graph: Graph, where: SymbolId, groups: tuple[SymbolId, ...], spec: dict[str, Any]) -> Version:
    """The version of a class; its segment is empty where it has none."""
    numbers = (_number(graph, c, str(spec[k])) for c, k in ((where, "at"), *((g, "inside") for g in groups)))
    number = next((n for n in numbers if n is not None), None)
    if number is None:
        number = assigned(graph, str(spec["otherwise"]))
    mark = assigned(graph, str(spec["prefix"]))
    segment = f"{mark if isinstance(mark, str) else spec['mark']}{number}" if number else ""
    return Version(segment, stands_in_front(graph, spec))


def stands_in_front(graph: Graph, spec: dict[str, Any]) -> bool:
    return assigned(graph, str(spec["in_front"])) is True


def _number(graph: Graph, where: SymbolId, name: str) -> object:
    view = graph.view(where.file)
    for scope in (s for child in view.children.get(where.index, ()) for s in view.body(child)):
        for number in view.calls_of.get(scope, ()):
            if callee_name(view.facts.calls[number]) == name:
                thunk = argument_thunk(graph.ev, Site(where.file, number, None), Ref(arg=0))
                found = options(graph.ev.thunk(thunk)) if thunk is not None else ()
                return next((v.value for v in found if isinstance(v, Const)), None)
    return None


def assigned(graph: Graph, setting: str) -> object:
    """What is assigned to a member that ends so (`c.Versioning.Prefix = "ver"`); None where nothing known is."""
    return next((v.value for v in assigned_values(graph, setting)), None)


def assigned_values(graph: Graph, setting: str) -> Iterator[Const]:
    for file in graph.naming(last_step(setting))[:MAX_FILES]:
        view = graph.view(file)
        for assign in view.facts.assigns if file in graph.production else ():
            if assign.value is not None and _written(assign.target).endswith(f".{setting}"):
                yield from (v for v in options(graph.ev.value(assign.value, file, assign.owner)) if isinstance(v, Const))


def _written(value: Value) -> str:
    """`c.Endpoints.RoutePrefix` as it is written."""
    names: list[str] = []
    while isinstance(value, Member):
        names.insert(0, value.name)
        value = value.base
    return ".".join(("", *names))
