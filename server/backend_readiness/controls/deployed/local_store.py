"""Settings of production by which uploads stay on the disk of one machine."""

from __future__ import annotations

import re

from backend_readiness.controls.context import Context
from backend_readiness.model import Evidence
from backend_readiness.rules.signs import sign, signs

_LINES = signs("local_store", "lines")
_NAMED = re.compile(sign("local_store", "named"))
_DECLARED = ("**/config/storage.yml",)
_PATHS = ("**/config/environments/production.rb", "config/filesystems.php", "**/config/filesystems.php")


def local_store(context: Context) -> Evidence | None:
    """The line that names the local disk as the store of files, whatever else may be set where the application is deployed."""
    hits = context.hits(_LINES, _PATHS)
    return context.at(*hits[0][:2]) if hits else None


def undeclared_store(context: Context) -> Evidence | None:
    """The line by which production names a store of files that the committed settings do not declare."""
    for file, line, text in context.hits((_NAMED.pattern,), _PATHS):
        named = _NAMED.search(text)
        declared = context.snapshot.glob(*_DECLARED)
        if named is not None and declared and not context.hits((rf"^{re.escape(named.group(1))}:",), declared):
            return context.at(file, line)
    return None
