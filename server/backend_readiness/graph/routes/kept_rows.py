"""The rows of a table of paths that is written out: what is asked for, and what answers.

A table has paths for keys (also such with the method before them, or regular expressions), methods with tables of paths under them, paths
with tables of methods under them, or is a list of rows: records with a path among their fields, or lists in which a path stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend_readiness.facts.model import Lit, Member, Record, Seq, Value
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.urls import from_regex
from backend_readiness.graph.values import AV, Const, ListV, Text, options
from backend_readiness.graph.views import FileView

MAX_ROWS = 400
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
_KEY = re.compile(r"(?:(GET|POST|PUT|PATCH|DELETE|ANY)[ :|]{1,3})?(/[\w/{}:.()\[\]+*?~@\\-]*)")
_PATTERN = re.compile(r"([#~@%!])(?:\^)?(/.*)\1[a-z]*|/\^(\\?/.*)/[a-z]*")  # a regular expression of a path between its delimiters
_FIELDS = {"path": ("path", "uri", "url", "route", "pattern"), "method": ("method", "methods", "verb", "http_method", "httpMethod")}
_ANSWERS = ("handler", "callback", "callable", "function", "target", "uses", "to", "file", "page", "view")


@dataclass(frozen=True, slots=True)
class Row:
    """One path of a table; `written` is the text that names it, `answers` what stands beside it, the first of which names what answers."""

    methods: tuple[str, ...]
    path: str
    written: str
    answers: tuple[AV, ...]


def rows_of(scan: Scan, said: Mapping[str, Any], view: FileView, value: Value | None, owner: int) -> Iterator[Row]:
    """The rows of a table; nothing when one of its keys or rows is none of a table of paths."""
    if isinstance(value, Seq):
        rows = [_listed(scan, said, view, item, owner) for item in value.items[:MAX_ROWS]]
        yield from (r for r in rows if r is not None) if len(rows) > 1 and all(rows) else ()
    elif isinstance(value, Record):
        yield from _keyed(scan, view, value, owner, "")


def _keyed(scan: Scan, view: FileView, table: Record, owner: int, method: str) -> Iterator[Row]:
    items = table.items[:MAX_ROWS]
    if not method and items and _of_methods(items):
        for key, inner in items:
            if isinstance(inner, Record):
                yield from _keyed(scan, view, inner, owner, str(key).upper())
        return
    keys = [_key(k) if isinstance(k, str) else None for k, _ in items]
    if not all(keys) or (len(items) < 2 and not method):
        return
    for (key, inner), found in zip(items, keys, strict=True):
        if found is not None and key is not None:
            if isinstance(inner, Record) and _of_methods(inner.items, records=False):
                for verb, answer in inner.items:
                    yield Row((str(verb).upper(),), found[1], key, (scan.graph.ev.value(answer, view.path, owner),))
            else:
                yield Row((method or found[0] or "ANY",), found[1], key, (scan.graph.ev.value(inner, view.path, owner),))


def _of_methods(items: tuple[tuple[str | None, Value], ...], *, records: bool = True) -> bool:
    return bool(items) and all(isinstance(k, str) and k.upper() in METHODS and isinstance(v, Record) is records for k, v in items)


def _key(written: str) -> tuple[str, str] | None:
    """Method (or nothing) and path of a key."""
    plain = _KEY.fullmatch(written)
    if plain is not None:
        return plain.group(1) or "", plain.group(2)
    pattern = _PATTERN.fullmatch(written)
    return ("", _of_pattern(pattern.group(2) or pattern.group(3))) if pattern is not None else None


def _of_pattern(text: str) -> str:
    return "/" + from_regex(text.replace("\\/", "/").removesuffix("/?$").removesuffix("/?").removesuffix("$")).lstrip("/")


def _listed(scan: Scan, said: Mapping[str, Any], view: FileView, item: Value, owner: int) -> Row | None:
    """A row of a list: a record with a path among its fields, or a list of which one part is a path."""
    ev = scan.graph.ev
    if isinstance(item, Record):
        fields = {k: ev.value(v, view.path, owner) for k, v in item.items if isinstance(k, str)}
        written = next((t for k in _FIELDS["path"] if k in fields and (t := _text(fields[k]))), "")
        path = _key(written)
        methods = next((m for k in _FIELDS["method"] if k in fields and (m := _methods(scan, fields[k]))), ())
        named = [fields[k] for k in said["keys"] if k in fields and not (k in _FIELDS["method"] and methods)]
        answers = [*(fields[k] for k in _ANSWERS if k in fields), *named] if "controller" not in fields else named
        return Row(methods or ((path[0] or "ANY") if path else "ANY",), path[1], written, tuple(answers)) if path and answers else None
    if not isinstance(item, Seq) or not all(isinstance(i, Lit | Seq | Member | Record) or i for i in item.items):
        return None
    values = [ev.value(i, view.path, owner) for i in item.items]
    methods, rest = (), []
    for value in values:
        given = _methods(scan, value) if not methods else ()
        methods = methods or given
        rest.extend([] if given else [value])
    key = _key(_text(rest[0])) if len(rest) > 1 else None
    return Row(methods or (key[0] or "ANY",), key[1], _text(rest[0]), tuple(rest[1:])) if key is not None else None


def _text(value: AV) -> str:
    return next((o.value for o in options(value) if isinstance(o, Const) and isinstance(o.value, str)), "")


def _methods(scan: Scan, value: AV) -> tuple[str, ...]:
    """The HTTP methods that a value names, and nothing else."""
    if isinstance(value, ListV):
        texts = [_text(scan.graph.ev.thunk(t)) for t in value.items[:10]]
    elif isinstance(value, Text):
        return ()
    else:
        texts = [t for t in re.split(r"[|,\s]+", _text(value)) if t]
    return tuple(t.upper() for t in texts) if texts and all(t.upper() in METHODS for t in texts) else ()
