"""The paths of actions on sets of entities, which the names of methods and of their parameters say: `Get(int key)` of `OrdersController`.

`Get`, `GetOrders` and `PostOrder` are about the set, with a key about one of it: `Orders({key})`, `Lines(Order={keyOrder},No={keyNo})`.
`GetCustomer(int key)` is a property of one. A method with no such name that says its HTTP method is an operation, with its parameters
where it reads: `Orders({key})/Tax(state={state})`. So is one that the model names (`order.Action("Pay")`), with its verb by its kind.
`CreateRef` and `DeleteRef` are about a link to another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backend_readiness.facts.model import Lit, Symbol
from backend_readiness.graph.evaluation.inflections import singular
from backend_readiness.graph.world import Graph

_READS = "GET"
_LINKS = {"CreateRef": ("POST", "PUT"), "DeleteRef": ("DELETE",)}
_KINDS = {"Action": "POST", "Function": _READS}
_GIVEN = frozenset(("ODataQueryOptions", "ODataActionParameters", "Delta", "CancellationToken", "ApiVersion"))
MAX_FILES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Entities:
    """A set, the name of what is in it, and what its keys are called."""

    name: str
    single: str
    key: str = "key"
    alone: bool = False  # a singleton: without a key it is one
    operations: dict[str, str] = field(default_factory=dict)  # the HTTP method of those that the model names


def entities_of(graph: Graph, name: str, makers: tuple[str, ...]) -> Entities:
    """`makers`: calls that name a set and the class in it (`builder.EntitySet<Person>("People")`)."""
    operations = _operations(graph)
    for maker in makers:
        for path in graph.naming(maker)[:MAX_FILES]:
            view = graph.view(path)
            for call in (view.facts.calls[n] for n in view.calls_by_name.get(maker, ())):
                said = call.args[0].value if call.args else None
                if isinstance(said, Lit) and str(said.value).lower() == name.lower() and call.type_args:
                    single = getattr(call.type_args[0], "id", singular(name))
                    return Entities(name=name, single=single, alone=maker == "Singleton", operations=operations)
    return Entities(name=name, single=singular(name), operations=operations)


def _operations(graph: Graph) -> dict[str, str]:
    """What models declare: `orders.EntityType.Collection.Action("Reset")`, `builder.Function("Tax")`."""
    found: dict[str, str] = {}
    for kind, method in _KINDS.items():
        for path in graph.naming(kind)[:MAX_FILES]:
            view = graph.view(path)
            for call in (view.facts.calls[n] for n in view.calls_by_name.get(kind, ())):
                said = call.args[0].value if len(call.args) == 1 else None
                if isinstance(said, Lit) and isinstance(said.value, str):
                    found[said.value] = method
    return found


def paths_of(of: Entities, symbol: Symbol, starts: dict[str, str], bare: list[str]) -> list[tuple[str, str]]:
    """(HTTP method, path below the prefix) of a method; `bare`: the HTTP methods that it says itself, `starts` those of names."""
    name = symbol.name.removesuffix("Async")
    keys = [
        p.name for p in symbol.params if p.name == of.key or (p.name.startswith(of.key) and p.name[len(of.key) : len(of.key) + 1].isupper())
    ]
    inside = "{" + of.key + "}" if keys == [of.key] else ",".join(f"{k[len(of.key) :]}={{{k}}}" for k in keys)
    one = f"/{of.name}({inside})" if keys else f"/{of.name}"
    if symbol.name in _LINKS and any(p.name == "navigationProperty" for p in symbol.params):
        related = "({relatedKey})" if any(p.name == "relatedKey" for p in symbol.params) else ""
        return [(m, f"{one}/{{navigationProperty}}{related}/$ref") for m in dict.fromkeys(bare or _LINKS[symbol.name])]
    start = next((s for s in starts if name.startswith(s) and not name[len(s) :][:1].islower()), "")
    if name.upper() in (s.upper() for s in starts):
        start = next(s for s in starts if name.upper() == s.upper())
    rest = name[len(start) :] if start else name
    plain = bool(start) and rest.lower() in ("", of.name.lower(), of.single.lower())
    if plain:
        return [(m, one) for m in dict.fromkeys(bare or [starts[start]])]
    operation = re.sub(rf"On(?:CollectionOf)?{re.escape(of.single)}$", "", name)
    if operation in of.operations:
        method = of.operations[operation]
        return [(m, f"{one}/{operation}{_asked(symbol, keys) if m == _READS else ''}") for m in dict.fromkeys(bare or [method])]
    if start and (not bare or rest.startswith("To")):
        called = rest.removesuffix(f"From{of.single}").removeprefix("To")
        leads = (bool(keys) or of.alone) and bool(called) and (starts[start] == _READS or rest.startswith("To"))
        return [(starts[start], f"{one}/{called}")] if leads else []
    return [(m, f"{one}/{name}{_asked(symbol, keys) if m == _READS else ''}") for m in dict.fromkeys(bare)]


def _asked(symbol: Symbol, keys: list[str]) -> str:
    others = [p.name for p in symbol.params if p.name not in keys and not _is_given(p.type)]
    return f"({','.join(f'{o}={{{o}}}' for o in others)})"


def _is_given(written: object) -> bool:
    """A parameter that the framework fills from elsewhere than the path."""
    while written is not None and not hasattr(written, "id"):
        written = getattr(written, "base", None)
    return getattr(written, "id", "") in _GIVEN
