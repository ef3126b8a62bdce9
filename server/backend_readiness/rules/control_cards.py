"""The control cards: what must hold, why, how it is verified, and what to do when it does not.

A card is `controls/<layer>/<id>.yml`; its identity is its path. A `verify` hook, where there is one, is `<id>.py` beside it.
The examples of a card are its tests: `Example.cases` gives them in one form, whichever form they are written in.
"""

from __future__ import annotations

import difflib
import functools
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backend_readiness.errors import BadCard
from backend_readiness.model import Layer, Severity, Verdict, VerifiedBy
from backend_readiness.rules import yaml_files

CONTROLS = Path(__file__).parent / "controls"

# Safe loaders both; the one in C is ten times faster, and missing where PyYAML was built without libyaml.

# Where a single source text of an example stands, by `language/framework` and then by `language`.
_EXAMPLE_PATHS = {
    "python": "app/main.py",
    "javascript": "src/app.js",
    "typescript": "src/app.ts",
    "typescript/react": "src/App.tsx",
    "javascript/react": "src/App.jsx",
    "go": "main.go",
    "java": "src/main/java/app/App.java",
    "kotlin": "src/main/kotlin/app/App.kt",
    "csharp": "App.cs",
    "php": "app/app.php",
    "ruby": "app/app.rb",
    "rust": "src/main.rs",
    "elixir": "lib/app.ex",
    "scala": "src/main/scala/app/App.scala",
}

_MARK = re.compile(r"[ \t]*(?:#|//|--|/\*|<!--|\{/\*)[ \t]+expect\b[^\n]*")

Text = Annotated[str, Field(min_length=1)]
# The examples that show a control with a hook.
Shown = Literal["python bad", "python good", "javascript bad", "javascript good", "another bad", "another good"]
# What of a flow, or of the profile that its repository chose, changes the weight of a finding.
Trait = Literal["money", "public", "prototype", "scale"]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Mark(_Closed):
    """A line on which the evidence of a bad example must land."""

    file: str
    line: int


class Case(_Closed):
    """One small repository and what a control must say of it.

    `files` maps paths to texts; the marker comments are cut out of them, their lines stay. `expect` is the set of verdicts
    that are right. With several `marks` each needs evidence on its line.
    """

    name: str
    framework: str
    files: Mapping[str, str]
    expect: frozenset[Verdict]
    marks: tuple[Mark, ...] = ()
    endpoint: str | None = None


class Example(_Closed):
    """`bad` and `good` as single texts (`path` says where they stand, if the framework does not), or `files` with `expect`."""

    framework: Text
    name: str = ""
    endpoint: Annotated[str, Field(pattern=r"^[A-Z]+ \S.*$")] | None = None
    path: str | None = None
    bad: Text | None = None
    good: Text | None = None
    files: Mapping[str, str] | None = None
    expect: Verdict | None = None

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        single = self.bad is not None or self.good is not None
        if single == (self.files is not None):
            raise ValueError("an example has either bad and good texts or files")
        if (self.files is None) != (self.expect is None):
            raise ValueError("files need expect, and expect needs files")
        if self.files is not None and not self.files:
            raise ValueError("files is empty")
        if self.bad is not None and not _MARK.search(self.bad):
            raise ValueError("bad has no `# expect` on the line where the evidence must land")
        if single and self._single_path() is None:
            raise ValueError(f"no usual path for a text of {self.framework!r}: name it with `path`, or use files")
        for path in (*(self.files or ()), *([self.path] if self.path else ())):
            if path.startswith("/") or ".." in PurePosixPath(path).parts:
                raise ValueError(f"{path!r} leaves the example's folder")
        return self

    def _single_path(self) -> str | None:
        return self.path or _EXAMPLE_PATHS.get(self.framework) or _EXAMPLE_PATHS.get(self.framework.partition("/")[0])

    def cases(self) -> Iterator[Case]:
        """The example as cases. A `bad` text must be fail or partial, a `good` one pass or not applicable."""
        if self.files is not None and self.expect is not None:
            yield self._case(self.name or self.expect.value, self.files, {self.expect})
        path = self._single_path()
        for kind, text, right in (
            ("bad", self.bad, {Verdict.FAIL, Verdict.PARTIAL}),
            ("good", self.good, {Verdict.PASS, Verdict.NOT_APPLICABLE}),
        ):
            if text is not None and path is not None:
                yield self._case(f"{self.name} {kind}".strip(), {path: text}, right)

    def _case(self, name: str, files: Mapping[str, str], right: set[Verdict]) -> Case:
        marks = [
            Mark(file=path, line=number)
            for path, text in files.items()
            for number, line in enumerate(text.splitlines(), start=1)
            if _MARK.search(line)
        ]
        clean = {path: _MARK.sub("", text) for path, text in files.items()}
        return Case(name=name, framework=self.framework, files=clean, expect=frozenset(right), marks=tuple(marks), endpoint=self.endpoint)


