"""Texts that settings of the application hold by name: `settings.API_PREFIX`, `app.config["AUTH_PREFIX"]`, `app.config.get("PREFIX")`.

They stand in modules and classes, under their names in tables of defaults (`DEFAULTS = {"PREFIX": "/api"}`), or are put on the object
itself (`app.config["PREFIX"] = "/api"`, `app.config.from_mapping(PREFIX="/api")`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Index, Lit, Record, Value
from backend_readiness.graph.evaluation.evaluate import Evaluator
from backend_readiness.graph.values import AV, Const, Ext, Text, options
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_for_development, is_test

MAX_FILES = 20
_ASKED = ("get", "get()")
_PUTTING = ("from_mapping", "update")
_KNOWN: WeakKeyDictionary[Evaluator, dict[str, AV | None]] = WeakKeyDictionary()
_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,80}")


def text_of(ev: Evaluator, value: Ext) -> AV | None:
    """The text of a setting, where all modules that ship and give it one agree; None otherwise."""
    holder, _, name = value.path.rpartition(".")
    if name in _ASKED and value.site is not None:
        asked = ev.arg_value(value.site, 0)
        name = str(asked.value) if isinstance(asked, Const) else ""
    if not _NAME.fullmatch(name) or not ev.world.is_settings_object(holder):
        return None
    known = _KNOWN.setdefault(ev, {})
    if name not in known:
        known[name] = _agreed(ev, name)
    return known[name]


def _agreed(ev: Evaluator, name: str) -> AV | None:
    files = [p for p in _files(ev, name) if not is_test(p) and not is_for_development(p)]
    found: dict[AV, None] = {}
    for path in files[:MAX_FILES]:
        view = ev.world.view(path)
        owners = [0, *(n for n, s in enumerate(view.facts.symbols) if s.kind == "class" and not is_for_development(_apart(s.name)))]
        for owner in owners:
            for assign, _ in view.bindings.get((owner, name), ()):
                found.update(_texts(ev.value(assign.value, path, assign.owner)) if assign.value is not None else {})
        for owner, written in _put(view, name):
            found.update(_texts(ev.value(written, path, owner)))
    plain: list[AV] = [v for v in found if isinstance(v, Const)]
    whole = plain or list(found)  # `"http://" + env("HOST")` says less than a text of another module
    return whole[0] if len(whole) == 1 else None


def _texts(value: AV) -> dict[AV, None]:
    return dict.fromkeys(o for o in options(value) if (isinstance(o, Const) and isinstance(o.value, str)) or isinstance(o, Text))


def _files(ev: Evaluator, name: str) -> Iterator[str]:
    """The files that have the name, and those that speak of a configuration and write it as a text."""
    known = ev.world.naming(name)
    yield from known
    yield from (p for p in ev.world.naming("config") if p not in known and name in ev.world.text(p))


def _put(view: FileView, name: str) -> Iterator[tuple[int, Value]]:
    """What tables of defaults, items and calls on the object give a setting of that name, with the symbol around it."""
    for assign in view.facts.assigns:
        if isinstance(assign.value, Record) and assign.owner == 0:
            yield from ((assign.owner, item) for key, item in assign.value.items if key == name)
        target = assign.target
        if isinstance(target, Index) and target.key == Lit(name) and last_name(target.base) == "config" and assign.value is not None:
            yield assign.owner, assign.value
    for number in (n for verb in _PUTTING for n in view.calls_by_name.get(verb, ())):
        call = view.facts.calls[number]
        yield from ((call.owner, a.value) for a in call.args if a.name == name)
        yield from ((call.owner, v) for a in call.args if isinstance(a.value, Record) for key, v in a.value.items if key == name)


def _apart(name: str) -> str:
    """`DevelopmentConfig` as words with a sign between."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
