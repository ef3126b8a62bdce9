"""Asynchronous work of the flow is awaited, chained to a catch, or supervised."""

import re
from collections.abc import Mapping, Sequence

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef, Func, Member, Name
from backend_readiness.graph.values import Ext, FuncV, ParamV, Site, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.rules.signs import sign, signs_by

MAX_STEPS = 12
_TOGETHER = re.compile(r"Promise\.(all|allSettled|any|race)$")
_TASKS = frozenset(("create_task", "ensure_future"))

_CALLBACK = re.compile(sign("rel-unhandled-async", "callback"))
_STARTS = signs_by("rel-unhandled-async", "starts")  # work that runs beside the request, as languages write it
_LOOSE = signs_by("rel-unhandled-async", "loose")  # of these, work that nothing watches: nobody learns how it ends


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    effects = {(e.site.file, e.site.call): e for e, _ in context.effects}
    dropped: list[tuple[ChainCall, bool]] = []
    awaited: list[ChainCall] = []
    for call in context.calls:
        view = context.view(call.site.file)
        effect = effects.get((call.site.file, call.site.call))
        name = callee_name(call.call) or ""
        if name in _TASKS and _is_statement(view, call):
            dropped.append((call, False))
            continue
        if name == "forEach" and any(isinstance(a.value, Func) and view.symbol(a.value.symbol).is_async for a in call.call.args):
            dropped.append((call, True))
            continue
        if call.call.awaited:
            awaited.append(call)
            continue
        if (
            context.language == "javascript"
            and _is_statement(view, call)
            and (_TOGETHER.match(dotted(call.call.callee) or "") or _maps(view, call))
        ):
            dropped.append((call, True))
            continue
        if effect is not None and effect.operation in ("write", "delete") and _is_put_away(context, view, call):
            dropped.append((call, True))
            continue
        if context.language == "csharp" and name.endswith("Async") and _is_statement(view, call):
            dropped.append((call, effect is not None and effect.operation in ("write", "delete")))
            continue
        if context.language == "javascript" and effect is not None and (loose := _loose_end(view, call)) is not None:
            dropped.append((loose, True))
            continue
        promised = _is_promise(context, call, effect is not None) or _escapes_try(context, call)
        if promised and _is_statement(view, call):
            dropped.append((call, (effect is not None and effect.operation in ("write", "delete")) or effect is None))
    if dropped:
        first = dropped[0][0]
        name = dotted(first.call.callee) or callee_name(first.call) or "a call"
        answer = failed if any(m for _, m in dropped) else partial
        return answer(f"`{name}` is started and never awaited: its failure reaches nobody.", *(context.at_call(c) for c, _ in dropped[:4]))
    started = _lines(context, _STARTS)
    started += [
        (symbol.file, facts.line)
        for symbol in (r.function.symbol for r in context.functions)
        for facts in (context.view(symbol.file).symbol(symbol.index),)
        if any(isinstance(d, CallRef) and callee_name(context.view(symbol.file).facts.calls[d.call]) == "Async" for d in facts.decorators)
    ]
    unwatched = _lines(context, _LOOSE)
    if unwatched:
        return failed("Work is started that nothing supervises or waits for.", *(context.at(*s) for s in unwatched[:3]))
    if started:
        return unverified(
            "Work is started beside the request; who learns of its failure is not settled.", *(context.at(*s) for s in started[:3])
        )
    if awaited:
        return passed("The flow awaits the asynchronous work that it starts.", *(context.at_call(c) for c in awaited[:3]))
    return not_applicable("The flow starts no asynchronous work of its own.", context.at_route())


def _maps(view: FileView, call: ChainCall) -> bool:
    """Is an asynchronous function run for each element?"""
    return callee_name(call.call) in ("map", "filter", "flatMap") and any(
        isinstance(a.value, Func) and view.symbol(a.value.symbol).is_async for a in call.call.args
    )


def _is_put_away(context: Context, view: FileView, call: ChainCall) -> bool:
    """Is a promise or task bound to a name that nothing reads after it?"""
    promised = context.language == "javascript" and not _sync_name(callee_name(call.call) or "")
    if not promised and not (context.language == "csharp" and (callee_name(call.call) or "").endswith("Async")):
        return False
    bound = [
        a for a in view.facts.assigns if a.owner == call.call.owner and a.value == CallRef(call.site.call) and isinstance(a.target, Name)
    ]
    if len(bound) != 1 or not isinstance(bound[0].target, Name):
        return False
    lines = context.snapshot.lines(view.path)[call.call.end_line - 1 : view.symbol(call.call.owner).end_line]
    word = re.compile(rf"\b{re.escape(bound[0].target.id)}\b")
    uses = sum(len(word.findall(t[:500])) for t in lines)
    return uses <= (1 if call.call.line == call.call.end_line else 0)


