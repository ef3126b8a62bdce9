"""A stated share of good requests, in a document or a definition, with something that measures it."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.documents import GLOBS, absent, sections
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.rules.signs import sign, signs

_TERM = re.compile(
    r"\bSLOs?\b|(?i:service[ -]level (?:objective|agreement|indicator|target)s?|service levels|error budgets?)"
    r"|(?i:availability (?:target|objective|goal))"
)
# What is yet to be done.
_LATER = re.compile(r"(?i)road-?map|\bto-?do\b|\bplan(s|ned)?\b|proposal|backlog|\bideas?\b|future|next (quarter|year|steps?)|later\b")
_NUMBER = re.compile(r"\b9\d(?:\.\d+)?\s?%|\b\d+(?:\.\d+)?\s?(?:ms|seconds|s)\b")
_MEASURED = re.compile(sign("obs-slo", "measured"))
_DEFINITIONS = ("**/*slo*.y*ml", "**/*openslo*", "**/slos/**/*.y*ml", "**/pyrra/**/*.y*ml", "**/sloth/**/*.y*ml")
_WORDS = (r"\bSLOs?\b|(?i)service[ -]level|error budget",)


def verify(context: Context) -> Judgement:
    for path in context.snapshot.glob(*_DEFINITIONS):
        text = context.snapshot.text(path)
        if re.search(
            r"(?im)^kind:\s*(?:SLO|ServiceLevelObjective|PrometheusServiceLevel)|^\s*objective:\s*\d|^\s*target:\s*['\"]?0?\.?9\d", text
        ):
            return passed("A service level objective is defined in code.", context.at(path, 1))
    for section in sections(context):
        if _LATER.search(f"{section.file} {section.heading}") is not None:
            continue
        stands = _TERM.search(f"{section.heading}\n{section.text}")
        if stands is not None and re.search(r"\b9\d(?:\.\d+)?\s?%", section.text) is not None and _NUMBER.search(section.text) is not None:
            place = context.at(section.file, section.line)
            rules = context.deployment.snapshot.glob(*signs("obs-slo", "rules"))
            if _MEASURED.search(section.text) is not None or rules:
                return passed("Objectives are stated with their measure.", place)
            return partial("Objectives are stated, but nothing measures them.", place)
    proof = absent(context, "the documents of the repository", _WORDS, (*GLOBS, "**/*.y*ml"))
    return (
        failed("No service level objective is stated.", proof)
        if proof
        else unverified("Service levels are spoken of; no objective was recognised.")
    )
