"""Who is called, who is next, and how incidents are reviewed, as far as the repository says it."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.documents import sections
from backend_readiness.controls.judgement import Judgement, partial, passed, unverified

_PARTS = {
    "who is on call": re.compile(
        r"(?i)\bon-?call\b.{0,80}(?:rota|schedule|week|pager|rotation|engineer|team)|(?:rota|rotation"
        r"|schedule).{0,60}on-?call|pagerduty|opsgenie"
    ),
    "the escalation": re.compile(
        r"(?i)\bescalat\w+.{0,80}\b(?:lead|manager|on-?call|team|level|minutes)\b|(?:not (?:answered"
        r"|acknowledged) within|then the (?:lead|manager|head))"
    ),
    "the review": re.compile(r"(?i)\bpost-?mortems?\b|incident reviews?|retrospectives? after incidents?|root cause analys[ie]s"),
}
_ABOUT = re.compile(r"(?i)incident|on-?call|run-?book|operation|escalation|post-?mortem")
_CONTACT = re.compile(r"(?i)(^|/)security\.(md|rst|txt)$")
_PAGING = r"(?:pagerduty_escalation_policy|opsgenie_escalation|pagerduty_schedule)"


def verify(context: Context) -> Judgement:
    for path, line, _ in context.hits((_PAGING,), ("**/*.tf",))[:1]:
        return passed("The paging service is defined in code.", context.at(path, line))
    found: dict[str, tuple[str, int]] = {}
    headings: list[str] = []
    for section in sections(context):
        for name, pattern in _PARTS.items():
            if name not in found and section.words >= 12 and pattern.search(section.text) is not None:
                found[name] = (section.file, section.line_of(pattern))
                headings.append(f"{section.file} {section.heading}")
    places = [context.at(file, line) for file, line in dict.fromkeys(found.values())]
    if len(found) >= 2:
        return passed(f"It is written down: {', '.join(found)}.", *places)
    if found and any(_ABOUT.search(f) for f in headings):
        lacking = ", ".join(n for n in _PARTS if n not in found)
        return partial(f"Of the incident process only {next(iter(found))} is written down, not {lacking}.", *places)
    contact = next(
        (
            f.path
            for f in context.snapshot.files
            if _CONTACT.search(f.path) and "/" not in f.path.replace(".github/", "").replace("docs/", "")
        ),
        None,
    )
    if contact is not None:
        return partial("There is a security contact, but no process for incidents.", context.at(contact, 1))
    return unverified("The repository is silent on it; people can answer it.")
