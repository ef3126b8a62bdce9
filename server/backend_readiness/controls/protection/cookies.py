"""Cookies that carry a session or token: who sets them, with which flags, and whether the flow accepts one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backend_readiness.controls.callees import Found, chain_text, named_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import framework_cards, states
from backend_readiness.controls.deployed.named_values import written_values
from backend_readiness.controls.kept import once
from backend_readiness.controls.mentions import words_of
from backend_readiness.controls.protection.conditional_settings import asked_for, taken_under_a_condition
from backend_readiness.controls.protection.cookie_lines import own_lines
from backend_readiness.controls.protection.mounted import KEYWORDS, mounted, option_at
from backend_readiness.facts.model import Lit, Member, Name, Symbol, Value
from backend_readiness.graph.values import Const, Obj, Thunk, options
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.cookie_words import load_cookie_words
from backend_readiness.snapshot.matching import compile_patterns
from backend_readiness.snapshot.places import is_for_development

_NAME = re.compile(r"(?i)sess|token|jwt|auth|sid\b|login|user|remember|access|refresh|__host|__secure")
SESSION = "the session cookie"
_HEADER = (r"(?i)[\"'`]set-cookie[\"'`]",)
_CLEARS = re.compile(r"\([^,()]{1,80},\s*(?:''|\"\"|null|nil|None|false)\s*[,)]")  # `setcookie("token", "", time() - 3600)`
_FIRST = re.compile(r"(?i)cookie\w*\(\s*[\"']([\w.-]{1,60})[\"']\s*,")
# The line itself says the name: by a text, a symbol or a constant.
_NAMED = re.compile(r"[\"']\w+[\"']|\[:\w+\]|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie that the backend sets. The flags are None when what is written was not resolved; `same_site` is lower case."""

    at: Evidence
    what: str
    http_only: bool | None
    secure: bool | None
    same_site: str | None  # "" when it is not set
    by_settings: bool = False  # the framework's own session

    @property
    def of_session(self) -> bool:
        """Is it the cookie of a server session, not one that carries a token?"""
        return self.by_settings or self.what == SESSION

    @property
    def missing(self) -> list[str]:
        flags = [("HttpOnly", self.http_only is False), ("Secure", self.secure is False), ("SameSite", self.same_site in ("", "none"))]
        return [name for name, is_missing in flags if is_missing]

    @property
    def is_known(self) -> bool:
        return None not in (self.http_only, self.secure, self.same_site)


def session_cookies(context: Context) -> list[Cookie]:
    """Session and token cookies of the backend."""
    return [*_middleware(context), *_by_call(context), *_by_header(context), *_by_text(context), *_by_settings(context)]


def starts_no_session(context: Context) -> Evidence | None:
    """The route of a flow that no session middleware runs before, in a framework whose sessions begin with one."""
    if not any(card.played.get("session_start") for card in framework_cards(context)) or not context.guards:
        return None
    if any("session_start" in context.roles.of_value(g.value) for g in context.guards):
        return None
    if once(context, _starts_sessions):
        return context.at_route()
    # The groups of the framework are not written down in the repository: the file of the routes says which of them it is.
    stateless = [re.compile(p) for card in framework_cards(context) if card.session_cookie for p in card.session_cookie.stateless]
    files = {r.route.place.file for r in context.routes}
    return context.at_route() if stateless and all(any(p.search(f) for p in stateless) for f in files) else None


def _starts_sessions(context: Context) -> bool:
    """Does the source say for any route that a session starts before it?"""
    return any("session_start" in context.roles.of_value(g.value) for r in context.tracer.routes for g in r.guards)


def accepts_cookie(context: Context) -> Evidence | None:
    """A line of the chain that reads a session, a cookie or a framework's signed-in user."""
    reads = states(context, "session_reads")
    pattern = compile_patterns(reads.when if reads is not None else words_of(context, "sessions") or ())
    if pattern is None:
        return None
    return next((context.at(f, n) for f, n, t in chain_text(context) if pattern.search(t.encode("utf-8", "replace"))), None)


def read_elsewhere(context: Context, cookies: Sequence[Cookie]) -> tuple[Cookie, Evidence] | None:
    """The cookie that the backend sets by a name and reads by it, with the place where it does: a strategy of a library, not the chain."""
    for cookie in cookies:
        name = re.fullmatch(r"the cookie `(\w{3,40})`", cookie.what)
        if name is not None:
            asked = context.hits((rf"(?i)\bcookies?\s*(\?\.|\.|\[|\()\s*(get\(\s*)?[\"'`]?{name.group(1)}\b",))
            sets = re.compile(rf"(?i)\bres(ponse)?\.cookie\(|{name.group(1)}\b[\"'`\])]*\s*=[^=]")
            reads = [(f, n) for f, n, t in asked if sets.search(t) is None]
            if reads:
                return cookie, context.at(*reads[0])
    return None


