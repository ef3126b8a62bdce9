"""The repository states how long the flow may take."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified

_BUDGET = (
    r"(?i)\bp(95|99|90|50)\b|\b(95|99)(th)?\s*(percentile|%\s+of\s+(requests|responses))|histogram_quantile|http_req_duration|latency\s+(budget|objective|slo|target)"
    r"|\bSLO\b|service level objective|response time\s*(<|under|below)|apdex",
)  # fmt: skip
_NUMBER = re.compile(r"\d\s*(ms|s\b|sec|milli)|[<>]=?\s*\d|[\"'=:\s]0\.\d")
_PAST = re.compile(r"(?i)^(change_?log|history|release|news|upgrad)|benchmark|results?\b|\baudit|proposal|review")
_ADVISED = re.compile(r"(?i)^#.*\b(recommend|suggest|propos|idea|future|todo)")
_GOAL = re.compile(
    r"(?i)\bslos?\b|\bslas?\b|objective|budget|target|goal|requirement|\bmust\b|\bshould\b|\bshall\b|threshold|service.?level|non.?functional|\bnfr"
    r"|apdex|\balert|histogram_quantile.*>"
)
_PATHS = ("**/*.md", "**/*.y*ml", "**/*.js", "**/*.ts", "**/*.py", "**/*.tf", "**/*.toml", "**/*.rst", "**/*.txt", "**/*.adoc")


def _is_goal(context: Context, file: str, line: int, text: str) -> bool:
    """Is it said of what shall be, in a text for that or with a word for it, and not of what once was measured?"""
    name = file.rpartition("/")[2]
    if _PAST.search(name) is not None:
        return False
    above = context.snapshot.lines(file)[max(0, line - 9) : line]
    if any(_ADVISED.search(t) is not None for t in above):
        return False
    headings = " ".join(t for t in above if t.startswith(("#", "=", "|")) or t.rstrip().endswith(":"))
    return _GOAL.search(f"{name} {headings} {text}") is not None


def verify(context: Context) -> Judgement:
    if not context.routes:
        return unverified("The flow has no route of the backend.")
    hits = [h for h in context.absences.all_hits(_BUDGET, _PATHS) if "node_modules" not in h[0] and "lock" not in h[0].rpartition("/")[2]]
    real = [h for h in hits if _NUMBER.search(h[2]) is not None and "dashboard" not in h[0] and _is_goal(context, *h)]
    if real:
        return passed("The repository states a latency objective.", *(context.at(h[0], h[1]) for h in real[:2]))
    if hits:
        return unverified(
            "The repository speaks of latency; whether it sets a number for the flow is not settled.", context.at(hits[0][0], hits[0][1])
        )
    missing = context.missing("a latency objective", at=context.at_route(), patterns=_BUDGET, paths=_PATHS)
    if missing is None:
        return unverified("Whether a latency budget exists could not be settled.")
    return failed("Nothing in the repository says how long the flow may take.", missing)
