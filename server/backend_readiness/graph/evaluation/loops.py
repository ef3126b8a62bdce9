"""Calls that a loop over a known list repeats: `routes.forEach(r => app.use(r.path, r.router))`, `for (const r of routes) ...`.

Each round is the call's site with the loop's variable bound, so that what belongs together stays together.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.facts.file_index import bound_names
from backend_readiness.facts.model import Assign, CallRef, Lit, Member, Op, Seq, Symbol, Value
from backend_readiness.graph.evaluation import declared_elements, kotlin_pairs, namespaces, params
from backend_readiness.graph.evaluation.elements import own_list
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, UNKNOWN, Const, Env, Ext, InstV, ListV, ModV, Obj, Site, SymbolId, Thunk, options, union
from backend_readiness.graph.views import FileView, callee_name

MAX_ROUNDS = 60
_REPEATING = frozenset({"loop", "comprehension"})
_OVER_TABLES = frozenset({"go", "php"})  # where a loop goes over a table as over a list
MAX_ALL = 400
# what calls a function for each element -> does it carry on a result, which is the first parameter?
_WITHOUT_RESULT = ("forEach", "ForEach", "foreach", "onEach", "map", "each", "flatMap", "filter")
_EACH = {**dict.fromkeys(_WITHOUT_RESULT, False), "reduce": True, "reduceRight": True}
_PAIRS_BY_CALL = frozenset({"python"})  # where a call gives the pairs of a table (`items()`)
_PAIRS_ALONE = frozenset({"elixir", "rust", "csharp"})  # where a loop over a table gives its pairs: `for {name, code} <- [ok: 200]`
_KEY_FIRST = frozenset({"ruby"})  # whose blocks are given the key of a table and then the value
_PAIRED = ("java.util.Map.of()", "com.google.common.collect.ImmutableMap.of()")
_MAPS = ("~Map()", "~WeakMap()")
_TABLE = "~Map()"  # of Scala, which no `new` makes: `Map("/orders" -> orders)`


def rounds(ev: Evaluator, view: FileView, number: int, within: Env | None = None) -> list[Site]:
    """The sites that one written call stands for: one for each round of the innermost loop over a known list, else itself."""
    call = view.facts.calls[number]
    envs = bindings(ev, view, call.owner, call.start, call.end, within)
    return [Site(view.path, number, env) for env in envs] if envs else [Site(view.path, number, None)]


def bindings(ev: Evaluator, view: FileView, owner: int, start: int, end: int, within: Env | None = None) -> list[Env]:
    """The bindings of each round of the loops over known lists around what is written there, the inner ones within the outer ones.

    `within`: what a call of the function around it has given.
    """
    envs: list[Env | None] = [within]
    for loop in reversed(_around(view, owner, start, end)):
        inner = [_within(view, loop[0], env, args) for env in envs for args in _rounds_of(ev, view, loop, env)]
        envs = [*inner[:MAX_ALL]] or envs
    return [e for e in envs if e is not None]


_Loop = tuple[int, "list[Assign] | int"]  # the symbol that binds the variables, and what its statement binds or the call of its callback


def _around(view: FileView, owner: int, start: int, end: int) -> list[_Loop]:
    """The loops around a place, the innermost first."""
    found: list[_Loop] = []
    for scope in view.enclosing(owner):
        found.extend((scope, head) for head in reversed(heads(view, scope, start, end)))
        passed = view.passed_in.get(scope)
        if passed is None or passed[2] is not None:
            continue
        outer = view.facts.calls[passed[0]]
        start, end = outer.start, outer.end
        if callee_name(outer) in _EACH and view.symbol(scope).params:
            found.append((scope, passed[0]))
    return found


def _rounds_of(ev: Evaluator, view: FileView, loop: _Loop, env: Env | None) -> list[dict[str, AV]]:
    scope, over = loop
    if not isinstance(over, int):
        return passes(ev, view, over, env)
    call, symbol = view.facts.calls[over], view.symbol(scope)
    position = view.passed_in[scope][1]
    if position == 1:  # `_.each(routers, (router, name) => ...)`
        value: AV | None = ev.value(call.args[0].value, view.path, call.owner, env)
    else:
        callee = ev.value(call.callee, view.path, call.owner, env)
        value = union([o.base for o in options(callee) if isinstance(o, Ext) and o.base is not None])
        if view.language in _KEY_FIRST and isinstance(call.callee, Member):
            value = ev.value(call.callee.base, view.path, call.owner, env)
            tables = [o for o in options(value) if isinstance(o, Obj)] if len(symbol.params) == 2 else []
            if tables:
                names = [params.key_of(p, symbol) for p in symbol.params]
                pairs = [(Const(k), ev.thunk(t)) for o in tables for k, t in o.fields.items()]
                return [dict(zip(names, pair, strict=True)) for pair in pairs[:MAX_ROUNDS]]
    paired = _of_pairs(ev, view, value, symbol)
    if paired:
        return paired
    folded = _EACH[callee_name(call) or ""]
    wanted = symbol.params[1:2] if folded else symbol.params[:1]
    keys = symbol.params[1:2] if not folded else ()
    found: list[dict[str, AV]] = []
    for key, thunk in list(_pairs(ev, value, tables=position == 1, turned=True))[:MAX_ROUNDS] if wanted else ():
        args = {params.key_of(wanted[0], symbol): ev.thunk(thunk)}
        args.update({params.key_of(k, symbol): Const(key) for k in keys if key is not None})
        if folded and len(call.args) > 1:
            args[params.key_of(symbol.params[0], symbol)] = ev.value(call.args[1].value, view.path, call.owner, env)
        found.append(args)
    listed = call.callee.base if isinstance(call.callee, Member) and not found and wanted and not folded else None
    several = declared_elements.of(ev, view, listed, call.owner) if listed is not None else []
    return found or [{params.key_of(wanted[0], symbol): made} for made in several]


def _of_pairs(ev: Evaluator, view: FileView, value: AV | None, symbol: Symbol) -> list[dict[str, AV]]:
    """The rounds over a table of Java, by key and value: `Map.of("/orders", orders).forEach((path, page) -> ...)`."""
    found: list[dict[str, AV]] = []
    for option in options(value) if value is not None else ():
        if isinstance(option, Ext) and option.site is not None and option.path in _PAIRED and len(symbol.params) == 2:
            given = ev.world.view(option.site.file).facts.calls[option.site.call]
            for key, item in zip(given.args[::2], given.args[1::2], strict=False):
                values = (ev.value(a.value, option.site.file, given.owner, option.site.env) for a in (key, item))
                found.append({params.key_of(p, symbol): v for p, v in zip(symbol.params, values, strict=True)})
        for written in kotlin_pairs.of_map(ev, option) if isinstance(option, Ext) and len(symbol.params) == 2 else ():
            both = ev.thunk(written)
            values = (ev.member(both, f"[{n}]") for n in range(2))
            found.append({params.key_of(p, symbol): v for p, v in zip(symbol.params, values, strict=True)})
    return found[:MAX_ROUNDS]


def _within(view: FileView, scope: int, env: Env | None, args: dict[str, AV]) -> Env:
    where = SymbolId(view.path, scope)
    same = env is not None and env.symbol == where
    return Env(where, {**(env.args if env is not None and same else {}), **args}, None, env.outer if env is not None and same else env, 1)


def heads(view: FileView, scope: int, start: int, end: int) -> list[list[Assign]]:
    """What the loops of a symbol around a place bind in each pass, the outermost first."""
    found: list[list[Assign]] = []
    for block in view.blocks_of.get(scope, ()):
        if block.kind in _REPEATING and block.start <= start <= end <= block.end:
            bound = [
                a for a in view.facts.assigns if a.kind == "for" and a.owner == scope and block.start <= a.start < block.end and a.value
            ]
            # the clauses of a comprehension; of a statement, what is bound further in is that of a loop in its body
            inner = (b for b in view.blocks_of[scope] if b.kind == "comprehension" and block.start < b.start < block.end)
            others = [b for b in inner if not b.start <= start <= end <= b.end]
            starts = list(dict.fromkeys(a.start for a in bound if not any(b.start <= a.start < b.end for b in others)))
            own = starts if block.kind == "comprehension" else starts[:1]
            found.extend([[a for a in bound if a.start == first] for first in own])
    return found


def passes(ev: Evaluator, view: FileView, head: list[Assign], env: Env | None = None) -> list[dict[str, AV]]:
    """What the variables of one loop are in each pass over a list, or over a table, that is written out."""
    keyed = {n for a in head if isinstance(a.value, Op) and a.value.op == "keys" for n, _ in bound_names(a.target)}
    items = next((a for a in head if not (isinstance(a.value, Op) and a.value.op == "keys")), None)
    first = items.value if items is not None else head[0].value
    over = first.operands[0] if items is None and isinstance(first, Op) else first
    found: list[dict[str, AV]] = []
    if over is None:
        return found
    tables = view.language in _OVER_TABLES or items is None  # `for (const name in routers)`
    pairs = _of_table(ev, view, over, head[0].owner, env)
    counted = view.language in _OVER_TABLES  # `for i := range routes { mux.Handle(routes[i].path, ...) }`
    every = (pairs or list(_pairs(ev, ev.value(over, view.path, head[0].owner, env), tables=tables)))[:MAX_ROUNDS]
    for number, (key, item) in enumerate(every):
        named = Const(number) if key is None and counted else UNKNOWN if key is None or key.startswith("?") else Const(key)
        named = (
            UNKNOWN if key is None and _is_declared(item) else named
        )  # `for name, shelf := range config.Shelves` of a `map[string]Shelf`
        args: dict[str, AV] = dict.fromkeys(keyed, named)
        for name, path in bound_names(items.target) if items is not None else ():
            value = ev.thunk(item)
            for step in path:
                value = ev.member(value, step)
            args[name] = value
        found.append(args)
    names = [n for n, path in bound_names(items.target) if not path] if items is not None and not found else []
    return found or [{names[0]: made} for made in declared_elements.of(ev, view, over, head[0].owner) if len(names) == 1]


def _is_declared(item: Thunk) -> bool:
    """Is it what the type says of any element, and none that is written out?"""
    return isinstance(item.expr, Op) and item.expr.op == "as" and item.expr.operands[0] == Lit(None)


def _of_table(ev: Evaluator, view: FileView, over: Value, owner: int, env: Env | None) -> list[tuple[str | None, Thunk]]:
    """The passes over a table that is written out: `for path, handler in HANDLERS.items()`, `for {path, handler} <- @handlers`."""
    if view.language in _PAIRS_ALONE:
        tables = [o for o in options(params.given_by_callers(ev, ev.value(over, view.path, owner, env))) if isinstance(o, Obj)]
        return [(None, Thunk(t.file, t.owner, Seq((Lit(k), t.expr)), t.env)) for o in tables for k, t in o.fields.items()]
    call = view.facts.calls[over.call] if isinstance(over, CallRef) and view.language in _PAIRS_BY_CALL else None
    callee = call.callee if call is not None and not call.args else None
    if not isinstance(callee, Member) or callee.name not in ("items", "values", "keys"):
        return []
    found: list[tuple[str | None, Thunk]] = []
    for option in options(params.given_by_callers(ev, ev.value(callee.base, view.path, owner, env))):
        for key, thunk in option.fields.items() if isinstance(option, Obj) else ():
            name = Thunk(thunk.file, 0, Lit(key), None)
            both = Thunk(thunk.file, thunk.owner, Seq((Lit(key), thunk.expr)), thunk.env)
            found.append((None, {"items": both, "values": thunk, "keys": name}[callee.name]))
    return found


def _pairs(ev: Evaluator, value: AV | None, *, tables: bool, turned: bool = False) -> Iterator[tuple[str | None, Thunk]]:
    """Key and value of each pass; a list has no keys that say anything. `turned`: the pairs of a map are given value first."""
    for option in options(params.given_by_callers(ev, value)) if value is not None else ():
        if tables and isinstance(option, Obj):
            yield from option.fields.items()
        elif tables and isinstance(option, ModV):
            yield from namespaces.given(ev, option)
        elif turned and isinstance(option, Ext) and option.path in _MAPS and (option.site is None or _is_made_new(ev, option.site)):
            yield from _entries(ev, option)
        else:
            yield from ((None, item) for item in _elements(ev, option))


def _entries(ev: Evaluator, made: Ext) -> Iterator[tuple[str, Thunk]]:
    """The pairs of `new Map([["/orders", orders]])`."""
    for item in _elements(ev, made):
        parts = item.expr.items if isinstance(item.expr, Seq) else ()
        key = ev.value(parts[0], item.file, item.owner, item.env) if len(parts) == 2 else None
        if isinstance(key, Const) and isinstance(key.value, str):
            yield key.value, Thunk(item.file, item.owner, parts[1], item.env)


def _as_pair(item: Thunk) -> Thunk:
    """`"/orders" -> new Orders` as a pair."""
    pair = item.expr.operands if isinstance(item.expr, Op) and item.expr.op == "->" else ()
    return Thunk(item.file, item.owner, Seq(pair), item.env) if len(pair) == 2 else item


def _is_made_new(ev: Evaluator, site: Site) -> bool:
    return ev.world.view(site.file).facts.calls[site.call].kind == "new"


def _counted(ev: Evaluator, site: Site) -> range:
    """The numbers of `range(1, 3)`, where they are written out."""
    given = [ev.arg_value(site, n) for n in range(3)]
    ends = [g.value for g in given if isinstance(g, Const) and isinstance(g.value, int)]
    known = ends and len(ends) == sum(g is not None for g in given) and (len(ends) < 3 or ends[2] != 0)
    return range(*ends)[:MAX_ROUNDS] if known else range(0)


def elements(ev: Evaluator, value: AV) -> list[Thunk]:
    """The elements of a list that is written out; `Object.entries(o)` and `Object.values(o)` of an object that is."""
    return list(_elements(ev, value))


def _elements(ev: Evaluator, value: AV) -> Iterator[Thunk]:
    for option in options(params.given_by_callers(ev, value)):
        if isinstance(option, ListV):
            yield from (kotlin_pairs.pair(ev, _as_pair(t)) for t in option.items)
        elif isinstance(option, Ext) and (written := kotlin_pairs.of_map(ev, option)):
            yield from written
        elif isinstance(option, Ext) and option.path == _TABLE and option.site is not None and not _is_made_new(ev, option.site):
            call = ev.world.view(option.site.file).facts.calls[option.site.call]
            yield from (_as_pair(Thunk(option.site.file, call.owner, a.value, option.site.env)) for a in call.args)
        elif isinstance(option, InstV) and option.site is not None and own_list(ev, option.cls) is not None:  # `Routes{{...}, {...}}`
            call = ev.world.view(option.site.file).facts.calls[option.site.call]
            yield from (Thunk(option.site.file, call.owner, a.value, option.site.env) for a in call.args if a.name is None)
        elif isinstance(option, Ext) and option.site is not None and option.path in _MAPS:
            listed = ev.arg_value(option.site, 0)
            yield from listed.items if isinstance(listed, ListV) else ()
        elif isinstance(option, Ext) and option.site is not None and option.path == "~range()":
            yield from (Thunk(option.site.file, 0, Lit(n), None) for n in _counted(ev, option.site))
        elif (
            isinstance(option, Ext)
            and option.site is not None
            and option.path in ("~Object.entries()", "~Object.values()", "~Object.keys()")
        ):
            of = ev.arg_value(option.site, 0)
            for key, thunk in of.fields.items() if isinstance(of, Obj) else namespaces.given(ev, of) if isinstance(of, ModV) else ():
                if option.path == "~Object.values()":
                    yield thunk
                elif option.path == "~Object.keys()":
                    yield Thunk(thunk.file, 0, Lit(key), None)
                else:
                    yield Thunk(thunk.file, thunk.owner, Seq((Lit(key), thunk.expr)), thunk.env)
