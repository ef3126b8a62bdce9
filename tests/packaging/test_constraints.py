"""constraints.txt pins what pyproject.toml asks for, with hashes and without addresses."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.architecture.sources import PACKAGE, ROOT, imports_of, package_sources

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<marker> ;[^\\]*)? ?\\?$")


def declared(*extras: str) -> list[Requirement]:
    """What a plain install asks for, and what each named extra adds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(text) for group in groups for text in group]


def pins() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(canonicalize_name(match["name"]), []).append(match["version"])
    return found


def test_every_dependency_is_bounded_on_both_sides() -> None:
    loose = [str(need) for need in declared("agent", "dev") if {spec.operator for spec in need.specifier} != {">=", "<"}]
    assert declared()
    assert loose == []


def test_every_dependency_is_pinned_inside_its_bounds() -> None:
    pinned = pins()
    wrong = [
        str(need)
        for need in declared("agent", "dev")
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


def test_what_the_package_imports_is_declared() -> None:
    known = {canonicalize_name(need.name) for need in declared("agent")}
    owners = packages_distributions()
    missing = set()
    for source in package_sources():
        for name, line in imports_of(source):
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names or top == PACKAGE:
                continue
            if not known & {canonicalize_name(owner) for owner in owners.get(top, [top])}:
                missing.add(f"{top}, in {source.path}:{line}")
    assert missing == set(), "an import that works only because another package asks for it breaks with that package's next release"
