"""Routes that stand only in an API description: an OpenAPI document whose `operationId` names the function (`module.function`).

Options of the rule: `folder` is a reference to the argument that names the folder of the document, `base` to the base path, `resolver` to
what finds the functions; `resolvers` says for each kind of it how the name of a function is put together: `{given}` is its first argument,
`{operation}` the `operationId`, `{resource}` the first step of the path (`{Resource}` in capitals), `{action}` the request's method or, for
a list, `search`. One that asks for no `{operation}` is for operations without a name.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from backend_readiness.graph.routes.openapi import base_path, operations, read_document, text_of
from backend_readiness.graph.routes.routing import Registration, functions_in
from backend_readiness.graph.routes.scan import Hit, Scan
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, Ext, ModV, options
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
    resolvers = list(_resolvers(scan, hit))
    for path, shared, methods in operations(root):
        for method, line, operation in methods:
            name = text_of(operation, "operationId") or ""
            controller = next((c for k in CONTROLLERS for c in (text_of(operation, k) or text_of(shared, k),) if c), "")
            dotted = f"{controller}.{name}" if controller and name else name
            named = [n for r, given in resolvers for n in _resolved(r, given, dotted, controller, path, method)] + [dotted]
            handler = next((h for n in named if n and (h := _handler(scan, hit.site.file, n)) is not None), None)
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


def _resolvers(scan: Scan, hit: Hit) -> Iterator[tuple[str, str]]:
    """How the registration names functions, and the module that it starts from."""
    kinds = hit.rule.options.get("resolvers", {})
    values = [scan.value(hit, Ref(**ref)) for ref in hit.rule.options.get("resolver", ())]
    for made in [o for v in values if v is not None for o in options(v)]:
        if isinstance(made, Ext) and made.site is not None and made.path.removesuffix("()") in kinds:
            given = scan.graph.ev.arg_value(made.site, 0)
            for text in texts(scan.graph.ev, given) if given is not None else ():
                yield str(kinds[made.path.removesuffix("()")]), text


def _resolved(pattern: str, given: str, dotted: str, controller: str, path: str, method: str) -> list[str]:
    """The dotted names that a resolver makes for an operation, the first that is there counts; none when that is not its affair."""
    if bool(dotted) != ("{operation}" in pattern):
        return []
    resource, _, rest = path.strip("/").partition("/")
    actions = ["search", method] if method == "get" and not rest else [method]
    snake = resource.replace("-", "_")
    camel = "".join(w[:1].upper() + w[1:] for w in snake.split("_"))
    if controller and not dotted:
        return [f"{controller}.{a}" for a in actions]
    return [pattern.format(given=given, operation=dotted, resource=snake, Resource=camel, action=a) for a in actions]


def _handler(scan: Scan, importer: str, dotted: str) -> AV | None:
    """`package.module.function` or `package.module.Class.method`."""
    parts = dotted.replace(":", ".").split(".")
    for cut in range(len(parts) - 1, 0, -1):
        own = posixpath.splitext(importer)[0].split("/")[-cut:] == parts[:cut]  # the document names a function of the file that asks for it
        file = importer if own else scan.graph.resolve(".".join(parts[:cut]), importer)
        if file is not None:
            value: AV = ModV(file)
            for name in parts[cut:]:
                value = scan.graph.ev.member(value, name)
            return value if functions_in(scan.graph, value) else None
    return None
