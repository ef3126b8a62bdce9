"""Patterns over the paths of values, compiled once: `{router}.{verb}`, `?**.collection().*`, `pkg.Type().method`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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


class PatternIndex(Generic[T]):
    """Many patterns, looked up by the last step of a path so that most paths meet only a few of them."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[re.Pattern[str], T]]] = defaultdict(list)
        self._any: list[tuple[re.Pattern[str], T]] = []
        self._seen: dict[str, tuple[tuple[T, re.Match[str]], ...]] = {}

    def add(self, patterns: Iterable[str], verbs: tuple[str, ...], item: T) -> None:
        for pattern in patterns:
            regex = compiled(pattern, verbs)
            tail = last_step(pattern) if not pattern.endswith("}") else "{"
            if pattern.endswith("{verb}"):
                for verb in verbs:
                    self._exact[verb].append((regex, item))
            elif "*" in tail or "{" in tail or not tail:
                self._any.append((regex, item))
            else:
                self._exact[tail].append((regex, item))

    @property
    def names(self) -> set[str]:
        """The last steps that can match at all; empty when some pattern matches any."""
        return set(self._exact)

    def matches(self, value: str | Ext) -> tuple[tuple[T, re.Match[str]], ...]:
        """The items whose pattern matches the whole path (or a value's second path), in the order in which they were added."""
        if isinstance(value, Ext):
            return self.matches(value.path) or (self.matches(value.alias) if value.alias else ())
        path = value
        known = self._seen.get(path)
        if known is None:
            known = tuple(self._match(path))
            if len(self._seen) < 100_000:
                self._seen[path] = known
        return known

    def _match(self, path: str) -> Iterator[tuple[T, re.Match[str]]]:
        if len(path) > 400:
            return
        for regex, item in self._exact.get(last_step(path), ()):
            found = regex.fullmatch(path)
            if found:
                yield item, found
        for regex, item in self._any:
            found = regex.fullmatch(path)
            if found:
                yield item, found
