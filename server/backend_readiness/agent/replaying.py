"""Recorded answers in the place of the network: the SDK asks, and gets what the model answered then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2

from backend_readiness.agent.transcript import Transcript


class Replay(httpx2.BaseTransport):
    """Answers from the transcript while it has any, then from `live`; without one the run is at its end.

    `served` says whether the last answer came from the record.
    """

    def __init__(self, transcript: Transcript, live: httpx2.BaseTransport | None) -> None:
        self.transcript = transcript
        self._live = live
        self.served = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/count_tokens"):
            return httpx2.Response(404, json={"type": "error", "error": {"type": "not_found_error", "message": "replayed"}})
        if self.transcript.waiting:
            self.served = True
            message = self.transcript.waiting.popleft().message
            if json.loads(request.read()).get("stream"):
                return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content="".join(as_events(message)).encode())
            return httpx2.Response(200, json=message)
        self.served = False
        if self._live is None:
            raise httpx2.ConnectError("the transcript ends here", request=request)
        return self._live.handle_request(request)

    def close(self) -> None:
        if self._live is not None:
            self._live.close()


def as_events(message: dict[str, Any]) -> Iterator[str]:
    """A whole answer as the events of a stream."""
    usage = message.get("usage") or {}
    started = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    yield _event("message_start", {"message": started})
    for index, block in enumerate(message.get("content") or []):
        start, delta = _halves(block)
        yield _event("content_block_start", {"index": index, "content_block": start})
        if delta is not None:
            yield _event("content_block_delta", {"index": index, "delta": delta})
        yield _event("content_block_stop", {"index": index})
    ending = {"stop_reason": message.get("stop_reason"), "stop_sequence": message.get("stop_sequence")}
    yield _event("message_delta", {"delta": ending, "usage": {"output_tokens": usage.get("output_tokens", 0)}})
    yield _event("message_stop", {})


def _halves(block: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    if block.get("type") == "text":
        return {**block, "text": ""}, {"type": "text_delta", "text": block.get("text", "")}
    if block.get("type") == "tool_use":
        return {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block.get("input", {}))}
    return block, None


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"
