"""Lists that grow by being put together anew: `routes = routes.concat(require("./orders"))`, `routes = append(routes, orders...)`,
what `concat` gives by itself, lists that are spread into others, and rows that are put into one later (`handlers.append((r"/x", X))`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Arg, Assign, CallRef, Member, Name, Op, Seq, Value
from backend_readiness.graph.families import family
from backend_readiness.graph.values import AV, Env, FuncV, InstV, ListV, Site, Thunk, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

_GIVES_THE_LIST = frozenset({"go"})  # where adding to a list gives the longer list back
_GROWS_IN_PLACE = frozenset({"python"})
_ADDING = {"append": 0, "extend": 0, "insert": 1}
MAX_ARGS = 40
MAX_ITEMS = 2_000
MAX_MAPPED = 200


def written(ev: Evaluator, given: list[Thunk]) -> tuple[Thunk, ...]:
    """The items of a list as it is written: `[...orders, ...bills, show]` holds what the lists hold that are spread into it."""
    items: list[Thunk] = []
    for thunk in given:
        spread = thunk.expr if isinstance(thunk.expr, Op) and thunk.expr.op == "*" and len(thunk.expr.operands) == 1 else None
        inner = Thunk(thunk.file, thunk.owner, spread.operands[0], thunk.env) if spread is not None else thunk
        held = items_of(ev, inner) if spread is not None else (thunk,)
        items.extend((thunk,) if held == (inner,) else held)
    return tuple(items[:MAX_ITEMS])


def joined(ev: Evaluator, base: ListV, site: Site) -> ListV:
    """What `base.concat(a, b)` gives: the items of lists, and what is no list as one item."""
    call = ev.world.view(site.file).facts.calls[site.call]
    items = list(base.items)
    for arg in call.args[:MAX_ARGS]:
        items.extend(items_of(ev, Thunk(site.file, call.owner, arg.value, site.env)))
    return ListV(tuple(items[:MAX_ITEMS]))


def mapped(ev: Evaluator, base: ListV, site: Site) -> ListV | None:
    """What `base.map((item) => ({...item, path: "/api" + item.path}))` gives: the result of the function for each item."""
    from backend_readiness.graph.evaluation import params

    run = ev.arg_value(site, 0)
    if not isinstance(run, FuncV) or len(base.items) > MAX_MAPPED or family(ev.world.view(site.file).language) != "javascript":
        return None
    view = ev.world.view(run.symbol.file)
    symbol, returned = view.symbol(run.symbol.index), [r.value for r in view.returns.get(run.symbol.index, ()) if r.value is not None]
    if len(returned) != 1 or len(symbol.params) != 1:
        return None
    key = params.key_of(symbol.params[0], symbol)
    envs = (Env(run.symbol, {key: ev.thunk(item)}, None, run.env, 1) for item in base.items)
    return ListV(tuple(Thunk(run.symbol.file, run.symbol.index, returned[0], env) for env in envs))


def grown(ev: Evaluator, assign: Assign, view: FileView, scope: int, env: Env | None) -> AV | None:
    """The list that a name holds after `name = name.concat(...)`, of all that it was given before; None for any other assignment."""
    name = assign.target.id if isinstance(assign.target, Name) else ""
    if not name or family(view.language) not in ("javascript", "go") or _added(view, assign.value, name) is None:
        return None
    items: list[Thunk] = []
    for before, path in view.bindings.get((scope, name), ()):
        if path or before.value is None or before.start > assign.start:
            continue
        added_here = _added(view, before.value, name)
        if added_here is not None:
            for arg in added_here[:MAX_ARGS]:
                given = Thunk(view.path, scope, arg.value, env)
                items.extend(added(ev, given, arg) if view.language in _GIVES_THE_LIST else items_of(ev, given))
            continue
        first = next((o for o in options(ev.value(before.value, view.path, scope, env)) if isinstance(o, ListV)), None)
        if first is None:
            return None
        items = list(first.items)
    return ListV(tuple(items[:MAX_ITEMS]))


def with_later_rows(ev: Evaluator, value: AV, assign: Assign, view: FileView, scope: int, env: Env | None) -> AV:
    """The list that a name is given, with the rows that its function puts into it later: not in a loop, where each would be another one."""
    name = assign.target.id if isinstance(assign.target, Name) else ""
    if not isinstance(value, ListV) or not name or view.language not in _GROWS_IN_PLACE or assign.kind != "let":
        return value
    items = list(value.items)
    for start, thunk, is_list in sorted(_put_later(view, name, scope, env), key=lambda put: put[0]):
        if start > assign.start and not any(
            b.kind in ("loop", "comprehension") and b.start <= start < b.end for b in view.blocks_of[scope]
        ):
            found = items_of(ev, thunk) if is_list else (thunk,)
            items.extend(t for t in found if t != thunk or not is_list)
    return ListV(tuple(items[:MAX_ITEMS])) if len(items) > len(value.items) else value


def _put_later(view: FileView, name: str, scope: int, env: Env | None) -> Iterator[tuple[int, Thunk, bool]]:
    """Where rows are put into a list of that name: tuples, names of classes and functions, and lists of them."""
    for later, path in view.bindings.get((scope, name), ()):
        if later.kind == "aug" and later.value is not None and not path:
            yield later.start, Thunk(view.path, scope, later.value, env), True
    for verb, position in _ADDING.items():
        for number in view.calls_by_name.get(verb, ()):
            call = view.facts.calls[number]
            if call.owner != scope or call.callee != Member(Name(name), verb) or len(call.args) <= position:
                continue
            given = call.args[position].value
            if verb == "extend" or isinstance(given, Name | Member) or (isinstance(given, Seq) and len(given.items) > 1):
                yield call.start, Thunk(view.path, scope, given, env), verb == "extend"


def _added(view: FileView, value: Value | None, name: str) -> tuple[Arg, ...] | None:
    """What `name.concat(...)` or `append(name, ...)` adds."""
    call = view.facts.calls[value.call] if isinstance(value, CallRef) else None
    if call is not None and call.callee == Name("append") and call.args and call.args[0].value == Name(name):
        return call.args[1:]
    return call.args if call is not None and call.callee == Member(Name(name), "concat") else None


def added(ev: Evaluator, given: Thunk, arg: Arg) -> tuple[Thunk, ...]:
    """What an argument of `append` adds: the items of what is spread (`rows...`), or itself."""
    return items_of(ev, given) if arg.spread else (given,)


def items_of(ev: Evaluator, given: Thunk) -> tuple[Thunk, ...]:
    """The items of what is a list, also of one whose type has a name (`Routes{...}`); anything else is one item."""
    from backend_readiness.graph.evaluation import exports, loops
    from backend_readiness.graph.values import ModV

    for option in options(ev.thunk(given)):
        value = exports.module_value(ev, option.file) if isinstance(option, ModV) else option
        found = next((o for o in options(value) if isinstance(o, ListV)), None)
        if found is not None:
            return found.items
        named = loops.elements(ev, value) if isinstance(value, InstV) else []
        if named:
            return tuple(named)
    return (given,)