def _lines(context: Context, patterns: Mapping[str, Sequence[str]]) -> list[tuple[str, int]]:
    """(file, line) in the flow and its helpers where one of the patterns of its language stands."""
    compiled = [re.compile(p) for p in patterns.get(context.language, ())]
    if not compiled:
        return []
    return [(file, line) for file, line, text in chain_text(context) if any(p.search(text[:500]) for p in compiled)]


def _is_promise(context: Context, call: ChainCall, touches: bool) -> bool:
    """Does the call give a promise or coroutine: an async function of the repository, or a promise-based library call?"""
    if any(isinstance(a.value, Func) for a in call.call.args):
        return False  # a callback style
    for arg in call.call.args[-1:]:
        value = context.graph.ev.value(arg.value, call.site.file, call.call.owner)
        given = [o for o in options(value) if isinstance(o, FuncV | ParamV)]
        if any(isinstance(o, FuncV) or len(call.call.args) > 1 or _CALLBACK.search(o.name) is not None for o in given):
            return False  # a callback that is handed on; the one thing that is given may as well be what is stored
    targets = [e for e in context.tracer.edges.of_call(call.site) if e.kind == "call"]
    if targets:
        return all(context.view(e.target.symbol.file).symbol(e.target.symbol.index).is_async for e in targets)
    at_once = any("answers_at_once" in context.graph.knowledge.roles_of(v.path) for v in call.callee if isinstance(v, Ext))
    return touches and context.language == "javascript" and not at_once and not _sync_name(callee_name(call.call) or "")


def _escapes_try(context: Context, call: ChainCall) -> bool:
    """Is an asynchronous function run in a `try` that ends before it: `try { handler(req, res, next); } catch (err) { next(err); }`?"""
    view = context.view(call.site.file)
    blocks = view.blocks_of.get(call.call.owner, ())
    if not any(b.kind == "try" and b.start <= call.call.start < b.end for b in blocks):
        return False
    targets = [e.target.symbol for e in context.tracer.edges.of_call(call.site) if e.kind == "call"]
    if not targets and isinstance(call.call.callee, Name):  # a parameter of what wraps the handlers of the routes
        given = {p.name for s in view.enclosing(call.call.owner) for p in view.symbol(s).params}
        wraps = call.call.callee.id in given and len(call.call.args) > 1
        lines = {(h.file, h.line) for h in context.handlers} if wraps else set()
        symbols = [r.function.symbol for r in context.functions]
        targets = [w for w in symbols if (w.file, context.view(w.file).symbol(w.index).line) in lines]
    return bool(targets) and all(context.view(t.file).symbol(t.index).is_async for t in targets)


def _loose_end(view: FileView, call: ChainCall) -> ChainCall | None:
    """The last `then` after a call when it is a statement of its own that no `catch` and no second function of a `then` ends."""
    last, current = None, call.site.call
    for _ in range(MAX_STEPS):
        step = next((n for n in view.calls_of.get(call.call.owner, ()) if _goes_on(view, n, current)), None)
        if step is None:
            break
        following = view.facts.calls[step]
        name = callee_name(following) or ""
        if name == "catch" or (name == "then" and len(following.args) > 1):
            return None
        if name == "then":
            last = step
        current = step
    if last is None:
        return None
    end = ChainCall(site=Site(call.site.file, current, call.site.env), call=view.facts.calls[current], callee=(), function=call.function)
    return end if not end.call.awaited and _is_statement(view, end) else None


def _goes_on(view: FileView, number: int, current: int) -> bool:
    callee = view.facts.calls[number].callee
    return isinstance(callee, Member) and isinstance(callee.base, CallRef) and callee.base.call == current


def _sync_name(name: str) -> bool:
    return name.endswith("Sync") or name in ("find", "aggregate", "query", "exec", "prepare", "run", "get", "all", "set")


def _is_statement(view: FileView, call: ChainCall) -> bool:
    """Is the call's value used by nothing: no return, assignment, argument, or chained catch?"""
    inner = call.call
    for number in view.calls_of.get(inner.owner, ()):
        other = view.facts.calls[number]
        if number == call.site.call:
            continue
        if isinstance(other.callee, Member) and isinstance(other.callee.base, CallRef) and other.callee.base.call == call.site.call:
            return False
        if other.start <= inner.start and inner.end <= other.end:
            return False
    for assign in view.facts.assigns:
        if assign.owner == inner.owner and assign.start <= inner.start and inner.end <= assign.end:
            return False
    for item in view.returns.get(inner.owner, ()):
        if item.start <= inner.start <= item.start + 12 or (isinstance(item.value, CallRef) and item.value.call == call.site.call):
            return False
        if item.start <= inner.start and item.line <= inner.line <= item.end_line:
            return False
    return not any(
        b.owner == inner.owner and isinstance(b.subject, CallRef) and b.subject.call == call.site.call for b in view.facts.blocks
    )
