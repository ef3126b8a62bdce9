"""Registrations that name the methods of a controller in a text: `web.Router("/orders", &Orders{}, "get:List;post:Create")`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.graph.evaluation import members
from backend_readiness.graph.sent.requests import METHODS
from backend_readiness.graph.values import AV, ClassV, FuncV, InstV, ModV, Obj, SymbolId, options

if TYPE_CHECKING:
    from backend_readiness.graph.routes.scan import Hit, Scan

MAX_MAPPED = 24


def mapped(scan: Scan, hit: Hit, handler: AV | None) -> Iterator[tuple[str, AV | None]]:
    """(HTTP method, method of the controller) for each part of the text; nothing without one.

    The rule's option `mapping` says where it stands; without it the methods of the controller answer that `answers` lists. `*` is every
    method; a method that the controller has not is left unresolved. `suffixed` says where a text stands that the names of the methods
    in `answers` end with (`suffix="list"`: `on_get_list`). `every`: one of which the class is not known has all of them.
    `method_tables`: the handler may be a table whose keys are methods.
    """
    given = hit.rule.options
    if given.get("method_tables"):
        yield from _of_table(scan, hit)
    if "mapping" not in given and "answers" not in given:
        return
    from backend_readiness.rules.card_rules import Ref

    found = scan.texts(hit, Ref(**given["mapping"]))[:1] if "mapping" in given else []
    ends = "".join(f"_{t}" for t in scan.texts(hit, Ref(**given["suffixed"]))[:1]) if "suffixed" in given else ""
    for verb, names in given.get("answers", {}).items() if not found else ():
        inner = next((f for n in names if (f := _method(scan, handler, f"{n}{ends}")) is not None), None)
        if inner is not None or _has_every(hit, handler):
            yield verb, inner
    for text in found:
        for part in text.split(";")[:MAX_MAPPED]:
            verbs, colon, name = part.strip().rpartition(":")
            for verb in verbs.split(",") if colon else ():
                method = "ANY" if verb.strip() == "*" else verb.strip().upper()
                if method.isalpha():
                    yield method, _method(scan, handler, name.strip())


def _of_table(scan: Scan, hit: Hit) -> Iterator[tuple[str, AV | None]]:
    """The entries of a table whose keys are methods: `handlers.MethodHandler{"GET": list, "POST": create}`."""
    value = scan.value(hit, hit.rule.handler)
    for option in options(value) if value is not None else ():
        if isinstance(option, Obj) and option.fields and set(option.fields) <= METHODS:
            for verb, thunk in option.fields.items():
                yield verb, scan.graph.ev.thunk(thunk)


def collection(scan: Scan, hit: Hit, handler: AV | None) -> Iterator[tuple[str, AV | None]]:
    """The methods of the controller in the option `collection`, which answer at the path without its last segment."""
    for verb, names in hit.rule.options.get("collection", {}).items():
        inner = next((f for n in names if (f := _method(scan, handler, n)) is not None), None)
        if inner is not None or _has_every(hit, handler):
            yield verb, inner


def _has_every(hit: Hit, handler: AV | None) -> bool:
    """Is it an object of an interface all of whose methods answer, and is its class not known?"""
    unknown = handler is not None and not any(isinstance(o, ClassV | InstV | ModV) for o in options(handler))
    return unknown and bool(hit.rule.options.get("every"))


def _method(scan: Scan, handler: AV | None, name: str) -> AV | None:
    for option in options(handler) if handler is not None else ():
        if isinstance(option, ModV):  # a module with functions of these names
            own = scan.graph.view(option.file).named_children.get((0, name), ())
            if own:
                return FuncV(SymbolId(option.file, own[-1]))
        found = members.own_member(scan.graph.ev, InstV(option) if isinstance(option, ClassV) else option, name)
        if found is not None:
            return found
    return None
