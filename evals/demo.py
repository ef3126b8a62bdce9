"""Builds the broken demo app: the good shop with the changes of `demo.yml` applied, as a repository of one commit.

python -m evals.demo FOLDER      FOLDER must not exist; `make audit` without REPO= does this in a temporary folder
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from evals.seeded import EVALS, Seeded, git_environment, load_seeded, shop_copy

# Who commits and when is fixed, so that the commit, and with it the report, is the same everywhere.
_STAMP = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Demo"), ("EMAIL", "demo@example.com"), ("DATE", "2026-01-01T00:00:00+00:00"))
}


class Demo(BaseModel):
    """`changes` are ids of `evals/defects`, in the order in which they are applied."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flow: str
    changes: list[str] = Field(min_length=1)


def demo() -> Demo:
    return Demo.model_validate(yaml.safe_load((EVALS / "demo.yml").read_text(encoding="utf-8")))


def demo_changes() -> list[Seeded]:
    """Errors: `KeyError` for a change that does not exist."""
    known = load_seeded()
    return [known[name] for name in demo().changes]


def build_demo(target: Path) -> Path:
    """Writes the demo app to `target`, which must not exist, and commits it. Errors: `PatchFailed`, `FileExistsError`."""
    shop_copy(target, demo_changes())
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "--message=Shop"]):
        subprocess.run(["git", *arguments], cwd=target, env=git_environment(target) | _STAMP, check=True)
    return target


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evals.demo", description="Build the broken demo app.")
    parser.add_argument("folder", type=Path, help="where it goes; must not exist")
    build_demo(parser.parse_args(argv).folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
