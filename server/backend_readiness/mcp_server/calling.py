"""Methods of `Tools` as tools of the protocol: strict arguments, one short line for what goes wrong, progress, cancellation."""

from __future__ import annotations

import functools
import inspect
import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any

import anyio
import anyio.from_thread
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ValidationError

from backend_readiness.errors import ReadinessError
from backend_readiness.progress import Stopped, listening
from backend_readiness.render.plain import one_line
from backend_readiness.report.redact import redact
from backend_readiness.tools import Offered
from backend_readiness.tools.answers import Answer
from backend_readiness.tools.paging import compact

TELL_EVERY_S = 0.25
_MAX_ERROR = 1_000
_log = logging.getLogger(__name__)


class StrictTool(Tool):
    """A tool that refuses arguments it does not know, and says in one line what is wrong with those it does."""

    async def run(self, arguments: dict[str, Any], context: Any, convert_result: bool = False) -> Any:
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(self._explain(error.__cause__)) from error
            raise

    def _explain(self, error: ValidationError) -> str:
        problems = []
        for item in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
            name = ".".join(str(part) for part in item["loc"])[:80]
            problems.append(f"{name}: {'no such argument' if item['type'] == 'extra_forbidden' else item['msg']}")
        return f"{self.name}: {'; '.join(problems)}. Its arguments are {', '.join(self.parameters.get('properties', {}))}."


def as_tool(offered: Offered) -> Tool:
    hints = ToolAnnotations(
        title=offered.title,
        read_only_hint=offered.effect == "read",
        destructive_hint=False,
        idempotent_hint=offered.effect == "read",
        open_world_hint=offered.effect == "network",
    )
    tool = StrictTool.from_function(_answering(offered.method), name=offered.name, title=offered.title, annotations=hints)
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    tool.parameters = _without_titles(arguments.model_json_schema(by_alias=True))
    return tool


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without the titles that repeat its names: every client carries them in every conversation."""
    properties = schema.get("properties", {})
    kept = {name: {key: value for key, value in one.items() if key != "title"} for name, one in properties.items()}
    return {key: value for key, value in schema.items() if key != "title"} | {"properties": kept}


def _answering(method: Callable[..., Answer]) -> Callable[..., Any]:
    """The method with its answer as structured content and as compact text; what a person could mend becomes the tool's error."""

    @functools.wraps(method)
    async def call(ctx: Context[Any, Any], **arguments: Any) -> CallToolResult:
        work = _Work(method, arguments)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(work.report, ctx)
                # The worker is left behind when the client cancels: it ends at its next word of progress.
                answer = await anyio.to_thread.run_sync(work.run, abandon_on_cancel=True)
                group.cancel_scope.cancel()
        finally:
            work.stopped.set()
        if isinstance(answer, ReadinessError):
            raise ToolError(one_line(redact(str(answer)), _MAX_ERROR))
        text = compact(answer)
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=json.loads(text))

    signature = inspect.signature(method, eval_str=True)
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=Context[Any, Any])
    answered = Annotated[CallToolResult, signature.return_annotation]
    parameters = [*signature.parameters.values(), context]
    call.__signature__ = signature.replace(parameters=parameters, return_annotation=answered)  # type: ignore[attr-defined]  # read by the SDK
    call.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": answered}
    return call


class _Work:
    """One call on a worker thread: what it says of its progress is sent on, and it stops when `stopped` is set."""

    def __init__(self, method: Callable[..., Answer], arguments: dict[str, Any]) -> None:
        self._method = method
        self._arguments = arguments
        self.stopped = threading.Event()
        self._news: tuple[str, int, int] | None = None

    def run(self) -> Answer | ReadinessError:
        try:
            with listening(self._hear):
                self._hear("Waiting", 0, 0)
                return self._method(**self._arguments)
        except ReadinessError as error:
            return error
        except Stopped:
            return ReadinessError("cancelled")

    def _hear(self, what: str, done: int, total: int) -> None:
        if self.stopped.is_set():
            raise Stopped
        self._news = (what, done, total)

    async def report(self, ctx: Context[Any, Any]) -> None:
        """Sends what is new a few times a second; the number only ever grows, as the protocol asks for."""
        started = time.monotonic()
        sent: tuple[str, int, int] | None = None
        while True:
            await anyio.sleep(TELL_EVERY_S)
            if self._news is None or self._news == sent:
                continue
            sent = self._news
            what, done, total = sent
            message = f"{what} {done}/{total}" if total else what
            try:
                await ctx.report_progress(round(time.monotonic() - started, 2), None, message)
            except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
                _log.debug("the client has gone; its call goes on until it is cancelled")
                return
