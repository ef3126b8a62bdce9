"""A sign-in whose slow check of the password runs only for an account that was found: its time tells which accounts there are."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence

MAX_LINES = 200
MAX_STATEMENT = 40
NEAR = 5
_CHECKS = re.compile(
    r"(?i)\b\w*(compare|verify|check|valid(ate)?|match|authenticate)\w*[!?]?\s*\(.{0,200}|\bpassword_verify\(.{0,200}|\.equals\(.{0,200}"
)
_FINDS = re.compile(
    r"(?i)\b(?P<name>\w+)(\s*:\s*[\w<>?\[\]. |]+)?(\s*,\s*\w+)?\s*:?=(?!=)\s*(?P<rest>"
    r".*\b\w*(find|get|query|first|select|fetch|load|lookup|where|one|user|account|by)\w*.*)"
)
_LEAVES_AT_ONCE = re.compile(
    r"ok_or|orElseThrow|OrFail\b|or_404|OrThrow|fetch_one|\.one\(\)|\.first(::<[^>]*>)?\([^)]*\)(\.await)?\s*(\.map_err\([^;]*\))?\?"
    r"|\.get\(\s*\w+\s*=|find_by!|get!\(|get_by!\("
)
_LEAVES = re.compile(r"\b(return|throw|raise|abort|halt|redirect\w*|res\.\w+|next|exit|Err|bail!)\b|->\s*\{:error")
_ASKS_EXISTENCE = re.compile(
    r"^\s*(\}\s*)?(if|unless)\b(?!.*\b(not|!)).*(\.exists\(|\.exists\?|\.count\(|existsBy\w+\(|\.any\(|\.Any\(|\.exist\()"
)
# A name that is bound only where something was found: `?.let { user ->`, `case Some(user) =>`, `if let Some(user) =`, `.filter(user ->`.
_BINDS_FOUND = re.compile(
    r"\?\.(let|run)\s*\{|\bcase\s+Some\(\s*\w+|\bif\s+let\s+(Some|Ok)\(|^\s*(Some|Ok)\(\s*(mut\s+)?\w+\s*\)\s*=>"
    r"|\.(filter|map|flatMap)\(\s*\w+\s*->"
)
_OF_PEOPLE = re.compile(r"(?i)user|account|member|customer|person|by_?(e?mail|login|name)")
_PASSWORD = re.compile(r"(?i)passw|pwd|pass\b")
_EVENS_OUT = re.compile(r"(?i)dummy|fake_?hash|no_user_verify|timing|constant.?time|decoy|placeholder_?hash")


def skipped_check(context: Context) -> tuple[Evidence, ...]:
    """(the check of the password, what leaves before it where there is no such account); empty where it was not found, or is evened out."""
    for file, scope in chain_scopes(context):
        symbol = context.view(file).symbol(scope)
        if symbol.kind not in ("function", "method", "lambda"):
            continue
        lines = list(context.snapshot.lines(file)[symbol.line - 1 : min(symbol.end_line, symbol.line + MAX_LINES)])
        if any(_EVENS_OUT.search(t) for t in lines):
            return ()
        under = _under_existence(lines) or _under_binding(lines)
        if under is not None:
            return tuple(context.at(file, symbol.line + n) for n in under)
        for name, start in _found(lines):
            uses = (
                rf"\b{re.escape(name)}\b\s*(\)|\]|\.|->|\?\.|!\.|&\.)*\W{{0,3}}\w*(?i:pass|hash|pwd|digest|authenticate|check|verify|valid)"
            )
            using = [n for n in range(start + 1, len(lines)) if re.search(uses, lines[n]) is not None]
            check = next((n for n in using if any(_CHECKS.search(t) is not None for t in lines[n : n + NEAR])), None)
            if check is None:
                continue
            before = _left_before(lines, name, start, check)
            if before is not None:
                places = [context.at(file, symbol.line + check), context.at(file, symbol.line + before)]
                return tuple(places[:1] if before == check else places)
    return ()


def _under_existence(lines: list[str]) -> tuple[int, int] | None:
    """(the question, the check) where an `if` asks whether the account exists, and the password is checked only below it."""
    for number, text in enumerate(lines):
        if len(text) > 500 or _ASKS_EXISTENCE.search(text) is None:
            continue
        depth = len(text) - len(text.lstrip())
        for below in range(number + 1, min(number + NEAR, len(lines))):
            line = lines[below]
            if line.strip() and len(line) - len(line.lstrip()) <= depth:
                break
            if _CHECKS.search(line) is not None and _PASSWORD.search(line) is not None:
                return number, below
    return None


def _under_binding(lines: list[str]) -> tuple[int, int] | None:
    """(what binds the account that was found, the check) where the password is checked only inside of it."""
    for number, text in enumerate(lines):
        above = " ".join(lines[max(0, number - 3) : number + 1])
        if len(text) > 500 or _BINDS_FOUND.search(text) is None or _OF_PEOPLE.search(above) is None:
            continue
        depth = len(text) - len(text.lstrip())
        for below in range(number, min(number + NEAR, len(lines))):
            line = lines[below]
            if below > number and line.strip() and len(line) - len(line.lstrip()) <= depth:
                break
            if _CHECKS.search(line) is not None and _PASSWORD.search(line) is not None:
                return number, below
    return None


def _found(lines: list[str]) -> list[tuple[str, int]]:
    """Names that a look-up is assigned to, with the index of the line."""
    found = []
    for number, text in enumerate(lines):
        match = _FINDS.search(text) if len(text) < 500 else None
        if match is not None:
            filled = re.search(r"\(\s*(?:\w+,\s*)?&(\w+)", text)  # `err = db.Get(&user, ...)`
            found.append((filled.group(1) if filled is not None else match.group("name"), number))
    return found


def _statement(lines: list[str]) -> str:
    """The text from the first line on to where its brackets are closed."""
    said, depth = [], 0
    for text in lines:
        said.append(text)
        depth += sum(text.count(c) for c in "([{") - sum(text.count(c) for c in ")]}")
        if depth <= 0 and not text.rstrip().endswith((".", ",", "=", "await", "&", "|")) and (";" in text or len(said) == 1):
            nxt = lines[len(said)] if len(said) < len(lines) else ""
            if not nxt.lstrip().startswith((".", "?.", "->")):
                break
    return " ".join(said)


def _left_before(lines: list[str], name: str, start: int, check: int) -> int | None:
    if _LEAVES_AT_ONCE.search(_statement(lines[start : min(check, start + MAX_STATEMENT)])) is not None:
        return start
    absent = (
        rf"!\s*{re.escape(name)}\b(?!\.)|\b{re.escape(name)}\s*(===?|is)\s*(null|nil|None|undefined)\b|\bnot\s+{re.escape(name)}\b(?!\.)"
        rf"|\bunless\s+{re.escape(name)}\b|\b{re.escape(name)}\.(nil\?|blank\?|isEmpty\(|is_none\()|\berr\s*!=\s*nil|empty\(\s*\$?{re.escape(name)}\s*\)|IsNullOrEmpty"
    )
    there = rf"\b{re.escape(name)}\b\s*(is\s+not\s+None|!==?\s*(null|undefined|nil|None))"
    for number in range(start, check + 1):
        text = lines[number]
        if check - NEAR < number < check and re.search(rf"({absent})\s*(\|\||\bor\b)\s*$|{there}\s*(&&|\band\b)\s*$", text) is not None:
            return number  # the condition goes on with the check on a later line
        if number == check:
            short = re.search(
                rf"({absent})\s*(\|\||\bor\b)|\$?\b{re.escape(name)}\s*(&&|\band\b)|{there}\s*(&&|\band\b)|\b{re.escape(name)}(&\.|\?\.)",
                text,
            )
            return number if short is not None else None
        if re.search(absent, text) is None or re.search(r"\b(if|unless|guard|when)\b", text) is None:
            continue
        if any(_LEAVES.search(t) is not None for t in lines[number : min(check, number + 5)]):
            return number
    return None
