"""What the application itself does with errors that no handler catches: handlers that it registers, middleware that catches everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.work.catches import is_broad
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import CallRef, Func, Lit, Name, Seq, Symbol, Value
from backend_readiness.graph.values import ClassV, FuncV, SymbolId, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

# Where languages keep the errors from which all others are made.
_OWN = frozenset({"", "system", "java.lang", "kotlin", "builtins", "global", "globalthis"})
RECORDS = re.compile(sign("error_handlers", "records"))
_SILENCED = re.compile(sign("error_handlers", "silenced"))
_ALL = frozenset("Exception BaseException Throwable RuntimeException StandardError Error all 500".split())  # noqa: SIM905
_FACTORY = re.compile(r"(create|make|build|get|init)_?app|^main$|application")
# What hands a request on to the handlers.
_HANDS_ON = re.compile(r"(?i)\bcall_?next\b|\b_?next\b|\.handle\(|do_?filter\(|\.proceed\(|@app\.call|get_response\(|invoke(async)?\(")
_FAILS = re.compile(r"\b50[0-3]\b|INTERNAL_SERVER_ERROR|InternalServerError|:internal_server_error")
_STATUS = re.compile(
    r"@ResponseStatus|ResponseEntity|ProblemDetail|ServletResponse|ServerHttpResponse|ServerWebExchange|ServerResponse|StatusException"
    r"|sendError\(|setStatus\(|\bSC_[A-Z]+|(?i:status)\w*[\s(=:]+[\w.]*[45]\d\d\b"
)
_AGAIN = re.compile(r"(?m)^\s*(raise|throw)\b|\bnext\(\w+\)|\breject\(")
NEAR = 5
MAX_LINES = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHandler:
    """`broad`: it takes every error. `records`: it, or what registers it, leaves a record. `bare`: its answer has no body of the API."""

    at: Evidence
    broad: bool
    records: bool
    bare: bool = False
    hides: bool = False  # it answers some errors with a 500 and records none of them
    read: bool = True  # was its code found
    hands_back: bool = False  # it raises again what it caught
    succeeds: bool = False  # it says no status, and its framework answers with that of success then


_SUCCEEDS = re.compile(sign("error_handlers", "succeeds"))
_NAMES_STATUS = re.compile(sign("error_handlers", "names_status"))
_ANSWER_TYPES = sign("error_handlers", "answer_types")
_RESOLVER = sign("error_handlers", "resolver")
_RESOLVES = re.compile(sign("error_handlers", "resolves"))
_LEAVES = re.compile(sign("error_handlers", "leaves"))
_FAILED = re.compile(sign("error_handlers", "failed"))
_LISTED = re.compile(sign("error_handlers", "listed"))
_AT_ONCE = re.compile(sign("error_handlers", "answers_at_once"))
_STACK_AS_TEXT = re.compile(sign("error_handlers", "stack_as_text"))
_READS_LIST = re.compile(sign("error_handlers", "reads_list"))
_AFTER = re.compile(sign("error_handlers", "after_handlers"))


def error_handlers(context: Context) -> list[ErrorHandler]:
    """Handlers of errors that are registered where it runs, then middleware of the flow that catches everything below it."""
    idle = {(c.file, c.call.start) for c in idle_handlers(context)}
    calls = [c for c in context.roles.calls("error_handler") if context.is_backend(c.file) and _runs(context, c)]
    calls = [c for c in calls if (c.file, c.call.start) not in idle]
    return [*(_of_call(context, c) for c in calls), *_resolving(context), *_catching(context)]


def idle_handlers(context: Context) -> list[RoleCall]:
    """Registrations of handlers that run only below a middleware, where nothing in the application names that middleware."""
    waiting = [c for c in context.roles.calls("waits_in_pipeline") if context.is_backend(c.file)]
    names = context.graph.knowledge.names_of_role("runs_error_handlers", context.language) if waiting else frozenset()
    return waiting if names and not context.is_found(tuple(rf"\b{re.escape(n)}\b" for n in sorted(names))) else []


def _of_call(context: Context, call: RoleCall) -> ErrorHandler:
    functions = handled_by(context, call)
    bodies = [_text(context, f) for f in functions]
    roles = context.graph.knowledge.roles_of(call.path)
    broad = _is_broad(context, call, functions)
    records = (
        (broad and "records_errors" in roles and not _is_silenced(context, call))
        or any(RECORDS.search(b) for b in bodies)
        or _records_in_callee(context, functions)
    )
    used = "every_error_unless_named" not in roles or call.call.kind != "decorator" or _is_named_elsewhere(context, call, functions)
    hides = used and not records and any(_FAILS.search(b) for b in bodies)
    read = bool(bodies) or "records_errors" in roles
    succeeds = "succeeds_unless_told" in roles and bool(functions) and not any(_says_status(context, f) for f in functions)
    succeeds = succeeds or (bool(bodies) and all(_SUCCEEDS.search(b) is not None and _FAILED.search(b) is None for b in bodies))
    return ErrorHandler(
        at=context.at_call(call), broad=broad, records=records, bare="bare_errors" in roles, hides=hides, read=read, succeeds=succeeds
    )


def _is_silenced(context: Context, call: RoleCall) -> bool:
    """Do the arguments of the call switch its record off?"""
    lines = context.snapshot.lines(call.site.file)[call.call.line - 1 : min(call.call.end_line, call.call.line + MAX_LINES)]
    return any(_SILENCED.search(t[:500]) is not None for t in lines)


def _says_status(context: Context, function: SymbolId) -> bool:
    """Does the handler, or an annotation above it, name a status?"""
    symbol = context.view(function.file).symbol(function.index)
    lines = context.snapshot.lines(function.file)[max(0, symbol.line - NEAR) : min(symbol.end_line, symbol.line + MAX_LINES)]
    code = [t for t in lines if not t.lstrip().startswith(("//", "*", "/*"))]
    if any(_STATUS.search(t) is not None for t in code):
        return True
    # a status that a body of the application's own is given stays in the body
    return any(_NAMES_STATUS.search(t) is not None for t in code) and context.is_found((_ANSWER_TYPES,))


def _records_in_callee(context: Context, functions: list[SymbolId]) -> bool:
    """Does a function of the repository that a handler calls leave the record?"""
    for where in functions[:8]:
        view = context.view(where.file)
        for scope in view.body(where.index):
            for number in view.calls_of.get(scope, ())[:20]:
                call = view.facts.calls[number]
                called = [v.symbol for v in options(context.graph.ev.value(call.callee, where.file, call.owner)) if isinstance(v, FuncV)]
                if any(RECORDS.search(_text(context, f)) for f in called[:3]):
                    return True
    return False


def _is_broad(context: Context, call: RoleCall, functions: list[SymbolId]) -> bool:
    roles = context.graph.knowledge.roles_of(call.path)
    if "every_error" in roles:
        return True
    if "every_error_unless_named" in roles and all(isinstance(a.value, Func) for a in call.call.args):
        return call.call.kind != "decorator" or _is_named_elsewhere(context, call, functions)
    values = [*call.call.type_args, *(a.value for a in call.call.args if a.name not in ("with", "using"))]
    kinds = [v for v in values if not isinstance(v, Func)]
    if kinds or call.call.kind != "decorator":
        return any(_names_all(v) for v in values)
    view = context.view(call.site.file)
    own = [s for s in view.facts.symbols if s.kind != "class" and _decorates(context, call, s)]
    return any(p.type is not None and _names_all(p.type) for s in own for p in s.params)


def _decorates(context: Context, call: RoleCall, symbol: Symbol) -> bool:
    calls = context.view(call.site.file).facts.calls
    return any(isinstance(d, CallRef) and calls[d.call] is call.call for d in symbol.decorators)


def _is_named_elsewhere(context: Context, call: RoleCall, functions: list[SymbolId]) -> bool:
    """Is the decorated class put to use: named by code of another file than its own?"""
    kept = [(view, view.symbol(f.index).parent) for f in functions for view in [context.view(f.file)]]
    names = {view.symbol(parent).name for view, parent in kept if parent > 0}
    return any(
        file != call.site.file and any(name in t and not t.lstrip().startswith("import") for t in context.snapshot.lines(file))
        for name in names
        for file in context.graph.naming(name)
    )


def _names_all(value: Value) -> bool:
    if isinstance(value, Seq):
        return any(_names_all(i) for i in value.items)
    if isinstance(value, Lit):
        return str(value.value) in _ALL
    named = (dotted(value) or "").removesuffix(".class").removesuffix("::class")
    *package, name = [p for p in re.split(r"[.:\\]+", named) if p] or [""]
    return name in _ALL and ".".join(package).lower() in _OWN  # `Faraday::Error` is one library's


def handled_by(context: Context, call: RoleCall) -> list[SymbolId]:
    """The functions that a registration names, decorates, or has as a method of the class that it names or decorates."""
    view = context.view(call.site.file)
    found: list[SymbolId] = []
    for number, symbol in enumerate(view.facts.symbols):
        if _decorates(context, call, symbol):
            inner = view.children.get(number, ()) if symbol.kind == "class" else (number,)
            found.extend(SymbolId(call.site.file, i) for i in inner)
    for value in (*(a.value for a in call.call.args), *call.call.type_args):
        for option in options(context.graph.ev.value(value, call.site.file, call.call.owner)):
            if isinstance(option, FuncV):
                found.append(option.symbol)
            elif isinstance(option, ClassV) and call.call.kind != "decorator":  # a decorator names the errors that are handled
                found.extend(
                    SymbolId(option.symbol.file, i) for i in context.view(option.symbol.file).children.get(option.symbol.index, ())
                )
    for arg in call.call.args:
        if arg.name in ("with", "using") and isinstance(arg.value, Lit):  # the method of the same class that goes by the name
            found.extend(SymbolId(call.site.file, n) for n, s in enumerate(view.facts.symbols) if s.name == str(arg.value.value))
    return found


def _text(context: Context, function: SymbolId) -> str:
    symbol = context.view(function.file).symbol(function.index)
    return "\n".join(context.snapshot.lines(function.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)])


def _resolving(context: Context) -> Iterator[ErrorHandler]:
    """Classes that a framework asks for the answer to each error because of the interface that they implement."""
    for file, line, _ in context.hits((_RESOLVER,), ("**/*.java", "**/*.kt")):
        view = context.view(file)
        for number, symbol in enumerate(view.facts.symbols):
            if symbol.line < line or symbol.kind not in ("method", "function") or _RESOLVES.search(symbol.name) is None:
                continue
            text = _text(context, SymbolId(file, number))
            if _LEAVES.search(text) is None:
                succeeds = _FAILED.search(text) is None
                yield ErrorHandler(
                    at=context.at(file, symbol.line), broad=True, records=RECORDS.search(text) is not None, succeeds=succeeds
                )


def _catching(context: Context) -> Iterator[ErrorHandler]:
    """Guards of the flow that hand the request on inside of a `try` for everything, or that take up panics."""
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            where = function.symbol
            view, lines = context.view(where.file), context.snapshot.lines(where.file)
            listed = _of_list(context, where)
            if listed is not None:
                yield listed
            for scope in view.body(where.index):
                for number in view.calls_of.get(scope, ()):
                    call = view.facts.calls[number]
                    if call.callee == Name("recover") and not call.args and callee_name(call) == "recover":
                        yield _of_panic(context, where, call.line)
                for block in view.blocks_of.get(scope, ()):
                    if block.kind != "catch" or not is_broad(block.subject):
                        continue
                    tried = [b for b in view.blocks_of.get(scope, ()) if b.kind == "try" and b.start < block.start]
                    first = max((b.line for b in tried), default=block.line)
                    if _HANDS_ON.search("\n".join(lines[first - 1 : block.line])) is not None:
                        caught = "\n".join(lines[block.line - 1 : block.end_line])
                        called = [_text(context, e.target.symbol) for e in context.tracer.edges.of_symbol(where)[:12] if e.kind == "call"]
                        records = any(RECORDS.search(t) for t in (caught, *called))
                        again = _AGAIN.search(caught) is not None
                        yield ErrorHandler(at=context.at(where.file, block.line), broad=True, records=records, hands_back=again)


def _of_panic(context: Context, where: SymbolId, line: int) -> ErrorHandler:
    """A function that takes up panics; one that puts them on the list of its request's errors leaves answer and record to another."""
    text = _text(context, where)
    listed = _LISTED.search(text) is not None and _AT_ONCE.search(text) is None
    records = RECORDS.search(_STACK_AS_TEXT.sub("", text) if listed else text) is not None
    return ErrorHandler(at=context.at(where.file, line), broad=True, records=records, hands_back=listed)


