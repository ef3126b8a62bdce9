"""The four protective answer headers: who sets which, in code and in proxies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import Found
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import is_before
from backend_readiness.controls.protection.header_code import header_code
from backend_readiness.controls.protection.mounted import constants_at, mounted, option_at
from backend_readiness.graph.patterns import PatternIndex
from backend_readiness.graph.values import Ext
from backend_readiness.model import Evidence
from backend_readiness.rules.protection_rules import HeadersRule
from backend_readiness.rules.signs import sign, signs, signs_by

CSP, HSTS, NOSNIFF, FRAME = "content-security-policy", "strict-transport-security", "x-content-type-options", "x-frame-options"
ALL = frozenset({CSP, HSTS, NOSNIFF, FRAME})
HINTS = signs("headers", "hints")
_WRITTEN = re.compile(
    r"(?i)(?P<csp>content[-_]security[-_]policy)|(?P<hsts>strict[-_]transport[-_]security|stsSeconds|SECURE_HSTS_SECONDS)|(?P<nosniff>x-content-type-options|contentTypeNosniff|SECURE_CONTENT_TYPE_NOSNIFF)|(?P<frame>x-frame-options|frame-ancestors|frameDeny|X_FRAME_OPTIONS)"
)
# The same in code of other languages, where a method or a setting names the header: `.contentSecurityPolicy(...)`, `UseHsts()`.
_CALLED = re.compile(
    r"(?i)(?P<csp>content_?security_?policy\b|content_?security_?policy\()|(?P<hsts>http_?strict_?transport_?security|strict_?transport_?security\b|\bUseHsts\(|force_ssl\s*=\s*true)|(?P<nosniff>x?_?content_?type_?options\(|UseXContentTypeOptions|noSniff\()|(?P<frame>x?_?frame_?options\b\s*[({]|UseXfo\()"
)
CALLED = (
    r"(?i)content_?security_?policy|strict_?transport_?security|\bUseHsts\(|force_ssl|content_?type_?options|frame_?options|UseXfo|noSniff",
)
# Headers that are given to the application's own request, and switches of the settings.
_OF_REQUEST = re.compile(r"(?i)req(uest)?(\.|_)?headers\.(set|append)\(")
_SWITCH = re.compile(
    r"(?i)^\s*\}?\s*(else\s+)?if\s*\(?\s*(process\.env|env|config|settings|options)\.(?!node_?env|mode\b)[\w.]+\s*\)?\s*[{:]?\s*$"
)
_OFF = re.compile(r"(?i)disable|false|nil\b|null\b|none\b|report_?only|nonce")


_LISTS = sign("headers", "lists")
_SET_BY = [re.compile(p) for held in signs_by("headers", "set_by").values() for p in held]
_SENT_BY = [p for held in signs_by("headers", "sent_by").values() for p in held]


def _is_unsent(context: Context, text: str) -> bool:
    """Is the line a setting of middleware, which no list of the settings puts before the handlers?"""
    sender = next((s for p, s in zip(_SET_BY, _SENT_BY, strict=True) if p.search(text) is not None), None)
    return sender is not None and context.is_found((_LISTS,)) and not context.is_found((sender,))


def _is_optional(context: Context, file: str, line: int) -> bool:
    """Does the line stand under a condition on a setting that is no name of an environment: a switch that may be off?"""
    if file not in context.graph.facts.files:
        return False
    lines = context.snapshot.lines(file)
    blocks = (b for b in context.view(file).facts.blocks if b.kind == "if" and b.line < line <= b.end_line)
    return any(_SWITCH.search(lines[b.line - 1]) is not None for b in blocks)


def from_libraries(context: Context) -> Iterator[tuple[Evidence, frozenset[str], Found, HeadersRule]]:
    """Calls of header middleware with the headers that they send by their options."""
    for item, rule in mounted(context, lambda card: card.headers):
        off = {header for key, header in rule.dropped_by.items() if {None, False} & set(map(_plain, constants_at(item, rule, key)))}
        asked = {header for key, header in rule.dropped_by.items() if option_at(item, rule, key) is not None}
        late = {header for header, least in rule.since.items() if header not in asked and is_before(context, least)}
        yield item.evidence(), frozenset(rule.sent) - off - late, item, rule


def from_guards(context: Context) -> Iterator[tuple[Evidence, frozenset[str]]]:
    """What middleware sends that no call puts up: a pipeline names it (`plug :put_secure_browser_headers`)."""
    known = context.graph.knowledge
    index: PatternIndex[HeadersRule] = PatternIndex()
    for card in known.cards:
        for rule in card.headers:
            index.add(known.patterns(card, rule.callee), (), rule)
    for guard in context.guards:
        if isinstance(guard.value, Ext) and guard.value.site is None:
            for rule, _ in index.matches(guard.value):
                name = guard.value.path.lstrip("~").rpartition(".")[2]
                lines = context.snapshot.lines(guard.place.file)
                line = next((n for n, text in enumerate(lines, 1) if name in text), guard.place.line)  # the step that names it
                yield context.at(guard.place.file, line), frozenset(rule.sent)


def _plain(value: object) -> object:
    """The constant itself, if it is nothing or a truth value: `0 == False` is meant by nobody."""
    return value if value is None or isinstance(value, bool) else ""


def by_name(context: Context) -> dict[str, Evidence]:
    """Headers that production code switches on by a name, each with the first place."""
    found: dict[str, Evidence] = {}
    for file, line, text in context.hits(CALLED):
        match = _CALLED.search(text)
        if match is None or _is_unsent(context, text) or _OFF.search(text) or re.match(r"\s*(import|using|use|package)\b", text):
            continue
        if header_code(context).protects(file, line, text):
            header = {"csp": CSP, "hsts": HSTS, "nosniff": NOSNIFF, "frame": FRAME}[match.lastgroup or "csp"]
            found.setdefault(header, context.at(file, line))
    return found


def by_hand(context: Context) -> dict[str, Evidence]:
    """Headers that production code or a proxy of the repository writes, each with the first place."""
    found: dict[str, Evidence] = {}
    proxies = tuple(context.deployment.proxies)
    compose = tuple({s.path for s in context.deployment.compose} | {m.path for m in context.deployment.manifests})
    hits = (
        context.hits(HINTS[:1])
        + (context.hits(HINTS[:1], (*proxies, *compose)) if proxies or compose else [])
        + context.hits((r"SECURE_HSTS_SECONDS|SECURE_CONTENT_TYPE_NOSNIFF|X_FRAME_OPTIONS",))
    )
    for file, line, text in hits:
        names = _WRITTEN.search(text)
        if (
            names is None
            or (re.search(r"(?i)\b(get|pop|remove|removeHeader|assert\w*|if)\b.{0,12}[(\"']", text[: names.start()]) and "set" not in text)
            or _OF_REQUEST.search(text[: names.start()]) is not None
            or _is_optional(context, file, line)
            or _is_unsent(context, text)
            or not header_code(context).protects(file, line, text)
        ):
            continue
        for match in _WRITTEN.finditer(text):
            header = {"csp": CSP, "hsts": HSTS, "nosniff": NOSNIFF, "frame": FRAME}[match.lastgroup or "csp"]
            found.setdefault(header, context.at(file, line))
    return found
