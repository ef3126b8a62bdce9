"""Events that components send to those that show them: `this.$emit("saved")` and `<order-form @saved="store">`.

What the parent's handler runs on is then what the child does: the element of the child, or the function that sends the event.
Cards name the calls of an event rule: `emits` with the event's name as their first argument, `emits_on` on a member of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Element, Lit, Member, Name, Value
from backend_readiness.graph.interface.page_scripts import calls_in
from backend_readiness.graph.interface.templates import component_of_tag
from backend_readiness.graph.steps import Step, event_step
from backend_readiness.graph.values import SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.page_rules import EventRule

if TYPE_CHECKING:
    from backend_readiness.graph.interface.events import Events

MAX_DEPTH = 6
_APART = re.compile(r"[-_:]+|(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Sent:
    """What makes a child send an event: a user action on an element, or a function of the child; `shown`: that it is shown."""

    step: Step | None
    source: SymbolId | None
    shown: bool = False


class ComponentEvents:
    """The events of components in one repository."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.graph = events.graph

    @cached_property
    def _rules(self) -> list[tuple[re.Pattern[str], EventRule]]:
        return [(re.compile(t.rule.attribute), t.rule) for t in self.graph.knowledge.events if t.rule.emits or t.rule.emits_on]

    def sent(self, file: str, element: Element, attribute: str, depth: int = 0) -> list[Sent]:
        """What makes the component that the element shows send the event of the attribute; empty when nothing does, or it shows none."""
        if depth > MAX_DEPTH or not self._rules:
            return []
        for pattern, rule in self._rules:
            found = pattern.fullmatch(attribute)
            event = (found.groupdict().get("event") or "") if found is not None else ""
            component = component_of_tag(self.graph, file, element.owner, element.tag) if event else None
            if component is not None:
                return list(self._by(component, _words(event), rule, depth))
        return []

    def _by(self, component: SymbolId, event: str, rule: EventRule, depth: int) -> Iterator[Sent]:
        files = {component.file: component.index}
        files.update({t: 0 for t, c in self.graph.decorated_components.by_template.items() if c.symbol == component})
        for file, symbol in files.items():
            view = self.graph.view(file)
            for number, call in enumerate(view.facts.calls):
                if _event_of(call, rule) != event or symbol not in view.enclosing(call.owner):
                    continue
                around = self._element_around(file, number)
                if around is None:
                    owner = next((i for i in view.enclosing(call.owner) if view.symbol(i).name), call.owner)
                    yield Sent(None, SymbolId(file, owner)) if owner else Sent(None, component)
                    continue
                further = self.sent(file, *around, depth + 1)
                yield from further or [Sent(event_step(file, *around), None)]

    def _element_around(self, file: str, number: int) -> tuple[Element, str] | None:
        """The element in whose event attribute a call is written."""
        if number not in self.events.calls_of(file):
            return None
        facts = self.graph.view(file).facts
        for element in facts.elements:
            for attr in element.attrs:
                if self.events.is_event(element.tag, attr.name) and number in calls_in(facts.calls, attr.value, 0):
                    return element, attr.name
        return None


def _event_of(call: Call, rule: EventRule) -> str:
    """The event that a call sends, as words: the text of its first argument, or the member that it is called on."""
    name = callee_name(call)
    first: Value | None = call.args[0].value if call.args else None
    if name in rule.emits and isinstance(first, Lit) and isinstance(first.value, str):
        return _words(first.value)
    base = call.callee.base if name in rule.emits_on and isinstance(call.callee, Member) else None
    return _words(base.name if isinstance(base, Member) else base.id) if isinstance(base, Member | Name) else ""


def _words(name: str) -> str:
    """`orderSaved`, `order-saved` and `update:order` are compared by their words."""
    return " ".join(p for p in _APART.split(name.partition(".")[0]) if p).lower()
