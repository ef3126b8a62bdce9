"""Which of several implementers a program uses, in languages where nothing makes an object but the code that names its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.model import Name
from backend_readiness.graph.values import ClassV
from backend_readiness.snapshot.places import is_production

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator

LANGUAGES = frozenset({"go", "rust", "scala"})


def used(ev: Evaluator, found: list[ClassV]) -> list[ClassV]:
    """The classes that another file of production code names, itself or by a function of their file that makes or returns them; all
    of them when that tells none apart. A store in memory that only tests make stands beside the one of the database."""
    if len(found) < 2 or any(ev.world.view(c.symbol.file).language not in LANGUAGES for c in found):
        return found
    return [c for c in found if _is_named(ev, c)] or found


def _is_named(ev: Evaluator, cls: ClassV) -> bool:
    view = ev.world.view(cls.symbol.file)
    own = view.symbol(cls.symbol.index).name
    made_in = {c.owner for c in view.facts.calls if c.callee == Name(own)}  # `func New() (Mailer, error) { return &SMTPMailer{}, nil }`
    makers = {
        s.name
        for number, s in enumerate(view.facts.symbols)
        if s.kind == "function" and s.name and (number in made_in or last_name(s.returns) == own)
    }
    return any(is_production(file) and file != view.path for name in (own, *makers) for file in ev.world.naming(name))
