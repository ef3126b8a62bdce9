"""Where the absences of an application stand: the manifest that would have declared a package."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
            lines = context.snapshot.lines(path)
            aside = managed_lines(lines)
            for number, line in enumerate(lines, 1):
                if _DEPENDENCIES.search(line) is not None and number not in aside:
                    return context.at(path, number, note=note)
            return context.at(path, 1, note=note)
    return None


def managed_lines(lines: Sequence[str]) -> set[int]:
    """Lines of a manifest that only say versions for others: between `<dependencyManagement>` and its end."""
    found: set[int] = set()
    inside = False
    for number, text in enumerate(lines, 1):
        inside = inside or "<dependencyManagement>" in text
        if inside:
            found.add(number)
        inside = inside and "</dependencyManagement>" not in text
    return found
