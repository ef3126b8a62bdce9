"""The probe cards: what a running server is asked for a control, and what its answers say of it.

A card is `probes/<control id>.yml`; its identity is its path. Its examples are its tests: answers as they stand on the wire.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from backend_readiness.errors import BadCard
from backend_readiness.model import Verdict
from backend_readiness.rules import yaml_files
from backend_readiness.rules.card_rules import Closed
from backend_readiness.snapshot.matching import compile_patterns

PROBES = Path(__file__).parent / "probes"

Text = Annotated[str, Field(min_length=1)]
StatusCode = Annotated[str, BeforeValidator(str), Field(pattern=r"^[1-5](\d\d|xx)$")]
# `entry`: the page on which the flow starts; `endpoints`: what of the flow can be asked with GET; `every`: all endpoints of the flow, for
# OPTIONS; `malformed`: the same as `endpoints` with a parameter that no handler expects; `absent`: a path that nothing serves.
Subject = Literal["entry", "endpoints", "every", "malformed", "absent"]
Method = Literal["GET", "HEAD", "OPTIONS"]


class Condition(Closed):
    """All that is given must hold. Patterns are RE2, searched: in the values of `header`, in the names of cookies, in the body.

    `absent`: there is no such header. `cookie` with `has` or `lacks`: one such cookie has all, or lacks one, of these attributes.
    `min_body` counts bytes. `distinct`: the answer is not the one that a path gets which nothing serves. `static`: what the
    static analysis says of the control for this endpoint. `lists`: how many of the flow's endpoints the body names as a specification.
    """

    status: tuple[StatusCode, ...] = ()
    header: str | None = None
    matches: str | None = None
    absent: bool = False
    cookie: str | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    body: str | None = None
    min_body: int | None = None
    scheme: Literal["http", "https"] | None = None
    distinct: bool | None = None
    static: tuple[Verdict, ...] = ()
    lists: Literal["all", "some"] | None = None
    either: tuple[Condition, ...] = ()

    @field_validator("matches", "cookie", "body")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            compile_patterns((pattern,))
        return pattern

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.matches is not None or self.absent) and self.header is None:
            raise ValueError("matches and absent need the header that they are about")
        if (self.has or self.lacks) and self.cookie is None:
            raise ValueError("has and lacks need the cookie that they are about")
        if not self.model_fields_set:
            raise ValueError("an empty condition holds always: leave it out")
        return self


class Rule(Closed):
    """The verdict of an answer on which all of `when` and none of `unless` hold. The first rule of an ask that fits decides.

    `elsewhere`: what is missing here may be added by what stands before the application in production (a proxy, a platform).
    `hides`: what follows the match in the body is secret; the quote ends with the match.
    """

    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    verdict: Literal[Verdict.PASS, Verdict.PARTIAL, Verdict.FAIL, Verdict.UNVERIFIED]
    why: Text
    elsewhere: bool = False
    hides: bool = False


class Ask(Closed):
    """Requests, and what their answers say. `paths` are asked as they stand, `routes` names the repository's GET routes that fit a pattern.

    In `headers`, `{method}` is the endpoint's method.
    """

    to: tuple[Subject, ...] = ()
    paths: tuple[Annotated[str, Field(pattern=r"^/[!-~]*$")], ...] = ()
    routes: str | None = None
    method: Method = "GET"
    headers: Mapping[Annotated[str, Field(pattern=r"^[A-Za-z-]+$")], Annotated[str, Field(pattern=r"^[ -~]+$")]] = Field(
        default_factory=dict
    )
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not (self.to or self.paths or self.routes):
            raise ValueError("an ask names what it is sent to: to, paths or routes")
        if "every" in self.to and self.method != "OPTIONS":
            raise ValueError("every endpoint can be asked only with OPTIONS: the others may change something")
        return self


class ProbeExample(Closed):
    """A server and what must be said of it. `answers`: request (`GET /orders`) -> the answer on the wire; others get a plain 404.

    `endpoints` are the flow's, `routes` those of the repository besides. `static` is what the analysis says of the control for each.
    `proxy`: the repository declares a reverse proxy. `quotes`: what the evidence must show. `{5000 bytes}` in an answer stands for so many.
    """

    name: Text
    endpoints: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    static: Verdict = Verdict.UNVERIFIED
    proxy: bool = False
    scheme: Literal["http", "https"] = "http"
    answers: Mapping[str, str]
    expect: Verdict
    quotes: tuple[str, ...] = ()


class ProbeCard(Closed):
    """What is asked for the control `id`. `open` is the reason when no rule decides.

    `take`: the worst ruling stands; or the best, where one answer is enough; or `share`, where `fail` beside better answers is `partial`.
    `every_endpoint`: a pass needs each endpoint of the flow, by its answer or by the static analysis. `shows` names headers to quote,
    with `shows_absent` also that there is none.
    """

    id: str
    asks: Annotated[tuple[Ask, ...], Field(min_length=1)]
    open: Text
    take: Literal["worst", "best", "share"] = "worst"
    every_endpoint: bool = False
    shows: tuple[str, ...] = ()
    shows_absent: bool = False
    examples: Annotated[tuple[ProbeExample, ...], Field(min_length=2)]


@functools.cache
def load_probes(folder: Path = PROBES) -> Mapping[str, ProbeCard]:
    """All cards by the id of their control. Errors: `BadCard` for one that does not hold its schema, and when there is none."""
    found: dict[str, ProbeCard] = {}
    for path in sorted(folder.glob("*.yml")):
        name = f"probes/{path.name}"
        try:
            raw = yaml_files.parse(path.read_text(encoding="utf-8"))
            card = ProbeCard.model_validate(raw)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise BadCard(f"{name} is not YAML: {' '.join(str(error).split())}") from error
        except ValidationError as error:
            at = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'card'}: {e['msg']}" for e in error.errors()[:5])
            raise BadCard(f"{name}: {at}") from error
        if card.id != path.stem:
            raise BadCard(f"{name}: the id is {card.id!r}; it must be the file's name")
        found[card.id] = card
    if not found:
        raise BadCard(f"no probe cards under {folder.name}/: the installation is incomplete, install the package again")
    return types.MappingProxyType(found)


class ProbeWords(Closed):
    """`acting_paths`: patterns of paths whose GET is known to do something, never asked for. `front_kinds` and `front_images`: what stands
    before an application (objects of Kubernetes, images of containers) and may add to its answers."""

    acting_paths: tuple[str, ...]
    front_kinds: tuple[str, ...]
    front_images: str


@functools.cache
def load_probe_words() -> ProbeWords:
    return ProbeWords.model_validate(yaml_files.read("probe_words.yml"))
