"""What the handlers of a flow do to its stores, in the order of the source with the functions they call put in place.

Branches that end the request (`if taken: raise`) do not precede what comes after them; branches of one `if` exclude each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.controls.work.headers import bound_in_head
from backend_readiness.controls.work.transaction_marks import OPENS, WRAPPED, names_transaction, opens, opens_around
from backend_readiness.facts.builder import dotted
from backend_readiness.facts.model import Alt, Block, Call, CallRef, Concat, Func, Index, Lit, Member, Op, Record, Seq, Value
from backend_readiness.graph.backend.effects import Effect
from backend_readiness.graph.values import Site, SymbolId
from backend_readiness.graph.views import FileView, callee_name
from backend_readiness.model import Evidence

_ERROR = re.compile(
    r"\breturn\b.*(\b(err|errors?|Err|Error)\b|[a-z]Err(or)?\b|(?i:_err(or)?\b|fail|exception|invalid|reject|abort|denied|not_?found"
    r"|\b(nil|null|false|none)\b))|\breturn\s*;?\s*$"
)
MAX_STEPS = 400
MAX_DEPTH = 8
MAX_OF_GUARDS = 60
_COMMITS = frozenset(("commit", "commitTransaction", "commit_transaction"))
# What makes the changes that a unit of work has gathered take effect together.
_FLUSHES = frozenset(("SaveChanges", "SaveChangesAsync", "flush"))

# Languages in which no case goes on into the next one.
_ONE_CASE = frozenset({"elixir", "go", "rust", "scala", "kotlin", "python", "csharp"})

# (function, beginning or -1 for the whole of it, heads of loops around)
Held = tuple[SymbolId, int, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event. kind: write, read, outside (a call that leaves the service), message (to a queue), commit, open.

    `handler`: the handler whose request it belongs to.
    `path`: for each function from the handler down, the branches in which the step stands: (symbol, block start, alternative).
    `tests`: what was compared for equality on the way, `("req.method", "POST")`.
    `loops`: the heads of loops around it. `covered`: a transaction's `with` block, callback or decorated function stands around it.
    `ending`: those of `path` that end the request, or the function, so that nothing outside of them comes after.
    `within`: the outermost function around it that a decorator runs in a transaction. `stack`: the functions around it, outermost first.
    `fatal`: those of `ending` that leave with an error, so that the callers do not go on either.
    `held`: which transaction stands around it: where it begins, and the loops around that, each turn of which begins another.
    """

    kind: str
    handler: SymbolId
    site: Site
    call: Call
    effect: Effect | None
    path: tuple[tuple[SymbolId, int, int], ...]
    tests: tuple[tuple[str, str], ...]
    loops: tuple[tuple[str, int], ...]
    covered: bool
    ending: tuple[tuple[SymbolId, int, int], ...] = ()
    within: SymbolId | None = None
    stack: tuple[SymbolId, ...] = ()
    fatal: tuple[tuple[SymbolId, int, int], ...] = ()
    held: Held | None = None

    @property
    def ends(self) -> bool:
        return bool(self.ending)

    def evidence(self, context: Context, note: str = "") -> Evidence:
        return context.at(self.site.file, self.call.line, min(self.call.end_line, self.call.line + 11), note)


