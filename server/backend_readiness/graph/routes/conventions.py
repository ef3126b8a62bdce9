"""Path templates with tokens and defaults: `api/[controller]/{id:int}`, `{area:exists}/{controller=Home}/{action=Index}/{id?}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_TOKEN = re.compile(r"\[(\w{1,30})\]|\{(controller|action|area)(?::\w{1,30})?(?:=\w{1,60})?\}", re.IGNORECASE)
_LAST = re.compile(r"/?\{(controller|action)(?::\w{1,30})?=(\w{1,60})\}$", re.IGNORECASE)
_DEFAULT = re.compile(r"\{(\*{0,2}\w{1,60})((?::[^{}=?]{1,80})?)=[^{}]{0,80}\}")
_SLOT = re.compile(r"\{\*{0,2}(\w{1,60})(?::[^{}=?]{0,80})?(?:=([^{}]{0,80})|(\?))?\}")
_REST = re.compile(r"\{\*{1,2}\w")
_POLICY = re.compile(r"\{\w{1,60}:(\w{1,60})")
_CHECKS = frozenset(("exists", "regex", "required", "alpha", "length", "minlength", "maxlength"))  # the others rewrite the value
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What the tokens of a template stand for."""

    controller: str
    action: str
    area: str = ""
    others: tuple[tuple[str, str], ...] = ()  # further tokens in brackets, and what they stand for

    def token(self, name: str) -> str | None:
        """What `[name]` stands for."""
        return self.named(name) or dict(self.others).get(name.lower())

    def named(self, slot: str) -> str | None:
        return {"controller": self.controller, "action": self.action, "area": self.area}.get(slot.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A template for all actions, or for the one that `defaults` name. `area` holds for those of one area.

    `optional`: other slots that have a default. `by_method`: a template without an action takes them by their HTTP method.
    `keyed`: the template of one member, for actions with a parameter of that name; with a `!` the one for actions without.
    `only`: slots that must be one of these names, in small letters.
    """

    template: str
    controller: str = ""
    action: str = ""
    area: str = ""
    optional: frozenset[str] = frozenset()
    by_method: bool = False
    keyed: str = ""
    only: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def is_fixed(self) -> bool:
        """Does the template lead to one action only?"""
        slots = {m.group(1).lower() for m in _SLOT.finditer(self.template)}
        return bool(self.controller and self.action) and slots.isdisjoint(("controller", "action"))

    def paths_of(self, action: Action, params: frozenset[str]) -> tuple[str, ...]:
        """Those of an action that the template is written above."""
        slots = {m.group(1).lower() for m in _SLOT.finditer(self.template)}
        controller, fixed = ("" if s in slots else action.named(s) or "" for s in ("controller", "action"))
        return by_convention(replace(self, area=action.area, controller=controller, action=fixed), action, params)

    @property
    def shown(self) -> str:
        """The template itself as a path."""
        return "/" + without_defaults(self.template).lstrip("/")


def with_tokens(template: str, action: Action, *, humps: bool = True) -> str:
    """`[controller]` and its like replaced; a token that means nothing stays. Without `humps` names are written with dashes.

    A slot `{controller}` holds for the controller that it is written above alone; where it ends the template with a default, that of
    the default leaves it out.
    """
    last = _LAST.search(template)
    if last is not None and (action.named(last.group(1)) or "").lower() == last.group(2).lower():
        template = template[: last.start()]
    return _TOKEN.sub(lambda m: (n if humps else dashed(n)) if (n := _meant(m, action)) else m.group(), template)


def _meant(token: re.Match[str], action: Action) -> str | None:
    return action.token(token.group(1)) if token.group(1) else action.named(token.group(2))


def without_defaults(template: str) -> str:
    """`{id=5}` is the parameter `{id}`."""
    return _DEFAULT.sub(r"{\1\2}", template)


def by_convention(found: Convention, action: Action, params: frozenset[str]) -> tuple[str, ...]:
    """The paths of an action under a convention, the shortest one first, which links are written by; none when it does not lead there.

    `params` are the names of the action's parameters: an optional slot at the end that it does not take is left out. A controller or
    an action that is a default may be written or left out: both are paths.
    """
    if found.keyed and (found.keyed.strip("!") in params) == found.keyed.startswith("!"):
        return ()
    slots = {m.group(1).lower(): m.group(2) or "" for m in _SLOT.finditer(found.template)}
    area = found.area or slots.get("area", "")
    if bool("area" in slots or found.area) != bool(action.area):
        return ()
    if found.area and "area" not in slots and area.lower() != action.area.lower():
        return ()
    for slot, fixed, mine in (("controller", found.controller, action.controller), ("action", found.action, action.action)):
        if slot not in slots and fixed.lower() != mine.lower() and not (slot == "action" and found.by_method and not fixed):
            return ()
    if any((action.named(slot) or "").lower() not in names for slot, names in found.only):
        return ()
    segments = [s for s in found.template.split("/") if s]
    whole = 0  # how many segments the path has when nothing is left out but parameters
    while segments and _may_be_left_out(segments[-1], found, action, params) and not (found.is_fixed and _REST.match(segments[-1])):
        named = _SLOT.fullmatch(segments.pop())
        whole = whole or (len(segments) + 1 if named is not None and action.named(named.group(1)) is not None else 0)
    written = [s for s in found.template.split("/") if s]
    return tuple(dict.fromkeys(_written(written[:count], action) for count in (len(segments), max(whole, len(segments)))))


def _written(segments: list[str], action: Action) -> str:
    return "/" + "/".join(without_defaults(_SLOT.sub(lambda m: _filled(m, action), s)) for s in segments)


def _filled(slot: re.Match[str], action: Action) -> str:
    """The slot with what it stands for; a policy of the application on it writes humps with dashes."""
    mine = action.named(slot.group(1))
    policy = _POLICY.match(slot.group())
    return slot.group() if not mine else dashed(mine) if policy is not None and policy.group(1) not in _CHECKS else mine


def dashed(name: str) -> str:
    """`OrderLines` is `order-lines`."""
    return _HUMP.sub("-", name).lower()


def _may_be_left_out(segment: str, found: Convention, action: Action, params: frozenset[str]) -> bool:
    match = _SLOT.fullmatch(segment)
    if match is None:
        return False
    name, default, optional = match.groups()
    mine = action.named(name)
    if mine is not None:
        default = default or {"controller": found.controller, "action": found.action}.get(name.lower(), "")
        return bool(default) and default.lower() == mine.lower()
    optional = optional or ("?" if _REST.match(segment) else "")
    return (bool(optional) or default is not None or name.lower() in found.optional) and name.lower() not in params


def of_members(prefixes: list[str], key: str) -> Iterator[Convention]:
    """`/odata/Orders` and `/odata/Orders({key})`: which of both an action answers is a matter of its parameters."""
    for prefix in [p for p in prefixes if "{" not in p or "version" in p.lower()] or [""]:
        path = f"{prefix.strip('/')}/{{controller}}".lstrip("/")
        yield Convention(template=path, by_method=True, keyed=f"!{key}")
        yield Convention(template=f"{path}({{{key}}})", by_method=True, keyed=key)


def by_method(
    leading: list[tuple[Convention, tuple[str, ...]]], name: str, starts: tuple[str, ...]
) -> list[tuple[Convention, tuple[str, ...]]]:  # fmt: skip
    """Where names of actions begin with HTTP methods, those that do are reached without their name, the others by it.

    Of several templates the first counts, and each that is written for the controller of the action alone.
    """
    if not starts or len(leading) < 2:
        return leading
    plain = name.startswith(starts)
    fitting = [(c, p) for c, p in leading if ("{action" not in c.template.lower()) == plain] or leading
    return fitting[:1] + [(c, p) for c, p in fitting[1:] if c.controller and "{controller" not in c.template.lower()]
