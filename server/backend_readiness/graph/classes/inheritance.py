"""Inheritance: the bases of classes, the classes behind abstract ones, and what `self` and `super` mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Index, Name, Seq, Value
from backend_readiness.graph.classes import constructions, generics, injection, named_elsewhere, parts, shadowed
from backend_readiness.graph.evaluation import constants, literal_objects, receivers
from backend_readiness.graph.families import COMPONENTS
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Env, Ext, FuncV, InstV, ModV, Site, SymbolId, options, union
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_BASES = 120
# languages that write type arguments behind the base
_GENERIC = frozenset({"astro", "blazor", "csharp", "scala", "svelte", "tsx", "typescript", "vue"})
_COMPANIONS = frozenset({"scala"})  # languages in which a second class of a name is the object beside the class
_INTERFACES = frozenset({"interface"})


def base_values(ev: Evaluator, expr: Value, view: FileView, index: int, env: Env | None = None) -> list[AV]:
    """What one written base class may be; behind an external one, the class of the repository that it is made from."""
    from backend_readiness.graph.references import argument_thunk, step_site

    found: list[AV] = []
    itself, outside = SymbolId(view.path, index), max(0, view.symbol(index).parent)
    if isinstance(expr, Index) and view.language in _GENERIC:  # the base is about its first type argument
        plain = [shadowed.of_library(ev, base, expr.base, view, index) for base in base_values(ev, expr.base, view, index)]
        return [_about(ev, base, expr, view, outside) for base in plain]
    written = ev.value(expr, view.path, outside) if view.language not in generics.LANGUAGES else None
    written = shadowed.imported_before(ev, _mixed_in(ev, expr, view, index, written), expr, view, index)
    if written is None and not (isinstance(expr, Index) and generics.parameters(view, index)):
        index, env = outside, None  # the head of a class sees none of its members: to ask for them is to ask for its bases again
    for base in options(written) if written is not None else generics.with_arguments(ev, expr, view, index, env, itself):
        for ref in ev.world.bases_behind(base.path) if isinstance(base, Ext) else ():
            site = step_site(base, ref.at or "()")
            thunk = argument_thunk(ev, site, ref) if site is not None else None
            found.extend(options(ev.thunk(thunk)) if thunk is not None else ())
        if isinstance(expr, Index) and isinstance(base, Ext) and base.path.endswith("[]"):
            base = _about(ev, base, expr, view, index)  # the brackets of a type are no element
        if isinstance(base, FuncV) and ev.world.view(base.symbol.file).symbol(base.symbol.index).kind == "type":
            base = ClassV(base.symbol)  # `type Wide = Narrow & { user: User }`
        found.append(base if not isinstance(base, ModV) else _of_component(ev, base))
    return found


def _mixed_in(ev: Evaluator, expr: Value, view: FileView, index: int, outside: AV | None) -> AV | None:
    """A module that the body takes in is looked for in the class first; what is written last may be the class that it is derived from."""
    if not isinstance(expr, Name) or (view.symbol(index).bases[-1] is expr and not isinstance(outside, Ext)):
        return outside
    return constants.mixed_in(ev, view, index, expr.id) or outside


def _of_component(ev: Evaluator, base: ModV) -> AV:
    """The class that a component's file gives, where one component extends another."""
    view = ev.world.view(base.file)
    said = view.exports.get("default") if view.language in COMPONENTS else None
    given = ev.value(said.value, base.file, 0) if said is not None and said.value is not None else base
    return given if isinstance(given, ClassV) else base


def _about(ev: Evaluator, base: AV, expr: Index, view: FileView, index: int) -> AV:
    if not isinstance(base, Ext):
        return base
    first = expr.key.items[0] if isinstance(expr.key, Seq) and expr.key.items else expr.key
    named = ev.value(first, view.path, index)
    # type arguments inside of a name (`Ep.Req<Body>.Res<Order>`) are no elements
    return Ext(base.path.replace("[]", ""), base.base, base.site, named if isinstance(named, ClassV) else base.subject)


