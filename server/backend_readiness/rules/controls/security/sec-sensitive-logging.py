"""Log calls of the flow and of the start do not write passwords, tokens, secrets or whole bodies."""

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import backend_files, chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.setting_files import setting_at, settings_below
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.log_fields import field_names, made_value, shows, starts_at_logger
from backend_readiness.controls.protection.logged_arguments import logged_arguments
from backend_readiness.controls.protection.logged_models import logged_bodies, shows_fields, whole_input, whole_model, whole_record
from backend_readiness.controls.protection.logged_parameters import unfiltered_parameters
from backend_readiness.controls.protection.model_checks import typed_fields
from backend_readiness.controls.protection.passwords import is_about_passwords
from backend_readiness.controls.protection.secrets import Origin, source_of
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.around_messages import around_messages, messages_of
from backend_readiness.facts.file_index import TOP
from backend_readiness.facts.model import Alt, Call, CallRef, Concat, Index, Lit, Member, Name, Op, Record, Seq, Value
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_METHODS = frozenset(
    """log info debug warn warning error trace exception critical print fatal dir notice severe fine println printf panic puts
    Print Printf Println Info Infof Infow Infoln Debug Debugf Debugw Warn Warnf Warnw Warning Warningf Error Errorf Errorw Fatal Fatalf
    Fatalln Panic Panicf Trace Tracef Log Logf
    InfoContext DebugContext WarnContext ErrorContext LogAttrs LogInformation LogDebug LogWarning LogError LogTrace LogCritical
    Information Verbose WriteLine Write write""".split()  # noqa: SIM905
)
_LOGGER = re.compile(sign("sec-sensitive-logging", "logger"))
_ALONE = frozenset({"print", "println", "puts", "pp", "error_log", "log_message", "syslog", "logger", "var_dump"})
_MACROS = frozenset({"info", "debug", "warn", "error", "trace", "println", "eprintln", "event", "dbg", "log", "print"})
_SECRET = re.compile(
    r"(?i)(^|[._$@>])(get_?)?((raw|plain|new|user)_?password|password|passwd|pwd|secret|((one_?time|magic|invit(e|ation)|sign_?up)_?)?(access|refresh|auth|bearer|jwt|id|reset|session|signed|login|verification|activation|one_?time|magic|invit(e|ation))_?token(_?str(ing)?|_?value)?|token(_?str(ing)?|_?value)?|(http_?)?(auth\w*_)?credentials|otp(_?code)?|one_?time_?(password|code)|(verification|reset|confirmation)_?code|(reset|verification|activation)_?(link|url)|api_?key|private_?key|authorization|auth(orization)?_?header|credit_?card|card_?number|cvv|ssn|secret_?key|jwt)(\(\))?$"
)
# Data about a person that logs keep for longer than the records.
_PERSONAL = re.compile(
    r"(?i)(^|[._$@>])(get_?)?((user|customer|member|account|owner|buyer|recipient|receiver|guest|person|contact|client)_?)?"
    r"(e_?mail(_?address)?|phone(_?number)?|mobile(_?number)?|date_?of_?birth|birth_?date)(\(\))?$"
)
_BODY = re.compile(r"^(req|request|ctx\.request|self\.request)\.(body|json|form|data|POST|get_json|get_data)$")
_WHOLE = re.compile(
    r"(?i)^(req|request)\.(body|headers|cookies|form|json)$|^process\.env$|^os\.environ$|^(config|settings|configuration|finalConfig)$"
)
# The address of a store, which holds the name and the password that open it.
_ADDRESS = re.compile(
    r"(?i)(^|[._])(mongo(db)?|database|db|postgres(ql)?|mysql|redis|amqp|rabbitmq|broker)_?(connection_?)?(ur[il]|dsn|connection)$|connection_?string$"
)
# What reads one field of a request by its name.
_READS = re.compile(
    r"(?i)^(form_?value|post_?form(_?value)?|get_?parameter|query|param|params|input|get_?query|get_?post|header|get_?header|get)$"
)
_PASSWORD = re.compile(r"(?i)passw|credential")
# What makes a text of all that an object holds.
# What makes a text or a record of what it is given.
_TURNS = frozenset(
    """stringify dumps inspect str format repr JSON Sprintf sprintf vsprintf json_encode print_r var_export vars dict asdict
    jsonable_encoder""".split()  # noqa: SIM905
)
# What gives a logger something that it writes with a line.
_GIVES = frozenset(signs("sec-sensitive-logging", "gives"))
_SHOWS = frozenset({"toString", "dict", "json", "model_dump", "model_dump_json", "to_json", "inspect"})
# Values of settings by which what is bound to statements is written.
_WRITES = frozenset({"trace", "all", "true"})
_PRINTS = re.compile(r"\bStdOutImpl$")
_STATEMENT_LEVELS = frozenset({"debug", "trace", "all"})
_PACKAGE = re.compile(r"\s*package\s+([\w.]+)")
_IN_SHORT = re.compile(r"[(,]\s*[?%](\w[\w.]*)")
_HASHES = re.compile(r"(?i)hash|mask|redact|len|bool|type")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    scopes = set(chain_scopes(context)) | set(_of_guards(context))
    files = context.graph.facts.files
    places = scopes | {(f, 0) for f in backend_files(context) if any(s & TOP for s in files[f].called(_METHODS).values())}
    secrets = any(_PASSWORD.search(t) for _, _, t in chain_text(context))
    with_password = Subject(context).changes and (secrets or is_about_passwords(context))
    logs = 0
    personal: tuple[str, Evidence] | None = None
    whole: tuple[str, Evidence] | None = None
    for file, scope in sorted(places):
        view = context.view(file)
        recorded = [d.call for d in view.symbol(scope).decorators if isinstance(d, CallRef)]
        for number in (*view.calls_of.get(scope, ()), *_spans(view.facts.calls, recorded)):
            call = view.facts.calls[number]
            if not _is_log(call, view.facts.calls):
                continue
            logs += (file, scope) in scopes
            names = [n for c in (call, *_bound(call, view.facts.calls)) for a in c.args for n in _names(a.value, view.facts.calls, 0)]
            if (callee_name(call) or "").endswith("!"):  # `info!(?body, "created")`: a field in short
                names += _IN_SHORT.findall("\n".join(context.snapshot.lines(file)[call.line - 1 : call.end_line]))
            at = context.at(file, call.line, min(call.end_line, call.line + 5))
            name = next((n for n in names if _SECRET.search(n) or _WHOLE.match(n)), None) or _body(context, file, scope, names)
            name = name or (whole_input(context, file, call) if with_password and (file, scope) in scopes else None)
            if name is not None:
                return failed(f"`{name}` is written to the log.", at)
            shown = whole_model(context, file, scope, call, names, _SECRET) if (file, scope) in scopes else None
            shown = shown or _whole_message(context, SymbolId(file, scope), names, call)
            if shown is not None:
                return failed(f"`{shown[0]}` is written to the log with all its fields, `{shown[1]}` included.", at)
            of_person = whole_model(context, file, scope, call, names, _PERSONAL) if personal is None and (file, scope) in scopes else None
            if of_person is not None:
                personal = of_person[1], at
            if whole is None and (file, scope) in scopes:
                record = whole_record(context, names, credentials=secrets)
                whole = (record, at) if record is not None else None
            said = () if personal is not None else field_names((call, *_bound(call, view.facts.calls)), view.facts.calls)
            about = next((n for n in (*names, *said) if _PERSONAL.search(n)), None)
            if about is not None and personal is None and (file, scope) in scopes:
                personal = about, at
    advised = logged_arguments(context, _SECRET)
    if advised is not None and advised[0] is not None:
        return failed(f"`{advised[0]}` is among the arguments of the handler, all of which are written to the log.", advised[1])
    shown_input = unfiltered_parameters(context) if with_password else None
    if shown_input is not None:
        return shown_input
    address = _address(context)
    if address is not None:
        return failed("The address of a store, which holds the credentials for it, is written to the log.", address)
    statements = _statements(context)
    if statements is not None and Subject(context).credentials:
        return partial("The data library logs every statement with its values, those of accounts included.", statements)
    if statements is not None and context.writes:
        return unverified(
            "The data library logs every statement with its values; whether they are about people was not settled.", statements
        )
    if personal is not None:
        return unverified(
            f"`{personal[0]}`, which is data about a person, is written to the log; whether it may be is a question.", personal[1]
        )
    if whole is not None:
        return unverified(f"`{whole[0]}` is written to the log as a whole; whether a secret is among its fields was not settled.", whole[1])
    bodies = logged_bodies(context) if Subject(context).credentials else None
    if advised is not None and with_password:
        return unverified("The arguments of functions are written to the log; whether secrets are among them was not settled.", advised[1])
    if bodies is not None:
        return unverified("The bodies of requests are written to the log; whether secrets are left out was not settled.", bodies)
    at = context.at_place(context.handlers[0]) if context.handlers else context.at_route()
    told = mentioned(context, "logs") if not logs else None
    if told is not None:
        return unverified("The flow writes to a log by calls that were not resolved.", told)
    if words_of(context, "logs") is None:
        return unverified("How the language of the flow logs is not known here.", at)
    return passed("The log calls of the flow hold no secrets." if logs else "The functions of the flow log nothing.", at)


