"""Patterns over the paths of values, compiled once: `{router}.{verb}`, `?**.collection().*`, `pkg.Type().method`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from backend_readiness.graph.values import Ext

T = TypeVar("T")

_TOKEN = re.compile(r"\{(\w+)\}|\*\*|\*|[^*{]+|\{")


def expand(pattern: str, types: Mapping[str, tuple[str, ...]], depth: int = 0) -> list[str]:
    """Replace `{name}` by the patterns of that type, all combinations; `{verb}` stays."""
    found = re.search(r"\{(?!verb\})(\w+)\}", pattern)
    if found is None or depth > 6:
        return [pattern]
    result: list[str] = []
    for alternative in types.get(found.group(1), ()):
        result.extend(expand(pattern[: found.start()] + alternative + pattern[found.end() :], types, depth + 1))
    return result


@lru_cache(maxsize=8192)
def compiled(pattern: str, verbs: tuple[str, ...] = ()) -> re.Pattern[str]:
    """A regular expression for one expanded pattern; the verb is group `verb`. Linear: no nested repetition."""
    out = []
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        if token.group(1) == "verb":
            out.append(f"(?P<verb>{'|'.join(map(re.escape, verbs))})")
        elif text == "**":
            out.append(".*")
        elif text == "*":
            out.append(r"[^.()]+")
        else:
            out.append(re.escape(text))
    return re.compile("".join(out), re.DOTALL)


def last_step(path: str) -> str:
    """The last name of a path without calls and elements: `a.b().c` -> `c`."""
    tail = path
    while tail.endswith((")", "]", ">")):
        cut = max(tail.rfind("("), tail.rfind("["), tail.rfind("<"))
        if cut <= 0:
            break
        tail = tail[:cut]
    return tail.rpartition(".")[2].rpartition("/")[2].lstrip("~?")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    """A pattern that is compiled when a path first comes near it. `start` is its text up to the first wildcard."""

    pattern: str
    verbs: tuple[str, ...]
    start: str
    item: T

    def match(self, path: str) -> re.Match[str] | None:
        return compiled(self.pattern, self.verbs).fullmatch(path) if path.startswith(self.start) else None


class PatternIndex(Generic[T]):
    """Many patterns, looked up by the last step of a path so that most paths meet only a few of them."""

    def __init__(self) -> None:
        self._exact: dict[str, list[_Entry[T]]] = defaultdict(list)
        self._any: list[_Entry[T]] = []
        self._seen: dict[str, tuple[tuple[T, re.Match[str]], ...]] = {}
        self._names_in: dict[str, set[str]] = defaultdict(set)

    def add(self, patterns: Iterable[str], verbs: tuple[str, ...], item: T, languages: Iterable[str] = ()) -> None:
        """`languages`: those whose files the patterns can match in, for `names_in`."""
        for pattern in patterns:
            entry = _Entry(pattern, verbs, re.split(r"[*{]", pattern, maxsplit=1)[0], item)
            tail = last_step(pattern) if not pattern.endswith("}") else "{"
            names: tuple[str, ...] = ()
            if pattern.endswith("{verb}"):
                names = verbs
            elif not ("*" in tail or "{" in tail or not tail):
                names = (tail,)
            else:
                self._any.append(entry)
            for name in names:
                self._exact[name].append(entry)
                for language in languages:
                    self._names_in[language].add(name)

    @property
    def starts(self) -> set[str]:
        """The texts of the patterns up to their first wildcard; those that end in a verb with each of their verbs."""
        found = {entry.start for entries in (*self._exact.values(), self._any) for entry in entries}
        ends = [e for entries in self._exact.values() for e in entries if e.pattern == f"{e.start}{{verb}}"]
        return found | {f"{e.start}{verb}" for e in ends for verb in e.verbs}

    @property
    def names(self) -> set[str]:
        """The last steps that patterns write out."""
        return set(self._exact)

    @property
    def is_open(self) -> bool:
        """Does a pattern leave its last step open? Then any name may be one of a match."""
        return bool(self._any)

    def names_in(self, language: str) -> set[str]:
        """The same for the files of one language."""
        return self._names_in.get(language, set())

    def matches(self, value: str | Ext) -> tuple[tuple[T, re.Match[str]], ...]:
        """The items whose pattern matches the whole path (or a value's second path), in the order in which they were added."""
        if isinstance(value, Ext):
            return self.matches(value.path) or (self.matches(value.alias) if value.alias else ())
        known = self._seen.get(value)
        if known is None:
            known = tuple(self._match(value))
            if len(self._seen) < 100_000:
                self._seen[value] = known
        return known

    def _match(self, path: str) -> Iterator[tuple[T, re.Match[str]]]:
        if len(path) > 400:
            return
        for entry in (*self._exact.get(last_step(path), ()), *self._any):
            found = entry.match(path)
            if found is not None:
                yield entry.item, found


def in_names(path: str) -> str:
    """A path as names between dots, whatever is called or taken in between: `a.B().c` -> `a.B.).c`."""
    return path.replace("(", ".").replace("[", ".").replace("<", ".")


def names_in(options: object) -> Iterator[str]:
    """The dotted names that the options of a rule write out."""
    if isinstance(options, str):
        if "." in options and " " not in options:
            yield options
    elif isinstance(options, dict):
        for key, value in options.items():
            yield from names_in(key)
            yield from names_in(value)
    elif isinstance(options, list | tuple):
        for item in options:
            yield from names_in(item)
