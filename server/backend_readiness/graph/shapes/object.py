"""Routes in nested objects: `router({ user: router({ byId: procedure.query(show) }) })` is the procedure `user.byId`.

Options of the rule: `ends` are the calls that end a procedure, with their handler as first argument; with `functions` a function itself is
a procedure (`methods({ addOrder(order) {} })`); `merge` are calls that join
routers; `guard` names the step of a procedure's chain that puts a function before it, `checks` the one that gives it a schema of its input,
of which those of `unchecking` say nothing; `lazy` are results of calls that load a module when
its router is first asked for. `export`, with the files of `glob`: the outermost object is what they export under that name, and `prefix`
stands before its names.
`told` says how routers are taken by steps of chains, and under which path procedures are served (`graph.routes.told_procedures`); a hit
of a rule that `serves` is where a router is served, with the path at `prefix` before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.patterns import compiled, last_step
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import Guard, Registration, call_place
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.told_procedures import addresses, router_of
from backend_readiness.graph.urls import join
from backend_readiness.graph.values import AV, Ext, FuncV, ModV, Obj, Site, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule

MAX_DEPTH = 8
MAX_PROCEDURES = 2_000
MAX_FILES = 20


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        rules = [r for r in card.routes if r.shape == "object"]
        hits = [h for h in scan.hits.get("object", ()) if h.card.id == card.id] if rules else []
        for rule in (r for r in rules if r.glob and hits):
            _exported(scan, rule, hits[0])
        hits = [h for h in hits if not h.rule.glob and not h.rule.options.get("serves")]
        trees = [(h, list(_leaves(scan, h, _value(h), "", "", 0))) for h in hits]
        inner = {s for h, _ in trees for s in _nested(scan, h, _value(h), 0) if s != (h.site.file, h.site.call)}
        for hit, leaves in trees:
            if (hit.site.file, hit.site.call) not in inner:
                for path, before, leaf in leaves[:MAX_PROCEDURES]:
                    _register(scan, hit, path, leaf, before)


def _exported(scan: Scan, rule: RouteRule, hit: Hit) -> None:
    """The procedures of what the files of the rule export under a name (`export`): nothing else holds them together."""
    files = [f for f in scan.graph.production if any(fnmatch(f, g) for g in rule.glob)]
    for file in files[:MAX_FILES]:
        value = exports.exported(scan.graph.ev, file, str(rule.options["export"]))
        for option in options(value) if value is not None else ():
            for path, _, leaf in list(_leaves(scan, hit, option, "", "", 0))[:MAX_PROCEDURES]:
                _register(scan, hit, f"{rule.options.get('prefix', '')}{path}", leaf)


def _value(hit: Hit) -> Ext:
    return Ext(f"{hit.callee.path}()", hit.callee, hit.site)


def _is_router(scan: Scan, hit: Hit, value: Ext) -> bool:
    return any(compiled(f"{p}()").fullmatch(value.path) for p in scan.graph.knowledge.patterns(hit.card, hit.rule.callee))


def _fields(scan: Scan, hit: Hit, value: AV) -> Iterator[tuple[str, AV]]:
    """The named parts of a router value, of a plain object, or of routers that are merged."""
    if isinstance(value, Ext) and value.site is not None and _is_router(scan, hit, value):
        call = scan.graph.view(value.site.file).facts.calls[value.site.call]
        merged = last_step(value.path) in hit.rule.options.get("merge", ())
        for arg in call.args if merged else call.args[:1]:
            for option in options(scan.graph.ev.value(arg.value, value.site.file, call.owner, value.site.env)):
                yield from _fields(scan, hit, option)
    elif isinstance(value, Obj):
        for name, thunk in value.fields.items():
            yield name, scan.graph.ev.thunk(thunk)
        for spread in value.spreads[:20]:
            for option in options(scan.graph.ev.thunk(spread)):
                yield from _fields(scan, hit, option)
    elif isinstance(value, ModV):  # `{ ...require("./orders") }`
        for name in list(scan.graph.view(value.file).exports)[:MAX_PROCEDURES]:
            exported = exports.exported(scan.graph.ev, value.file, name) if name not in ("=", "default", "*") else None
            if exported is not None:
                yield name, exported


def _loaded(scan: Scan, hit: Hit, value: AV) -> Iterator[AV]:
    """The options of a value; of a router that is loaded late (`lazy(() => import("./orders"))`) the one that its module exports."""
    for option in options(value):
        function = None
        if isinstance(option, Ext) and option.site is not None and option.path in hit.rule.options.get("lazy", ()):
            function = scan.graph.ev.arg_value(option.site, 0)
        if not isinstance(function, FuncV):
            yield option
            continue
        where = function.symbol
        for item in scan.graph.view(where.file).returns.get(where.index, ()) if function is not None else ():
            for given in options(scan.graph.ev.value(item.value, where.file, where.index)) if item.value is not None else ():
                yield from (_routers(scan, hit, given) if isinstance(given, ModV) else (given,))


def _routers(scan: Scan, hit: Hit, module: ModV) -> Iterator[AV]:
    """The default export of a module, else its only router."""
    names = [n for n in scan.graph.view(module.file).exports if n not in ("=", "*")]
    given = [exports.exported(scan.graph.ev, module.file, n) for n in (["default"] if "default" in names else names[:40])]
    found = [o for g in given if g is not None for o in options(g) if isinstance(o, Ext) and _is_router(scan, hit, o)]
    yield from found if len(found) == 1 else ()


def _leaves(scan: Scan, hit: Hit, value: AV, path: str, before: str, depth: int) -> Iterator[tuple[str, str, Ext | FuncV]]:
    """The procedures of a router: the names that lead to each, and what the routers around put before its path."""
    if depth > MAX_DEPTH:
        return
    inner = router_of(scan, hit, value) if isinstance(value, Ext) else None
    if inner is not None:
        for option in options(inner[0]):
            yield from _leaves(scan, hit, option, path, join(before, inner[1], keep_root=False), depth + 1)
        return
    for name, field in _fields(scan, hit, value):
        below = f"{path}.{name}" if path else name
        for option in _loaded(scan, hit, field):
            ended = isinstance(option, Ext) and option.site is not None and last_step(option.path) in hit.rule.options.get("ends", ())
            if isinstance(option, Ext | FuncV) and (ended or (isinstance(option, FuncV) and hit.rule.options.get("functions"))):
                yield below, before, option
            elif isinstance(option, Ext | Obj):
                yield from _leaves(scan, hit, option, below, before, depth + 1)


def _nested(scan: Scan, hit: Hit, value: AV, depth: int) -> Iterator[tuple[str, int]]:
    """The calls of routers that stand inside of the value."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Ext) and value.site is not None and depth:
        yield value.site.file, value.site.call
    if isinstance(value, Ext) and value.site is not None and last_step(value.path) in hit.rule.options.get("merge", ()):
        call = scan.graph.view(value.site.file).facts.calls[value.site.call]
        for arg in call.args:
            for option in options(scan.graph.ev.value(arg.value, value.site.file, call.owner, value.site.env)):
                yield from _nested(scan, hit, option, depth + 1)
        return
    for _, field in _fields(scan, hit, value):
        for option in _loaded(scan, hit, field):
            if (isinstance(option, Ext) and _is_router(scan, hit, option)) or isinstance(option, Obj):
                yield from _nested(scan, hit, option, depth + 1)


