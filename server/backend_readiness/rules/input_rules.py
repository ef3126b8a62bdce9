"""Rules of cards for what a handler takes from the request: query, headers, cookies, body, form, by name."""

from __future__ import annotations

from typing import Literal

from backend_readiness.rules.card_rules import Closed

Part = Literal["path", "query", "header", "cookie", "body", "form"]


class InputRule(Closed):
    """Where a handler finds the parameters of one part of the request. Each key is a way of its own; any of them counts.

    Paths are those of values; `<0>` is the first parameter of the handler (a receiver aside), `<1>` the second.
    `read`: values whose members and elements are the parameters (`<0>.query`), or whose methods `by` are given the name.
    `call`: calls whose argument `arg` is the name (-1: each argument); a list names several, an object by its keys.
    `bind`: calls that fill what argument `arg` is, or that give an instance of their type argument: the parameters are its fields.
    `given`: what the receiver of a `bind` was itself given, one of these paths (`json.NewDecoder(r.Body).Decode(&order)`).
    `extractors`: types of the handler's parameters around another one, whose fields are the parameters (`Query<Page>`).
    `marks`: annotations of the handler's parameters, or calls as their default; the name is their text at a keyword of
    `keys`, where "" is the first argument, else that of the parameter.
    `plain`: types of other parameters that are filled by their own name; "" is one without a type. `models`: those of a class of the
    repository that only has fields, which are the parameters. `renamed`: annotations of a field that give its name; `tagged`: only fields
    with one are parameters. `declared`: calls in blocks of the body of the handler's class that name one
    each. `takes`: only of handlers with so many parameters. `within`: those of the type of this field. `named`: a regular expression for
    the text of a `call`, whose group is the name (`input("get.page/d")`).
    """

    part: Part
    read: tuple[str, ...] = ()
    by: tuple[str, ...] = ("get",)
    call: tuple[str, ...] = ()
    arg: int = 0
    bind: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    extractors: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("", "value", "name")
    plain: tuple[str, ...] = ()
    models: bool = False
    renamed: tuple[str, ...] = ()
    tagged: bool = False
    cased: tuple[str, ...] = ()  # `annotation.keyword` of a class: the case in which its fields are written (`serde.rename_all`)
    within: str = ""
    declared: tuple[str, ...] = ()
    takes: int = 0
    named: str = ""
