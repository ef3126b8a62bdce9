"""C#: a file sees the names of its namespace and of those around it."""

from __future__ import annotations

from backend_readiness.graph.modules import Namespaces

LANGUAGES = ("csharp",)


class Resolver(Namespaces):
    def packages_seen(self, path: str, declared: str) -> tuple[str, ...]:
        parts = declared.split(".")
        return tuple(".".join(parts[:n]) for n in range(len(parts), 0, -1))
