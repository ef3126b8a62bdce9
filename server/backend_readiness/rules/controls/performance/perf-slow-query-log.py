"""Slow statements leave a record: a threshold in the database, the client, or spans of a tracer."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import library_default
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.under_a_switch import stands_under_a_switch
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.standing import apart, database
from backend_readiness.controls.work.clients import client_place
from backend_readiness.controls.work.out_of_sight import hidden_data
from backend_readiness.controls.work.writes import STORES
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_RECORDS = signs("perf-slow-query-log", "records")
_SPEAKS = signs("perf-slow-query-log", "speaks")
_OFF = re.compile(sign("perf-slow-query-log", "switched_off"))
_RECORDED = re.compile("|".join(f"(?:{p.replace('(?i)', '')})" for p in _RECORDS))
_ON = re.compile(r"(?i)[:=]\s*[\"']?(true|on|1|yes|enabled|all)\b")
_EXPORTS = re.compile(sign("perf-slow-query-log", "exports"))
_TYPES = re.compile(r"\s*import\s+(type\s|\{\s*type\s[^,}]*\})")  # a type loads nothing
_OF_CLIENTS = re.compile(sign("perf-slow-query-log", "of_clients"))
_PATHS = (
    "**/*.py",
    "**/*.js",
    "**/*.ts",
    "**/*.mjs",
    "**/*.y*ml",
    "**/*.conf",
    "**/*.cnf",
    "**/*.tf",
    "**/*.json",
    "**/*.toml",
    "**/*.sh",
    "**/Dockerfile*",
    "**/*.txt",
    "**/*.sql",
    "**/*.properties",
    "**/*.xml",
    "**/*.ini",
    "**/*.exs",
    "**/Gemfile",
    "**/go.mod",
    "**/mix.exs",
    "**/*.csproj",
    "**/*.gradle*",
)
# Lists of dependencies of languages in which one does nothing until code loads it; a command in them does.
_LISTS = re.compile(
    r"(^|/)(package\.json|requirements[^/]*\.(txt|in)|pyproject\.toml|Pipfile|setup\.(py|cfg)|go\.mod|[^/]*\.csproj|mix\.exs|pom\.xml|[^/]*\.gradle(\.kts)?)$"
)
_LOADS = re.compile(r"\s(-r|--require|--import)\s|\b(node|ddtrace-run|opentelemetry-instrument|newrelic-admin)\s|-javaagent:|-starter\b")


def _is_only_listed(file: str, _: int, text: str) -> bool:
    return _LISTS.search(file) is not None and _LOADS.search(text) is None


def _counts(context: Context, file: str, line: int, text: str) -> bool:
    """Is it no list, not switched off, and of the backend where it runs: no tracker of browsers, nothing for development alone?"""
    if "lock" in file.rpartition("/")[2] or _is_only_listed(file, line, text) or _OFF.search(text) is not None or _TYPES.match(text):
        return False
    below = context.snapshot.lines(file)[line : line + 1]
    if text.rstrip().endswith("{") and any(_OFF.search(t) for t in below):
        return False
    if file in context.graph.facts.files and (_is_of_clients(context, file) or stands_in_development(context, file, line)):
        return False
    return not is_for_development(file)


def _is_optional(context: Context, file: str, line: int) -> bool:
    """Does a setting decide about the line, or about every way out of the spans that its file gathers?"""
    if stands_under_a_switch(context, file, line):
        return True
    ways = [n for n, t in enumerate(context.snapshot.lines(file), 1) if _EXPORTS.search(t[:300]) is not None]
    return file in context.graph.facts.files and bool(ways) and all(stands_under_a_switch(context, file, n) for n in ways)


def _is_same(off: str, text: str) -> bool:
    """Does a line speak of what another one switches off, and not switch it on?"""
    named = _RECORDED.search(off)
    return named is not None and named.group().lower() in text.lower() and _ON.search(text) is None


def _is_of_clients(context: Context, file: str) -> bool:
    """Does a source file belong to another program of the repository than the backend, in another language, or track browsers?"""
    if _OF_CLIENTS.search(context.snapshot.text(file)) is not None:
        return True
    inner = [a for a in context.snapshot.applications if a.root and a.root != context.backend_root and a.holds(file)]
    own = max(inner, key=lambda a: len(a.root), default=None)
    return own is not None and not context.backend_root.startswith(f"{own.root}/") and context.language not in own.languages


def verify(context: Context) -> Judgement:
    if not {e.kind for e, _ in context.effects} & STORES and not context.touches:
        hidden = hidden_data(context)
        if hidden is not None:
            return unverified(*hidden)
        if context.is_resolved:
            return not_applicable("The flow talks to no database.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    paths = tuple(dict.fromkeys((*_PATHS, *context.source_globs)))
    found = context.hits(_RECORDS, paths)
    off = next((h for h in found if _OFF.search(h[2]) is not None and not is_for_development(h[0])), None)
    hits = [h for h in found if _counts(context, *h) and not (off is not None and _is_same(off[2], h[2]))]
    sure = [h for h in hits if not _is_optional(context, h[0], h[1])]
    if hits and not sure:
        why = "A setting decides whether slow or traced statements are recorded; what is shipped was not found out."
        return unverified(why, *(context.at(h[0], h[1]) for h in hits[:2]))
    hits = sure
    if hits:
        return passed("Slow or traced statements are recorded.", *(context.at(h[0], h[1]) for h in hits[:2]))
    off = off or next((h for h in found if _OFF.search(h[2]) is not None), None)
    if off is not None:
        return failed("The record of slow statements is switched off.", context.at(off[0], off[1]))
    links = [link for e, link in context.effects if e.kind in STORES]
    touched = context.at_place(links[0]) if links else context.at_place(context.touches[0].place)
    own = library_default(context, "slow_queries")
    if own is not None:
        if own.holds:
            return passed(own.rule.says, own.at or touched)
        where = own.off or own.otherwise
        return unverified("The library records slow statements unless its logger is set anew, as here.", *([where] if where else []))
    at = client_place(context) or touched
    missing = context.missing("a record of slow statements", at=at, patterns=(*_RECORDS, *_SPEAKS), paths=paths)
    if missing is None:
        return unverified("Whether slow statements are recorded could not be settled.")
    return failed("Neither the database, nor its client, nor a tracer records slow statements.", *apart((missing, *database(context)[:2])))
