"""The logs of the application: a structured logger, a plain one, or print statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from backend_readiness.controls.application import Player, players
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.log_files import reaches_all
from backend_readiness.controls.deployed.setting_files import settings_named
from backend_readiness.controls.deployed.setups import Setup, lines_of, setup_of, setups_of
from backend_readiness.controls.effective import live_players
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.standing import apart, error_answers, of_application, setting_paths
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.facts.model import CallRef, Lit, Member, Name
from backend_readiness.graph.evaluation import params
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.matching import MAX_LINE_CHARS
from backend_readiness.snapshot.places import is_for_development

_PRINTS = re.compile(r"~print|~console\.(log|error|warn|info|debug)|~process\.stdout\.write")
_HINTS = signs("obs-structured-logging", "hints")
# A formatter that is installed, not one that is only written; a class of answers (`response_class=ORJSONResponse`) formats no logs.
_INSTALLED = (
    r"(?i)setFormatter\([^)]*json|\bformat\.json\(|\bprocessors\.JSONRenderer\(",
    r"(?i)(?:^|[^\w.-])['\"]?(?:\(\)|class)['\"]?\s*[:=]\s*['\"]?[\w.]*json[\w.]*(?:format|log)",
    r"(?i)(?:^|[^\w.-])['\"]?formatter['\"]?\s*[:=]\s*['\"]?[\w.]*json",
)
_CONFIGURED = (r"setFormatter\(|basicConfig\(|dictConfig\(|^LOGGING\b",)
_TEXT = re.compile(sign("obs-structured-logging", "text_format"))
_PRETTY = re.compile(sign("obs-structured-logging", "pretty"))
_CHOOSES = re.compile(r"(?i)\?|&&|\benv|process\.|prod|isDev")
_RECORDS = re.compile(sign("obs-structured-logging", "record_format"))
_NAMES_FORMAT = re.compile(sign("obs-structured-logging", "names_format"))
_WRITES_RECORDS = re.compile(sign("obs-structured-logging", "writes_records"))
_ENTRY = re.compile(r"""\s*['"]([\w.-]+)['"]\s*:\s*\{""")
_CHOSEN = re.compile(r"""['"]formatter['"]\s*:\s*['"]([\w.-]+)['"]""")
_TAKEN = re.compile(r"""['"]formatter['"]\s*:\s*[A-Za-z_][\w.]*\s*[,}]""")
MAX_CALL_LINES = 60
MAX_SETUP_LINES = 120
# What makes lines of text of records, who it is made for, and the settings that choose.
_TEXT_SINK = re.compile(sign("obs-structured-logging", "text_sink"))
_FOR_DEVELOPERS = re.compile(r"(?i)\b(if|case|switch)\b.*(dev|local|debug|pretty|tty|terminal|prod|release|env)")
_OPTIONS = ("encoding", "logformat", "logencoding", "logger.format", "log.format", "logging.format")
_AS_TEXT = ("console", "text", "plain", "pretty")
_AS_RECORDS = ("json", "logfmt")
_SETS = signs("obs-structured-logging", "sets")
_PAST = sign("obs-structured-logging", "past")
_THROUGH = re.compile(sign("obs-structured-logging", "through"))
_TAKES_ALL = signs("obs-structured-logging", "takes_all")
_TRANSPORTS = signs("obs-structured-logging", "transports")
_START_UP = re.compile(sign("obs-structured-logging", "start_up"))
_FORMATS_BY = re.compile(sign("obs-structured-logging", "formats_by"))
_FORMATS_TEXT = re.compile(sign("obs-structured-logging", "formats_text"))


