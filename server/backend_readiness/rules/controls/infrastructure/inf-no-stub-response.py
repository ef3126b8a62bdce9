"""Handlers and services of the flow that answer without doing anything: stubs, sample data, constant success."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work import answers
from backend_readiness.controls.work.memory import Memory
from backend_readiness.facts.model import Op
from backend_readiness.graph.backend.backend import Backend
from backend_readiness.graph.backend.pruning import Reached
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, FindingStatus, Stage
from backend_readiness.rules.signs import sign

_CONSTANT_MEANT = re.compile(
    r"(?i)^/?$|\{\w+\*\}|(^|/)(health[\w-]*|ping|live\w*|ready\w*|alive|status|version|robots\.txt|favicon\.ico|up|heartbeat|echo|test[\w-]*|validate|preview|csrf\w*|docs?|about|terms|privacy"
    r"|log-?out|sign-?out|manifest\w*|config|settings|constants|enums?|options|countries|currencies|languages|locales|features?|flags?|\.well-known)(/|$)"
)
_CONSTANT_DONE = re.compile(
    r"(?i)^/?$|^[^{}]*\{\w+\*\}|(^|/)(health[\w-]*|ping|live\w*|ready\w*|alive|up|heartbeat|echo|test[\w-]*|csrf\w*|log-?out|sign-?out)(/|$)"
)
_ONLY_CHECKS = re.compile(r"(?i)(^|/)(validat\w*|preview|check[\w-]*)(/|$)")
# What is sent out in somebody else's name (`fake_request_headers`) is no made-up answer.
_MOCK_NAME = re.compile(
    r"(?i)^(?!.*(?:header|agent|cookie|proxy|proxies)).*(?:mock|fake|dummy|sample|stub|placeholder|hard_?coded|demo_?data|seed)"
)
# A file of those that keep the records.
_KEEPS = re.compile(r"(?i)repositor|[\W_]dao\b|persistence|data_?(store|access)")
_INTEGRATION = re.compile(sign("inf-no-stub-response", "integration"))
# A class that stands for one that does the work; those for logs, traces and caches may do nothing.
_IDLE_CLASS = re.compile(
    r"(?i)^(?!.*(log|trac|metric|span|analytic|telemetr|monitor|cache|event|audit))(no_?op|dummy|fake|stub|mock)|(no_?op|stub)$"
)
_ONLY_READS = re.compile(sign("inf-no-stub-response", "only_reads"))
_CHANGES = re.compile(sign("inf-no-stub-response", "changes"))
_ANSWERS = re.compile(sign("inf-no-stub-response", "answers"))
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return not_applicable("The flow has no route of the backend.")
    if not context.is_resolved:
        return unverified("The handler of the flow was not found.", context.at_route())
    idle: Judgement | None = None
    computed: Evidence | None = None
    open_question: Evidence | None = None
    reading: Evidence | None = None
    pairs = {id(t.bound): (t.bound, t.backend) for t in context.traced if t.bound is not None and t.backend is not None}
    for bound, backend in pairs.values():
        functions = answers.answering(backend)
        for reached in functions:
            found = _unfinished(context, reached, backend)
            if found is not None:
                return found
            idle = idle or _runs_idle(context, reached)
        touched = answers.touches(backend)
        if not touched:
            for reached in functions:
                if backend.links[reached.link].stage is Stage.HANDLER:
                    found = _answers_nothing(context, bound, backend, reached, functions)
                    if found is not None:
                        return found
        handler = next((r for r in functions if backend.links[r.link].stage is Stage.HANDLER), None)
        place = (
            context.at_symbol(handler.function.symbol)
            if handler is not None
            else context.at_place(bound.route.handler or bound.route.place)
        )
        if handler is not None and _only_reads(context, bound, backend, functions):
            reading = reading or place
            continue
        if (
            touched
            or _beside_guards(backend)
            or handler is None
            or _is_meant(context, bound, functions)
            or (_works(context, functions) and (bound.route.endpoint.method not in _WRITES or not _only_answers(context, functions)))
        ):
            computed = computed or place
        else:
            open_question = open_question or place
    if idle is not None:
        return idle
    if reading is not None:
        return unverified("The flow is to change something, and only reads were found; whether it changes anything is open.", reading)
    if open_question is not None:
        return unverified("The handler answers without touching data; whether a constant is meant is not clear.", open_question)
    assert computed is not None
    return passed("The handlers compute their answers.", computed)


def _beside_guards(backend: Backend) -> bool:
    """Does anything but what runs before the handler touch data or a service?"""
    return any(
        (parent := backend.links[i].parent) is None or backend.links[parent].stage is not Stage.MIDDLEWARE for _, i in backend.effects
    )


def _works(context: Context, functions: tuple[Reached, ...]) -> bool:
    """Does a function of the chain loop, reckon, or call what is neither on the chain itself nor idle?"""
    reached = {r.function.symbol for r in functions}
    for where in (r.function.symbol for r in functions):
        view = context.view(where.file)
        body = set(view.body(where.index))
        if any(b.kind == "loop" and b.owner in body for b in view.facts.blocks):
            return True
        if any(_reckons(a.value) for a in view.facts.assigns if a.owner in body) or any(
            _reckons(r.value) for r in view.facts.returns if r.owner in body
        ):
            return True
        calls = view.facts.calls
        own = {calls[e.site.call].start for e in context.tracer.edges.of_symbol(where) if e.target.symbol in reached}
        if any(c.start not in own for c in answers.working_calls(view, where.index)):
            return True
    return False


def _only_reads(context: Context, bound: BoundRoute, backend: Backend, functions: tuple[Reached, ...]) -> bool:
    """Does a change of a record touch the database, and only to read it?"""
    kinds = {(e.kind, e.operation) for e, _ in backend.effects}
    if bound.route.endpoint.method not in _WRITES or not kinds or not all(k in ("orm", "sql") and o == "read" for k, o in kinds):
        return False
    if bound.registration.touches or Subject(context).credentials or _ONLY_READS.search(bound.route.endpoint.path) is not None:
        return False
    changed = any(u.changes for f in functions for u in Memory(context).uses_in(f.function.symbol))
    return not changed and not any(_calls_a_change(context, f.function.symbol, backend) for f in functions)


def _calls_a_change(context: Context, where: SymbolId, backend: Backend) -> bool:
    """Does a function call something by the name of a change that is no touch of data which was read?"""
    view = context.view(where.file)
    known = {(e.site.file, e.site.call) for e, _ in backend.effects}
    followed = {(e.site.file, e.site.call) for e in context.tracer.edges.of_symbol(where) if e.kind == "call"}
    numbers = [n for scope in view.body(where.index) for n in view.calls_of.get(scope, ())]
    loose = [n for n in numbers if (where.file, n) not in known | followed]
    return any(_CHANGES.search(callee_name(view.facts.calls[n]) or "") is not None for n in loose)


def _only_answers(context: Context, functions: tuple[Reached, ...]) -> bool:
    """Do the functions of a change, besides reading the request, call nothing but what makes the answer?"""
    for reached in functions:
        view = context.view(reached.function.symbol.file)
        for scope in view.body(reached.function.symbol.index):
            if any(_ANSWERS.search(callee_name(view.facts.calls[n]) or "") is None for n in view.calls_of.get(scope, ())):
                return False
    return True


def _reckons(value: object, depth: int = 0) -> bool:
    if isinstance(value, Op):
        return value.op in ("+", "-", "*", "/", "%") or any(_reckons(o, depth + 1) for o in value.operands if depth < 4)
    return False


def _unfinished(context: Context, reached: Reached, backend: Backend) -> Judgement | None:
    """A handler or service that says it does nothing: not implemented, 501, empty, or a marked constant."""
    where = reached.function.symbol
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    handles = backend.links[reached.link].stage is Stage.HANDLER
    if not handles and (answers.in_class_with_heirs(context, where) or _INTEGRATION.search(f"{where.file} {symbol.name}") is not None):
        return None
    name = symbol.name or "the handler"
    line = answers.raises_unfinished(view, where.index)
    if line is not None:
        return _stub(f"`{name}` says that it is not implemented.", context.at(where.file, line), context.at_symbol(where))
    if handles and symbol.statements <= 3 and _answers_501(context, reached):
        return _stub(f"`{name}` answers 501.", context.at(where.file, symbol.line, min(symbol.end_line, symbol.line + 6)))
    if handles and answers.is_empty(view, where.index):
        return _stub(f"The body of `{name}` is empty.", context.at(where.file, symbol.line, min(symbol.end_line, symbol.line + 6)))
    values = answers.answers_of(view, where.index)
    if not values or answers.working_calls(view, where.index):
        return None
    constant = all(answers.is_constant(v, view, where.index) for v in values)
    marked = answers.stub_comment(view, where.index)
    if constant and marked is not None:
        return _stub(
            f"`{name}` answers a constant; its comment says that it is not finished.",
            context.at(where.file, marked),
            context.at_symbol(where),
        )
    if constant and (_MOCK_NAME.search(name) is not None or any(answers.sample_records(v, view) for v in values)):
        line = symbol.line
        return _stub(
            f"`{name}` answers with records that are written into the source.", context.at(where.file, line, min(symbol.end_line, line + 8))
        )
    return None


def _is_meant(context: Context, bound: BoundRoute, functions: tuple[Reached, ...]) -> bool:
    """May the answer be the same each time? Of a change only where nothing but the answer is asked for, or something is checked."""
    endpoint = bound.route.endpoint
    if endpoint.method not in _WRITES:
        return _CONSTANT_MEANT.search(endpoint.path) is not None
    if _CONSTANT_DONE.search(endpoint.path) is not None:
        return True
    checks = any(answers.other_calls(context.view(r.function.symbol.file), r.function.symbol.index) for r in functions)
    return checks and _ONLY_CHECKS.search(endpoint.path) is not None


def _runs_idle(context: Context, reached: Reached) -> Judgement | None:
    """A function of the chain calls a method that does nothing, of a class whose name says so."""
    for edge in context.tracer.edges.of_symbol(reached.function.symbol)[:60]:
        where = edge.target.symbol
        if edge.kind == "call" and _IDLE_CLASS.search(_class_of(context, where)) is not None:
            view = context.view(where.file)
            if answers.is_empty(view, where.index):
                name = f"{_class_of(context, where)}.{view.symbol(where.index).name}"
                return partial(f"The flow runs `{name}`, and it does nothing.", context.at_symbol(where))
    return None


def _class_of(context: Context, where: SymbolId) -> str:
    view = context.view(where.file)
    holder = view.holder(where.index)
    return next((view.symbol(s).name for s in view.enclosing(holder) if view.symbol(s).kind == "class"), "") if holder is not None else ""


def _answers_501(context: Context, reached: Reached) -> bool:
    return 501 in context.roles.statuses(reached.function.symbol, depth=0)


def _answers_nothing(
    context: Context, bound: BoundRoute, backend: Backend, reached: Reached, functions: tuple[Reached, ...]
) -> Judgement | None:
    """A handler without any effect that promises data or a change."""
    endpoint = bound.route.endpoint
    if _is_meant(context, bound, functions):
        return None
    where = reached.function.symbol
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    sample = _sample_data(context, endpoint.path, functions)
    if sample is not None:
        return _stub(f"`{endpoint}` answers from sample data in the source and reads no records.", sample, context.at_symbol(where))
    values = answers.answers_of(view, where.index)
    if any(u.changes for f in functions for u in Memory(context).uses_in(f.function.symbol)) or answers.working_calls(view, where.index):
        return None
    place = context.at(where.file, symbol.line, min(symbol.end_line, symbol.line + 8))
    if endpoint.method in _WRITES and len(functions) == 1:
        if values and all(answers.is_constant(v, view, where.index) for v in values):
            return _stub(f"`{endpoint}` answers a constant and changes nothing.", place)
        if not values and answers.only_says_done(view, where.index):
            return _stub(f"`{endpoint}` says that it is done and changes nothing.", place)
        if values and not backend.effects and all(answers.is_echo(v) for v in values):
            return _stub(f"`{endpoint}` gives its input back and changes nothing.", place)
    return None


def _sample_data(context: Context, path: str, functions: tuple[Reached, ...]) -> Evidence | None:
    """A constant list of records that a handler reads, where the repository has a model of that name or says it is made up."""
    memory = Memory(context)
    for reached in functions:
        for use in memory.uses_in(reached.function.symbol):
            made = use.collection
            if use.changes or made.items < 1 or memory.is_changed(made):
                continue
            view = context.view(made.file)
            value = next((a.value for a in view.facts.assigns if a.line == made.line and a.owner == 0), None)
            if value is None or not answers.sample_records(value, view):
                continue
            if any(p.search(f"{made.name} {made.file}") for p in (_MOCK_NAME, _KEEPS)) or _has_model(context, path):
                return context.at(made.file, made.line, min(made.end_line, made.line + 6))
    return None


def _has_model(context: Context, path: str) -> bool:
    """Is there a class named after the resource of the path (`Product` for `/products/{id}`)?"""
    words = [s for s in path.split("/") if s and "{" not in s]
    if not words:
        return False
    last = re.split(r"[-_]", words[-1])[-1].lower()
    singular = re.sub(r"ies$", "y", last) if last.endswith("ies") else last.removesuffix("s")
    return any(context.graph.defining(n) for n in (singular.capitalize(), f"{singular.capitalize()}Model", last.capitalize()))


def _stub(why: str, *evidence: Evidence) -> Judgement:
    return failed(why, *evidence, status=FindingStatus.STUBBED)
