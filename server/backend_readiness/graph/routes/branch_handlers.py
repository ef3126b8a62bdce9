"""What answers in a branch of a function, and what that runs through before: `s.limit(s.publish)(w, r)`. See `graph.shapes.compared`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.facts.model import Block, Call, CallRef, Lit, Member, Name, Op, Value
from backend_readiness.graph.evaluation.reassigned import mentions
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, FuncV, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule

LOADING = ("require", "require_once", "include", "include_once")
MAX_SHARED = 2
MIN_HANDED = 2
MAX_CALLS = 20
MAX_WRAPPERS = 6


def called(scan: Scan, view: FileView, block: Block) -> FuncV | None:
    """The only function of the repository that the branch calls; one that many branches call only helps them to answer."""
    calls = [view.facts.calls[n] for n in view.calls_of.get(block.owner, ())]
    asked = _asked(view, block)
    inside = [c for c in calls if block.start < c.start and c.end <= block.end and c.start not in asked][:MAX_CALLS]
    for call in inside:
        wrapped, _ = _wrapped(scan, view, call)
        if wrapped is not None:
            return wrapped
    values = (v for c in inside for v in options(scan.graph.ev.value(c.callee, view.path, c.owner)))
    found = {v.symbol: v for v in values if isinstance(v, FuncV)}
    only = next(iter(found.values())) if len(found) == 1 else None
    name = view.symbol(only.symbol.index).name if only is not None and only.symbol.file == view.path else ""
    return None if name and sum(callee_name(c) == name for c in calls) > MAX_SHARED else only


def _asked(view: FileView, block: Block) -> set[int]:
    """Where the calls of a condition stand that get nothing of what the function was given: `path == "/x" && settings.Allowed()`."""
    given = {p.name for p in view.symbol(block.owner).params}
    left: list[Value | None] = [block.subject]
    found: set[int] = set()
    for value in left:
        match value:
            case Op() if len(left) < MAX_CALLS:
                left.extend(value.operands)
            case CallRef():
                call = view.facts.calls[value.call]
                if not any(mentions(view, a.value, name) for a in call.args for name in given):
                    found.add(call.start)
            case _:
                pass
    return found


def included(scan: Scan, view: FileView, block: Block) -> FuncV | None:
    """The only file that a branch runs: `case "/about": require "pages/about.php";`."""
    calls = [view.facts.calls[n] for n in view.calls_of.get(block.owner, ())]
    inside = [c for c in calls if callee_name(c) in LOADING and block.start < c.start and c.end <= block.end]
    texts = (str(c.args[0].value.value) for c in inside if c.args and isinstance(c.args[0].value, Lit))
    files = {f for t in texts if (f := scan.graph.resolve(t, view.path)) is not None}
    return FuncV(SymbolId(next(iter(files)), 0)) if len(files) == 1 else None


def around(scan: Scan, view: FileView, block: Block) -> tuple[Guard, ...]:
    """What the handler of a branch is wrapped in, the outermost first."""
    inside = [view.facts.calls[n] for n in view.calls_of.get(block.owner, ())]
    for call in [c for c in inside if block.start < c.start and c.end <= block.end][:MAX_CALLS]:
        wrapped, wrappers = _wrapped(scan, view, call)
        if wrapped is not None:
            place = Place(file=view.path, line=call.line, end_line=call.end_line)
            return tuple(Guard(value=w, place=place, start=call.start) for w in wrappers)
    return ()


def handed_to(scan: Scan, function: FuncV, rule: RouteRule) -> list[FuncV]:
    """The functions of the repository that a function gives what it was given, in the order of the calls."""
    view = scan.graph.view(function.symbol.file)
    given = {p.name for p in view.symbol(function.symbol.index).params}
    calls = [view.facts.calls[n] for owner in view.body(function.symbol.index) for n in view.calls_of.get(owner, ())]
    parts = rule.options.get("members", ())
    handing = [
        c
        for c in calls
        if len({h.id for a in c.args for h in (_whole(a.value, parts),) if isinstance(h, Name) and h.id in given})
        >= int(rule.options.get("handed", MIN_HANDED))
    ][:MAX_CALLS]
    functions = [v for c in handing for v in (c.callee, *(a.value for a in c.args))]
    owners = [c.owner for c in handing for _ in (c.callee, *c.args)]
    values = (v for f, owner in zip(functions, owners, strict=True) for v in options(scan.graph.ev.value(f, view.path, owner)))
    return [v for v in values if isinstance(v, FuncV) and v.symbol != function.symbol]


def own_called(scan: Scan, function: FuncV) -> list[FuncV]:
    """The methods of its own class that a method calls: `def do_GET(self): self.answer()`."""
    view = scan.graph.view(function.symbol.file)
    calls = [view.facts.calls[n] for n in view.calls_of.get(function.symbol.index, ())]
    own = [c for c in calls if isinstance(c.callee, Member) and c.callee.base == Name("self")][:MAX_CALLS]
    values = (v for c in own for v in options(scan.graph.ev.value(c.callee, view.path, c.owner)))
    found = {v.symbol: FuncV(v.symbol, function.self_value) for v in values if isinstance(v, FuncV) and v.symbol != function.symbol}
    return list(found.values())


def file_path(rule: RouteRule, file: str, cls: str) -> str:
    """The path that the place of a file gives a class of one name: `api/orders.py` with a class `handler` answers `/api/orders`."""
    spec = rule.options.get("by_file")
    if not spec or cls != spec["cls"]:
        return ""
    found = re.search(str(spec["pattern"]), file)
    return "/" + re.sub(r"\[(\w+)\]", r"{\1}", found["path"]).removesuffix("index").rstrip("/") if found is not None else ""


def _whole(value: Value, parts: Sequence[str]) -> Value:
    """The parameter itself of one of its members that stand for it: `event.request`."""
    return value.base if isinstance(value, Member) and value.name in parts else value


def _wrapped(scan: Scan, view: FileView, call: Call) -> tuple[FuncV | None, list[AV]]:
    """The function that a call of what a call makes runs in the end, and the functions around it."""
    made, wrappers = call.callee, list[AV]()
    for _ in range(MAX_WRAPPERS):
        if not isinstance(made, CallRef):
            break
        inner = view.facts.calls[made.call]
        wrappers.append(scan.graph.ev.value(inner.callee, view.path, inner.owner))
        given = [
            (a.value, v) for a in inner.args for v in options(scan.graph.ev.value(a.value, view.path, inner.owner)) if isinstance(v, FuncV)
        ]
        if not given:
            return None, []
        made, value = given[-1]
        if not isinstance(made, CallRef):
            return value, wrappers
    return None, []
