"""A protection that a setting switches on, where the repository holds the setting off: present, and not at work as shipped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.deployed.startup import settings
from backend_readiness.controls.judgement import Judgement, unverified
from backend_readiness.controls.places import is_test
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.signs import sign, signs
from backend_readiness.snapshot.places import is_for_development

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context

_CONTROLS = frozenset(signs("switched", "controls"))
_NAMES = re.compile(sign("switched", "names"))
_OFF = sign("switched", "held_off")
_UNSET, _ASKED = sign("switched", "off_unless_set"), re.compile(sign("switched", "asks_environment"))
_ON = frozenset(signs("switched", "turned_on"))
MAX_NAMES = 3


def with_switches(context: Context, control: str, judgement: Judgement) -> Judgement:
    """The judgement, or `unverified` where all that it passes by stands under a switch that is off unless somebody turns it."""
    if judgement.verdict is not Verdict.PASS or control not in _CONTROLS:
        return judgement
    shown = [e for e in judgement.evidence if e.file in context.graph.facts.files and e.line is not None]
    switches = [_switch(context, e.file or "", e.line or 1) for e in shown]
    off = next((s for s in switches if s is not None), None)
    if off is None or None in switches:
        return judgement
    why = "It is there, under a setting that the repository holds switched off; whether it is on in what is deployed was not settled."
    return unverified(why, *shown[:1], off)


def _switch(context: Context, file: str, line: int) -> Evidence | None:
    """The line that holds the switch off which the innermost condition around a line asks for; None without one."""
    for block in reversed([b for b in context.view(file).facts.blocks if b.kind == "if" and b.line < line <= b.end_line]):
        said = context.snapshot.lines(file)[block.line - 1][:300]
        if _ASKED.search(said) is not None:
            return context.at(file, block.line)
        held = held_off(context, [n for pair in _NAMES.findall(said) for n in pair if n])
        if held is not None:
            return held
    return None


def held_off(context: Context, names: list[str]) -> Evidence | None:
    """The line of the repository that holds one of the settings off, unless another one turns it on."""
    for name in list(dict.fromkeys(names))[:MAX_NAMES]:
        if any(s.name.lower() == name.lower() and s.value.strip("\"'").lower() in _ON for s in settings(context)):
            continue
        found = context.hits(tuple(p.replace("{name}", re.escape(name)) for p in (_OFF, _UNSET)))
        held = next((h for h in found if not is_test(h[0]) and not is_for_development(h[0])), None)
        if held is not None:
            return context.at(*held[:2])
    return None
