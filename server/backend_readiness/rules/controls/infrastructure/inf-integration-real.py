"""Payment, mail, storage and other integrations of the flow: real calls through configuration, not stubs, test keys or localhost."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.databases import stands_aside
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.local_store import undeclared_store
from backend_readiness.controls.expressions import texts_in
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.work import answers
from backend_readiness.controls.work.handed_on import asks_outside, handed_on
from backend_readiness.facts.model import CallRef, Func, Member
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence, FindingStatus, Link, Severity
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_KINDS = {"mail", "payment", "http", "storage", "external"}
_ABOUT = re.compile(sign("inf-integration-real", "about"))
_LEFT = re.compile(r"(?i)outbox|queue|jobs?$|tasks?$|pending|scheduled")
_PROMISES = re.compile(r"(?i)^_*(async_?)?(send|deliver|charge|capture|refund|pay|create|upload|put|notify|publish|dispatch|transfer)")
_PURE = {
    "str", "int", "len", "float", "bool", "dict", "list", "format", "join", "split", "strip", "rstrip", "lstrip", "replace", "lower",
    "upper", "uuid4",
    "round", "isoformat", "now", "toString", "toUpperCase", "toLowerCase", "stringify", "dumps", "randomUUID", "setTimeout", "resolve",
    "sleep", "Date",
    "Promise", "get_secret_value", "strftime", "utcnow", "hex", "token_hex", "getLogger", "trim", "slice", "random", "floor", "randint",
    "Sprintf", "Sprint", "NewString", "New", "NewGuid", "Format", "ToString", "valueOf", "sprintf", "uniqid", "to_s",
    "format!", "completedFuture", "FromResult", "json_encode", "Now", "Delay",
}  # fmt: skip
_CONFIGURES = re.compile(r"(?i)config|settings|constants?|(^|/)env")
_SAYS_SENT = re.compile(
    r"(?i)\b(e-?mail|mail|link|code|message|sms|instructions)\b.{0,40}\bsent\b|\b(sent|emailed)\b.{0,40}\b(e-?mail|link|code)\b"
)
_SENDS = re.compile(r"(?i)send|mailer|^e?mail$|notif|deliver|enqueue|publish|dispatch|emit|delay|add_task|push|perform")
_TEST_KEY = (r"['\"](?:sk_test_|pk_test_|rk_test_)\w{8,}|['\"]https?://(?:[\w.-]*\.)?(?:sandbox|mailtrap|ethereal)\.[\w.-]+",)
_KEY_READ = sign("inf-integration-real", "key_read")
_CATCHES = sign("inf-integration-real", "catches_mail")
_SETTINGS = (
    "**/appsettings.json",
    "**/appsettings.Prod*.json",
    "**/application.properties",
    "**/application.y*ml",
    "**/application-prod*.*",
)
_KEEPS = tuple(re.compile(k) for k in signs("inf-integration-real", "keeps_mail"))
_SENT = re.compile(sign("inf-integration-real", "sends_mail"))
_ANY_MAIL = (*signs("inf-integration-real", "keeps_mail"), *signs("inf-integration-real", "mail_settings"))
_SHIPPED = (
    "**/.env.production",
    "**/.env.prod",
    "**/docker-compose*.y*ml",
    "**/compose*.y*ml",
    "**/fly.toml",
    "**/render.y*ml",
    "**/*.exs",
)
_STAND_IN = re.compile(sign("inf-integration-real", "stand_in"))
_SERVICES = re.compile(sign("inf-integration-real", "services"))
_SENDS_BY = re.compile(sign("inf-integration-real", "sends"))
_TELLS = re.compile(sign("inf-integration-real", "tells"))
_UNSET = (re.compile(sign("inf-integration-real", "unset")), re.compile(sign("inf-integration-real", "unset_text")))
_LEAVES = re.compile(sign("inf-integration-real", "leaves"))
_MOVES_MONEY = re.compile(sign("inf-integration-real", "moves_money"))


def verify(context: Context) -> Judgement:
    touched = [(e, link) for e, link in context.effects if e.kind in _KINDS]
    stand_in = _stand_in(context, [link.file for _, link in touched])
    found = _stub(context) if stand_in is None else None
    if found is not None:
        place, name, about = found
        severity = Severity.CRITICAL if _MOVES_MONEY.search(about) else None
        return failed(
            f"`{name}` calls no service: it only logs or makes its answer up.", place, status=FindingStatus.STUBBED, severity=severity
        )
    if not touched:
        if not context.is_resolved:
            return unverified("The handler of the flow was not found.")
        promised = _promised(context)
        if promised is not None:
            return failed(
                "The answer says that a message was sent, and nothing on the chain sends one.", promised, status=FindingStatus.STUBBED
            )
        loose = _sends_unread(context) or asks_outside(context)
        if loose is not None:
            return unverified("The flow calls what by its name sends something; which service it reaches was not found out.", loose)
        taken = handed_on(context)
        if taken is not None:
            return unverified("The request is handed to code that is found at run time; which services that calls was not followed.", taken)
        return not_applicable("The flow calls no outside service.", context.at_route())
    nowhere = undeclared_store(context) if any(e.kind == "storage" for e, _ in touched) else None
    if nowhere is not None:
        return unverified(
            "Production names a store of files that the committed settings do not declare.", nowhere, context.at_place(touched[0][1])
        )
    own = {link.file for _, link in touched} | {r.function.symbol.file for r in context.functions}
    for file, line, text in context.hits(_TEST_KEY):
        if is_production(file) and "env" not in text.lower() and (file in own or _CONFIGURES.search(file) is not None):
            return failed("A test key or the address of a sandbox stands in the source.", context.at(file, line))
    mail = any(e.kind == "mail" for e, _ in touched)
    caught = next((h for h in context.hits((_CATCHES,), _SETTINGS) if is_production(h[0])), None) if mail else None
    if caught is not None:
        return partial("The settings that are shipped name a mail server that only catches mail of tests.", context.at(*caught[:2]))
    kept = _kept_mail(context) if mail else None
    if kept is not None:
        return kept
    for effect, link in touched:
        if re.search(r"(?i)^https?://(?:localhost|127\.0\.0\.1)", effect.target) is not None:
            return failed(f"The flow calls `{effect.target}`, which is no deployed service.", context.at_place(link))
    trial = _only_test_key(context, {e.target.lower() for e, _ in touched})
    if trial is not None:
        return partial("The key of a service comes from a setting for its test mode, and no other setting gives one.", trial)
    if stand_in is not None:
        why = "Where its settings are missing, a stand-in takes the place of the service, and the flow goes on as if it had been called."
        return partial(why, stand_in, context.at_place(touched[0][1]))
    skipped = next((at for e, link in touched if e.kind in ("mail", "payment") and (at := _skips(context, link)) is not None), None)
    if skipped is not None:
        why = "Where its settings are missing, the service is not called, and the flow goes on as if it had been."
        return partial(why, skipped, context.at_place(touched[0][1]))
    return passed("The flow calls its services.", *(context.at_place(link) for _, link in touched[:2]))


def _sends_unread(context: Context) -> Evidence | None:
    """A call of the chain that was not followed and sends something: of a library of a service, or a person who is told something."""
    followed = {(e.site.file, e.site.call) for r in context.functions for e in context.tracer.edges.of_symbol(r.function.symbol)}
    for where in (r.function.symbol for r in context.functions):
        view = context.view(where.file)
        serves = any(_SERVICES.search(i.module) is not None for i in view.facts.imports)
        for number in (n for scope in view.body(where.index) for n in view.calls_of.get(scope, ())):
            call = view.facts.calls[number]
            name = callee_name(call) or ""
            if (where.file, number) in followed or not isinstance(call.callee, Member):
                continue
            made = [view.facts.calls[a.value.call] for a in call.args if isinstance(a.value, CallRef)]
            if (serves and _SENDS_BY.search(name) is not None) or (_TELLS.search(name) and any(c.kind == "new" for c in made)):
                return context.at(where.file, call.line)
    return None


def _skips(context: Context, link: Link) -> Evidence | None:
    """The condition above a call, in the same function, by which it is left out in silence where a setting is missing."""
    if link.file not in context.graph.facts.files:
        return None
    symbols = context.view(link.file).facts.symbols
    around = [s for s in symbols if s.kind in ("function", "method", "lambda") and s.line <= link.line <= s.end_line]
    lines = context.snapshot.lines(link.file)
    first = max((s.line for s in around if s.line < link.line), default=link.line)
    for number in range(first, link.line):
        text = lines[number - 1][:500]
        rest = text.rpartition(")")[2] or text.rpartition(":")[2]
        if any(p.search(text) is not None for p in _UNSET) and any(_LEAVES.match(t) for t in (rest, lines[number][:500])):
            return context.at(link.file, number, min(number + 1, link.line))
    return None


def _only_test_key(context: Context, services: set[str]) -> Evidence | None:
    """The line that reads the key of one of the services from a setting with TEST in its name, where none reads another one."""
    read = [(f, n, t) for f, n, t in context.hits((_KEY_READ,)) if is_production(f)]
    for service in sorted(s for s in services if re.fullmatch(r"[a-z]{4,20}", s)):
        keys = [(f, n, m[1]) for f, n, t in read for m in re.finditer(_KEY_READ, t) if service in m[1].lower()]
        if keys and all("TEST" in re.split(r"_", name) for _, _, name in keys):
            return context.at(*keys[0][:2])
    return None


def _stand_in(context: Context, files: list[str]) -> Evidence | None:
    """The line by which what makes the client of the service gives something else instead, by its name a mock or a log."""
    for file in dict.fromkeys(files):
        for number, text in enumerate(context.snapshot.lines(file), 1):
            if _STAND_IN.search(text[:300]) is not None and not stands_in_development(context, file, number):
                return context.at(file, number)
    return None


def _kept_mail(context: Context) -> Judgement | None:
    """What ships writes mail to a log, a file or the memory, and names no way by which it goes out."""
    found = []
    sends = False
    for file, line, text in context.hits(_ANY_MAIL, (*context.source_globs, *_SHIPPED)):
        if not is_production(file) or is_for_development(file) or "example" in file.lower():
            continue
        if (stands_aside(context, file, line) and "production" not in file) or stands_in_development(context, file, line):
            continue
        keeps = any(k.search(text) is not None for k in _KEEPS)
        sends = sends or (not keeps and _SENT.search(text) is not None)
        found.extend([(file, line, text)] if keeps else [])
    if not found or sends:
        return None
    file, line, text = found[0]
    if re.search(r"(?i)getenv|environ|process\.env|\benv\(|\bif\b|\?|System\.get_env", text) is not None:
        return unverified(
            "Unless a setting says otherwise, mail reaches nobody; what is deployed is not written down.", context.at(file, line)
        )
    return failed("The settings write mail to a log, a file or the memory: it reaches nobody.", context.at(file, line),
                  status=FindingStatus.STUBBED)  # fmt: skip


def _promised(context: Context) -> Evidence | None:
    """A text of the handler's answer that speaks of a message sent, where no work is left to a queue or a job either."""
    if any(e.kind == "queue" or (e.operation == "write" and _LEFT.search(e.target or "")) for e, _ in context.effects):
        return None
    for where in inputs_of(context).handlers:
        view = context.view(where.file)
        calls = [c for i in view.body(where.index) for n in view.calls_of.get(i, ()) if (c := view.facts.calls[n])]
        if any(_SENDS.search(callee_name(c) or "") for c in calls):
            return None
        for returned in (r for i in view.body(where.index) for r in view.returns.get(i, ())):
            inner = [
                returned.value,
                *(a.value for c in calls if c.line <= returned.end_line and c.end_line >= returned.line for a in c.args),
            ]
            if any(_SAYS_SENT.search(t) for v in inner for t in texts_in(v)):
                return context.at(where.file, returned.line, min(returned.end_line, returned.line + 5))
    return None


