"""Code that is named for a check of forged requests: does it turn any request away, or only make, hand out or note tokens?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from backend_readiness.controls.context import Context
from backend_readiness.controls.roles import RoleCall
from backend_readiness.facts.model import Block
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.rules.signs import sign, signs

_REFUSES = re.compile(sign("forgery_checks", "refuses"))
_NOTES = re.compile(sign("forgery_checks", "notes"))
_ASKS = re.compile(sign("forgery_checks", "asks"))
_ABOUT = re.compile(sign("forgery_checks", "about"))
_NEAR = 8  # lines behind a condition whose end is not known


def refuses(context: Context, function: SymbolId) -> bool:
    """Does the function throw, answer with an error, say no, or hand the request to a library that does?"""
    symbol = context.view(function.file).symbol(function.index)
    return _says_no(context, function.file, symbol.line, symbol.end_line) or _by_library(context, function)


def refuses_at(context: Context, file: str, line: int) -> bool:
    """The same, of a line: a condition whose branch does, a call of a function that does or that is not ours, or the function around it."""
    view = context.view(file)
    text = context.snapshot.lines(file)[line - 1]
    if _ASKS.search(text) is not None:
        blocks = [b for b in view.facts.blocks if b.kind in ("if", "else", "switch") and b.line == line]
        end = max((_end(b) for b in blocks), default=line + _NEAR)
        return _says_no(context, file, line, end)
    own = [s for s in view.facts.symbols if s.kind in ("function", "method", "lambda") and s.line <= line <= s.end_line]
    around = max(own, key=lambda s: s.line, default=None)
    called = [c for c in view.facts.calls if c.line <= line <= c.end_line and c.line == line]
    targets = [v.symbol for c in called for v in options(context.graph.ev.value(c.callee, file, c.owner)) if isinstance(v, FuncV)]
    if targets:
        return any(refuses(context, t) for t in targets[:4])
    if around is None or around.line != line:
        return bool(called) or _says_no(context, file, line, line + _NEAR)
    return _says_no(context, file, around.line, around.end_line)


def left_out_by_list(context: Context) -> bool:
    """Is the address of the flow in a list of those that the check leaves out: `validateCsrfTokens(except: ['hooks/*'])`?"""
    paths = [r.route.endpoint.path.strip("/") for r in context.routes]
    for file, line, text in context.hits(signs("forgery_checks", "excepts")):
        lines = context.snapshot.lines(file)
        if _ABOUT.search(" ".join((*lines[max(0, line - 3) : line - 1], text, file.rpartition("/")[2]))) is None:
            continue
        listed = " ".join(lines[line - 1 : line + _NEAR + 8])
        listed = listed[listed.find("[") + 1 :].partition("]")[0]
        named = [n.strip("/") for n in re.findall(r"[\"']([^\"'\s]+)[\"']", listed)]
        if any(fnmatchcase(path, name.replace("**", "*")) for path in paths for name in named if name):
            return True
    return False


def _end(block: Block) -> int:
    return block.end_line + 1


def _says_no(context: Context, file: str, first: int, last: int) -> bool:
    lines = context.snapshot.lines(file)[first - 1 : min(last, first + 150)]
    return any(_REFUSES.search(t) is not None and _NOTES.search(t) is None for t in _code(lines))


def _code(lines: Iterable[str]) -> Iterable[str]:
    return (t for t in lines if not t.lstrip().startswith(("//", "#", "*", "/*")))


def _by_library(context: Context, function: SymbolId) -> bool:
    bodies = {function.file: set(context.view(function.file).body(function.index))}
    found: list[RoleCall] = [*context.roles.among("csrf", bodies)]
    return any(c.call.owner in bodies[function.file] for c in found)
