"""Routes in XML files of the configuration, as Symfony keeps them: `<route id="orders" path="/orders" methods="GET"/>`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_readiness.graph.routes.descriptors import without_comments

MAX_ENTRIES = 3_000
_ENTRY = re.compile(r"<(route|import)\b([^<>]{0,2000}?)(/?)>")
_ATTRIBUTE = re.compile(r"([\w\-]{1,60})\s*=\s*(?:\"([^\"<>]{0,400})\"|'([^'<>]{0,400})')")
_INNER = re.compile(r"<(path|prefix|default)\b([^<>]{0,300})>([^<>]{0,400})</")


def entries(text: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """(name, line, fields) of the routes and imports, with the fields that the same entries have in YAML."""
    text = without_comments(text)
    for number, found in enumerate(_ENTRY.finditer(text)):
        if number >= MAX_ENTRIES:
            return
        kind, attributes, closed = found.groups()
        fields: dict[str, Any] = {k: a or b for k, a, b in _ATTRIBUTE.findall(attributes)}
        end = text.find(f"</{kind}>", found.end()) if not closed else found.end()
        for tag, given, value in _INNER.findall(text[found.end() : end]) if end > found.end() else ():
            of = {k: a or b for k, a, b in _ATTRIBUTE.findall(given)}
            fields.setdefault(f"{tag}s" if tag == "default" else tag, {})
            inner = fields[f"{tag}s" if tag == "default" else tag]
            if isinstance(inner, dict):
                inner[of.get("key") or of.get("locale") or ""] = value.strip()
        methods = re.split(r"[\s,|]+", str(fields.get("methods", "")).strip())
        fields["methods"] = [m for m in methods if m]
        yield fields.get("id", ""), text.count("\n", 0, found.start()) + 1, fields