def _flag(found: Found, position: int, key: str, default: bool) -> bool | None:
    value = found.value(position, key) if key else None
    if value is None:
        return default
    several = list(options(value))
    known = [v.value for v in several if isinstance(v, Const)]
    if "auto" in known:
        return True
    return bool(known[0]) if len(known) == len(several) == 1 else None  # `settings.HTTP_ONLY or None` is not known


def _same_site(found: Found, position: int, key: str, default: str) -> str | None:
    value = found.value(position, key) if key else None
    if value is None:
        return default
    several = list(options(value))
    known = [v.value for v in several if isinstance(v, Const)]
    return (
        None if not len(known) == len(several) == 1 else ("strict" if known[0] is True else "" if not known[0] else str(known[0]).lower())
    )


def _middleware(context: Context) -> Iterator[Cookie]:
    for found, rule in mounted(context, lambda card: card.sessions):
        position = KEYWORDS if rule.options is None else rule.options
        if rule.within:
            thunk = option_at(found, rule, rule.within)
            value = context.graph.ev.thunk(thunk) if thunk is not None else None
            fields = next((o.fields for o in options(value) if isinstance(o, Obj)), None) if value is not None else {}
            if fields is None or found.thunk(position) is None:
                continue
            yield _from_fields(context, found.evidence(), SESSION, fields, http_only=rule.http_only[1])
        else:
            yield Cookie(
                at=found.evidence(),
                what=SESSION,
                http_only=_flag(found, position, *rule.http_only),
                secure=_flag(found, position, *rule.secure),
                same_site=_same_site(found, position, *rule.same_site),
            )


def _from_fields(context: Context, at: Evidence, what: str, fields: Mapping[str, Thunk], *, http_only: bool) -> Cookie:
    """The flags in an options object; `http_only` is the default of the library."""

    def read(key: str) -> list[object] | None:
        thunk = fields.get(key)
        return [v.value for v in options(context.graph.ev.thunk(thunk)) if isinstance(v, Const)] if thunk is not None else None

    def flag(key: str, default: bool) -> bool | None:
        known = read(key)
        return default if known is None else True if "auto" in known else bool(known[0]) if len(known) == 1 else None

    same = read("sameSite")
    same_site = "" if same is None else None if len(same) != 1 else "strict" if same[0] is True else str(same[0] or "").lower()
    return Cookie(at=at, what=what, http_only=flag("httpOnly", http_only), secure=flag("secure", False), same_site=same_site)


def _named(context: Context) -> list[Found]:
    """Calls by the names that most frameworks have for setting a cookie, each once; not where the words of the language read them."""
    if context.language in load_cookie_words():
        return []
    names = frozenset({"cookie", "set_cookie", "setCookie"})
    return list({f.site: f for f, _ in named_calls(context, names) if callee_name(f.call) in names}.values())


def _by_call(context: Context) -> Iterator[Cookie]:
    """`res.cookie("token", ...)`, `response.set_cookie("session", ...)`."""
    known = [Found(context=context, site=c.site, call=c.call, path=c.path) for c in context.roles.calls("cookie_set")]
    for found in (*_named(context), *known):
        name = callee_name(found.call)
        first = found.call.args[0].value if found.call.args else None
        key = found.value(0, None) if first is not None else found.value(99, "key")
        texts = [str(v.value) for v in options(key) if isinstance(v, Const)] if key is not None else []
        if not any(_NAME.search(t) for t in texts) and not (first is not None and not isinstance(first, Lit) and _NAME.search(str(first))):
            continue
        if len(found.call.args) < 2:
            continue
        if name == "set_cookie":
            own = states(context, "set_cookie")
            yield Cookie(
                at=found.evidence(),
                what=f"the cookie `{(texts or ['session'])[0]}`",
                http_only=_flag(found, 99, "httponly", False),
                secure=_flag(found, 99, "secure", False),
                same_site=_same_site(found, 99, "samesite", own.value if own is not None else ""),
            )
        else:
            value = found.value(2)
            fields = next((o.fields for o in options(value) if isinstance(o, Obj)), None) if value is not None else {}
            what = f"the cookie `{(texts or ['token'])[0]}`"
            if fields is None:
                yield Cookie(at=found.evidence(), what=what, http_only=None, secure=None, same_site=None)
            else:
                yield _from_fields(context, found.evidence(), what, fields, http_only=False)


def _by_header(context: Context) -> Iterator[Cookie]:
    """A cookie that is written out as a header: `res.setHeader("Set-Cookie", `token=${token}; HttpOnly`)`."""
    for file, line, _ in context.hits(_HEADER):
        text = " ".join(context.snapshot.lines(file)[line - 1 : line + 2])
        _, _, written = re.split(r"(?i)(set-cookie)[\"'`]", text, maxsplit=1) if re.search(r"(?i)set-cookie[\"'`]", text) else ("", "", "")
        named = re.match(r"[\s,:=>\[(]*[\"'`]([\w-]{1,60})=", written)
        if named is None or _NAME.search(named.group(1)) is None:
            continue
        same = re.search(r"(?i)\bsamesite=(\w+)", written)
        yield Cookie(
            at=context.at(file, line),
            what=f"the cookie `{named.group(1)}`",
            http_only=re.search(r"(?i)\bhttponly\b", written) is not None,
            secure=re.search(r"(?i);\s*secure\b", written) is not None,
            same_site=same.group(1).lower() if same is not None else "",
        )


