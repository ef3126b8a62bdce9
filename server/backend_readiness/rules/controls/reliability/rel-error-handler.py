"""An error that no handler catches gets one shape of answer and is recorded."""

import re

from backend_readiness.controls.application import only_in_development
from backend_readiness.controls.callees import app_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, is_since, place_of, states
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.protection.scoped_middleware import stands_elsewhere
from backend_readiness.controls.standing import apart
from backend_readiness.controls.work.error_handlers import RECORDS, ErrorHandler, error_handlers, idle_handlers, is_called, unread_list
from backend_readiness.graph.values import FuncV, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_ANSWERS = re.compile(r"\.(json|send|end|jsonp)\(")
# By language: a catch that takes every error. What hands an error on, or may tell it; and the status of a broken server.
_ANY_ERROR = {"javascript": r"\bcatch\b", "python": r"\bexcept(\s+(Base)?Exception\b[^:]*)?\s*:"}
_HANDS_ON = re.compile(r"(?i)\bthrow\b|\braise\b|\bnext\(|\breject\(|handle_?\w*err|report|captur|notify|track")
_BROKEN = re.compile(r"\b50\d\b|(?i:internal_?server_?error)")
MAX_HEAD = 4
_SAYS_STATUS = re.compile(r"(?i)status|\bcode\b|\bnext\(|write_?head|boom|problem|throw\b")

_MISSES = re.compile(sign("rel-error-handler", "misses"))


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    if states(context, "error_middleware") is not None:
        return _of_express(context)
    handlers = error_handlers(context)
    broad = [h for h in handlers if h.broad]
    whole = next((h for h in broad if h.records and not h.bare), None)
    if whole is not None and whole.succeeds:
        return partial("Every error is recorded, and answered with the status of success.", whole.at)
    if whole is not None and _MISSES.search(context.snapshot.lines(whole.at.file or "")[(whole.at.line or 1) - 1][:500]) is not None:
        why = "Every error is recorded, and the address of the page that should answer has a query, by which no page is found."
        return partial(why, whole.at)
    silent = next((h for h in broad if h.read and not h.records and not h.hands_back and h.at != (whole.at if whole else None)), None)
    if whole is not None and silent is not None:
        why = "Two handlers take every error, and one of them records none; which of them an error reaches first was not settled."
        return unverified(why, silent.at, whole.at)
    if whole is not None:
        return passed("The application takes every error, answers it and records it.", whole.at)
    if handlers and all(h.hands_back for h in handlers):
        why = "Errors are put on the list of their request, and nothing before the flow reads it: they are neither answered nor recorded."
        return failed(why, handlers[0].at, *unread_list(context))
    if any(h.records for h in broad):
        bare = next(h for h in broad if h.records)
        return partial("A panic is recorded and answered with a bare 500, not in the form of the application's other errors.", bare.at)
    if broad and all(h.read for h in broad):
        return partial("The application answers every error, and records none.", *(h.at for h in broad[:2]))
    if broad:
        return unverified("A handler takes every error; what it does was not found.", broad[0].at)
    return _left_to_framework(context, handlers)


