"""Branches of functions that a request of the route's method does not take.

In a handler they compare the method (see `graph.routes.method_branches`). Cards name what holds the method anywhere (role
`request_method`), and calls that only hold for what a form sends (`submitted`). In a script and what it includes branches also ask for
what only a request of another method brings: `if (isset($_POST["save"]))` on the way of a GET. For those the route's rule has the
options `reads` (names that hold what was sent, with the methods), `given` and `missing` (functions that ask whether such a name holds
something), and `asked_method` (the name and the key that hold the method). What runs before a handler may be for other addresses alone
(see `other_paths`).
"""

from __future__ import annotations

from collections.abc import Sequence

from backend_readiness.facts.model import Alt, Block, CallRef, Index, Lit, Member, Name, Op, Value
from backend_readiness.graph.backend.other_paths import for_other_paths
from backend_readiness.graph.routes.method_branches import branches_of_others
from backend_readiness.graph.routes.routing import BoundRoute
from backend_readiness.graph.sent.requests import METHODS
from backend_readiness.graph.values import Ext, FuncV, options
from backend_readiness.graph.views import FileView
from backend_readiness.graph.world import Graph

MAX_DEPTH = 8
_ALL_OF = ("&&", "and")
_ONE_OF = ("||", "or")
_EQUAL = ("==", "===")
_SENT = frozenset(("POST", "PUT", "PATCH", "DELETE"))


class SkippedBranches:
    """What the walk of one route leaves out of the functions that it meets."""

    def __init__(self, graph: Graph, bound: BoundRoute | None = None, before: str = "") -> None:
        """`before`: the path of a route, while what runs before its handler is walked."""
        self._graph = graph
        self._method = bound.route.endpoint.method if bound is not None else ""
        self._before = [before] if before else []
        rules = bound.card.routes if bound is not None else ()
        self._member = next((str(m) for r in rules if (m := r.options.get("method_member") or r.options.get("branches"))), "")
        rule = bound.registration.rule if bound is not None else None
        found = rule.options if rule is not None and "asked_method" in rule.options else {}
        self._reads: dict[str, list[str]] = found.get("reads", {})
        self._given, self._missing = found.get("given", ()), found.get("missing", ())
        self._holder = Name(found.get("asked_method", ("", ""))[0])
        self._key = Lit(found.get("asked_method", ("", ""))[1])

    def left(self, function: FuncV, calls: Sequence[int], *, handles: bool) -> list[int]:
        """Those calls of a function that stand in no such branch."""
        view, facts = self._graph.view(function.symbol.file), self._graph.view(function.symbol.file).facts
        spans = list(for_other_paths(view, function.symbol.index, self._before)) if calls else []
        if self._method in METHODS and calls:
            spans.extend(branches_of_others(self._graph, function, self._method, self._member) if handles and self._member else ())
            spans.extend((b.start, b.end) for b in self._others(view, function.symbol.index))
        return [c for c in calls if not any(s <= facts.calls[c].start and facts.calls[c].end <= e for s, e in spans)]

    def _others(self, view: FileView, owner: int) -> list[Block]:
        blocks = sorted(view.blocks_of.get(owner, ()), key=lambda b: b.start)
        found: list[Block] = []
        for block in blocks:
            methods = self._methods(view, owner, block.subject) if block.kind == "if" and block.subject is not None else None
            if methods is None:
                continue
            if self._method not in methods:
                found.append(block)
            elif self._is_comparison(block.subject):  # `else` behind `if request.method == "GET"`
                behind = next((b for b in blocks if b.start >= block.end), None)
                found.extend([behind] if behind is not None and behind.kind == "else" else ())
        return found

    def _methods(self, view: FileView, owner: int, test: Value, depth: int = 0) -> frozenset[str] | None:
        """The methods with which a test may hold; None where it asks for none."""
        if depth > MAX_DEPTH:
            return None
        if isinstance(test, CallRef):
            return self._called(view, test, self._given) or self._submitted(view, test)
        if isinstance(test, Alt) or (isinstance(test, Op) and test.op in _ONE_OF):
            parts = [self._methods(view, owner, o, depth + 1) for o in (test.options if isinstance(test, Alt) else test.operands)]
            known = [m for m in parts if m is not None]
            return frozenset.union(*known) if known and len(known) == len(parts) else None
        if not isinstance(test, Op):
            return self._held(test)
        if test.op in _ALL_OF:
            known = [m for o in test.operands if (m := self._methods(view, owner, o, depth + 1)) is not None]
            return frozenset.intersection(*known) if known else None
        if self._is_comparison(test):
            asked, said = test.operands[0], test.operands[1]
            named = str(said.value).upper() if isinstance(said, Lit) else ""
            if named in METHODS and self._is_method(view, owner, asked):
                return frozenset((named,))
            return self._held(asked) if named else None
        inner = test.operands[0] if test.op in ("!", "not") else None  # `!empty($_POST["name"])`
        return self._called(view, inner, self._missing) if isinstance(inner, CallRef) else None

    @staticmethod
    def _is_comparison(test: Value | None) -> bool:
        return isinstance(test, Op) and test.op in _EQUAL and len(test.operands) == 2 and isinstance(test.operands[1], Lit)

    def _is_method(self, view: FileView, owner: int, value: Value) -> bool:
        if isinstance(value, Index):
            return value.base == self._holder and value.key == self._key
        held = options(self._graph.ev.value(value, view.path, owner)) if isinstance(value, Member) else ()
        return any(isinstance(o, Ext) and "request_method" in self._graph.knowledge.roles_of(o.path) for o in held)

    def _submitted(self, view: FileView, test: CallRef) -> frozenset[str] | None:
        call = view.facts.calls[test.call]
        asked = options(self._graph.ev.value(call.callee, view.path, call.owner)) if isinstance(call.callee, Member) else ()
        sends = any(isinstance(o, Ext) and "submitted" in self._graph.knowledge.roles_of(o.path) for o in asked)
        return _SENT if sends else None

    def _called(self, view: FileView, test: CallRef, names: Sequence[str]) -> frozenset[str] | None:
        call = view.facts.calls[test.call]
        asks = call.args and isinstance(call.callee, Name) and call.callee.id in names
        return self._held(call.args[0].value) if asks else None

    def _held(self, value: Value | None) -> frozenset[str] | None:
        for _ in range(MAX_DEPTH):
            if not isinstance(value, Index | Member):
                break
            value = value.base
        methods = self._reads.get(value.id, ()) if isinstance(value, Name) else ()
        return frozenset(methods) if methods and "GET" not in methods else None  # a query may stand behind the address of any request
