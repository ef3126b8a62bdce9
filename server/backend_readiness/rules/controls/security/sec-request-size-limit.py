"""Request bodies are bounded: by the framework's parser, by a setting, by code that answers 413, or by a declared proxy."""

import re

from backend_readiness.controls.callees import app_place, chain_text, role_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, is_since, states
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.protection.body_bounds import ABSURD, proxy_bounds
from backend_readiness.controls.standing import apart, body_read
from backend_readiness.controls.subjects import Subject
from backend_readiness.facts.model import Name, Record
from backend_readiness.model import Evidence

_HINTS = (
    r"(?i)MAX_CONTENT_LENGTH|max_(body|request|content|upload)_?(size|length|bytes)|content-length|body_?limit|limit_?(body|request)_?size|RequestEntityTooLarge|PAYLOAD_TOO_LARGE|\b413\b",
)

# The body is taken piece by piece.
_STREAMED = re.compile(r"\breq(uest)?\s*\.\s*on\(\s*['\"](data|readable)|for\s+await\s*\(.*\bof\s+req(uest)?\b|\breq(uest)?\.pipe\(")
# The header is one of a list that browsers may see or send: it bounds nothing.
_LISTED = re.compile(r"(?i)(expose|allow)(ed)?[-_]?headers\b.*content-length")

# A version alone: `==3.7.3`, `3.7.3`.
_PINNED = re.compile(r"\s*={0,3}\s*v?\d[\w.]*\s*$")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    called = any(r.route.endpoint.method == "RPC" for r in context.routes)  # what is called by name is sent a message, whatever it does
    if not Subject(context).changes and not called:
        return not_applicable("The flow's endpoints read no body.", context.at_route())
    refusing = context.guard_that_answers(413)
    if refusing is not None:
        return passed(
            "A middleware answers 413 to bodies that are too large.", context.at_place(refusing[0].place), context.at_symbol(refusing[1])
        )
    if states(context, "parsers") is not None:
        return _express(context)
    bounded = context.chain_role("body_limit")
    if bounded:
        return passed("The flow reads the body through a bound.", context.at_call(bounded[0]))
    past = _past_the_framework(context)
    if past is not None:
        return _proxy(context) or past
    limit = default_of(context, "body_limit")
    if limit is not None and limit.off is not None:
        return failed(limit.rule.says_not, limit.off)
    if limit is not None and limit.otherwise is not None:
        return unverified("The framework's limit of the body is set anew here; how large it is was not resolved.", limit.otherwise)
    if limit is not None:
        return passed(limit.rule.says, limit.at or app_place(context))
    proxy = _proxy(context)
    if proxy is not None:
        return proxy
    at = app_place(context)
    proof = context.missing("limits of the request body", at=at, roles=("body_limit",), patterns=_HINTS)
    if proof is not None:
        return failed("Neither the application nor a declared proxy bounds the request body.", *apart((proof, *body_read(context))))
    hits = context.hits(_HINTS)
    if all(_LISTED.search(t) is not None for _, _, t in hits) and not context.unread:
        why = "Neither the application nor a declared proxy bounds the request body."
        return failed(why, *apart((at, *body_read(context))))
    return unverified(
        "Something speaks of the size of bodies, but whether it bounds them here was not resolved.",
        *(context.at(f, n) for f, n, _ in hits[:2]),
    )


def _past_the_framework(context: Context) -> Judgement | None:
    """What the handler is built on may read bodies past the limit of the framework below it, up to a version of its own."""
    modules = {m.split(".")[0] for h in context.handlers for m in context.graph.facts.files[h.file].modules}
    for card in context.graph.knowledge.cards:
        rule = card.defaults.get("body_limit")
        if rule is None or not rule.says_not or not modules & set(card.detect.imports) or is_since(context, rule) is not False:
            continue
        declared = [d for d in (context.dependencies().get(name, "") for name in rule.since) if d]
        if any(_PINNED.match(d) is None for d in declared):
            why = "Newer versions of what reads the body bound it, older ones do not; which one is installed was not settled."
            return unverified(why, app_place(context))
        return failed(rule.says_not, *apart((app_place(context), *body_read(context))))
    return None


def _express(context: Context) -> Judgement:
    parsers = [p for p in role_calls(context, "body_parser") if p.call.kind != "new"]
    if not parsers:
        return unverified("The parser of request bodies was not found.", app_place(context))
    before = {(g.place.file, n) for g in context.guards for n in range(g.place.line, g.place.end_line + 1)}
    own = [p for p in parsers if (p.site.file, p.call.line) in before] or parsers
    if own is parsers and (raw := _read_by_hand(context)) is not None:
        return unverified("The flow reads the body by itself; whether it stops at a size was not settled.", raw)
    for parser in own:
        given = parser.thunk(0, "limit")
        if given is not None and isinstance(given.expr, Name) and given.expr.id == "Infinity":
            return partial("The parser accepts bodies of any size.", parser.evidence())
        for limit in parser.constants(0, "limit"):
            size = re.match(r"\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|tb)?\s*$", str(limit), re.I)
            scale = {"b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3, "tb": 1024**4}
            if limit in ("Infinity", float("inf")) or (
                size is not None and float(size.group(1)) * scale[(size.group(2) or "b").lower()] > 200 * 1024**2
            ):
                return partial(f"The parser accepts bodies of up to `{limit}`.", parser.evidence())
    boundless = _boundless_upload(context)
    if boundless is not None:
        return partial("Plain bodies are bounded, but the parser of uploads that runs before the handler takes any size.", boundless)
    return passed("The body parser keeps a limit (100 kB unless it says otherwise).", own[0].evidence())


def _read_by_hand(context: Context) -> Evidence | None:
    """Where the flow takes the body piece by piece: `req.on("data", ...)`."""
    return next((context.at(f, n) for f, n, t in chain_text(context) if _STREAMED.search(t)), None)


def _boundless_upload(context: Context) -> Evidence | None:
    """A parser of uploads before the flow's handler that is made without limits."""
    guards = [g for g in context.guards if "upload_guard" in context.roles.of_value(g.value)]
    makers = role_calls(context, "upload_parser") if guards else []
    for guard in guards:
        here = [m for m in makers if m.site.file == guard.place.file and guard.place.line <= m.call.line <= guard.place.end_line]
        made = here or (makers if len(makers) == 1 else [])
        if made and made[0].thunk(0, "limits") is None and (not made[0].call.args or isinstance(made[0].call.args[0].value, Record)):
            return made[0].evidence()
    return None


def _proxy(context: Context) -> Judgement | None:
    paths = tuple(context.deployment.proxies) + tuple(
        {s.path for s in context.deployment.compose} | {m.path for m in context.deployment.manifests}
    )
    found = [(path, at, size) for path in sorted(set(paths)) for at, size in proxy_bounds(context, path) if size != 0]
    for path, at, size in found:
        if size is None or size > ABSURD:
            return unverified("A proxy of the repository sets the size of bodies; whether that bounds them was not settled.", at)
        sample = re.search(r"(?i)example|sample", path) is not None
        return (partial if sample else passed)("A proxy of the repository bounds the body.", at)
    return None
