"""A fake of the Messages API on this machine: scripted answers, streamed or whole. No model is behind it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Content = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """One answer. `status` other than 200 is an error, `raw` is sent as it is."""

    content: Content = field(default_factory=list)
    stop: str = "end_turn"
    status: int = 200
    error: str = "overloaded_error"
    raw: bytes | None = None
    usage: dict[str, int] = field(default_factory=lambda: {"input_tokens": 1_000, "output_tokens": 100})


Script = Callable[[dict[str, Any]], Scripted]


@dataclass(slots=True)
class Fake:
    url: str
    requests: list[dict[str, Any]]
    counted: list[dict[str, Any]]


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def call(tool: str, **arguments: object) -> dict[str, Any]:
    return {"type": "tool_use", "name": tool, "input": arguments}


def calls(*blocks: dict[str, Any]) -> Scripted:
    return Scripted(content=list(blocks), stop="tool_use")


@contextmanager
def serving(script: Script, counts: Callable[[dict[str, Any]], int] | None = None) -> Iterator[Fake]:
    """Answers each request by `script`. `counts` answers count_tokens; without it there is no such address."""
    fake = Fake("", [], [])
    number = iter(range(1, 1_000_000))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path.split("?")[0].endswith("/count_tokens"):
                fake.counted.append(request)
                if counts is None:
                    self.answer(404, {"type": "error", "error": {"type": "not_found_error", "message": "no"}})
                else:
                    self.answer(200, {"input_tokens": counts(request)})
                return
            fake.requests.append(request)
            scripted = script(request)
            if scripted.raw is not None:
                self.send(200, scripted.raw, "application/json")
            elif scripted.status != 200:
                self.answer(scripted.status, {"type": "error", "error": {"type": scripted.error, "message": "scripted"}})
            elif request.get("stream"):
                self.send(200, "".join(events(message(scripted, request))).encode(), "text/event-stream")
            else:
                self.answer(200, message(scripted, request))

        def answer(self, status: int, value: dict[str, Any]) -> None:
            self.send(status, json.dumps(value).encode(), "application/json")

        def send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    def message(scripted: Scripted, request: dict[str, Any]) -> dict[str, Any]:
        content = [block | ({"id": f"toolu_{next(number)}"} if block["type"] == "tool_use" else {}) for block in scripted.content]
        return {
            "id": f"msg_{next(number)}", "type": "message", "role": "assistant", "model": request["model"], "content": content,
            "stop_reason": scripted.stop, "stop_sequence": None, "usage": scripted.usage,
        }  # fmt: skip

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def events(message: dict[str, Any]) -> Iterator[str]:
    def event(name: str, **data: object) -> str:
        return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"

    yield event("message_start", message={**message, "content": [], "stop_reason": None})
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield event("content_block_start", index=index, content_block=start)
        yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    yield event("message_delta", delta={"stop_reason": message["stop_reason"], "stop_sequence": None}, usage=message["usage"])
    yield event("message_stop")
