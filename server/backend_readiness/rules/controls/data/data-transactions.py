"""Writes that belong together take effect together: one commit after all of them, or one transaction around them."""

import regex

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.finders import LANGUAGES
from backend_readiness.controls.work.hidden_touches import settled
from backend_readiness.controls.work.sequence import Step, steps, together
from backend_readiness.controls.work.unproved_writes import parted, unheard_event, unseen_write, written_within
from backend_readiness.controls.work.unread import may_change_unread
from backend_readiness.controls.work.unseen_writes import may_write_unseen, unknown_save
from backend_readiness.controls.work.ways import way_to
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.facts.model import Call, Func, Member, Name
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Evidence, Verdict
from backend_readiness.rules.later_rules import load_later
from backend_readiness.rules.signs import signs, signs_by

# Records beside the subject of the flow: losing one of them leaves nothing half done.
_ASIDE = regex.compile(
    r"(?i)audit|log$|logs$|activit|histor|session|token|throttl|metric|attempt|visit|view$|views$|notification|counter|cache|last_?seen|analytic"
)

_LETS_IN = regex.compile(r"(?i)token|session")
_LOOKED_AT = regex.compile(r"\b(if|unless|raise|return|and|or|while)\b|&&|\|\||=")
# Languages whose records save themselves.
_SAVES_ITSELF = frozenset({"php", "ruby", "javascript", "python"})
MAX_MODEL = 200  # lines of a model that are read
# Names of calls by which another service is told to change something.
_SIGNS = regex.compile(r"(?:^|\.)log(?:in|out)$")
_CHANGES = regex.compile(r"(?i)^(create|add|save|insert|update|register|delete|remove|put|patch|charge|pay|refund|transfer|provision|open)")
# What runs after the commit by what it is called.
_COMMITTED = regex.compile(r"(?i)(on|after)_?commit")
_SPOKEN = r"(?i)transaction|autocommit|\bunit_?of_?work|\bbegin_?tx\b|\bmulti\.|\btx\b|savepoint"
_AROUND = (  # what opens a transaction around every request or command
    r"(?i)class\s+\w*transaction\w*(behavior|behaviour|middleware|filter|interceptor|decorator)",
    r"(?i)UnitOfWork|TransactionMiddleware|withTransactionMiddleware|TransactionInterceptor",
)


def _is_unmanaged(context: Context, writes: list[Step]) -> bool:
    """Do the writes go to a document store for which the framework makes no manager of transactions by itself, and none is set up?"""
    builds = signs("data-transactions", "builds")
    return (
        all(w.effect is not None and w.effect.kind in ("nosql", "orm") for w in writes)
        and bool(context.hits(signs("data-transactions", "documents"), builds))
        and not context.hits(signs("data-transactions", "relational"), builds)
        and not context.hits(signs("data-transactions", "manages"))
    )


def verify(context: Context) -> Judgement:
    judged = settled(context, _judged(context))
    return (_unproved(context) or judged) if judged.verdict == Verdict.PASS else judged


def _unproved(context: Context) -> Judgement | None:
    """What a pass takes for granted and was not seen: that all writes of the flow are known, and that one transaction holds them."""
    lost = unseen_write(context)
    if lost is not None:
        name = callee_name(lost.call)
        return unverified(f"`{name}` goes by the name of a write, and what it does was not found.", context.at_call(lost))
    event = unheard_event(context)
    if event is not None:
        name = callee_name(event.call)
        return unverified(f"`{name}` tells of an event; what those write who listen to it was not followed.", context.at_call(event))
    split = parted([s for s in steps(context) if s.kind == "write" and not _is_aside(s)])
    if split is not None:
        why = "The writes of a request stand in several transactions, or in one for each turn of a loop: some may stay alone."
        return unverified(why, split.evidence(context))
    nested = written_within(context)
    if nested is not None:
        return unverified("What writes the record may write others within it; whether it does so at once was not settled.", nested)
    return None


