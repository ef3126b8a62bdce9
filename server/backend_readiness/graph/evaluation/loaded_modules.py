"""Modules that a program loads by a name that it computes, or through a loader of its own: `require(root + "/routes/orders")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import exports, folders
from backend_readiness.graph.values import AV, Const, ModV, Site, Text, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.rules.card_rules import ValueRule


def required(ev: Evaluator, name: AV, importer: str) -> AV:
    """The module of a name; what is unknown stays so."""
    found = [exports.module(ev, text, importer) for option in options(name) if (text := _path(ev, option, importer)) is not None]
    return union(found) if found else UnknownV("module name is computed")


def _path(ev: Evaluator, name: AV, importer: str) -> str | None:
    if isinstance(name, Const):
        return name.value if isinstance(name.value, str) else None
    if not isinstance(name, Text) or len(name.parts) < 2:
        return None
    first, *rest = folders.with_given(ev, name).parts
    start = folders.start(ev, first, importer) if not isinstance(first, str) else None
    if start is None or not all(isinstance(p, str) for p in rest):
        return None
    return f"{start.rstrip('/')}/{''.join(str(p) for p in rest).lstrip('/')}"


def by_loader(ev: Evaluator, site: Site, rule: ValueRule) -> AV | None:
    """What a loader gives for its argument: the file of that path from the root of the program, else the package of that name.

    `source` says which folder a head of the name stands for: `App/=app/`.
    """
    name = ev.arg_value(site, 0)
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return None
    text = name.value
    for head, _, folder in (s.partition("=") for s in rule.source):
        if text.startswith(head):
            found = exports.module(ev, f"/{folder}{text[len(head) :]}", site.file)
            if found is not None:
                return found
    found = exports.module(ev, "/" + text.lstrip("./"), site.file)
    return found if isinstance(found, ModV) or not rule.source else exports.module(ev, text, site.file)
