"""A function of PHP whose name a script of a page gives to a variable: `var site_url = "<?= site_url() ?>";`.

The two know nothing of each other. What is called under such a name, and cannot be, is the function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_readiness.facts.model import Call, Name
from backend_readiness.graph.values import AV, ClassV, Ext, FuncV, InstV, options

if TYPE_CHECKING:
    from backend_readiness.graph.evaluation.evaluate import Evaluator
    from backend_readiness.graph.views import FileView

LANGUAGES = frozenset({"php"})


def meant(ev: Evaluator, view: FileView, call: Call, found: AV) -> AV:
    """What the call calls when `found` is what its name means anywhere on the page."""
    name = call.callee.id if view.language in LANGUAGES and isinstance(call.callee, Name) else "$"
    if name.startswith("$") or any(_can_be_called(o) for o in options(found)):
        return found
    return Ext(f"~{name}") if (0, name) in view.bindings or ev.world.variables(name) else found


def _can_be_called(value: AV) -> bool:
    """A function, a class, or a member of a package (`const send = $.post`)."""
    held = isinstance(value, Ext) and value.path.startswith("~$") and not value.path.startswith("~$.")  # a variable of PHP
    return isinstance(value, FuncV | ClassV | InstV) or (isinstance(value, Ext) and not held and "." in value.path)
