"""Slow statements leave a record: a threshold in the database, the client, or spans of a tracer."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import library_default
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.controls.standing import apart, database
from backend_readiness.controls.work.clients import client_place
from backend_readiness.controls.work.writes import STORES
from backend_readiness.rules.signs import signs

_RECORDS = signs("perf-slow-query-log", "records")
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
_LISTS = re.compile(r"(^|/)(package\.json|requirements[^/]*\.(txt|in)|pyproject\.toml|Pipfile|setup\.(py|cfg)|go\.mod|[^/]*\.csproj)$")
_LOADS = re.compile(r"\s(-r|--require|--import)\s|\b(node|ddtrace-run|opentelemetry-instrument|newrelic-admin)\s")


def _is_only_listed(file: str, _: int, text: str) -> bool:
    return _LISTS.search(file) is not None and _LOADS.search(text) is None


def verify(context: Context) -> Judgement:
    if not {e.kind for e, _ in context.effects} & STORES and not context.touches:
        if context.is_resolved:
            return not_applicable("The flow talks to no database.", context.at_route())
        return unverified("The flow's data calls were not all found.")
    paths = tuple(dict.fromkeys((*_PATHS, *context.source_globs)))
    hits = [h for h in context.hits(_RECORDS, paths) if "lock" not in h[0].rpartition("/")[2] and not _is_only_listed(*h)]
    if hits:
        return passed("Slow or traced statements are recorded.", *(context.at(h[0], h[1]) for h in hits[:2]))
    links = [link for e, link in context.effects if e.kind in STORES]
    touched = context.at_place(links[0]) if links else context.at_place(context.touches[0].place)
    own = library_default(context, "slow_queries")
    if own is not None:
        if own.holds:
            return passed(own.rule.says, own.at or touched)
        where = own.off or own.otherwise
        return unverified("The library records slow statements unless its logger is set anew, as here.", *([where] if where else []))
    at = client_place(context) or touched
    missing = context.missing("a record of slow statements", at=at, patterns=_RECORDS, paths=paths)
    if missing is None:
        return unverified("Whether slow statements are recorded could not be settled.")
    return failed("Neither the database, nor its client, nor a tracer records slow statements.", *apart((missing, *database(context)[:2])))
