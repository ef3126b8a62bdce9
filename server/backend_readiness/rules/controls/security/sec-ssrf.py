"""The host of requests that the flow sends is not taken from input."""

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, unverified
from backend_readiness.controls.protection.sinks import Sink, has_fixed_start, judge, positional, sinks
from backend_readiness.facts.model import Value
from backend_readiness.model import Verdict
from backend_readiness.rules.signs import sign, signs

_NAMES = frozenset(signs("sec-ssrf", "names"))
_PATH = re.compile(sign("sec-ssrf", "path"))
_STORED = re.compile(sign("sec-ssrf", "stored"))
_CLEANERS = re.compile(r"^(encodeURIComponent|quote|quote_plus|urlencode)$")
_HOST = re.compile(r"https?://[^/{}]+/")


def verify(context: Context) -> Judgement:
    if context.language == "python":
        found = [s for s in sinks(context, _NAMES, _PATH) if not s.path.startswith(signs("sec-ssrf", "no_requests"))]
    else:
        found = list(sinks(context, _NAMES, _PATH))
    judged = judge(
        context,
        found,
        _dangerous,
        cleaners=_CLEANERS,
        fails="A request is sent to an address that comes from {}.",
        passes="The addresses of the requests that the flow sends are the program's own.",
        none="The flow sends no requests.",
        noun="requests",
    )
    if judged.verdict is not Verdict.NOT_APPLICABLE:
        return judged
    told = next((context.at(f, n) for f, n, t in chain_text(context) if _STORED.search(t[:500]) is not None), None)
    why = "The flow speaks of addresses that somebody registered; whether it sends requests to them, a task later, was not resolved."
    return unverified(why, told) if told is not None else judged


def _dangerous(sink: Sink) -> list[Value]:
    general = sink.path.endswith((".request", ".stream")) and sink.path.startswith(signs("sec-ssrf", "method_first"))
    url = positional(sink, 1 if general and len(sink.call.args) > 1 else 0, "url")
    return [u for u in url if not has_fixed_start(u, _HOST)]