def _by_text(context: Context) -> Iterator[Cookie]:
    """Cookies that functions of other languages set; the flags are those that the text of the function gives."""
    words = load_cookie_words().get(context.language)
    for file, line, text in context.hits(words.sets) if words is not None else ():
        if words is None or file not in context.graph.facts.files or _CLEARS.search(text):
            continue
        scope = _function_at(context.view(file).facts.symbols, line)
        lines = context.snapshot.lines(file)
        start, end = (scope.line, scope.end_line) if scope is not None else (line, min(line + 8, len(lines)))
        if end - start > 80:  # of a long function what stands around the cookie
            start, end = max(start, line - 40), min(end, line + 40)
        body = [t for t in lines[start - 1 : min(end, start + 80)] if not t.lstrip().startswith(("//", "#", "*", "/*"))]
        body = own_lines(body, text, [re.compile(p) for p in words.sets])
        given = _FIRST.search(text)
        named = given.group(1) if given is not None else text + ("" if _NAMED.search(text) else " ".join(body))
        if not _NAME.search(named) or re.search(r"(?i)max_?age\W{1,4}(-1|0)\b|expires?\W{1,4}(-1|0)\b|forget|delete", " ".join(body)):
            continue
        same = next((m.group(1) or "lax" for t in body for p in words.same_site if (m := re.search(p, t)) is not None), None)
        yield Cookie(
            at=context.at(file, line),
            what="the cookie of the token",
            http_only=words.default_http_only or _says(words.http_only, body),
            secure=_says(words.secure, body) or (bool(words.secure_everywhere) and context.is_found(words.secure_everywhere)),
            same_site=(same if same is not None else words.default_same_site).lower(),
        )


def _says(patterns: tuple[str, ...], lines: list[str]) -> bool:
    return any(re.search(p, t) is not None for t in lines for p in patterns)


def _function_at(symbols: Sequence[Symbol], line: int) -> Symbol | None:
    around = [s for s in symbols if s.kind in ("function", "method", "lambda") and s.line <= line <= s.end_line]
    return max(around, key=lambda s: s.line, default=None)


def _by_settings(context: Context) -> Iterator[Cookie]:
    """The framework's own session, whose flags stand in settings."""
    for card in framework_cards(context):
        rule = card.session_cookie
        used = context.hits(rule.when) if rule is not None else []
        if rule is None or not used or (rule.unless and context.hits(rule.unless, (*context.source_globs, *rule.paths))):
            continue
        at = context.at(*used[0][:2])
        read: dict[str, list[Value]] = {}
        taken: Evidence | None = None
        for name in (rule.http_only_setting, rule.secure_setting, rule.same_site_setting):
            for file, line, value in written_values(context, name) if name else ():
                at = context.at(file, line)
                taken = taken or (at if isinstance(value, Lit) and not value.value else None)
                read.setdefault(name, []).append(Name("depends") if taken_under_a_condition(context, file) else value)
        at = taken or at  # the line that takes a flag away, before one that gives one
        same_site = _setting(read, rule.same_site_setting, rule.same_site)
        secure = _as_bool(_setting(read, rule.secure_setting, rule.secure))  # `request`: TLS in front decides
        if rule.secure_lines:
            secure = any(not is_for_development(f) for f, _, _ in context.hits(rule.secure_lines, rule.paths))
            secure = secure or asked_for(context, rule)
        if rule.lax_lines and context.hits(rule.lax_lines, rule.paths):
            same_site = "lax"
        if rule.no_same_site_lines and context.hits(rule.no_same_site_lines, rule.paths):
            same_site = ""
        asked = context.hits(rule.secure_asked, rule.paths) if rule.secure_asked else []
        stands = asked or (context.hits(rule.place, rule.paths) if rule.place else [])
        at = context.at(*stands[0][:2]) if stands else at
        yield Cookie(
            at=at,
            what=SESSION,
            http_only=_as_bool(_setting(read, rule.http_only_setting, rule.http_only)),
            secure=secure,
            same_site=None if same_site is None else str(same_site or "").lower(),
            by_settings=True,
        )
        return


def _setting(read: Mapping[str, list[Value]], name: str, default: bool | str) -> bool | str | None:
    """The value of a setting, its default when nothing sets it, None when what sets it was not resolved."""
    written = read.get(name, [])
    if not written:
        return default
    last = written[-1]
    if isinstance(last, Member):  # `CookieSecurePolicy.Always`, `SameSiteMode.Strict`
        return last.name
    return (last.value if isinstance(last.value, bool | str) else "") if isinstance(last, Lit) else None


def _as_bool(value: bool | str | None) -> bool | None:
    if isinstance(value, str):
        return {"always": True, "true": True, "none": False, "false": False}.get(value.lower())
    return value
