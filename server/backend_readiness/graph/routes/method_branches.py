"""The HTTP methods a handler lets through: `if r.Method != "POST" { return }`, `switch r.Method`, `if … else if … else { refuse }`."""

from __future__ import annotations

import re
from itertools import pairwise

from backend_readiness.facts.model import Alt, Block, Call, CallRef, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.evaluation import members
from backend_readiness.graph.routes.routing import functions_in
from backend_readiness.graph.sent.requests import METHODS
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, FuncV, InstV
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.graph.world import Graph

_REFUSES = ("MethodNotAllowed", "StatusMethodNotAllowed", "Error", "NotFound", "WriteHeader")
_REFUSAL = re.compile(r"(?i)not_?(?:allowed|supported|found)$")
_REFUSED = (404, 405, 501)
_EQUALS = ("equals", "equalsIgnoreCase")
_SAME = ("toUpperCase", "ToUpper", "trim", "uppercase")
_HOLDS = ("includes", "contains", "Contains", "include?", "has")
ANSWERED_BEFORE = {"OPTIONS", "HEAD"}  # answered before the others, by themselves they say nothing
_FINISHES = ("close", "Close", "end", "flush")
_HANDLES_ERRORS = ("catch", "finally")
_RUNS = (*_HANDLES_ERRORS, "try", "with")  # blocks that are no condition
MAX_BRANCHES = 60
MAX_DEPTH = 6
SEVERAL = 2  # methods that a chain tells apart: what it does with others is then no answer of its own


def methods_taken(graph: Graph, handler: AV | None, member: str) -> list[str]:
    """The methods that the handler answers; empty when its body does not say. `member`: the name of the request's method."""
    function = next((f for f in functions_in(graph, handler) if isinstance(f, FuncV)), None)
    for _ in range(MAX_DEPTH):
        found = _Body(graph, function, member).methods() if function is not None else []
        if found or function is None:
            return found
        function = _handed_on(graph, function)
    return []


def _handed_on(graph: Graph, function: FuncV) -> FuncV | None:
    """The one method of the handler's own object that gets the request: `handle` of a base class calls `execute(exchange)`."""
    view, own = graph.view(function.symbol.file), function.self_value
    given = next((Name(p.name) for p in view.symbol(function.symbol.index).params if p.name != "self"), None)
    found: list[AV | None] = []
    for number in view.calls_of.get(function.symbol.index, ())[:MAX_BRANCHES] if isinstance(own, InstV) else ():
        call = view.facts.calls[number]
        bare = isinstance(call.callee, Name) or (isinstance(call.callee, Member) and call.callee.base == Name("self"))
        if bare and any(a.value == given for a in call.args):
            found.append(members.own_member(graph.ev, own, callee_name(call) or ""))
    only = found[0] if len(found) == 1 else None
    return only if isinstance(only, FuncV) and only.symbol != function.symbol else None


def methods_listed(graph: Graph, handler: AV | None, member: str) -> list[str]:
    """The methods of a list that the handler, or what is wrapped around it, holds against that of the request; empty without one."""
    bodies = [_Body(graph, f, member) for f in functions_in(graph, handler)[:2] if isinstance(f, FuncV)]
    return next((listed for b in bodies if (listed := b.listed())), [])


def methods_let_through(graph: Graph, wrapper: AV, member: str) -> list[str]:
    """The methods with which what is wrapped around a handler lets requests through to it: others are refused by an answer."""
    if not isinstance(wrapper, FuncV):
        return []
    body = _Body(graph, wrapper, member)
    return body.methods() if body.refuses_some() else []


def branches_of_others(graph: Graph, function: FuncV, method: str, member: str) -> list[tuple[int, int]]:
    """Where the branches of a handler stand that only answer other methods than the one that is asked for."""
    return _Body(graph, function, member).of_others(method)


