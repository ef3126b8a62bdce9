"""The comparison with the tutorials of RabbitMQ, on programs of our own in their form."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import messages

WORKER = """
import pika

def work(channel, method, properties, body):
    print(body)

channel = pika.BlockingConnection().channel()
channel.basic_consume(queue="{queue}", on_message_callback=work)
"""


def test_receivers_are_told_by_the_names_of_their_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = tmp_path / "python"
    client.mkdir()
    (client / "worker.py").write_text(WORKER.format(queue="task_queue"), "utf-8")
    (client / "receive.py").write_text(WORKER.format(queue="another"), "utf-8")
    (client / "send.py").write_text("import pika\n", "utf-8")
    assert messages.main([str(tmp_path), "--verbose"]) == 0
    said = capsys.readouterr().out
    assert "python/python: 1 of 2, 1 more\n  - receive.py: hello\n  + receive.py: another" in said
    assert "| all | 1 | 0 | 0 | 2 | 1 | 0.50 |" in said


def test_a_folder_without_tutorials_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main([str(tmp_path)]) == 2
    assert "holds no tutorials" in capsys.readouterr().err