def _of_guards(context: Context) -> Iterator[tuple[str, int]]:
    """What stands before the handler: the methods of an object that is called as a dependency too."""
    for guard in context.guards:
        for function in context.roles.functions(guard.value):
            where = function.symbol
            yield from ((where.file, scope) for scope in context.view(where.file).body(where.index))


def _address(context: Context) -> Evidence | None:
    """Where what runs at start, callbacks included, logs the address of a store: `connect(url).then(() => console.log(url))`."""
    index = context.graph.facts.files
    for file in backend_files(context):
        if not any(_ADDRESS.search(n) for n in index[file].names) or not index[file].called(_METHODS):
            continue
        view = context.view(file)
        own = set(view.body(0))
        for call in view.facts.calls:
            if (
                call.owner in own
                and _is_log(call, view.facts.calls)
                and any(_is_address(context, a.value, file, call.line) for a in call.args)
            ):
                return context.at(file, call.line)
    return None


def _is_address(context: Context, value: Value, file: str, line: int) -> bool:
    """Does the value hold the address of a store that the environment gives, as a whole?"""
    if isinstance(value, Concat):
        return any(_is_address(context, p, file, line) for p in value.parts)
    if not isinstance(value, Name | Member) or _ADDRESS.search(written(value)) is None:
        return False
    if isinstance(value, Name) and _is_put_together(context, value.id, file):
        return True
    if source_of(context, value, file, line).origin is Origin.CONFIGURED or "env." in written(value):
        return True
    said = written(value).rpartition(".")[2].replace("_", "").upper()  # `mongoUrl`, where the file reads `MONGO_URL`
    return any(n.isupper() and n.replace("_", "") == said for n in context.graph.facts.files[file].names)


