"""Deployment descriptors of web applications (`web.xml`): servlets and filters with the classes that they name, and their paths.

The handlers of a `web.config` are such ones too: `<add path="feed.axd" verb="GET" type="Shop.FeedHandler, Shop" />`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CHARS = 400_000
MAX_ITEMS = 400
_KINDS = ("servlet", "filter")
_PATTERN = re.compile(r"<url-pattern>\s*([^<>\s]{1,300})\s*</url-pattern>")
_ADDED = re.compile(r"<add\b([^<>]{1,900})>")
_ATTRIBUTE = re.compile(r"\b(\w{1,40})\s{0,9}=\s{0,9}[\"']([^\"'<>]{0,400})[\"']")
_CONTEXT = re.compile(r"<param-name>([^<>]{1,300})</param-name>\s*<param-value>([^<>]{0,600})</param-value>")


@dataclass(frozen=True, slots=True)
class Deployed:
    """One mapping. `kind` is `servlet` or `filter`; `names`: its name, class and values of parameters; `line` of the mapping."""

    kind: str
    name: str
    cls: str
    names: frozenset[str]
    document: str  # a page that answers (`<jsp-file>`), or nothing
    patterns: tuple[str, ...]
    line: int
    verbs: tuple[str, ...] = ()  # the HTTP methods, or nothing for those that the class has


def deployed(text: str) -> Iterator[Deployed]:
    """The mappings of a descriptor, in its order."""
    text = without_comments(text[:MAX_CHARS])
    blocks = {(kind, _element(inner, f"{kind}-name")): inner for kind in _KINDS for _, inner in _blocks(text, kind)}
    found = sorted((at, kind, inner) for kind in _KINDS for at, inner in _blocks(text, f"{kind}-mapping"))
    for at, kind, inner in found[:MAX_ITEMS]:
        name = _element(inner, f"{kind}-name")
        block = blocks.get((kind, name), "")
        cls = _element(block, f"{kind}-class")
        values = [v.strip() for _, v in _CONTEXT.findall(block)]
        yield Deployed(
            kind, name, cls, frozenset(v for v in (name, cls, *values) if v), _element(block, "jsp-file"),
            tuple(_PATTERN.findall(inner)), text.count("\n", 0, at + len(inner) - len(inner.lstrip())) + 1,
        )  # fmt: skip


def handlers(text: str) -> Iterator[Deployed]:
    """The handlers that a `web.config` adds, each path once."""
    text = without_comments(text[:MAX_CHARS])
    known: set[str] = set()
    for found in list(_ADDED.finditer(text))[:MAX_ITEMS]:
        said = dict(_ATTRIBUTE.findall(found.group(1)))
        cls = said.get("type", "").partition(",")[0].strip()
        paths = [p.strip() for p in said.get("path", "").split(",") if p.strip() and "*" not in p]
        patterns = tuple(f"/{p.lstrip('/')}" for p in paths if p not in known)
        if "verb" not in said or not cls or not patterns:
            continue
        known.update(paths)
        verbs = tuple(v.strip().upper() for v in said["verb"].split(",") if v.strip() and v.strip() != "*")
        yield Deployed("servlet", "", cls, frozenset((cls,)), "", patterns, text.count("\n", 0, found.start()) + 1, verbs)


def parameters(text: str) -> dict[str, str]:
    """All parameters that a descriptor sets, by name; the first of each."""
    found: dict[str, str] = {}
    for name, value in _CONTEXT.findall(without_comments(text[:MAX_CHARS])):
        found.setdefault(name.strip(), value.strip())
    return found


def without_comments(text: str) -> str:
    """The text with blank lines in place of comments; what follows one that does not end is left out."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        kept.append(text[at:start])
        if end < 0:
            return "".join(kept)
        kept.append("\n" * text.count("\n", start, end))
        at = end + 3
    return "".join((*kept, text[at:]))


def _blocks(text: str, tag: str) -> Iterator[tuple[int, str]]:
    """(where it begins, content) of the elements of that name, which are not nested."""
    at = 0
    for _ in range(MAX_ITEMS):
        start = text.find(f"<{tag}>", at)
        end = text.find(f"</{tag}>", start) if start >= 0 else -1
        if end < 0:
            return
        at = start + len(tag) + 2
        yield at, text[at:end]
        at = end


def _element(text: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<>]{{1,400}})</{name}>", text)
    return found.group(1).strip() if found is not None else ""
