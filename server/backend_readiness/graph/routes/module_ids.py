"""The name under which an application knows a class of its modules: `'shop' => ['class' => app\\modules\\store\\Module::class]`.

Code of such a class reads it as its own (`$this->id`). Options of a rule: `own`: paths of that read; `declared`: what a file of
the configuration says, where `{class}` stands for the full name of the class and the first group is the name; `folder`: the name that
the folder of the class gives where no file says it.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import Any

from backend_readiness.graph.values import AV, ClassV, Const, Ext, Text, options
from backend_readiness.graph.world import Graph

MAX_CHARS = 100_000


class ModuleIds:
    """The names of the modules of one application, each looked for once."""

    def __init__(self, graph: Graph, rule: dict[str, Any], files: tuple[str, ...]) -> None:
        self.graph, self.rule, self.files = graph, rule, files
        self.known: dict[ClassV, str] = {}

    def filled(self, value: AV | None) -> AV | None:
        """The value with the names of modules in it."""
        if isinstance(value, Text):
            parts = tuple(self._part(p) for p in value.parts)
            said = [p for p in parts if isinstance(p, str)]
            return Const("".join(said)) if len(said) == len(parts) else Text(parts)
        name = self._name(value)
        return Const(name) if name else value

    def _part(self, part: str | AV) -> str | AV:
        return part if isinstance(part, str) else self._name(part) or part

    def _name(self, value: AV | None) -> str:
        if not isinstance(value, Ext) or value.path not in self.rule.get("own", ()):
            return ""
        of = next((o for o in options(value.subject) if isinstance(o, ClassV)), None) if value.subject is not None else None
        if of is not None and of not in self.known:
            self.known[of] = self._looked_for(of)
        return self.known[of] if of is not None else ""

    def _looked_for(self, cls: ClassV) -> str:
        view = self.graph.view(cls.symbol.file)
        steps = [*self.graph.declared(view.path).split("."), view.symbol(cls.symbol.index).name]
        asked = re.compile(str(self.rule["declared"]).replace("{class}", r"\\{1,2}".join(re.escape(s) for s in steps if s)))
        for path in self.graph.production:
            if any(fnmatch(path, g) for g in self.files):
                found = asked.search(self.graph.text(path)[:MAX_CHARS])
                if found is not None:
                    return found[1]
        beside = re.search(str(self.rule["folder"]), view.path)
        return beside[1] if beside is not None else ""
