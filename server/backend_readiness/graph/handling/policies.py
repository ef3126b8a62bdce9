"""A record that says what runs before which action: `{"*": "isLoggedIn", "account/logout": true, OrderController: {pay: ["isOwner"]}}`.

The closest entry alone counts: that of the action, then those of the folders around it (`account/*`), then `*`. `true` is open. A name is a
file of the folder of policies, whose export runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.graph.evaluation import exports, members
from backend_readiness.graph.routes.routing import Guard
from backend_readiness.graph.routes.scan import Scan
from backend_readiness.graph.values import AV, Const, FuncV, ListV, ModV, Obj, UnknownV, options
from backend_readiness.model import Place

MAX_ENTRIES = 2_000
MAX_POLICIES = 20
_SUFFIXES = (".js", ".ts", ".mjs")


class Policies:
    """The policies of one application. `file` holds the record, which is exported as `export`; `folder` the policies."""

    def __init__(self, scan: Scan, file: str, export: str, folder: str, suffix: str) -> None:
        self.scan, self.file, self.folder = scan, file, folder
        self._entries: dict[str, AV] = {}
        value = exports.exported(scan.graph.ev, file, export) if file in scan.graph.facts.files else None
        for option in options(value) if value is not None else ():
            for key, thunk in list(option.fields.items())[:MAX_ENTRIES] if isinstance(option, Obj) else ():
                given = scan.graph.ev.thunk(thunk)
                name = action_name(key.removesuffix(suffix), suffix)
                if not isinstance(given, Obj):
                    self._entries.setdefault(name, given)
                    continue
                for inner, of_action in list(given.fields.items())[:MAX_ENTRIES]:
                    self._entries.setdefault(f"{name}/{inner.lower()}", scan.graph.ev.thunk(of_action))

    def guards(self, action: str, place: Place) -> tuple[Guard, ...]:
        """What runs before an action (`account/logout`)."""
        given = next((self._entries[k] for k in _keys(action) if k in self._entries), None)
        values = list(self._meant(given, 0)) if given is not None else []
        return tuple(Guard(value=v, place=place, start=0) for v in values[:MAX_POLICIES])

    def _meant(self, value: AV, depth: int) -> Iterator[AV]:
        for option in options(value):
            if isinstance(option, FuncV):
                yield option
            elif isinstance(option, ListV) and depth == 0:
                for item in option.items[:MAX_POLICIES]:
                    yield from self._meant(self.scan.graph.ev.thunk(item), 1)
            elif isinstance(option, Const) and isinstance(option.value, str):
                file = next((f for s in _SUFFIXES if (f := f"{self.folder}/{option.value}{s}") in self.scan.graph.facts.files), None)
                found = exports.module_value(self.scan.graph.ev, file) if file is not None else None
                for one in options(found) if found is not None else ():
                    if isinstance(one, Obj) and (thunk := members.field_thunk(self.scan.graph.ev, one, "fn")) is not None:
                        one = self.scan.graph.ev.thunk(thunk)
                    if not isinstance(one, UnknownV | ModV):
                        yield one


def action_name(written: str, suffix: str) -> str:
    """`UserController.find` is `user/find`, `account/update-password` itself."""
    return re.sub(rf"{re.escape(suffix)}(?=[./])", "", written).replace(".", "/").lower()


def _keys(action: str) -> Iterator[str]:
    yield action
    parts = action.split("/")[:-1]
    while parts:
        yield "/".join([*parts, "*"])
        parts.pop()
    yield "*"
