"""Type arguments: what `T` means in a class that is written `Base<Order>`, or in a function that is called `show<Order>()`.

The type parameters of a class are assignments of kind `type` in it, in order; their values are their bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Call, Index, Name, Seq, Value
from backend_readiness.graph.values import AV, ClassV, Env, Ext, Site, SymbolId, UnknownV, options
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"java", "kotlin"})
MAX_PARAMETERS = 12


def parameters(view: FileView, index: int) -> list[str]:
    """The names of the type parameters of a symbol, in order."""
    found = [a for a in view.type_parameters if a.owner == index]
    return [a.target.id for a in found[:MAX_PARAMETERS] if isinstance(a.target, Name)]


def bind_types(ev: Evaluator, function: SymbolId, call: Call, site: Site, args: dict[str, AV]) -> None:
    """Add what a call writes for the type parameters of a function: `getWith<Orders.Show> { }` of `fun <reified T> Route.getWith(...)`."""
    view = ev.world.view(function.file)
    for name, written in zip(parameters(view, function.index) if view.language in LANGUAGES else (), call.type_args, strict=False):
        value = ev.value(written.base if isinstance(written, Index) else written, site.file, call.owner, site.env)
        if not isinstance(value, UnknownV):
            args.setdefault(name, value)


def with_arguments(ev: Evaluator, expr: Value, view: FileView, owner: int, env: Env | None, of: SymbolId) -> list[AV]:
    """The class behind a written base (`of` that class) or type, its type arguments bound; an external one knows the first of them."""
    if not isinstance(expr, Index):
        return list(options(ev.value(expr, view.path, owner, env)))
    written = expr.key.items if isinstance(expr.key, Seq) else (expr.key,)
    given = [ev.value(w.base if isinstance(w, Index) else w, view.path, owner, env) for w in written[:MAX_PARAMETERS]]
    found: list[AV] = []
    for base in options(ev.value(expr.base, view.path, owner, env)):
        if isinstance(base, ClassV):
            names = parameters(ev.world.view(base.symbol.file), base.symbol.index)
            args: dict[str, AV] = {n: v for n, v in zip(names, given, strict=False) if not isinstance(v, UnknownV)}
            found.append(ClassV(base.symbol, Env(base.symbol, args, None, None, 0)) if args else base)
        elif isinstance(base, Ext):
            subject = _subject(ev, [v for v in given if isinstance(v, ClassV)], of)
            found.append(Ext(base.path, base.base, base.site, subject if subject is not None else base.subject))
        else:
            found.append(base)
    return found


def _subject(ev: Evaluator, given: list[ClassV], of: SymbolId) -> ClassV | None:
    """The first class, or the one that the first is about itself: `Order` of `ServiceImpl<OrderMapper, Order>`."""
    if len(given) < 2 or given[0].symbol == of:  # `class Account extends Aggregate<Account, Command>` is about itself
        return given[0] if given else None
    about = ev.guarded(("about", given[0].symbol), lambda: _about_one_of(ev, given))
    return about if isinstance(about, ClassV) else given[0]


def _about_one_of(ev: Evaluator, given: list[ClassV]) -> ClassV:
    from backend_readiness.graph.classes import inheritance

    subjects = {base.subject.symbol for base in inheritance.external_bases(ev, given[0]) if isinstance(base.subject, ClassV)}
    return next((other for other in given[1:] if other.symbol in subjects), given[0])


def argument(assign: Assign, name: str, where_env: Env | None, ev: Evaluator, file: str) -> AV:
    """What a type parameter means: the argument under `where_env`, else its bound."""
    if where_env is not None and name in where_env.args:
        return where_env.args[name]
    if assign.value is None:
        return UnknownV(f"type parameter {name}")
    bound = assign.value.base if isinstance(assign.value, Index) else assign.value
    return ev.value(bound, file, assign.owner)
