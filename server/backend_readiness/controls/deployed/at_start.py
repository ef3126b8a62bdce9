"""What runs when the process starts: what the function or module that starts the application calls, the functions that it registers
for the start, and the modules that are imported for their effect alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from backend_readiness.controls.callees import app_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.controls.deployed.startup import commands
from backend_readiness.controls.kept import once
from backend_readiness.facts.model import CallRef, Lit, Member
from backend_readiness.graph.backend.edges import Edge
from backend_readiness.graph.values import FuncV, Site, SymbolId, options
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.places import is_production

_MAIN = re.compile(sign("at_start", "main_block"))
MAX_DEPTH = 3
MAX_REACHED = 60
MAX_CALLERS = 8
MAX_LINES = 400
_MADE = ("function", "method")
_GIVEN_AS = frozenset({None, "func", "lifespan", "on_startup"})


def text_at_start(context: Context) -> tuple[tuple[str, int, str], ...]:
    """(file, line, text) of what runs at start, comments and what is for development left out; nothing below a route of the flow."""
    return once(context, _text)


def _text(context: Context) -> tuple[tuple[str, int, str], ...]:
    found: list[tuple[str, int, str]] = []
    reached = list(_reached(context))
    handed = {w: _handed_over(context, w, reached) for w in reached}
    spans = [(w, context.view(w.file).symbol(w.index)) for w in reached]
    numbers = {(w.file, n): None for w, s in spans for n in range(s.line, min(s.end_line, s.line + MAX_LINES) + 1) if n not in handed[w]}
    for file in _for_effect(context):
        apart = {
            n for s in context.view(file).facts.symbols if s.kind in _MADE for n in range(s.line, min(s.end_line, s.line + MAX_LINES) + 1)
        }
        numbers.update({(file, n): None for n in range(1, MAX_LINES + 1) if n not in apart})
    numbers.update(dict.fromkeys(_own_block(context)))
    for file, number in numbers:
        lines = context.snapshot.lines(file)
        text = lines[number - 1] if number <= len(lines) else ""
        if text and not text.lstrip().startswith(("#", "//", "*", "/*")) and not stands_in_development(context, file, number):
            found.append((file, number, text))
    return tuple(found)


def calls_of_module(context: Context) -> Iterator[tuple[str, int, str]]:
    """(file, line, text) of calls that the module which makes the application runs by itself, under no condition and in no function."""
    file = app_place(context).file or ""
    if file not in context.graph.facts.files:
        return
    view = context.view(file)
    small = {s.line for s in view.facts.symbols if s.kind == "lambda" and s.line == s.end_line}
    asked = [(b.line, b.end_line) for b in view.facts.blocks if b.kind in ("if", "else", "case") and b.owner == 0]
    lines = context.snapshot.lines(file)
    for number in sorted({view.facts.calls[n].line for n in view.calls_of.get(0, ())} - small):
        if not any(a <= number <= b for a, b in asked) and not stands_in_development(context, file, number):
            yield file, number, lines[number - 1]


def _handed_over(context: Context, where: SymbolId, reached: Sequence[SymbolId]) -> frozenset[int]:
    """Lines of functions inside of one that a mark hands to something else, as a command or a handler: the start does not run them."""
    symbols = context.view(where.file).facts.symbols
    outer = symbols[where.index]
    inner = [
        s
        for n, s in enumerate(symbols)
        if n != where.index
        and s.decorators
        and s.kind in _MADE
        and outer.line < s.line <= s.end_line <= outer.end_line
        and SymbolId(where.file, n) not in reached
    ]
    return frozenset(n for s in inner for n in range(s.line, min(s.end_line, s.line + MAX_LINES) + 1))


def _own_block(context: Context) -> Iterator[tuple[str, int]]:
    """Lines that the file of the application runs where it is itself what is started: `if __name__ == "__main__":`."""
    file = app_place(context).file or ""
    started = commands(context) if file in context.graph.facts.files else ()
    if file not in context.graph.facts.files or (started and not any(file.rpartition("/")[2] in c.text for c in started)):
        return
    inside = False
    for number, text in enumerate(context.snapshot.lines(file)[: MAX_LINES * 10], 1):
        if _MAIN.match(text) is not None:
            inside = True
        elif text.strip() and not text[:1].isspace():
            inside = False
        if inside:
            yield file, number


def _for_effect(context: Context) -> list[str]:
    """Modules that the one which makes the application imports without taking a name from them: they run, and nothing else is wanted."""
    at = app_place(context)
    if at.file is None or at.file not in context.graph.facts.files:
        return []
    view = context.view(at.file)
    plain = [i.module for i in view.facts.imports if i.local is None and i.name is None and not i.owner and not i.erased]
    found = [f for module in plain[:20] if (f := context.graph.resolve(module, at.file)) is not None]
    return [f for f in dict.fromkeys(found) if f in context.graph.facts.files and f != at.file]


def _registered(context: Context) -> Iterator[SymbolId]:
    """Functions that are handed over, or marked, to run once at the start."""
    for found in context.roles.calls("runs_at_start"):
        if any(isinstance(a.value, Lit) and a.value.value == "shutdown" for a in found.call.args):
            continue
        for given in (a for a in found.call.args if a.name in _GIVEN_AS and not isinstance(a.value, Lit)):
            value = context.graph.ev.value(given.value, found.file, found.call.owner)
            yield from (v.symbol for v in options(value) if isinstance(v, FuncV))
        view = context.view(found.file)
        for number, symbol in enumerate(view.facts.symbols):
            if any(isinstance(d, CallRef) and view.facts.calls[d.call] is found.call for d in symbol.decorators):
                yield SymbolId(found.file, number)


def _marked(context: Context) -> Iterator[SymbolId]:
    """Functions under a mark that is not called: `@app.before_first_request`."""
    for name in context.graph.knowledge.names_of_role("runs_at_start", context.language):
        for file in context.graph.naming(name):
            if not context.is_backend(file):
                continue
            for number, symbol in enumerate(context.view(file).facts.symbols):
                marks = [d for d in symbol.decorators if isinstance(d, Member) and d.name == name]
                if any("runs_at_start" in context.roles.of_value(context.graph.ev.value(d, file, 0)) for d in marks):
                    yield SymbolId(file, number)


def _reached(context: Context) -> Iterator[SymbolId]:
    """Functions that the one around the line that starts the application calls, itself first; a module only for what it calls."""
    at = app_place(context)
    if at.file is None or at.line is None or at.file not in context.graph.facts.files:
        return
    symbols = context.view(at.file).facts.symbols
    around = [(s.end_line - s.line, n) for n, s in enumerate(symbols) if s.kind in _MADE and s.line <= (at.line or 0) <= s.end_line]
    first = SymbolId(at.file, min(around)[1] if around else 0)
    starts = list(dict.fromkeys((first, *_callers(context, first), *_registered(context), *_marked(context))))
    seen, queue = set(starts), [(s, 0) for s in starts]
    while queue and len(seen) < MAX_REACHED:
        where, depth = queue.pop(0)
        if where.index:
            yield where
        for edge in context.tracer.edges.of_symbol(where) if depth < MAX_DEPTH else ():
            if edge.kind == "call" and edge.target.symbol not in seen and not _is_aside(context, edge):
                seen.add(edge.target.symbol)
                queue.append((edge.target.symbol, depth + 1))


def _callers(context: Context, made: SymbolId) -> Iterator[SymbolId]:
    """The functions and modules around the calls of the function that makes the application, nearest first: they run at start as well."""
    wanted, seen = [made] if made.index else [], {made}
    while wanted and len(seen) < MAX_CALLERS:
        target = wanted.pop(0)
        name = context.view(target.file).symbol(target.index).name
        for file in context.graph.naming(name) if name else ():
            if not context.is_backend(file) or not is_production(file):
                continue
            view = context.view(file)
            for number in view.calls_by_name.get(name, ()):
                around = SymbolId(file, view.facts.calls[number].owner)
                runs = any(e.kind == "call" and e.target.symbol == target for e in context.tracer.edges.of_call(Site(file, number, None)))
                if runs and around not in seen:
                    seen.add(around)
                    yield around
                    wanted += [around] if around.index else []


def _is_aside(context: Context, edge: Edge) -> bool:
    site = edge.site
    return stands_in_development(context, site.file, context.view(site.file).facts.calls[site.call].line)
