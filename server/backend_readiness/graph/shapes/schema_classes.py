"""Classes that are the types of a GraphQL schema: `strawberry.Schema(query=Query)`, `AddQueryType<Query>()`, `query Types::QueryType`.

`callee` is what is given the class of a type. Options: `roots` maps methods (`QUERY`) to references to classes, alone or several put
together; `part` says that the decorated class has fields of that type; `extends` is a reference to the class or the name of the type that
the decorated class adds fields to, `type_names` maps such names to methods. Without a `callee`: `classes_named` maps methods to names
of classes, `based` to external bases, `returned` is the result of a method that is named after a root type of the documents and gives
its class (`func (r *resolver) Query() QueryResolver`), `declared` keeps what a document of the schema declares, by its name there. How
fields are written (`graph.routes.schema_fields`): `every_method`, or those with a decorator of `marks`, without `skips`, what a mark of
`fed_by` names at `source`, and what `hidden` fits, in an `impl` that `block` fits; `named`, decorators that name; `values`, what such a
field is made by; `calls`, names of calls in the body; `classes`, `inner`, `method`, `resolves`: who resolves; `given`: references to
`name`, `resolver` and `guards` in a mark; `merged`: decorators of a class whose fields are parts of one type; `camel`, `drop_first`,
`drop_last`: how the schema names it.
`about`: bases of classes that describe another class, which they are given as a type; `about_fields` and `about_resolves` are the calls
in them that name a field, and that give who resolves it. `assigned`: the fields to which classes below `base` give the types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Lit
from backend_readiness.graph.classes import inheritance
from backend_readiness.graph.classes.annotations import decorators_of
from backend_readiness.graph.families import family
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.returned_roots import returned_roots
from backend_readiness.graph.routes.routing import Guard, Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.routes.schema_fields import SchemaFields, given_later
from backend_readiness.graph.routes.sdl import SCHEMA_FILES, declared
from backend_readiness.graph.tagged import spoken
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, InstV, ListV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref, RouteRule
from backend_readiness.rules.cards import Card
from backend_readiness.snapshot.places import is_production

MAX_DEPTH = 6
TYPES = {"QUERY": "Query", "MUTATION": "Mutation", "SUBSCRIPTION": "Subscription"}
Root = tuple[str, ClassV, Card, RouteRule]


def collect(scan: Scan) -> None:
    roots: list[Root] = []
    later: list[tuple[Hit, ClassV]] = []
    for hit in scan.hits.get("schema_classes", ()):
        given = hit.rule.options
        for method, refs in given.get("roots", {}).items():
            for ref in refs:
                value = scan.value(hit, Ref(**ref))
                for cls in _classes(scan, value, 0) if value is not None else ():
                    roots.extend((method, c, hit.card, hit.rule) for c in _merged(scan, cls, given, 0))
        decorated = _decorated(scan, hit)
        if decorated is not None and "part" in given:
            roots.append((str(given["part"]), decorated, hit.card, hit.rule))
        elif decorated is not None and "extends" in given:
            later.append((hit, decorated))
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "schema_classes" and ("classes_named" in rule.options or "based" in rule.options):
                roots.extend(_unserved(scan, card, rule))
            if rule.shape == "schema_classes" and "returned" in rule.options:
                roots.extend(returned_roots(scan, card, rule))
            if rule.shape == "schema_classes" and "assigned" in rule.options:
                roots.extend(_assigned(scan, card, rule))
    roots.extend(_extensions(scan, later, roots))
    done: set[tuple[str, SymbolId]] = set()
    for method, cls, card, rule in [r for root in roots for r in _described(scan, root)]:
        if (method, cls.symbol) not in done:
            done.add((method, cls.symbol))
            _register(scan, method, cls, card, rule)


# ---------------------------------------------------------------- which classes


def _decorated(scan: Scan, hit: Hit) -> ClassV | None:
    symbol = scan.decorated.get((hit.site.file, hit.site.call))
    if symbol is None or scan.graph.view(hit.site.file).symbol(symbol).kind != "class":
        return None
    return ClassV(SymbolId(hit.site.file, symbol))


def _classes(scan: Scan, value: AV, depth: int) -> Iterator[ClassV]:
    """The classes of a value: itself, in a list, or given to what puts them together (`merge_types("Query", (A, B))`)."""
    for option in options(value) if depth < MAX_DEPTH else ():
        if isinstance(option, ClassV | InstV):
            yield option if isinstance(option, ClassV) else option.cls
        elif isinstance(option, ListV):
            for item in option.items[:60]:
                yield from _classes(scan, scan.graph.ev.thunk(item), depth + 1)
        elif isinstance(option, Ext) and isinstance(option.subject, ClassV):  # `Query::default()`
            yield option.subject
        elif isinstance(option, Ext) and option.site is not None:
            for position in range(len(scan.graph.view(option.site.file).facts.calls[option.site.call].args[:8])):
                given = scan.graph.ev.arg_value(option.site, position)
                if given is not None:
                    yield from _classes(scan, given, depth + 1)


def _merged(scan: Scan, cls: ClassV, given: dict[str, Any], depth: int) -> Iterator[ClassV]:
    """The parts of a class whose fields are all types (`#[derive(MergedObject)] struct Query(Orders, Users)`); else the class."""
    names = tuple(given.get("merged", ()))
    view = scan.graph.view(cls.symbol.file)
    made_by = [t for d in decorators_of(scan.graph, cls.symbol) if d.site is not None for t in _names_given(scan, d)]
    if depth > MAX_DEPTH or not any(n in made_by for n in names):
        yield cls
        return
    for assign in view.facts.assigns:
        if assign.owner == cls.symbol.index and assign.kind == "field" and assign.type is not None:
            for option in options(scan.graph.ev.instance_of(assign.type, view.path, cls.symbol.index)):
                if isinstance(option, InstV):
                    yield from _merged(scan, option.cls, given, depth + 1)


def _names_given(scan: Scan, decorator: Ext) -> list[str]:
    """The last names of the arguments of a decorator: `derive(MergedObject, Default)`."""
    if decorator.site is None:
        return []
    call = scan.graph.view(decorator.site.file).facts.calls[decorator.site.call]
    return [str(getattr(a.value, "id", "") or getattr(a.value, "name", "")) for a in call.args[:20]]


def _extensions(scan: Scan, later: list[tuple[Hit, ClassV]], roots: list[Root]) -> Iterator[Root]:
    """Decorated classes that add fields to a type, named by its class or by its name."""
    known = {cls.symbol: method for method, cls, _, _ in roots}
    for hit, cls in later:
        value = scan.value(hit, Ref(**hit.rule.options["extends"]))
        names: dict[str, str] = hit.rule.options.get("type_names", {})
        found = [known[c.symbol] for c in _classes(scan, value, 0) if c.symbol in known] if value is not None else []
        found = found or [names[t] for t in texts(scan.graph.ev, value) if t in names]
        for method in found[:1]:
            yield method, cls, hit.card, hit.rule


def _described(scan: Scan, root: Root) -> Iterator[Root]:
    """The class that a root is about (`class QueryType : ObjectType<Query>`), with the fields that the root itself names."""
    method, cls, card, rule = root
    names = rule.options.get("about", ())
    over = [b for b in inheritance.external_bases(scan.graph.ev, cls) if b.path.lstrip("~").rpartition(".")[2] in names]
    if not over:
        yield root
        return
    yield from ((method, b.subject, card, rule) for b in over[:1] if isinstance(b.subject, ClassV))
    view = scan.graph.view(cls.symbol.file)
    for number in (n for m in view.children.get(cls.symbol.index, ()) for s in view.body(m) for n in view.calls_of.get(s, ())):
        call = view.facts.calls[number]
        written = call.args[0].value if callee_name(call) in rule.options["about_fields"] and call.args else None
        if isinstance(written, Lit) and isinstance(written.value, str):
            place = Place(file=view.path, line=call.line, end_line=call.line)
            scan.routing.registrations.append(
                Registration(
                    router=None, method=method, path=SchemaFields(scan, {"camel": False}).field_name(written.value), place=place,
                    start=call.start, card=card, rule=rule, handler=given_later(scan, view, number, rule.options.get("about_resolves", ())),
                )
            )  # fmt: skip


def _unserved(scan: Scan, card: Card, rule: RouteRule) -> Iterator[Root]:
    """Classes that are types by their name or by their base."""
    named: dict[str, list[str]] = rule.options.get("classes_named", {})
    based: dict[str, list[str]] = rule.options.get("based", {})
    patterns = [(method, [compiled(p) for p in given]) for method, given in based.items()]
    ends = {b.rpartition(".")[2] for given in based.values() for b in given}
    for path, index in scan.graph.production.items():
        if family(index.language) not in spoken(card):
            continue
        for definition in index.definitions if named else ():
            for method, names in named.items():
                if definition.name in names and definition.kind == "class":
                    yield from ((method, ClassV(s), card, rule) for s in scan.graph.defining(definition.name) if s.file == path)
        if not ends or not any(base in ends for _, base in index.bases):
            continue
        for number, symbol in enumerate(scan.graph.view(path).facts.symbols):
            cls = ClassV(SymbolId(path, number))
            if symbol.kind == "class" and symbol.bases:
                over = [b.path for b in inheritance.external_bases(scan.graph.ev, cls)]
                for method, given in patterns:
                    if any(p.fullmatch(b) for p in given for b in over):
                        yield method, cls, card, rule


def _assigned(scan: Scan, card: Card, rule: RouteRule) -> Iterator[Root]:
    """The types that the class of a schema gives to its own fields: `class Shop : Schema { Shop() { Query = new Orders(); } }`."""
    fields: dict[str, str] = rule.options["assigned"]
    bases = [compiled(b) for b in rule.base]
    for where in scan.graph.names_below({b.rpartition(".")[2] for b in rule.base}):
        for cls in map(ClassV, scan.graph.defining(where)):
            view = scan.graph.view(cls.symbol.file)
            over = inheritance.external_bases(scan.graph.ev, cls) if cls.symbol.file in scan.graph.production else []
            if not any(b.fullmatch(e.path) for b in bases for e in over):
                continue
            inside = {s for m in view.children.get(cls.symbol.index, ()) for s in view.body(m)}
            for assign in (a for a in view.facts.assigns if a.owner in inside and a.value is not None):
                method = next((m for m, f in fields.items() if last_name(assign.target) == f), None)
                if method is not None and assign.value is not None:
                    for found in _classes(scan, scan.graph.ev.value(assign.value, view.path, assign.owner), 0):
                        yield method, found, card, rule


# ---------------------------------------------------------------- their fields


def _register(scan: Scan, method: str, cls: ClassV, card: Card, rule: RouteRule) -> None:
    known = _declared(scan, TYPES[method]) if rule.options.get("declared") else None
    for field in SchemaFields(scan, rule.options).of_class(cls):
        name, place = field.name, field.place
        if known is not None:
            if _plain(name) not in known:
                continue
            name, place = known[_plain(name)]
        guards = tuple(Guard(value=o, place=field.place, start=0) for g in field.guards for o in _each(scan, g))
        scan.routing.registrations.append(
            Registration(
                router=None, method=method, path=name, place=place, start=place.line, card=card, rule=rule, handler=field.handler,
                guards=guards,
            )
        )  # fmt: skip


def _each(scan: Scan, value: AV) -> Iterator[AV]:
    if isinstance(value, ListV):
        yield from (scan.graph.ev.thunk(t) for t in value.items[:20])
    else:
        yield value


def _declared(scan: Scan, kind: str) -> dict[str, tuple[str, Place]]:
    """The fields of a type in the documents of the schema, by their plain names."""
    found: dict[str, tuple[str, Place]] = {}
    for file in scan.graph.snapshot.files:
        if file.path.endswith(SCHEMA_FILES) and is_production(file.path):
            for type_name, name, line in declared(scan.graph.text(file.path)):
                if type_name == kind:
                    found.setdefault(_plain(name), (name, Place(file=file.path, line=line, end_line=line)))
    return found


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
