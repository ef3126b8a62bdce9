"""What a handler answers with: constants, its own input, sample records, or something that it worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Alt, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Record, Return, Seq, Value
from backend_readiness.graph.backend.backend import Backend
from backend_readiness.graph.backend.pruning import Reached
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Stage
from backend_readiness.rules.signs import signs, signs_by

MAX_DEPTH = 8
RESPONSES = {
    "json", "send", "jsonify", "JSONResponse", "ORJSONResponse", "Response", "HttpResponse", "JsonResponse", "make_response", "status",
    "sendStatus",
    "end", "jsonp", "type", "set", "header", "code", "write", "writeHead", "PlainTextResponse", "HTMLResponse", "ok", "created",
    "setHeader",
}  # fmt: skip
# The same in languages whose frameworks answer otherwise.
_RESPONSES_OF = {
    "go": {
        "JSON",
        "String",
        "Status",
        "SendStatus",
        "NoContent",
        "WriteHeader",
        "IndentedJSON",
        "AbortWithStatusJSON",
        "SendString",
        "WriteString",
        "H",
        "Map",
    },
    "java": {"ok", "body", "build", "status", "entity", "noContent", "accepted", "created", "respond", "respondText", "result"},
    "kotlin": {"respond", "respondText", "ok", "body", "build", "mapOf", "to"},
    "csharp": {"Ok", "Json", "Created", "CreatedAtAction", "NoContent", "Accepted", "StatusCode", "Content", "FromResult"},
    "php": {"response", "json", "noContent", "JsonResponse", "withJson", "setStatusCode"},
    "ruby": {"render", "head", "json", "status", "to_json"},
    "rust": {"Ok", "Json", "json", "json!", "body", "finish", "Created", "NoContent", "into_response", "Accepted"},
    "elixir": {"json", "text", "send_resp", "put_status"},
}  # fmt: skip
# Where a capital letter says that a call makes a value; elsewhere `new` says it, and any public method is written so.
_CAPITALS = ("python", "javascript", "typescript", "vue", "svelte", "kotlin", "scala")
LOGS = {
    "log", "info", "debug", "warn", "warning", "error", "print", "exception", "trace", "notice", "puts", "println", "println!", "printf",
    "Print", "Printf", "Println", "Info", "Infof", "Infow", "Debug", "Debugf", "Warn", "Warnf", "Error", "Errorw", "error_log",
    "LogInformation", "LogWarning", "LogError", "LogDebug", "LogTrace", "WriteLine", "Information", "infof", "info!", "warn!", "debug!",
    "error!",
}  # fmt: skip
_LOGS = LOGS
_STUB = re.compile(
    r"(?i)not (?:yet )?(?:been )?implemented|implement (?:me|this|later|properly|real|actual)"
    r"|todo:? *(?:implement|replace|real|actually|call|connect|wire|fetch|query|save|store|persist|send|deliver)"
    r"|\bstub(?:bed)?\b|\bmock(?:ed)?\b|\bfake\b|\bdummy\b|placeholder|hard-?coded|temporar(?:y|ily) (?:return|answer)"
)
_UNFINISHED = re.compile(r"(?i)not.?(?:yet.?)?implemented|\btodo\b")
_NO_ANSWERS = frozenset(signs("answers", "no_answers"))
_IDLE = frozenset(w for words in signs_by("answers", "idle").values() for w in words)
_LISTS = frozenset(signs("answers", "lists"))


def answering(backend: Backend) -> tuple[Reached, ...]:
    """The handlers of a walk and what they run, guards left out; handlers first."""
    below: set[int] = set()
    for number, link in enumerate(backend.links):
        if link.stage is Stage.HANDLER or (link.parent is not None and link.parent in below):
            below.add(number)
    return tuple(r for r in backend.functions if r.link in below)


def touches(backend: Backend) -> bool:
    """Do the handler or its services touch data or a service? What guards touch does not count."""
    mine = {r.link for r in answering(backend)}
    return any(backend.links[i].parent in mine for _, i in backend.effects) or any(
        link.stage in (Stage.DATA, Stage.EXTERNAL) and "base class" in link.why for link in backend.links
    )


def calls_of(view: FileView, index: int) -> list[Call]:
    return [view.facts.calls[n] for scope in view.body(index) for n in view.calls_of.get(scope, ())]


def returns_of(view: FileView, index: int) -> list[Return]:
    return [r for r in view.returns.get(index, ()) if r.value is not None]


def answers_of(view: FileView, index: int) -> list[Value]:
    """The values that a function returns or hands to the response."""
    names = responses(view)
    found: list[Value] = []
    for item in returns_of(view, index):
        value = item.value
        if value is not None and not (isinstance(value, CallRef) and _responds(view.facts.calls[value.call], names)):
            found.append(value)
    for call in calls_of(view, index):
        if callee_name(call) in names and _responds(call, names):
            found.extend(a.value for a in call.args[:2] if a.name not in ("status_code", "status", "mimetype", "headers"))
    return found


def responses(view: FileView) -> frozenset[str]:
    """Names of the calls that answer, in the language of the file."""
    return frozenset(RESPONSES | _RESPONSES_OF.get(view.language, set()))


def makes_value(call: Call, view: FileView) -> bool:
    """Is the call a constructor, by the customs of the language?"""
    return call.kind == "new" or (view.language in _CAPITALS and (callee_name(call) or "")[:1].isupper())


def _responds(call: Call, names: frozenset[str]) -> bool:
    """`res.json(...)`, `jsonify(...)`, `JSONResponse(...)`: not `request.json()` or `log.info()`."""
    name = callee_name(call)
    if name not in names:
        return False
    base: Value = call.callee
    while isinstance(base, Member):
        base = base.base
    if isinstance(base, CallRef):
        return True
    root = base.id if isinstance(base, Name) else ""
    return root not in _NO_ANSWERS or name in ("jsonify",)


def other_calls(view: FileView, index: int) -> list[Call]:
    """Calls that are neither the response, nor logging, nor the making of a constant answer."""
    found = []
    names = responses(view)
    for call in calls_of(view, index):
        name = callee_name(call)
        if call.kind == "decorator" or (name in names and _responds(call, names)):
            continue
        if name in _LOGS and isinstance(call.callee, Name | Member):
            continue
        if name is not None and makes_value(call, view) and all(is_constant(a.value, view, index) or is_echo(a.value) for a in call.args):
            continue  # a model built of constants
        found.append(call)
    return found


def only_says_done(view: FileView, index: int) -> bool:
    """Does a function return an answer without content, and do nothing else but write to the log?"""
    names = responses(view)
    returned = [r.value for r in returns_of(view, index)]
    said = [isinstance(v, CallRef) and _responds(view.facts.calls[v.call], names) for v in returned]
    return bool(said) and all(said) and not other_calls(view, index)


def working_calls(view: FileView, index: int) -> list[Call]:
    """The other calls without those that read and check the input, tell the time, make an id, shape a text or a list, or wait."""
    return [c for c in other_calls(view, index) if not _is_idle(c) and callee_name(c) not in _LISTS and not makes_value(c, view)]


def _is_idle(call: Call) -> bool:
    """Is it one of the idle calls, by its name alone or with what it is called on (`uuid.New`)?"""
    return callee_name(call) in _IDLE or ".".join((dotted(call.callee) or "").split(".")[-2:]) in _IDLE


def is_constant(value: Value | None, view: FileView, owner: int, depth: int = 0) -> bool:
    """Is the value the same at every call, by what is written here?"""
    if value is None or depth > MAX_DEPTH:
        return False
    if isinstance(value, Lit):
        return True
    if isinstance(value, Concat):
        return all(is_constant(p, view, owner, depth + 1) for p in value.parts)
    if isinstance(value, Seq):
        return all(is_constant(i, view, owner, depth + 1) for i in value.items)
    if isinstance(value, Record):
        return not value.computed and all(k is not None and is_constant(v, view, owner, depth + 1) for k, v in value.items)
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        name = callee_name(call) or ""
        return (
            (makes_value(call, view) or name in responses(view) or name in _LISTS)
            and bool(call.args)
            and all(is_constant(a.value, view, owner, depth + 1) for a in call.args)
        )
    if isinstance(value, Name):
        for scope in view.enclosing(owner):
            bound = view.bindings.get((scope, value.id))
            if bound:
                return all(not path and a.kind in ("let", "const") and is_constant(a.value, view, scope, depth + 1) for a, path in bound)
            if any(p.name == value.id for p in view.symbol(scope).params):
                return False
    return False


def is_echo(value: Value | None, depth: int = 0) -> bool:
    """Names, members and records of them: nothing is worked out."""
    if isinstance(value, Lit | Name | Member):
        return True
    if isinstance(value, Record) and depth < MAX_DEPTH:
        return all(is_echo(v, depth + 1) for _, v in value.items)
    if isinstance(value, Seq) and depth < MAX_DEPTH:
        return all(is_echo(v, depth + 1) for v in value.items)
    return isinstance(value, Index) and is_echo(value.base, depth + 1) and depth < MAX_DEPTH


def sample_records(value: Value | None, view: FileView, depth: int = 0) -> bool:
    """Does the value hold a list of written-out records with an id each?"""
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, Seq):
        return bool(value.items) and all(_is_record(i, view) for i in value.items)
    if isinstance(value, Record):
        return any(sample_records(v, view, depth + 1) for _, v in value.items)
    if isinstance(value, Alt | Op):
        inner = value.options if isinstance(value, Alt) else value.operands
        return any(sample_records(v, view, depth + 1) for v in inner)
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        if callee_name(call) in _LISTS:
            return len(call.args) > 1 and all(_is_record(a.value, view) or _is_made_up(a.value, view) for a in call.args)
        return callee_name(call) in responses(view) and any(sample_records(a.value, view, depth + 1) for a in call.args)
    return False


def _is_record(value: Value, view: FileView) -> bool:
    if isinstance(value, Record):
        keys = {k for k, v in value.items if k is not None and isinstance(v, Lit | Record | Seq | Concat)}
        return len(keys) >= 2 and any(k.lower() in ("id", "_id", "uuid", "slug", "sku") for k in keys)
    if isinstance(value, CallRef):
        named = {a.name for a in view.facts.calls[value.call].args if a.name is not None and isinstance(a.value, Lit)}
        return len(named) >= 2 and bool(named & {"id", "uuid", "slug", "sku"})
    return False


def _is_made_up(value: Value, view: FileView) -> bool:
    """`Product(1, "Pen")`: an object made of literals, the first of them a number or an id."""
    if not isinstance(value, CallRef):
        return False
    call = view.facts.calls[value.call]
    given = [a.value for a in call.args]
    return makes_value(call, view) and len(given) > 1 and all(isinstance(v, Lit) for v in given)


def stub_comment(view: FileView, index: int) -> int | None:
    """The line of a comment inside the function that says it is not finished."""
    symbol = view.symbol(index)
    return next(
        (c.line for c in view.facts.comments if symbol.line <= c.line <= symbol.end_line and _STUB.search(c.text) is not None), None
    )


def raises_unfinished(view: FileView, index: int) -> int | None:
    """The line where a function says that it is not implemented, and does nothing else."""
    symbol = view.symbol(index)
    if symbol.statements > 3:
        return None
    for throw in view.facts.throws:
        if throw.owner == index and any(_UNFINISHED.search(t) is not None for t in _texts(throw.value, view)):
            return throw.line
    return None


def _texts(value: Value | None, view: FileView, depth: int = 0) -> Iterator[str]:
    if depth > 4:
        return
    if isinstance(value, Name):
        yield value.id
    elif isinstance(value, Member):
        yield value.name
    elif isinstance(value, Lit):
        yield str(value.value)
    elif isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        yield callee_name(call) or ""
        for arg in call.args:
            yield from _texts(arg.value, view, depth + 1)


def is_empty(view: FileView, index: int) -> bool:
    """A body without a call, an assignment, a return or a throw."""
    body = set(view.body(index))
    facts = view.facts
    return (
        not any(c.owner in body and c.kind != "decorator" for c in facts.calls)
        and not any(a.owner in body for a in facts.assigns)
        and not any(r.owner in body and r.value is not None for r in facts.returns)
        and not any(t.owner in body for t in facts.throws)
    )


def in_class_with_heirs(context: Context, where: SymbolId) -> bool:
    """A method of a class from which others inherit: what it does not do, they do."""
    view = context.view(where.file)
    holder = view.holder(where.index)
    return holder is not None and bool(context.graph.subclasses(view.symbol(holder).name))
