"""The YAML files of the rules. They are parsed in C where PyYAML has that: in Python it takes ten times as long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent
LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str) -> Any:
    """What one document says. Errors: `yaml.YAMLError`."""
    return yaml.load(text, Loader=LOADER)


def read(*name: str) -> Any:
    """What a file below the folder of the rules says. Errors: `OSError`, `yaml.YAMLError`: the installation is broken."""
    return parse(RULES.joinpath(*name).read_text("utf-8"))
