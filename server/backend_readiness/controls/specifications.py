"""Specifications of the API in the repository: OpenAPI documents with their operations, GraphQL schemas, proto files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.yamlfile import documents
from backend_readiness.controls.described_in_comments import commented_operations
from backend_readiness.controls.places import is_test
from backend_readiness.graph.urls import shape, uniform
from backend_readiness.model import Endpoint

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_VENDORED = re.compile(r"(^|/)(node_modules|vendor|third_party|site-packages|\.agents|\.claude)/")
_HEAD = re.compile(r"(?m)^[\s{]*[\"']?(openapi|swagger)[\"']?\s*:\s*[\"']?\d")
# What viewers of JSON put above a document that is saved from them.
_COMMENTS = re.compile(r"\A(?:\s*//[^\n]*\n)+")
MAX_FILES = 40
MAX_HEAD = 4_000
_VERSION = re.compile(r"v\d+")
# Where the paths of a document begin.
_BASE = re.compile(r"""(?:basePath["']?|\burl["']?)\s*:\s*["']?(?:https?://[^/\s"']+)?(/[\w/.-]*)""")


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    file: str
    line: int

    def fits(self, endpoint: Endpoint) -> bool:
        """Same method and path; a prefix that only one side writes (`/api`, a server's base) does not count."""
        if endpoint.method not in (self.method, "ANY"):
            return False
        mine, theirs = shape(uniform(self.path)), shape(endpoint.path)
        shorter, longer = sorted((mine, theirs), key=len)
        return (
            len(longer) - len(shorter) <= 3
            and longer[len(longer) - len(shorter) :] == shorter
            and "{}" not in longer[: len(longer) - len(shorter)]
        )


@dataclass(frozen=True, slots=True)
class Specification:
    """kind: `openapi`, `graphql` or `proto`. `operations` of an OpenAPI document only."""

    kind: str
    file: str
    operations: tuple[Operation, ...] = ()


def specifications(context: Context) -> tuple[Specification, ...]:
    """Documents of the repository's own API, and what comments describe; tests and vendored files are left out."""
    found: list[Specification] = []
    sources = {
        b.route.place.file for b in context.tracer.routes
    }  # a document that handlers are generated from is no test, wherever it lies
    for path in context.snapshot.glob("**/*.y*ml", "**/*.json"):
        if (
            (is_test(f"{path.rpartition('/')[0]}/x") and path not in sources)
            or _VENDORED.search(path)
            or not _may_be(path)
            or len(found) >= MAX_FILES
        ):
            continue
        text = context.snapshot.text(path)
        if _HEAD.search(text[:2_000]) is not None:
            found.append(Specification("openapi", path, tuple(_operations(path, text))))
    commented = tuple(Operation(*told) for told in commented_operations(context))
    if commented:
        found.append(Specification("openapi", commented[0].file, commented))
    for path in context.snapshot.glob("**/*.graphql", "**/*.graphqls", "**/*.gql"):
        if not is_test(path) and re.search(r"(?m)^\s*(extend\s+)?type\s+(Query|Mutation)\b", context.snapshot.text(path)) is not None:
            found.append(Specification("graphql", path))
    found.extend(
        Specification("proto", p)
        for p in context.snapshot.glob("**/*.proto")
        if re.search(r"(?m)^\s*service\s+\w+", context.snapshot.text(p))
    )
    return tuple(found)


def is_of_another_backend(context: Context, file: str) -> bool:
    """Does the document lie in the folder of another application of the repository, which has routes of its own?"""
    roots = [a.root for a in context.snapshot.applications if a.root and file.startswith(f"{a.root}/")]
    root = max(roots, key=len, default="")
    own = context.backend_root
    if (
        not root
        or root in context.backend_roots
        or own == root
        or own.startswith(f"{root}/")
        or root.startswith(f"{own}/" if own else "\0")
    ):
        return False
    return any(b.route.place.file.startswith(f"{root}/") for b in context.tracer.routes)


def is_of_another_version(context: Context, operation: Operation, endpoint: Endpoint) -> bool:
    """Does the document say that its paths lie below `/v1`, where the endpoint lies below `/v2`?"""
    theirs = [s for s in shape(endpoint.path) if _VERSION.fullmatch(s)]
    if not theirs or any(_VERSION.fullmatch(s) for s in shape(uniform(operation.path))):
        return False
    bases = _BASE.findall(context.snapshot.text(operation.file)[:MAX_HEAD])
    said = {s for base in bases for s in base.split("/") if _VERSION.fullmatch(s)}
    return bool(said) and not said & set(theirs)


def _may_be(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name not in ("package-lock.json", "package.json", "composer.lock") and (
        any(w in path.lower() for w in ("openapi", "swagger", "api", "spec", "schema", "contract"))
        or (name.count(".") == 1 and "/" not in path)
    )


def _operations(path: str, text: str) -> list[Operation]:
    if path.endswith(".json"):
        return _of_json(path, text)
    found: list[Operation] = []
    for document in documents(text):
        paths = document.get("paths")
        for url, item in paths.items() if paths is not None else ():
            found.extend(Operation(m.upper(), url, path, e.line) for m, e in item.items() if m in _METHODS)
    return found


def _of_json(path: str, text: str) -> list[Operation]:
    try:
        data = json.loads(_COMMENTS.sub("", text))
    except (ValueError, RecursionError):
        return []
    paths = data.get("paths") if isinstance(data, dict) else None
    if not isinstance(paths, dict):
        return []
    lines = text.split("\n")
    where = {line.strip().split('"')[1]: n for n, line in enumerate(lines, 1) if line.strip().startswith('"/')}
    return [
        Operation(m.upper(), u, path, where.get(u, 1))
        for u, item in list(paths.items())[:2_000]
        if isinstance(item, dict)
        for m in item
        if m in _METHODS
    ]
