"""Java, Kotlin and Scala: packages of one name space, named in the source."""

from __future__ import annotations

from backend_readiness.graph.modules import Namespaces

LANGUAGES = ("java", "kotlin", "scala")

_SCALA_OBJECTS = ("scala", "scala.Predef")


class Resolver(Namespaces):
    def packages_meant(self, module: str, importer: str, declared: str) -> tuple[str, ...]:
        if not importer.endswith(".scala"):
            return (module,)
        above = declared.split(".") if declared else []
        return (module, *(".".join((*above[:count], module)) for count in range(len(above), 0, -1)))

    def imported_by_all(self, path: str) -> tuple[str, ...]:
        return ("java.lang", *(_SCALA_OBJECTS if path.endswith(".scala") else ()))
