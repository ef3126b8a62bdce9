"""Exceptions reach an error tracker: its client is set up in the application."""

from __future__ import annotations

from backend_readiness.controls.application import players, where_missing
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified
from backend_readiness.controls.setups import setup_of

_HINTS = (
    r"(?i)\bsentry|rollbar|bugsnag|honeybadger|airbrake|raygun|datadog|ddtrace|newrelic|\bexceptionless|\belmah|raygun|applicationinsights|ExceptionNotif"
    r"|elastic-?apm|appsignal|captureException|glitchtip|mail_admins|AdminEmailHandler",
)


def verify(context: Context) -> Judgement:
    found = list(players(context, "error_tracker"))
    if found:
        return passed(f"Errors go to `{found[0].path.partition('.')[0]}`.", context.at_place(found[0].place))
    setup = setup_of(context, "error_tracker")
    if setup is not None and setup.off is None:
        return passed(setup.rule.says, setup.at)
    app, *others = where_missing(context, "no tracker is set up before the application")
    absence = context.missing("the source of the backend", at=app, roles=("error_tracker",), patterns=_HINTS)
    if absence is None:
        hits = context.hits(_HINTS)
        return unverified(
            "An error tracker is named, but it is not clear that it is set up.", *(context.at(f, line) for f, line, _ in hits[:2])
        )
    return failed("Nothing sends exceptions to an error tracker; they end in the log of the process.", absence, *others)
