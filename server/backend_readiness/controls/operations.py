"""Where the absences of an application stand: the manifest that would have declared a package."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence

_DEPENDENCIES = re.compile(
    r"^\s*\"dependencies\"|^dependencies\b|^\[(tool\.poetry\.dependencies|packages|project)\]|^require\b"
    r"|^\s*<dependencies>|^\s*<PackageReference "
)


def manifest_place(context: Context, note: str = "") -> Evidence | None:
    """Where a missing package would have been declared: the dependencies of the backend's manifest."""
    roots = sorted(
        (a for a in context.snapshot.applications if not context.backend_root or a.root in ("", context.backend_root)),
        key=lambda a: (a.root != context.backend_root, -len(a.root)),
    )
    for application in roots:
        for path in application.manifests:
            for number, line in enumerate(context.snapshot.lines(path), 1):
                if _DEPENDENCIES.search(line) is not None:
                    return context.at(path, number, note=note)
            return context.at(path, 1, note=note)
    return None
