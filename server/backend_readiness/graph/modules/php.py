"""PHP: namespaces, with dots here, and the files that belong to them; included files by their path.

Names of the global name space are seen everywhere. An included path is looked for beside the file, from each folder above it
(front controllers include from their own), and else by its end, when only one file of the repository has it.
"""

from __future__ import annotations

import posixpath

from backend_readiness.graph.modules import Namespaces

LANGUAGES = ("php", "blade")

_GLOBAL = "\\"


class Resolver(Namespaces):
    def resolve(self, module: str, importer: str) -> str | None:
        if "/" not in module and not module.endswith((".php", ".inc", ".phtml")):
            return None
        folder = importer.rpartition("/")[0]
        if module.startswith("."):
            found = posixpath.normpath(posixpath.join(folder, module))
            return found if self._project.has(found) else None
        wanted = posixpath.normpath(module).lstrip("/")
        while True:
            candidate = f"{folder}/{wanted}" if folder else wanted
            if self._project.has(candidate):
                return candidate
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        ends = [p for p in self._project.files_named(wanted.rpartition("/")[2]) if p.endswith(f"/{wanted}")]
        return ends[0] if len(ends) == 1 else None

    def package_of(self, path: str, declared: str) -> str:
        return declared or _GLOBAL

    def package_named(self, module: str, importer: str) -> str:
        return module or _GLOBAL

    def packages_seen(self, path: str, declared: str) -> tuple[str, ...]:
        return (declared, _GLOBAL) if declared else (_GLOBAL,)
