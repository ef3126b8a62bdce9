"""Lines of tests that only look like a run of the application: skipped, commented out, or a stand-in that answers in its place."""

from __future__ import annotations

import re

from backend_readiness.rules.signs import sign

_SKIPPED = re.compile(
    r"(?:describe|context|it|test)\.skip\(|\bx(?:describe|it)\(|@(?:pytest\.mark|unittest)\.skip(?!if|_if|If)|\bt\.Skip\("
    r"|@(?:Disabled|Ignore)\b|\[(?:Fact|Theory|Test)\w*\(.*\b(?:Skip|Ignore)\b|\[Ignore|#\[ignore|markTest(?:Skipped|Incomplete)\(|\bxit\s|@tag\s+:skip"
)
# A statement of the test itself that ends it.
_LEAVES = re.compile(
    r"^\s*(?:t\.Skip(?:f|Now)?\(|\$?(?:this->|self\.)(?:markTest(?:Skipped|Incomplete)|skipTest)\(|pytest\.skip\(|(?:skip|pending)\b(?!\s*[:=(.]))"
)
_ABOVE = ("@", "[", "#[")  # annotations and attributes of the line below
_STANDS_IN = re.compile(sign("idle_lines", "stands_in"))
_TOLD = re.compile(sign("idle_lines", "told"))
_DESCRIBES = re.compile(sign("idle_lines", "describes"))
_REQUESTS = re.compile(sign("idle_lines", "requests"))
_NAMES = re.compile(r"\s*(?:const|let|var|self\.)?\s*\w+\s*:?=\s*[fru]?[\"'`]")
_LOADS = re.compile(sign("idle_lines", "loads"))
MAX_LINES = 20_000


def is_no_run(lines: tuple[str, ...], number: int) -> bool:
    """Is the line no run of the application, though it names what would be run?"""
    near = "\n".join(t[:2_000] for t in lines[max(0, number - 3) : number])
    if _NAMES.match(lines[number - 1][:2_000]) is not None and any(_STANDS_IN.search(t[:2_000]) for t in lines[number : number + 2]):
        return True  # an address that a double is asked about
    return _stands_in(near, lines[number - 1]) or _is_skipped(lines, number) or _is_commented_out(lines, number)


def tells_a_double(line: str) -> bool:
    """Is a double told by the line what to answer, or asked what it was told: `when(service.create(any()))`?"""
    return _TOLD.search(line[:2_000]) is not None


def only_loads(text: str) -> bool:
    """Does the file put load on a running service, which no run of tests asks for?"""
    return _LOADS.search(text[:5_000]) is not None


def only_describes(path: str, text: str) -> bool:
    """Is the file a document of an interface, or a table: a description of endpoints, which calls none of them?"""
    if path.endswith(".json") and _REQUESTS.search(text) is None:
        return True
    return path.endswith((".json", ".yml", ".yaml")) and _DESCRIBES.search(text[:2_000]) is not None


def _stands_in(near: str, line: str) -> bool:
    """A server or client of somebody else is played on this line, or in the call that it is an argument of."""
    if _STANDS_IN.search(line[:2_000]) is not None:
        return True
    above = near.rpartition("\n")[0]
    opened = above.rfind("(")
    return (
        opened >= 0
        and above.count("(", opened) > above.count(")", opened)
        and _STANDS_IN.search(above[above.rfind("\n", 0, opened) + 1 :]) is not None
    )


def _is_commented_out(lines: tuple[str, ...], number: int) -> bool:
    """Does the line stand in a block that `/*` opens at the beginning of a line above?"""
    for index in range(number - 2, max(-1, number - 400), -1):
        text = lines[index].strip()
        if text.endswith("*/"):
            return False
        if text.startswith(("/*", "=begin")):
            return True
        if text.startswith("=end"):
            return False
    return False


def _is_skipped(lines: tuple[str, ...], number: int) -> bool:
    """Does the test around the line, or the group around it, say that it is skipped?"""
    indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
    for index in range(number - 2, max(-1, number - 200), -1):
        line = lines[index]
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth == indent and _LEAVES.match(line) is not None:
            return True
        if line.strip() and depth < indent:
            above = lines[index - 1] if index else ""
            if _SKIPPED.search(line) is not None or (_SKIPPED.search(above) is not None and above.lstrip().startswith(_ABOVE)):
                return True
            indent = depth
    return False
