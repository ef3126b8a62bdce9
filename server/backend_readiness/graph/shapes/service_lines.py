"""Routes in files that describe a service line by line, from which code is generated:

    @server (prefix: /v1, middleware: Auth)
    service shop-api {
        @handler ListOrders
        get /orders/:id (ListRequest) returns (ListReply)
    }

The rule names the files by `glob`. `prefix` and `handler` of the options are the words for what they are called there, `suffixes` what the
names of the functions may end with. A route that code registers at the same path is that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch

from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import join, shape, uniform
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

MAX_CHARS = 1_000_000
MAX_FILES = 400
_COMMENT = re.compile(r"//[^\n]{0,4000}|/\*[\s\S]{0,20000}?\*/")
_BLOCK = re.compile(r"@server\s*\(([^()]{0,4000})\)|\bservice\s+[\w-]{1,200}\s*\{")
_ROUTE = re.compile(r"[ \t]*(get|post|put|patch|delete|head|options)\s+(/[^\s()]{0,300}|/)", re.MULTILINE)


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "service_lines":
                known = {(r.method, shape(uniform(r.path))) for r in scan.routing.registrations if r.card.id == card.id}
                for path in [f.path for f in scan.graph.snapshot.files if any(fnmatch(f.path, g) for g in rule.glob)][:MAX_FILES]:
                    for method, route, handler, line in _routes(scan.graph.text(path)[:MAX_CHARS], rule):
                        if (method, shape(uniform(route))) not in known:
                            _add(
                                scan,
                                card,
                                rule,
                                method,
                                route,
                                _handler(scan, card, rule, handler),
                                Place(file=path, line=line, end_line=line),
                            )


def _routes(text: str, rule: RouteRule) -> Iterator[tuple[str, str, str, int]]:
    """(method, path, handler, line) of one file."""
    text = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    named = re.compile(rf"@{re.escape(str(rule.options['handler']))}[ \t(]+(\w{{1,200}})")
    word = re.compile(rf"\b{re.escape(str(rule.options['prefix']))}\s*:\s*\"?([^\s\",]{{1,300}})")
    prefix = ""
    blocks = list(_BLOCK.finditer(text))
    for number, block in enumerate(blocks):
        if block.group(1) is not None:
            found = word.search(block.group(1))
            prefix = found.group(1) if found is not None else ""
            continue
        end = blocks[number + 1].start() if number + 1 < len(blocks) else len(text)
        before = block.end()
        for route in _ROUTE.finditer(text, block.end(), end):
            handlers = named.findall(text, before, route.start())
            before = route.end()
            path = join(f"/{prefix.strip('/')}" if prefix.strip("/") else "", route.group(2), keep_root=False)
            yield route.group(1).upper(), path, handlers[-1] if handlers else "", text.count("\n", 0, route.start(2)) + 1
        prefix = ""


def _handler(scan: Scan, card: Card, rule: RouteRule, name: str) -> FuncV | None:
    """The only function of production code with the name of a handler."""
    language = card.id.partition("/")[0]
    for suffix in rule.options.get("suffixes", ("",)) if name else ():
        found = [
            SymbolId(d.file, d.index)
            for d in scan.graph.defining(f"{name}{suffix}")
            if d.file in scan.graph.production and scan.graph.view(d.file).language == language
        ]
        if len(found) == 1 and scan.graph.view(found[0].file).symbol(found[0].index).kind == "function":
            return FuncV(found[0])
    return None


def _add(scan: Scan, card: Card, rule: RouteRule, method: str, path: str, handler: FuncV | None, place: Place) -> None:
    scan.routing.registrations.append(
        Registration(router=None, method=method, path=path, place=place, start=place.line, card=card, rule=rule, handler=handler)
    )
