"""A chain in few tokens: one line a link, with the source that a reader would open next.

    user_action web/Login.tsx:29 | <form onSubmit={handleSubmit}>
     frontend_handler :12-19 handleSubmit
      api_call web/login.js:6-10 | axios.post("/api/login", { user })

The indent says which link leads to it, a place without a file stands in the file of the line above, and a status stands only where a
link is not confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_readiness.model import Chain, Link, LinkStatus, Stage
from backend_readiness.render.plain import one_line, visible
from backend_readiness.report.redact import redact, redact_lines
from backend_readiness.tools import answers
from backend_readiness.tools.paging import size_of

if TYPE_CHECKING:
    from backend_readiness.workspace import Workspace

TRACE_CHARS = 3_900  # of an answer, unless the caller wants more
MAX_CODE = 100  # characters of code within a link's line
MAX_SOURCE_LINE = 140
MAX_SOURCE_LINES = 40  # of one definition in an answer of the usual length; more in a longer one
USUAL_CHARS = 4_000
_TREE_SHARE = 0.6  # of the characters of an answer, the rest is source
_LONG_TREE_SHARE = 0.8
_WITH_CODE = (Stage.USER_ACTION, Stage.API_CALL, Stage.ROUTE, Stage.DATA, Stage.EXTERNAL)
# Whose source is shown while there is room, in this order.
_SHOWN = (Stage.HANDLER, Stage.SERVICE, Stage.MIDDLEWARE, Stage.FRONTEND_HANDLER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A chain as lines, the source beside it with its places (file, line), and how many links were left out to keep it short."""

    links: tuple[str, ...]
    source: tuple[answers.SourceRow, ...]
    shown: frozenset[tuple[str, int]]
    left_out: int


