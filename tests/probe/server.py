"""Loopback servers for a test: one that sends raw bytes as a script says, one that answers by path."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[bytes], Iterator[bytes]]

MAX_CONNECTIONS = 400


@contextmanager
def serving(script: Script) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers the head of each request with the pieces of `script`; gives its URL and the heads that it saw.

    It sends until the client leaves or the script ends, takes at most `MAX_CONNECTIONS` connections, and ends with the block.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.2)
    seen: list[bytes] = []
    ended = threading.Event()

    def run() -> None:
        for _ in range(MAX_CONNECTIONS * 5):
            if ended.is_set() or len(seen) >= MAX_CONNECTIONS:
                return
            try:
                opened, _address = listening.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=answer, args=(opened,), daemon=True).start()

    def answer(opened: socket.socket) -> None:
        with opened:
            opened.settimeout(5)
            try:
                head = opened.recv(65_536)
                seen.append(head)
                for piece in script(head):
                    if ended.is_set():
                        return
                    opened.sendall(piece)
            except OSError:
                return  # the client has gone, which is what is tested

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen
    finally:
        ended.set()
        listening.close()
        thread.join(5)


def target_of_head(head: bytes) -> str:
    """`GET /orders` of a request's head."""
    return " ".join(head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")[:2])


def by_path(answers: dict[str, str]) -> Script:
    """Answers written with line feeds, by `GET /path`; anything else is 404."""

    def script(head: bytes) -> Iterator[bytes]:
        text = answers.get(target_of_head(head), "HTTP/1.1 404 Not Found\nContent-Length: 9\n\nnot found")
        start, _, body = text.partition("\n\n")
        yield ("\r\n".join(start.split("\n")) + "\r\nConnection: close\r\n\r\n" + body).encode()

    return script
