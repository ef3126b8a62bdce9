"""Documents that say, step by step, how to deploy, roll back and deal with failures."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.documents import Section, absent, named, sections
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified

_FAILURES = re.compile(r"(?i)run-?book|play-?book|incident|outage|roll(?:ing)?[ -]?back|recover|disaster|on-?call|emergency")
_FAILS = re.compile(r"(?i)when .* (?:down|fails)|(?:is|api|service|database) down|known failures|failure modes")
_TROUBLE = re.compile(r"(?i)troubleshoot")
# What those who run a service do about it: a trouble of its users needs none of that.
_OPERATES = re.compile(
    r"(?i)\b(?:systemctl|journalctl|kubectl|pg_isready|docker (?:compose )?(?:logs|restart|exec|ps)|restart(?:s|ed)? the"
    r"|on the (?:server|host)|pods?|replicas?|failover|disk (?:space|is full))\b"
)
_DEPLOYS = re.compile(
    r"(?i)deploy|roll-?out|^\W*operations\W*$|operations? (?:guide|manual|handbook)|production|going live|self-?host"
    r"|^\W*(?:\d[\d.]*\s+)?releas(?:e|es|ing)\W*$|releas(?:e|ing) (?:a|an|the|it|new|process|procedure|steps|check-?list|guide|workflow)\b"
)
# What one feature needs where the application is installed by its users.
_OF_FEATURE = re.compile(r"(?i)(^|/)features?/|(^|/)faqs?\.")
_WORDS = (r"(?i)run-?book|play-?book|incident|roll[ -]?back|troubleshoot",)


# What is to be built or was thought over, not what operators follow.
_PLAN = re.compile(
    r"(?i)(^|/)(plans?|rfcs?|proposals?|adrs?|decisions|specs?)/|(^|/|[_-])(analysis|plan|proposal|design|road-?map|audit)s?\b[^/]*$"
)

# What users or developers do, and single settings by their names.
_OTHERS = re.compile(
    r"(?i)\b(account|password|passphrase|two-?factor|2fa|mfa|profile|e-?mail)\b.*\brecover|\brecover\w*\b.*\b(account|password|codes?)\b"
    r"|\b(development|local|dev)\b.*\b(setup|environment|install\w*|build)\b|\b(setup|install\w*)\b.*\b(development|local)\b"
    r"|(?-i:^`?[A-Z][A-Z0-9]*(_[A-Z0-9]+)+`?(\s|$))"
)


# Documents of the service as a whole: at the root, or in a folder of documents or of operations.
_OF_SERVICE = re.compile(
    r"(?i)^[^/]+$|(^|/)(docs?|documentation|wiki|guides?|manuals?|handbook|ops|operations?|run-?books?|play-?books?|deploy\w*|infra\w*|sre|admin\w*)/"
)
# One change, one release, or a copy of the service that is not production.
_OF_ELSE = re.compile(
    r"(?i)(^|/)(releases?|release-?notes|migrations?|upgrad\w+|blogs?|tutorials?|examples?|samples?)/|review-?app|preview|sandbox|staging"
)
# What somebody does about a failure.
_ACTS = re.compile(
    r"(?i)\b(restor|restart|roll(?:ing)?[ -]?back|fail(?:ing)?[ -]?over|switch-?over|re-?deploy|revert|scal(?=e|ing)|drain|promot|escalat"
    r"|page[sd]? the|kubectl|systemctl|journalctl|docker compose|docker|logs?\b|pg_isready|df -h|free (?:up )?space|stop the|start the)"
)
# A step that can be followed: a command, a number, or a line that begins with what to do.
_DOES = re.compile(
    r"(?mi)`[^`\n]{4,}`|^\s*\d+[.)]\s+\S|^\s*\$ \S|^```|^\s*(?:[-*+]\s+)?(?:run|build|push|pull|apply|install|start|stop|set|copy|create"
    r"|deploy|roll|upgrade|update|tag|merge|restart|follow)\b"
)


def _is_of_service(section: Section) -> bool:
    return _OF_SERVICE.search(section.file) is not None and _OF_ELSE.search(section.file) is None


def _can_be_followed(section: Section) -> bool:
    return _is_of_service(section) and len(_DOES.findall(section.text)) >= 2 and "readiness" not in section.heading.lower()


def _deals_with_failures(section: Section) -> bool:
    return _is_of_service(section) and len({m.lower() for m in _ACTS.findall(section.text)}) >= 2


def verify(context: Context) -> Judgement:
    told = [
        s
        for s in sections(context)
        if _PLAN.search(s.file) is None and _OF_FEATURE.search(s.file) is None and _OTHERS.search(s.heading) is None and s.steps >= 2
    ]
    failures = [s for s in told if s.words >= 15 and (named(s, _FAILURES) or _FAILS.search(s.heading) or _is_for_operators(s))]
    deploys = [s for s in told if named(s, _DEPLOYS) and s.words >= 15]
    proved = [s for s in failures if _deals_with_failures(s)]
    followed = [s for s in deploys if _can_be_followed(s)]
    if proved and followed:
        places = (context.at(s.file, s.line) for s in (proved[0], followed[0]))
        return passed("Documents say how to deploy and what to do in an incident.", *places)
    if failures and (deploys or any(re.search(r"(?i)deploy|release|roll", s.text) for s in failures)):
        unclear = "deployments of the service can be followed" if proved else "it is for those who run the service, in an incident"
        places = (context.at(s.file, s.line) for s in (*(proved or failures)[:1], *deploys[:1]))
        return unverified(f"Documents speak of deployment and of failures; whether {unclear} was not settled.", *places)
    troubles = [s for s in told if _TROUBLE.search(s.heading) and s.words >= 15] if not failures else []
    if troubles and deploys:
        why = "Documents say how to deploy and what to do about known troubles; none is for an incident."
        return partial(why, context.at(troubles[0].file, troubles[0].line), context.at(deploys[0].file, deploys[0].line))
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


def _is_for_operators(section: Section) -> bool:
    return _TROUBLE.search(section.heading) is not None and len({m.lower() for m in _OPERATES.findall(section.text)}) >= 2
