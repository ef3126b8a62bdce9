"""Members of objects that scripts of a page share without importing them: `Shop.Api = {}; Shop.Api.load = function (path) { ... }`.

Only functions that a script without imports and exports puts there itself, also with others in an object (`$.extend({ load() {} })`,
`Object.assign(Shop, { load })`), what a function that is called at once returns there (`Shop.Api = (function () { return { load }; })()`),
and members of the object that any script sets on the window (`window.$api = new Api()`); one that two scripts put there is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef, Concat, Func, Lit, Member, Name, Record, Value
from backend_readiness.graph.evaluation import program_globals
from backend_readiness.graph.interface import templates
from backend_readiness.graph.values import AV, Ext, FuncV, InstV, Obj, SymbolId, UnknownV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_NESTED = 4
MAX_FILES = 120
_WHOLE = ("~global", "~globalThis")
_MERGING = frozenset({"extend", "assign"})
_ALIASES = {"jQuery": "$"}
_ROOTS = ("~window.", "~globalThis.", "~self.", "~")
_HANDED = ("?$.", "?jQuery.")  # the same inside of a function that is handed it: `(function ($) { ... })(jQuery)`


def member(ev: Evaluator, base: Ext, name: str) -> AV | None:
    """The function of that name on a global object that nobody imports; None when no script, or more than one, tells."""
    if base.path in _WHOLE:
        return program_globals.value(ev, name)
    root = next((r for r in _ROOTS if base.path.startswith(r)), None)
    chain = base.path[len(root) :] if root is not None else base.path[1:] if base.path.startswith(_HANDED) else ""
    if not chain or "(" in chain or "[" in chain:
        return None
    chain = _known_as(chain)
    if (chain, name) not in ev.global_members:
        put = ev.world.variables(name, "lambda")
        near = set(ev.world.naming(chain.rpartition(".")[2])) if put else ()
        found = [SymbolId(path, number) for path, number in put if path in near and _puts(ev.world.view(path), number, chain)]
        ev.global_members[chain, name] = FuncV(found[0]) if len(found) == 1 else None if found else _returned(ev, chain, name)
    return ev.global_members[chain, name]


def _returned(ev: Evaluator, chain: str, name: str) -> AV | None:
    """What a function that is called at once returns for `chain.name`, or as the member of what it returns for `chain`."""
    own = _made_at_once(ev, f"{chain}.{name}")
    if own is not None:
        return own
    written = _written(ev, chain, name) or _of_window(ev, chain, name)
    if written is not None:
        return written
    held = _made_at_once(ev, chain)
    found = ev.member(held, name) if isinstance(held, Obj) else None
    empty = isinstance(found, Obj) and not found.fields and not found.spreads  # `{ Api: {} }`: others put there what it holds
    return None if empty or isinstance(found, UnknownV) else found


def _of_window(ev: Evaluator, chain: str, name: str) -> AV | None:
    """The member of what the only file sets on the window under a chain of names, where that is an object of the repository."""
    found: list[tuple[Value, str]] = []
    for path in ev.world.naming(chain.rpartition(".")[2])[:MAX_FILES]:
        assigns = ev.world.view(path).facts.assigns
        found.extend((a.value, path) for a in assigns if a.owner == 0 and a.value is not None and dotted(a.target) == f"window.{chain}")
    held = ev.value(found[0][0], found[0][1], 0) if len(found) == 1 and isinstance(found[0][0], CallRef | Name) else None
    member = ev.member(held, name) if isinstance(held, InstV) else None
    return None if isinstance(member, UnknownV) else member


def _known_as(chain: str) -> str:
    """A chain with its first name as most scripts write it."""
    first, dot, rest = chain.partition(".")
    return _ALIASES.get(first, first) + dot + rest


def _written(ev: Evaluator, chain: str, name: str) -> AV | None:
    """The text under a key of the object that the only script of a page assigns to a chain: `Shop.urls = { list: "/orders" }`."""
    found: list[tuple[Value, str]] = []
    for path in ev.world.naming(name)[:MAX_FILES]:
        view = ev.world.view(path)
        for assign in view.facts.assigns if templates.is_shared(view) else ():
            if assign.owner == 0 and isinstance(assign.value, Record) and dotted(assign.target) in (chain, f"window.{chain}"):
                found.extend((item, path) for key, item in assign.value.items if key == name and isinstance(item, Lit | Concat))
    return ev.value(found[0][0], found[0][1], 0) if len(found) == 1 else None


def _made_at_once(ev: Evaluator, chain: str) -> AV | None:
    """The only value of that kind which the top of a script assigns to a chain of names."""
    found = []
    for path in ev.world.naming(chain.rpartition(".")[2])[:MAX_FILES]:
        view = ev.world.view(path)
        for assign in view.facts.assigns if templates.is_shared(view) else ():
            value = assign.value
            if assign.owner != 0 or not isinstance(value, CallRef) or not isinstance(view.facts.calls[value.call].callee, Func):
                continue
            if dotted(assign.target) in (chain, f"window.{chain}"):
                found.append((value, path))
    return ev.value(found[0][0], found[0][1], 0) if len(found) == 1 else None


def _puts(view: FileView, symbol: int, chain: str) -> bool:
    return templates.is_shared(view) and _holder(view, symbol) in (chain, f"window.{chain}")


def _holder(view: FileView, symbol: int) -> str | None:
    """The chain of names under whose last step a function is put: `Shop.Api` of `Shop.Api.load = function () {}`."""
    name = view.symbol(symbol).name
    for assign in view.facts.assigns:
        written = dotted(assign.target)
        if written is None or any((i, written.partition(".")[0]) in view.bindings for i in view.enclosing(assign.owner) if i > 0):
            continue
        if isinstance(assign.value, Func) and assign.value.symbol == symbol:
            return written.rpartition(".")[0] or None
        way = _way(assign.value, symbol, 0)
        if way is not None:
            return ".".join((written, *way[:-1])) if way[-1] == name else None
    return _merged_into(view, symbol)


def _merged_into(view: FileView, symbol: int) -> str | None:
    """The chain of names whose object is given a function together with others: `Shop.Api` of `$.extend(Shop, { Api: { load() {} } })`."""
    for call in view.facts.calls:
        if not isinstance(call.callee, Member) or call.callee.name not in _MERGING or not call.args:
            continue
        way = _way(call.args[-1].value, symbol, 0)
        holder = dotted(call.args[0].value if len(call.args) > 1 else call.callee.base) if way is not None else None
        if way is not None and holder is not None:
            return ".".join((_known_as(holder.removeprefix("window.")), *way[:-1]))
    return None


def _way(value: Value | None, symbol: int, depth: int) -> tuple[str, ...] | None:
    """The keys that lead to a function in an object that is written out."""
    if not isinstance(value, Record) or depth >= MAX_NESTED:
        return None
    for key, item in value.items:
        if key is None:
            continue
        if isinstance(item, Func) and item.symbol == symbol:
            return (key,)
        way = _way(item, symbol, depth + 1)
        if way is not None:
            return (key, *way)
    return None
