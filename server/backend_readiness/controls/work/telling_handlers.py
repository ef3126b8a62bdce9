"""Handlers that are registered for errors nobody expects, and that tell the client what the error says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.facts.model import CallRef, Lit, Name
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign
from backend_readiness.snapshot.matching import Pattern

# Errors that no client is meant to see: of every kind, and those of the database.
_UNEXPECTED = re.compile(sign("telling_handlers", "unexpected"))
_HANDLES = re.compile(sign("telling_handlers", "for_class"))
MAX_LINE = 400


def handler_of_everything(context: Context) -> Evidence | None:
    """The line of a Python handler of every exception, or of those of the database, that puts it or its trace into the answer."""
    for found in context.roles.calls("error_handler"):
        first = found.call.args[0].value if found.call.args else None
        named = first.id if isinstance(first, Name) else ""
        if _UNEXPECTED.match(named) is None and not (isinstance(first, Lit) and first.value == 500):
            continue
        view = context.view(found.file)
        functions = [
            SymbolId(found.file, number)
            for number, symbol in enumerate(view.facts.symbols)
            if any(isinstance(d, CallRef) and view.facts.calls[d.call] is found.call for d in symbol.decorators)
        ]
        if len(found.call.args) > 1:
            given = context.graph.ev.value(found.call.args[1].value, found.file, found.call.owner)
            functions += [v.symbol for v in options(given) if isinstance(v, FuncV)]
        for where in functions:
            symbol = context.view(where.file).symbol(where.index)
            if not symbol.params or not symbol.params[-1].name:
                continue
            told = _told_by(context, where, symbol.params[-1].name) or _told_by_helpers(context, where, symbol.params[-1].name)
            if told is not None:
                return told
    return None


def _told_by_helpers(context: Context, where: SymbolId, error: str) -> Evidence | None:
    """The same of the functions that the handler gives the error to, and answers with: `return page(request, exc) or fixed()`."""
    view = context.view(where.file)
    lines = context.snapshot.lines(where.file)
    for number in view.calls_of.get(where.index, ()):
        call = view.facts.calls[number]
        position = next((n for n, a in enumerate(call.args) if isinstance(a.value, Name) and a.value.id == error), None)
        if position is None or re.match(r"\s*return\b", lines[call.line - 1]) is None:
            continue
        for helper in options(context.graph.ev.value(call.callee, where.file, call.owner)):
            params = context.view(helper.symbol.file).symbol(helper.symbol.index).params if isinstance(helper, FuncV) else ()
            if isinstance(helper, FuncV) and position < len(params) and params[position].name:
                told = _told_by(context, helper.symbol, params[position].name)
                if told is not None:
                    return told
    return None


def _told_by(context: Context, where: SymbolId, name: str) -> Evidence | None:
    """The line of a function that puts the error of that name, or its trace, into what it answers."""
    symbol = context.view(where.file).symbol(where.index)
    error = re.escape(name)
    leak = re.compile(rf"\b(str|repr)\({error}(\.(orig|__cause__))?\)|\{{{error}(!\w)?\}}|\b{error}\.args\b|traceback\.format_\w+\(")
    lines = context.snapshot.lines(where.file)
    if any(re.search(r"(?i)debug|environment|production|is_dev|\benv\b", t) for t in lines[symbol.line - 1 : symbol.end_line]):
        return None  # what is sent depends on where it runs
    for number in range(symbol.line, min(symbol.end_line, symbol.line + 80, len(lines)) + 1):
        text = lines[number - 1]
        noted = re.search(r"(?i)^\s*#|\b(log\w*|print|capture\w*)\b.*\(|\bif\b|debug", text)
        if leak.search(text) and noted is None and _answers(lines, number):
            return context.at(where.file, number)
    return None


def _answers(lines: Sequence[str], number: int) -> bool:
    """Does the line stand in a `return` statement, within the few lines above it?"""
    for text in reversed(lines[max(0, number - 8) : number]):
        if re.match(r"\s*return\b", text):
            return True
        if re.match(r"\s*(def|async def|if|log\w*\.|\w+ = )", text):
            return False
    return False


def is_for_wrapped(context: Context, above: Sequence[str], any_kind: Pattern) -> bool:
    """Do the lines above stand in a handler of a class of errors in which the flow wraps whatever it catches: `throw new Failed(e)`?"""
    head = next((t for t in reversed(above) if _HANDLES.search(t[:MAX_LINE]) is not None), "")
    kinds = re.findall(r"(\w{1,80})(?:\.class|::class)|<(\w{1,80})>", head[:MAX_LINE])
    kinds = [a or b for a, b in kinds]
    thrown = (
        re.compile(rf"\bthrow\s+(?:new\s+)?(?:{'|'.join(kinds)})\(.{{0,200}}?\b(?:e|t|ex|exc|err|error|exception|cause)\s*\)")
        if kinds
        else None
    )
    for file, line, text in chain_text(context) if thrown is not None else ():
        if thrown is not None and thrown.search(text[:MAX_LINE]) is not None:
            before = context.snapshot.lines(file)[max(0, line - 4) : line - 1]
            if any(any_kind.search(t.encode("utf-8", "replace")) is not None and "catch" in t for t in before):
                return True
    return False
