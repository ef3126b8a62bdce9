"""Overloads: several functions of one name beside each other, told apart by what a call gives to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Index, Member, Name, Symbol, Value
from backend_readiness.graph.values import AV, ClassV, Const, Ext, FuncV, InstV, Site, SymbolId, Text, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"blazor", "csharp", "elixir", "java", "kotlin", "scala"})
_INFERRED = frozenset({"blazor", "csharp"})  # languages that take type arguments from the values
_BY_COUNT = frozenset({"java", "kotlin"})
MAX_OVERLOADS = 24
_FACTORIES = frozenset({"fromstring", "valueof", "of", "from", "parse", "randomuuid", "newguid", "now"})  # they give their own class
_OF_TEXT = ("String", "string", "CharSequence")
_NUMBERS = ("int", "long", "Integer", "Long", "Int")
_TRUTHS = ("boolean", "Boolean", "bool")
_WRITTEN: dict[type, tuple[str, ...]] = {str: _OF_TEXT, int: _NUMBERS, bool: _TRUTHS, float: ("double", "Double", "float", "Float")}


def fitting(ev: Evaluator, function: FuncV, site: Site) -> FuncV:
    """The overload that the arguments of a call fit best; the function itself when it has none, or none fits better."""
    view = ev.world.view(function.symbol.file)
    symbol = view.symbol(function.symbol.index)
    if view.language not in LANGUAGES or not symbol.name:
        return function
    beside = [i for i in view.named_children.get((symbol.parent, symbol.name), ())[:MAX_OVERLOADS] if view.symbol(i).kind == symbol.kind]
    if len(beside) < 2:
        return function
    call = ev.world.view(site.file).facts.calls[site.call]
    skipped = 1 if function.self_value is not None else 0
    fits = [i for i in beside if _takes(view.symbol(i), call, skipped)]
    fits = fits or (_with_implicit(view, beside, call) if view.language == "scala" else [])
    if not fits:
        return function
    inferred = _by_written_bases(ev, view, fits, site, call, skipped) if view.language in _INFERRED and not call.type_args else []
    given = [i for i in fits if view.symbol(i).type_params == len(call.type_args)]
    if len(fits) > 1 and not inferred:
        classes = [_class_names(ev, site, call, n) for n in range(len(call.args))]
        same = {i: _same_types(view.symbol(i), classes, skipped) for i in fits}
        most = max(same.values())
        # elsewhere a type that is not given cannot be guessed
        fits = given if given and (view.language not in _INFERRED or any(same[i] == most for i in given)) else fits
        written = [_written_name(ev.world.view(site.file), a.value) for a in call.args]
        fits.sort(key=lambda i: (-same[i], -_called_alike(view.symbol(i), written, skipped), i != function.symbol.index))
    fits = inferred or fits
    best = SymbolId(function.symbol.file, fits[0])
    return function if best == function.symbol else FuncV(best, function.self_value, function.env)


def meant(ev: Evaluator, value: FuncV | ClassV, call: Call) -> list[SymbolId]:
    """The functions that a call of a name may mean: the overloads that take as many arguments, when the one at hand does not."""
    view = ev.world.view(value.symbol.file)
    symbol = view.symbol(value.symbol.index)
    if isinstance(value, ClassV) or view.language not in _BY_COUNT or _takes(symbol, call, 1):
        return [value.symbol]
    beside = [i for i in view.named_children.get((symbol.parent, symbol.name), ())[:MAX_OVERLOADS] if view.symbol(i).kind == symbol.kind]
    return [SymbolId(view.path, i) for i in beside if _takes(view.symbol(i), call, 1)] or [value.symbol]


def takes(ev: Evaluator, function: FuncV, call: Call) -> bool:
    """Does the function, or one beside it of its name, take as many arguments?"""
    view = ev.world.view(function.symbol.file)
    symbol = view.symbol(function.symbol.index)
    beside = view.named_children.get((symbol.parent, symbol.name), (function.symbol.index,))
    return symbol.kind != "function" or any(_takes(view.symbol(i), call, 1) for i in beside if view.symbol(i).kind == symbol.kind)


def _by_written_bases(ev: Evaluator, view: FileView, fits: list[int], site: Site, call: Call, skipped: int) -> list[int]:
    """Of `Send(ICommand c)` and `Send<T>(ICommand<T> c)` the one that the class of the argument says: `class Add : CommandBase<Guid>`."""
    if len(fits) < 2 or len(call.args) != 1 or len({view.symbol(i).type_params > 0 for i in fits}) < 2:
        return []
    formal = {i: (view.symbol(i).params[_formal(view.symbol(i), skipped)[0] :] or (None,))[0] for i in fits}
    types = {i: p.type for i, p in formal.items() if p is not None}
    if len({last_name(t.base if isinstance(t, Index) else t) for t in types.values() if t is not None}) != 1:
        return []
    given = [o for o in options(ev.value(call.args[0].value, site.file, call.owner, site.env)) if isinstance(o, InstV)]
    symbols = [ev.world.view(o.cls.symbol.file).symbol(o.cls.symbol.index) for o in given]
    if len(symbols) != 1 or symbols[0].kind == "interface" or not symbols[0].bases:
        return []
    is_about = any(isinstance(b, Index) for b in symbols[0].bases)
    return [i for i in fits if isinstance(types.get(i), Index) == is_about]


def property_meant(ev: Evaluator, callee: AV, site: Site) -> AV:
    """The property beside a method of its name that does not take what is given: `show(id)` with `fun show()` and `val show: Show`."""
    if not isinstance(callee, FuncV) or ev.world.view(callee.symbol.file).language != "kotlin":
        return callee
    view = ev.world.view(callee.symbol.file)
    symbol = view.symbol(callee.symbol.index)
    call = ev.world.view(site.file).facts.calls[site.call]
    beside = [view.symbol(i) for i in view.named_children.get((symbol.parent, symbol.name), ())]
    if symbol.kind != "method" or any(_takes(s, call, 0) for s in beside):
        return callee
    for index in view.named_children.get((symbol.parent, "constructor"), ()):
        for param in view.symbol(index).params:
            if param.name == symbol.name and param.field and param.type is not None:
                return ev.instance_of(param.type, view.path, symbol.parent)
    return callee


def _formal(symbol: Symbol, skipped: int) -> tuple[int, list[str]]:
    """How many parameters come before the arguments, and the names of the rest."""
    first = symbol.params[:1]
    before = 1 if first and (first[0].name == "self" or (first[0].kind == "this" and skipped)) else 0
    return before, [p.name for p in symbol.params[before:]]


def _takes(symbol: Symbol, call: Call, skipped: int) -> bool:
    before, names = _formal(symbol, skipped)
    formal = symbol.params[before:]
    if any(a.spread for a in call.args) or any(p.kind in ("*", "**") for p in formal):
        return len(call.args) >= sum(1 for p in formal if p.default is None and p.kind not in ("*", "**"))
    named = [a.name for a in call.args if a.name is not None]
    required = sum(1 for p in formal if p.default is None)
    return required <= len(call.args) <= len(formal) and all(n in names for n in named)


def _class_names(ev: Evaluator, site: Site, call: Call, position: int) -> frozenset[str]:
    written = call.args[position].value
    if isinstance(written, Member):  # a member of an enumeration, which is a number otherwise
        held = [o for o in options(ev.value(written.base, site.file, call.owner, site.env)) if isinstance(o, ClassV)]
        symbols = [ev.world.view(o.symbol.file).symbol(o.symbol.index) for o in held]
        if symbols and symbols[0].kind == "enum":
            return frozenset((symbols[0].name,))
    found = _names(ev, ev.value(written, site.file, call.owner, site.env))
    # what a caller leaves out, or gives without a type, has the type that is declared
    found = found or (_names(ev, ev.value(written, site.file, call.owner, None)) if site.env is not None else found)
    return found or _declared(ev.world.view(site.file), call.owner, written)


def _declared(view: FileView, owner: int, written: Value) -> frozenset[str]:
    """The name of the type of a parameter that is given as it is: what nobody gives to a handler has no value (`Drop(string id)`)."""
    symbols = [view.symbol(i) for i in view.enclosing(owner)] if isinstance(written, Name) else []
    param = next((p for s in symbols for p in s.params if isinstance(written, Name) and p.name == written.id), None)
    name = last_name(param.type) if param is not None and param.type is not None else None
    return frozenset((name,)) if name else frozenset()


def _names(ev: Evaluator, value: AV) -> frozenset[str]:
    found: set[str] = set()
    for option in options(value):
        if isinstance(option, InstV):
            found.add(ev.world.view(option.cls.symbol.file).symbol(option.cls.symbol.index).name)
        elif isinstance(option, Ext) and option.path.endswith("()"):  # an object of a class of a package, or `UUID.fromString(id)`
            holder, _, last = option.path[:-2].rpartition(".")
            made_by = holder.rpartition(".")[2] if last.lower() in _FACTORIES else ""
            found.update(n.lstrip("~?") for n in (last, made_by) if n)
        elif isinstance(option, Text):
            found.update(_OF_TEXT)
        elif isinstance(option, Const):
            found.update(_WRITTEN.get(type(option.value), ()))
    return frozenset(found)


def _with_implicit(view: FileView, beside: list[int], call: Call) -> list[int]:
    """The overloads with the fewest parameters that are not given: `find(id)(implicit db: Db)` is called with `find(id)`."""
    missing = {i: len(view.symbol(i).params) - len(call.args) for i in beside}
    least = min((n for n in missing.values() if n > 0), default=0)
    return [i for i, n in missing.items() if n == least > 0]


def _same_types(symbol: Symbol, classes: list[frozenset[str]], skipped: int) -> int:
    before, _ = _formal(symbol, skipped)
    types = [last_name(p.type) or "" for p in symbol.params[before:]]
    return sum(1 for written, given in zip(types, classes, strict=False) if written in given)


def _written_name(view: FileView, value: Value) -> str:
    """The last name of an argument, also of a property that is asked for like a call."""
    return last_name(view.facts.calls[value.call].callee if isinstance(value, CallRef) else value) or ""


def _called_alike(symbol: Symbol, written: list[str], skipped: int) -> int:
    """How many arguments are called like the parameter: `find(data.userId)` means `find(id)`, not `find(login)`, where no type tells."""
    _, names = _formal(symbol, skipped)
    return sum(1 for given, name in zip(written, names, strict=False) if name and given.lower().endswith(name.lower()))
