"""Handlers that generated code stands in front of: `func MountShowHandler(mux, h)` puts `Show` of what implements the service on a muxer.

The rule's option `implementing` says how: `function` is a regular expression for the name of the function around the call, `method` in it
the name of the method, `interface` the interface that a package has which the file imports.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, PackageV, options, union
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan

MAX_IMPORTS = 60


def implementing(scan: Scan, hit: Hit, spec: Mapping[str, str]) -> AV | None:
    """The methods of the classes that implement the interface; None where none is in sight."""
    view, ev = scan.graph.view(hit.site.file), scan.graph.ev
    around = (re.fullmatch(spec["function"], view.symbol(s).name) for s in view.enclosing(hit.call.owner))
    method = next((m["method"] for m in around if m is not None), None)
    found: list[AV] = []
    for made in view.facts.imports[:MAX_IMPORTS] if method is not None else ():
        package = ev.lookup(made.local, view.path, 0) if made.local else None
        for option in options(package) if package is not None else ():
            if isinstance(option, PackageV) and method is not None:
                found.extend(_methods(scan, ev.member(option, spec["interface"]), method))
    return union(found) if found else None


def of_interface(scan: Scan, view: FileView, interface: str, method: str) -> AV | None:
    """The same of an interface in the package of the file."""
    found = _methods(scan, scan.graph.ev.lookup(interface, view.path, 0), method)
    return union(found) if found else None


def _methods(scan: Scan, cls: AV, method: str) -> list[AV]:
    """What implements a method outside of the interface's own package: what is generated there only calls it."""
    if not isinstance(cls, ClassV):
        return []
    folder = posixpath.dirname(cls.symbol.file)
    found = (v for v in options(scan.graph.ev.member(InstV(cls), method)) if isinstance(v, FuncV))
    return [v for v in found if posixpath.dirname(v.symbol.file) != folder]
