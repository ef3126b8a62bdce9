"""Files of routes that stand below a path by their name, where no call that can be read brings them in.

Options of a rule of shape `group`: `alone` are the ends of the paths of such files with their prefix, `alone_with` a text that they have,
`alone_beside` a file that the repository has.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.routes.routing import Mount
    from backend_readiness.graph.routes.scan import Scan


def alone(scan: Scan, brought: Collection[str]) -> list[tuple[str, Mount]]:
    """(card, mount) of each such file that is not among those which a group brings in."""
    from backend_readiness.graph.routes.routing import Mount

    found: list[tuple[str, Mount]] = []
    rules = [(c.id, r.options) for c in scan.graph.knowledge.cards for r in c.routes if r.shape == "group" and "alone" in r.options]
    for card, said in rules:
        for path in scan.graph.production if scan.graph.files_named(said["alone_beside"]) else ():
            prefix = next((p for tail, p in said["alone"].items() if path == tail or path.endswith(f"/{tail}")), None)
            if prefix is not None and path not in brought and said["alone_with"] in scan.graph.text(path):
                place = Place(file=path, line=1, end_line=1)
                found.append((card, Mount(parent=None, child=("file", path, 0), prefix=prefix, place=place, start=0)))
    return found