def _judged(context: Context) -> Judgement:
    found = steps(context)
    made = [s for s in found if s.kind == "write"]
    writes = [s for s in made if not _opens_session(s)] or made  # a sign-in that fails leaves an account that can sign in again
    if not writes and context.is_resolved and len(context.touches) == 1 and context.touches[0].operation in ("write", "delete"):
        return passed("The framework's base class makes one write.", context.at_place(context.touches[0].place))
    if not writes:
        if (
            not context.is_resolved
            or any(r.registration.touches for r in context.routes)
            or context.writes
            or may_change_unread(context)
            or may_write_unseen(context)
        ):
            return unverified("The flow's writes were not all found.")
        return not_applicable("The flow makes no more than reads.", context.at_route())
    commits = [s for s in found if s.kind == "commit"]
    if commits and not any(_commits_each(context, w) for w in writes):
        return _committed(context, found, writes, commits)
    pair = _pair(writes, Subject(context).sign_up)
    if pair is None:
        if len(writes) == 1 and writes[0].loops and _commits_each(context, writes[0]) and not writes[0].covered:
            return unverified(
                "One write is repeated in a loop; whether half of them may be missing is not settled.", writes[0].evidence(context)
            )
        listener = _listener(context, writes)
        if listener is not None:
            return unverified(
                "A listener runs with the write; what it writes beside it is not followed.", listener, writes[0].evidence(context)
            )
        before = [s for s in found[: found.index(writes[-1])] if s.kind == "outside" and s.effect is not None and s.effect.kind == "mail"]
        sent = next((s for s in before if together(s, writes[-1])), None)
        if sent is not None:
            why = "Mail goes out before the write that it is about: when the write fails, people hold a message about what does not exist."
            return partial(why, writes[-1].evidence(context), sent.evidence(context), *way_to(context, sent.site.file, sent.site.call)[:1])
        told = next(
            (s for s in found[: found.index(writes[0])] if s.kind == "outside" and _CHANGES.search(callee_name(s.call) or "")), None
        )
        if told is not None:
            why = "Another service is told to change something before the write; what becomes of it when the write fails is not settled."
            return unverified(why, told.evidence(context), writes[0].evidence(context))
        beside = _started_within(context) if any(s.kind == "open" or s.covered for s in found) else None
        if beside is not None:
            why = "Work is started beside a request whose write is in a transaction; whether it waits for the commit was not settled."
            return unverified(why, beside, writes[0].evidence(context))
        named = signs_by("data-transactions", "unread").get(context.language or "")
        unread = texts_of_chain(context, "|".join(named)) if named else []
        if unread:
            why = "Beside the write an object is changed that only a value names; whether that is another write was not settled."
            return unverified(why, context.at(*unread[0][:2]), writes[0].evidence(context))
        other = unknown_save(context) if len(writes) == 1 and context.language in _SAVES_ITSELF else None
        if other is not None:
            why = "Beside the write a record is saved of which nothing says what it is; whether the two belong together was not settled."
            return unverified(why, context.at_call(other), writes[0].evidence(context))
        revoked = _revoked_beside(context, writes)
        if revoked is not None:
            why = "Sessions or tokens are taken back by a statement of its own, after the write that they belong to: they may outlive it."
            return unverified(why, *(s.evidence(context) for s in revoked))
        return passed("Each request makes one write that matters.", writes[0].evidence(context))
    together_with = [w for w in writes if w is pair[0] or together(pair[0], w)]
    opened = [s for s in found if s.kind == "open"]
    holders = {w.within for w in together_with}
    holder = next(iter(holders)) if len(holders) == 1 else None
    if holder is not None:
        early = next((s for s in found if s.within == holder and _leaves(s)), None)
        if early is not None:
            return _sent_early(context, early, together_with)
        where = context.view(holder.file).symbol(holder.index)
        mark = max(1, where.line - 1)
        shown = context.at(holder.file, mark, where.line)
        if _is_unmanaged(context, together_with):
            why = "The mark of a transaction does nothing: nobody manages transactions of the document store, so each write stands alone."
            return failed(why, shown, *(w.evidence(context) for w in together_with[:2]))
        return passed(
            "The writes stand in a function that runs in one transaction.", shown, *(w.evidence(context) for w in together_with[:2])
        )
    if all(w.covered for w in together_with) and opened:
        strays = [w for w in together_with if _leaves_out(context, w, opened)]
        if strays and len(strays) < len(together_with):
            return partial(
                "One of the writes in the transaction does not use it.",
                *(w.evidence(context) for w in strays[:3]),
                opened[0].evidence(context),
            )
        if strays:
            return unverified("The writes stand in a transaction; whether they run in it is not settled.", opened[0].evidence(context))
        quiet = next((w for w in together_with if _is_quiet(context, w)), None)
        if quiet is not None:
            why = "A write in the transaction only answers that it failed; whether the others are then taken back was not settled."
            return unverified(why, quiet.evidence(context), opened[0].evidence(context))
        early = next((s for s in found if s.covered and _leaves(s) and together(s, together_with[0])), None)
        if early is not None:
            return _sent_early(context, early, together_with)
        return passed(
            "The writes stand in one transaction.", opened[0].evidence(context), *(w.evidence(context) for w in together_with[:2])
        )
    if opened or context.hits((r"ATOMIC_REQUESTS['\"]?\]?\s*[:=]\s*True",)):
        return unverified(
            "A transaction is opened; which of the writes run in it is not settled.", *(s.evidence(context) for s in (*opened, *pair)[:3])
        )
    if not all(_commits_each(context, w) for w in together_with):
        return unverified("Where the writes are committed was not found.", *(w.evidence(context) for w in together_with[:2]))
    if any(w.covered for w in together_with):
        what = "A method that runs in a transaction makes writes; whether one transaction holds them all is not settled."
        return unverified(what, *(w.evidence(context) for w in together_with[:3]))
    around = (texts_of_chain(context, _SPOKEN) or context.hits(_AROUND)) if context.language in LANGUAGES else []
    if around:
        what = "A transaction is spoken of; whether the writes run in it is not settled."
        return unverified(what, context.at(*around[0][:2]), *(w.evidence(context) for w in together_with[:2]))
    names = ", ".join(dict.fromkeys(f"`{w.effect.target}`" for w in together_with if w.effect is not None and w.effect.target))
    return failed(
        f"The writes to {names} are separate statements without a transaction: a failure between them leaves half of them.",
        *(w.evidence(context) for w in together_with[:5]),
        *(e for w in together_with[:2] for e in way_to(context, w.site.file, w.site.call)[:2]),
    )


