"""Operations of a GraphQL schema: `QUERY users`, answered by the resolver of that name.

`callee` makes a schema or a server. Options of the rule: `resolvers` and `schema` are the references to the resolvers and the type
definitions; `types` maps the types of a schema to methods; `runs` are the fields of a resolver that is an object. What a schema declares
without a resolver in sight is an operation without a handler. `fields`: the call makes one type (its name at `name`, its fields at
`fields`) or one field of it whose name is at `path` (or of `type`); with `type_at` the type is named in the call that runs the
function which the call is written in (`objectType({ name: "Query", definition(t) { t.field("me", {...}) } })`). `in_turn`: what is called
with resolvers that run one after the other, the last of which answers (`combineResolvers(isSignedIn, (parent, args) => ...)`).
`contexts`: the references to what a server gives its resolvers beside their arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.handling.handler_names import pair
from backend_readiness.graph.handling.handlers import unwrapped
from backend_readiness.graph.handling.resolver_contexts import given_context, made_with
from backend_readiness.graph.references import argument_value
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.sdl import SCHEMA_FILES, declared, written
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, UNKNOWN, Ext, FuncV, ListV, ModV, Obj, options
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref
from backend_readiness.snapshot.places import is_production

MAX_DEPTH = 8
MAX_FIELDS = 2_000
MAX_IN_TURN = 12


def collect(scan: Scan) -> None:
    hits = scan.hits.get("operations", ())
    if not hits:
        return
    places = {(t, n): place for t, n, place in _declared(scan, frozenset(m for h in hits for m in h.rule.options.get("not_in", ())))}
    answered: set[tuple[str, str]] = set()
    context = made_with(scan, hits)
    for hit in hits:
        kinds: dict[str, str] = hit.rule.options["types"]
        for kind, name, handler, place in _answers(scan, hit, kinds):
            if (kind, name) not in answered and len(answered) < MAX_FIELDS:
                answered.add((kind, name))
                _add(scan, hit, kinds[kind], name, handler, place, context)
    served = [h for h in hits if _is_server(scan, h)]
    for (kind, name), place in places.items() if served else ():
        hit = served[0]
        if (kind, name) not in answered and kind in hit.rule.options["types"]:
            _add(scan, hit, hit.rule.options["types"][kind], name, _of_root(scan, served, name), place)


def _of_root(scan: Scan, served: list[Hit], name: str) -> AV | None:
    """What the one object has that answers the fields of all types (option `root`): `graphqlHTTP({ schema, rootValue })`."""
    given = ((h, Ref(**h.rule.options["root"])) for h in served if "root" in h.rule.options)
    found = (_field(scan, o, name) for h, ref in given for o in _objects(scan, scan.value(h, ref), 0))
    return next((f for f in found if f is not None), None)


def _is_server(scan: Scan, hit: Hit) -> bool:
    """Is the call given resolvers, whether they can be followed or not?"""
    refs = (*hit.rule.options.get("resolvers", ()), *([hit.rule.options["root"]] if "root" in hit.rule.options else ()))
    return any(ref.get("key") and scan.value(hit, Ref(**ref)) is not None for ref in refs)


def _add(scan: Scan, hit: Hit, method: str, name: str, handler: AV | None, place: Place, context: AV | None = None) -> None:
    before, last = _in_turn(scan, hit, handler)
    if before:
        place = _place(scan, last) or place
    inner, around = unwrapped(scan.graph, pair(scan, last) or last if last is not None else None)
    inner = given_context(scan, inner, context) if inner is not None else None
    before = [given_context(scan, b, context) for b in before]
    scan.routing.registrations.append(
        Registration(
            router=None, method=method, path=name, place=place, start=hit.call.start, card=hit.card, rule=hit.rule, handler=inner,
            guards=tuple(Guard(value=w, place=place, start=0) for w in (*before, *around)),
        )
    )  # fmt: skip


def _in_turn(scan: Scan, hit: Hit, handler: AV | None) -> tuple[list[AV], AV | None]:
    """The resolvers that run before the one that answers, and that one."""
    if not isinstance(handler, Ext) or handler.site is None or handler.path.removesuffix("()") not in hit.rule.options.get("in_turn", ()):
        return [], handler
    call = scan.graph.view(handler.site.file).facts.calls[handler.site.call]
    given = [scan.graph.ev.value(a.value, handler.site.file, call.owner, handler.site.env) for a in call.args[:MAX_IN_TURN]]
    return (given[:-1], given[-1]) if given else ([], handler)


def _place(scan: Scan, handler: AV | None) -> Place | None:
    function = next((f for f in functions_in(scan.graph, handler) if isinstance(f, FuncV)), None) if handler is not None else None
    if function is None:
        return None
    line = scan.graph.view(function.symbol.file).symbol(function.symbol.index).line
    return Place(file=function.symbol.file, line=line, end_line=line)


def _answers(scan: Scan, hit: Hit, kinds: dict[str, str]) -> Iterator[tuple[str, str, AV, Place]]:
    """(type, field, resolver, place) of what a call is given."""
    given = hit.rule.options
    here = scan.place(hit)
    for ref in given.get("resolvers", ()):
        for holder in _objects(scan, scan.value(hit, Ref(**ref)), 0):
            for kind in kinds:
                for fields in _objects(scan, _field(scan, holder, kind), 0):
                    yield from _fields(scan, hit, kind, fields, here)
    if "fields" in given:
        names = texts(scan.graph.ev, scan.value(hit, hit.rule.name))[:1] if hit.rule.name is not None else [str(given["type"])]
        for kind in (n for n in names if n in kinds):
            for fields in _objects(scan, scan.value(hit, Ref(**given["fields"])), 0):
                yield from _fields(scan, hit, kind, fields, here)
    elif hit.rule.path is not None:
        value = scan.value(hit, hit.rule.handler)
        kind = _type_of_field(scan, hit)
        for name in scan.texts(hit, hit.rule.path)[:1] if kind in kinds else ():
            for handler in _resolver(scan, hit, value, 0) if value is not None else (UNKNOWN,):
                yield kind, name, handler, here


def _type_of_field(scan: Scan, hit: Hit) -> str:
    """The type that one field is added to."""
    given = hit.rule.options
    if "type_at" in given:
        return _type_around(scan, hit, given["type_at"])
    return str(given["type"]) if "type" in given else next(iter(texts(scan.graph.ev, scan.value(hit, hit.rule.name))), "")


def _type_around(scan: Scan, hit: Hit, ref: dict[str, Any]) -> str:
    """The name of the type whose function adds the field: what the receiver is a parameter of says it."""
    current: AV | None = hit.callee.base
    for _ in range(MAX_DEPTH):
        if not isinstance(current, Ext):
            break
        if current.path.endswith(">") and current.site is not None:
            return next(iter(texts(scan.graph.ev, argument_value(scan.graph.ev, current.site, Ref(**ref), current))), "")
        current = current.base
    return ""


def _fields(scan: Scan, hit: Hit, kind: str, fields: Obj, here: Place) -> Iterator[tuple[str, str, AV, Place]]:
    listed = [fields, *(o for s in fields.spreads[:40] for o in _objects(scan, scan.graph.ev.thunk(s), 1))]
    for one in listed:
        for name, thunk in list(one.fields.items())[:MAX_FIELDS]:
            for handler in _resolver(scan, hit, scan.graph.ev.thunk(thunk), 0):
                yield kind, name, handler, _place(scan, handler) or here


def _resolver(scan: Scan, hit: Hit, value: AV, depth: int) -> Iterator[AV]:
    """The function of a resolver, the one in an object (`{resolve}`), or in the argument of a call (`t.field({resolve})`)."""
    for option in options(value):
        runs = hit.rule.options.get("runs", ())
        if isinstance(option, Obj):
            found = (_field(scan, option, k) for k in runs)
            inner = next((f for f in found if f is not None), None)
            yield inner if inner is not None else option
        elif isinstance(option, Ext) and option.site is not None and depth < 2:
            call = scan.graph.view(option.site.file).facts.calls[option.site.call]
            given = [scan.graph.ev.value(a.value, option.site.file, call.owner, option.site.env) for a in call.args[:3]]
            record = next((g for g in given if isinstance(g, Obj) and set(runs) & set(g.fields)), None)
            if record is not None:
                yield from _resolver(scan, hit, record, depth + 1)
            else:
                yield option
        elif isinstance(option, FuncV) and "build" in hit.rule.options and depth < 2:  # `(t) => t.field({...})`
            view = scan.graph.view(option.symbol.file)
            for item in view.returns.get(option.symbol.index, ()):
                if item.value is not None:
                    inner_value = scan.graph.ev.value(item.value, option.symbol.file, option.symbol.index, option.env)
                    yield from _resolver(scan, hit, inner_value, depth + 1)
        else:
            yield option
        break


def _field(scan: Scan, value: Obj, key: str) -> AV | None:
    thunk = members.field_thunk(scan.graph.ev, value, key)
    return scan.graph.ev.thunk(thunk) if thunk is not None else None


def _objects(scan: Scan, value: AV | None, depth: int) -> Iterator[Obj]:
    """The objects behind a value: in a list, given to a call that merges, returned by a function without arguments, a module's exports."""
    for option in options(value) if value is not None and depth < MAX_DEPTH else ():
        if isinstance(option, Obj):
            yield option
            for spread in option.spreads[:40] if depth == 0 else ():
                yield from _objects(scan, scan.graph.ev.thunk(spread), depth + 1)
        elif isinstance(option, ListV):
            for item in option.items[:200]:
                yield from _objects(scan, scan.graph.ev.thunk(item), depth + 1)
        elif isinstance(option, ModV):
            for name in list(scan.graph.view(option.file).exports)[:100]:
                yield from _objects(scan, exports.exported(scan.graph.ev, option.file, name), depth + 1)
        elif isinstance(option, FuncV):
            for given in scan.graph.view(option.symbol.file).returns.get(option.symbol.index, ())[:4]:
                if given.value is not None:
                    inner = scan.graph.ev.value(given.value, option.symbol.file, option.symbol.index, option.env)
                    yield from _objects(scan, inner, depth + 1)
        elif isinstance(option, Ext) and option.site is not None:
            call = scan.graph.view(option.site.file).facts.calls[option.site.call]
            for arg in call.args[:20]:
                yield from _objects(scan, scan.graph.ev.value(arg.value, option.site.file, call.owner, option.site.env), depth + 1)


def _declared(scan: Scan, not_in: frozenset[str]) -> Iterator[tuple[str, str, Place]]:
    """What the schemas of the repository declare: in files of their own, in tagged templates and in texts given to schemas."""
    for file in scan.graph.snapshot.files:
        if file.path.endswith(SCHEMA_FILES) and is_production(file.path):
            for kind, name, line in declared(scan.graph.text(file.path)):
                yield kind, name, Place(file=file.path, line=line, end_line=line)
    for path, index in scan.graph.production.items():
        if {"gql", "typeDefs", "graphql", "buildSchema"}.isdisjoint(index.names) or not_in & set(index.modules):
            continue  # a client may have a schema of its own state
        view = scan.graph.view(path)
        spoken = [(c.args[0].value, c.line) for c in view.facts.calls if c.kind == "template" and c.args]
        spoken += [(a.value, a.line) for a in view.facts.assigns if a.value is not None]
        spoken += [(c.args[0].value, c.line) for c in view.facts.calls if c.kind == "call" and c.args]
        for value, start in spoken:
            text = written(value)
            for kind, name, line in declared(text) if "type " in text else ():
                yield kind, name, Place(file=path, line=start + line - 1, end_line=start + line - 1)
