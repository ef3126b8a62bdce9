"""Audits the good app and each seeded twin of it, and prints the scoreboard.

    python -m evals.run                        all of them; also `make eval` and `backend-readiness eval`
    python -m evals.run --only ID --only ID    these changes
    python -m evals.run --json FILE            the scores as JSON too; - is standard output, in place of the tables

Exit status: 0 done, 1 when a critical or high finding is a false alarm (on the good app or new on a benign twin), 2 unusable arguments.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from backend_readiness.catalogue import controls
from evals.audits import run_audits
from evals.board import SEVERE, as_text
from evals.score import Scoreboard, score
from evals.seeded import Seeded, load_seeded


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evals.run", description="Audit the seeded broken repositories and print the scoreboard.")
    parser.add_argument(
        "--only", action="append", default=[], metavar="ID", help="a file of evals/defects, without .yml; may be given again"
    )
    parser.add_argument("--json", metavar="FILE|-", help="write the scores as JSON; - is standard output, in place of the tables")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="audits at a time (default: 2)")
    options = parser.parse_args(argv)
    known = load_seeded()
    for name in options.only:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3, 0.4)
            parser.error(f"no seeded change {name!r}" + (f"; the nearest: {', '.join(near)}" if near else ""))
    board = evaluate([known[name] for name in options.only] or list(known.values()), jobs=options.jobs)
    if options.json:
        text = json.dumps(as_json(board), indent=2) + "\n"
        if options.json == "-":
            sys.stdout.write(text)
        else:
            Path(options.json).write_text(text, encoding="utf-8")
    if options.json != "-":
        sys.stdout.write(as_text(board))
    return 1 if false_alarms(board) else 0


def evaluate(changes: Sequence[Seeded], *, jobs: int = 2) -> Scoreboard:
    started = time.perf_counter()
    audits = run_audits(changes, jobs=jobs, progress=_progress if sys.stderr.isatty() else lambda done, total: None)
    judged = frozenset(card.id for card in controls().values() if card.hook is not None)
    return score(changes, audits, judged, round(time.perf_counter() - started, 1))


def false_alarms(board: Scoreboard) -> int:
    """Critical and high findings where there is nothing to find."""
    return sum(finding.severity in SEVERE for finding in (*board.good, *(f for row in board.benign for f in row.new)))


def as_json(board: Scoreboard) -> dict[str, object]:
    tallies = {layer: dataclasses.asdict(board.tally(layer)) for layer in sorted({row.layer for row in board.defects})}
    return {"schema": "backend-readiness/eval/1", **dataclasses.asdict(board), "layers": tallies, "all": dataclasses.asdict(board.tally())}


def _progress(done: int, total: int) -> None:
    print(f"\r{done}/{total} audits", end="" if done < total else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
