"""Exceptions reach an error tracker: its client is set up in the application."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import backend_files
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of
from backend_readiness.controls.deployed.setups import setup_of
from backend_readiness.controls.effective import is_switched_off, live_players
from backend_readiness.controls.judgement import Judgement, failed, passed, unverified
from backend_readiness.controls.standing import apart, error_answers, of_application
from backend_readiness.controls.work.error_handlers import error_handlers
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_HINTS = signs("obs-error-tracking", "hints")

_SETTING = re.compile(sign("obs-error-tracking", "setting"))
_TRACKERS = re.compile(sign("obs-error-tracking", "trackers"))


def _imported(context: Context) -> bool:
    """Does a file of the backend import a tracker?"""
    return any(_TRACKERS.search(m) for f in backend_files(context) for m in context.graph.facts.files[f].modules)


def verify(context: Context) -> Judgement:
    found = live_players(context, "error_tracker")
    off = next((p for p in found if is_switched_off(context, p)), None)
    if off is not None:
        return failed("An error tracker is set up and switched off.", context.at_place(off.place))
    if found:
        return passed(
            f"Errors go to `{re.split(r'[.(]', found[0].path.rpartition('/')[2])[0] or found[0].path}`.", context.at_place(found[0].place)
        )
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
        *apart((absence, *_taken(context), *others)),
    )


def _taken(context: Context) -> tuple[Evidence, ...]:
    """Where errors that nothing caught are taken today: there the client of a tracker would be called."""
    own = default_of(context, "error_handler")
    broad = sorted(error_handlers(context), key=lambda h: not h.broad)
    return (*(error_answers(context) or [h.at for h in broad[:1]]), *([own.at] if own is not None and own.at is not None else []))
