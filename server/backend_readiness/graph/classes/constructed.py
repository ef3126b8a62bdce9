"""Fields as a literal sets them when it makes the object: `&Service{repo: repo}` of Go, `Service { repo }` of Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import CallRef, Member, Name
from backend_readiness.graph.evaluation.results import is_open
from backend_readiness.graph.values import AV, ClassV, Const, InstV, Site, SymbolId, options, union
from backend_readiness.graph.views import FileView
from backend_readiness.snapshot.places import is_test

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_LANGUAGES = frozenset({"go", "rust"})
_BEGIN_EMPTY = frozenset({"go"})  # where a field that nothing sets has a value of its type
_EMPTY = {"string": Const(""), "bool": Const(False)}

MAX_PLACES = 40


def kept_field(ev: Evaluator, cls: ClassV, name: str) -> AV | None:
    """What any literal of the class, or any assignment `x.name = value` to an instance of it, puts into a field: for fields whose type
    leaves open which value it is (a router, an interface). None when nothing does."""
    from backend_readiness.graph.evaluation import params

    view = ev.world.view(cls.symbol.file)
    found: list[AV] = []
    key = ("kept", cls.symbol, name)
    if view.language not in _LANGUAGES or key in ev.active:
        return None
    ev.active.add(key)
    try:
        named = view.symbol(cls.symbol.index).name
        sites = params.callers_named(ev, named).get(cls.symbol, [])
        if not sites:  # a name that is called everywhere (`Handler`): what its own file makes
            own = (Site(view.path, i, None) for i in view.calls_by_name.get(named, ()))
            sites = [s for s in own if params.means(ev, s.file, view.facts.calls[s.call], cls.symbol, None)]
        for site in [s for s in sites if not is_test(s.file)][:MAX_PLACES]:
            given = given_field(ev, InstV(cls, site), view, cls.symbol.index, name)
            found.extend([given] if given is not None else [])
        for file in ev.world.naming(name)[:MAX_PLACES]:
            for assign in ev.world.view(file).facts.assigns if not is_test(file) else ():
                target = assign.target
                if isinstance(target, Member) and target.name == name and assign.value is not None and target.base != Name("self"):
                    holder = ev.value(target.base, file, assign.owner)
                    if any(isinstance(h, InstV) and h.cls.symbol == cls.symbol for h in options(holder)):
                        found.append(ev.value(assign.value, file, assign.owner))
    finally:
        ev.active.discard(key)
    known = [f for f in found if not is_open(f)]
    return union(known) if known else None


def given_field(ev: Evaluator, receiver: AV, view: FileView, index: int, name: str) -> AV | None:
    """The value that the literal which made `receiver` gives to a field of the class `index`; None when it says nothing."""
    if view.language not in _LANGUAGES or not isinstance(receiver, InstV) or receiver.site is None:
        return None
    site = receiver.site
    call = ev.world.view(site.file).facts.calls[site.call]
    if call.kind != "new":
        return None
    if receiver.cls.symbol != SymbolId(view.path, index):
        held = embedded(ev, receiver, site, SymbolId(view.path, index))
        return given_field(ev, held, view, index, name) if held is not None else None
    for arg in call.args:
        if arg.name == name:
            return ev.value(arg.value, site.file, call.owner, site.env)
    if call.args and call.args[0].name is None:
        fields = [a.target.id for a in view.facts.assigns if a.kind == "field" and a.owner == index and isinstance(a.target, Name)]
        position = fields.index(name) if name in fields else len(call.args)
        if position < len(call.args) and call.args[position].name is None:
            return ev.value(call.args[position].value, site.file, call.owner, site.env)
        return None
    return _left_out(ev, site, view, index, name)


def embedded(ev: Evaluator, receiver: InstV, site: Site, wanted: SymbolId) -> InstV | None:
    """What the literal of a struct puts into the place of a struct that it embeds: `Orders = ordersDao{internal.NewOrdersDao()}`."""
    if not ev.world.view(receiver.cls.symbol.file).symbol(receiver.cls.symbol.index).bases:
        return None
    call = ev.world.view(site.file).facts.calls[site.call]
    key = ("embedded", site.file, site.call)
    if key in ev.active:
        return None
    ev.active.add(key)
    try:
        values = (v for a in call.args[:MAX_PLACES] for v in options(ev.value(a.value, site.file, call.owner, site.env)))
        return next((v for v in values if isinstance(v, InstV) and v.cls.symbol == wanted and v.site is not None), None)
    finally:
        ev.active.discard(key)


def _left_out(ev: Evaluator, site: Site, view: FileView, index: int, name: str) -> AV | None:
    """What a field has that the literal leaves out: the text or the truth that the language begins with, where nothing sets it later.

    An empty literal that a variable holds is filled by what it is handed to: `cfg := Config{}`, `env.Parse(&cfg)`.
    """
    declared = [a for a in view.fields.get((index, name), ()) if a.kind == "field"]
    empty = _EMPTY.get(declared[0].type.id) if len(declared) == 1 and isinstance(declared[0].type, Name) else None
    made_in = ev.world.view(site.file)
    if view.language not in _BEGIN_EMPTY or empty is None:
        return None
    if not made_in.facts.calls[site.call].args and any(a.value == CallRef(site.call) for a in made_in.facts.assigns):
        return None
    key = (SymbolId(view.path, index), name)
    if key not in ev.never_set:
        files = ev.world.naming(name)
        assigns = (a for f in files[:MAX_PLACES] for a in ev.world.view(f).facts.assigns if isinstance(a.target, Member))
        ev.never_set[key] = len(files) <= MAX_PLACES and not any(isinstance(a.target, Member) and a.target.name == name for a in assigns)
    return empty if ev.never_set[key] else None
