"""`SKILL.md` holds the Agent Skills specification, and names nothing that does not exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from backend_readiness import resources
from backend_readiness.cli.arguments import parse
from backend_readiness.probe.tool import ProbingTools
from backend_readiness.tools import marked
from backend_readiness.tools.workspaces import Workspaces

TEXT = resources.read("SKILL.md")
ALLOWED = {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}


def problems(text: str) -> list[str]:
    """What in a SKILL.md does not hold the specification."""
    match = re.match(r"\A---\n(.*?)\n---\n(.*)\Z", text, re.DOTALL)
    if match is None:
        return ["no frontmatter"]
    front = yaml.safe_load(match[1])
    found = [f"unknown key {key}" for key in set(front) - ALLOWED]
    name, description = front.get("name"), front.get("description")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > 64:
        found.append("name is not lower case with single hyphens, at most 64 characters")
    if not isinstance(description, str) or not description.strip() or len(description) > 1024:
        found.append("description is not 1 to 1024 characters")
    if len(str(front.get("compatibility", ""))) > 500:
        found.append("compatibility has more than 500 characters")
    metadata = front.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        found.append("metadata is not a mapping of texts")
    if not match[2].strip():
        found.append("no instructions")
    return found


def test_the_skill_holds_the_specification() -> None:
    assert problems(TEXT) == []
    assert yaml.safe_load(TEXT.split("---")[1])["name"] == "backend-readiness"


@pytest.mark.parametrize(
    "broken",
    [
        TEXT.removeprefix("---\n"),
        TEXT.replace("name: backend-readiness", "name: Backend--Readiness", 1),
        TEXT.replace("license: MIT", "licence: MIT", 1),
        TEXT.replace("description: ", "description: " + "x" * 1024, 1),
        TEXT.replace('version: "0.1.0"', "version: 0.1", 1),
    ],
)
def test_the_check_notices_what_breaks_it(broken: str) -> None:
    assert problems(broken) != []


def test_it_is_short_enough_to_be_read_whole() -> None:
    assert len(TEXT.splitlines()) < 300


def test_it_has_the_five_steps_in_order() -> None:
    steps = re.findall(r"^## Step (\d): (.*)$", TEXT, re.MULTILINE)
    assert [number for number, _ in steps] == ["1", "2", "3", "4", "5"]
    assert [title for _, title in steps] == [
        "establish the flow",
        "trace the chain",
        "evaluate each layer",
        "record findings",
        "generate the report",
    ]


def test_every_document_that_it_opens_is_shipped() -> None:
    links = set(re.findall(r"\]\(([^)]+)\)", TEXT))
    assert len(links) >= 4
    for link in links:
        assert resources.path(link).is_file()


def test_every_tool_that_it_names_exists() -> None:
    tools = {offered.name for offered in marked(ProbingTools(Workspaces([Path(__file__).parent])), allow=frozenset({"network"}))}
    named = set(re.findall(r"`((?:map|list|trace|run|validate|read|find|probe)_\w+)`", TEXT))
    assert named
    assert named <= tools


def test_every_command_that_it_names_can_be_typed() -> None:
    commands = re.findall(r"`backend-readiness ((?!--version)[^`]+)`", TEXT)
    assert len(commands) >= 4
    for command in commands:
        assert parse(shlex.split(command)).command in ("flows", "trace", "audit", "validate", "probe")
