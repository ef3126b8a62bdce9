"""Which control a finding of another tool belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml


def load_imported_rules() -> Mapping[str, Mapping[str, str]]:
    """Tool, as SARIF names its driver in lower case -> pattern over rule ids -> control."""
    text = (Path(__file__).parent / "imported_rules.yml").read_text("utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found
