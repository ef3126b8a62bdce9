"""Functions that make a router out of what they are given, put routes on it and return it:

    def crud(name, model):
        router = APIRouter(prefix=f"/{name}")
        @router.get("/")
        def index(): ...
        return router

Each call of such a function makes a router of its own, with the routes of that call. Where neither the prefix nor a path says anything of
the parameters, the one router that is written stands for all.
"""

from __future__ import annotations

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Call, CallRef, Concat, Index, Member, Name, Op, Seq, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.evaluation.reassigned import mentions
from backend_readiness.graph.routes.given_calls import sites_for_callers
from backend_readiness.graph.values import Site, SymbolId
from backend_readiness.graph.views import FileView

LANGUAGES = frozenset({"python"})
CHAINED = frozenset({"rust"})  # where routers are made by chains of calls, and types are written
_TEXTS = frozenset({"str", "String"})
MAX_STEPS = 200
MAX_DEPTH = 4


def sites_of_makers(ev: Evaluator, view: FileView, number: int) -> list[Site]:
    """A call on the router that its function makes, once for each call of that function; empty when there is one router for all."""
    call = view.facts.calls[number]
    held = call.callee.base if isinstance(call.callee, Member) else None
    if view.language not in LANGUAGES or not isinstance(held, Name) or made_by(view, call.owner) != held.id:
        return []
    return sites_for_callers(ev, SymbolId(view.path, call.owner), view.symbol(call.owner).name, number)


def is_made_anew(view: FileView, number: int) -> bool:
    """Is it the call by which such a function makes its router?"""
    owner = view.facts.calls[number].owner
    if view.language in CHAINED:
        return _is_given_back(view, owner, number) and _has_given_paths(view, owner)
    name = made_by(view, owner) if view.language in LANGUAGES else None
    return name is not None and any(a.value == CallRef(number) for a, _ in view.bindings.get((owner, name), ()))


def _is_given_back(view: FileView, owner: int, number: int) -> bool:
    """Does a function return what a call makes, with steps after it, or a variable that holds it?"""
    for item in view.returns.get(owner, ()):
        value = item.value
        held = [a.value for a, path in view.bindings.get((owner, value.id), ()) if not path] if isinstance(value, Name) else [value]
        if any(_first_of(view, v) == number for v in held):
            return True
    return False


def _first_of(view: FileView, value: Value | None) -> int:
    """The first call of a chain; -1 for anything else."""
    found = -1
    for _ in range(MAX_STEPS):
        if not isinstance(value, CallRef):
            break
        found, callee = value.call, view.facts.calls[value.call].callee
        value = callee.base if isinstance(callee, Member) else None
    return found


def _has_given_paths(view: FileView, owner: int) -> bool:
    """Is a text that a function is given, or that a loop takes out of what it is given, the first argument of a call in it?"""
    names = {p.name for p in view.symbol(owner).params if p.name not in ("", "self") and _may_be_text(p.type)}
    looped = [a for a in view.facts.assigns if a.owner == owner and a.kind == "for" and isinstance(a.value, Name) and a.value.id in names]
    names |= {n for a in looped for n, _ in bound_names(a.target)}
    calls = [view.facts.calls[n] for n in view.calls_of.get(owner, ())] if names else []
    return any(mentions(view, c.args[0].value, n) for c in calls if c.args and isinstance(c.callee, Member) for n in names)


def _may_be_text(written: Value | None) -> bool:
    """Is it said to be a text, or something that holds texts, or nothing?"""
    if isinstance(written, Index):
        return _may_be_text(written.base) or _may_be_text(written.key)
    if isinstance(written, Seq):
        return any(_may_be_text(i) for i in written.items)
    return written is None or (isinstance(written, Name) and written.id in _TEXTS)


def made_by(view: FileView, owner: int) -> str | None:
    """The name of the router that a function makes out of its parameters and returns."""
    symbol = view.symbol(owner)
    names = {p.name for p in symbol.params if p.name not in ("", "self")} if symbol.kind in ("function", "method") else set()
    given = {r.value.id for r in view.returns.get(owner, ()) if isinstance(r.value, Name)} if names and symbol.name else set()
    for name in given:
        bound = [a.value for a, path in view.bindings.get((owner, name), ()) if not path]
        makers = [view.facts.calls[v.call] for v in bound if isinstance(v, CallRef)]
        if len(bound) == len(makers) == 1 and (_says(view, makers[0], names) or _paths_say(view, owner, name, names)):
            return name
    return None


def _paths_say(view: FileView, owner: int, name: str, names: set[str]) -> bool:
    calls = (view.facts.calls[n] for n in view.calls_of.get(owner, ()))
    return any(_says(view, c, names) for c in calls if isinstance(c.callee, Member) and c.callee.base == Name(name))


def _says(view: FileView, call: Call, names: set[str]) -> bool:
    """Is a text that is put together of a parameter among the arguments, or a parameter under a keyword?"""
    return any(_mentions(view, a.value, names) and (a.name is not None or not isinstance(a.value, Name)) for a in call.args)


def _mentions(view: FileView, value: Value, names: set[str], depth: int = 0) -> bool:
    inner: tuple[Value, ...] = ()
    if isinstance(value, Name):
        return value.id in names
    if isinstance(value, Concat):
        inner = value.parts
    elif isinstance(value, Op):
        inner = value.operands
    elif isinstance(value, Member):
        inner = (value.base,)
    elif isinstance(value, CallRef):
        inner = (view.facts.calls[value.call].callee,)
    return depth < MAX_DEPTH and any(_mentions(view, v, names, depth + 1) for v in inner)
