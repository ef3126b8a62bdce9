"""What answers a route of a router that an application writes itself: a function, a class with a method, a text, a file.

Options: `separators` stand between class and method in a text; `suffixes` and `actions` are what names of classes and methods end with;
`keys` are names under which a record has the class and the method; `pages` is the end of the name of a file that answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.handling.handler_names import class_named, pair
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, ClassV, Const, FuncV, InstV, ListV, Obj, SymbolId, Text, options


class WrittenHandlers:
    """Finds handlers as one rule says that they are written."""

    def __init__(self, scan: Scan, said: Mapping[str, Any]) -> None:
        self.scan, self.said = scan, said

    def find(self, given: list[AV], file: str) -> AV | None:
        """The function that values after a path name; None when the repository has none."""
        for option in options(given[0]) if given else ():
            if isinstance(option, FuncV):
                return option
            if isinstance(option, ListV):
                return pair(self.scan, option)
            if isinstance(option, Obj):
                fields = [option.fields.get(k) for k in self.said["keys"]]
                return self.find([self.scan.graph.ev.thunk(t) for t in fields if t is not None], file)
            if isinstance(option, ClassV | InstV):
                return self._method(InstV(option) if isinstance(option, ClassV) else option, _text(given[1:]))
            if isinstance(option, Text):  # `__DIR__ . "/pages/about.php"`
                return self._page(str(option.parts[-1])) if isinstance(option.parts[-1], str) else None
            if isinstance(option, Const) and isinstance(option.value, str):
                return self._named(option.value, _text(given[1:]), file)
        return None

    def _named(self, written: str, method: str, file: str) -> AV | None:
        if written.endswith(self.said["pages"]):
            return self._page(written)
        for separator in self.said["separators"]:
            if separator in written:
                written, _, method = written.partition(separator)
                break
        for suffix in ("", *self.said["suffixes"]):
            cls = class_named(self.scan, "", written, (), suffix, file)
            if cls is not None:
                return self._method(InstV(cls), method)
        return self._function(written, file) if not method else None

    def _function(self, name: str, file: str) -> FuncV | None:
        """The one function of the repository that has the name."""
        graph = self.scan.graph
        language = graph.production[file].language if file in graph.production else ""
        where = [w for w in graph.defining(name) if w.file in graph.production and graph.production[w.file].language == language]
        found = [w for w in where if graph.view(w.file).symbol(w.index).kind == "function"]
        return FuncV(found[0]) if len(found) == 1 else None

    def _page(self, written: str) -> FuncV | None:
        tail = written.lstrip("./")
        found = [p for p in self.scan.graph.production if p == tail or p.endswith(f"/{tail}")]
        return FuncV(SymbolId(found[0], 0)) if len(found) == 1 else None

    def _method(self, made: InstV, name: str) -> AV | None:
        for wanted in (name, *(f"{name}{a}" for a in self.said["actions"]), *(() if name else ("__invoke", "index", "handle"))):
            found = members.own_member(self.scan.graph.ev, made, wanted) if wanted else None
            if isinstance(found, FuncV):
                return found
        return made.cls


def _text(given: list[AV]) -> str:
    return str(given[0].value) if given and isinstance(given[0], Const) and isinstance(given[0].value, str) else ""
