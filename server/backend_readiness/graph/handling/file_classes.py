"""Classes that a text means by the name of their file: `"UserController.signup"` is what `UserController.ts` exports, whatever its name."""

from __future__ import annotations

from backend_readiness.graph.evaluation import exports
from backend_readiness.graph.values import ClassV
from backend_readiness.graph.world import Graph

ENDINGS = (".ts", ".js", ".mts", ".cts", ".mjs", ".cjs")


def class_of_file(graph: Graph, importer: str, folder: str, name: str) -> ClassV | None:
    """The class that the only file of that name in such a folder exports, in languages whose files are modules of their own."""
    if importer not in graph.facts.files or not importer.endswith(ENDINGS):
        return None
    named = [f for ending in ENDINGS for f in graph.files_named(f"{name}{ending}") if f in graph.facts.files]
    found = [f for f in named if f"/{f.rpartition('/')[0].lower()}".endswith(f"/{folder.lower()}")] if folder else named
    value = exports.exported(graph.ev, found[0], "default") if len(found) == 1 else None
    return value if isinstance(value, ClassV) else None
