"""Which package the code has that a build generates from a document: two documents of one module may name the same operations.

`<inputSpec>${project.basedir}/src/main/resources/v2.json</inputSpec>` beside `<apiPackage>shop.v2</apiPackage>`.
"""

from __future__ import annotations

import posixpath
import re

from backend_readiness.graph.world import Graph
from backend_readiness.rules.signs import sign

MAX_FILES, MAX_PARTS, MAX_CHARS = 200, 40, 400_000


def packages_of(graph: Graph) -> dict[str, set[str]]:
    """Document -> the packages of the interfaces that are generated from it, where a build says both."""
    found: dict[str, set[str]] = {}
    builds = [f.path for f in graph.snapshot.files if re.search(sign("generator_settings", "builds"), f.path)]
    for path in builds[:MAX_FILES]:
        text = graph.text(path)[:MAX_CHARS]
        for part in re.split(sign("generator_settings", "parts"), text)[:MAX_PARTS] if "inputSpec" in text else ():
            documents = _said(part, sign("generator_settings", "documents"))
            packages = _said(part, sign("generator_settings", "packages"))
            if len(documents) == 1 and len(packages) == 1:
                found.setdefault(_in(path, *documents), set()).update(packages)
    return found


def _said(part: str, pattern: str) -> set[str]:
    return {next(g for g in match.groups() if g) for match in re.finditer(pattern, part)}


def _in(build: str, document: str) -> str:
    """The document as a path of the repository; a name of a folder that only the build knows is that of the build."""
    written = re.sub(sign("generator_settings", "folders"), "", document)
    return posixpath.normpath(posixpath.join(posixpath.dirname(build), written))