def _is_put_together(context: Context, name: str, file: str) -> bool:
    """Does the file make the address of parts, one of which is a password: `mongodb://${db.user}:${encodeURIComponent(db.password)}@...`?"""
    view = context.view(file)
    made = [a.value for a, way in view.bindings.get((0, name), ()) if not way and isinstance(a.value, Concat)]
    parts = [p for value in made for p in value.parts]
    inner = [a.value for p in parts if isinstance(p, CallRef) for a in view.facts.calls[p.call].args]
    return any(isinstance(p, Name | Member) and _PASSWORD.search(written(p)) is not None for p in (*parts, *inner))


def _whole_message(context: Context, where: SymbolId, names: list[str], call: Call) -> tuple[str, str] | None:
    """What runs around all handlers of messages logs the one that it is given: its name, and the secret in a message of the flow."""
    if not any(where in around.methods for around in around_messages(context)):
        return None
    given = next((p.name for p in context.view(where.file).symbol(where.index).params if p.name in names), None)
    marks = shows_fields(context, where.file)
    taken_apart = any(isinstance(a.value, Lit) and "{@" in str(a.value.value) for a in call.args)
    for cls in messages_of(context) if given is not None else ():
        head = context.snapshot.lines(cls.file)[context.view(cls.file).symbol(cls.index).line - 1]
        secret = next((f for f, _, _ in typed_fields(context, cls) if _SECRET.search(f)), None)
        if given is not None and secret is not None and (taken_apart or any(m.search(head) for m in marks)):
            return given, secret
    return None


def _body(context: Context, file: str, scope: int, names: list[str]) -> str | None:
    """A name for the whole body, in a flow that takes a password: `content = request.json`, then `print(content)`."""
    if not Subject(context).credentials or not is_about_passwords(context):
        return None
    view = context.view(file)
    for name in names:
        for assign, way in view.bindings.get((scope, name), ()):
            value = view.facts.calls[assign.value.call].callee if isinstance(assign.value, CallRef) else assign.value
            if not way and value is not None and _BODY.match(written(value)) is not None:
                return written(value)
    return None


def _statements(context: Context) -> Evidence | None:
    """The setting by which what is deployed logs the values of statements; None where only development has it."""
    for key in signs_by("sec-sensitive-logging", "bound_values").get(context.language, ()):
        setting = setting_at(context, key)
        if setting is not None and (setting.literal.lower() in _WRITES or _PRINTS.search(setting.literal) is not None):
            return context.at(setting.file, setting.line)
    mapped = _mapped(context)
    if mapped is not None:
        return mapped
    patterns = signs_by("sec-sensitive-logging", "statements").get(context.language, ())
    apart = signs_by("sec-sensitive-logging", "without_values").get(context.language, ())
    if not patterns or (apart and context.hits(apart)):
        return None
    found = [h for h in context.hits(patterns) if not stands_in_development(context, *h[:2]) and not _is_for_tests(context, *h[:2])]
    return context.at(*found[0][:2]) if found else None


