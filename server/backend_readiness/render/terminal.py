"""The report for a person at a terminal: verdict, layers, chains as trees, findings by severity, what is left to settle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_readiness.render.plain import STATUS_TITLES, VERDICT_TITLES, accepted_text, one_line, place_of, searched, visible
from backend_readiness.render.trace import cell, chain_tree, console, printed, table_of

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from backend_readiness.report.schema import EvidenceOut, FindingOut, Report

FORMAT = "terminal"
SUFFIX = ".txt"
_QUOTED_LINES = 4
_SHOWN_QUESTIONS = 12
_SHOWN_CHAINS = 4
_STYLES = {
    "ready": "green", "ready_with_conditions": "yellow", "at_risk": "yellow", "not_ready": "red", "unverified": "cyan",
    "critical": "bold red", "high": "red", "medium": "yellow", "low": "blue",
}  # fmt: skip


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Text of at most `width` columns (100 by default); escape codes only with `color`, which heeds NO_COLOR in the caller."""
    return printed(console(width, color), *_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    from rich.text import Text

    score = report.score
    yield Text.assemble(("Backend readiness: ", "bold"), (one_line(report.flow.name), "bold"))
    yield Text.assemble(
        (VERDICT_TITLES[score.verdict], f"bold {_STYLES[score.verdict]}"),
        f"  score {score.overall}/100, {score.verified_share:.0%} of the controls that apply verified",
    )
    yield from (Text(f"  {one_line(reason)}") for reason in score.reasons)
    yield Text("")
    yield _layers(report)
    for chain in report.chains[:_SHOWN_CHAINS]:
        yield Text("")
        yield chain_tree(chain)
    if len(report.chains) > _SHOWN_CHAINS:
        yield Text(f"{len(report.chains) - _SHOWN_CHAINS} more chains stand in the report", "dim")
    for finding in report.findings:
        yield Text("")
        yield from _finding(finding)
    yield from _unverified(report)
    yield from _unread(report)


def _layers(report: Report) -> Table:
    table = table_of("Layer", "Status", "Score", "Verified", "Summary")
    for layer in report.layers:
        table.add_row(
            cell(layer.title, "bold"),
            cell(STATUS_TITLES[layer.status], _STYLES[layer.status]),
            cell("-" if layer.score is None else str(layer.score)),
            cell(f"{layer.verified_share:.0%}"),
            cell(layer.summary),
        )
    return table


def _finding(finding: FindingOut) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    known = f"  {finding.baseline}" if finding.baseline else ""
    yield Text.assemble(
        (finding.severity.value.upper(), _STYLES[finding.severity.value]),
        f"  {one_line(finding.title)}",
        (f"  {finding.layer.title}, {finding.status.value}, {finding.id}{known}", "dim"),
    )
    yield Padding(Text(one_line(finding.why)), (0, 0, 0, 2))
    for evidence in finding.evidence:
        for line in _evidence(evidence):
            yield Padding(line, (0, 0, 0, 2))
    if finding.accepted is not None:
        yield Padding(Text(accepted_text(finding.accepted), "yellow"), (0, 0, 0, 2))
    for number, step in enumerate(finding.fix, start=1):
        yield Padding(Text(f"fix {number}: {one_line(step)}", "green"), (0, 0, 0, 2))


def _evidence(evidence: EvidenceOut) -> Iterator[Text]:
    from rich.text import Text

    place = place_of(evidence)
    if place:
        yield Text(place, "cyan")
    quoted = (evidence.quote or "").split("\n") if evidence.quote is not None else []
    first = evidence.line or 1
    asked = place == "" and evidence.kind == "runtime"  # the note is the request, its answer has no line numbers
    if asked:
        yield Text(one_line(evidence.note), "cyan")
    for number, line in enumerate(quoted[:_QUOTED_LINES], start=first):
        yield Text(f"{'' if asked else number:>5} | {visible(line).expandtabs(4)}", "dim", no_wrap=True, overflow="ellipsis")
    if len(quoted) > _QUOTED_LINES:
        yield Text(f"      | {len(quoted) - _QUOTED_LINES} more lines", "dim")
    for text in filter(None, (searched(evidence), "" if asked else one_line(evidence.note))):
        yield Text(text, "dim")


def _unverified(report: Report) -> Iterator[RenderableType]:
    from rich.text import Text

    pending = sorted((c for c in report.controls if c.verdict == "unverified"), key=lambda c: (-c.severity.rank, c.layer.value, c.id))
    if not pending:
        return
    yield Text("")
    yield Text(f"To settle: {len(pending)} unverified", "bold")
    for control in pending[:_SHOWN_QUESTIONS]:
        text = Text.assemble(
            "  ", (control.severity.value, _STYLES[control.severity.value]), f"  {one_line(control.question)} ", (control.id, "dim")
        )
        yield text
    if len(pending) > _SHOWN_QUESTIONS:
        yield Text(f"  and {len(pending) - _SHOWN_QUESTIONS} more, in the report", "dim")


def _unread(report: Report) -> Iterator[RenderableType]:
    from rich.text import Text

    yield Text("")
    yield Text(f"{report.run.files} files read, {len(report.run.skipped)} skipped", "dim")
    for reason in report.run.incomplete:
        yield Text(f"Incomplete: {one_line(reason)}", "yellow")
