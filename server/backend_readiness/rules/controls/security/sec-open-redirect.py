"""Where the flow sends the browser is not taken from input, or was checked."""

import re

from backend_readiness.controls.callees import chain_scopes, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.inputs import Reach, Taint, inputs_of
from backend_readiness.controls.protection.sinks import Sink, has_fixed_start, judge, sinks
from backend_readiness.facts.model import Index, Lit, Member, Record, Seq, Value
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import sign, signs_by
from backend_readiness.snapshot.matching import compile_patterns

_NAMES = frozenset({"redirect", "RedirectResponse", "HttpResponseRedirect"})
_SETS = frozenset({"set", "setHeader", "header", "append", "appendHeader", "add", "writeHead"})
_PATH = re.compile(sign("sec-open-redirect", "path"))
_ADDRESS = re.compile(sign("sec-open-redirect", "address"))
_CLEANERS = re.compile(r"(?i)^(url_for|reverse|url_has_allowed_host_and_scheme|is_safe_url|safe_next|encodeURIComponent|urlencode)$")
_LOCAL = re.compile(r"/[^/\\]|https?://[^/]+/|[?#]")


def verify(context: Context) -> Judgement:
    found = list(sinks(context, _NAMES, _PATH))
    sent = _headers(context) if context.is_resolved else []
    said = max((r for r, _ in sent), key=lambda r: r.taint, default=None)
    if said is not None and said.taint is not Taint.CLEAN and not (found and said.taint is Taint.UNKNOWN):
        at = next(at for r, at in sent if r is said)
        if said.taint is Taint.INPUT:
            return failed(f"The browser is sent to an address that comes from `{said.name or 'request input'}`.", at)
        return unverified("What reaches the header with the address was not resolved.", at)
    if sent and not found:
        return passed("The targets of redirects are fixed.", *(at for _, at in sent[:3]))
    judged = judge(
        context,
        found,
        _dangerous,
        cleaners=_CLEANERS,
        fails="The browser is sent to an address that comes from {}.",
        passes="The targets of redirects are fixed.",
        none="The flow redirects nowhere.",
        noun="redirects",
    )
    fixed = _fixed(context) if judged.verdict is Verdict.UNVERIFIED and not found and context.is_resolved else []
    return passed("The targets of redirects are fixed.", *fixed[:3]) if fixed else judged


def _fixed(context: Context) -> list[Evidence]:
    """The lines of the flow that send the browser on, where each names a route, a record or an address of the application itself."""
    known = compile_patterns(words_of(context, "redirects") or ())
    fixed = [re.compile(p) for p in signs_by("sec-open-redirect", "fixed").get(context.language or "", ())]
    told = [(f, n, t) for f, n, t in chain_text(context) if known is not None and known.search(t.encode("utf-8", "replace")) is not None]
    if not fixed or mentioned(context, "hidden") is not None:
        return []
    if not all(any(p.search(t[:500]) for p in fixed) and _ADDRESS.search(t[:500]) is None for _, _, t in told):
        return []
    return [context.at(f, n) for f, n, _ in told]


def _dangerous(sink: Sink) -> list[Value]:
    plain = [a.value for a in sink.call.args if a.name in (None, "url", "location", "redirect_to")]
    targets = [v for v in plain if not (isinstance(v, Lit) and isinstance(v.value, int))][:1]
    return [t for t in targets if not has_fixed_start(t, _LOCAL)]


def _headers(context: Context) -> list[tuple[Reach, Evidence]]:
    """The addresses that the flow writes into the header of an answer that sends browsers on, with their places."""
    found: list[tuple[Value, str, int, int]] = []
    for file, scope in chain_scopes(context):
        view = context.view(file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            given = [a.value for a in call.args[:6]]
            if callee_name(call) in _SETS and len(given) > 1 and _is_location(given[0]):
                found.append((given[1], file, scope, call.line))
            elif callee_name(call) == "location" and len(given) == 1 and isinstance(call.callee, Member):
                found.append((given[0], file, scope, call.line))
            found += [(v, file, scope, call.line) for g in given for v in _in_record(g)]
        for assign in view.facts.assigns:
            if assign.owner == scope and isinstance(assign.target, Index) and _is_location(assign.target.key) and assign.value is not None:
                found.append((assign.value, file, scope, assign.line))
        for answer in view.returns.get(scope, ()):
            items = answer.value.items if isinstance(answer.value, Seq) else ()
            found += [(v, file, scope, answer.line) for i in items for v in _in_record(i)]
    inputs = inputs_of(context)
    return [
        (Reach(Taint.CLEAN) if has_fixed_start(v, _LOCAL) else inputs.of(v, f, owner, _CLEANERS), context.at(f, n))
        for v, f, owner, n in found
    ]


def _is_location(value: Value) -> bool:
    return isinstance(value, Lit) and str(value.value).lower() == "location"


def _in_record(value: Value) -> list[Value]:
    return [v for k, v in value.items if k is not None and k.lower() == "location"] if isinstance(value, Record) else []
