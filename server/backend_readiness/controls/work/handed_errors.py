"""What may show an error although no known way does: own catch blocks that hand it on, and settings of a mode that shows errors."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_text
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import states
from backend_readiness.controls.deployed.startup import backend_images
from backend_readiness.controls.judgement import Judgement, unverified
from backend_readiness.facts.model import Name
from backend_readiness.graph.values import FuncV, options
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_TAKEN = tuple(re.compile(p) for p in signs("handed_errors", "taken"))
_INSIDE = re.compile(sign("handed_errors", "inside"))
_OUTSIDE = re.compile(sign("handed_errors", "outside"))
_COPIED = re.compile(sign("handed_errors", "copied"))
_ON = frozenset(("true", "1", "on", "yes", "local", "development", "dev", "debug"))
_ASKS = re.compile(r"\binstanceof\b|\bisinstance\(|\bis_a\?")
_FIXED = re.compile(r"\breturn\s+[\"'`]|:\s*[\"'`][A-Z]")
MAX_BODY = 40


def doubtful_answer(context: Context) -> Judgement | None:
    """What speaks against answers without errors; None where nothing does."""
    handed = handed_error(context)
    if handed is not None:
        return unverified("A catch of the flow hands its error on; whether the answer tells its text was not resolved.", handed)
    shipped = _copied_setting(context)
    if shipped is not None:
        return unverified("The image takes over settings of a mode that shows errors; whether they stay on was not settled.", *shipped)
    return None


def handed_error(context: Context) -> Evidence | None:
    """A line of a catch on the chain that gives the error itself to something that is no log and does not throw it on."""
    chain = {(f, n) for f, n, _ in chain_text(context)}
    for file in sorted({f for f, _ in chain}):
        lines = context.snapshot.lines(file)
        for block in context.view(file).facts.blocks:
            if block.kind != "catch" or not any((file, n) in chain for n in (block.line, block.line + 1)):
                continue
            head = next((t for t in lines[max(0, block.line - 1) : block.line + 1] if any(p.search(t) for p in _TAKEN)), "")
            name = next((m.group(1) for p in _TAKEN if (m := p.search(head)) is not None), None)
            if name is None:
                continue
            used = re.compile(rf"(?<![\w.]){re.escape(name)}\b(?!\s*[:=](?!=))")
            depth = 0
            for number, text in enumerate(lines[block.line : min(block.end_line, block.line + MAX_BODY)], block.line + 1):
                inner = depth > 0
                if inner or _INSIDE.search(text) is not None:  # the arguments of a log call go on below it
                    depth = max(0, depth + text.count("(") - text.count(")"))
                    continue
                bare = re.sub(r"//.*|#(?!\{).*", "", text)
                if used.search(bare) is not None and _OUTSIDE.search(bare) is not None and not _is_told_apart(context, file, number, name):
                    return context.at(file, number)
    return None


def _is_told_apart(context: Context, file: str, line: int, name: str) -> bool:
    """Is the error given to a function of the repository that asks what it is, and has a text of its own for the rest?"""
    view = context.view(file)
    for call in view.facts.calls:
        if call.line != line or not any(isinstance(a.value, Name) and a.value.id == name for a in call.args):
            continue
        for value in options(context.graph.ev.value(call.callee, file, call.owner)):
            if isinstance(value, FuncV):
                symbol = context.view(value.symbol.file).symbol(value.symbol.index)
                body = "\n".join(context.snapshot.lines(value.symbol.file)[symbol.line - 1 : symbol.end_line])
                if _ASKS.search(body) is not None and _FIXED.search(body) is not None:
                    return True
    return False


def _copied_setting(context: Context) -> tuple[Evidence, ...] | None:
    """The line of a file of settings which an image copies to the place where they are read, and the line that copies it."""
    rule = states(context, "error_page")
    names = rule.value.split() if rule is not None else []
    for image in backend_images(context):
        for step in image.instructions:
            match = _COPIED.search(step.text) if names and step.name in ("COPY", "ADD", "RUN") else None
            if match is None:
                continue
            file = match.group(1).removeprefix("./")
            for number, text in enumerate(context.snapshot.lines(file) if context.snapshot.file(file) is not None else (), 1):
                key, _, value = text.partition("=")
                if key.strip() in names and value.strip().strip("\"'").lower() in _ON:
                    return context.at(file, number), context.at(image.path, step.line, step.end_line)
    return None


def hands_on(body: list[str], error: str) -> bool:
    """Is an error of another kind given to what comes next: `if (err.code !== 'EBADTOKEN') return next(err)`?"""
    given = re.compile(rf"\bnext\(\s*{re.escape(error)}\s*\)")
    return any(given.search(t) is not None and "headersSent" not in "".join(body[max(0, n - 2) : n + 1]) for n, t in enumerate(body))
