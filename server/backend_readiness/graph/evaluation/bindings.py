"""What an assignment gives to a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Lit, Name, Op
from backend_readiness.graph.classes import structural, types
from backend_readiness.graph.evaluation import filled_tables, grown_lists, grown_texts, marked_settings, program_globals, remade_lists
from backend_readiness.graph.evaluation.results import is_open
from backend_readiness.graph.values import AV, Const, Env, Ext, InstV, SymbolId, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_FILES = 40
_GLOBAL_BY_STATEMENT = frozenset({"python"})  # what a function assigns is its own but for `global pool`
_TEXTS = frozenset(("std.String()", "~str()", "~str"))


def _set_later(ev: Evaluator, name: str, view: FileView) -> AV | None:
    """What functions of the package assign to a variable of it: `var api *Router` and `api = NewRouter()` in some function."""
    package = next(iter(ev.world.packages_seen(view.path)), None)
    found: list[AV] = []
    for file in [f for f in ev.world.naming(name) if package is not None and f in package.files][:MAX_FILES]:
        for assign in ev.world.view(file).facts.assigns:
            if assign.kind == "assign" and assign.owner != 0 and assign.value is not None and assign.target == Name(name):
                found.append(ev.value(assign.value, file, assign.owner))
    known = [f for f in found if not is_open(f)]
    if any(isinstance(o, InstV) and o.site is not None for v in known for o in options(v)):
        # `func Use(s Service) { service = s }` beside `service = NewService()`: its type alone says nothing more
        known = [v for v in known if not all(isinstance(o, InstV) and o.site is None for o in options(v))]
    return union(known) if known else None


def _set_by_functions(ev: Evaluator, assign: Assign, view: FileView) -> AV | None:
    """What functions of the file give a variable that the file itself leaves empty: `pool = None`, and `global pool` in one of them."""
    return _by_functions(ev, assign.target.id, view) if isinstance(assign.target, Name) else None


def never_declared(ev: Evaluator, name: str, view: FileView) -> AV | None:
    """The same of a variable that no line of the file declares: only `global pool` in a function that makes it, or another file."""
    own = _by_functions(ev, name, view) if view.language in _GLOBAL_BY_STATEMENT else None
    return own if own is not None else program_globals.value(ev, name)


def _by_functions(ev: Evaluator, name: str, view: FileView) -> AV | None:
    given = view.set_by_functions.get(name, ())
    values = [ev.value(a.value, view.path, a.owner) for a in given[:MAX_FILES] if a.value is not None]
    known = [v for v in values if not is_open(v)]
    known = known or [v for v in values if isinstance(v, Ext) and v.path.endswith("()")]  # made by a global: `Stomp.over(socket)`
    return union(known) if known else None


def value_of(ev: Evaluator, assign: Assign, path: tuple[str, ...], view: FileView, scope: int, env: Env | None) -> AV | None:
    """The value behind one assignment, by its type when the expression tells nothing; `path` leads to the name inside of a pattern."""
    typed = assign.type
    if assign.value is None:
        table = filled_tables.filled(ev, assign, view, scope, env) if typed is not None and not path else None
        if table is not None:
            return table
        setting = marked_settings.of_field(ev, view, assign) if not path else None
        if setting is not None:
            return setting
        made = ev.instance_of(typed, view.path, scope, env) if typed is not None else None
        if made is not None and scope == 0 and isinstance(assign.target, Name) and _says_little(ev, made, view):
            return _set_later(ev, assign.target.id, view) or made
        return made if made is not None or scope != 0 else _set_by_functions(ev, assign, view)
    if assign.kind == "aug":
        return None
    env = _before_loops(view, scope, env, assign)
    value = grown_lists.grown(ev, assign, view, scope, env) or filled_tables.filled(ev, assign, view, scope, env) if not path else None
    value = value or (remade_lists.remade(ev, assign, view, scope, env) if not path else None)
    value = value if value is not None else ev.value(assign.value, view.path, scope, env)
    if not path:
        value = grown_texts.grown(ev, grown_lists.with_later_rows(ev, value, assign, view, scope, env), assign, view, scope, env)
    if assign.kind == "for":
        value = ev.element_of(value)
    for step in path:
        value = ev.member(value, step)
    if scope == 0 and value == Const(None):
        value = _set_by_functions(ev, assign, view) or value
    if typed is not None and value == Const(None) and view.language in structural.LANGUAGES:  # `var store *Store = nil`
        return ev.instance_of(typed, view.path, scope, env)
    said = view.language == "php" and isinstance(value, Ext)  # there only a comment gives a local a type
    if typed is not None and (said or types.says_nothing(value)):
        declared = ev.instance_of(typed, view.path, scope, env)
        return value if _is_text(declared) and isinstance(value, Ext) and value.site is not None else types.better(declared, value)
    return types.meant(ev, value, typed, view, scope, env)


def _before_loops(view: FileView, scope: int, env: Env | None, assign: Assign) -> Env | None:
    """The bindings without the variables of a loop further down that hide what the assignment speaks of:
    `let r = build(); let app = r.attach(log); for (path, r) in routers { ... }`."""
    if env is None or env.symbol != SymbolId(view.path, scope):
        return env
    later = [name for name in env.args if _is_bound_later(view.bindings.get((scope, name), ()), assign)]
    left = {name: value for name, value in env.args.items() if name not in later}
    return Env(env.symbol, left, env.self_value, env.outer, env.depth, env.site) if later else env


def _is_bound_later(bound: Sequence[tuple[Assign, tuple[str, ...]]], assign: Assign) -> bool:
    loops = [a for a, _ in bound if a.kind == "for"]
    return 0 < len(loops) < len(bound) and all(assign.start < a.start for a in loops)


def hides_nothing(view: FileView, scope: int, name: str, value: AV) -> bool:
    """Does what is assigned to a name leave what it means otherwise: of `def f(): ...` and `f = wrap(f)` the inner `f` is the function,
    and `router = None` stands in where the import of `router` fails."""
    if isinstance(value, UnknownV):
        return (scope, name) in view.named_children
    return value == Const(None) and any(i.owner == scope for i in view.imports.get(name, ()))


def _says_little(ev: Evaluator, made: AV, view: FileView) -> bool:
    """Does the type of a variable of a package leave open what it is: `var base string`, an interface with several classes?"""
    plain = isinstance(made, UnknownV) and view.language in structural.LANGUAGES
    return plain or structural.is_one_of_several(ev, made)


def _is_text(declared: AV) -> bool:
    """Is it only said to be a text? What a call gives says more: the setting that it asks for, and what stands for that by default."""
    return isinstance(declared, Ext) and declared.path in _TEXTS


def without_defaults(view: FileView, scope: int, name: str, found: list[tuple[Assign, AV]]) -> list[AV]:
    """What assignments give to a name, but for what it is given where it is missing, when something made elsewhere is there:
    `r := options.BaseRouter` and `if r == nil { r = chi.NewRouter() }`. So is what only its declaration says of it: `var r *mux.Router`."""
    values = [v for _, v in found]
    if len(found) < 2 or view.language not in structural.LANGUAGES:
        return values
    if any(isinstance(o, Ext) and o.site is not None for a, v in found if a.value is not None for o in options(v)):
        found = [(a, v) for a, v in found if a.value is not None or not isinstance(v, Ext)]
        values = [v for _, v in found]
    missing = Op("==", (Name(name), Lit(None)))
    checks = [b for b in view.blocks_of.get(scope, ()) if b.kind == "if" and b.subject == missing]
    given = [v for a, v in found if not any(b.start <= a.start < b.end for b in checks)]
    return given if any(isinstance(o, Ext) and o.site is not None for v in given for o in options(v)) else values
