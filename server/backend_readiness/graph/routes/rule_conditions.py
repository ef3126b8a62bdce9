"""Conditions under which a rule holds for a call that it matches."""

from __future__ import annotations

import re
from typing import Any

from backend_readiness.facts.builder import last_name
from backend_readiness.graph.references import argument_thunk
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import Const, Site
from backend_readiness.graph.views import callee_name
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import Ref


def holds(graph: Graph, site: Site, options: dict[str, Any]) -> bool:
    """Option `when`: is an argument one of the texts that it names (`io.on("connection", ...)`)?

    Option `not_in`: names of calls, in whose blocks the call means something else (`install(Cache) { options { ... } }`), unless the first
    argument of that call is the name that stands for it.

    Option `not_with`: keywords that make the call mean something else where they are given as true (`add_route("logo", url, static=True)`);
    `only_with`: one of them must be.

    Option `in_called`: a regular expression for names of functions that generated code has for each of its services; a call in one that
    nothing calls counts only where nothing calls any of the others either. Option `at_least`: so many arguments are there.
    """
    if len(graph.view(site.file).facts.calls[site.call].args) < options.get("at_least", 0):
        return False
    if "in_called" in options and not _is_called(graph, site, re.compile(str(options["in_called"]))):
        return False
    if "not_in" in options and _is_within(graph, site, options["not_in"]):
        return False
    if any(_is_true(graph, site, keyword) for keyword in options.get("not_with", ())):
        return False
    if "only_with" in options and not any(_is_true(graph, site, keyword) for keyword in options["only_with"]):
        return False
    when = options.get("when")
    if not when:
        return True
    thunk = argument_thunk(graph.ev, site, Ref(arg=when["arg"]))
    return thunk is not None and any(t in when["is"] for t in texts(graph.ev, graph.ev.thunk(thunk)))


def _is_true(graph: Graph, site: Site, keyword: str) -> bool:
    thunk = argument_thunk(graph.ev, site, Ref(kwarg=keyword))
    value = graph.ev.thunk(thunk) if thunk is not None else None
    return isinstance(value, Const) and value.value is True


def _is_called(graph: Graph, site: Site, pattern: re.Pattern[str]) -> bool:
    view = graph.view(site.file)
    names = {n for s in view.enclosing(view.facts.calls[site.call].owner) if pattern.fullmatch(n := view.symbol(s).name)}
    if not names or any(graph.calling(n) for n in names):
        return True
    others = {n for index in graph.production.values() for n in index.names if pattern.fullmatch(n)}
    return not any(graph.calling(n) for n in others)


def _is_within(graph: Graph, site: Site, names: dict[str, str]) -> bool:
    view = graph.view(site.file)
    for scope in view.enclosing(view.facts.calls[site.call].owner):
        passed = view.passed_in.get(scope)
        if passed is None:
            return False
        around = view.facts.calls[passed[0]]
        name = callee_name(around)
        if name in names:
            return not around.args or last_name(around.args[0].value) != names[name]
    return False
