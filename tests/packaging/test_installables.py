"""The files by which clients and registries install this say the same as the package."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import yaml
from tests.architecture.sources import ROOT

from backend_readiness import __version__
from backend_readiness.cli.arguments import parse


def read(name: str) -> dict[str, Any]:
    return dict(json.loads((ROOT / name).read_text(encoding="utf-8")))


def test_every_version_is_that_of_the_package() -> None:
    skill = yaml.safe_load((ROOT / "SKILL.md").read_text(encoding="utf-8").split("---")[1])
    server = read("server.json")
    found = {
        "plugin": read(".claude-plugin/plugin.json")["version"],
        "marketplace": read(".claude-plugin/marketplace.json")["plugins"][0]["version"],
        "server": server["version"],
        "server package": server["packages"][0]["version"],
        "bundle": read("conformance/mcpb/manifest.json")["version"],
        "bundle project": tomllib.loads((ROOT / "conformance/mcpb/pyproject.toml").read_text())["project"]["version"],
        "skill": skill["metadata"]["version"],
    }
    assert {name: version for name, version in found.items() if version != __version__} == {}


def test_the_registry_finds_its_name_in_the_published_readme() -> None:
    server = read("server.json")
    assert f"mcp-name: {server['name']}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(server["description"]) <= 100
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert server["packages"][0]["identifier"] == project["name"]


def test_what_they_start_can_be_typed() -> None:
    entry = read(".claude-plugin/plugin.json")["mcpServers"]["backend-readiness"]
    assert entry["command"] == "uvx"
    assert parse(entry["args"][1:]).command == "mcp"
    [argument] = read("server.json")["packages"][0]["packageArguments"]
    assert parse([argument["value"]]).command == "mcp"


def test_the_tools_of_conformance_are_pinned_exactly() -> None:
    pins = [version.rpartition("@")[2] for version in read("conformance/package.json")["devDependencies"].values()]
    assert pins
    assert all(pin[0].isdigit() for pin in pins)
    lines = (ROOT / "conformance/requirements.txt").read_text().splitlines()
    assert all("==" in line for line in lines if line and not line.startswith("#"))
