"""Ruby: `require_relative`, and `require` of what lies in the load path. Classes are found by their names, see `constants`."""

from __future__ import annotations

import posixpath

from backend_readiness.graph.modules import Project

LANGUAGES = ("ruby", "erb", "haml", "slim")
_LOAD_PATH = ("", "lib", "app", "src", "config")


class Resolver:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, str], str | None] = {}

    def resolve(self, module: str, importer: str) -> str | None:
        folder = importer.rpartition("/")[0]
        key = (module, folder)
        if key not in self._known:
            self._known[key] = self._relative(module, folder) if module.startswith(".") else self._absolute(module, folder)
        return self._known[key]

    def _relative(self, module: str, folder: str) -> str | None:
        path = posixpath.normpath(posixpath.join(folder, module))
        return None if path.startswith("..") else self._file(path)

    def _absolute(self, module: str, folder: str) -> str | None:
        while True:
            for sub in _LOAD_PATH:
                found = self._file("/".join(part for part in (folder, sub, module) if part))
                if found:
                    return found
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def _file(self, base: str) -> str | None:
        return next((path for path in (f"{base}.rb", base) if self._project.has(path)), None)