def _of_list(context: Context, where: SymbolId) -> ErrorHandler | None:
    """A middleware that answers what is on the list of errors of its request once the handlers are done."""
    symbol = context.view(where.file).symbol(where.index)
    text = _text(context, where)
    if _READS_LIST.search(text) is None or _AFTER.search(text) is None:
        return None
    line = next(n for n, t in enumerate(text.splitlines(), symbol.line) if _READS_LIST.search(t) is not None)
    called = [_text(context, e.target.symbol) for e in context.tracer.edges.of_symbol(where)[:12] if e.kind == "call"]
    return ErrorHandler(at=context.at(where.file, line), broad=True, records=any(RECORDS.search(t) for t in (text, *called)))


def unread_list(context: Context) -> tuple[Evidence, ...]:
    """Middleware that would read the list of errors, where no line of the application puts it before the flow, and what is put there."""
    hits = [h for h in context.hits((sign("error_handlers", "reads_list"),)) if context.is_backend(h[0])]
    return (*(context.at_place(g.place) for g in context.guards[-1:]), *(context.at(*h[:2]) for h in hits[:1]))


def _runs(context: Context, call: RoleCall) -> bool:
    """Is the function in which a handler is registered ever called?"""
    if context.language != "python":
        return True
    view = context.view(call.site.file)
    named = [i for i in view.enclosing(call.call.owner) if view.symbol(i).kind in ("function", "method")]
    if not named:
        return True
    owner = view.symbol(named[0])
    return _FACTORY.search(owner.name) is not None or is_called(context, owner.name, call.site.file, owner.line)


def is_called(context: Context, name: str, file: str, line: int) -> bool:
    """Does a line of Python other than the one given call a function of the name?"""
    return any(
        (f, n) != (file, line) and not t.lstrip().startswith(("from ", "import "))
        for f, n, t in context.hits((rf"\b{re.escape(name)}\(",), ("**/*.py",))
    )