def _leaves(step: Step) -> bool:
    """Does the step send mail, or a message to a queue?"""
    return step.kind == "message" or (step.kind == "outside" and step.effect is not None and step.effect.kind == "mail")


def _sent_early(context: Context, sent: Step, writes: list[Step]) -> Judgement:
    places = (sent.evidence(context), *(w.evidence(context) for w in writes[:2]))
    if sent.kind == "message":
        return unverified("A message leaves inside of the transaction; whether it waits for the commit was not settled.", *places)
    return partial(
        "Mail goes out inside of the transaction: when that is taken back, people hold a message about what does not exist.", *places
    )


def _is_quiet(context: Context, write: Step) -> bool:
    """Does the call answer false where it fails, with nobody to look at the answer?"""
    quiet = signs_by("data-transactions", "quiet").get(context.language, ())
    if not any(regex.search(q, callee_name(write.call) or "") is not None for q in quiet):
        return False
    text = context.snapshot.lines(write.site.file)[write.call.line - 1][:300]
    return regex.match(r"\s*(?:@?\w+(?:\.\w+)*\.)?\w+(?:\(.*\)|\s.*)?\s*$", text) is not None and _LOOKED_AT.search(text) is None


def _started_within(context: Context) -> Evidence | None:
    """The line of the flow that starts work which nobody waits for, before or after a commit."""
    words = load_later().get(context.language or "")
    if words is None:
        return None
    started = texts_of_chain(context, "|".join(words.starts))
    loose = [(f, n) for f, n in started if _COMMITTED.search(context.snapshot.lines(f)[n - 1][:500]) is None]
    return context.at(*loose[0]) if loose else None


def _listener(context: Context, writes: list[Step]) -> Evidence | None:
    """Code of the application that the ORM runs with a write of the flow: a signal receiver or a mapper event."""
    targets = {w.effect.target.rpartition(".")[2].lower() for w in writes if w.effect is not None and w.effect.target}
    for file, line, text in context.hits((r"(?:post|pre)_(?:save|delete)\b.*(?:sender|connect)|listens_for\(|event\.listen\(",)):
        named = regex.search(
            r"sender\s*=\s*['\"]?(?:\w+\.)*(\w+)|listen(?:s_for)?\(\s*(?:\w+\.)*(\w+)\s*,\s*['\"](?:after|before)_(?:insert|update|delete)",
            text,
        )
        if named is not None and (named.group(1) or named.group(2)).lower() in targets:
            return context.at(file, line)
    after = signs_by("data-transactions", "after_write").get(context.language, ())
    pattern = regex.compile("|".join(after)) if after else None
    for name in sorted({w.effect.target.rpartition(".")[2] for w in writes if w.effect is not None and w.effect.target} if pattern else ()):
        for file, line, _ in context.hits((rf"^\s*(final\s+)?class\s+{regex.escape(name)}\b",))[:2]:
            for number, text in enumerate(context.snapshot.lines(file)[line : line + MAX_MODEL], line + 1):
                if pattern is not None and pattern.search(text[:500]) is not None:
                    return context.at(file, number)
    return None


