"""What a variable of the environment is in the files that a frontend is built with: `VITE_API_URL=/api` in `.env.development`.

Of several files the one that stands nearest above the call counts, and there an address without a host before one of this machine. Of an
address with a host of its own only the path is taken: the host is that of one installation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, cached_property

from backend_readiness.graph.sent.clients import ApiCall
from backend_readiness.graph.settings.environment import said, variable_of
from backend_readiness.graph.urls import Hole, Piece
from backend_readiness.graph.values import Ext
from backend_readiness.graph.world import Graph
from backend_readiness.rules.setting_rules import load_setting_rules

MAX_VALUES = 3
_ADDRESS = re.compile(r"[a-z]{2,5}://([^/]*)(.*)", re.DOTALL)
_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?$")


class EnvFiles:
    """The files of one repository."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._values = cache(self._values_of)

    def applied(self, call: ApiCall) -> ApiCall:
        """The call with what the files give for the variables that it reads."""
        if not self._files or not any(isinstance(url[0], Hole) for url in call.urls if url):
            return call
        urls = [filled for url in call.urls for filled in self._filled(url, call.place.file)]
        return replace(call, urls=tuple(dict.fromkeys(urls))) if tuple(urls) != call.urls else call

    def _filled(self, url: tuple[Piece, ...], file: str) -> list[tuple[Piece, ...]]:
        first = url[0] if url else ""
        name = variable_of(first.value) if isinstance(first, Hole) and isinstance(first.value, Ext) else None
        if name is None or not isinstance(first, Hole):
            return [url]
        values = self._values(name, file.rpartition("/")[0])
        return [self._joined(first, value, url[1:]) for value in values] or [url]

    def _joined(self, hole: Hole, value: str, rest: tuple[Piece, ...]) -> tuple[Piece, ...]:
        address = _ADDRESS.fullmatch(value)
        before: tuple[Piece, ...] = ()
        if address is not None and not _LOCAL.fullmatch(address[1]):
            before, value = (hole,), address[2]
        following = rest[0] if rest else ""
        if isinstance(following, str):
            value = value.rstrip("/") if following.startswith("/") else value
            return (*before, value + following, *rest[1:]) if value + following else (*before, *rest[1:])
        return (*before, value, *rest) if value else (*before, *rest)

    def _values_of(self, name: str, folder: str) -> tuple[str, ...]:
        """What the nearest folder with such a file says, in the order of the names of the files."""
        while True:
            said = list(dict.fromkeys(v for known in self._files.get(folder, ()) if (v := known.get(name)) is not None and "$" not in v))
            if said:
                own = [v for v in said if _ADDRESS.fullmatch(v) is None and v.startswith("/")]
                local = [v for v in said if (a := _ADDRESS.fullmatch(v)) is not None and _LOCAL.fullmatch(a[1])]
                return tuple((own or local or [v for v in said if _ADDRESS.fullmatch(v) is not None])[:MAX_VALUES])
            if not folder:
                return ()
            folder = folder.rpartition("/")[0]

    @cached_property
    def _files(self) -> dict[str, list[dict[str, str]]]:
        """Folder -> what each of its files says."""
        found: dict[str, list[dict[str, str]]] = {}
        for name in load_setting_rules().environment_files:
            for path in self._graph.files_named(name):
                found.setdefault(path.rpartition("/")[0], []).append(said(self._graph.text(path)))
        return found