def _left_to_framework(context: Context, handlers: list[ErrorHandler]) -> Judgement:
    """Errors for which the application has no handler of its own."""
    waiting = idle_handlers(context) if not handlers else []
    if waiting:
        why = "A handler of errors is registered, and nothing puts it into the pipeline: errors leave in the framework's bare form."
        return failed(why, context.at_call(waiting[0]), context.at_application())
    hiding = next((h for h in handlers if h.hides), None)
    if hiding is not None:
        return partial("Errors of one kind are answered with a 500 and recorded nowhere.", hiding.at)
    told = next((h for h in handlers if h.succeeds and h.read), None)
    if told is not None:
        why = "Errors of one kind are answered with the status of success" + ("." if told.records else ", and recorded nowhere.")
        return partial(why, told.at)
    own = default_of(context, "error_handler")
    if own is not None and own.holds and not own.rule.value:
        return passed(own.rule.says, own.at or app_place(context), *(h.at for h in handlers[:1]))
    rule = states(context, "error_handler")
    place = place_of(context, rule) if own is None and rule is not None and rule.says_not else None
    if rule is not None and place is not None:
        return partial(rule.says_not, *apart((place, app_place(context))))
    if handlers:
        if all(h.read for h in handlers) and not any(h.records for h in handlers):
            why = "Only named errors have a handler, and none of the handlers records anything."
            return partial(why, *(h.at for h in handlers[:3]))
        return unverified(
            "Named errors have a handler; what becomes of all others is left to the framework.", *(h.at for h in handlers[:2])
        )
    idle = _unregistered(context)
    if idle:
        why = "Handlers of errors are written and never registered: errors leave the application in the framework's bare form."
        return failed(why, *idle[:2], context.at_application())
    unnoted = _answered_unrecorded(context)
    if unnoted is not None:
        return partial("The handler answers every error of its own, and records none: nobody hears of them.", unnoted)
    says = own.rule.says if own is not None else "No handler of errors of the application's own was found."
    return unverified(f"{says} What the framework answers and records is not settled.", context.at_application())


def _answered_unrecorded(context: Context) -> Evidence | None:
    """The catch around the whole of a handler that takes any error and answers it, with no word of it to a log."""
    for handler in context.handlers if context.language in _ANY_ERROR else ():
        view, lines = context.view(handler.file), context.snapshot.lines(handler.file)
        blocks = [b for b in view.facts.blocks if handler.line <= b.line <= b.end_line <= handler.end_line]
        if not any(b.kind == "try" and b.line - handler.line <= MAX_HEAD for b in blocks):
            continue
        for block in blocks:
            if block.kind != "catch" or handler.end_line - block.end_line > 2:
                continue
            body = "\n".join(lines[block.line - 1 : block.end_line])
            any_error = re.search(_ANY_ERROR[context.language], lines[block.line - 1]) is not None
            if any_error and RECORDS.search(body) is None and _HANDS_ON.search(body) is None and _BROKEN.search(body) is not None:
                return context.at(handler.file, block.line, block.end_line)
    return None


def _unregistered(context: Context) -> list[Evidence]:
    """Functions that look like handlers of errors and that nothing refers to."""
    found = []
    for file, line, text in context.hits(
        (r"^\s*(async\s+)?def\s+\w+\(\s*request\s*:[^)]*,\s*(exc|error|err|e|problem)\s*:",), ("**/*.py",)
    ):
        name = re.search(r"def\s+(\w+)", text)
        if name is None:
            continue
        above = context.snapshot.lines(file)[line - 2] if line > 1 else ""
        used = context.hits((rf"\b{re.escape(name.group(1))}\b",), ("**/*.py",))
        if not above.lstrip().startswith("@") and len([u for u in used if (u[0], u[1]) != (file, line)]) == 0:
            found.append(context.at(file, line))
    installs = context.hits((r"\.(add_exception_handler|exception_handler|errorhandler|register_error_handler)\(",), ("**/*.py",))
    for file, line, _ in installs:
        owner = next((s for s in reversed(context.view(file).facts.symbols) if s.kind == "function" and s.line <= line <= s.end_line), None)
        if owner is not None and not is_called(context, owner.name, file, owner.line):
            found.append(context.at(file, owner.line, owner.line))
    return found


