"""Reads that many callers repeat are cached, with an expiry."""

import re
from collections.abc import Sequence

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, not_applicable, partial, passed, unverified
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.work.writes import STORES, texts_of_chain, writes
from backend_readiness.facts.model import Lit, Op
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.model import Link, Stage
from backend_readiness.rules.signs import sign

_EXPIRY = re.compile(sign("perf-caching", "expiry"))
_HTTP = r"(?i)cache-control|etag|last-modified|s-maxage"

# What the client sent, or another service: no header of the answer.
_ASKED = re.compile(sign("perf-caching", "asked"))

# Calls by which a client asks again only for what has changed, or for a time that they name.
_VALIDATES = re.compile(sign("perf-caching", "validates"))
MAX_STEPS = 60

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
        own = _filled_aside(context)
        if own is not None and _ends(context, own):
            return passed("The read goes through a cache with an expiry.", *(context.at_place(link) for _, link in own[:2]))
        why = "The flow asks a cache; whether it keeps what the flow reads of its database, and until when, is not settled."
        return unverified(why, context.at_place((own or cached)[0][1]))
    named = context.chain_role("cache")
    if named:
        given = {a.name for c in named for a in c.call.args}
        if any("runs_once" in context.graph.knowledge.roles_of(c.path) for c in named) and not given & {"ttl", "maxsize"}:
            return partial("The result is kept in memory without an expiry.", context.at_call(named[0]))
        bounded = [c for c in named if _has_end(c)]
        if not bounded:
            return unverified("The read is cached; what ends its entries is not settled.", context.at_call(named[0]))
        return passed("The read is cached, with an expiry.", *(context.at_call(c) for c in bounded[:2]))
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


def _filled_aside(context: Context) -> list[tuple[Effect, Link]] | None:
    """The touches of a cache that the handlers themselves ask and fill beside a read of the database; None where they do not do all three.

    What a guard keeps in a cache (a session, a token), and a cache that is the only store, is no copy of a hot read.
    """
    for backend in context.backends:
        under = [(e, backend.links[n]) for e, n in backend.effects if _is_of_handler(backend.links, n)]
        kept = [(e, link) for e, link in under if e.kind == "cache"]
        reads = any(e.operation in ("read", "call") for e, _ in kept)
        fills = any(e.operation in ("write", "call") for e, _ in kept) or any("get_or_set" in e.path or ".fetch" in e.path for e, _ in kept)
        if reads and fills and any(e.kind in STORES and e.kind != "cache" and e.operation != "write" for e, _ in under):
            return kept
    return None


def _is_of_handler(links: Sequence[Link], number: int) -> bool:
    """Does a handler lead to the link, and no guard in front of it?"""
    current: int | None = number
    for _ in range(MAX_STEPS):
        if current is None:
            return False
        if links[current].stage is Stage.MIDDLEWARE:
            return False
        if links[current].stage is Stage.HANDLER:
            return True
        current = links[current].parent
    return False


def _ends(context: Context, kept: list[tuple[Effect, Link]]) -> bool:
    """Is an expiry named where a touch of the cache stands: in its function, or in the call that leads there?"""
    for effect, _ in kept:
        view = context.view(effect.site.file)
        call = view.facts.calls[effect.site.call]
        if any(_EXPIRY.search(t[:500]) is not None for t in context.snapshot.lines(effect.site.file)[call.line - 1 : call.end_line]):
            return True
        symbol = view.symbol(call.owner)
        lines = context.snapshot.lines(effect.site.file)[symbol.line - 1 : symbol.end_line] if call.owner else []
        if effect.operation in ("write", "call") and any(_EXPIRY.search(t[:500]) is not None for t in lines):
            return True
    return False


def _has_end(call: RoleCall) -> bool:
    """Does a call or a decorator of a cache say for how long, or let the client ask again by a validator?"""
    if _VALIDATES.search(call.path) is not None:
        return True
    return any((a.name and _EXPIRY.search(f"{a.name}=")) or (isinstance(a.value, Lit) and isinstance(a.value.value, int | float)
               and not isinstance(a.value.value, bool)) or isinstance(a.value, Op) for a in call.call.args)  # fmt: skip
