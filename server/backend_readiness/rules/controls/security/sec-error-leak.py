"""What the client sees when something unexpected is thrown: a fixed text, or the error itself."""

import re
from collections.abc import Sequence

from backend_readiness.controls.application import only_in_development
from backend_readiness.controls.callees import backend_files, chain_text, guards_place, role_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, states
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.env_beside import shown_beside
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.deployed.startup import backend_images, override_settings, settings
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.work import error_texts
from backend_readiness.controls.work.error_handlers import handled_by, idle_handlers
from backend_readiness.controls.work.error_pages import told_on_a_page
from backend_readiness.controls.work.error_texts import MAY_DECIDE, asks_for_text, held_messages, is_replaced, is_sent, tells_held
from backend_readiness.controls.work.handed_errors import doubtful_answer, hands_on
from backend_readiness.controls.work.telling_handlers import handler_of_everything, is_for_wrapped
from backend_readiness.controls.work.told_errors import told_by_a_function, told_in_a_catch, told_in_body, told_with_a_stand_in
from backend_readiness.facts.model import Block, Lit, Member, Name, Symbol
from backend_readiness.model import Evidence, Verdict
from backend_readiness.snapshot.matching import compile_patterns
from backend_readiness.snapshot.places import is_for_development

_JS = re.compile(
    r"\bres(ponse)?\b.*\.(json|send|render|end)\(.*\b(e|err|error)(\.(message|stack|toString\(\))|\s*[,)}])|\.(json|send)\(\s*\{?\s*(error|err|message|errors?)\s*:\s*(e|err|error)(\.(message|stack))?\s*[,})]"
)
_PYTHON = re.compile(
    r"traceback\.format_exc\(\)|(detail|message|error)[\"']?\s*[=:]\s*(f[\"'][^\"']*\{\s*(e|err|exc|error|ex)\b|str\((e|err|exc|error|ex)\)|repr\((e|err|exc|error|ex)\))|return\s+str\((e|err|exc|ex)\)"
)
_FIELDS = re.compile(
    r"^\s*(error|err|message|stack|details?)\s*(:\s*(e|err|error)(\.(message|stack))?)?\s*,?\s*$|\b(err|error|e)\.(stack|message)\b"
)
# The text of an error is asked for, where errors become answers.
_TELLS = re.compile(
    r"\b(e|err|error|info|self|source|inner)\.(to_string|message|details|description)\("
    r"|format!\(.*(\{(e|err|error)\b|\bself\.0\b)"
)
# The same in a text with holes, outside of log lines.
_TOLD = re.compile(
    r"\$\{?(cause|exception|throwable|ex|err|error|e)\b"
    r"|\b(cause|exception|throwable)\.(message|localizedMessage|stackTraceToString)\b|^\s*\w+ = [^=]*Features\.Get<IException\w*>\(\)\s*,"
)
_LOGS = re.compile(r"(?i)\blog\w*[.(]|\bprint")
_HELD = re.compile(r"\b(?:const|let|var)\s+(\w+)\s*(?::\s*[\w |]+)?=\s*\(?(?:e|err|error|ex)(?:\s+as\s+\w+\))?\.(?:message|stack)\b")
_PUT = re.compile(r"^\s*(\w+)\.(?:error|err|message|errors?|details?)\s*=\s*(?:e|err|error|ex)(?:\.(?:message|stack))?\s*;?\s*$")
# The message of the error as a field of the answer, under no condition of its own.
_MESSAGE = re.compile(r"\bmessage\s*:\s*(?:e|err|error)\.message\b")
_DECIDES = re.compile(r"\binstanceof\b|NODE_ENV|production|isOperational|expose|\bif\s*\(")
# A text that a local name holds until it is told.
_LOCAL = re.compile(r"^\s*(?:final\s+)?(?:String|var)\s+(\w+)\s*=")
_FOR_TYPE = re.compile(r"\bfor\s+(\w+)\s*\{?\s*$")
_DEBUG_SETTING = (r"^\s*DEBUG\s*=\s*True\b", r"config\[['\"]DEBUG['\"]\]\s*=\s*True\b")
# Values by which a setting of the deployment shows errors.
_TELLING = ("development", "dev", "local", "true", "1", "on", "yes")
MAX_ABOVE = 30
MAX_BELOW = 12
NEAR = 5
_SIGNATURE = re.compile(r"\b(fn|func|fun|def)\s+\w+")
_CLOSURE = re.compile(r"\bfunc\s*\(")
_STATUS = re.compile(r"Status\w|\b(codes\.|connect\.Code)[A-Z]|\b[1-5]\d\d\b|[A-Z]+_[A-Z_]+|InternalServerError|\bHttpResponse::")
# What handles the errors of all handlers: advices, filters, middleware that calls the next one.
_OF_ALL = re.compile(
    r"@ExceptionHandler|Exception(Mapper|Handler)<|rescue_from|IException(Handler|Filter)|TryHandleAsync|(?<![\w.])(?:this\.|self\.)?_?next\w*\s*(\(|\.invoke)"
    r"|exception<|function render\(|OnException|\bResponseError\s+for\b|\bIntoResponse\s+for\b"
)


