"""The commands that judge: `audit`, `check`, `validate`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend_readiness.catalogue import controls, severity_of
from backend_readiness.cli import DONE, FOUND, PARTIAL
from backend_readiness.cli.terminal import color, note, read_file, width, workspace, write, write_file, write_json
from backend_readiness.errors import UnusableInput
from backend_readiness.model import Severity

if TYPE_CHECKING:
    from backend_readiness.controls.imported import Imported
    from backend_readiness.report.baseline import Baseline
    from backend_readiness.report.schema import ControlOut, Report

_TO_OUTPUT = ("json", "sarif", "terminal")  # formats that are printed when no file is named
_SHOWN = 60  # problems of a report that are printed
_ABSENT = "is not among the files that were read"
_SHELL_UNSAFE = '/\\:*?"<>|\0'


def audit(options: argparse.Namespace) -> int:
    from backend_readiness.cli.auditing import refuse_agent_options, with_agent
    from backend_readiness.cli.probing import audited
    from backend_readiness.render import render, renderer

    if options.engine == "static":
        refuse_agent_options(options)
    elif options.probe:
        raise UnusableInput("--probe goes with the static engine: leave out --engine agent, or run `probe` beside it")
    elif options.engine != "agent":
        raise UnusableInput(f"no engine {options.engine!r}: take static or agent")
    fail_on = severity_of(options.fail_on) if options.fail_on else None
    baseline = _baseline(options.baseline)
    format_name = options.format or _format_of(options.output)
    suffix = renderer(format_name).SUFFIX
    with workspace(options.repo, options) as found:
        flow = found.resolve_flow(options.flow, options.endpoint, entry_url=options.entry_url, success=options.success)
        imported = _imported(options.imports)
        if options.engine == "agent":
            record = f"backend-readiness-audit-{file_name(flow.name)}.transcript.jsonl"
            report, ended = with_agent(found, flow, imported, options, record)
        elif options.probe:
            report, ended = audited(found, flow, imported, options.probe, options.allow_host)
        else:
            report, ended = found.audit(flow, imported), ""
    report = _marked(report, baseline)
    target = options.output
    if target is None and format_name not in _TO_OUTPUT:
        target = f"backend-readiness-audit-{file_name(report.flow.name)}{suffix}"
    if target is None or target == "-":
        write(render(report, format_name, width=width(), color=color()))
    else:
        write_file(target, render(report, format_name))
        write(render(report, "terminal", width=width(), color=color()))
        note(f"written: {target}")
    if ended:
        note(f"partial: {ended}")
        return PARTIAL
    return _status(report, fail_on)


def file_name(flow: str) -> str:
    """A flow's name as part of a file's name, on every system."""
    clean = "".join("-" if c in _SHELL_UNSAFE or c.isspace() or not c.isprintable() else c for c in flow)
    return "-".join(part for part in clean.split("-") if part.strip("."))[:80] or "flow"


def _format_of(output: str | None) -> str:
    """The format that the name of the output file asks for."""
    if output is None or output == "-":
        return "md"
    from backend_readiness.render import renderers

    known = {r.SUFFIX: name for name, r in renderers().items()}
    return known.get(Path(output).suffix.lower(), "md")


def _baseline(path: str | None) -> Baseline | None:
    if path is None:
        return None
    from backend_readiness.report import baseline

    return baseline.read(read_file(path))


def _marked(report: Report, known: Baseline | None) -> Report:
    if known is None:
        return report
    from backend_readiness.report import baseline

    gone = baseline.fixed(report, known)
    if gone:
        note(f"fixed since the baseline: {', '.join(f.id for f in gone)}")
    return baseline.mark(report, known)


def _imported(paths: Sequence[str]) -> tuple[Imported, ...]:
    """The findings of the SARIF logs that `--import` names; those that belong to no control are counted aloud."""
    if not paths:
        return ()
    from backend_readiness.controls.imported import read_sarif

    found = tuple(item for path in paths for item in read_sarif(read_file(path), path))
    outside = sum(item.control is None for item in found)
    if outside:
        note(f"{outside} of {len(found)} imported results belong to no control and are left out")
    return found


def _status(report: Report, fail_on: Severity | None) -> int:
    if fail_on is None:
        return DONE
    from backend_readiness.report.baseline import that_count

    counted = that_count(report, fail_on)
    if counted:
        note(f"{len(counted)} finding{'s' if len(counted) > 1 else ''} at or above {fail_on.value}")
    return FOUND if counted else DONE


# ---------------------------------------------------------------- check


def check(options: argparse.Namespace) -> int:
    from backend_readiness.answers import catalogue_out, check_out

    if options.list:
        cards = controls()
        if options.format == "json":
            write_json(catalogue_out(cards.values()))
        else:
            write(_catalogue_table())
        return DONE
    if not options.control:
        raise UnusableInput("name a control or a layer (`check --list` has them)")
    with workspace(options.repo, options) as found:
        flow = found.resolve_flow(options.flow or "endpoints", options.endpoint) if options.flow or options.endpoint else None
        checked = found.check(options.control, flow)
        answer = check_out(found.repository, flow, checked)
    if options.format == "json":
        write_json(answer)
    else:
        write(_verdicts_table(checked.controls))
    return DONE


def _catalogue_table() -> str:
    from backend_readiness.render.trace import cell, console, printed, table_of

    table = table_of("Control", "Layer", "Severity", "Verified by", "What must hold")
    for card in controls().values():
        ways = ", ".join(way.value for way in card.verified_by)
        table.add_row(cell(card.id, "bold"), cell(card.layer.value), cell(card.severity.value), cell(ways), cell(card.title))
    return printed(console(width(), color()), table)


def _verdicts_table(verdicts: Sequence[ControlOut]) -> str:
    from backend_readiness.render.plain import place_of
    from backend_readiness.render.trace import cell, console, printed, table_of

    table = table_of("Control", "Verdict", "Why", "Evidence")
    for control in verdicts:
        why = control.question if control.verdict == "unverified" else control.why
        places = ", ".join(filter(None, (place_of(e) for e in control.evidence[:4])))
        table.add_row(cell(control.id, "bold"), cell(control.verdict.value), cell(why), cell(places, "cyan"))
    return printed(console(width(), color()), table)


# ---------------------------------------------------------------- validate


def validate(options: argparse.Namespace) -> int:
    from backend_readiness.answers import validation_out
    from backend_readiness.report.validate import is_valid
    from backend_readiness.report.validate import validate as problems_of

    text = read_file(options.report)
    with workspace(options.repo, options) as found:
        problems = problems_of(text, found.snapshot)
    valid = is_valid(problems)
    if options.format == "json":
        write_json(validation_out(problems))
    else:
        for problem in problems[:_SHOWN]:
            write(f"{'note' if problem.note else 'does not hold'}: {problem}")
        if len(problems) > _SHOWN:
            write(f"and {len(problems) - _SHOWN} more; --format json lists all")
        if sum(_ABSENT in str(p) for p in problems) > len(problems) / 2:
            note(f"most of the files that the report cites are not in {found.root}: --repo names the repository that it is about")
        write("The report holds." if valid else "The report does not hold.")
    return DONE if valid else FOUND
