"""Whether a call runs beside the request: in a function that is started and not waited for."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, partial, unverified
from backend_readiness.controls.work.writes import texts_of_chain
from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.values import Site, SymbolId
from backend_readiness.graph.views import callee_name
from backend_readiness.rules.later_rules import load_later
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import compile_patterns


def runs_later(context: Context, site: Site) -> bool:
    """Does the call's line, the line where a function around it begins, or a decorator of one say that nobody waits for it?"""
    words = load_later().get(context.view(site.file).language)
    starts = compile_patterns(words.starts) if words is not None else None
    if words is None or starts is None:
        return False
    view = context.view(site.file)
    lines = context.snapshot.lines(site.file)
    call = view.facts.calls[site.call]
    places = {call.line}
    for scope in view.enclosing(call.owner):
        symbol = view.symbol(scope)
        if symbol.kind == "lambda":
            places.add(symbol.line)
        for mark in symbol.decorators if symbol.kind in ("function", "method", "class") else ():
            value = view.facts.calls[mark.call].callee if isinstance(mark, CallRef) else mark
            named = value.name if isinstance(value, Member) else value.id if isinstance(value, Name) else ""
            if named in words.marks and _marks_hold(context, SymbolId(site.file, scope), words.switched_on):
                return True
    for other in view.calls_of.get(call.owner, ()):  # a call whose argument this one is: `Task.start(fn -> deliver() end)` on several lines
        around = view.facts.calls[other]
        if around.start <= call.start < call.end <= around.end and around.line != call.line and callee_name(around):
            places.add(around.line)
    return any(starts.search(lines[n - 1][:500].encode("utf-8", "replace")) for n in places if 0 < n <= len(lines))


def handed_over(context: Context) -> list[tuple[str, int]]:
    """(file, line) of the lines of the chain that give work to one who waits for it elsewhere in the process: `jobs <- job`."""
    words = load_later().get(context.language)
    if words is None or not words.hands_over:
        return []
    return texts_of_chain(context, "|".join(words.hands_over))


def _marks_hold(context: Context, function: SymbolId, switched_on: tuple[str, ...]) -> bool:
    """Is what reads the marks switched on, and is the function called from outside of its class?"""
    if not switched_on:
        return True
    if not context.hits(switched_on):
        return False
    holder = context.view(function.file).holder(function.index)
    edges = [
        e
        for r in context.functions
        for e in context.tracer.edges.of_symbol(r.function.symbol)
        if (e.target.symbol.file, e.target.symbol.index) == (function.file, function.index)
    ]
    inside = [
        e
        for e in edges
        if e.site.file == function.file
        and context.view(e.site.file).holder(context.view(e.site.file).facts.calls[e.site.call].owner) == holder
    ]
    return not edges or len(inside) < len(edges)


_WAITS = re.compile(sign("later", "waits"))
_NOT_THE_FLOWS = re.compile(r"(?i)log|metric|track|trace|cache|touch|seen|monitor|stat")
MAX_CALLS = 400


def beside_the_request(context: Context) -> Judgement | None:
    """What a finding on state says of work that is started and not waited for: it lives in the process until it is done."""
    effects = {(e.site.file, e.site.call) for e, _ in context.effects if e.kind not in ("cache", "file", "log")}
    open_question: Judgement | None = None
    for call in context.calls[:MAX_CALLS]:
        view = context.view(call.site.file)
        lines = context.snapshot.lines(call.site.file)
        symbol = view.symbol(call.call.owner)
        around = "\n".join(lines[max(0, symbol.line - 2) : symbol.end_line])
        name = callee_name(call.call) or ""
        if _NOT_THE_FLOWS.search(name) is not None or not runs_later(context, call.site) or _WAITS.search(around) is not None:
            continue
        at = context.at(call.site.file, call.call.line)
        if (call.site.file, call.site.call) in effects:
            return partial("Work of the flow runs beside the request, in the process; a restart loses it.", at)
        why = f"`{name}` runs beside the request, in the process; whether a restart may lose what it does was not settled."
        open_question = open_question or unverified(why, at)
    return open_question
