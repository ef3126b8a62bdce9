"""Functions that give what the call says by a type: `parse::<Order>(req)` of `fn parse<T>(req: &Request) -> Result<T, Error>`."""

from __future__ import annotations

import re

from tree_sitter import Node

from backend_readiness.facts.languages.rust.tree import MAX_ITEMS, Walk

_FIRST = re.compile(r"\s*(?:(?!\w*Map\b)\w+(?:::\w+)*\s*<\s*){0,4}(\w+)\s*(?:[,>].*)?", re.S)


def given_parameter(w: Walk, function: Node) -> int:
    """Which of its type parameters a function gives, counted from one; 0: none."""
    parameters, returns = function.child_by_field_name("type_parameters"), function.child_by_field_name("return_type")
    if parameters is None or returns is None:
        return 0
    first = _FIRST.fullmatch(w.raw(returns))
    listed = [c for c in parameters.named_children[:MAX_ITEMS] if c.type == "type_parameter"]
    names = [w.raw(name) for c in listed if (name := c.child_by_field_name("name")) is not None]
    return names.index(first.group(1)) + 1 if first is not None and first.group(1) in names else 0
