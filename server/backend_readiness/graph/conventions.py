"""Path templates with tokens and defaults: `api/[controller]/{id:int}`, `{area:exists}/{controller=Home}/{action=Index}/{id?}`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\[(\w{1,30})\]")
_DEFAULT = re.compile(r"\{(\*{0,2}\w{1,60})((?::[^{}=?]{1,80})?)=[^{}]{0,80}\}")
_SLOT = re.compile(r"\{(\w{1,60})(?::[^{}=?]{0,80})?(?:=([^{}]{0,80})|(\?))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What the tokens of a template stand for."""

    controller: str
    action: str
    area: str = ""

    def named(self, slot: str) -> str | None:
        return {"controller": self.controller, "action": self.action, "area": self.area}.get(slot.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A template for all actions, or for the one that `defaults` name. `area` holds for those of one area.

    `optional`: other slots that have a default. `by_method`: a template without an action takes them by their HTTP method.
    """

    template: str
    controller: str = ""
    action: str = ""
    area: str = ""
    optional: frozenset[str] = frozenset()
    by_method: bool = False


def with_tokens(template: str, action: Action) -> str:
    """`[controller]` and its like replaced; a token that means nothing stays."""
    return _TOKEN.sub(lambda m: action.named(m.group(1)) or m.group(), template)


def without_defaults(template: str) -> str:
    """`{id=5}` is the parameter `{id}`."""
    return _DEFAULT.sub(r"{\1\2}", template)


def by_convention(found: Convention, action: Action, params: frozenset[str]) -> str | None:
    """The path of an action under a convention, the shortest one that leads to it; None when it does not lead there.

    `params` are the names of the action's parameters: an optional slot at the end that it does not take is left out.
    """
    slots = {m.group(1).lower(): m.group(2) or "" for m in _SLOT.finditer(found.template)}
    area = found.area or slots.get("area", "")
    if bool("area" in slots or found.area) != bool(action.area) or (found.area and area.lower() != action.area.lower()):
        return None
    for slot, fixed, mine in (("controller", found.controller, action.controller), ("action", found.action, action.action)):
        if slot not in slots and fixed.lower() != mine.lower() and not (slot == "action" and found.by_method and not fixed):
            return None
    segments = [s for s in found.template.split("/") if s]
    while segments and _may_be_left_out(segments[-1], found, action, params):
        segments.pop()
    return "/" + "/".join(without_defaults(_SLOT.sub(lambda m: action.named(m.group(1)) or m.group(), s)) for s in segments)


def _may_be_left_out(segment: str, found: Convention, action: Action, params: frozenset[str]) -> bool:
    match = _SLOT.fullmatch(segment)
    if match is None:
        return False
    name, default, optional = match.groups()
    mine = action.named(name)
    if mine is not None:
        default = default or {"controller": found.controller, "action": found.action}.get(name.lower(), "")
        return bool(default) and default.lower() == mine.lower()
    return (bool(optional) or default is not None or name.lower() in found.optional) and name.lower() not in params
