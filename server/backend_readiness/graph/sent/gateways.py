"""Gateways whose settings say which path of theirs leads to which path of another program; cards describe the documents (`GatewayRule`).

"Routes": { "orders": { "Match": { "Path": "/orders-service/{**rest}" }, "Transforms": [{ "PathPattern": "{**rest}" }] } }
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from backend_readiness.graph.modules.javascript import loads_lenient
from backend_readiness.graph.sent.proxies import Rewrite
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.request_rules import GatewayRule
from backend_readiness.snapshot.places import is_test

MAX_FILES = 60
MAX_ROUTES = 400
_OPEN = re.compile(r"\{[^{}]*\}|\*\*?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A path that it takes to another program; `hosts` are the addresses of that."""

    rewrite: Rewrite
    hosts: tuple[str, ...]


def gateways(graph: Graph) -> tuple[Gateway, ...]:
    """All paths that gateways of the repository change, the longest first."""
    found: dict[tuple[str, str], Gateway] = {}
    for rule in (r for card in graph.knowledge.cards for r in card.gateways):
        for path in _documents(graph, rule):
            for gateway in _of_document(graph, rule, path):
                found.setdefault((gateway.rewrite.before, gateway.rewrite.after), gateway)
    return tuple(sorted(found.values(), key=lambda g: -len(g.rewrite.before)))


def _documents(graph: Graph, rule: GatewayRule) -> list[str]:
    named = [f.path for f in graph.snapshot.files if any(fnmatch(f.path.rpartition("/")[2].lower(), n.lower()) for n in rule.files)]
    return [p for p in named if not is_test(p)][:MAX_FILES]


def _of_document(graph: Graph, rule: GatewayRule, path: str) -> Iterator[Gateway]:
    data = loads_lenient(graph.text(path).lstrip("\ufeff"))
    lines = graph.text(path).split("\n")
    for at in rule.at:
        for route in _items(next(_values(data, at), None))[:MAX_ROUTES]:
            asked = next((t for t in _values(route, rule.path) if isinstance(t, str)), "")
            changed = _changed(rule, route, asked) if asked.startswith("/") else None
            if changed is None:
                continue
            line = next((n for n, text in enumerate(lines, 1) if f'"{asked}"' in text), 1)
            named = next((t for t in _values(route, rule.named) if isinstance(t, str)), "") if rule.named else ""
            hosts = [t for h in rule.hosts for t in _values(data, h.replace("{named}", named)) if isinstance(t, str)]
            hosts += [t for h in rule.own_hosts for t in _values(route, h) if isinstance(t, str)]
            place = Place(file=path, line=line, end_line=line)
            yield Gateway(rewrite=Rewrite(before=changed[0], after=changed[1], place=place), hosts=tuple(dict.fromkeys(hosts)))


def _changed(rule: GatewayRule, route: Any, asked: str) -> tuple[str, str] | None:
    """The beginning of the path that is asked and what stands for it behind the gateway; None where nothing changes."""
    behind = asked
    for step in _items(next(_values(route, rule.steps), None)) if rule.steps else [route]:
        for key, value in step.items() if isinstance(step, dict) else ():
            if not isinstance(value, str):
                continue
            if key == rule.removes and behind.startswith(value):
                behind = "/" + behind[len(value) :].lstrip("/")
            elif key == rule.adds:
                behind = value.rstrip("/") + behind
            elif key in rule.whole:
                behind = "/" + value.lstrip("/")
    before, rest = _parts(asked)
    after, rest_behind = _parts(behind)
    if _OPEN.sub("{}", rest) != _OPEN.sub("{}", rest_behind) or not before.strip("/") or before.strip("/") == after.strip("/"):
        return None
    return before, after


def _parts(path: str) -> tuple[str, str]:
    """What stands before the first open part, and the rest."""
    match = _OPEN.search(path)
    return (path[: match.start()].rstrip("/") or "/", path[match.start() :]) if match is not None else (path, "")


def _values(data: Any, keys: str) -> Iterator[Any]:
    """What dotted keys lead to; `*` is any key."""
    key, _, rest = keys.partition(".")
    if isinstance(data, dict):
        held = data.values() if key == "*" else [data[key]] if key in data else []
        for value in held:
            yield from _values(value, rest) if rest else iter([value])
    elif isinstance(data, list) and key == "*":
        for value in data:
            yield from _values(value, rest) if rest else iter([value])


def _items(data: Any) -> list[Any]:
    return data if isinstance(data, list) else list(data.values()) if isinstance(data, dict) else []
