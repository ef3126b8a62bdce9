"""Large answers are compressed by a middleware, the server, or the proxy in front."""

import re

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, passed, unverified
from backend_readiness.rules.signs import signs

_PROXY = re.compile(
    r"^\s*(gzip\s+on|brotli\s+on|encode\b.*\b(gzip|zstd|br)|compression\b)|middlewares=.*compress|\.compress=true|^\s*compress:\s*(\{\}|true)|AddOutputFilterByType\s+DEFLATE"
)
_HINTS = signs("perf-compression", "hints")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    guard = context.guard_with_role("compression")
    if guard is not None:
        return passed("A middleware compresses the answers.", context.at_place(guard.place))
    calls = [c for c in context.roles.calls("compression") if context.is_backend(c.file)]
    if calls:
        return passed("A middleware compresses the answers.", context.at_call(calls[0]))
    named = context.hits(signs("perf-compression", "installed"))
    if named:
        return passed("A middleware compresses the answers.", context.at(named[0][0], named[0][1]))
    setup = setup_of(context, "compression")
    if setup is not None and setup.off is None:
        return passed(setup.rule.says, setup.at)
    for path in (*context.deployment.proxies, *(s.path for s in context.deployment.compose)):
        for number, line in enumerate(context.snapshot.lines(path), 1):
            if _PROXY.search(line) is not None and not line.lstrip().startswith("#"):
                return passed("The proxy compresses the answers.", context.at(path, number))
    if asked_methods(context) <= {"DELETE", "HEAD", "OPTIONS"}:
        return not_applicable("The flow's answers are always small.", context.at_route())
    if asked_methods(context) <= {"POST", "PUT", "PATCH"} and (context.writes or not _lists(context)):
        return not_applicable("The flow answers with one small record.", context.at_route())
    missing = context.missing("compression of answers", at=context.at_application(), roles=("compression",), patterns=_HINTS)
    if missing is None:
        hits = context.hits(_HINTS)
        return unverified(
            "Something about compression was found; what it covers is not settled.", *(context.at(f, n) for f, n, _ in hits[:1])
        )
    return failed("Neither the application nor a proxy in the repository compresses answers.", missing)


def _lists(context: Context) -> bool:
    from backend_readiness.controls.work.reads import reads

    return any(r.kind in ("many", "pages") for r in reads(context))
