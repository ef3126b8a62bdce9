"""Files of code that put routes on what they are handed: `$routes->import("@ShopBundle/config/routes.php")->prefix("/shop")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.graph.routes.routing import Mount, RouterKey

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan

_SHAPES = ("call", "routing_file")


def mounts(scan: Scan, hit: Hit, target: str, prefix: str) -> bool:
    """Put the tables of the file below the prefix, and below what the importing file stands below; False when it has none."""
    own = scan.receiver(hit)
    tables = _tables(scan, hit.card.id, target)
    for table in tables:
        if table != own:
            place = scan.place(hit)
            scan.routing.mounts.append(Mount(parent=own, child=table, prefix=prefix, place=place, start=hit.call.start))
    return bool(tables)


def served(scan: Scan, kind: str) -> tuple[RouterKey | None, str] | None:
    """Where a call puts all that is served by its declarations (`import(".", "api_platform")`): its table, and a prefix of its own."""
    for hit in scan.hits.get("routing_file", ()):
        if kind and kind in scan.texts(hit, hit.rule.name):
            said = next((p.strip("/") for p in scan.texts(hit, hit.rule.prefix)), "")
            return scan.receiver(hit), f"/{said}" if said else ""
    return None


def _tables(scan: Scan, card: str, target: str) -> list[RouterKey]:
    found = (scan.receiver(h) for s in _SHAPES for h in scan.hits.get(s, ()) if h.site.file == target and h.card.id == card)
    return list(dict.fromkeys(k for k in found if k is not None))
