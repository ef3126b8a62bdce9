"""The HTTP methods of a registration."""

from __future__ import annotations

import re

from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Ext, ListV, options

_STANDARD = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")


def verbs(text: str, words: dict[str, list[str]]) -> list[str]:
    """The methods in a text: one, several (`GET|POST`), or the name of a constant (`{METHOD_GET}`, `{READABLE}` by the rule's `words`)."""
    bare = text.strip("{}")
    if bare in words:
        return list(words[bare])
    if bare != text:
        return [m for m in _STANDARD if re.fullmatch(rf"(?:\w*_|[Mm]ethod){m}|{m}", bare, re.IGNORECASE)]
    return [m.upper() for m in re.split(r"[|, ]+", text) if m]


def methods_of(scan: Scan, hit: Hit) -> list[str]:
    """Fixed by the rule, listed in an argument, or named by the callee (`all`, `any`, `route` mean every method)."""
    rule = hit.rule
    if rule.method is not None:
        return [rule.method]
    if rule.methods is not None and rule.methods.at is not None:  # `.Methods("GET", "POST")`
        given = [t.upper() for thunk in scan.thunks(hit, rule.methods) for t in texts(scan.graph.ev, scan.graph.ev.thunk(thunk))]
        return [m for m in given if m.isalpha()] or list(rule.default_methods) or ["ANY"]
    if rule.methods is not None:
        value = scan.value(hit, rule.methods)
        if value is not None:
            found = [m for t in texts(scan.graph.ev, value) for m in verbs(t, hit.rule.options.get("method_words", {}))]
            if rule.options.get("words"):  # the method is written as a name: `path(get, ...)`, `Method::POST`
                found = [last_step(o.path).upper() for o in options(value) if isinstance(o, Ext)]
            if isinstance(value, ListV) or found:
                return list(dict.fromkeys(m for m in found if m.isalpha())) or ["ANY"]
        return list(rule.default_methods) or ["ANY"]
    verb = hit.verb
    for start in rule.options.get("strip", ()):  # `NSGet` is `Get` in a namespace
        verb = verb.removeprefix(start)
    verb = verb.upper()
    if not verb:
        return list(rule.default_methods) or ["ANY"]
    return list(rule.options.get("method_words", {}).get(hit.verb, ())) or [
        {"ALL": "ANY", "ANY": "ANY", "DEL": "DELETE", "HANDLE": "ANY"}.get(verb, verb)
    ]
