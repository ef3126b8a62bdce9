"""Guards that stand before answers because a setting lists them, unless a class or function of handlers says otherwise.

`MIDDLEWARE = [...]` stands before every route; `REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"]` before what names no permissions of its own.
The rules are `standing` of the cards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.graph.classes.annotations import decorators_of, of_kind
from backend_readiness.graph.classes.inheritance import external_bases
from backend_readiness.graph.evaluation import chosen, members
from backend_readiness.graph.patterns import compiled
from backend_readiness.graph.routes.routing import Guard, Registration, functions_in
from backend_readiness.graph.settings.settings_modules import Named, listed
from backend_readiness.graph.values import AV, UNKNOWN, ClassV, Ext, FuncV, InstV, ListV, UnionV, UnknownV, options
from backend_readiness.model import Place
from backend_readiness.rules.guard_rules import StandingRule

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Scan
    from backend_readiness.rules.cards import Card

MAX_NESTED = 4


class StandingGuards:
    """The settings of one repository, each read once for a folder that asks."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.rules = tuple((c, r) for c in scan.graph.knowledge.cards for r in c.standing)
        self._listed: dict[tuple[tuple[str, ...], str], tuple[Named, ...]] = {}

    def apply(self) -> None:
        """Put what settings list before every route, or before the functions that are marked, in front of what routes say themselves."""
        for number, item in enumerate(self.scan.routing.registrations if self.rules else ()):
            said = self._said(item)
            found = [g for card, rule in self.rules if _is_meant(card, rule, item, said) for g in self._guards(rule, item, said)]
            if found:
                self.scan.routing.registrations[number] = replace(item, guards=(*found, *item.guards))

    def _said(self, item: Registration) -> list[Ext]:
        """The decorators of the handler."""
        if not any(rule.marks or rule.exempt for _, rule in self.rules):
            return []
        function = next((f for f in functions_in(self.scan.graph, item.handler) if isinstance(f, FuncV)), None)
        return decorators_of(self.scan.graph, function.symbol) if function is not None else []

    def _guards(self, rule: StandingRule, item: Registration, said: list[Ext]) -> Iterator[Guard]:
        for value, place in self._of_setting(rule, item.place.file):
            for running in self.running(value):
                if isinstance(running, Ext) and (
                    not self.scan.graph.knowledge.roles_of(running.path) or of_kind(said, rule.exempt.get(running.path, ()))
                ):
                    continue
                yield Guard(value=running, place=place, start=item.start)

    def _of_setting(self, rule: StandingRule, near: str) -> tuple[Named, ...]:
        key = (rule.setting, near.rpartition("/")[0])
        if key not in self._listed:
            self._listed[key] = listed(self.scan.graph, rule.setting, near)
        return self._listed[key]

    # ------------------------------------------------------------ classes of handlers

    def of_class(self, cls: ClassV, rule: StandingRule, known: Mapping[str, str], where: Place, start: int) -> list[Guard] | None:
        """What stands before one answer of a class by its method, or by the setting; None where the class's own field says it."""
        ev = self.scan.graph.ev
        method = members.own_member(ev, InstV(cls), rule.method) if rule.method else None
        if isinstance(method, FuncV):
            lines = self.scan.graph.text(method.symbol.file).splitlines()
            ways = chosen.alternatives(ev, method, known, rule.field, lines)
            if ways:
                return self._agreed([self._opened(way, cls, rule, where, start) for way in ways], where, start)
        if members.own_member(ev, cls, rule.field) is not None:
            return None
        if rule.own and any(compiled(w).fullmatch(base.path) for base in external_bases(ev, cls) for w in rule.own):
            return None
        return self._standard(rule, cls, start)

    def _standard(self, rule: StandingRule, cls: ClassV, start: int) -> list[Guard]:
        found = self._of_setting(rule, cls.symbol.file)
        return [Guard(value=v, place=place, start=start) for value, place in found for v in self.running(value)]

    def _opened(self, way: tuple[chosen.Item, ...], cls: ClassV, rule: StandingRule, where: Place, start: int) -> list[Guard]:
        found: list[Guard] = []
        for item in way:
            if isinstance(item, chosen.Inherited):
                own = members.own_member(self.scan.graph.ev, cls, rule.field)
                values = [v for o in opened(self.scan, own) for v in self.running(o)] if own is not None else None
                found += self._standard(rule, cls, start) if values is None else [Guard(value=v, place=where, start=start) for v in values]
            else:
                found += [Guard(value=v, place=where, start=start) for v in self.running(item)]
        return found

    @staticmethod
    def _agreed(ways: list[list[Guard]], where: Place, start: int) -> list[Guard]:
        """What every alternative has; something unknown stands for what only some have."""
        shared = [g for g in ways[0] if all(any(_same(o.value, g.value) for o in way) for way in ways[1:])]
        differs = any(len(way) != len(shared) for way in ways)
        return [*shared, Guard(value=UNKNOWN, place=where, start=start)] if differs else shared

    @cached_property
    def _methods(self) -> tuple[str, ...]:
        cards = self.scan.graph.knowledge.cards
        return tuple(dict.fromkeys(n for c in cards for n in (*c.guard_methods, *(n for v in c.views for n in v.guard_methods))))

    def running(self, value: AV) -> list[AV]:
        """The methods of a guard's class that run; the value itself where it is no class of the repository or has none of its own."""
        cls = value.cls if isinstance(value, InstV) else value
        if not isinstance(cls, ClassV):
            return [value] if isinstance(value, FuncV | Ext | UnknownV) else []
        found = [members.own_member(self.scan.graph.ev, InstV(cls), name) for name in self._methods]
        return [m for m in found if isinstance(m, FuncV)] or [cls]


def _is_meant(card: Card, rule: StandingRule, item: Registration, said: list[Ext]) -> bool:
    if rule.everywhere:
        return item.card.id == card.id or card.id in item.card.uses
    return bool(of_kind(said, rule.marks) and not of_kind(said, (rule.decorator,)))


def _same(one: AV, other: AV) -> bool:
    if isinstance(one, Ext) and isinstance(other, Ext):
        return one.path == other.path
    return isinstance(one, FuncV | ClassV) and isinstance(other, FuncV | ClassV) and one.symbol == other.symbol


def opened(scan: Scan, value: AV, depth: int = 0) -> Iterator[AV]:
    """What a list holds, with what is put together inside of it (`[IsMember & HasScope]`)."""
    for option in options(value):
        if isinstance(option, ListV) and depth < MAX_NESTED:
            for item in option.items[:20]:
                yield from opened(scan, scan.graph.ev.thunk(item), depth + 1)
        elif depth > 0 and not isinstance(option, UnionV):
            yield option
