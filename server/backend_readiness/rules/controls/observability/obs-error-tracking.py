"""Exceptions reach an error tracker: its client is set up in the application."""

from __future__ import annotations

import re

from backend_readiness.controls.application import players
from backend_readiness.controls.callees import backend_files
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified
from backend_readiness.controls.setups import setup_of
from backend_readiness.controls.standing import apart, error_answers, of_application

_HINTS = (
    r"(?i)\bsentry|rollbar|bugsnag|honeybadger|airbrake|raygun|datadog|ddtrace|newrelic|\bexceptionless|\belmah|raygun|applicationinsights|ExceptionNotif"
    r"|elastic-?apm|appsignal|captureException|glitchtip|mail_admins|AdminEmailHandler",
)

_SETTING = re.compile(r"(?i)^\s*[\w.\"']*(sentry|rollbar|bugsnag|honeybadger|airbrake|raygun|datadog|newrelic)\w*[\"']?\s*[:=]")
_TRACKERS = re.compile(r"(?i)sentry|rollbar|bugsnag|honeybadger|airbrake|raygun|ddtrace|newrelic|elasticapm|appsignal")


def _imported(context: Context) -> bool:
    """Does a file of the backend import a tracker?"""
    return any(_TRACKERS.search(m) for f in backend_files(context) for m in context.graph.facts.files[f].modules)


def verify(context: Context) -> Judgement:
    found = list(players(context, "error_tracker"))
    if found:
        return passed(f"Errors go to `{found[0].path.partition('.')[0]}`.", context.at_place(found[0].place))
    setup = setup_of(context, "error_tracker")
    if setup is not None and setup.off is None:
        return passed(setup.rule.says, setup.at)
    app, *others = of_application(context, "no tracker is set up before the application")
    absence = context.missing("the source of the backend", at=app, roles=("error_tracker",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        if hits and all(_SETTING.search(text) for _, _, text in hits) and not _imported(context):
            why = "The address of an error tracker is a setting that nothing reads: no tracker is set up."
            return failed(why, app, *(context.at(f, line) for f, line, _ in hits[:1]), *others)
        return unverified(
            "An error tracker is named, but it is not clear that it is set up.", *(context.at(f, line) for f, line, _ in hits[:2])
        )
    return failed(
        "Nothing sends exceptions to an error tracker; they end in the log of the process.",
        *apart((absence, *error_answers(context), *others)),
    )
