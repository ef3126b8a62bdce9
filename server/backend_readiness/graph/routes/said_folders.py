"""Folders of functions that a settings file names: `functions = "lambda"` in `netlify.toml`, and the main file of a folder that is one
function (`hello/hello.js`, `hello/index.js`)."""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from backend_readiness.graph.world import Graph
from backend_readiness.rules.cards import Card

MAX_SETTINGS = 200
MAX_CHARS = 100_000


class SaidFolders:
    """The folders that files of one name say, by the dotted `keys` in them; one of `unless` is read by another rule."""

    def __init__(self, graph: Graph, said: Mapping[str, Any]) -> None:
        self.folders: dict[str, str] = {}  # folder of functions -> folder of the settings
        for path in graph.files_named(str(said["file"]))[:MAX_SETTINGS]:
            home = posixpath.dirname(path)
            base = _at(_parsed(graph.text(path)[:MAX_CHARS]), "build.base")
            for key in said["keys"]:
                named = _at(_parsed(graph.text(path)[:MAX_CHARS]), str(key)).strip("/")
                folder = posixpath.normpath(posixpath.join(home, base.strip("/"), named)) if named else ""
                if folder and not folder.startswith("..") and not folder.endswith(tuple(said.get("unless", ()))):
                    self.folders[folder] = home

    def place(self, path: str, stem: str, prefix: str) -> tuple[str, str] | None:
        """(folder of the application, path of the route) of a file below such a folder that is a function."""
        parts = path.split("/")[:-1]
        for i in range(len(parts), 0, -1):
            home = self.folders.get("/".join(parts[:i]))
            if home is not None:
                named = main_of(parts[i:], stem)
                return (home, f"{prefix}/{named[0]}") if named else None
        return None


def main_of(inside: Sequence[str], stem: str) -> list[str]:
    """The name of a function that is a file, or the main file of a folder; nothing for the other files of such a folder."""
    if not inside:
        return [stem]
    return [inside[0]] if len(inside) == 1 and stem in ("index", inside[0]) else []


def speaks_of(graph: Graph, card: Card, path: str) -> bool:
    """Does a manifest at or above the file name what the card describes? Where none of the repository does, every file may."""
    wanted = set(card.detect.manifests)
    naming = [a for a in graph.snapshot.applications if not wanted.isdisjoint(a.dependencies)]
    return not naming or any(a.holds(path) for a in naming)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}


def _at(data: Any, key: str) -> str:
    for step in key.split("."):
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""
