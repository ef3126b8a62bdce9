"""People can get and erase their data, and the repository says which data are personal."""

from collections.abc import Callable

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.database.schema import schema_of
from backend_readiness.controls.database.tables import plain
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_PERSONAL = regex.compile(sign("data-pii-classification", "personal"))
_EXPORT = (
    r"(?i)\bexport_?(?:my|user|account|personal|all|data|profile)|[/'\"]export\b|def export",
    r"(?i)takeout|subject.?access|data.?portability|gdpr|download.{0,20}(?:data|account)",
)
_ERASE = (
    r"(?i)\b\w*(?:delete|erase|remove|anonymi[sz]e|destroy|close|deactivate)\w*(?:account|user|profile|customer|me|personal)\w*\b",
    r"(?i)(?:account|user|profile|customer|person)s?\.(?:delete|destroy|remove|erase)\w*\(",
    r"(?i)\.delete\(\s*\w*(?:user|account|customer)\w*\s*\)|gdpr|right.to.(?:be.forgotten|erasure)|delete\s+from\s+\W?(?:user|account|customer)s?",
)
_LISTED = (
    r"(?i)^(?:#+|=+)\s.{0,60}(?:personal\s+data|\bPII\b|personally identifiable|\bGDPR\b|data classification)",
    r"(?i)^\s*\|.*\|\s*(?:personal|PII|sensitive)\b.*\|",
    r"(?i)(?:personal\s+data|\bPII\b|personally identifiable)\s*(?:is|are|includes?|:|means|we (?:collect|store|keep))\b?",
)
_PAGES = ("**/*.md", "**/*.rst", "**/*.adoc")
_PEOPLE = regex.compile(r"^(app)?(user|account|member|customer)s?$")
# An export of what is kept about a person, not of their orders or of the whole shop.
_GIVES = regex.compile(
    r"(?i)takeout|my-?data|gdpr|personal-?data|(^|/)(me|accounts?|profile|users?|customers?|self|privacy)(/\{[^/]+\})?/(data-?)?(export|download)|export-?(my|account|user|personal|profile)"
)
_OWN = regex.compile(r"(?i)(^|/)(me|account|accounts|profile|user|users|customers?|self)(/\{[^/]+\})?/?$")


def verify(context: Context) -> Judgement:
    return settled(context, _judgement(context))


def _judgement(context: Context) -> Judgement:
    schema = schema_of(context)
    tables = schema.of_flow(context)
    personal = [c for d in tables for c in d.shown.columns.values() if _PERSONAL.match(c.name) is not None]
    if not personal:
        known = tables and all(schema.table(e.target) for e, _ in context.effects if e.kind in ("orm", "sql", "nosql"))
        people = next((d for d in tables if _PEOPLE.match(plain(d.name)) is not None), None)
        if people is not None:  # names that people gave themselves may be theirs
            at = context.at(people.shown.file, people.shown.line)
            return unverified(f"`{people.name}` keeps people; which of its columns are personal is not settled.", at)
        if context.is_resolved and known and not any(r.registration.touches for r in context.routes):
            return not_applicable("The flow's tables hold no personal data.", context.at_route())
        return unverified("Which personal data the flow handles does not follow from the schema.")
    erases = _route(context, lambda m, p: m == "DELETE" and _OWN.search(p) is not None)
    exports = _route(context, lambda m, p: _GIVES.search(p) is not None)
    listed = next(
        (
            context.at(f, n)
            for f, n, _ in context.absences.all_hits(_LISTED, _PAGES)
            if not is_test(f) and plain(f.rpartition("/")[2]) != "changelogmd"
        ),
        None,
    )
    place = context.at(personal[0].file, personal[0].line)
    if erases is not None and exports is not None:
        if listed is not None:
            return passed("Personal data are listed, exported and erased on request.", listed, exports, erases)
        return partial("Personal data can be exported and erased, and nothing says which data are personal.", place, exports, erases)
    if erases is not None and not context.hits(_EXPORT) and not context.unread:
        return partial(f"An account can be erased; nothing exports a person's data (`{personal[0].name}` ...).", place, erases)
    absence = context.missing("routes, services and jobs of the backend", at=place, patterns=(*_EXPORT, *_ERASE))
    if absence is None or erases is not None or exports is not None:
        return unverified(f"`{personal[0].name}` is personal; which code exports and erases one person's data is not settled.", place)
    if listed is not None:
        return partial("Personal data are listed, and nothing exports or erases them.", absence, listed)
    return failed(f"`{personal[0].name}` is personal, and nothing exports or erases one person's data.", absence)


def _route(context: Context, fits: Callable[[str, str], bool]) -> Evidence | None:
    for bound in context.tracer.routes:
        endpoint = bound.route.endpoint
        if fits(endpoint.method, endpoint.path):
            return context.at_place(bound.route.place)
    return None
