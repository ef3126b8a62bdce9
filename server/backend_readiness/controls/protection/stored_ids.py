"""Records that carry the caller as their owner, and beside it the identifiers of other objects that the request names."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.expressions import written
from backend_readiness.controls.protection.identity import Identity
from backend_readiness.controls.protection.inputs import Taint
from backend_readiness.facts.model import Lit, Member, Value
from backend_readiness.graph.values import Site
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_INSERTS = re.compile(sign("stored_ids", "inserts"))
_OTHERS = re.compile(sign("stored_ids", "others"))
_LINKS = re.compile(sign("stored_ids", "links"))
_LISTED = re.compile(sign("stored_ids", "listed"))
_FINDS_CALLER = re.compile(sign("stored_ids", "finds_caller"))


def of_objects(context: Context, narrowed: list[tuple[Site, Evidence]]) -> list[tuple[Site, Evidence]]:
    """The calls of those that are not part of finding out who the caller is, with the role or the tenant they act for."""
    found = []
    for site, at in narrowed:
        view = context.view(site.file)
        around = [view.symbol(n).name for n in view.enclosing(view.facts.calls[site.call].owner) if n]
        if not any(_FINDS_CALLER.search(n) for n in around):
            found.append((site, at))
    return found


def only_stores(context: Context, narrowed: list[tuple[Site, Evidence]]) -> bool:
    """Does the caller only become a part of what is stored, and narrow nothing that is looked up?"""
    return all(_INSERTS.search(callee_name(context.view(s.file).facts.calls[s.call]) or "") is not None for s, _ in narrowed)


def unasked_id(context: Context, identity: Identity) -> Evidence | None:
    """Where the identifier of another object is taken out of the body, whosever that object is."""
    in_path = {p.name for r in context.routes for p in r.route.params if p.where == "path"}
    for where, scope in identity.own_scopes():
        view = context.view(where.file)
        for number in view.calls_of.get(scope, ()):
            call = view.facts.calls[number]
            given = call.args[0].value if call.args and _LINKS.search(callee_name(call) or "") is not None else None
            if given is not None and not isinstance(given, Lit) and _is_input(identity, given, where.file, call.owner):
                return context.at(where.file, call.line)
            for arg in call.args:
                if isinstance(arg.value, Lit):
                    continue
                for value in _members(arg.value):
                    taken = _OTHERS.search(value.name) is not None and value.name not in in_path
                    if taken and "params" not in written(value) and _is_input(identity, value, where.file, call.owner):
                        return context.at(where.file, call.line)
    for handler in context.handlers:
        symbols = context.view(handler.file).facts.symbols
        owner = next((s.parent for s in symbols if s.line == handler.line and s.parent is not None), 0)
        cls = symbols[owner] if owner else None
        called = " ".join(context.snapshot.lines(handler.file)[handler.line - 1 : handler.end_line])
        for s in symbols:
            if cls is None or s.parent != owner or not re.search(rf"\b{re.escape(s.name)}\b", called):
                continue
            for n, text in enumerate(context.snapshot.lines(handler.file)[s.line - 1 : min(s.end_line, s.line + 40)], s.line):
                if _LISTED.search(text[:400]) is not None:
                    return context.at(handler.file, n)
    return None


def _members(value: Value) -> list[Member]:
    return [value] if isinstance(value, Member) else []


def _is_input(identity: Identity, value: Value, file: str, owner: int) -> bool:
    return not identity.is_caller(value, file, owner) and identity.inputs.of(value, file, owner).taint is not Taint.CLEAN
