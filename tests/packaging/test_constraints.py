"""constraints.txt pins what pyproject.toml asks for, with hashes and without addresses."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.architecture.sources import ROOT

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<marker> ;[^\\]*)? ?\\?$")


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(text) for text in (*project["dependencies"], *(text for extra in extras for text in extra))]


def pins() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(canonicalize_name(match["name"]), []).append(match["version"])
    return found


def test_every_dependency_is_bounded_on_both_sides() -> None:
    loose = [str(need) for need in declared() if {spec.operator for spec in need.specifier} != {">=", "<"}]
    assert declared()
    assert loose == []


def test_every_dependency_is_pinned_inside_its_bounds() -> None:
    pinned = pins()
    wrong = [
        str(need)
        for need in declared()
        if not any(need.specifier.contains(version) for version in pinned.get(canonicalize_name(need.name), []))
    ]
    assert wrong == [], "run `make lock`"


def test_every_pin_has_hashes_and_no_line_has_an_address() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pin_lines = [number for number, line in enumerate(lines) if PIN.match(line)]
    assert pin_lines
    assert [lines[number] for number in pin_lines if "--hash=sha256:" not in lines[number + 1]] == []
    others = [line for line in lines if not PIN.match(line) and not re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}(?: \\)?", line)]
    assert [line for line in others if not line.startswith("#")] == []
