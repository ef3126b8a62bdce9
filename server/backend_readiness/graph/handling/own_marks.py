"""Decorators of the repository that stand for ones of the framework: classes below them, or classes that say path and methods themselves.

`class PutByIdAttribute : HttpPutAttribute` with the constructor `: base("{id}")` is a PUT of `{id}`; a class with an interface of
`templated` has its path in that member, one with one of `methods` its HTTP methods: both options map such interfaces to the member.
A class below one of `made_with_path` is given a path where its constructor calls its first argument so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_readiness.facts.model import Name
from backend_readiness.graph.classes import inheritance, overloads
from backend_readiness.graph.urls import texts
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, ListV, Site, SymbolId, options
from backend_readiness.model import Place

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

MAX_LEVELS = 5
_PATHS = frozenset(("url", "path", "route", "template", "pattern", "routetemplate", "urlpattern"))


@dataclass(frozen=True, slots=True)
class Mark:
    """A decorator: what it calls, and where. `said`: the templates that its class gives it, when that is one of the repository."""

    value: AV
    site: Site
    place: Place
    said: tuple[str, ...] | None = None

    @property
    def path(self) -> str:
        return self.value.path if isinstance(self.value, Ext) else ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The path of the framework's decorator, and the templates that this one gives it."""

    path: str
    templates: tuple[str, ...]


def meanings(ev: Evaluator, cls: ClassV, site: Site, said: dict[str, Any]) -> list[Meaning]:
    """What a decorator of the class `cls`, written at `site`, stands for; empty for any other class. `said`: options of the rule."""
    suffix = str(said.get("decorator_suffix", ""))
    own = [cls, *(b for b in inheritance.bases(ev, cls) if isinstance(b, ClassV))]
    above = [_known(ev, own, b.path, suffix) for b in inheritance.external_bases(ev, cls)]
    if not above:
        return []
    verbs: dict[str, str] = said.get("verbs", {})
    known = [p for p in above if p in verbs or p in said.get("paths", ())]
    methods = {m.upper() for m in _of_member(ev, cls, site, said.get("methods", {}), above)}
    if known and (known[0] in verbs or not methods):
        return [Meaning(known[0], tuple(_given(ev, cls, site, 0)))]
    if not known and any(b in said.get("made_with_path", ()) for b in above):
        return [Meaning(str(said["paths"][0]), tuple(_own_path(ev, own, site)))]
    templates = list(_given(ev, cls, site, 0)) if known else _of_member(ev, cls, site, said.get("templated", {}), above)
    if methods:
        return [Meaning(path, tuple(templates)) for path, verb in verbs.items() if verb in methods]
    return [Meaning(str(said["paths"][0]), tuple(templates))] if templates and said.get("paths") else []


def _known(ev: Evaluator, own: list[ClassV], path: str, suffix: str) -> str:
    """The path by which cards speak of a decorator's class: without the end of its name (`HttpPutAttribute` is `[HttpPut]`).

    `own`: the class and those above it in the repository, one of whose files says where the name is from.
    """
    if not path.startswith("~"):
        return path.removesuffix(suffix)
    meant = (ev.lookup(path[1:].removesuffix(suffix), c.symbol.file, 0) for c in own)
    return next((m.path for m in meant if isinstance(m, Ext) and not m.path.startswith("~")), path)


def _given(ev: Evaluator, cls: ClassV, site: Site, level: int) -> Iterator[str]:
    """The texts of the first argument that the constructor of the class gives to the one of its base."""
    view = ev.world.view(cls.symbol.file)
    for written in view.named_children.get((cls.symbol.index, "constructor"), ()):
        index = overloads.fitting(ev, FuncV(SymbolId(view.path, written)), site).symbol.index
        env = ev.bind(FuncV(SymbolId(view.path, index)), site)
        for number in view.calls_of.get(index, ()):
            call = view.facts.calls[number]
            if call.callee == Name("super") and call.args:
                yield from texts(ev, ev.value(call.args[0].value, view.path, index, env))
                return
    for base in inheritance.direct_bases(ev, cls) if level < MAX_LEVELS else ():
        if isinstance(base, ClassV):
            yield from _given(ev, base, site, level + 1)


def _own_path(ev: Evaluator, own: list[ClassV], site: Site) -> Iterator[str]:
    """The first argument of a decorator, where the constructor of its class calls it a path."""
    for cls in own:
        view = ev.world.view(cls.symbol.file)
        for index in view.named_children.get((cls.symbol.index, "constructor"), ()):
            params = view.symbol(index).params
            if params and params[0].name.lower() in _PATHS:
                yield from texts(ev, ev.arg_value(site, 0))
                return


def _of_member(ev: Evaluator, cls: ClassV, site: Site, wanted: dict[str, str], above: list[str]) -> list[str]:
    """The texts of the member that an interface of the framework asks for."""
    found: list[str] = []
    for path in above:
        value = ev.member(InstV(cls, site), wanted[path]) if path in wanted else None
        for option in options(value) if value is not None else ():
            items = [ev.thunk(t) for t in option.items[:8]] if isinstance(option, ListV) else [option]
            found.extend(t for i in items for t in texts(ev, i))
    return list(dict.fromkeys(found))
