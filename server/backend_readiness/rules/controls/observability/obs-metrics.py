"""Request rate, errors and latency: a metrics library that is used, with a timing among its instruments."""

from __future__ import annotations

import re

from backend_readiness.controls.application import players, where_missing
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, partial, passed, unverified

_TIMES = re.compile(r"histogram|summary|timing|timer|instrument|middleware|metrics|distribution|prometheus|statsd|apm|newrelic|ddtrace", re.I)
_COUNTS_ONLY = re.compile(r"\.(Counter|Gauge|counter|gauge|increment|incr|Info|Enum|register|collectDefaultMetrics)$")
_HINTS = (r"(?i)prometheus|prom-client|statsd|datadog|ddtrace|newrelic|opentelemetry|appinsights|applicationinsights|micrometer", r"""['"]/metrics\b""")


def verify(context: Context) -> Judgement:
    found = list(players(context, "metrics"))
    timed = [p for p in found if _TIMES.search(p.path) and not _COUNTS_ONLY.search(p.path)]
    if timed:
        return passed(f"Requests are measured with `{timed[0].path}`.", context.at_place(timed[0].place))
    if found:
        return partial(f"`{found[0].path}` counts, but nothing measures latency.", context.at_place(found[0].place))
    app, *others = where_missing(context, "no instrument is registered on the application")
    absence = context.missing("the source of the backend", at=app, roles=("metrics",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        return unverified("Something that looks like metrics is there, but not in a known form.", *(context.at(f, line) for f, line, _ in hits[:2]))
    return failed("The application has no metrics library, no instrument and no metrics endpoint.", absence, *others)
