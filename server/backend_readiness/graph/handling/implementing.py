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
            cls = ev.member(option, spec["interface"]) if isinstance(option, PackageV) else None
            if isinstance(cls, ClassV) and method is not None:
                folder = posixpath.dirname(cls.symbol.file)  # what is generated beside the interface only calls it
                methods = (v for v in options(ev.member(InstV(cls), method)) if isinstance(v, FuncV))
                found.extend(v for v in methods if posixpath.dirname(v.symbol.file) != folder)
    return union(found) if found else None
