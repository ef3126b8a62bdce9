"""Branches of functions that a request of the route's method does not take.

In a handler they compare the method (see `graph.routes.method_branches`); in a script and what it includes they also ask for what only a
request of another method brings: `if (isset($_POST["save"]))` on the way of a GET. For those the route's rule has the options `reads`
(names that hold what was sent, with the methods), `given` and `missing` (functions that ask whether such a name holds something), and
`asked_method` (the name and the key that hold the method).
"""

from __future__ import annotations

from collections.abc import Sequence

from backend_readiness.facts.model import Alt, CallRef, Index, Lit, Member, Name, Op, Value
from backend_readiness.graph.routes.method_branches import branches_of_others
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.values import FuncV
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph
from backend_readiness.rules.card_rules import RouteRule

MAX_DEPTH = 8
_ALL_OF = ("&&", "and")
_ONE_OF = ("||", "or")


class SkippedBranches:
    """What the walk of one route leaves out of the functions that it meets."""

    def __init__(self, graph: Graph, bound: BoundRoute | None = None) -> None:
        self._graph = graph
        self._method = bound.route.endpoint.method if bound is not None else ""
        rules = bound.card.routes if bound is not None else ()
        self._member = next((str(m) for r in rules if (m := r.options.get("method_member") or r.options.get("branches"))), "")
        rule = bound.registration.rule if bound is not None else None
        self._sent = _Sent(rule) if rule is not None and "asked_method" in rule.options else None

    def left(self, function: FuncV, calls: Sequence[int], *, handles: bool) -> list[int]:
        """Those calls of a function that stand in no such branch."""
        view = self._graph.view(function.symbol.file)
        spans = branches_of_others(self._graph, function, self._method, self._member) if handles and self._member else []
        if self._sent is not None and self._method not in ("", "ANY"):
            spans = [*spans, *self._sent.of_others(view, function.symbol.index, self._method)]
        facts = view.facts.calls
        return [c for c in calls if not any(s <= facts[c].start and facts[c].end <= e for s, e in spans)]


class _Sent:
    """Tests of what a request brings, by the options of a rule."""

    def __init__(self, rule: RouteRule) -> None:
        self._reads: dict[str, list[str]] = rule.options["reads"]
        self._given, self._missing = rule.options["given"], rule.options["missing"]
        self._holder, self._key = rule.options["asked_method"]

    def of_others(self, view: FileView, owner: int, method: str) -> list[tuple[int, int]]:
        blocks = [b for b in view.blocks_of.get(owner, ()) if b.kind == "if"]
        asked = [(b, self._methods(view, b.subject)) for b in blocks]
        return [(b.start, b.end) for b, methods in asked if methods is not None and method not in methods]

    def _methods(self, view: FileView, test: Value | None, depth: int = 0) -> frozenset[str] | None:
        """The methods with which a test may hold; None where it asks for none."""
        if depth > MAX_DEPTH:
            return None
        if isinstance(test, Alt):
            return self._of_one(view, test.options, depth)
        if isinstance(test, CallRef):
            call = view.facts.calls[test.call]
            return self._held(call.args[0].value) if call.args and isinstance(call.callee, Name) and call.callee.id in self._given else None
        if not isinstance(test, Op):
            return self._held(test)
        if test.op in _ONE_OF:
            return self._of_one(view, test.operands, depth)
        if test.op in _ALL_OF:
            found = [m for o in test.operands if (m := self._methods(view, o, depth + 1)) is not None]
            return frozenset.intersection(*found) if found else None
        if test.op in ("==", "===") and isinstance(test.operands[-1], Lit):
            said = test.operands[-1].value
            if self._is_method(test.operands[0]):
                return frozenset((str(said).upper(),))
            return self._held(test.operands[0]) if said else None
        return self._not_missing(view, test)

    def _of_one(self, view: FileView, parts: Sequence[Value], depth: int) -> frozenset[str] | None:
        found = [self._methods(view, o, depth + 1) for o in parts]
        known = [m for m in found if m is not None]
        return frozenset.union(*known) if known and len(known) == len(found) else None

    def _not_missing(self, view: FileView, test: Op) -> frozenset[str] | None:
        """`!empty($_POST["name"])`."""
        inner = test.operands[0] if test.op in ("!", "not") else None
        call = view.facts.calls[inner.call] if isinstance(inner, CallRef) else None
        asks = call is not None and call.args and isinstance(call.callee, Name) and call.callee.id in self._missing
        return self._held(call.args[0].value) if call is not None and asks else None

    def _is_method(self, value: Value) -> bool:
        return isinstance(value, Index) and value.base == Name(self._holder) and value.key == Lit(self._key)

    def _held(self, value: Value | None) -> frozenset[str] | None:
        for _ in range(MAX_DEPTH):
            if not isinstance(value, Index | Member):
                break
            value = value.base
        methods = self._reads.get(value.id, ()) if isinstance(value, Name) else ()
        return frozenset(methods) if methods and "GET" not in methods else None  # a query may stand behind the address of any request
