"""What a package of JavaScript says that its names mean: `"exports": {".": "./src/client.ts", "./mails/*": {"import": "./src/*.ts"}}`.

A target that a build makes (`./dist/client.mjs`) also stands for the source that it is made of (`./src/client`).
"""

from __future__ import annotations

import posixpath
from typing import Any

MAX_TARGETS = 400
MAX_DEPTH = 4
_BUILT = ("dist/", "build/", "lib/", "out/")
_BUILT_ENDS = (".d.ts", ".d.mts", ".mjs", ".cjs", ".js")


def exported(data: dict[str, Any], folder: str) -> tuple[tuple[str, str], ...]:
    """(path below the name of the package, "" for itself, with `*` for any; path from the root of the repository), the nearest first."""
    exports = data.get("exports")
    if not isinstance(exports, dict) or not any(k.startswith(".") for k in exports):
        exports = {".": exports}
    found: list[tuple[str, str]] = []
    for key, target in list(exports.items())[:MAX_TARGETS] if isinstance(exports, dict) else ():
        for path in (p for t in _targets(target, 0) for p in _sources(t)):
            found.append((key.removeprefix(".").removeprefix("/"), posixpath.normpath(posixpath.join(folder, path))))
    return tuple(sorted(found, key=lambda f: "*" in f[0]))


def targets_of(exports: tuple[tuple[str, str], ...], rest: str) -> list[str]:
    """The paths that `rest`, what stands behind the name of the package, may mean."""
    found: list[str] = []
    for pattern, target in exports:
        before, star, after = pattern.partition("*")
        if not star and pattern == rest:
            found.append(target)
        elif star and rest.startswith(before) and rest.endswith(after) and len(rest) > len(before) + len(after):
            found.append(target.replace("*", rest[len(before) : len(rest) - len(after)]))
    return found


def _targets(target: object, depth: int) -> list[str]:
    """The files that the conditions of a target name (`{"import": {"types": ..., "default": ...}}`), in their order."""
    if isinstance(target, str):
        return [target] if target.startswith("./") else []
    inner = list(target.values()) if isinstance(target, dict) else target if isinstance(target, list) else []
    return [t for i in inner[:20] for t in _targets(i, depth + 1)] if depth < MAX_DEPTH else []


def _sources(target: str) -> list[str]:
    path = target.removeprefix("./")
    built = next((b for b in _BUILT if path.startswith(b)), None)
    end = next((e for e in _BUILT_ENDS if path.endswith(e)), "")
    return [target] if built is None else [target, f"src/{path[len(built) :].removesuffix(end)}"]
