"""How a client names the version it was written for, and where it is written how long an old one is kept."""

from __future__ import annotations

import re

from backend_readiness.controls.application import health_routes
from backend_readiness.controls.context import Context
from backend_readiness.controls.documents import Section, named, sections
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.standing import apart, mounted, of_class
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_IN_PATH = re.compile(r"/v\d+(?:\.\d+)?(?=/|$)|/\d{4}-\d{2}-\d{2}/")
_IN_HEADERS = (
    r"(?i)['\"](?:x-)?api-version['\"]|application/vnd\.[\w.+-]*v\d|enableVersioning\(|VersioningType|DEFAULT_VERSIONING_CLASS|accept-version",
)
_SENDS = re.compile(sign("inf-api-versioning", "sends"))
NEAR_LINES = 8
_POLICY = re.compile(r"(?i)\b(?:deprecat\w+|sunset)\b")
# What makes a mention of something deprecated a policy: it speaks of the interface, and says how long what is old stays.
_INTERFACE = re.compile(sign("inf-api-versioning", "interface"))
_HOW_LONG = re.compile(sign("inf-api-versioning", "how_long"))
_ALLOWED = re.compile(sign("inf-api-versioning", "allowed"))
_EVERYWHERE = re.compile(sign("inf-api-versioning", "everywhere"))
_METRICS = re.compile(r"(?i)/metrics/?$")
_ABOUT = re.compile(r"(?i)\bversions?\b|breaking change|\bAPIs?\b|\bendpoints?\b")
_PARTS = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+[.)]) )")
_MESSAGES = re.compile(r"(?i)mail|sms|notif|newsletter|invoice")  # files in which a template becomes a message
# What changed in a release: it tells of what is gone, not of how long anything stays.
_NEWS = re.compile(r"(?i)(^|/)(changelog|changes|history|news|rel(ease)?-?_?notes?|releases?)([./_-]|$)")


def _is_sent(context: Context, file: str, line: int) -> bool:
    """Does the header stand beside a request that the backend itself sends, or in a list of headers that other origins may send?"""
    lines = context.snapshot.lines(file)
    around, above = lines[max(0, line - 1 - NEAR_LINES) : line + NEAR_LINES], lines[max(0, line - 4) : line]
    return any(_SENDS.search(t) is not None for t in around) or any(_ALLOWED.search(t[:500]) is not None for t in above)


def _is_of_flow(context: Context, scheme: Evidence) -> bool:
    """Does the scheme hold for this flow: in its path, on its chain, or switched on for the whole application?"""
    if scheme.file is None or scheme.line is None:
        return False
    line = context.snapshot.lines(scheme.file)[scheme.line - 1]
    return _EVERYWHERE.search(line) is not None or any(r.function.symbol.file == scheme.file for r in context.functions)


def verify(context: Context) -> Judgement:
    if not context.routes:
        return not_applicable("The flow has no endpoint.")
    operation = {r.route.endpoint.path for r in health_routes(context)} | {
        p for r in context.routes if _METRICS.search(p := r.route.endpoint.path)
    }
    paths = [r.route.endpoint.path for r in context.routes]
    paths = [p for p in paths if p not in operation] or paths  # what orchestrators and scrapers call has no version
    bare = next((p for p in paths if _IN_PATH.search(p) is None), None)
    drawn = [c for c in context.chain_role("template_render") if _MESSAGES.search(c.file) is None]
    rendered = drawn or (context.matches and all(m.call.kind != "call" for m in context.matches))
    if bare is not None and rendered:
        return not_applicable("The flow's pages are rendered by the backend itself; no client is released separately.", context.at_route())
    scheme: Evidence | None = context.at_route() if bare is None else None
    if scheme is None:
        own = next((h for h in context.hits(_IN_HEADERS) if not _is_sent(context, h[0], h[1])), None)
        if own is not None:
            scheme = context.at(own[0], own[1])
    if scheme is not None:
        told = [s for s in sections(context) if _NEWS.search(s.file) is None and _is_policy(s)]
        policy = next((s for s in told if _says_how_long(s)), None)
        if policy is not None:
            at = context.at(policy.file, policy.line_of(_POLICY))
            if bare is None or _is_of_flow(context, scheme):
                return passed("Routes carry a version, and a document says how long old ones are kept.", scheme, at)
            why = "A document says how long old versions are kept; whether this endpoint asks for one was not found out."
            return unverified(why, scheme, at)
        if told:
            why = "A document calls something deprecated; that it says how long an old version is kept was not seen."
            return unverified(why, scheme, context.at(told[0].file, told[0].line_of(_POLICY)))
        prefix = _prefix(context, paths[0]) if bare is None else ()
        return partial("Routes carry a version; no document says how long an old one is kept.", *apart((scheme, *prefix)))
    if any(r.route.endpoint.method in ("QUERY", "MUTATION", "RPC") for r in context.routes):
        return unverified("Whether the schema marks what is deprecated was not found out.", context.at_route())
    named_path = bare or paths[0]
    return failed(
        f"`{named_path}` carries no version.",
        *apart((context.at_route(), *mounted(context), *of_class(context), *_mount(context, named_path), context.at_application())),
    )


def _prefix(context: Context, path: str) -> tuple[Evidence, ...]:
    """Where the version is written: beside the route, on the class of its handler, where the group of routes is made."""
    version = _IN_PATH.search(path)
    if version is None:
        return ()
    own = [context.at_route().file, *(h.file for h in context.handlers)]
    hits = context.hits((rf"""['"`][\w/.-]*{re.escape(version.group(0).strip("/"))}(/[^'"`]*)?['"`]""",))
    hits = sorted((h for h in hits if not is_test(h[0])), key=lambda h: h[0] not in own)
    return (context.at(*hits[0][:2]),) if hits else ()


def _is_policy(section: Section) -> bool:
    """Does a paragraph or item speak of what is deprecated where it, or the heading above it, speaks of versions of the interface?"""
    about = named(section, _ABOUT)
    return any(_POLICY.search(part) is not None and (about or _ABOUT.search(part) is not None) for part in _PARTS.split(section.text))


def _says_how_long(section: Section) -> bool:
    """Does the paragraph or item that speaks of what is deprecated speak of the interface, and give a time?"""
    about = named(section, _INTERFACE)
    parts = (p for p in _PARTS.split(section.text) if _POLICY.search(p) is not None and _HOW_LONG.search(p) is not None)
    return any(about or _INTERFACE.search(p) is not None for p in parts)


def _mount(context: Context, path: str) -> tuple[Evidence, ...]:
    """The line of the application that gives the routes their prefix."""
    file = context.at_application().file
    first = path.strip("/").partition("/")[0]
    if file is None or not first:
        return ()
    wanted = re.compile(rf"['\"`]/?{re.escape(first)}/?['\"`/]")
    number = next((n for n, line in enumerate(context.snapshot.lines(file), 1) if wanted.search(line) is not None), None)
    return (context.at(file, number),) if number is not None else ()
