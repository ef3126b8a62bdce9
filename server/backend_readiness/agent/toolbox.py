"""The tools of `Tools` for the SDK's tool runner, and the one through which the model answers."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from anthropic.lib.tools import BetaBuiltinFunctionTool, ToolError
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from backend_readiness.agent import fragment
from backend_readiness.agent.fragment import Fragment
from backend_readiness.agent.settling import Outcome, Session
from backend_readiness.errors import ReadinessError
from backend_readiness.render.plain import one_line
from backend_readiness.report.redact import redact
from backend_readiness.tools import Offered
from backend_readiness.tools.answers import Answer
from backend_readiness.tools.paging import compact

# What an auditor of one flow asks; the repository is fixed, so that `path` is not offered.
OFFERED = ("trace_call_chain", "grep", "read_file", "find_symbol", "list_routes", "run_check")
_MAX_ERROR = 1_500
Heard = Callable[[str, object, str], None]


@dataclass(slots=True)
class Answering:
    """What the answers of one conversation did."""

    session: Session
    reported: set[str]
    answered: bool = False


class LocalTool(BetaBuiltinFunctionTool):
    """A tool that runs here. `definition` is what the model gets; `run` answers with text or raises `ToolError`."""

    def __init__(self, definition: dict[str, Any], run: Callable[[dict[str, Any]], str], heard: Heard) -> None:
        self._definition = definition
        self._run = run
        self._heard = heard

    def to_dict(self) -> Any:
        return self._definition

    def call(self, input: object) -> str:
        """Errors: `ToolError` with one line for what the model can mend."""
        name = str(self._definition["name"])
        try:
            text = self._run(dict(input) if isinstance(input, dict) else {})
        except ToolError as error:
            self._heard(name, input, f"error: {error}")
            raise
        self._heard(name, input, text)
        return text


def reading_tools(offered: Iterable[Offered], heard: Heard) -> list[LocalTool]:
    """The tools that look at the repository."""
    return [_reading(one, heard) for one in offered if one.name in OFFERED]


def _reading(one: Offered, heard: Heard) -> LocalTool:
    model = _arguments(one)

    def run(given: dict[str, Any]) -> str:
        try:
            arguments = model.model_validate(given)
            answer: Answer = one.method(**{name: getattr(arguments, name) for name in arguments.model_fields_set})
        except ValidationError as error:
            raise ToolError(_explain(error)) from error
        except ReadinessError as error:
            raise ToolError(one_line(redact(str(error)), _MAX_ERROR)) from error
        return compact(answer)

    return LocalTool(_definition(one.name, inspect.getdoc(one.method) or "", model.model_json_schema()), run, heard)


@functools.cache
def _model_of(function: Callable[..., object]) -> type[BaseModel]:
    parameters = inspect.signature(function, eval_str=True).parameters
    values: dict[str, Any] = {
        name: (p.annotation, ... if p.default is inspect.Parameter.empty else p.default)
        for name, p in parameters.items()
        if name not in ("self", "path")
    }
    made: type[BaseModel] = create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **values)
    return made


def _arguments(one: Offered) -> type[BaseModel]:
    return _model_of(getattr(one.method, "__func__", one.method))


def _definition(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": description, "input_schema": {**schema, "type": "object"}}


def answering_tool(answering: Answering, heard: Heard) -> LocalTool:
    """`report_fragment`: checks every place and search, takes what holds and sends the rest back."""

    def run(given: dict[str, Any]) -> str:
        try:
            answer = Fragment.model_validate(given)
        except ValidationError as error:
            raise ToolError(_explain(error)) from error
        outcome = answering.session.take(answer)
        answering.answered = True
        answering.reported.update(outcome.accepted, (item.name for item in outcome.demoted))
        return _told(outcome)

    description = (
        "Your answer: verdicts on controls and observations, each with the places that show it. May be called several times; what does not "
        "hold is sent back with the nearest true place. A later answer on the same control replaces the earlier one."
    )
    return LocalTool(_definition(fragment.TOOL, description, fragment.schema()), run, heard)


def _told(outcome: Outcome) -> str:
    parts: dict[str, object] = {"accepted": outcome.accepted}
    if outcome.returned:
        parts["sent_back"] = [{"answer": one.name, "problems": one.problems} for one in outcome.returned]
    if outcome.demoted:
        parts["left_out"] = [{"answer": one.name, "problems": one.problems} for one in outcome.demoted]
    return redact(json.dumps(parts, ensure_ascii=False))


def _explain(error: ValidationError) -> str:
    """In one line what is wrong with arguments."""
    found = []
    for item in error.errors(include_url=False, include_input=False, include_context=False)[:6]:
        where = ".".join(str(part) for part in item["loc"])[:120]
        found.append(f"{where}: {'no such argument' if item['type'] == 'extra_forbidden' else item['msg']}")
    return one_line("; ".join(found), _MAX_ERROR)
