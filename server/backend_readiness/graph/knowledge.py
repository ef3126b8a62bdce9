"""The cards that are active in a repository, compiled for look-ups by path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import TypeVar

from backend_readiness.graph.page_knowledge import PageKnowledge
from backend_readiness.graph.patterns import PatternIndex, expand
from backend_readiness.graph.tagged import Tagged, beginnings, spoken, written_out
from backend_readiness.rules.bus_rules import BusRule, ExchangeRule
from backend_readiness.rules.card_rules import (
    AttachRule,
    BaseRule,
    BindingRule,
    ConditionRule,
    DeclareRule,
    FilterRule,
    LimitRule,
    MiddlewareRule,
    ParamRule,
    RouteRule,
    SettingMarkRule,
    StandInRule,
    ValueRule,
    ViewRule,
)
from backend_readiness.rules.cards import Card
from backend_readiness.rules.data_rules import ChangeRule, DataRule, QueryRule, SigningRule, TableRule, TimeoutRule
from backend_readiness.rules.dispatch_rules import DispatchRule
from backend_readiness.rules.guard_rules import SparedRule
from backend_readiness.rules.hook_rules import CallbackRule
from backend_readiness.rules.input_rules import InputRule
from backend_readiness.rules.job_rules import JobRule
from backend_readiness.rules.page_rules import ClientRule
from backend_readiness.rules.tag_rules import TypedLinkRule

R = TypeVar("R")


class Knowledge(PageKnowledge):
    """Active cards of one repository. All look-ups are by the path of an external value."""

    def __init__(self, cards: Mapping[str, Card], active: Iterable[str], occurs: Callable[[str], bool] = lambda start: True) -> None:
        """`occurs`: does a module or a name of the repository begin with this? What cannot be reached need not be looked for."""
        self.all_cards = cards
        self.cards = [cards[i] for i in sorted(active)]
        self._of_role: dict[str, PatternIndex[Tagged[str]]] = {}
        self._occurs = occurs

    def types_of(self, card: Card) -> dict[str, tuple[str, ...]]:
        types: dict[str, tuple[str, ...]] = {}
        for other in card.uses:
            if other in self.all_cards:
                types.update(self.types_of(self.all_cards[other]))
        types.update(card.types)
        return types

    def patterns(self, card: Card, callee: str | tuple[str, ...]) -> list[str]:
        """The expanded patterns of a rule's callee."""
        types = self.types_of(card)
        return [p for c in ((callee,) if isinstance(callee, str) else callee) for p in expand(c, types)]

    def _index(self, rules: Iterable[tuple[Card, R, str | tuple[str, ...], tuple[str, ...]]]) -> PatternIndex[Tagged[R]]:
        index: PatternIndex[Tagged[R]] = PatternIndex()
        for card, rule, callee, verbs in rules:
            index.add(self.patterns(card, callee), verbs, Tagged(rule, card), spoken(card))
        return index

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """All beginnings, up to a name, of the paths that the patterns of the cards write out."""
        held = (item for owner in type(self).__mro__ for item in vars(owner).items())
        kept = [n for n, a in held if isinstance(a, cached_property) and n != "spoken_of"]
        starts = (s for i in (getattr(self, n) for n in kept) if isinstance(i, PatternIndex) for s in i.starts)
        return frozenset(beginnings(starts)).union(*(written_out(c, self.patterns) for c in self.cards))

    @cached_property
    def routes(self) -> PatternIndex[Tagged[RouteRule]]:
        return self._index((c, r, r.callee, r.verbs) for c in self.cards for r in c.routes if r.callee)

    @cached_property
    def router_types(self) -> PatternIndex[Tagged[str]]:
        """What routes are registered on, by the path of the value."""
        return self._index((c, t, f"{{{t}}}", ()) for c in self.cards for t in ("app", "router") if t in c.types)

    @cached_property
    def views(self) -> PatternIndex[Tagged[ViewRule]]:
        """By the path of the base class."""
        return self._index((c, r, r.base, ()) for c in self.cards for r in c.views)

    @cached_property
    def view_calls(self) -> PatternIndex[Tagged[ViewRule]]:
        """By the call that makes a handler of the class."""
        return self._index((c, r, r.via, ()) for c in self.cards for r in c.views)

    @cached_property
    def bases(self) -> PatternIndex[Tagged[BaseRule]]:
        return self._index((c, r, r.path, ()) for c in self.cards for r in c.bases)

    @cached_property
    def conditions(self) -> PatternIndex[Tagged[ConditionRule]]:
        return self._index((c, r, r.decorator, ()) for c in self.cards for r in c.conditions)

    @cached_property
    def setting_marks(self) -> PatternIndex[Tagged[SettingMarkRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.setting_marks)

    @cached_property
    def has_implementing(self) -> bool:
        return any(c.implements for c in self.cards)

    @cached_property
    def implementing(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, p, p, ()) for c in self.cards for p in c.implements)

    @cached_property
    def stand_ins(self) -> PatternIndex[Tagged[StandInRule]]:
        return self._index((c, r, r.path, ()) for c in self.cards for r in c.stand_ins)

    @cached_property
    def params(self) -> PatternIndex[Tagged[ParamRule]]:
        return self._index((c, r, r.base, ()) for c in self.cards for r in c.params)

    @cached_property
    def injections(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, i, i, ()) for c in self.cards for i in c.injections)

    @cached_property
    def bindings(self) -> tuple[BindingRule, ...]:
        return tuple(r for c in self.cards for r in c.bindings)

    @cached_property
    def attached(self) -> tuple[AttachRule, ...]:
        return tuple(r for c in self.cards for r in c.attached)

    @cached_property
    def spared(self) -> PatternIndex[Tagged[SparedRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.spared)

    @cached_property
    def attached_readers(self) -> frozenset[str]:
        return frozenset(r.reader for r in self.attached if r.reader)

    @cached_property
    def attaching(self) -> PatternIndex[Tagged[AttachRule]]:
        """By the path of the call that puts a value under a name."""
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.attached if r.reader or r.members)

    @cached_property
    def attachable(self) -> PatternIndex[Tagged[AttachRule]]:
        """By the path of what a name is read from."""
        return self._index((c, r, r.holder, ()) for c in self.cards for r in c.attached)

    @cached_property
    def bus_senders(self) -> PatternIndex[Tagged[BusRule]]:
        return self._index((c, r, r.send, ()) for c in self.cards for r in c.buses)

    @cached_property
    def bus_receivers(self) -> PatternIndex[Tagged[BusRule]]:
        return self._index((c, r, r.receive, ()) for c in self.cards for r in c.buses)

    @cached_property
    def exchanges(self) -> PatternIndex[Tagged[ExchangeRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.exchanges)

    @cached_property
    def jobs(self) -> PatternIndex[Tagged[JobRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.jobs if r.callee)

    @cached_property
    def limits(self) -> PatternIndex[Tagged[LimitRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.limits)

    @cached_property
    def wrapping_languages(self) -> frozenset[str]:
        return frozenset(c.id.partition("/")[0] for c in self.cards if c.decorators == "wrap")

    @cached_property
    def model_fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f for c in self.cards for f in c.models))

    @cached_property
    def middleware(self) -> PatternIndex[Tagged[MiddlewareRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.middleware)

    @cached_property
    def route_links(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, d, d, ()) for c in self.cards for d in c.route_links)

    @cached_property
    def typed_links(self) -> PatternIndex[Tagged[TypedLinkRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.typed_links)

    @cached_property
    def dependencies(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, d, d, ()) for c in self.cards for d in c.dependencies)

    @cached_property
    def clients(self) -> PatternIndex[Tagged[ClientRule]]:
        return self._index((c, r, r.callee, r.verbs) for c in self.cards for r in c.clients)

    @cached_property
    def dispatch(self) -> PatternIndex[Tagged[DispatchRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.dispatch)

    @cached_property
    def dispatch_by_name(self) -> tuple[DispatchRule, ...]:
        return tuple(r for c in self.cards for r in c.dispatch if r.among or r.hook)

    @cached_property
    def values(self) -> PatternIndex[Tagged[ValueRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.values)

    @cached_property
    def effects(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, e, e, ()) for c in self.cards for e in c.effects)

    @cached_property
    def navigation(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, n, n, ()) for c in self.cards for n in c.navigation)

    @cached_property
    def data_callees(self) -> PatternIndex[Tagged[DataRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.data if r.callee)

    @cached_property
    def data_receivers(self) -> PatternIndex[Tagged[DataRule]]:
        return self._index((c, r, r.receiver, ()) for c in self.cards for r in c.data if r.receiver)

    @cached_property
    def input_reads(self) -> PatternIndex[Tagged[InputRule]]:
        return self._index((c, r, r.read, ()) for c in self.cards for r in c.inputs)

    @cached_property
    def input_calls(self) -> PatternIndex[Tagged[InputRule]]:
        return self._index((c, r, r.call, ()) for c in self.cards for r in c.inputs)

    @cached_property
    def input_binds(self) -> PatternIndex[Tagged[InputRule]]:
        return self._index((c, r, r.bind, ()) for c in self.cards for r in c.inputs)

    @cached_property
    def signing(self) -> PatternIndex[Tagged[SigningRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.signing)

    @cached_property
    def timeouts(self) -> PatternIndex[Tagged[TimeoutRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.timeouts)

    @cached_property
    def queries(self) -> PatternIndex[tuple[str, QueryRule]]:
        """`many`, `single` or `pages` with the rule, by the path of the call that reads."""
        index: PatternIndex[tuple[str, QueryRule]] = PatternIndex()
        for card in self.cards:
            for rule in card.queries:
                for kind, paths in (("pages", rule.pages), ("single", rule.single), ("many", rule.many)):
                    index.add(self.patterns(card, paths), (), (kind, rule))
        return index

    @cached_property
    def tables(self) -> tuple[Tagged[TableRule], ...]:
        return tuple(Tagged(r, c) for c in self.cards for r in c.tables)

    @cached_property
    def changes(self) -> PatternIndex[Tagged[ChangeRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.changes)

    @cached_property
    def roles(self) -> PatternIndex[Tagged[str]]:
        """Role names by the path that plays them."""
        return self._index((c, role, paths, ()) for c in self.cards for role, paths in c.played.items())

    def names_of_role(self, role: str, language: str) -> AbstractSet[str]:
        """The names under which what plays the role may be called in a language; those of all roles if its last step is open."""
        if role not in self._of_role:
            paths = ((c, role, p) for c in self.cards for p in c.played.get(role, ()))
            self._of_role[role] = self._index((c, r, p, ()) for c, r, p in paths if any(map(self._is_near, self.patterns(c, p))))
        index = self._of_role[role]
        return self.roles.names_in(language) if index.is_open else index.names_in(language)

    def _is_near(self, pattern: str) -> bool:
        """Can a path that the pattern matches come up at all? The package that it begins with must be imported or named."""
        root = re.match(r"[^.(\[<*{?~]*", pattern)
        return root is None or not root.group() or self._occurs(root.group())

    @cached_property
    def provides(self) -> PatternIndex[Tagged[tuple[str, ...]]]:
        return self._index((c, tuple(names), (base,), ()) for c in self.cards for base, names in c.provides.items())

    @cached_property
    def filters(self) -> PatternIndex[Tagged[FilterRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.filters)

    @cached_property
    def callbacks(self) -> PatternIndex[Tagged[CallbackRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.callbacks)

    @cached_property
    def declares(self) -> PatternIndex[Tagged[DeclareRule]]:
        return self._index((c, r, r.callee, ()) for c in self.cards for r in c.declares)

    @cached_property
    def collections(self) -> PatternIndex[Tagged[str]]:
        return self._index((c, p, p, ()) for c in self.cards for p in c.collections)

    @cached_property
    def wrapper_types(self) -> frozenset[str]:
        return frozenset(n for c in self.cards for n in c.wrapper_types)

    def roles_of(self, path: str) -> frozenset[str]:
        return frozenset(tagged.rule for tagged, _ in self.roles.matches(path))
