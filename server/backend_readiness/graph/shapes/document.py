"""Routes that stand only in an API description: an OpenAPI document whose `operationId` names the function (`module.function`).

Options of the rule: `folder` is a reference to the argument that names the folder of the document, `base` to the base path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import urlsplit

import yaml

from backend_readiness.graph.routing import Registration
from backend_readiness.graph.scan import Hit, Scan
from backend_readiness.graph.values import AV, ModV, UnknownV
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

MAX_CHARS = 4_000_000
MAX_DEPTH = 60
METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}
CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")


def collect(scan: Scan) -> None:
    for hit in scan.hits.get("document", ()):
        for path in scan.texts(hit, hit.rule.path):
            document = _find(scan, hit, path)
            if document is not None:
                _register(scan, hit, document)


def _find(scan: Scan, hit: Hit, path: str) -> str | None:
    """The document: below the folder that is named, beside the file that names it, or from the root."""
    folder_ref = hit.rule.options.get("folder")
    folders = scan.texts(hit, Ref(**folder_ref)) if folder_ref else []
    beside = posixpath.dirname(hit.site.file)
    for start in (beside, ""):
        for folder in (*folders, ""):
            candidate = posixpath.normpath(posixpath.join(start, folder, path))
            if scan.graph.has(candidate):
                return candidate
    return None


def _register(scan: Scan, hit: Hit, document: str) -> None:
    root = _read(scan.graph.text(document))
    if root is None:
        return
    base_ref = hit.rule.options.get("base")
    bases = scan.texts(hit, Ref(**base_ref)) if base_ref else []
    prefix = bases[0] if bases else _base_path(root)
    for path, shared, methods in _paths(root):
        for method, line, operation in methods:
            name = _text(operation, "operationId")
            controller = next((c for k in CONTROLLERS for c in (_text(operation, k) or _text(shared, k),) if c), "")
            handler = _handler(scan, hit.site.file, f"{controller}.{name}" if controller else name) if name else None
            scan.routing.registrations.append(
                Registration(
                    router=None,
                    method=method.upper(),
                    path=f"{prefix.rstrip('/')}/{path.lstrip('/')}",
                    place=Place(file=document, line=line, end_line=line),
                    start=line,
                    card=hit.card,
                    rule=hit.rule,
                    handler=handler,
                )
            )


def _read(text: str) -> yaml.MappingNode | None:
    if len(text) > MAX_CHARS or _too_deep(text):
        return None
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
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


def _entries(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node, int]]:
    """Key, value and line of the key."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield str(key.value), value, key.start_mark.line + 1


def _get(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value, _ in _entries(node) if key == name), None)


def _text(node: yaml.Node | None, name: str) -> str:
    value = _get(node, name)
    return str(value.value) if isinstance(value, yaml.ScalarNode) else ""


def _base_path(root: yaml.Node) -> str:
    """`basePath` of Swagger 2, the path of the first server of OpenAPI 3."""
    servers = _get(root, "servers")
    first = servers.value[0] if isinstance(servers, yaml.SequenceNode) and servers.value else None
    url = _text(first, "url")
    return _text(root, "basePath") or ("" if "{" in url else urlsplit(url).path)


def _paths(root: yaml.Node) -> Iterator[tuple[str, yaml.Node, list[tuple[str, int, yaml.Node]]]]:
    for path, item, _ in _entries(_get(root, "paths")):
        if path.startswith("/"):
            yield path, item, [(method, line, operation) for method, operation, line in _entries(item) if method in METHODS]


def _handler(scan: Scan, importer: str, dotted: str) -> AV | None:
    """`package.module.function` or `package.module.Class.method`."""
    parts = dotted.replace(":", ".").split(".")
    for cut in range(len(parts) - 1, 0, -1):
        file = scan.graph.resolve(".".join(parts[:cut]), importer)
        if file is not None:
            value: AV = ModV(file)
            for name in parts[cut:]:
                value = scan.graph.ev.member(value, name)
            return None if isinstance(value, UnknownV) else value
    return None
