"""Receivers of messages in the tutorials of RabbitMQ: the same six programs in many languages, written by those who wrote the clients.

    git clone https://github.com/rabbitmq/rabbitmq-tutorials
    python -m evals.messages rabbitmq-tutorials [python go ...] [--verbose]

Wanted is each receiver that stands in a file of its own, by the name of its file, with the queue or the exchange that the tutorial gives
it; what is found is what `trace` can start at: work that a message starts. Folders of other protocols (streams, AMQP 1.0), and those that
only link to the sources of another one, are left out.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from backend_readiness.errors import UnusableInput
from backend_readiness.workspace import Workspace
from evals.noir import copied
from evals.standards import Compared, print_sample, print_table

# The name of a program without its signs -> what it receives; several where the clients do not agree.
RECEIVERS = {
    "receive": ("hello",), "recv": ("hello",), "worker": ("task_queue",), "receivelogs": ("logs",),
    "receivelogsdirect": ("direct_logs", "logs_direct"), "receivelogstopic": ("topic_logs", "logs_topic"), "rpcserver": ("rpc_queue",),
}  # fmt: skip
CLIENTS = {
    "dotnet": "csharp", "elixir": "elixir", "go": "go", "java": "java",
    "javascript-nodejs": "javascript", "kotlin-java-client": "kotlin", "php": "php", "php-interop": "php", "python": "python",
    "ruby": "ruby", "rust-amqprs": "rust", "rust-lapin": "rust", "scala": "scala",
}  # fmt: skip
SUFFIXES = (".cs", ".exs", ".go", ".java", ".js", ".kt", ".php", ".py", ".rb", ".rs", ".scala")
_SIGNS = re.compile(r"[^a-z]")
_MESSAGE = re.compile(r'message "(.*)"')


def wanted_of(client: Path) -> dict[str, tuple[str, ...]]:
    """File -> the names of which one is received there."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(p for p in client.rglob("*") if p.suffix in SUFFIXES and p.is_file()):
        names = RECEIVERS.get(_SIGNS.sub("", path.stem.lower()))
        if names:
            found[path.relative_to(client).as_posix()] = names
    return found


def received_in(client: Path, scratch: Path) -> dict[str, set[str]]:
    """File -> what is received there, in a copy of the folder that lies alone."""
    found: dict[str, set[str]] = {}
    try:
        for job in Workspace(copied(client, scratch), cache_dir=scratch / "cache").tracer.received:
            named = _MESSAGE.fullmatch(job.symbol)
            found.setdefault(job.place.file, set()).add(named.group(1) if named is not None else "")
    except UnusableInput:
        return {}
    return found


def compare(language: str, client: Path, scratch: Path) -> Compared:
    wanted, received = wanted_of(client), received_in(client, scratch)
    missing = tuple(f"{file}: {' or '.join(names)}" for file, names in wanted.items() if not received.get(file, set()) & set(names))
    more = tuple(f"{file}: {name or 'no name'}" for file in sorted(received) for name in sorted(received[file] - set(wanted.get(file, ()))))
    return Compared(language=language, sample=client.name, true=len(wanted), missing=missing, more=more)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.messages", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("clone", type=Path, help="a clone of rabbitmq/rabbitmq-tutorials")
    parser.add_argument("clients", nargs="*", help="folders of it; all of ours without")
    parser.add_argument("--verbose", action="store_true", help="list what is missing and what else is received")
    given = parser.parse_args(arguments)
    clients = [c for c in CLIENTS if (given.clone / c).is_dir() and (not given.clients or c in given.clients)]
    if not clients:
        print(f"{given.clone} holds no tutorials of RabbitMQ: name the folder of a clone of them", file=sys.stderr)
        return 2
    compared: list[Compared] = []
    with tempfile.TemporaryDirectory() as scratch:
        for client in clients:
            compared.append(compare(CLIENTS[client], given.clone / client, Path(scratch) / client))
            if given.verbose:
                print_sample(compared[-1])
    print_table(compared, "receivers")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