def verify(context: Context) -> Judgement:
    able = [p for p in live_players(context, "structured_logger") if not _START_UP.search(p.place.file)]
    structured = [p for p in able if not _writes_text(context, p)]
    if able and not structured:
        return partial("Logs are levelled, and the logger is told to write lines of text.", context.at_place(able[0].place))
    option = _by_option(context, structured)
    if option is not None:
        return partial("Logs are structured only where a caller asks for it, and nobody does: lines of text are the default.", option)
    chosen = next((j for p in structured if (j := _by_setting(context, context.at_place(p.place))) is not None), None)
    if chosen is not None and all(_by_setting(context, context.at_place(p.place)) is not None for p in structured):
        return chosen
    past = _writes_past(context, structured) if structured else None
    if past is not None:
        why = "A logger that writes records is made, and the functions of the flow write lines of text past it."
        return partial(why, past, context.at_place(structured[0].place))
    if structured:
        return passed(
            f"Logs are structured with `{structured[0].path.rpartition('/')[2].partition('.')[0].removesuffix('()')}`.",
            context.at_place(structured[0].place),
        )
    setup = next((s for s in setups_of(context, "structured_logger", each=True) if s.off is None and reaches_all(context, s)), None)
    if setup is not None and not _START_UP.search(setup.at.file or ""):
        return _by_setting(context, setup.at) or passed(setup.rule.says, setup.at)
    formatted = [h for h in context.hits(_INSTALLED) if not _is_text_by_name(context, *h)]
    unchosen = next((context.at(f, n) for f, n, text in formatted if _is_unchosen(context, f, text)), None)
    if unchosen is not None and len({(f, n) for f, n, _ in formatted}) == 1:
        return partial("A formatter that writes records is declared, and each handler takes another.", unchosen)
    if formatted and all(_is_left_open(context, f, n) for f, n, _ in formatted):
        why = "One of several formatters writes records; a setting chooses, and which it names where it is deployed was not found out."
        return unverified(why, context.at(*formatted[0][:2]))
    if formatted:
        return passed("A JSON formatter is configured.", context.at(formatted[0][0], formatted[0][1]))
    plain = _plain(context)
    printed = _prints(context)
    text = setup_of(context, "logger")
    if plain:
        configured = [context.at(f, n) for f, n, _ in context.hits(_CONFIGURED) if not _START_UP.search(f)][:2]
        return partial(
            "Logs are levelled, but plain text: no structured formatter is configured.",
            *apart((*configured, *_set_up(context, text), *_settings(context), context.at_place(plain.place), context.at_application()), 5),
        )
    if text is not None:
        return partial(f"{text.rule.says} No structured formatter is configured.", *apart((*_set_up(context, text), *_settings(context))))
    lined = next((context.at(f, n) for f, n, _ in context.hits(_TRANSPORTS) if _TEXT.search(context.snapshot.text(f))), None)
    if lined is not None:
        why = "Logs are levelled, and the logger is told to write lines of text."
        return partial(why, lined, *printed[:1])
    if not printed:
        chain = {f.function.symbol.file for f in context.functions}
        lines = sorted(lines_of(context, "prints"), key=lambda h: h[0] not in chain)  # those beside the flow first
        printed = [context.at(f, n) for f, n, _ in lines if not _START_UP.search(f)]
    if printed:
        places = apart((*printed[:2], *_of_errors(context, printed), context.at_application()), 4)
        return failed("The service writes to the console instead of a logger.", *places)
    app, *others = of_application(context, "no logging is configured for the application")
    absence = context.missing("the source of the backend", at=app, roles=("structured_logger", "logger"), patterns=_HINTS)
    if absence is not None:
        return failed("The application has no logging of its own.", absence, *others)
    served = [h for h in context.hits(_HINTS) if not _START_UP.search(h[0])]
    if served:
        return unverified("Something is logged, but how is not clear.", *(context.at(f, line) for f, line, _ in served[:2]))
    first = context.hits(_HINTS)[:1]
    return failed(
        "The application configures no logging; only scripts that run before it do.", app, *(context.at(f, line) for f, line, _ in first)
    )


def _writes_past(context: Context, structured: list[Player]) -> Evidence | None:
    """A line of the flow's own functions that goes to the console, where none of them writes through the logger."""
    chain = {r.function.symbol.file for r in context.functions}
    if any(p.place.file in chain for p in structured) or context.is_found(_TAKES_ALL):
        return None
    for file, line in texts_of_chain(context, _PAST):
        standard = "log." not in context.snapshot.lines(file)[line - 1] or "log" in context.graph.facts.files[file].modules
        if standard and _THROUGH.search(context.snapshot.text(file)) is None:
            return context.at(file, line)
    return None


