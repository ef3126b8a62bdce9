"""Collects the facts of one file while an adapter walks its tree.

Adapters of embedded languages (script in a Vue file, handlers in HTML) share one builder, so indexes stay true.
"""

from __future__ import annotations

import msgspec

from backend_readiness.facts.file_index import MARKUP, FileIndex, index_of
from backend_readiness.facts.file_index import last_name as last_name
from backend_readiness.facts.model import (
    Assign,
    Block,
    Call,
    Comment,
    Element,
    Export,
    FileFacts,
    Import,
    Member,
    Name,
    Return,
    Symbol,
    Throw,
    Value,
)

MAX_TEXT = 80


class Builder:
    """The growing facts of one file. Symbol 0, the module, exists from the start."""

    def __init__(self, language: str, source: bytes) -> None:
        self.language = language
        self.source = source
        lines = source.count(b"\n") + (0 if source.endswith(b"\n") else 1)
        self.symbols: list[Symbol] = [Symbol(kind="module", name="", parent=-1, line=1, end_line=max(1, lines), start=0, end=len(source))]
        self.calls: list[Call] = []
        self.assigns: list[Assign] = []
        self.returns: list[Return] = []
        self.throws: list[Throw] = []
        self.blocks: list[Block] = []
        self.imports: list[Import] = []
        self.exports: list[Export] = []
        self.elements: list[Element] = []
        self.comments: list[Comment] = []
        self.template: list[str] = []
        self.names: set[str] = set()
        self.package = ""
        self.errors = 0

    def name(self, identifier: str) -> Name:
        self.names.add(identifier)
        return Name(identifier)

    def member(self, base: Value, name: str) -> Member:
        self.names.add(name)
        return Member(base, name)

    def add_symbol(self, symbol: Symbol) -> int:
        """Append and return its index. Complete it later with `amend` when children must come first."""
        self.symbols.append(symbol)
        if symbol.name:
            self.names.add(symbol.name)
        return len(self.symbols) - 1

    def amend(self, index: int, **changes: object) -> None:
        """Replace fields of a symbol whose definition was only begun."""
        self.symbols[index] = msgspec.structs.replace(self.symbols[index], **changes)

    def add_call(self, call: Call) -> int:
        self.calls.append(call)
        return len(self.calls) - 1

    def add_element(self, element: Element) -> int:
        self.elements.append(element)
        self.names.add(element.tag)
        self.names.update(attr.name for attr in element.attrs)
        return len(self.elements) - 1

    def facts(self) -> FileFacts:
        return FileFacts(
            language=self.language,
            symbols=tuple(self.symbols),
            calls=tuple(self.calls),
            assigns=tuple(self.assigns),
            returns=tuple(self.returns),
            throws=tuple(self.throws),
            blocks=tuple(self.blocks),
            imports=tuple(self.imports),
            exports=tuple(self.exports),
            elements=tuple(self.elements),
            comments=tuple(self.comments),
            template=tuple(self.template),
            errors=self.errors,
        )

    def index(self) -> FileIndex:
        if b"<form" in self.source or b" hx-" in self.source or b"<a href" in self.source:
            self.names.add(MARKUP)
        return index_of(self.facts(), self.names, self.package)


def dotted(value: Value | None) -> str | None:
    """`a.b.c` for a plain chain of names, else None."""
    if isinstance(value, Name):
        return value.id
    if isinstance(value, Member):
        base = dotted(value.base)
        return f"{base}.{value.name}" if base else None
    return None
