"""Asynchronous work of the flow is awaited, chained to a catch, or supervised."""

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef, Func, Member, Name
from backend_readiness.graph.values import Ext, FuncV, ParamV, Site, options
from backend_readiness.graph.views import FileView, callee_name

MAX_STEPS = 12
_TASKS = frozenset(("create_task", "ensure_future"))

# Work that runs beside the request, as languages without promises write it.
_STARTS = {
    "go": r"^\s*go\s+(func\b|[\w.]+\()|errgroup|\.Go\(",
    "java": r"@Async\b|CompletableFuture\.|new Thread\(|\.(submit|execute|runAsync|supplyAsync)\(|\.subscribe\(|publishEvent\(",
    "kotlin": r"\blaunch\b|\basync\s*\{|GlobalScope|CompletableFuture\.|\.subscribe\(",
    "csharp": r"Task\.(Run|Factory)|async\s+void|new Thread\(|_\s*=\s*\w[\w.]*Async\(|QueueBackgroundWorkItem",
    "rust": r"\bspawn\w*\(|JoinSet",
    "ruby": r"Thread\.new|\bFiber\b|Concurrent::|Async\s*\{|\bfork\b",
    "elixir": r"Task\.(start|async|Supervisor)|\bspawn\w*\(|GenServer\.cast",
    "php": r"\bgo\(|Swoole|pcntl_fork|dispatchAfterResponse|->afterResponse\(|Amp\\\\|async\(",
    "scala": r"Future\s*[{(]|unsafeRun",
}

# Of these, work that nothing watches: neither a supervisor nor whoever started it learns how it ends.
_LOOSE = {
    "elixir": r"(?<![.\w])spawn\(|\bTask\.start\(",
    "ruby": r"^\s*Thread\.new\b(?!.*\.(?:join|value)\b)",
}


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
    started = texts_of_chain(context, _STARTS[context.language]) if context.language in _STARTS else []
    started += [
        (symbol.file, facts.line)
        for symbol in (r.function.symbol for r in context.functions)
        for facts in (context.view(symbol.file).symbol(symbol.index),)
        if any(isinstance(d, CallRef) and callee_name(context.view(symbol.file).facts.calls[d.call]) == "Async" for d in facts.decorators)
    ]
    unwatched = texts_of_chain(context, _LOOSE[context.language]) if context.language in _LOOSE else []
    if unwatched:
        return failed("Work is started that nothing supervises or waits for.", *(context.at(*s) for s in unwatched[:3]))
    if started:
        return unverified(
            "Work is started beside the request; who learns of its failure is not settled.", *(context.at(*s) for s in started[:3])
        )
    if awaited:
        return passed("The flow awaits the asynchronous work that it starts.", *(context.at_call(c) for c in awaited[:3]))
    return not_applicable("The flow starts no asynchronous work of its own.", context.at_route())


def _is_promise(context: Context, call: ChainCall, touches: bool) -> bool:
    """Does the call give a promise or coroutine: an async function of the repository, or a promise-based library call?"""
    if any(isinstance(a.value, Func) for a in call.call.args):
        return False  # a callback style
    for arg in call.call.args[-1:]:
        value = context.graph.ev.value(arg.value, call.site.file, call.call.owner)
        if any(isinstance(o, FuncV | ParamV) for o in options(value)):
            return False  # a callback that is handed on
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