def _stub(context: Context) -> tuple[Evidence, str, str] | None:
    """A function of an integration that promises an effect and has none, on the chain or behind a word that the chain uses."""
    chain = {r.function.symbol for r in context.functions}
    words = {m.lower() for r in context.functions for m in _ABOUT.findall(_text(context, r.function.symbol))} | _left_to_a_worker(context)
    for file in sorted({s.file for s in chain} | _files(context, words)):
        view = context.view(file)
        for index, symbol in enumerate(view.facts.symbols):
            where = SymbolId(file, index)
            if symbol.kind not in ("function", "method", "lambda") or _PROMISES.match(symbol.name) is None:
                continue
            about = _about(view, index, file)
            if about and _does_nothing(view, index) and not answers.in_class_with_heirs(context, where) and _is_used(context, where):
                return context.at(file, symbol.line, min(symbol.end_line, symbol.line + 6)), symbol.name, about
    return None


def _left_to_a_worker(context: Context) -> set[str]:
    """What the files speak of that name a table in which the flow leaves work for another process."""
    left = {e.target for e, _ in context.effects if e.operation == "write" and e.target and _LEFT.search(e.target) is not None}
    files = {p for target in left for p in context.graph.naming(target) if is_production(p)}
    return {m.lower() for p in files for name in context.graph.facts.files[p].names for m in _ABOUT.findall(name)}


