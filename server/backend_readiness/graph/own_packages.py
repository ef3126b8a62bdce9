"""Packages that a repository publishes and the cards describe: the samples of a framework import its sources, and mean the framework.

`require("../..")` in the samples of Express means `express`, as does `"express"` in a workspace that holds the package. Where the
samples alone are at hand, the folder above them is not: there the name counts under which the file keeps what it imports.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend_readiness.graph.modules import Project

_LIBRARY = ("src", "lib", "dist")
_ENTRIES = ("source", "types", "module", "main")
_WANTED = ("dependencies", "devDependencies", "peerDependencies")
_KEPT = re.compile(
    r"(?:(?:const|let|var|import)\s+|,\s*|\*\s+as\s+)(\w+)\s*"
    r"(?:=\s*require\(\s*|=\s*await import\(\s*|\bfrom\s+)['\"]((?:\.\./)*\.\.[\w./-]*)['\"]"
)
MAX_TEXT = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """One package: where it stands, its entry files without their ending, and the folders of its sources."""

    name: str
    folder: str
    entries: frozenset[str]
    library: tuple[str, ...]

    def holds(self, path: str) -> bool:
        """Is the file one of the package's own sources?"""
        return path.rpartition(".")[0] in self.entries or path.startswith(self.library)


class OwnPackages:
    """The packages of one repository that cards describe; `parse` reads a package.json."""

    def __init__(self, project: Project, parse: Callable[[str], Any]) -> None:
        self._project, self._parse = project, parse

    def meant(self, module: str, importer: str, found: str | None) -> str | None:
        """The name of the package that a module is, seen from a file that is no part of it; `found` is the file that it leads to."""
        if not module.startswith("."):
            own = self._by_name.get("/".join(module.split("/")[: 2 if module.startswith("@") else 1]))
            within = own is not None and (importer.startswith(f"{own.folder}/") if own.folder else own.holds(importer))
            return module if own is not None and not within else None
        if found is None:
            return self._above(module, importer)
        return next((o.name for o in self._by_name.values() if o.holds(found) and not o.holds(importer)), None)

    def _above(self, module: str, importer: str) -> str | None:
        """What lies outside of the repository goes by the name that the file gives to it."""
        if not posixpath.normpath(posixpath.join(posixpath.dirname(importer), module)).startswith(".."):
            return None
        for kept in _KEPT.finditer(self._project.text(importer)[:MAX_TEXT]):
            if kept.group(2) == module:
                return self._project.described(kept.group(1).lower())
        return None

    @cached_property
    def _by_name(self) -> dict[str, _Own]:
        found: dict[str, _Own] = {}
        for path in self._project.files_named("package.json"):
            data = self._parse(self._project.text(path))
            name = data.get("name") if isinstance(data, dict) else None
            if not isinstance(name, str) or data.get("private") or self._project.described(name) != name or name in found:
                continue
            if any(name in listed for k in _WANTED if isinstance(listed := data.get(k), dict)):
                continue  # an application that bears the name of what it is built upon
            folder = posixpath.dirname(path)
            declared = [str(data[k]) for k in _ENTRIES if isinstance(data.get(k), str)]
            written = [posixpath.normpath(posixpath.join(folder, e)) for e in (*declared, "index.js")]
            library = tuple(f"{posixpath.join(folder, s)}/" for s in _LIBRARY)
            found[name] = _Own(name=name, folder=folder, entries=frozenset(_stem(w) for w in written), library=library)
        return found


def _stem(path: str) -> str:
    stem, ending = posixpath.splitext(path)
    return stem if ending in (".js", ".ts", ".mjs", ".cjs") else path
