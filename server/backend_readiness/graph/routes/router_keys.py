"""Which router a value is: the same one in all the places that reach it."""

from __future__ import annotations

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import CallRef, Func, Name
from backend_readiness.graph.classes.embedded import embedded_router
from backend_readiness.graph.classes.inheritance import as_external
from backend_readiness.graph.evaluation import called_in_loops, loops
from backend_readiness.graph.evaluation.reassigned import mentions
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.references import argument
from backend_readiness.graph.routes.made_routers import is_made_anew
from backend_readiness.graph.routes.routing import RouterKey
from backend_readiness.graph.routes.subclass_routers import subclass_of_maker
from backend_readiness.graph.values import AV, ClassV, Const, Ext, InstV, ParamV, Site, SymbolId, UnionV
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref

MAX_FACTORIES = 4
OPEN_KEYS = frozenset({"path", "class"})  # of a router that nothing in sight makes


def router_key(graph: Graph, value: AV, patterns: list[str]) -> tuple[RouterKey, Ext] | None:
    """The router behind a receiver: the nearest step of its path that is one of the router types."""
    current: AV | None = value
    for _ in range(12):
        if isinstance(current, UnionV):
            current = current.options[0]
        if isinstance(current, ParamV):
            return None
        if isinstance(current, InstV):  # an instance of a subclass of a router
            current = next(iter(as_external(graph.ev, current)), None)
        if not isinstance(current, Ext):
            return None
        if any(compiled(p).fullmatch(current.path) or (current.alias and compiled(p).fullmatch(current.alias)) for p in patterns):
            made = embedded_router(graph.ev, current.base) if isinstance(current.base, InstV) else None
            return key_of(graph, made or current), made or current
        current = current.base
    return None


def key_of(graph: Graph, value: Ext) -> RouterKey:
    """Identity of a router value: the call that made it, or its path when no call is known.

    A group that a function makes below its own parameters (`func (r *Router) Sub(prefix string)`) is another one for each call of it,
    and so is what a function only makes and returns (`def make_router(): return APIRouter(route_class=Logged)`).
    """
    site = value.site
    derived = _derived(graph, value)
    if derived is not None:
        return ("class", derived.symbol.file, derived.symbol.index)
    if site is None:
        return ("path", value.path, 0)
    for_each = False  # then its routes belong to the call of the function that makes it, wherever that is returned from
    for _ in range(MAX_FACTORIES):
        caller = site.env.site if site.env is not None else None
        made = caller is not None and _is_made_for_each(graph, site)
        if caller is None or not (made or (not for_each and _is_only_returned(graph, site) and not _registers(graph, value))):
            break
        site, for_each = caller, for_each or made
    made_by = site.env.site if site.env is not None and _is_group_of_parameters(graph, value, site, site.env.symbol) else None
    if made_by is not None:
        return ("site", made_by.file, made_by.call)
    return (f"site{subclass_of_maker(graph, value)}{_round(graph, value, site)}", site.file, site.call)


def _is_made_for_each(graph: Graph, site: Site) -> bool:
    """Does the function around a call make a router of its own for each of its callers?"""
    view = graph.view(site.file)
    around = site.env.symbol if site.env is not None else None
    return around == SymbolId(site.file, view.facts.calls[site.call].owner) and is_made_anew(view, site.call)


def _derived(graph: Graph, value: Ext) -> ClassV | None:
    """The class of the repository that a router is `self` or `super()` of."""
    if value.site is None:
        return value.base.cls if isinstance(value.base, InstV) else None
    callee = graph.view(value.site.file).facts.calls[value.site.call].callee
    return value.subject if callee == Name("super") and isinstance(value.subject, ClassV) else None


def _is_only_returned(graph: Graph, site: Site) -> bool:
    """Does the function around a call return what the call makes at once, so that nothing is put on it there?

    A function that the call is given may put something on it: `build_simple_router(|route| { ... })`.
    """
    view = graph.view(site.file)
    owner = view.facts.calls[site.call].owner
    if any(isinstance(a.value, Func) for a in view.facts.calls[site.call].args):
        return False
    around = site.env.symbol if site.env is not None else None
    return around == SymbolId(site.file, owner) and any(r.value == CallRef(site.call) for r in view.returns.get(owner, ()))


def _round(graph: Graph, value: Ext, site: Site) -> str:
    """What tells the routers of a loop apart, which one call makes: `for _, path := range paths { api := r.Group(path) }`.

    That is the prefix of a group; of a router that is mounted later (`router := chi.NewRouter()`), what the loop binds.
    """
    if site.env is None or site.env.site is not None or not isinstance(value.base, Ext):
        return ""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    rules = [tagged.rule for tagged, _ in graph.knowledge.routes.matches(value.base.path)]
    if not any(r.shape == "prefix" and r.options.get("group") for r in rules):
        heads = loops.heads(view, call.owner, call.start, call.end) if view.language in called_in_loops.LANGUAGES and not call.args else []
        names = dict.fromkeys(n for head in heads for a in head for n, _ in bound_names(a.target))
        told = [_told(site.env.args[n]) for n in names if n in site.env.args]
        return "".join(f" {t}" for t in told if t)
    bound = [a for a in call.args[:1] if isinstance(graph.ev.value(a.value, site.file, call.owner), Const)]
    prefixes = [graph.ev.value(a.value, site.file, call.owner, site.env) for a in call.args[:1] if a not in bound]
    text = next((v.value for v in prefixes if isinstance(v, Const)), None)
    return f" {text}" if isinstance(text, str) else ""


def _told(value: AV) -> str:
    """A name for a constant, or for an instance by its class."""
    if isinstance(value, InstV):
        return f"{value.cls.symbol.file}:{value.cls.symbol.index}"
    return str(value.value) if isinstance(value, Const) else ""


def _registers(graph: Graph, value: Ext) -> bool:
    """Does the call that makes a router put routes on it at once (`routes![list, add]`)?"""
    made_by = value.base.path if isinstance(value.base, Ext) else ""
    rules = (tagged.rule for tagged, _ in graph.knowledge.routes.matches(made_by))
    return any(r.shape != "prefix" and not (r.options.get("holder") and _holds_none(graph, value, r.child)) for r in rules)


def _holds_none(graph: Graph, value: Ext, table: Ref | None) -> bool:
    """Is the router made without the table that it may be given?"""
    return value.site is None or table is None or argument(graph, value.site, table) is None


def _is_group_of_parameters(graph: Graph, value: Ext, site: Site, around: SymbolId) -> bool:
    """Does a rule for groups fit the call, and is a parameter of the function around it, or a text built from it, among its arguments?"""
    view = graph.view(site.file)
    call = view.facts.calls[site.call]
    names = {p.name for p in view.symbol(call.owner).params} if around == SymbolId(site.file, call.owner) else set()
    if not any(mentions(view, a.value, n) for a in call.args for n in names) or not isinstance(value.base, Ext):
        return False
    rules = (tagged.rule for tagged, _ in graph.knowledge.routes.matches(value.base.path))
    return any(r.shape == "prefix" and r.options.get("group") for r in rules)
