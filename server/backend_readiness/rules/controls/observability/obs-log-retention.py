"""Where the logs go from the process, what keeps them from filling a disk, and how long they are kept."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.startup import backend_services
from backend_readiness.controls.documents import sections
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.standing import apart, of_application
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_SHIPPING = re.compile(r"(?i)\b(fluentd|gelf|awslogs|loki|syslog|splunk|gcplogs|logentries|journald)\b")
_COLLECTORS = re.compile(sign("obs-log-retention", "collectors"))
_RETENTION = re.compile(
    r"(?i)\bretention_in_days|retention_period|retention\.days|\bilm_policy|retention_days|log_retention|retentionDays|RetainedFileCountLimit"
)
_KEPT = re.compile(
    r"(?i)\blogs?\b.{0,200}?\b(?:kept|keeps?|retain\w*|retention|deleted after"
    r"|delete after)\b.{0,120}?\b\d+\s*(?:days?|weeks?|months?|years?)"
)
_OF_OTHERS = re.compile(sign("obs-log-retention", "of_others"))
MAX_ABOVE = 80
_ROTATES = signs("obs-log-retention", "rotates")
_LOGS = signs("obs-log-retention", "logs")


def verify(context: Context) -> Judgement:
    shipped, rotated = _of_services(context)
    kept: Evidence | None = None
    named = context.hits((_RETENTION.pattern,), ("**/*.tf", "**/*.y*ml", "**/*.conf", "**/*.toml"))
    for path, line, text in named:
        if kept is None and _OF_OTHERS.search(text) is None and not _of_another_block(context, path, line):
            kept = context.at(path, line)
    for section in sections(context):
        match = _KEPT.search(section.text.replace("\n", " "))
        if match is not None and kept is None:
            kept = context.at(section.file, section.line)
    if shipped is not None and kept is not None:
        return passed("Logs are collected and kept for a set time.", shipped, kept)
    if shipped is not None:
        return partial("Logs are collected; how long they are kept is not set.", shipped)
    if kept is not None:
        return (
            partial("How long logs are kept is stated; what collects them is not declared.", kept)
            if rotated is None
            else _rotated(rotated, kept)
        )
    if rotated is not None:
        return partial("Logs are rotated on the host, but not shipped, and no time is set for which they are kept.", rotated)
    turns = context.hits(_ROTATES)
    if turns:
        return partial("Log files are rotated, but not shipped.", context.at(turns[0][0], turns[0][1]))
    written = setup_of(context, "structured_logger") or setup_of(context, "logger")
    app, *others = of_application(context, "no collector is declared")
    if written is not None or context.is_found(_LOGS):
        logged = context.first_hit(_LOGS) if written is None else None
        lines = [written.at] if written is not None else [context.at(*logged[:2])] if logged is not None else []
        what = "The service writes logs; nothing declares what collects and keeps them."
        return partial(what, *apart((*lines, app, *(context.at(s.path, s.entry.line) for s in backend_services(context)[:1]))))
    proof = context.missing("logging", at=app, patterns=(*_ROTATES, *_LOGS))
    return failed("Nothing is logged, shipped or kept.", proof, *others) if proof else unverified("Where the logs go was not found out.")


def _of_another_block(context: Context, path: str, line: int) -> bool:
    """Does the line stand in a block of something else that is kept for a time: a database, a queue, a store of metrics?"""
    lines = context.snapshot.lines(path)
    own = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    for above in reversed(lines[max(0, line - MAX_ABOVE) : line - 1]):
        if above.strip() and len(above) - len(above.lstrip()) < own:
            return _OF_OTHERS.search(above) is not None
    return False


def _rotated(rotated: Evidence, kept: Evidence) -> Judgement:
    return passed("Logs are bounded on the host and the documents say how long they are kept and where.", rotated, kept)


def _of_services(context: Context) -> tuple[Evidence | None, Evidence | None]:
    """(what collects the logs, what rotates them), as compose services and manifests declare it."""
    shipped: Evidence | None = None
    rotated: Evidence | None = None
    for service in backend_services(context):
        driver, size = service.get("logging", "driver"), service.get("logging", "options", "max-size")
        if driver is not None and _SHIPPING.search(driver.text) is not None:
            shipped = shipped or context.at(service.path, driver.line)
        if size is not None:
            rotated = rotated or context.at(service.path, size.line)
    for service in context.deployment.compose:
        if _COLLECTORS.search(service.image) is not None:
            shipped = shipped or context.at(service.path, service.entry.line)
    for manifest in context.deployment.manifests:
        if manifest.kind in ("DaemonSet", "Deployment") and any(
            k == "image" and _COLLECTORS.search(e.text) for k, e in manifest.entry.walk()
        ):
            shipped = shipped or context.at(manifest.path, manifest.entry.line)
    return shipped, rotated
