"""Whether code that writes an answer header runs on the flow, and whether what it writes protects anything."""

from __future__ import annotations

import re

from backend_readiness.controls.callees import chain_scopes
from backend_readiness.controls.context import Context
from backend_readiness.controls.kept import once
from backend_readiness.graph.values import SymbolId

# Values by which a header is sent and protects nothing; a list of names that are only looked for.
_WORTHLESS = re.compile(
    r"(?i)max-age=0\b|ALLOWALL\b|HSTS_SECONDS[\"'\]]*\s*=\s*0\b|X_FRAME_OPTIONS\s*=\s*None|policy-report-only|default-src\s+\*"
    r"|[\"']\s*,\s*[\"'](?:content-security|x-frame|x-content|strict-transport)"
)
_REMOVES = re.compile(r"(?i)(?:remove_?header|headers?(?:\(\))?\.(?:remove|delete|unset|del))\s*\(\s*[\"'](?P<name>[\w-]{5,40})[\"']")
_OF_REQUEST = re.compile(r"(?i)req(uest)?(\.|_)?headers")


class HeaderCode:
    """The functions of the flow and of others, asked for once in each audit."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._own: frozenset[SymbolId] | None = None
        self._others: frozenset[SymbolId] | None = None
        self._named: dict[str, bool] = {}

    def protects(self, file: str, line: int, text: str) -> bool:
        """Does the line run on the flow, as far as it is known, and does it say something?"""
        return _WORTHLESS.search(text) is None and self.runs(file, line)

    def runs(self, file: str, line: int) -> bool:
        """Not where it stands in a function that runs before other routes only, or one that nothing names."""
        if file not in self.context.graph.facts.files:
            return True
        view = self.context.view(file)
        around = [i for i, s in enumerate(view.facts.symbols) if i and s.line <= line <= s.end_line]
        if not around:
            return True
        functions = {SymbolId(file, i) for i in around}
        if functions & self.own():
            return True
        if functions & self.others():
            return False
        for index in around:
            symbol = view.symbol(index)
            if symbol.name and (symbol.decorators or symbol.kind == "class" or symbol.parent == 0):
                return bool(symbol.decorators) or self._is_named(symbol.name.rpartition(".")[2], file, symbol.line, symbol.end_line)
        return True

    def own(self) -> frozenset[SymbolId]:
        if self._own is None:
            found = {SymbolId(f, s) for f, s in chain_scopes(self.context)}
            found |= {f.symbol for g in self.context.guards for f in self.context.roles.functions(g.value)}
            self._own = frozenset(found)
        return self._own

    def others(self) -> frozenset[SymbolId]:
        """What runs before the handlers of other routes."""
        if self._others is None:
            mine = {id(r) for r in self.context.routes}
            places = {g.place: g for r in self.context.tracer.routes if id(r) not in mine for g in r.guards}
            self._others = frozenset(f.symbol for g in places.values() for f in self.context.roles.functions(g.value))
        return self._others

    def _is_named(self, name: str, file: str, line: int, end_line: int) -> bool:
        """Does a line of the backend outside of itself name it?"""
        if name not in self._named:
            hits = self.context.hits((rf"\b{re.escape(name)}\b",))
            self._named[name] = any(f != file or not line <= n <= end_line for f, n, _ in hits)
        return self._named[name]


def header_code(context: Context) -> HeaderCode:
    """The one of a context."""
    return once(context, HeaderCode)


def removed_headers(context: Context) -> dict[str, tuple[str, int]]:
    """Headers, in small letters, that a line of the backend takes off answers again."""
    found: dict[str, tuple[str, int]] = {}
    for file, line, text in context.hits((r"(?i)(remove_?header|headers?(\(\))?\.(remove|delete|unset|del))\s*\(\s*[\"']",)):
        match = _REMOVES.search(text)
        if match is not None and _OF_REQUEST.search(text[: match.start() + 12]) is None and header_code(context).runs(file, line):
            found.setdefault(match["name"].lower(), (file, line))
    return found
