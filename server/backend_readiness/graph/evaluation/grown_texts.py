"""Texts that a function adds to after it has begun them: `let url = "/orders/"; if (id) url += id;`.

What stands behind a condition is added where a call is known to fulfil it, left out where it is known not to, and gives two texts where
neither is known. What a loop adds is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from backend_readiness.facts.model import Assign, Block, Name
from backend_readiness.graph.evaluation.texts import join_text
from backend_readiness.graph.values import AV, Const, Env, SymbolId, Text, UnknownV, options, union

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

MAX_ADDED = 12
MAX_TEXTS = 6
_CONDITIONS = frozenset({"if", "else", "case"})
_REPEATED = frozenset({"loop", "comprehension", "catch"})
_LATER = ("?", "&", "#", ";")  # what is added to an address behind its path

Decided = Mapping[int, int]  # where a choice stands -> where the branch stands that is taken; -1: none of those seen


def grown(ev: Evaluator, value: AV, assign: Assign, view: FileView, scope: int, env: Env | None) -> AV:
    """The text that a name holds after all that its function adds to it; anything but a text as it is."""
    added = _added(view, assign, scope) if _is_text(value) else []
    if not added:
        return value
    texts: list[tuple[AV, Decided]] = [(o, {}) for o in options(value)]
    for later in added:
        inside = [b for b in view.blocks_of.get(scope, ()) if b.start <= later.start < b.end and not b.start <= assign.start < b.end]
        if later.value is None or any(b.kind in _REPEATED for b in inside):
            continue
        more = next(options(ev.value(later.value, view.path, scope, env)))
        if isinstance(more, UnknownV) or (isinstance(more, Const) and str(more.value).startswith(_LATER)):
            continue
        if isinstance(more, Text) and isinstance(more.parts[0], str) and more.parts[0].startswith(_LATER):
            continue
        ways = sorted((b for b in inside if b.kind in _CONDITIONS), key=lambda b: b.start)
        texts = [
            (join_text([text, more]) if runs else text, decided)
            for text, before in texts
            for runs, decided in _outcomes(ev, ways, SymbolId(view.path, scope), env, before)
        ][:MAX_TEXTS]
    return union([text for text, _ in texts])


def _is_text(value: AV) -> bool:
    return all(isinstance(o, Text) or (isinstance(o, Const) and isinstance(o.value, str)) for o in options(value))


def _added(view: FileView, assign: Assign, scope: int) -> list[Assign]:
    """What is added to a name after an assignment, and before the next one that surely replaces it."""
    name = assign.target.id if isinstance(assign.target, Name) else ""
    given = [a for a, path in view.bindings.get((scope, name), ()) if not path and a.start > assign.start] if name else []
    if not any(a.kind == "aug" for a in given):
        return []
    around = [b for b in view.blocks_of.get(scope, ()) if b.start <= assign.start < b.end]
    found: list[Assign] = []
    for later in sorted(given, key=lambda a: a.start):
        outer = [b for b in view.blocks_of.get(scope, ()) if b.start <= later.start < b.end]
        if later.kind == "aug":
            found.append(later)
        elif all(b in around for b in outer):
            break
    return found[:MAX_ADDED]


def _outcomes(ev: Evaluator, ways: list[Block], where: SymbolId, env: Env | None, decided: Decided) -> Iterator[tuple[bool, Decided]]:
    """Whether what stands behind all these conditions runs, with what is decided then."""
    if not ways:
        yield True, decided
        return
    first, *rest = ways
    choice, branch = _choice(ev, first, where)
    taken = decided.get(choice)
    if taken is None:
        known = _known(ev, first, where, env)
        if known is not False:
            yield from _outcomes(ev, rest, where, env, {**decided, choice: branch})
        if known is not True:
            yield False, {**decided, choice: _other(first, branch)} if first.kind != "case" else decided
    elif taken == branch:
        yield from _outcomes(ev, rest, where, env, decided)
    else:
        yield False, decided


def _choice(ev: Evaluator, block: Block, where: SymbolId) -> tuple[int, int]:
    """Where the choice stands that a branch belongs to, and the branch: 1 for an `if`, 0 for its `else`, its place for a `case`."""
    from backend_readiness.graph.evaluation.known_branches import test_of

    blocks = ev.world.view(where.file).blocks_of.get(where.index, ())
    if block.kind == "else":
        test = test_of(blocks, block)
        return (test.start if test is not None else block.start), 0
    if block.kind == "case":
        switch = [b for b in blocks if b.kind == "switch" and b.start <= block.start and block.end <= b.end]
        return max((b.start for b in switch), default=block.start), block.start
    return block.start, 1


def _other(block: Block, branch: int) -> int:
    return 1 - branch if block.kind in ("if", "else") else -1


def _known(ev: Evaluator, block: Block, where: SymbolId, env: Env | None) -> bool | None:
    from backend_readiness.graph.evaluation.known_branches import is_taken, test_of

    if block.kind == "if":
        return is_taken(ev, block, where, env)
    test = test_of(ev.world.view(where.file).blocks_of.get(where.index, ()), block) if block.kind == "else" else None
    known = is_taken(ev, test, where, env) if test is not None else None
    return None if known is None else not known
