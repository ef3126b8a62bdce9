"""Objects whose methods a package calls with a router: `huma.AutoRegister(group, &Orders{})` calls all its methods `Register*`.

A rule of shape `prefix` with `options.handed`, a glob for the names of the methods, says by which call: the router stands at `parent`, or
is what is called (`router.Controller(orders)`), the object at `child`, a path below the router at `prefix`. What such a method registers on
the router that it is given stands below that router.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from backend_readiness.graph.classes import parts
from backend_readiness.graph.routes.routing import Mount, RouterKey
from backend_readiness.graph.values import InstV, SymbolId, options
from backend_readiness.rules.card_rules import Ref

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan


class HandedRouters:
    """The classes of one scan whose methods are given a router."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan

    def router(self, hit: Hit, ref: Ref) -> RouterKey | None:
        """The router at `ref` of a call; that of the object, where the call stands in a method which a package gives it to."""
        found = self._scan.router_of_value(self._scan.value(hit, ref), hit.card)
        if found is None or found[0] != "path" or not self._classes:
            return found
        return self.around(hit.site.file, hit.call.owner) or found

    def around(self, file: str, owner: int) -> RouterKey | None:
        """What stands for the router that the method around is given."""
        view = self._scan.graph.view(file)
        for scope in view.enclosing(owner) if self._classes else ():
            symbol = view.symbol(scope)
            names, key = self._classes.get(SymbolId(view.path, symbol.parent), ("", None))
            if symbol.kind == "method" and key is not None and fnmatchcase(symbol.name, names):
                return key
        return None

    @cached_property
    def _classes(self) -> dict[SymbolId, tuple[str, RouterKey]]:
        """Class, or a part of it -> names of the methods, and what stands for the routers that they are given."""
        scan = self._scan
        found: dict[SymbolId, tuple[str, RouterKey]] = {}
        given: list[tuple[Hit, RouterKey]] = []
        for hit in scan.hits.get("prefix", ()):
            names = hit.rule.options.get("handed")
            value = scan.value(hit, hit.rule.child) if names else None
            for option in options(value) if value is not None else ():
                if isinstance(option, InstV):
                    where = option.cls.symbol
                    key: RouterKey = ("class", where.file, where.index)
                    found.update({part: (str(names), key) for part in (where, *parts.parts(scan.graph.ev, option.cls))})
                    given.append((hit, key))
        self.__dict__["_classes"] = found  # a router may itself be one that a method is given
        for hit, key in given:
            above = hit.rule.parent
            parent = scan.router_of_value(scan.value(hit, above), hit.card) if above is not None else scan.receiver(hit)
            for prefix in (scan.texts(hit, hit.rule.prefix) or [""]) if parent is not None and parent != key else ():
                mount = Mount(parent=parent, child=key, prefix=prefix, place=scan.place(hit), start=hit.call.start)
                scan.routing.mounts.append(mount)
        return found
