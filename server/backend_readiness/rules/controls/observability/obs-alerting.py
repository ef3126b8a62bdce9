"""Alert rules in the repository, read by what should load them, for errors, latency and saturation."""

from __future__ import annotations

import fnmatch
import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.yamlfile import documents
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_production
from backend_readiness.controls.standing import apart, deployed, of_application
from backend_readiness.rules.signs import sign, signs

_KINDS = {
    "errors": re.compile(r"(?i)5\.\.|5xx|error|fail|exception|\bdown\b|absent\("),
    "latency": re.compile(r"(?i)latency|duration|histogram_quantile|_seconds_bucket|response_?time|\bp9\d\b|slow"),
    "saturation": re.compile(
        r"(?i)\bcpu|memory|in_flight|disk|filesystem|pool|queue|connections|saturat|backlog|utili[sz]ation|stuck|waiting"
    ),
}
_CODE = re.compile(
    r"aws_cloudwatch_metric_alarm|datadog_monitor\b|google_monitoring_alert_policy|azurerm_monitor_\w*alert|newrelic_\w*alert_condition|grafana_rule_group|AWS::CloudWatch::Alarm"
)
_MUTED = re.compile(r"(?i)\bactions_enabled\s*=\s*false|\benabled\s*=\s*false\b")
_TOLD = re.compile(sign("obs-alerting", "told"))
_HINTS = (r"(?i)alertmanager|PrometheusRule|cloudwatch_metric_alarm|datadog_monitor|alert_policy|^\s*-\s*alert:|pagerduty|opsgenie",)
_WHERE = ("**/*.y*ml", "**/*.tf", "**/*.json", "**/*.rules")


def verify(context: Context) -> Judgement:
    found: dict[str, list[tuple[int, str]]] = {}
    for path in context.snapshot.glob("**/*.y*ml", "**/*.rules"):
        text = context.snapshot.text(path)
        if is_production(path) and "alert:" in text and "expr:" in text:
            rules = [e for d in documents(text) for k, e in d.walk() if k == "alert"]
            lines = context.snapshot.lines(path)
            ends = [r.line for r in rules[1:]] + [len(lines) + 1]
            found[path] = [(r.line, "\n".join(lines[r.line - 1 : end - 1])) for r, end in zip(rules, ends, strict=True)]
    for path in context.snapshot.glob("**/*.tf", "**/*.y*ml", "**/*.json"):
        text = context.snapshot.text(path)
        for match in _CODE.finditer(text) if is_production(path) else ():
            body = text[match.start() : match.start() + 6_000]
            body = body.partition("\n}")[0] if path.endswith(".tf") else body
            if _MUTED.search(body) is None:
                found.setdefault(path, []).append((text[: match.start()].count("\n") + 1, body))
    if not found:
        at, *others = of_application(context, "no alert is declared for it")
        proof = context.missing("alert rules", at=at, patterns=_HINTS, paths=_WHERE)
        return (
            failed("The repository declares no alert rules.", proof, *apart((*deployed(context), *others)))
            if proof
            else unverified("Something names alerts, but no rule was recognised.")
        )
    loaders = [p for p in context.snapshot.glob(*signs("obs-alerting", "loaders")) if "scrape_configs" in context.snapshot.text(p)]
    loaded = {
        p: r for p, r in found.items() if not p.endswith((".yml", ".yaml", ".rules")) or not loaders or _is_loaded(context, p, loaders)
    }
    if not loaded:
        path = next(iter(found))
        places = (context.at(path, found[path][0][0] if found[path] else 1), context.at(path, 1), context.at(loaders[0], 1))
        return failed(f"`{path}` holds alert rules, but no configuration loads it.", *places)
    text = "\n".join(body for rules in loaded.values() for _, body in rules)
    lacking = [name for name, pattern in _KINDS.items() if pattern.search(text) is None]
    path, first = next(iter(loaded.items()))
    place = context.at(path, first[0][0] if first else 1)
    if lacking:
        return partial(f"There are alert rules, but none for {' or '.join(lacking)}.", place)
    asked = "\n".join(t for t in text.split("\n") if _TOLD.match(t) is None)
    named = [name for name, pattern in _KINDS.items() if pattern.search(asked) is None]
    if named:
        return unverified(f"Rules are named for {' or '.join(named)}; whether what they ask measures that was not settled.", place)
    return passed("Alert rules cover errors, latency and saturation.", place)


def _is_loaded(context: Context, path: str, loaders: list[str]) -> bool:
    """Does a `rule_files` entry of a configuration fit the file? Paths of the container are compared by their tail."""
    if "kind: PrometheusRule" in context.snapshot.text(path):
        return True
    for loader in loaders:
        folder = loader.rpartition("/")[0]
        for document in documents(context.snapshot.text(loader)):
            entry = document.get("rule_files")
            for text in entry.texts() if entry is not None else ():
                if text.startswith("/"):
                    tail = text.rpartition("/")[2]
                    if fnmatch.fnmatch(path.rpartition("/")[2], tail):
                        return True
                elif fnmatch.fnmatch(path, f"{folder}/{text.removeprefix('./')}".lstrip("/")):
                    return True
    return False
