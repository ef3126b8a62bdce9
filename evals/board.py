"""The scoreboard as text: tables that read well in a terminal and are Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from backend_readiness.model import Layer, Severity
from evals.score import Finding, Outcome, Scoreboard, Tally

SEVERE = (Severity.CRITICAL, Severity.HIGH)


def as_text(board: Scoreboard) -> str:
    parts = [_layers(board), _alarms(board), _defects(board), _benign(board), _good(board), _problems(board)]
    audits = f"{len(board.defects)} broken and {len(board.benign)} benign twins and the good app were audited in {board.seconds:.0f} s."
    return "\n\n".join([part for part in parts if part] + [audits]) + "\n"


def by_severity(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counts[severity]} {severity.value}" for severity in Severity)


def _layers(board: Scoreboard) -> str:
    rows = [(layer.value, board.tally(layer)) for layer in Layer]
    cells = [_tally_cells(name, tally) for name, tally in rows if tally.recall.of]
    head = ("layer", "found", "found of those judged", "evidence at the place", "in the file", "false passes", "extra findings")
    return table(head, [*cells, _tally_cells("all", board.tally())])


def _tally_cells(name: str, tally: Tally) -> tuple[str, ...]:
    shares = (tally.recall, tally.judged, tally.at_place, tally.same_file)
    return (name, *(str(share) for share in shares), str(tally.false_passes), str(tally.extra))


def _alarms(board: Scoreboard) -> str:
    new = [finding for row in board.benign for finding in row.new]
    rows = [
        ("findings on the good app", by_severity(board.good)),
        ("new findings on the benign twins", by_severity(new)),
        ("watched controls that got worse", str(sum(len(row.turned) for row in board.benign))),
    ]
    return table(("false alarms", "count"), rows)


def _defects(board: Scoreboard) -> str:
    rows = []
    for row in sorted(board.defects, key=lambda r: (list(Layer).index(r.layer), r.id)):
        outcome = row.outcome.value if row.judged or row.outcome is Outcome.FOUND else f"{row.outcome.value} (no hook)"
        extra = ", ".join(finding.control for finding in row.extra)
        rows.append((row.layer.value, row.id, row.control, outcome, row.landed.value if row.landed else "", extra))
    return table(("layer", "defect", "control", "outcome", "evidence", "extra findings"), rows) if rows else ""


def _benign(board: Scoreboard) -> str:
    rows = [(r.id, ", ".join(f"{f.control} ({f.severity.value})" for f in r.new), ", ".join(r.turned)) for r in board.benign]
    return table(("benign change", "new findings", "watched controls that got worse"), rows) if rows else ""


def _good(board: Scoreboard) -> str:
    rows = [(finding.severity.value, finding.control, finding.where, finding.why) for finding in board.good]
    return table(("severity", "finding on the good app", "where", "why"), rows) if rows else ""


def _problems(board: Scoreboard) -> str:
    rows = [("the good app", problem) for problem in board.good_problems]
    rows += [(defect.id, problem) for defect in board.defects for problem in defect.problems]
    rows += [(benign.id, problem) for benign in board.benign for problem in benign.problems]
    return table(("audit", "what broke off"), rows) if rows else ""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with its columns aligned."""
    clean = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in clean) for column in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in clean]
    return "\n".join([lines[0], "| " + " | ".join("-" * width for width in widths) + " |", *lines[1:]])
