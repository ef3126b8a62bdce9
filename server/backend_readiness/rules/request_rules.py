"""Requests that a server sends: how a library of clients is called, and interfaces that a library makes clients of."""

from __future__ import annotations

from backend_readiness.rules.card_rules import Closed, Ref


class MarkRef(Closed):
    """Texts that an annotation is given: under one of `keys`, and, if `first`, as its only argument without a name."""

    mark: str
    keys: tuple[str, ...] = ()
    first: bool = False


class DeclaredRequestRule(Closed):
    """A method of an interface that stands for a request, by its annotation `callee`.

    `method` is the method of HTTP, or `methods` the argument that names it; the path is its first argument or one of `keys`, or stands in
    another annotation, `path`. `line`: the text holds both (`@RequestLine("GET /orders")`). `marks`: annotations one of which the interface
    has, any interface without them. `prefix`: what stands before the paths of an interface; `hosts`: who is asked, a name, an address or
    the name of a setting.
    """

    callee: str | tuple[str, ...]
    method: str = ""
    methods: Ref | None = None
    keys: tuple[str, ...] = ()
    path: tuple[MarkRef, ...] = ()
    line: bool = False
    marks: tuple[str, ...] = ()
    prefix: tuple[MarkRef, ...] = ()
    hosts: tuple[MarkRef, ...] = ()
