"""The prompts that ship with the product: one jinja2 file under `prompts/` each, with a dataclass of its variables here.

What a caller or a repository puts into them is material, never an instruction: single values are bounded and stand on one line,
longer text stands in a fence that nothing in it can close.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar

from backend_readiness import resources
from backend_readiness.render.plain import one_line, visible

if TYPE_CHECKING:
    from jinja2 import Environment

_MAX_VALUE = 500
_MAX_BLOCK = 40_000


class Block(str):
    """Text of several lines, to be fenced by the template's `fenced`."""

    __slots__ = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSystem:
    """What the auditor is and keeps to. The same for every run, so that it is cached."""

    NAME: ClassVar[str] = "agent_system"
    answer_tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenControl:
    """One control as a prompt shows it. `places` are `file:line` of its evidence so far."""

    id: str
    severity: str
    verdict: str
    title: str
    question: str
    why: str
    notes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyLayer:
    """Settle the controls of one layer that static analysis left open. `chain` is the answer of `trace_call_chain`."""

    NAME: ClassVar[str] = "agent_layer"
    flow: str
    layer: str
    endpoints: tuple[str, ...]
    success_criteria: tuple[str, ...]
    chain: Block
    controls: tuple[OpenControl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuteFindings:
    """Try to refute findings before they are reported."""

    NAME: ClassVar[str] = "agent_refute"
    flow: str
    endpoints: tuple[str, ...]
    chain: Block
    controls: tuple[OpenControl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFlow:
    """Look for what no control names, and write the steps of the fixes in the repository's own terms."""

    NAME: ClassVar[str] = "agent_review"
    flow: str
    endpoints: tuple[str, ...]
    chain: Block
    findings: tuple[OpenControl, ...]


Prompt = AuditFlow | ReviewChange | AgentSystem | VerifyLayer | RefuteFindings | ReviewFlow
PROMPTS: tuple[type[Prompt], ...] = (AuditFlow, ReviewChange, AgentSystem, VerifyLayer, RefuteFindings, ReviewFlow)


def render(prompt: Prompt) -> str:
    """The text of a prompt. Single values are made visible, put on one line and cut at 500 characters."""
    values = {one.name: _clean(getattr(prompt, one.name)) for one in fields(prompt)}
    return environment().from_string(resources.read(f"prompts/{prompt.NAME}.md.j2")).render(values)


def environment() -> Environment:
    """What the templates are rendered with."""
    from jinja2 import Environment, StrictUndefined

    # Text for a model and no HTML: what a value could break out of is the fence around it, and `one_line` leaves it no line of its own.
    made = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    made.filters["fenced"] = _fenced
    return made


def _clean(value: object) -> object:
    if isinstance(value, Block):
        return Block(visible(value)[:_MAX_BLOCK])
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    if isinstance(value, OpenControl):
        cleaned: Mapping[str, object] = {one.name: _clean(getattr(value, one.name)) for one in fields(value)}
        return cleaned
    return one_line(str(value), _MAX_VALUE).replace("`", "'")


def _fenced(text: str) -> str:
    marks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{marks}\n{text}\n{marks}"