def _by_setting(context: Context, at: Evidence) -> Judgement | None:
    """What a setting chooses where the file that makes records of logs makes lines of text as well, other than for developers."""
    lines = context.snapshot.lines(at.file or "")
    text = next(
        (n for n, t in enumerate(lines, 1) if _TEXT_SINK.search(t) is not None and not t.lstrip().startswith(("//", "*", "#"))), None
    )
    if text is None or any(_FOR_DEVELOPERS.search(t) for t in lines[max(0, text - 4) : text]):
        return None
    chosen = [s for name in _OPTIONS for s in settings_named(context, name) if s.literal.lower() in (*_AS_TEXT, *_AS_RECORDS)]
    plain = next((s for s in chosen if s.literal.lower() in _AS_TEXT), None)
    if plain is not None:
        why = "The logger writes records only when it is told to, and the settings choose lines of text."
        return partial(why, context.at(plain.file, plain.line), at)
    if chosen:
        return None
    return unverified(
        "The logger writes records or lines of text; which the deployment chooses was not found.", at, context.at(at.file or "", text)
    )


def _writes_text(context: Context, player: Player) -> bool:
    """Is a logger that can write records told a format of text, where it is made or where the file makes the format that it names?"""
    lines = context.snapshot.lines(player.place.file)
    call = next(
        (c for c in context.view(player.place.file).facts.calls if c.line == player.place.line and c.owner == player.function.index), None
    )
    end = call.end_line if call is not None else player.place.end_line
    own = "\n".join(lines[player.place.line - 1 : min(end, player.place.line + MAX_CALL_LINES)])
    pretty = _PRETTY.search(own)
    if pretty is not None and _CHOOSES.search(own) is None:
        return True
    if _RECORDS.search(own) is not None or _has_sink_of_records(context, player, own):
        return False
    if _TEXT.search(own) is not None:
        return True
    whole = "\n".join(t for t in lines if not t.lstrip().startswith(("//", "*", "#")))
    return _NAMES_FORMAT.search(own) is not None and _TEXT.search(whole) is not None and _RECORDS.search(whole) is None


def _has_sink_of_records(context: Context, player: Player, own: str) -> bool:
    """Is one of the sinks that the logger is handed made before it in the same file, and told to write records?"""
    view = context.view(player.place.file)
    lines = context.snapshot.lines(player.place.file)
    for (scope, name), bound in view.bindings.items():
        made = next((a.value for a, way in bound if not way and isinstance(a.value, CallRef)), None)
        if made is None or scope not in (0, player.function.index) or re.search(rf"\b{re.escape(name)}\b", own) is None:
            continue
        call = view.facts.calls[made.call]
        told = "\n".join(lines[call.line - 1 : min(call.end_line, call.line + MAX_CALL_LINES)])
        if call.line != player.place.line and _RECORDS.search(told) is not None:
            return True
    return False


def _by_option(context: Context, structured: list[Player]) -> Evidence | None:
    """The function that makes the loggers write records only if a parameter says so, which is false by default and given by nobody."""
    for player in structured:
        where = player.function
        view = context.view(where.file)
        symbol = view.symbol(where.index)
        switches = [p.name for p in symbol.params if p.default == Lit(False)]
        lines = context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_SETUP_LINES)]
        for name in switches:
            asked = re.compile(rf"\bif\b\W+{re.escape(name)}\b|\b{re.escape(name)}\s*\?")
            chosen = [n for n, text in enumerate(lines) if asked.search(text[:MAX_LINE_CHARS])]
            records = [n for n, text in enumerate(lines) if _WRITES_RECORDS.search(text[:MAX_LINE_CHARS])]
            if records and all(any(abs(r - c) <= 2 for c in chosen) for r in records) and not _is_given(context, where, name):
                return context.at(where.file, symbol.line)
    return None


