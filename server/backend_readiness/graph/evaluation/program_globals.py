"""Names that one file of a program gives to all others: `global.rootRequire = (name) => require(...)`, then `rootRequire("orders")`.

Only a name to which the whole program assigns once, outside of functions that are given something; what cards speak of keeps its meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Member, Name, Value
from backend_readiness.graph.values import AV, UnknownV

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

_HOLDERS = ("global", "globalThis")
MAX_FILES = 200


def value(ev: Evaluator, name: str) -> AV | None:
    """What a name means that nobody declares or imports; None when the program does not say it, or says it twice."""
    if name.endswith("!"):
        return macro(ev, name)
    if ev.program_globals is None:
        ev.program_globals = _assigned(ev)
    given = ev.program_globals.get(name, ())
    if len(given) != 1 or ev.world.is_spoken_of(f"~{name}"):
        return None
    file, owner, written = given[0]
    key = ("global", name)
    found = None if key in ev.active else ev.guarded(key, lambda: ev.value(written, file, owner))
    return None if isinstance(found, UnknownV) else found


def macro(ev: Evaluator, name: str) -> AV | None:
    """The only macro of that name in the program."""
    found = [w for w in ev.world.defining(name) if ev.world.view(w.file).language == "rust"]
    return ev.symbol_value(found[0]) if len(found) == 1 else None


def _assigned(ev: Evaluator) -> dict[str, list[tuple[str, int, Value]]]:
    found: dict[str, list[tuple[str, int, Value]]] = {}
    for path in sorted({p for holder in _HOLDERS for p in ev.world.naming(holder)})[:MAX_FILES]:
        view = ev.world.view(path)
        for assign in view.facts.assigns:
            target = assign.target
            if isinstance(target, Member) and isinstance(target.base, Name) and target.base.id in _HOLDERS and assign.value is not None:
                found.setdefault(target.name, []).append((path, assign.owner, assign.value))
    return found
