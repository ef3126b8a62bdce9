"""Which control a finding of another tool belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from backend_readiness.rules import yaml_files


def load_imported_rules() -> Mapping[str, Mapping[str, str]]:
    """Tool, as SARIF names its driver in lower case -> pattern over rule ids -> control."""
    found: dict[str, dict[str, str]] = yaml_files.read("imported_rules.yml")
    return found
