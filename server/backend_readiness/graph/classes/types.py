"""Types: what an annotation says about a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Alt, Func, Index, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.classes import overloads
from backend_readiness.graph.evaluation import exports, results
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Env, Ext, FuncV, InstV, ParamV, UnionV, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

DECLARED = frozenset({"rust"})  # languages in which every function says what it gives
_TYPED = overloads.LANGUAGES | {"rust"}  # languages whose written types say what a call of a package gives
_TYPES_APART = frozenset({"blazor", "csharp"})  # where a member may be called like its type
_OF_QUERIES = frozenset({"ReturnType", "InstanceType"})  # of TypeScript, of a function or class whose type is asked for
_PLAIN = ("~str", "~int", "~bool", "~float", "~number", "~any", "~dict", "~object", "~uint", "~byte", "~error", "~func")


def instance_of(ev: Evaluator, annotation: Value, file: str, owner: int, env: Env | None = None) -> AV:
    """An instance of the annotated type. Wrappers (`Optional`, `Promise`, `Annotated` ...) are looked through."""
    if isinstance(annotation, Func):
        return made(ev.value(annotation, file, owner, env))
    if isinstance(annotation, Seq):
        return results.tuple_of(ev, annotation.items, file, owner, env)
    if isinstance(annotation, Index):
        if annotation.base == Name("[]"):
            return results.list_of(ev, annotation.key, file, owner, env)
        if annotation.base == Name("map") and isinstance(annotation.key, Seq) and annotation.key.items:
            return results.list_of(ev, annotation.key.items[-1], file, owner, env)
        name = (
            annotation.base.id if isinstance(annotation.base, Name) else annotation.base.name if isinstance(annotation.base, Member) else ""
        )
        if name in _OF_QUERIES and isinstance(annotation.key, Op) and annotation.key.op == "typeof":
            asked = _queried(ev, annotation.key.operands[0], file, owner, env)
            result = ev.invoke(asked) if name == "ReturnType" else made(asked)
            if not isinstance(result, Ext) or result.site is not None:  # of what a package makes, the call that makes it says more
                return result
        first = annotation.key.items[0] if isinstance(annotation.key, Seq) and annotation.key.items else annotation.key
        if ev.world.is_wrapper_type(name) or _is_alias_of_wrapper(ev, annotation.base, file, owner):
            return instance_of(ev, first, file, owner, env)
        inner = instance_of(ev, annotation.base, file, owner, env)
        if isinstance(inner, Ext) and isinstance(first, Seq) and isinstance(annotation.key, Seq):  # `Callable[[int], Session]`
            return Ext(inner.path, inner.base, inner.site, instance_of(ev, annotation.key.items[-1], file, owner, env))
        if isinstance(inner, Ext):
            return Ext(inner.path, inner.base, inner.site, _written(ev, first, file, owner, env))
        if isinstance(inner, InstV) and inner.holder is None and ev.world.view(inner.cls.symbol.file).language in overloads.LANGUAGES:
            about = _written(ev, first, file, owner, env)  # `IRepository<Order>` is about orders
            return InstV(inner.cls, inner.site, about) if isinstance(about, ClassV) else inner
        return inner
    if isinstance(annotation, Alt) or (isinstance(annotation, Op) and annotation.op == "|"):
        parts = annotation.options if isinstance(annotation, Alt) else annotation.operands
        return union([instance_of(ev, p, file, owner, env) for p in parts if not (isinstance(p, Lit) or p == Name("undefined"))])
    if isinstance(annotation, Op) and annotation.op == "typeof":
        return _queried(ev, annotation.operands[0], file, owner, env)
    if isinstance(annotation, Lit) and isinstance(annotation.value, str):
        return instance_of(ev, Name(annotation.value), file, owner, env)
    if not isinstance(annotation, Name | Member):
        return UNKNOWN
    alias = _alias(ev, annotation, file, owner)
    if alias is not None:
        return alias
    if isinstance(annotation, Name) and annotation.id[:1].islower() and ev.world.view(file).language in overloads.LANGUAGES:
        declared = [o for o in options(ev.value(annotation, file, 0)) if isinstance(o, ClassV)] if ev.world.defining(annotation.id) else []
        if declared:  # `private orderService orderService`: a type is no field of its name
            return union([made(o) for o in declared])
    return union([_named(ev, v) or made(v) for v in options(_written(ev, annotation, file, owner, env))])


def _written(ev: Evaluator, written: Value, file: str, owner: int, env: Env | None) -> AV:
    """What the name of a type means."""
    outside = _outside(ev.world.view(file), owner, written.id) if isinstance(written, Name) else owner
    return ev.value(written, file, outside, env if outside == owner else None)


def _outside(view: FileView, owner: int, name: str) -> int:
    """Where a type is looked up that a member of the class around is called like: `public Orders Orders { get; }`."""
    for scope in view.enclosing(owner) if view.language in _TYPES_APART else ():
        beside = view.named_children.get((scope, name), ()) if view.symbol(scope).kind == "class" else ()
        if (scope, name) in view.fields or any(view.symbol(c).kind != "class" for c in beside):
            return max(0, view.symbol(scope).parent)
    return owner


def _named(ev: Evaluator, meant: AV) -> AV | None:
    """`type Context = { db: Pool }`, `type Wide = Context & { user: User }`: something that has these members; `type Db = Pool`: a pool."""
    if not isinstance(meant, FuncV) or (view := ev.world.view(meant.symbol.file)).symbol(meant.symbol.index).kind != "type":
        return None
    symbol = view.symbol(meant.symbol.index)
    if len(symbol.bases) == 1 and not symbol.statements:
        about = symbol.bases[0]
        return ev.guarded(("type", meant.symbol), lambda: instance_of(ev, about, view.path, max(0, symbol.parent)))
    return InstV(ClassV(meant.symbol))


def _queried(ev: Evaluator, written: Value, file: str, owner: int, env: Env | None) -> AV:
    """The value whose type is asked for: `typeof client`, `typeof Orders.prototype.find`."""
    if isinstance(written, Member) and isinstance(written.base, Member) and written.base.name == "prototype":
        return union([ev.member(made(c), written.name) for c in options(ev.value(written.base.base, file, owner, env))])
    return ev.value(written, file, owner, env)


def _is_alias_of_wrapper(ev: Evaluator, base: Value, file: str, owner: int) -> bool:
    """`type AppResult<T> = Result<T, AppError>`."""
    if ev.world.view(file).language not in DECLARED:
        return False
    place = exports.assigned_at(ev, base, file, owner)
    meant = place[1] if place is not None else None
    return isinstance(meant, Index) and ev.world.is_wrapper_type(last_name(meant.base) or "")


def _alias(ev: Evaluator, annotation: Value, file: str, owner: int) -> AV | None:
    """`SessionDep = Annotated[Session, Depends(get_db)]`: the type behind a name that is assigned a generic."""
    place = exports.assigned_at(ev, annotation, file, owner)
    if place is None:
        return None
    view, value = place
    return instance_of(ev, value, view.path, 0) if isinstance(value, Index) else None


def made(value: AV) -> AV:
    """An instance of a class; of a plain type (`str`, `dict`) nothing is known."""
    if isinstance(value, ClassV):
        return InstV(value)
    if isinstance(value, Ext):
        if value.path.startswith(_PLAIN):
            return UNKNOWN
        return Ext(f"{value.path}()", value, None, value.subject)
    return UNKNOWN


def says_nothing(value: AV) -> bool:
    """Is nothing known of a value, or only that nobody imports or declares it, so that a written type says more?"""
    if isinstance(value, UnionV):
        return all(says_nothing(o) for o in value.options)
    return isinstance(value, UnknownV | ParamV) or (isinstance(value, Ext) and value.path.startswith(("?", "~")))


_GIVEN = re.compile(r"\(\d+\)<\d+>$")


def said(ev: Evaluator, value: AV, written: Callable[[], AV], language: str = "") -> AV:
    """What is given to a parameter, or its written type where that says more.

    It does of what some object of a package keeps or gives and no card speaks of (`request.app["db"].acquire()`), when a card knows the
    type and it is of another package. Where types are written, also of what a package gives to a function without types that hands it on
    (`post(|request| add(request))`).
    """
    if says_nothing(value):
        return better(written(), value)
    if language in DECLARED and all(isinstance(o, Ext) for o in options(value)):  # what a package makes, or gives as a part of several
        typed = written()
        if all(isinstance(o, InstV) and not _is_interface(ev, o) for o in options(typed)):
            return typed
    if language in DECLARED and all(
        isinstance(o, Ext) and _GIVEN.search(o.path) and not ev.world.is_spoken_of(o.path) for o in options(value)
    ):
        typed = written()
        if all(isinstance(o, InstV) or (isinstance(o, Ext) and ev.world.is_spoken_of(o.path)) for o in options(typed)):
            return typed
    if all(isinstance(o, Ext) and "." in o.path and not ev.world.is_spoken_of(o.path) for o in options(value)):
        typed = written()
        if not any(isinstance(o, Ext) and "(" in o.path for o in options(value)):  # `Orders(current_app.database)`
            return typed if all(isinstance(o, InstV) for o in options(typed)) else value
        known = all(isinstance(o, Ext) and ev.world.is_spoken_of(o.path) for o in options(typed))
        return typed if known and _roots(typed).isdisjoint(_roots(value)) else value
    return value


def _is_interface(ev: Evaluator, value: InstV) -> bool:
    return ev.world.view(value.cls.symbol.file).symbol(value.cls.symbol.index).kind == "interface"


def is_one_of_many(ev: Evaluator, value: InstV) -> bool:
    """Is it an interface of several classes, of which the type of what is handed over chooses one?"""
    where = value.cls.symbol
    symbol = ev.world.view(where.file).symbol(where.index)
    return symbol.kind == "interface" and len(ev.world.subclasses(symbol.name)) > 1


def meant(ev: Evaluator, value: AV, typed: Value | None, view: FileView, owner: int, env: Env | None = None) -> AV:
    """What a variable or field holds, or an instance of its written type, a class of the repository, where a call of a package gives it
    of which cards say no more than that it does: `val orders: Orders by inject()`, `let user: User = extract().await?`."""
    if typed is None or view.language not in _TYPED:
        return value
    if not all(isinstance(o, Ext) and o.path.endswith(")") and _only_gives(ev, o) for o in options(value)):
        return value
    made = ev.instance_of(typed, view.path, owner, env)
    known = is_better_known(ev, made, value)
    return made if known or all(isinstance(o, InstV) and not is_one_of_many(ev, o) for o in options(made)) else value


def is_better_known(ev: Evaluator, typed: AV, value: AV) -> bool:
    """Is the written type one that cards speak of, and what a call gives one of another vendor, of which none does:
    `Connection connection = pool.getConnection()` of a `HikariDataSource`?"""
    if not all(isinstance(o, Ext) and ev.world.is_spoken_of(o.path) for o in options(typed)):
        return False
    given = all(isinstance(o, Ext) and "(" in o.path and not ev.world.is_spoken_of(o.path) for o in options(value))
    return given and _vendors(typed).isdisjoint(_vendors(value))


def _vendors(value: AV) -> set[tuple[str, ...]]:
    """`com.zaxxer`, `github.com/gogf`: the first two steps of the path of a package."""
    paths = (o.path.partition("(")[0] for o in options(value) if isinstance(o, Ext))
    return {tuple(p.split("/" if "/" in p else ".")[:2]) for p in paths}


def _only_gives(ev: Evaluator, value: Ext) -> bool:
    return not ev.world.is_spoken_of(value.path) or (isinstance(value.base, Ext) and bool(ev.world.call_values(value.base.path)))


def _roots(value: AV) -> set[str]:
    return {o.path.partition(".")[0] for o in options(value) if isinstance(o, Ext)}


def better(typed: AV, value: AV) -> AV:
    """The value of a written type where that is one, else what there was.

    Of a value that is unknown any type is better, of a parameter that is left open any but a plain one (`url: string`).
    """
    if isinstance(value, UnknownV) or (isinstance(value, ParamV) and not isinstance(typed, UnknownV)):
        return typed
    return typed if not any(says_nothing(o) for o in options(typed)) else value
