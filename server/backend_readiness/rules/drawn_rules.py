"""Rules of cards for templates that others draw inside of themselves."""

from __future__ import annotations

from backend_readiness.rules.card_rules import Closed


class DrawnRule(Closed):
    """Calls `draw` that draw a template named in an argument, and give it values: as keywords, in an object at the keyword `under`, or with
    the calls `put`, which take what is there, a name and a value. The template reads them under the name with `mark` before it, and what
    stands at the keyword `whole` under its own name. `prefix`: what the names of such files begin with, and the calls leave out."""

    draw: tuple[str, ...]
    put: tuple[str, ...] = ()
    mark: str = ""
    under: str = ""
    whole: str = ""
    prefix: str = ""
