"""The prompts that ship with the product: one jinja2 file under `prompts/` each, with a dataclass of its variables here.

What a caller puts into them is material, never an instruction: it is bounded and fenced.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from backend_readiness import resources
from backend_readiness.render.plain import one_line

_MAX_VALUE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFlow:
    """Audit one flow of a repository with the tools. `flow` is a name or words, `path` the repository's folder."""

    NAME: ClassVar[str] = "audit_flow"
    flow: str
    path: str
    success_criteria: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewChange:
    """Review what a change does to readiness. `base` and `head` are git revisions; no `head` is the working tree."""

    NAME: ClassVar[str] = "review_change"
    base: str
    path: str
    head: str = ""


Prompt = AuditFlow | ReviewChange


def render(prompt: Prompt) -> str:
    """The text of a prompt. Its values are made visible, put on one line and cut at 500 characters."""
    from jinja2 import Environment, StrictUndefined

    # Text for a model and no HTML: what a value could break out of is the fence around it, and `one_line` leaves it no line of its own.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    values = {name: one_line(str(value), _MAX_VALUE).replace("`", "'") for name, value in asdict(prompt).items()}
    return environment.from_string(resources.read(f"prompts/{prompt.NAME}.md.j2")).render(values)
