"""Large answers are compressed by a middleware, the server, or the proxy in front."""

import re
from collections.abc import Iterator

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.proxy_blocks import blocks_around
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.scoped_middleware import stands_elsewhere
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_PROXY = re.compile(sign("perf-compression", "proxy"))
_PAGES_ALONE = re.compile(sign("perf-compression", "pages_alone"))
_OF_DATA = re.compile(sign("perf-compression", "of_data"))
_HANDS_ON = re.compile(sign("perf-compression", "hands_on"))
_IMPORTS = re.compile(r"\s*(import|from|using|use|require)\b")
_HINTS = signs("perf-compression", "hints")


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    guard = context.guard_with_role("compression")
    plain = _plain_alone(context)
    if plain is not None and (guard is not None or any(context.is_backend(c.file) for c in context.roles.calls("compression"))):
        why = "The application answers over TLS, where its middleware compresses nothing unless it is told to; what ends TLS is not known."
        return unverified(why, plain)
    if guard is not None:
        return passed("A middleware compresses the answers.", context.at_place(guard.place))
    put_up = list(_put_up(context))
    here = next((e for e, _ in put_up if e.file is None or e.line is None or not stands_elsewhere(context, e.file, e.line)), None)
    if here is not None:
        return passed(next(w for e, w in put_up if e is here), here)
    proxied = _by_proxy(context)
    if proxied is not None and proxied.verdict == "pass":
        return proxied
    if asked_methods(context) <= {"DELETE", "HEAD", "OPTIONS"}:
        return not_applicable("The flow's answers are always small.", context.at_route())
    if asked_methods(context) <= {"POST", "PUT", "PATCH"} and (context.writes or not _lists(context)):
        return not_applicable("The flow answers with one small record.", context.at_route())
    if proxied is not None:
        return proxied
    missing = context.missing("compression of answers", at=context.at_application(), roles=("compression",), patterns=_HINTS)
    if missing is None:
        hits = context.hits(_HINTS)
        return unverified(
            "Something about compression was found; what it covers is not settled.", *(context.at(f, n) for f, n, _ in hits[:1])
        )
    return failed("Neither the application nor a proxy in the repository compresses answers.", missing)


def _plain_alone(context: Context) -> Evidence | None:
    """Where a middleware is made that leaves answers over TLS as they are, in an application that sends everybody there."""
    made = context.hits(signs("perf-compression", "plain_alone"))
    told = context.hits(signs("perf-compression", "over_tls")) if made else []
    forced = context.hits(signs("perf-compression", "forces_tls")) if made and not told else []
    return context.at(*made[0][:2]) if forced else None


def _put_up(context: Context) -> Iterator[tuple[Evidence, str]]:
    """Where the application puts up what compresses, each with the sentence for it."""
    for call in context.roles.calls("compression"):
        if context.is_backend(call.file):
            yield context.at_call(call), "A middleware compresses the answers."
    for file, line, text in context.hits(signs("perf-compression", "installed")):
        if _IMPORTS.match(text) is not None:
            continue  # a name that is taken in compresses nothing yet
        yield context.at(file, line), "A middleware compresses the answers."
    setup = setup_of(context, "compression")
    if setup is not None and setup.off is None:
        yield setup.at, setup.rule.says


def _by_proxy(context: Context) -> Judgement | None:
    """What a proxy before the backend says: for all that it hands on, for pages alone, or only for files that it serves itself."""
    weak: Judgement | None = None
    for path in (*context.deployment.proxies, *(s.path for s in context.deployment.compose)):
        lines = context.snapshot.lines(path)
        for number, line in enumerate(lines, 1):
            if _PROXY.search(line) is None or line.lstrip().startswith("#"):
                continue
            at = context.at(path, number)
            around = blocks_around(lines, number)
            if any(re.match(r"\s*location\b", b[0]) is not None and not any(_HANDS_ON.search(t) for t in b) for b in around):
                weak = weak or unverified(
                    "The proxy compresses what it serves in one place; whether the flow's answers pass there was not settled.", at
                )
            elif _PAGES_ALONE.search(line) is None or any(_OF_DATA.search(t) for t in lines) or context.chain_role("template_render"):
                return passed("The proxy compresses the answers.", at)
            else:
                weak = weak or partial("The proxy compresses pages alone: no type of data is named.", at)
    return weak


def _lists(context: Context) -> bool:
    from backend_readiness.controls.work.reads import reads

    return any(r.kind in ("many", "pages") for r in reads(context))