class ControlCard(_Closed):
    """One control. `layer` and `hook` come from the place of the file, everything else from its text.

    `title` says what must hold, `title_fail` is the title of the finding when it does not, `applies` when a flow has such a
    subject at all, `raises` when the finding weighs more than `severity` (`severity_when` says it for
    programs), and `notes` settle the cases on which careful readers differ.
    A control is shown by a bad and a good example in Python, in JavaScript or TypeScript and in another language. `language_free` says
    what it reads instead of code, where one language shows as much as three, and `no_example` why a single one of these makes no sense.
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z0-9]+)+$")]
    title: Text
    severity: Severity
    why: Text
    applies: Text
    ask: Annotated[str, Field(pattern=r"\?$")]
    notes: tuple[Text, ...] = ()
    title_fail: Annotated[str, Field(min_length=1, max_length=80)]
    fix: Annotated[tuple[Text, ...], Field(min_length=2)]
    fix_by: Mapping[str, Annotated[tuple[Text, ...], Field(min_length=2)]] = Field(default_factory=dict)
    raises: tuple[Text, ...] = ()
    severity_when: Mapping[Trait, Severity] = Field(default_factory=dict)
    verify: Annotated[tuple[VerifiedBy, ...], Field(min_length=1)]
    seeds: tuple[Text, ...] = ()
    examples: tuple[Example, ...] = ()
    language_free: str = ""
    no_example: Mapping[Shown, Text] = Field(default_factory=dict)
    layer: Layer
    hook: Path | None = None

    @property
    def has_hook(self) -> bool:
        return self.hook is not None

    @property
    def shown(self) -> frozenset[Shown]:
        """What the examples show; TypeScript counts as JavaScript."""
        found: set[Shown] = set()
        for example in self.examples:
            language = example.framework.partition("/")[0]
            for case in example.cases():
                good = case.expect <= {Verdict.PASS, Verdict.NOT_APPLICABLE}
                bad = case.expect <= {Verdict.FAIL, Verdict.PARTIAL}
                if language == "python":
                    found.update(("python good",) if good else ("python bad",) if bad else ())
                elif language in ("javascript", "typescript"):
                    found.update(("javascript good",) if good else ("javascript bad",) if bad else ())
                else:
                    found.update(("another good",) if good else ("another bad",) if bad else ())
        return frozenset(found)

    @property
    def verified_by(self) -> tuple[VerifiedBy, ...]:
        """The ways in which this control is verified; `static` exactly when there is a hook."""
        others = tuple(way for way in self.verify if way is not VerifiedBy.STATIC)
        return (VerifiedBy.STATIC, *others) if self.has_hook else others

    def fix_for(self, framework: str) -> tuple[str, ...]:
        """The steps for `python/fastapi`; those for `python` or the general ones where there are no closer ones."""
        return self.fix_by.get(framework) or self.fix_by.get(framework.partition("/")[0]) or self.fix


@functools.cache
def load_controls(folder: Path = CONTROLS) -> Mapping[str, ControlCard]:
    """All cards under `folder` by id, in the order of the layers and then of the ids.

    Errors: `BadCard` for an unknown layer folder, a card that does not hold its schema, an id that is not the file's name or
    stands twice, and when there is no card at all.
    """
    layers = {layer.value for layer in Layer}
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_dir() and entry.name not in layers and not entry.name.startswith(("_", ".")):
            raise BadCard(f"controls/{entry.name} is no layer{_nearest(entry.name, layers)}; the layers are {', '.join(sorted(layers))}")
    cards: dict[str, ControlCard] = {}
    for layer in Layer:
        for path in sorted((folder / layer.value).glob("*.yml")):
            card = _read_card(path, layer)
            if card.id in cards:
                raise BadCard(f"{_name(path)}: the id stands twice, also under {cards[card.id].layer.value}")
            cards[card.id] = card
    if not cards:
        raise BadCard(f"no control cards under {folder.name}/: the installation is incomplete, install the package again")
    return types.MappingProxyType(cards)


def _read_card(path: Path, layer: Layer) -> ControlCard:
    try:
        raw = yaml_files.parse(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadCard(f"{_name(path)} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise BadCard(f"{_name(path)}: a card is a mapping of keys")
    for derived in ("layer", "hook"):
        if derived in raw:
            raise BadCard(f"{_name(path)}: {derived} comes from the place of the file; remove the key")
    hook = path.with_suffix(".py")
    try:
        card = ControlCard.model_validate(raw | {"layer": layer, "hook": hook if hook.is_file() else None})
    except ValidationError as error:
        raise BadCard(f"{_name(path)}: {_explain(error)}") from error
    if card.id != path.stem:
        raise BadCard(f"{_name(path)}: the id is {card.id!r}; it must be the file's name")
    if VerifiedBy.STATIC in card.verify and not card.has_hook:
        raise BadCard(f"{_name(path)}: verify lists static, but there is no {card.id}.py beside the card")
    return card


def _explain(error: ValidationError) -> str:
    parts = []
    for item in error.errors():
        at = ".".join(str(step) for step in item["loc"])
        if item["type"] == "extra_forbidden":
            model: type[BaseModel] = Example if item["loc"][0] == "examples" else ControlCard
            parts.append(f"unknown key {at}{_nearest(str(item['loc'][-1]), model.model_fields)}")
        else:
            parts.append(f"{at or 'card'}: {item['msg']}")
    return "; ".join(parts)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f", did you mean {near[0]}?" if near else ""


def _name(path: Path) -> str:
    return f"controls/{path.parent.name}/{path.name}"
