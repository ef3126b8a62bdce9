"""SQL of mapper interfaces that stands in XML files: `<mapper namespace="shop.Orders"><select id="find">select ...</select></mapper>`."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from backend_readiness.graph.world import Graph

MAX_FILES = 2_000
MAX_CHARS = 1_000_000
MAX_STATEMENTS = 2_000
MAX_INCLUDES = 4
_NAMESPACE = re.compile(r"<mapper\s[^<>]{0,200}?namespace\s*=\s*[\"']([\w.$]{1,300})[\"']")
_START = re.compile(r"<(select|insert|update|delete)\b([^<>]{0,600})>")
_CALLABLE = re.compile(r"\bstatementType\s*=\s*[\"']CALLABLE[\"']")
_READS = re.compile(r"(?i)^(get|select|find|query|list|count|search|load|fetch|read|check|is|has)")
_ID = re.compile(r"\bid\s*=\s*[\"'](\w{1,200})[\"']")
_FRAGMENT = re.compile(r"<sql\b[^<>]{0,200}?\bid\s*=\s*[\"'](\w{1,200})[\"'][^<>]{0,200}>")
_INCLUDE = re.compile(r"<include\b[^<>]{0,200}?\brefid\s*=\s*[\"']([\w.]{1,300})[\"'][^<>]{0,200}>")
_TAG = re.compile(r"<!\[CDATA\[|\]\]>|<!--(?:(?!-->)[\s\S]){0,4000}-->|<[^<>]{0,600}>")
_BOUND = re.compile(r"#\{[^{}]{0,200}\}")


class Statement(NamedTuple):
    """One statement: what its element says it does, and its text without the elements inside of it; `${name}`, put in as text, stays."""

    operation: str
    sql: str


class MapperFiles:
    """All mapper files of a repository."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def of(self, file: str, name: str) -> dict[str, Statement]:
        """Method -> statement for the interface `name` that is declared in `file`."""
        if not self._by_namespace:
            return {}
        package = self._graph.facts.files[file].package if file in self._graph.facts.files else ""
        return self._by_namespace.get(f"{package}.{name}" if package else name, {})

    @cached_property
    def _by_namespace(self) -> dict[str, dict[str, Statement]]:
        found: dict[str, dict[str, Statement]] = {}
        paths = [f.path for f in self._graph.snapshot.files if f.path.endswith(".xml")]
        for path in paths[:MAX_FILES]:
            text = self._graph.text(path)[:MAX_CHARS]
            namespace = _NAMESPACE.search(text) if "namespace" in text else None
            if namespace is not None:
                found.setdefault(namespace.group(1), {}).update(_statements(text))
        return found


def _statements(text: str) -> dict[str, Statement]:
    found: dict[str, Statement] = {}
    fragments = {m.group(1): text[m.end() : max(m.end(), text.find("</sql>", m.end()))][:4000] for m in _FRAGMENT.finditer(text)}
    operations = {"select": "read", "insert": "write", "update": "write", "delete": "delete"}
    for start in _START.finditer(text):
        named = _ID.search(start.group(2))
        end = text.find(f"</{start.group(1)}>", start.end())
        if named is not None and end > 0 and len(found) < MAX_STATEMENTS:
            body = text[start.end() : end][:20_000]
            for _ in range(MAX_INCLUDES):
                if "<include" not in body:
                    break
                body = _INCLUDE.sub(lambda m: fragments.get(m.group(1).rpartition(".")[2], " "), body)[:40_000]
            sql = _BOUND.sub(" NULL ", _TAG.sub(" ", body))
            operation = operations[start.group(1)]
            if operation == "read" and _CALLABLE.search(start.group(2)) is not None and _READS.match(named.group(1)) is None:
                operation = "call"  # what a procedure of the database changes is not said here
            found[named.group(1)] = Statement(operation, " ".join(sql.split())[:4000])
    return found