def _mapped(context: Context) -> Evidence | None:
    """The level of a logger by which mappers of statements write what they bind, as their package or one above it is named."""
    levels = [
        (s, s.path[len(section.split(".")) :])
        for section in signs_by("sec-sensitive-logging", "levels").get(context.language, ())
        for s in settings_below(context, section)
        if s.literal.lower() in _STATEMENT_LEVELS
    ]
    for file, _, _ in context.hits(signs_by("sec-sensitive-logging", "mappers").get(context.language, ())) if levels else ():
        head = (m for t in context.snapshot.lines(file)[:60] if (m := _PACKAGE.match(t)) is not None)
        package = next((tuple(m.group(1).lower().split(".")) for m in head), ())
        for setting, named in levels:
            if len(named) > 1 and package[: len(named)] == named:
                return context.at(setting.file, setting.line)
    return None


def _is_for_tests(context: Context, file: str, line: int) -> bool:
    """Does the line stand in a function that says that it is for tests?"""
    around = [s.name for s in context.view(file).facts.symbols if s.kind != "module" and s.line <= line <= s.end_line]
    return any(re.search(r"(?i)test|mock|fake", name) for name in around)


def _spans(calls: tuple[Call, ...], decorators: list[int]) -> list[int]:
    """What `#[instrument(fields(email = %form.email))]` records for every call of the function."""
    found = [n for n in decorators if callee_name(calls[n]) == "instrument"]
    inside = [a.value.call for n in found for a in calls[n].args if isinstance(a.value, CallRef)]
    return [*found, *(n for n in inside if callee_name(calls[n]) == "fields")]


def _bound(call: Call, calls: tuple[Call, ...]) -> Iterator[Call]:
    """The calls that give a logger what it writes with each line, from the last to the first: `logger.bind(body=body).info("sent")`."""
    while isinstance(call.callee, Member) and isinstance(call.callee.base, CallRef):
        call = calls[call.callee.base.call]
        if callee_name(call) not in _GIVES:
            return
        yield call


def _is_log(call: Call, calls: tuple[Call, ...]) -> bool:
    name = callee_name(call) or ""
    if name in ("instrument", "fields") or (name.endswith("!") and name[:-1] in _MACROS):
        return True
    if isinstance(call.callee, Name):
        return name in _ALONE
    if name not in _METHODS or not isinstance(call.callee, Member):
        return False
    if starts_at_logger(call, calls):
        return True
    first = list(_bound(call, calls))[-1:] or [call]
    base = first[0].callee.base if isinstance(first[0].callee, Member) else call.callee.base
    return _LOGGER.search(written(calls[base.call].callee if isinstance(base, CallRef) else base)) is not None


def _names(value: Value, calls: tuple[Call, ...], depth: int) -> list[str]:
    """What is put into the line: names and member chains, in texts and objects too."""
    if depth > 6 or isinstance(value, Lit):
        return []
    if isinstance(value, Name | Member):
        return [written(value).removesuffix(".__dict__")]
    if isinstance(value, Index):
        return [f"{written(value.base)}.{value.key.value}"] if isinstance(value.key, Lit) else []
    if isinstance(value, CallRef):
        call = calls[value.call]
        made = made_value(call)
        if made is not None:  # `slog.String("token", held)`
            key = call.args[0].value
            named = [str(key.value)] if isinstance(key, Lit) and shows(made) else []
            return named + _names(made, calls, depth + 1)
        if _HASHES.search(callee_name(call) or ""):
            return []
        first = call.args[0].value if call.args else None
        if isinstance(call.callee, Member) and _READS.match(call.callee.name) and isinstance(first, Lit) and isinstance(first.value, str):
            return [f"{written(call.callee.base)}.{first.value}"]  # `r.FormValue("password")`
        if not call.args and isinstance(call.callee, Member) and _SECRET.search(callee_name(call) or ""):
            return [written(call.callee)]  # `user.getPassword()`
        if not call.args and isinstance(call.callee, Member) and callee_name(call) in _SHOWS:
            return [written(call.callee.base)]  # `given.toString()`, `given.model_dump()`
        return [n for a in call.args for n in _names(a.value, calls, depth + 1)] if callee_name(call) in _TURNS else []
    parts = (
        value.parts
        if isinstance(value, Concat)
        else value.items
        if isinstance(value, Seq)
        else value.options
        if isinstance(value, Alt)
        else value.operands
        if isinstance(value, Op) and value.op in ("+", "%")
        else ()
    )
    found = [n for p in parts for n in _names(p, calls, depth + 1)]
    if isinstance(value, Record):
        found += [n for _, item in value.items for n in _names(item, calls, depth + 1)]
        found += [str(key) for key, item in value.items if key is not None and shows(item)]
    return found
