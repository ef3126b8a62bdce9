"""Modes for developers that hold where nothing says otherwise: by a file of settings that ships, or by what the source takes instead."""

from __future__ import annotations

import re

from backend_readiness.controls.application import only_in_development
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of, states
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.startup import settings
from backend_readiness.controls.deployed.workload_settings import settings_of_workloads
from backend_readiness.controls.places import is_production
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

_FILES = signs("unsaid_mode", "files")
_WRITTEN = signs("unsaid_mode", "written")
_SECTION = re.compile(sign("unsaid_mode", "section"))
_INSTEAD = signs("unsaid_mode", "instead")
_NAME = re.compile(sign("unsaid_mode", "name"))
_ASIDE = re.compile(sign("unsaid_mode", "aside"))
_UNLESS_TOLD = re.compile(sign("unsaid_mode", "unless_told"))
MAX_ABOVE = 6  # lines above a call in which its condition stands
MAX_SECTION = 60  # lines above a setting in which its section begins


def unsaid_mode(context: Context, command: str) -> Evidence | None:
    """The line by which the mode for developers holds, where neither the command nor what is deployed names the mode."""
    given = {s.name.lower() for s in (*settings(context), *settings_of_workloads(context))}
    for file, line, text in context.hits(_INSTEAD):
        name = _NAME.search(text[:500])
        if name is None or not is_production(file) or is_for_development(file) or stands_in_development(context, file, line):
            continue
        if name.group("name").lower() not in given and name.group("name") not in command:
            return context.at(file, line)
    for file, line, text in context.hits(_WRITTEN, _FILES):
        folder = file.rpartition("/")[0]
        near = context.is_backend(file) or not folder or context.backend_root.startswith(f"{folder}/")
        aside = not near or not is_production(file) or is_for_development(file.rpartition("/")[2]) or _ASIDE.search(file) is not None
        if aside or _is_in_section(context, file, line):
            continue
        key = re.split(r"[=:]", text.strip(), maxsplit=1)[0].strip(" \t\"'").lower()
        if not any(n == key or n.replace("_", "") == key.replace("_", "") for n in given):
            return context.at(file, line)
    return None


def shown_to_developers(context: Context) -> Evidence | None:
    """What shows errors in the mode for developers, which holds because nothing that deploys the application names another."""
    rule = states(context, "error_page")
    if rule is None or not rule.when or default_of(context, "error_page") is not None:
        return None
    for call in context.roles.calls("shows_errors"):
        lines = context.snapshot.lines(call.file)[max(0, call.call.line - MAX_ABOVE) : call.call.line]
        if only_in_development(context, call.file, call.call.start) and any(_UNLESS_TOLD.search(t) is not None for t in lines):
            return context.at_call(call)
    return None


def _is_in_section(context: Context, file: str, line: int) -> bool:
    """Does the setting stand in a section that is for development or tests?"""
    lines = context.snapshot.lines(file)
    text = lines[line - 1]
    indent = len(text) - len(text.lstrip())
    for above in reversed(lines[max(0, line - MAX_SECTION) : line - 1]):
        depth = len(above) - len(above.lstrip())
        if above.strip() and (depth < indent or above.startswith("[")):
            if _SECTION.search(above[:200]) is not None:
                return True
            indent = depth
    return False
