"""Documents that say, step by step, how to deploy, roll back and deal with failures."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.documents import absent, named, sections
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified

_FAILURES = re.compile(r"(?i)run-?book|play-?book|incident|outage|roll(?:ing)?[ -]?back|recover|disaster|on-?call|emergency")
_TROUBLE = re.compile(r"(?i)troubleshoot|when .* (?:down|fails)|(?:is|api|service|database) down|known failures|failure modes")
_DEPLOYS = re.compile(r"(?i)deploy|releas(?:e|ing)\b|roll-?out|operations|production|going live|hosting")
_WORDS = (r"(?i)run-?book|play-?book|incident|roll[ -]?back|troubleshoot",)


# What is to be built or was thought over, not what operators follow.
_PLAN = re.compile(r"(?i)(^|/)(plans?|rfcs?|proposals?|adrs?|decisions|specs?)/|[_-](analysis|plan|proposal|design)\b[^/]*$")

# What users or developers do, and single settings by their names.
_OTHERS = re.compile(
    r"(?i)\b(account|password|passphrase|two-?factor|2fa|mfa|profile|e-?mail)\b.*\brecover|\brecover\w*\b.*\b(account|password|codes?)\b"
    r"|\b(development|local|dev)\b.*\b(setup|environment|install\w*|build)\b|\b(setup|install\w*)\b.*\b(development|local)\b"
    r"|(?-i:^`?[A-Z][A-Z0-9]*(_[A-Z0-9]+)+`?(\s|$))"
)


def verify(context: Context) -> Judgement:
    told = [s for s in sections(context) if _PLAN.search(s.file) is None and _OTHERS.search(s.heading) is None]
    failures = [s for s in told if s.steps >= 2 and (named(s, _FAILURES) or _TROUBLE.search(s.heading)) and s.words >= 15]
    deploys = [s for s in told if s.steps >= 2 and named(s, _DEPLOYS) and s.words >= 15]
    if failures and (deploys or any(re.search(r"(?i)deploy|release|roll", s.text) for s in failures)):
        other = [context.at(s.file, s.line) for s in deploys[:1]]
        return passed("Documents say how to deploy and what to do in an incident.", context.at(failures[0].file, failures[0].line), *other)
    if failures:
        return partial("There are steps for failures, but none for deployment.", context.at(failures[0].file, failures[0].line))
    if deploys:
        return partial("There are steps for deployment, but none for failures.", context.at(deploys[0].file, deploys[0].line))
    proof = absent(context, "the documents of the repository", _WORDS)
    return (
        failed("No document says how to deploy the service or deal with its failures.", proof)
        if proof
        else unverified("No runbook was recognised.")
    )
