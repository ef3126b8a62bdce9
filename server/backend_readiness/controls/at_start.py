"""The functions that run when the process starts: what the function or module that starts the application calls by itself."""

from __future__ import annotations

from collections.abc import Iterator

from backend_readiness.controls.callees import app_place
from backend_readiness.controls.context import Context
from backend_readiness.controls.development import stands_in_development
from backend_readiness.controls.kept import once
from backend_readiness.graph.edges import Edge
from backend_readiness.graph.values import SymbolId

MAX_DEPTH = 3
MAX_REACHED = 60
MAX_LINES = 400
_MADE = ("function", "method")


def text_at_start(context: Context) -> tuple[tuple[str, int, str], ...]:
    """(file, line, text) of what runs at start, comments and what is for development left out; nothing below a route of the flow."""
    return once(context, _text)


def _text(context: Context) -> tuple[tuple[str, int, str], ...]:
    found: list[tuple[str, int, str]] = []
    for where in _reached(context):
        symbol = context.view(where.file).symbol(where.index)
        lines = context.snapshot.lines(where.file)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + MAX_LINES, len(lines)) + 1):
            text = lines[number - 1]
            if not text.lstrip().startswith(("#", "//", "*", "/*")) and not stands_in_development(context, where.file, number):
                found.append((where.file, number, text))
    return tuple(found)


def _reached(context: Context) -> Iterator[SymbolId]:
    """Functions that the one around the line that starts the application calls, itself first; a module only for what it calls."""
    at = app_place(context)
    if at.file is None or at.line is None or at.file not in context.graph.facts.files:
        return
    symbols = context.view(at.file).facts.symbols
    around = [(s.end_line - s.line, n) for n, s in enumerate(symbols) if s.kind in _MADE and s.line <= (at.line or 0) <= s.end_line]
    first = SymbolId(at.file, min(around)[1] if around else 0)
    seen, queue = {first}, [(first, 0)]
    while queue and len(seen) < MAX_REACHED:
        where, depth = queue.pop(0)
        if where.index:
            yield where
        for edge in context.tracer.edges.of_symbol(where) if depth < MAX_DEPTH else ():
            if edge.kind == "call" and edge.target.symbol not in seen and not _is_aside(context, edge):
                seen.add(edge.target.symbol)
                queue.append((edge.target.symbol, depth + 1))


def _is_aside(context: Context, edge: Edge) -> bool:
    site = edge.site
    return stands_in_development(context, site.file, context.view(site.file).facts.calls[site.call].line)