def direct_bases(ev: Evaluator, cls: ClassV) -> Iterator[AV]:
    """The bases that the class itself writes, a part of it in another file, or beside it one with other type parameters."""
    known = ev.bases_of.get(cls.symbol) if cls.env is None else None
    if known is not None:
        yield from known
        return
    found: list[AV] = []
    whole = cls.env is None
    for where in (*parts.parts(ev, cls), *_with_other_parameters(ev, cls.symbol)):
        view = ev.world.view(where.file)
        for expr in view.symbol(where.index).bases:
            cuts = ev.cuts
            written = base_values(ev, expr, view, where.index, cls.env)
            whole = whole and ev.cuts == cuts
            written = [v for value in written for v in (value, *_of_package(ev, value))]
            found.extend(written)
            yield from written
    if whole:  # many members are looked for in many bases: what settled once is not asked for again
        ev.bases_of[cls.symbol] = found


def _of_package(ev: Evaluator, base: AV) -> list[AV]:
    """The class of a package that the repository only adds to, beside what it adds (`class Roda; module RodaPlugins ...`)."""
    name = constants.opened_again(ev, base) if isinstance(base, ClassV) else ""
    plain = name and isinstance(base, ClassV) and not any(ev.world.view(p.file).symbol(p.index).bases for p in parts.parts(ev, base))
    return [Ext(name)] if plain else []


def _with_other_parameters(ev: Evaluator, where: SymbolId) -> list[SymbolId]:
    """`interface IHandler<C, R> : IRequestHandler<C, R>` beside `interface IHandler<C> : IHandler<C, Unit>`: one name for both."""
    view = ev.world.view(where.file)
    if view.language not in _GENERIC or view.language in _COMPANIONS:
        return []
    symbol = view.symbol(where.index)
    return [SymbolId(where.file, i) for i in view.named_children.get((symbol.parent, symbol.name), ()) if i != where.index]


def bases(ev: Evaluator, cls: ClassV) -> list[AV]:
    """All bases, own ones first, through the classes of the repository."""
    known = ev.ancestors_of.get(cls.symbol) if cls.env is None else None
    if known is not None:
        return known
    cuts = ev.cuts
    found: list[AV] = []
    queue, seen = [cls], {cls.symbol}
    while queue and len(seen) < MAX_BASES:
        current = queue.pop(0)
        for base in direct_bases(ev, current):
            if isinstance(base, FuncV):
                base = ClassV(base.symbol)
            found.append(base)
            if isinstance(base, ClassV) and base.symbol not in seen:
                seen.add(base.symbol)
                queue.append(base)
    if ev.cuts == cuts and cls.env is None:
        ev.ancestors_of[cls.symbol] = found
    return found


def external_bases(ev: Evaluator, cls: ClassV) -> list[Ext]:
    return [b for b in bases(ev, cls) if isinstance(b, Ext)]


def type_of_base(ev: Evaluator, cls: ClassV, position: int) -> ClassV | None:
    """The class that is given as a type argument to a base of a package: `Order` of `class Orders extends Repository<Order>`."""
    view = ev.world.view(cls.symbol.file)
    symbol = view.symbol(cls.symbol.index)
    owner = max(0, symbol.parent)
    for base in (b for b in symbol.bases if isinstance(b, Index)):
        given = base.key.items if isinstance(base.key, Seq) else (base.key,)
        of_package = any(isinstance(o, Ext) for o in options(ev.value(base.base, view.path, owner)))
        value = ev.value(given[position], view.path, owner) if of_package and position < len(given) else None
        found = next((o for o in options(value) if isinstance(o, ClassV)), None) if value is not None else None
        if found is not None:
            return found
    return None


def likely_first(ev: Evaluator, bases: list[Ext], name: str) -> list[Ext]:
    """The bases of packages, one that a card knows with this member before the others."""
    if len(bases) < 2:
        return bases
    return sorted(bases, key=lambda b: (not ev.world.is_spoken_of(f"{b.path}.{name}"), not ev.world.is_spoken_of(b.path)))


def as_external(ev: Evaluator, value: InstV) -> list[Ext]:
    """An instance of a class of the repository as instances of its external bases."""
    return [Ext(b.path, value, value.site, value.cls, f"{b.path}()") for b in external_bases(ev, value.cls)]


def implementers(ev: Evaluator, cls: ClassV) -> list[ClassV]:
    """Classes that name this one as a base; empty when there are more than three (the choice is not ours)."""
    known = ev.implementers_of.get(cls.symbol)
    if known is None:
        cuts = ev.cuts
        with ev.fresh():
            known = _find_implementers(ev, cls)
        if ev.cuts == cuts:
            ev.implementers_of[cls.symbol] = known
    return known


