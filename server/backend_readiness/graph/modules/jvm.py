"""Java, Kotlin and Scala: packages of one name space, named in the source."""

from __future__ import annotations

from backend_readiness.graph.modules import Namespaces

LANGUAGES = ("java", "kotlin", "scala")

_SCALA_OBJECTS = ("scala", "scala.Predef")


class Resolver(Namespaces):
    def imported_by_all(self, path: str) -> tuple[str, ...]:
        return ("java.lang", *(_SCALA_OBJECTS if path.endswith(".scala") else ()))
