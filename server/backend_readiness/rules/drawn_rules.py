"""Rules of cards for templates that others draw inside of themselves, and for elements that code draws."""

from __future__ import annotations

from pydantic import Field

from backend_readiness.rules.card_rules import Closed, Ref


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


class DrawnElementRule(Closed):
    """Calls of a server's language that draw an element of a page: `form(action = "/orders", method = "post")`.

    The tag is `tag`, else the verb of the callee. Attributes are the keywords and the keys of objects that it is given (`hx_post` is
    `hx-post`), arguments without a keyword by their place in `order` (only those that are told by their place alone), the left sides of the
    operator `sets` (`action := "/orders"`), what the block that it is given assigns, also to keys of `object`, and later steps of its chain
    by `steps` (`form().withAction("/orders")`; a step for no name is given it first). `method`: what a form is sent with that says nothing.
    """

    callee: tuple[str, ...]
    verbs: tuple[str, ...] = ()
    tag: str = ""
    method: str = "GET"
    order: tuple[str, ...] = ()
    sets: str = ""
    block: bool = False
    object: str = ""
    steps: dict[str, str] = Field(default_factory=dict)


class DrawnAttributeRule(Closed):
    """Calls that stand among what a call is given that draws an element, each an attribute of it: `html.Action("/orders")`.

    It is called `before` and the last step of the callee, or as its argument `named` says.
    """

    callee: tuple[str, ...]
    verbs: tuple[str, ...] = ()
    before: str = ""
    named: Ref | None = None
    value: Ref = Ref(arg=0)