class _Walk:
    def __init__(self, context: Context, aside: frozenset[SymbolId] = frozenset()) -> None:
        self.context = context
        self.aside = aside
        self.effects = {(e.site.file, e.site.call): e for e, _ in context.effects}
        self.known = {r.function.symbol: r for r in context.functions}
        self.steps: list[Step] = []

    def is_decorated(self, symbol: SymbolId, stack: tuple[SymbolId, ...]) -> bool:
        """Does a decorator of the function or its class run it in a transaction?

        Where a container wraps the object to do so, a call from another method of the same object goes past it.
        """
        view = self.context.view(symbol.file)
        if not any(names_transaction(view, d) for i in view.enclosing(symbol.index) for d in view.symbol(i).decorators):
            return False
        if view.language not in WRAPPED or not stack:
            return True
        caller = stack[-1]
        return not (
            caller.file == symbol.file and self.context.view(caller.file).symbol(caller.index).parent == view.symbol(symbol.index).parent
        )

    def runs_in_transaction(self, symbol: SymbolId, number: int) -> bool:
        """Is a function given to one of the repository that opens a transaction and calls what it is given?"""
        call = self.context.view(symbol.file).facts.calls[number]
        if not any(isinstance(a.value, Func) for a in call.args):
            return False
        reached = self.known.get(symbol)
        edges = self.context.tracer.edges.of_call(Site(symbol.file, number, reached.env if reached is not None else None))
        return any(e.kind == "call" and opens_around(self.context.view(e.target.symbol.file), e.target.symbol.index) for e in edges)

    def function(
        self,
        symbol: SymbolId,
        handler: SymbolId,
        path: tuple[tuple[SymbolId, int, int], ...] = (),
        tests: tuple[tuple[str, str], ...] = (),
        loops: tuple[tuple[str, int], ...] = (),
        covered: bool = False,
        ending: tuple[tuple[SymbolId, int, int], ...] = (),
        stack: tuple[SymbolId, ...] = (),
        within: SymbolId | None = None,
        fatal: tuple[tuple[SymbolId, int, int], ...] = (),
        held: Held | None = None,
    ) -> None:
        if len(stack) > MAX_DEPTH or symbol in stack or len(self.steps) > MAX_STEPS:
            return
        view = self.context.view(symbol.file)
        body = view.body(symbol.index)
        if within is None and self.is_decorated(symbol, stack):
            within = symbol
        covered = covered or within is not None
        if held is None and within == symbol:
            held = (symbol, -1, loops)
        numbers = sorted((n for s in body for n in view.calls_of.get(s, ())), key=lambda n: view.facts.calls[n].end)
        blocks = [b for s in body for b in view.blocks_of.get(s, ())]
        spans = [
            (view.facts.calls[n].start, view.facts.calls[n].end)
            for n in numbers
            if callee_name(view.facts.calls[n]) in OPENS and view.facts.calls[n].end_line > view.facts.calls[n].line
        ]
        spans += [(b.start, b.end) for b in blocks if b.kind == "with" and opens(view, b, numbers)]
        spans += [(view.facts.calls[n].start, view.facts.calls[n].end) for n in numbers if self.runs_in_transaction(symbol, n)]
        heads = {b.start: bound_in_head(view, b) for b in blocks if b.kind == "if"}
        for number in numbers:
            call = view.facts.calls[number]
            around = [b for b in blocks if b.start <= call.start < b.end and (b.kind == "loop" or number not in calls_in(view, b.subject))]
            around = [b for b in around if b.kind != "if" or not any(a.start <= call.start < a.end for a in heads[b.start])]
            branch = tuple((symbol, *_branch(b, blocks, view.language)) for b in around if b.kind in ("if", "else", "catch", "case"))
            equal = (*tests, *(e for b in around if b.kind == "if" and (e := _equal(b.subject)) is not None))
            inner = (*loops, *((symbol.file, b.line) for b in around if b.kind == "loop"))
            inside = covered or any(s <= call.start < e for s, e in spans)
            begins = min((s for s, e in spans if s <= call.start < e), default=-1) if held is None else -1
            outer = (*loops, *((symbol.file, b.line) for b in around if b.kind == "loop" and b.start <= begins))
            holds = (symbol, begins, outer) if begins >= 0 else held
            last = [b for b in around if b.kind in ("if", "else", "catch", "case") and _ends(view, b, body)]
            stops = (*ending, *((symbol, *_branch(b, blocks, view.language)) for b in last))
            leaves = (*fatal, *((symbol, *_branch(b, blocks, view.language)) for b in last if _fails(self.context, view, b, body)))
            name = callee_name(call) or ""
            effect = self.effects.get((symbol.file, number))
            kind = ""
            if effect is not None and not effect.target and name in _FLUSHES:
                kind = "commit"
            elif effect is not None and effect.kind in ("orm", "sql", "nosql"):
                kind = "write" if effect.operation in ("write", "delete") else "read"
            elif effect is not None and effect.operation == "call" and effect.kind in ("http", "mail", "payment"):
                kind = "outside"
            elif effect is not None and effect.operation in ("call", "write") and effect.kind == "queue":
                kind = "message"
            elif name in _COMMITS:
                kind = "commit"
            elif name in OPENS:
                kind = "open"
            if kind:
                site = Site(symbol.file, number, None)
                branches = (*path, *branch)
                self.steps.append(
                    Step(
                        kind=kind,
                        handler=handler,
                        site=site,
                        call=call,
                        effect=effect,
                        path=branches,
                        tests=equal,
                        loops=inner,
                        covered=inside,
                        ending=stops,
                        within=within,
                        stack=(*stack, symbol),
                        fatal=leaves,
                        held=holds,
                    )
                )
                if effect is not None and kind != "read":
                    continue  # what gives a query to be sent may be a function of the repository
            reached = self.known.get(symbol)
            edges = self.context.tracer.edges.of_call(Site(symbol.file, number, reached.env if reached is not None else None))
            several = sum(e.kind == "call" for e in edges) > 1  # implementations of one interface: a request runs one of them
            for way, edge in enumerate(edges):
                target = edge.target.symbol
                if (
                    target in self.known
                    and target not in self.aside
                    and target != symbol
                    and not (target.file == symbol.file and target.index in body)
                ):
                    chosen = ((symbol, call.start, way),) if several and edge.kind == "call" else ()
                    way_in = (*path, *branch, *chosen)
                    self.function(target, handler, way_in, equal, inner, inside, stops, (*stack, symbol), within, leaves, holds)


def steps(context: Context) -> list[Step]:
    """The events of the flow's handlers. Guards and dependencies are left out: what they write is not what the flow writes."""
    walk = _Walk(context, of_guards(context))
    handlers = {(h.file, h.line) for h in context.handlers}
    for function in (f for r in context.routes for f in r.registration.runs):  # what a base class runs in place of the handler
        handlers.add((function.symbol.file, context.view(function.symbol.file).symbol(function.symbol.index).line))
    for reached in context.functions:
        symbol = reached.function.symbol
        facts = context.view(symbol.file).symbol(symbol.index)
        if (symbol.file, facts.line) in handlers:
            walk.function(symbol, symbol)
    return walk.steps


