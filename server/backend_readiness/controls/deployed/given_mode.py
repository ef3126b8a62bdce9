"""The mode that the source gives to the framework from a setting: `SetMode(settings.Mode)`, with `mode = debug` in a file that ships."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.setting_files import FileSetting, settings_named
from backend_readiness.facts.model import Call, Lit, Member, Name
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence

_FOR_DEVELOPERS = re.compile(r"(?i)^[\"']?(debug|dev(elopment)?|test|local)[\"']?$")
_WRITTEN_OUT = re.compile(r"(?i)(release|debug|test|prod\w*|dev\w*)_?mode$")


def given_mode(context: Context, setter: str) -> tuple[Evidence, FileSetting | None] | None:
    """The call that sets the mode by something other than a constant, and the shipped setting that makes it the one for developers.

    None where no call does, or where the setting that ships says another mode and nothing replaces it.
    """
    for path in context.production_files(context.language):
        if not context.graph.facts.files[path].called({setter}):
            continue
        for call in context.view(path).facts.calls:
            if callee_name(call) != setter or not call.args:
                continue
            name = _name(call)
            if name is None:
                continue
            said = settings_named(context, name) if name else []
            chosen = next((s for s in said if _FOR_DEVELOPERS.match(s.literal) is not None), None)
            if chosen is None and said and all(s.literal and not s.can_be_replaced for s in said):
                return None
            return context.at(path, call.line, call.end_line), chosen
    return None


def _name(call: Call) -> str | None:
    """The last name of what is given; None for a mode that stands in the source, an empty text for what has no name."""
    match call.args[0].value:
        case Lit():
            return None
        case Name(id=name) | Member(name=name):
            return None if _WRITTEN_OUT.search(name) is not None else name
    return ""
