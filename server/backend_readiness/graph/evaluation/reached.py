"""Does a call run at all under what is bound around it: `switch (method) { case "post": return client.post(url) ... }`.

A wrapper that chooses its client by what it is given sends one of its requests for each call, not all of them, and a loop over a table that
chooses by a row registers one route for each. Only a condition that is known to be false leaves a call out.
"""

from __future__ import annotations

from backend_readiness.facts.model import Block, Call, CallRef, Lit, Member, Name, Op, Seq, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import Const, Env, Ext, Site
from backend_readiness.graph.views import FileView

MAX_BLOCKS = 200
MAX_NESTED = 6
_SAME = {"is": True, "is not": False}  # also of two objects: those that one call made are one
_BEFORE_ELSE = 16  # bytes between the end of an `if` and the start of its `else`


def is_reached(ev: Evaluator, at: Site, env: Env) -> bool:
    """May the call at a place run under these bindings?"""
    view = ev.world.view(at.file)
    call = view.facts.calls[at.call]
    for scope in view.enclosing(call.owner):
        blocks = view.blocks_of.get(scope, [])[:MAX_BLOCKS]
        for block in blocks:
            if not block.start <= call.start < block.end:
                continue
            if block.kind == "case" and not _is_chosen(ev, view, block, blocks, env):
                return False
            if block.kind == "if" and _truth(ev, view, block, env) is False:
                return False
            if block.kind in ("if", "else") and any(_truth(ev, view, b, env) is True for b in _before(block, blocks)):
                return False
    return True


def _before(block: Block, blocks: list[Block]) -> list[Block]:
    """The `if` whose `else` a block is."""
    if block.kind != "else":
        return []
    return [b for b in blocks if b.kind == "if" and 0 <= block.start - b.end <= _BEFORE_ELSE]


def _is_chosen(ev: Evaluator, view: FileView, block: Block, blocks: list[Block], env: Env) -> bool:
    """May a `switch` choose this case, or one without a body of its own above it? True where its value is not known."""
    switch = max((b for b in blocks if b.kind == "switch" and b.start <= block.start < b.end), key=lambda b: b.start, default=None)
    value = ev.value(switch.subject, view.path, switch.owner, env) if switch is not None and switch.subject is not None else None
    if switch is None or not isinstance(value, Const):
        return True
    inner = [b for b in blocks if b.kind == "switch" and switch.start < b.start < switch.end]
    cases = [b for b in blocks if b.kind == "case" and switch.start < b.start < switch.end]
    cases = sorted((c for c in cases if not any(i.start < c.start < i.end for i in inner)), key=lambda c: c.start)
    said = {id(c): _constants(ev, view, c.subject, switch.owner, env) for c in cases if c.subject is not None}
    if any(named is None for named in said.values()):
        return True
    run = [block]
    for case in reversed([c for c in cases if c.start < block.start]):
        if not case.empty:
            break
        run.append(case)
    known = any(value.value in (named or ()) for named in said.values())
    return any(value.value in (said.get(id(c)) or ()) for c in run) or (any(c.subject is None for c in run) and not known)


def _constants(ev: Evaluator, view: FileView, subject: Value, owner: int, env: Env) -> list[object] | None:
    """What a case asks for: literals and constants (`case http.MethodGet, "HEAD":`); None where one is not known."""
    values = [ev.value(v, view.path, owner, env) for v in (subject.items if isinstance(subject, Seq) else (subject,))]
    known = [v.value for v in values if isinstance(v, Const)]
    return [*known] if len(known) == len(values) else None


def _truth(ev: Evaluator, view: FileView, block: Block, env: Env) -> bool | None:
    """Is the condition of a block true: None when that is not known."""
    return _holds(ev, view, block.subject, block.owner, env, 0)


def _holds(ev: Evaluator, view: FileView, test: Value | None, owner: int, env: Env, depth: int) -> bool | None:
    """Comparisons of two known values, beginnings and ends of known texts, and what is put together of those."""
    if isinstance(test, CallRef):
        return _begins(ev, view, view.facts.calls[test.call], env)
    if isinstance(test, Name):  # `if authed { group.Use(check) }`
        given = ev.value(test, view.path, owner, env)
        return given.value if isinstance(given, Const) and isinstance(given.value, bool) else None
    if not isinstance(test, Op) or depth > MAX_NESTED:
        return None
    parts = [_holds(ev, view, o, owner, env, depth + 1) for o in test.operands] if test.op in ("&&", "||", "!") else []
    if test.op == "!" and len(parts) == 1:
        return None if parts[0] is None else not parts[0]
    if parts:
        decides = test.op == "||"
        return decides if decides in parts else None if None in parts else not decides
    if test.op not in ("==", "===", "!=", "!==", *_SAME) or len(test.operands) != 2:
        return None
    first, second = (ev.value(o, view.path, owner, env) for o in test.operands)
    if test.op in _SAME and isinstance(first, Ext) and isinstance(second, Ext) and first.site is not None and second.site is not None:
        return ((first.site.file, first.site.call) == (second.site.file, second.site.call)) == _SAME[test.op]
    if not isinstance(first, Const) or not isinstance(second, Const):
        return None
    return (first.value == second.value) == (_SAME[test.op] if test.op in _SAME else test.op.startswith("="))


def _begins(ev: Evaluator, view: FileView, call: Call, env: Env) -> bool | None:
    """`key.startsWith("GET ")` where the text is known."""
    callee, given = call.callee, call.args[0].value if len(call.args) == 1 else None
    if not isinstance(callee, Member) or callee.name not in ("startsWith", "endsWith") or not isinstance(given, Lit):
        return None
    value = ev.value(callee.base, view.path, call.owner, env)
    if not isinstance(value, Const) or not isinstance(value.value, str) or not isinstance(given.value, str):
        return None
    return value.value.startswith(given.value) if callee.name == "startsWith" else value.value.endswith(given.value)