def _find_implementers(ev: Evaluator, cls: ClassV) -> list[ClassV]:
    from backend_readiness.graph.classes import declared_methods, structural

    view = ev.world.view(cls.symbol.file)
    bound = injection.implementations(ev, cls)
    if bound:
        return bound
    if declared_methods.marked_outside(ev, cls) is not None:
        return []
    if view.language in structural.LANGUAGES and view.symbol(cls.symbol.index).kind == "interface":
        having = structural.implementers(ev, cls)  # a struct that embeds the interface stands in front of one of these
        having = named_elsewhere.used(ev, having)
        return having if len(having) <= 3 else []
    found = []
    for written in ev.world.subclasses(view.symbol(cls.symbol.index).name):
        where = parts.declared(ev, written)
        if where != cls.symbol and any(isinstance(b, ClassV) and b.symbol == cls.symbol for b in bases(ev, ClassV(where))):
            found.append(ClassV(where))
    found.extend(_without_name(ev, cls))
    if ev.world.has_implementing:
        found.extend(_implemented_outside(ev, cls))
    used = [c for c in found if is_production(c.symbol.file)]
    if len(used) > 1:
        used = named_elsewhere.used(ev, [c for c in used if not ev.world.is_switched_off(c)] or used)
    found = used if used or is_production(cls.symbol.file) else found  # what only tests implement is not what runs
    return found if len(found) <= 3 else []


def _without_name(ev: Evaluator, cls: ClassV) -> list[ClassV]:
    """Classes without a name in the file of an interface: `object Orders { def make(db: Db): Orders = new Orders { ... } }`."""
    view = ev.world.view(cls.symbol.file)
    interface = view.symbol(cls.symbol.index)
    if interface.kind != "interface":
        return []
    return [
        ClassV(SymbolId(view.path, index))
        for index, symbol in enumerate(view.facts.symbols)
        if symbol.kind == "class" and not symbol.name and any(last_name(b) == interface.name for b in symbol.bases)
    ]


def _implemented_outside(ev: Evaluator, cls: ClassV) -> list[ClassV]:
    """Interfaces below a class that a package implements (`interface JpaOrders extends Orders, JpaRepository<Order, Long>`)."""
    name = ev.world.view(cls.symbol.file).symbol(cls.symbol.index).name
    below = [ClassV(w) for w in ev.world.subclasses(name, _INTERFACES) if w != cls.symbol]
    return [
        c
        for c in below
        if any(isinstance(b, ClassV) and b.symbol == cls.symbol for b in direct_bases(ev, c))
        and any(ev.world.is_implementing(b.path) for b in external_bases(ev, c))
    ]


def decorator_name(value: Value) -> str:
    """The last name of a decorator as written: `cached_property` for `@functools.cached_property`."""
    return last_name(value) or ""


def abstract(view: FileView, index: int) -> bool:
    """A method without a body of its own: abstract, or only `pass`, `...`, `raise NotImplementedError`."""
    symbol = view.symbol(index)
    if symbol.statements == 0 and view.language not in constants.LANGUAGES and view.symbol(symbol.parent).kind in ("class", "interface"):
        return True
    if any(decorator_name(d) == "abstractmethod" for d in symbol.decorators):
        return True
    throws = [t for t in view.facts.throws if t.owner == index]
    return symbol.statements == 1 and bool(throws)


