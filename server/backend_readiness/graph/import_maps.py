"""Import maps: the names that a program gives to files and addresses: `"imports": {"$web/": "https://deno.land/x/web@v1/", "~/": "./"}`.

They stand in `deno.json` or in a file of their own beside it. A name that ends with a slash stands for all that begins with it.

An address that names a package of a registry means that package, whatever its version: `npm:express@5`, `jsr:@hono/hono@^4/cors`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any

from backend_readiness.graph.modules import Project

FILES = ("deno.json", "deno.jsonc", "import_map.json", "importMap.json")
MAX_NAMES = 2_000
_REMOTE = ("https://", "http://", "jsr:", "npm:")
_PACKAGE = r"(?P<name>@[\w.-]{1,100}/[\w.-]{1,100}|[\w.-]{1,100})(?:@[^/?]{1,100})?(?P<rest>/[^?]{1,200})?(?:\?|$)"
_REGISTRY = re.compile(r"(?:npm:|jsr:|https://esm\.sh/)/?" + _PACKAGE)


def named_in(project: Project, folder: str, parse: Callable[[str], Any]) -> list[tuple[str, str]]:
    """(name, what it stands for) of the maps of a folder; a place in the repository is written from its root."""
    found: list[tuple[str, str]] = []
    for file in FILES:
        path = posixpath.join(folder, file)
        data = parse(project.text(path)) if project.has(path) else None
        imports = data.get("imports") if isinstance(data, dict) else None
        for name, target in list(imports.items())[:MAX_NAMES] if isinstance(imports, dict) else ():
            if isinstance(target, str) and target.startswith(_REMOTE):
                found.append((name, target))
            elif isinstance(target, str) and target.startswith(("./", "../")) and name not in ("/", "./"):
                end = "/" if target.endswith("/") else ""
                found.append((name, posixpath.normpath(posixpath.join(folder, target)) + end))
    return found


def is_remote(target: str) -> bool:
    """Is it an address or a package, and no place in the repository?"""
    return target.startswith(_REMOTE)


def package_at(address: str) -> str | None:
    """The package, with the path in it, that an address of a registry names; None for any other address."""
    found = _REGISTRY.match(address)
    return found["name"] + (found["rest"] or "") if found is not None else None


def stood_for(module: str, names: list[tuple[str, str]]) -> str | None:
    """What a module means by the longest name that fits; None when none does."""
    fitting = [(n, t) for n, t in names if module == n or (n.endswith("/") and t.endswith("/") and module.startswith(n))]
    name, target = max(fitting, key=lambda item: len(item[0]), default=("", ""))
    return target + module[len(name) :] if name else None


__all__ = ["is_remote", "named_in", "package_at", "stood_for"]
