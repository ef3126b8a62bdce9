"""What cards say of the tags of templates: which of their attributes lead to a route."""

from __future__ import annotations

from typing import Literal

from backend_readiness.rules.card_rules import Closed


class TagLinkRule(Closed):
    """Attributes of elements of views that name an action or a page, and the folders that say which one a view belongs to.

    `page_calls` and `action_calls` give the address of one in scripts of views: `Url.Page("/Orders/Index", "Delete")`,
    `Url.Action("Edit", "Orders")`.
    """

    languages: tuple[str, ...]
    controller: str
    action: str
    area: str
    page: str
    handler: str
    views: str
    pages: str
    areas: str
    page_calls: tuple[str, ...] = ()
    action_calls: tuple[str, ...] = ()


class TagRule(Closed):
    """Tags of templates in some languages that lead to an address: components, or what HTML has under another name.

    `tag` is a regular expression matched against the whole name; `url` are the attributes with the address, the first that is there;
    `method` those with the HTTP method; `below` the attribute with what stands before the address; `model` the one with the model that the
    form is about, which says the method where nothing else does. A form without an address is answered by its page.
    """

    languages: tuple[str, ...]
    tag: str
    kind: Literal["form", "link"]
    url: tuple[str, ...]
    method: tuple[str, ...] = ("method",)
    below: str = ""
    model: str = ""
    default_method: str