def of_guards(context: Context) -> frozenset[SymbolId]:
    """The functions that guards of the flow run: who is signed in, and what that looks up and remembers."""
    return once(context, _of_guards)


def _of_guards(context: Context, depth: int = 6) -> frozenset[SymbolId]:
    found = {f.symbol for g in context.guards for f in context.roles.functions(g.value)}
    todo = [(symbol, depth) for symbol in found]
    while todo and len(found) < MAX_OF_GUARDS:
        symbol, left = todo.pop(0)
        for edge in context.tracer.edges.of_symbol(symbol) if left else ():
            if edge.kind == "call" and edge.target.symbol not in found:
                found.add(edge.target.symbol)
                todo.append((edge.target.symbol, left - 1))
    return frozenset(found)


def together(first: Step, second: Step) -> bool:
    """Can both happen in one request, one after the other?"""
    left = set(first.ending) - set(second.path)  # a function that returns early lets its callers go on
    if first.handler != second.handler or any(e in first.fatal or e[0] in second.stack for e in left):
        return False
    equal = dict(first.tests)
    if any(equal.get(name, value) != value for name, value in second.tests):
        return False
    taken = {(s, b): a for s, b, a in first.path}
    return all(taken.get((s, b), a) == a for s, b, a in second.path)


def _branch(block: Block, blocks: list[Block], language: str) -> tuple[int, int]:
    """(start of the `if`, or of the first of the cases; which alternative)."""
    if block.kind == "if":
        return block.start, 0
    if block.kind == "case" and language in _ONE_CASE:
        count, first = 0, block
        cases = sorted((b for b in blocks if b.kind == "case" and b.owner == block.owner and b.end <= block.start), key=lambda b: -b.end)
        for case in cases:
            if case.end <= first.start and first.line - case.end_line <= 1:
                count, first = count + 1, case
        return first.start, count
    before = [b for b in blocks if b.kind == "if" and b.owner == block.owner and b.end <= block.start and block.line - b.end_line <= 1]
    return (max(before, key=lambda b: b.end).start, 1) if before and block.kind == "else" else (block.start, 0)


def _equal(subject: Value | None) -> tuple[str, str] | None:
    if isinstance(subject, Op) and subject.op in ("==", "===") and len(subject.operands) == 2:
        left, right = subject.operands
        name = dotted(left)
        if name is not None and isinstance(right, Lit):
            return name, str(right.value)
    return None


def _ends(view: FileView, block: Block, body: list[int]) -> bool:
    """Does the branch end with a return or a throw?"""
    last = max(
        (c.end for s in body for n in view.calls_of.get(s, ()) if block.start <= (c := view.facts.calls[n]).start < block.end), default=0
    )
    stops = [r.start for r in view.facts.returns if r.owner in body and block.start <= r.start < block.end]
    stops += [t.start for t in view.facts.throws if t.owner in body and block.start <= t.start < block.end]
    return bool(stops) and (block.owner in body) and (max(stops) >= last or any(_near_end(view, block, s) for s in stops))


def _fails(context: Context, view: FileView, block: Block, body: list[int]) -> bool:
    """Does a branch that ends leave with an error: it throws, or what it returns is named so?"""
    if any(t.owner in body and block.start <= t.start < block.end for t in view.facts.throws):
        return True
    lines = context.snapshot.lines(view.path)
    inside = [r for r in view.facts.returns if r.owner in body and block.start <= r.start < block.end]
    return any(_ERROR.search(" ".join(lines[r.line - 1 : r.end_line][:3])) is not None for r in inside)


def _near_end(view: FileView, block: Block, start: int) -> bool:
    lines = [r.end_line for r in view.facts.returns if r.start == start] + [t.line for t in view.facts.throws if t.start == start]
    return bool(lines) and block.end_line - max(lines) <= 3


def calls_in(view: FileView, value: Value | None, depth: int = 0) -> set[int]:
    """The calls that an expression makes, those in their arguments included."""
    if value is None or depth > 12:
        return set()
    inner: list[Value] = []
    found: set[int] = set()
    if isinstance(value, CallRef):
        call = view.facts.calls[value.call]
        found.add(value.call)
        inner = [call.callee, *(a.value for a in call.args)]
    elif isinstance(value, Op):
        inner = list(value.operands)
    elif isinstance(value, Member):
        inner = [value.base]
    elif isinstance(value, Index):
        inner = [value.base, value.key]
    elif isinstance(value, Seq):
        inner = list(value.items)
    elif isinstance(value, Alt):
        inner = list(value.options)
    elif isinstance(value, Concat):
        inner = list(value.parts)
    elif isinstance(value, Record):
        inner = [v for _, v in value.items]
    for item in inner[:40]:
        found |= calls_in(view, item, depth + 1)
    return found