def _of_express(context: Context) -> Judgement:
    """An error middleware takes four arguments; before version 5 a rejected promise reaches it only when it is forwarded."""
    found: list[tuple[str, int, str]] = []
    for path in context.production_files("javascript"):
        view = context.view(path)
        for numbers in (view.calls_by_name.get("use", ()),):
            for number in numbers:
                call = view.facts.calls[number]
                for arg in call.args:
                    for option in options(context.graph.ev.value(arg.value, path, call.owner)):
                        if isinstance(option, FuncV):
                            inner = context.view(option.symbol.file).symbol(option.symbol.index)
                            if len(inner.params) == 4:
                                lines = context.snapshot.lines(option.symbol.file)[inner.line - 1 : inner.end_line]
                                found.append((path, call.line, "\n".join(lines)))
    files = {r.route.place.file for r in context.routes}
    apart_from = [f for f in found if f[0] not in files and stands_elsewhere(context, *f[:2])]
    guards = {(g.place.file, g.place.line) for g in context.guards}
    passed_by = [f for f in found if f[:2] in guards]
    if found and len(passed_by) == len(found) and not context.roles.calls("error_recorder"):
        why = "The error middleware is mounted before the flow's route: it sees no error of what comes after it."
        return failed(why, context.at(*found[-1][:2]), context.at_route())
    before = [f for f in found if any(r.route.place.file == f[0] and f[1] < r.route.place.line for r in context.routes)]
    before += [f for f in passed_by if f not in before]
    if found and len({f[:2] for f in (*apart_from, *before)}) == len({f[:2] for f in found}):
        why = "The error middleware stands on another router or before the flow's route; whether errors reach it was not settled."
        return unverified(why, context.at(*found[-1][:2]), context.at_route())
    found = [f for f in found if f not in apart_from and f not in before]
    if not found:
        sure = context.hits((r"\(\s*(err|error|e|_err|exception)\s*,\s*\w+\s*,\s*\w+\s*,\s*\w+\s*\)",))
        if sure:
            return unverified("A middleware with four arguments exists; whether it is mounted is not settled.", context.at(*sure[0][:2]))
        missing = context.missing(
            "an error middleware",
            at=context.at_application(),
            roles=("error_handler",),
            patterns=(r"errorHandler|error-handler|errorhandler",),
        )
        mounted = context.roles.calls("shows_errors") if missing is None else []
        if mounted and all(only_in_development(context, c.file, c.call.start) for c in mounted):
            why = "Development alone has a handler of errors: elsewhere they leave in the framework's own form, and nothing records them."
            return failed(why, context.at_call(mounted[0]), context.at_application())
        if missing is None:
            return unverified("Something named like an error handler was found; whether it is mounted is not settled.")
        return failed(
            "No error middleware is mounted: errors leave in the framework's own form, and nothing records them.",
            missing,
        )
    file, line, body = found[-1]
    if RECORDS.search(body) is None and not context.roles.calls("error_recorder"):
        return partial("The error middleware answers, and records nothing.", context.at(file, line))
    if _ANSWERS.search(body) is not None and _SAYS_STATUS.search(body) is None:
        return partial("The error middleware answers with the status of success.", context.at(file, line))
    if (
        _ANSWERS.search(body) is None
        and _SAYS_STATUS.search(body) is None
        and re.search(r"\b(res|response|reply|ctx)\b\s*[.,)]", body[body.find("{") :]) is None
    ):
        return partial("The error middleware records the error, and answers nothing.", context.at(file, line))
    loose = _unforwarded(context)
    if loose is not None:
        return partial(
            "A handler of the flow is asynchronous and forwards no rejection: the error middleware never sees it.",
            loose,
            context.at(file, line),
        )
    return passed("An error middleware answers in one shape and records the error.", context.at(file, line))


def _unforwarded(context: Context) -> Evidence | None:
    rule = states(context, "forwards_rejections")
    if rule is None or is_since(context, rule) is not False or default_of(context, "forwards_rejections") is not None:
        return None
    for route in context.routes:
        handler = route.route.handler
        if handler is None:
            continue
        view = context.view(handler.file)
        for index, symbol in enumerate(view.facts.symbols):
            if (symbol.line, symbol.end_line) == (handler.line, handler.end_line) and symbol.is_async:
                tries = [b for i in view.body(index) for b in view.blocks_of.get(i, ()) if b.kind == "try"]
                awaits = [c for i in view.body(index) for n in view.calls_of.get(i, ()) if (c := view.facts.calls[n]).awaited]
                if (
                    awaits
                    and not tries
                    and not any("catch" in t for t in context.snapshot.lines(handler.file)[symbol.line - 1 : symbol.end_line])
                ):
                    return context.at(handler.file, handler.line, min(handler.end_line, handler.line + 3))
    return None
