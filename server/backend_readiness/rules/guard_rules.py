"""Rules of cards for what runs before a handler without being put on its route."""

from __future__ import annotations

from pydantic import Field

from backend_readiness.rules.card_rules import Closed, Ref


class ExtractorRule(Closed):
    """Types of a handler's parameters that are made from the request: `methods` of a class with a base of `base` run before it.

    Inside one of the types `forgiving` their failure is a value that the handler is given, and turns nobody away.
    """

    base: tuple[str, ...]
    methods: tuple[str, ...]
    forgiving: tuple[str, ...] = ()


class PipelineRule(Closed):
    """Calls `define` give a name (their first argument) to the steps in their body (the function at the keyword `body`); calls `step`
    in it, or in the body of a class of handlers, name a function or a class, of which one of `methods` runs."""

    define: tuple[str, ...]
    step: tuple[str, ...]
    body: str = "do"
    methods: tuple[str, ...] = ()


class StandingRule(Closed):
    """Guards that a settings module lists by their dotted names.

    `setting`: a variable of the module, then keys inside of it (`REST_FRAMEWORK`, `DEFAULT_PERMISSION_CLASSES`).
    With `everywhere` they stand before every route of the card and of the cards that use it. Without, they stand before the answers of
    view classes of the card (`views`) and of functions with one of the decorators `marks`, unless these say otherwise: a class with its
    field `field`, one of the bases `own`, whose field says it in the package, or its method `method`, which may choose by the name of
    the action (`action`, as in `self.action`) or of the HTTP method (`verb`); a function with the decorator `decorator`.
    `exempt`: the path of a listed guard -> decorators that take a handler out.
    """

    setting: tuple[str, ...]
    everywhere: bool = False
    field: str = ""
    method: str = ""
    action: str = ""
    verb: str = ""
    decorator: str = ""
    marks: tuple[str, ...] = ()
    exempt: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    own: tuple[str, ...] = ()


class SparedRule(Closed):
    """A method of a guard that gives the guard with exceptions: the requests to what stands at `path`, a list of paths, regular
    expressions, and records of a `url` and its `methods`."""

    callee: tuple[str, ...]
    path: Ref = Ref(arg=0, key="path")


class StrategyRule(Closed):
    """Guards that ask a function by the name of a strategy: calls `asks`, with the name or names at `name`, and calls `puts`, which take a
    name, if any, and the strategy: an object of a package that is given the function. `package` is a regular expression for the path of
    such an object, with the group `name`, the strategy's own. Of a class below a call of `base`, which is given the package's class and a
    name, if any, `methods` run.
    A guard may be an object instead, which has its function by a decorator: `objects` are such objects, `callbacks` the decorators; the
    object stands before a handler itself, by one of its members, or as the first argument of a call.
    Only strategies that check what a user has typed belong here: what reads a token on every request is no part of a flow.
    """

    asks: tuple[str, ...] = ()
    name: Ref = Ref(arg=0)
    puts: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    package: str = ""
    objects: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
