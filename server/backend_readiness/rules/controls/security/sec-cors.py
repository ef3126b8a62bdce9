"""Which foreign origins may read answers: CORS middleware, handwritten headers, settings and proxies."""

import re
from collections.abc import Iterable

from backend_readiness.controls.callees import Found, backend_files, constants, guards_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import brought_defaults, default_of, distance, framework_cards
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.deployed.setting_files import setting_at, settings_about, settings_below, value_in_env
from backend_readiness.controls.expressions import written
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.inputs import Taint, inputs_of
from backend_readiness.controls.protection.mounted import constants_at, mounted, option_at
from backend_readiness.controls.protection.origin_settings import of_proxies
from backend_readiness.controls.protection.origins import by_function, by_patterns, doubted_by_example, of_resources
from backend_readiness.facts.model import Func, Index, Lit, Name, Seq
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import Const, Ext, FuncV, ListV, Obj, ParamV, Thunk, UnknownV, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Severity
from backend_readiness.rules.protection_rules import CorsRule

_HEADER = "access-control-allow-origin"
_SOMETIMES = re.compile(
    r"(?i)WithOrigins\(|\.allowed_origins\(\s*(?!AllowedOrigins::all)|allowed_origin\(|IsDevelopment|debug_assertions|is_?prod|getenv|environ|profile"
)
# An origin that a field of what answers holds, and `*` that is given to what makes it.
_KEPT = re.compile(r"(?i)allow-origin[\"'],\s.*\b(\w{1,2}|this|self)(\.|->)\w*origins?\b")
_ANY_GIVEN = (r"(?i)\bnew_?\w*cors\w*\(.*[\"']\*[\"']",)
_ANY = ("*", "/.*/", ".*", "^.*$", "^.+$", "https?://.*")
_HINTS = (
    r"(?i)access[-_]?control[-_]?allow[-_]?origin|\bcors|cors\b|allow_?(ed_?)?origins?\b|any_?origin|cross_?-?origin",
    r"[a-z]Cors|Cors[A-Z]|(?i:cors)_|_(?i:cors)|CORS[A-Z]",
)


def verify(context: Context) -> Judgement:
    put = [(found, rule) for found, rule in mounted(context, lambda card: card.cors) if not _is_on_another_router(context, found)]
    answers = [j for found, rule in put if (j := _judge(context, found, rule)) is not None]
    answers += _headers(context)
    answers += _django(context) or _closed(context)
    answers += _in_words(context)
    answers += _open_calls(context)
    answers += _by_settings(context)
    for at, said in of_proxies(context):
        answers.append(
            _wildcard(at, said == "*!") if said[0] == "*" else _reflected(at) if said else passed("The proxy names the origin.", at)
        )
    named = context.hits(words_of(context, "named_origin") or ()) if not answers else []
    if named and not context.is_found((r"(?i)is_?allowed_?origin|origin_?patterns?\(|set_?is_?origin_?allowed",)):
        answers.append(passed("CORS names the origins that may read answers.", context.at(*named[0][:2])))
    if answers:
        order = {"fail": 0, "partial": 1, "unverified": 2, "pass": 3}
        own = {link.file for t in context.traced for link in t.chain.links}

        def weight(j: Judgement) -> tuple[object, ...]:
            far = min((distance(context, e.file) for e in j.evidence if e.file), default=(0, 0))
            return order[j.verdict], j.severity is Severity.LOW, all(e.file not in own for e in j.evidence), far

        return doubted_by_example(context, min(answers, key=weight))
    told = settings_about(context, "cors")
    if context.routes and not told:
        at = guards_place(context)
        proof = context.missing("CORS configuration of the application", at=at, roles=("cors",), patterns=_HINTS)
        if proof is not None:
            return passed("The application sends no CORS headers, so browsers keep to the same origin.", proof)
    hits = [*((s.file, s.line, "") for s in told), *context.hits(_HINTS)]
    return unverified("Something speaks of CORS, but what it allows was not resolved.", *(context.at(f, n) for f, n, _ in hits[:2]))


def _is_on_another_router(context: Context, found: Found) -> bool:
    """Is it put on a router of other routes, which none of the flow is registered on: `CORS(api)`?"""
    given = found.value(0) if found.call.args else None
    if given is None or any("application" in context.roles.of_value(v) for v in options(given)):
        return False
    sites = {(v.site.file, v.site.call) for v in options(given) if isinstance(v, Ext) and v.site is not None}
    others = _routers(context, context.tracer.routes) if sites else set()
    return bool(sites & others) and not sites & _routers(context, context.routes)


