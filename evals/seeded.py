"""The seeded changes: `evals/defects/*.yml`, each a patch to the good app, and copies of the app with patches applied."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from backend_readiness.model import Layer, Severity

EVALS = Path(__file__).resolve().parent
SHOP = EVALS / "apps" / "shop"
DEFECTS = EVALS / "defects"

_MADE = shutil.ignore_patterns("node_modules", "dist", "__pycache__", ".venv", ".pytest_cache", ".ruff_cache", ".mypy_cache")


class Expected(BaseModel):
    """Where the evidence should land: lines of the changed file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    line: int
    end_line: int


class Seeded(BaseModel):
    """One file of `evals/defects/`: a change that breaks one control, or a benign one that breaks none.

    `also` names further controls that the change rightly breaks; `watch` those that a benign change must leave as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: Literal["defect", "benign"]
    title: str
    flow: str
    endpoint: str
    why: str
    patch: str
    control: str | None = None
    layer: Layer | None = None
    severity: Severity | None = None
    expect: list[Expected] = []
    also: list[str] = []
    watch: list[str] = []

    @model_validator(mode="after")
    def says_what_its_kind_needs(self) -> Seeded:
        broken = (self.control, self.layer, self.severity, self.expect or None)
        if self.kind == "defect" and None in broken:
            raise ValueError("a defect names control, layer, severity and where the evidence should land")
        if self.kind == "benign" and (any(broken) or not self.watch):
            raise ValueError("a benign change breaks nothing and names the controls to watch")
        return self


class PatchFailed(RuntimeError):
    """A patch does not apply; the message is git's."""


def load_seeded(folder: Path = DEFECTS) -> dict[str, Seeded]:
    """Every seeded change by file name, sorted. Errors: pydantic's for a file that does not fit."""
    found = {path.stem: Seeded.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.yml"))}
    if not found:
        raise FileNotFoundError(f"no seeded change in {folder}")
    return found


def shop_copy(target: Path, changes: Iterable[Seeded] = ()) -> Path:
    """Copies the good app to `target`, which must not exist, and applies the changes in order. Errors: `PatchFailed`."""
    shutil.copytree(SHOP, target, ignore=_MADE)
    for seeded in changes:
        apply(seeded, target)
    return target


def apply(seeded: Seeded, shop: Path) -> None:
    """Applies one change, all of it or nothing. Errors: `PatchFailed`."""
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=shop,
        env=git_environment(shop),
        input=seeded.patch,
        text=True,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise PatchFailed(f"{seeded.id}: {' '.join(done.stderr.split())}")


def git_environment(shop: Path) -> dict[str, str]:
    """The environment for git in a copy: no repository around it and no configuration of the machine changes what it does."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
    # Inside a repository `git apply` skips files in silence.
    ceiling = {"GIT_CEILING_DIRECTORIES": str(shop.parent.resolve())}
    return kept | ceiling | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