def _committed(context: Context, found: list[Step], writes: list[Step], commits: list[Step]) -> Judgement:
    """Judge a session whose writes wait for a commit."""
    for commit in commits:
        inside = [w for w in writes if commit.loops and commit.loops == w.loops[: len(commit.loops)] and len(w.loops) >= len(commit.loops)]
        after = [w for w in writes if not w.loops and together(commit, w) and found.index(w) > found.index(commit)]
        if commit.loops and (after or len(inside) > 1):
            return failed(
                "Each turn of the loop is committed by itself, before the writes that belong to it.",
                commit.evidence(context),
                *(w.evidence(context) for w in after[:2]),
            )
    again: Step | None = None
    for number, first in enumerate(found):
        if first.kind != "write" or _is_aside(first):
            continue
        cut = next((c for c in found[number + 1 :] if c.kind == "commit" and together(first, c)), None)
        if cut is None:
            continue
        start = found.index(cut)
        for second in found[start + 1 :]:
            if second.kind == "outside" and together(cut, second):
                break  # what another service answered cannot be in the transaction before it was asked
            if second.kind != "write" or _is_aside(second) or not together(first, second) or not together(cut, second):
                continue
            if second.call is first.call:
                again = again or cut
            else:
                return failed(
                    "The flow commits between writes that belong together: a failure after the first commit leaves half of them.",
                    cut.evidence(context),
                    first.evidence(context),
                    second.evidence(context),
                )
    if again is not None:
        why = (
            "The flow goes through a function that writes and commits more than once; whether these writes belong together is not settled."
        )
        return unverified(why, again.evidence(context))
    return passed("The writes of a request wait for one commit.", commits[-1].evidence(context))


def _opens_session(step: Step) -> bool:
    """Does the write only sign somebody in or out, into the session of the framework?"""
    return step.effect is not None and step.effect.target == "session" and _SIGNS.search(step.effect.path) is not None


def _pair(writes: list[Step], sign_up: bool = False) -> tuple[Step, Step] | None:
    """Two writes that belong together; a new account and what lets it in are two of them."""
    main = [w for w in writes if not _is_aside(w) or (sign_up and w.effect is not None and _LETS_IN.search(w.effect.target) is not None)]
    for number, first in enumerate(main):
        for second in main[number + 1 :]:
            if together(first, second) and (first.site, first.call.start) != (second.site, second.call.start):
                return first, second
    return None


def _revoked_beside(context: Context, writes: list[Step]) -> tuple[Step, Step] | None:
    """A write, and a deletion of what lets people in that belongs to it, outside of one transaction; not at a sign-in, which tidies up."""
    if Subject(context).sign_in or all(w.covered for w in writes):
        return None
    for main in writes:
        for other in writes if not _is_aside(main) else ():
            lets_in = other.effect is not None and other.effect.operation == "delete" and _LETS_IN.search(other.effect.target) is not None
            if lets_in and together(main, other) and (main.within is None or main.within != other.within):
                return main, other
    return None


def _is_aside(step: Step) -> bool:
    return step.effect is not None and _ASIDE.search(step.effect.target) is not None


def _commits_each(context: Context, step: Step) -> bool:
    return step.effect is not None and "commits_each" in context.graph.knowledge.roles_of(step.effect.path)


def _leaves_out(context: Context, write: Step, opened: list[Step]) -> bool:
    """Does the write go past the handle that the transaction gives to its callback?"""
    for step in opened:
        if step.site.file != write.site.file or not step.call.start <= write.call.start < step.call.end:
            continue
        handles = _handles(context, step)
        if handles and not _uses(context, write.call, write.site.file, handles):
            return True
    return False


def _handles(context: Context, step: Step) -> set[str]:
    view = context.view(step.site.file)
    return {p.name for a in step.call.args if isinstance(a.value, Func) for p in view.symbol(a.value.symbol).params[:1] if p.name}


def _uses(context: Context, call: Call, file: str, handles: set[str]) -> bool:
    root = call.callee
    while isinstance(root, Member):
        root = root.base
    if isinstance(root, Name) and root.id in handles:
        return True
    text = "\n".join(context.snapshot.lines(file)[call.line - 1 : call.end_line])
    return any(regex.search(rf"\b{regex.escape(h)}\b", text) is not None for h in handles)
