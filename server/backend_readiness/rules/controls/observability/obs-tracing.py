"""Distributed tracing: an instrumentation that is set up."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.deployed.unsent_telemetry import dead_exporters, without_way_out
from backend_readiness.controls.effective import live_players
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified
from backend_readiness.controls.standing import of_application
from backend_readiness.rules.signs import sign, signs

_HINTS = signs("obs-tracing", "hints")
_OFF = signs("obs-tracing", "samples_none")
_EXPORTS = signs("obs-tracing", "exports")
_NEEDS = re.compile(sign("obs-tracing", "needs_exporter"))


def verify(context: Context) -> Judgement:
    found = live_players(context, "tracing")
    none = [h for h in context.hits(_OFF) if found and h[0] == found[0].place.file]
    if none:
        return failed("Tracing is set up, and no span is sampled.", context.at(*none[0][:2]), context.at_place(found[0].place))
    if found and _NEEDS.search(found[0].path) is not None and not context.is_found(_EXPORTS):
        return unverified("Spans are made; what exports them was not found.", context.at_place(found[0].place))
    unsent = without_way_out(context, found) if found else None
    if unsent is not None:
        return failed("Spans are made, and nothing is given to their provider that sends them.", unsent)
    setup = setup_of(context, "tracing")
    dead = dead_exporters(context) if found or setup is not None else None
    if dead is not None:
        made = [context.at_place(found[0].place)] if found else []
        return failed("Spans are made, and what exports them stands in a function that nothing calls.", dead, *made)
    if found:
        return passed(f"Traces are made with `{found[0].path}`.", context.at_place(found[0].place))
    if setup is not None and setup.off is None:
        return passed(setup.rule.says, setup.at)
    if setup is not None and setup.off is not None:
        return failed("Tracing is there, and the configuration of production switches it off.", setup.off, setup.at)
    app, *others = of_application(context, "no instrumentation is registered on the application")
    absence = context.missing("the source of the backend", at=app, roles=("tracing",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        return unverified("Tracing is named, but it is not clear that it is set up.", *(context.at(f, line) for f, line, _ in hits[:2]))
    return failed("No tracing library is set up in the application.", absence, *others)
