"""A repository's own controls: YAML cards in a folder that its configuration names. Data only; nothing of the repository is run."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from backend_readiness.errors import UnusableInput
from backend_readiness.model import Layer, Severity
from backend_readiness.snapshot.matching import BadSearch, compile_patterns
from backend_readiness.snapshot.yaml_nesting import is_nested_too_deep

if TYPE_CHECKING:
    from backend_readiness.snapshot import Snapshot

MAX_CARDS = 100
Text = Annotated[str, Field(min_length=1, max_length=500)]


class OwnControl(BaseModel):
    """A control that stands in the audited repository. Its id starts with `own-`.

    With `ask` it is a question for an agent or a person. Else calls on the chain decide: `requires` names what one of them must be,
    `forbids` what none may be, each as a role of the cards (`role:rate_limiter`) or a pattern over the path of a callee, as in framework
    cards (`opossum.CircuitBreaker()`, `**.audit.record`). `methods` and `paths` (patterns on single lines) narrow the endpoints it is for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^own(-[a-z0-9]+)+$", max_length=80)]
    layer: Layer
    title: Text
    severity: Severity = Severity.MEDIUM
    why: Text = "This repository asks for it."
    title_fail: Annotated[str, Field(min_length=1, max_length=120)]
    fix: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]
    ask: Annotated[str, Field(pattern=r"\?$", max_length=500)] | None = None
    requires: Annotated[tuple[Text, ...], Field(max_length=40)] = ()
    forbids: Annotated[tuple[Text, ...], Field(max_length=40)] = ()
    methods: tuple[str, ...] = ()
    paths: Annotated[tuple[Text, ...], Field(max_length=20)] = ()

    @field_validator("paths")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        try:
            compile_patterns(patterns)
        except BadSearch as error:
            raise ValueError(str(error)) from error
        return patterns

    @model_validator(mode="after")
    def _is_decided_one_way(self) -> Self:
        if (self.ask is None) == (not self.requires and not self.forbids):
            raise ValueError("a control has either ask, or requires and forbids")
        return self


def read_own_controls(snapshot: Snapshot, folder: str) -> dict[str, OwnControl]:
    """The cards below `folder` by id, in order. Errors: `UnusableInput` naming the file, the key and the nearest known one."""
    prefix = folder.strip("/")
    files = [p for p in snapshot.glob(f"{prefix}/**/*.yml", f"{prefix}/**/*.yaml") if p.startswith(f"{prefix}/")]
    if not files:
        raise UnusableInput(f"the configuration names the folder {folder!r} of controls, and it holds no .yml file")
    if len(files) > MAX_CARDS:
        raise UnusableInput(f"{folder} holds {len(files)} controls, the limit is {MAX_CARDS}")
    found: dict[str, OwnControl] = {}
    for path in sorted(files):
        card = _card(path, snapshot.text(path))
        if card.id in found:
            raise UnusableInput(f"{path}: the id {card.id} stands twice")
        found[card.id] = card
    return found


def _card(path: str, text: str) -> OwnControl:
    import yaml

    if is_nested_too_deep(text[:100_000]):
        raise UnusableInput(f"{path} is nested too deep")
    try:
        raw = yaml.load(text[:100_000], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        raise UnusableInput(f"{path} is not YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(raw, dict):
        raise UnusableInput(f"{path}: a control is a mapping of keys")
    try:
        return OwnControl.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, list(OwnControl.model_fields), 1, 0.4)
            raise UnusableInput(f"{path}: unknown key {key}" + (f"; did you mean {near[0]}?" if near else "")) from error
        raise UnusableInput(f"{path}: {key or 'card'}: {first['msg'].removeprefix('Value error, ')}") from error
