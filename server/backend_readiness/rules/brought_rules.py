"""Rules of cards for handlers that a package brings: the repository routes to them, configures them and has no code of theirs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns

_OPERATIONS = ("read", "write", "delete", "call")


class SettledRule(Closed):
    """What a package's handler does about a control, where the repository's code has nothing to read.

    `listed`: the model must ask for one of these parts (patterns on its lines). `when`: one of them must stand for it to hold; where none
    does, or no part is listed, or nothing makes it hold (`says` is empty), `says_not` is the sentence of the verdict `absent`, and without
    that sentence nothing is said. `disabled` switches it off for certain. `unless`: something else may see to it, so that its absence
    proves nothing. `paths`: globs where to look, by default the source of the backend.
    """

    control: str
    says: str = ""
    actions: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    says_not: str = ""
    absent: Literal["fail", "partial"] = "fail"
    paths: tuple[str, ...] = ()

    @field_validator("listed", "when", "disabled", "unless")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        compile_patterns(patterns)
        return patterns


class BroughtRule(Closed):
    """Methods of a package's classes that answer routes, alone or as the bases of classes of the repository.

    `classes`: their paths (`Devise.SessionsController`). `actions`: method -> what it does, an operation alone on the model that the
    package works on (`read`), or an operation and a table of the package's own (`write oauth_access_tokens`); a method that is not listed
    is not the package's. The model is the one that the route names, else the only class of the repository with a base of `mixins` or
    with one of the calls `marks` in its body; with several nothing is said about a model. The handler stands where the model says so
    (the call, the class with the mixin), else at the call `settings` that configures the package; where neither stands, nowhere: then
    `own_model` is the model that the package has itself, and it is named where the route is written.
    """

    classes: tuple[str, ...]
    actions: dict[str, tuple[str, ...]]
    marks: tuple[str, ...] = ()
    mixins: tuple[str, ...] = ()
    own_model: str = ""
    settled: tuple[SettledRule, ...] = ()
    settings: tuple[str, ...] = Field(default=())

    @field_validator("actions")
    @classmethod
    def _operations_are_known(cls, actions: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        wrong = [t for done in actions.values() for t in done if t.partition(" ")[0] not in _OPERATIONS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} begins with none of {', '.join(_OPERATIONS)}")
        return actions


class BoundModelRule(Closed):
    """A parameter of a handler whose class has one of the annotations `classes` is what the framework looks up by the path.

    A parameter with a mark of its own is none, but for `marks` (the last steps of their names).
    """

    classes: tuple[str, ...]
    marks: tuple[str, ...] = ()
