"""Guards that refuse for another reason than who sends a request: a form that is not the site's own, an address that is not let in."""

from __future__ import annotations

import re

from backend_readiness.graph.routes.routing import function_named
from backend_readiness.graph.values import ClassV, FuncV
from backend_readiness.graph.world import Graph
from backend_readiness.rules.signs import sign

_OF_FORMS = re.compile(sign("other_questions", "of_forms"))
_OF_ADDRESSES = re.compile(sign("other_questions", "of_addresses"))


def guards_forms(graph: Graph, function: FuncV | ClassV) -> bool:
    """Does a guard, by the name of it or its class, ask whether a form is the site's own or from where it comes, and not who sends it?"""
    named = function_named(graph, function).symbol or ""
    return _OF_FORMS.search(named) is not None or _OF_ADDRESSES.search(named.rpartition(".")[2]) is not None
