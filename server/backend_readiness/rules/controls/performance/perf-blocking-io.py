"""Nothing on the flow blocks the event loop that its handlers run on."""

import re
from collections.abc import Mapping, Sequence

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.work.blocking import blocking_calls, on_the_loop
from backend_readiness.controls.work.chain_calls import ChainCall
from backend_readiness.controls.work.out_of_sight import unseen_work
from backend_readiness.graph.values import SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs, signs_by

_WAITS = signs_by("perf-blocking-io", "waits")
_FILES = signs_by("perf-blocking-io", "files")
_ENTRIES = signs_by("perf-blocking-io", "entries")
_ONE_LOOP = signs("perf-blocking-io", "one_loop")
_GIVES_WAY = signs("perf-blocking-io", "gives_way")
_PUT_UP = re.compile(sign("perf-blocking-io", "put_up"))
MAX_FILES = 40
_TWO_KINDS = frozenset(signs("perf-blocking-io", "two_kinds"))


def verify(context: Context) -> Judgement:
    if not context.routes or not context.is_resolved:
        return unverified("The flow's handlers were not all resolved.")
    found = blocking_calls(context)
    if found:
        first = found[0]
        name = first.paths[0].replace("()", "").lstrip("?~")
        evidence = [context.at_call(c) for c in found[:4]]
        handler = context.handlers[0] if context.handlers else None
        if handler is not None:
            evidence.append(context.at(handler.file, handler.line, min(handler.end_line, handler.line + 5)))
        if all(_rare(context, c) for c in found):
            return partial(f"`{name}` blocks the event loop on a rare branch of the flow.", *evidence)
        return failed(f"`{name}` runs on the event loop: until it returns, the process answers nobody else.", *evidence)
    loop = on_the_loop(context)
    waits = next((e for symbol in loop if (e := _waits(context, symbol, _WAITS)) is not None), None)
    if waits is not None:
        return failed("Asynchronous work is waited for with a call that blocks the thread on which other requests should run.", waits)
    handlers = [r.function.symbol for r in context.functions]
    file = next((e for symbol in loop if (e := _waits(context, symbol, _FILES)) is not None), None)
    if file is not None:
        return unverified("A file is read or written on the event loop; whether that takes long was not settled.", file)
    given = unseen_work(context) if context.language in _TWO_KINDS else []
    lost = next((c for c in given if c.function in loop and not c.call.awaited), None)
    if lost is not None:
        why = "Work is given away on the event loop without waiting for it; whether what takes it blocks was not settled."
        return unverified(why, context.at_call(lost))
    if loop:
        return passed("The flow's code on the event loop makes asynchronous calls only.", *(context.at_symbol(s) for s in loop[:3]))
    around = _around(context)
    if around is not None:
        why = "A middleware runs on the event loop around the flow's plain functions; whether what it calls blocks was not settled."
        return unverified(why, around, *(context.at_place(h) for h in context.handlers[:1]))
    if context.language == "python" and handlers:
        server = context.first_hit(_ONE_LOOP)
        if server is not None and not context.hits(_GIVES_WAY):
            why = "The server runs plain functions on its one event loop; whether what the flow calls blocks it was not settled."
            return unverified(why, context.at(*server[:2]), *(context.at_place(h) for h in context.handlers[:1]))
        why = "The flow's handlers are plain functions, which run in threads beside any event loop."
        return passed(why, *(context.at_place(h) for h in context.handlers[:2]))
    loops = [re.compile(p) for p in signs_by("perf-blocking-io", "loops").get(context.language, ())]
    where = next(
        ((f, n) for f in _files(context) for n, t in enumerate(context.snapshot.lines(f), 1) if any(p.search(t[:500]) for p in loops)), None
    )
    if where is not None:
        why = "Handlers may run on an event loop here; whether what the flow calls blocks it was not settled."
        return unverified(why, context.at(*where), context.at_route())
    return not_applicable("The flow's handlers do not run on an event loop.", context.at_route())


def _around(context: Context) -> Evidence | None:
    """Where a class that the application puts up around each request runs on the event loop, and the flow's chain does not lead."""
    chain = {r.function.symbol for r in context.functions}
    for name in _ENTRIES.get(context.language, ()):
        for symbol in context.graph.defining(name):
            view = context.view(symbol.file)
            found = view.symbol(symbol.index)
            if symbol in chain or not found.is_async or found.parent is None or not context.is_backend(symbol.file):
                continue
            owner = view.symbol(found.parent).name
            put = context.hits((rf"\b{re.escape(owner)}\b",)) if owner else []
            if any(h[0] != symbol.file and _is_put_up(context, h[0], h[1]) for h in put):
                return context.at(symbol.file, found.line)
    return None


def _is_put_up(context: Context, file: str, line: int) -> bool:
    """Does a line, or the one above it, put something up around each request?"""
    return _PUT_UP.search(" ".join(context.snapshot.lines(file)[max(0, line - 2) : line])) is not None


def _files(context: Context) -> list[str]:
    """The files of the flow's routes and functions."""
    return list(dict.fromkeys((*(r.route.place.file for r in context.routes), *(r.function.symbol.file for r in context.functions))))[
        :MAX_FILES
    ]


def _waits(context: Context, symbol: SymbolId, how: Mapping[str, Sequence[str]]) -> Evidence | None:
    """Where a function stops its thread until asynchronous work, or a file, is done."""
    words = how.get(context.language, ())
    found = context.view(symbol.file).symbol(symbol.index)
    lines = context.snapshot.lines(symbol.file)[found.line - 1 : min(found.end_line, found.line + 400)]
    for number, text in enumerate(lines, found.line):
        if len(text) < 1_000 and any(re.search(w, text) for w in words) and not text.lstrip().startswith("//"):
            return context.at(symbol.file, number)
    return None


def _rare(context: Context, call: ChainCall) -> bool:
    """Does the call stand in the branch of an error or of a `catch`?"""
    view = context.view(call.site.file)
    for scope in view.enclosing(call.call.owner):
        for block in view.blocks_of.get(scope, ()):
            if block.kind == "catch" and block.start <= call.call.start and call.call.end <= block.end:
                return True
    return False
