"""Java, Kotlin and Scala: packages of one name space, named in the source; pages that a page of a Java server includes, by path."""

from __future__ import annotations

import posixpath

from backend_readiness.graph.modules import Namespaces

LANGUAGES = ("java", "kotlin", "scala", "jsp")

_SOURCES = (".java", ".kt", ".kts", ".scala", ".sc")
_SCALA_OBJECTS = ("scala", "scala.Predef")


class Resolver(Namespaces):
    def resolve(self, module: str, importer: str) -> str | None:
        """The page that a page includes: beside it, or from the root of what is served, which is one of the folders above."""
        if "/" not in module:
            return None
        folder = importer.rpartition("/")[0]
        if not module.startswith("/"):
            beside = posixpath.normpath(posixpath.join(folder, module))
            return beside if self._project.has(beside) else None
        while folder and not self._project.has(folder + module):
            folder = folder.rpartition("/")[0]
        found = (folder + module).lstrip("/")
        return found if self._project.has(found) else None

    def package_of(self, path: str, declared: str) -> str:
        """Classes without a package see each other within one module (`src/main/java`, `src/main/kotlin`)."""
        if declared or not path.endswith(_SOURCES):
            return declared
        before, src, _ = f"/{path}".partition("/src/")
        return f"{before}/" if src else f"{before.rpartition('/')[0]}/"

    def packages_seen(self, path: str, declared: str) -> tuple[str, ...]:
        return (self.package_of(path, declared),)

    def packages_meant(self, module: str, importer: str, declared: str) -> tuple[str, ...]:
        if not importer.endswith(".scala"):
            return (module,)
        above = declared.split(".") if declared else []
        return (module, *(".".join((*above[:count], module)) for count in range(len(above), 0, -1)))

    def imported_by_all(self, path: str) -> tuple[str, ...]:
        return ("java.lang", *(_SCALA_OBJECTS if path.endswith(".scala") else ()))
