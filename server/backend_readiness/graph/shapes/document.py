"""Routes that stand only in an API description: an OpenAPI document whose `operationId` names the function (`module.function`).

Options of the rule: `folder` is a reference to the argument that names the folder of the document, `base` to the base path.
"""

from __future__ import annotations

import posixpath

from backend_readiness.graph.routes.openapi import base_path, operations, read_document, text_of
from backend_readiness.graph.routes.routing import Registration
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.values import AV, ModV, UnknownV
from backend_readiness.model import Place
from backend_readiness.rules.card_rules import Ref

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
    root = read_document(scan.graph.text(document))
    if root is None:
        return
    base_ref = hit.rule.options.get("base")
    bases = scan.texts(hit, Ref(**base_ref)) if base_ref else []
    prefix = bases[0] if bases else base_path(root)
    for path, shared, methods in operations(root):
        for method, line, operation in methods:
            name = text_of(operation, "operationId")
            controller = next((c for k in CONTROLLERS for c in (text_of(operation, k) or text_of(shared, k),) if c), "")
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
