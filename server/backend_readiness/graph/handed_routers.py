"""Objects whose methods a package calls with a router: `huma.AutoRegister(group, &Orders{})` calls all its methods `Register*`.

A rule of shape `prefix` with `options.handed`, a glob for the names of the methods, says by which call: the router stands at `parent`, the
object at `child`. What such a method registers on the router that it is given stands below that router.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.graph import parts
from backend_readiness.graph.routing import Mount, RouterKey
from backend_readiness.graph.values import InstV, SymbolId, options
from backend_readiness.rules.card_rules import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.scan import Hit, Scan


class HandedRouters:
    """The classes of one scan whose methods are given a router."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan

    def router(self, hit: Hit, ref: Ref) -> RouterKey | None:
        """The router at `ref` of a call; that of the object, where the call stands in a method which a package gives it to."""
        found = self._scan.router_of_value(self._scan.value(hit, ref), hit.card)
        if found is None or found[0] != "path" or not self._classes:
            return found
        view = self._scan.graph.view(hit.site.file)
        for scope in view.enclosing(hit.call.owner):
            symbol = view.symbol(scope)
            names, key = self._classes.get(SymbolId(view.path, symbol.parent), ("", None))
            if symbol.kind == "method" and key is not None and fnmatchcase(symbol.name, names):
                return key
        return found

    @cached_property
    def _classes(self) -> dict[SymbolId, tuple[str, RouterKey]]:
        """Class, or a part of it -> names of the methods, and what stands for the routers that they are given."""
        scan = self._scan
        found: dict[SymbolId, tuple[str, RouterKey]] = {}
        for hit in scan.hits.get("prefix", ()):
            names = hit.rule.options.get("handed")
            parent = scan.router_of_value(scan.value(hit, hit.rule.parent), hit.card) if names else None
            value = scan.value(hit, hit.rule.child) if parent is not None else None
            for option in options(value) if value is not None else ():
                if isinstance(option, InstV) and parent is not None:
                    where = option.cls.symbol
                    key: RouterKey = ("class", where.file, where.index)
                    found.update({part: (str(names), key) for part in (where, *parts.parts(scan.graph.ev, option.cls))})
                    mount = Mount(parent=parent, child=key, prefix="", place=scan.place(hit), start=hit.call.start)
                    scan.routing.mounts.append(mount)
        return found
