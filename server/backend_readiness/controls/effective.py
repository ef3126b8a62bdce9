"""What plays a role and yet does nothing in production: set up for developers only, switched off, or in a function that nobody calls."""

from __future__ import annotations

from backend_readiness.controls.application import Player, players
from backend_readiness.controls.context import Context
from backend_readiness.controls.deployed.development import stands_in_development
from backend_readiness.facts.model import Lit, Record, Value
from backend_readiness.graph.values import SymbolId

_SWITCHES = {"enabled": (False,), "enable": (False,), "disabled": (True,), "dsn": ("", None), "Dsn": ("",), "active": (False,)}
MAX_DEPTH = 4


def live_players(context: Context, role: str) -> list[Player]:
    """Players of the role outside of branches that production does not take."""
    return [p for p in players(context, role) if not stands_in_development(context, p.place.file, p.place.line)]


def is_switched_off(context: Context, player: Player) -> bool:
    """Do the options of the call say that it is off: `enabled: false`, an empty address?"""
    if player.place.file not in context.graph.facts.files:
        return False
    calls = context.view(player.place.file).facts.calls
    own = [c for c in calls if c.line == player.place.line and c.owner == player.function.index]
    return any(_is_off(a.name, a.value) for c in own for a in c.args)


def is_never_called(context: Context, where: SymbolId) -> bool:
    """Is the named function around a place mentioned nowhere else? What has no name of its own, or stands in a class, may be called."""
    view = context.view(where.file)
    outer = next((view.symbol(s) for s in reversed(list(view.enclosing(where.index))) if view.symbol(s).kind != "module"), None)
    if outer is None or outer.kind != "function" or not outer.name or outer.decorators or outer.name in ("main", "init"):
        return False
    if any(path != where.file for path in context.graph.naming(outer.name)):
        return False
    lines = context.snapshot.lines(where.file)
    return not any(
        outer.name in text for n, text in enumerate(lines, 1) if n != outer.line and not text.lstrip().startswith(("//", "#", "*"))
    )


def _is_off(name: str | None, value: Value, depth: int = 0) -> bool:
    if isinstance(value, Record) and depth < MAX_DEPTH:
        return any(_is_off(k, v, depth + 1) for k, v in value.items)
    return (
        name in _SWITCHES and isinstance(value, Lit) and value.value in _SWITCHES[name] and type(value.value) in map(type, _SWITCHES[name])
    )