def _is_given(context: Context, where: SymbolId, name: str) -> bool:
    """Does a call of the function say the parameter, or hand on what was not read?"""
    symbol = context.view(where.file).symbol(where.index)
    position = next((n for n, p in enumerate(symbol.params) if p.name == name), 0)
    for site in params.callers_named(context.graph.ev, symbol.name).get(where, ()):
        given = context.view(site.file).facts.calls[site.call].args
        plain = [a for a in given if a.name is None]
        if any((a.name == name and a.value != Lit(False)) or a.spread for a in given) or len(plain) > position:
            return True
    return False


def _set_up(context: Context, text: Setup | None) -> list[Evidence]:
    """The lines of one file that set the logger up, those of the form that was found first."""
    if text is None:
        return []
    return [text.at, *(context.at(f, n) for f, n, _ in lines_of(context, "logger") if f == text.at.file)]


def _settings(context: Context) -> list[Evidence]:
    """Where the settings of the application say how it logs, or would."""
    said = context.hits(_SETS, setting_paths())
    if said:
        return [context.at(*said[0][:2])]
    shipped = [p for p in context.snapshot.glob(*setting_paths()) if is_production(p) and not is_for_development(p)]
    return [context.at(shipped[0], 1)] if shipped else []


def _plain(context: Context) -> Player | None:
    """A logger on the chain; without any, one of the rest of the service."""
    chain = {r.function.symbol.file for r in context.functions}
    found = (p for files in (chain, None) for p in players(context, "logger", files) if not _START_UP.search(p.place.file))
    return next(found, None)


def _prints(context: Context) -> list[Evidence]:
    """Console writes of the chain; without any, those of the rest of the service."""
    chain = [context.at_call(c) for c in context.calls if any(_PRINTS.fullmatch(p) for p in c.paths)]
    rest = islice(_console(context), 40)
    return [*chain[:2], *rest] if chain else list(rest)


def _of_errors(context: Context, printed: list[Evidence]) -> Iterator[Evidence]:
    """Console writes of what answers errors."""
    places = error_answers(context)
    return (p for p in printed if any(p.file == e.file and 0 <= (p.line or 0) - (e.line or 0) <= 40 for e in places))


def _console(context: Context) -> Iterator[Evidence]:
    for path in context.production_files(context.language):
        index = context.graph.facts.files[path]
        if context.is_backend(path) and not _START_UP.search(path) and ("console" in index.names or index.called({"print"})):
            for call in context.view(path).facts.calls:
                callee = call.callee
                if callee == Name("print") or (isinstance(callee, Member) and callee.base == Name("console")):
                    yield context.at(path, call.line, call.end_line)


def _is_text_by_name(context: Context, file: str, _: int, text: str) -> bool:
    """Does a handler take a formatter that is only named for records, and whose entry of the table is a format of text?"""
    chosen = _CHOSEN.search(text)
    lines = context.snapshot.lines(file) if chosen is not None else []
    start = next((n for n, t in enumerate(lines) if (m := _ENTRY.match(t)) is not None and chosen is not None and m[1] == chosen[1]), None)
    if start is None:
        return False
    depth = len(lines[start]) - len(lines[start].lstrip())
    own = []
    for line in lines[start + 1 : start + MAX_CALL_LINES]:
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            break
        own.append(line)
    return any(_FORMATS_TEXT.search(t) for t in own) and not any(_FORMATS_BY.search(t) for t in own)


def _is_unchosen(context: Context, file: str, text: str) -> bool:
    """Is it an entry of a table of formatters, whose name none of the handlers of the table takes?"""
    name = _ENTRY.match(text)
    if name is None:
        return False
    chosen = [m for line in context.snapshot.lines(file) for m in _CHOSEN.findall(line[:500])]
    return bool(chosen) and name.group(1) not in chosen


def _is_left_open(context: Context, file: str, line: int) -> bool:
    """Is it an entry of a table of several formatters, of which the handlers take one by a name that the file does not write out?"""
    lines = context.snapshot.lines(file)
    entry = next((m for t in reversed(lines[max(0, line - 3) : line]) if (m := _ENTRY.match(t[:500])) is not None), None)
    taken = [t for t in lines if _TAKEN.search(t[:500]) is not None]
    chosen = [m for t in lines for m in _CHOSEN.findall(t[:500])]
    return entry is not None and bool(taken) and entry.group(1) not in chosen
