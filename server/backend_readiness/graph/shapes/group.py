"""Groups of routes by where they are written; see `graph.routes.groups`, which reads them when the first route asks for its router."""

from __future__ import annotations

from backend_readiness.graph.routes.branches import drop_holders
from backend_readiness.graph.routes.scan import Scan


def collect(scan: Scan) -> None:
    scan.routing.mounts.extend(scan.groups.mounts)
    drop_holders(scan)
