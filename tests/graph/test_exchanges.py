"""What is sent to an exchange under a word, and keys of messages that a hostile program nests."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_readiness.graph.background.exchanges import _fits
from backend_readiness.workspace import Workspace


@pytest.mark.parametrize(
    ("bound", "word", "fits"),
    [
        ("order.paid", "order.paid", True),
        ("order.*", "order.paid", True),
        ("order.*", "order.paid.late", False),
        ("order.#", "order.paid.late", True),
        ("#", "anything", True),
        ("order.#.late", "order.paid.late", True),
        ("order.#.late", "order.paid.soon", False),
        ("order.#.late", "order", False),
        ("return.#", "order.paid", False),
    ],
)
def test_a_word_fits_what_is_bound_part_by_part(bound: str, word: str, fits: bool) -> None:
    assert _fits(bound, word) is fits


def test_a_list_of_queues_that_holds_itself_ends(tmp_path: Path) -> None:
    text = 'import confluent_kafka\ntopics = ["a"]\ntopics = [topics, topics, "orders"]\n'
    text += "def run():\n    consumer = confluent_kafka.Consumer({})\n    consumer.subscribe(topics)\n"
    (tmp_path / "worker.py").write_text(text, "utf-8")
    assert {j.function.symbol.file for j in Workspace(tmp_path, cache_dir=tmp_path / "cache").tracer.received} == {"worker.py"}