class _Body:
    """One handler: its branches, and what is compared with the method of its request."""

    def __init__(self, graph: Graph, function: FuncV, member: str) -> None:
        self._ev, self._members = graph.ev, (member, as_property(member))
        self._view: FileView = graph.view(function.symbol.file)
        self._index, self._env = function.symbol.index, function.env
        self._given = {p.name for p in self._view.symbol(self._index).params}
        self._blocks = self._view.blocks_of.get(self._index, ())[:MAX_BRANCHES]

    def methods(self) -> list[str]:
        if listed := self.listed():
            return listed
        for block in self._blocks:
            if block.kind == "if" and block.subject is not None:
                refused = self._tested(block.subject, "!=")
                if refused and self._ends(block):
                    return self._named(refused)
            elif block.kind == "switch" and self._is_method(block.subject):
                cases = [b for b in self._blocks if b.kind == "case" and block.start <= b.start and b.end <= block.end]
                rest = [b for b in cases if b.subject is None]
                if all(b.empty or refuses(self._view, b) for b in rest):
                    named = [b.subject for b in cases if b.subject is not None]
                    return self._named([v for s in named for v in (s.items if isinstance(s, Seq) else (s,))])
            elif block.kind == "switch" and block.subject is None and (asked := self._cases(block)):
                return asked
        return self._compared()

    def refuses_some(self) -> bool:
        """Is a request with another method answered in a branch, or behind those that return?"""
        for block in self._blocks:
            if block.kind == "if" and block.subject is not None and self._tested(block.subject, "!="):
                return refuses(self._view, block)
        tested = [b for b in self._blocks if b.kind == "if" and b.subject is not None and self._tested(b.subject, "==")]
        after = self._calls(max((b.end for b in tested), default=1 << 60), 1 << 60)
        return bool(tested) and all(self._ends(b) for b in tested) and bool(after) and all(is_refusal(c) for c in after)

    def _cases(self, switch: Block) -> list[str]:
        """The methods of a switch all of whose cases ask for one, at the end of the body: `switch { case r.Method == "GET": … }`."""
        inside = [b for b in self._blocks if switch.start < b.start and b.end <= switch.end]
        others = [b for b in inside if b.kind == "switch"]
        cases = [b for b in inside if b.kind == "case" and not any(o.start <= b.start and b.end <= o.end for o in others)]
        tested = [self._tested(c.subject, "==") for c in cases if c.subject is not None]
        around = any(b.start < switch.start and switch.end <= b.end and b.kind not in _RUNS for b in self._blocks)
        goes_on = any(callee_name(c) not in _FINISHES for c in self._calls(switch.end, 1 << 60))
        answers_rest = any(c.subject is None and not c.empty and not refuses(self._view, c) for c in cases)
        if not tested or not all(tested) or around or goes_on or answers_rest:
            return []
        return self._named([v for values in tested for v in values])

    def of_others(self, method: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        asked = [b for b in self._blocks if b.kind == "switch" and self._is_method(b.subject)]
        for block in self._blocks if method in METHODS else ():
            if block.kind not in ("if", "case") or block.subject is None:
                continue
            values = self._tested(block.subject, "==")
            if not values and block.kind == "case" and any(s.start < block.start and block.end <= s.end for s in asked):
                values = list(block.subject.items) if isinstance(block.subject, Seq) else [block.subject]
            named = self._named(values) if values else []
            if named and set(named) <= METHODS and method not in named:
                found.append((block.start, block.end))
        return found

    def listed(self) -> list[str]:
        tests = (b for b in self._blocks if b.kind == "if" and b.subject is not None and self._ends(b))
        return next((found for b in tests if b.subject is not None and (found := self._listed(b.subject))), [])

    def _compared(self) -> list[str]:
        """The methods of a chain `if r.Method == "GET" { … } else if r.Method == "POST" { … } else { refuse }`.

        A chain within another condition lets any method through; so does one that asks for a single method where its last branch does
        not refuse, or the body goes on after it, be it not to refuse what no branch that returns has taken.
        """
        tests = sorted((b for b in self._blocks if b.kind == "if" and b.subject is not None), key=lambda b: b.start)
        chain = [(b, t) for b in tests if b.subject is not None and (t := self._tested(b.subject, "=="))]
        if not chain or any(self._calls(b.end, later.start) for (b, _), (later, _) in pairwise(chain)):
            return []
        start, end = chain[0][0].start, chain[-1][0].end
        found = self._named([v for _, values in chain for v in values])
        several = len(set(found) - ANSWERED_BEFORE) >= SEVERAL
        rest = next((b for b in self._blocks if b.kind == "else" and b.start >= end and not self._calls(end, b.start)), None)
        if rest is not None and not refuses(self._view, rest) and not several:
            return []
        last = rest.end if rest is not None else end
        if any(b.start < start and last <= b.end and b.kind not in _RUNS for b in self._blocks):
            return []
        failed = [b for b in self._blocks if b.kind in _HANDLES_ERRORS]
        after = [c for c in self._calls(last, 1 << 60) if not any(b.start <= c.start and c.end <= b.end for b in failed)]
        if all(self._ends(b) for b, _ in chain):
            after = [c for c in after if not is_refusal(c)]
        if not several and any(callee_name(c) not in _FINISHES for c in after):
            return []
        return [] if set(found) <= ANSWERED_BEFORE else found

    def _listed(self, test: Value) -> list[str]:
        """The methods of a list that must have that of the request: `if (!options.methods.includes(req.method)) return refuse()`."""
        if not isinstance(test, Op) or test.op not in ("!", "not", "not in"):
            return []
        held: Value | None = None
        if test.op == "not in" and len(test.operands) == 2 and self._is_method(test.operands[0]):
            held = test.operands[1]
        elif test.op != "not in" and isinstance(test.operands[0], CallRef):
            call = self._view.facts.calls[test.operands[0].call]
            if isinstance(call.callee, Member) and call.callee.name in _HOLDS and call.args and self._is_method(call.args[0].value):
                held = call.callee.base
        if held is None:
            return []
        found = [t.upper() for t in texts(self._ev, self._ev.value(held, self._view.path, self._index, self._env))]
        return found if all(t in METHODS for t in found) else []

    def _tested(self, test: Value, wanted: str, depth: int = 0) -> list[Value]:
        """What the method is compared with, when the whole test is of that kind: `==` joined by `or`, `!=` joined by `and`."""
        joined, equal = ("||", "or") if wanted == "==" else ("&&", "and"), wanted == "=="
        if isinstance(test, Alt) or (isinstance(test, Op) and test.op in joined):
            parts = test.options if isinstance(test, Alt) else test.operands
            found = [self._tested(p, wanted, depth + 1) for p in parts] if depth < MAX_DEPTH and (equal or isinstance(test, Op)) else []
            return [v for f in found for v in f] if all(found) else []
        if isinstance(test, Op) and test.op in ("!", "not") and len(test.operands) == 1 and not equal:
            return self._tested(test.operands[0], "==", depth + 1) if depth < MAX_DEPTH else []
        sides = self._sides(test, wanted)
        if sides is None:
            return []
        left, right = sides
        return [right] if self._is_method(left) else [left] if self._is_method(right) else []

    def _sides(self, test: Value, wanted: str) -> tuple[Value, Value] | None:
        if isinstance(test, Op) and test.op in (wanted, f"{wanted}=") and len(test.operands) == 2:
            return test.operands[0], test.operands[1]
        if wanted == "==" and isinstance(test, CallRef):
            call = self._view.facts.calls[test.call]
            if isinstance(call.callee, Member) and call.callee.name in _EQUALS and call.args:
                return call.callee.base, call.args[0].value
        return None

    def _is_method(self, value: Value | None, depth: int = 0) -> bool:
        """Is it the method of the request: a member of what the handler is given, a call of it, or a variable that holds one?"""
        if isinstance(value, CallRef) and depth < MAX_DEPTH:
            callee = self._view.facts.calls[value.call].callee
            if isinstance(callee, Member) and callee.name in _SAME:
                return self._is_method(callee.base, depth + 1)
            value = callee
        if isinstance(value, Name):
            bound = self._view.bindings.get((self._index, value.id), ())
            if len(bound) == 1 and bound[0][1]:  # `const { method } = req`
                whole = bound[0][0].value
                return len(bound[0][1]) == 1 and bound[0][1][0] in self._members and isinstance(whole, Name) and whole.id in self._given
            return depth < 2 and len(bound) == 1 and not bound[0][1] and self._is_method(bound[0][0].value, depth + 1)
        return isinstance(value, Member) and value.name in self._members and isinstance(value.base, Name) and value.base.id in self._given

    def _named(self, values: list[Value]) -> list[str]:
        found = [t.upper() for v in values for t in texts(self._ev, self._ev.value(v, self._view.path, self._index, self._env))]
        return found if found and all(t.isalpha() for t in found) else []

    def _ends(self, block: Block) -> bool:
        return any(block.start <= r.start < block.end for r in self._view.returns.get(self._index, ()))

    def _calls(self, start: int, end: int) -> list[Call]:
        """The calls between two places that are no part of the tests of branches."""
        within = [c for c in self._view.facts.calls if c.owner == self._index and start <= c.start and c.end <= end]
        return [c for c in within if not (isinstance(c.callee, Member) and c.callee.name in (*_EQUALS, *self._members))]


def as_property(getter: str) -> str:
    """How Kotlin writes a method of Java that reads something: `request.requestMethod` for `getRequestMethod()`."""
    name = getter.removeprefix("get")
    return f"{name[:1].lower()}{name[1:]}" if name != getter else getter


def refuses(view: FileView, block: Block) -> bool:
    """Does a branch send the request away, by a call or by the status that it gives the answer (`response.status = 404`)?"""
    given = (a for a in view.facts.assigns if isinstance(a.target, Member) and block.start <= a.start and a.end <= block.end)
    if any(isinstance(a.value, Lit) and a.value.value in _REFUSED for a in given):
        return True
    return any(is_refusal(c) for c in view.facts.calls if block.start <= c.start and c.end <= block.end)


def is_refusal(call: Call) -> bool:
    """`http.NotFound(w, r)`, `methodNotAllowed(w)`, `w.WriteHeader(405)`."""
    name = callee_name(call) or ""
    return name in _REFUSES or bool(_REFUSAL.search(name)) or any(isinstance(a.value, Lit) and a.value.value in _REFUSED for a in call.args)
