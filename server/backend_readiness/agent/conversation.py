"""One conversation with the model: ask, run its tools, ask again, until it is done or something ends it.

The SDK's tool runner makes each turn; the history is kept here, so that a budget can be tested and room be made before every call.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import anthropic
import httpx2

from backend_readiness.agent.budget import Budget, Usage
from backend_readiness.agent.providers import Settings
from backend_readiness.agent.replaying import Replay
from backend_readiness.agent.tokens import estimate
from backend_readiness.agent.toolbox import LocalTool
from backend_readiness.agent.transcript import Transcript
from backend_readiness.errors import ReadinessError, UnusableInput
from backend_readiness.render.plain import one_line

if TYPE_CHECKING:
    from anthropic import Anthropic

ROOM_TOKENS = 60_000  # a longer history is made shorter before the next call
KEPT_RESULTS = 6
MAX_TURNS_EACH = 40
_CLEARED = "left out to save room: call the tool again if you need it"
_CACHED = {"type": "ephemeral"}
Ended = Literal["done", "refused", "cut off", "too long"]


class RunFailed(ReadinessError):
    """The provider did not answer, or not in a form that can be used; what was settled before stands."""


@dataclass(slots=True, kw_only=True)
class Line:
    """What all conversations of a run share."""

    client: Anthropic
    settings: Settings
    budget: Budget
    transcript: Transcript
    system: str
    told: Callable[[str], None]
    replay: Replay | None = None
    offline: bool = False
    counts: bool = True  # whether the provider counts tokens; False after it did not


def talk(line: Line, phase: str, prompt: str, tools: Sequence[LocalTool], remind: Callable[[], str]) -> Ended:
    """Until the model has nothing more to do. `remind` gives what to say when it stops too early, or "".

    Errors: `BudgetExceeded` before a call that could exceed a limit, `RunFailed` when there is no usable answer.
    """
    messages: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "text", "text": prompt, "cache_control": _CACHED}]}]
    reminded = cut = 0
    for turn in range(1, MAX_TURNS_EACH + 1):
        _make_room(messages)
        _mark(messages)
        _allow(line, phase, messages, tools)
        line.told(f"{phase}, turn {turn}")
        message, results = _turn(line, messages, tools)
        _book(line, phase, message)
        messages.append({"role": "assistant", "content": _content(message)})
        if message.stop_reason == "refusal":
            return "refused"
        if message.stop_reason in ("max_tokens", "model_context_window_exceeded"):
            cut += 1
            if cut > 1:
                return "cut off"
            _close(messages, "Your answer was cut off. Answer again, shorter: fewer controls in one call.")
        elif results is not None:
            messages.append({"role": "user", "content": list(results["content"])})
        else:
            words = remind() if reminded == 0 else ""
            if not words:
                return "done"
            reminded += 1
            messages.append({"role": "user", "content": [{"type": "text", "text": words}]})
    return "too long"


def _turn(line: Line, messages: list[dict[str, Any]], tools: Sequence[LocalTool]) -> tuple[Any, Any]:
    """One answer and the results of the tools that it calls, None when it calls none."""
    arguments: dict[str, Any] = {
        "model": line.settings.model,
        "max_tokens": line.settings.max_output,
        "system": _system(line),
        "messages": messages,
        "tools": list(tools),
        "stream": line.settings.stream,
        "thread": False,  # the whole history goes with every call: any server can answer, and it can be made shorter
        "max_iterations": 1,
    }
    try:
        runner = line.client.beta.messages.tool_runner(**arguments)
        for item in runner:
            message: Any = item.get_final_message() if line.settings.stream else item
            if not _is_whole(message):
                raise RunFailed("the answer is malformed: does the server speak the Messages API?")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # a tool that does not exist: the model is told
                return message, runner.generate_tool_call_response() if message.stop_reason == "tool_use" else None
    except anthropic.APIStatusError as error:
        raise RunFailed(f"the provider answered {error.status_code}: {one_line(error.message, 200)}") from error
    except (anthropic.AnthropicError, httpx2.HTTPError, ImportError) as error:
        raise RunFailed(f"the provider cannot be reached: {one_line(str(error), 200)}") from error
    except (ValueError, TypeError, AttributeError, KeyError, AssertionError) as error:
        raise RunFailed(f"the answer is malformed: {type(error).__name__}: {one_line(str(error), 160)}") from error
    raise RunFailed("the provider gave no answer")


def _is_whole(message: Any) -> bool:
    """The SDK takes what it gets; a server that is no such API gives something else."""
    if not isinstance(message.content, list) or message.usage is None or message.stop_reason is None:
        return False
    calls = [block for block in message.content if block.type == "tool_use"]
    return all(isinstance(c.id, str) and isinstance(c.name, str) and isinstance(c.input, dict) for c in calls)


def _system(line: Line) -> list[dict[str, Any]]:
    """Tools and system stand first in every call of a run, so that one cache holds them."""
    return [{"type": "text", "text": line.system, "cache_control": _CACHED}]


# ---------------------------------------------------------------- before and after a call


def _allow(line: Line, phase: str, messages: list[dict[str, Any]], tools: Sequence[LocalTool]) -> None:
    waiting = line.transcript.waiting
    if waiting:
        if waiting[0].phase != phase:
            raise UnusableInput(f"the transcript goes on with {waiting[0].phase!r} and this version with {phase!r}: start anew")
        return
    if line.offline:
        raise RunFailed(line.transcript.earlier_end or "the run was ended here")
    definitions = [tool.to_dict() for tool in tools]
    tokens = estimate(json.dumps([line.system, definitions, messages], ensure_ascii=False))
    if line.counts and line.budget.tight(tokens):
        tokens = _counted(line, messages, definitions) or tokens
    line.budget.allow(tokens, line.settings.max_output)


def _counted(line: Line, messages: list[dict[str, Any]], definitions: list[Any]) -> int | None:
    """What the provider counts; None where it does not count, and then it is not asked again."""
    asking: Any = line.client.with_options(max_retries=0, timeout=20.0).messages
    try:
        counted = asking.count_tokens(model=line.settings.model, system=_system(line), messages=messages, tools=definitions)
        return int(counted.input_tokens)
    except (anthropic.AnthropicError, httpx2.HTTPError, TypeError, ValueError, AttributeError):
        line.counts = False
        return None


def _book(line: Line, phase: str, message: Any) -> None:
    line.budget.book(Usage.of(message.usage.model_dump()))
    if line.replay is None or not line.replay.served:
        line.transcript.answered(
            phase,
            {**message.model_dump(mode="json", exclude_none=True, exclude={"content", "parsed_output"}), "content": _content(message)},
        )


# ---------------------------------------------------------------- the history


def _content(message: Any) -> list[Any]:
    """The blocks of an answer as they go back with the next call."""
    return [_plain(block) for block in message.content] or [{"type": "text", "text": "(nothing)"}]


def _plain(block: Any) -> dict[str, Any]:
    fields: dict[str, Any] = block.model_dump(mode="json", exclude_none=True, exclude={"parsed_output"})
    return fields


def _close(messages: list[dict[str, Any]], words: str) -> None:
    """Answers an answer that was cut off: each call of a tool in it needs a result."""
    calls = [block for block in messages[-1]["content"] if block.get("type") == "tool_use"]
    results: list[dict[str, Any]] = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": "not run: the call was cut off", "is_error": True} for call in calls
    ]
    messages.append({"role": "user", "content": [*results, {"type": "text", "text": words}]})


def _mark(messages: list[dict[str, Any]]) -> None:
    """What stands before the newest message is cached: the first message, and the last block of all."""
    for message in messages[1:]:
        for block in message["content"]:
            block.pop("cache_control", None)
    last = messages[-1]["content"][-1]
    if len(messages) > 1 and last.get("type") in ("text", "tool_result"):
        last["cache_control"] = _CACHED


def _make_room(messages: list[dict[str, Any]]) -> None:
    """Old results of tools go when the history has grown long; the model can call again for what it needs."""
    if estimate(json.dumps(messages, ensure_ascii=False)) <= ROOM_TOKENS:
        return
    results = [b for m in messages if m["role"] == "user" for b in m["content"] if b.get("type") == "tool_result"]
    for block in results[:-KEPT_RESULTS]:
        block["content"] = _CLEARED
