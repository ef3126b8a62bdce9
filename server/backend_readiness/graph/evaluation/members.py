"""Members of values: fields, methods, inheritance, modules, and the few members that every language's library has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import ELEMENT, Record
from backend_readiness.graph.classes import (
    about_one,
    abstracts,
    constructed,
    declared_members,
    declared_methods,
    derived,
    extensions,
    facades,
    generics,
    inheritance,
    injection,
    kept_fields,
    overloads,
    own_fields,
    parts,
    promoted,
    router_shells,
)
from backend_readiness.graph.evaluation import (
    constants,
    decorated,
    elements,
    exports,
    filled_in,
    global_objects,
    inline_modules,
    known_calls,
    later_members,
    packages,
)
from backend_readiness.graph.evaluation.handed_tables import handed_function
from backend_readiness.graph.interface import component_props, templates
from backend_readiness.graph.values import (
    AV,
    UNKNOWN,
    ClassV,
    Const,
    Ext,
    FuncV,
    InstV,
    ListV,
    ModV,
    Obj,
    PackageV,
    ParamV,
    SymbolId,
    Text,
    Thunk,
    UnionV,
    UnknownV,
    nearest_call,
    options,
    step_of,
    union,
)

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_SPREADS = 12
MAX_BESIDE = 80  # an index of modules may spread one object for each
FIELDS_BESIDE = frozenset({"java", "kotlin", "rust"})  # a class may have a field and a method of one name: `orders.all()` in `orders()`
_WITH_OBJECTS = frozenset({"kotlin"})
_PROPERTY = {"property", "cached_property", "hybrid_property", "computed"}
# `f.bind(this)`, `f.delay(x)`: calling the result is calling `f`.
_SAME_FUNCTION = {"bind", "call", "apply", "wrappers", "ServeHTTP"}


def member(ev: Evaluator, base: AV, name: str) -> AV:
    """`base.name`; a step that starts with `[` is an element."""
    match base:
        case UnionV():
            modules = [o for o in base.options if isinstance(o, ModV)]  # a module beside a function of the same name
            return union([ev.member(o, name) for o in modules or base.options])
        case Obj():
            thunk = field_thunk(ev, base, name)
            return _filled(ev, base, name, ev.thunk(thunk)) if thunk is not None else _spread_member(ev, base, name)
        case InstV():
            if ev.world.extensions(name) and own_member(ev, base, name) is None:
                extended = extensions.extension(ev, base, name)
                if extended is not None:
                    return extended
            behind = router_shells.behind(ev, base, name)
            return behind if behind is not None else class_member(ev, base.cls, name, base, base.holder)
        case ClassV():
            if name == ELEMENT and (inner_type := elements.own_list(ev, base)) is not None:
                return inner_type
            nested = constants.member(ev, base, name)
            return nested if nested is not None else class_member(ev, base, name, base)
        case ModV():
            found = exports.exported(ev, base.file, name)
            if found is not None:
                return found
            if ev.world.is_component_file(base.file):
                inner = templates.component_member(ev, base.file, name) or ev.world.attached_to(Ext("~self", base), name)
                return inner if inner is not None else Ext(f"~self.{name}", base)
            return filled_in.by_name_below(ev, base.file, name)
        case PackageV():
            given = packages.member(ev, base, name)
            return given if given is not None else UnknownV(f"{name} is not in {base.key}")
        case Ext():
            if isinstance(base.subject, ClassV) and ev.world.knowledge.collections.matches(base):
                scoped = own_member(ev, base.subject, name)
                if scoped is not None:
                    return scoped
            stand_in = ev.world.stands_for(base.path)
            if stand_in is not None:
                return ev.member(stand_in, name)
            put = ev.world.attached_to(base, name) or global_objects.member(ev, base, name)
            put = put or later_members.of_made(ev, base, name) or handed_function(ev, base, name)
            if put is not None:
                return put
            constant = ev.world.constant(f"{base.path}.{name}")
            if constant is not None:
                return Const(constant)
            bound = injection.bound_member(ev, base, name)
            if bound is not None:
                return bound
            extended = extensions.extension(ev, base, name) if ev.world.extensions(name) else None
            if extended is not None:  # a method of the library of that name is meant when the arguments are its own
                return union([extended, step_of(base, f".{name}")]) if ev.world.registers(f"{base.path}.{name}") else extended
            name = router_shells.renamed(ev, base, name)
            step = name if name.startswith("[") else f".{name}"
            made = nearest_call(base)
            if step != name or made is None:
                return step_of(base, step)
            element = Ext(f"{base.path}{step}", base, None, base.subject)
            meant = (known_calls.rule_value(ev, rule, element, made) for rule in ev.world.call_values(element.path))
            return next((v for v in meant if v is not None), step_of(base, step))
        case ListV():
            if (index := elements.index_of(name)) is not None:
                return ev.thunk(base.items[index]) if index < len(base.items) else UNKNOWN
            return ev.element_of(base) if name == "[]" else Ext(f"~list.{name}", base)
        case Const() | Text():
            extended = extensions.extension(ev, base, name) if ev.world.extensions(name) else None
            if extended is None and name in ("href", "value"):  # of an address as a text; of a member of an enumeration
                return base
            return extended if extended is not None else Ext(f"~str.{name}", base)
        case FuncV():
            held = inheritance.held_by_property(ev, base)
            if held is not None:
                return ev.member(held, name)
            return base if name in _SAME_FUNCTION else _function_member(ev, base, name)
        case ParamV():
            put = ev.world.attached_to(Ext(f"?{base.name}", base), name)
            if put is not None:
                return put
            return Ext(f"?{base.name}{'' if name.startswith('[') else '.'}{name}", base)
        case _:
            return Ext(f"?.{name}", base)


def field_thunk(ev: Evaluator, base: AV, name: str, depth: int = 0) -> Thunk | None:
    """The expression of a field of an object literal, following spreads; None when it has none.

    An object may be spread into itself (`options = { ...options, id }`).
    """
    if not isinstance(base, Obj) or depth > MAX_SPREADS:
        return None
    if name in base.fields:
        return _put_over(ev, base, name, depth) or base.fields[name]
    for spread in reversed(base.spreads[-MAX_BESIDE:]):
        value = ev.thunk(spread)
        if isinstance(value, Obj):
            found = field_thunk(ev, value, name, depth + 1)
            if found is not None:
                return found
    return None


def _put_over(ev: Evaluator, base: Obj, name: str, depth: int) -> Thunk | None:
    """The field of an object that is spread behind the one that is written: `{ method: "GET", ...options }`."""
    written = base.place.expr.items if base.spreads and isinstance(base.place.expr, Record) else ()
    after = 0
    for key, _ in reversed(written):
        if key == name:
            break
        after += key is None
    for spread in reversed(base.spreads[len(base.spreads) - after :]):
        found = field_thunk(ev, ev.thunk(spread), name, depth + 1)
        if found is not None:
            return found
    return None


def _filled(ev: Evaluator, base: Obj, name: str, written: AV) -> AV:
    """What is put later into a field that is written empty: `const cache = { pool: null }` and `cache.pool = new Pool()`."""
    later = later_members.assigned(ev, base.place, name) if written == Const(None) else None
    return written if later is None else later


def _spread_member(ev: Evaluator, base: Obj, name: str) -> AV:
    for spread in reversed(base.spreads[-MAX_BESIDE:]):
        value = ev.thunk(spread)
        if not isinstance(value, UnknownV):
            found = ev.member(value, name)
            if not isinstance(found, UnknownV):
                return found
    assigned = later_members.assigned(ev, base.place, name)
    return assigned if assigned is not None else UnknownV(f"no field {name}")


def _function_member(ev: Evaluator, base: FuncV, name: str) -> AV:
    view = ev.world.view(base.symbol.file)
    symbol = view.symbol(base.symbol.index)
    for later in view.member_assigns.get((symbol.parent, symbol.name, name), ())[-2:]:
        if later.value is not None:
            return ev.value(later.value, base.symbol.file, later.owner)
    if (base.symbol.index, name) in view.fields:
        return class_member(ev, ClassV(base.symbol), name, base)
    if symbol.kind == "module" and (inside := ev.in_scope(name, view, base.symbol.index, symbol, None)) is not None:
        return inside  # `namespace Orders { export const contract = ... }`
    if view.language in overloads.LANGUAGES:  # `Create.Command` where a method is called like the class
        called_alike = packages.unqualified(ev, view, symbol.name)
        if isinstance(called_alike, ClassV):
            return ev.member(called_alike, name)
    return decorated.member(ev, view, symbol, base, name) or Ext(f"?{symbol.name}.{name}", base)


def class_member(ev: Evaluator, cls: ClassV, name: str, receiver: AV, holder: ClassV | None = None) -> AV:
    """A method, field or inherited member. An external base gives `Ext` with the class as its subject."""
    found = _looked_for(ev, cls, name, receiver) or inline_modules.member(ev, cls, name)
    if found is not None and not facades.fills(ev, cls, name, found):
        return found
    if isinstance(receiver, ClassV) and ((name == "new" and constants.is_nested(ev, cls)) or derived.makes_instance(ev, cls, name)):
        return receiver
    if name == "new" and isinstance(receiver, InstV) and constants.is_nested(ev, cls):
        return cls  # a container that keeps classes gives them where others give objects
    fronted = facades.behind(ev, cls, name) if isinstance(receiver, ClassV) else None
    if fronted is not None:
        return fronted
    outside = declared_methods.implemented_outside(ev, cls, name, receiver)
    if outside is None and isinstance(receiver, InstV):
        outside = component_props.of_instance(ev, cls, name)
    if outside is not None:
        return outside
    for base in inheritance.likely_first(ev, inheritance.external_bases(ev, cls), name):
        about = base.subject if ev.world.view(cls.symbol.file).language in generics.LANGUAGES else None
        subject = holder if holder is not None else about if isinstance(about, ClassV) else cls
        instance = receiver if isinstance(receiver, InstV) else None
        put = ev.world.attached_to(base, name) if instance is not None else None
        if put is not None:  # `this.$http` in a class that extends what `Vue.prototype.$http = client` is put on
            return put
        site, alias = (instance.site, f"{base.path}()") if instance is not None else (base.site, "")
        above = Ext(base.path, receiver, site, subject, alias)
        if name.startswith("["):
            return Ext(f"{base.path}(){name}", above, None, subject)
        field = Ext(f"{base.path}.{name}", above, None, subject, f"{above.alias}.{name}" if above.alias else "")
        return known_calls.held(ev, field) if instance is not None else field
    implementers = inheritance.implementers(ev, cls)
    if implementers:
        values = [v for c in implementers if (v := _own_or_inherited(ev, c, name, InstV(c, None, holder), set())) is not None]
        if values:
            return union(values)
    package = constants.opened_again(ev, cls)
    symbol = ev.world.view(cls.symbol.file).symbol(cls.symbol.index)
    return Ext(f"{package}.{name}", receiver) if package else Ext(f"?{symbol.name}.{name}", receiver, None, cls)


def _looked_for(ev: Evaluator, cls: ClassV, name: str, receiver: AV) -> AV | None:
    """A member of the class or of its bases. That there is none is kept: each name in a body is looked for in all of its bases."""
    if receiver is cls and _is_object(ev, cls):  # `object Home : Screen("/home")` is the only one of its class
        receiver = InstV(cls)
    key = (cls.symbol, name, receiver.cls.symbol if isinstance(receiver, InstV) else None)
    if key in ev.memberless:
        return None
    cuts = ev.cuts
    found = _own_or_inherited(ev, cls, name, receiver, set())
    if found is None and ev.cuts == cuts and cls.env is None:
        ev.memberless.add(key)
    return found


def _is_object(ev: Evaluator, cls: ClassV) -> bool:
    view = ev.world.view(cls.symbol.file)
    return view.language in _WITH_OBJECTS and view.symbol(cls.symbol.index).is_static


def _own_or_inherited(ev: Evaluator, cls: ClassV, name: str, receiver: AV, seen: set[SymbolId]) -> AV | None:
    if cls.symbol in seen or len(seen) > inheritance.MAX_BASES:
        return None
    seen.add(cls.symbol)
    view = ev.world.view(cls.symbol.file)
    index = cls.symbol.index
    for where in parts.fitting(ev, parts.methods(ev, cls, name), receiver)[:1]:
        home, child = ev.world.view(where.file), where.index
        symbol = home.symbol(child)
        if symbol.kind in ("class", "interface", "enum", "namespace"):
            return ClassV(where)
        if inheritance.abstract(home, child):
            about = receiver.holder if isinstance(receiver, InstV) else None
            narrower = receiver.cls if isinstance(receiver, InstV) and receiver.cls.symbol != cls.symbol else cls
            nearer = about_one.implementers(ev, narrower, about) or inheritance.implementers(ev, narrower)
            # What others make of the base of a declared client is theirs.
            remote = narrower is not cls and declared_methods.marked_outside(ev, narrower) is not None
            below = [InstV(c, None, about) for c in nearer or (() if remote else inheritance.implementers(ev, cls))]
            better = [v for i in below if (v := _of_implementer(ev, i, name, seen)) is not None]
            better = better or abstracts.annotated(ev, cls, name)
            if better:
                return union(better)
            outside = declared_methods.implemented_outside(ev, narrower if remote else cls, name, receiver)
            if outside is not None:
                return outside
        function = FuncV(where, promoted.called_on(ev, receiver, cls), cls.env)
        if any(inheritance.decorator_name(d) in _PROPERTY for d in symbol.decorators):
            return ev.invoke(function)
        if view.language not in FIELDS_BESIDE or where.file != cls.symbol.file:
            return function
        kept = own_fields.declared_first(ev, view, index, name, receiver)
        if kept is None and (index, name) in view.fields:
            kept = constructed.given_field(ev, receiver, view, index, name) or kept_fields.set_in(ev, cls.symbol, name, receiver, cls.env)
        return function if kept is None else union([function, kept])
    if view.symbol(index).kind == "interface" and (index, name) in view.fields:  # `show: RequestHandler`: the class that has it says more
        held = [v for c in inheritance.implementers(ev, cls) if (v := _of_implementer(ev, InstV(c, None), name, seen)) is not None]
        if held and all(isinstance(o, FuncV | InstV) for v in held for o in options(v)):
            return union(held)
    field = kept_fields.field_value(ev, cls, name, receiver)
    field = later_members.of_class(ev, cls, name, field) if isinstance(receiver, ClassV) else field
    if field is not None and not own_fields.goes_on(view, index, name):
        return field
    added = declared_members.member(ev, cls, name, receiver)
    if added is not None:
        return added
    for base in inheritance.direct_bases(ev, cls):
        if isinstance(base, ClassV):
            found = _own_or_inherited(ev, base, name, receiver, seen)
            if found is not None:
                return found
    return field


def _of_implementer(ev: Evaluator, made: InstV, name: str, seen: set[SymbolId]) -> AV | None:
    """The member of a class behind an abstract one, its own or from a package, or of an interface below it that a package implements."""
    found = _own_or_inherited(ev, made.cls, name, made, seen) or declared_methods.implemented_outside(ev, made.cls, name, made)
    return found if found is not None else declared_methods.brought(ev, made, name)


def own_member(ev: Evaluator, base: AV | None, name: str) -> AV | None:
    """A member that the class (or the class of an instance) has in the repository, its own or inherited; None otherwise."""
    if isinstance(base, InstV):
        return _looked_for(ev, base.cls, name, base)
    return _looked_for(ev, base, name, base) if isinstance(base, ClassV) else None
