"""Which of the values that a function gives a variable one after the other still counts where it is used.

`full := path`, `if group != "" { full = "/" + group + path }`, `full = fmt.Sprintf("%s %s", method, full)`: the last one is built from
those before it, which nothing uses in between; and whether the `if` is taken is known where the function is called with `group`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Alt, Assign, Block, CallRef, Concat, Index, Lit, Member, Name, Op, Record, Seq, Value
from backend_readiness.graph.values import AV, Const, Env, SymbolId, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

LANGUAGES = frozenset({"go"})
MAX_STEPS = 30
MAX_GIVEN = 6
_GIVEN = frozenset({"assign", "let"})

Given = tuple[Assign, AV]


def still_counting(ev: Evaluator, view: FileView, scope: int, name: str, found: list[Given], env: Env | None) -> list[Given]:
    """Those of the assignments to a name that the code after them sees."""
    if len(found) < 2 or view.language not in LANGUAGES:
        return found
    kept: list[Given] = []
    for assign, value in found:
        block = _innermost(view, scope, assign)
        taken = True if block is None else _taken(ev, view, scope, block, env)
        if taken is False:
            continue
        replaces = taken is True and assign.kind == "assign" and (block is not None or mentions(view, assign.value, name))
        if replaces and kept and not _used_between(view, scope, name, kept[0][0].end, assign.start):
            kept = []
        kept.append((assign, value))
    return kept or found


def counted(view: FileView, name: str, bound: Sequence[tuple[Assign, tuple[str, ...]]]) -> Sequence[tuple[Assign, tuple[str, ...]]]:
    """The last assignments to a name, and the earlier one that they are all built from: `app = app.layer(timeouts())`, ten times over."""
    last = bound[-MAX_GIVEN:]
    if len(last) == len(bound) or not _mentions(view, last[0][0].value, name, 0, everywhere=True):
        return last
    before = (b for b in reversed(bound[:-MAX_GIVEN]) if not _mentions(view, b[0].value, name, 0, everywhere=True))
    return [*([first] if (first := next(before, None)) is not None else ()), *last]


def given_anew(view: FileView, scope: int, name: str) -> bool:
    """Is a parameter given something else before anything uses it: `def add_to(app, api): api = Api(orders)`?"""
    given = view.bindings.get((scope, name), ())
    if len(given) != 1 or given[0][1] or given[0][0].kind not in _GIVEN or given[0][0].value is None:
        return False
    assign = given[0][0]
    if _innermost(view, scope, assign) is not None or _mentions(view, assign.value, name, 0, everywhere=True):
        return False
    before = [view.facts.calls[i] for i in view.calls_of.get(scope, ()) if view.facts.calls[i].start < assign.start]
    return not any(mentions(view, v, name) for c in before for v in (c.callee, *(a.value for a in c.args)))


def or_default(ev: Evaluator, view: FileView, scope: int, name: str, env: Env | None, value: AV) -> AV:
    """What a parameter stands for where the function gives one that is left out something else: `url = url || "/orders"`."""
    default = _default(view, scope, name)
    if default is None:
        return value
    frame = env.frame(SymbolId(view.path, scope)) if env is not None else None
    given = frame.args.get(name) if frame is not None else None
    if given is not None and given != Const(None):
        return value
    instead = ev.value(default, view.path, scope, env)
    return instead if frame is not None else union([value, instead])


def _default(view: FileView, scope: int, name: str) -> Value | None:
    """`name = name || default`, `if (!name) name = default`."""
    for assign, way in view.bindings.get((scope, name), ()):
        if way or assign.kind != "assign" or assign.value is None:
            continue
        block = _innermost(view, scope, assign)
        if isinstance(assign.value, Alt) and assign.value.fallback and assign.value.options[0] == Name(name):
            return assign.value.options[-1]
        test = block.subject if block is not None and block.kind == "if" else None
        absent = isinstance(test, Op) and test.op in ("!", "not") and test.operands == (Name(name),)
        if absent and not _mentions(view, assign.value, name, 0, everywhere=True):
            return assign.value
    return None


def _innermost(view: FileView, scope: int, assign: Assign) -> Block | None:
    around = [b for b in view.blocks_of.get(scope, ()) if b.start <= assign.start and assign.end <= b.end]
    return max(around, key=lambda b: b.start, default=None)


def _taken(ev: Evaluator, view: FileView, scope: int, block: Block, env: Env | None) -> bool | None:
    """Is the body of `if a == b` run with what the function is called with? None where that is not known."""
    test = block.subject
    outer = [b for b in view.blocks_of.get(scope, ()) if b is not block and b.start <= block.start and block.end <= b.end]
    if block.kind != "if" or env is None or outer or not isinstance(test, Op) or test.op not in ("==", "!=") or len(test.operands) != 2:
        return None
    given = {p.name for p in view.symbol(scope).params}
    if not all(isinstance(o, Lit) or _root(o) in given for o in test.operands):  # not `err != nil` after each step: no caller says that
        return None
    first, second = ([*options(ev.value(o, view.path, scope, env))] for o in test.operands)
    if len(first) != 1 or len(second) != 1 or not isinstance(first[0], Const) or not isinstance(second[0], Const):
        return None
    return (first[0].value == second[0].value) == (test.op == "==")


def _root(value: Value) -> str | None:
    for _ in range(MAX_STEPS):
        if not isinstance(value, Member):
            break
        value = value.base
    return value.id if isinstance(value, Name) else None


def _used_between(view: FileView, scope: int, name: str, start: int, end: int) -> bool:
    calls = [view.facts.calls[i] for i in view.calls_of.get(scope, ())]
    between = [c for c in calls if start <= c.start and c.end <= end]
    return any(isinstance(a.value, Name) and a.value.id == name for c in between for a in c.args)


def built_from(view: FileView, scope: int, names: set[str]) -> set[str]:
    """The variables of a function that are built from its parameters, in the order in which they are given something."""
    found: set[str] = set()
    for assign in view.facts.assigns if view.language in LANGUAGES else ():
        if assign.owner == scope and isinstance(assign.target, Name) and any(mentions(view, assign.value, n) for n in names | found):
            found.add(assign.target.id)
    return found - names


def mentions(view: FileView, value: Value | None, name: str) -> bool:
    """Is a text built from what the name stands for?"""
    return _mentions(view, value, name, 0, everywhere=False)


def _mentions(view: FileView, value: Value | None, name: str, depth: int, *, everywhere: bool) -> bool:
    """`everywhere`: also in what is called, chosen between and put together."""
    if depth > MAX_STEPS:
        return False
    inner: tuple[Value | None, ...] = ()
    match value:
        case Name():
            return value.id == name
        case Concat():
            inner = value.parts
        case Member() | Index():
            inner = (value.base,)
        case CallRef():
            call = view.facts.calls[value.call]
            inner = (*((call.callee,) if everywhere else ()), *(a.value for a in call.args))
        case Op():
            inner = tuple(o for o in value.operands if not isinstance(o, Lit))
        case Alt() if everywhere:  # `path = path[0] === "/" ? path.substring(1) : path`
            inner = value.options
        case Seq() if everywhere:
            inner = value.items
        case Record() if everywhere:
            inner = tuple(i for _, i in value.items)
    return any(_mentions(view, i, name, depth + 1, everywhere=everywhere) for i in inner)
