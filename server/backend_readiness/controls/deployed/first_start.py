"""Scripts that the image of a database runs once, when it starts with nothing stored: what stands in its folder for them."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase

from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.rules.signs import sign

_FOLDER = re.compile(sign("first_start", "folder"))
MAX_STARS = 3
_HERE = re.compile(r"^\$(\{PWD(:-\.?)?\}|PWD\b|\(pwd\))")


def first_start_scripts(context: Context) -> tuple[str, ...]:
    """Paths of files in SQL, or in the script of a document store, that a Dockerfile copies there or a compose file mounts there."""
    return once(context, _found)


def _found(context: Context) -> tuple[str, ...]:
    sources: list[str] = []
    for image in context.deployment.dockerfiles:
        folder = image.path.rpartition("/")[0]
        for instruction in image.instructions:
            words = [w.strip("[]\"',") for w in instruction.text.split() if not w.startswith("--")]
            if instruction.name in ("COPY", "ADD") and len(words) > 1 and _FOLDER.search(words[-1]) is not None:
                sources.extend(p for w in words[:-1] for p in (posixpath.join(folder, w), w))
    for service in context.deployment.compose:
        volumes = service.get("volumes")
        here = service.path.rpartition("/")[0]
        for item in volumes.each() if volumes is not None else ():
            named, target = item.get("source"), item.get("target")
            source, _, inside = item.text.strip("\"'").partition(":") if named is None else (named.text, "", target.text if target else "")
            if _FOLDER.search(inside) is not None:
                sources.append(posixpath.join(here, _HERE.sub(".", source)))
    paths = {posixpath.normpath(s) for s in sources}
    every = context.snapshot.glob("**/*.sql", "*.sql", "**/*.js", "*.js") if paths else ()
    return tuple(p for p in every if p in paths or any(p.startswith(f"{s}/") or _is_meant(p, s) for s in paths))


def _is_meant(path: str, source: str) -> bool:
    """Is the file one that a pattern such as `db/*.sql` copies?"""
    folder, _, name = path.rpartition("/")
    wanted, _, pattern = source.rpartition("/")
    return folder == wanted and 0 < pattern.count("*") <= MAX_STARS and fnmatchcase(name, pattern)