def _routers(context: Context, routes: Iterable[BoundRoute]) -> set[tuple[object, ...]]:
    """Where the routers of routes, and those that they are mounted on, are made."""
    found: set[tuple[object, ...]] = set()
    for router in {b.registration.router for b in routes if b.registration.router is not None}:
        found.update(tuple(r[1:3]) for r in (router, *context.tracer.mounts_above(router)))
    return found


def _closed(context: Context) -> list[Judgement]:
    """Middleware that allows no origin unless settings name one, and settings that name none where it is deployed."""
    rule = default_of(context, "cors")
    if rule is None or not rule.holds or rule.at is None:
        return []
    return [passed(rule.rule.says, rule.at)]


def _open_calls(context: Context) -> list[Judgement]:
    """Middleware that allows every origin unless its options name some."""
    given = [d for d in brought_defaults(context, "cors_open") if d.off is None]
    opened = [(d, d.otherwise or d.at) for d in given if not d.rule.value]
    found = [failed(d.rule.says, at) if d.holds else unverified("Settings name the origins.", at) for d, at in opened if at is not None]
    paths = [r.route.endpoint.path for r in context.routes]  # a default for a part of the addresses sends no credentials
    part = [d for d in given if d.rule.value and d.holds and all(p.startswith(d.rule.value) for p in paths)]
    found += [failed(d.rule.says, d.at, severity=Severity.LOW) for d in part if d.at is not None]
    for at, call in ((context.at_call(c), c) for c in context.roles.calls("cors_open")):
        text = " ".join(context.snapshot.lines(call.file)[call.call.line - 1 : call.call.end_line])
        if not call.call.args or (re.search(r"\{|\(\s*\w+\.\w*[cC]onfig", text) and not re.search(r"(?i)origin", text)):
            found.append(_wildcard(at, re.search(r"(?i)allow_?credentials\W{1,6}true", text) is not None))
        elif re.search(r"(?i)allow_?origins?\W.*[\"']https?://", text):
            found.append(passed("CORS names the origins that may read answers.", at))
    return found


def _in_words(context: Context) -> list[Judgement]:
    """What the application writes when it opens itself to every origin, in languages whose middleware is not followed."""
    found = []
    for file, line, text in context.hits(words_of(context, "reflected_origin") or ()):
        if not text.lstrip().startswith(("//", "#", "*")):
            found.append(_reflected(context.at(file, line)))
    for file, line, _ in context.hits(words_of(context, "any_origin") or ()):
        if _is_own(context, file, line):
            continue
        first, last = _function_around(context, file, line)
        near = context.snapshot.lines(file)[max(first - 1, line - 6, 0) : min(last, line + 6)]
        around = " ".join(t for t in near if not t.lstrip().startswith(("//", "#", "*")))
        credentials = re.search(r"(?i)allow_?credentials\W{0,6}(true|\))|supports_credentials'?\s*=>\s*true|credentials:\s*true", around)
        if _SOMETIMES.search(around):
            found.append(unverified("Every origin is allowed in one case, and others are named beside it.", context.at(file, line)))
        else:
            found.append(_wildcard(context.at(file, line), credentials is not None))
    return found


def _by_settings(context: Context) -> list[Judgement]:
    """What settings of a file allow, where the framework reads them by itself."""
    told = settings_about(context, "cors")
    found = []
    for rule in (r for card in framework_cards(context) for r in card.cors_settings) if told else ():
        on = next((s for key in rule.enabled if (s := setting_at(context, key)) is not None and s.literal.lower() == "true"), None)
        on = on or next(iter(settings_below(context, rule.section)), None)
        if on is None:
            continue
        at = context.at(on.file, on.line)
        wanted = {_plain(key) for key in rule.origins}
        named = [s for s in told if wanted & {_plain(p) for p in s.path}]
        if not named and rule.without == "any":
            found.append(_wildcard(at, False))
        elif not named and rule.without == "none":
            found.append(passed("No foreign origin is named, so none is allowed.", at))
        elif named and any((s.literal or value_in_env(context, s)).strip("'\"") in _ANY for s in named):
            found.append(_wildcard(context.at(named[0].file, named[0].line), False))
        elif named and all(value_in_env(context, s) if s.can_be_replaced else s.literal for s in named):
            found.append(passed("The settings name the origins that may read answers.", context.at(named[0].file, named[0].line)))
    return found