def _register(scan: Scan, hit: Hit, path: str, leaf: Ext | FuncV, before: str = "") -> None:
    if isinstance(leaf, FuncV):
        symbol = scan.graph.view(leaf.symbol.file).symbol(leaf.symbol.index)
        written = Place(file=leaf.symbol.file, line=symbol.line, end_line=symbol.line)
        _add(scan, hit, path, leaf, written)
        return
    assert leaf.site is not None
    site: Site = leaf.site
    handler = scan.graph.ev.arg_value(site, 0)
    if isinstance(handler, Obj) and hit.rule.handler is not None:  # `defineAction({ input, handler: async () => ... })`
        handler = argument_value(scan.graph.ev, site, hit.rule.handler, leaf) or handler
    place = call_place(scan.graph, site)
    guards: list[Guard] = []
    checked: tuple[str, ...] = ()
    current: AV | None = leaf.base
    for _ in range(30):
        if not isinstance(current, Ext):
            break
        if current.site is not None and last_step(current.path) == hit.rule.options.get("guard"):
            value = scan.graph.ev.arg_value(current.site, 0)
            if isinstance(value, FuncV | Ext):
                guards.insert(0, Guard(value=value, place=call_place(scan.graph, current.site), start=0))
        if current.site is not None and last_step(current.path) == hit.rule.options.get("checks") and _says_what(scan, hit, current.site):
            checked = ("body",)
        current = current.base
    if "step" not in hit.rule.options.get("told", ()):
        _add(scan, hit, path, handler, place, tuple(guards), checked)
        return
    for method, address in addresses(scan, hit, leaf, path, before):
        _add(scan, hit, address, handler, place, tuple(guards), checked, method, name=path)


def _says_what(scan: Scan, hit: Hit, site: Site) -> bool:
    """Is the step given a schema that lets not everything pass? A function may do anything with what it is given."""
    value = scan.graph.ev.arg_value(site, 0)
    given = options(value) if value is not None else ()
    open_ = [compiled(p) for p in hit.rule.options.get("unchecking", ())]
    return bool(given) and not any(isinstance(v, FuncV) or (isinstance(v, Ext) and any(p.fullmatch(v.path) for p in open_)) for v in given)


def _add(
    scan: Scan,
    hit: Hit,
    path: str,
    handler: AV | None,
    place: Place,
    guards: tuple[Guard, ...] = (),
    checked: tuple[str, ...] = (),
    method: str | None = None,
    name: str = "",
) -> None:
    scan.routing.registrations.append(
        Registration(
            router=None, method=method or hit.rule.method or "RPC", path=path, place=place, start=hit.call.start, card=hit.card,
            rule=hit.rule, handler=handler, guards=guards, checked=checked, name=name,
        )
    )  # fmt: skip
