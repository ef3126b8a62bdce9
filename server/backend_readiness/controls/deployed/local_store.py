"""Settings of production by which uploads stay on the disk of one machine."""

from __future__ import annotations

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import signs

_LINES = signs("local_store", "lines")
_PATHS = ("**/config/environments/production.rb", "config/filesystems.php", "**/config/filesystems.php")


def local_store(context: Context) -> Evidence | None:
    """The line that names the local disk as the store of files, whatever else may be set where the application is deployed."""
    hits = context.hits(_LINES, _PATHS)
    return context.at(*hits[0][:2]) if hits else None