def draw(found: Workspace, chain: Chain, max_chars: int) -> Drawn:
    """The chain in about `max_chars` characters.

    When it is long, code beside its links goes first, then links that lead to no data, and what does not fit then is cut off.
    """
    sources = _Sources(found, MAX_SOURCE_LINES * max(1, max_chars // USUAL_CHARS))
    handler = next((link for link in chain.links if link.stage is Stage.HANDLER), None)
    if handler is not None:
        sources.promise(handler)
    kept, lines = _shortened(chain, int(max_chars * _TREE_SHARE), sources)
    fitting = _fitting(lines, int(max_chars * _LONG_TREE_SHARE))
    room = max_chars - sum(map(size_of, lines[:fitting]))
    shown = [chain.links[i] for stage in _SHOWN for i in kept[:fitting] if chain.links[i].stage is stage]
    excerpts: list[answers.SourceRow] = []
    for link in shown:
        excerpt = sources.excerpt(link, room)
        if excerpt is not None:
            room -= size_of(excerpt)
            excerpts.append(excerpt)
    left_out = len(chain.links) - fitting
    return Drawn(links=tuple(lines[:fitting]), source=tuple(excerpts), shown=frozenset(sources.shown), left_out=left_out)


def _shortened(chain: Chain, max_chars: int, sources: _Sources) -> tuple[list[int], list[str]]:
    """(indexes of the links that stay, their lines) of the first form that fits, else of the shortest."""
    kept = list(range(len(chain.links)))
    lines: list[str] = []
    for code_chars in (MAX_CODE, MAX_CODE // 2):
        lines = _lines(chain, kept, sources, code_chars)
        if sum(map(size_of, lines)) <= max_chars:
            return kept, lines
    for loose in _prunings(chain):
        kept = [index for index in kept if index not in loose]
        lines = _lines(chain, kept, sources, MAX_CODE // 2)
        if sum(map(size_of, lines)) <= max_chars:
            return kept, lines
    return kept, _lines(chain, kept, sources, 0)


def _fitting(lines: Sequence[str], room: int) -> int:
    used = 0
    for count, line in enumerate(lines):
        used += size_of(line)
        if count and used > room:
            return count
    return len(lines)


def summary(chain: Chain) -> str:
    """One line on a chain that is not drawn: its endpoint and where it starts."""
    first = chain.links[0] if chain.links else None
    name = str(chain.endpoint) if chain.endpoint else "no endpoint"
    if first is None:
        return name
    incomplete = "" if chain.complete else " (incomplete)"
    return f"{name}{incomplete} from {first.stage.value} {_span(first)} {_text(first.symbol, 60)}"


# ---------------------------------------------------------------- lines


def _prunings(chain: Chain) -> list[set[int]]:
    """What may go, least telling first: by depth, services below which nothing is read, written or wrong."""
    depth: list[int] = []
    for index, link in enumerate(chain.links):
        depth.append(depth[link.parent] + 1 if link.parent is not None and link.parent < index else 0)
    telling = {i for i, link in enumerate(chain.links) if link.stage is not Stage.SERVICE or link.status in _WRONG}
    for index in range(len(chain.links) - 1, -1, -1):
        parent = chain.links[index].parent
        if index in telling and parent is not None:
            telling.add(parent)
    loose = [i for i in range(len(chain.links)) if i not in telling]
    return [{i for i in loose if depth[i] >= limit} for limit in sorted({depth[i] for i in loose}, reverse=True)]


_WRONG = (LinkStatus.MISSING, LinkStatus.STUBBED)


def _lines(chain: Chain, kept: Sequence[int], sources: _Sources, code_chars: int) -> list[str]:
    indent: dict[int, int] = {}
    lines: list[str] = []
    above = ""
    for index in kept:
        link = chain.links[index]
        parent = link.parent
        while parent is not None and parent not in indent:
            parent = chain.links[parent].parent if chain.links[parent].parent != parent else None
        indent[index] = indent[parent] + 1 if parent is not None else 0
        place = _span(link)
        if link.file == above:
            place = place[len(link.file) :]
        above = link.file
        lines.append(" " * indent[index] + _line(link, place, sources.code(link, code_chars)))
    return lines


def _line(link: Link, place: str, code: str) -> str:
    parts = [link.stage.value, place]
    if link.operation or link.target:
        parts.append(_text(" ".join(filter(None, (link.operation, link.target))), 80))
    if not code or link.stage in (Stage.DATA, Stage.EXTERNAL):
        parts.append(_text(link.symbol, 80))
    text = " ".join(parts)
    if link.status is not LinkStatus.CONFIRMED:
        text += f" [{link.status.value}{': ' + _text(link.why, 120) if link.why else ''}]"
    return f"{text} | {code}" if code else text


def _span(link: Link) -> str:
    return f"{link.file}:{link.line}" if link.end_line == link.line else f"{link.file}:{link.line}-{link.end_line}"


def _text(text: str, limit: int) -> str:
    return one_line(redact(text), limit)


# ---------------------------------------------------------------- source


class _Sources:
    """Source of links, each line shown once."""

    def __init__(self, found: Workspace, max_lines: int) -> None:
        self._snapshot = found.snapshot
        self._max_lines = max_lines
        self.shown: set[tuple[str, int]] = set()
        self._promised: tuple[str, int, int] = ("", 0, 0)

    def promise(self, link: Link) -> None:
        """The source of this link will be shown, so that code within it need not stand beside other links."""
        if link.end_line - link.line < self._max_lines:
            self._promised = (link.file, link.line, link.end_line)

    def _lines(self, link: Link) -> Sequence[str]:
        return self._snapshot.lines(link.file) if self._snapshot.file(link.file) is not None else ()

    def code(self, link: Link, max_chars: int) -> str:
        """The link's first lines on one; "" for stages that are better named, and where the handler's source shows them."""
        file, first, last = self._promised
        lines = self._lines(link)
        inside = link.file == file and first <= link.line <= last
        if not max_chars or link.stage not in _WITH_CODE or inside or not 1 <= link.line <= len(lines):
            return ""
        taken = lines[link.line - 1 : min(link.end_line, link.line + 5)]
        return _text(" ".join(line.strip() for line in taken if len(line) < 2_000), max_chars)

    def excerpt(self, link: Link, max_chars: int) -> answers.SourceRow | None:
        """The first lines of a definition, as many as fit; None when fewer than three would, or when they are shown already."""
        lines = self._lines(link)
        last = min(link.end_line, len(lines), link.line + self._max_lines - 1)
        if last <= link.line or (link.file, link.line) in self.shown:
            return None
        taken = [visible(line).rstrip().expandtabs(2) for line in redact_lines(lines, link.line, last)]
        margin = min((len(line) - len(line.lstrip()) for line in taken if line.strip()), default=0)
        shown: list[str] = []
        used = 40 + len(link.file)
        for line in taken:
            text = _cut(line[margin:])
            used += size_of(text) - 2  # two quotes less, a line end more than alone
            if used > max_chars:
                break
            shown.append(text)
        if len(shown) < min(3, last - link.line + 1):
            return None
        end = link.line + len(shown) - 1
        self.shown.update((link.file, number) for number in range(link.line, end + 1))
        more = f" (to {link.end_line})" if link.end_line > end else ""
        return answers.SourceRow(at=f"{link.file}:{link.line}-{end}{more}", text="\n".join(shown))


def _cut(line: str) -> str:
    return line if len(line) <= MAX_SOURCE_LINE else line[: MAX_SOURCE_LINE - 1] + "…"
