"""Fields as a literal sets them when it makes the object: `&Service{repo: repo}` of Go, `Service { repo }` of Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Name
from backend_readiness.graph.values import AV, InstV, SymbolId
from backend_readiness.graph.views import FileView

if TYPE_CHECKING:
    from backend_readiness.graph.evaluate import Evaluator

_LANGUAGES = frozenset({"go", "rust"})


def given_field(ev: Evaluator, receiver: AV, view: FileView, index: int, name: str) -> AV | None:
    """The value that the literal which made `receiver` gives to a field of the class `index`; None when it says nothing."""
    if view.language not in _LANGUAGES or not isinstance(receiver, InstV) or receiver.site is None:
        return None
    if receiver.cls.symbol != SymbolId(view.path, index):
        return None
    site = receiver.site
    call = ev.world.view(site.file).facts.calls[site.call]
    if call.kind != "new":
        return None
    for arg in call.args:
        if arg.name == name:
            return ev.value(arg.value, site.file, call.owner, site.env)
    if call.args and call.args[0].name is None:
        fields = [a.target.id for a in view.facts.assigns if a.kind == "field" and a.owner == index and isinstance(a.target, Name)]
        position = fields.index(name) if name in fields else len(call.args)
        if position < len(call.args) and call.args[position].name is None:
            return ev.value(call.args[position].value, site.file, call.owner, site.env)
    return None
