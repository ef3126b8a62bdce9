"""The command `probe`, and the part of `audit` that asks a running server."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_readiness.cli import DONE, PARTIAL
from backend_readiness.cli.terminal import color, note, width, workspace, write, write_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from backend_readiness.controls.imported import Imported
    from backend_readiness.model import Flow
    from backend_readiness.probe.running import Probing
    from backend_readiness.probe.schema import ProbeOut
    from backend_readiness.report.schema import Report
    from backend_readiness.workspace import Workspace


def probe(options: argparse.Namespace) -> int:
    from backend_readiness.probe.address import target_of
    from backend_readiness.probe.running import probe as run
    from backend_readiness.probe.schema import probe_out

    target = target_of(options.base_url, options.allow_host)
    with workspace(options.repo, options) as found:
        flow = None
        if options.flow or options.endpoint:
            flow = found.resolve_flow(options.flow or "endpoints", options.endpoint, entry_url=options.entry_url)
        probing = run(found, target, flow)
        answer = probe_out(found.repository, probing, found.snapshot)
    if options.format == "json":
        write_json(answer)
    else:
        write(_table(answer))
    return _status(probing)


def audited(found: Workspace, flow: Flow, imported: Sequence[Imported], base_url: str, allowed_hosts: Sequence[str]) -> tuple[Report, str]:
    """The report of the analysis with what the server at `base_url` says, and why the probe ended early ("" when it did not)."""
    from backend_readiness.probe.address import target_of
    from backend_readiness.probe.running import probe as run
    from backend_readiness.probe.schema import with_runtime

    probing = run(found, target_of(base_url, allowed_hosts), flow)
    for left in probing.left_out:
        note(f"not asked: {left}")
    return found.report_of(flow, with_runtime(found.judge(flow, None, imported), probing)), probing.ended


def _status(probing: Probing) -> int:
    if probing.ended:
        note(f"partial: {probing.ended}")
        return PARTIAL
    return DONE


def _table(answer: ProbeOut) -> str:
    from backend_readiness.render.plain import one_line
    from backend_readiness.render.trace import cell, console, printed, table_of

    table = table_of("Control", "Verdict", "Why", "Answer")
    for control in (c for c in answer.controls if c.evidence):
        told = [line for e in control.evidence[:2] for line in (e.note, *(e.quote or "").split("\n")[1:])]
        table.add_row(cell(control.id, "bold"), cell(control.verdict.value), cell(control.why), _lines(told))
    out = printed(console(width(), color()), table)
    silent = [f"unverified  {c.id}: {one_line(c.why)}" for c in answer.controls if not c.evidence]
    left = [f"left out    {one_line(text)}" for text in answer.left_out]
    return "\n".join([out.rstrip(), "", *silent, *left, f"{answer.requests} requests to {one_line(answer.base_url)}"])


def _lines(told: Sequence[str]) -> RenderableType:
    from rich.text import Text

    from backend_readiness.render.plain import one_line

    return Text("\n".join(one_line(line, 120) for line in told), "cyan")