def self_value(ev: Evaluator, view: FileView, owner: int, env: Env | None) -> AV:
    """What `self` or `this` means: the bound receiver, else an instance of the enclosing class."""
    scope: Env | None = env
    while scope is not None:
        if scope.self_value is not None and scope.symbol.file == view.path and scope.symbol.index in view.enclosing(owner):
            return scope.self_value
        scope = scope.outer
    from backend_readiness.graph.evaluation import lambda_receivers

    for inside in view.enclosing(owner) if view.language in generics.LANGUAGES else ():
        symbol = view.symbol(inside)
        if symbol.kind == "function" and symbol.params and symbol.params[0].kind == "this" and symbol.params[0].type is not None:
            return ev.instance_of(symbol.params[0].type, view.path, max(0, symbol.parent))  # of an extension
        run_on = lambda_receivers.written_receiver(view, inside) if symbol.kind == "lambda" else None
        if run_on is not None:  # `router.apply { register(this) }`
            return ev.value(run_on[0], view.path, run_on[1], env)
        given = lambda_receivers.given_receiver(ev, view, inside) if symbol.kind == "lambda" and not symbol.params else None
        if given is not None:
            return given
    holder = view.holder(owner)
    if holder is None:
        if view.language in COMPONENTS:
            return ModV(view.path)
        own = literal_objects.around(ev, view, owner, env)
        return union([own, Ext("~self")]) if own is not None else Ext("~self")  # what a library puts on the object is not written in it
    cls = ClassV(parts.declared(ev, SymbolId(view.path, holder)))
    return cls if receivers.is_class_level(view, owner) else InstV(cls)


def super_value(ev: Evaluator, view: FileView, owner: int, env: Env | None = None) -> AV:
    holder = view.holder(owner)
    if holder is None:
        return UNKNOWN
    cls = ClassV(SymbolId(view.path, holder))
    direct = len(view.symbol(holder).bases)
    found = bases(ev, cls)[: min(direct, 4)]
    receiver = self_value(ev, view, owner, env)
    if isinstance(receiver, InstV):  # a subclass of the class that the method is written in
        cls = receiver.holder or receiver.cls

    def seen_from(base: AV) -> AV:
        if isinstance(base, Ext):
            made = isinstance(receiver, InstV) and not base.path.endswith(")")
            site = receiver.site if made and isinstance(receiver, InstV) and receiver.site is not None else base.site
            return Ext(base.path, base.base, site, cls, f"{base.path}()" if made else "")
        return InstV(base, receiver.site if isinstance(receiver, InstV) else None, cls) if isinstance(base, ClassV) else base

    values = [seen_from(b) for b in found]
    return union(list(values)) if values else UNKNOWN


def given_to_base(ev: Evaluator, cls: AV | None, position: int) -> AV | None:
    """An argument that a class gives to the constructor of its base, through those between: `User` of `super(User)`."""
    value: AV | None = None
    env: Env | None = None
    for _ in range(6):
        if not isinstance(cls, ClassV):
            break
        view = ev.world.view(cls.symbol.file)
        own = constructions.constructor_of(view, cls.symbol.index)
        number = constructions.call_of_base(view, own) if own is not None else None
        number = number if number is not None else constructions.call_of_header(view, cls.symbol.index)
        site = Site(view.path, number, env) if number is not None else None
        if site is None and (own is not None or value is not None):
            break  # it gives nothing on
        given = ev.arg_value(site, position) if site is not None else value
        if given is None and value is not None:
            break  # one of several constructors, which takes nothing
        value = given
        cls = next((b for b in direct_bases(ev, cls) if isinstance(b, ClassV)), None)
        above = constructions.constructor_of(ev.world.view(cls.symbol.file), cls.symbol.index) if cls is not None else None
        made = FuncV(SymbolId(cls.symbol.file, above), InstV(cls)) if cls is not None and above is not None else None
        env = ev.bind(made, site) if made is not None and site is not None else None
    return value


def held_by_property(ev: Evaluator, method: FuncV) -> AV | None:
    """In PHP `$order->customer` is no method: it is the field of that name, and a model holds there what its method of that name
    relates it to (`[property]` in cards)."""
    view = ev.world.view(method.symbol.file)
    if view.language != "php" or not isinstance(method.self_value, InstV | ClassV):
        return None
    symbol = view.symbol(method.symbol.index)
    if symbol.kind == "method" and symbol.parent > 0:
        from backend_readiness.graph.classes import kept_fields

        kept = kept_fields.field_value(ev, ClassV(SymbolId(view.path, symbol.parent)), symbol.name, method.self_value)
        if kept is not None and not isinstance(kept, FuncV):
            return kept
    found = ev.member(ev.invoke(method), "[property]")
    return found if isinstance(found, InstV) else None


def elements_of_property(ev: Evaluator, method: FuncV) -> AV:
    """What a loop over `$order->items` yields, where `items` is the method that relates an order to them."""
    return ev.member(ev.invoke(method), "[]") if ev.world.view(method.symbol.file).language == "php" else UNKNOWN
