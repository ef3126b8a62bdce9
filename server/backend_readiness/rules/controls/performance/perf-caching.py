"""Reads that many callers repeat are cached, with an expiry."""

import re

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.writes import texts_of_chain, writes
from backend_readiness.rules.signs import sign

_EXPIRY = r"(?i)\bex\s*=|\bpx\s*=|expire|ttl|setex|max.?age|timeout\s*=|stale|cache-control|EX\b"
_HTTP = r"(?i)cache-control|etag|last-modified|s-maxage"

# What the client sent, or another service: no header of the answer.
_ASKED = re.compile(sign("perf-caching", "asked"))

# Nobody may keep the answer, or not without asking again.
_FORBIDDEN = re.compile(r"(?i)no-?store|no-?cache|max-?age\s*[=:]\s*0\b|must-revalidate|:nocache")


def verify(context: Context) -> Judgement:
    methods = asked_methods(context)
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    if not methods & {"GET", "ANY", "QUERY"} or writes(context):
        return not_applicable("The flow writes; there is no shared read to keep.", context.at_route())
    cached = [(e, link) for e, link in context.effects if e.kind == "cache"]
    if cached:
        if texts_of_chain(context, _EXPIRY):
            return passed("The read goes through a cache with an expiry.", *(context.at_place(link) for _, link in cached[:2]))
        return unverified("The read goes through a cache; what ends its entries is not settled.", context.at_place(cached[0][1]))
    named = context.chain_role("cache")
    if named:
        given = {a.name for c in named for a in c.call.args}
        if any("runs_once" in context.graph.knowledge.roles_of(c.path) for c in named) and not given & {"ttl", "maxsize"}:
            return partial("The result is kept in memory without an expiry.", context.at_call(named[0]))
        return passed("The read is cached.", *(context.at_call(c) for c in named[:2]))
    headers = [h for h in texts_of_chain(context, _HTTP) if _ASKED.search(context.snapshot.lines(h[0])[h[1] - 1]) is None]
    forbidden = [h for h in headers if _forbids(context, *h)]
    if forbidden:
        return unverified("The answer forbids caches to keep it; whether many callers share it is not settled.", context.at(*forbidden[0]))
    if headers:
        return passed("The answer carries caching headers.", context.at(*headers[0]))
    return unverified("Whether many callers repeat this read with the same result is not settled.", context.at_route())


def _forbids(context: Context, file: str, line: int) -> bool:
    """Does the header say that the answer must not be kept, on its line or the one that goes on?"""
    return _FORBIDDEN.search(" ".join(context.snapshot.lines(file)[line - 1 : line + 1])) is not None