def _plain(key: str) -> str:
    return re.sub(r"[-_]|\[\d*\]|\d+$", "", key).lower()


def _function_around(context: Context, file: str, line: int) -> tuple[int, int]:
    """The first and the last line of the method that a line stands in; of the file where it stands in none."""
    whole = (1, len(context.snapshot.lines(file)))
    if file not in context.graph.facts.files:
        return whole
    found = [s for s in context.view(file).facts.symbols if s.kind in ("method", "function") and s.name and s.line <= line <= s.end_line]
    outer = max(found, key=lambda s: s.end_line - s.line, default=None)
    return (outer.line, outer.end_line) if outer is not None else whole


def _is_own(context: Context, file: str, line: int) -> bool:
    """Is every call of the line one of a function of the repository, which only bears the name of a middleware?"""
    if file not in context.graph.facts.files:
        return False
    calls = [c for c in context.view(file).facts.calls if c.line == line and re.search(r"(?i)cors|origin", callee_name(c) or "")]
    own = [any(isinstance(v, FuncV) for v in options(context.graph.ev.value(c.callee, file, c.owner))) for c in calls]
    return bool(own) and all(own)


def _judge(context: Context, found: Found, rule: CorsRule) -> Judgement | None:
    at = found.evidence()
    if rule.later and not found.call.args:
        return None
    credentials = any(True in constants_at(found, rule, key) for key in rule.credentials)
    loose = by_patterns(constants_at(found, rule, rule.pattern) if rule.pattern else (), at, credentials=credentials)
    if loose is not None:
        return loose
    thunk = next((t for key in (*rule.origins, rule.pattern) if key and (t := option_at(found, rule, key)) is not None), None)
    if thunk is None:
        return _without_origins(found, rule, credentials)
    values = constants(context, context.graph.ev.thunk(thunk))
    setting = _setting(context, thunk.file) if values == ["*"] and not isinstance(thunk.expr, Lit) else None
    if setting is not None:
        return passed("CORS names the origins that may read answers.", setting, at)
    if any(v == "*" or (isinstance(v, str) and v in (".*", "https?://.*", "^.*$")) for v in values):
        fallback = any(v != "*" for v in values) or not _all_constant(context, thunk)
        return (
            partial("Every origin is allowed when no origin is configured.", at)
            if fallback and not isinstance(thunk.expr, Lit) and len(values) == 1 and not _literal_list(thunk)
            else _wildcard(at, credentials)
        )
    if values == [True]:
        return _reflected(at)
    if isinstance(thunk.expr, Func):
        return by_function(context, thunk.file, thunk.expr.symbol, at)
    told = list(options(context.graph.ev.thunk(thunk)))
    if not values and all(isinstance(v, UnknownV | ParamV) or (isinstance(v, Ext) and not v.known) for v in told):
        return unverified("The origins come from a value that was not resolved; what it is where nothing sets it was not found out.", at)
    return passed("CORS names the origins that may read answers.", at)


def _without_origins(found: Found, rule: CorsRule, credentials: bool) -> Judgement:
    """The options name no origin: the library allows all of them or none."""
    at = found.evidence()
    if rule.without == "none":
        return passed("No origin is allowed.", at)
    if rule.single and (table := option_at(found, rule, rule.single)) is not None:
        said = of_resources(found, found.context.graph.ev.thunk(table), rule.origins)
        if said is not None:
            return _wildcard(at, credentials) if "*" in said else passed("CORS names the origins that may read answers.", at)
        return unverified("The origins are set for single resources.", at)
    if rule.options is not None and found.value(rule.options) is not None and not _is_object(found, rule.options):
        return unverified("The options of the CORS middleware were not resolved.", at)
    return _wildcard(at, credentials)


def _setting(context: Context, file: str) -> Evidence | None:
    """The list of origins that settings of the application give under the name that the file reads (`config.get("CORS_ORIGINS", "*")`)."""
    for _, _, text in context.hits((r"(?i)config(?:\.get\(|\[)\s*['\"]\w*(?:cors|origin)\w*['\"]",), (file,)):
        name = re.search(r"(?i)config(?:\.get\(|\[)\s*['\"](\w*(?:cors|origin)\w*)['\"]", text)
        found = list(written_values(context, name.group(1))) if name is not None else []
        if found and all(isinstance(v, Seq) and all(isinstance(i, Lit) and i.value != "*" for i in v.items) for _, _, v in found):
            return context.at(found[0][0], found[0][1])
    return None


