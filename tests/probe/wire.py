"""Answers as they stand on the wire, read by the code that reads real ones."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from backend_readiness.model import Endpoint, Verdict
from backend_readiness.probe.client import Limits, read
from backend_readiness.probe.exchange import Answer, Exchange, Request
from backend_readiness.probe.scene import Scene
from backend_readiness.rules.probe_cards import ProbeExample

NOT_FOUND = 'HTTP/1.1 404 Not Found\nContent-Type: application/json\n\n{"detail": "Not Found"}'


class Raw(io.RawIOBase):
    """Bytes as a connection gives them."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        return self._data.readinto(buffer)  # type: ignore[arg-type]  # a buffer, as in the base class


def answer_of(text: str, method: str = "GET") -> Answer:
    """An answer written with line feeds; what follows the first empty line is its body."""
    head, _, body = text.partition("\n\n")
    body = re.sub(r"\{(\d+) bytes\}", lambda m: "x" * int(m[1]), body.removesuffix("\n"))
    data = "\r\n".join(head.strip().split("\n")) + "\r\n\r\n" + body
    return read(Raw(data.encode()), method, Limits().body_bytes)


class Replaying:
    """A server that knows the answers of an example."""

    def __init__(self, answers: Mapping[str, str], scheme: str = "http") -> None:
        self.answers = answers
        self.scheme = scheme
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Exchange:
        self.asked.append(request)
        text = self.answers.get(f"{request.method} {request.target}", NOT_FOUND)
        return Exchange(request=request, answer=answer_of(text, request.method))


def endpoint(text: str) -> Endpoint:
    method, _, path = text.partition(" ")
    return Endpoint(method=method, path=path)


def scene_of(example: ProbeExample) -> Scene:
    def static(control: str, about: Endpoint | None) -> Verdict:
        return example.static

    endpoints = tuple(map(endpoint, example.endpoints))
    routes = tuple(map(endpoint, example.routes))
    return Scene(base="", entry="/", endpoints=endpoints, routes=(*endpoints, *routes), proxy=example.proxy, static=static)
