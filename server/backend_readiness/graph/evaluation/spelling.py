"""Names of methods in languages that find them in any case: PHP runs `post` for `$app->Post("/orders", ...)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property

import msgspec

from backend_readiness.facts.file_index import FileIndex
from backend_readiness.facts.model import Call, FileFacts, Member
from backend_readiness.graph.patterns import last_step
from backend_readiness.graph.values import Ext
from backend_readiness.rules.cards import Card

ANY_CASE = frozenset({"php"})
_METHODS = frozenset({"function", "method"})


def known_name(language: str, name: str, wanted: AbstractSet[str]) -> str:
    """The name under which cards know a call: its own, or in a language of any case the one in small letters or with a small first one."""
    if language not in ANY_CASE or name in wanted:
        return name
    return next((n for n in (name.lower(), f"{name[:1].lower()}{name[1:]}") if n in wanted), name)


def respelled(value: Ext, written: str, known: str) -> Ext:
    """The callee with its last step as cards write it."""
    if written == known or not value.path.endswith(f".{written}"):
        return value
    alias = f"{value.alias.removesuffix(written)}{known}" if value.alias.endswith(f".{written}") else value.alias
    return replace(value, path=f"{value.path.removesuffix(written)}{known}", alias=alias)


def is_among(language: str, name: str, names: tuple[str, ...]) -> bool:
    """Is a called name one of the names of a card? One of these may be a glob: `get[A-Z]*` for methods that a library makes up."""
    if name in names or any("*" in n and fnmatchcase(name, n) for n in names):
        return True
    return language in ANY_CASE and name.lower() in {n.lower() for n in names}


class Spellings:
    """The names of methods that the repository declares or cards speak of, for calls that write them in another case."""

    def __init__(self, files: Mapping[str, FileIndex], cards: Mapping[str, Card]) -> None:
        self._files = files
        self._cards = cards

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        """How each name is written, by itself in small letters."""
        found: dict[str, set[str]] = defaultdict(set)
        declared = (d.name for i in self._files.values() if i.language in ANY_CASE for d in i.definitions if d.kind in _METHODS)
        for name in (*declared, *(n for i, c in self._cards.items() if i.partition("/")[0] in ANY_CASE for n in _spoken(c))):
            found[name.lower()].add(name)
        return found

    def as_known(self, facts: FileFacts, index: FileIndex | None) -> FileFacts:
        """The facts with each method called under the one name that is known for it: `$order->Save()` is a call of `save`."""
        if facts.language not in ANY_CASE or index is None:
            return facts
        spelled = {n: self._known.get(n.lower(), set()) for n in index.names}
        other = {n: next(iter(k)) for n, k in spelled.items() if len(k) == 1 and n not in k}
        return msgspec.structs.replace(facts, calls=tuple(_respelled_call(c, other) for c in facts.calls)) if other else facts


def _spoken(card: Card) -> Iterator[str]:
    called = (*(r.callee for r in card.values), *(r.callee for r in card.data))
    steps = (last_step(c) for callee in called for c in ((callee,) if isinstance(callee, str) else callee))
    yield from (s for s in steps if s.isidentifier())
    yield from (n for rule in card.data for names in rule.operations.values() for n in names if n.isidentifier())


def _respelled_call(call: Call, other: Mapping[str, str]) -> Call:
    callee = call.callee
    if not isinstance(callee, Member) or callee.name not in other:
        return call
    return msgspec.structs.replace(call, callee=msgspec.structs.replace(callee, name=other[callee.name]))
