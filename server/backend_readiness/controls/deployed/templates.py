"""Kubernetes objects that stand inside of another one: the items of a `List`, the objects of a `Template` with its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_readiness.controls.deployed.yamlfile import Entry, documents

_HOLDERS = {"Template": "objects", "List": "items"}
_USED = re.compile(r"\$\{\{(\w{1,60})\}\}|\$\{(\w{1,60})\}")
MAX_OBJECTS = 200


def unwrapped(document: Entry) -> Iterator[Entry]:
    """The object itself, or the objects that it holds."""
    kind = document.get("kind")
    held = document.get(_HOLDERS[kind.text]) if kind is not None and kind.text in _HOLDERS else None
    if held is None:
        yield document
        return
    yield from (o for n, o in enumerate(held.each()) if n < MAX_OBJECTS)


def with_defaults(text: str) -> str:
    """The text of a template with the default of each parameter in its place; lines stay where they are."""
    if "kind: Template" not in text or "parameters:" not in text:
        return text
    defaults: dict[str, str] = {}
    for document in documents(text):
        given = document.get("parameters")
        for parameter in given.each() if given is not None else ():
            name, value = parameter.get("name"), parameter.get("value")
            if name is not None and value is not None and "\n" not in value.text:
                defaults[name.text] = value.text
    return _USED.sub(lambda m: defaults.get(m.group(1) or m.group(2), m.group(0)), text) if defaults else text