def _literal_list(thunk: object) -> bool:
    return isinstance(getattr(thunk, "expr", None), Seq)


def _all_constant(context: Context, thunk: object) -> bool:
    return isinstance(thunk, Thunk) and all(isinstance(v, Const | ListV) for v in options(context.graph.ev.thunk(thunk)))


def _is_object(found: Found, position: int) -> bool:
    value = found.value(position)
    return value is not None and all(isinstance(v, Obj) for v in options(value))


def _wildcard(at: Evidence, credentials: bool) -> Judgement:
    if credentials:
        return failed("Every origin is allowed together with credentials.", at)
    return failed("Every origin may read the answers; credentials are not allowed with it.", at, severity=Severity.LOW)


def _reflected(at: Evidence) -> Judgement:
    return failed("The origin of the request is sent back as allowed without a check.", at)


def _headers(context: Context) -> list[Judgement]:
    """`res.setHeader("Access-Control-Allow-Origin", value)` and `response.headers["..."] = value`."""
    found = []
    inputs = inputs_of(context)
    hits = context.hits((r"(?i)access-control-allow-origin",))
    for file in dict.fromkeys(f for f, _, _ in hits):
        if file not in context.graph.facts.files:
            continue
        view = context.view(file)
        pairs = [
            (c.args[1].value, c.line, c.owner)
            for c in view.facts.calls
            if len(c.args) > 1 and isinstance(c.args[0].value, Lit) and str(c.args[0].value.value).lower() == _HEADER
        ]
        for assign in view.facts.assigns:
            target = assign.target
            if (
                isinstance(target, Index)
                and isinstance(target.key, Lit)
                and str(target.key.value).lower() == _HEADER
                and assign.value is not None
            ):
                pairs.append((assign.value, assign.line, assign.owner))
        for value, line, owner in pairs:
            at = context.at(file, line)
            if "*" in constants(context, context.graph.ev.value(value, file, owner)):
                found.append(
                    _wildcard(
                        at,
                        any(
                            re.search(r"(?i)access-control-allow-credentials.{0,20}true", t)
                            for f, _, t in context.hits((r"(?i)access-control-allow-credentials",))
                            if f == file
                        ),
                    )
                )
            elif re.search(r"(?i)(req(uest)?|ctx)\b.*origin$", written(value)) or inputs.of(value, file, owner).taint is Taint.INPUT:
                found.append(_reflected(at))
            elif isinstance(value, Name) and value.id == "origin":
                found.append(
                    unverified("The allowed origin comes from a variable; whether it is compared with a list was not settled.", at)
                )
            elif _KEPT.search(context.snapshot.lines(file)[line - 1]) and context.is_found(_ANY_GIVEN):
                found.append(unverified("The allowed origin is what the middleware was made with, and `*` is given to one.", at))
            else:
                found.append(passed("The allowed origin is named.", at))
    return found


def _django(context: Context) -> list[Judgement]:
    found = []
    for file in backend_files(context):
        if not {
            "CORS_ALLOW_ALL_ORIGINS",
            "CORS_ORIGIN_ALLOW_ALL",
            "CORS_ALLOWED_ORIGINS",
            "CORS_ORIGIN_WHITELIST",
            "CORS_ALLOWED_ORIGIN_REGEXES",
            "CORS_ORIGIN_REGEX_WHITELIST",
        } & set(context.graph.facts.files[file].names):
            continue
        if re.search(r"(?i)(^|[/_])(dev|local|test)\w*\.py$", file):
            continue
        view = context.view(file)
        credentials = any(
            isinstance(a.target, Name) and a.target.id == "CORS_ALLOW_CREDENTIALS" and isinstance(a.value, Lit) and a.value.value is True
            for a in view.facts.assigns
        )
        for assign in view.facts.assigns:
            name = assign.target.id if isinstance(assign.target, Name) else ""
            at = context.at(file, assign.line)
            if name in ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"):
                if isinstance(assign.value, Lit) and assign.value.value is True:
                    found.append(_wildcard(at, credentials))
                elif not isinstance(assign.value, Lit):
                    found.append(unverified("Whether every origin is allowed depends on a setting.", at))
            elif name.startswith("CORS_") and ("ORIGIN" in name):
                given = assign.value.items if isinstance(assign.value, Seq) and "REGEX" in name else ()
                loose = by_patterns([i.value for i in given if isinstance(i, Lit)], at, credentials=credentials)
                found.append(loose or passed("CORS names the origins that may read answers.", at))
    return found
