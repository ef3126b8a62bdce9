"""OpenAPI documents of the repository: their operations with the places where they stand."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import urlsplit

import yaml

from backend_readiness.rules.yaml_files import LOADER

MAX_CHARS = 4_000_000
MAX_DEPTH = 60
METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}


def read_document(text: str) -> yaml.MappingNode | None:
    """The root of a document; None when it is too large, nested too deep, or no mapping."""
    if len(text) > MAX_CHARS or _too_deep(text):
        return None
    try:
        node = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, RecursionError):
        return None
    return node if isinstance(node, yaml.MappingNode) else None


def _too_deep(text: str) -> bool:
    """Brackets and indentation bound the nesting before the parser, which recurses, sees it."""
    depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_DEPTH:
            return True
    return any(len(line) - len(line.lstrip(" -?")) > 4 * MAX_DEPTH for line in text.splitlines())


def entries(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node, int]]:
    """Key, value and line of the key."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield str(key.value), value, key.start_mark.line + 1


def child(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value, _ in entries(node) if key == name), None)


def text_of(node: yaml.Node | None, name: str) -> str:
    value = child(node, name)
    return str(value.value) if isinstance(value, yaml.ScalarNode) else ""


def referred_file(item: yaml.Node, path: str) -> str:
    """The file of the repository in which a path item stands (`$ref: "./orders/order.yaml"`); "" when it stands in the document itself."""
    reference = text_of(item, "$ref").partition("#")[0]
    if not reference or "://" in reference or reference.startswith("/"):
        return ""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))
    return "" if found.startswith("..") else found


def methods_of(item: yaml.Node) -> list[tuple[str, int, yaml.Node]]:
    """(method, line, operation) of each operation of a path item."""
    return [(method, line, operation) for method, operation, line in entries(item) if method in METHODS]


def base_path(root: yaml.Node) -> str:
    """`basePath` of Swagger 2, the path of the first server of OpenAPI 3."""
    servers = child(root, "servers")
    first = servers.value[0] if isinstance(servers, yaml.SequenceNode) and servers.value else None
    url = text_of(first, "url")
    return text_of(root, "basePath") or ("" if "{" in url else urlsplit(url).path)


def operations(root: yaml.Node) -> Iterator[tuple[str, yaml.Node, list[tuple[str, int, yaml.Node]]]]:
    """Path, what its methods share, and (method, line, operation) of each."""
    for path, item, _ in entries(child(root, "paths")):
        if path.startswith("/"):
            yield path, item, methods_of(item)
