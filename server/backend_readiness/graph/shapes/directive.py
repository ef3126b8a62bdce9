"""Functions that the client may call by a directive in their file or body: `"use server"`.

Options of the rule: `directive` is its text; each exported function of a marked file, and each marked function, is an operation. It goes by
its own name, else by that of what a call makes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_readiness.facts.model import Assign, CallRef, Func, Name
from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.families import family
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import FuncV, SymbolId, options
from backend_readiness.graph.views import FileView
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import RouteRule
from backend_readiness.rules.cards import Card

_HEAD = 4_000  # characters in which the directive of a file must stand
_FUNCTIONS = ("function", "method", "lambda")
MAX_WRAPS = 4
_COMMENT = re.compile(r"\s+|//[^\n]*\n|/\*.{0,4000}?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Operation:
    """A function that the client may call. `place`: where a call that wraps it is exported, else it is the function's own line."""

    name: str
    handler: FuncV
    place: Place | None
    start: int


def collect(scan: Scan) -> None:
    for card in scan.graph.knowledge.cards:
        for rule in card.routes:
            if rule.shape == "directive":
                _collect(scan, card, rule)


def _collect(scan: Scan, card: Card, rule: RouteRule) -> None:
    directive = str(rule.options["directive"])
    language = card.id.partition("/")[0]
    found: dict[tuple[SymbolId, int], _Operation] = {}
    for path, index in scan.graph.production.items():
        if family(index.language) != language:
            continue
        text = scan.graph.text(path)
        if directive not in text:
            continue
        view = scan.graph.view(path)
        if has_directive(text, directive):
            for name in view.exports:
                value = exports.exported(scan.graph.ev, path, name) if name not in ("*", "=") else None
                for option in options(value) if value is not None else ():
                    if not isinstance(option, FuncV):
                        continue
                    symbol = scan.graph.view(option.symbol.file).symbol(option.symbol.index)
                    if symbol.kind in _FUNCTIONS:
                        made = (
                            _made(view, name) if option.env is not None else None
                        )  # `export const save = checked(schema, async () => ...)`
                        label = name if name != "default" else symbol.name
                        place = Place(file=path, line=made.line, end_line=made.line) if made is not None else None
                        key = (option.symbol, made.start if made is not None else -1)
                        found.setdefault(key, _Operation(label, option, place, made.start if made is not None else symbol.start))
        else:
            data = text.encode()
            for number, symbol in enumerate(view.facts.symbols):
                body = data[symbol.start : symbol.end].partition(b"{")[2][:_HEAD].decode("utf-8", "replace")
                if symbol.kind not in _FUNCTIONS or not body or not _after_params(data[symbol.start : symbol.end], directive):
                    continue
                if not _is_further_in(view, number, data.find(directive.encode(), symbol.start)):
                    where = SymbolId(path, number)
                    found.setdefault((where, -1), _Operation(symbol.name or _given_name(view, number), FuncV(where), None, symbol.start))
    names = [o.name for o in found.values()]
    for operation in found.values():
        where, name = operation.handler.symbol, operation.name
        symbol = scan.graph.view(where.file).symbol(where.index)
        place = operation.place or Place(file=where.file, line=symbol.line, end_line=symbol.line)
        label = name if names.count(name) == 1 and name else f"{place.file.rpartition('.')[0]}/{name}".rstrip("/")
        scan.routing.registrations.append(
            Registration(
                router=None,
                method=rule.method or "ACTION",
                path=label,
                place=place,
                start=operation.start,
                card=card,
                rule=rule,
                handler=operation.handler if operation.place is not None else FuncV(where),
            )
        )


def _made(view: FileView, name: str) -> Assign | None:
    """The statement that gives an exported name the result of a call."""
    return next((a for a, _ in view.bindings.get((0, name), ()) if isinstance(a.value, CallRef)), None)


def _given_name(view: FileView, number: int) -> str:
    """The name of what a call makes of the function: `const login = action(async () => {...})`."""
    for assign in view.facts.assigns:
        value, target = assign.value, assign.target
        for _ in range(MAX_WRAPS):
            args = view.facts.calls[value.call].args if isinstance(value, CallRef) else ()
            if isinstance(target, Name) and any(a.value == Func(number) for a in args):
                return target.id
            value = next((a.value for a in args if isinstance(a.value, CallRef)), None)
    return ""


def has_directive(text: str, directive: str) -> bool:
    """Does the text start with the directive, comments and other directives before it allowed?"""
    rest = text[:_HEAD].lstrip("\ufeff")
    for _ in range(50):
        skipped = _COMMENT.match(rest)
        if skipped:
            rest = rest[skipped.end() :]
            continue
        if rest[:1] in "\"'" and rest[1 : 1 + len(directive)] == directive:
            return True
        if rest.startswith(('"use ', "'use ")):
            rest = rest[1:].partition(rest[0])[2].lstrip("; \n")
            continue
        return False
    return False


def _is_further_in(view: FileView, number: int, position: int) -> bool:
    """Does the place stand in a function inside of this one?"""
    start = view.symbol(number).start
    return any(s.kind in _FUNCTIONS and start < s.start < position < s.end for s in view.facts.symbols)


def _after_params(source: bytes, directive: str) -> bool:
    """Is the directive the first statement of the function's own body?"""
    text = source[: _HEAD * 2].decode("utf-8", "replace")
    position = text.find(directive)
    if position < 1:
        return False
    before = text[: position - 1].rstrip()
    return before.endswith("{") and before.count("{") - before.count("}") <= 2 and "=> {" not in before[:-4].rstrip()[-4:]
