"""Parameters of functions that are passed on: what those who run them give to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Call, CallRef, Func, Index, Member, Name, Param, Seq, Symbol, Value
from backend_readiness.graph.evaluation import lambda_receivers
from backend_readiness.graph.values import AV, UNKNOWN, Ext, FuncV, InstV, Site, SymbolId, options, union
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import signs
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_FILES = 60
MAX_GIVEN = 12
MAX_HANDED_ON = 2
_FUNCTIONS = frozenset(signs("callbacks", "functions"))
_CARRIERS = frozenset(signs("callbacks", "carriers"))
_CARRIED_TO = frozenset(signs("callbacks", "carried_to"))
_DECLARING = frozenset({"java", "kotlin"})
# Methods that call their argument with the elements of what they are called on.
_ELEMENTWISE = {
    "map", "forEach", "filter", "find", "some", "every", "flatMap", "each", "all?", "any?", "collect", "detect", "each_with_index",
    "find_each", "flat_map", "group_by", "index_by", "reject", "select", "sort_by",
}  # fmt: skip


def from_elsewhere(given: AV, typed: AV) -> bool:
    """Does a package that has nothing to do with the type of the parameter run the function (`fx.Provide(NewRouter)`)?

    It hands on what others make, as a container does: the type says what that is.
    """
    return (
        isinstance(given, Ext)
        and isinstance(typed, Ext)
        and typed.known
        and given.path.endswith(">")
        and _owner(given.path) != _owner(typed.path)
    )


def _owner(path: str) -> str:
    """Who a package is from: `go.uber.org/fx` of `go.uber.org/fx.Provide(0)<0>`, `github.com/gogf` of `github.com/gogf/gf/net/ghttp.X`."""
    first, slash, rest = path.partition("(")[0].partition("/")
    return f"{first}{slash}{rest.partition('/')[0].partition('.')[0]}" if slash else first.partition(".")[0]


def given_to(ev: Evaluator, where: SymbolId, passed: tuple[int, int, str | None], position: int) -> AV:
    """The parameter of a function that is written as an argument: `base.then(x => ...)`, `list.map(x => ...)`."""
    view = ev.world.view(where.file)
    call = view.facts.calls[passed[0]]
    name = callee_name(call)
    found = union([_given_back(ev, c, where.file, passed, position, name) for c in options(ev.value(call.callee, where.file, call.owner))])
    if position or passed[1] or name not in _CARRIED_TO or not (found == UNKNOWN or (isinstance(found, Ext) and _is_left_open(ev, found))):
        return found
    return _carried(ev, view, call) or found


def _is_left_open(ev: Evaluator, given: Ext) -> bool:
    """Is it what a package gives, or an element of what it gives, of which no card speaks?"""
    return given.path.endswith(">") or (given.path.endswith("()[]") and not ev.world.is_spoken_of(given.path))


def _carried(ev: Evaluator, view: FileView, call: Call) -> AV | None:
    """What the function before a step is declared to give later: `connect().compose(c -> ...)` of `Future<Connection> connect()`."""
    base = call.callee.base if isinstance(call.callee, Member) else None
    if not isinstance(base, CallRef) or view.language not in _DECLARING:
        return None
    inner = view.facts.calls[base.call]
    for option in options(ev.value(inner.callee, view.path, inner.owner)):
        written = ev.world.view(option.symbol.file).symbol(option.symbol.index).returns if isinstance(option, FuncV) else None
        if isinstance(option, FuncV) and isinstance(written, Index) and last_name(written.base) in _CARRIERS:
            given = ev.instance_of(written.key, option.symbol.file, option.symbol.index)
            if isinstance(given, InstV) or (isinstance(given, Ext) and given.known):
                return given
    return None


def _given_back(ev: Evaluator, callee: AV, file: str, passed: tuple[int, int, str | None], position: int, name: str | None) -> AV:
    """What one callee gives to a function that is passed to it."""
    index, argument, key = passed
    if isinstance(callee, FuncV) and key is None:
        return _from_inside(ev, callee, argument, position)
    if isinstance(callee, Ext):
        base = callee.base
        if base is not None and position == 0 and argument == 0:
            if name == "then":
                return base
            if name in _ELEMENTWISE:
                return _element(ev, ev.element_of(base), file, index)
            if name in lambda_receivers.HANDING_RECEIVER and ev.world.view(file).language in lambda_receivers.LANGUAGES:
                return base
        chosen_from = _chosen_from(ev, callee, Site(file, index, None), argument) if position == 0 else None
        if chosen_from is not None:
            return chosen_from
        if any(r.take == "arg" and r.value.arg == argument for r in ev.world.call_values(callee.path)):
            # `useCallback(f)` is `f`: it gives nothing to it, those who call the result do
            return (_chosen_further(ev, file, index) if position == 0 else None) or UNKNOWN
        if callee.known:
            step = f"({argument}:{key})" if key else f"({argument})"
            alias = f"{callee.alias}{step}<{position}>" if callee.alias else ""
            return Ext(f"{callee.path}{step}<{position}>", callee, Site(file, index, None), callee.subject, alias)
    return UNKNOWN


def _chosen_from(ev: Evaluator, callee: Ext, site: Site, argument: int) -> AV | None:
    """What a selector chooses from: `useStore((state) => state.add)` is given what `useStore()` would give, and what is given to
    `Enqueue<Report>(r => r.Send())` one of the class that the call names; None for any other function.
    """
    from backend_readiness.graph.references import argument_value

    rule = next((r for r in ev.world.call_values(callee.path) if r.take == "chosen"), None)
    if rule is None or (argument > 0 and rule.value.type_arg is None):
        return None
    made = argument_value(ev, site, rule.value, callee)
    return union([ev.invoke(v) for v in options(made)]) if made is not None else None


def _chosen_further(ev: Evaluator, file: str, index: int) -> AV | None:
    """The same of a selector that a call hands on as it is: `useStore(useShallow((state) => ({ add: state.add })))`."""
    view = ev.world.view(file)
    for number, call in enumerate(view.facts.calls):
        if not call.args or call.args[0].value != CallRef(index):
            continue
        callees = options(ev.value(call.callee, file, call.owner))
        chosen = (_chosen_from(ev, c, Site(file, number, None), 0) for c in callees if isinstance(c, Ext))
        return next((c for c in chosen if c is not None), None)
    return None


def _element(ev: Evaluator, element: AV, file: str, index: int) -> AV:
    """An element of what the call at `index` goes over: one of each class that the type of the list says, where none fills it in sight."""
    from backend_readiness.graph.evaluation import declared_elements

    view = ev.world.view(file)
    call = view.facts.calls[index]
    is_open = not isinstance(element, Ext) or element.path.endswith("[]")
    several = declared_elements.of(ev, view, call.callee.base, call.owner) if is_open and isinstance(call.callee, Member) else []
    return union(several) if several and not isinstance(element, InstV) else element


def _from_inside(ev: Evaluator, callee: FuncV, argument: int, position: int, depth: int = 0) -> AV:
    """The function takes a callback and calls it, or hands it on to one that does: what does it pass at `position`?"""
    view = ev.world.view(callee.symbol.file)
    symbol = view.symbol(callee.symbol.index)
    formal = [p for p in symbol.params if p.name != "self"]
    if argument >= len(formal) or not formal[argument].name:
        return UNKNOWN
    values = []
    for index in view.calls_by_name.get(formal[argument].name, ())[:4]:
        call = view.facts.calls[index]
        if callee.symbol.index in view.enclosing(call.owner):
            thunk = ev.arg_thunk(Site(callee.symbol.file, index, None), position)
            if thunk is not None:
                values.append(ev.thunk(thunk))
    if not values and depth < MAX_HANDED_ON:
        values = list(_from_further(ev, callee, formal[argument].name, position, depth + 1))
    return union(values) if values else _declared(ev, callee.symbol, formal[argument].type, position)


def _declared(ev: Evaluator, where: SymbolId, written: Value | None, position: int) -> AV:
    """What the type of the parameter says that such a function is given: `Consumer<Connection>`."""
    if not isinstance(written, Index) or not isinstance(written.base, Name) or written.base.id not in _FUNCTIONS:
        return UNKNOWN
    items = written.key.items if isinstance(written.key, Seq) else (written.key,)
    return ev.instance_of(items[position], where.file, where.index) if position < len(items) else UNKNOWN


def _from_further(ev: Evaluator, callee: FuncV, name: str, position: int, depth: int) -> Iterator[AV]:
    """What functions pass to a callback that this one hands on to them: `RunOn(addr, create)` in `Run(create)`."""
    view = ev.world.view(callee.symbol.file)
    for number in view.calls_of.get(callee.symbol.index, ())[:MAX_GIVEN]:
        call = view.facts.calls[number]
        at = next((i for i, a in enumerate(call.args) if a.value == Name(name) and a.name is None), None)
        for further in options(ev.value(call.callee, view.path, call.owner)) if at is not None else ():
            if isinstance(further, FuncV) and further.symbol != callee.symbol and at is not None:
                yield _from_inside(ev, further, at, position, depth)


def handed_over(ev: Evaluator, where: SymbolId, symbol: Symbol, param: Param) -> AV:
    """What those give to a function that get it by its name: `router.Route("/orders", orders.Routes)`.

    One without a name goes by that of the function which makes it: `router.Route("/orders", orders.NewRoutes(store))`.
    """
    position = symbol.params.index(param) - (1 if symbol.params[0].name == "self" else 0)
    found: list[AV] = []
    name = symbol.name or _maker(ev, where)
    files = ev.world.naming(name) if name else ()
    for file in files if len(files) <= MAX_FILES else ():
        view = ev.world.view(file)
        for number, call in enumerate(view.facts.calls if not is_test(file) else ()):
            for at, arg in enumerate(call.args):
                made = arg.value if symbol.name or not isinstance(arg.value, CallRef) else view.facts.calls[arg.value.call].callee
                given = ev.value(arg.value, file, call.owner) if last_name(made) == name else UNKNOWN
                if any(isinstance(v, FuncV) and v.symbol == where for v in options(given)):
                    callees = options(ev.value(call.callee, file, call.owner))
                    found.extend(_given_back(ev, c, file, (number, at, arg.name), position, callee_name(call)) for c in callees)
    return union(found[:MAX_GIVEN]) if found else UNKNOWN


def _maker(ev: Evaluator, where: SymbolId) -> str:
    """The name of the function that returns the one without a name; empty when it is written for something else."""
    view = ev.world.view(where.file)
    outer = view.symbol(where.index).parent
    returned = outer > 0 and any(r.value == Func(where.index) for r in view.returns.get(outer, ()))
    return view.symbol(outer).name if returned else ""


def typed_by_use(ev: Evaluator, where: SymbolId, position: int) -> AV:
    """The parameter of a function without a name that a method returns, whose written type gives a router: `Type()<0>`."""
    view = ev.world.view(where.file)
    outer = view.symbol(where.index).parent
    if outer <= 0 or view.symbol(outer).returns is None or not any(r.value == Func(where.index) for r in view.returns.get(outer, ())):
        return UNKNOWN
    written = view.symbol(outer).returns
    typed = ev.instance_of(written, where.file, max(0, view.symbol(outer).parent)) if written is not None else UNKNOWN
    found = [Ext(f"{t.path}<{position}>", t) for t in options(typed) if isinstance(t, Ext) and t.known and t.path.endswith("()")]
    return union([f for f in found if ev.world.is_router_type(f.path)])
