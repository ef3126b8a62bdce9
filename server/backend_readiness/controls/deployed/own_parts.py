"""Which parts of a repository of several programs the flow's own program is built of."""

from __future__ import annotations

from backend_readiness.controls.context import Context
from backend_readiness.snapshot.manifests import Application, parts_of


def is_of_another_part(context: Context, path: str) -> bool:
    """Does the file stand in a part on which, as the manifests say it, no program with the flow's handler is built?"""
    home = next((_holder(context, r.route.place.file) for r in context.routes if r.route.place.file), None)
    other = _holder(context, path)
    if home is None or other is None or not home.root or not other.root or home.root == other.root:
        return False
    applications = context.snapshot.applications
    parts = [parts_of(applications, a.root) for a in applications if a.root]
    return not any(home.root in p and other.root in p for p in parts)


def _holder(context: Context, path: str) -> Application | None:
    """The innermost application that holds the path."""
    return max((a for a in context.snapshot.applications if a.holds(path)), key=lambda a: len(a.root), default=None)
