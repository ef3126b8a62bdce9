"""What cards say of the tags of templates: which of their attributes lead to a route."""

from __future__ import annotations

from typing import Literal

from backend_readiness.rules.card_rules import Closed, Ref


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


class TypedLinkRule(Closed):
    """Calls that give the address of the class that `value` is, or is an object of: one of the annotations `typed` says its path."""

    callee: tuple[str, ...]
    typed: tuple[str, ...]
    value: Ref = Ref(arg=0)


class ActionAddressRule(Closed):
    """Arrays that name a class and its method as an address: `["controller" => "Orders", "action" => "view", 7]`.

    `controller`, `action` and `prefix` are keys; with `text` the first item says it all (`["order/view", "id" => 7]`). Names are compared
    without letter case and dashes, those of classes without `class_end`, those of methods without `method_start`. Below one of `views` a
    view stands under the name of its controller; `default` is the action where none is named.
    """

    languages: tuple[str, ...]
    controller: str = ""
    action: str = ""
    prefix: str = ""
    text: bool = False
    class_end: str = "Controller"
    method_start: str = ""
    views: tuple[str, ...]
    default: str = "index"


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
