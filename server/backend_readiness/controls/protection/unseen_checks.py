"""Checks of who calls that stand beside a route, and which the graph does not follow to it.

Marks of the repository's own on the handler or its class, what a class runs before each of its handlers, questions that the handler asks
by a function whose answer was not read, and rules of addresses in files of settings. Each of them may refuse people who are not signed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.controls.protection.handler_marks import handler_marks
from backend_readiness.controls.protection.inherited_answers import class_lines
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_MARK = re.compile(sign("unseen_checks", "mark"))
_OPEN_MARK = re.compile(sign("unseen_checks", "open_mark"))
_HOOK = re.compile(sign("unseen_checks", "hook"))
_ASKS = re.compile(sign("unseen_checks", "asks"))
_CALLED = re.compile(sign("unseen_checks", "called"))
_RULE_FILES = signs("unseen_checks", "rule_files")
_WHO = re.compile(sign("unseen_checks", "who"))
_COMMENT = ("#", "//", "*", "/*", "<!--", ";")
MAX_LINE = 500


def unseen_check(context: Context) -> tuple[str, tuple[Evidence, ...]] | None:
    """Why a check of the caller may stand before the flow although none was found, with its places; None where nothing speaks of one."""
    return once(context, _found)


def _found(context: Context) -> tuple[str, tuple[Evidence, ...]] | None:
    marked = next(_marks(context), None)
    if marked is not None:
        return "A mark on the handler speaks of access; what it does was not resolved.", (marked, context.at_route())
    hooked = next(_of_class(context), None)
    if hooked is not None:
        return "The class of the handler asks about the caller before its handlers run; whom it refuses was not resolved.", (hooked,)
    asked = next(_of_handler(context), None)
    if asked is not None:
        return "The handler asks about the caller by a function; whom that refuses was not resolved.", (asked,)
    ruled = next(_of_settings(context), None)
    if ruled is not None:
        return "A rule of settings names the address and who may ask for it; whether it holds for the flow was not resolved.", (ruled,)
    return None


def _marks(context: Context) -> Iterator[Evidence]:
    return (at for name, _, at in handler_marks(context) if _MARK.match(name) and _OPEN_MARK.search(name) is None)


def _of_class(context: Context) -> Iterator[Evidence]:
    """Lines of the handler's class and of its bases, outside of methods or in those that run before each handler."""
    own = {(h.file, n) for h in context.handlers for n in range(h.line, h.end_line + 1)}
    for file, line, text in class_lines(context):
        if (file, line) in own or _ASKS.search(text[:MAX_LINE]) is None or text.lstrip().startswith(_COMMENT):
            continue
        around = [s for s in context.view(file).facts.symbols if s.kind in ("method", "function") and s.line <= line <= s.end_line]
        if not around or any(_HOOK.search(s.name) is not None for s in around):
            if around and around[0].line == line and _HOOK.search(around[0].name) is None:
                continue
            yield context.at(file, line)


def _of_handler(context: Context) -> Iterator[Evidence]:
    for handler in context.handlers:
        lines = context.snapshot.lines(handler.file)
        for number in range(handler.line + 1, min(handler.end_line, len(lines)) + 1):
            text = lines[number - 1]
            if not text.lstrip().startswith(_COMMENT) and _CALLED.search(text[:MAX_LINE]) is not None:
                yield context.at(handler.file, number)


def _of_settings(context: Context) -> Iterator[Evidence]:
    for route in context.routes:
        steps = [s for s in route.route.endpoint.path.split("/") if s and not s.startswith("{")]
        for last in range(min(len(steps), 3), 0, -1):
            address = "/" + "/".join(re.escape(s) for s in steps[:last])
            wild = r"(/\*+|[\"'\s,=$)\]}]|$)" if last > 1 else r"/?\*\*?"
            pattern = rf"(^|[\"'\s:^(\[,=-]){address}{wild}"
            for file, line, text in context.hits((pattern,), _RULE_FILES):
                rest = text[text.find(steps[last - 1]) + len(steps[last - 1]) :]
                if _WHO.search(rest[:MAX_LINE]) is not None and not text.lstrip().startswith(_COMMENT):
                    yield context.at(file, line)
