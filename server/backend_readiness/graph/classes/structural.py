"""Classes that implement an interface by having its methods, in languages where no class says so (Go)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Index, Lit, Name, Value
from backend_readiness.graph.classes import inheritance, parts
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, SymbolId, options
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_ADDRESSES = frozenset({"url", "uri"})
_PLAIN = frozenset({"string", "number", "boolean"})
_PICKS = frozenset({"Omit", "Pick", "Partial", "Required", "Readonly"})
LANGUAGES = frozenset({"go"})
MAX_CANDIDATES = 60
MAX_EMBEDDED = 12
MAX_NESTED = 2


def implementers(ev: Evaluator, interface: ClassV) -> list[ClassV]:
    """The classes of production code that have all methods of the interface; none for an interface without methods."""
    view = ev.world.view(interface.symbol.file)
    if view.language not in LANGUAGES or view.symbol(interface.symbol.index).kind != "interface":
        return []
    wanted = method_names(ev, interface)
    if not wanted:
        return []
    defined = {name: [w for w in ev.world.defining(name) if is_production(w.file)] for name in sorted(wanted)}
    found: dict[SymbolId, ClassV] = {}
    seen: set[SymbolId] = set()
    rarest_first: list[list[SymbolId]] = sorted(defined.values(), key=len)
    for where in chain.from_iterable(rarest_first):  # a class may have the rarest from what it embeds
        holder = ev.world.view(where.file).symbol(where.index).parent
        if holder <= 0 or ev.world.view(where.file).symbol(holder).kind != "class":
            continue
        owner = parts.declared(ev, SymbolId(where.file, holder))
        if owner not in seen and wanted <= method_names(ev, ClassV(owner)) and _takes_alike(ev, interface, ClassV(owner)):
            found[owner] = ClassV(owner)
        seen.add(owner)
        if len(seen) >= MAX_CANDIDATES:
            break
    return list(found.values())


def _takes_alike(ev: Evaluator, interface: ClassV, cls: ClassV) -> bool:
    """Do the methods that both write themselves take as many values? A client may have all names of the server that it calls."""
    own = _taken(ev, cls)
    return all(own.get(name, count) == count for name, count in _taken(ev, interface).items())


def _taken(ev: Evaluator, cls: ClassV) -> dict[str, int]:
    """Name of a method that the class or interface writes itself -> how many parameters it has."""
    found: dict[str, int] = {}
    for part in parts.parts(ev, cls):
        view = ev.world.view(part.file)
        for index in view.children.get(part.index, ()):
            symbol = view.symbol(index)
            if symbol.kind == "method":
                found[symbol.name] = sum(p.name != "self" for p in symbol.params)
    return found


def method_names(ev: Evaluator, cls: ClassV) -> frozenset[str]:
    """The names of the methods that a class or interface has, its own and those of what it embeds; of a class, embedded classes only."""
    known = ev.method_names.get(cls.symbol)
    if known is not None:
        return known
    found: set[str] = set()
    queue, seen = [cls], {cls.symbol}
    of_interface = ev.world.view(cls.symbol.file).symbol(cls.symbol.index).kind == "interface"
    while queue and len(seen) < MAX_EMBEDDED:
        current = queue.pop(0)
        for part in parts.parts(ev, current):
            view = ev.world.view(part.file)
            found.update(view.symbol(i).name for i in view.children.get(part.index, ()) if view.symbol(i).kind == "method")
        view = ev.world.view(current.symbol.file)
        for expr in view.symbol(current.symbol.index).bases:
            for base in inheritance.base_values(ev, expr, view, current.symbol.index):
                kind = ev.world.view(base.symbol.file).symbol(base.symbol.index).kind if isinstance(base, ClassV) else ""
                if isinstance(base, ClassV) and base.symbol not in seen and (kind == "interface") == of_interface:
                    seen.add(base.symbol)
                    queue.append(base)
    ev.method_names[cls.symbol] = frozenset(found)
    return ev.method_names[cls.symbol]


def is_one_of_several(ev: Evaluator, typed: AV) -> bool:
    """Does the type leave open which one it is? A router has the prefix that it was made with, an interface one of several classes."""
    if isinstance(typed, Ext):
        return ev.world.is_router_type(typed.path)
    if isinstance(typed, InstV):
        view = ev.world.view(typed.cls.symbol.file)
        is_interface = view.language in LANGUAGES and view.symbol(typed.cls.symbol.index).kind == "interface"
        return is_interface and len(inheritance.implementers(ev, typed.cls)) != 1
    return False


def only_names_fields(ev: Evaluator, value: AV, depth: int = 0) -> bool:
    """Is it an instance of an interface or a type that only says which keys an object has: texts and numbers, objects of such keys, and
    nothing that could be a client? One with an address describes a request, whatever else goes with it."""
    if not isinstance(value, InstV) or depth > MAX_NESTED:
        return False
    view = ev.world.view(value.cls.symbol.file)
    index = value.cls.symbol.index
    if view.symbol(index).kind not in ("interface", "type") or view.children.get(index):
        return False
    every = [b for b in view.symbol(index).bases if not _is_part(b)]
    bases = [o for b in every if not _picks_keys(b) for o in options(ev.instance_of(b, view.path, 0)) or (value,)]
    bases += [o for b in every if _picks_keys(b) for o in options(ev.instance_of(b, view.path, 0)) if isinstance(o, InstV)]
    if not all(_is_described(ev, base, depth) for base in bases):
        return False
    fields = view.assigns_of.get(index, ())
    if any(_is_plain(a) and isinstance(a.target, Name) and a.target.id in _ADDRESSES for a in fields):
        return True
    said = len(bases)
    for field in fields:
        held = () if field.type is None or _is_plain(field) else options(ev.instance_of(field.type, view.path, 0))
        described = _is_plain(field) or (bool(held) and all(only_names_fields(ev, v, depth + 1) for v in held))
        if field.type is None or not (described or _is_no_client(ev, tuple(held))):
            return False
        said += described
    return said > 0


def _is_part(base: Value) -> bool:
    """Is it the type of one key of another type: `Context["options"]`? What it says is not about requests."""
    return isinstance(base, Index) and isinstance(base.key, Lit) and isinstance(base.key.value, str)


def _picks_keys(base: Value) -> bool:
    """Is it a type that names some keys of another one: `Omit<FetchOptions, "baseURL">`?"""
    return isinstance(base, Index) and isinstance(base.base, Name) and base.base.id in _PICKS


def _is_described(ev: Evaluator, base: AV, depth: int) -> bool:
    """May an interface that says more than this one still describe a request: `interface Options extends RequestInit { host?: string }`?"""
    known = isinstance(base, Ext) and (ev.world.is_client_type(base.path) or ev.world.is_spoken_of(base.path))
    return (isinstance(base, Ext) and not known) or only_names_fields(ev, base, depth + 1)


def _is_plain(field: Assign) -> bool:
    return isinstance(field.type, Name) and field.type.id in _PLAIN


def _is_no_client(ev: Evaluator, held: tuple[AV, ...]) -> bool:
    """Is what a field holds neither an object of the repository nor something that requests are sent with?"""
    return not any(isinstance(v, InstV | ClassV) or (isinstance(v, Ext) and ev.world.is_client_type(v.path)) for v in held)
