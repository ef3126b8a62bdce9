"""Scopes that are kept under a name and stand where they are brought: `hash_branch(:project, "vm")`, `route "users"`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend_readiness.graph.nested.context import Context, joined
from backend_readiness.graph.nested.options import Nested, options_of
from backend_readiness.rules.card_rules import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.nested.walk import Walker
    from backend_readiness.graph.routes.scan import Hit

MAX_DEPTH = 24


def name_of(walker: Walker, hit: Hit, rule: Nested) -> str:
    """The name under which a scope is kept; empty for one that stands where it is written."""
    named = walker.texts(hit, (rule.kept,)) if rule.kept is not None else []
    return named[0] if named and not named[0].startswith("/") else ""


def bring(walker: Walker, hit: Hit, context: Context) -> None:
    """Walk the scopes that are kept under a name, wherever they are written."""
    rule, names = options_of(hit.rule), walker.all_texts(hit)
    if context.depth >= MAX_DEPTH or not (names or rule.brings_all):
        return
    for other in walker.scan.hits.get("nested", ()):
        said = options_of(other.rule)
        name = name_of(walker, other, said) if other.card.id == walker.card.id else ""
        if not name or said.keyed_by_name != (rule.brings_all or rule.by_name):
            continue
        space = names[0] if rule.brings_all and names else names[1] if len(names) > 1 else ""
        own = next(iter(walker.texts(other, (Ref(arg=1),))), "") if said.keyed_by_name else space
        if own == space and (rule.brings_all or name == names[0]):
            inner = replace(context, path=joined(context.path, name)) if rule.brings_all else context
            walker.step(other, replace(inner, depth=context.depth + 1, kept=name))
