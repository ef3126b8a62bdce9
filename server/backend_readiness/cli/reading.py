"""The commands that read and judge nothing: `routes`, `flows`, `trace`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Literal, cast

from backend_readiness.cli import DONE
from backend_readiness.cli.terminal import color, note, row_width, workspace, write, write_json
from backend_readiness.model import Flow
from backend_readiness.workspace import Workspace


def routes(options: argparse.Namespace) -> int:
    from backend_readiness.answers import routes_out
    from backend_readiness.render.trace import render_routes

    with workspace(options.repo, options) as found:
        known = found.routes()
        repository = found.repository
    if options.format == "json":
        write_json(routes_out(repository, known))
    else:
        write(render_routes(known, width=row_width(), color=color()))
    if not known:
        note(_nothing_recognised(found))
    return DONE


def flows(options: argparse.Namespace) -> int:
    from backend_readiness.answers import flows_out

    with workspace(options.repo, options) as found:
        known = found.flows()
        repository = found.repository
    if options.format == "json":
        write_json(flows_out(repository, known))
    else:
        write(_flows_table(known))
    if not known:
        note(_nothing_recognised(found))
    return DONE


def trace(options: argparse.Namespace) -> int:
    from backend_readiness.render.trace import render_trace
    from backend_readiness.report.chains import trace_out

    with workspace(options.repo, options) as found:
        kind, chains = found.trace(options.start)
        snapshot = found.snapshot
    if options.format == "json":
        write_json(trace_out(cast(Literal["route", "location", "text"], kind), options.start, chains, snapshot))
    else:
        write(render_trace(chains, width=row_width(), color=color()))
    if not chains:
        note(f"no chain goes through {options.start}")
    return DONE


def _flows_table(known: Sequence[Flow]) -> str:
    from backend_readiness.render.trace import cell, console, printed, table_of

    if not known:
        return "No flow was found.\n"
    table = table_of("Flow", "Endpoints", "Starts at")
    for flow in known:
        table.add_row(cell(flow.name, "bold"), cell(", ".join(str(e) for e in flow.endpoints)), cell(str(flow.place or ""), "cyan"))
    return printed(console(row_width(), color()), table, cell(f"{len(known)} flows" if len(known) > 1 else "1 flow", "dim"))


def _nothing_recognised(found: Workspace) -> str:
    repository = found.repository
    languages = ", ".join(found.facts.languages) or "none that this version reads"
    return f"no endpoint was recognised in {repository.files} files (languages: {languages}; {len(repository.skipped)} skipped)"
