"""Dashboards of the service: definitions in the repository, or links to them in its documents."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.documents import GLOBS, absent, sections
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.controls.standing import deployed
from backend_readiness.rules.signs import sign

_CODE = re.compile(
    r"aws_cloudwatch_dashboard|datadog_dashboard|\"grafana_dashboard\"|grafana_dashboard[\"']?\s*:\s*[\"']?(?:1|true|yes)\b|google_monitoring_dashboard|newrelic_one_dashboard|AWS::CloudWatch::Dashboard"
)
_LINK = re.compile(sign("obs-dashboards", "link"))
_PLATFORM = re.compile(
    r"\b(?:pg_|mysql_|redis_|mongodb_|node_|kube_|container_|go_(?:gc|goroutines|mem|threads|info)|process_(?:cpu|resident|open|virtual|start)|jvm_|windows_|nginx_|traefik_|haproxy_|rabbitmq_|kafka_|probe_)\w*"
)


def verify(context: Context) -> Judgement:
    platform = None
    for path in context.snapshot.glob("**/*.json"):
        if is_test(path):
            continue
        text = context.snapshot.text(path)[:400_000]
        if '"panels"' in text and ('"schemaVersion"' in text or '"targets"' in text):
            line = next((n for n, t in enumerate(context.snapshot.lines(path), 1) if '"panels"' in t), 1)
            queries = re.findall(r'"expr"\s*:\s*"((?:[^"\\]|\\.)*)"', text)
            if queries and all(_PLATFORM.search(q) for q in queries):
                platform = platform or context.at(path, line)
                continue
            return passed("A dashboard of the service is defined in the repository.", context.at(path, line))
    for path, line, _ in context.hits((_CODE.pattern,), ("**/*.tf", "**/*.y*ml", "**/*.json", "**/*.ts", "**/*.py"))[:1]:
        return passed("A dashboard of the service is defined in code.", context.at(path, line))
    for section in sections(context):
        if _LINK.search(section.text) is not None:
            return passed("The documents link to a dashboard.", context.at(section.file, section.line_of(_LINK)))
    if platform is not None:
        return partial("The dashboard shows the database or the machines, not the service.", platform)
    proof = absent(
        context,
        "definitions of dashboards and the documents",
        (_CODE.pattern, r'"panels"\s*:'),
        ("**/*.tf", "**/*.json", "**/*.y*ml", *GLOBS),
    )
    if proof is None:
        return unverified("No dashboard was recognised.")
    return failed("No dashboard of the service is defined or linked.", proof, *(deployed(context) or (context.at_application(),)))
