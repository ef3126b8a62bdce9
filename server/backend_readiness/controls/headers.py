"""The four protective answer headers: who sets which, in code and in proxies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.callees import Found, library_calls
from backend_readiness.controls.context import Context
from backend_readiness.graph.values import Const, Ext, options
from backend_readiness.model import Evidence

CSP, HSTS, NOSNIFF, FRAME = "content-security-policy", "strict-transport-security", "x-content-type-options", "x-frame-options"
ALL = frozenset({CSP, HSTS, NOSNIFF, FRAME})
HINTS = (
    r"(?i)content-security-policy|strict-transport-security|x-content-type-options|x-frame-options|frame-ancestors|contentTypeNosniff|frameDeny|stsSeconds",
    r"(?i)\bhelmet\b|talisman|SecurityMiddleware|secure_headers|SecureHeaders|\bsecure\.(Secure|middleware)",
)
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
_OFF = re.compile(r"(?i)disable|false|nil\b|null\b|none\b|report_?only|nonce")
_PARTS = {
    "contentSecurityPolicy": CSP,
    "hsts": HSTS,
    "strictTransportSecurity": HSTS,
    "noSniff": NOSNIFF,
    "xContentTypeOptions": NOSNIFF,
    "frameguard": FRAME,
    "xFrameOptions": FRAME,
}
_HELMET = re.compile(r"^(helmet|@fastify/helmet|fastify-helmet|koa-helmet)(\.default)?(\.(\w+))?$")
_LUSCA = {"csp": CSP, "hsts": HSTS, "nosniff": NOSNIFF, "xframe": FRAME}
_TALISMAN = re.compile(r"flask_talisman\.Talisman(\(\)\.init_app)?$")


def from_libraries(context: Context) -> Iterator[tuple[Evidence, frozenset[str], Found]]:
    """Calls of header middleware with the headers that they set by their options."""
    found = library_calls(
        context,
        re.compile(r"."),
        modules=("helmet", "@fastify/helmet", "koa-helmet", "flask_talisman", "lusca"),
        names=("helmet", "Talisman", "register"),
    )
    for item in found:
        helmet = _HELMET.match(item.path)
        first = item.value(0)
        if (
            helmet is None
            and item.path.endswith(".register")
            and any(isinstance(v, Ext) and _HELMET.match(v.path) for v in (options(first) if first is not None else ()))
        ):
            yield item.evidence(), _left_on(item, 1), item
        elif helmet is not None:
            part = helmet.group(4)
            if part in _PARTS:
                yield item.evidence(), frozenset({_PARTS[part]}), item
            elif part in (None, "default"):
                yield item.evidence(), _left_on(item, 0), item
        elif item.path.startswith("lusca.") and item.path.rpartition(".")[2] in _LUSCA:
            yield item.evidence(), frozenset({_LUSCA[item.path.rpartition(".")[2]]}), item
        elif _TALISMAN.search(item.path):
            off = set()
            if None in item.constants(99, "content_security_policy"):
                off.add(CSP)
            if False in item.constants(99, "strict_transport_security"):
                off.add(HSTS)
            yield item.evidence(), ALL - off, item


def _left_on(item: Found, position: int) -> frozenset[str]:
    off = {header for key, header in _PARTS.items() if (v := item.value(position, key)) is not None and v == Const(False)}
    if item.value(position, "contentSecurityPolicy") == Const(False) and item.value(position, "frameguard") is None:
        off.discard(FRAME)
    return ALL - off


def by_name(context: Context) -> dict[str, Evidence]:
    """Headers that production code of other languages than Python and JavaScript switches on by a name, each with the first place."""
    found: dict[str, Evidence] = {}
    if context.language in ("python", "javascript"):
        return found
    for file, line, text in context.hits(CALLED):
        match = _CALLED.search(text)
        if match is not None and not _OFF.search(text) and not re.match(r"\s*(import|using|use|package)\b", text):
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
        if names is None or (
            re.search(r"(?i)\b(get|pop|remove|removeHeader|assert\w*|if)\b.{0,12}[(\"']", text[: names.start()]) and "set" not in text
        ):
            continue
        for match in _WRITTEN.finditer(text):
            header = {"csp": CSP, "hsts": HSTS, "nosniff": NOSNIFF, "frame": FRAME}[match.lastgroup or "csp"]
            found.setdefault(header, context.at(file, line))
    return found
