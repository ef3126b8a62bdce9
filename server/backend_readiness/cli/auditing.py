"""`audit --engine agent`: settings from the arguments, progress on the terminal, the cost at the end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend_readiness.cli.terminal import note
from backend_readiness.errors import UnusableInput

if TYPE_CHECKING:
    from backend_readiness.agent.auditor import Run
    from backend_readiness.controls.imported import Imported
    from backend_readiness.model import Flow
    from backend_readiness.report.schema import AgentOut, Report
    from backend_readiness.workspace import Workspace

_ONLY_AGENT = ("model", "provider", "base_url", "max_usd", "max_tokens", "max_turns", "price", "transcript", "resume", "replay")


def refuse_agent_options(options: argparse.Namespace) -> None:
    """Errors: `UnusableInput` for an option that another engine would leave without effect."""
    given = [name for name in _ONLY_AGENT if getattr(options, name) is not None] + (["no-stream"] if options.no_stream else [])
    if given:
        raise UnusableInput(f"--{given[0].replace('_', '-')} belongs to --engine agent")


def with_agent(
    found: Workspace, flow: Flow, imported: Sequence[Imported], options: argparse.Namespace, default_record: str
) -> tuple[Report, str]:
    """(the report, why the run ended early or ""). Errors: `UnusableInput`."""
    from backend_readiness.agent import auditor

    run = _run(options, default_record)
    audited = auditor.audit(found, flow, run, _told, imported=imported)
    if audited.report.run.agent is not None:
        note(_cost(audited.report.run.agent))
    if run.replay is None:
        note(f"transcript: {run.resume or run.record}")
    return audited.report, audited.ended


def _run(options: argparse.Namespace, default_record: str) -> Run:
    from backend_readiness.agent.auditor import Run
    from backend_readiness.agent.budget import Budget, parse_price, price_of
    from backend_readiness.agent.providers import DEFAULT_MODEL, PROVIDERS, Settings

    if options.resume is not None and options.replay is not None:
        raise UnusableInput("--resume goes on with the model and --replay asks none: give one of them")
    provider = options.provider or "anthropic"
    if provider not in PROVIDERS:
        raise UnusableInput(f"no provider {provider!r}: take one of {', '.join(PROVIDERS)}")
    model = options.model or _recorded_model(options) or DEFAULT_MODEL
    limits = {"max_usd": options.max_usd, "max_tokens": options.max_tokens, "max_turns": options.max_turns}
    for name, value in limits.items():
        if value is not None and not value > 0:
            raise UnusableInput(f"--{name.replace('_', '-')} must be more than 0")
    price = parse_price(options.price) if options.price is not None else price_of(model)
    settings = Settings(provider=provider, model=model, base_url=options.base_url, stream=not options.no_stream)
    return Run(
        settings=settings,
        budget=Budget(max_usd=options.max_usd, max_tokens=options.max_tokens, max_turns=options.max_turns, price=price),
        record=Path(options.transcript or default_record),
        resume=Path(options.resume) if options.resume is not None else None,
        replay=Path(options.replay) if options.replay is not None else None,
    )


def _recorded_model(options: argparse.Namespace) -> str | None:
    """The model of the transcript that is gone on with or replayed."""
    source = options.resume or options.replay
    if source is None:
        return None
    from backend_readiness.agent import transcript

    model = transcript.read(Path(source)).start.get("model")
    return model if isinstance(model, str) else None


def _told(what: str) -> None:
    """Live progress, where somebody looks."""
    if sys.stderr.isatty():
        note(f"  {what}")


def _cost(agent: AgentOut) -> str:
    usd = f", ${agent.usd:.4f}" if agent.usd is not None else ", price not known"
    tokens = f"{agent.input_tokens + agent.cached_tokens:,} tokens in ({agent.cached_tokens:,} cached), {agent.output_tokens:,} out"
    return f"{agent.model}: {agent.settled} verdicts in {agent.turns} turns, {tokens}{usd}"
