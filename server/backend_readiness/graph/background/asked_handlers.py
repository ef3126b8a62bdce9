"""Handlers that an application's own bus takes out of a container by a type that it makes of the message's:

    provider.GetServices<IHandler<TEvent>>().Select(h => h.Handle(e))
    var type = typeof(IHandler<>).MakeGenericType(e.GetType());
    dynamic handler = provider.GetService(type); handler.Handle((dynamic)e)
    type.GetMethod("Handle").Invoke(provider.GetService(type), new object[] { e })

What the calls are named, the table `asked_handlers` says.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend_readiness.facts.model import Member
from backend_readiness.graph.references import step_site
from backend_readiness.graph.values import AV, ClassV, Const, Ext, ListV, Site, options
from backend_readiness.graph.world import Graph
from backend_readiness.rules.signs import sign, signs

MAX_GIVEN = 3
MAX_STEPS = 8
_KEPT = "|".join(signs("asked_handlers", "kept"))
_MADE = sign("asked_handlers", "made")
_FOUND = sign("asked_handlers", "found")
_RUN = sign("asked_handlers", "run")


@dataclass(frozen=True, slots=True)
class Asked:
    """The method `method` of what is kept for `interface` is called with `given`."""

    interface: ClassV
    method: str
    given: tuple[AV, ...]


def asked(graph: Graph, site: Site, callee: AV) -> Asked | None:
    """What a call runs that no value leads to; None when nothing was asked for so."""
    for value in options(callee):
        if isinstance(value, Ext):
            found = _reflected(graph, site, value) or _kept(graph, site, value)
            if found is not None:
                return found
    return None


def _reflected(graph: Graph, site: Site, callee: Ext) -> Asked | None:
    at = step_site(callee, _FOUND) if callee.path.endswith(f".{_FOUND}().{_RUN}") else None
    interface = _put_into(callee) if at is not None else None
    named = graph.ev.arg_value(at, 0) if at is not None and interface is not None else None
    given = graph.ev.arg_value(site, 1) if isinstance(named, Const) else None
    if interface is None or not isinstance(named, Const) or given is None:
        return None
    items = [graph.ev.thunk(t) for o in options(given) if isinstance(o, ListV) for t in o.items[:MAX_GIVEN]]
    return Asked(interface, str(named.value), tuple(items))


def _kept(graph: Graph, site: Site, callee: Ext) -> Asked | None:
    call = graph.view(site.file).facts.calls[site.call]
    at = step_site(callee, _KEPT) if isinstance(call.callee, Member) and call.args else None
    if at is None or at == site or not isinstance(call.callee, Member):
        return None
    asking = graph.view(at.file).facts.calls[at.call]
    typed = graph.ev.value(asking.type_args[0], at.file, asking.owner) if asking.type_args else graph.ev.arg_value(at, 0)
    interface = next((i for o in options(typed) if (i := _interface(graph, o)) is not None), None) if typed is not None else None
    if interface is None:
        return None
    values = [graph.ev.value(a.value, site.file, call.owner, site.env) for a in call.args[:MAX_GIVEN]]
    return Asked(interface, call.callee.name, tuple(values))


def _interface(graph: Graph, value: AV) -> ClassV | None:
    cls = value if isinstance(value, ClassV) else _put_into(value)
    return cls if cls is not None and graph.view(cls.symbol.file).symbol(cls.symbol.index).kind == "interface" else None


def _put_into(value: AV | None) -> ClassV | None:
    """The generic type of the repository that a type was made of."""
    made = False
    for _ in range(MAX_STEPS):
        if not isinstance(value, Ext):
            break
        made = made or value.path.endswith(f".{_MADE}")
        value = value.base
    return value if made and isinstance(value, ClassV) else None
