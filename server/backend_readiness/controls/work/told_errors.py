"""Functions that answer an error of any kind with its message: given to libraries (`onError(error, req, res)`), or called in a catch."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import backend_files, chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.places import is_test
from backend_readiness.controls.work.error_texts import always_told
from backend_readiness.facts.model import Block, Name
from backend_readiness.graph.values import FuncV, SymbolId
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign

_ERROR = re.compile(r"^_?(err|error|e|ex)$")
_REQUEST = re.compile(r"^_?(req|request)$")
_SENDS = re.compile(r"\b(Next)?Response\.json\(|\.(json|send)\(")
MAX_LINES = 60
_BODY = sign("told_errors", "body")
# A line that answers, or a field of a record that is given back; and one that only notes.
_ANSWERS = re.compile(r"\breturn\b|\.(json|send|end|status|write)\(|\b(error|message|msg|errors?|detail)\s*:")
_NOTES = re.compile(r"(?i)\b(log\w*|console|captur\w*|toast|track\w*)\b\s*[.(]|\bthrow\b")


def told_by_a_function(context: Context) -> Evidence | None:
    """The first function with the three parameters that tells the message of every error."""
    for file in backend_files(context):
        if is_test(file):
            continue
        lines = context.snapshot.lines(file)
        for symbol in context.view(file).facts.symbols:
            handles = len(symbol.params) == 3 and _ERROR.match(symbol.params[0].name) and _REQUEST.match(symbol.params[1].name)
            if handles and always_told(lines[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]):
                return context.at(file, symbol.line)
    return None


def told_in_a_catch(context: Context) -> Evidence | None:
    """A line of a catch on the flow that answers with what a function makes of the caught error, where that is the message of any error."""
    for made in context.calls:
        view = context.view(made.site.file)
        names = {a.value.id for a in made.call.args if isinstance(a.value, Name)}
        caught = (b for b in view.facts.blocks if b.kind == "catch" and b.start <= made.call.start < b.end and b.name in names)
        if not names or next(caught, None) is None:
            continue
        text = context.snapshot.lines(made.site.file)[made.call.line - 1]
        if _ANSWERS.search(text) is None or _NOTES.search(text) is not None:
            continue
        if any(isinstance(v, FuncV) and _gives_message(context, v.symbol) for v in made.callee):
            return context.at_call(made)
    return None


def told_with_a_stand_in(context: Context) -> Evidence | None:
    """A field of an answer in a catch of the flow that is the message of the caught error: `{ error: error.message || "failed" }`.

    A catch that asks what kind of error it has, or that tells it to a log, is passed over.
    """
    for file in dict.fromkeys(f for f, _, _ in chain_text(context)):
        chain = {n for f, n, _ in chain_text(context) if f == file}
        lines = context.snapshot.lines(file)
        for block in context.view(file).facts.blocks:
            if block.kind != "catch" or block.line not in chain or not block.name:
                continue
            body = lines[block.line - 1 : min(block.end_line, block.line + MAX_LINES)]
            asks = re.compile(rf"\binstanceof\b|\b{re.escape(block.name)}\.(name|code|status\w*|type)\b|NODE_ENV|\bif\b")
            field = re.compile(rf"\b(error|message|details?)\s*:\s*\(?{re.escape(block.name)}(\s+as\s+\w+\))?\??\.message\s*(\|\||\?\?)")
            if any(asks.search(t) is not None for t in body):
                continue
            for number, text in enumerate(body, block.line):
                near = " ".join(lines[max(0, number - 4) : number])
                if field.search(text) is not None and _SENDS.search(near) is not None and _NOTES.search(text) is None:
                    return context.at(file, number)
    return None


def told_in_body(context: Context) -> Evidence | None:
    """A catch around the handlers, or in one, that makes the message of every error the answer: `ctx.body = err.message`."""
    chain = {(f, n) for f, n, _ in chain_text(context)}
    for file in dict.fromkeys(f for f, _ in chain):
        lines = context.snapshot.lines(file)
        for block in context.view(file).facts.blocks:
            if block.kind != "catch" or (file, block.line) not in chain or not block.name:
                continue
            body = lines[block.line : min(block.end_line, block.line + MAX_LINES)]
            name = re.escape(block.name)
            asks = re.compile(rf"\binstanceof\b|\b{name}\.(expose|name|code|type)\b|NODE_ENV|\bif\b|\bswitch\b|\?\s")
            if any(asks.search(t) is not None for t in body):
                continue
            sent = re.compile(_BODY.replace("{name}", name))
            found = next((n for n, t in enumerate(body, block.line + 1) if sent.search(t) is not None), None)
            if found is not None:
                return context.at(file, found)
    return None


def _gives_message(context: Context, where: SymbolId) -> bool:
    """Does the function give back the message of an error that it does not know: under no condition, or for every `Error`?"""
    view = context.view(where.file)
    symbol = view.symbol(where.index)
    if not symbol.params or not symbol.params[0].name:
        return False
    error = re.escape(symbol.params[0].name)
    gives = re.compile(rf"(\breturn|=>|\?|\|\||\?\?)\s*\(?(String\({error}\)|{error}(\s+as\s+\w+\))?\??\.(message|stack|toString\(\)))")
    asks = re.compile(rf"\b{error}\s+instanceof\s+(Error\b|\w+)")
    lines = context.snapshot.lines(where.file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)]
    conditions = [b for b in view.facts.blocks if b.kind == "if" and symbol.start <= b.start < symbol.end]
    for number, text in enumerate(lines, symbol.line):
        if gives.search(text) is None:
            continue
        around: list[Block] = [b for b in conditions if b.line <= number <= b.end_line]
        kinds = {m.group(1) for b in around for m in asks.finditer(context.snapshot.lines(where.file)[b.line - 1])} | {
            m.group(1) for m in asks.finditer(text)
        }
        if kinds <= {"Error"} and len(around) <= 1:
            return True
    return False
