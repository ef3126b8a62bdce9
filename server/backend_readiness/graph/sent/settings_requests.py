"""Requests that a plugin of a page sends by itself, as its settings say somewhere inside: `validate({ rules: { name: { remote: url } } })`.

Cards say under which key a part of the settings is such a request (`settings_requests`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.facts.model import Call, Record, Value
from backend_readiness.graph.families import SCRIPTS, family, has_scripts
from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.sent.requests import looks_like_url
from backend_readiness.graph.urls import alternatives, texts
from backend_readiness.graph.values import Ext, SymbolId, options
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.model import Place
from backend_readiness.rules.page_rules import SettingsRequestRule

MAX_DEPTH = 6


def settings_calls(graph: Graph) -> Iterator[ApiCall]:
    """The requests of all calls that match a rule, in the order of files and places."""
    index = graph.knowledge.settings_requests
    for path, file in graph.production.items() if index.names else ():
        spoken = index.names_in(family(file.language)) | (index.names_in(SCRIPTS) if has_scripts(file.language) else set())
        if spoken.isdisjoint(file.names):
            continue
        view = graph.view(path)
        for call in view.facts.calls:
            if callee_name(call) in spoken and any(isinstance(a.value, Record) for a in call.args):
                for value in options(graph.ev.value(call.callee, path, call.owner)):
                    for tagged, _ in index.matches(value) if isinstance(value, Ext) else ():
                        yield from _requests(graph, view, call, tagged.rule, tagged.card.id)


def _requests(graph: Graph, view: FileView, call: Call, rule: SettingsRequestRule, card: str) -> Iterator[ApiCall]:
    owner = SymbolId(view.path, call.owner)
    lines = graph.text(view.path).split("\n")[call.line - 1 : call.end_line]
    written = [call.line + n for n, line in enumerate(lines) if re.search(rf"\b{re.escape(rule.key)}\b[\"']?\s*:", line)]
    said_by = [given for arg in call.args for given in _under(arg.value, rule.key, 0)]
    for number, said in enumerate(said_by):
        line = written[number] if len(written) == len(said_by) else call.line
        place = Place(file=view.path, line=line, end_line=line)
        fields = dict(said.items) if isinstance(said, Record) else {rule.url: said}
        if rule.url not in fields:
            continue
        urls = alternatives(graph.ev, graph.ev.value(fields[rule.url], view.path, call.owner))
        urls = [u for u in urls if looks_like_url(u)]
        named = next((fields[k] for k in rule.method if k in fields), None)
        methods = texts(graph.ev, graph.ev.value(named, view.path, call.owner)) if named is not None else []
        method = next((m.upper() for m in methods if m.isalpha()), "GET")
        if urls:
            yield ApiCall(method=method, urls=tuple(urls), place=place, start=call.start + number, owner=owner, card=card, kind="call")


def _under(written: Value, key: str, depth: int) -> Iterator[Value]:
    """What stands under a key of an object, or of those inside of it."""
    for name, value in written.items if isinstance(written, Record) and depth < MAX_DEPTH else ():
        if name == key:
            yield value
        else:
            yield from _under(value, key, depth + 1)