def verify(context: Context) -> Judgement:
    judged = _judged(context)
    return (doubtful_answer(context) if judged.verdict is Verdict.PASS else None) or judged


def _judged(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    python = context.language == "python"
    ways = (_by_way_of_a_name, told_in_a_catch, told_with_a_stand_in, told_in_body) if context.language == "javascript" else ()
    named = next((at for way in ways if (at := way(context)) is not None), None)
    if named is not None:
        return failed("The text of any caught error is sent to the client.", named)
    for file, line, text in chain_text(context):
        if (
            (_PYTHON if python else _JS).search(text)
            and not re.search(r"(?i)\b(log|logger|console|print)\w*[.(]", text)
            and _in_catch(context, file, line)
            and (not python or _is_caught(context, file, line, text))
        ):
            return failed("The caught error is sent to the client.", context.at(file, line))
    if python:
        shown = handler_of_everything(context)
        if shown is not None:
            return failed("The handler of unexpected errors sends the error itself to the client.", shown)
        debug = [f.evidence() for f in role_calls(context, "takes_debug") if True in f.constants(99, "debug")]
        rule = states(context, "error_page")
        switched = [h for h in context.hits(_DEBUG_SETTING) if not stands_in_development(context, *h[:2]) and not is_for_development(h[0])]
        debug += [context.at(*h[:2]) for h in switched[:1] if rule is None or not rule.disabled]
        if debug:
            return unverified("Debug is switched on here; whether that is what is deployed was not settled.", debug[0])
        return _by_default(context) or unverified(
            "What unhandled errors show depends on settings that were not resolved.", guards_place(context)
        )
    shown = _shown(context)
    if shown is not None:
        return failed("The text of an error that is not expected goes to the client.", shown)
    fixed = _answers_all(context)
    if fixed is not None:
        told = [t for t in context.snapshot.lines(fixed.file or "") if _TELLS.search(t) is not None]
        told += [t for t in context.snapshot.lines(fixed.file or "") if _TOLD.search(t) is not None and _LOGS.search(t) is None]
        below = context.snapshot.lines(fixed.file or "")[(fixed.line or 1) : (fixed.line or 1) + MAX_ABOVE]
        if told or any(asks_for_text(t) for t in below):
            why = "The errors of the application are turned into answers; whether the text of one goes along was not settled."
            return unverified(why, fixed)
        return passed("A handler of all errors answers with a text of its own.", fixed)
    if states(context, "error_middleware") is None:
        asks = _may_tell(context) or told_by_a_function(context)
        if asks is not None:
            return unverified(
                "What makes answers of errors asks for their text; whether that of an unexpected one goes along is open.", asks
            )
        return _by_default(context) or unverified("What unhandled errors show was not resolved.", guards_place(context))
    showing = next((c for c in context.roles.calls("shows_errors") if not only_in_development(context, c.file, c.call.start)), None)
    if showing is not None:
        return failed(f"`{showing.path}` answers with the stack of any error.", context.at_call(showing))
    handlers = _error_handlers(context)
    for at, leaks in handlers:
        if leaks:
            return failed("The error handler sends the error itself, or the message of any error, to the client.", at)
    on = _switched_on(context)
    if on:
        return unverified("A setting that the repository holds switched on decides whether errors are shown with their stack.", *on)
    if handlers:
        return passed("The error handler answers with a text of its own.", handlers[0][0])
    mode = states(context, "error_page")
    images = backend_images(context)
    if mode is not None and images and default_of(context, "error_page") is None:
        start = next((i for i in reversed(images[0].instructions) if i.name in ("CMD", "ENTRYPOINT")), images[0].instructions[0])
        asked = [context.at_call(c) for c in context.roles.calls("shows_errors")[:1]]
        return failed(mode.says_not, *asked, guards_place(context), context.at(images[0].path, start.line, start.end_line))
    return unverified(
        "The framework sends the stack of unhandled errors unless it runs in production; no error handler was found.", guards_place(context)
    )


def _switched_on(context: Context) -> list[Evidence]:
    """What shows every error where a setting for debugging says so, and the line of the backend's own settings that says it."""
    for call in context.roles.calls("shows_errors"):
        for block in context.view(call.file).facts.blocks:
            if block.kind == "if" and block.start <= call.call.start < block.end and isinstance(block.subject, Member):
                written = written_values(context, block.subject.name)
                on = [(f, n) for f, n, v in written if v == Lit(True) and not is_for_development(f)]
                if on:
                    return [context.at_call(call), context.at(*on[0])]
    return []


def _by_way_of_a_name(context: Context) -> Evidence | None:
    """`const message = error.message` in a catch, and an answer with `message` below it, with nothing that asks what error it is."""
    files = {f for f, _, _ in chain_text(context)}
    chain = {(f, n) for f, n, _ in chain_text(context)}
    for file in sorted(files):
        lines = context.snapshot.lines(file)
        for block in context.view(file).facts.blocks:
            if block.kind != "catch" or (file, block.line) not in chain:
                continue
            body = lines[block.line - 1 : min(block.end_line, block.line + MAX_ABOVE)]
            for number, text in enumerate(body):
                put = _PUT.search(text)
                if put is not None and re.search(rf"\.(json|send|end)\(\s*{put.group(1)}\b", "\n".join(body[number + 1 :])):
                    return context.at(file, block.line + number)
                held = _HELD.search(text)
                if held is None:
                    continue
                below = "\n".join(body[number + 1 :])
                sends = re.compile(rf"\.(json|send|end)\(([^;]|\n){{0,160}}(?<![\w.'\"]){held.group(1)}\b(?!['\":])")
                if sends.search(below) is not None and _DECIDES.search("\n".join(body)) is None:
                    return context.at(file, block.line + number)
    return None


def _shown(context: Context) -> Evidence | None:
    """A line of the flow, or of what handles all errors of the application, that puts an error of any kind into the answer."""
    words = words_of(context, "shown_errors") or ()
    any_kind = compile_patterns(words_of(context, "any_error") or ())
    broken = compile_patterns(words_of(context, "server_errors") or ())
    every = compile_patterns(words_of(context, "all_errors") or ())
    if not words or (any_kind is None and broken is None):
        return None
    chain = {(f, n) for f, n, _ in chain_text(context)}
    for file, line, text in context.hits(words):
        if re.search(r"(?i)\b(log|logger|console|print)\w*[.(]", text):
            continue
        above = context.snapshot.lines(file)[max(0, line - MAX_ABOVE) : line]
        if (local := _LOCAL.match(text)) is not None and not _is_told(
            context.snapshot.lines(file)[line : line + MAX_BELOW], local.group(1)
        ):
            continue
        signature = next((t for t in reversed(above) if _SIGNATURE.search(t) is not None or _CLOSURE.search(t) is not None), "")
        if every is not None and every.search(signature.encode("utf-8", "replace")) is not None:
            return context.at(file, line)
        if broken is not None:
            below = context.snapshot.lines(file)[line : line + 3]  # `(status, body)` after the text was put together
            said = next(
                (t for t in (*reversed(above[-NEAR:]), *below) if _STATUS.search(t) is not None and _SIGNATURE.search(t) is None), ""
            )
            if (file, line) in chain and broken.search(said.encode("utf-8", "replace")) is not None:
                return context.at(file, line)
            continue
        caught = any(any_kind is not None and any_kind.search(t.encode("utf-8", "replace")) for t in above)
        if caught and ((file, line) in chain or _OF_ALL.search(" ".join(above)) is not None):
            return context.at(file, line)
        if any_kind is not None and not caught and is_for_wrapped(context, above, any_kind):
            return context.at(file, line)
    return None


def _may_tell(context: Context) -> Evidence | None:
    """A line that puts the text of an error into an answer, in a file that handles the errors of all handlers."""
    kinds = words_of(context, "any_error") or ()
    files = {file for file, _, text in context.hits(kinds) if _OF_ALL.search(text) is not None} if kinds else set()
    words = words_of(context, "shown_errors") or ()
    return next((context.at(file, line) for file, line, _ in context.hits(words) if file in files), None) if files and words else None


def _is_told(below: Sequence[str], name: str) -> bool:
    """Is the local name used below otherwise than in a log line?"""
    return any(re.search(rf"\b{name}\b", t) is not None and re.search(r"(?i)\b(log|logger|console|print)\w*[.(]", t) is None for t in below)


def _answers_all(context: Context) -> Evidence | None:
    """Where the application answers every error that its handlers do not catch."""
    kinds = words_of(context, "any_error") or ()
    chain = " ".join(t for _, _, t in chain_text(context))
    idle = {f.file for c in idle_handlers(context) for f in handled_by(context, c)}
    for file, line, text in context.hits(kinds) if kinds else ():
        if file in idle:
            continue  # nothing runs it
        of_type = _FOR_TYPE.search(text)
        if of_type is not None and re.search(rf"\b{of_type.group(1)}\b", chain) is None:
            continue  # the errors of other flows
        if any(b.kind == "catch" and b.line == line and _raises_again(context, file, b) for b in context.view(file).facts.blocks):
            continue  # what undoes a transaction and throws on
        if any("parent::render(" in t for t in context.snapshot.lines(file)[line : line + MAX_ABOVE]):
            continue  # what is not known by name is left to the framework
        around = " ".join(context.snapshot.lines(file)[max(0, line - MAX_ABOVE) : line])
        if _OF_ALL.search(text) is not None or ("catch" in text and _OF_ALL.search(around) is not None):
            return context.at(file, line)
    return None


def _raises_again(context: Context, file: str, block: Block) -> bool:
    """A catch that throws what it took, and answers nothing."""
    body = "\n".join(context.snapshot.lines(file)[block.line : block.end_line])
    return re.search(r"\bthrow\b|\braise\b", body) is not None and re.search(r"(?i)status|response|json|result\b", body) is None


def _by_default(context: Context) -> Judgement | None:
    """What the framework's own answer shows."""
    hidden = default_of(context, "error_page")
    if hidden is None:
        rule = states(context, "error_page")
        on = context.hits(rule.disabled, rule.paths) if rule is not None and rule.disabled else []
        on = [h for h in on if not is_for_development(h[0]) and not stands_in_development(context, *h[:2])]
        return failed(rule.says_not, context.at(*on[0][:2])) if rule is not None and on else None
    off = hidden.off if hidden.off is not None and not is_for_development(hidden.off.file or "") else None
    if off is not None and hidden.rule.when and hidden.at is not None:
        return unverified("One file of settings shows errors with their trace, another does not; which ships is open.", off, hidden.at)
    if off is not None:
        return failed(hidden.rule.says_not, off)
    modes = hidden.rule.value.split()
    shown = next(
        (s for s in (*settings(context), *override_settings(context)) if s.name in modes and s.value.strip("\"'").lower() in _TELLING),
        None,
    )
    if shown is not None:
        why = f"The deployment sets `{shown.name}={shown.value}`, the mode in which errors show what they hold."
        return unverified(why, context.at(shown.file, shown.line))
    return shown_beside(context, modes) or passed(hidden.rule.says, hidden.at or guards_place(context)) if hidden.holds else None


def _in_catch(context: Context, file: str, line: int) -> bool:
    return any(b.kind == "catch" and b.line <= line <= b.end_line for b in context.view(file).facts.blocks)


def _is_caught(context: Context, file: str, line: int, text: str) -> bool:
    """Is what the line sends the error that is caught, or its trace?"""
    above = context.snapshot.lines(file)[max(0, line - MAX_ABOVE) : line]
    name = next((m.group(1) for t in reversed(above) if (m := re.search(r"\bexcept\b.*\bas\s+(\w+)\s*:", t)) is not None), None)
    return name is None or "traceback" in text or re.search(rf"\b{re.escape(name)}\b", text) is not None


def _asks_for_any(block: Block, symbol: Symbol) -> bool:
    """`if (err)`, and what a `switch` does by default: true of every error."""
    if block.kind == "case" and block.subject is None:
        return True
    return block.kind == "if" and isinstance(block.subject, Name) and block.subject.id == symbol.params[0].name


def _error_handlers(context: Context) -> list[tuple[Evidence, bool]]:
    """Functions with four parameters, as Express takes them for errors: (place of the leak or the function, does it leak)."""
    found: list[tuple[Evidence, bool]] = []
    for file in backend_files(context):
        view = context.view(file)
        lines = context.snapshot.lines(file)
        for symbol in view.facts.symbols:
            if (
                len(symbol.params) != 4
                or symbol.params[0].name not in ("err", "error", "e", "_err", "ex")
                or symbol.params[1].name not in ("req", "_req", "request", "_")
            ):
                continue
            at, leaks = context.at(file, symbol.line), False
            blocks = [b for b in view.facts.blocks if symbol.start <= b.start and b.end <= symbol.end]
            answering = False
            body = [t for t in lines[symbol.line - 1 : symbol.end_line] if not re.match(r"\s*(//|\*|/\*)", t)]
            decided = error_texts.decides(body) and not error_texts.always_told(body)
            record, held = is_sent("\n".join(body)), held_messages(body)
            whole = lines[symbol.line - 1 : symbol.end_line]
            put = error_texts.holds_what_is_sent(whole) or told_on_a_page(context, whole)
            if put is not None and not any(b.kind == "if" and b.line < symbol.line + put <= b.end_line for b in blocks):
                found.append((context.at(file, symbol.line + put), True))
                continue
            for number in range(symbol.line, min(symbol.end_line, len(lines)) + 1):
                text = lines[number - 1]
                if re.match(r"\s*(//|\*|/\*)", text):
                    continue
                answering = answering or re.search(r"\bres\b.*\.(json|send|render)\(", text) is not None
                if any(b.kind in ("if", "case") and b.line < number <= b.end_line and not _asks_for_any(b, symbol) for b in blocks):
                    continue
                if (_MESSAGE.search(text) or tells_held(text, held)) and (record or answering) and not decided and not is_replaced(body):
                    at, leaks = context.at(file, number), True
                    break
                told = _JS.search(text) or (answering and _FIELDS.search(text))
                if told and not (_MESSAGE.search(text) and is_replaced(body)) and not re.search(r"(?i)console|log(ger)?\.|NODE_ENV", text):
                    at, leaks = context.at(file, number), True
                    break
            if (
                leaks
                and MAY_DECIDE.search("\n".join(body))
                and not ((_MESSAGE.search(lines[number - 1]) or tells_held(lines[number - 1], held)) and not decided)
            ):
                at, leaks = context.at(file, symbol.line), False  # the environment or the kind of the error decides
            if leaks or not hands_on(body, symbol.params[0].name):
                found.append((at, leaks))
    return found