def _text(context: Context, where: SymbolId) -> str:
    view = context.view(where.file)
    names = [callee_name(c) or "" for c in answers.calls_of(view, where.index)]
    return f"{where.file} {view.symbol(where.index).name} {' '.join(names)}"


def _files(context: Context, words: set[str]) -> set[str]:
    return (
        {p for p in context.production_files(context.language) if any(w in p.rpartition("/")[2].lower() for w in words)} if words else set()
    )


def _about(view: FileView, index: int, file: str) -> str:
    holder = view.holder(index)
    named = f"{file.rpartition('/')[2]} {view.symbol(index).name} {view.symbol(holder).name if holder is not None else ''}"
    match = _ABOUT.search(named)
    return named if match is not None else ""


def _does_nothing(view: FileView, index: int) -> bool:
    """Only logs, pure calls and the making of an answer; something is promised, so an empty body counts too."""
    symbol = view.symbol(index)
    calls = [c for c in answers.calls_of(view, index) if c.kind != "decorator"]
    logged = any(callee_name(c) in answers.LOGS for c in calls)
    for call in calls:
        name = callee_name(call) or ""
        if (
            name not in answers.LOGS
            and name not in _PURE
            and not (answers.makes_value(call, view) and "Client" not in name and "Message" not in name)
        ):
            return False
        if any(isinstance(a.value, Func) for a in call.args) and name not in ("Promise", "setTimeout"):
            return False
    body = set(view.body(index))
    if any(t.owner in body for t in view.facts.throws):
        return False
    returned = [r for r in view.facts.returns if r.owner == index and r.value is not None]
    made_up = any(answers.is_constant(r.value, view, index) or _constructs(view, r.value) for r in returned)
    return logged and (not returned or made_up or symbol.statements <= 2)


def _constructs(view: FileView, value: object) -> bool:
    from backend_readiness.facts.model import Record

    if isinstance(value, Record):
        return True
    return isinstance(value, CallRef) and answers.makes_value(view.facts.calls[value.call], view)


def _is_used(context: Context, where: SymbolId) -> bool:
    name = context.view(where.file).symbol(where.index).name
    return any(is_production(p) and context.view(p).calls_by_name.get(name) for p in context.graph.naming(name))
