"""Where a flow that seems to touch no data may do so all the same: in a library that no card knows, behind a mediator, at a sign-in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_readiness.controls.asked_methods import asked_methods
from backend_readiness.controls.database.schema import lost_table
from backend_readiness.controls.judgement import Judgement, unverified
from backend_readiness.controls.kept import once
from backend_readiness.controls.subjects import Subject
from backend_readiness.controls.work.sequence import of_guards
from backend_readiness.controls.work.unproved_writes import unseen_write
from backend_readiness.facts.model import Record
from backend_readiness.graph.values import ClassV, Ext, FuncV
from backend_readiness.graph.views import callee_name
from backend_readiness.model import Verdict
from backend_readiness.rules.signs import sign

if TYPE_CHECKING:
    from backend_readiness.controls.context import Context
    from backend_readiness.controls.work.chain_calls import ChainCall

# Languages whose packages begin with a domain or a vendor, so that two names say whose they are.
_BY_VENDOR = frozenset({"java", "kotlin", "scala", "csharp", "php"})
_STANDARD = re.compile(sign("hidden_touches", "standard"))
_OF_GO = re.compile(sign("hidden_touches", "standard_of_go"))
_OF_PEOPLE = re.compile(sign("hidden_touches", "of_people"))
_MEDIATES = re.compile(sign("hidden_touches", "mediates"))
_WATCHES = re.compile(sign("hidden_touches", "watches"))
_CHANGING = frozenset({"POST", "PUT", "PATCH"})
_SERVES = frozenset({"router", "schema", "typeDefs", "resolvers", "type_defs", "routes", "procedures"})


def settled(context: Context, judged: Judgement) -> Judgement:
    """A verdict on the data of the flow; one that says that it has no such data holds only where all that it touches was seen."""
    if judged.verdict != Verdict.NOT_APPLICABLE:
        return judged
    stores = any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects)
    changes = not context.writes and bool(asked_methods(context) & _CHANGING)
    lost = hidden_touch(context) if not stores or changes else None
    if lost is not None:
        why = f"What `{callee_name(lost.call)}` does was not read, so that the flow may touch data which were not found."
        return unverified(why, context.at_call(lost))
    kinds = {e.kind for e, _ in context.effects} & {"orm", "sql", "nosql"}
    unseen = unseen_write(context) if "POST" in asked_methods(context) and kinds != {"nosql"} else None
    if unseen is not None:
        why = f"`{callee_name(unseen.call)}` goes by the name of a write, and what it does was not found."
        return unverified(why, context.at_call(unseen))
    return judged


def of_all_writes(context: Context, judged: Judgement) -> Judgement:
    """A verdict on the tables of the flow; a pass holds only where each write was seen, and the table of each was found."""
    if judged.verdict != Verdict.PASS:
        return judged
    unseen = unseen_write(context)
    if unseen is not None:
        why = f"`{callee_name(unseen.call)}` goes by the name of a write; which table it changes was not found."
        return unverified(why, context.at_call(unseen), *judged.evidence[:2])
    lost = lost_table(context)
    if lost is not None:
        call = context.view(lost.site.file).facts.calls[lost.site.call]
        why = f"The schema of `{lost.target}`, which the flow writes, was not found." if lost.target else "One of the tables was not found."
        return unverified(why, context.at(lost.site.file, call.line), *judged.evidence[:2])
    return judged


def hidden_touch(context: Context) -> ChainCall | None:
    """A call of the handlers and of what they call that may touch data out of sight; None when each of them is known to touch none."""
    return once(context, _hidden)


def _hidden(context: Context) -> ChainCall | None:
    known = {(e.site.file, e.site.call) for e, _ in context.effects}
    aside, people = of_guards(context), _lets_in(context)
    for call in context.calls:
        if call.function in aside or (call.site.file, call.site.call) in known or context.tracer.edges.of_call(call.site):
            continue
        if any(isinstance(v, FuncV | ClassV) for v in call.callee):
            continue
        if any(isinstance(v, Ext) and _may_touch(context, call, v, people) for v in call.callee):
            return call
    return None


def _lets_in(context: Context) -> bool:
    subject = Subject(context)
    return subject.sign_in or subject.sign_up or subject.reset


def _may_touch(context: Context, call: ChainCall, value: Ext, people: bool) -> bool:
    path = value.path
    if _STANDARD.match(path) is not None or not value.known or context.roles.of_value(value) or _WATCHES.search(path) is not None:
        return False
    if people and _OF_PEOPLE.search(path) is not None:
        return True
    if any(isinstance(a.value, Record) and any(k in _SERVES for k, _ in a.value.items) for a in call.call.args):
        return True  # a package that answers by what the repository gives it to serve
    if "()" not in path or (context.language == "go" and _OF_GO.match(path) is not None):
        return False
    if context.language == "javascript" and not call.call.awaited and any(e.kind in ("orm", "sql", "nosql") for e, _ in context.effects):
        return False  # beside the data that the flow is seen to read, what nobody waits for
    name = callee_name(call.call) or ""
    return (_MEDIATES.match(name) is not None and bool(call.call.args)) or not _is_spoken_of(context, path)


def _is_spoken_of(context: Context, path: str) -> bool:
    """Does a card know the package, or its vendor?"""
    folder, slash, last = path.rpartition("/") if "/" in path.partition("(")[0] else ("", "", path)
    names = re.split(r"[.(\[]", last)
    count = 2 if context.language in _BY_VENDOR and not slash else 1
    return folder + slash + ".".join(names[:count]) in context.graph.knowledge.spoken_of
