"""Rules of cards for what runs before a handler without being put on its route."""

from __future__ import annotations

from backend_readiness.rules.card_rules import Closed


class ExtractorRule(Closed):
    """Types of a handler's parameters that are made from the request: `methods` of a class with a base of `base` run before it."""

    base: tuple[str, ...]
    methods: tuple[str, ...]


class PipelineRule(Closed):
    """Calls `define` give a name (their first argument) to the steps in their body (the function at the keyword `body`); calls `step`
    in it, or in the body of a class of handlers, name a function or a class, of which one of `methods` runs."""

    define: tuple[str, ...]
    step: tuple[str, ...]
    body: str = "do"
    methods: tuple[str, ...] = ()
