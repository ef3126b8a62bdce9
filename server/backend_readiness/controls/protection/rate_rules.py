"""Rules that a limiter in front of all routes is given, each a block that says which requests it counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.roles import RoleCall
from backend_readiness.facts.model import Func
from backend_readiness.graph.urls import shape, uniform
from backend_readiness.model import Endpoint, Evidence

_PATH = re.compile(r"\b(?:full_?path|path(?:_info)?|url)\b")
_COMPARED = re.compile(r"(==|start_?s?_?with\?|end_?s?_?with\?|include\?)\s*\(?\s*['\"](/[^'\"]*)['\"]")
_METHOD = re.compile(r"\.(get|post|put|patch|delete)\?")
# What else lets requests go uncounted: a setting, a kind of account.
_LETS_GO = re.compile(r"(?m)^\s*(?:next|return)\b(?:\s+nil)?\s+(?:if|unless)\b(.*)$")
_OF_REQUEST = re.compile(r"path|\.(?:get|post|put|patch|delete)\?|blank\?|nil\?|present\?")
_ASKS = re.compile(r"\b(?:if|unless)\b|&&|\?\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRule:
    """`covers`: does it count the flow's requests? None where that was not read."""

    at: Evidence
    covers: bool | None


def rate_rules(context: Context) -> list[RateRule]:
    """The rules of the backend, in the order of files and lines."""
    endpoints = [r.route.endpoint for r in context.routes]
    return [
        RateRule(at=context.at(c.file, c.call.line), covers=_covers(_block(context, c), endpoints))
        for c in context.roles.calls("rate_rule")
        if not context.backend_root or c.file.startswith(f"{context.backend_root}/")
    ]


def _block(context: Context, call: RoleCall) -> str:
    view, lines = context.view(call.file), context.snapshot.lines(call.file)
    for arg in reversed(call.call.args):  # the block comes last
        if isinstance(arg.value, Func):
            symbol = view.symbol(arg.value.symbol)
            return "\n".join(t for t in lines[symbol.line - 1 : symbol.end_line] if not t.lstrip().startswith("#"))
    return ""


def _covers(block: str, endpoints: list[Endpoint]) -> bool | None:
    methods = {m.upper() for m in _METHOD.findall(block)}
    if methods and all(e.method not in methods for e in endpoints):
        return False
    if any(_OF_REQUEST.search(rest) is None for rest in _LETS_GO.findall(block)):
        return False if _asks_for_others(block, endpoints) else None
    if _PATH.search(block) is None:
        return None if _ASKS.search(block) is not None and not methods else True
    compared = _COMPARED.findall(block)
    if not compared or "=~" in block or "match" in block:
        return None
    return any(_fits(how, path, e.path) for how, path in compared for e in endpoints)


def _asks_for_others(block: str, endpoints: list[Endpoint]) -> bool:
    """Are the paths that the block names, all of them read, other ones?"""
    compared = _COMPARED.findall(block)
    read = compared and "=~" not in block and "match" not in block
    return bool(read) and not any(_fits(how, path, e.path) for how, path in compared for e in endpoints)


def _fits(how: str, path: str, route: str) -> bool:
    if how == "==":
        return shape(uniform(path)) == shape(route)
    if how.startswith("start"):
        return route.startswith(path)
    return route.rpartition(".")[0].endswith(path) or route.endswith(path) if how.startswith("end") else path in route
