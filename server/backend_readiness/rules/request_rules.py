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


class GatewayRule(Closed):
    """JSON documents (`files`, globs of names) in which a gateway says what its paths lead to in other programs.

    `at` are dotted keys that lead to its routes, a list or an object. Of a route `path` leads to the path that is asked. What changes it
    stands in the list at `steps`, or in the route itself: the key that takes a beginning away (`removes`), that puts one before (`adds`),
    those that say the whole (`whole`). `own_hosts`: keys of a route that lead to the address of the program; `hosts`: such of the document,
    where `{named}` is what the route says at `named`. A star is any key.
    """

    files: tuple[str, ...]
    at: tuple[str, ...]
    path: str
    steps: str = ""
    removes: str = ""
    adds: str = ""
    whole: tuple[str, ...] = ()
    named: str = ""
    hosts: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()


class MethodCallRule(Closed):
    """Calls that name a method (`name`) of the class behind a route: `connection.invoke("Send", text)`.

    `endpoint` is a regular expression for such routes (`WS .*`); `url` is where the client was given the address of one.
    """

    callee: tuple[str, ...]
    endpoint: str
    name: Ref = Ref(arg=0)
    url: Ref | None = None
