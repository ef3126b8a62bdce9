"""Writes of one step that belong together are committed together."""

import itertools

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.roles import RoleCall
from backend_readiness.controls.writes import Write, texts_of_chain, writes
from backend_readiness.facts.model import Block

_TRANSACTION = (
    r"\btransaction\b|\batomic\b|\bwithTransaction\b|\bBEGIN\b|begin_nested|\.begin\("
    r"|ATOMIC_REQUESTS|@Transactional|UnitOfWork|startSession"
)


def verify(context: Context) -> Judgement:
    found = writes(context)
    if not found:
        if context.is_resolved and not any(r.registration.touches for r in context.routes):
            return not_applicable("The flow writes nothing.", context.at_route())
        return unverified("The flow's writes were not all found.")
    commits = context.chain_role("commit")
    in_loop = [c for c in commits if _loop_around(context, c) is not None]
    if in_loop:
        why = "A commit stands inside a loop: when a later element fails, the earlier ones stay written."
        return failed(why, context.at_call(in_loop[0]), *(context.at_call(w.call) for w in found[:2]))
    if commits:
        return _of_session(context, found, commits)
    opened = context.chain_role("transaction")
    hints = texts_of_chain(context, _TRANSACTION)
    if opened:
        return passed("The writes stand in a transaction.", *(context.at_call(c) for c in opened[:2]))
    if hints:
        return unverified("The chain names a transaction; whether it holds all writes is not settled.", context.at(*hints[0]))
    main = [w for w in found if not (w.effect.operation == "write" and w.beside)]
    if len(main) < 2:
        return passed("The step makes one write, which is one transaction by itself.", *(context.at_call(w.call) for w in found[:2]))
    if context.hits((r"ATOMIC_REQUESTS[\"']?\]?\s*[:=]\s*True",), ("**/*.py",)):
        return passed("Each request is one transaction by the settings.", context.at_call(found[0].call))
    if _alternatives(context, main):
        return unverified(
            "Whether more than one of the writes runs in one request is not settled.", *(context.at_call(w.call) for w in main[:3])
        )
    targets = list(dict.fromkeys(w.effect.target or "?" for w in main))
    names = ", ".join(targets[:3])
    return failed(f"{len(main)} writes ({names}) run one by one without a transaction.", *(context.at_call(w.call) for w in main[:5]))


def _of_session(context: Context, found: list[Write], commits: list[RoleCall]) -> Judgement:
    """A session collects writes until a commit: one commit after them is one transaction."""
    functions = {(c.site.file, c.call.owner) for c in commits}
    same = [(f, [c for c in commits if (c.site.file, c.call.owner) == f]) for f in functions]
    for (file, owner), several in same:
        several.sort(key=lambda c: c.call.start)
        between = [
            w
            for first, last in itertools.pairwise(several)
            for w in found
            if w.call.site.file == file and w.call.call.owner == owner and first.call.start < w.call.call.start < last.call.start
        ]
        before = [w for w in found if w.call.site.file == file and w.call.call.owner == owner and w.call.call.start < several[0].call.start]
        if len(several) > 1 and between and before and not context.hits((r"(?i)idempot|compensat|outbox",)):
            why = "The step commits in the middle of its writes: a failure after the first commit leaves half of them."
            return partial(why, *(context.at_call(c) for c in several[:3]))
    return passed("The session's writes are committed together.", *(context.at_call(c) for c in commits[:2]))


def _alternatives(context: Context, found: list[Write]) -> bool:
    """Do the writes stand in different branches, so that one request makes only one of them?"""
    branches = set()
    for write in found:
        view = context.view(write.call.site.file)
        blocks = [
            b
            for b in view.blocks_of.get(write.call.call.owner, ())
            if b.kind in ("if", "else", "case", "catch") and b.start <= write.call.call.start < b.end
        ]
        inner = max(blocks, key=lambda b: b.start, default=None)
        if inner is None:
            return sum(_outside(context, w) for w in found) < 2
        branches.add((write.call.site.file, inner.start))
    return len(branches) == len(found)


def _outside(context: Context, write: Write) -> bool:
    view = context.view(write.call.site.file)
    call = write.call.call
    return not any(b.kind in ("if", "else", "case", "catch") and b.start <= call.start < b.end for b in view.blocks_of.get(call.owner, ()))


def _loop_around(context: Context, call: RoleCall) -> Block | None:
    for block in context.view(call.site.file).blocks_of.get(call.call.owner, ()):
        if block.kind == "loop" and block.start <= call.call.start and call.call.end <= block.end:
            return block
    return None
