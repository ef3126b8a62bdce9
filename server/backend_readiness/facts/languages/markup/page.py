"""One template while its facts are collected: what a dialect sees of it.

An *island* is a piece of template syntax in the markup (`{{ x }}`, `<% if %>`, `{#each}`). A dialect finds the islands of a page and lowers
each one exactly once; the page knows lines, owners, open control blocks, and how to hand JavaScript to its adapter.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Literal, Protocol

from backend_readiness.facts.builder import Builder
from backend_readiness.facts.languages.markup import script as embedded
from backend_readiness.facts.model import Arg, Assign, Block, Call, Func, Lit, Param, Symbol, Value

Flow = Literal["", "open", "middle", "close"]
_MAX_BLANK = 200
_NEWLINE = re.compile(rb"\n")


@dataclass(slots=True)
class Island:
    """`start`..`end` with delimiters, `inner`..`inner_end` without. `output`: it puts text where it stands.

    `word` is the keyword of a tag (`if`, `endfor`) or the kind of an output; `flow` says how it branches, for attribute values.
    """

    start: int
    end: int
    inner: int
    inner_end: int
    word: str = ""
    output: bool = False
    flow: Flow = ""
    lowered: bool = False
    value: Value | None = None


@dataclass(slots=True)
class OpenBlock:
    """`kind` "" opens no Block fact (a macro, a section that is only known to balance)."""

    word: str
    kind: str
    subject: Value | None
    start: int
    body: int
    depth: int
    symbol: int | None = None


class Dialect(Protocol):
    """A template language. A sibling module with a `DIALECT` is found by walking."""

    language: str
    components: bool
    """Tags are components: their case matters and `<Input>` is not `<input>`."""

    def looks_like(self, source: bytes, name: str) -> int:
        """How sure this `.html` file is of this dialect: 0 no, the highest of all wins."""

    def islands(self, source: bytes) -> list[Island]:
        """All template syntax in order, without overlap, in linear time."""

    def prepare(self, page: Page) -> None:
        """Called once before the walk, with `page.islands` set."""

    def lower(self, page: Page, island: Island) -> Value | None:
        """The value of an output (None for other islands), with calls, blocks, imports and includes recorded on the page."""

    def attribute(self, page: Page, name: str, span: tuple[int, int] | None) -> Value | Literal["plain"] | None:
        """The value of a binding, or "plain" when the attribute is no binding of this dialect."""


@dataclass(slots=True)
class Page:
    builder: Builder
    source: bytes
    dialect: Dialect
    owner: int = 0
    first_line: int = 1
    base: int = 0
    islands: list[Island] = field(default_factory=list)
    depth: int = 0
    cut_to: int | None = None
    _starts: list[int] = field(default_factory=list)
    _newlines: list[int] = field(default_factory=list)
    _open: list[OpenBlock] = field(default_factory=list)
    _open_words: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._newlines = [match.start() for match in _NEWLINE.finditer(self.source)]
        self.islands = self.dialect.islands(self.source)
        self._starts = [island.start for island in self.islands]

    # ------------------------------------------------------------ places and text

    def line(self, offset: int) -> int:
        return self.first_line + bisect_left(self._newlines, offset)

    def text(self, start: int, end: int) -> str:
        return self.source[start:end].decode("utf-8", "replace")

    def islands_in(self, start: int, end: int) -> list[Island]:
        return self.islands[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def island_at(self, offset: int) -> Island | None:
        at = bisect_right(self._starts, offset) - 1
        return self.islands[at] if at >= 0 and self.islands[at].end > offset else None

    def value(self, island: Island) -> Value | None:
        """The lowered island; the first request lowers it."""
        if not island.lowered:
            island.lowered = True
            island.value = self.dialect.lower(self, island)
        return island.value

    # ------------------------------------------------------------ recording

    def call(self, callee: Value, args: tuple[Arg, ...], start: int, end: int) -> int:
        return self.builder.add_call(
            Call(
                callee=callee,
                args=args,
                owner=self.owner,
                line=self.line(start),
                end_line=self.line(max(start, end - 1)),
                start=self.base + start,
                end=self.base + end,
            )
        )

    def assign(self, target: Value, value: Value | None, island: Island, kind: str = "let") -> None:
        self.builder.assigns.append(
            Assign(
                target=target,
                value=value,
                type=None,
                owner=self.owner,
                line=self.line(island.start),
                end_line=self.line(island.end - 1),
                start=self.base + island.start,
                end=self.base + island.end,
                kind=kind,
            )
        )

    def include(self, value: Value | None) -> None:
        """Note the literal file names in the argument of an include or extends."""
        for name in embedded.literals(value):
            if name and name not in self.builder.template:
                self.builder.template.append(name)

    def symbol(self, kind: str, name: str, params: tuple[Param, ...], start: int, end: int) -> int:
        return self.builder.add_symbol(
            Symbol(
                kind=kind,
                name=name,
                parent=self.owner,
                line=self.line(start),
                end_line=self.line(max(start, end - 1)),
                start=self.base + start,
                end=self.base + end,
                params=params,
            )
        )

    # ------------------------------------------------------------ control flow

    def open(self, word: str, kind: str, subject: Value | None, island: Island, symbol: int | None = None) -> None:
        self._open.append(OpenBlock(word, kind, subject, island.start, island.end, self.depth, symbol))
        self._open_words[word] = self._open_words.get(word, 0) + 1
        if symbol is not None:
            self.owner = symbol

    def middle(self, kind: str, subject: Value | None, island: Island) -> None:
        """`else`, `elif`, `case`: ends the branch before it and starts the next one."""
        if not self._open or self._open[-1].symbol is not None:
            self.builder.errors += 1
            return
        block = self._open[-1]
        if block.kind != "switch":
            self._emit(block, island.start)
            self.cut_to = block.depth
        self._open[-1] = OpenBlock(block.word, kind, subject, island.start, island.end, block.depth)

    def close(self, word: str, island: Island) -> None:
        """The end of the innermost open `word`; blocks left open inside end with it."""
        if not self._open_words.get(word):
            self.builder.errors += 1
            return
        while self._pop(island.start, island.end) != word:
            self.builder.errors += 1

    def is_open(self, word: str) -> bool:
        return bool(self._open_words.get(word))

    def close_last(self, island: Island) -> None:
        """The end of the innermost block, whatever it is."""
        if self._open:
            self._pop(island.start, island.end)
        else:
            self.builder.errors += 1

    def finish(self) -> None:
        """The end of the page: what is still open ends here."""
        while self._open:
            self.builder.errors += 1
            self._pop(len(self.source), len(self.source))

    def _pop(self, start: int, end: int) -> str:
        block = self._open.pop()
        self._open_words[block.word] -= 1
        self._emit(block, end if block.kind in ("switch", "") else start)
        if block.symbol is not None:
            self.builder.amend(block.symbol, end_line=self.line(max(0, end - 1)), end=self.base + end)
            self.owner = self.builder.symbols[block.symbol].parent
        return block.word

    def _emit(self, block: OpenBlock, end: int) -> None:
        if not block.kind:
            return
        self.builder.blocks.append(
            Block(
                kind=block.kind,
                subject=block.subject,
                owner=self.owner,
                line=self.line(block.start),
                end_line=self.line(max(block.start, end - 1)),
                start=self.base + block.start,
                end=self.base + end,
                empty=end - block.body <= _MAX_BLANK and not self.source[block.body : end].strip(),
            )
        )

    # ------------------------------------------------------------ JavaScript in the page

    def expression(self, start: int, end: int) -> Value | None:
        """A JavaScript expression at `start`..`end`; template output inside becomes part of the value. None: blank."""
        return embedded.expression(self, start, end)

    def expression_of(self, code: bytes, start: int) -> Value | None:
        """Code of another notation, rewritten at the same length, that stands at `start`."""
        return embedded.lowered(self, code, start, {})

    def expression_list(self, start: int, end: int) -> Value | None:
        """`a, b` as a Seq."""
        code = self.source[start:end]
        return embedded.lowered(self, b"[" + code + b"]", start - 1, {}) if code.strip() else None

    def handler(self, start: int, end: int) -> Value | None:
        """The code of an event attribute: an expression, or Func of a lambda when it is several statements."""
        return embedded.handler(self, start, end)

    def literal(self, start: int, end: int) -> Lit:
        return Lit(self.text(start, end))

    def lambda_at(self, start: int, end: int) -> Func:
        return Func(self.symbol("lambda", "", (), start, end))
