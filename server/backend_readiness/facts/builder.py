"""Collects the facts of one file while an adapter walks its tree.

Adapters of embedded languages (script in a Vue file, handlers in HTML) share one builder, so indexes stay true.
"""

from __future__ import annotations

import msgspec

from backend_readiness.facts.model import (
    Assign,
    Block,
    Call,
    Comment,
    Definition,
    Element,
    Export,
    FileFacts,
    FileIndex,
    Import,
    Index,
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
        for imported in self.imports:
            self.names.update(n for n in (imported.name, imported.local) if n)
        named = [(i, s) for i, s in enumerate(self.symbols) if s.name and s.kind != "module"]
        definitions = [Definition(s.name, "partial" if s.partial else s.kind, i, s.line) for i, s in named]
        containers = {i for i, s in enumerate(self.symbols) if s.kind in ("module", "class", "interface")}
        for assign in self.assigns:
            if assign.owner in containers and isinstance(assign.target, Name):
                definitions.append(Definition(assign.target.id, "variable", assign.owner, assign.line))
        renamed = {i.local: i.name for i in self.imports if i.local and i.name and i.name != "default" and i.local != i.name}
        bases = [(s.name, renamed.get(last, last)) for s in self.symbols if s.name for b in s.bases if (last := last_name(b))]
        return FileIndex(
            language=self.language,
            definitions=tuple(definitions),
            names=tuple(sorted(self.names)),
            modules=tuple(sorted({i.module for i in self.imports} | {e.module for e in self.exports if e.module})),
            bases=tuple(bases),
            elements=len(self.elements),
            errors=self.errors,
            package=self.package,
        )


def last_name(value: Value | None) -> str | None:
    """The last identifier of a name or member chain (`a.b.C[T]` -> `C`), else None."""
    if isinstance(value, Name):
        return value.id
    if isinstance(value, Member):
        return value.name
    if isinstance(value, Index):
        return last_name(value.base)
    return None


def dotted(value: Value | None) -> str | None:
    """`a.b.c` for a plain chain of names, else None."""
    if isinstance(value, Name):
        return value.id
    if isinstance(value, Member):
        base = dotted(value.base)
        return f"{base}.{value.name}" if base else None
    return None
