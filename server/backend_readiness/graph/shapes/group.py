"""Groups of routes by where they are written; see `graph.groups`, which reads them when the first route asks for its router."""

from __future__ import annotations

from backend_readiness.graph.scan import Scan


def collect(scan: Scan) -> None:
    scan.routing.mounts.extend(scan.groups.mounts)
